#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "directory/provisioning_tokens.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/describe.h"
#include "server/reply.h"

namespace doorward::server {

namespace {

using directory::Account;
using directory::ProvisioningSecret;
using directory::ProvisioningToken;
using storage::Transaction;

directory::NewProvisioningToken read_new_token(const Context& context) {
  const Arguments& arguments = context.arguments();
  directory::NewProvisioningToken token{.name = arguments.find("--name").value_or("")};
  if (const auto scope = arguments.find("--scope")) {
    const auto known = directory::parse_token_scope(*scope);
    CHECK(known.has_value());
    token.scope = *known;
  }
  if (const auto days = arguments.integer("--expires-in-days"))
    token.expires_at = context.now() + std::chrono::hours(24) * *days;
  return token;
}

struct Created {
  Account account;
  ProvisioningToken token;
  ProvisioningSecret secret;
};

Result<Reply> create_scim_token(Context& context) {
  const auto wanted = read_new_token(context);
  const auto created = context.write([&](Transaction& transaction) -> Result<Created> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ProvisioningSecret secret = ProvisioningSecret::issue(account);
    ASSIGN_OR_RETURN(ProvisioningToken token,
                     directory::create_provisioning_token(transaction, account, secret, wanted,
                                                          context.actor(), context.now()));
    return Created{account, std::move(token), std::move(secret)};
  });
  if (!created) return fail(created.error());
  const std::string_view secret = created->secret.value().reveal();
  const std::string tenant_url = public_url(context.config()).origin() + "/scim/v2";
  const std::string expiry = created->token.expires_at
                                 ? fmt::format("until {}", format_rfc3339(*created->token.expires_at))
                                 : std::string("until it is revoked");
  return Reply{
      {{"token", describe(created->token, context.now())}, {"secret", secret}, {"tenant_url", tenant_url}},
      fmt::format("Token {} of account {} was created. It is valid {}.\n\n"
                  "Tenant URL    {}\n"
                  "Secret token  {}  (shown only now)",
                  printable(created->token.name), created->account.slug, expiry, tenant_url, secret)};
}

Result<Reply> list_scim_tokens(Context& context) {
  const auto tokens = context.read([&](Transaction& transaction) -> Result<json::Array> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto all, directory::list_provisioning_tokens(transaction, account.id));
    json::Array described;
    for (const ProvisioningToken& token : all)
      described.push_back(describe(token, context.now()));
    return described;
  });
  if (!tokens) return fail(tokens.error());
  return Reply{{{"tokens", *tokens}},
               table_text(*tokens, {"id", "name", "scope", "status", "expires_at", "last_used_at"},
                          "There is no provisioning token yet.")};
}

Result<Reply> revoke_scim_token(Context& context) {
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const auto token,
                     directory::find_provisioning_token(
                         transaction, account.id, context.arguments().positional("TOKEN"), context.now()));
    RETURN_IF_ERROR(directory::revoke_provisioning_token(transaction, account.id, token.id, context.actor(),
                                                         context.now()));
    ASSIGN_OR_RETURN(const auto revoked, directory::find_provisioning_token(transaction, account.id,
                                                                            token.public_id, context.now()));
    return Reply{{{"token", describe(revoked, context.now())}},
                 fmt::format("Token {} of account {} is not accepted any more.", printable(revoked.name),
                             account.slug)};
  });
}

}  // namespace

std::vector<Command> scim_token_commands() {
  return {
      {.name = "scim-token create",
       .summary = "Make a secret with which a company's directory service provisions employees and groups",
       .positionals = {kAccount},
       .options = {{.name = "--name",
                    .placeholder = "NAME",
                    .help = "What to call the directory service (default: Directory)"},
                   {.name = "--scope",
                    .help = "What it may change; all scopes read everything (default: full)",
                    .choices = {"full", "users", "groups", "read"}},
                   {.name = "--expires-in-days",
                    .placeholder = "COUNT",
                    .help = "How long it is valid (default: until it is revoked)",
                    .range = Option::Range{1, 3650}}},
       .run = create_scim_token},
      {.name = "scim-token list",
       .summary = "List the provisioning tokens of an account, the newest first",
       .positionals = {kAccount},
       .run = list_scim_tokens},
      {.name = "scim-token revoke",
       .summary = "Accept a provisioning token no more, at once",
       .positionals = {kAccount, {"TOKEN", "Id of the token, or the name of a valid one"}},
       .run = revoke_scim_token},
  };
}

}  // namespace doorward::server
