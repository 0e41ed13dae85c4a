#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "directory/accounts.h"
#include "directory/audit.h"
#include "directory/ids.h"
#include "directory/key_pairs.h"
#include "storage/database.h"

namespace doorward::directory {

/// What happens to a response that nobody asked for (the tile in the provider's portal).
enum class UnsolicitedPolicy : std::uint8_t {
  Bounce,  ///< It starts a fresh sign-in, which closes login CSRF.
  Accept,
  Reject,
};
std::string_view to_text(UnsolicitedPolicy policy);
std::optional<UnsolicitedPolicy> parse_unsolicited_policy(std::string_view text);

enum class Binding : std::uint8_t { Redirect, Post };
std::string_view to_text(Binding binding);
std::optional<Binding> parse_binding(std::string_view text);

struct Endpoint {
  Binding binding = Binding::Redirect;
  std::string url = {};
  /// Where responses go, when that is elsewhere (SAML Metadata section 2.2.2); single logout only.
  std::string response_url = {};

  bool operator==(const Endpoint&) const = default;
};

/// What the provider's metadata says about it.
struct Provider {
  /// Unique in the account.
  std::string entity_id;
  /// In the order of preference.
  std::vector<Endpoint> sign_on;
  std::vector<Endpoint> logout;
  /// DER; all of them count.
  std::vector<Bytes> signing_certificates;

  bool operator==(const Provider&) const = default;
};

/// What the administrator may choose.
struct ConnectionSettings {
  static constexpr int kMaxClockSkew = 300;

  UnsolicitedPolicy unsolicited = UnsolicitedPolicy::Bounce;
  int clock_skew_seconds = 180;
  bool allow_sha1 = false;
  bool require_signed_response = false;
  bool sign_requests = false;
  bool force_authn = false;

  bool operator==(const ConnectionSettings&) const = default;
};

/// Where a provider's description came from.
struct MetadataSource {
  /// Empty when a file was given.
  std::string url;
  /// The last good document, byte for byte.
  Bytes document;
  std::string etag;
  Timestamp fetched_at;
};

/// An account's SAML identity provider. A value: it may be cached and shared between threads.
struct Connection {
  ConnectionId id;
  AccountId account;
  std::string public_id;
  /// Unique in the account; the first one is `default`.
  std::string name;
  bool active = true;
  Provider provider;
  ConnectionSettings settings;
  std::string metadata_url;
  std::optional<Timestamp> metadata_fetched_at;
  /// The Entra tenant that issues these assertions, when the entity id names one.
  std::string tenant_id;
  /// Since when it leads to this entity id: older sign-ins say nothing about it.
  Timestamp provider_since;
  Timestamp created_at;
  /// By which setup link it was made or changed, as long as no administrator has accepted it; empty
  /// otherwise.
  std::string proposed_by = {};

  bool is_proposed() const { return !proposed_by.empty(); }
  /// Whether it lets people in. One that is only proposed answers test sign-ins and nothing else.
  bool admits() const { return active && !is_proposed(); }
};

struct NewConnection {
  AccountId account;
  Provider provider;
  /// `default` for the first of an account, otherwise required.
  std::string name = {};
  ConnectionSettings settings = {};
  std::optional<MetadataSource> metadata = {};
  std::string public_id = new_public_id();
};

/// Domains of the account that belong to no connection yet are given to the account's first one. Refuses an
/// entity id or name that the account has already, and a provider without entity id, endpoint or certificate.
/// By an actor who proposes it is only proposed, gets no domain, and must be the account's only one.
Result<Connection> create_connection(storage::Transaction& transaction, const NewConnection& connection,
                                     const Actor& actor, Timestamp now);
Result<Connection> load_connection(storage::Transaction& transaction, AccountId account, ConnectionId id);
Result<std::optional<Connection>> find_connection(storage::Transaction& transaction, AccountId account,
                                                  std::string_view name);
/// In the order of creation.
Result<std::vector<Connection>> list_connections(storage::Transaction& transaction, AccountId account);

/// How many employees have signed in through the connection and are known to it since.
Result<std::int64_t> count_linked_employees(storage::Transaction& transaction, AccountId account,
                                            ConnectionId connection);

/// The account's connection when it has exactly one, whether active or not. Those that are only proposed
/// count when there are no others.
Result<std::optional<ConnectionId>> sole_connection(storage::Transaction& transaction, AccountId account);

enum class EntityIdChange : std::uint8_t { Refuse, Allow };
/// Takes over new metadata (a refresh, or an administrator's new file). A changed entity id is a different
/// provider: it is refused unless the administrator allowed it, and then the connection's identity links go.
/// `changes` say in words what is new, for the audit and the event. Whoever may only propose changes what is
/// only proposed (`kProposalsOnly`), and tests that passed before say nothing about it any more.
Result<Connection> update_provider(storage::Transaction& transaction, AccountId account, ConnectionId id,
                                   const Provider& provider, const std::optional<MetadataSource>& metadata,
                                   EntityIdChange change, const Actor& actor, Timestamp now,
                                   const std::vector<std::string>& changes = {});
/// The same document was fetched again.
Result<void> record_metadata_fetch(storage::Transaction& transaction, AccountId account, ConnectionId id,
                                   std::string_view etag, Timestamp now);
Result<std::optional<MetadataSource>> load_metadata(storage::Transaction& transaction, AccountId account,
                                                    ConnectionId id);
Result<void> update_settings(storage::Transaction& transaction, AccountId account, ConnectionId id,
                             const ConnectionSettings& settings, const Actor& actor, Timestamp now);
/// From here on it lets people in. The one who accepts has seen what it leads to: see
/// `setup::accept_proposal`.
Result<void> accept_connection(storage::Transaction& transaction, AccountId account, ConnectionId id,
                               const Actor& actor, Timestamp now);
enum class ConnectionState : std::uint8_t { Inactive, Active };
/// Refuses to switch off the last active connection while SSO is enforced.
Result<void> set_connection_state(storage::Transaction& transaction, AccountId account, ConnectionId id,
                                  ConnectionState state, const Actor& actor, Timestamp now);
/// Removes it with its identity links and sessions; its domains become unassigned. Refuses the last active
/// one while SSO is enforced.
Result<void> delete_connection(storage::Transaction& transaction, AccountId account, ConnectionId id,
                               const Actor& actor, Timestamp now);

/// All that a sign-in at `/saml/{slug}/…` needs, in one read. Keep it until `find_setup_version` says
/// otherwise or a `Notice` for the account arrives.
struct SignInSetup {
  /// `account.setup_version` is the version of the whole.
  Account account;
  std::vector<Connection> connections;
  std::vector<KeyPair> key_pairs;

  /// By the provider's entity id; null when there is none or it is inactive.
  const Connection* find_by_entity_id(std::string_view entity_id) const;
  const Connection* find(ConnectionId id) const;
  /// The key pairs for `purpose` that serve the connection, the one to use first; its own ones before the
  /// account's.
  std::vector<const KeyPair*> keys_for(ConnectionId connection, KeyPurpose purpose) const;
};
/// Nothing when there is no such account.
Result<std::optional<SignInSetup>> load_sign_in_setup(storage::Transaction& transaction,
                                                      std::string_view slug);
/// One indexed look-up.
Result<std::optional<std::int64_t>> find_setup_version(storage::Transaction& transaction,
                                                       std::string_view slug);

}  // namespace doorward::directory
