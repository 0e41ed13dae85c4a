#include "oidc/answers.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/text.h"
#include "base/url.h"

namespace doorward::oidc {

http::Response answer(const json::Object& object, http::Status status) {
  auto response = http::Response::json(status, json::serialize(object));
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("Pragma", "no-cache");
  return response;
}

http::Response refuse(const protocol::OAuthError& error, http::Status status) {
  return answer({{"error", error.error}, {"error_description", error.description}}, status);
}

http::Response method_not_allowed() {
  auto response = http::Response::text(http::Status::MethodNotAllowed, "Use GET or POST.\n");
  response.headers.set("Allow", "GET, POST");
  return response;
}

Result<protocol::Parameters, protocol::OAuthError> read_form(const http::Request& request) {
  const auto form = request.form();
  if (!form) return fail(protocol::OAuthError{"invalid_request", form.error().message});
  for (const auto& [name, value] : form->fields()) {
    if (form->count(name) == 1) continue;
    return fail(protocol::OAuthError{"invalid_request",
                                     fmt::format("The parameter {} is there twice.", printable(name))});
  }
  return form->fields();
}

std::string_view find(const protocol::Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

std::string to_form(const protocol::Parameters& parameters) {
  std::string form;
  for (const auto& [name, value] : parameters) {
    if (!form.empty()) form += '&';
    form += percent_encode(name);
    form += '=';
    form += percent_encode(value);
  }
  return form;
}

void allow_origin(http::Response& response, const http::Request& request,
                  const directory::Application& application) {
  response.headers.set("Vary", "Origin");
  const auto origin = request.headers.find("Origin");
  if (!origin) return;
  const bool is_own = std::ranges::any_of(application.settings.redirect_uris, [&](const std::string& uri) {
    const auto url = Url::parse(uri);
    return url && url->origin() == *origin;
  });
  if (!is_own) return;
  response.headers.set("Access-Control-Allow-Origin", *origin);
  response.headers.set("Access-Control-Expose-Headers", "WWW-Authenticate");
}

Result<http::Response> preflight(const http::Request&) {
  http::Response response;
  response.status = http::Status::NoContent;
  response.headers.set("Access-Control-Allow-Origin", "*");
  response.headers.set("Access-Control-Allow-Methods", "GET, POST");
  response.headers.set("Access-Control-Allow-Headers", "Authorization, Content-Type");
  response.headers.set("Access-Control-Max-Age", "600");
  return response;
}

std::int64_t to_seconds(Timestamp time) {
  return to_millis(time) / 1000;
}

}  // namespace doorward::oidc
