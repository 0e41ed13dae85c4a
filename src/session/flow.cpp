#include "session/flow.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "json/json.h"

namespace doorward::session {

namespace {

tl::unexpected<Error> no_flow(std::string detail) {
  return fail(
      ErrorKind::Refused, kNoFlow,
      "The answer belongs to no sign-in of this browser: it was started in another one, too long ago, or "
      "cookies are blocked.",
      std::move(detail));
}

std::string encode(const Flow& flow) {
  return json::serialize(json::Object{{"id", flow.request_id},
                                      {"account", flow.account},
                                      {"connection", flow.connection},
                                      {"return_to", flow.return_to},
                                      {"purpose", static_cast<int>(flow.purpose)},
                                      {"test_run", flow.test_run},
                                      {"started", to_millis(flow.started)}});
}

Result<Flow> decode(std::string_view text) {
  ASSIGN_OR_RETURN(const json::Value value, json::parse(text));
  if (!value.is_object()) return no_flow("not an object");
  const json::Object& object = value.get_object();
  Flow flow;
  ASSIGN_OR_RETURN(flow.request_id, json::required_string(object, "id"));
  ASSIGN_OR_RETURN(flow.account, json::required_string(object, "account"));
  ASSIGN_OR_RETURN(flow.return_to, json::required_string(object, "return_to"));
  ASSIGN_OR_RETURN(const auto test_run, json::optional_string(object, "test_run"));
  ASSIGN_OR_RETURN(const auto connection, json::optional_integer(object, "connection"));
  ASSIGN_OR_RETURN(const auto purpose, json::optional_integer(object, "purpose"));
  ASSIGN_OR_RETURN(const auto started, json::optional_integer(object, "started"));
  if (!connection || !purpose || !started || *purpose < 0 || *purpose > static_cast<int>(FlowPurpose::Test)) {
    return no_flow("incomplete");
  }
  // A flow of the version before, during an upgrade, has none.
  flow.test_run = test_run.value_or("");
  flow.connection = *connection;
  flow.purpose = static_cast<FlowPurpose>(*purpose);
  flow.started = from_millis(*started);
  return flow;
}

}  // namespace

bool FlowCookies::is_ours(std::string_view cookie_name) const {
  if (!cookie_name.starts_with(name_prefix())) return false;
  const std::string_view hash = cookie_name.substr(name_prefix().size());
  return !hash.empty() && hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string_view FlowCookies::name_prefix() const {
  return secure_ ? "__Host-doorward_flow_" : "doorward_flow_";
}

std::string FlowCookies::cookie_name(std::string_view request_id) const {
  // A hash, because the id to look for comes from an unverified message and must not choose cookie names
  // freely.
  return fmt::format("{}{}", name_prefix(), to_hex(crypto::sha256(request_id)).substr(0, 16));
}

http::Cookie FlowCookies::cookie(std::string name, std::string value, std::chrono::seconds max_age) const {
  http::Cookie result;
  result.name = std::move(name);
  result.value = std::move(value);
  // Over plain http (development on loopback, where all ports are one site) Lax comes back with the POST, and
  // browsers refuse None.
  result.same_site = secure_ ? http::SameSite::None : http::SameSite::Lax;
  result.secure = secure_;
  result.max_age = max_age;
  return result;
}

Result<Flow> FlowCookies::open(std::string_view name, std::string_view value) const {
  const auto sealed = from_base64url(value);
  if (!sealed) return no_flow("not base64url");
  const auto plain = sealer_.open(name, *sealed);
  if (!plain) return no_flow("does not open");
  return decode(plain->reveal());
}

std::vector<std::pair<std::string, Result<Flow>>> FlowCookies::all(const http::Request& request) const {
  std::vector<std::pair<std::string, Result<Flow>>> flows;
  for (const std::string_view name : request.cookie_names()) {
    if (!is_ours(name)) continue;
    const auto value = request.cookie(name);
    flows.emplace_back(name, value ? open(name, *value) : Result<Flow>(no_flow("sent twice")));
  }
  return flows;
}

void FlowCookies::set(http::Response& response, const http::Request& request, const Flow& flow,
                      Timestamp now) const {
  auto others = all(request);
  const auto age_order = [](const auto& a, const auto& b) {
    const Timestamp a_started = a.second ? a.second->started : Timestamp();
    const Timestamp b_started = b.second ? b.second->started : Timestamp();
    return a_started > b_started;
  };
  std::sort(others.begin(), others.end(), age_order);
  for (std::size_t i = 0; i < others.size(); ++i) {
    const auto& [name, other] = others[i];
    if (other && now - other->started < kLifetime && i + 1 < kMaxOpen) continue;
    response.set_cookie(cookie(name, "", std::chrono::seconds(0)));
  }
  const std::string name = cookie_name(flow.request_id);
  response.set_cookie(cookie(name, to_base64url(sealer_.seal(name, encode(flow))), kLifetime));
}

Result<Flow> FlowCookies::find(const http::Request& request, std::string_view request_id,
                               Timestamp now) const {
  const std::string name = cookie_name(request_id);
  const auto value = request.cookie(name);
  if (!value) return no_flow("no cookie");
  ASSIGN_OR_RETURN(Flow flow, open(name, *value));
  if (flow.request_id != request_id) return no_flow("another request");
  if (now - flow.started >= kLifetime || flow.started > now) return no_flow("expired");
  return flow;
}

bool FlowCookies::was_just_bounced(const http::Request& request, std::int64_t connection, Timestamp now,
                                   Duration within) const {
  const auto flows = all(request);
  return std::any_of(flows.begin(), flows.end(), [&](const auto& entry) {
    const auto& flow = entry.second;
    return flow && flow->purpose == FlowPurpose::Bounced && flow->connection == connection &&
           now - flow->started < within;
  });
}

void FlowCookies::clear(http::Response& response, std::string_view request_id) const {
  response.set_cookie(cookie(cookie_name(request_id), "", std::chrono::seconds(0)));
}

}  // namespace doorward::session
