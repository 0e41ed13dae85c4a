#pragma once

#include <string>
#include <utility>
#include <vector>

#include "http/message.h"
#include "pages/language.h"

/// The pages on the way between an application and us.
namespace doorward::pages {

/// May the application know this?
struct ConsentPage {
  std::string application_name;
  /// Whom it would learn about.
  std::string person;
  std::string account_name;
  /// What it would learn or may do.
  std::vector<Phrase> wishes;
  /// Where the answer goes.
  std::string return_address;
  /// Hidden fields of both answers.
  std::vector<std::pair<std::string, std::string>> fields;
};
/// Posts to `/oauth2/consent` with `decision` as `allow` or `deny`.
http::Response consent_page(Language language, const ConsentPage& values);

/// Whoever came is signed in to another company than the application's.
struct OtherCompanyPage {
  std::string application_name;
  std::string account_name;
  std::string application_account_name;
  /// Where they can sign in to the application's company.
  std::string sign_in;
};
http::Response other_company_page(Language language, const OtherCompanyPage& values);

/// Does the person want to sign out, as an application says?
struct SignOutPage {
  /// Empty when it did not say who it is.
  std::string application_name;
  std::string person;
  /// Where it goes on afterwards; empty for nowhere.
  std::string return_address;
  std::vector<std::pair<std::string, std::string>> fields;
};
/// Posts to `/oauth2/logout/confirm`.
http::Response sign_out_page(Language language, const SignOutPage& values);

/// A form that the browser sends to the application by itself (OAuth 2.0 Form Post Response Mode).
struct ReturnForm {
  std::string application_name;
  std::string address;
  std::vector<std::pair<std::string, std::string>> fields;
};
http::Response return_form_page(Language language, const ReturnForm& values);

/// A page that opens an application by its own scheme. A redirect to one is blocked when it follows a form.
http::Response open_application_page(Language language, std::string_view application_name,
                                     std::string_view address);

}  // namespace doorward::pages
