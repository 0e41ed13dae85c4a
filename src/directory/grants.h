#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "directory/account_secret.h"
#include "directory/accounts.h"
#include "directory/applications.h"
#include "directory/employees.h"
#include "directory/ids.h"
#include "storage/database.h"

/// What applications were given for employees: a grant, and the tokens that hang on it. Whatever ends an
/// employee's access ends the grants in the same transaction; a token of an ended grant is nobody's.
namespace doorward::directory {

enum class TokenKind : std::uint8_t {
  Code,     ///< Exchanged once, within a minute.
  Access,   ///< The bearer token that a resource server shows here.
  Refresh,  ///< Exchanged once for the next ones.
  Proxy,    ///< The cookie on the host of a forward-auth application.
};
std::string_view to_text(TokenKind kind);

/// `dwc_`, `dwa_`, `dwr_` or `dwp_`, then `<account's public id>.<256 random bits in base64url>`.
class GrantToken : public AccountSecret {
 public:
  static GrantToken issue(const Account& account, TokenKind kind);
  /// Nothing for text that no token of this kind looks like.
  static std::optional<GrantToken> parse(std::string_view text, TokenKind kind);
  TokenKind kind() const { return kind_; }

 private:
  GrantToken(AccountSecret secret, TokenKind kind) : AccountSecret(std::move(secret)), kind_(kind) {}
  TokenKind kind_;
};

/// How long what is given lives.
struct GrantLifetime {
  Duration code = std::chrono::minutes(1);
  Duration access = std::chrono::hours(1);
  /// Of one that the application checks by itself (JWT).
  Duration access_jwt = std::chrono::minutes(5);
  /// Not used for so long, a refresh token ends.
  Duration refresh_idle = std::chrono::hours(24 * 30);
  /// A grant with `offline_access` ends after so long; one without ends with its browser session.
  Duration offline = std::chrono::hours(24 * 180);
};

struct Grant {
  GrantId id;
  std::string public_id;
  AccountId account;
  ApplicationId application;
  /// Nothing for a service, which acts for itself.
  std::optional<EmployeeId> employee;
  /// The browser session that it ends with; nothing with `offline_access`, for mobile devices and services.
  std::optional<SessionId> session;
  /// Public id of the session in which it was given: OpenID Connect's `sid`.
  std::string sid;
  std::string scope;
  Timestamp signed_in_at;  ///< OpenID Connect's auth_time.
  std::string device;
  std::string client_address;
  Timestamp created_at;
  Timestamp last_used_at;
  Timestamp expires_at;
};

struct NewGrant {
  AccountId account;
  ApplicationId application;
  std::optional<EmployeeId> employee = {};
  std::optional<SessionId> session = {};
  std::string sid = {};
  std::string scope = {};
  Timestamp signed_in_at = {};
  Timestamp expires_at = {};
  std::string device = {};
  std::string client_address = {};
  std::string public_id = new_public_id();
};

/// Fails when the employee may not use the application (`may_use`) by now, when they lie outside the domains
/// of an account that enforces SSO, or when their session has ended. A service has one living grant for each
/// scope: asking again moves its end on.
Result<Grant> create_grant(storage::Transaction& transaction, const NewGrant& grant, Timestamp now);

struct NewGrantToken {
  GrantId grant;
  std::string scope = {};
  Timestamp expires_at = {};
  /// Of a code.
  std::string redirect_uri = {};
  std::string code_challenge = {};
  std::string nonce = {};
  /// Of a refresh token: the one it follows.
  std::optional<std::int64_t> predecessor = {};
};
Result<void> add_token(storage::Transaction& transaction, AccountId account, const GrantToken& token,
                       const NewGrantToken& values, Timestamp now);

/// Who a living token stands for.
struct TokenBearer {
  Account account;
  /// Without its key set, addresses and rules: `find_application_by_id` has them.
  Application application;
  Grant grant;
  /// Nothing for a service.
  std::optional<Employee> employee;
  /// What this token is good for: the grant's scope or a part of it.
  std::string scope;
  TokenKind kind = TokenKind::Access;
  Timestamp issued_at;
  Timestamp expires_at;
};
/// Of an access or proxy token that lives, of a grant that lives, of an active application that serves the
/// account, and of an employee who is active and, when SSO is enforced, lies within the account's domains as
/// sign-in demands. One statement but for the rules of a `Chosen` application.
Result<std::optional<TokenBearer>> find_token_bearer(storage::Transaction& transaction,
                                                     const GrantToken& token, Timestamp now);

/// What came of a code or a refresh token that was shown.
enum class Exchange : std::uint8_t {
  Good,     ///< It is used up now; add the next tokens.
  Unknown,  ///< Nobody's, expired, or of a grant that has ended.
  Reused,   ///< It had been exchanged before: somebody else has it as well. The grant has been ended.
};
struct Exchanged {
  Exchange outcome = Exchange::Unknown;
  /// Of `Good`; what was found, also of `Reused`.
  std::optional<TokenBearer> bearer = {};
  std::int64_t token = 0;  ///< For `NewGrantToken::predecessor`.
  std::string redirect_uri = {};
  std::string code_challenge = {};
  std::string nonce = {};
};
/// A refresh token that was exchanged less than this ago, and whose successor nobody has used, may be shown
/// once more: the answer was lost on the way. Its first successor ends then.
inline constexpr std::chrono::seconds kRefreshRetry{30};

/// Consumes a code (RFC 6749 section 4.1.2: shown twice, everything it gave ends) or a refresh token (RFC
/// 9700 section 4.14.2). Commit the transaction also when the outcome is `Reused`. `application` is who shows
/// it: another one's token is `Unknown` and stays as it was.
Result<Exchanged> exchange_token(storage::Transaction& transaction, const GrantToken& token,
                                 ApplicationId application, Timestamp now);

/// RFC 7009: a refresh token ends its grant, an access token ends alone; another application's stays.
Result<void> revoke_token(storage::Transaction& transaction, const GrantToken& token,
                          ApplicationId application, Timestamp now);

/// Moves the last-used times on, those of the applications too (`record_use`); collect them and write them
/// every minute or so.
struct GrantTouch {
  AccountId account;
  GrantId grant;
  Timestamp used_at;
};
Result<void> touch_grants(storage::Transaction& transaction, std::span<const GrantTouch> touches);

/// A grant with the application's name, for lists: *signed in to*, *devices*.
struct ListedGrant {
  Grant grant;
  std::string application_name;
  std::string client_id;
  ApplicationKind kind = ApplicationKind::Web;
  /// Of lists by application.
  std::string employee_public_id;
  std::string employee_name;
};
/// Living ones, the last used first, at most `limit`.
Result<std::vector<ListedGrant>> list_grants_of_employee(storage::Transaction& transaction, AccountId account,
                                                         EmployeeId employee, Timestamp now, int limit);
Result<std::vector<ListedGrant>> list_grants_of_application(storage::Transaction& transaction,
                                                            AccountId account, ApplicationId application,
                                                            Timestamp now, int limit);

/// What ended, for audits.
struct EndedGrants {
  std::int64_t grants = 0;
  /// Applications that will be told by back-channel logout.
  std::int64_t logouts = 0;
};
/// Each ends the grants and queues the back-channel logouts in the transaction (`queue_logout`), and sends
/// the notice that makes caches forget. Grants with `offline_access` outlive a session, not an employee's
/// access; their application is told of the session's end all the same. Sessions are ended in sessions.h,
/// which calls `end_grants_of_sessions` while they are still there.
Result<EndedGrants> end_grants_of_employee(storage::Transaction& transaction, AccountId account,
                                           EmployeeId employee, Timestamp now);
Result<EndedGrants> end_grants_of_sessions(storage::Transaction& transaction, AccountId account,
                                           std::span<const SessionId> sessions, Timestamp now);
Result<EndedGrants> end_grants_of_application(storage::Transaction& transaction, AccountId account,
                                              ApplicationId application, Timestamp now);
/// By public id, and only of this employee when one is named: *sign out there*. False when it was gone.
Result<bool> end_grant(storage::Transaction& transaction, AccountId account,
                       std::optional<EmployeeId> employee, std::string_view public_id, Timestamp now);

/// Whose a grant must be.
struct GrantOwner {
  std::optional<EmployeeId> employee = {};
  std::optional<ApplicationId> application = {};
};
/// `end_grant` by somebody's decision, with the audit entry `application.signed_out`.
Result<bool> sign_out_of(storage::Transaction& transaction, AccountId account, const GrantOwner& owner,
                         std::string_view public_id, const Actor& actor, Timestamp now);

/// Whether the employee agreed to all of `scope` for the application.
Result<bool> has_consented(storage::Transaction& transaction, AccountId account, EmployeeId employee,
                           ApplicationId application, std::string_view scope);
/// Adds to what was agreed before.
Result<void> consent(storage::Transaction& transaction, AccountId account, EmployeeId employee,
                     ApplicationId application, std::string_view scope, Timestamp now);

}  // namespace doorward::directory
