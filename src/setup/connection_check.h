#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/url.h"
#include "directory/connections.h"
#include "saml/protocol/finding.h"
#include "setup/metadata.h"
#include "storage/database.h"

/// *Check now*: everything about a provider's metadata that can be looked at, in one list of findings.
namespace doorward::setup {

/// What is looked at, in this order.
enum class CheckItem : std::uint8_t {
  Address,             ///< Whether it can be the address of this application's metadata.
  Reachable,           ///< Whether it was fetched.
  Document,            ///< Whether it is SAML metadata of an identity provider.
  EntityId,            ///< Who the provider is.
  SignOn,              ///< Where people sign in.
  Certificates,        ///< Whether one is valid today, and for how long.
  Key,                 ///< Kind and length of the keys.
  SignatureAlgorithm,  ///< Metadata tells nothing about it; a test sign-in does.
};
/// `address`, `reachable`, `document`, `entity_id` …
std::string_view to_text(CheckItem item);

struct CheckFinding {
  CheckItem item;
  saml::protocol::Verdict verdict;
  /// The finding's stable name; empty when the item passed or was skipped.
  std::string_view code = {};
  /// For the administrator: what is the case, and what to do where. Empty when the item passed.
  std::string message = {};
  std::string expected = {};
  std::string actual = {};
};

/// An item has one finding, or one for each failure and warning. What could not be looked at is skipped, so
/// that every item is there.
struct ConnectionCheck {
  std::vector<CheckFinding> findings;
  /// What may be stored; nothing when a finding failed.
  std::optional<directory::Provider> provider;
  directory::MetadataSource source;
};

/// Why metadata was not fetched and what to do, for the administrator. What it tells about the operator's own
/// network is no more than the kind of failure.
std::string fetch_problem(const Url& url, const Error& error);

/// Fetches metadata as the operator's outbound policy allows.
using FetchMetadata = std::function<Result<directory::MetadataSource>(const Url& url, Timestamp now)>;

/// Looks at the metadata behind `address`, which is as an administrator pasted it. Blocks while it is
/// fetched. What the findings tell about the operator's own network is no more than the kind of failure.
ConnectionCheck check_connection(std::string_view address, const FetchMetadata& fetch, Timestamp now);

/// The same for a document that was uploaded or pasted.
ConnectionCheck check_document(std::string_view document, Timestamp now);

/// Refuses (`directory.plan_without_sso`) when the account's plan has no single sign-on.
Result<void> check_plan(const directory::Account& account);

/// What another provider in the place of a connection's would mean.
struct Replacement {
  std::string connection;
  std::string entity_id;
  std::string new_entity_id;
  /// Who would have to be matched anew.
  std::int64_t linked_employees = 0;
};

/// One of the two.
struct Establishment {
  std::optional<StoredProvider> stored;
  /// Nothing was stored, because that needs consent.
  std::optional<Replacement> replaces;
};

/// Stores what a check found under the connection's name, as `store_provider` does. Another entity id than
/// the connection has is stored only when `change` allows it, and never while SSO is the only way in
/// (`setup.provider_fixed`).
Result<Establishment> establish_connection(storage::Transaction& transaction,
                                           const directory::Account& account,
                                           const std::optional<std::string>& name,
                                           const directory::Provider& provider,
                                           const directory::MetadataSource& source,
                                           directory::EntityIdChange change, const directory::Actor& actor,
                                           Timestamp now);

}  // namespace doorward::setup
