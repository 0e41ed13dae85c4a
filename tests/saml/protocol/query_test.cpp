#include "saml/protocol/query.h"

#include <gtest/gtest.h>

namespace doorward::saml::protocol {
namespace {

std::optional<MessageQuery> read(std::string_view raw_query) {
  Report report;
  auto query = read_query(raw_query, report);
  if (query) return *std::move(query);
  EXPECT_EQ(query.error(), Finding::MessageParameters) << raw_query;
  return std::nullopt;
}

TEST(QueryTest, SignedTextKeepsTheSpellingInTheOrderOfTheBinding) {
  // AD FS writes small hexadecimal digits, others a plus sign: the signature covers what was written.
  const auto query = read("x=1&SigAlg=urn%3aalg&Signature=AAAA&RelayState=a+b&SAMLRequest=QQ%3d%3D&y=2");
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(query->kind, MessageKind::Request);
  EXPECT_EQ(query->message, "QQ==");
  EXPECT_EQ(query->relay_state, "a b");
  ASSERT_TRUE(query->signature.has_value());
  EXPECT_EQ(query->signature->algorithm, "urn:alg");
  EXPECT_EQ(query->signature->signed_text, "SAMLRequest=QQ%3d%3D&RelayState=a+b&SigAlg=urn%3aalg");
}

TEST(QueryTest, LeavesOutARelayStateThatIsNotThere) {
  EXPECT_EQ(read("SAMLResponse=QQ%3D%3D&SigAlg=a&Signature=AAAA")->signature->signed_text,
            "SAMLResponse=QQ%3D%3D&SigAlg=a");
  EXPECT_EQ(read("SAMLResponse=QQ%3D%3D&RelayState=&SigAlg=a&Signature=AAAA")->signature->signed_text,
            "SAMLResponse=QQ%3D%3D&RelayState=&SigAlg=a");
}

TEST(QueryTest, RefusesWhatHasTwoReadings) {
  for (const std::string_view raw :
       {"", "x=1", "SAMLRequest", "SAMLRequest=a&SAMLRequest=a", "SAMLRequest=a&SAMLResponse=b",
        "SAMLRequest=a&SAML%52equest=b", "SAMLRequest=a&SAMLReques%74=b", "SAML%52equest=a",
        "SAMLRequest=a&SigAlg=x", "SAMLRequest=a&Signature=AAAA", "SAMLRequest=a&RelayState=1&RelayState=2",
        "SAMLRequest=a&SigAlg=x&Signature=AAAA&Signature=BBBB",
        "SAMLRequest=a&SigAlg=x&SigAlg=y&Signature=AAAA", "SAMLRequest=%", "SAMLRequest=%4",
        "SAMLRequest=a&%zz=1", "SAMLRequest=a&SigAlg=x&Signature=*",
        "SAMLRequest=a&SAMLEncoding=urn:other"}) {
    EXPECT_FALSE(read(raw).has_value()) << raw;
  }
}

TEST(QueryTest, KnowsTheOneEncoding) {
  EXPECT_TRUE(read("SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE&"
                   "SAMLRequest=a")
                  .has_value());
}

}  // namespace
}  // namespace doorward::saml::protocol
