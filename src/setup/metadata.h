#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/url.h"
#include "directory/connections.h"
#include "net/fetch.h"
#include "saml/protocol/finding.h"
#include "storage/database.h"

namespace doorward::setup {

/// Gets a provider's metadata, with a limit that fits it. The wizard and the command line show the failure as
/// it is.
Result<directory::MetadataSource> fetch_metadata(const Url& url, net::FetchOptions options, Timestamp now);

/// What was found in an identity provider's metadata.
struct ReadMetadata {
  /// Nothing when a check failed.
  std::optional<directory::Provider> provider;
  /// Until when the document wants to be believed.
  std::optional<Timestamp> valid_until;
  saml::protocol::Report report;
};

/// Reads a document as it was fetched or uploaded. `entity_id` chooses one provider of a federation's
/// document; empty takes the only one.
ReadMetadata read_metadata(BytesView document, std::string_view entity_id, Timestamp now);

/// All failures and warnings of a report, one sentence a line.
std::string findings_text(const saml::protocol::Report& report);

/// The connection that `name` means: without a name the account's only one, and a failure when there are
/// several. Nothing when it is yet to be made.
Result<std::optional<directory::Connection>> find_target(storage::Transaction& transaction,
                                                         const directory::Account& account,
                                                         const std::optional<std::string>& name);

/// What storing a provider's description did.
struct StoredProvider {
  directory::Connection connection;
  bool created = false;
  /// Whether anything but the time of fetching differs from before.
  bool changed = false;
};

/// Gives the account's connection `name` what its provider says, and makes the connection when there is none
/// of that name. Without a name it is the account's only connection, or a first one called `default`. A
/// changed entity id is refused unless `change` allows it, because the connection's identity links go with
/// the old provider.
Result<StoredProvider> store_provider(storage::Transaction& transaction, const directory::Account& account,
                                      const std::optional<std::string>& name,
                                      const directory::Provider& provider,
                                      const directory::MetadataSource& source,
                                      directory::EntityIdChange change, const directory::Actor& actor,
                                      Timestamp now);

}  // namespace doorward::setup
