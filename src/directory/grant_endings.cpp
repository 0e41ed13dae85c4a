#include "directory/grant_endings.h"

#include <set>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "directory/audit.h"
#include "directory/deliveries.h"
#include "directory/matching_domains.h"
#include "directory/notices.h"

namespace doorward::directory {
namespace {

/// One logout token for each application, subject and session, however many grants there were.
///
/// Whoever is signed out everywhere is named without a session, and once more with each session that we know:
/// some applications (mod_auth_openidc) find what they keep only by the `sid` of the ID token, although a
/// logout token without one is about all sessions (OpenID Connect Back-Channel Logout 1.0 section 2.4).
class Logouts {
 public:
  explicit Logouts(LogoutReach reach) : reach_(reach) {}

  void add(const EndingGrant& grant) {
    if (!grant.listens || grant.subject.empty()) return;
    if (reach_ == LogoutReach::Everywhere) due_.emplace(grant.application, grant.subject, "");
    due_.emplace(grant.application, grant.subject, grant.sid);
  }

  /// How many applications are told, each counted once for a subject.
  Result<std::int64_t> queue(storage::Transaction& transaction, AccountId account, Timestamp now) const {
    std::set<std::pair<ApplicationId, std::string>> told;
    for (const auto& [application, subject, sid] : due_) {
      RETURN_IF_ERROR(queue_logout(transaction, account, application, subject, sid, now));
      told.emplace(application, subject);
    }
    return static_cast<std::int64_t>(told.size());
  }

 private:
  LogoutReach reach_;
  std::set<std::tuple<ApplicationId, std::string, std::string>> due_;
};

Result<void> delete_grant(storage::Transaction& transaction, AccountId account, GrantId grant) {
  // The tokens go with it.
  RETURN_IF_ERROR(
      transaction.execute("DELETE FROM grants WHERE account_id = $1 AND id = $2", {account, grant}));
  return {};
}

}  // namespace

EndingGrant read_ending_grant(const storage::Row& row) {
  EndingGrant grant;
  grant.id = row.id<GrantId>(0);
  grant.application = row.id<ApplicationId>(1);
  if (!row.is_null(2)) grant.employee = row.id<EmployeeId>(2);
  grant.subject = row.text(3);
  grant.sid = row.text(4);
  grant.scope = row.text(5);
  grant.listens = row.flag(6);
  return grant;
}

Result<EndedGrants> end_grants(storage::Transaction& transaction, AccountId account,
                               std::span<const EndingGrant> grants, LogoutReach reach, Timestamp now) {
  Logouts logouts(reach);
  for (const EndingGrant& grant : grants) {
    logouts.add(grant);
    RETURN_IF_ERROR(delete_grant(transaction, account, grant.id));
  }
  ASSIGN_OR_RETURN(const std::int64_t queued, logouts.queue(transaction, account, now));
  return EndedGrants{.grants = static_cast<std::int64_t>(grants.size()), .logouts = queued};
}

Result<EndedGrants> end_grants_of_employee(storage::Transaction& transaction, AccountId account,
                                           EmployeeId employee, Timestamp now) {
  ASSIGN_OR_RETURN(const std::vector<EndingGrant> grants,
                   transaction.all("SELECT " DIRECTORY_ENDING_COLUMNS " FROM " DIRECTORY_ENDING_TABLES
                                   " WHERE g.account_id = $1 AND g.employee_id = $2",
                                   {account, employee}, read_ending_grant));
  ASSIGN_OR_RETURN(const EndedGrants ended,
                   end_grants(transaction, account, grants, LogoutReach::Everywhere, now));
  RETURN_IF_ERROR(send_notice(transaction, {.account = account, .employee = employee}));
  return ended;
}

Result<EndedGrants> end_grants_of_sessions(storage::Transaction& transaction, AccountId account,
                                           std::span<const SessionId> sessions, Timestamp now) {
  EndedGrants ended;
  Logouts logouts(LogoutReach::Session);
  for (const SessionId session : sessions) {
    struct OfSession {
      EndingGrant grant;
      bool ends = false;
    };
    // What was given in the session: a grant with offline_access stays, and its application is told all the
    // same (OpenID Connect Back-Channel Logout 1.0 section 2.7).
    ASSIGN_OR_RETURN(
        const std::vector<OfSession> found,
        transaction.all("SELECT " DIRECTORY_ENDING_COLUMNS ", g.session_id IS NOT NULL"
                        " FROM sessions AS s JOIN grants AS g ON g.account_id = s.account_id"
                        " AND g.employee_id = s.employee_id"
                        " JOIN applications AS p ON p.id = g.application_id"
                        " JOIN employees AS e ON e.account_id = g.account_id"
                        " AND e.id = g.employee_id"
                        " WHERE s.account_id = $1 AND s.id = $2"
                        " AND (g.session_id = s.id OR (g.session_id IS NULL AND g.sid = s.public_id))",
                        {account, session}, [](const storage::Row& row) {
                          return OfSession{.grant = read_ending_grant(row), .ends = row.flag(7)};
                        }));
    for (const auto& [grant, ends] : found) {
      logouts.add(grant);
      if (!ends) continue;
      RETURN_IF_ERROR(delete_grant(transaction, account, grant.id));
      RETURN_IF_ERROR(send_notice(transaction, {.account = account, .employee = grant.employee}));
      ++ended.grants;
    }
  }
  ASSIGN_OR_RETURN(ended.logouts, logouts.queue(transaction, account, now));
  return ended;
}

Result<EndedGrants> end_grants_of_application(storage::Transaction& transaction, AccountId account,
                                              ApplicationId application, Timestamp now) {
  ASSIGN_OR_RETURN(const std::vector<EndingGrant> grants,
                   transaction.all("SELECT " DIRECTORY_ENDING_COLUMNS " FROM " DIRECTORY_ENDING_TABLES
                                   " WHERE g.account_id = $1 AND g.application_id = $2",
                                   {account, application}, read_ending_grant));
  if (grants.empty()) return EndedGrants{};
  RETURN_IF_ERROR(send_notice(transaction, {.account = account}));
  return end_grants(transaction, account, grants, LogoutReach::Everywhere, now);
}

Result<bool> end_grant(storage::Transaction& transaction, AccountId account,
                       std::optional<EmployeeId> employee, std::string_view public_id, Timestamp now) {
  ASSIGN_OR_RETURN(const auto grant,
                   transaction.first("SELECT " DIRECTORY_ENDING_COLUMNS " FROM " DIRECTORY_ENDING_TABLES
                                     " WHERE g.account_id = $1 AND g.public_id = $2",
                                     {account, to_ascii_lower(public_id)}, read_ending_grant));
  if (!grant || (employee && grant->employee != employee)) return false;
  const EndingGrant ending[] = {*grant};
  RETURN_IF_ERROR(end_grants(transaction, account, ending, LogoutReach::Session, now));
  RETURN_IF_ERROR(send_notice(transaction, {.account = account, .employee = grant->employee}));
  return true;
}

Result<bool> sign_out_of(storage::Transaction& transaction, AccountId account, const GrantOwner& owner,
                         std::string_view public_id, const Actor& actor, Timestamp now) {
  struct Found {
    EndingGrant grant;
    std::string application;
    std::string device;
  };
  ASSIGN_OR_RETURN(
      const auto found,
      transaction.first("SELECT " DIRECTORY_ENDING_COLUMNS ", p.name, g.device FROM " DIRECTORY_ENDING_TABLES
                        " WHERE g.account_id = $1 AND g.public_id = $2",
                        {account, to_ascii_lower(public_id)}, [](const storage::Row& row) {
                          return Found{.grant = read_ending_grant(row),
                                       .application = std::string(row.text(7)),
                                       .device = std::string(row.text(8))};
                        }));
  if (!found || (owner.application && found->grant.application != *owner.application)) return false;
  ASSIGN_OR_RETURN(const bool ended, end_grant(transaction, account, owner.employee, public_id, now));
  if (!ended) return false;
  RETURN_IF_ERROR(record_audit(transaction, account, actor, "application.signed_out", found->grant.subject,
                               {{"application", found->application}, {"device", found->device}}, now));
  return true;
}

Result<EndedGrants> end_grants_without_sso(storage::Transaction& transaction, AccountId account,
                                           Timestamp now) {
  ASSIGN_OR_RETURN(const std::vector<EndingGrant> grants,
                   transaction.all("SELECT " DIRECTORY_ENDING_COLUMNS " FROM " DIRECTORY_ENDING_TABLES
                                   " WHERE g.account_id = $1 AND g.employee_id IS NOT NULL"
                                   " AND (e.email_domain NOT IN " DIRECTORY_MATCHING_DOMAINS
                                   "  OR (p.kind <> 'mobile' AND NOT EXISTS (SELECT 1 FROM sessions AS s"
                                   "   WHERE s.account_id = g.account_id AND s.employee_id = g.employee_id"
                                   "   AND s.public_id = g.sid AND s.method = 'saml')))",
                                   {account}, read_ending_grant));
  return end_grants(transaction, account, grants, LogoutReach::Everywhere, now);
}

Result<EndedGrants> end_grants_of_linked(storage::Transaction& transaction, AccountId account,
                                         ConnectionId connection, Timestamp now) {
  ASSIGN_OR_RETURN(const std::vector<EndingGrant> grants,
                   transaction.all("SELECT " DIRECTORY_ENDING_COLUMNS " FROM " DIRECTORY_ENDING_TABLES
                                   " WHERE g.account_id = $1 AND g.employee_id IN"
                                   " (SELECT l.employee_id FROM identity_links AS l"
                                   "  WHERE l.account_id = $1 AND l.connection_id = $2)",
                                   {account, connection}, read_ending_grant));
  return end_grants(transaction, account, grants, LogoutReach::Everywhere, now);
}

}  // namespace doorward::directory
