#include <fmt/format.h>

#include "directory/connections.h"
#include "directory/domains.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/describe.h"
#include "server/reply.h"

namespace doorward::server {

namespace {

using directory::Account;
using storage::Transaction;

/// The domains of the account as the commands show them.
Result<json::Array> describe_domains(Transaction& transaction, const Account& account) {
  ASSIGN_OR_RETURN(const auto domains, directory::list_domains(transaction, account.id));
  ASSIGN_OR_RETURN(const auto connections, directory::list_connections(transaction, account.id));
  json::Array described;
  for (const auto& domain : domains)
    described.push_back(describe(domain, connections));
  return described;
}

Result<Reply> add_domain(Context& context) {
  const auto added = context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    directory::NewDomain wanted{.account = account.id, .name = context.arguments().positional("DOMAIN")};
    if (context.arguments().has("--connection")) {
      ASSIGN_OR_RETURN(const auto connection, context.connection(transaction, account));
      wanted.connection = connection.id;
    }
    ASSIGN_OR_RETURN(const auto domain,
                     directory::add_domain(transaction, wanted, context.actor(), context.now()));
    ASSIGN_OR_RETURN(const auto connections, directory::list_connections(transaction, account.id));
    return Reply{{{"domain", describe(domain, connections)}},
                 fmt::format("{} is a domain of account {}.", domain.name, account.slug)};
  });
  return added;
}

Result<Reply> assign_domain(Context& context) {
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto connection, context.connection(transaction, account));
    const std::string& name = context.arguments().positional("DOMAIN");
    RETURN_IF_ERROR(directory::assign_domain(transaction, account.id, name, connection.id, context.actor(),
                                             context.now()));
    ASSIGN_OR_RETURN(const auto normal, directory::normalise_domain(name));
    return Reply{{{"domain", normal}, {"connection", connection.name}},
                 fmt::format("People of {} sign in through connection {}.", normal, connection.name)};
  });
}

Result<Reply> remove_domain(Context& context) {
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto normal,
                     directory::normalise_domain(context.arguments().positional("DOMAIN")));
    ASSIGN_OR_RETURN(const auto origins, directory::remove_domain(transaction, account.id, normal,
                                                                  context.actor(), context.now()));
    std::string told = fmt::format("{} is no domain of account {} any more.", normal, account.slug);
    if (!origins.empty()) {
      told += fmt::format(" Applications lost the addresses that it proved: {}.", fmt::join(origins, ", "));
    }
    return Reply{{{"removed", normal}, {"origins_removed", json::Array(origins.begin(), origins.end())}},
                 std::move(told)};
  });
}

Result<Reply> list_domains(Context& context) {
  const auto domains = context.read([&](Transaction& transaction) -> Result<json::Array> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    return describe_domains(transaction, account);
  });
  if (!domains) return fail(domains.error());
  return Reply{{{"domains", *domains}},
               table_text(*domains, {"name", "proof", "connection", "added_at"}, "There is no domain yet.")};
}

}  // namespace

std::vector<Command> domain_commands() {
  const Positional domain{"DOMAIN", "E-mail domain, for example example.com"};
  Option required_connection = connection_option();
  required_connection.need = Option::Need::Required;
  return {
      {.name = "domain add",
       .summary = "Give an account an e-mail domain; support vouches for it",
       .positionals = {kAccount, domain},
       .options = {connection_option()},
       .run = add_domain},
      {.name = "domain assign",
       .summary = "Say which connection signs in the people of a domain",
       .positionals = {kAccount, domain},
       .options = {required_connection},
       .run = assign_domain},
      {.name = "domain remove",
       .summary = "Take a domain away from an account",
       .positionals = {kAccount, domain},
       .run = remove_domain},
      {.name = "domain list",
       .summary = "List the domains of an account",
       .positionals = {kAccount},
       .run = list_domains},
  };
}

}  // namespace doorward::server
