#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "directory/applications.h"
#include "directory/departments.h"
#include "directory/groups.h"
#include "oidc/protocol/jwk.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/describe.h"
#include "server/files.h"
#include "server/reply.h"

namespace doorward::server {

namespace {

using directory::Account;
using directory::Application;
using directory::ApplicationSettings;
using storage::Transaction;

/// The account that ACCOUNT names; nothing with `--all-accounts`.
Result<std::optional<Account>> owner(const Context& context, Transaction& transaction) {
  if (context.arguments().has("--all-accounts")) return std::nullopt;
  ASSIGN_OR_RETURN(Account account, context.account(transaction));
  return std::optional(std::move(account));
}

std::optional<directory::AccountId> id_of(const std::optional<Account>& account) {
  return account ? std::optional(account->id) : std::nullopt;
}

std::string whose(const std::optional<Account>& account) {
  return account ? fmt::format("account {}", account->slug) : std::string("all accounts");
}

Result<Application> find(const Context& context, Transaction& transaction,
                         const std::optional<Account>& account) {
  auto found = directory::find_own_application(transaction, id_of(account),
                                               context.arguments().positional("APPLICATION"));
  if (found || found.error().code != directory::kNoApplication) return found;
  return fail(ErrorKind::NotFound, directory::kNoApplication,
              fmt::format("There is no application “{}” of {}. doorward application list shows them.",
                          printable(context.arguments().positional("APPLICATION")), whose(account)));
}

Result<json::Object> describe_application(Transaction& transaction, const Application& application) {
  ASSIGN_OR_RETURN(const auto secrets, directory::list_application_secrets(transaction, application.id));
  return describe(application, secrets);
}

/// By id, else by a name that only one has.
Result<std::string> department_id(Transaction& transaction, const Account& account, const std::string& name) {
  ASSIGN_OR_RETURN(const auto all, directory::list_departments(transaction, account.id));
  std::vector<std::string> found;
  for (const auto& department : all) {
    if (department.public_id == name) return name;
    if (fold_case(department.name) == fold_case(name)) found.push_back(department.public_id);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return fail(ErrorKind::NotFound, "directory.no_department",
                fmt::format("Account {} has no department “{}”.", account.slug, printable(name)));
  }
  return fail(ErrorKind::Conflict, "cli.ambiguous_department",
              fmt::format("Account {} has {} departments “{}”. Name the one by its id.", account.slug,
                          found.size(), printable(name)));
}

Result<std::string> group_id(Transaction& transaction, const Account& account, const std::string& name) {
  ASSIGN_OR_RETURN(const auto by_id, directory::find_group(transaction, account.id, name));
  if (by_id) return by_id->public_id;
  ASSIGN_OR_RETURN(const auto found, directory::find_groups_by(transaction, account.id,
                                                               directory::GroupKey::DisplayName, name, 2));
  if (found.size() == 1) return found.front().public_id;
  if (found.empty()) {
    return fail(ErrorKind::NotFound, directory::kNoGroup,
                fmt::format("Account {} has no group “{}”.", account.slug, printable(name)));
  }
  return fail(ErrorKind::Conflict, "cli.ambiguous_group",
              fmt::format("Account {} has several groups “{}”. Name the one by its id.", account.slug,
                          printable(name)));
}

/// What `none` alone stands for: an empty list.
std::vector<std::string> values_of(const Arguments& arguments, std::string_view option) {
  std::vector<std::string> values = arguments.all(option);
  if (values.size() == 1 && values.front() == "none") values.clear();
  return values;
}

/// `none` takes the keys away.
Result<std::string> read_key_set(const std::string& path) {
  if (path == "none") return std::string();
  ASSIGN_OR_RETURN(std::string text, read_whole_file(path, oidc::protocol::JwkSet::kMaxBytes));
  ASSIGN_OR_RETURN(const auto keys, oidc::protocol::JwkSet::parse(text));
  if (keys.keys().empty()) {
    return fail(ErrorKind::InvalidInput, "cli.no_usable_key",
                "The key set has no key that can be used here: RSA of at least 2048 bits, or EC P-256, to "
                "sign with.");
  }
  return text;
}

/// What was given about who may use it. Naming a department or group means that it is for those chosen.
Result<void> take_access(const Context& context, Transaction& transaction,
                         const std::optional<Account>& account, ApplicationSettings& settings) {
  const Arguments& arguments = context.arguments();
  const bool names_some = arguments.has("--department") || arguments.has("--group");
  if (names_some && !account) {
    return fail(ErrorKind::InvalidInput, kUsage,
                "Departments and groups are an account's own: an application of all accounts has none.");
  }
  if (const auto access = arguments.find("--access")) {
    const auto parsed = directory::parse_application_access(*access);
    CHECK(parsed.has_value());
    settings.access = *parsed;
  } else if (names_some) {
    settings.access = directory::ApplicationAccess::Chosen;
  }
  if (names_some && settings.access != directory::ApplicationAccess::Chosen) {
    return fail(ErrorKind::InvalidInput, kUsage,
                "Departments and groups count only with --access chosen, which is what naming them means.");
  }
  if (arguments.has("--department")) {
    settings.departments.clear();
    for (const std::string& name : values_of(arguments, "--department")) {
      ASSIGN_OR_RETURN(std::string id, department_id(transaction, *account, name));
      settings.departments.push_back(std::move(id));
    }
  }
  if (arguments.has("--group")) {
    settings.groups.clear();
    for (const std::string& name : values_of(arguments, "--group")) {
      ASSIGN_OR_RETURN(std::string id, group_id(transaction, *account, name));
      settings.groups.push_back(std::move(id));
    }
  }
  return {};
}

/// What was given; all else stays as it is.
Result<ApplicationSettings> take_settings(const Context& context, Transaction& transaction,
                                          const std::optional<Account>& account,
                                          ApplicationSettings settings) {
  const Arguments& arguments = context.arguments();
  RETURN_IF_ERROR(take_access(context, transaction, account, settings));
  const std::pair<std::string_view, std::vector<std::string>*> lists[] = {
      {"--redirect-uri", &settings.redirect_uris},
      {"--post-logout-redirect-uri", &settings.post_logout_redirect_uris},
      {"--origin", &settings.origins}};
  for (const auto& [option, list] : lists) {
    if (arguments.has(option)) *list = values_of(arguments, option);
  }
  if (const auto uri = arguments.find("--backchannel-logout-uri"))
    settings.backchannel_logout_uri = *uri == "none" ? std::string() : *uri;
  if (arguments.has("--scope")) {
    settings.scope.clear();
    for (const std::string& scope : arguments.all("--scope"))
      settings.scope += (settings.scope.empty() ? "" : " ") + scope;
  }
  if (const auto consent = arguments.on_off("--consent")) settings.asks_consent = *consent;
  if (const auto format = arguments.find("--access-token-format")) {
    const auto parsed = directory::parse_access_token_format(*format);
    CHECK(parsed.has_value());
    settings.access_token_format = *parsed;
  }
  if (const auto algorithm = arguments.find("--id-token-algorithm")) settings.id_token_algorithm = *algorithm;
  if (const auto path = arguments.find("--jwks-file")) {
    ASSIGN_OR_RETURN(settings.jwks, read_key_set(*path));
  }
  return settings;
}

struct Created {
  std::optional<Account> account;
  json::Object described;
  Application application;
  std::optional<directory::IssuedApplicationSecret> secret;
};

Result<Created> create_in(const Context& context, Transaction& transaction) {
  const auto kind = directory::parse_application_kind(context.arguments().find("--kind").value_or("web"));
  CHECK(kind.has_value());
  Created created;
  ASSIGN_OR_RETURN(created.account, owner(context, transaction));
  ASSIGN_OR_RETURN(
      ApplicationSettings settings,
      take_settings(context, transaction, created.account, {.name = context.arguments().positional("NAME")}));
  ASSIGN_OR_RETURN(
      created.application,
      directory::create_application(
          transaction, {.account = id_of(created.account), .kind = *kind, .settings = std::move(settings)},
          context.actor(), context.now()));
  // Who brings keys has no use for a secret.
  if (created.application.keeps_secrets() && created.application.settings.jwks.empty()) {
    ASSIGN_OR_RETURN(created.secret, directory::add_application_secret(transaction, created.application,
                                                                       context.actor(), context.now()));
  }
  ASSIGN_OR_RETURN(created.described, describe_application(transaction, created.application));
  return created;
}

Result<Reply> create_application(Context& context) {
  const auto created =
      context.write([&](Transaction& transaction) { return create_in(context, transaction); });
  if (!created) return fail(created.error());
  const std::string issuer = public_url(context.config()).origin();
  Reply reply;
  reply.json = {{"application", created->described}, {"issuer", issuer}};
  reply.text = fmt::format("Application {} of {} was created.\n\nIssuer         {}\nClient id      {}",
                           printable(created->application.settings.name), whose(created->account), issuer,
                           created->application.client_id);
  if (created->secret) {
    reply.json["secret"] = created->secret->value.reveal();
    reply.text += fmt::format("\nClient secret  {}  (shown only now)", created->secret->value.reveal());
  }
  return reply;
}

Result<Reply> list_applications(Context& context) {
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const auto account, owner(context, transaction));
    ASSIGN_OR_RETURN(const auto found, directory::list_applications(transaction, id_of(account)));
    json::Array applications;
    for (const Application& application : found) {
      ASSIGN_OR_RETURN(auto described, describe_application(transaction, application));
      applications.push_back(std::move(described));
    }
    const std::string text = table_text(applications, {"client_id", "name", "kind", "access", "active"},
                                        "There is no application yet.");
    return Reply{{{"applications", std::move(applications)}}, text};
  });
}

Result<Reply> show_application(Context& context) {
  return context.read([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const auto account, owner(context, transaction));
    ASSIGN_OR_RETURN(const auto application, find(context, transaction, account));
    ASSIGN_OR_RETURN(auto described, describe_application(transaction, application));
    const std::string text = fields_text(described);
    return Reply{{{"application", std::move(described)}}, text};
  });
}

Result<Reply> update_application(Context& context) {
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const auto account, owner(context, transaction));
    ASSIGN_OR_RETURN(const auto application, find(context, transaction, account));
    ASSIGN_OR_RETURN(auto settings, take_settings(context, transaction, account, application.settings));
    if (const auto name = context.arguments().find("--name")) settings.name = *name;
    if (const auto active = context.arguments().on_off("--active")) settings.active = *active;
    ASSIGN_OR_RETURN(const auto changed, directory::update_application(transaction, application.id, settings,
                                                                       context.actor(), context.now()));
    ASSIGN_OR_RETURN(auto described, describe_application(transaction, changed));
    const std::string text = fields_text(described);
    return Reply{{{"application", std::move(described)}}, text};
  });
}

Result<Reply> remove_application(Context& context) {
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const auto account, owner(context, transaction));
    ASSIGN_OR_RETURN(const auto application, find(context, transaction, account));
    RETURN_IF_ERROR(
        directory::delete_application(transaction, application.id, context.actor(), context.now()));
    return Reply{{{"deleted", application.client_id}},
                 fmt::format("Application {} of {} was deleted, and all that it was given has ended.",
                             printable(application.settings.name), whose(account))};
  });
}

Result<Reply> add_secret(Context& context) {
  const auto issued =
      context.write([&](Transaction& transaction) -> Result<directory::IssuedApplicationSecret> {
        ASSIGN_OR_RETURN(const auto account, owner(context, transaction));
        ASSIGN_OR_RETURN(const auto application, find(context, transaction, account));
        return directory::add_application_secret(transaction, application, context.actor(), context.now());
      });
  if (!issued) return fail(issued.error());
  return Reply{{{"id", issued->secret.public_id}, {"secret", issued->value.reveal()}},
               fmt::format("Client secret  {}  (shown only now)", issued->value.reveal())};
}

Result<Reply> remove_secret(Context& context) {
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const auto account, owner(context, transaction));
    ASSIGN_OR_RETURN(const auto application, find(context, transaction, account));
    const std::string& secret = context.arguments().positional("SECRET");
    RETURN_IF_ERROR(directory::remove_application_secret(transaction, application, secret, context.actor(),
                                                         context.now()));
    return Reply{{{"removed", secret}}, "The secret is not accepted any more."};
  });
}

constexpr Positional kApplication = {"APPLICATION", "Client id or name of the application"};

Option all_accounts_option() {
  return {.name = "--all-accounts",
          .help = "In place of ACCOUNT: an application that serves every account",
          .in_place_of = "ACCOUNT"};
}

/// What create and update take.
std::vector<Option> application_setting_options() {
  return {
      all_accounts_option(),
      {.name = "--redirect-uri",
       .placeholder = "URI",
       .help = "Where sign-ins may end; compared byte by byte (may be repeated)",
       .need = Option::Need::Repeatable},
      {.name = "--post-logout-redirect-uri",
       .placeholder = "URI",
       .help = "Where sign-outs may end (may be repeated)",
       .need = Option::Need::Repeatable},
      {.name = "--origin",
       .placeholder = "ORIGIN",
       .help = "Of a proxy: whose pages it guards, https://wiki.example.com (may be repeated)",
       .need = Option::Need::Repeatable},
      {.name = "--backchannel-logout-uri",
       .placeholder = "URI",
       .help = "Where it wants to be told that somebody is signed out"},
      {.name = "--access",
       .help = "Who may use it (default: everyone)",
       .choices = {"everyone", "administrators", "chosen"}},
      {.name = "--department",
       .placeholder = "NAME",
       .help = "Whoever is in it, or below it, may use it (may be repeated)",
       .need = Option::Need::Repeatable},
      {.name = "--group",
       .placeholder = "NAME",
       .help = "Whoever is in it may use it (may be repeated)",
       .need = Option::Need::Repeatable},
      {.name = "--scope",
       .placeholder = "NAME",
       .help = "What it may ask for (may be repeated; default: what its kind needs)",
       .need = Option::Need::Repeatable},
      {.name = "--consent", .help = "Whether employees are asked first", .choices = {"on", "off"}},
      {.name = "--access-token-format",
       .help = "Opaque ones end at once with access, JWTs within minutes (default: opaque)",
       .choices = {"opaque", "jwt"}},
      {.name = "--id-token-algorithm",
       .help = "What ID tokens are signed with (default: RS256)",
       .choices = {"RS256", "ES256"}},
      {.name = "--jwks-file",
       .placeholder = "FILE",
       .help = "Its public keys, with which it proves who it is in place of a secret"},
  };
}

std::vector<Option> application_create_options() {
  const Option kind = {
      .name = "--kind", .help = "What it is (default web)", .choices = {"web", "public", "service", "proxy"}};
  std::vector<Option> options = application_setting_options();
  options.insert(options.begin(), kind);
  return options;
}

std::vector<Option> application_update_options() {
  std::vector<Option> options = application_setting_options();
  options.push_back({.name = "--name", .placeholder = "NAME", .help = "What to call it"});
  options.push_back({.name = "--active",
                     .help = "Off: nobody gets in, and all that it was given ends",
                     .choices = {"on", "off"}});
  return options;
}

}  // namespace

std::vector<Command> application_commands() {
  return {
      {.name = "application create",
       .summary = "Make an application that may ask who employees are, and print its secret once",
       .positionals = {kAccount, {"NAME", "What to call it"}},
       .options = application_create_options(),
       .run = create_application},
      {.name = "application list",
       .summary = "List the applications of an account",
       .positionals = {kAccount},
       .options = {all_accounts_option()},
       .run = list_applications},
      {.name = "application show",
       .summary = "Show an application",
       .positionals = {kAccount, kApplication},
       .options = {all_accounts_option()},
       .run = show_application},
      {.name = "application update",
       .summary = "Change an application; what no longer fits ends at once",
       .positionals = {kAccount, kApplication},
       .options = application_update_options(),
       .run = update_application},
      {.name = "application delete",
       .summary = "Delete an application and end all that it was given",
       .positionals = {kAccount, kApplication},
       .options = {all_accounts_option()},
       .run = remove_application},
      {.name = "application add-secret",
       .summary = "Make a second secret for an application, to change over to it",
       .positionals = {kAccount, kApplication},
       .options = {all_accounts_option()},
       .run = add_secret},
      {.name = "application remove-secret",
       .summary = "Accept a secret of an application no more, at once",
       .positionals = {kAccount, kApplication, {"SECRET", "Id of the secret"}},
       .options = {all_accounts_option()},
       .run = remove_secret},
  };
}

}  // namespace doorward::server
