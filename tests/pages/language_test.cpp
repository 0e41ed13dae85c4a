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

}  // namespace
}  // namespace doorward::pages
