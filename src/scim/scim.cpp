#include "scim/scim.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "scim/body.h"
#include "scim/protocol/errors.h"
#include "scim/user_resource.h"

namespace doorward::scim {

namespace {

using directory::ProvisioningOutcome;
using http::Request;
using http::Response;
using http::Status;

constexpr std::string_view kRetryAfterSeconds = "1";

const protocol::ServiceLimits kLimits = {};

/// RFC 7644 section 3.9: a projection is asked for in the query, whatever the method.
Result<void> read_projection(const Request& request, Operation& operation) {
  if (request.query.empty()) return {};
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  for (const auto& [name, value] : query.fields()) {
    const bool wanted = equal_ignoring_ascii_case(name, "attributes");
    if (!wanted && !equal_ignoring_ascii_case(name, "excludedAttributes")) continue;
    std::string& list = wanted ? operation.attributes : operation.excluded_attributes;
    if (!list.empty()) {
      return fail(ErrorKind::InvalidInput, protocol::kInvalidValue,
                  fmt::format("“{}” is there twice; its names are separated by commas.", printable(name)));
    }
    list = value;
  }
  return {};
}

const protocol::ResourceType& type_of(Kind kind, const Operation& operation) {
  const protocol::Schemas& schemas = operation.client.schemas;
  return kind == Kind::User ? schemas.user() : schemas.group();
}

/// Everything of a query but the cursor, so that a cursor continues its own query only.
std::string identity_of(Kind kind, const protocol::QueryParameters& parameters) {
  std::string identity = kind == Kind::User ? "Users" : "Groups";
  for (const auto& [name, value] : parameters) {
    if (!equal_ignoring_ascii_case(name, "cursor"))
      identity += fmt::format("&{}={}", to_ascii_lower(name), value);
  }
  return identity;
}

std::string header_of(const Request& request, std::string_view name) {
  return std::string(request.headers.find(name).value_or(""));
}

metrics::Counter& operations(metrics::Registry& metrics, std::string_view outcome) {
  return metrics.counter("doorward_scim_operations_total", "SCIM operations, by what came of them.",
                         fmt::format("outcome=\"{}\"", outcome));
}

/// RFC 6750 section 3: whoever sent no token is not told that it is wrong.
std::string challenge(const Error& error) {
  std::string text = "Bearer realm=\"Doorward SCIM\"";
  if (error.code != protocol::kNoToken) text += ", error=\"invalid_token\"";
  return text;
}

bool is_ours(const Error& error) {
  return error.kind == ErrorKind::Internal || error.kind == ErrorKind::Unavailable;
}

template <class Room>
Result<Answer> perform_in(Room& room, const Operation& operation) {
  switch (operation.method) {
    case http::Method::Post:
      return room.create(operation);
    case http::Method::Put:
      return room.replace(operation);
    case http::Method::Patch:
      return room.patch(operation);
    case http::Method::Delete:
      return room.remove(operation);
    default:
      return room.get(operation);
  }
}

/// RFC 7644 section 4: a filter is refused, so that nobody takes what discovery answers for what matches.
Result<void> refuse_filter(const Request& request) {
  if (request.query.empty()) return {};
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  for (const auto& [name, value] : query.fields()) {
    if (equal_ignoring_ascii_case(name, "filter"))
      return fail(ErrorKind::Refused, protocol::kForbidden, "What this server can do cannot be filtered.");
  }
  return {};
}

/// A list that is never long enough to be paged.
json::Value whole_list(json::Array resources) {
  protocol::Page page;
  page.total = static_cast<std::int64_t>(resources.size());
  page.resources = std::move(resources);
  page.start_index = 1;
  return protocol::list_response(std::move(page));
}

/// The resource of a discovery list with this id or name, without regard to case.
Result<json::Value> find_by(const json::Array& resources, std::string_view member, std::string_view wanted) {
  for (const json::Value& resource : resources) {
    const json::Value* value = resource.get_object().if_contains(member);
    if (value != nullptr && value->is_string() && equal_ignoring_ascii_case(value->get_string(), wanted))
      return resource;
  }
  return fail(ErrorKind::NotFound, protocol::kNoResource, "There is nothing with this name.");
}

}  // namespace

Scim::Scim(const Dependencies& dependencies)
    : database_(dependencies.database),
      clock_(dependencies.clock),
      sealer_(dependencies.sealer),
      base_url_(dependencies.public_url + "/scim/v2"),
      changed_(operations(dependencies.metrics, "changed")),
      read_(operations(dependencies.metrics, "read")),
      failed_(operations(dependencies.metrics, "failed")),
      bearers_(database_, clock_, dependencies.rate_limit),
      users_(database_, base_url_),
      groups_(database_, base_url_) {}

Response Scim::error_response(const Error& error) {
  protocol::WireError wire = protocol::wire_error(error);
  // The server's own refusals have their status already.
  const bool from_http = error.code == http::kMethodNotAllowed || error.code == http::kUnsupportedMediaType ||
                         error.code == http::kMethodUnknown || error.code == http::kNotFound;
  if (from_http) wire = {static_cast<int>(http::status_of(error)), {}};
  // What went wrong inside is for the log.
  const std::string_view detail =
      is_ours(error) ? "The server could not do this just now. Nothing was changed; try again later."
                     : std::string_view(error.message);
  Response response = scim_response(static_cast<Status>(wire.status),
                                    protocol::error_body(wire.status, wire.scim_type, detail));
  if (wire.status == 401) response.headers.set("WWW-Authenticate", challenge(error));
  // RFC 9110 section 15.5.16: it was not the media type.
  if (error.code == protocol::kUnknownCoding) response.headers.set("Accept-Encoding", "identity");
  if (wire.status == 429 || wire.status == 503) response.headers.set("Retry-After", kRetryAfterSeconds);
  return response;
}

Response Scim::error_response(const Request& request, const Error& error) {
  Response response = error_response(error);
  choose_media_type(request, response);
  return response;
}

Response Scim::refusal_response(Status status, std::string_view reason) {
  return scim_response(status,
                       protocol::error_body(static_cast<int>(status), {},
                                            fmt::format("This is not taken as a request: {}.", reason)));
}

Response Scim::refuse(const Request& request, const Refusal& refusal) {
  failed_.add();
  log::failure(is_ours(refusal.error) ? log::Level::Error : log::Level::Info, "scim.refused", refusal.error);
  Response response = error_response(refusal.error);
  if (!refusal.account || !recorder_.wants(*refusal.account, ProvisioningOutcome::Failed)) return response;
  directory::NewProvisioningEntry entry;
  entry.at = clock_.now();
  entry.token_name = refusal.token_name;
  entry.client_address = request.client_address;
  entry.request_id = request.request_id;
  entry.method = http::name_of(request.method);
  entry.path = masked_target(request.target, Personal::Masked);
  entry.outcome = ProvisioningOutcome::Failed;
  entry.status = static_cast<int>(response.status);
  entry.summary = refusal.error.message;
  recorder_.add(*refusal.account, std::move(entry));
  return response;
}

Response Scim::answer_failure(const Operation& operation, const Error& error) {
  failed_.add();
  log::failure(is_ours(error) ? log::Level::Error : log::Level::Info, "scim.failed", error);
  Response response = error_response(error);
  if (recorder_.wants(operation.account(), ProvisioningOutcome::Failed)) {
    recorder_.add(operation.account(), log_entry(operation, error, response));
  }
  return response;
}

Result<Response> Scim::run(const Request& request, const Work& work) {
  Response response = respond(request, work);
  choose_media_type(request, response);
  return response;
}

Response Scim::respond(const Request& request, const Work& work) {
  const auto client = bearers_.admit(request);
  if (!client) return refuse(request, client.error());
  Operation operation{.client = **client,
                      .method = request.method,
                      .target = request.target,
                      .if_match = header_of(request, "If-Match"),
                      .if_none_match = header_of(request, "If-None-Match"),
                      .client_address = request.client_address,
                      .request_id = request.request_id,
                      .now = clock_.now()};
  const auto read = read_projection(request, operation);
  if (!read) return answer_failure(operation, read.error());
  const auto answer = work(operation);
  if (!answer) return answer_failure(operation, answer.error());
  if (answer->outcome != ProvisioningOutcome::Read) {
    changed_.add();
    return response_of(*answer);
  }
  read_.add();
  if (recorder_.wants(operation.account(), ProvisioningOutcome::Read)) {
    recorder_.add(operation.account(), log_entry(operation, *answer));
  }
  return response_of(*answer);
}

Result<Answer> Scim::perform(Kind kind, const Operation& operation) {
  // Its holder may be nobody of the company's: who works there is not told either.
  const bool reads = operation.method == http::Method::Get || operation.method == http::Method::Head;
  if (operation.client.token.is_proposed() && reads) return no_resource(kind);
  return kind == Kind::User ? perform_in(users_, operation) : perform_in(groups_, operation);
}

Result<Answer> Scim::search(Kind kind, const Operation& operation, const protocol::SearchRequest& request,
                            std::string_view query) {
  // What the directory service's connection test asks: whether address and token are right.
  if (operation.client.token.is_proposed()) {
    return Answer{
        .body = whole_list({}),
        .summary = fmt::format("{} tested the connection. No administrator has accepted its token yet, so "
                               "that it sees nobody.",
                               operation.client.token.name)};
  }
  // A cursor of another account leads nowhere here.
  const Cursors cursors(sealer_, fmt::format("{}/{}", operation.client.account.public_id, query),
                        operation.now);
  return kind == Kind::User ? users_.search(operation, request, cursors)
                            : groups_.search(operation, request, cursors);
}

Result<Response> Scim::collection(const Request& request, Kind kind) {
  return run(request, [&](Operation& operation) -> Result<Answer> {
    if (request.method == http::Method::Post) {
      ASSIGN_OR_RETURN(operation.body, read_body(request));
      return perform(kind, operation);
    }
    ASSIGN_OR_RETURN(const http::Form query, request.query_form());
    ASSIGN_OR_RETURN(const auto wanted,
                     protocol::parse_search(query.fields(), type_of(kind, operation), kLimits.max_results));
    return search(kind, operation, wanted, identity_of(kind, query.fields()));
  });
}

Result<Response> Scim::resource(const Request& request, Kind kind) {
  return run(request, [&](Operation& operation) -> Result<Answer> {
    operation.id = request.parameter("id");
    if (request.method == http::Method::Put || request.method == http::Method::Patch) {
      ASSIGN_OR_RETURN(operation.body, read_body(request));
    }
    return perform(kind, operation);
  });
}

Result<Response> Scim::search_by_post(const Request& request, Kind kind) {
  return run(request, [&](Operation& operation) -> Result<Answer> {
    ASSIGN_OR_RETURN(operation.body, read_body(request));
    ASSIGN_OR_RETURN(const auto wanted,
                     protocol::parse_search(operation.body, type_of(kind, operation), kLimits.max_results));
    json::Object query = operation.body.get_object();
    query.erase("cursor");
    return search(kind, operation, wanted,
                  (kind == Kind::User ? "Users" : "Groups") + json::serialize(query));
  });
}

Result<Response> Scim::users(const Request& request) {
  return collection(request, Kind::User);
}
Result<Response> Scim::user(const Request& request) {
  return resource(request, Kind::User);
}
Result<Response> Scim::search_users(const Request& request) {
  return search_by_post(request, Kind::User);
}
Result<Response> Scim::groups(const Request& request) {
  return collection(request, Kind::Group);
}
Result<Response> Scim::group(const Request& request) {
  return resource(request, Kind::Group);
}
Result<Response> Scim::search_groups(const Request& request) {
  return search_by_post(request, Kind::Group);
}

Result<Response> Scim::bulk(const Request& request) {
  return run(request, [&](Operation& operation) -> Result<Answer> {
    ASSIGN_OR_RETURN(operation.body, read_body(request));
    return perform_bulk(operation);
  });
}

Result<Response> Scim::not_implemented(const Request& request, std::string_view why) {
  return run(request, [&](Operation&) -> Result<Answer> {
    return fail(ErrorKind::InvalidInput, protocol::kNotImplemented, std::string(why));
  });
}

Result<Response> Scim::me(const Request& request) {
  return not_implemented(
      request, "A provisioning token belongs to a company, not to a person: there is no “me”. Use /Users.");
}

Result<Response> Scim::own(const Request& request, const directory::Employee& employee) {
  static const protocol::Schemas kSchemas;
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(
      const auto projection,
      protocol::Projection::parse(query.find("attributes").value_or(""),
                                  query.find("excludedAttributes").value_or(""), kSchemas.user()));
  ASSIGN_OR_RETURN(Response response, users_.own(employee, projection));
  choose_media_type(request, response);
  return response;
}

Result<Response> Scim::search_everything(const Request& request) {
  return not_implemented(request,
                         "Search one kind of resource at a time, at /Users/.search or /Groups/.search.");
}

Result<Response> Scim::service_provider_config(const Request& request) {
  return run(request, [&](Operation&) -> Result<Answer> {
    RETURN_IF_ERROR(refuse_filter(request));
    return Answer{.body = protocol::service_provider_config(base_url_, kLimits),
                  .summary = "The directory service asked what this server can do."};
  });
}

Result<Response> Scim::schemas(const Request& request) {
  return run(request, [&](Operation& operation) -> Result<Answer> {
    RETURN_IF_ERROR(refuse_filter(request));
    return Answer{.body = whole_list(operation.client.schemas.schema_resources(base_url_)),
                  .summary = "The directory service asked for the schemas."};
  });
}

Result<Response> Scim::schema(const Request& request) {
  return run(request, [&](Operation& operation) -> Result<Answer> {
    RETURN_IF_ERROR(refuse_filter(request));
    ASSIGN_OR_RETURN(json::Value found, find_by(operation.client.schemas.schema_resources(base_url_), "id",
                                                request.parameter("id")));
    return Answer{.body = std::move(found), .summary = "The directory service asked for a schema."};
  });
}

Result<Response> Scim::resource_types(const Request& request) {
  return run(request, [&](Operation& operation) -> Result<Answer> {
    RETURN_IF_ERROR(refuse_filter(request));
    return Answer{.body = whole_list(operation.client.schemas.resource_type_resources(base_url_)),
                  .summary = "The directory service asked for the kinds of resources."};
  });
}

Result<Response> Scim::resource_type(const Request& request) {
  return run(request, [&](Operation& operation) -> Result<Answer> {
    RETURN_IF_ERROR(refuse_filter(request));
    ASSIGN_OR_RETURN(json::Value found, find_by(operation.client.schemas.resource_type_resources(base_url_),
                                                "name", request.parameter("name")));
    return Answer{.body = std::move(found), .summary = "The directory service asked for a kind of resource."};
  });
}

Result<void> Scim::flush() {
  RETURN_IF_ERROR(recorder_.flush(database_));
  return bearers_.flush();
}

}  // namespace doorward::scim
