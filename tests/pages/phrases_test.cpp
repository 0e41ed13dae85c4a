#include <algorithm>

#include <gtest/gtest.h>

#include "pages/language.h"

namespace doorward::pages {
namespace {

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
