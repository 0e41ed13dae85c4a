#include "directory/access_links.h"

#include "base/text.h"
#include "directory/names.h"
#include "directory/rows.h"

namespace doorward::directory {
namespace {

constexpr Names<LinkPurpose, 3> kPurposes = {{{LinkPurpose::Invitation, "invitation"},
                                              {LinkPurpose::Recovery, "recovery"},
                                              {LinkPurpose::Emergency, "emergency"}}};

Duration lifetime_of(LinkPurpose purpose) {
  switch (purpose) {
    case LinkPurpose::Invitation:
      return kInvitationLifetime;
    case LinkPurpose::Recovery:
      return kRecoveryLifetime;
    case LinkPurpose::Emergency:
      return kEmergencyLifetime;
  }
  return kEmergencyLifetime;
}

/// Whether a link of that purpose is any good for the employee as they and the account are now.
bool opens(LinkPurpose purpose, const Account& account, const Employee& employee) {
  if (!employee.active) return false;
  if (purpose == LinkPurpose::Emergency) return employee.administrator;
  return !account.sso_enforced_at;
}

Result<void> check_may_have(const Account& account, const Employee& employee, LinkPurpose purpose,
                            const Actor& actor) {
  if (!employee.active) {
    return fail(ErrorKind::Refused, "directory.employee_inactive",
                "The employee is deactivated. Reactivate them first.");
  }
  if (purpose != LinkPurpose::Emergency) {
    if (!account.sso_enforced_at) return {};
    return fail(ErrorKind::Refused, "directory.sso_enforced",
                "Single sign-on is the only way in, so nobody needs a password.");
  }
  if (actor.kind != ActorKind::Support) {
    return fail(ErrorKind::Refused, "directory.support_only", "Only support can open an emergency sign-in.");
  }
  if (employee.administrator) return {};
  return fail(ErrorKind::Refused, "directory.no_administrator",
              "An emergency sign-in is for administrators, and this employee is none.");
}

Result<std::optional<AccessLink>> read_link(storage::Transaction& transaction, std::string_view sql,
                                            const AccessLinkSecret& secret, Timestamp now) {
  ASSIGN_OR_RETURN(
      auto link,
      transaction.first(sql, {to_ascii_lower(secret.account_public_id()), storage::Blob{secret.hash()}, now},
                        [](const storage::Row& row) {
                          return AccessLink{.purpose = stored_value(kPurposes, row.text(0)),
                                            .account = read_account(row, 2 + kEmployeeColumns),
                                            .employee = read_employee(row, 2),
                                            .expires_at = row.time(1)};
                        }));
  if (!link || !opens(link->purpose, link->account, link->employee)) return std::nullopt;
  return link;
}

}  // namespace

std::string_view to_text(LinkPurpose purpose) {
  return name_of(kPurposes, purpose);
}

Result<Timestamp> create_access_link(storage::Transaction& transaction, const Account& account,
                                     const Employee& employee, LinkPurpose purpose,
                                     const AccessLinkSecret& secret, std::string_view reason,
                                     const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(check_may_have(account, employee, purpose, actor));
  const Timestamp expires_at = now + lifetime_of(purpose);
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO access_links (account_id, employee_id, purpose, token_hash, created_at, created_by, "
      "expires_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account_id, employee_id, purpose)"
      " DO UPDATE SET token_hash = excluded.token_hash, created_at = excluded.created_at,"
      " created_by = excluded.created_by, expires_at = excluded.expires_at",
      {account.id, employee.id, to_text(purpose), storage::Blob{secret.hash()}, now, actor.name,
       expires_at}));
  json::Object details{{"purpose", to_text(purpose)}, {"expires_at", to_millis(expires_at)}};
  if (!reason.empty()) details["reason"] = reason;
  RETURN_IF_ERROR(
      record_audit(transaction, account.id, actor, "access_link.created", employee.public_id, details, now));
  return expires_at;
}

Result<std::optional<AccessLink>> find_access_link(storage::Transaction& transaction,
                                                   const AccessLinkSecret& secret, Timestamp now) {
  return read_link(transaction,
                   "SELECT l.purpose, l.expires_at, " DIRECTORY_EMPLOYEE_COLUMNS
                   ", " DIRECTORY_ACCOUNT_COLUMNS
                   " FROM accounts AS a JOIN access_links AS l ON l.account_id = a.id"
                   " JOIN employees AS e ON e.account_id = l.account_id AND e.id = l.employee_id"
                   " WHERE a.public_id = $1 AND l.token_hash = $2 AND l.expires_at > $3",
                   secret, now);
}

Result<std::optional<AccessLink>> take_access_link(storage::Transaction& transaction,
                                                   const AccessLinkSecret& secret, Timestamp now) {
  ASSIGN_OR_RETURN(auto link, find_access_link(transaction, secret, now));
  if (!link) return link;
  ASSIGN_OR_RETURN(const auto taken,
                   transaction.execute("DELETE FROM access_links WHERE account_id = $1 AND token_hash = $2",
                                       {link->account.id, storage::Blob{secret.hash()}}));
  // Somebody else was faster.
  if (taken == 0) return std::optional<AccessLink>();
  const Actor actor{ActorKind::Employee, link->employee.profile.user_name};
  RETURN_IF_ERROR(record_audit(transaction, link->account.id, actor, "access_link.used",
                               link->employee.public_id, {{"purpose", to_text(link->purpose)}}, now));
  return link;
}

}  // namespace doorward::directory
