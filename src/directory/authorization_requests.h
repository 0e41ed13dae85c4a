#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret.h"
#include "directory/ids.h"
#include "storage/database.h"

/// Authorization requests that wait on the server: pushed ones (RFC 9126), and those whose employee has to
/// sign in first.
namespace doorward::directory {

struct AuthorizationRequestRow {
  ApplicationId application;
  /// The parameters as a form, without client authentication.
  std::string parameters;
  Timestamp created_at;
  Timestamp expires_at;
};

/// Gives the reference: 256 random bits in base64url, of which the database keeps the SHA-256.
Result<std::string> store_authorization_request(storage::Transaction& transaction,
                                                const AuthorizationRequestRow& request);
/// Nothing when it is unknown or has expired.
Result<std::optional<AuthorizationRequestRow>> find_authorization_request(storage::Transaction& transaction,
                                                                          std::string_view reference,
                                                                          Timestamp now);
Result<void> delete_authorization_request(storage::Transaction& transaction, std::string_view reference);
/// Says how many there were.
Result<std::int64_t> delete_expired_authorization_requests(storage::Transaction& transaction, Timestamp now,
                                                           int limit);

}  // namespace doorward::directory
