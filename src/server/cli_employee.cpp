#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/password.h"
#include "directory/access_links.h"
#include "directory/departments.h"
#include "directory/domains.h"
#include "directory/employee_search.h"
#include "directory/employees.h"
#include "directory/identity.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/describe.h"
#include "server/reply.h"

namespace doorward::server {

namespace {

using directory::Account;
using directory::Employee;
using directory::LastAdministrator;
using storage::Transaction;

Result<directory::NewEmployee> read_new_employee(const Arguments& arguments) {
  directory::NewEmployee employee{.account = {}, .profile = {}, .administrator = arguments.has("--admin")};
  directory::Profile& profile = employee.profile;
  profile.email = arguments.value("--email");
  if (!directory::is_email_address(profile.email)) {
    return fail(ErrorKind::InvalidInput, "cli.email",
                fmt::format("“{}” is not an e-mail address.", printable(profile.email)));
  }
  profile.user_name = arguments.find("--user-name").value_or(profile.email);
  profile.given_name = arguments.find("--given-name").value_or("");
  profile.family_name = arguments.find("--family-name").value_or("");
  profile.display_name = arguments.find("--display-name").value_or("");
  profile.object_id = arguments.find("--object-id").value_or("");
  profile.external_id = arguments.find("--external-id").value_or("");
  return employee;
}

Result<Reply> create_employee(Context& context) {
  const Arguments& arguments = context.arguments();
  ASSIGN_OR_RETURN(auto wanted, read_new_employee(arguments));
  std::string hash;
  if (arguments.has("--password-stdin")) {
    ASSIGN_OR_RETURN(const auto given, take_password(context));
    hash = crypto::hash_password(given.password);
  }
  const auto created = context.write([&](Transaction& transaction) -> Result<Employee> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    wanted.account = account.id;
    if (arguments.has("--department")) {
      ASSIGN_OR_RETURN(wanted.department, context.department(transaction, account));
    }
    ASSIGN_OR_RETURN(const Employee employee,
                     directory::create_employee(transaction, wanted, context.actor(), context.now()));
    if (!hash.empty()) {
      RETURN_IF_ERROR(directory::set_password(transaction, account.id, employee.id, hash, context.actor(),
                                              context.now()));
    }
    return directory::load_employee(transaction, account.id, employee.id);
  });
  if (!created) return fail(created.error());
  return Reply{{{"employee", describe(*created)}},
               fmt::format("Employee {} was created.", printable(created->profile.user_name))};
}

directory::EmployeeSearch read_search(const Arguments& arguments) {
  directory::EmployeeSearch search;
  search.words = arguments.find("--search").value_or("");
  if (const auto status = arguments.find("--status")) search.active = *status == "active";
  if (arguments.has("--administrators")) search.administrator = true;
  return search;
}

Result<Reply> list_employees(Context& context) {
  const Arguments& arguments = context.arguments();
  const auto page = context.read([&](Transaction& transaction) -> Result<directory::EmployeePage> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    return directory::search_employees(transaction, account.id, read_search(arguments),
                                       arguments.find("--after"),
                                       arguments.integer("--limit").value_or(kDefaultLimit));
  });
  if (!page) return fail(page.error());
  json::Array employees;
  for (const Employee& employee : page->employees)
    employees.push_back(describe(employee));
  Reply reply;
  reply.text = table_text(employees, {"user_name", "email", "active", "administrator", "origin"},
                          "There is no such employee.");
  if (page->next) reply.text += fmt::format("\n\nThere are more: --after '{}'", printable(*page->next));
  reply.json = {{"employees", std::move(employees)},
                {"next", page->next ? json::Value(*page->next) : json::Value(nullptr)}};
  return reply;
}

Result<Reply> show_employee(Context& context) {
  const auto described = context.read([&](Transaction& transaction) -> Result<json::Object> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const Employee employee, context.employee(transaction, account));
    ASSIGN_OR_RETURN(const auto department,
                     directory::load_department(transaction, account.id, employee.department));
    ASSIGN_OR_RETURN(const auto links, directory::list_links(transaction, account.id, employee.id));
    ASSIGN_OR_RETURN(const auto connections, directory::list_connections(transaction, account.id));
    json::Object object = describe(employee);
    object["department"] = department.name;
    json::Array identities;
    for (const auto& link : links) {
      const auto connection = std::ranges::find(connections, link.connection, &directory::Connection::id);
      identities.push_back(
          json::Object{{"connection", connection == connections.end() ? json::Value(nullptr)
                                                                      : json::Value(connection->name)},
                       {"kind", to_text(link.kind)},
                       {"value", link.value},
                       {"linked_at", format_rfc3339(link.linked_at)}});
    }
    object["identities"] = std::move(identities);
    return object;
  });
  if (!described) return fail(described.error());
  return Reply{{{"employee", *described}}, fields_text(*described)};
}

using Change = std::function<Result<void>(Transaction&, const Account&, const Employee&)>;

/// Changes the named employee and says `done` about them.
Result<Reply> change_employee(Context& context, std::string_view done, const Change& body) {
  const auto changed = context.write([&](Transaction& transaction) -> Result<Employee> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const Employee employee, context.employee(transaction, account));
    RETURN_IF_ERROR(body(transaction, account, employee));
    return directory::load_employee(transaction, account.id, employee.id);
  });
  if (!changed) return fail(changed.error());
  return Reply{{{"employee", describe(*changed)}},
               fmt::format("{} {}", printable(changed->profile.user_name), done)};
}

LastAdministrator last_administrator(const Context& context) {
  return context.arguments().has("--force") ? LastAdministrator::MayGo : LastAdministrator::Protect;
}

/// Tells support what the console could not: that there is a way.
Result<void> with_hint(Result<void> outcome) {
  if (outcome || !(outcome.error().code == directory::kLastAdministrator)) return outcome;
  Error error = outcome.error();
  error.message += " Support may do it with --force.";
  return fail(std::move(error));
}

Result<Reply> deactivate_employee(Context& context) {
  return change_employee(context, "can no longer come in.",
                         [&](Transaction& transaction, const Account& account, const Employee& employee) {
                           return with_hint(directory::deactivate_employee(
                               transaction, account.id, employee.id, last_administrator(context),
                               context.actor(), context.now()));
                         });
}

Result<Reply> activate_employee(Context& context) {
  return change_employee(context, "may come in again. Administrator rights do not come back by themselves.",
                         [&](Transaction& transaction, const Account& account, const Employee& employee) {
                           return directory::activate_employee(transaction, account.id, employee.id,
                                                               context.actor(), context.now());
                         });
}

Result<Reply> grant_admin(Context& context) {
  return change_employee(context, "is an administrator.",
                         [&](Transaction& transaction, const Account& account, const Employee& employee) {
                           return directory::grant_administrator(transaction, account.id, employee.id,
                                                                 context.actor(), context.now());
                         });
}

Result<Reply> revoke_admin(Context& context) {
  return change_employee(context, "is no administrator any more.",
                         [&](Transaction& transaction, const Account& account, const Employee& employee) {
                           return with_hint(directory::revoke_administrator(
                               transaction, account.id, employee.id, last_administrator(context),
                               context.actor(), context.now()));
                         });
}

Result<Reply> unlink_employee(Context& context) {
  return change_employee(
      context, "is matched anew at the next sign-in.",
      [&](Transaction& transaction, const Account& account, const Employee& employee) -> Result<void> {
        ASSIGN_OR_RETURN(const auto connection, context.connection(transaction, account));
        return directory::remove_links(transaction, account.id, employee.id, connection.id, context.actor(),
                                       context.now());
      });
}

Result<Reply> reset_password(Context& context) {
  const bool remove = context.arguments().has("--remove");
  if (remove && context.arguments().has("--password-stdin")) {
    return fail(ErrorKind::InvalidInput, kUsage, "--remove and --password-stdin do not go together.");
  }
  std::string hash;
  std::optional<GivenPassword> given;
  if (!remove) {
    ASSIGN_OR_RETURN(given, take_password(context));
    hash = crypto::hash_password(given->password);
  }
  ASSIGN_OR_RETURN(
      Reply reply,
      change_employee(context,
                      remove ? "has no password any more." : "has a new password. All sessions were ended.",
                      [&](Transaction& transaction, const Account& account, const Employee& employee) {
                        return directory::set_password(transaction, account.id, employee.id, hash,
                                                       context.actor(), context.now());
                      }));
  if (given && given->generated) {
    reply.json["password"] = given->password.reveal();
    reply.text += fmt::format("\n\nPassword  {}  (shown only now)", given->password.reveal());
  }
  return reply;
}

Result<Reply> recovery_link(Context& context) {
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const Employee employee, context.employee(transaction, account));
    const auto secret = directory::AccessLinkSecret::issue(account);
    ASSIGN_OR_RETURN(
        const Timestamp expires_at,
        directory::create_access_link(transaction, account, employee, directory::LinkPurpose::Recovery,
                                      secret, {}, context.actor(), context.now()));
    const std::string link = access_link(context.config(), secret);
    return Reply{{{"employee", describe(employee)}, {"link", link}, {"expires_at", time_value(expires_at)}},
                 fmt::format("With this link {} chooses a password, once, until {}:\n\n{}",
                             printable(employee.profile.user_name), format_rfc3339(expires_at), link)};
  });
}

std::vector<Option> employee_create_options() {
  return {
      {.name = "--email", .placeholder = "EMAIL", .help = "E-mail address", .need = Option::Need::Required},
      {.name = "--user-name", .placeholder = "NAME", .help = "User name (default: the e-mail address)"},
      {.name = "--given-name", .placeholder = "NAME", .help = "Given name"},
      {.name = "--family-name", .placeholder = "NAME", .help = "Family name"},
      {.name = "--display-name", .placeholder = "NAME", .help = "Name to show"},
      {.name = "--object-id", .placeholder = "ID", .help = "The directory's immutable key, Entra's objectId"},
      {.name = "--external-id", .placeholder = "ID", .help = "SCIM's externalId"},
      {.name = "--department", .placeholder = "NAME", .help = "Name or id (default: the default department)"},
      {.name = "--admin", .help = "Make the employee an administrator"},
      {.name = "--password-stdin", .help = "Take a password from the first line of standard input"},
  };
}

}  // namespace

std::vector<Command> employee_commands() {
  const Option force{.name = "--force", .help = "Even if no administrator is left"};
  return {
      {.name = "employee create",
       .summary = "Create an employee",
       .positionals = {kAccount},
       .options = employee_create_options(),
       .run = create_employee},
      {.name = "employee list",
       .summary = "List employees by user name",
       .positionals = {kAccount},
       .options =
           {limit_option(),
            {.name = "--after", .placeholder = "CURSOR", .help = "Continue there: “next” of the last page"},
            {.name = "--search", .placeholder = "TEXT", .help = "Words of the name, user name or e-mail"},
            {.name = "--status", .help = "Only these", .choices = {"active", "inactive"}},
            {.name = "--administrators", .help = "Only administrators"}},
       .run = list_employees},
      {.name = "employee show",
       .summary = "Show an employee with the identities that are linked",
       .positionals = {kAccount, kEmployee},
       .run = show_employee},
      {.name = "employee deactivate",
       .summary = "Take away access: ends all sessions and administrator rights",
       .positionals = {kAccount, kEmployee},
       .options = {force},
       .run = deactivate_employee},
      {.name = "employee activate",
       .summary = "Give access back, without administrator rights",
       .positionals = {kAccount, kEmployee},
       .run = activate_employee},
      {.name = "employee grant-admin",
       .summary = "Make an employee an administrator",
       .positionals = {kAccount, kEmployee},
       .run = grant_admin},
      {.name = "employee revoke-admin",
       .summary = "Take administrator rights away",
       .positionals = {kAccount, kEmployee},
       .options = {force},
       .run = revoke_admin},
      {.name = "employee reset-password",
       .summary = "Give an employee a new password and end all sessions",
       .positionals = {kAccount, kEmployee},
       .options = {password_option(), {.name = "--remove", .help = "Leave the employee without a password"}},
       .run = reset_password},
      {.name = "employee recovery-link",
       .summary = "Make a link by which an employee chooses a password",
       .positionals = {kAccount, kEmployee},
       .run = recovery_link,
       .config_flags = ConfigFlags::All},
      {.name = "employee unlink",
       .summary =
           "Forget which identity of the provider an employee is, so that the next sign-in is matched anew",
       .positionals = {kAccount, kEmployee},
       .options = {connection_option()},
       .run = unlink_employee},
  };
}

}  // namespace doorward::server
