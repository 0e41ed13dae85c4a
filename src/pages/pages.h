#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "http/message.h"
#include "pages/language.h"

/// The pages that employees meet: what they show comes in as plain values, what leaves is a whole answer.
namespace doorward::pages {

/// First page: the e-mail address decides where to go.
struct SignInPage {
  std::string email;
  std::string return_to;
  /// Set when the link that led here names a company.
  std::string account_slug;
  std::optional<std::string> account_name;
  std::optional<Phrase> problem;
  /// Whoever is signed in has to show anew who they are.
  bool reauthenticate = false;
};
http::Response sign_in_page(Language language, const SignInPage& values);

/// Second page, for addresses that may use a password.
struct PasswordPage {
  std::string email;
  std::string return_to;
  std::string account_slug;
  /// Nothing tells which company the address belongs to.
  bool ask_account = false;
  /// Where single sign-on starts, when the address has it as well.
  std::optional<std::string> company_sign_in;
  /// A link to choose a new password can be sent.
  bool can_recover = false;
  std::optional<Phrase> problem;
  bool reauthenticate = false;
};
http::Response password_page(Language language, http::Status status, const PasswordPage& values);

struct OpenSession {
  std::string id;
  std::string device;
  std::string client_address;
  Timestamp last_seen;
  bool current = false;
};

/// Who is signed in.
struct HomePage {
  std::string display_name;
  std::string account_name;
  std::string user_name;
  std::string email;
  std::string department;
  bool administrator = false;
  bool by_provider = false;
  std::vector<OpenSession> sessions;
};
http::Response home_page(Language language, const HomePage& values);

http::Response signed_out_page(Language language);

/// What went wrong, in plain words. `reference` is shown when there is a record under it.
struct TroublePage {
  Trouble trouble = Trouble::Internal;
  http::Status status = http::Status::InternalServerError;
  std::string reference = {};
  /// Where *Sign in again* leads; nothing where that cannot help.
  std::optional<std::string> retry = "/";
  /// The id of the request, where only the server's log tells more.
  std::string request_id = {};
  /// Ours, for a page at an application's host; empty at home.
  std::string our_origin = {};
};
http::Response trouble_page(Language language, const TroublePage& values);

/// Pages at the host of an application behind a reverse proxy.
struct ApplicationPage {
  std::string name;
  /// Ours.
  std::string our_origin;
};
/// Asks before somebody is signed out; the form posts to `action`.
http::Response ask_sign_out_page(Language language, const ApplicationPage& values, std::string_view action);
http::Response application_signed_out_page(Language language, const ApplicationPage& values);

/// A form that the browser sends on to the identity provider by itself (SAML Bindings section 3.5.4).
struct PostForm {
  std::string action;
  std::vector<std::pair<std::string, std::string>> fields;
};
http::Response post_form_page(Language language, const PostForm& values);

/// The end of a test sign-in, which opens no session.
struct TestPassedPage {
  std::string account_name;
  std::string employee;
  std::vector<std::pair<std::string, std::string>> received;
  std::string reference;
};
http::Response test_passed_page(Language language, const TestPassedPage& values);

}  // namespace doorward::pages
