#include "directory/authorization_requests.h"

#include "crypto/hash.h"
#include "crypto/random.h"

namespace doorward::directory {

Result<std::string> store_authorization_request(storage::Transaction& transaction,
                                                const AuthorizationRequestRow& request) {
  std::string reference(crypto::random_token().reveal());
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO authorization_requests (reference_hash, application_id, parameters, created_at,"
      " expires_at) VALUES ($1, $2, $3, $4, $5)",
      {storage::Blob{crypto::sha256(reference)}, request.application, request.parameters, request.created_at,
       request.expires_at}));
  return reference;
}

Result<std::optional<AuthorizationRequestRow>> find_authorization_request(storage::Transaction& transaction,
                                                                          std::string_view reference,
                                                                          Timestamp now) {
  return transaction.first(
      "SELECT application_id, parameters, created_at, expires_at FROM authorization_requests"
      " WHERE reference_hash = $1 AND expires_at > $2",
      {storage::Blob{crypto::sha256(reference)}, now}, [](const storage::Row& row) {
        return AuthorizationRequestRow{.application = row.id<ApplicationId>(0),
                                       .parameters = std::string(row.text(1)),
                                       .created_at = row.time(2),
                                       .expires_at = row.time(3)};
      });
}

Result<void> delete_authorization_request(storage::Transaction& transaction, std::string_view reference) {
  RETURN_IF_ERROR(transaction.execute("DELETE FROM authorization_requests WHERE reference_hash = $1",
                                      {storage::Blob{crypto::sha256(reference)}}));
  return {};
}

Result<std::int64_t> delete_expired_authorization_requests(storage::Transaction& transaction, Timestamp now,
                                                           int limit) {
  return transaction.execute(
      "DELETE FROM authorization_requests WHERE id IN (SELECT id FROM authorization_requests"
      " WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
      {now, limit});
}

}  // namespace doorward::directory
