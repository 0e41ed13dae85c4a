#include "pages/access_pages.h"

#include "pages/html.h"
#include "pages/layout.h"

namespace doorward::pages {

namespace {

http::Status status_of(const std::optional<Phrase>& problem) {
  return problem ? http::Status::BadRequest : http::Status::Ok;
}

}  // namespace

http::Response choose_password_page(Language language, const ChoosePasswordPage& values) {
  const Html main = html(
      R"(<h1>{}</h1>
<p>{}</p>
{}<form method="post" action="/access/password">
<input type="hidden" name="link" value="{}">
<input type="hidden" name="username" value="{}" autocomplete="username">
<label for="password">{}</label>
<input id="password" name="password" type="password" autocomplete="new-password" aria-describedby="password-hint{}" aria-invalid="{}" required autofocus>
<p class="hint" id="password-hint">{}</p>
<label for="repeat">{}</label>
<input id="repeat" name="repeat" type="password" autocomplete="new-password" required>
<button class="primary" type="submit">{}</button>
</form>
)",
      phrase(language, Phrase::ChoosePassword),
      phrase(language, Phrase::ChoosePasswordFor, {values.name, values.account_name}),
      problem_note(language, values.problem), values.link, values.user_name,
      phrase(language, Phrase::NewPassword), values.problem ? " problem" : "",
      values.problem ? "true" : "false", phrase(language, Phrase::NewPasswordHint),
      phrase(language, Phrase::RepeatPassword), phrase(language, Phrase::SavePassword));
  return page(status_of(values.problem), language, phrase(language, Phrase::ChoosePassword), main);
}

http::Response emergency_page(Language language, const EmergencyPage& values) {
  const Html main = html(R"(<h1>{}</h1>
<p>{}</p>
<form method="post" action="/access/emergency">
<input type="hidden" name="link" value="{}">
<button class="primary" type="submit">{}</button>
</form>
)",
                         phrase(language, Phrase::EmergencyTitle),
                         phrase(language, Phrase::EmergencyText, {values.name, values.account_name}),
                         values.link, phrase(language, Phrase::EmergencyButton));
  return page(http::Status::Ok, language, phrase(language, Phrase::EmergencyTitle), main);
}

http::Response forgotten_page(Language language, const ForgottenPage& values) {
  const Html main = html(
      R"(<h1>{}</h1>
<p>{}</p>
{}<form method="post" action="/sign-in/forgotten">
<input type="hidden" name="account" value="{}">
<label for="email">{}</label>
<input id="email" name="email" type="email" value="{}" autocomplete="username" inputmode="email" autocapitalize="none" spellcheck="false" aria-describedby="{}" required autofocus>
<button class="primary" type="submit">{}</button>
</form>
<p><a href="/sign-in">{}</a></p>
)",
      phrase(language, Phrase::ForgottenTitle), phrase(language, Phrase::ForgottenText),
      problem_note(language, values.problem), values.account_slug, phrase(language, Phrase::EmailAddress),
      values.email, values.problem ? "problem" : "", phrase(language, Phrase::ForgottenSend),
      phrase(language, Phrase::SignInAgain));
  return page(status_of(values.problem), language, phrase(language, Phrase::ForgottenTitle), main);
}

http::Response forgotten_sent_page(Language language, const std::string& email) {
  const Html main =
      html(R"(<h1>{}</h1>
<p>{}</p>
<p><a class="secondary button" href="/sign-in">{}</a></p>
)",
           phrase(language, Phrase::ForgottenSentTitle), phrase(language, Phrase::ForgottenSentText, {email}),
           phrase(language, Phrase::SignInAgain));
  return page(http::Status::Ok, language, phrase(language, Phrase::ForgottenSentTitle), main);
}

}  // namespace doorward::pages
