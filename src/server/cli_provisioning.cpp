#include <charconv>

#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "directory/provisioning_log.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/describe.h"
#include "server/paging.h"
#include "server/reply.h"

namespace doorward::server {

namespace {

using directory::Account;
using directory::ProvisioningEntry;
using directory::ProvisioningEntryId;
using storage::Transaction;

directory::ProvisioningLogFilter read_filter(const Arguments& arguments) {
  directory::ProvisioningLogFilter filter;
  if (const auto outcome = arguments.find("--outcome")) {
    filter.outcome = directory::parse_provisioning_outcome(*outcome);
    CHECK(filter.outcome.has_value());
  }
  filter.subject = arguments.find("--subject").value_or("");
  filter.text = arguments.find("--text").value_or("");
  return filter;
}

Result<Reply> list_provisioning_entries(Context& context) {
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto page, directory::list_provisioning_log(
                                          transaction, account.id, read_filter(context.arguments()),
                                          before<ProvisioningEntryId>(context), limit_of(context)));
    json::Array entries;
    for (const ProvisioningEntry& entry : page)
      entries.push_back(describe(entry));
    const json::Value next = next_of(page, limit_of(context));
    const std::string text =
        table_text(entries, {"id", "at", "token", "method", "path", "status", "outcome", "summary"},
                   "There is no such request.") +
        more_text(next);
    return Reply{{{"entries", std::move(entries)}, {"next", next}}, text};
  });
}

Result<ProvisioningEntry> find_entry(const Context& context, Transaction& transaction,
                                     const Account& account) {
  const std::string& text = context.arguments().positional("ID");
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error == std::errc() && end == text.data() + text.size()) {
    ASSIGN_OR_RETURN(auto found,
                     directory::find_provisioning_entry(transaction, account.id, ProvisioningEntryId{id}));
    if (found) return *std::move(found);
  }
  return fail(ErrorKind::NotFound, "cli.no_provisioning_entry",
              fmt::format("The provisioning log of account {} has no entry {}. Old ones are deleted.",
                          account.slug, printable(text)));
}

Result<Reply> show_provisioning_entry(Context& context) {
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const ProvisioningEntry entry, find_entry(context, transaction, account));
    json::Object object = describe(entry);
    ASSIGN_OR_RETURN(object["changes"], json::parse(entry.changes));
    object["request_body"] = entry.request_body;
    object["response_body"] = entry.response_body;
    const std::string text = fields_text(object);
    return Reply{{{"entry", std::move(object)}}, text};
  });
}

}  // namespace

std::vector<Command> provisioning_commands() {
  return {
      {.name = "provisioning log",
       .summary = "Show what directory services asked for and what came of it, the newest first",
       .positionals = {kAccount},
       .options = {limit_option(),
                   before_option(),
                   {.name = "--outcome",
                    .help = "Only these",
                    .choices = {"read", "unchanged", "changed", "failed"}},
                   {.name = "--subject",
                    .placeholder = "ID",
                    .help = "Only about the employee or group with this id"},
                   {.name = "--text",
                    .placeholder = "TEXT",
                    .help = "Only with this text in the summary or the path"}},
       .run = list_provisioning_entries},
      {.name = "provisioning show",
       .summary = "Show a request of a directory service with its changes, and both bodies",
       .positionals = {kAccount, {"ID", "Id of the entry in the provisioning log"}},
       .run = show_provisioning_entry},
  };
}

}  // namespace doorward::server
