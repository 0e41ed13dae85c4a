#include "simulator/sessions.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/random.h"
#include "simulator/saml_response.h"

namespace doorward::simulator {

namespace {

using namespace ui;

constexpr const char* kCookie = "entra_simulator_session";

http::Cookie session_cookie(const Call& call, std::string_view value) {
  const bool https = call.settings.public_url.starts_with("https://");
  // Requests of the POST binding come from another site.
  return {.name = kCookie,
          .value = std::string(value),
          .same_site = https ? http::SameSite::None : http::SameSite::Lax,
          .secure = https};
}

void forget_session(Call& call) {
  const auto id = call.request.cookie(kCookie);
  if (!id) return;
  if (const auto found = call.sessions.find(*id); found != call.sessions.end()) call.sessions.erase(found);
}

Html hidden_inputs(const std::vector<Hidden>& hidden) {
  Html inputs;
  for (const Hidden& field : hidden) {
    inputs += html(R"(<input type="hidden" name="{}" value="{}">)", field.name, field.value);
  }
  return inputs;
}

Html account_list(const Tenant& tenant, std::string_view action, const Html& inputs) {
  constexpr std::size_t kMaxAccounts = 30;
  Html items;
  std::size_t count = 0;
  for (const User& user : tenant.users) {
    if (user.deleted || ++count > kMaxAccounts) continue;
    items += html(
        R"(<li><button type="submit" name="user" value="{}"><strong>{}</strong><span>{}{}</span></button></li>)",
        user.object_id, user.display_name, user.user_principal_name,
        user.account_enabled ? "" : " · disabled");
  }
  return html(R"(<form method="post" action="{}">{}<ul class="accounts">{}</ul></form>)", action, inputs,
              items);
}

}  // namespace

Session* session_of(Call& call) {
  const auto id = call.request.cookie(kCookie);
  if (!id) return nullptr;
  const auto found = call.sessions.find(*id);
  if (found == call.sessions.end()) return nullptr;
  Tenant* tenant = find_tenant(call.state, found->second.tenant_id);
  const User* user = tenant == nullptr ? nullptr : find_user(*tenant, found->second.user_id);
  if (user == nullptr || user->deleted || !user->account_enabled) return nullptr;
  return &found->second;
}

Session& start_session(Call& call, const Tenant& tenant, const User& user, http::Response& response) {
  forget_session(call);
  const crypto::Secret id = crypto::random_token();
  response.set_cookie(session_cookie(call, id.reveal()));
  return call.sessions
      .insert_or_assign(std::string(id.reveal()), Session{tenant.tenant_id, user.object_id, call.now, {}})
      .first->second;
}

void end_session(Call& call, http::Response& response) {
  forget_session(call);
  http::Cookie cookie = session_cookie(call, "");
  cookie.max_age = std::chrono::seconds(0);
  response.set_cookie(cookie);
}

http::Response account_picker(const Tenant& tenant, std::string_view action,
                              const std::vector<Hidden>& hidden, std::string_view login_hint) {
  const Html inputs = hidden_inputs(hidden);
  const User* hinted = login_hint.empty() ? nullptr : find_user(tenant, login_hint);
  if (hinted != nullptr && hinted->deleted) hinted = nullptr;
  Html body = html(R"(<p class="muted">{} · no password needed: this is a simulator.</p>)", tenant.name);
  if (hinted != nullptr) {
    body += html(
        R"(<form method="post" action="{}">{}<input type="hidden" name="user" value="{}"><p><strong>{}</strong><br>{}</p><div class="buttons"><button type="submit" class="primary">Sign in</button></div></form><details><summary>Use another account</summary>{}</details>)",
        action, inputs, hinted->object_id, hinted->display_name, hinted->user_principal_name,
        account_list(tenant, action, inputs));
    return plain_page("Sign in", body);
  }
  body += account_list(tenant, action, inputs);
  body += html(
      R"(<form method="post" action="{}">{}{}<div class="buttons"><button type="submit" class="primary">Sign in</button></div></form>)",
      action, inputs, text_field("Use another account", "user", login_hint, "User principal name"));
  return plain_page("Pick an account", body);
}

http::Response trouble_page(const Call& call, const EntraError& error) {
  const Html body = html(
      R"(<p>Sorry, but we're having trouble signing you in.</p><p class="notice problem" role="alert">AADSTS{}: {}</p><h2>Troubleshooting details</h2><dl class="properties">{}{}</dl>)",
      error.code, error.message, property("Request Id", html("{}", call.request.request_id)),
      property("Timestamp", html("{}", format_rfc3339(call.now))));
  return plain_page("Sign in", body, http::Status::BadRequest);
}

Result<http::Response> send_response(Call& call, const Tenant& tenant, const Application& application,
                                     const User& user, Session& session, std::string_view reply_url,
                                     const AuthnRequest* request,
                                     std::optional<std::string_view> relay_state) {
  ResponseParameters parameters;
  parameters.reply_url = reply_url;
  parameters.now = now_in(call, tenant);
  parameters.authenticated = session.authenticated + tenant.clock_offset;
  if (request != nullptr) {
    parameters.in_response_to = request->id;
    parameters.name_id_format = request->name_id_format;
  }
  ASSIGN_OR_RETURN(IssuedResponse issued, issue_response(tenant, application, user, parameters));
  std::erase_if(session.participants,
                [&](const Participant& other) { return other.app_id == application.app_id; });
  session.participants.push_back({application.app_id, std::move(issued.name_id),
                                  std::move(issued.name_id_format), std::move(issued.session_index)});

  Html inputs = html(R"(<input type="hidden" name="SAMLResponse" value="{}">)", to_base64(issued.xml));
  if (relay_state) inputs += html(R"(<input type="hidden" name="RelayState" value="{}">)", *relay_state);
  const Html body = html(
      R"(<p>You are being sent to {}.</p><form id="response" method="post" action="{}">{}<button type="submit" class="primary">Continue</button></form>)",
      application.name, reply_url, inputs);
  return plain_page("Working…", body, http::Status::Ok, AutoSubmit::Yes);
}

Result<http::Response> sign_out_everywhere(Call& call, std::string_view asked_by,
                                           std::string_view continue_to) {
  Html frames;
  if (const Session* session = session_of(call); session != nullptr) {
    Tenant* tenant = find_tenant(call.state, session->tenant_id);
    for (const Participant& participant : session->participants) {
      const Application* application = find_application(*tenant, participant.app_id);
      if (application == nullptr || application->app_id == asked_by || application->logout_url.empty())
        continue;
      const Timestamp now = now_in(call, *tenant);
      const std::string request =
          logout_request_xml(*tenant, application->logout_url, participant.name_id,
                             participant.name_id_format, participant.session_index, now);
      frames += html(R"(<iframe src="{}" title="Signing out of {}"></iframe>)",
                     redirect_url(*tenant, signing_certificate(*application, now), application->logout_url,
                                  "SAMLRequest", request, std::nullopt),
                     application->name);
    }
  }
  http::Response response;
  if (!continue_to.empty() && frames.empty()) {
    response = http::Response::see_other(continue_to);
  } else {
    Html body = html("<p>It's a good idea to close all browser windows.</p>");
    if (!continue_to.empty())
      body += html(R"(<p><a class="button primary" href="{}">Continue</a></p>)", continue_to);
    response = plain_page("You signed out of your account", body + frames);
  }
  // The frames need a moment before the browser moves on.
  if (!continue_to.empty() && !frames.empty())
    response.headers.set("Refresh", fmt::format("2;url={}", continue_to));
  end_session(call, response);
  return response;
}

}  // namespace doorward::simulator
