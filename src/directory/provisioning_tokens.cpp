#include "directory/provisioning_tokens.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "directory/names.h"
#include "directory/notices.h"
#include "directory/rows.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

constexpr Names<TokenScope, 4> kScopes = {{{TokenScope::Full, "full"},
                                           {TokenScope::Users, "users"},
                                           {TokenScope::Groups, "groups"},
                                           {TokenScope::Read, "read"}}};

constexpr std::size_t kMaxTokenAddress = 64;

#define TOKEN_COLUMNS                                                                             \
  "t.id, t.account_id, t.public_id, t.name, t.scope, t.created_at, t.expires_at, t.last_used_at," \
  " t.last_used_address, t.revoked_at, t.proposed_by"
constexpr int kTokenColumns = 11;

ProvisioningToken read_token(const storage::Row& row) {
  ProvisioningToken token;
  token.id = row.id<ProvisioningTokenId>(0);
  token.account = row.id<AccountId>(1);
  token.public_id = row.text(2);
  token.name = row.text(3);
  token.scope = stored_value(kScopes, row.text(4));
  token.created_at = row.time(5);
  token.expires_at = row.optional_time(6);
  token.last_used_at = row.optional_time(7);
  token.last_used_address = row.text(8);
  token.revoked_at = row.optional_time(9);
  token.proposed_by = row.text(10);
  return token;
}

/// Whether the account may have one more token that lives until `expires_at`.
Result<void> check_room(storage::Transaction& transaction, const Account& account,
                        std::optional<Timestamp> expires_at, Timestamp now) {
  if (account.plan != Plan::Enterprise) {
    return fail(ErrorKind::Refused, "directory.plan_without_provisioning",
                "The account has the " + std::string(to_text(account.plan)) +
                    " plan, and provisioning belongs to the enterprise plan. Change the account's plan "
                    "first.");
  }
  if (expires_at && *expires_at <= now) {
    return fail(ErrorKind::InvalidInput, "directory.token_expired",
                "The token would have expired already. Choose a later time.");
  }
  ASSIGN_OR_RETURN(
      const auto living,
      transaction.first("SELECT count(*) FROM provisioning_tokens WHERE account_id = $1"
                        " AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
                        {account.id, now}, [](const storage::Row& row) { return row.integer(0); }));
  if (*living < kMaxLivingTokens) return {};
  return fail(ErrorKind::Conflict, kTooManyTokens,
              "The account has two provisioning tokens already, enough to change over from one to the other. "
              "Revoke one of them first.");
}

}  // namespace

std::string_view to_text(TokenScope scope) {
  return name_of(kScopes, scope);
}
std::optional<TokenScope> parse_token_scope(std::string_view text) {
  return value_of(kScopes, text);
}

Result<ProvisioningToken> create_provisioning_token(storage::Transaction& transaction, const Account& account,
                                                    const ProvisioningSecret& secret,
                                                    const NewProvisioningToken& token, const Actor& actor,
                                                    Timestamp now) {
  // Under another account's prefix the secret would never be found.
  CHECK(secret.account_public_id() == account.public_id);
  std::string_view name = trim(token.name);
  if (name.empty()) name = "Directory";
  RETURN_IF_ERROR(check_value("name", name, Presence::Required));
  RETURN_IF_ERROR(check_room(transaction, account, token.expires_at, now));
  ASSIGN_OR_RETURN(
      std::optional<ProvisioningToken> created,
      transaction.first(
          "INSERT INTO provisioning_tokens (account_id, public_id, name, token_hash, scope,"
          " created_at, expires_at, proposed_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING "
          "id, account_id, public_id, name, scope, created_at, expires_at, last_used_at,"
          " last_used_address, revoked_at, proposed_by",
          {account.id, token.public_id, name, storage::Blob{secret.hash()}, to_text(token.scope), now,
           token.expires_at, actor.proposes ? actor.name : std::string()},
          read_token));
  json::Object details = {{"name", name}, {"scope", to_text(token.scope)}};
  if (token.expires_at) details["expires_at"] = format_rfc3339(*token.expires_at);
  RETURN_IF_ERROR(record_audit(transaction, account.id, actor, "provisioning_token.created", token.public_id,
                               details, now));
  return *std::move(created);
}

Result<std::vector<ProvisioningToken>> list_provisioning_tokens(storage::Transaction& transaction,
                                                                AccountId account) {
  return transaction.all("SELECT " TOKEN_COLUMNS
                         " FROM provisioning_tokens AS t WHERE t.account_id = $1 ORDER BY t.id DESC",
                         {account}, read_token);
}

Result<ProvisioningToken> find_provisioning_token(storage::Transaction& transaction, AccountId account,
                                                  std::string_view id_or_name, Timestamp now) {
  const std::string_view text = trim(id_or_name);
  ASSIGN_OR_RETURN(std::vector<ProvisioningToken> tokens, list_provisioning_tokens(transaction, account));
  const auto by_id = std::ranges::find(tokens, to_ascii_lower(text), &ProvisioningToken::public_id);
  if (by_id != tokens.end()) return std::move(*by_id);
  std::erase_if(tokens, [&](const ProvisioningToken& token) {
    return !token.lives(now) || fold_case(token.name) != fold_case(text);
  });
  if (tokens.size() == 1) return std::move(tokens.front());
  if (tokens.empty()) {
    return fail(ErrorKind::NotFound, kNoToken,
                "The account has no provisioning token “" + printable(text) +
                    "”: name one by its id, or a valid one by its name.");
  }
  return fail(
      ErrorKind::NotFound, kNoToken,
      "The account has several provisioning tokens “" + printable(text) + "”. Name the one by its id.");
}

namespace {

Result<ProvisioningToken> load_token(storage::Transaction& transaction, AccountId account,
                                     ProvisioningTokenId id) {
  ASSIGN_OR_RETURN(auto token, transaction.first("SELECT " TOKEN_COLUMNS " FROM provisioning_tokens AS t"
                                                 " WHERE t.account_id = $1 AND t.id = $2",
                                                 {account, id}, read_token));
  if (!token) {
    return fail(ErrorKind::NotFound, kNoToken, "The provisioning token does not exist any more.");
  }
  return *std::move(token);
}

}  // namespace

Result<void> accept_provisioning_token(storage::Transaction& transaction, AccountId account,
                                       ProvisioningTokenId id, const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(require_own_rights(actor));
  ASSIGN_OR_RETURN(const ProvisioningToken token, load_token(transaction, account, id));
  if (!token.is_proposed()) return {};
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE provisioning_tokens SET proposed_by = '' WHERE account_id = $1 AND id = $2", {account, id}));
  RETURN_IF_ERROR(record_audit(
      transaction, account, actor, "provisioning_token.accepted", token.public_id,
      {{"name", token.name}, {"scope", to_text(token.scope)}, {"proposed_by", token.proposed_by}}, now));
  return send_notice(transaction, {.account = account});
}

Result<void> revoke_provisioning_token(storage::Transaction& transaction, AccountId account,
                                       ProvisioningTokenId id, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const ProvisioningToken token, load_token(transaction, account, id));
  if (token.revoked_at) return {};
  if (!token.is_proposed()) RETURN_IF_ERROR(require_own_rights(actor));
  RETURN_IF_ERROR(
      transaction.execute("UPDATE provisioning_tokens SET revoked_at = $3 WHERE account_id = $1 AND id = $2",
                          {account, id, now}));
  RETURN_IF_ERROR(record_audit(transaction, account, actor, "provisioning_token.revoked", token.public_id,
                               {{"name", token.name}, {"scope", to_text(token.scope)}}, now));
  return send_notice(transaction, {.account = account});
}

Result<std::optional<Bearer>> find_bearer(storage::Transaction& transaction,
                                          const ProvisioningSecret& secret) {
  return transaction.first("SELECT " TOKEN_COLUMNS ", " DIRECTORY_ACCOUNT_COLUMNS
                           " FROM accounts AS a JOIN provisioning_tokens AS t ON t.account_id = a.id"
                           " WHERE a.public_id = $1 AND t.token_hash = $2",
                           {to_ascii_lower(secret.account_public_id()), storage::Blob{secret.hash()}},
                           [](const storage::Row& row) {
                             return Bearer{.account = read_account(row, kTokenColumns),
                                           .token = read_token(row)};
                           });
}

Result<void> touch_provisioning_token(storage::Transaction& transaction, AccountId account,
                                      ProvisioningTokenId id, std::string_view client_address,
                                      Timestamp now) {
  // Only forward: touches of several nodes may arrive in any order.
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE provisioning_tokens SET last_used_at = $3, last_used_address = $4"
      " WHERE account_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $3)",
      {account, id, now, printable(client_address, kMaxTokenAddress)}));
  return {};
}

}  // namespace doorward::directory
