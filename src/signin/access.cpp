#include "signin/access.h"

#include "base/log.h"
#include "base/text.h"
#include "crypto/password.h"
#include "directory/attempts.h"
#include "directory/domains.h"
#include "directory/mails.h"
#include "json/json.h"
#include "pages/access_pages.h"
#include "pages/layout.h"
#include "pages/pages.h"

namespace doorward::signin {

namespace {

constexpr std::size_t kMaxEmail = 320;

http::Response dead_link(const http::Request& request) {
  return pages::trouble_page(pages::language_of(request),
                             {pages::Trouble::LinkDead, http::Status::NotFound, "", "/sign-in"});
}

http::Response password_form(const http::Request& request, const directory::AccessLink& link,
                             std::string_view secret, std::optional<pages::Phrase> problem) {
  return pages::choose_password_page(pages::language_of(request),
                                     {.name = link.employee.shown_name(),
                                      .account_name = link.account.name,
                                      .user_name = link.employee.profile.user_name,
                                      .link = std::string(secret),
                                      .problem = problem});
}

/// The link may stand in the address bar: no other site learns of it.
http::Response discreet(http::Response response) {
  response.headers.set("Referrer-Policy", "no-referrer");
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace

Result<Access::Link> Access::find(std::string_view link) {
  const auto secret = directory::AccessLinkSecret::parse(link);
  if (!secret) return Link();
  return deps_.database.read([&](storage::Transaction& transaction) {
    return directory::find_access_link(transaction, *secret, deps_.clock.now());
  });
}

Result<http::Response> Access::page(const http::Request& request) {
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  const std::string text = query.text("link");
  ASSIGN_OR_RETURN(const Link link, find(text));
  if (!link) return dead_link(request);
  if (link->purpose == directory::LinkPurpose::Emergency) {
    return discreet(pages::emergency_page(
        pages::language_of(request),
        {.name = link->employee.shown_name(), .account_name = link->account.name, .link = text}));
  }
  return discreet(password_form(request, *link, text, std::nullopt));
}

Result<http::Response> Access::choose_password(const http::Request& request) {
  ASSIGN_OR_RETURN(const http::Form form, request.form());
  const std::string text = form.text("link");
  ASSIGN_OR_RETURN(const Link link, find(text));
  if (!link || link->purpose == directory::LinkPurpose::Emergency) return dead_link(request);
  const crypto::Secret password(form.text("password"));
  if (!crypto::check_new_password(password)) {
    return discreet(password_form(request, *link, text, pages::Phrase::PasswordUnusable));
  }
  if (!crypto::equal(password.reveal(), form.find("repeat").value_or(""))) {
    return discreet(password_form(request, *link, text, pages::Phrase::PasswordsDiffer));
  }
  // Made before the transaction: it takes its time. Only somebody with a living link gets so far.
  const std::string hash = crypto::hash_password(password);
  return sign_in(request, *directory::AccessLinkSecret::parse(text), hash);
}

Result<http::Response> Access::emergency(const http::Request& request) {
  ASSIGN_OR_RETURN(const http::Form form, request.form());
  const std::string text = form.text("link");
  ASSIGN_OR_RETURN(const Link link, find(text));
  if (!link || link->purpose != directory::LinkPurpose::Emergency) return dead_link(request);
  return sign_in(request, *directory::AccessLinkSecret::parse(text), {});
}

/// Uses the link up and opens a session, in one transaction; with a hash, the password is changed in it.
Result<http::Response> Access::sign_in(const http::Request& request,
                                       const directory::AccessLinkSecret& secret,
                                       std::string_view password_hash) {
  ASSIGN_OR_RETURN(const auto previous, deps_.sessions.who(request));
  std::optional<directory::SessionToken> token;
  ASSIGN_OR_RETURN(
      const Link link, deps_.database.write([&](storage::Transaction& transaction) -> Result<Link> {
        const Timestamp now = deps_.clock.now();
        ASSIGN_OR_RETURN(Link taken, directory::take_access_link(transaction, secret, now));
        if (!taken) return taken;
        const bool emergency = taken->purpose == directory::LinkPurpose::Emergency;
        // Looked up before the transaction, and another could have taken its place meanwhile.
        if (emergency != password_hash.empty()) return Link();
        const directory::Actor actor{directory::ActorKind::Employee, taken->employee.profile.user_name};
        if (!emergency) {
          RETURN_IF_ERROR(directory::set_password(transaction, taken->account.id, taken->employee.id,
                                                  password_hash, actor, now));
        }
        token = directory::SessionToken::issue(taken->account);
        directory::NewSession session;
        session.account = taken->account.id;
        session.employee = taken->employee.id;
        session.method = emergency ? directory::SignInMethod::Emergency : directory::SignInMethod::Password;
        if (emergency) session.not_on_or_after = now + kEmergencySession;
        session.client_address = request.client_address;
        session.user_agent = request.headers.find("User-Agent").value_or("");
        RETURN_IF_ERROR(
            directory::create_session(transaction, *token, session, deps_.sessions.lifetime(), now));
        if (previous) {
          RETURN_IF_ERROR(
              directory::end_session(transaction, previous->session.account, previous->session.id, now));
        }
        directory::NewAttempt record;
        record.account = taken->account.id;
        record.outcome = directory::AttemptOutcome::Success;
        record.employee = taken->employee.public_id;
        record.report = json::serialize(json::Object{
            {"checks", json::Array{json::Object{{"check", "access_link"},
                                                {"verdict", "passed"},
                                                {"actual", directory::to_text(taken->purpose)}}}}});
        record.client_address = request.client_address;
        RETURN_IF_ERROR(directory::record_attempt(transaction, record, now));
        return taken;
      }));
  if (!link) return dead_link(request);
  log::info("signin.access_link",
            {{"account", link->account.slug}, {"purpose", directory::to_text(link->purpose)}});
  auto response = discreet(http::Response::see_other("/"));
  deps_.sessions.set_cookie(response, *token);
  return response;
}

Result<std::optional<directory::Account>> Access::find_account(std::string_view email,
                                                               std::string_view slug) {
  return deps_.database.read(
      [&](storage::Transaction& transaction) -> Result<std::optional<directory::Account>> {
        if (!slug.empty()) return directory::find_account_by_slug(transaction, slug);
        ASSIGN_OR_RETURN(const auto route, directory::find_route(transaction, email));
        if (route) return directory::load_account(transaction, route->account);
        // A server for one company need not ask which one.
        return directory::find_only_company(transaction);
      });
}

Result<http::Response> Access::forgotten(const http::Request& request) {
  if (!deps_.can_send_mail) return http::Response::see_other("/sign-in");
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  pages::ForgottenPage page{.email = query.text("email"), .account_slug = query.text("account")};
  if (page.email.size() > kMaxEmail) page.email.clear();
  return pages::forgotten_page(pages::language_of(request), page);
}

Result<http::Response> Access::send_recovery(const http::Request& request) {
  if (!deps_.can_send_mail) return http::Response::see_other("/sign-in");
  ASSIGN_OR_RETURN(const http::Form form, request.form());
  const std::string email(trim(form.text("email")));
  const auto language = pages::language_of(request);
  if (email.empty() || email.size() > kMaxEmail) {
    return pages::forgotten_page(
        language, {.account_slug = form.text("account"), .problem = pages::Phrase::EmailMissing});
  }
  ASSIGN_OR_RETURN(const auto account, find_account(email, trim(form.text("account"))));
  // Whatever happens from here on, the answer is the same, and a mail goes only to the address that is on
  // record.
  const auto answer = [&] { return pages::forgotten_sent_page(language, email); };
  if (!account || account->sso_enforced_at) return answer();
  RETURN_IF_ERROR(deps_.database.write([&](storage::Transaction& transaction) -> Result<void> {
    const Timestamp now = deps_.clock.now();
    ASSIGN_OR_RETURN(const auto employee,
                     directory::find_employee_by_any_name(transaction, account->id, email));
    // Somebody without a password yet may choose a first one in this way.
    if (!employee || !employee->active || employee->profile.email.empty()) return {};
    ASSIGN_OR_RETURN(const bool queued,
                     directory::queue_mail(transaction, *employee, directory::MailKind::Recovery, {}, now));
    if (!queued) return {};
    return directory::record_audit(
        transaction, account->id, {directory::ActorKind::Employee, employee->profile.user_name},
        "mail.recovery_asked", employee->public_id, {{"client_address", request.client_address}}, now);
  }));
  return answer();
}

}  // namespace doorward::signin
