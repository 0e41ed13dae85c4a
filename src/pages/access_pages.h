#pragma once

#include <optional>
#include <string>

#include "http/message.h"
#include "pages/language.h"

/// The pages behind links that let somebody in once.
namespace doorward::pages {

struct ChoosePasswordPage {
  std::string name = {};
  std::string account_name = {};
  std::string user_name = {};
  /// Goes back with the form.
  std::string link = {};
  std::optional<Phrase> problem = {};
};
http::Response choose_password_page(Language language, const ChoosePasswordPage& values);

struct EmergencyPage {
  std::string name = {};
  std::string account_name = {};
  std::string link = {};
};
http::Response emergency_page(Language language, const EmergencyPage& values);

struct ForgottenPage {
  std::string email = {};
  std::string account_slug = {};
  std::optional<Phrase> problem = {};
};
http::Response forgotten_page(Language language, const ForgottenPage& values);
/// The same for every address, whether somebody has it or not.
http::Response forgotten_sent_page(Language language, const std::string& email);

}  // namespace doorward::pages
