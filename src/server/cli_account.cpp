#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "crypto/password.h"
#include "directory/accounts.h"
#include "directory/connections.h"
#include "directory/domains.h"
#include "directory/employees.h"
#include "directory/test_accounts.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/describe.h"
#include "server/reply.h"

namespace doorward::server {

namespace {

using directory::Account;
using directory::Employee;
using storage::Transaction;

/// Fails unless the text is an address: nobody could sign in with anything else.
Result<void> check_email(const std::string& email) {
  if (directory::is_email_address(email)) return {};
  return fail(ErrorKind::InvalidInput, "cli.email",
              fmt::format("“{}” is not an e-mail address.", printable(email)));
}

Result<directory::Plan> plan_argument(const Context& context) {
  const auto plan = directory::parse_plan(context.arguments().value("--plan"));
  CHECK(plan.has_value());
  return *plan;
}

Result<Reply> create_account(Context& context) {
  const Arguments& arguments = context.arguments();
  const std::string email = arguments.value("--admin");
  RETURN_IF_ERROR(check_email(email));
  ASSIGN_OR_RETURN(const auto plan, plan_argument(context));
  ASSIGN_OR_RETURN(const auto given, take_password(context));
  const std::string hash = crypto::hash_password(given.password);

  const auto made = context.write([&](Transaction& transaction) -> Result<std::pair<Account, Employee>> {
    directory::NewAccount account{.name = arguments.positional("NAME"), .plan = plan};
    if (const auto parent = arguments.find("--parent")) {
      ASSIGN_OR_RETURN(const Account found, directory::find_account(transaction, *parent));
      account.parent = found.id;
    }
    ASSIGN_OR_RETURN(const Account created,
                     directory::create_account(transaction, account, context.actor(), context.now()));
    const directory::NewEmployee administrator{
        .account = created.id, .profile = {.user_name = email, .email = email}, .administrator = true};
    ASSIGN_OR_RETURN(const Employee employee,
                     directory::create_employee(transaction, administrator, context.actor(), context.now()));
    RETURN_IF_ERROR(
        directory::set_password(transaction, created.id, employee.id, hash, context.actor(), context.now()));
    ASSIGN_OR_RETURN(const Employee reloaded, directory::load_employee(transaction, created.id, employee.id));
    return std::pair(created, reloaded);
  });
  if (!made) return fail(made.error());
  const auto& [account, administrator] = *made;

  Reply reply;
  reply.json = {{"account", describe(account)}, {"administrator", describe(administrator)}};
  reply.text =
      fmt::format("Account {} was created.\n\nName           {}\nPlan           {}\nAdministrator  {}",
                  account.slug, printable(account.name), to_text(account.plan), printable(email));
  if (given.generated) {
    reply.json["password"] = given.password.reveal();
    reply.text += fmt::format("\nPassword       {}  (shown only now)", given.password.reveal());
  }
  return reply;
}

Result<Reply> list_accounts(Context& context) {
  const int limit = context.arguments().integer("--limit").value_or(kDefaultLimit);
  const auto accounts = context.read([&](Transaction& transaction) -> Result<std::vector<Account>> {
    std::optional<directory::AccountId> after;
    if (const auto name = context.arguments().find("--after")) {
      ASSIGN_OR_RETURN(const Account last, directory::find_account(transaction, *name));
      after = last.id;
    }
    return directory::list_accounts(transaction, after, limit);
  });
  if (!accounts) return fail(accounts.error());
  json::Array described;
  for (const Account& account : *accounts)
    described.push_back(describe(account));
  Reply reply;
  reply.text =
      table_text(described, {"slug", "name", "plan", "test_account_of", "sso_enforced", "created_at"},
                 "There is no account yet.");
  const bool full = std::cmp_equal(accounts->size(), limit);
  if (full) reply.text += fmt::format("\n\nThere may be more: --after {}", accounts->back().slug);
  reply.json = {{"accounts", std::move(described)},
                {"next", full ? json::Value(accounts->back().slug) : json::Value(nullptr)}};
  return reply;
}

/// An account with what is in it.
struct Contents {
  Account account;
  std::int64_t employees = 0;
  std::vector<directory::Connection> connections;
  std::vector<directory::Domain> domains;
  std::optional<Account> parent;
  std::vector<directory::TestAccount> test_accounts;
};

Result<Contents> load_contents(const Context& context, Transaction& transaction) {
  Contents contents;
  ASSIGN_OR_RETURN(contents.account, context.account(transaction));
  const auto id = contents.account.id;
  ASSIGN_OR_RETURN(contents.employees, directory::count_employees(transaction, id));
  ASSIGN_OR_RETURN(contents.connections, directory::list_connections(transaction, id));
  ASSIGN_OR_RETURN(contents.domains, directory::list_domains(transaction, id));
  ASSIGN_OR_RETURN(contents.test_accounts, directory::list_test_accounts(transaction, id));
  if (contents.account.parent) {
    ASSIGN_OR_RETURN(contents.parent, directory::load_account(transaction, *contents.account.parent));
  }
  return contents;
}

json::Object describe_contents(const Contents& contents) {
  json::Object object = describe(contents.account);
  object["parent"] = contents.parent ? json::Value(contents.parent->slug) : json::Value(nullptr);
  json::Array test_accounts;
  for (const auto& test : contents.test_accounts)
    test_accounts.emplace_back(test.account.slug);
  object["test_accounts"] = std::move(test_accounts);
  object["employees"] = contents.employees;
  json::Array connections;
  for (const auto& connection : contents.connections)
    connections.emplace_back(connection.name);
  object["connections"] = std::move(connections);
  json::Array domains;
  for (const auto& domain : contents.domains)
    domains.emplace_back(domain.name);
  object["domains"] = std::move(domains);
  return object;
}

Result<Reply> show_account(Context& context) {
  const auto contents =
      context.read([&](Transaction& transaction) { return load_contents(context, transaction); });
  if (!contents) return fail(contents.error());
  json::Object described = describe_contents(*contents);
  Reply reply;
  reply.text = fields_text(described);
  reply.json = {{"account", std::move(described)}};
  return reply;
}

Result<Reply> set_plan(Context& context) {
  ASSIGN_OR_RETURN(const auto plan, plan_argument(context));
  const auto changed = context.write([&](Transaction& transaction) -> Result<Account> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    RETURN_IF_ERROR(directory::set_plan(transaction, account.id, plan, context.actor(), context.now()));
    return directory::load_account(transaction, account.id);
  });
  if (!changed) return fail(changed.error());
  return Reply{{{"account", describe(*changed)}},
               fmt::format("Account {} has the {} plan now.", changed->slug, to_text(changed->plan))};
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

Result<Reply> remove_account(Context& context) {
  const bool confirmed = context.arguments().has("--yes");
  const auto removed = context.write([&](Transaction& transaction) -> Result<Contents> {
    ASSIGN_OR_RETURN(Contents contents, load_contents(context, transaction));
    if (!confirmed) {
      return fail(ErrorKind::Refused, "cli.not_confirmed",
                  fmt::format("This would remove account {} ({}) with {}, {}, {}, {}, and all its sessions, "
                              "sign-in records and "
                              "audit entries. It cannot be undone. To do it, add --yes.",
                              contents.account.slug, printable(contents.account.name),
                              counted(static_cast<std::size_t>(contents.employees), "employee", "employees"),
                              counted(contents.connections.size(), "connection", "connections"),
                              counted(contents.domains.size(), "domain", "domains"),
                              counted(contents.test_accounts.size(), "test account", "test accounts")));
    }
    RETURN_IF_ERROR(directory::delete_account(transaction, contents.account.id));
    return contents;
  });
  if (!removed) return fail(removed.error());
  return Reply{{{"deleted", describe_contents(*removed)}},
               fmt::format("Account {} was deleted.", removed->account.slug)};
}

}  // namespace

std::vector<Command> account_commands() {
  const Option plan{.name = "--plan",
                    .help = "SSO is part of the enterprise plan",
                    .need = Option::Need::Required,
                    .choices = {"free", "enterprise"}};
  return {
      {.name = "account create",
       .summary = "Create an account and its first administrator",
       .positionals = {{"NAME", "Name of the company; its short form becomes part of URLs"}},
       .options = {plan,
                   {.name = "--admin",
                    .placeholder = "EMAIL",
                    .help = "E-mail address of the administrator",
                    .need = Option::Need::Required},
                   password_option(),
                   {.name = "--parent",
                    .placeholder = "ACCOUNT",
                    .help = "Make a test account that shares the domains of this one"}},
       .run = create_account},
      {.name = "account list",
       .summary = "List accounts in the order of their creation",
       .options = {limit_option(),
                   {.name = "--after", .placeholder = "ACCOUNT", .help = "Continue behind this account"}},
       .run = list_accounts},
      {.name = "account show", .summary = "Show an account", .positionals = {kAccount}, .run = show_account},
      {.name = "account set-plan",
       .summary = "Change the plan of an account and of its test accounts",
       .positionals = {kAccount},
       .options = {plan},
       .run = set_plan},
      {.name = "account delete",
       .summary = "Delete an account with everything in it",
       .positionals = {kAccount},
       .options = {{.name = "--yes", .help = "Really do it"}},
       .run = remove_account},
  };
}

}  // namespace doorward::server
