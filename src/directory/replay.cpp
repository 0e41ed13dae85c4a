#include "directory/replay.h"

#include "crypto/hash.h"
#include "directory/names.h"

namespace doorward::directory {
namespace {

constexpr Names<Once, 5> kKinds = {{{Once::Assertion, "assertion"},
                                    {Once::Request, "request"},
                                    {Once::LogoutRequest, "logout-request"},
                                    {Once::ClientAssertion, "client-assertion"},
                                    {Once::IdToken, "id-token"}}};

}  // namespace

Result<bool> consume_once(storage::Transaction& transaction, AccountId account, Once kind,
                          std::string_view key, Timestamp until) {
  // Hashed: whoever sends the key chooses its length.
  ASSIGN_OR_RETURN(
      const std::int64_t inserted,
      transaction.execute("INSERT INTO consumed_keys (account_id, kind, key_hash, expires_at)"
                          " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                          {account, name_of(kKinds, kind), storage::Blob{crypto::sha256(key)}, until}));
  return inserted == 1;
}

}  // namespace doorward::directory
