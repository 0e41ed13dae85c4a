#include "saml/protocol/response.h"

#include "base/encoding.h"
#include "base/text.h"
#include "saml/protocol/assertion_reader.h"
#include "saml/protocol/names.h"
#include "saml/protocol/require.h"
#include "saml/protocol/signature_check.h"
#include "saml/protocol/structure.h"
#include "xml/encryption.h"
#include "xml/reader.h"
#include "xml/signature.h"

namespace doorward::saml::protocol {

namespace {

/// A response with 500 groups, each on a line of its own, has about 1,700 nodes; some providers list far
/// more.
constexpr xml::Limits kResponseLimits{.bytes = UnverifiedResponse::kMaxBytes, .nodes = 20'000};

/// The Issuer as the message has it; empty when there is none that could be read.
std::string unverified_issuer(xml::Element root) {
  const auto issuer = root.optional_child(kAssertionNamespace, "Issuer");
  if (!issuer || !*issuer) return {};
  return std::string((*issuer)->text().value_or(std::string_view()));
}

}  // namespace

struct UnverifiedResponse::State {
  xml::Document document;
  std::string in_response_to, issuer, id;
};

UnverifiedResponse::UnverifiedResponse(std::unique_ptr<State> state) : state_(std::move(state)) {}
UnverifiedResponse::UnverifiedResponse(UnverifiedResponse&&) noexcept = default;
UnverifiedResponse& UnverifiedResponse::operator=(UnverifiedResponse&&) noexcept = default;
UnverifiedResponse::~UnverifiedResponse() = default;

const std::string& UnverifiedResponse::in_response_to() const {
  return state_->in_response_to;
}
const std::string& UnverifiedResponse::issuer() const {
  return state_->issuer;
}
const std::string& UnverifiedResponse::id() const {
  return state_->id;
}

Result<UnverifiedResponse, Finding> UnverifiedResponse::parse(std::string_view base64, Report& report) {
  // The text may have a line break after every 60th character or so, hence the half on top.
  if (base64.size() > kMaxBytes * 2) return refuse(report, Check::Message, Finding::MessageTooLarge);
  auto document = from_base64(base64, Base64Space::Allowed);
  if (!document) return refuse(report, Check::Message, Finding::MessageNotBase64);
  return read(*std::move(document), report);
}

Result<UnverifiedResponse, Finding> UnverifiedResponse::from_xml(BytesView document, Report& report) {
  return read(Bytes(document), report);
}

Result<UnverifiedResponse, Finding> UnverifiedResponse::read(Bytes document, Report& report) {
  const Amount size{document.size(), "bytes"};
  if (document.size() > kMaxBytes) {
    return refuse(report, Check::Message, Finding::MessageTooLarge, Amount{kMaxBytes, "bytes"}, size);
  }
  ASSIGN_OR_RETURN(auto parsed,
                   lift(report, Check::Message, xml::Document::parse(std::move(document), kResponseLimits)));
  report.pass(Check::Message, {}, size);
  const xml::Element root = parsed.root();
  if (!root.is(kProtocolNamespace, "Response")) {
    return refuse(report, Check::Structure, Finding::MessageKind, "Response", root.local_name());
  }
  auto state = std::make_unique<State>(
      State{std::move(parsed), std::string(root.attribute("InResponseTo").value_or("")),
            unverified_issuer(root), std::string(root.attribute("ID").value_or(""))});
  return UnverifiedResponse(std::move(state));
}

/// Profiles 4.1.4.3, "<Response> Message Processing Rules".
class ResponseVerifier {
 public:
  ResponseVerifier(const Expectations& expectations, Report& report)
      : expectations_(expectations), report_(report) {}

  Result<VerifiedAssertion, Finding> run(const UnverifiedResponse& response);

 private:
  Result<ResponseParts, Finding> inspect(xml::Element root, Report& report);
  Result<std::optional<xml::Document>, Finding> verify_response_signature(xml::Element root);
  Result<void, Finding> check_envelope(xml::Element root);
  Result<xml::Document, Finding> decrypt(xml::Element encrypted);
  Result<std::optional<xml::Document>, Finding> verify_assertion_signature(xml::Element assertion);
  Result<VerifiedAssertion, Finding> read(xml::Document source);
  Result<xml::Document, Finding> reread(Check check, xml::SignedBytes signed_bytes);

  bool response_is_signed() const { return response_is_signed_; }
  Signers signers() const {
    return {expectations_.signing_certificates, expectations_.allow_sha1, expectations_.now};
  }

  const Expectations& expectations_;
  Report& report_;
  bool response_is_signed_ = false;
};

Result<VerifiedAssertion, Finding> ResponseVerifier::run(const UnverifiedResponse& response) {
  const xml::Element received = response.state_->document.root();
  RETURN_IF_ERROR(check_placement(report_, received));

  // Cheap comparisons come before the signature where they explain a failure better. What they found of a
  // signed response is forgotten again: it is established anew from the signed bytes.
  Report draft;
  const auto received_parts = inspect(received, xml::has_signature(received) ? draft : report_);
  if (!received_parts) {
    report_.append(draft);
    return fail(received_parts.error());
  }

  // "Verify any signatures present on the assertion(s) or the response."
  ASSIGN_OR_RETURN(auto signed_response, verify_response_signature(received));
  ResponseParts parts = *received_parts;
  if (signed_response) {
    ASSIGN_OR_RETURN(parts, inspect(signed_response->root(), report_));
  }
  RETURN_IF_ERROR(check_envelope(signed_response ? signed_response->root() : received));

  std::optional<xml::Document> decrypted;
  if (parts.encrypted_assertion) {
    ASSIGN_OR_RETURN(decrypted, decrypt(*parts.encrypted_assertion));
  } else {
    report_.skip(Check::Decryption, "not encrypted");
  }

  // An assertion's own signature is verified where the provider made it: the canonical form of the response
  // may have lost namespace declarations that inclusive canonicalisation needs.
  ASSIGN_OR_RETURN(auto signed_assertion,
                   verify_assertion_signature(decrypted ? decrypted->root() : *received_parts->assertion));

  if (signed_assertion) return read(*std::move(signed_assertion));
  if (decrypted) return read(*std::move(decrypted));
  return AssertionReader(expectations_, report_, std::move(signed_response)).read(*parts.assertion);
}

Result<VerifiedAssertion, Finding> ResponseVerifier::read(xml::Document source) {
  const xml::Element assertion = source.root();
  return AssertionReader(expectations_, report_, std::move(source)).read(assertion);
}

/// What does not depend on keys. The status comes first: a response that reports a failure is often unsigned
/// and holds no assertion.
Result<ResponseParts, Finding> ResponseVerifier::inspect(xml::Element root, Report& report) {
  ASSIGN_OR_RETURN(const auto parts, take_apart(report, root));
  RETURN_IF_ERROR(check_status(report, parts.status));
  if (parts.assertions == 0) return refuse(report, Check::Structure, Finding::AssertionMissing, "1", "0");
  RETURN_IF_ERROR(require(report, Check::Structure, Finding::AssertionRepeated, parts.assertions == 1, "1",
                          std::to_string(parts.assertions)));
  // Profiles 4.1.4.2: the Issuer may be left out of an unsigned response; if there, it is the provider's.
  if (parts.issuer) RETURN_IF_ERROR(check_issuer(report, *parts.issuer, expectations_.idp_entity_id));
  return parts;
}

Result<std::optional<xml::Document>, Finding> ResponseVerifier::verify_response_signature(xml::Element root) {
  const bool demanded = expectations_.signature_policy == SignaturePolicy::Response ||
                        expectations_.signature_policy == SignaturePolicy::Both;
  if (!xml::has_signature(root)) {
    RETURN_IF_ERROR(require(report_, Check::ResponseSignature, Finding::ResponseSignatureMissing, !demanded));
    report_.skip(Check::ResponseSignature, "not signed");
    return std::optional<xml::Document>();
  }
  ASSIGN_OR_RETURN(auto signed_bytes, check_signature(report_, Check::ResponseSignature, root, signers()));
  response_is_signed_ = true;
  ASSIGN_OR_RETURN(auto document, reread(Check::ResponseSignature, std::move(signed_bytes)));
  return std::optional(std::move(document));
}

Result<void, Finding> ResponseVerifier::check_envelope(xml::Element root) {
  ASSIGN_OR_RETURN(const auto head, check_head(report_, root, expectations_.now, expectations_.skew()));
  report_.pass(Check::Structure, {}, head.id);

  // Profiles 4.1.4.2 and Core 3.2.2: a signed response names its issuer.
  const bool has_issuer = root.optional_child(kAssertionNamespace, "Issuer")->has_value();
  RETURN_IF_ERROR(require(report_, Check::Issuer, Finding::IssuerMissing, has_issuer || !response_is_signed(),
                          expectations_.idp_entity_id));

  // Bindings 3.5.5.2: a signed message must have a Destination. Core 3.2.2: if there is one, it must be the
  // location at which the message was received.
  const auto destination = root.attribute("Destination");
  RETURN_IF_ERROR(require(report_, Check::Destination, Finding::DestinationMissing,
                          destination || !response_is_signed(), expectations_.acs_url));
  if (destination) {
    RETURN_IF_ERROR(require(report_, Check::Destination, Finding::DestinationMismatch,
                            *destination == expectations_.acs_url, expectations_.acs_url, *destination));
    report_.pass(Check::Destination, expectations_.acs_url, *destination);
  } else {
    report_.skip(Check::Destination, "not given");
  }

  // Core 3.2.2: InResponseTo must be there and match when the response answers a request, and must not be
  // there otherwise. Profiles 4.1.5: a provider may send a response that nobody asked for.
  const auto in_response_to = root.attribute("InResponseTo");
  const std::string_view actual = in_response_to.value_or("");
  if (!expectations_.in_response_to) {
    RETURN_IF_ERROR(require(report_, Check::InResponseTo, Finding::Unsolicited,
                            !in_response_to && expectations_.unsolicited == Unsolicited::Accepted, {},
                            actual));
    report_.pass(Check::InResponseTo, "unsolicited", "unsolicited");
    return {};
  }
  RETURN_IF_ERROR(require(report_, Check::InResponseTo, Finding::InResponseToMissing,
                          in_response_to.has_value(), *expectations_.in_response_to));
  RETURN_IF_ERROR(require(report_, Check::InResponseTo, Finding::InResponseToMismatch,
                          !in_response_to || actual == *expectations_.in_response_to,
                          *expectations_.in_response_to, actual));
  report_.pass(Check::InResponseTo, *expectations_.in_response_to, actual);
  return {};
}

/// CBC is malleable, so that it is decrypted only when the provider's signature covers the ciphertext;
/// otherwise our answers would be an oracle.
Result<xml::Document, Finding> ResponseVerifier::decrypt(xml::Element encrypted) {
  if (expectations_.decryption_keys.empty()) {
    return refuse(report_, Check::Decryption, Finding::DecryptionNoKey);
  }
  const auto cbc = holds(Check::Decryption, Finding::DecryptionCbcUnsigned, response_is_signed())
                       ? xml::Cbc::Allowed
                       : xml::Cbc::Refused;
  auto plain = xml::decrypt(encrypted, expectations_.decryption_keys, cbc);
  if (!plain) {
    const ErrorCode code = plain.error().code;
    if (code == xml::kEncryptionCbc) {
      return refuse(report_, Check::Decryption, Finding::DecryptionCbcUnsigned, "AES-GCM", "AES-CBC");
    }
    if (code == xml::kDecryptionFailed) return refuse(report_, Check::Decryption, Finding::DecryptionFailed);
    return refuse(report_, Check::Decryption, Finding::DecryptionAlgorithm, {}, plain.error().message);
  }
  // What comes out is not described: whoever encrypted it may not be the provider.
  auto document = xml::Document::parse(*std::move(plain), kResponseLimits);
  if (!document || !document->root().is(kAssertionNamespace, "Assertion")) {
    return refuse(report_, Check::Decryption, Finding::DecryptionFailed);
  }
  RETURN_IF_ERROR(check_placement(report_, document->root()));
  report_.pass(Check::Decryption);
  return *std::move(document);
}

Result<std::optional<xml::Document>, Finding> ResponseVerifier::verify_assertion_signature(
    xml::Element assertion) {
  const bool demanded = expectations_.signature_policy == SignaturePolicy::Assertion ||
                        expectations_.signature_policy == SignaturePolicy::Both;
  if (!xml::has_signature(assertion)) {
    RETURN_IF_ERROR(
        require(report_, Check::AssertionSignature, Finding::AssertionSignatureMissing, !demanded));
    RETURN_IF_ERROR(
        require(report_, Check::AssertionSignature, Finding::SignatureMissing, response_is_signed()));
    report_.skip(Check::AssertionSignature, "not signed");
    return std::optional<xml::Document>();
  }
  ASSIGN_OR_RETURN(auto signed_bytes,
                   check_signature(report_, Check::AssertionSignature, assertion, signers()));
  ASSIGN_OR_RETURN(auto document, reread(Check::AssertionSignature, std::move(signed_bytes)));
  return std::optional(std::move(document));
}

/// From here on nothing but the bytes that were signed is believed.
Result<xml::Document, Finding> ResponseVerifier::reread(Check check, xml::SignedBytes signed_bytes) {
  // Canonical form spells out what the message abbreviated, so that it may be longer than the message.
  xml::Limits limits = kResponseLimits;
  limits.bytes *= 4;
  return lift(report_, check, xml::Document::parse(std::move(signed_bytes).bytes(), limits));
}

Result<VerifiedAssertion, Finding> verify(const UnverifiedResponse& response,
                                          const Expectations& expectations, Report& report) {
  return ResponseVerifier(expectations, report).run(response);
}

}  // namespace doorward::saml::protocol
