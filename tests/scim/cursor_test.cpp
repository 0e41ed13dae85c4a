#include "scim/cursor.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "scim/protocol/errors.h"

namespace doorward::scim {
namespace {

constexpr Timestamp kNow = from_millis(1'800'000'000'000);

const crypto::Sealer kSealer{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'k'))};

std::string cursor_at(std::int64_t place, std::string_view query) {
  return Cursors(kSealer, query, kNow).at({.id = place});
}

std::string refusal(std::string_view text, std::string_view query, Timestamp now) {
  const auto place = Cursors(kSealer, query, now).place_of(text);
  return place ? std::string() : std::string(place.error().code.name());
}

TEST(CursorTest, LeadsBackToItsPlace) {
  const std::string text = cursor_at(42, "Users&count=10");
  const auto place = Cursors(kSealer, "Users&count=10", kNow + std::chrono::minutes(59)).place_of(text);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->id, 42);
  EXPECT_EQ(place->key, "");
}

TEST(CursorTest, KeepsWhateverTheOrderIsMadeBy) {
  const Cursors cursors(kSealer, "q", kNow);
  for (const std::string& key : {std::string("sann"), std::string(" a  b "), std::string("\0\xff 1", 4)}) {
    const auto place = cursors.place_of(cursors.at({.id = 7, .key = key}));
    ASSERT_TRUE(place);
    EXPECT_EQ(place->id, 7);
    EXPECT_EQ(place->key, key);
  }
}

TEST(CursorTest, TellsNothing) {
  const std::string text = cursor_at(42, "q");
  EXPECT_EQ(from_base64url(text).value().find("42 1800000000000"), std::string::npos);
  EXPECT_NE(text, cursor_at(42, "q"));
}

TEST(CursorTest, BelongsToItsQuery) {
  const std::string text = cursor_at(42, "Users&count=10");
  EXPECT_EQ(refusal(text, "Groups&count=10", kNow), protocol::kInvalidCursor.name());
}

TEST(CursorTest, Expires) {
  const std::string text = cursor_at(42, "q");
  EXPECT_EQ(refusal(text, "q", kNow + Cursors::kLifetime + Duration(1)), protocol::kExpiredCursor.name());
}

TEST(CursorTest, IsNotMadeUp) {
  const std::string text = cursor_at(42, "q");
  const crypto::Sealer other{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'o'))};
  for (const std::string& forged :
       {std::string("x"), std::string("1.2"), "A" + text, text + "AAAA", text.substr(0, text.size() - 4),
        to_base64url("42 1800000000000"), Cursors(other, "q", kNow).at({.id = 42})}) {
    EXPECT_EQ(refusal(forged, "q", kNow), protocol::kInvalidCursor.name()) << forged;
  }
}

}  // namespace
}  // namespace doorward::scim
