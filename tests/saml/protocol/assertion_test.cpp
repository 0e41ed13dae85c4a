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
  const Attribute mail{"mail", "", "", {"a"}};
  const Attribute empty{"mail", "", "", {""}};
  EXPECT_EQ(repeated_claim({mail, mail}), "mail");
  EXPECT_EQ(repeated_claim({{"mail", "", "", {"a", "b"}}}), "mail");
  EXPECT_FALSE(repeated_claim({mail, empty}).has_value());
  // Two names for one claim do not make two values: the first name in the table counts.
  EXPECT_FALSE(repeated_claim({mail, {"email", "", "", {"b"}}}).has_value());
  EXPECT_FALSE(repeated_claim({{"groups", "", "", {"a", "b"}}, {"unknown", "", "", {"a", "b"}}}).has_value());
}

}  // namespace
}  // namespace doorward::saml::protocol
