#include "saml/protocol/assertion.h"

#include <type_traits>

#include <gtest/gtest.h>

#include "saml/protocol/claims.h"

namespace doorward::saml::protocol {
namespace {

// What a VerifiedAssertion answers is tested with the good messages, in response_test.cpp.

TEST(AssertionTest, NobodyElseCanMakeOne) {
  static_assert(!std::is_default_constructible_v<VerifiedAssertion>);
}

TEST(AssertionTest, TransientNameIdsAreKnown) {
  EXPECT_TRUE((NameId{"x", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"}).is_transient());
  EXPECT_FALSE((NameId{"x", ""}).is_transient());
}

TEST(ClaimsTest, RepetitionCountsOverAllAttributesOfOneName) {
  const std::vector<std::string_view> a{"a"};
  const std::vector<std::string_view> a_and_b{"a", "b"};
  const std::vector<std::string_view> nothing{""};
  const auto repeated = [](const std::vector<Attribute>& attributes) { return repeated_claim(attributes); };
  const Attribute mail{"mail", "", "", a};
  EXPECT_EQ(repeated({mail, mail}), "mail");
  EXPECT_EQ(repeated({{"mail", "", "", a_and_b}}), "mail");
  EXPECT_EQ(repeated({{"unknown", "", "", a}, mail, {"groups", "", "", a}, mail}), "mail");
  EXPECT_FALSE(repeated({mail, {"mail", "", "", nothing}}).has_value());
  EXPECT_FALSE(repeated({{"mail", "", "", nothing}, {"mail", "", "", {}}, mail}).has_value());
  // Two names for one claim do not make two values: the first name in the table counts.
  EXPECT_FALSE(repeated({mail, {"email", "", "", a}}).has_value());
  EXPECT_FALSE(repeated({{"groups", "", "", a_and_b}, {"unknown", "", "", a_and_b}}).has_value());
}

}  // namespace
}  // namespace doorward::saml::protocol
