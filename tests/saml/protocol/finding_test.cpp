#include "saml/protocol/finding.h"

#include <set>

#include <gtest/gtest.h>

namespace doorward::saml::protocol {
namespace {

TEST(FindingTest, EachHasItsOwnNameAndASentence) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Finding::MetadataExpired); ++i) {
    const auto finding = static_cast<Finding>(i);
    EXPECT_TRUE(names.insert(code(finding).name()).second) << code(finding).name();
    EXPECT_TRUE(code(finding).name().starts_with("saml."));
    EXPECT_TRUE(message(finding).ends_with('.') || message(finding).ends_with(").")) << message(finding);
  }
}

TEST(FindingTest, EachCheckHasItsOwnName) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Check::Validity); ++i)
    EXPECT_TRUE(names.insert(name(static_cast<Check>(i))).second);
}

TEST(ReportTest, KeepsOrderAndFindsTheFirstFailure) {
  Report report;
  report.pass(Check::Status);
  report.warn(Check::SigningKey, Finding::SigningCertificateExpired);
  EXPECT_EQ(report.failure(), nullptr);
  report.fail(Check::Audience, Finding::AudienceMismatch, "a", "b");
  Report more;
  more.fail(Check::Issuer, Finding::IssuerMissing);
  report.append(std::move(more));
  ASSERT_EQ(report.entries().size(), 4U);
  EXPECT_EQ(report.failure()->finding, Finding::AudienceMismatch);
  EXPECT_EQ(report.failure()->expected, "a");
  EXPECT_EQ(report.failure()->actual, "b");
}

TEST(ReportTest, HasALimitThatNeverHidesAFailure) {
  Report report;
  for (int i = 0; i < 10'000; ++i)
    report.warn(Check::Certificates, Finding::MetadataKeyRefused);
  EXPECT_EQ(report.entries().size(), Report::kMaxEntries);
  for (int i = 0; i < 10'000; ++i)
    report.fail(Check::Endpoints, Finding::MetadataEndpointInvalid);
  EXPECT_EQ(report.entries().size(), Report::kMaxEntries + 1);
  EXPECT_EQ(report.failure()->finding, Finding::MetadataEndpointInvalid);
}

TEST(ReportTest, QuotesOutsideInputSafely) {
  Report report;
  report.fail(Check::Issuer, Finding::IssuerMismatch, "x\n\x1b[2J", std::string(100'000, 'y'));
  EXPECT_EQ(report.entries()[0].expected, "x??[2J");
  EXPECT_LT(report.entries()[0].actual.size(), 300U);
}

TEST(FindingTest, BecomesAnError) {
  const Error error = to_error(Finding::AudienceMismatch);
  EXPECT_EQ(error.kind, ErrorKind::Refused);
  EXPECT_EQ(error.code.name(), "saml.audience_mismatch");
  EXPECT_EQ(error.message, message(Finding::AudienceMismatch));
}

}  // namespace
}  // namespace doorward::saml::protocol
