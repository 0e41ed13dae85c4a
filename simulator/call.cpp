#include "simulator/call.h"

namespace doorward::simulator {

namespace {

tl::unexpected<Error> missing(const char* message) {
  return fail(ErrorKind::NotFound, "simulator.not_found", message);
}

}  // namespace

Result<Tenant*> tenant_of(Call& call) {
  Tenant* tenant = find_tenant(call.state, call.request.parameter("tenant"));
  if (tenant == nullptr) return missing("There is no such tenant.");
  return tenant;
}

Result<User*> user_of(Call& call, Tenant& tenant) {
  User* user = find_user(tenant, call.request.parameter("user"));
  if (user == nullptr) return missing("There is no such user in this tenant.");
  return user;
}

Result<Group*> group_of(Call& call, Tenant& tenant) {
  Group* group = find_group(tenant, call.request.parameter("group"));
  if (group == nullptr) return missing("There is no such group in this tenant.");
  return group;
}

Result<Application*> application_of(Call& call, Tenant& tenant) {
  Application* application = find_application(tenant, call.request.parameter("application"));
  if (application == nullptr) return missing("There is no such application in this tenant.");
  return application;
}

}  // namespace doorward::simulator
