#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

/// The words of mails, in the reader's language.
namespace doorward::jobs {

struct Letter {
  std::string subject;
  std::string text;
};

struct LetterFacts {
  /// A language tag; English unless it is German.
  std::string locale;
  std::string name;
  std::string company;
  /// The sign-in page of the company.
  std::string sign_in_url;
  /// To choose a password; empty where SSO is the only way in.
  std::string link = {};
  std::optional<Timestamp> expires_at = {};
  /// Who asked for it: an administrator; empty when the reader did.
  std::string requested_by = {};
  /// Whom to ask; empty when nobody is named.
  std::string contact = {};
};

Letter invitation_letter(const LetterFacts& facts);
Letter recovery_letter(const LetterFacts& facts);
/// Somebody's own words with `{name}` and `{company}` filled in; whatever else is in braces stays.
Letter filled_in(std::string_view subject, std::string_view body, const LetterFacts& facts);

}  // namespace doorward::jobs
