#include "simulator/faults.h"

namespace doorward::simulator {

namespace {

constexpr FaultInfo kFaults[] = {
    {Fault::WrongAudience, "wrong_audience", "Wrong audience", "Audience names another application."},
    {Fault::WrongRecipient, "wrong_recipient", "Wrong recipient",
     "SubjectConfirmationData names another Reply URL."},
    {Fault::WrongDestination, "wrong_destination", "Wrong destination",
     "The Response is addressed to another URL."},
    {Fault::WrongIssuer, "wrong_issuer", "Wrong issuer", "Issuer is another tenant's."},
    {Fault::WrongInResponseTo, "wrong_in_response_to", "Wrong InResponseTo",
     "Answers a request that nobody sent."},
    {Fault::Expired, "expired", "Expired", "All times lie two hours in the past."},
    {Fault::NotYetValid, "not_yet_valid", "Not yet valid", "All times lie two hours in the future."},
    {Fault::Unsigned, "unsigned", "Unsigned", "Neither responses nor logout messages carry a signature."},
    {Fault::OtherKey, "other_key", "Another key", "Signed with a fresh key that is in no metadata."},
    {Fault::WeakDigest, "weak_digest", "SHA-1", "Signed with RSA-SHA1 and SHA-1 digests."},
    {Fault::TamperedNameId, "tampered_name_id", "Tampered NameID", "NameID is changed after signing."},
    {Fault::CommentInNameId, "comment_in_name_id", "Comment in NameID",
     "A comment splits the NameID. The signature stays good, since canonicalisation leaves comments out."},
    {Fault::NoNameId, "no_name_id", "No NameID", "The subject has no NameID."},
    {Fault::OtherTenant, "other_tenant", "Another tenant's claim",
     "The tenantid claim names another tenant."},
    {Fault::RepeatedAssertionId, "repeated_assertion_id", "Repeated assertion",
     "Every assertion has the same ID, as in a replay."},
    {Fault::StatusResponder, "status_responder", "Failure status",
     "Status is Responder, without an assertion."},
};

}  // namespace

std::span<const FaultInfo> all_faults() {
  return kFaults;
}

std::optional<Fault> fault_by_name(std::string_view name) {
  for (const FaultInfo& info : kFaults) {
    if (info.name == name) return info.fault;
  }
  return std::nullopt;
}

}  // namespace doorward::simulator
