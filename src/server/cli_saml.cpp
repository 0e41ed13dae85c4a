#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "directory/connections.h"
#include "directory/domains.h"
#include "saml/account_setup.h"
#include "saml/protocol/metadata.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/describe.h"
#include "server/files.h"
#include "server/outbound.h"
#include "server/reply.h"
#include "setup/metadata.h"

namespace doorward::server {

namespace {

using directory::Account;
using directory::Connection;
using storage::Transaction;

/// What an administrator enters at the identity provider.
json::Object describe_service_provider(const Config& config, const Account& account) {
  const auto urls = saml::Urls::of(public_url(config).origin(), account.slug);
  return {{"entity_id", urls.entity_id},
          {"acs_url", urls.acs},
          {"metadata_url", urls.entity_id},
          {"login_url", urls.login},
          {"logout_url", urls.logout}};
}

Result<json::Object> describe_connection(Transaction& transaction, const Account& account,
                                         const Connection& connection, Timestamp now) {
  ASSIGN_OR_RETURN(const auto domains, directory::list_domains(transaction, account.id));
  json::Array names;
  for (const auto& domain : domains) {
    if (domain.connection == connection.id) names.emplace_back(domain.name);
  }
  json::Object object = describe(connection, now);
  object["domains"] = std::move(names);
  return object;
}

Result<Reply> show_saml(Context& context) {
  const auto shown = context.read([&](Transaction& transaction) -> Result<json::Object> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(auto connections, directory::list_connections(transaction, account.id));
    if (context.arguments().has("--connection")) {
      ASSIGN_OR_RETURN(auto only, context.connection(transaction, account));
      connections = {std::move(only)};
    }
    json::Array described;
    for (const Connection& connection : connections) {
      ASSIGN_OR_RETURN(auto object, describe_connection(transaction, account, connection, context.now()));
      described.push_back(std::move(object));
    }
    return json::Object{{"account", account.slug},
                        {"provision_at_sign_in", account.provision_at_sign_in},
                        {"service_provider", describe_service_provider(context.config(), account)},
                        {"connections", std::move(described)}};
  });
  if (!shown) return fail(shown.error());
  return Reply{*shown, fields_text(*shown)};
}

/// The document that `--url` or `--file` names.
Result<directory::MetadataSource> take_metadata(const Context& context) {
  const auto url = context.arguments().find("--url");
  const auto file = context.arguments().find("--file");
  if (url.has_value() == file.has_value()) {
    return fail(ErrorKind::InvalidInput, kUsage, "Give either --url URL or --file FILE.");
  }
  if (file) {
    const std::string path = *file == "-" ? "/dev/stdin" : *file;
    ASSIGN_OR_RETURN(auto document, read_whole_file(path, saml::protocol::IdpMetadata::kMaxBytes));
    return directory::MetadataSource{
        .url = {}, .document = std::move(document), .etag = {}, .fetched_at = context.now()};
  }
  ASSIGN_OR_RETURN(const Url parsed, Url::parse(*url));
  return setup::fetch_metadata(parsed, fetch_options(context.config(), parsed), context.now());
}

/// The directory's refusal with the way around it.
Error with_hint(Error error) {
  if (error.code == ErrorCode("directory.entity_id_changed")) error.message += " Add --replace-entity-id.";
  return error;
}

std::string stored_text(const Account& account, const setup::StoredProvider& stored) {
  const std::string& name = stored.connection.name;
  if (stored.created) {
    return fmt::format("Account {} has the connection {} to {}.", account.slug, name,
                       printable(stored.connection.provider.entity_id));
  }
  return stored.changed ? fmt::format("Connection {} of account {} has new metadata.", name, account.slug)
                        : fmt::format("Connection {} of account {} is up to date.", name, account.slug);
}

Result<Reply> set_metadata(Context& context) {
  const Arguments& arguments = context.arguments();
  ASSIGN_OR_RETURN(const auto source, take_metadata(context));
  const auto read =
      setup::read_metadata(source.document, arguments.find("--entity-id").value_or(""), context.now());
  const std::string findings = setup::findings_text(read.report);
  if (!read.provider) {
    return fail(ErrorKind::InvalidInput, code(*read.report.failure()->finding), findings);
  }
  const auto change = arguments.has("--replace-entity-id") ? directory::EntityIdChange::Allow
                                                           : directory::EntityIdChange::Refuse;
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    const auto stored = setup::store_provider(transaction, account, arguments.find("--connection"),
                                              *read.provider, source, change, context.actor(), context.now());
    if (!stored) return fail(with_hint(stored.error()));
    ASSIGN_OR_RETURN(auto described,
                     describe_connection(transaction, account, stored->connection, context.now()));
    Reply reply;
    reply.text = stored_text(account, *stored);
    if (!findings.empty()) reply.text += "\n\n" + findings;
    reply.json = {{"connection", std::move(described)},
                  {"created", stored->created},
                  {"changed", stored->changed},
                  {"findings", describe(read.report)}};
    return reply;
  });
}

/// The settings with what the options change.
directory::ConnectionSettings changed_settings(directory::ConnectionSettings settings,
                                               const Arguments& arguments) {
  if (const auto text = arguments.find("--unsolicited")) {
    settings.unsolicited = *directory::parse_unsolicited_policy(*text);
  }
  settings.clock_skew_seconds = arguments.integer("--clock-skew").value_or(settings.clock_skew_seconds);
  settings.allow_sha1 = arguments.on_off("--allow-sha1").value_or(settings.allow_sha1);
  settings.require_signed_response =
      arguments.on_off("--require-signed-response").value_or(settings.require_signed_response);
  settings.sign_requests = arguments.on_off("--sign-requests").value_or(settings.sign_requests);
  settings.force_authn = arguments.on_off("--force-authn").value_or(settings.force_authn);
  return settings;
}

constexpr std::string_view kProvision = "--provision-at-sign-in";

std::vector<Option> saml_setting_options() {
  const auto on_off = [](std::string_view name, std::string_view help) {
    return Option{.name = name, .help = help, .choices = {"on", "off"}};
  };
  return {
      {.name = "--unsolicited",
       .help = "What to do with a response that nobody asked for (default bounce: sign in anew)",
       .choices = {"bounce", "accept", "reject"}},
      {.name = "--clock-skew",
       .placeholder = "SECONDS",
       .help = "How far the provider's clock may be off (default 180)",
       .range = Option::Range{0, directory::ConnectionSettings::kMaxClockSkew}},
      on_off("--allow-sha1", "Accept signatures with SHA-1, which is broken (default off)"),
      on_off("--require-signed-response", "Accept only responses that are signed as a whole (default off)"),
      on_off("--sign-requests", "Sign what is sent to the provider (default off)"),
      on_off("--force-authn", "Ask the provider for a fresh sign-in each time (default off)"),
      on_off("--active", "Whether the connection may be used"),
      on_off(kProvision,
             "Whether unknown people whom the provider vouches for become employees; for the account"),
  };
}

Result<void> apply_settings(const Context& context, Transaction& transaction, const Account& account) {
  const Arguments& arguments = context.arguments();
  if (const auto provision = arguments.on_off(kProvision)) {
    RETURN_IF_ERROR(directory::set_provision_at_sign_in(
        transaction, account.id,
        *provision ? directory::ProvisionAtSignIn::On : directory::ProvisionAtSignIn::Off, context.actor(),
        context.now()));
  }
  const auto options = saml_setting_options();
  const bool concerns_connection =
      arguments.has("--connection") || std::ranges::any_of(options, [&](const Option& o) {
        return o.name != kProvision && arguments.has(o.name);
      });
  if (!concerns_connection) return {};
  ASSIGN_OR_RETURN(const Connection connection, context.connection(transaction, account));
  RETURN_IF_ERROR(directory::update_settings(transaction, account.id, connection.id,
                                             changed_settings(connection.settings, arguments),
                                             context.actor(), context.now()));
  if (const auto active = arguments.on_off("--active")) {
    return directory::set_connection_state(
        transaction, account.id, connection.id,
        *active ? directory::ConnectionState::Active : directory::ConnectionState::Inactive, context.actor(),
        context.now());
  }
  return {};
}

Result<Reply> set_saml(Context& context) {
  const auto options = saml_setting_options();
  if (std::ranges::none_of(options, [&](const Option& o) { return context.arguments().has(o.name); })) {
    return fail(ErrorKind::InvalidInput, kUsage, "Nothing to set. See doorward saml set --help.");
  }
  const auto changed = context.write([&](Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    return apply_settings(context, transaction, account);
  });
  if (!changed) return fail(changed.error());
  return show_saml(context);
}

Result<Reply> remove_connection(Context& context) {
  const bool confirmed = context.arguments().has("--yes");
  return context.write([&](Transaction& transaction) -> Result<Reply> {
    ASSIGN_OR_RETURN(const Account account, context.account(transaction));
    ASSIGN_OR_RETURN(const Connection connection, context.connection(transaction, account));
    if (!confirmed) {
      return fail(
          ErrorKind::Refused, "cli.not_confirmed",
          fmt::format(
              "This would remove connection {} to {} and forget which employee is which of its people; "
              "their sessions end. To do it, add --yes.",
              connection.name, printable(connection.provider.entity_id)));
    }
    RETURN_IF_ERROR(
        directory::delete_connection(transaction, account.id, connection.id, context.actor(), context.now()));
    return Reply{{{"removed", connection.name}},
                 fmt::format("Connection {} of account {} was removed.", connection.name, account.slug)};
  });
}

}  // namespace

std::vector<Command> saml_commands() {
  std::vector<Option> set_options = saml_setting_options();
  set_options.insert(set_options.begin(), connection_option());
  return {
      {.name = "saml show",
       .summary = "Show what to enter at the identity provider, and what is known about it",
       .positionals = {kAccount},
       .options = {connection_option()},
       .run = show_saml},
      {.name = "saml set-metadata",
       .summary = "Connect an identity provider by its metadata, or renew what is known about it",
       .positionals = {kAccount},
       .options = {{.name = "--url", .placeholder = "URL", .help = "Fetch the metadata from here"},
                   {.name = "--file",
                    .placeholder = "FILE",
                    .help = "Read the metadata from a file; - is standard input"},
                   connection_option(),
                   {.name = "--entity-id",
                    .placeholder = "ID",
                    .help = "The provider that is meant, when the document describes several"},
                   {.name = "--replace-entity-id",
                    .help = "Accept another provider than before; its people are matched anew"},
                   {.name = "--allow-private-addresses",
                    .help = "Fetch from private and loopback addresses, too"}},
       .run = set_metadata},
      {.name = "saml set",
       .summary = "Change settings of a connection",
       .positionals = {kAccount},
       .options = std::move(set_options),
       .run = set_saml},
      {.name = "saml remove-connection",
       .summary = "Remove a connection",
       .positionals = {kAccount},
       .options = {connection_option(), {.name = "--yes", .help = "Really do it"}},
       .run = remove_connection},
  };
}

}  // namespace doorward::server
