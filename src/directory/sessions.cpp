#include "directory/sessions.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "directory/audit.h"
#include "directory/connections.h"
#include "directory/grant_endings.h"
#include "directory/names.h"
#include "directory/notices.h"
#include "directory/rows.h"

namespace doorward::directory {
namespace {

constexpr Names<SignInMethod, 3> kMethods = {{{SignInMethod::Saml, "saml"},
                                              {SignInMethod::Password, "password"},
                                              {SignInMethod::Emergency, "emergency"}}};

constexpr std::size_t kMaxUserAgent = 400;
constexpr std::size_t kMaxSessionAddress = 64;

#define SESSION_COLUMNS                                                                                     \
  "s.id, s.public_id, s.account_id, s.employee_id, s.method, s.connection_id, s.name_id, s.name_id_format," \
  " s.session_index, s.client_address, s.user_agent, s.created_at, s.last_seen_at, s.idle_expires_at,"      \
  " s.expires_at"
constexpr int kSessionColumns = 15;

Session read_session(const storage::Row& row) {
  Session session;
  session.id = row.id<SessionId>(0);
  session.public_id = row.text(1);
  session.account = row.id<AccountId>(2);
  session.employee = row.id<EmployeeId>(3);
  session.method = stored_value(kMethods, row.text(4));
  if (!row.is_null(5)) {
    session.provider = ProviderSession{.connection = row.id<ConnectionId>(5),
                                       .name_id = std::string(row.text(6)),
                                       .name_id_format = std::string(row.text(7)),
                                       .session_index = std::string(row.text(8))};
  }
  session.client_address = row.text(9);
  session.user_agent = row.text(10);
  session.created_at = row.time(11);
  session.last_seen_at = row.time(12);
  session.idle_expires_at = row.time(13);
  session.expires_at = row.time(14);
  return session;
}

/// What the sign-in was decided on may have been read before a change that ended sessions.
Result<void> check_still_welcome(storage::Transaction& transaction, const NewSession& session) {
  ASSIGN_OR_RETURN(const Employee employee, load_employee(transaction, session.account, session.employee));
  if (!employee.active) {
    return fail(ErrorKind::Refused, "directory.employee_inactive", "The employee was deactivated.");
  }
  if (session.method == SignInMethod::Password) {
    ASSIGN_OR_RETURN(const Account account, load_account(transaction, session.account));
    if (account.sso_enforced_at) {
      return fail(ErrorKind::Refused, "directory.sso_enforced", "Single sign-on is the only way in by now.");
    }
  }
  if (!session.provider) return {};
  ASSIGN_OR_RETURN(const Connection connection,
                   load_connection(transaction, session.account, session.provider->connection));
  if (connection.is_proposed()) {
    return fail(ErrorKind::Refused, "directory.connection_not_accepted",
                "No administrator has accepted the connection yet.");
  }
  if (connection.active) return {};
  return fail(ErrorKind::Refused, "directory.connection_inactive", "The connection was switched off.");
}

SessionId read_id(const storage::Row& row) {
  return row.id<SessionId>(0);
}

/// With what was given in them; without a notice.
Result<EndedAccess> end_all(storage::Transaction& transaction, AccountId account,
                            std::span<const SessionId> sessions, Timestamp now) {
  ASSIGN_OR_RETURN(const EndedGrants grants, end_grants_of_sessions(transaction, account, sessions, now));
  EndedAccess ended{.sessions = 0, .grants = grants.grants, .logouts = grants.logouts};
  for (const SessionId id : sessions) {
    ASSIGN_OR_RETURN(
        const std::int64_t deleted,
        transaction.execute("DELETE FROM sessions WHERE account_id = $1 AND id = $2", {account, id}));
    ended.sessions += deleted;
  }
  return ended;
}

}  // namespace

std::string_view to_text(SignInMethod method) {
  return name_of(kMethods, method);
}

Result<Session> create_session(storage::Transaction& transaction, const SessionToken& token,
                               const NewSession& session, const SessionLifetime& lifetime, Timestamp now) {
  RETURN_IF_ERROR(check_still_welcome(transaction, session));
  Session created;
  created.public_id = session.public_id;
  created.account = session.account;
  created.employee = session.employee;
  created.method = session.method;
  created.provider = session.provider;
  created.client_address = printable(session.client_address, kMaxSessionAddress);
  created.user_agent = printable(session.user_agent, kMaxUserAgent);
  created.created_at = created.last_seen_at = now;
  created.expires_at = now + lifetime.absolute;
  if (session.not_on_or_after) created.expires_at = std::min(created.expires_at, *session.not_on_or_after);
  created.idle_expires_at = std::min(now + lifetime.idle, created.expires_at);

  const ProviderSession provider = session.provider.value_or(ProviderSession{});
  std::optional<ConnectionId> connection;
  if (session.provider) connection = provider.connection;
  ASSIGN_OR_RETURN(
      const auto id,
      transaction.first(
          "INSERT INTO sessions (account_id, public_id, token_hash, employee_id, method,"
          " connection_id, name_id, name_id_format, session_index, client_address, user_agent,"
          " created_at, last_seen_at, idle_expires_at, expires_at)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14) RETURNING id",
          {created.account, created.public_id, storage::Blob{token.hash()}, created.employee,
           to_text(created.method), connection, provider.name_id, provider.name_id_format,
           provider.session_index, created.client_address, created.user_agent, now, created.idle_expires_at,
           created.expires_at},
          [](const storage::Row& row) { return row.id<SessionId>(0); }));
  created.id = *id;
  return created;
}

Result<std::optional<SignedIn>> find_session(storage::Transaction& transaction, const SessionToken& token,
                                             Timestamp now) {
  return transaction.first(
      "SELECT " SESSION_COLUMNS ", " DIRECTORY_EMPLOYEE_COLUMNS ", " DIRECTORY_ACCOUNT_COLUMNS
      " FROM accounts AS a JOIN sessions AS s ON s.account_id = a.id"
      " JOIN employees AS e ON e.account_id = s.account_id AND e.id = s.employee_id"
      " WHERE a.public_id = $1 AND s.token_hash = $2 AND s.idle_expires_at > $3 AND s.expires_at > $3"
      " AND e.active = 1",
      {to_ascii_lower(token.account_public_id()), storage::Blob{token.hash()}, now},
      [](const storage::Row& row) {
        return SignedIn{.session = read_session(row),
                        .employee = read_employee(row, kSessionColumns),
                        .account = read_account(row, kSessionColumns + kEmployeeColumns)};
      });
}

Result<void> touch_sessions(storage::Transaction& transaction, std::span<const SessionTouch> touches,
                            Duration idle) {
  for (const SessionTouch& touch : touches) {
    // Only forward, never beyond the end, and never out of an expiry that was reached meanwhile.
    RETURN_IF_ERROR(transaction.execute(
        "UPDATE sessions SET last_seen_at = $3,"
        " idle_expires_at = CASE WHEN $4 < expires_at THEN $4 ELSE expires_at END"
        " WHERE account_id = $1 AND id = $2 AND last_seen_at < $3 AND idle_expires_at > $3",
        {touch.account, touch.session, touch.seen_at, touch.seen_at + idle}));
  }
  return {};
}

Result<std::vector<Session>> list_sessions(storage::Transaction& transaction, AccountId account,
                                           EmployeeId employee, Timestamp now) {
  return transaction.all("SELECT " SESSION_COLUMNS
                         " FROM sessions AS s WHERE s.account_id = $1 AND s.employee_id = $2"
                         " AND s.idle_expires_at > $3 AND s.expires_at > $3 ORDER BY s.id DESC",
                         {account, employee, now}, read_session);
}

Result<bool> end_session(storage::Transaction& transaction, AccountId account, SessionId id, Timestamp now) {
  ASSIGN_OR_RETURN(const EndedAccess ended, end_all(transaction, account, {&id, 1}, now));
  RETURN_IF_ERROR(send_notice(transaction, {.account = account, .session = id}));
  return ended.sessions > 0;
}

Result<bool> end_session_of(storage::Transaction& transaction, AccountId account, EmployeeId employee,
                            std::string_view public_id, Timestamp now) {
  ASSIGN_OR_RETURN(const auto id,
                   transaction.first("SELECT id FROM sessions WHERE account_id = $1 AND employee_id = $2"
                                     " AND public_id = $3",
                                     {account, employee, public_id}, read_id));
  if (!id) return false;
  return end_session(transaction, account, *id, now);
}

Result<void> replace_session(storage::Transaction& transaction, const Session& previous, const Session& next,
                             Timestamp now) {
  if (previous.account != next.account || previous.employee != next.employee) {
    RETURN_IF_ERROR(end_session(transaction, previous.account, previous.id, now));
    return {};
  }
  RETURN_IF_ERROR(
      transaction.execute("UPDATE grants SET session_id = $3 WHERE account_id = $1 AND session_id = $2",
                          {next.account, previous.id, next.id}));
  // Nobody is signed out, so that no application is told.
  RETURN_IF_ERROR(transaction.execute("DELETE FROM sessions WHERE account_id = $1 AND id = $2",
                                      {previous.account, previous.id}));
  return send_notice(transaction, {.account = previous.account, .session = previous.id});
}

Result<EndedAccess> end_access_of_employee(storage::Transaction& transaction, AccountId account,
                                           EmployeeId employee, Timestamp now) {
  // Sends the notice for both.
  ASSIGN_OR_RETURN(const EndedGrants grants, end_grants_of_employee(transaction, account, employee, now));
  ASSIGN_OR_RETURN(const std::int64_t sessions,
                   transaction.execute("DELETE FROM sessions WHERE account_id = $1 AND employee_id = $2",
                                       {account, employee}));
  return EndedAccess{.sessions = sessions, .grants = grants.grants, .logouts = grants.logouts};
}

Result<EndedAccess> sign_out_everywhere(storage::Transaction& transaction, AccountId account,
                                        EmployeeId employee, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Employee who, load_employee(transaction, account, employee));
  ASSIGN_OR_RETURN(const EndedAccess ended, end_access_of_employee(transaction, account, employee, now));
  RETURN_IF_ERROR(record_audit(transaction, account, actor, "employee.signed_out_everywhere", who.public_id,
                               {{"sessions_ended", ended.sessions},
                                {"grants_ended", ended.grants},
                                {"applications_told", ended.logouts}},
                               now));
  return ended;
}

Result<EndedAccess> end_access_without_sso(storage::Transaction& transaction, AccountId account,
                                           Timestamp now) {
  ASSIGN_OR_RETURN(const auto ids,
                   transaction.all("SELECT id FROM sessions WHERE account_id = $1 AND method = $2",
                                   {account, to_text(SignInMethod::Password)}, read_id));
  ASSIGN_OR_RETURN(EndedAccess ended, end_all(transaction, account, ids, now));
  ASSIGN_OR_RETURN(const EndedGrants others, end_grants_without_sso(transaction, account, now));
  ended.grants += others.grants;
  ended.logouts += others.logouts;
  return ended;
}

Result<EndedAccess> end_access_by_connection(storage::Transaction& transaction, AccountId account,
                                             ConnectionId connection, Timestamp now) {
  ASSIGN_OR_RETURN(const EndedGrants grants, end_grants_of_linked(transaction, account, connection, now));
  ASSIGN_OR_RETURN(const auto ids,
                   transaction.all("SELECT id FROM sessions WHERE account_id = $1 AND connection_id = $2",
                                   {account, connection}, read_id));
  ASSIGN_OR_RETURN(EndedAccess ended, end_all(transaction, account, ids, now));
  ended.grants += grants.grants;
  ended.logouts += grants.logouts;
  return ended;
}

Result<std::int64_t> end_sessions_at_provider(storage::Transaction& transaction, AccountId account,
                                              ConnectionId connection, std::string_view name_id,
                                              std::string_view session_index, Timestamp now) {
  ASSIGN_OR_RETURN(const auto ids,
                   transaction.all("SELECT id FROM sessions WHERE account_id = $1 AND connection_id = $2"
                                   " AND name_id = $3 AND ($4 = '' OR session_index = $4)",
                                   {account, connection, name_id, session_index}, read_id));
  for (const SessionId id : ids)
    RETURN_IF_ERROR(end_session(transaction, account, id, now));
  return static_cast<std::int64_t>(ids.size());
}

Result<std::int64_t> end_expired_sessions(storage::Transaction& transaction, AccountId account, Timestamp now,
                                          int limit) {
  // The idle expiry never lies behind the other one.
  ASSIGN_OR_RETURN(const auto ids,
                   transaction.all("SELECT id FROM sessions WHERE account_id = $1 AND idle_expires_at <= $2"
                                   " ORDER BY idle_expires_at LIMIT $3",
                                   {account, now, limit}, read_id));
  ASSIGN_OR_RETURN(const EndedAccess ended, end_all(transaction, account, ids, now));
  return ended.sessions;
}

}  // namespace doorward::directory
