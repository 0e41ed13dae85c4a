#include "crypto/secret.h"

#include <ostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace doorward::crypto {
namespace {

template <class T>
concept Streams = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept Compares = requires(const T& a, const T& b) { a == b; };

static_assert(!Streams<Secret>);
static_assert(!Compares<Secret>);
static_assert(!fmt::is_formattable<Secret>::value);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>);

TEST(Secret, KeepsItsValueThroughCopiesAndMoves) {
  Secret secret("short");
  Secret copy = secret;
  const Secret moved = std::move(secret);
  EXPECT_EQ(moved.reveal(), "short");
  EXPECT_EQ(copy.reveal(), "short");
  copy = Secret(std::string(100, 'x'));
  EXPECT_EQ(copy.reveal(), std::string(100, 'x'));
  EXPECT_FALSE(copy.empty());
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, LeavesNothingBehindAMove) {
  for (const std::size_t length : {std::size_t{5}, std::size_t{500}}) {
    Secret secret(std::string(length, 'k'));
    const Secret taken = std::move(secret);
    EXPECT_TRUE(secret.empty());  // NOLINT(bugprone-use-after-move): the moved-from state is what is tested.
    EXPECT_EQ(secret.reveal().data()[0], '\0');
  }
}

TEST(Secret, WipesALongerEarlierValueToo) {
  std::string text(64, 'k');
  const char* data = text.data();
  text.resize(3);
  wipe(text);
  EXPECT_TRUE(text.empty());
  text.resize(64);
  EXPECT_EQ(text.data(), data);
  EXPECT_EQ(text, std::string(64, '\0'));
}

TEST(Equal, ComparesWholeValues) {
  EXPECT_TRUE(equal("", ""));
  EXPECT_TRUE(equal("token", "token"));
  EXPECT_FALSE(equal("token", "tokeN"));
  EXPECT_FALSE(equal("token", "token "));
  EXPECT_FALSE(equal("token", ""));
  EXPECT_FALSE(equal(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

}  // namespace
}  // namespace doorward::crypto
