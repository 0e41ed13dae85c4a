#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "saml/protocol/described.h"

namespace doorward::saml::protocol {

/// What is looked at. An attempt record lists checks in the order in which they were made.
enum class Check : std::uint8_t {
  Message,             ///< Size, transport form and well-formedness of what came in.
  Structure,           ///< Elements and attributes only where the schema puts them.
  Status,              ///< The provider's own verdict.
  Issuer,              ///< Who says so, on the message and on the assertion.
  Destination,         ///< Where the message was meant to go.
  InResponseTo,        ///< Which request of ours it answers.
  IssueInstant,        ///< When it was made.
  ResponseSignature,   ///< XML signature of the whole message.
  AssertionSignature,  ///< XML signature of the assertion.
  QuerySignature,      ///< Signature over the query string of the HTTP-Redirect binding.
  SigningKey,          ///< The certificate that a signature was made with.
  Decryption,          ///< From EncryptedAssertion to Assertion.
  Conditions,          ///< Time window and unknown conditions.
  Audience,            ///< For whom the assertion was made.
  Subject,             ///< NameID and how its bearer is confirmed.
  AuthnStatement,      ///< When and how the person signed in.
  Attributes,          ///< Claims.
  LogoutTarget,        ///< Whose sessions a LogoutRequest ends.
  EntityId,            ///< Metadata: who the provider is.
  Endpoints,           ///< Metadata: where sign-in and sign-out live.
  Certificates,        ///< Metadata: signing keys.
  Validity,            ///< Metadata: validUntil.
};

/// What was found. The same finding can come from several checks: a missing InResponseTo on the message or on
/// its subject confirmation. Each finding has a stable name for records, logs and documentation.
enum class Finding : std::uint8_t {
  // Message
  MessageTooLarge,
  MessageNotBase64,
  MessageNotXml,
  MessageNotDeflate,
  MessageParameters,
  // Structure
  MessageKind,
  VersionUnsupported,
  ElementUnexpected,
  ElementMissing,
  AttributeMissing,
  ValueNotText,
  TimeMalformed,
  AssertionMissing,
  AssertionRepeated,
  // Status
  StatusNotSuccess,
  // Issuer
  IssuerMissing,
  IssuerMismatch,
  // Destination
  DestinationMissing,
  DestinationMismatch,
  // InResponseTo
  Unsolicited,
  InResponseToMissing,
  InResponseToMismatch,
  // IssueInstant
  IssuedInFuture,
  IssuedTooLongAgo,
  // Signatures
  SignatureMissing,
  ResponseSignatureMissing,
  AssertionSignatureMissing,
  SignatureMalformed,
  SignatureAlgorithm,
  SignatureSha1,
  SignatureKeyUnknown,
  SignatureInvalid,
  SignatureDigestMismatch,
  SigningCertificateExpired,
  // Decryption
  DecryptionNoKey,
  DecryptionAlgorithm,
  DecryptionCbcUnsigned,
  DecryptionFailed,
  EncryptedIdentifier,
  EncryptedAttribute,
  // Conditions
  ConditionsMissing,
  ConditionUnknown,
  NotYetValid,
  Expired,
  // Audience
  AudienceMissing,
  AudienceMismatch,
  // Subject
  SubjectMissing,
  NameIdMissing,
  NameIdMalformed,
  ConfirmationMissing,
  ConfirmationNotBefore,
  ConfirmationExpired,
  RecipientMissing,
  RecipientMismatch,
  // AuthnStatement
  AuthnStatementMissing,
  AuthnInstantInFuture,
  AuthnInstantTooOld,
  SessionExpired,
  // Attributes
  ClaimRepeated,
  // LogoutTarget
  LogoutExpired,
  LogoutSubjectMissing,
  // Metadata
  MetadataIsWebPage,
  MetadataKind,
  MetadataNoProvider,
  MetadataSeveralProviders,
  MetadataTenantIndependent,
  MetadataEntityIdMissing,
  MetadataEntityChanged,
  MetadataNoSignOn,
  MetadataEndpointInsecure,
  MetadataEndpointInvalid,
  MetadataNoSigningKey,
  MetadataTooManyKeys,
  MetadataKeyRefused,
  MetadataCertificateExpired,
  MetadataCertificateExpiresSoon,
  MetadataCertificateNotYetValid,
  MetadataExpired,
};

/// `audience`.
std::string_view name(Check check);
/// `saml.audience_mismatch`.
ErrorCode code(Finding finding);
/// For the administrator: what was wrong and what to do, in full sentences.
std::string_view message(Finding finding);

enum class Verdict : std::uint8_t { Passed, Failed, Warning, Skipped };

/// `passed`, `failed`, `warning`, `skipped`.
std::string_view name(Verdict verdict);

/// The checks that were made, in order, for the attempt record and the wizard. Values are quoted outside
/// input cut to a printable length; no signature value, key or whole assertion is ever among them.
class Report {
 public:
  /// More than any message or honest metadata needs. What comes later is left out, a first failure excepted.
  static constexpr std::size_t kMaxEntries = 200;

  struct Entry {
    Check check;
    Verdict verdict;
    /// Set on failures and warnings.
    std::optional<Finding> finding;
    std::string expected;
    std::string actual;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  void pass(Check check, const Described& expected = {}, const Described& actual = {});
  void skip(Check check, std::string_view why);
  void warn(Check check, Finding finding, const Described& expected = {}, const Described& actual = {});
  void fail(Check check, Finding finding, const Described& expected = {}, const Described& actual = {});

  /// Puts the entries of another report behind these.
  void append(const Report& other);

  /// Made for each call: the values are put into words only here.
  std::vector<Entry> entries() const;
  /// The first failure.
  std::optional<Entry> failure() const;

 private:
  struct Noted {
    Check check;
    Verdict verdict;
    std::optional<Finding> finding;
    Described expected;
    Described actual;
  };

  void add(Check check, Verdict verdict, std::optional<Finding> finding, const Described& expected,
           const Described& actual);
  Described keep(const Described& described);
  static Entry entry(const Noted& noted);

  std::vector<Noted> noted_;
  std::optional<std::size_t> first_failure_;
  /// Holds the quoted texts, so that an entry allocates nothing of its own. It only grows: copies share it.
  std::shared_ptr<std::pmr::monotonic_buffer_resource> texts_;
};

/// The finding as an `Error` of kind `Refused`, for callers that only pass it on.
Error to_error(Finding finding);

}  // namespace doorward::saml::protocol
