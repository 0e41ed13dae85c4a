#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "crypto/secret.h"
#include "directory/account_secret.h"
#include "directory/accounts.h"
#include "directory/employees.h"
#include "directory/grants.h"
#include "directory/ids.h"
#include "storage/database.h"

namespace doorward::directory {

/// What the browser keeps: `<account's public id>.<256 random bits>`. The prefix leads to the account's
/// shard; the database keeps the SHA-256 of the whole.
class SessionToken : public AccountSecret {
 public:
  static SessionToken issue(const Account& account) {
    return SessionToken(AccountSecret::issue(account, kPrefix));
  }
  /// Nothing for text that none looks like.
  static std::optional<SessionToken> parse(std::string_view cookie) {
    auto secret = AccountSecret::parse(cookie, kPrefix);
    if (!secret) return std::nullopt;
    return SessionToken(*std::move(secret));
  }

 private:
  static constexpr std::string_view kPrefix = "";
  explicit SessionToken(AccountSecret secret) : AccountSecret(std::move(secret)) {}
};

enum class SignInMethod : std::uint8_t {
  Saml,
  Password,
  Emergency,  ///< Support's single-use link, although SSO is the only way in.
};
std::string_view to_text(SignInMethod method);

struct SessionLifetime {
  Duration idle = std::chrono::hours(12);
  Duration absolute = std::chrono::hours(24 * 7);
};

/// The provider's words for the sign-in, for single logout.
struct ProviderSession {
  ConnectionId connection;
  std::string name_id;
  std::string name_id_format;
  std::string session_index;
};

struct Session {
  SessionId id;
  std::string public_id;
  AccountId account;
  EmployeeId employee;
  SignInMethod method = SignInMethod::Saml;
  std::optional<ProviderSession> provider;
  std::string client_address;
  std::string user_agent;
  Timestamp created_at;
  Timestamp last_seen_at;
  /// Whatever comes first ends it.
  Timestamp idle_expires_at;
  Timestamp expires_at;
};

struct NewSession {
  AccountId account;
  EmployeeId employee;
  SignInMethod method = SignInMethod::Saml;
  std::optional<ProviderSession> provider = {};
  /// SessionNotOnOrAfter: caps the session's life.
  std::optional<Timestamp> not_on_or_after = {};
  std::string client_address = {};
  std::string user_agent = {};
  std::string public_id = new_public_id();
};

/// Fails when the employee is inactive, the connection switched off, or SSO the only way in and this is none,
/// by now.
Result<Session> create_session(storage::Transaction& transaction, const SessionToken& token,
                               const NewSession& session, const SessionLifetime& lifetime, Timestamp now);

struct SignedIn {
  Session session;
  Employee employee;
  Account account;
};
/// Who the token is, if its session lives and the employee is active: one statement.
Result<std::optional<SignedIn>> find_session(storage::Transaction& transaction, const SessionToken& token,
                                             Timestamp now);

struct SessionTouch {
  AccountId account;
  SessionId session;
  Timestamp seen_at;
};
/// Moves the idle expiry on, for many sessions at once: collect touches and write them every minute or so.
Result<void> touch_sessions(storage::Transaction& transaction, std::span<const SessionTouch> touches,
                            Duration idle);

/// Those of an employee that live, newest first.
Result<std::vector<Session>> list_sessions(storage::Transaction& transaction, AccountId account,
                                           EmployeeId employee, Timestamp now);

/// What applications were given in a session ends with it, see `end_grants_of_sessions`. Ends one session;
/// false when it was gone already.
Result<bool> end_session(storage::Transaction& transaction, AccountId account, SessionId id, Timestamp now);
/// By public id, and only of this employee: *sign out there*.
Result<bool> end_session_of(storage::Transaction& transaction, AccountId account, EmployeeId employee,
                            std::string_view public_id, Timestamp now);
/// For a browser that signed in again: `previous` ends. What the same employee was given in it goes on with
/// `next`.
Result<void> replace_session(storage::Transaction& transaction, const Session& previous, const Session& next,
                             Timestamp now);

/// What ended, for audits.
struct EndedAccess {
  std::int64_t sessions = 0;
  std::int64_t grants = 0;
  /// Applications that will be told by back-channel logout.
  std::int64_t logouts = 0;
};
/// Every session of an employee and all that applications were given for them: `end_grants_of_employee`.
Result<EndedAccess> end_access_of_employee(storage::Transaction& transaction, AccountId account,
                                           EmployeeId employee, Timestamp now);
/// The same by somebody's own decision, with an audit entry: *sign out everywhere*.
Result<EndedAccess> sign_out_everywhere(storage::Transaction& transaction, AccountId account,
                                        EmployeeId employee, const Actor& actor, Timestamp now);
/// For when SSO becomes the only way in: ends the sessions of the account that began with a password, and
/// what was not given by SSO. The caller sends the notice about the account.
Result<EndedAccess> end_access_without_sso(storage::Transaction& transaction, AccountId account,
                                           Timestamp now);
/// For a provider that goes, or becomes another one: ends its sessions, and what those were given whom it
/// vouched for. The caller sends the notice about the account.
Result<EndedAccess> end_access_by_connection(storage::Transaction& transaction, AccountId account,
                                             ConnectionId connection, Timestamp now);
/// For the provider's LogoutRequest: those of the subject at this connection, of one session index unless it
/// is empty.
Result<std::int64_t> end_sessions_at_provider(storage::Transaction& transaction, AccountId account,
                                              ConnectionId connection, std::string_view name_id,
                                              std::string_view session_index, Timestamp now);
/// Of those that expired, about `limit`, for the clean-up. Says how many there were.
Result<std::int64_t> end_expired_sessions(storage::Transaction& transaction, AccountId account, Timestamp now,
                                          int limit);

}  // namespace doorward::directory
