#include "scim/protocol/bulk.h"

#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/errors.h"
#include "scim/scim.h"
#include "scim/user_resource.h"

/// Bulk. Source: RFC 7644 section 3.7.
namespace doorward::scim {

namespace {

using protocol::BulkOperation;

http::Method method_of(BulkOperation::Method method) {
  switch (method) {
    case BulkOperation::Method::Post:
      return http::Method::Post;
    case BulkOperation::Method::Put:
      return http::Method::Put;
    case BulkOperation::Method::Patch:
      return http::Method::Patch;
    case BulkOperation::Method::Delete:
      break;
  }
  return http::Method::Delete;
}

/// `/Users` or `/Users/{id}` taken apart. RFC 7644 section 3.7: the path is relative to the base.
struct Place {
  Kind kind = Kind::User;
  std::string id;
};
Result<Place> place_of(const BulkOperation& operation) {
  const auto segments = split(operation.path, '/');
  const bool has_id = segments.size() == 3 && !segments[2].empty();
  const bool is_collection = segments.size() == 2;
  if (segments.front().empty() && (has_id || is_collection)) {
    const bool wants_id = operation.method != BulkOperation::Method::Post;
    const bool users = segments[1] == "Users";
    if ((users || segments[1] == "Groups") && has_id == wants_id) {
      return Place{users ? Kind::User : Kind::Group, has_id ? std::string(segments[2]) : std::string()};
    }
  }
  return fail(
      ErrorKind::InvalidInput, protocol::kInvalidValue,
      fmt::format("“{}” is no path for this method: use /Users or /Groups, with an id unless it is a POST.",
                  printable(operation.path)));
}

/// RFC 7644 section 3.7.3: status is a string, a failed operation carries the error as its response, and only
/// a POST that failed has no location.
json::Object described(const BulkOperation& operation, const Result<Answer>& answer,
                       std::string_view base_url) {
  json::Object shown{{"method", http::name_of(method_of(operation.method))}};
  if (!operation.bulk_id.empty()) shown["bulkId"] = operation.bulk_id;
  if (answer && !answer->location.empty()) {
    shown["location"] = answer->location;
  } else if (operation.method != BulkOperation::Method::Post) {
    shown["location"] = std::string(base_url) + operation.path;
  }
  if (!answer) {
    const http::Response failure = Scim::error_response(answer.error());
    shown["status"] = std::to_string(static_cast<int>(failure.status));
    if (auto body = json::parse(failure.body)) shown["response"] = *std::move(body);
    return shown;
  }
  if (answer->version != 0) shown["version"] = entity_tag(answer->version);
  shown["status"] = std::to_string(static_cast<int>(answer->status));
  return shown;
}

}  // namespace

Result<Answer> Scim::perform_bulk(const Operation& operation) {
  const protocol::ServiceLimits limits;
  ASSIGN_OR_RETURN(protocol::BulkRequest bulk, protocol::parse_bulk(operation.body, limits.max_operations));
  std::map<std::string, std::string, std::less<>> ids;
  // Answers stand in the order of the request, whatever order the references demand.
  std::vector<std::optional<json::Object>> answers(bulk.operations.size());
  int failures = 0;
  bool changed = false;
  for (const std::size_t i : protocol::execution_order(bulk)) {
    if (bulk.fail_on_errors && failures >= *bulk.fail_on_errors) break;
    BulkOperation& wanted = bulk.operations[i];
    const auto run_one = [&]() -> Result<Answer> {
      RETURN_IF_ERROR(
          protocol::resolve_references(wanted, [&](std::string_view id) -> std::optional<std::string> {
            const auto known = ids.find(id);
            return known == ids.end() ? std::nullopt : std::optional(known->second);
          }));
      ASSIGN_OR_RETURN(const Place place, place_of(wanted));
      Operation one{.client = operation.client,
                    .method = method_of(wanted.method),
                    .target = "/scim/v2/Bulk " + wanted.path,
                    .id = place.id,
                    .body = std::move(wanted.data),
                    .if_match = wanted.version,
                    .client_address = operation.client_address,
                    .request_id = operation.request_id,
                    .now = clock_.now()};
      auto answer = perform(place.kind, one);
      if (!answer) answer_failure(one, answer.error());
      return answer;
    };
    const Result<Answer> answer = run_one();
    if (!answer) ++failures;
    if (answer && answer->outcome != directory::ProvisioningOutcome::Read) changed = true;
    if (answer && !wanted.bulk_id.empty()) ids[wanted.bulk_id] = answer->subject;
    answers[i] = described(wanted, answer, base_url_);
  }
  json::Array list;
  for (auto& answer : answers) {
    if (answer) list.push_back(*std::move(answer));
  }
  Answer whole;
  whole.body = json::Object{{"schemas", json::Array{"urn:ietf:params:scim:api:messages:2.0:BulkResponse"}},
                            {"Operations", std::move(list)}};
  whole.outcome =
      changed ? directory::ProvisioningOutcome::Changed : directory::ProvisioningOutcome::Unchanged;
  return whole;
}

}  // namespace doorward::scim
