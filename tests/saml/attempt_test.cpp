#include "saml/attempt.h"

#include <gtest/gtest.h>

#include "json/json.h"

namespace doorward::saml {
namespace {

using protocol::Check;
using protocol::Finding;

TEST(TroubleOf, TellsEmployeesWhatTheyCanActOn) {
  EXPECT_EQ(trouble_of(Finding::AudienceMismatch), pages::Trouble::WrongAccount);
  EXPECT_EQ(trouble_of(Finding::NotYetValid), pages::Trouble::Clock);
  EXPECT_EQ(trouble_of(Finding::Expired), pages::Trouble::TooOld);
  EXPECT_EQ(trouble_of(Finding::SignatureKeyUnknown), pages::Trouble::UnknownCertificate);
  EXPECT_EQ(trouble_of(Finding::DecryptionCbcUnsigned), pages::Trouble::EncryptionUnsafe);
  EXPECT_EQ(trouble_of(Finding::StatusNotSuccess), pages::Trouble::ProviderRefused);
}

/// Whoever forges messages learns nothing from the page about how far they came.
TEST(TroubleOf, TellsAttackersNothing) {
  for (const Finding finding :
       {Finding::SignatureInvalid, Finding::SignatureDigestMismatch, Finding::SignatureMalformed,
        Finding::SignatureMissing, Finding::IssuerMismatch}) {
    EXPECT_EQ(trouble_of(finding), pages::Trouble::NotTrusted);
  }
  EXPECT_EQ(trouble_of(Finding::DecryptionFailed), trouble_of(Finding::DecryptionNoKey));
}

TEST(TroubleOf, CoversEveryRefusal) {
  using directory::Refusal;
  EXPECT_EQ(trouble_of(Refusal::NoEmail), pages::Trouble::NoEmail);
  EXPECT_EQ(trouble_of(Refusal::Deactivated), pages::Trouble::Deactivated);
  EXPECT_EQ(trouble_of(Refusal::OutsideDomains), pages::Trouble::OutsideDomains);
  EXPECT_EQ(trouble_of(Refusal::LinkedElsewhere), pages::Trouble::IdentityUnclear);
}

TEST(AttemptReport, HoldsChecksAndDecision) {
  AttemptReport report;
  report.checks().pass(Check::Issuer, "a", "a");
  report.checks().fail(Check::Audience, Finding::AudienceMismatch, "us", "them");
  report.refused({directory::Refusal::NotProvisioned, "an employee", "nobody"});
  const auto value = json::parse(report.to_json());
  ASSERT_TRUE(value);
  const auto& checks = value->at("checks").as_array();
  ASSERT_EQ(checks.size(), 2U);
  EXPECT_EQ(checks[0].at("verdict").as_string(), "passed");
  EXPECT_EQ(checks[1].at("finding").as_string(), "saml.audience_mismatch");
  EXPECT_EQ(checks[1].at("actual").as_string(), "them");
  EXPECT_EQ(value->at("decision").at("finding").as_string(), "identity.not_provisioned");
}

}  // namespace
}  // namespace doorward::saml
