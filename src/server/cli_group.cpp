#include <fmt/format.h>

#include "base/text.h"
#include "directory/departments.h"
#include "directory/groups.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/describe.h"
#include "server/paging.h"
#include "server/reply.h"

namespace doorward::server {

namespace {

using directory::Account;
using directory::Group;
using storage::Transaction;

/// By id, else by a name that only one group has.
Result<Group> find_group(const Context& context, Transaction& transaction, const Account& account) {
  const std::string& name = context.arguments().positional("GROUP");
  ASSIGN_OR_RETURN(auto by_id, directory::find_group(transaction, account.id, name));
  if (by_id) return *std::move(by_id);
  ASSIGN_OR_RETURN(auto found, directory::find_groups_by(transaction, account.id,
                                                         directory::GroupKey::DisplayName, name, 2));
  if (found.size() == 1) return std::move(found.front());
  if (found.empty()) {
    return fail(ErrorKind::NotFound, directory::kNoGroup,
                fmt::format("Account {} has no group “{}”.", account.slug, printable(name)));
  }
  return fail(ErrorKind::Conflict, "cli.ambiguous_group",
              fmt::format("Account {} has several groups “{}”. Name the one by its id.", account.slug,
                          printable(name)));
}

Result<json::Object> describe_group(Transaction& transaction, const Account& account, const Group& group) {
  ASSIGN_OR_RETURN(const auto departments, directory::list_departments(transaction, account.id));
  return describe(group, departments);
}

/// Where a page begins: `--after`, an id.
Result<std::optional<directory::GroupId>> after(const Context& context, Transaction& transaction,
                                                const Account& account) {
  const auto id = context.arguments().find("--after");
  if (!id) return std::optional<directory::GroupId>();
  ASSIGN_OR_RETURN(const auto group, directory::find_group(transaction, account.id, *id));
  if (group) return std::optional(group->id);
  return fail(ErrorKind::NotFound, directory::kNoGroup,
              fmt::format("Account {} has no group “{}” to continue after.", account.slug, printable(*id)));
}

Result<Reply> list_groups(Context& context) {
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto begin, after(context, transaction, account));
    ASSIGN_OR_RETURN(const auto departments, directory::list_departments(transaction, account.id));
    const auto limit = static_cast<std::size_t>(limit_of(context));
    json::Array groups;
    json::Value next;
    RETURN_IF_ERROR(directory::scan_groups(transaction, account.id, begin, 0, [&](const Group& group) {
      if (groups.size() == limit) {
        next = groups.back().at("id");
        return false;
      }
      groups.push_back(describe(group, departments));
      return true;
    }));
    Reply reply;
    reply.text =
        table_text(groups, {"id", "name", "grants_administrator", "department"}, "There is no group yet.");
    if (!next.is_null())
      reply.text += fmt::format("\n\nThere are more: --after {}", std::string_view(next.as_string()));
    reply.json = {{"groups", std::move(groups)}, {"next", std::move(next)}};
    return reply;
  });
}

Result<Reply> show_group(Context& context) {
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const Group group, find_group(context, transaction, account));
    ASSIGN_OR_RETURN(json::Object object, describe_group(transaction, account, group));
    const int limit = limit_of(context);
    ASSIGN_OR_RETURN(const auto members,
                     directory::list_members(transaction, account.id, group.id, 0, limit + 1));
    json::Array first;
    for (const auto& member : members) {
      if (std::cmp_equal(first.size(), limit)) break;
      first.push_back(json::Object{{"id", member.public_id}, {"name", member.shown_name}});
    }
    const bool more = members.size() > first.size();
    std::string text = fields_text(object) + "\n\n" + table_text(first, {"id", "name"}, "Nobody is in it.");
    if (more) text += fmt::format("\n\nThere are more members than these {}.", limit);
    object["members"] = std::move(first);
    object["more_members"] = more;
    return Reply{{{"group", std::move(object)}}, std::move(text)};
  });
}

Result<Reply> map_group(Context& context) {
  const Arguments& arguments = context.arguments();
  const auto administrator = arguments.find("--administrator");
  const auto department = arguments.find("--department");
  if (!administrator && !department) {
    return fail(ErrorKind::InvalidInput, kUsage, "Give --administrator, --department or both.");
  }
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const Group group, find_group(context, transaction, account));
    directory::GroupMapping mapping{.grants_administrator = group.grants_administrator,
                                    .department = group.department};
    if (administrator) mapping.grants_administrator = *administrator == "yes";
    if (department == "none") {
      mapping.department.reset();
    } else if (department) {
      ASSIGN_OR_RETURN(mapping.department, context.department(transaction, account));
    }
    RETURN_IF_ERROR(
        directory::map_group(transaction, account.id, group.id, mapping, context.actor(), context.now()));
    ASSIGN_OR_RETURN(const Group mapped, directory::load_group(transaction, account.id, group.id));
    ASSIGN_OR_RETURN(json::Object object, describe_group(transaction, account, mapped));
    const std::string text = fmt::format(
        "Members of {} {} administrators by it and {}.", printable(mapped.display_name),
        mapped.grants_administrator ? "are" : "are not",
        mapped.department ? fmt::format("go to department {}", printable(object.at("department").as_string()))
                          : "go to no department of their own");
    return Reply{{{"group", std::move(object)}}, text};
  });
}

}  // namespace

std::vector<Command> group_commands() {
  const Positional group{"GROUP", "Name or id of the group"};
  return {
      {.name = "group list",
       .summary = "List the groups that the company's directory provisioned",
       .positionals = {kAccount},
       .options = {limit_option(),
                   {.name = "--after",
                    .placeholder = "ID",
                    .help = "Continue there: “next” of the last page"}},
       .run = list_groups},
      {.name = "group show",
       .summary = "Show a group and its first members",
       .positionals = {kAccount, group},
       .options = {limit_option()},
       .run = show_group},
      {.name = "group map",
       .summary = "Say what the members of a group get here",
       .positionals = {kAccount, group},
       .options = {{.name = "--administrator",
                    .help = "Whether they are administrators",
                    .choices = {"yes", "no"}},
                   {.name = "--department",
                    .placeholder = "NAME",
                    .help = "Name or id of the department that they go to; none for no department"}},
       .run = map_group},
  };
}

}  // namespace doorward::server
