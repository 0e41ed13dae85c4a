#include "simulator/call.h"
#include "simulator/json_model.h"
#include "simulator/provisioning_json.h"
#include "simulator/provisioning_service.h"

/// `/simulator/api/…/applications/{application}/provisioning`.
namespace doorward::simulator {

namespace {

http::Response reply(const json::Object& object) {
  return http::Response::json(http::Status::Ok, json::serialize(object));
}

Result<json::Object> body_of(const http::Request& request) {
  if (request.body.empty()) return json::Object();
  ASSIGN_OR_RETURN(const json::Value value, json::parse(request.body));
  return as_object(value);
}

Result<Provisioning*> provisioning_of(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(Application * application, application_of(call, *tenant));
  return &application->provisioning;
}

Result<http::Response> show(Call& call) {
  ASSIGN_OR_RETURN(const Provisioning* provisioning, provisioning_of(call));
  return reply(to_json(*provisioning));
}

Result<http::Response> change(Call& call) {
  ASSIGN_OR_RETURN(Provisioning * provisioning, provisioning_of(call));
  ASSIGN_OR_RETURN(const json::Object body, body_of(call.request));
  RETURN_IF_ERROR(configure(provisioning->settings, body));
  return reply(to_json(*provisioning));
}

Result<http::Response> start(Call& call) {
  ASSIGN_OR_RETURN(Provisioning * provisioning, provisioning_of(call));
  RETURN_IF_ERROR(start_provisioning(*provisioning));
  return reply(to_json(*provisioning));
}

Result<http::Response> stop(Call& call) {
  ASSIGN_OR_RETURN(Provisioning * provisioning, provisioning_of(call));
  provisioning->job.started = false;
  return reply(to_json(*provisioning));
}

Result<http::Response> restart(Call& call) {
  ASSIGN_OR_RETURN(Provisioning * provisioning, provisioning_of(call));
  RETURN_IF_ERROR(restart_provisioning(*provisioning));
  return reply(to_json(*provisioning));
}

Result<http::Response> show_log(Call& call) {
  ASSIGN_OR_RETURN(const Provisioning* provisioning, provisioning_of(call));
  json::Array entries;
  for (const ProvisioningLogEntry& entry : provisioning->log)
    entries.push_back(to_json(entry));
  return reply({{"entries", std::move(entries)}});
}

Result<http::Response> clear_log(Call& call) {
  ASSIGN_OR_RETURN(Provisioning * provisioning, provisioning_of(call));
  provisioning->log.clear();
  http::Response response;
  response.status = http::Status::NoContent;
  return response;
}

/// With settings in the body, those are tried and not kept.
Result<http::Response> test(WaitingCall& call) {
  ProvisioningSettings settings;
  RETURN_IF_ERROR(call.locked([&](Call& locked) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const Provisioning* provisioning, provisioning_of(locked));
    settings = provisioning->settings;
    return http::Response();
  }));
  ASSIGN_OR_RETURN(const json::Object body, body_of(call.request));
  RETURN_IF_ERROR(configure(settings, body));
  return reply(to_json(call.provisioning.test(settings)));
}

Result<http::Response> run(WaitingCall& call) {
  ASSIGN_OR_RETURN(const CycleReport report, call.provisioning.run(call.request.parameter("tenant"),
                                                                   call.request.parameter("application")));
  return reply(to_json(report));
}

Result<http::Response> on_demand(WaitingCall& call) {
  ASSIGN_OR_RETURN(const json::Object body, body_of(call.request));
  ASSIGN_OR_RETURN(const std::string user, json::required_string(body, "user"));
  ASSIGN_OR_RETURN(const CycleReport report,
                   call.provisioning.run_on_demand(call.request.parameter("tenant"),
                                                   call.request.parameter("application"), user));
  return reply(to_json(report));
}

}  // namespace

std::vector<CallRoute> provisioning_api_routes() {
  using enum http::Method;
  return {
      {Get, "/simulator/api/tenants/{tenant}/applications/{application}/provisioning", show},
      {Patch, "/simulator/api/tenants/{tenant}/applications/{application}/provisioning", change},
      {Post, "/simulator/api/tenants/{tenant}/applications/{application}/provisioning/start", start},
      {Post, "/simulator/api/tenants/{tenant}/applications/{application}/provisioning/stop", stop},
      {Post, "/simulator/api/tenants/{tenant}/applications/{application}/provisioning/restart", restart},
      {Get, "/simulator/api/tenants/{tenant}/applications/{application}/provisioning/log", show_log},
      {Delete, "/simulator/api/tenants/{tenant}/applications/{application}/provisioning/log", clear_log},
  };
}

std::vector<WaitingRoute> provisioning_api_waiting_routes() {
  using enum http::Method;
  return {
      {Post, "/simulator/api/tenants/{tenant}/applications/{application}/provisioning/test-connection", test},
      {Post, "/simulator/api/tenants/{tenant}/applications/{application}/provisioning/cycle", run},
      {Post, "/simulator/api/tenants/{tenant}/applications/{application}/provisioning/on-demand", on_demand},
  };
}

}  // namespace doorward::simulator
