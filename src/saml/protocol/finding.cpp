#include "saml/protocol/finding.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"

namespace doorward::saml::protocol {

namespace {

struct Row {
  Finding finding;
  ErrorCode code;
  std::string_view message;
};

constexpr auto kRows = std::to_array<Row>({
    {Finding::MessageTooLarge, "saml.message_too_large",
     "The message is larger than any sign-in needs. Send fewer group claims."},
    {Finding::MessageNotBase64, "saml.message_not_base64",
     "The message is not base64 text. It was damaged on its way, or it is not a SAML message."},
    {Finding::MessageNotXml, "saml.message_not_xml",
     "The message is not XML that can be read safely. It was damaged on its way, or somebody made it up."},
    {Finding::MessageNotDeflate, "saml.message_not_deflate",
     "The message is not compressed as the HTTP-Redirect binding demands."},
    {Finding::MessageParameters, "saml.message_parameters",
     "The parameters around the message are not those of the binding: each must be there once at most, and "
     "correctly encoded."},
    {Finding::MessageKind, "saml.message_kind",
     "This is another kind of SAML message than the one that belongs here. Check which URL the provider "
     "sends "
     "it to."},
    {Finding::VersionUnsupported, "saml.version_unsupported",
     "The message is not of SAML version 2.0. Choose SAML 2.0 at the provider."},
    {Finding::ElementUnexpected, "saml.element_unexpected",
     "The message holds an element, or text, where SAML has no place for it. A provider does not do that; "
     "somebody may have changed the message."},
    {Finding::ElementMissing, "saml.element_missing", "The message lacks an element that SAML demands."},
    {Finding::AttributeMissing, "saml.attribute_missing",
     "The message lacks an attribute that SAML demands, or one that has no valid value."},
    {Finding::ValueNotText, "saml.value_not_text",
     "A value of the message is interrupted by comments or elements, so that it has no certain reading."},
    {Finding::TimeMalformed, "saml.time_malformed",
     "A time in the message is not written as SAML demands (2026-03-01T09:30:00Z)."},
    {Finding::AssertionMissing, "saml.assertion_missing",
     "The response holds no assertion, so it says nothing about anybody."},
    {Finding::AssertionRepeated, "saml.assertion_repeated",
     "The response holds more than one assertion. Only one is read, and none is guessed at."},
    {Finding::StatusNotSuccess, "saml.status_not_success",
     "The provider refused the request. Its own words are in the record; the provider's sign-in log says "
     "more."},
    {Finding::IssuerMissing, "saml.issuer_missing", "The message does not say which provider made it."},
    {Finding::IssuerMismatch, "saml.issuer_mismatch",
     "The message was made by another provider than the one of this connection. Compare the entity ID in the "
     "connection's metadata."},
    {Finding::DestinationMissing, "saml.destination_missing",
     "A signed message must say where it was meant to go, and this one does not."},
    {Finding::DestinationMismatch, "saml.destination_mismatch",
     "The message was meant for another address. Set the provider's *Reply URL (Assertion Consumer Service "
     "URL)* to exactly the expected value."},
    {Finding::Unsolicited, "saml.unsolicited", "Nobody asked for this response."},
    {Finding::InResponseToMissing, "saml.in_response_to_missing",
     "The response does not say which request it answers."},
    {Finding::InResponseToMismatch, "saml.in_response_to_mismatch",
     "The response answers another request than the one that this browser started. Start the sign-in again."},
    {Finding::IssuedInFuture, "saml.issued_in_future",
     "The message was made in the future. The provider's clock or ours is wrong."},
    {Finding::IssuedTooLongAgo, "saml.issued_too_long_ago",
     "The message is too old. Start the sign-in again; if that does not help, compare the clocks."},
    {Finding::SignatureMissing, "saml.signature_missing",
     "Neither the response nor the assertion is signed. In Entra, choose a *Signing Option* under *SAML "
     "Certificates*."},
    {Finding::ResponseSignatureMissing, "saml.response_signature_missing",
     "This connection demands a signed response. In Entra, set the *Signing Option* to *Sign SAML response "
     "and "
     "assertion*."},
    {Finding::AssertionSignatureMissing, "saml.assertion_signature_missing",
     "This connection demands a signed assertion. In Entra, set the *Signing Option* to *Sign SAML "
     "assertion* or "
     "*Sign SAML response and assertion*."},
    {Finding::SignatureMalformed, "saml.signature_malformed",
     "The signature does not have the form that SAML prescribes. Somebody may have changed the message."},
    {Finding::SignatureAlgorithm, "saml.signature_algorithm",
     "The signature uses an algorithm or transform that is not accepted. Choose SHA-256 at the provider."},
    {Finding::SignatureSha1, "saml.signature_sha1",
     "The signature uses SHA-1, which is no longer safe. In Entra, set the *Signing Algorithm* to SHA-256."},
    {Finding::SignatureKeyUnknown, "saml.signature_key_unknown",
     "The message names a signing certificate that this connection does not know. If the provider has "
     "renewed "
     "its certificate, update the connection's metadata."},
    {Finding::SignatureInvalid, "saml.signature_invalid",
     "The signature was made with none of this connection's keys, or was changed afterwards. Update the "
     "connection's metadata if the provider has renewed its certificate."},
    {Finding::SignatureDigestMismatch, "saml.signature_digest_mismatch",
     "The message was changed after the provider signed it."},
    {Finding::SigningCertificateExpired, "saml.signing_certificate_expired",
     "The certificate that signed the message has expired. The sign-in goes on, since its key is trusted by "
     "the connection; renew the certificate at the provider."},
    {Finding::DecryptionNoKey, "saml.decryption_no_key",
     "The assertion is encrypted, and this connection has no key to decrypt it. Upload our current "
     "certificate "
     "under *Token encryption*, or switch token encryption off."},
    {Finding::DecryptionAlgorithm, "saml.decryption_algorithm",
     "The assertion is encrypted with an algorithm or in a form that is not accepted. AES-GCM with RSA-OAEP "
     "is."},
    {Finding::DecryptionCbcUnsigned, "saml.decryption_cbc_unsigned",
     "The assertion is encrypted with AES-CBC, which is only safe inside a signed response. In Entra, set "
     "the "
     "*Signing Option* to *Sign SAML response and assertion*."},
    {Finding::DecryptionFailed, "saml.decryption_failed",
     "The encrypted assertion cannot be read. Check that the provider encrypts with our current "
     "certificate."},
    {Finding::EncryptedIdentifier, "saml.encrypted_identifier",
     "The NameID is encrypted by itself, which is not supported. Encrypt the whole assertion instead."},
    {Finding::EncryptedAttribute, "saml.encrypted_attribute",
     "An attribute is encrypted by itself, which is not supported. Encrypt the whole assertion instead."},
    {Finding::ConditionsMissing, "saml.conditions_missing",
     "The assertion does not say when and for whom it holds."},
    {Finding::ConditionUnknown, "saml.condition_unknown",
     "The assertion carries a condition that is not understood, so that it must not be relied on."},
    {Finding::NotYetValid, "saml.not_yet_valid",
     "The assertion is not valid yet. The provider's clock or ours is wrong; the record shows the "
     "difference."},
    {Finding::Expired, "saml.expired",
     "The assertion has expired. Start the sign-in again; if that does not help, compare the clocks."},
    {Finding::AudienceMissing, "saml.audience_missing",
     "The assertion does not say for which service it was made."},
    {Finding::AudienceMismatch, "saml.audience_mismatch",
     "The assertion was made for another service. Set the provider's *Identifier (Entity ID)* to exactly the "
     "expected value."},
    {Finding::SubjectMissing, "saml.subject_missing", "The assertion does not say whom it is about."},
    {Finding::NameIdMissing, "saml.name_id_missing",
     "The assertion has no NameID. Add a claim of the type *Name ID* at the provider."},
    {Finding::NameIdMalformed, "saml.name_id_malformed",
     "The NameID is empty, too long, or has white space around it. Choose another source for it at the "
     "provider."},
    {Finding::ConfirmationMissing, "saml.confirmation_missing",
     "Nothing in the assertion confirms its bearer (SubjectConfirmation with the method bearer)."},
    {Finding::ConfirmationNotBefore, "saml.confirmation_not_before",
     "The subject confirmation has a NotBefore, which the web browser profile forbids."},
    {Finding::ConfirmationExpired, "saml.confirmation_expired",
     "The time to deliver the assertion is over. Start the sign-in again; if that does not help, compare the "
     "clocks."},
    {Finding::RecipientMissing, "saml.recipient_missing",
     "The subject confirmation does not say to which address the assertion may be delivered."},
    {Finding::RecipientMismatch, "saml.recipient_mismatch",
     "The assertion was meant for another address. Set the provider's *Reply URL (Assertion Consumer Service "
     "URL)* to exactly the expected value."},
    {Finding::AuthnStatementMissing, "saml.authn_statement_missing",
     "The assertion does not say that anybody signed in."},
    {Finding::AuthnInstantInFuture, "saml.authn_instant_in_future",
     "The assertion speaks of a sign-in in the future. The provider's clock or ours is wrong."},
    {Finding::AuthnInstantTooOld, "saml.authn_instant_too_old",
     "A fresh sign-in was asked for, and the provider answered with an older one."},
    {Finding::SessionExpired, "saml.session_expired", "The session at the provider is already over."},
    {Finding::ClaimRepeated, "saml.claim_repeated",
     "A claim that may have one value has several. Correct the claim's source at the provider."},
    {Finding::LogoutExpired, "saml.logout_expired", "The sign-out request is too old to be acted on."},
    {Finding::LogoutSubjectMissing, "saml.logout_subject_missing",
     "The sign-out request does not say who is to be signed out."},
    {Finding::MetadataIsWebPage, "saml.metadata_is_web_page",
     "This is a web page, not metadata. In Entra, copy the *App Federation Metadata Url* under *SAML "
     "Certificates*, or download *Federation Metadata XML* there."},
    {Finding::MetadataKind, "saml.metadata_kind",
     "This is XML, but not SAML 2.0 metadata (EntityDescriptor)."},
    {Finding::MetadataNoProvider, "saml.metadata_no_provider",
     "The metadata describes no SAML 2.0 identity provider. Perhaps it is a service provider's, for example "
     "our own."},
    {Finding::MetadataSeveralProviders, "saml.metadata_several_providers",
     "The metadata describes several identity providers. Name the one that is meant, or use its own "
     "document."},
    {Finding::MetadataTenantIndependent, "saml.metadata_tenant_independent",
     "This is Microsoft's document for all tenants, which belongs to no company. Use the *App Federation "
     "Metadata Url* of your application, which contains your tenant's ID."},
    {Finding::MetadataEntityIdMissing, "saml.metadata_entity_id_missing",
     "The metadata does not name its provider (entityID), or names it with more than 1024 characters."},
    {Finding::MetadataEntityChanged, "saml.metadata_entity_changed",
     "The metadata is of another provider than the expected one. A provider is never exchanged silently: "
     "remove the connection and add a new one if that is what you want."},
    {Finding::MetadataNoSignOn, "saml.metadata_no_sign_on",
     "The metadata names no sign-in address for HTTP-Redirect or HTTP-POST."},
    {Finding::MetadataEndpointInsecure, "saml.metadata_endpoint_insecure",
     "The metadata names an address that is not https."},
    {Finding::MetadataEndpointInvalid, "saml.metadata_endpoint_invalid",
     "The metadata names an address that is not a valid URL."},
    {Finding::MetadataNoSigningKey, "saml.metadata_no_signing_key",
     "The metadata holds no signing certificate that can be used, so no message could be verified."},
    {Finding::MetadataTooManyKeys, "saml.metadata_too_many_keys",
     "The metadata holds more than 32 signing certificates. No provider needs that many."},
    {Finding::MetadataKeyRefused, "saml.metadata_key_refused",
     "A signing certificate cannot be used: it is damaged, or its key is of a kind or length that is not "
     "accepted (RSA of 2048 bits or more, or ECDSA)."},
    {Finding::MetadataCertificateExpired, "saml.metadata_certificate_expired",
     "A signing certificate has expired. Its key is trusted as long as the metadata lists it; renew it at "
     "the "
     "provider."},
    {Finding::MetadataCertificateExpiresSoon, "saml.metadata_certificate_expires_soon",
     "A signing certificate expires within 60 days. Renew it at the provider."},
    {Finding::MetadataCertificateNotYetValid, "saml.metadata_certificate_not_yet_valid",
     "A signing certificate is not valid yet. Compare the clocks, or wait until it is."},
    {Finding::MetadataExpired, "saml.metadata_expired",
     "The metadata says of itself that it is no longer valid. Fetch or download it again."},
});

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].finding) != i) return false;
  }
  return kRows.size() == static_cast<std::size_t>(Finding::MetadataExpired) + 1;
}
static_assert(rows_are_in_order(), "kRows is indexed by Finding");

constexpr auto kCheckNames = std::to_array<std::string_view>({
    "message",         "structure",          "status",
    "issuer",          "destination",        "in_response_to",
    "issue_instant",   "response_signature", "assertion_signature",
    "query_signature", "signing_key",        "decryption",
    "conditions",      "audience",           "subject",
    "authn_statement", "attributes",         "logout_target",
    "entity_id",       "endpoints",          "certificates",
    "validity",
});
static_assert(kCheckNames.size() == static_cast<std::size_t>(Check::Validity) + 1);

const Row& row(Finding finding) {
  return kRows[static_cast<std::size_t>(finding)];
}

}  // namespace

std::string_view name(Check check) {
  return kCheckNames[static_cast<std::size_t>(check)];
}

ErrorCode code(Finding finding) {
  return row(finding).code;
}

std::string_view message(Finding finding) {
  return row(finding).message;
}

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::Passed:
      return "passed";
    case Verdict::Failed:
      return "failed";
    case Verdict::Warning:
      return "warning";
    case Verdict::Skipped:
      return "skipped";
  }
  return {};
}

// What is quoted is cut when it is put into words. Of three bytes at least one is shown (a character that is
// not shown becomes a `?`), so that what is kept here decides all that is shown.
Described Report::keep(const Described& described) {
  constexpr std::size_t kMaxKept = 3 * kMaxPrintable + 4;
  constexpr std::size_t kUsualTexts = 2'000;
  const auto* const text = std::get_if<std::string_view>(&described);
  if (text == nullptr || text->empty()) return described;
  if (!texts_) texts_ = std::make_shared<std::pmr::monotonic_buffer_resource>(kUsualTexts);
  const std::size_t length = std::min(text->size(), kMaxKept);
  auto* const copy = static_cast<char*>(texts_->allocate(length, 1));
  std::memcpy(copy, text->data(), length);
  return std::string_view(copy, length);
}

void Report::add(Check check, Verdict verdict, std::optional<Finding> finding, const Described& expected,
                 const Described& actual) {
  constexpr std::size_t kUsualEntries = 24;
  const bool is_first_failure = verdict == Verdict::Failed && !first_failure_;
  if (noted_.size() >= kMaxEntries && !is_first_failure) return;
  if (is_first_failure) first_failure_ = noted_.size();
  if (noted_.empty()) noted_.reserve(kUsualEntries);
  noted_.push_back({check, verdict, finding, keep(expected), keep(actual)});
}

void Report::pass(Check check, const Described& expected, const Described& actual) {
  add(check, Verdict::Passed, std::nullopt, expected, actual);
}

void Report::skip(Check check, std::string_view why) {
  add(check, Verdict::Skipped, std::nullopt, {}, why);
}

void Report::warn(Check check, Finding finding, const Described& expected, const Described& actual) {
  add(check, Verdict::Warning, finding, expected, actual);
}

void Report::fail(Check check, Finding finding, const Described& expected, const Described& actual) {
  add(check, Verdict::Failed, finding, expected, actual);
}

void Report::append(const Report& other) {
  for (const Noted& noted : other.noted_)
    add(noted.check, noted.verdict, noted.finding, noted.expected, noted.actual);
}

Report::Entry Report::entry(const Noted& noted) {
  return {noted.check, noted.verdict, noted.finding, in_words(noted.expected), in_words(noted.actual)};
}

std::vector<Report::Entry> Report::entries() const {
  std::vector<Entry> entries;
  entries.reserve(noted_.size());
  for (const Noted& noted : noted_)
    entries.push_back(entry(noted));
  return entries;
}

std::optional<Report::Entry> Report::failure() const {
  if (!first_failure_) return std::nullopt;
  return entry(noted_[*first_failure_]);
}

Error to_error(Finding finding) {
  return {ErrorKind::Refused, code(finding), std::string(message(finding))};
}

}  // namespace doorward::saml::protocol
