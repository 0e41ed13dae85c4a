#include <fmt/format.h>

#include "base/text.h"
#include "directory/access_links.h"
#include "directory/accounts.h"
#include "directory/mails.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/describe.h"
#include "server/reply.h"
#include "setup/readiness.h"

namespace doorward::server {

namespace {

using directory::Account;
using storage::Transaction;

json::Object describe_sso(const Account& account, const setup::Readiness& readiness) {
  json::Array gates;
  for (const setup::Gate& gate : readiness.gates) {
    gates.push_back(
        json::Object{{"check", gate.name}, {"status", to_text(gate.state)}, {"message", gate.message}});
  }
  return {{"account", account.slug},
          {"enforced", account.sso_enforced_at.has_value()},
          {"enforced_at", time_value(account.sso_enforced_at)},
          {"ready", !readiness.blocked()},
          {"active_employees", readiness.active_employees},
          {"losing_access", readiness.losing_access},
          {"checks", std::move(gates)}};
}

/// One line for each gate that is not met, or for all.
std::string gates_text(const setup::Readiness& readiness, bool all) {
  std::string text;
  for (const setup::Gate& gate : readiness.gates) {
    if (!all && gate.state == setup::Gate::State::Met) continue;
    text += fmt::format("\n{:<8} {}", to_text(gate.state), gate.message);
  }
  return text;
}

Result<Reply> show_sso_status(Context& context) {
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto readiness, setup::check_readiness(transaction, account, context.now()));
    std::string text = "SSO is not enabled: it is one way in besides passwords.";
    if (account.sso_enforced_at) {
      text = fmt::format("SSO is the only way in since {}.", format_rfc3339(*account.sso_enforced_at));
    }
    return Reply{describe_sso(account, readiness), text + '\n' + gates_text(readiness, true)};
  });
}

Result<std::string> reason_argument(const Context& context) {
  std::string reason = context.arguments().value("--reason");
  if (!trim(reason).empty()) return reason;
  return fail(ErrorKind::InvalidInput, kUsage, "--reason must say why: the audit keeps it.");
}

Result<Reply> enable_sso(Context& context) {
  ASSIGN_OR_RETURN(const std::string reason, reason_argument(context));
  const auto insist = context.arguments().has("--force") ? setup::Insist::Yes : setup::Insist::No;
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto readiness,
                     setup::enable_sso(transaction, account, reason, insist, context.actor(), context.now()));
    ASSIGN_OR_RETURN(const Account changed, directory::load_account(transaction, account.id));
    const std::string doubts = gates_text(readiness, false);
    return Reply{describe_sso(changed, readiness),
                 fmt::format("SSO is the only way in for account {} now.{}{}", account.slug,
                             doubts.empty() ? "" : "\n", doubts)};
  });
}

/// What is said about the mails with which people get a password again.
std::string mails_text(const Context& context, bool was_enforced, std::int64_t mails) {
  if (!was_enforced) return "\nSSO was not the only way in, so nobody was sent a link.";
  if (context.arguments().has("--no-mail")) return "\nNobody was sent a link, as you asked.";
  if (context.config().mail_server.empty()) {
    return "\nNo mail server is configured, so nobody was sent a link to choose a password: give out links "
           "with "
           "“doorward employee recovery-link”, or new passwords with “doorward employee reset-password”.";
  }
  return fmt::format("\n{} employees are sent a link to choose a password, as soon as a server runs.", mails);
}

Result<Reply> disable_sso(Context& context) {
  ASSIGN_OR_RETURN(const std::string reason, reason_argument(context));
  const bool may_mail = !context.arguments().has("--no-mail") && !context.config().mail_server.empty();
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    RETURN_IF_ERROR(
        directory::stop_enforcing_sso(transaction, account.id, reason, context.actor(), context.now()));
    std::int64_t mails = 0;
    if (account.sso_enforced_at && may_mail) {
      ASSIGN_OR_RETURN(
          mails, directory::queue_recovery_for_all(transaction, account.id, context.actor(), context.now()));
    }
    ASSIGN_OR_RETURN(const Account changed, directory::load_account(transaction, account.id));
    ASSIGN_OR_RETURN(const auto readiness, setup::check_readiness(transaction, changed, context.now()));
    Reply reply{describe_sso(changed, readiness),
                fmt::format("Account {} may be entered with passwords again.{}", account.slug,
                            mails_text(context, account.sso_enforced_at.has_value(), mails))};
    reply.json["recovery_mails"] = mails;
    return reply;
  });
}

Result<Reply> open_sso_emergency(Context& context) {
  ASSIGN_OR_RETURN(const std::string reason, reason_argument(context));
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto employee, context.employee(transaction, account));
    const auto secret = directory::AccessLinkSecret::issue(account);
    ASSIGN_OR_RETURN(
        const Timestamp expires_at,
        directory::create_access_link(transaction, account, employee, directory::LinkPurpose::Emergency,
                                      secret, reason, context.actor(), context.now()));
    const std::string link = access_link(context.config(), secret);
    return Reply{{{"account", account.slug},
                  {"employee", employee.public_id},
                  {"link", link},
                  {"expires_at", time_value(expires_at)}},
                 fmt::format("{} comes in once with this link, until {}, for an hour:\n\n{}",
                             employee.profile.user_name, format_rfc3339(expires_at), link)};
  });
}

}  // namespace

std::vector<Command> sso_commands() {
  const Option reason{.name = "--reason",
                      .placeholder = "TEXT",
                      .help = "Why, for the audit",
                      .need = Option::Need::Required};
  return {
      {.name = "sso status",
       .summary = "Say whether SSO is the only way in, and what stands in the way",
       .positionals = {kAccount},
       .run = show_sso_status},
      {.name = "sso enable",
       .summary = "Make SSO the only way in",
       .positionals = {kAccount},
       .options = {reason, {.name = "--force", .help = "Although a check says that it is too early"}},
       .run = enable_sso},
      {.name = "sso disable",
       .summary = "Let people in with passwords again",
       .positionals = {kAccount},
       .options = {reason, {.name = "--no-mail", .help = "Send nobody a link to choose a password"}},
       .run = disable_sso,
       .config_flags = ConfigFlags::All},
      {.name = "sso emergency",
       .summary = "Make a link by which an administrator comes in once although SSO is the only way",
       .positionals = {kAccount, kEmployee},
       .options = {reason},
       .run = open_sso_emergency,
       .config_flags = ConfigFlags::All},
  };
}

}  // namespace doorward::server
