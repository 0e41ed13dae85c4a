#include "setup/metadata.h"

#include <fmt/format.h>

#include "base/text.h"
#include "saml/protocol/metadata.h"

namespace doorward::setup {

namespace {

namespace protocol = saml::protocol;

std::vector<directory::Endpoint> to_endpoints(const std::vector<protocol::Endpoint>& endpoints) {
  std::vector<directory::Endpoint> converted;
  for (const protocol::Endpoint& endpoint : endpoints) {
    const bool redirect = endpoint.binding == protocol::Binding::Redirect;
    const bool elsewhere = endpoint.response_location != endpoint.location;
    converted.push_back({redirect ? directory::Binding::Redirect : directory::Binding::Post,
                         endpoint.location, elsewhere ? endpoint.response_location : std::string()});
  }
  return converted;
}

directory::Provider to_provider(const protocol::IdpMetadata& metadata) {
  directory::Provider provider{.entity_id = metadata.entity_id,
                               .sign_on = to_endpoints(metadata.single_sign_on),
                               .logout = to_endpoints(metadata.single_logout),
                               .signing_certificates = {}};
  for (const crypto::Certificate& certificate : metadata.signing_certificates)
    provider.signing_certificates.push_back(certificate.der());
  return provider;
}

}  // namespace

Result<directory::MetadataSource> fetch_metadata(const Url& url, net::FetchOptions options, Timestamp now) {
  options.max_bytes = protocol::IdpMetadata::kMaxBytes;
  options.accept = "application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1";
  ASSIGN_OR_RETURN(auto response, net::fetch(url, options));
  return directory::MetadataSource{
      .url = url.text(), .document = std::move(response.body), .etag = {}, .fetched_at = now};
}

ReadMetadata read_metadata(BytesView document, std::string_view entity_id, Timestamp now) {
  ReadMetadata read;
  const auto metadata = protocol::parse_idp_metadata(document, {now, std::string(entity_id)}, read.report);
  if (!metadata) return read;
  read.provider = to_provider(*metadata);
  read.valid_until = metadata->valid_until;
  return read;
}

std::string findings_text(const saml::protocol::Report& report) {
  std::string text;
  for (const auto& entry : report.entries()) {
    if (!entry.finding) continue;
    if (!text.empty()) text += '\n';
    text += message(*entry.finding);
    if (!entry.expected.empty()) text += fmt::format(" Expected: {}.", printable(entry.expected));
    if (!entry.actual.empty()) text += fmt::format(" Found: {}.", printable(entry.actual));
  }
  return text;
}

Result<std::optional<directory::Connection>> find_target(storage::Transaction& transaction,
                                                         const directory::Account& account,
                                                         const std::optional<std::string>& name) {
  if (name) return directory::find_connection(transaction, account.id, *name);
  ASSIGN_OR_RETURN(auto all, directory::list_connections(transaction, account.id));
  if (all.empty()) return std::optional<directory::Connection>();
  if (all.size() == 1) return std::optional(std::move(all.front()));
  return fail(
      ErrorKind::InvalidInput, "setup.which_connection",
      fmt::format("Account {} has {} connections. Say which one is meant.", account.slug, all.size()));
}

Result<StoredProvider> store_provider(storage::Transaction& transaction, const directory::Account& account,
                                      const std::optional<std::string>& name,
                                      const directory::Provider& provider,
                                      const directory::MetadataSource& source,
                                      directory::EntityIdChange change, const directory::Actor& actor,
                                      Timestamp now) {
  ASSIGN_OR_RETURN(const auto target, find_target(transaction, account, name));
  if (target) {
    ASSIGN_OR_RETURN(auto updated, directory::update_provider(transaction, account.id, target->id, provider,
                                                              source, change, actor, now));
    const bool changed = !(target->provider == updated.provider);
    return StoredProvider{std::move(updated), false, changed};
  }
  directory::NewConnection wanted{
      .account = account.id, .provider = provider, .name = name.value_or("default"), .metadata = source};
  ASSIGN_OR_RETURN(auto created, directory::create_connection(transaction, wanted, actor, now));
  return StoredProvider{std::move(created), true, true};
}

}  // namespace doorward::setup
