#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "crypto/key.h"
#include "crypto/seal.h"
#include "directory/connections.h"
#include "directory/notices.h"
#include "directory/service_provider.h"
#include "storage/database.h"

namespace doorward::saml {

using Urls = directory::ServiceProviderUrls;

/// A connection with its certificates parsed.
struct ReadyConnection {
  directory::Connection connection;
  std::vector<crypto::Certificate> signing_certificates;
};

/// All that a sign-in at an account needs, with every key opened: nothing is parsed while somebody waits.
struct AccountSetup {
  directory::Account account;
  Urls urls;
  std::vector<ReadyConnection> connections;  ///< The active ones.
  /// Ours, the one to use first.
  std::vector<crypto::PrivateKey> signing_keys;
  std::vector<crypto::PrivateKey> decryption_keys;
  std::vector<crypto::Certificate> signing_certificates;
  std::vector<crypto::Certificate> encryption_certificates;

  const ReadyConnection* find(directory::ConnectionId id) const;
  const ReadyConnection* find_by_entity_id(std::string_view entity_id) const;
  const ReadyConnection* find_by_name(std::string_view name) const;
  /// The only one that lets people in, else the only one there is.
  const ReadyConnection* find_sole() const;
};

/// Keeps the setups of accounts in memory until the directory says that they changed.
class AccountSetups {
 public:
  static constexpr std::size_t kMaxCached = 2'000;

  AccountSetups(storage::Database& database, const crypto::Sealer& sealer, const Clock& clock,
                std::string public_url);
  AccountSetups(const AccountSetups&) = delete;
  AccountSetups& operator=(const AccountSetups&) = delete;

  /// Null when there is no such account. Makes the account's own key pairs when it has none yet.
  Result<std::shared_ptr<const AccountSetup>> find(std::string_view slug);

 private:
  Result<std::shared_ptr<const AccountSetup>> load(std::string_view slug);
  Result<void> make_key_pairs(const directory::Account& account);
  void forget(const directory::Notice& notice);

  storage::Database& database_;
  const crypto::Sealer& sealer_;
  const Clock& clock_;
  const std::string public_url_;

  std::mutex mutex_;  // Guards what follows.
  std::unordered_map<std::string, std::shared_ptr<const AccountSetup>> by_slug_;
  std::int64_t foreign_version_ = -1;
  std::uint64_t generation_ = 0;
};

}  // namespace doorward::saml
