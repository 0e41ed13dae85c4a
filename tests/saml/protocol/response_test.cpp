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

  EXPECT_EQ(report.failure(), nullptr);
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

  const auto* const failure = report.failure();
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(failure->finding, assertion.error());
  EXPECT_EQ(failure, &report.entries().back());
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

INSTANTIATE_TEST_SUITE_P(Case, GoodResponse, testing::ValuesIn(case_names("good")), test_name);
INSTANTIATE_TEST_SUITE_P(Case, BadResponse, testing::ValuesIn(case_names("bad")), test_name);

}  // namespace
}  // namespace doorward::saml::protocol
