#include "directory/connections.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "directory/events.h"
#include "directory/names.h"
#include "directory/sessions.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

constexpr Names<UnsolicitedPolicy, 3> kPolicies = {{{UnsolicitedPolicy::Bounce, "bounce"},
                                                    {UnsolicitedPolicy::Accept, "accept"},
                                                    {UnsolicitedPolicy::Reject, "reject"}}};
constexpr Names<Binding, 2> kBindings = {{{Binding::Redirect, "redirect"}, {Binding::Post, "post"}}};

enum class Service : std::uint8_t { SignOn, Logout };
constexpr Names<Service, 2> kServices = {{{Service::SignOn, "sign-on"}, {Service::Logout, "logout"}}};

constexpr std::string_view kFirstName = "default";
constexpr std::size_t kMaxCertificates = 64;
constexpr std::size_t kMaxEndpoints = 32;

#define CONNECTION_COLUMNS                                                                               \
  "id, account_id, public_id, name, active, entity_id, tenant_id, unsolicited, clock_skew_seconds,"      \
  " allow_sha1, require_signed_response, sign_requests, force_authn, metadata_url, metadata_fetched_at," \
  " created_at, provider_since, proposed_by"

Connection read_connection(const storage::Row& row) {
  Connection connection;
  connection.id = row.id<ConnectionId>(0);
  connection.account = row.id<AccountId>(1);
  connection.public_id = row.text(2);
  connection.name = row.text(3);
  connection.active = row.flag(4);
  connection.provider.entity_id = row.text(5);
  connection.tenant_id = row.text(6);
  connection.settings.unsolicited = stored_value(kPolicies, row.text(7));
  connection.settings.clock_skew_seconds = static_cast<int>(row.integer(8));
  connection.settings.allow_sha1 = row.flag(9);
  connection.settings.require_signed_response = row.flag(10);
  connection.settings.sign_requests = row.flag(11);
  connection.settings.force_authn = row.flag(12);
  connection.metadata_url = row.text(13);
  connection.metadata_fetched_at = row.optional_time(14);
  connection.created_at = row.time(15);
  connection.provider_since = row.time(16);
  connection.proposed_by = row.text(17);
  return connection;
}

/// All of an account, or the one of `only`.
Result<std::vector<Connection>> read_connections(storage::Transaction& transaction, AccountId account,
                                                 ConnectionId only) {
  ASSIGN_OR_RETURN(std::vector<Connection> connections,
                   transaction.all("SELECT " CONNECTION_COLUMNS " FROM connections"
                                   " WHERE account_id = $1 AND ($2 = 0 OR id = $2) ORDER BY id",
                                   {account, only}, read_connection));
  std::map<ConnectionId, Provider*> providers;
  for (Connection& connection : connections)
    providers[connection.id] = &connection.provider;
  RETURN_IF_ERROR(transaction.query(
      "SELECT connection_id, service, binding, url, response_url FROM connection_endpoints"
      " WHERE account_id = $1 AND ($2 = 0 OR connection_id = $2) ORDER BY connection_id, service, position",
      {account, only}, [&](const storage::Row& row) {
        Provider& provider = *providers.at(row.id<ConnectionId>(0));
        const bool sign_on = stored_value(kServices, row.text(1)) == Service::SignOn;
        (sign_on ? provider.sign_on : provider.logout)
            .push_back(
                {stored_value(kBindings, row.text(2)), std::string(row.text(3)), std::string(row.text(4))});
      }));
  RETURN_IF_ERROR(transaction.query(
      "SELECT connection_id, der FROM connection_certificates"
      " WHERE account_id = $1 AND ($2 = 0 OR connection_id = $2) ORDER BY connection_id, position",
      {account, only}, [&](const storage::Row& row) {
        providers.at(row.id<ConnectionId>(0))->signing_certificates.emplace_back(row.text(1));
      }));
  return connections;
}

/// Entra's entity ids are `https://sts.windows.net/<tenant>/`, in national clouds with other hosts.
std::string tenant_in(std::string_view entity_id) {
  const Result<Url> url = Url::parse(entity_id);
  if (!url) return {};
  const std::string_view path = std::string_view(url->path()).substr(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  return is_uuid(segment) ? to_ascii_lower(segment) : std::string();
}

Result<void> check_endpoints(const std::vector<Endpoint>& endpoints) {
  if (endpoints.size() > kMaxEndpoints) {
    return fail(ErrorKind::InvalidInput, "directory.too_many_endpoints",
                "The provider names more addresses than a real one has.");
  }
  for (const Endpoint& endpoint : endpoints) {
    RETURN_IF_ERROR(Url::parse(endpoint.url));
    if (!endpoint.response_url.empty()) RETURN_IF_ERROR(Url::parse(endpoint.response_url));
  }
  return {};
}

Result<void> check_provider(const Provider& provider) {
  RETURN_IF_ERROR(check_value("provider's entity id", provider.entity_id, Presence::Required));
  if (provider.sign_on.empty()) {
    return fail(ErrorKind::InvalidInput, "directory.no_sign_on_endpoint",
                "The provider's metadata has no address to sign in at (SingleSignOnService).");
  }
  RETURN_IF_ERROR(check_endpoints(provider.sign_on));
  RETURN_IF_ERROR(check_endpoints(provider.logout));
  if (provider.signing_certificates.empty() || provider.signing_certificates.size() > kMaxCertificates) {
    return fail(ErrorKind::InvalidInput, "directory.no_signing_certificate",
                "The provider's metadata must have at least one signing certificate, and at most " +
                    std::to_string(kMaxCertificates) + ".");
  }
  for (const Bytes& der : provider.signing_certificates)
    RETURN_IF_ERROR(crypto::Certificate::from_der(der));
  return {};
}

Result<void> check_settings(const ConnectionSettings& settings) {
  if (settings.clock_skew_seconds >= 0 && settings.clock_skew_seconds <= ConnectionSettings::kMaxClockSkew) {
    return {};
  }
  return fail(ErrorKind::InvalidInput, "directory.bad_clock_skew",
              "The clock skew must lie between 0 and " + std::to_string(ConnectionSettings::kMaxClockSkew) +
                  " seconds.");
}

Result<void> write_endpoints(storage::Transaction& transaction, AccountId account, ConnectionId connection,
                             Service service, const std::vector<Endpoint>& endpoints) {
  int position = 0;
  for (const Endpoint& endpoint : endpoints) {
    RETURN_IF_ERROR(transaction.execute(
        "INSERT INTO connection_endpoints (account_id, connection_id, service, position, binding, url,"
        " response_url) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {account, connection, name_of(kServices, service), ++position, to_text(endpoint.binding),
         endpoint.url, endpoint.response_url}));
  }
  return {};
}

Result<void> write_provider_parts(storage::Transaction& transaction, AccountId account,
                                  ConnectionId connection, const Provider& provider) {
  RETURN_IF_ERROR(
      transaction.execute("DELETE FROM connection_endpoints WHERE account_id = $1 AND connection_id = $2",
                          {account, connection}));
  RETURN_IF_ERROR(
      transaction.execute("DELETE FROM connection_certificates WHERE account_id = $1 AND connection_id = $2",
                          {account, connection}));
  RETURN_IF_ERROR(write_endpoints(transaction, account, connection, Service::SignOn, provider.sign_on));
  RETURN_IF_ERROR(write_endpoints(transaction, account, connection, Service::Logout, provider.logout));
  int position = 0;
  for (const Bytes& der : provider.signing_certificates) {
    RETURN_IF_ERROR(
        transaction.execute("INSERT INTO connection_certificates (account_id, connection_id, position, der)"
                            " VALUES ($1, $2, $3, $4)",
                            {account, connection, ++position, storage::Blob{der}}));
  }
  return {};
}

Result<void> write_metadata(storage::Transaction& transaction, AccountId account, ConnectionId connection,
                            const MetadataSource& source) {
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE connections SET metadata_url = $3, metadata_document = $4, metadata_etag = $5,"
      " metadata_fetched_at = $6 WHERE account_id = $1 AND id = $2",
      {account, connection, source.url, storage::Blob{source.document}, source.etag, source.fetched_at}));
  // How an earlier refresh went says nothing about this document.
  RETURN_IF_ERROR(transaction.execute(
      "DELETE FROM metadata_refreshes WHERE account_id = $1 AND connection_id = $2", {account, connection}));
  return {};
}

/// The domains of nobody in particular were the first connection's, as long as it was the only one. What is
/// only proposed has none.
Result<void> adopt_unassigned_domains(storage::Transaction& transaction, AccountId account) {
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE domains SET connection_id = (SELECT min(c.id) FROM connections AS c WHERE c.account_id = $1"
      "  AND c.proposed_by = '') WHERE account_id = $1 AND connection_id IS NULL",
      {account}));
  return {};
}

std::ptrdiff_t accepted_among(const std::vector<Connection>& connections) {
  return std::ranges::count_if(connections, [](const Connection& each) { return !each.is_proposed(); });
}

/// What an administrator made or accepted is not changed by a setup link.
Result<void> require_right_to_change(const Connection& connection, const Actor& actor) {
  if (!actor.proposes || connection.is_proposed()) return {};
  return fail(
      ErrorKind::Refused, kProposalsOnly,
      "An administrator has connected this provider, or accepted it. Only an administrator can change "
      "that now: ask the one who gave you the setup link.");
}

/// While SSO is enforced, somebody must be able to come in.
Result<void> protect_last_connection(storage::Transaction& transaction, const Connection& connection) {
  ASSIGN_OR_RETURN(const Account account, load_account(transaction, connection.account));
  if (!account.sso_enforced_at || !connection.admits()) return {};
  ASSIGN_OR_RETURN(
      const auto other,
      transaction.first("SELECT id FROM connections WHERE account_id = $1 AND active = 1"
                        " AND proposed_by = '' AND id <> $2 LIMIT 1",
                        {account.id, connection.id}, [](const storage::Row& row) { return row.integer(0); }));
  if (other) return {};
  return fail(ErrorKind::Refused, "directory.last_connection",
              "Single sign-on is the only way into this account and this is its last active connection. Ask "
              "support to disable single sign-on first.");
}

Result<void> say_changed(storage::Transaction& transaction, const Connection& connection,
                         std::string_view action, const json::Object& details, const Actor& actor,
                         Timestamp now) {
  RETURN_IF_ERROR(
      record_audit(transaction, connection.account, actor, action, connection.public_id, details, now));
  RETURN_IF_ERROR(append_event(transaction, connection.account, action, connection.public_id, details, now));
  return touch_setup(transaction, connection.account);
}

/// Links and sessions of one provider say nothing about another.
Result<void> forget_people(storage::Transaction& transaction, AccountId account, ConnectionId connection,
                           Timestamp now) {
  RETURN_IF_ERROR(end_access_by_connection(transaction, account, connection, now));
  RETURN_IF_ERROR(transaction.execute(
      "DELETE FROM identity_links WHERE account_id = $1 AND connection_id = $2", {account, connection}));
  return {};
}

}  // namespace

std::string_view to_text(UnsolicitedPolicy policy) {
  return name_of(kPolicies, policy);
}
std::optional<UnsolicitedPolicy> parse_unsolicited_policy(std::string_view text) {
  return value_of(kPolicies, text);
}
std::string_view to_text(Binding binding) {
  return name_of(kBindings, binding);
}
std::optional<Binding> parse_binding(std::string_view text) {
  return value_of(kBindings, text);
}

Result<Connection> create_connection(storage::Transaction& transaction, const NewConnection& connection,
                                     const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(check_provider(connection.provider));
  RETURN_IF_ERROR(check_settings(connection.settings));
  const AccountId account = connection.account;
  ASSIGN_OR_RETURN(const std::vector<Connection> others, list_connections(transaction, account));
  std::string name(trim(connection.name));
  if (actor.proposes && !others.empty()) {
    return fail(ErrorKind::Refused, kProposalsOnly,
                "The account has a connection already. Only an administrator can add another one.");
  }
  if (name.empty() && others.empty()) name = kFirstName;
  RETURN_IF_ERROR(check_value("name", name, Presence::Required));
  if (accepted_among(others) == 1) RETURN_IF_ERROR(adopt_unassigned_domains(transaction, account));
  const ConnectionSettings& settings = connection.settings;
  ASSIGN_OR_RETURN(
      const auto id,
      transaction.first(
          "INSERT INTO connections (account_id, public_id, name, name_key, entity_id, tenant_id, unsolicited,"
          " clock_skew_seconds, allow_sha1, require_signed_response, sign_requests, force_authn, created_at,"
          " provider_since, proposed_by)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14) ON CONFLICT DO NOTHING"
          " RETURNING id",
          {account, connection.public_id, name, fold_case(name), connection.provider.entity_id,
           tenant_in(connection.provider.entity_id), to_text(settings.unsolicited),
           settings.clock_skew_seconds, settings.allow_sha1, settings.require_signed_response,
           settings.sign_requests, settings.force_authn, now, actor.proposes ? actor.name : std::string()},
          [](const storage::Row& row) { return row.id<ConnectionId>(0); }));
  if (!id) {
    return fail(ErrorKind::Conflict, "directory.connection_exists",
                "The account has a connection with this name or to this provider already. Change that one.");
  }
  RETURN_IF_ERROR(write_provider_parts(transaction, account, *id, connection.provider));
  if (connection.metadata) RETURN_IF_ERROR(write_metadata(transaction, account, *id, *connection.metadata));
  if (accepted_among(others) == 0) RETURN_IF_ERROR(adopt_unassigned_domains(transaction, account));
  ASSIGN_OR_RETURN(Connection created, load_connection(transaction, account, *id));
  RETURN_IF_ERROR(say_changed(transaction, created, "connection.created",
                              {{"name", name}, {"entity_id", connection.provider.entity_id}}, actor, now));
  return created;
}

Result<Connection> load_connection(storage::Transaction& transaction, AccountId account, ConnectionId id) {
  // 0 would mean all.
  std::vector<Connection> found;
  if (id.value != 0) {
    ASSIGN_OR_RETURN(found, read_connections(transaction, account, id));
  }
  if (found.empty()) {
    return fail(ErrorKind::NotFound, "directory.no_connection", "The connection does not exist any more.");
  }
  return std::move(found.front());
}

Result<std::optional<Connection>> find_connection(storage::Transaction& transaction, AccountId account,
                                                  std::string_view name) {
  ASSIGN_OR_RETURN(const auto id,
                   transaction.first("SELECT id FROM connections WHERE account_id = $1 AND name_key = $2",
                                     {account, fold_case(trim(name))},
                                     [](const storage::Row& row) { return row.id<ConnectionId>(0); }));
  if (!id) return std::optional<Connection>();
  ASSIGN_OR_RETURN(Connection connection, load_connection(transaction, account, *id));
  return connection;
}

Result<std::vector<Connection>> list_connections(storage::Transaction& transaction, AccountId account) {
  return read_connections(transaction, account, ConnectionId{});
}

Result<std::int64_t> count_linked_employees(storage::Transaction& transaction, AccountId account,
                                            ConnectionId connection) {
  // In one step, SQLite would read the links of all the account's connections: an index has them in the order
  // that DISTINCT wants.
  ASSIGN_OR_RETURN(
      const auto linked,
      transaction.first("SELECT count(DISTINCT employee_id) FROM identity_links WHERE id IN"
                        " (SELECT id FROM identity_links WHERE account_id = $1 AND connection_id = $2)",
                        {account, connection}, [](const storage::Row& row) { return row.integer(0); }));
  return linked.value_or(0);
}

Result<std::optional<ConnectionId>> sole_connection(storage::Transaction& transaction, AccountId account) {
  struct Found {
    ConnectionId id;
    bool proposed = false;
  };
  ASSIGN_OR_RETURN(const std::vector<Found> found,
                   transaction.all("SELECT id, proposed_by <> '' FROM connections WHERE account_id = $1"
                                   " ORDER BY CASE WHEN proposed_by = '' THEN 0 ELSE 1 END, id LIMIT 2",
                                   {account}, [](const storage::Row& row) {
                                     return Found{row.id<ConnectionId>(0), row.flag(1)};
                                   }));
  const bool alone = found.size() == 1 || (found.size() == 2 && found[1].proposed && !found[0].proposed);
  if (!alone) return std::optional<ConnectionId>();
  return found.front().id;
}

Result<Connection> update_provider(storage::Transaction& transaction, AccountId account, ConnectionId id,
                                   const Provider& provider, const std::optional<MetadataSource>& metadata,
                                   EntityIdChange change, const Actor& actor, Timestamp now,
                                   const std::vector<std::string>& changes) {
  RETURN_IF_ERROR(check_provider(provider));
  ASSIGN_OR_RETURN(Connection connection, load_connection(transaction, account, id));
  RETURN_IF_ERROR(require_right_to_change(connection, actor));
  const bool other_entity = connection.provider.entity_id != provider.entity_id;
  if (other_entity) {
    if (change == EntityIdChange::Refuse) {
      return fail(ErrorKind::Conflict, "directory.entity_id_changed",
                  "The metadata is another provider's: its entity id is " + printable(provider.entity_id) +
                      ", this connection's is " + printable(connection.provider.entity_id) +
                      ". Confirm the change if it is meant: everybody is then matched anew.");
    }
    ASSIGN_OR_RETURN(const auto taken,
                     transaction.first("SELECT id FROM connections WHERE account_id = $1 AND entity_id = $2",
                                       {account, provider.entity_id},
                                       [](const storage::Row& row) { return row.integer(0); }));
    if (taken) {
      return fail(ErrorKind::Conflict, "directory.connection_exists",
                  "Another connection of the account leads to this provider already. Change that one.");
    }
    RETURN_IF_ERROR(forget_people(transaction, account, id, now));
  }
  if (metadata) RETURN_IF_ERROR(write_metadata(transaction, account, id, *metadata));
  if (connection.provider != provider) {
    RETURN_IF_ERROR(
        transaction.execute("UPDATE connections SET entity_id = $3, tenant_id = $4, provider_since = $5"
                            " WHERE account_id = $1 AND id = $2",
                            {account, id, provider.entity_id, tenant_in(provider.entity_id),
                             other_entity || actor.proposes ? now : connection.provider_since}));
    RETURN_IF_ERROR(write_provider_parts(transaction, account, id, provider));
    json::Object details = {
        {"entity_id", provider.entity_id},
        {"certificates_changed", connection.provider.signing_certificates != provider.signing_certificates},
        {"endpoints_changed",
         connection.provider.sign_on != provider.sign_on || connection.provider.logout != provider.logout}};
    if (!changes.empty()) details["changes"] = json::Array(changes.begin(), changes.end());
    RETURN_IF_ERROR(say_changed(transaction, connection, "connection.provider_changed", details, actor, now));
  }
  return load_connection(transaction, account, id);
}

Result<void> record_metadata_fetch(storage::Transaction& transaction, AccountId account, ConnectionId id,
                                   std::string_view etag, Timestamp now) {
  RETURN_IF_ERROR(
      transaction.execute("UPDATE connections SET metadata_etag = $3, metadata_fetched_at = $4"
                          " WHERE account_id = $1 AND id = $2",
                          {account, id, etag, now}));
  return {};
}

Result<std::optional<MetadataSource>> load_metadata(storage::Transaction& transaction, AccountId account,
                                                    ConnectionId id) {
  return transaction.first(
      "SELECT metadata_url, metadata_document, metadata_etag, metadata_fetched_at"
      " FROM connections WHERE account_id = $1 AND id = $2 AND metadata_fetched_at IS NOT NULL",
      {account, id}, [](const storage::Row& row) {
        return MetadataSource{.url = std::string(row.text(0)),
                              .document = Bytes(row.text(1)),
                              .etag = std::string(row.text(2)),
                              .fetched_at = row.time(3)};
      });
}

Result<void> update_settings(storage::Transaction& transaction, AccountId account, ConnectionId id,
                             const ConnectionSettings& settings, const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(check_settings(settings));
  ASSIGN_OR_RETURN(const Connection connection, load_connection(transaction, account, id));
  RETURN_IF_ERROR(require_own_rights(actor));
  if (connection.settings == settings) return {};
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE connections SET unsolicited = $3, clock_skew_seconds = $4, allow_sha1 = $5,"
      " require_signed_response = $6, sign_requests = $7, force_authn = $8 WHERE account_id = $1 AND id = $2",
      {account, id, to_text(settings.unsolicited), settings.clock_skew_seconds, settings.allow_sha1,
       settings.require_signed_response, settings.sign_requests, settings.force_authn}));
  return say_changed(transaction, connection, "connection.settings_changed",
                     {{"unsolicited", to_text(settings.unsolicited)},
                      {"clock_skew_seconds", settings.clock_skew_seconds},
                      {"allow_sha1", settings.allow_sha1},
                      {"require_signed_response", settings.require_signed_response},
                      {"sign_requests", settings.sign_requests},
                      {"force_authn", settings.force_authn}},
                     actor, now);
}

Result<void> accept_connection(storage::Transaction& transaction, AccountId account, ConnectionId id,
                               const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(require_own_rights(actor));
  ASSIGN_OR_RETURN(const Connection connection, load_connection(transaction, account, id));
  if (!connection.is_proposed()) return {};
  // As when a connection is made: nobody's domains were the only other one's, or become the first one's.
  ASSIGN_OR_RETURN(
      const auto accepted,
      transaction.first("SELECT count(*) FROM connections WHERE account_id = $1 AND proposed_by = ''",
                        {account}, [](const storage::Row& row) { return row.integer(0); }));
  if (*accepted == 1) RETURN_IF_ERROR(adopt_unassigned_domains(transaction, account));
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE connections SET proposed_by = '' WHERE account_id = $1 AND id = $2", {account, id}));
  if (*accepted == 0) RETURN_IF_ERROR(adopt_unassigned_domains(transaction, account));
  json::Array certificates;
  for (const Bytes& der : connection.provider.signing_certificates)
    certificates.emplace_back(to_hex(crypto::sha256(der)));
  json::Array sign_on;
  for (const Endpoint& endpoint : connection.provider.sign_on)
    sign_on.emplace_back(endpoint.url);
  RETURN_IF_ERROR(record_audit(transaction, account, actor, "connection.accepted", connection.public_id,
                               {{"name", connection.name},
                                {"proposed_by", connection.proposed_by},
                                {"entity_id", connection.provider.entity_id},
                                {"metadata_url", connection.metadata_url},
                                {"sign_on", std::move(sign_on)},
                                {"certificates", std::move(certificates)}},
                               now));
  return touch_setup(transaction, account);
}

Result<void> set_connection_state(storage::Transaction& transaction, AccountId account, ConnectionId id,
                                  ConnectionState state, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Connection connection, load_connection(transaction, account, id));
  RETURN_IF_ERROR(require_own_rights(actor));
  const bool active = state == ConnectionState::Active;
  if (connection.active == active) return {};
  if (!active) RETURN_IF_ERROR(protect_last_connection(transaction, connection));
  RETURN_IF_ERROR(transaction.execute("UPDATE connections SET active = $3 WHERE account_id = $1 AND id = $2",
                                      {account, id, active}));
  return say_changed(transaction, connection, active ? "connection.activated" : "connection.deactivated", {},
                     actor, now);
}

Result<void> delete_connection(storage::Transaction& transaction, AccountId account, ConnectionId id,
                               const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Connection connection, load_connection(transaction, account, id));
  RETURN_IF_ERROR(require_own_rights(actor));
  RETURN_IF_ERROR(protect_last_connection(transaction, connection));
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE domains SET connection_id = NULL WHERE account_id = $1 AND connection_id = $2", {account, id}));
  RETURN_IF_ERROR(forget_people(transaction, account, id, now));
  RETURN_IF_ERROR(
      transaction.execute("DELETE FROM connections WHERE account_id = $1 AND id = $2", {account, id}));
  return say_changed(transaction, connection, "connection.deleted", {{"name", connection.name}}, actor, now);
}

const Connection* SignInSetup::find_by_entity_id(std::string_view entity_id) const {
  const auto found = std::ranges::find_if(connections, [&](const Connection& connection) {
    return connection.active && connection.provider.entity_id == entity_id;
  });
  return found == connections.end() ? nullptr : &*found;
}

const Connection* SignInSetup::find(ConnectionId id) const {
  const auto found = std::ranges::find(connections, id, &Connection::id);
  return found == connections.end() ? nullptr : &*found;
}

std::vector<const KeyPair*> SignInSetup::keys_for(ConnectionId connection, KeyPurpose purpose) const {
  std::vector<const KeyPair*> keys;
  for (const KeyPair& pair : key_pairs) {
    const bool serves = !pair.connection || *pair.connection == connection;
    if (serves && pair.purpose == purpose) keys.push_back(&pair);
  }
  const auto rank = [](const KeyPair* pair) {
    const int by_state = pair->state == KeyState::Current ? 0 : pair->state == KeyState::Next ? 1 : 2;
    return std::tuple(by_state, pair->connection ? 0 : 1, pair->id);
  };
  std::ranges::sort(keys, {}, rank);
  return keys;
}

Result<std::optional<SignInSetup>> load_sign_in_setup(storage::Transaction& transaction,
                                                      std::string_view slug) {
  ASSIGN_OR_RETURN(std::optional<Account> account, find_account_by_slug(transaction, slug));
  if (!account) return std::optional<SignInSetup>();
  SignInSetup setup{.account = *std::move(account), .connections = {}, .key_pairs = {}};
  ASSIGN_OR_RETURN(setup.connections, list_connections(transaction, setup.account.id));
  ASSIGN_OR_RETURN(setup.key_pairs, list_key_pairs(transaction, setup.account.id));
  return setup;
}

Result<std::optional<std::int64_t>> find_setup_version(storage::Transaction& transaction,
                                                       std::string_view slug) {
  return transaction.first("SELECT setup_version FROM accounts WHERE slug = $1", {to_ascii_lower(slug)},
                           [](const storage::Row& row) { return row.integer(0); });
}

}  // namespace doorward::directory
