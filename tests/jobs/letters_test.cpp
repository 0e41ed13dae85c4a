#include "jobs/letters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::jobs {
namespace {

using testing::HasSubstr;
using testing::Not;

LetterFacts facts() {
  return {.locale = "en-GB",
          .name = "Alice",
          .company = "Contoso",
          .sign_in_url = "https://sso.example/sign-in?account=contoso",
          .link = "https://sso.example/access?link=x",
          .expires_at = from_millis(1'800'000'000'000)};
}

TEST(Letters, AnInvitationHasTheLinkOrTheCompanysSignIn) {
  EXPECT_THAT(invitation_letter(facts()).text, HasSubstr("https://sso.example/access?link=x"));
  LetterFacts enforced = facts();
  enforced.link.clear();
  const auto letter = invitation_letter(enforced);
  EXPECT_THAT(letter.text, Not(HasSubstr("Choose your password")));
  EXPECT_THAT(letter.text, HasSubstr("company account"));
}

TEST(Letters, SpeakGermanToThoseWhoDo) {
  LetterFacts german = facts();
  for (const char* locale : {"de", "de-AT", "de_CH"}) {
    german.locale = locale;
    EXPECT_THAT(recovery_letter(german).subject, HasSubstr("Passwort")) << locale;
  }
  german.locale = "den";
  EXPECT_THAT(recovery_letter(german).subject, HasSubstr("password"));
}

TEST(Letters, SayUntilWhenAndWhomToAsk) {
  LetterFacts values = facts();
  values.contact = "the IT desk";
  const auto letter = recovery_letter(values);
  EXPECT_THAT(letter.text, HasSubstr("2027-01-15 08:00 UTC"));
  EXPECT_THAT(letter.text, HasSubstr("ask the IT desk"));
  EXPECT_THAT(letter.text, HasSubstr("your password stays as it is"));
}

TEST(Letters, FillInWhatWasAskedForAndNothingElse) {
  LetterFacts values = facts();
  // A name is no template.
  values.name = "{company}";
  const auto letter = filled_in("{company}", "{name} and {name}, {link}", values);
  EXPECT_EQ(letter.subject, "Contoso");
  EXPECT_EQ(letter.text, "{company} and {company}, {link}");
}

}  // namespace
}  // namespace doorward::jobs
