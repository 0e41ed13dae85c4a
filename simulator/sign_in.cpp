#include <fmt/format.h>

#include "base/text.h"
#include "simulator/call.h"
#include "simulator/metadata.h"
#include "simulator/saml_request.h"
#include "simulator/saml_response.h"
#include "simulator/sessions.h"
#include "simulator/ui.h"

/// What applications and their users see of Entra: `/{tenant}/saml2` and the federation metadata.
namespace doorward::simulator {

namespace {

using namespace ui;

/// A SAML message as it came, before anybody looked inside.
struct Incoming {
  Binding binding = Binding::Redirect;
  std::string message;
  std::optional<std::string> relay_state;
  std::string login_hint;
};

std::optional<std::string> optional_field(const http::Form& form, std::string_view name) {
  const auto value = form.find(name);
  return value ? std::optional(std::string(*value)) : std::nullopt;
}

Incoming incoming(const http::Form& form, Binding binding) {
  return {binding, std::string(form.find("SAMLRequest").value_or("")), optional_field(form, "RelayState"),
          field(form, "login_hint")};
}

EntraError message_missing() {
  return {750054,
          "SAMLRequest or SAMLResponse must be present as query string parameters in HTTP request for SAML "
          "Redirect binding."};
}

EntraError no_such_application(const Tenant& tenant, std::string_view identifier) {
  return {700016, fmt::format("Application with identifier '{}' was not found in the directory '{}'.",
                              printable(identifier), tenant.name)};
}

std::string endpoint_path(const Tenant& tenant) {
  return fmt::format("/{}/saml2", tenant.tenant_id);
}

/// The decoded request, or the page that says why there is none.
struct Asked {
  AuthnRequest request;
  Target target;
};

Result<Asked, EntraError> read_request(Tenant& tenant, const Incoming& incoming_message) {
  ASSIGN_OR_RETURN(const std::string xml, decode_message(incoming_message.binding, incoming_message.message));
  ASSIGN_OR_RETURN(AuthnRequest request, parse_authn_request(xml));
  ASSIGN_OR_RETURN(Target target, judge_request(tenant, request));
  return Asked{std::move(request), std::move(target)};
}

Result<http::Response> answer(Call& call, const Tenant& tenant, const Asked& asked, const User& user,
                              Session& session, const Incoming& incoming_message) {
  if (const auto judged = judge_user(tenant, *asked.target.application, user, &asked.request); !judged) {
    return trouble_page(call, judged.error());
  }
  return send_response(call, tenant, *asked.target.application, user, session, asked.target.reply_url,
                       &asked.request, incoming_message.relay_state);
}

Result<http::Response> begin_sign_in(Call& call, Tenant& tenant, const Incoming& incoming_message) {
  const auto asked = read_request(tenant, incoming_message);
  if (!asked) return trouble_page(call, asked.error());

  Session* session = session_of(call);
  if (session != nullptr && session->tenant_id != tenant.tenant_id) session = nullptr;
  const User* user = session == nullptr ? nullptr : find_user(tenant, session->user_id);
  const User* hinted =
      incoming_message.login_hint.empty() ? nullptr : find_user(tenant, incoming_message.login_hint);
  const bool other_user_wanted = user != nullptr && hinted != nullptr && hinted->object_id != user->object_id;
  if (user != nullptr && !asked->request.force_authn && !other_user_wanted) {
    return answer(call, tenant, *asked, *user, *session, incoming_message);
  }
  if (asked->request.is_passive) {
    return trouble_page(call, {50058, "A silent sign-in request was sent but no user is signed in."});
  }
  std::vector<Hidden> hidden{{"SAMLRequest", incoming_message.message},
                             {"binding", incoming_message.binding == Binding::Post ? "post" : "redirect"}};
  if (incoming_message.relay_state) hidden.push_back({"RelayState", *incoming_message.relay_state});
  return account_picker(tenant, endpoint_path(tenant) + "/sign-in", hidden, incoming_message.login_hint);
}

Result<http::Response> log_out(Call& call, Tenant& tenant, std::string_view xml,
                               const std::optional<std::string>& relay_state) {
  const auto request = parse_logout_request(xml);
  if (!request) return trouble_page(call, request.error());
  const Application* application = find_application_by_identifier(tenant, request->issuer);
  if (application == nullptr) {
    return trouble_page(call, no_such_application(tenant, request->issuer));
  }
  if (application->logout_url.empty()) return sign_out_everywhere(call, application->app_id, "");
  const Timestamp now = now_in(call, tenant);
  return sign_out_everywhere(
      call, application->app_id,
      redirect_url(tenant, signing_certificate(*application, now), application->logout_url, "SAMLResponse",
                   logout_response_xml(tenant, application->logout_url, request->id, now), relay_state));
}

/// The tenant of a protocol URL, or Microsoft's words for a wrong one.
Result<Tenant*, EntraError> protocol_tenant(Call& call) {
  const std::string& name = call.request.parameter("tenant");
  Tenant* tenant = find_tenant(call.state, name);
  if (tenant == nullptr) return fail(no_such_tenant(name));
  return tenant;
}

Result<http::Response> get_saml(Call& call) {
  const auto tenant = protocol_tenant(call);
  if (!tenant) return trouble_page(call, tenant.error());
  ASSIGN_OR_RETURN(const http::Form query, call.request.query_form());
  // What an application answers to a LogoutRequest of ours, inside a hidden frame: the session is over
  // already.
  if (query.find("SAMLResponse")) return plain_page("You signed out of your account", Html());
  const Incoming request = incoming(query, Binding::Redirect);
  if (request.message.empty()) return trouble_page(call, message_missing());
  if (const auto xml = decode_message(request.binding, request.message); xml && is_logout_request(*xml)) {
    return log_out(call, **tenant, *xml, request.relay_state);
  }
  return begin_sign_in(call, **tenant, request);
}

Result<http::Response> post_saml(Call& call) {
  const auto tenant = protocol_tenant(call);
  if (!tenant) return trouble_page(call, tenant.error());
  ASSIGN_OR_RETURN(const http::Form form, call.request.form());
  const Incoming request = incoming(form, Binding::Post);
  if (request.message.empty()) return trouble_page(call, message_missing());
  return begin_sign_in(call, **tenant, request);
}

Result<http::Response> post_sign_in(Call& call) {
  const auto tenant = protocol_tenant(call);
  if (!tenant) return trouble_page(call, tenant.error());
  ASSIGN_OR_RETURN(const http::Form form, call.request.form());
  const Incoming request =
      incoming(form, field(form, "binding") == "post" ? Binding::Post : Binding::Redirect);
  const auto asked = read_request(**tenant, request);
  if (!asked) return trouble_page(call, asked.error());
  const User* user = find_user(**tenant, field(form, "user"));
  if (user == nullptr) return trouble_page(call, no_such_user(**tenant, field(form, "user")));
  // A disabled account gets no session; one that is merely not assigned does, as in Entra.
  if (!user->account_enabled || user->deleted) {
    return trouble_page(call,
                        judge_user(**tenant, *asked->target.application, *user, &asked->request).error());
  }

  http::Response with_cookie;
  Session& session = start_session(call, **tenant, *user, with_cookie);
  ASSIGN_OR_RETURN(http::Response response, answer(call, **tenant, *asked, *user, session, request));
  for (const auto& [name, value] : with_cookie.headers.all())
    response.headers.add(name, value);
  return response;
}

Result<http::Response> get_metadata(Call& call) {
  ASSIGN_OR_RETURN(const http::Form query, call.request.query_form());
  const std::string& name = call.request.parameter("tenant");
  const SigningCertificate& shared = *call.state.shared_certificate;
  const auto xml_response = [](std::string xml) {
    return http::Response::bytes(http::Status::Ok, "application/samlmetadata+xml; charset=utf-8",
                                 std::move(xml));
  };
  if (name == "common" || name == "organizations") {
    ASSIGN_OR_RETURN(std::string xml, common_metadata(call.settings.public_url, shared));
    return xml_response(std::move(xml));
  }
  const auto tenant = protocol_tenant(call);
  if (!tenant) return trouble_page(call, tenant.error());
  const auto app_id = query.find("appid");
  if (!app_id) {
    ASSIGN_OR_RETURN(std::string xml, tenant_metadata(call.settings.public_url, **tenant, shared));
    return xml_response(std::move(xml));
  }
  const Application* application = find_application(**tenant, *app_id);
  if (application == nullptr) {
    return trouble_page(call, no_such_application(**tenant, *app_id));
  }
  ASSIGN_OR_RETURN(std::string xml, application_metadata(call.settings.public_url, **tenant, *application,
                                                         now_in(call, **tenant)));
  return xml_response(std::move(xml));
}

}  // namespace

std::vector<CallRoute> sign_in_routes() {
  using enum http::Method;
  return {
      {Get, "/{tenant}/saml2", get_saml},
      {Post, "/{tenant}/saml2", post_saml},
      {Post, "/{tenant}/saml2/sign-in", post_sign_in},
      {Get, "/{tenant}/federationmetadata/2007-06/federationmetadata.xml", get_metadata},
  };
}

}  // namespace doorward::simulator
