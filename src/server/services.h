#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "console/api.h"
#include "console/applications_api.h"
#include "console/connections_api.h"
#include "console/departments_api.h"
#include "console/departures_api.h"
#include "console/diagnosis_api.h"
#include "console/domains_api.h"
#include "console/employees_api.h"
#include "console/events_api.h"
#include "console/groups_api.h"
#include "console/import_api.h"
#include "console/mail_api.h"
#include "console/mobile_api.h"
#include "console/own_keys_api.h"
#include "console/profile_api.h"
#include "console/provisioning_api.h"
#include "console/provisioning_log_api.h"
#include "console/setup_api.h"
#include "console/setup_links_api.h"
#include "console/test_accounts_api.h"
#include "console/test_runs_api.h"
#include "console/webhooks_api.h"
#include "crypto/seal.h"
#include "directory/key_ring.h"
#include "jobs/deliveries.h"
#include "oidc/provider.h"
#include "saml/account_setup.h"
#include "saml/service_provider.h"
#include "scim/scim.h"
#include "server/config.h"
#include "session/delegates.h"
#include "session/flow.h"
#include "session/sessions.h"
#include "session/token_bearers.h"
#include "signin/access.h"
#include "signin/forward_auth.h"
#include "signin/mobile.h"
#include "signin/sign_in.h"
#include "storage/database.h"

namespace doorward::server {

/// Everything that lives as long as the server, made once and in this order. Rooms get what they need of it
/// and nothing more.
struct Services {
  Services(const Config& config, const Url& public_url, std::unique_ptr<storage::Database> opened,
           crypto::Sealer opened_sealer, const Clock& clock_to_use);

  const Clock& clock;
  /// Without a final slash.
  const std::string public_url;
  metrics::Registry metrics;
  const std::unique_ptr<storage::Database> database;
  const crypto::Sealer sealer;
  session::Sessions sessions;
  const session::Delegates delegates;
  session::TokenBearers token_bearers;
  directory::KeyRing key_ring;
  const session::FlowCookies flows;
  saml::AccountSetups saml_setups;
  saml::ServiceProvider service_provider;
  signin::SignIn sign_in;
  signin::ForwardAuth forward_auth;
  signin::Access access;
  oidc::Provider provider;
  signin::MobileSignIn mobile_sign_in;
  scim::Scim scim;
  console::Api api;
  console::ApplicationsApi applications_api;
  console::ConnectionsApi connections_api;
  console::EmployeesApi employees_api;
  console::GroupsApi groups_api;
  console::ProvisioningApi provisioning_api;
  console::ProvisioningLogApi provisioning_log_api;
  console::DepartmentsApi departments_api;
  console::ImportApi import_api;
  console::ProfileApi profile_api;
  console::DeparturesApi departures_api;
  console::TestRunsApi test_runs_api;
  console::DomainsApi domains_api;
  console::SetupApi setup_api;
  console::SetupLinksApi setup_links_api;
  console::WebhooksApi webhooks_api;
  console::EventsApi events_api;
  jobs::Deliveries deliveries;
  console::MailApi mail_api;
  console::MobileApi mobile_api;
  console::DiagnosisApi diagnosis_api;
  console::OwnKeysApi own_keys_api;
  console::TestAccountsApi test_accounts_api;
};

}  // namespace doorward::server
