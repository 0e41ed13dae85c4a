#include "setup/proposal.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/text.h"
#include "base/url.h"
#include "crypto/hash.h"
#include "json/json.h"

namespace doorward::setup {

using directory::Actor;
using directory::Connection;
using directory::ProvisioningToken;

namespace {

json::Array endpoints_of(const std::vector<directory::Endpoint>& endpoints) {
  json::Array all;
  for (const directory::Endpoint& endpoint : endpoints)
    all.push_back(json::Array{directory::to_text(endpoint.binding), endpoint.url, endpoint.response_url});
  return all;
}

json::Object decisive_of(const Connection& connection) {
  json::Array certificates;
  for (const Bytes& der : connection.provider.signing_certificates)
    certificates.emplace_back(to_hex(crypto::sha256(der)));
  return {{"id", connection.public_id},
          {"entity_id", connection.provider.entity_id},
          {"sign_on", endpoints_of(connection.provider.sign_on)},
          {"logout", endpoints_of(connection.provider.logout)},
          {"certificates", std::move(certificates)},
          {"metadata_url", connection.metadata_url}};
}

/// Where Entra signs people in: worldwide, for the United States' government, and in China.
constexpr std::array<std::string_view, 3> kEntraHosts = {
    "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"};

std::string host_of(std::string_view address) {
  const auto url = Url::parse(address);
  return url ? url->host() : std::string(address);
}

bool is_entra(const std::string& host) {
  return std::ranges::find(kEntraHosts, host) != kEntraHosts.end();
}

}  // namespace

std::vector<std::string> doubts_about(const Connection& connection, std::string_view provider) {
  std::vector<std::string> doubts;
  std::set<std::string> hosts;
  for (const directory::Endpoint& endpoint : connection.provider.sign_on)
    hosts.insert(host_of(endpoint.url));
  for (const std::string& host : hosts) {
    if (provider == "entra" && !is_entra(host)) {
      doubts.push_back(
          fmt::format("People would sign in at {}, which is not Microsoft’s sign-in.", printable(host)));
    }
  }
  if (connection.metadata_url.empty()) return doubts;
  const std::string source = host_of(connection.metadata_url);
  if (!hosts.contains(source)) {
    doubts.push_back(
        fmt::format("New certificates are fetched from {}, which is another host than the one where people "
                    "sign in. Whoever runs it decides who can come in.",
                    printable(source)));
  }
  return doubts;
}

std::string Proposal::version() const {
  json::Array all;
  for (const Connection& connection : connections)
    all.push_back(decisive_of(connection));
  for (const ProvisioningToken& token : tokens)
    all.push_back(json::Object{{"token", token.public_id}, {"scope", directory::to_text(token.scope)}});
  return to_hex(crypto::sha256(json::serialize(all)));
}

Result<Proposal> find_proposal(storage::Transaction& transaction, directory::AccountId account,
                               Timestamp now) {
  Proposal proposal;
  ASSIGN_OR_RETURN(proposal.connections, directory::list_connections(transaction, account));
  std::erase_if(proposal.connections, [](const Connection& each) { return !each.is_proposed(); });
  ASSIGN_OR_RETURN(proposal.tokens, directory::list_provisioning_tokens(transaction, account));
  std::erase_if(proposal.tokens,
                [&](const ProvisioningToken& each) { return !each.is_proposed() || !each.lives(now); });
  return proposal;
}

Result<void> accept_proposal(storage::Transaction& transaction, directory::AccountId account,
                             std::string_view version, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Proposal proposal, find_proposal(transaction, account, now));
  if (proposal.empty() || version != proposal.version()) {
    return fail(
        ErrorKind::Conflict, kProposalChanged,
        "What was set up has changed since this page showed it. Nothing was accepted: look at what it is "
        "now.");
  }
  for (const Connection& connection : proposal.connections)
    RETURN_IF_ERROR(directory::accept_connection(transaction, account, connection.id, actor, now));
  for (const ProvisioningToken& token : proposal.tokens)
    RETURN_IF_ERROR(directory::accept_provisioning_token(transaction, account, token.id, actor, now));
  return {};
}

Result<void> discard_proposal(storage::Transaction& transaction, directory::AccountId account,
                              const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(directory::require_own_rights(actor));
  ASSIGN_OR_RETURN(const Proposal proposal, find_proposal(transaction, account, now));
  for (const Connection& connection : proposal.connections)
    RETURN_IF_ERROR(directory::delete_connection(transaction, account, connection.id, actor, now));
  for (const ProvisioningToken& token : proposal.tokens)
    RETURN_IF_ERROR(directory::revoke_provisioning_token(transaction, account, token.id, actor, now));
  return {};
}

}  // namespace doorward::setup
