#include "pages/application_pages.h"

#include <fmt/format.h>

#include "base/url.h"
#include "pages/assets.h"
#include "pages/html.h"
#include "pages/layout.h"

namespace doorward::pages {

namespace {

Html hidden_fields(const std::vector<std::pair<std::string, std::string>>& fields) {
  Html html_fields;
  for (const auto& [name, value] : fields) {
    html_fields += html(R"(<input type="hidden" name="{}" value="{}">
)",
                        name, value);
  }
  return html_fields;
}

/// What people recognise of an address.
std::string site_of(std::string_view address) {
  const auto url = Url::parse(address);
  return url ? url->origin() : std::string(address.substr(0, address.find(':')));
}

}  // namespace

http::Response consent_page(Language language, const ConsentPage& values) {
  Html wishes;
  for (const Phrase wish : values.wishes)
    wishes += html("<li>{}</li>\n", phrase(language, wish));
  const std::string title = phrase(language, Phrase::ConsentTitle, {values.application_name});
  const Html main = html(
      R"(<h1>{}</h1>
<p>{}</p>
<ul>
{}</ul>
<p class="hint">{}</p>
<dl class="details"><dt>{}</dt><dd>{}</dd></dl>
<form method="post" action="/oauth2/consent">
{}<button class="primary" type="submit" name="decision" value="allow">{}</button>
<button class="secondary" type="submit" name="decision" value="deny">{}</button>
</form>
)",
      title, phrase(language, Phrase::ConsentText, {values.application_name}), wishes,
      phrase(language, Phrase::ConsentReturn, {site_of(values.return_address)}),
      phrase(language, Phrase::SignedInAs, {values.person}), values.account_name,
      hidden_fields(values.fields), phrase(language, Phrase::Allow), phrase(language, Phrase::DoNotAllow));
  auto response = page(http::Status::Ok, language, title, main);
  allow_forms_to(response, fmt::format("'self' {}", form_source(values.return_address)));
  return response;
}

http::Response other_company_page(Language language, const OtherCompanyPage& values) {
  const Html main =
      html(R"(<h1>{}</h1>
<p>{}</p>
<p><a class="primary button" href="{}">{}</a></p>
)",
           phrase(language, Phrase::OtherCompanyTitle),
           phrase(language, Phrase::OtherCompanyText,
                  {values.account_name, values.application_name, values.application_account_name}),
           values.sign_in, phrase(language, Phrase::SignInTo, {values.application_account_name}));
  return page(http::Status::Forbidden, language, phrase(language, Phrase::OtherCompanyTitle), main);
}

http::Response sign_out_page(Language language, const SignOutPage& values) {
  Html asked;
  if (!values.application_name.empty()) {
    asked = html("<p>{}</p>\n", phrase(language, Phrase::SignOutAsked, {values.application_name}));
  }
  const Html main =
      html(R"(<h1>{}</h1>
{}<p>{}</p>
<p class="hint">{}</p>
<form method="post" action="/oauth2/logout/confirm">
{}<button class="primary" type="submit">{}</button>
</form>
<p><a href="/">{}</a></p>
)",
           phrase(language, Phrase::SignOutTitle), asked, phrase(language, Phrase::SignOutEffect),
           phrase(language, Phrase::SignedInAs, {values.person}), hidden_fields(values.fields),
           phrase(language, Phrase::SignOut), phrase(language, Phrase::StaySignedIn));
  auto response = page(http::Status::Ok, language, phrase(language, Phrase::SignOutTitle), main);
  if (!values.return_address.empty())
    allow_forms_to(response, fmt::format("'self' {}", form_source(values.return_address)));
  return response;
}

http::Response return_form_page(Language language, const ReturnForm& values) {
  const std::string title = phrase(language, Phrase::ContinueToApplication, {values.application_name});
  const Html main = html(R"(<h1>{}</h1>
<p>{}</p>
<form method="post" action="{}">
{}<button class="primary" type="submit">{}</button>
</form>
)",
                         title, phrase(language, Phrase::ContinueToProviderHint), values.address,
                         hidden_fields(values.fields), phrase(language, Phrase::ContinueButton));
  const Html head = html(R"(<script src="{}" defer></script>
)",
                         submit_script_path());
  auto response = page(http::Status::Ok, language, title, main, FormTarget::Ourselves, head);
  allow_forms_to(response, form_source(values.address));
  return response;
}

http::Response open_application_page(Language language, std::string_view application_name,
                                     std::string_view address) {
  const std::string title = phrase(language, Phrase::ContinueToApplication, {application_name});
  const Html main = html(R"(<h1>{}</h1>
<p>{}</p>
<p><a class="primary button" href="{}">{}</a></p>
)",
                         title, phrase(language, Phrase::ContinueToProviderHint), address,
                         phrase(language, Phrase::ContinueButton));
  const Html head = html(R"(<meta http-equiv="refresh" content="0;url={}">
)",
                         address);
  return page(http::Status::Ok, language, title, main, FormTarget::Ourselves, head);
}

}  // namespace doorward::pages
