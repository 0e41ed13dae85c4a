#include "console/mail_api.h"

#include <array>

#include <fmt/format.h>

#include "directory/mails.h"

namespace doorward::console {

namespace {

json::Object counts_view(const directory::MailCounts& counts) {
  return {{"waiting", counts.waiting},
          {"sent", counts.sent},
          {"failed", counts.dead},
          {"lastProblem", counts.last_problem}};
}

json::Object link_mail_view(const directory::LinkMail& mail) {
  const bool failed = mail.state == directory::MailState::Dead;
  return {{"kind", directory::to_text(mail.kind)},
          {"state", failed ? std::string_view("failed") : directory::to_text(mail.state)},
          {"at", format_rfc3339(mail.finished_at.value_or(mail.queued_at))},
          {"problem", mail.problem}};
}

Result<directory::Employee> find_linked_employee(storage::Transaction& transaction,
                                                 const Admission& admission, const http::Request& request) {
  ASSIGN_OR_RETURN(auto employee,
                   directory::find_employee(transaction, admission.account(), request.parameter("id")));
  if (employee) return *std::move(employee);
  return fail(ErrorKind::NotFound, directory::kNoEmployee,
              "There is no such employee. Your directory may have deleted them.");
}

/// Why no mail can be sent to the employee; empty when one can. What the administrator can mend comes first.
std::string_view obstacle_to_mail(const directory::Employee& employee, bool configured) {
  if (!employee.active) return "deactivated";
  if (employee.profile.email.empty()) return "no-email";
  return configured ? "" : "no-mail-server";
}

}  // namespace

http::Response MailApi::no_mail_server() const {
  return refuse(
      http::Status::Conflict, "api.no_mail_server",
      "This server has no mail server (mail.server), so it cannot send mails. Copy the text or the link "
      "and send it yourself, or ask support to set one.");
}

Result<http::Response> MailApi::mail(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return answer({{"configured", !from_.empty()}, {"from", from_}});
}

Result<http::Response> MailApi::instructions(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  const auto& account = admission.administrator->account;
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto recipients, directory::count_mail_recipients(transaction, account.id));
    ASSIGN_OR_RETURN(const auto counts,
                     directory::count_mails(transaction, account.id, directory::MailKind::Instructions));
    return answer({{"recipients", recipients},
                   {"mail", json::Object{{"configured", !from_.empty()}, {"from", from_}}},
                   {"mails", counts_view(counts)}});
  });
}

Result<http::Response> MailApi::send_instructions(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  constexpr std::array<std::string_view, 3> kMembers = {"subject", "body", "expected"};
  RETURN_IF_ERROR(only_members(body, kMembers));
  if (from_.empty()) return no_mail_server();
  ASSIGN_OR_RETURN(const std::string subject, json::required_string(body, "subject"));
  ASSIGN_OR_RETURN(const std::string text, json::required_string(body, "body"));
  ASSIGN_OR_RETURN(const auto expected, json::optional_integer(body, "expected"));
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto recipients,
                     directory::count_mail_recipients(transaction, admission.account()));
    if (expected != recipients) {
      return refuse(
          http::Status::Conflict, "api.recipients_changed",
          fmt::format("{} employees would get the mail by now. Look again before you send it.", recipients));
    }
    ASSIGN_OR_RETURN(const auto queued,
                     directory::queue_instructions(transaction, admission.account(), subject, text,
                                                   admission.actor(), deps_.clock.now()));
    return answer({{"recipients", queued}});
  });
}

Result<http::Response> MailApi::link_offer(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, admission.account()));
    ASSIGN_OR_RETURN(const auto employee, find_linked_employee(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto last, directory::last_link_mail(transaction, account.id, employee.id));
    const bool enforced = account.sso_enforced_at.has_value();
    return answer({{"kind", enforced || !employee.has_password ? "invitation" : "recovery"},
                   {"obstacle", obstacle_to_mail(employee, !from_.empty())},
                   {"email", employee.profile.email},
                   {"from", from_},
                   {"ssoEnforced", enforced},
                   {"account", account.slug},
                   {"last", last ? json::Value(link_mail_view(*last)) : json::Value(nullptr)}});
  });
}

Result<http::Response> MailApi::send_link(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  constexpr std::array<std::string_view, 1> kMembers = {"kind"};
  RETURN_IF_ERROR(only_members(body, kMembers));
  if (from_.empty()) return no_mail_server();
  ASSIGN_OR_RETURN(const std::string kind, json::required_string(body, "kind"));
  const bool invites = kind == "invitation";
  if (!invites && kind != "recovery") {
    return fail(ErrorKind::InvalidInput, "api.bad_member", "kind must be “invitation” or “recovery”.");
  }
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, admission.account()));
    ASSIGN_OR_RETURN(const auto employee, find_linked_employee(transaction, admission, request));
    if (!employee.active) {
      return fail(ErrorKind::Refused, "directory.employee_inactive",
                  "The employee is deactivated. Reactivate them first.");
    }
    if (!invites && account.sso_enforced_at) {
      return fail(ErrorKind::Refused, "directory.sso_enforced",
                  "Single sign-on is the only way in, so nobody needs a password.");
    }
    const auto actor = admission.actor();
    ASSIGN_OR_RETURN(const bool queued, directory::queue_mail(transaction, employee,
                                                              invites ? directory::MailKind::Invitation
                                                                      : directory::MailKind::Recovery,
                                                              actor.name, deps_.clock.now()));
    if (queued) {
      RETURN_IF_ERROR(directory::record_audit(transaction, account.id, actor, "mail.link_queued",
                                              employee.public_id, {{"kind", kind}}, deps_.clock.now()));
    }
    // Asked twice in a row, one mail is enough.
    return answer({{"queued", queued}, {"email", employee.profile.email}});
  });
}

}  // namespace doorward::console
