#include "pages/language.h"

#include <gtest/gtest.h>

namespace doorward::pages {
namespace {

TEST(Negotiate, TakesTheBestThatWeHave) {
  EXPECT_EQ(negotiate(std::nullopt), Language::English);
  EXPECT_EQ(negotiate(""), Language::English);
  EXPECT_EQ(negotiate("de-AT"), Language::German);
  EXPECT_EQ(negotiate("DE"), Language::German);
  EXPECT_EQ(negotiate("fr-FR, de;q=0.5, en;q=0.4"), Language::German);
  EXPECT_EQ(negotiate("fr, en;q=0.8, de;q=0.7"), Language::English);
  EXPECT_EQ(negotiate("de;q=0, en;q=0.1"), Language::English);
  EXPECT_EQ(negotiate("fr, *;q=0.1"), Language::English);
}

TEST(Negotiate, SurvivesNonsense) {
  EXPECT_EQ(negotiate("de;q=2"), Language::English);
  EXPECT_EQ(negotiate("de;q="), Language::English);
  EXPECT_EQ(negotiate(",,;;q=,"), Language::English);
  EXPECT_EQ(negotiate("deutsch"), Language::English);
  EXPECT_EQ(negotiate(std::string(10'000, ',') + "de"), Language::English);
}

TEST(Phrase, FillValuesInOrder) {
  EXPECT_EQ(phrase(Language::English, Phrase::SignInTo, {"Contoso"}), "Sign in to Contoso");
  EXPECT_EQ(phrase(Language::German, Phrase::SignInTo, {"{}"}), "Bei {} anmelden");
}

TEST(Moment, IsShortAndNamesItsZone) {
  const auto at = [](std::string_view text) { return *parse_rfc3339(text); };
  EXPECT_EQ(moment(Language::English, at("2026-11-23T23:40:03.302Z")), "23 Nov 2026, 23:40 UTC");
  EXPECT_EQ(moment(Language::German, at("2026-11-23T23:40:03.302Z")), "23. Nov. 2026, 23:40 UTC");
  EXPECT_EQ(moment(Language::English, at("2026-01-01T00:00:00Z")), "1 Jan 2026, 00:00 UTC");
  EXPECT_EQ(moment(Language::English, at("2024-02-29T23:59:59.999Z")), "29 Feb 2024, 23:59 UTC");
  EXPECT_EQ(moment(Language::English, from_millis(-1)), "31 Dec 1969, 23:59 UTC");
  EXPECT_EQ(moment(Language::German, at("2026-03-02T04:05:00+02:00")), "2. März 2026, 02:05 UTC");
}

}  // namespace
}  // namespace doorward::pages
