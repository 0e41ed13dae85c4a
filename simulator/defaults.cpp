#include "simulator/defaults.h"

#include <utility>

#include "base/check.h"

namespace doorward::simulator {

State default_state() {
  Tenant tenant;
  tenant.tenant_id = "c0117050-5a3e-4d0b-9b1f-2f6a1d7e4a10";
  tenant.name = "Contoso";
  tenant.primary_domain = "contoso.example";

  const auto add = [&tenant](User user) { tenant.users.push_back(std::move(user)); };
  add({.object_id = "a11ce000-7c1d-4f4e-8a53-0d9c62b7f001",
       .user_principal_name = "alice@contoso.example",
       .display_name = "Alice Adams",
       .given_name = "Alice",
       .surname = "Adams",
       .mail = "alice@contoso.example",
       .department = "IT",
       .job_title = "Administrator",
       .mail_nickname = "alice",
       .employee_id = "E001",
       .telephone_number = "+1 425 555 0101"});
  add({.object_id = "be900000-3b52-4a6f-9d0e-5c1f7a84e002",
       .user_principal_name = "ben@contoso.example",
       .display_name = "Ben Baker",
       .given_name = "Ben",
       .surname = "Baker",
       .mail = "ben@contoso.example",
       .department = "Sales",
       .job_title = "Account manager",
       .mail_nickname = "ben",
       .employee_id = "E002",
       .telephone_number = "+1 425 555 0102",
       .manager = "a11ce000-7c1d-4f4e-8a53-0d9c62b7f001"});
  // No e-mail under Contact information: the emailaddress claim is missing.
  add({.object_id = "c410e000-91d7-4c35-b2a8-7e3d0f65c003",
       .user_principal_name = "chloe@contoso.example",
       .display_name = "Chloe Chen",
       .given_name = "Chloe",
       .surname = "Chen",
       .mail = "",
       .department = "Support",
       .job_title = "Engineer",
       .mail_nickname = "chloe",
       .employee_id = "E003",
       .telephone_number = "+1 425 555 0103",
       .manager = "a11ce000-7c1d-4f4e-8a53-0d9c62b7f001"});
  add({.object_id = "da900000-64fe-4e02-8f7b-1a2c9d50b004",
       .user_principal_name = "dan@contoso.example",
       .display_name = "Dan Diaz",
       .given_name = "Dan",
       .surname = "Diaz",
       .mail = "dan@contoso.example",
       .department = "Sales",
       .job_title = "Representative",
       .mail_nickname = "dan",
       .employee_id = "E004",
       .manager = "a11ce000-7c1d-4f4e-8a53-0d9c62b7f001",
       .account_enabled = false});
  // Her e-mail lies outside the tenant's domain.
  add({.object_id = "e5e00000-28ab-4b91-a6c4-9f0e3b71d005",
       .user_principal_name = "eve@contoso.example",
       .display_name = "Eve Evans",
       .given_name = "Eve",
       .surname = "Evans",
       .mail = "eve@fabrikam.example",
       .department = "Marketing",
       .job_title = "Consultant",
       .mail_nickname = "eve"});

  State state;
  state.tenants.push_back(std::move(tenant));
  return state;
}

Result<Application*> set_up(State& state, const DemoApplication& demo, Timestamp now) {
  CHECK(!state.tenants.empty());
  Tenant& tenant = state.tenants.front();
  Application* application = find_application(tenant, demo.name);
  if (application == nullptr) {
    ASSIGN_OR_RETURN(application, create_application(tenant, demo.name, now));
  }
  Application wanted = *application;
  wanted.saml_selected = true;
  wanted.identifiers = demo.identifiers;
  wanted.reply_urls = demo.reply_urls;
  wanted.sign_on_url = demo.sign_on_url;
  wanted.logout_url = demo.logout_url;
  RETURN_IF_ERROR(check_basic_configuration(tenant, wanted));
  if (!demo.tenant_url.empty()) {
    Provisioning& provisioning = wanted.provisioning;
    // Another address means another application, or one that was set up anew: its ids are others.
    const bool moved = provisioning.settings.tenant_url != demo.tenant_url;
    provisioning.settings.automatic = true;
    provisioning.settings.tenant_url = demo.tenant_url;
    provisioning.settings.secret_token = demo.secret_token;
    // Whether it runs is the administrator's word, also of the last time.
    if (provisioning.job.started) {
      RETURN_IF_ERROR(moved ? restart_provisioning(provisioning) : start_provisioning(provisioning));
    }
    provisioning.job.quarantine.reset();
  }
  *application = std::move(wanted);
  for (const User& user : tenant.users)
    application->assignments.try_emplace(user.object_id);
  return application;
}

}  // namespace doorward::simulator
