#pragma once

#include <string>
#include <vector>

#include "directory/grants.h"

/// How grants end, whoever ends them.
namespace doorward::directory {

/// A grant that is about to end, with what its application must be told.
struct EndingGrant {
  GrantId id;
  ApplicationId application;
  std::optional<EmployeeId> employee;
  /// The employee's public id; empty for a service.
  std::string subject;
  std::string sid;
  std::string scope;
  /// The application has a back-channel logout URI.
  bool listens = false;
};

/// Of `grants AS g JOIN applications AS p LEFT JOIN employees AS e`.
#define DIRECTORY_ENDING_COLUMNS \
  "g.id, g.application_id, g.employee_id, e.public_id, g.sid, g.scope, p.backchannel_logout_uri <> ''"
#define DIRECTORY_ENDING_TABLES                                   \
  "grants AS g JOIN applications AS p ON p.id = g.application_id" \
  " LEFT JOIN employees AS e ON e.account_id = g.account_id AND e.id = g.employee_id"
EndingGrant read_ending_grant(const storage::Row& row);

/// What logout tokens name: the one session, or the employee wherever they are.
enum class LogoutReach : std::uint8_t { Session, Everywhere };

/// Deletes the grants with their tokens and queues a logout for each application that listens, subject and
/// session. The caller sends the notice.
Result<EndedGrants> end_grants(storage::Transaction& transaction, AccountId account,
                               std::span<const EndingGrant> grants, LogoutReach reach, Timestamp now);

/// For when SSO becomes the only way in: ends what employees were given who lie outside the account's
/// domains, and what outlived a session that did not begin at the provider; phones sign in at the provider
/// anyway. The caller sends the notice about the account.
Result<EndedGrants> end_grants_without_sso(storage::Transaction& transaction, AccountId account,
                                           Timestamp now);

/// What employees were given whom this connection vouched for. The caller sends the notice about the account.
Result<EndedGrants> end_grants_of_linked(storage::Transaction& transaction, AccountId account,
                                         ConnectionId connection, Timestamp now);

}  // namespace doorward::directory
