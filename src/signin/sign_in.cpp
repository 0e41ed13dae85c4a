#include "signin/sign_in.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "crypto/password.h"
#include "directory/attempts.h"
#include "directory/connections.h"
#include "directory/departments.h"
#include "directory/domains.h"
#include "directory/identity.h"
#include "json/json.h"
#include "pages/layout.h"
#include "pages/pages.h"
#include "session/device.h"
#include "session/return_to.h"

namespace doorward::signin {

namespace {

/// Longer ones are refused before anything is spent on them.
constexpr std::size_t kMaxNameOrEmail = 320;
constexpr std::size_t kMaxPassword = 1024;

}  // namespace

/// Somebody on their way through the pages: what the form said, and what follows from it.
struct SignIn::Attempt {
  const http::Request& request;
  std::string email;
  std::string return_to;
  std::string account_slug;
  bool reauthenticate = false;
  Realm realm = {};
  crypto::Secret password = {};

  /// Where single sign-on starts.
  std::string company_sign_in() const {
    return fmt::format("/saml/{}/login?login_hint={}&return_to={}{}", realm.account->slug,
                       percent_encode(email), percent_encode(return_to),
                       reauthenticate ? "&reauthenticate=1" : "");
  }
};

SignIn::SignIn(const Dependencies& dependencies)
    : deps_(dependencies),
      accepted_(deps_.metrics.counter("doorward_password_sign_ins_total", "Passwords tried, by outcome",
                                      "outcome=\"accepted\"")),
      refused_(deps_.metrics.counter("doorward_password_sign_ins_total", "Passwords tried, by outcome",
                                     "outcome=\"refused\"")) {}

Result<http::Response> SignIn::home(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto signed_in, deps_.sessions.who(request));
  if (!signed_in) return http::Response::see_other("/sign-in");
  const directory::Employee& employee = signed_in->employee;

  pages::HomePage page;
  page.display_name = employee.shown_name();
  page.account_name = signed_in->account.name;
  page.user_name = employee.profile.user_name;
  page.email = employee.profile.email;
  page.administrator = employee.administrator;
  page.by_provider = signed_in->session.method == directory::SignInMethod::Saml;
  RETURN_IF_ERROR(deps_.database.read([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto department,
                     directory::load_department(transaction, employee.account, employee.department));
    page.department = department.name;
    ASSIGN_OR_RETURN(const auto sessions,
                     directory::list_sessions(transaction, employee.account, employee.id, deps_.clock.now()));
    for (const directory::Session& each : sessions) {
      page.sessions.push_back({each.public_id, session::device_name(each.user_agent), each.client_address,
                               each.last_seen_at, each.id == signed_in->session.id});
    }
    return {};
  }));
  return pages::home_page(pages::language_of(request), page);
}

Result<http::Response> SignIn::form(const http::Request& request) {
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  pages::SignInPage page;
  page.return_to = session::safe_return_to(query.text("return_to"), deps_.public_url);
  ASSIGN_OR_RETURN(const auto signed_in, deps_.sessions.who(request));
  page.reauthenticate = query.text("reauthenticate") == "1";
  if (signed_in && !page.reauthenticate) return http::Response::see_other(page.return_to);
  page.email = query.text("email");
  if (page.email.size() > kMaxNameOrEmail) page.email.clear();
  const std::string slug = query.text("account");
  if (!slug.empty()) {
    ASSIGN_OR_RETURN(const auto account, deps_.database.read([&](storage::Transaction& transaction) {
      return directory::find_account_by_slug(transaction, slug);
    }));
    if (!account)
      return fail(ErrorKind::NotFound, "signin.no_account", "There is no account at this address.");
    page.account_slug = account->slug;
    page.account_name = account->name;
  }
  return pages::sign_in_page(pages::language_of(request), page);
}

Result<SignIn::Realm> SignIn::find_realm(std::string_view email, std::string_view account_slug) {
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<Realm> {
    Realm realm;
    ASSIGN_OR_RETURN(const auto route, directory::find_route(transaction, email));
    if (!account_slug.empty()) {
      ASSIGN_OR_RETURN(realm.account, directory::find_account_by_slug(transaction, account_slug));
    } else if (route) {
      ASSIGN_OR_RETURN(realm.account, directory::load_account(transaction, route->account));
    } else {
      // A server for one company need not ask which one.
      ASSIGN_OR_RETURN(realm.account, directory::find_only_company(transaction));
    }
    if (!realm.account || realm.account->plan != directory::Plan::Enterprise) return realm;
    const bool routed = route && route->account == realm.account->id && route->connection;
    if (routed) {
      realm.single_sign_on = true;
      return realm;
    }
    // An address outside the domains may still be somebody's whom the account's provider knows.
    ASSIGN_OR_RETURN(const auto connections, directory::list_connections(transaction, realm.account->id));
    realm.single_sign_on = connections.size() == 1 && connections.front().admits();
    return realm;
  });
}

Result<SignIn::Attempt> SignIn::read_form(const http::Request& request, const http::Form& form) {
  Attempt attempt{request, std::string(trim(form.text("email"))),
                  session::safe_return_to(form.text("return_to"), deps_.public_url),
                  std::string(trim(form.text("account"))), form.text("reauthenticate") == "1"};
  if (attempt.email.size() > kMaxNameOrEmail) attempt.email.clear();
  if (attempt.email.empty()) return attempt;
  ASSIGN_OR_RETURN(attempt.realm, find_realm(attempt.email, attempt.account_slug));
  return attempt;
}

http::Response SignIn::ask_for_address(const Attempt& attempt) {
  pages::SignInPage page;
  page.return_to = attempt.return_to;
  page.account_slug = attempt.account_slug;
  page.problem = pages::Phrase::EmailMissing;
  page.reauthenticate = attempt.reauthenticate;
  return pages::sign_in_page(pages::language_of(attempt.request), page);
}

http::Response SignIn::ask_for_password(const Attempt& attempt, http::Status status,
                                        std::optional<pages::Phrase> problem) {
  const Realm& realm = attempt.realm;
  pages::PasswordPage page;
  page.email = attempt.email;
  page.return_to = attempt.return_to;
  page.account_slug = attempt.account_slug;
  page.ask_account = !realm.account;
  page.can_recover = deps_.can_send_mail;
  page.problem = problem;
  page.reauthenticate = attempt.reauthenticate;
  if (realm.single_sign_on) page.company_sign_in = attempt.company_sign_in();
  return pages::password_page(pages::language_of(attempt.request), status, page);
}

Result<http::Response> SignIn::choose(const http::Request& request) {
  ASSIGN_OR_RETURN(const http::Form form, request.form());
  ASSIGN_OR_RETURN(const Attempt attempt, read_form(request, form));
  if (attempt.email.empty()) return ask_for_address(attempt);
  const Realm& realm = attempt.realm;
  if (realm.single_sign_on && realm.account->sso_enforced_at) {
    return http::Response::see_other(attempt.company_sign_in());
  }
  return ask_for_password(attempt, http::Status::Ok, std::nullopt);
}

Result<http::Response> SignIn::password(const http::Request& request) {
  ASSIGN_OR_RETURN(const http::Form form, request.form());
  ASSIGN_OR_RETURN(Attempt attempt, read_form(request, form));
  if (attempt.email.empty()) return ask_for_address(attempt);
  attempt.password = crypto::Secret(form.text("password"));
  // Which companies there are is no secret, since their metadata is public: no time is spent to hide it.
  // Nobody counts these guesses, so they must cost nothing.
  if (!attempt.realm.account || attempt.password.empty() || attempt.password.reveal().size() > kMaxPassword) {
    return wrong_password(attempt);
  }
  return verify_password(attempt);
}

Result<http::Response> SignIn::verify_password(const Attempt& attempt) {
  const directory::Account& account = *attempt.realm.account;
  // Counted before it is verified, for names that exist and names that do not: the answer tells nothing, and
  // parallel guesses cannot slip through.
  ASSIGN_OR_RETURN(const auto wait, deps_.database.write([&](storage::Transaction& transaction) {
    return directory::take_password_attempt(transaction, account.id, attempt.email,
                                            attempt.request.client_address, limits_, deps_.clock.now());
  }));
  if (wait) return too_many(attempt, *wait);

  std::optional<directory::Employee> employee;
  std::optional<std::string> hash;
  RETURN_IF_ERROR(deps_.database.read([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(employee, directory::find_employee_by_any_name(transaction, account.id, attempt.email));
    if (!employee) return {};
    ASSIGN_OR_RETURN(hash, directory::password_hash(transaction, account.id, employee->id));
    return {};
  }));
  if (!hash) {
    crypto::waste_password_time(attempt.password);
    return wrong_password(attempt);
  }
  if (!crypto::verify_password(*hash, attempt.password)) return wrong_password(attempt);
  // From here on the person has proven who they are, and may be told why they cannot come in.
  return open_session(attempt, *employee, *hash);
}

Result<http::Response> SignIn::open_session(const Attempt& attempt, const directory::Employee& employee,
                                            std::string_view verified_hash) {
  const directory::Account& account = *attempt.realm.account;
  const auto token = directory::SessionToken::issue(account);
  ASSIGN_OR_RETURN(const auto previous, deps_.sessions.who(attempt.request));
  bool replaced = false;
  using Outcome = std::optional<directory::Refusal>;
  ASSIGN_OR_RETURN(
      const Outcome refusal, deps_.database.write([&](storage::Transaction& transaction) -> Result<Outcome> {
        // Read anew: verifying took a while, and whoever lost their access in that time must not come in.
        ASSIGN_OR_RETURN(const auto account_now, directory::load_account(transaction, account.id));
        ASSIGN_OR_RETURN(const auto employee_now,
                         directory::load_employee(transaction, account.id, employee.id));
        ASSIGN_OR_RETURN(const auto hash_now, directory::password_hash(transaction, account.id, employee.id));
        replaced = hash_now != verified_hash;
        if (replaced) return Outcome();
        if (const Outcome reason = directory::why_not_password(account_now, employee_now)) return reason;

        const Timestamp now = deps_.clock.now();
        RETURN_IF_ERROR(directory::forgive_password_attempts(transaction, account.id, attempt.email,
                                                             attempt.request.client_address));
        directory::NewSession session;
        session.account = account.id;
        session.employee = employee.id;
        session.method = directory::SignInMethod::Password;
        session.client_address = attempt.request.client_address;
        session.user_agent = attempt.request.headers.find("User-Agent").value_or("");
        ASSIGN_OR_RETURN(
            const directory::Session opened,
            directory::create_session(transaction, token, session, deps_.sessions.lifetime(), now));
        if (previous)
          RETURN_IF_ERROR(directory::replace_session(transaction, previous->session, opened, now));
        directory::NewAttempt record;
        record.account = account.id;
        record.outcome = directory::AttemptOutcome::Success;
        record.employee = employee.public_id;
        record.report = R"({"checks":[{"check":"password","verdict":"passed"}]})";
        record.client_address = attempt.request.client_address;
        RETURN_IF_ERROR(directory::record_attempt(transaction, record, now));
        return Outcome();
      }));
  if (replaced) return wrong_password(attempt);
  if (refusal) return refuse(attempt, employee, *refusal);
  accepted_.add();
  log::info("signin.password", {{"account", account.slug}, {"outcome", "signed_in"}});
  auto response = http::Response::see_other(attempt.return_to);
  response.headers.set("Cache-Control", "no-store");
  deps_.sessions.set_cookie(response, token);
  return response;
}

http::Response SignIn::wrong_password(const Attempt& attempt) {
  refused_.add();
  log::info("signin.password", {{"outcome", "refused"}, {"client", attempt.request.client_address}});
  return ask_for_password(attempt, http::Status::Unauthorized, pages::Phrase::WrongEmailOrPassword);
}

http::Response SignIn::too_many(const Attempt& attempt, Timestamp allowed_at) {
  refused_.add();
  log::info("signin.password", {{"outcome", "too_many"}, {"client", attempt.request.client_address}});
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(allowed_at - deps_.clock.now()).count();
  auto response =
      pages::trouble_page(pages::language_of(attempt.request),
                          {pages::Trouble::TooManyAttempts, http::Status::TooManyRequests, "", "/sign-in"});
  response.headers.set("Retry-After", fmt::format("{}", std::max<std::int64_t>(1, seconds)));
  return response;
}

Result<http::Response> SignIn::refuse(const Attempt& attempt, const directory::Employee& employee,
                                      directory::Refusal reason) {
  refused_.add();
  const std::string_view finding = directory::finding_code(reason);
  directory::NewAttempt record;
  record.account = employee.account;
  record.finding = finding;
  record.employee = employee.public_id;
  record.report = json::serialize(
      json::Object{{"checks", json::Array{json::Object{{"check", "password"}, {"verdict", "passed"}}}},
                   {"decision", json::Object{{"admitted", false}, {"finding", finding}}}});
  record.client_address = attempt.request.client_address;
  ASSIGN_OR_RETURN(const std::string reference, deps_.database.write([&](storage::Transaction& transaction) {
    return directory::record_attempt(transaction, record, deps_.clock.now());
  }));
  const auto trouble = reason == directory::Refusal::Deactivated ? pages::Trouble::Deactivated
                                                                 : pages::Trouble::PasswordClosed;
  return pages::trouble_page(
      pages::language_of(attempt.request),
      {trouble, http::Status::Forbidden, reference, std::optional<std::string>("/sign-in")});
}

Result<http::Response> SignIn::sign_out(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto signed_in, deps_.sessions.who(request));
  if (signed_in && signed_in->session.method == directory::SignInMethod::Saml) {
    // Ends the session here and at the provider.
    return http::Response::see_other(fmt::format("/saml/{}/logout", signed_in->account.slug));
  }
  if (signed_in) {
    RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) {
      return directory::end_session(transaction, signed_in->session.account, signed_in->session.id,
                                    deps_.clock.now());
    }));
  }
  auto response = pages::signed_out_page(pages::language_of(request));
  deps_.sessions.clear_cookie(response);
  return response;
}

Result<http::Response> SignIn::end_session(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto signed_in, deps_.sessions.who(request));
  if (!signed_in) return http::Response::see_other("/sign-in");
  ASSIGN_OR_RETURN(const http::Form form, request.form());
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) {
    return directory::end_session_of(transaction, signed_in->account.id, signed_in->employee.id,
                                     form.text("id"), deps_.clock.now());
  }));
  return http::Response::see_other("/");
}

Result<http::Response> SignIn::end_other_sessions(const http::Request& request) {
  ASSIGN_OR_RETURN(const auto signed_in, deps_.sessions.who(request));
  if (!signed_in) return http::Response::see_other("/sign-in");
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto sessions,
                     directory::list_sessions(transaction, signed_in->account.id, signed_in->employee.id,
                                              deps_.clock.now()));
    for (const directory::Session& session : sessions) {
      if (session.id == signed_in->session.id) continue;
      RETURN_IF_ERROR(directory::end_session(transaction, session.account, session.id, deps_.clock.now()));
    }
    return {};
  }));
  return http::Response::see_other("/");
}

}  // namespace doorward::signin
