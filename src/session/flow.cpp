#include "session/flow.h"

#include <algorithm>

#include "json/json.h"

namespace doorward::session {

namespace {

json::Object content_of(const Flow& flow) {
  return {{"account", flow.account},     {"connection", flow.connection},
          {"return_to", flow.return_to}, {"purpose", static_cast<int>(flow.purpose)},
          {"test_run", flow.test_run},   {"reauthenticate", flow.reauthenticate}};
}

Result<Flow> flow_in(const SealedCookies::Opened& opened) {
  const json::Object& object = opened.content;
  Flow flow;
  flow.request_id = opened.id;
  flow.started = opened.started;
  ASSIGN_OR_RETURN(flow.account, json::required_string(object, "account"));
  ASSIGN_OR_RETURN(flow.return_to, json::required_string(object, "return_to"));
  ASSIGN_OR_RETURN(const auto test_run, json::optional_string(object, "test_run"));
  ASSIGN_OR_RETURN(const auto reauthenticate, json::optional_bool(object, "reauthenticate"));
  ASSIGN_OR_RETURN(const auto connection, json::optional_integer(object, "connection"));
  ASSIGN_OR_RETURN(const auto purpose, json::optional_integer(object, "purpose"));
  if (!connection || !purpose || *purpose < 0 || *purpose > static_cast<int>(FlowPurpose::Test)) {
    return no_flow("incomplete");
  }
  // A flow of the version before, during an upgrade, lacks these.
  flow.test_run = test_run.value_or("");
  flow.reauthenticate = reauthenticate.value_or(false);
  flow.connection = *connection;
  flow.purpose = static_cast<FlowPurpose>(*purpose);
  return flow;
}

}  // namespace

// Over plain http (development on loopback, where all ports are one site) Lax comes back with the POST, and
// browsers refuse None.
FlowCookies::FlowCookies(const crypto::Sealer& sealer, bool secure)
    : cookies_(sealer, {.prefix = "doorward_flow_",
                        .secure = secure,
                        .same_site = secure ? http::SameSite::None : http::SameSite::Lax,
                        .lifetime = kLifetime,
                        .max_open = kMaxOpen}) {}

void FlowCookies::set(http::Response& response, const http::Request& request, const Flow& flow,
                      Timestamp now) const {
  cookies_.set(response, request, flow.request_id, content_of(flow), flow.started, now);
}

Result<Flow> FlowCookies::find(const http::Request& request, std::string_view request_id,
                               Timestamp now) const {
  ASSIGN_OR_RETURN(const auto opened, cookies_.find(request, request_id, now));
  return flow_in(opened);
}

bool FlowCookies::was_just_bounced(const http::Request& request, std::int64_t connection, Timestamp now,
                                   Duration within) const {
  const auto all = cookies_.all(request);
  return std::any_of(all.begin(), all.end(), [&](const auto& entry) {
    if (!entry.second) return false;
    const auto flow = flow_in(*entry.second);
    return flow && flow->purpose == FlowPurpose::Bounced && flow->connection == connection &&
           now - flow->started < within;
  });
}

void FlowCookies::clear(http::Response& response, std::string_view request_id) const {
  cookies_.clear(response, request_id);
}

}  // namespace doorward::session
