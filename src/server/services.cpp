#include "server/services.h"

#include <utility>

#include "net/dns.h"
#include "server/outbound.h"
#include "setup/metadata.h"

namespace doorward::server {

namespace {

console::DomainsApi::Demand domain_demand(const Config& config) {
  using Demand = console::DomainsApi::Demand;
  return config.domain_proof == Config::DomainProof::Required ? Demand::Proof : Demand::AdministratorsWord;
}

console::DomainsApi::LookUp domain_look_up(const Config& config) {
  return [options = net::DnsOptions{.servers = config.dns_servers}](std::string_view name) {
    return net::lookup_txt(name, options);
  };
}

/// What mobile sign-in fetches of a tenant: its OpenID configuration and its keys.
signin::FetchDocument tenant_fetch(const Config& config) {
  return [config](const Url& url) -> Result<std::string> {
    net::FetchOptions options = fetch_options(config, url);
    options.max_bytes = oidc::protocol::JwkSet::kMaxBytes;
    options.accept = "application/json";
    // Whoever signs in waits for it, and holds a worker.
    options.total_timeout = std::chrono::seconds(8);
    ASSIGN_OR_RETURN(net::FetchResponse fetched, net::fetch(url, options));
    return std::move(fetched.body);
  };
}

setup::MobileApp mobile_app(const Config& config) {
  return {.ios_bundle_id = config.mobile_ios_bundle_id,
          .android_package = config.mobile_android_package,
          .android_signature_hashes = config.mobile_android_signature_hashes,
          .authority_origin = config.mobile_authority_host};
}

}  // namespace

Services::Services(const Config& config, const Url& url, std::unique_ptr<storage::Database> opened,
                   crypto::Sealer opened_sealer, const Clock& clock_to_use)
    : clock(clock_to_use),
      public_url(url.origin()),
      database(std::move(opened)),
      sealer(std::move(opened_sealer)),
      sessions(*database, clock, {url.is_https(), {config.session_idle, config.session_absolute}}, metrics),
      delegates(*database, clock, url.is_https()),
      token_bearers(*database, clock, sessions.lifetime(), metrics),
      key_ring(*database, sealer, clock),
      flows(sealer, url.is_https()),
      saml_setups(*database, sealer, clock, public_url),
      service_provider({*database, clock, sessions, flows, saml_setups, public_url, metrics}),
      sign_in({*database, clock, sessions, public_url, metrics, !config.mail_server.empty()}),
      forward_auth({*database, clock, sessions, token_bearers, sealer, public_url, metrics}),
      access({*database, clock, sessions, !config.mail_server.empty()}),
      provider({*database, clock, sessions, token_bearers, key_ring, public_url}),
      mobile_sign_in({*database, clock, public_url, metrics, tenant_fetch(config)}),
      scim({*database,
            clock,
            sealer,
            public_url,
            metrics,
            {config.scim_requests_per_second, 5 * config.scim_requests_per_second}}),
      api({*database, clock, sessions}),
      applications_api({*database, clock, sessions}, public_url),
      connections_api(
          {*database, clock, sessions, &delegates}, public_url,
          [config](const Url& from, Timestamp now) {
            return setup::fetch_metadata(from, fetch_options(config, from), now);
          },
          config.metadata_refresh_interval),
      employees_api({*database, clock, sessions}),
      groups_api({*database, clock, sessions}),
      provisioning_api({*database, clock, sessions, &delegates}, public_url),
      provisioning_log_api({*database, clock, sessions, &delegates}),
      departments_api({*database, clock, sessions, &delegates}),
      import_api({*database, clock, sessions}),
      profile_api({*database, clock, sessions}),
      departures_api({*database, clock, sessions}),
      test_runs_api({*database, clock, sessions, &delegates}, public_url),
      domains_api({*database, clock, sessions, &delegates}, domain_demand(config), domain_look_up(config)),
      setup_api({*database, clock, sessions, &delegates}, public_url),
      setup_links_api({*database, clock, sessions, &delegates}, public_url),
      webhooks_api({*database, clock, sessions}, sealer),
      events_api({*database, clock, sessions}),
      deliveries({*database, clock, sealer, key_ring, public_url,
                  [config](const net::SendRequest& request) {
                    return net::send(request, notify_options(config, request.url));
                  },
                  metrics}),
      mail_api({*database, clock, sessions}, config.mail_server.empty() ? "" : config.mail_from),
      mobile_api({*database, clock, sessions}, mobile_app(config)),
      diagnosis_api({*database, clock, sessions}),
      own_keys_api({*database, clock, sessions}, sealer),
      test_accounts_api({*database, clock, sessions}, public_url) {}

}  // namespace doorward::server
