#include "saml/protocol/finding.h"

#include <set>

#include <gtest/gtest.h>

#include "base/text.h"

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
  EXPECT_FALSE(report.failure().has_value());
  report.fail(Check::Audience, Finding::AudienceMismatch, "a", "b");
  Report more;
  more.fail(Check::Issuer, Finding::IssuerMissing);
  report.append(more);
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

TEST(ReportTest, CutsLongTextsWhereTheyWouldBeCutWhole) {
  const std::string turn = "\xE2\x80\xAE";  // U+202E, shown as `?`.
  for (const std::string& piece :
       {std::string("y"), std::string("\xC3\xBC"), std::string("\xF0\x9F\x9A\xAA"), turn, std::string("\xFF"),
        std::string("\n"), "a" + turn, turn + "\xC3\xBC"}) {
    for (const std::size_t count : {1U, 66U, 67U, 99U, 100U, 199U, 200U, 201U, 202U, 500U, 5'000U}) {
      std::string text;
      for (std::size_t i = 0; i < count; ++i)
        text += piece;
      Report report;
      report.pass(Check::Issuer, text);
      EXPECT_EQ(report.entries()[0].expected, printable(text)) << piece << " " << count;
    }
  }
}

TEST(ReportTest, PutsValuesIntoWords) {
  const Timestamp now = parse_rfc3339("2026-03-01T09:30:00Z").value();
  const Timestamp earlier = now - std::chrono::milliseconds(213'250);
  const Timestamp later = now + std::chrono::hours(1);
  const auto words = [](const Described& described) {
    Report report;
    report.pass(Check::Conditions, described);
    return report.entries()[0].expected;
  };
  EXPECT_EQ(words({}), "");
  EXPECT_EQ(words("text"), "text");
  EXPECT_EQ(words(ClockReading{now, std::chrono::seconds(180)}), "our clock: 2026-03-01T09:30:00Z ± 180 s");
  EXPECT_EQ(words(Moment{earlier, now}), "2026-03-01T09:26:26.750Z (213 s behind our clock)");
  EXPECT_EQ(words(Moment{now, now}), "2026-03-01T09:30:00Z (0 s ahead of our clock)");
  EXPECT_EQ(words(Window{earlier, later, now}),
            "from 2026-03-01T09:26:26.750Z (213 s behind our clock) until 2026-03-01T10:30:00Z (3600 s ahead "
            "of our "
            "clock)");
  EXPECT_EQ(words(Window{std::nullopt, later, now}),
            "until 2026-03-01T10:30:00Z (3600 s ahead of our clock)");
  EXPECT_EQ(words(Window{earlier, std::nullopt, now}),
            "from 2026-03-01T09:26:26.750Z (213 s behind our clock)");
  EXPECT_EQ(words(Window{std::nullopt, std::nullopt, now}), "");
  EXPECT_EQ(words(Amount{6'138, "bytes"}), "6138 bytes");
}

/// Texts are quoted from messages that end before the report does.
TEST(ReportTest, OutlivesWhatItQuotes) {
  Report all;
  {
    Report report;
    std::string text = "https://sts.windows.net/a-tenant/ and more than fits a short string";
    report.fail(Check::Issuer, Finding::IssuerMismatch, text, "other");
    text.assign(text.size(), '-');
    all.append(report);
  }
  const Report moved = std::move(all);
  EXPECT_EQ(moved.failure()->expected, "https://sts.windows.net/a-tenant/ and more than fits a short string");
}

TEST(FindingTest, BecomesAnError) {
  const Error error = to_error(Finding::AudienceMismatch);
  EXPECT_EQ(error.kind, ErrorKind::Refused);
  EXPECT_EQ(error.code.name(), "saml.audience_mismatch");
  EXPECT_EQ(error.message, message(Finding::AudienceMismatch));
}

}  // namespace
}  // namespace doorward::saml::protocol
