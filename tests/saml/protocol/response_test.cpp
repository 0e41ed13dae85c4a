#include "saml/protocol/response.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "saml/protocol/cases.h"

namespace doorward::saml::protocol {
namespace {

using namespace test;

/// One test a folder; the test's name is the folder's.
class GoodResponse : public testing::TestWithParam<std::string> {};
class BadResponse : public testing::TestWithParam<std::string> {};

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  return info.param;
}

void expect_claim(const VerifiedAssertion& assertion, const json::Object& claims, std::string_view key,
                  Claim claim) {
  const auto* const expected = claims.if_contains(key);
  if (expected == nullptr) return;
  if (expected->is_null()) {
    EXPECT_FALSE(assertion.claim(claim).has_value()) << key;
  } else {
    EXPECT_EQ(assertion.claim(claim).value_or("nothing"), std::string_view(expected->as_string())) << key;
  }
}

void expect_claims(const VerifiedAssertion& assertion, const json::Object& claims, std::string_view key,
                   Claim claim) {
  const auto* const expected = claims.if_contains(key);
  if (expected == nullptr) return;
  std::vector<std::string_view> values;
  for (const auto& value : expected->as_array())
    values.emplace_back(value.as_string());
  EXPECT_EQ(assertion.claims(claim), values) << key;
}

void expect_all_claims(const VerifiedAssertion& assertion, const json::Object& claims) {
  expect_claim(assertion, claims, "object_identifier", Claim::ObjectIdentifier);
  expect_claim(assertion, claims, "tenant_id", Claim::TenantId);
  expect_claim(assertion, claims, "email", Claim::EmailAddress);
  expect_claim(assertion, claims, "name", Claim::Name);
  expect_claim(assertion, claims, "given_name", Claim::GivenName);
  expect_claim(assertion, claims, "surname", Claim::Surname);
  expect_claim(assertion, claims, "display_name", Claim::DisplayName);
  expect_claims(assertion, claims, "groups", Claim::Groups);
  expect_claims(assertion, claims, "roles", Claim::Role);
  if (const auto* const count = claims.if_contains("group_count")) {
    EXPECT_EQ(assertion.claims(Claim::Groups).size(), static_cast<std::size_t>(count->as_int64()));
  }
  EXPECT_EQ(assertion.groups_overage(), claims.contains("groups_overage"));
}

TEST_P(GoodResponse, IsAccepted) {
  const Case given = load_case("good", GetParam());
  Report report;
  const auto assertion = verify_xml(given.xml, given.expectations, report);
  ASSERT_TRUE(assertion.has_value()) << describe(report);

  EXPECT_FALSE(report.failure().has_value());
  EXPECT_EQ(assertion->issuer(), kIdpEntityId);
  EXPECT_EQ(assertion->id(), "_assertion1");
  EXPECT_EQ(assertion->in_response_to(), given.expectations.in_response_to.value_or(""));
  EXPECT_EQ(assertion->name_id().value, *json::required_string(given.params, "name_id"));
  EXPECT_GT(assertion->replay_until(), given.expectations.now);
  const auto expect_time = [&](const char* key, std::optional<Timestamp> actual) {
    const auto expected = *json::optional_string(given.params, key);
    if (expected) {
      EXPECT_EQ(actual, time(*expected));
    }
  };
  expect_time("replay_until", assertion->replay_until());
  expect_time("session_not_on_or_after", assertion->session_not_on_or_after());
  if (const auto index = *json::optional_string(given.params, "session_index")) {
    EXPECT_EQ(assertion->session_index(), *index);
  }
  if (given.params.contains("claims")) expect_all_claims(*assertion, given.params.at("claims").as_object());
  if (const auto warning = *json::optional_string(given.params, "warning")) {
    EXPECT_TRUE(std::ranges::any_of(report.entries(), [&](const Report::Entry& entry) {
      return entry.verdict == Verdict::Warning && code(*entry.finding).name() == *warning;
    })) << describe(report);
  }
}

TEST_P(BadResponse, IsRefusedForTheRightReason) {
  const Case given = load_case("bad", GetParam());
  Report report;
  const auto assertion = verify_xml(given.xml, given.expectations, report);
  ASSERT_FALSE(assertion.has_value()) << describe(report);

  const auto failure = report.failure();
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->finding, assertion.error());
  EXPECT_EQ(*failure, report.entries().back());
  EXPECT_EQ(std::ranges::count(report.entries(), Verdict::Failed, &Report::Entry::verdict), 1);
  const std::string finding(code(*failure->finding).name());
  const auto& expected = given.params.at("finding");
  if (expected.is_string()) {
    EXPECT_EQ(finding, std::string_view(expected.as_string())) << describe(report);
  } else {
    EXPECT_TRUE(std::ranges::any_of(expected.as_array(), [&](const json::Value& one) {
      return std::string_view(one.as_string()) == finding;
    })) << describe(report);
  }
  if (const auto check = *json::optional_string(given.params, "check")) {
    EXPECT_EQ(name(failure->check), *check);
  }
}

/// The form field, before anything is XML.
class FormFieldTest : public testing::Test {
 protected:
  std::optional<Finding> finding_of(std::string_view field) {
    Report report;
    const auto response = UnverifiedResponse::parse(field, report);
    if (response) return std::nullopt;
    EXPECT_EQ(report.failure()->finding, response.error());
    return response.error();
  }

  const std::string good_ = to_base64(load_case("good", "entra_assertion_signed").xml);
};

TEST_F(FormFieldTest, IsBase64WithLineBreaks) {
  EXPECT_EQ(finding_of(good_), std::nullopt);
  std::string wrapped = good_;
  for (std::size_t at = 76; at < wrapped.size(); at += 78)
    wrapped.insert(at, "\r\n");
  EXPECT_EQ(finding_of(wrapped + "\r\n"), std::nullopt);
}

TEST_F(FormFieldTest, IsNothingElse) {
  EXPECT_EQ(finding_of(""), Finding::MessageNotXml);
  EXPECT_EQ(finding_of(good_ + "*"), Finding::MessageNotBase64);
  EXPECT_EQ(finding_of("*" + good_), Finding::MessageNotBase64);
  EXPECT_EQ(finding_of("AA==AA=="), Finding::MessageNotBase64);
  EXPECT_EQ(finding_of(percent_encode(good_)), Finding::MessageNotBase64);
  EXPECT_EQ(finding_of(to_base64url("\xFF\xEF\xFE")), Finding::MessageNotBase64);
  EXPECT_EQ(finding_of("AAQAAZ=="), Finding::MessageNotBase64) << "unused bits, or a SAMLart";
  EXPECT_EQ(finding_of(to_base64(good_)), Finding::MessageNotXml) << "encoded twice";
}

TEST_F(FormFieldTest, HasALimit) {
  EXPECT_EQ(finding_of(std::string(10'000'000, 'A')), Finding::MessageTooLarge);
  EXPECT_EQ(finding_of(to_base64(std::string(UnverifiedResponse::kMaxBytes + 1, ' '))),
            Finding::MessageTooLarge);
}

TEST_F(FormFieldTest, TellsWhoseItClaimsToBe) {
  Report report;
  const auto response = UnverifiedResponse::parse(good_, report);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->id(), "_response1");
  EXPECT_EQ(response->issuer(), kIdpEntityId);
  EXPECT_EQ(response->in_response_to(), kRequestId);
}

/// The beginnings of what the elements with this end of a name hold.
std::vector<std::string> contents(const std::string& xml, const std::string& name) {
  constexpr std::size_t telling = 24;
  std::vector<std::string> found;
  for (auto at = xml.find(name + ">"); at != std::string::npos; at = xml.find(name + ">", at + 1)) {
    const std::string text = xml.substr(at + name.size() + 1, telling);
    if (text.size() == telling && text.find('<') == std::string::npos) found.push_back(text);
  }
  return found;
}

TEST(ReportOfResponse, HoldsNoSignatureKeyOrAssertion) {
  for (const auto& kind : {"good", "bad"}) {
    for (const auto& name : case_names(kind)) {
      const Case given = load_case(kind, name);
      Report report;
      static_cast<void>(verify_xml(given.xml, given.expectations, report));
      const auto text = describe(report);
      EXPECT_EQ(text.find("<saml:"), std::string::npos) << name;
      for (const auto* element : {"SignatureValue", "X509Certificate", "CipherValue", "DigestValue"}) {
        for (const auto& secret : contents(given.xml, element))
          EXPECT_EQ(text.find(secret), std::string::npos) << name << "\n" << text;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Case, GoodResponse, testing::ValuesIn(case_names("good")), test_name);
INSTANTIATE_TEST_SUITE_P(Case, BadResponse, testing::ValuesIn(case_names("bad")), test_name);

}  // namespace
}  // namespace doorward::saml::protocol
