#include "pages/pages.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "pages/assets.h"
#include "pages/html.h"
#include "pages/layout.h"

namespace doorward::pages {

namespace {

/// A line of a definition list; nothing for an empty value.
Html detail(Language language, Phrase name, std::string_view value) {
  if (value.empty()) return {};
  return html("<dt>{}</dt><dd>{}</dd>\n", phrase(language, name), value);
}

Html number_block(Language language, Phrase name, std::string_view number, Phrase hint) {
  if (number.empty()) return {};
  return html(R"(<dl class="reference"><dt>{}</dt><dd><code>{}</code></dd></dl>
<p class="hint">{}</p>
)",
              phrase(language, name), number, phrase(language, hint));
}

Html reference_block(Language language, std::string_view reference) {
  return number_block(language, Phrase::ReferenceNumber, reference, Phrase::ReferenceHint);
}

Html reauthenticate_field(bool reauthenticate) {
  if (!reauthenticate) return {};
  return html(R"(<input type="hidden" name="reauthenticate" value="1">
)");
}

bool is_about_signing_in(Trouble trouble) {
  switch (trouble) {
    case Trouble::WrongReturnAddress:
    case Trouble::RequestOver:
    case Trouble::CrossSite:
    case Trouble::ApplicationDenied:
    case Trouble::NotFound:
    case Trouble::BadRequest:
    case Trouble::TooBusy:
    case Trouble::Internal:
      return false;
    default:
      return true;
  }
}

}  // namespace

http::Response sign_in_page(Language language, const SignInPage& values) {
  const std::string title = values.account_name ? phrase(language, Phrase::SignInTo, {*values.account_name})
                                                : std::string(phrase(language, Phrase::SignIn));
  const Html main = html(R"(<h1>{}</h1>
{}<form method="post" action="/sign-in">
<input type="hidden" name="return_to" value="{}">
<input type="hidden" name="account" value="{}">
{}<label for="email">{}</label>
<input id="email" name="email" type="email" value="{}" autocomplete="username" inputmode="email" autocapitalize="none" spellcheck="false" aria-describedby="email-hint{}" required autofocus>
<p class="hint" id="email-hint">{}</p>
<button class="primary" type="submit">{}</button>
</form>
)",
                         title, problem_note(language, values.problem), values.return_to, values.account_slug,
                         reauthenticate_field(values.reauthenticate), phrase(language, Phrase::EmailAddress),
                         values.email, values.problem ? " problem" : "", phrase(language, Phrase::EmailHint),
                         phrase(language, Phrase::Continue));
  const auto status = values.problem ? http::Status::BadRequest : http::Status::Ok;
  return page(status, language, title, main, FormTarget::Elsewhere);
}

http::Response password_page(Language language, http::Status status, const PasswordPage& values) {
  Html company;
  if (values.company_sign_in) {
    company = html(R"(<p><a class="primary button" href="{}">{}</a></p>
<p class="divider">{}</p>
)",
                   *values.company_sign_in, phrase(language, Phrase::SignInWithCompany),
                   phrase(language, Phrase::OrPassword));
  }
  const Html account = values.ask_account ? html(R"(<label for="account">{}</label>
<input id="account" name="account" value="{}" autocomplete="organization" autocapitalize="none" spellcheck="false" aria-describedby="account-hint">
<p class="hint" id="account-hint">{}</p>
)",
                                                 phrase(language, Phrase::Account), values.account_slug,
                                                 phrase(language, Phrase::AccountHint))
                                          : html(R"(<input type="hidden" name="account" value="{}">
)",
                                                 values.account_slug);
  const Html forgotten =
      values.can_recover
          ? html(R"(<p><a href="{}">{}</a></p>
)",
                 fmt::format("/sign-in/forgotten?email={}&account={}", percent_encode(values.email),
                             percent_encode(values.account_slug)),
                 phrase(language, Phrase::ForgottenLink))
          : html(R"(<p class="hint">{}</p>
)",
                 phrase(language, Phrase::ForgotPassword));
  const std::string other_address =
      fmt::format("/sign-in?return_to={}&account={}{}", percent_encode(values.return_to),
                  percent_encode(values.account_slug), values.reauthenticate ? "&reauthenticate=1" : "");
  const Html main = html(
      R"(<h1>{}</h1>
{}{}<form method="post" action="/sign-in/password">
<input type="hidden" name="return_to" value="{}">
{}<label for="email">{}</label>
<input id="email" name="email" type="email" value="{}" autocomplete="username" readonly>
{}<label for="password">{}</label>
<input id="password" name="password" type="password" autocomplete="current-password" aria-describedby="{}" aria-invalid="{}" required autofocus>
<button class="{}" type="submit">{}</button>
</form>
{}<p><a href="{}">{}</a></p>
)",
      phrase(language, Phrase::SignIn), problem_note(language, values.problem), company, values.return_to,
      reauthenticate_field(values.reauthenticate), phrase(language, Phrase::EmailAddress), values.email,
      account, phrase(language, Phrase::Password), values.problem ? "problem" : "",
      values.problem ? "true" : "false", values.company_sign_in ? "secondary" : "primary",
      phrase(language, Phrase::SignInWithPassword), forgotten, other_address,
      phrase(language, Phrase::OtherAddress));
  // It may end at an application, which the page does not know.
  return page(status, language, phrase(language, Phrase::SignIn), main, FormTarget::Elsewhere);
}

http::Response home_page(Language language, const HomePage& values) {
  Html sessions;
  for (const OpenSession& session : values.sessions) {
    Html action;
    if (session.current) {
      action = html(R"(<span class="badge">{}</span>)", phrase(language, Phrase::ThisDevice));
    } else {
      action = html(
          R"(<form method="post" action="/sessions/end"><input type="hidden" name="id" value="{}"><button class="quiet" type="submit" aria-label="{}: {}">{}</button></form>)",
          session.id, phrase(language, Phrase::EndSignIn), session.device,
          phrase(language, Phrase::EndSignIn));
    }
    sessions += html(R"(<li><div><strong>{}</strong><span class="hint">{} · {}</span></div>{}</li>
)",
                     session.device, session.client_address,
                     phrase(language, Phrase::LastUsed, {moment(language, session.last_seen)}), action);
  }
  Html end_others;
  if (values.sessions.size() > 1) {
    end_others = html(
        R"(<form method="post" action="/sessions/end-others"><button class="quiet" type="submit">{}</button></form>
)",
        phrase(language, Phrase::EndOtherSignIns));
  }
  Html console;
  if (values.administrator) {
    console = html(R"(<p><a class="secondary button" href="/console/">{}</a></p>
)",
                   phrase(language, Phrase::OpenConsole));
  } else {
    console = html(R"(<p><a class="secondary button" href="/console/profile">{}</a></p>
)",
                   phrase(language, Phrase::OpenProfile));
  }
  const std::string title = phrase(language, Phrase::Welcome, {values.display_name});
  const Html main =
      html(R"(<h1>{}</h1>
<dl class="details">
{}{}{}{}{}{}</dl>
{}<section aria-labelledby="sessions"><h2 id="sessions">{}</h2>
<p class="hint">{}</p>
<ul class="rows">
{}</ul>
{}</section>
<form method="post" action="/sign-out"><button class="primary" type="submit">{}</button></form>
)",
           title, detail(language, Phrase::Account, values.account_name),
           detail(language, Phrase::EmailAddress, values.email),
           detail(language, Phrase::UserName, values.user_name),
           detail(language, Phrase::Department, values.department),
           detail(language, Phrase::SignedInBy,
                  phrase(language, values.by_provider ? Phrase::ByProvider : Phrase::ByPassword)),
           detail(language, Phrase::AdministratorRights,
                  phrase(language, values.administrator ? Phrase::Yes : Phrase::No)),
           console, phrase(language, Phrase::YourSignIns), phrase(language, Phrase::YourSignInsHint),
           sessions, end_others, phrase(language, Phrase::SignOut));
  // Signing out may continue at the provider (single logout).
  return page(http::Status::Ok, language, title, main, FormTarget::Elsewhere);
}

http::Response signed_out_page(Language language) {
  const Html main = html(R"(<h1>{}</h1>
<p>{}</p>
<p><a class="primary button" href="/sign-in">{}</a></p>
)",
                         phrase(language, Phrase::SignedOutTitle), phrase(language, Phrase::SignedOutText),
                         phrase(language, Phrase::SignInAgain));
  return page(http::Status::Ok, language, phrase(language, Phrase::SignedOutTitle), main);
}

http::Response trouble_page(Language language, const TroublePage& values) {
  const TroubleText& text = trouble_text(language, values.trouble);
  Html retry;
  if (values.retry) {
    retry = html(
        R"(<p><a class="primary button" href="{}">{}</a></p>
)",
        *values.retry,
        phrase(language, is_about_signing_in(values.trouble) ? Phrase::SignInAgain : Phrase::ToHomePage));
  }
  const Html main =
      html(R"(<h1>{}</h1>
<p>{}</p>
<h2>{}</h2>
<p>{}</p>
{}{}{})",
           text.title, text.explanation, phrase(language, Phrase::WhatToDo), text.what_to_do, retry,
           reference_block(language, values.reference),
           number_block(language, Phrase::RequestNumber, values.request_id, Phrase::RequestHint));
  return page(values.status, language, text.title, main, FormTarget::Ourselves, {}, values.our_origin);
}

http::Response ask_sign_out_page(Language language, const ApplicationPage& values, std::string_view action) {
  const std::string title = phrase(language, Phrase::SignOutOf, {values.name});
  const Html main = html(R"(<h1>{}</h1>
<form method="post" action="{}"><button class="primary" type="submit">{}</button></form>
)",
                         title, action, phrase(language, Phrase::SignOut));
  return page(http::Status::Ok, language, title, main, FormTarget::Ourselves, {}, values.our_origin);
}

http::Response application_signed_out_page(Language language, const ApplicationPage& values) {
  const std::string title = phrase(language, Phrase::SignedOutOf, {values.name});
  const Html main = html(R"(<h1>{}</h1>
<p>{}</p>
<p><a class="primary button" href="{}/">{}</a></p>
<p><a href="/">{}</a></p>
)",
                         title, phrase(language, Phrase::SignedOutOfText), values.our_origin,
                         phrase(language, Phrase::SignOutThereToo), phrase(language, Phrase::SignInAgain));
  return page(http::Status::Ok, language, title, main, FormTarget::Ourselves, {}, values.our_origin);
}

http::Response post_form_page(Language language, const PostForm& values) {
  Html fields;
  for (const auto& [name, value] : values.fields) {
    fields += html(R"(<input type="hidden" name="{}" value="{}">
)",
                   name, value);
  }
  const Html main =
      html(R"(<h1>{}</h1>
<p>{}</p>
<form method="post" action="{}">
{}<button class="primary" type="submit">{}</button>
</form>
)",
           phrase(language, Phrase::ContinueToProvider), phrase(language, Phrase::ContinueToProviderHint),
           values.action, fields, phrase(language, Phrase::ContinueButton));
  const Html head = html(R"(<script src="{}" defer></script>
)",
                         submit_script_path());
  return page(http::Status::Ok, language, phrase(language, Phrase::ContinueToProvider), main,
              FormTarget::Elsewhere, head);
}

http::Response test_passed_page(Language language, const TestPassedPage& values) {
  Html received;
  for (const auto& [name, value] : values.received) {
    received += html("<dt>{}</dt><dd>{}</dd>\n", name, value);
  }
  const Html main =
      html(R"(<h1>{}</h1>
<p>{}</p>
<dl class="details">{}</dl>
<h2>{}</h2>
<dl class="details wide">
{}</dl>
<p>{}</p>
{})",
           phrase(language, Phrase::TestPassedTitle),
           phrase(language, Phrase::TestPassedText, {values.account_name}),
           detail(language, Phrase::Employee, values.employee), phrase(language, Phrase::WhatWasReceived),
           received, phrase(language, Phrase::TestNoSession), reference_block(language, values.reference));
  return page(http::Status::Ok, language, phrase(language, Phrase::TestPassedTitle), main);
}

}  // namespace doorward::pages
