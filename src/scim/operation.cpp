#include "scim/operation.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/text.h"
#include "scim/body.h"
#include "scim/protocol/errors.h"
#include "scim/user_resource.h"

namespace doorward::scim {

namespace {

constexpr std::size_t kMaxLoggedResources = 5;

/// A list of entity tags, as If-Match and If-None-Match have it, names the version. Tags compare weakly:
/// `"7"` is `W/"7"` (clients drop the mark).
bool names_version(std::string_view tags, std::int64_t version) {
  if (trim(tags) == "*") return true;
  const std::string weak = entity_tag(version);
  const std::string_view strong = std::string_view(weak).substr(2);
  return std::ranges::any_of(split(tags, ','),
                             [&](std::string_view tag) { return trim(tag) == weak || trim(tag) == strong; });
}

/// A list whose answer would fill the log: its summary says how many there were.
bool is_long_list(const json::Value& body) {
  if (!body.is_object()) return false;
  const json::Value* resources = body.get_object().if_contains("Resources");
  return resources != nullptr && resources->is_array() && resources->get_array().size() > kMaxLoggedResources;
}

std::int64_t micros_since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun)
      .count();
}

directory::NewProvisioningEntry base_entry(const Operation& operation) {
  directory::NewProvisioningEntry entry;
  entry.at = operation.now;
  entry.token_name = operation.client.token.name;
  entry.client_address = operation.client_address;
  entry.request_id = operation.request_id;
  entry.method = http::name_of(operation.method);
  entry.path = masked_target(operation.target, operation.personal());
  entry.request_body = masked_body(operation.body, operation.personal());
  entry.duration_micros = micros_since(operation.begun);
  return entry;
}

}  // namespace

http::Response response_of(const Answer& answer) {
  http::Response response = scim_response(answer.status, answer.body);
  if (!answer.location.empty()) response.headers.set("Location", answer.location);
  if (answer.version != 0) response.headers.set("ETag", entity_tag(answer.version));
  return response;
}

Result<void> require_scope(const Client& client, Kind kind) {
  using directory::TokenScope;
  if (client.token.is_proposed()) {
    return fail(
        ErrorKind::Refused, protocol::kForbidden,
        "This provisioning token was made by a setup link, and no administrator has accepted it yet. "
        "Until then it changes nobody: ask an administrator to accept it, under Security > SSO and SCIM.");
  }
  const TokenScope scope = client.token.scope;
  const bool may = scope == TokenScope::Full || (scope == TokenScope::Users && kind == Kind::User) ||
                   (scope == TokenScope::Groups && kind == Kind::Group);
  if (may) return {};
  return fail(ErrorKind::Refused, protocol::kForbidden,
              fmt::format("This provisioning token may not change {}: its scope is “{}”.",
                          kind == Kind::User ? "users" : "groups", directory::to_text(scope)));
}

Result<void> check_version(const Operation& operation, std::int64_t version) {
  // RFC 9110 section 13.1.2: If-None-Match forbids a change of what it names, `*` of whatever is there.
  const bool forbidden = !operation.if_none_match.empty() && names_version(operation.if_none_match, version);
  const bool matches = operation.if_match.empty() || names_version(operation.if_match, version);
  if (matches && !forbidden) return {};
  if (forbidden) {
    return fail(ErrorKind::Conflict, protocol::kPreconditionFailed,
                fmt::format("If-None-Match forbids this: the resource is there, and its version is {}.",
                            entity_tag(version)));
  }
  return fail(ErrorKind::Conflict, protocol::kPreconditionFailed,
              fmt::format("The resource has changed: its version is {} now. Read it again first.",
                          entity_tag(version)));
}

bool is_unchanged_for(const Operation& operation, std::int64_t version) {
  return !operation.if_none_match.empty() && names_version(operation.if_none_match, version);
}

tl::unexpected<Error> no_resource(Kind kind) {
  return fail(ErrorKind::NotFound, protocol::kNoResource,
              fmt::format("There is no {} with this id.", kind == Kind::User ? "User" : "Group"));
}

Result<protocol::Projection> projection_of(const Operation& operation, const protocol::ResourceType& type) {
  return protocol::Projection::parse(operation.attributes, operation.excluded_attributes, type);
}

directory::NewProvisioningEntry log_entry(const Operation& operation, const Answer& answer,
                                          const std::vector<Change>& changes) {
  directory::NewProvisioningEntry entry = base_entry(operation);
  entry.status = static_cast<int>(answer.status);
  entry.outcome = answer.outcome;
  entry.summary = answer.summary;
  entry.subject = answer.subject;
  if (!changes.empty()) entry.changes = changes_text(changes, operation.personal());
  if (!is_long_list(answer.body)) entry.response_body = masked_body(answer.body, operation.personal());
  return entry;
}

directory::NewProvisioningEntry log_entry(const Operation& operation, const Error& error,
                                          const http::Response& response) {
  directory::NewProvisioningEntry entry = base_entry(operation);
  entry.status = static_cast<int>(response.status);
  entry.response_body = response.body;
  entry.outcome = directory::ProvisioningOutcome::Failed;
  entry.summary = error.message;
  entry.subject = directory::is_uuid(operation.id) ? operation.id : "";
  return entry;
}

Result<void> record_change(storage::Transaction& transaction, const Operation& operation,
                           const Answer& answer, const std::vector<Change>& changes) {
  const directory::NewProvisioningEntry entry = log_entry(operation, answer, changes);
  return directory::record_provisioning(transaction, operation.account(), std::span(&entry, 1));
}

}  // namespace doorward::scim
