#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "simulator/call.h"
#include "simulator/ui.h"

/// Overview of a tenant, the list of tenants, and *Faults and clock*.
namespace doorward::simulator {

namespace {

using namespace ui;

std::size_t count_users(const Tenant& tenant) {
  return static_cast<std::size_t>(
      std::ranges::count_if(tenant.users, [](const User& user) { return !user.deleted; }));
}

Result<http::Response> show_start(Call& call) {
  return http::Response::see_other(portal_path(call.state.tenants.front()));
}

Result<http::Response> show_overview(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  Html basics;
  basics += property("Name", html("{}", tenant->name));
  basics += copyable("Tenant ID", tenant->tenant_id);
  basics += copyable("Primary domain", tenant->primary_domain);
  basics += property("Users", link(portal_path(*tenant, "/users"), std::to_string(count_users(*tenant))));
  basics += property("Groups", link(portal_path(*tenant, "/groups"), std::to_string(tenant->groups.size())));
  basics += property("Applications", link(portal_path(*tenant, "/applications"),
                                          std::to_string(tenant->applications.size())));

  Html others;
  for (const Tenant& other : call.state.tenants) {
    others += property(other.name, link(portal_path(other), other.primary_domain));
  }
  const Html create = text_field("Organization name", "name", "") +
                      text_field("Initial domain name", "domain", "", "For example fabrikam.example.");
  Html body = done_notice(call.request);
  if (!tenant->faults.empty() || tenant->clock_offset.count() != 0) {
    body += note(html(R"(This tenant misbehaves on purpose. <a href="{}">Faults and clock</a>)",
                      portal_path(*tenant, "/faults")));
  }
  body += card("Basic information", properties(basics));
  body += card("Manage tenants", properties(others) + form("/tenants", create, "Create"));
  return portal_page(*tenant, {.section = Section::Overview, .title = tenant->name, .body = body});
}

Result<http::Response> post_tenant(Call& call) {
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  ASSIGN_OR_RETURN(const Tenant* tenant,
                   create_tenant(call.state, field(values, "name"), field(values, "domain")));
  return done(portal_path(*tenant), "Tenant created.");
}

http::Response faults_page(Call& call, const Tenant& tenant, const std::optional<Error>& problem) {
  Html boxes;
  for (const FaultInfo& info : all_faults()) {
    boxes += checkbox(info.title, info.name, tenant.faults.contains(info.fault), info.explanation);
  }
  const Html clock =
      text_field("Clock offset in seconds", "clock_offset", std::to_string(tenant.clock_offset.count()),
                 "Added to the time in everything that this tenant issues; may be negative.");
  Html body = note(
      html("This page is not part of Entra. What is switched on here makes the tenant misbehave, so that an "
           "application's refusals can be seen."));
  body += done_notice(call.request) + problem_notice(problem);
  body += card("Responses", form(portal_path(tenant, "/faults"), boxes + clock, "Save"));
  return portal_page(tenant, {.section = Section::Faults,
                              .title = "Faults and clock",
                              .body = body,
                              .status = problem ? http::Status::UnprocessableContent : http::Status::Ok});
}

Result<http::Response> show_faults(Call& call) {
  ASSIGN_OR_RETURN(const Tenant* tenant, tenant_of(call));
  return faults_page(call, *tenant, std::nullopt);
}

Result<http::Response> post_faults(Call& call) {
  ASSIGN_OR_RETURN(Tenant * tenant, tenant_of(call));
  ASSIGN_OR_RETURN(const http::Form values, call.request.form());
  const std::string offset = field(values, "clock_offset");
  std::int32_t seconds = 0;
  const auto [end, error] = std::from_chars(offset.data(), offset.data() + offset.size(), seconds);
  if (error != std::errc() || end != offset.data() + offset.size()) {
    return faults_page(call, *tenant,
                       Error{ErrorKind::InvalidInput, "simulator.clock_offset",
                             "The clock offset must be a whole number of seconds."});
  }
  tenant->clock_offset = std::chrono::seconds(seconds);
  tenant->faults.clear();
  for (const FaultInfo& info : all_faults()) {
    if (values.find(info.name)) tenant->faults.insert(info.fault);
  }
  return done(portal_path(*tenant, "/faults"), "Saved.");
}

}  // namespace

std::vector<CallRoute> directory_routes() {
  using enum http::Method;
  return {
      {Get, "/", show_start},
      {Post, "/tenants", post_tenant},
      {Get, "/portal/{tenant}", show_overview},
      {Get, "/portal/{tenant}/faults", show_faults},
      {Post, "/portal/{tenant}/faults", post_faults},
  };
}

}  // namespace doorward::simulator
