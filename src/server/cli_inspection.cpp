#include <fmt/format.h>

#include "base/text.h"
#include "directory/accounts.h"
#include "directory/attempts.h"
#include "directory/audit.h"
#include "directory/connections.h"
#include "directory/sessions.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/describe.h"
#include "server/paging.h"
#include "server/reply.h"

namespace doorward::server {

namespace {

using directory::Account;
using storage::Transaction;

Result<Reply> audit(Context& context) {
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto page,
                     directory::list_audit(transaction, account.id, before<directory::AuditId>(context),
                                           limit_of(context)));
    json::Array entries;
    json::Array rows;
    for (const auto& entry : page) {
      entries.push_back(describe(entry));
      json::Object row = describe(entry);
      row["details"] = entry.details.empty() ? std::string() : json::serialize(entry.details);
      rows.push_back(std::move(row));
    }
    const json::Value next = next_of(page, limit_of(context));
    return Reply{{{"entries", std::move(entries)}, {"next", next}},
                 table_text(rows, {"at", "actor", "action", "target", "details"}, "Nothing happened yet.") +
                     more_text(next)};
  });
}

Result<Reply> list_attempts(Context& context) {
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto connections, directory::list_connections(transaction, account.id));
    ASSIGN_OR_RETURN(const auto page,
                     directory::list_attempts(transaction, account.id, before<directory::AttemptId>(context),
                                              limit_of(context)));
    json::Array attempts;
    for (const auto& attempt : page)
      attempts.push_back(describe(attempt, connections));
    const json::Value next = next_of(page, limit_of(context));
    const std::string text =
        table_text(attempts, {"reference", "at", "outcome", "finding", "connection", "client_address"},
                   "Nobody tried yet.");
    return Reply{{{"attempts", std::move(attempts)}, {"next", next}}, text + more_text(next)};
  });
}

struct FoundAttempt {
  Account account;
  directory::Attempt attempt;
};

/// References are unique in an account, and who reads one out does not know the account's name.
Result<FoundAttempt> find_attempt(const Context& context, Transaction& transaction) {
  const std::string& reference = context.arguments().positional("REFERENCE");
  constexpr int kPage = 500;
  std::optional<directory::AccountId> after;
  for (;;) {
    ASSIGN_OR_RETURN(const auto accounts, directory::list_accounts(transaction, after, kPage));
    if (accounts.empty()) break;
    for (const Account& account : accounts) {
      ASSIGN_OR_RETURN(auto attempt, directory::find_attempt(transaction, account.id, reference));
      if (attempt) return FoundAttempt{account, *std::move(attempt)};
    }
    after = accounts.back().id;
  }
  return fail(
      ErrorKind::NotFound, "cli.no_attempt",
      fmt::format("There is no sign-in record “{}”. Records are kept for 90 days.", printable(reference)));
}

Result<Reply> show_attempt(Context& context) {
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const auto found, find_attempt(context, transaction));
    ASSIGN_OR_RETURN(const auto connections, directory::list_connections(transaction, found.account.id));
    json::Object object = describe(found.attempt, connections);
    object["account"] = found.account.slug;
    if (!found.attempt.report.empty()) {
      ASSIGN_OR_RETURN(object["report"], json::parse(found.attempt.report));
    }
    const std::string text = fields_text(object);
    return Reply{{{"attempt", std::move(object)}}, text};
  });
}

Result<Reply> list_sessions(Context& context) {
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto employee, context.employee(transaction, account));
    ASSIGN_OR_RETURN(const auto live,
                     directory::list_sessions(transaction, account.id, employee.id, context.now()));
    json::Array sessions;
    for (const auto& session : live)
      sessions.push_back(describe(session));
    const std::string text = table_text(
        sessions, {"id", "method", "client_address", "created_at", "last_seen_at"}, "Not signed in.");
    return Reply{{{"sessions", std::move(sessions)}}, text};
  });
}

Result<Reply> revoke_sessions(Context& context) {
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto employee, context.employee(transaction, account));
    directory::EndedAccess ended;
    if (const auto session = context.arguments().find("--session")) {
      ASSIGN_OR_RETURN(const bool was_there, directory::end_session_of(transaction, account.id, employee.id,
                                                                       *session, context.now()));
      if (!was_there) {
        return fail(
            ErrorKind::NotFound, "cli.no_session",
            fmt::format("{} has no session {}.", printable(employee.profile.user_name), printable(*session)));
      }
      ended.sessions = 1;
    } else {
      ASSIGN_OR_RETURN(ended, directory::sign_out_everywhere(transaction, account.id, employee.id,
                                                             context.actor(), context.now()));
    }
    std::string text =
        fmt::format("{} {} ended.", ended.sessions, ended.sessions == 1 ? "session was" : "sessions were");
    if (ended.grants > 0) {
      text += fmt::format(" {} {} of applications ended too.", ended.grants,
                          ended.grants == 1 ? "grant" : "grants");
    }
    return Reply{{{"ended", ended.sessions}, {"grants_ended", ended.grants}}, text};
  });
}

}  // namespace

std::vector<Command> inspection_commands() {
  return {
      {.name = "session list",
       .summary = "List where an employee is signed in",
       .positionals = {kAccount, kEmployee},
       .run = list_sessions},
      {.name = "session revoke",
       .summary = "Sign an employee out everywhere, or in one place",
       .positionals = {kAccount, kEmployee},
       .options = {{.name = "--session", .placeholder = "ID", .help = "Only this one"}},
       .run = revoke_sessions},
      {.name = "attempt list",
       .summary = "List sign-ins, the newest first",
       .positionals = {kAccount},
       .options = {limit_option(), before_option()},
       .run = list_attempts},
      {.name = "attempt show",
       .summary = "Show every check of a sign-in by the reference number that the employee saw",
       .positionals = {{"REFERENCE", "For example K7QM-2XPD"}},
       .run = show_attempt},
      {.name = "audit",
       .summary = "Show who changed what in an account, the newest first",
       .positionals = {kAccount},
       .options = {limit_option(), before_option()},
       .run = audit},
  };
}

}  // namespace doorward::server
