#pragma once

#include "simulator/call.h"
#include "simulator/saml_request.h"
#include "simulator/ui.h"

/// Who the browser is, and the pages that signing in and out are made of.
namespace doorward::simulator {

/// The browser's session while its user is still there and enabled; null otherwise.
Session* session_of(Call& call);
/// A new session for `user`, which `response` hands to the browser.
Session& start_session(Call& call, const Tenant& tenant, const User& user, http::Response& response);
void end_session(Call& call, http::Response& response);

/// A name and value that a form carries along.
struct Hidden {
  std::string name;
  std::string value;
};

/// *Pick an account*: posts `user` (an object id or user principal name) and `hidden` to `action`. With a
/// `login_hint` that names a user, that one alone is offered first.
http::Response account_picker(const Tenant& tenant, std::string_view action,
                              const std::vector<Hidden>& hidden, std::string_view login_hint);

/// *Sorry, but we're having trouble signing you in.*
http::Response trouble_page(const Call& call, const EntraError& error);

/// Issues a response for the session's user and posts it to the application through the browser.
Result<http::Response> send_response(Call& call, const Tenant& tenant, const Application& application,
                                     const User& user, Session& session, std::string_view reply_url,
                                     const AuthnRequest* request,
                                     std::optional<std::string_view> relay_state);

/// Ends the session and tells every application of it that has a Logout Url, except `asked_by`, in hidden
/// frames; then goes on to `continue_to`, if that is not empty.
Result<http::Response> sign_out_everywhere(Call& call, std::string_view asked_by,
                                           std::string_view continue_to);

}  // namespace doorward::simulator
