#include <fmt/format.h>

#include "base/log.h"
#include "crypto/random.h"
#include "directory/replay.h"
#include "pages/layout.h"
#include "pages/pages.h"
#include "saml/protocol/binding.h"
#include "saml/service_provider.h"

/// Single logout: the part of `ServiceProvider` behind `/saml/{account}/logout` (SAML Profiles section 4.4).
namespace doorward::saml {

namespace {

const directory::Endpoint* redirect_endpoint(const directory::Connection& connection) {
  for (const directory::Endpoint& endpoint : connection.provider.logout) {
    if (endpoint.binding == directory::Binding::Redirect) return &endpoint;
  }
  return nullptr;
}

protocol::LogoutExpectations logout_expectations(const AccountSetup& setup, const ReadyConnection& ready,
                                                 Timestamp now) {
  protocol::LogoutExpectations expected;
  expected.slo_url = setup.urls.logout;
  expected.idp_entity_id = ready.connection.provider.entity_id;
  expected.signing_certificates = ready.signing_certificates;
  expected.allow_sha1 = ready.connection.settings.allow_sha1;
  expected.clock_skew = std::chrono::seconds(ready.connection.settings.clock_skew_seconds);
  expected.now = now;
  return expected;
}

/// The URL that takes `xml` to the provider, signed: SimpleSAMLphp and AD FS demand it, Entra does not mind.
Result<std::string> signed_redirect(const AccountSetup& setup, protocol::MessageKind kind, std::string xml,
                                    const std::string& destination, const std::string& relay_state) {
  protocol::OutgoingMessage message;
  message.kind = kind;
  message.xml = std::move(xml);
  message.destination = destination;
  message.relay_state = relay_state;
  if (!setup.signing_keys.empty()) message.signing_key = setup.signing_keys.front();
  return redirect_url(message);
}

}  // namespace

Result<http::Response> ServiceProvider::logout(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto setup, setup_of(request));
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  if (query.count("SAMLRequest") + query.count("SAMLResponse") == 0) return start_logout(request, *setup);
  protocol::Report report;
  auto message = protocol::UnverifiedLogout::from_query(request.query, report);
  return provider_logout(request, *setup, std::move(message), report);
}

Result<http::Response> ServiceProvider::logout_post(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto setup, setup_of(request));
  ASSIGN_OR_RETURN(const http::Form form, request.form());
  const bool is_request = form.count("SAMLRequest") > 0;
  protocol::Report report;
  auto message = protocol::UnverifiedLogout::from_form(
      is_request ? protocol::MessageKind::Request : protocol::MessageKind::Response,
      form.find(is_request ? "SAMLRequest" : "SAMLResponse").value_or(""),
      form.find("RelayState").value_or(""), report);
  return provider_logout(request, *setup, std::move(message), report);
}

Result<http::Response> ServiceProvider::start_logout(const http::Request& request,
                                                     const AccountSetup& setup) {
  // A link on another site must not sign people out: such a visitor gets the home page with its button.
  const auto site = request.headers.find("Sec-Fetch-Site");
  if (site && *site != "same-origin" && *site != "none") return http::Response::see_other("/");

  auto done = pages::signed_out_page(pages::language_of(request));
  deps_.sessions.clear_cookie(done);
  ASSIGN_OR_RETURN(const auto signed_in, deps_.sessions.who(request));
  if (!signed_in) return done;
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) {
    return directory::end_session(transaction, signed_in->session.account, signed_in->session.id,
                                  deps_.clock.now());
  }));
  if (signed_in->account.id != setup.account.id) return done;

  const auto& provider = signed_in->session.provider;
  const ReadyConnection* ready = provider ? setup.find(provider->connection) : nullptr;
  const directory::Endpoint* target = ready ? redirect_endpoint(ready->connection) : nullptr;
  if (!target) return done;
  protocol::LogoutRequest logout_request;
  logout_request.id = crypto::random_xml_id();
  logout_request.issue_instant = deps_.clock.now();
  logout_request.destination = target->url;
  logout_request.issuer = setup.urls.entity_id;
  logout_request.name_id.value = provider->name_id;
  logout_request.name_id.format = provider->name_id_format;
  if (!provider->session_index.empty()) logout_request.session_indexes.push_back(provider->session_index);
  ASSIGN_OR_RETURN(const std::string url, signed_redirect(setup, protocol::MessageKind::Request,
                                                          write(logout_request), target->url, ""));
  auto response = http::Response::see_other(url);
  response.headers.set("Cache-Control", "no-store");
  deps_.sessions.clear_cookie(response);
  return response;
}

Result<http::Response> ServiceProvider::provider_logout(
    const http::Request& request, const AccountSetup& setup,
    Result<protocol::UnverifiedLogout, protocol::Finding> message, protocol::Report& report) {
  const auto refuse = [&](pages::Trouble what, std::string_view finding) {
    log::warning("saml.logout_refused", {{"account", setup.account.slug}, {"finding", finding}});
    return pages::trouble_page(
        pages::language_of(request),
        {what, http::Status::BadRequest, request.request_id, std::optional<std::string>("/")});
  };
  const auto refuse_message = [&](protocol::Finding finding) {
    return refuse(trouble_of(finding), protocol::code(finding).name());
  };
  if (!message) return refuse_message(message.error());

  // A LogoutResponse changes nothing here: our session ended before the request was sent.
  if (message->kind() == protocol::MessageKind::Response) {
    return pages::signed_out_page(pages::language_of(request));
  }
  const ReadyConnection* ready = setup.find_by_entity_id(message->issuer());
  if (!ready) return refuse_message(protocol::Finding::IssuerMismatch);
  const auto verified =
      verify_logout_request(*message, logout_expectations(setup, *ready, deps_.clock.now()), report);
  if (!verified) return refuse_message(verified.error());

  ASSIGN_OR_RETURN(
      const auto ended,
      deps_.database.write([&](storage::Transaction& transaction) -> Result<std::optional<std::int64_t>> {
        ASSIGN_OR_RETURN(const bool first,
                         directory::consume_once(
                             transaction, setup.account.id, directory::Once::LogoutRequest,
                             fmt::format("{}\n{}", verified->issuer, verified->id), verified->replay_until));
        if (!first) return std::nullopt;
        if (verified->session_indexes.empty()) {
          return directory::end_sessions_at_provider(transaction, setup.account.id, ready->connection.id,
                                                     verified->name_id.value, "", deps_.clock.now());
        }
        std::int64_t count = 0;
        for (const std::string& index : verified->session_indexes) {
          ASSIGN_OR_RETURN(const std::int64_t some, directory::end_sessions_at_provider(
                                                        transaction, setup.account.id, ready->connection.id,
                                                        verified->name_id.value, index, deps_.clock.now()));
          count += some;
        }
        return count;
      }));
  if (!ended) return refuse(pages::Trouble::AlreadyUsed, "saml.replayed");
  log::info("saml.logged_out_by_provider", {{"account", setup.account.slug}, {"sessions", *ended}});

  const directory::Endpoint* target = redirect_endpoint(ready->connection);
  if (!target) return pages::signed_out_page(pages::language_of(request));
  protocol::LogoutResponse answer;
  answer.id = crypto::random_xml_id();
  answer.issue_instant = deps_.clock.now();
  answer.destination = target->response_url.empty() ? target->url : target->response_url;
  answer.issuer = setup.urls.entity_id;
  answer.in_response_to = verified->id;
  ASSIGN_OR_RETURN(const std::string url,
                   signed_redirect(setup, protocol::MessageKind::Response, write(answer), answer.destination,
                                   message->relay_state()));
  auto response = http::Response::see_other(url);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace doorward::saml
