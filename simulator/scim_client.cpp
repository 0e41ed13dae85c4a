#include "simulator/scim_client.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace doorward::simulator {

namespace {

constexpr const char* kListResponse = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

std::string shown(const net::SendResponse& response) {
  return fmt::format("HTTP status {}: {}", response.status, printable(response.body, 300));
}

tl::unexpected<Error> refused(const net::SendResponse& response) {
  return fail(ErrorKind::Unavailable, kRefused,
              fmt::format("The application refused the request with {}.", shown(response)));
}

tl::unexpected<Error> not_compliant(std::string_view what, const net::SendResponse& response) {
  return fail(
      ErrorKind::Unavailable, kNotCompliant,
      fmt::format("The application's answer does not comply with SCIM: {} ({}).", what, shown(response)));
}

std::optional<json::Object> object_of(const net::SendResponse& response) {
  const auto value = json::parse(response.body);
  if (!value || !value->is_object()) return std::nullopt;
  return value->get_object();
}

bool is_list(const json::Object& object) {
  const json::Value* schemas = object.if_contains("schemas");
  return schemas != nullptr && schemas->is_array() &&
         std::ranges::find(schemas->get_array(), json::Value(kListResponse)) != schemas->get_array().end();
}

}  // namespace

Result<ScimClient> ScimClient::make(const ProvisioningSettings& settings, const Transport& transport) {
  ASSIGN_OR_RETURN(ScimEndpoint endpoint, ScimEndpoint::parse(settings.tenant_url));
  return ScimClient(std::move(endpoint), settings, transport);
}

Result<net::SendResponse> ScimClient::ask(net::SendMethod method, std::string_view path,
                                          std::string_view query, const json::Object* body,
                                          std::vector<Exchange>& exchanges) const {
  Exchange& exchange = exchanges.emplace_back();
  exchange.method = net::name_of(method);
  exchange.url = endpoint_.text(path, query);
  if (body != nullptr) exchange.request_body = json::serialize(*body);
  const auto refuse = [&](const Error& error) {
    exchange.failure = error.message;
    return fail(ErrorKind::Unavailable, kUnreachable, error.message, error.detail);
  };
  const auto url = endpoint_.url(path, query);
  if (!url) return refuse(url.error());
  net::SendRequest request{.method = method,
                           .url = *url,
                           .headers = {{"Authorization", fmt::format("Bearer {}", token_.reveal())},
                                       {"Accept", "application/scim+json"}},
                           .body = exchange.request_body};
  if (body != nullptr) request.headers.emplace_back("Content-Type", "application/scim+json; charset=utf-8");
  auto response = transport_(request);
  if (!response) return refuse(response.error());
  exchange.status = response->status;
  exchange.content_type = response->header("Content-Type").value_or("");
  exchange.response_body = response->body;
  if (response->status == 401 || response->status == 403) {
    return fail(ErrorKind::Unavailable, kInvalidCredentials,
                fmt::format("The application refused the Secret Token with {}.", shown(*response)));
  }
  return response;
}

Result<std::optional<json::Object>> ScimClient::find(std::string_view path, std::string_view query,
                                                     std::vector<Exchange>& exchanges) const {
  ASSIGN_OR_RETURN(const auto response, ask(net::SendMethod::Get, path, query, nullptr, exchanges));
  // Too many requests and faults of the moment are worth another try.
  if (response.status == 429 || response.status >= 500) return refused(response);
  if (response.status != 200) return not_compliant("200 with a ListResponse was expected", response);
  const auto list = object_of(response);
  if (!list || !is_list(*list)) return not_compliant("the body is no ListResponse", response);
  const json::Value* total = list->if_contains("totalResults");
  if (total == nullptr || !total->is_int64()) return not_compliant("totalResults is missing", response);
  if (total->get_int64() == 0) return std::optional<json::Object>();
  const json::Value* resources = list->if_contains("Resources");
  if (resources == nullptr || !resources->is_array() || resources->get_array().empty())
    return not_compliant("Resources is missing", response);
  if (resources->get_array().size() > 1) {
    return fail(
        ErrorKind::Conflict, kRefused,
        "DuplicateTargetEntries: the application has more than one object with this matching attribute.");
  }
  const json::Value& resource = resources->get_array().front();
  const json::Value* id = resource.is_object() ? resource.get_object().if_contains("id") : nullptr;
  if (id == nullptr || !id->is_string()) return not_compliant("the resource has no id", response);
  return std::optional(resource.get_object());
}

Result<std::string> ScimClient::create(std::string_view path, const json::Object& body,
                                       std::vector<Exchange>& exchanges) const {
  ASSIGN_OR_RETURN(const auto response, ask(net::SendMethod::Post, path, "", &body, exchanges));
  if (response.status != 201) return refused(response);
  const auto resource = object_of(response);
  const json::Value* id = resource ? resource->if_contains("id") : nullptr;
  if (id == nullptr || !id->is_string()) return not_compliant("the created resource has no id", response);
  return std::string(id->get_string());
}

Result<void> ScimClient::patch(std::string_view path, const json::Object& body, PatchAnswer expected,
                               std::vector<Exchange>& exchanges) const {
  ASSIGN_OR_RETURN(const auto response, ask(net::SendMethod::Patch, path, "", &body, exchanges));
  const bool fits =
      response.status == 204 || (expected == PatchAnswer::ResourceOrNothing && response.status == 200);
  if (!fits) return refused(response);
  return {};
}

Result<void> ScimClient::remove(std::string_view path, std::vector<Exchange>& exchanges) const {
  ASSIGN_OR_RETURN(const auto response, ask(net::SendMethod::Delete, path, "", nullptr, exchanges));
  if (response.status != 204 && response.status != 404) return refused(response);
  return {};
}

}  // namespace doorward::simulator
