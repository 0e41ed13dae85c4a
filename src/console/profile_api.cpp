#include "console/profile_api.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "console/views.h"
#include "crypto/password.h"
#include "directory/departments.h"
#include "directory/identity.h"
#include "session/device.h"

namespace doorward::console {

namespace {

constexpr ErrorCode kWrongPassword = "profile.wrong_password";

directory::Actor oneself(const directory::SignedIn& visitor) {
  return {directory::ActorKind::Employee, visitor.employee.profile.user_name};
}

/// Why somebody cannot change their password here; empty when they can.
std::string_view obstacle(const directory::Account& account, const directory::Employee& employee) {
  const auto refusal = directory::why_not_password(account, employee);
  if (!refusal) return {};
  return *refusal == directory::Refusal::SsoEnforced ? "sso-enforced" : "no-password";
}

Result<void> require_password(const directory::Account& account, const directory::Employee& employee) {
  const std::string_view what = obstacle(account, employee);
  if (what.empty()) return {};
  if (what == "sso-enforced") {
    return fail(ErrorKind::Refused, "profile.sso_enforced",
                "Your company signs in through its own directory only. Change your password there.");
  }
  return fail(ErrorKind::Refused, "profile.no_password",
              "You have no password here: you sign in through your company.");
}

tl::unexpected<Error> wrong_password() {
  return fail(ErrorKind::Refused, kWrongPassword, "That is not your password.");
}

/// The one that goes on after the others ended, under a token of its own.
directory::NewSession continued(const directory::SignedIn& visitor, const http::Request& request) {
  directory::NewSession session;
  session.account = visitor.account.id;
  session.employee = visitor.employee.id;
  session.method = visitor.session.method;
  session.provider = visitor.session.provider;
  // The provider said how long its word holds.
  if (session.method == directory::SignInMethod::Saml) session.not_on_or_after = visitor.session.expires_at;
  session.client_address = request.client_address;
  session.user_agent = request.headers.find("User-Agent").value_or("");
  return session;
}

json::Object session_view(const directory::Session& session, directory::SessionId current) {
  return {{"id", session.public_id},
          {"device", session::device_name(session.user_agent)},
          {"clientAddress", session.client_address},
          {"method", directory::to_text(session.method)},
          {"createdAt", format_rfc3339(session.created_at)},
          {"lastSeenAt", format_rfc3339(session.last_seen_at)},
          {"current", session.id == current}};
}

}  // namespace

Result<http::Response> ProfileApi::profile(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto visitor, deps_.sessions.who(request));
  if (!visitor) return nobody_signed_in();
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto employee,
                     directory::load_employee(transaction, visitor->account.id, visitor->employee.id));
    ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, visitor->account.id));
    ASSIGN_OR_RETURN(const auto department,
                     directory::load_department(transaction, account.id, employee.department));
    const std::string_view what = obstacle(account, employee);
    return answer({{"account", json::Object{{"id", account.public_id}, {"name", account.name}}},
                   {"employee", console::view(employee)},
                   {"department", json::Object{{"id", department.public_id}, {"name", department.name}}},
                   {"method", directory::to_text(visitor->session.method)},
                   {"password", json::Object{{"changeable", what.empty()},
                                             {"obstacle", what},
                                             {"minCharacters", crypto::kMinPasswordCharacters}}}});
  });
}

Result<std::string> ProfileApi::verified_hash(const directory::SignedIn& visitor,
                                              std::string_view client_address,
                                              const crypto::Secret& password) {
  const directory::AccountId account = visitor.account.id;
  // Nobody has such a password, so that it costs nothing and counts as nothing.
  if (password.empty() || password.reveal().size() > crypto::kMaxPasswordBytes) return wrong_password();
  // Counted before it is verified, so that parallel guesses cannot slip through.
  ASSIGN_OR_RETURN(const auto wait, deps_.database.write([&](storage::Transaction& transaction) {
    return directory::take_password_attempt(transaction, account, visitor.employee.profile.user_name,
                                            client_address, limits_, deps_.clock.now());
  }));
  if (wait) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait - deps_.clock.now()).count();
    return fail(ErrorKind::RateLimited, "profile.too_many_attempts",
                fmt::format("Too many wrong passwords. Try again in {} seconds.",
                            std::max<std::int64_t>(1, seconds)));
  }
  ASSIGN_OR_RETURN(auto hash, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::password_hash(transaction, account, visitor.employee.id);
  }));
  if (!hash || !crypto::verify_password(*hash, password)) return wrong_password();
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) {
    return directory::forgive_password_attempts(transaction, account, visitor.employee.profile.user_name,
                                                client_address);
  }));
  return *std::move(hash);
}

Result<http::Response> ProfileApi::change_password(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto visitor, deps_.sessions.who(request));
  if (!visitor) return nobody_signed_in();
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  constexpr std::array<std::string_view, 2> members = {"current", "new"};
  RETURN_IF_ERROR(only_members(body, members));
  ASSIGN_OR_RETURN(std::string current_text, json::required_string(body, "current"));
  ASSIGN_OR_RETURN(std::string wanted_text, json::required_string(body, "new"));
  const crypto::Secret current(std::move(current_text));
  const crypto::Secret wanted(std::move(wanted_text));
  RETURN_IF_ERROR(require_password(visitor->account, visitor->employee));
  RETURN_IF_ERROR(crypto::check_new_password(wanted));
  ASSIGN_OR_RETURN(const std::string old_hash, verified_hash(*visitor, request.client_address, current));
  if (crypto::verify_password(old_hash, wanted)) {
    return fail(ErrorKind::InvalidInput, "profile.same_password",
                "That is the password which you have already. Choose another one.");
  }
  const std::string new_hash = crypto::hash_password(wanted);
  const auto token = directory::SessionToken::issue(visitor->account);
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) -> Result<void> {
    const directory::AccountId account = visitor->account.id;
    const directory::EmployeeId employee = visitor->employee.id;
    // Read anew: verifying took a while, in which the session may have ended or the password been replaced.
    ASSIGN_OR_RETURN(const auto account_now, directory::load_account(transaction, account));
    ASSIGN_OR_RETURN(const auto employee_now, directory::load_employee(transaction, account, employee));
    RETURN_IF_ERROR(require_password(account_now, employee_now));
    ASSIGN_OR_RETURN(const auto hash_now, directory::password_hash(transaction, account, employee));
    ASSIGN_OR_RETURN(const auto living,
                     directory::list_sessions(transaction, account, employee, deps_.clock.now()));
    const bool lives =
        std::ranges::find(living, visitor->session.id, &directory::Session::id) != living.end();
    if (hash_now != old_hash || !lives) return wrong_password();
    const Timestamp now = deps_.clock.now();
    RETURN_IF_ERROR(
        directory::set_password(transaction, account, employee, new_hash, oneself(*visitor), now));
    RETURN_IF_ERROR(directory::create_session(transaction, token, continued(*visitor, request),
                                              deps_.sessions.lifetime(), now));
    return {};
  }));
  auto response = answer({{"note", "Your password is changed. You are signed out everywhere else."}});
  deps_.sessions.set_cookie(response, token);
  return response;
}

Result<http::Response> ProfileApi::sessions(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto visitor, deps_.sessions.who(request));
  if (!visitor) return nobody_signed_in();
  ASSIGN_OR_RETURN(const auto living, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::list_sessions(transaction, visitor->account.id, visitor->employee.id,
                                    deps_.clock.now());
  }));
  json::Array items;
  for (const directory::Session& session : living)
    items.push_back(session_view(session, visitor->session.id));
  return answer({{"sessions", std::move(items)}});
}

Result<http::Response> ProfileApi::end_session(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto visitor, deps_.sessions.who(request));
  if (!visitor) return nobody_signed_in();
  const std::string& id = request.parameter("id");
  if (id == visitor->session.public_id) {
    return fail(ErrorKind::Refused, "profile.current_session",
                "This is the session that you are in. Use Sign out for it.");
  }
  ASSIGN_OR_RETURN(const bool ended, deps_.database.write([&](storage::Transaction& transaction) {
    return directory::end_session_of(transaction, visitor->account.id, visitor->employee.id, id,
                                     deps_.clock.now());
  }));
  if (!ended) return fail(ErrorKind::NotFound, "profile.no_session", "That session has ended already.");
  return answer({{"ended", 1}});
}

Result<http::Response> ProfileApi::end_other_sessions(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto visitor, deps_.sessions.who(request));
  if (!visitor) return nobody_signed_in();
  ASSIGN_OR_RETURN(const int ended, deps_.database.write([&](storage::Transaction& transaction)
                                                             -> Result<int> {
    int count = 0;
    ASSIGN_OR_RETURN(const auto living, directory::list_sessions(transaction, visitor->account.id,
                                                                 visitor->employee.id, deps_.clock.now()));
    for (const directory::Session& session : living) {
      if (session.id == visitor->session.id) continue;
      RETURN_IF_ERROR(directory::end_session(transaction, session.account, session.id, deps_.clock.now()));
      ++count;
    }
    return count;
  }));
  return answer({{"ended", ended}});
}

}  // namespace doorward::console
