#include "directory/grants.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "directory/application_rows.h"
#include "directory/application_uses.h"
#include "directory/audit.h"
#include "directory/domains.h"
#include "directory/grant_rows.h"
#include "directory/names.h"
#include "directory/notices.h"
#include "directory/rows.h"

namespace doorward::directory {
namespace {

constexpr Names<TokenKind, 4> kKinds = {{{TokenKind::Code, "code"},
                                         {TokenKind::Access, "access"},
                                         {TokenKind::Refresh, "refresh"},
                                         {TokenKind::Proxy, "proxy"}}};

constexpr std::size_t kMaxClientAddress = 64;
constexpr std::size_t kMaxDevice = 200;

std::string_view prefix_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::Code:
      return "dwc_";
    case TokenKind::Refresh:
      return "dwr_";
    case TokenKind::Proxy:
      return "dwp_";
    case TokenKind::Access:
      break;
  }
  return "dwa_";
}

tl::unexpected<Error> may_not_use() {
  return fail(ErrorKind::Refused, "directory.may_not_use_application",
              "The employee may not use the application.");
}

/// What the sign-in was decided on may have been read before a change that took it away.
Result<void> check_still_welcome(storage::Transaction& transaction, const NewGrant& grant,
                                 const Application& application, Timestamp now) {
  if (!grant.employee) {
    if (application.kind != ApplicationKind::Service || !application.settings.active) return may_not_use();
    return application.serves(grant.account) ? Result<void>() : may_not_use();
  }
  ASSIGN_OR_RETURN(const Employee employee, load_employee(transaction, grant.account, *grant.employee));
  ASSIGN_OR_RETURN(const bool may, may_use(transaction, application, employee));
  if (!may || application.kind == ApplicationKind::Service) return may_not_use();
  ASSIGN_OR_RETURN(const Account account, load_account(transaction, grant.account));
  if (account.sso_enforced_at) {
    ASSIGN_OR_RETURN(const auto domain,
                     find_matching_domain(transaction, grant.account, employee.profile.email));
    if (!domain) return may_not_use();
  }
  if (!grant.session) return {};
  ASSIGN_OR_RETURN(const auto session,
                   transaction.first("SELECT id FROM sessions WHERE account_id = $1 AND id = $2"
                                     " AND employee_id = $3 AND idle_expires_at > $4 AND expires_at > $4",
                                     {grant.account, *grant.session, *grant.employee, now},
                                     [](const storage::Row& row) { return row.integer(0); }));
  if (session) return {};
  return fail(ErrorKind::Refused, "directory.session_ended", "The session has ended by now.");
}

/// A service that asks for a token again goes on with the grant it has: one line in the lists.
Result<std::optional<Grant>> renew_service_grant(storage::Transaction& transaction, const NewGrant& grant,
                                                 Timestamp now) {
  return transaction.first(
      "UPDATE grants AS g SET last_used_at = $4, client_address = $6,"
      " expires_at = CASE WHEN g.expires_at > $5 THEN g.expires_at ELSE $5 END"
      " WHERE g.account_id = $1 AND g.id = (SELECT o.id FROM grants AS o WHERE o.account_id = $1"
      "  AND o.application_id = $2 AND o.employee_id IS NULL AND o.scope = $3 AND +o.expires_at > $4"
      "  ORDER BY o.last_used_at DESC LIMIT 1)"
      " RETURNING id, public_id, account_id, application_id, employee_id, session_id, sid, scope,"
      " signed_in_at, device, client_address, created_at, last_used_at, expires_at",
      {grant.account, grant.application, grant.scope, now, grant.expires_at,
       printable(grant.client_address, kMaxClientAddress)},
      [](const storage::Row& row) { return read_grant(row); });
}

/// A token row with whose it is.
struct FoundToken {
  TokenBearer bearer;
  std::int64_t id = 0;
  std::optional<Timestamp> used_at;
  std::string redirect_uri;
  std::string code_challenge;
  std::string nonce;
};

FoundToken read_token(const storage::Row& row) {
  constexpr int kGrant = kAccountColumns;
  constexpr int kApplication = kGrant + kGrantColumns;
  constexpr int kToken = kApplication + kApplicationColumns;
  constexpr int kEmployee = kToken + 9;
  FoundToken found;
  found.bearer.account = read_account(row);
  found.bearer.grant = read_grant(row, kGrant);
  found.bearer.application = read_application(row, kApplication);
  found.id = row.integer(kToken);
  found.bearer.kind = stored_value(kKinds, row.text(kToken + 1));
  found.bearer.scope = row.text(kToken + 2);
  found.bearer.issued_at = row.time(kToken + 3);
  found.bearer.expires_at = row.time(kToken + 4);
  found.used_at = row.optional_time(kToken + 5);
  found.redirect_uri = row.text(kToken + 6);
  found.code_challenge = row.text(kToken + 7);
  found.nonce = row.text(kToken + 8);
  if (!row.is_null(kEmployee)) found.bearer.employee = read_employee(row, kEmployee);
  return found;
}

/// The token of a grant and an application that live, and of an employee who may come in; whether the token
/// itself lives is for the caller to say.
Result<std::optional<FoundToken>> find_token(storage::Transaction& transaction, const GrantToken& token,
                                             Timestamp now) {
  ASSIGN_OR_RETURN(
      std::optional<FoundToken> found,
      transaction.first(
          "SELECT " DIRECTORY_ACCOUNT_COLUMNS ", " DIRECTORY_GRANT_COLUMNS ", " DIRECTORY_APPLICATION_COLUMNS
          ", t.id, t.kind, t.scope, t.issued_at, t.expires_at, t.used_at, t.redirect_uri, t.code_challenge,"
          " t.nonce, " DIRECTORY_EMPLOYEE_COLUMNS
          " FROM accounts AS a JOIN grant_tokens AS t ON t.account_id = a.id"
          " JOIN grants AS g ON g.account_id = t.account_id AND g.id = t.grant_id"
          " JOIN applications AS p ON p.id = g.application_id"
          " LEFT JOIN employees AS e ON e.account_id = g.account_id AND e.id = "
          "g.employee_id" DIRECTORY_LIVING_SESSION(
              "$4") " WHERE a.public_id = $1 AND t.token_hash = $2 AND t.kind = $3 "
                    "AND " DIRECTORY_GRANT_LIVES("$4") " AND p.active = 1 AND (p.account_id IS NULL OR "
                                                       "p.account_id = a.id)"
                                                       " AND (g.employee_id IS NULL OR (e.active = 1"
                                                       "  AND (p.access <> 'administrators' OR "
                                                       "e.administrator = 1)"
                                                       // As sign-in demands of an account where SSO is the
                                                       // only way in.
                                                       "  AND (a.sso_enforced_at IS NULL OR EXISTS (SELECT 1 "
                                                       "FROM domains AS d"
                                                       "   WHERE d.name = e.email_domain AND d.account_id IN "
                                                       "(a.id, a.parent_id)))))",
          {to_ascii_lower(token.account_public_id()), storage::Blob{token.hash()}, to_text(token.kind()),
           now},
          read_token));
  if (!found || !found->bearer.employee ||
      found->bearer.application.settings.access != ApplicationAccess::Chosen) {
    return found;
  }
  ASSIGN_OR_RETURN(const bool may, may_use(transaction, found->bearer.application, *found->bearer.employee));
  if (!may) found.reset();
  return found;
}

/// Whether the answer with the first successor may have been lost: it is the only one, and nobody used it.
/// That one ends then: shown later, by whoever has it, it counts as used twice.
Result<bool> may_retry(storage::Transaction& transaction, const FoundToken& token, Timestamp now) {
  if (token.bearer.kind != TokenKind::Refresh || now - *token.used_at >= kRefreshRetry) return false;
  struct Successor {
    std::int64_t id = 0;
    bool used = false;
  };
  ASSIGN_OR_RETURN(const std::vector<Successor> successors,
                   transaction.all("SELECT id, used_at IS NOT NULL FROM grant_tokens"
                                   " WHERE account_id = $1 AND predecessor_id = $2",
                                   {token.bearer.account.id, token.id}, [](const storage::Row& row) {
                                     return Successor{.id = row.integer(0), .used = row.flag(1)};
                                   }));
  if (successors.size() != 1 || successors.front().used) return false;
  ASSIGN_OR_RETURN(const std::int64_t ended,
                   transaction.execute("UPDATE grant_tokens SET used_at = $3"
                                       " WHERE account_id = $1 AND id = $2 AND used_at IS NULL",
                                       {token.bearer.account.id, successors.front().id, now}));
  return ended == 1;
}

/// Two have it, and one of them has no right to it: nobody can tell which.
Result<void> end_reused(storage::Transaction& transaction, const TokenBearer& bearer, Timestamp now) {
  RETURN_IF_ERROR(end_grant(transaction, bearer.account.id, {}, bearer.grant.public_id, now));
  return record_audit(transaction, bearer.account.id, {ActorKind::System, "Doorward"},
                      "application.token_reused",
                      bearer.employee ? bearer.employee->public_id : bearer.application.client_id,
                      {{"application", bearer.application.settings.name},
                       {"kind", to_text(bearer.kind)},
                       {"client_address", bearer.grant.client_address}},
                      now);
}

}  // namespace

std::string_view to_text(TokenKind kind) {
  return name_of(kKinds, kind);
}

GrantToken GrantToken::issue(const Account& account, TokenKind kind) {
  return {AccountSecret::issue(account, prefix_of(kind)), kind};
}

std::optional<GrantToken> GrantToken::parse(std::string_view text, TokenKind kind) {
  auto secret = AccountSecret::parse(text, prefix_of(kind));
  if (!secret) return std::nullopt;
  return GrantToken(*std::move(secret), kind);
}

Grant read_grant(const storage::Row& row, int first) {
  Grant grant;
  grant.id = row.id<GrantId>(first);
  grant.public_id = row.text(first + 1);
  grant.account = row.id<AccountId>(first + 2);
  grant.application = row.id<ApplicationId>(first + 3);
  if (!row.is_null(first + 4)) grant.employee = row.id<EmployeeId>(first + 4);
  if (!row.is_null(first + 5)) grant.session = row.id<SessionId>(first + 5);
  grant.sid = row.text(first + 6);
  grant.scope = row.text(first + 7);
  grant.signed_in_at = row.time(first + 8);
  grant.device = row.text(first + 9);
  grant.client_address = row.text(first + 10);
  grant.created_at = row.time(first + 11);
  grant.last_used_at = row.time(first + 12);
  grant.expires_at = row.time(first + 13);
  return grant;
}

Result<Grant> create_grant(storage::Transaction& transaction, const NewGrant& grant, Timestamp now) {
  ASSIGN_OR_RETURN(const auto application, find_application_by_id(transaction, grant.application));
  if (!application) return may_not_use();
  RETURN_IF_ERROR(check_still_welcome(transaction, grant, *application, now));
  RETURN_IF_ERROR(record_use(transaction, grant.account, grant.application, grant.employee, now));
  if (!grant.employee) {
    ASSIGN_OR_RETURN(std::optional<Grant> renewed, renew_service_grant(transaction, grant, now));
    if (renewed) return *std::move(renewed);
  }
  Grant created{.id = {},
                .public_id = grant.public_id,
                .account = grant.account,
                .application = grant.application,
                .employee = grant.employee,
                .session = grant.session,
                .sid = grant.sid,
                .scope = grant.scope,
                .signed_in_at = grant.signed_in_at,
                .device = printable(grant.device, kMaxDevice),
                .client_address = printable(grant.client_address, kMaxClientAddress),
                .created_at = now,
                .last_used_at = now,
                .expires_at = grant.expires_at};
  ASSIGN_OR_RETURN(
      const auto id,
      transaction.first(
          "INSERT INTO grants (account_id, public_id, application_id, employee_id, session_id, sid, scope,"
          " signed_in_at, device, client_address, created_at, last_used_at, expires_at)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12) RETURNING id",
          {created.account, created.public_id, created.application, created.employee, created.session,
           created.sid, created.scope, created.signed_in_at, created.device, created.client_address, now,
           created.expires_at},
          [](const storage::Row& row) { return row.id<GrantId>(0); }));
  created.id = *id;
  return created;
}

Result<void> add_token(storage::Transaction& transaction, AccountId account, const GrantToken& token,
                       const NewGrantToken& values, Timestamp now) {
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO grant_tokens (account_id, grant_id, kind, token_hash, scope, issued_at, expires_at,"
      " predecessor_id, redirect_uri, code_challenge, nonce)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      {account, values.grant, to_text(token.kind()), storage::Blob{token.hash()}, values.scope, now,
       values.expires_at, values.predecessor, values.redirect_uri, values.code_challenge, values.nonce}));
  return {};
}

Result<std::optional<TokenBearer>> find_token_bearer(storage::Transaction& transaction,
                                                     const GrantToken& token, Timestamp now) {
  CHECK(token.kind() == TokenKind::Access || token.kind() == TokenKind::Proxy);
  ASSIGN_OR_RETURN(std::optional<FoundToken> found, find_token(transaction, token, now));
  if (!found || found->bearer.expires_at <= now) return std::optional<TokenBearer>();
  return std::move(found->bearer);
}

Result<Exchanged> exchange_token(storage::Transaction& transaction, const GrantToken& token,
                                 ApplicationId application, Timestamp now) {
  CHECK(token.kind() == TokenKind::Code || token.kind() == TokenKind::Refresh);
  ASSIGN_OR_RETURN(std::optional<FoundToken> found, find_token(transaction, token, now));
  Exchanged exchanged;
  if (!found || found->bearer.application.id != application) return exchanged;
  const AccountId account = found->bearer.account.id;
  // One that was used counts as such also after it expired: it tells of a thief all the same.
  if (!found->used_at && found->bearer.expires_at <= now) return exchanged;
  bool good = false;
  if (!found->used_at) {
    ASSIGN_OR_RETURN(const std::int64_t used,
                     transaction.execute("UPDATE grant_tokens SET used_at = $3"
                                         " WHERE account_id = $1 AND id = $2 AND used_at IS NULL",
                                         {account, found->id, now}));
    good = used == 1;
  } else {
    ASSIGN_OR_RETURN(good, may_retry(transaction, *found, now));
  }
  if (good) {
    RETURN_IF_ERROR(
        transaction.execute("UPDATE grants SET last_used_at = $3 WHERE account_id = $1"
                            " AND id = $2 AND last_used_at < $3",
                            {account, found->bearer.grant.id, now}));
    RETURN_IF_ERROR(record_use(transaction, account, found->bearer.grant.id, now));
  } else {
    RETURN_IF_ERROR(end_reused(transaction, found->bearer, now));
  }
  exchanged.outcome = good ? Exchange::Good : Exchange::Reused;
  exchanged.token = found->id;
  exchanged.redirect_uri = std::move(found->redirect_uri);
  exchanged.code_challenge = std::move(found->code_challenge);
  exchanged.nonce = std::move(found->nonce);
  exchanged.bearer = std::move(found->bearer);
  return exchanged;
}

Result<void> revoke_token(storage::Transaction& transaction, const GrantToken& token,
                          ApplicationId application, Timestamp now) {
  ASSIGN_OR_RETURN(const std::optional<FoundToken> found, find_token(transaction, token, now));
  if (!found || found->bearer.application.id != application) return {};
  const AccountId account = found->bearer.account.id;
  const Grant& grant = found->bearer.grant;
  // The application itself asks: it needs no back-channel logout.
  if (token.kind() == TokenKind::Refresh) {
    RETURN_IF_ERROR(
        transaction.execute("DELETE FROM grants WHERE account_id = $1 AND id = $2", {account, grant.id}));
  } else {
    RETURN_IF_ERROR(transaction.execute("DELETE FROM grant_tokens WHERE account_id = $1 AND id = $2",
                                        {account, found->id}));
  }
  return send_notice(transaction, {.account = account, .employee = grant.employee});
}

Result<void> touch_grants(storage::Transaction& transaction, std::span<const GrantTouch> touches) {
  for (const GrantTouch& touch : touches) {
    // Only forward: touches of several nodes may arrive in any order.
    RETURN_IF_ERROR(
        transaction.execute("UPDATE grants SET last_used_at = $3 WHERE account_id = $1"
                            " AND id = $2 AND last_used_at < $3",
                            {touch.account, touch.grant, touch.used_at}));
    RETURN_IF_ERROR(record_use(transaction, touch.account, touch.grant, touch.used_at));
  }
  return {};
}

}  // namespace doorward::directory
