#include "pages/language.h"

#include <algorithm>

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

/// Whoever translates a phrase must keep its values.
TEST(Phrases, HaveTheSameValuesInEveryLanguage) {
  const auto holes = [](std::string_view text) { return std::count(text.begin(), text.end(), '{'); };
  for (int i = 0; i < static_cast<int>(Phrase::Count); ++i) {
    const auto which = static_cast<Phrase>(i);
    EXPECT_FALSE(phrase(Language::German, which).empty());
    EXPECT_EQ(holes(phrase(Language::English, which)), holes(phrase(Language::German, which)))
        << phrase(Language::English, which);
  }
}

TEST(Phrases, FillValuesInOrder) {
  EXPECT_EQ(phrase(Language::English, Phrase::SignInTo, {"Contoso"}), "Sign in to Contoso");
  EXPECT_EQ(phrase(Language::German, Phrase::SignInTo, {"{}"}), "Bei {} anmelden");
}

TEST(Troubles, SayWhatToDoInEveryLanguage) {
  for (const Language language : {Language::English, Language::German}) {
    for (int i = 0; i < static_cast<int>(Trouble::Count); ++i) {
      const TroubleText& text = trouble_text(language, static_cast<Trouble>(i));
      EXPECT_FALSE(text.title.empty());
      EXPECT_TRUE(text.explanation.ends_with('.')) << text.explanation;
      EXPECT_TRUE(text.what_to_do.ends_with('.')) << text.what_to_do;
    }
  }
}

}  // namespace
}  // namespace doorward::pages
