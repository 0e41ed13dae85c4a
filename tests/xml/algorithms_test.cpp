#include "xml/algorithms.h"

#include <gtest/gtest.h>

#include "xml/reading.h"

namespace doorward::xml {
namespace {

TEST(Algorithms, ReadsBase64WithWhiteSpaceAndNothingElse) {
  const auto bytes = [](const std::string& text) {
    const Document document = parsed("<v>" + text + "</v>");
    const auto read = read_base64(document.root());
    return read ? *read : std::string(read.error().code.name());
  };
  EXPECT_EQ(bytes("AQID"), "\1\2\3");
  EXPECT_EQ(bytes("\n AQ\tI&#13;\nD "), "\1\2\3");
  for (const char* text :
       {"", " ", "AQI", "AQI=D", "A===", "AQID=", "AR==", "AQ_D", "AQ<!---->ID", "AQ<b/>ID"})
    EXPECT_EQ(bytes(text), kSplitValue.name()) << text;
}

TEST(Algorithms, NamesDigestsExactly) {
  EXPECT_EQ(digest_from_uri("http://www.w3.org/2001/04/xmlenc#sha256"), crypto::Digest::Sha256);
  EXPECT_EQ(digest_from_uri("http://www.w3.org/2001/04/xmldsig-more#sha384"), crypto::Digest::Sha384);
  EXPECT_EQ(digest_from_uri("http://www.w3.org/2001/04/xmlenc#sha512"), crypto::Digest::Sha512);
  EXPECT_EQ(digest_from_uri("http://www.w3.org/2000/09/xmldsig#sha1"), crypto::Digest::Sha1);
  for (const char* uri :
       {"", "sha256", "http://www.w3.org/2001/04/xmlenc#SHA256", "http://www.w3.org/2001/04/xmlenc#sha25"})
    EXPECT_EQ(digest_from_uri(uri), std::nullopt) << uri;
}

TEST(Algorithms, OnlyTheReadersFailuresBecomeShapeErrors) {
  constexpr ErrorCode kShape = "test.shape";
  for (const ErrorCode code : {kMissing, kUnexpected, kSplitValue})
    EXPECT_EQ(as_shape_error({ErrorKind::InvalidInput, code, "why"}, kShape, "What.").message, "What. why");
  EXPECT_EQ(as_shape_error({ErrorKind::InvalidInput, kLimitExceeded, "why"}, kShape, "What.").code,
            kLimitExceeded);
}

}  // namespace
}  // namespace doorward::xml
