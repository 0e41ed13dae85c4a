#include "xml/signature.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/check.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "xml/algorithms.h"
#include "xml/canonical.h"

namespace doorward::xml {

namespace {

constexpr std::string_view kExclusiveNamespace = "http://www.w3.org/2001/10/xml-exc-c14n#";
constexpr std::string_view kEnvelopedSignature = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// Real lists name the handful of prefixes that a product might use.
constexpr std::size_t kMaxPrefixList = 32;

/// Of the canonical SignedInfo, which is hashed for each of our keys before anything is verified. Real ones
/// have about 1 KB, more when the inclusive form adds the namespaces around them.
constexpr std::size_t kMaxSignedInfo = 16 * 1024;

// XML Signature 1.1 section 6.4, without DSA and without the MACs, whose secret would be a public
// certificate.
constexpr Named<crypto::SignatureAlgorithm> kSignatureAlgorithms[] = {
    {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", crypto::SignatureAlgorithm::RsaSha256},
    {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", crypto::SignatureAlgorithm::RsaSha384},
    {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", crypto::SignatureAlgorithm::RsaSha512},
    {"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", crypto::SignatureAlgorithm::EcdsaSha256},
    {"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", crypto::SignatureAlgorithm::EcdsaSha384},
    {"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", crypto::SignatureAlgorithm::EcdsaSha512},
    {"http://www.w3.org/2000/09/xmldsig#rsa-sha1", crypto::SignatureAlgorithm::RsaSha1},
};

tl::unexpected<Error> refuse_signature(ErrorCode code, std::string message) {
  return fail(ErrorKind::Refused, code, std::move(message));
}

Result<void> read_prefix_list(std::string_view list, std::vector<std::string>& prefixes) {
  for (list = trim_white_space(list); !list.empty(); list = trim_white_space(list)) {
    const std::string_view prefix = list.substr(0, list.find_first_of(" \t\n\r"));
    list.remove_prefix(prefix.size());
    if ((prefix != "#default" && !is_ncname(prefix)) || prefixes.size() == kMaxPrefixList) {
      return refuse_signature(
          kSignatureTransform,
          "The InclusiveNamespaces list of the XML signature is not a short list of prefixes.");
    }
    prefixes.emplace_back(prefix);
  }
  return {};
}

/// Reads a CanonicalizationMethod or the Transform that names one (Exclusive XML Canonicalization 1.0
/// section 4). A listed prefix that nothing declares has no effect: products with a fixed list send such.
Result<Canonicalization> read_canonicalization(Element element) {
  std::optional<Canonicalization> method = canonicalization_from_uri(algorithm_of(element));
  if (!method) {
    return refuse_signature(kSignatureTransform,
                            "The XML signature uses a transform or canonicalization that is not accepted: " +
                                printable(algorithm_of(element)));
  }
  Sequence children(element);
  if (method->form == CanonicalForm::Exclusive) {
    if (const auto list = children.take(kExclusiveNamespace, "InclusiveNamespaces")) {
      RETURN_IF_ERROR(
          read_prefix_list(list->attribute("PrefixList").value_or(""), method->inclusive_prefixes));
      RETURN_IF_ERROR(Sequence(*list).finish());
    }
  }
  RETURN_IF_ERROR(children.finish());
  return *std::move(method);
}

/// SAML 2.0 Core section 5.4.4: enveloped-signature, then at most one canonicalization. Without one, XML
/// Signature 1.1 section 4.4.3.2 falls back to the inclusive form.
Result<Canonicalization> read_transforms(Element transforms) {
  Sequence steps(transforms);
  ASSIGN_OR_RETURN(const Element enveloped, steps.require(kDsNamespace, "Transform"));
  if (algorithm_of(enveloped) != kEnvelopedSignature) {
    return refuse_signature(
        kSignatureTransform,
        "The first transform of the XML signature must be enveloped-signature, but it is " +
            printable(algorithm_of(enveloped)));
  }
  RETURN_IF_ERROR(Sequence(enveloped).finish());
  Canonicalization method{.form = CanonicalForm::Inclusive};
  if (const auto step = steps.take(kDsNamespace, "Transform")) {
    ASSIGN_OR_RETURN(method, read_canonicalization(*step));
  }
  if (steps.peek()) {
    return refuse_signature(kSignatureTransform,
                            "The XML signature has more than two transforms, which SAML does not allow.");
  }
  RETURN_IF_ERROR(steps.finish());
  // XML Signature 1.1 section 4.4.3.3: a reference "#id" selects the element without its comments, so that
  // the WithComments forms find none.
  method.comments = Comments::Dropped;
  return method;
}

/// Whether "#" + `id` can only be read as a bare name: "#xpointer(…)" means something else elsewhere.
bool is_plain_id(std::string_view id) {
  // xs:ID must not start with a digit, which some products ignore.
  return is_ncname("_" + std::string(id)) && !id.empty();
}

}  // namespace

/// One verification, from the structure to the digest.
class EnvelopedVerifier {
 public:
  EnvelopedVerifier(Element element, std::span<const crypto::PublicKey> keys, const SignaturePolicy& policy)
      : element_(element), keys_(keys), policy_(policy) {}

  Result<SignedBytes> run();

 private:
  /// What a SignedInfo says.
  struct SignedInfo {
    Canonicalization own_form;
    crypto::SignatureAlgorithm algorithm;
    Canonicalization content_form;
    crypto::Digest digest;
    Bytes digest_value;
  };

  Result<Element> find_signature() const;
  Result<SignedInfo> read_signed_info(Element signed_info) const;
  Result<void> read_reference(Element reference, SignedInfo& info) const;
  Result<std::size_t> find_signer(Element signed_info, const SignedInfo& info,
                                  BytesView signature_value) const;

  Element element_;
  std::span<const crypto::PublicKey> keys_;
  const SignaturePolicy& policy_;
};

Result<Element> EnvelopedVerifier::find_signature() const {
  std::optional<Element> found;
  std::size_t before = 0;
  for (const Element child : element_.children()) {
    if (!child.is(kDsNamespace, "Signature")) {
      if (!found) ++before;
      continue;
    }
    if (found)
      return refuse_signature(kSignatureMultiple, "The element has several XML signatures; one is expected.");
    found = child;
  }
  if (!found) return refuse_signature(kSignatureMissing, "The element has no XML signature.");
  // Every signed type of SAML 2.0 has its Signature first, or right after the Issuer.
  if (before > 1) {
    return refuse_signature(
        kSignatureShape,
        "The XML signature stands at the wrong place: it must be the first child, or follow the Issuer.");
  }
  return *found;
}

// XML Signature 1.1 section 4.4: SignedInfo ::= CanonicalizationMethod SignatureMethod Reference, exactly one
// here.
Result<EnvelopedVerifier::SignedInfo> EnvelopedVerifier::read_signed_info(Element signed_info) const {
  SignedInfo info{};
  Sequence parts(signed_info);
  ASSIGN_OR_RETURN(const Element canonicalization, parts.require(kDsNamespace, "CanonicalizationMethod"));
  ASSIGN_OR_RETURN(const Element signature_method, parts.require(kDsNamespace, "SignatureMethod"));
  ASSIGN_OR_RETURN(const Element reference, parts.require(kDsNamespace, "Reference"));
  RETURN_IF_ERROR(parts.finish());

  ASSIGN_OR_RETURN(info.own_form, read_canonicalization(canonicalization));
  RETURN_IF_ERROR(Sequence(signature_method).finish());
  const auto algorithm = signature_algorithm_from_uri(algorithm_of(signature_method));
  if (!algorithm) {
    return refuse_signature(kSignatureAlgorithm, "The signature algorithm is not accepted: " +
                                                     printable(algorithm_of(signature_method)) +
                                                     ". Use RSA or ECDSA with SHA-256.");
  }
  info.algorithm = *algorithm;
  RETURN_IF_ERROR(read_reference(reference, info));
  const bool uses_sha1 =
      info.algorithm == crypto::SignatureAlgorithm::RsaSha1 || info.digest == crypto::Digest::Sha1;
  if (uses_sha1 && policy_.sha1 == Sha1::Refused) {
    return refuse_signature(
        kSignatureSha1,
        "The XML signature uses SHA-1, which can be forged. Set the provider to sign with SHA-256.");
  }
  return info;
}

// Section 4.4.3: Reference ::= Transforms DigestMethod DigestValue.
Result<void> EnvelopedVerifier::read_reference(Element reference, SignedInfo& info) const {
  const std::string_view id = element_.attribute("ID").value_or("");
  const std::optional<std::string_view> uri = reference.attribute("URI");
  if (!is_plain_id(id) || !uri || !uri->starts_with('#') || uri->substr(1) != id) {
    return refuse_signature(
        kSignatureReference,
        "The XML signature must cover the element that it stands in, by that element's ID, and it does not.");
  }
  Sequence parts(reference);
  ASSIGN_OR_RETURN(const Element transforms, parts.require(kDsNamespace, "Transforms"));
  ASSIGN_OR_RETURN(const Element digest_method, parts.require(kDsNamespace, "DigestMethod"));
  ASSIGN_OR_RETURN(const Element digest_value, parts.require(kDsNamespace, "DigestValue"));
  RETURN_IF_ERROR(parts.finish());

  ASSIGN_OR_RETURN(info.content_form, read_transforms(transforms));
  RETURN_IF_ERROR(Sequence(digest_method).finish());
  const auto digest = digest_from_uri(algorithm_of(digest_method));
  if (!digest) {
    return refuse_signature(kSignatureAlgorithm,
                            "The digest algorithm of the XML signature is not accepted: " +
                                printable(algorithm_of(digest_method)) + ". Use SHA-256.");
  }
  info.digest = *digest;
  ASSIGN_OR_RETURN(info.digest_value, read_base64(digest_value));
  return {};
}

// Section 3.2.2, signature validation. Whichever key fits is the signer; KeyInfo is not asked.
Result<std::size_t> EnvelopedVerifier::find_signer(Element signed_info, const SignedInfo& info,
                                                   BytesView signature_value) const {
  std::string canonical;
  RETURN_IF_ERROR(canonicalize(signed_info, info.own_form, std::nullopt, canonical));
  if (canonical.size() > kMaxSignedInfo) {
    return refuse_signature(kSignatureShape,
                            "The SignedInfo of the XML signature is far larger than any real one.");
  }
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (crypto::verify(info.algorithm, keys_[i], canonical, signature_value)) return i;
  }
  return refuse_signature(
      kSignatureUnverified,
      "The XML signature was not made with any of the certificates known for this provider. Compare the "
      "provider's signing certificate with the one stored here; it may have been renewed.");
}

Result<SignedBytes> EnvelopedVerifier::run() {
  // 1. The structure: XML Signature 1.1 section 4.2, without Object.
  ASSIGN_OR_RETURN(const Element signature, find_signature());
  Sequence parts(signature);
  ASSIGN_OR_RETURN(const Element signed_info, parts.require(kDsNamespace, "SignedInfo"));
  ASSIGN_OR_RETURN(const Element signature_value_element, parts.require(kDsNamespace, "SignatureValue"));
  parts.take(kDsNamespace, "KeyInfo");
  RETURN_IF_ERROR(parts.finish());
  ASSIGN_OR_RETURN(const SignedInfo info, read_signed_info(signed_info));
  ASSIGN_OR_RETURN(const Bytes signature_value, read_base64(signature_value_element));

  // 2. The signature over SignedInfo.
  ASSIGN_OR_RETURN(const std::size_t key_index, find_signer(signed_info, info, signature_value));

  // 3. The digest: section 3.2.1, reference validation. The bytes that are hashed are the bytes that are
  // returned.
  std::string canonical;
  RETURN_IF_ERROR(canonicalize(element_, info.content_form, signature, canonical));
  if (canonical.empty() || !crypto::equal(crypto::hash(info.digest, canonical), info.digest_value)) {
    return refuse_signature(
        kSignatureDigest,
        "The signed XML was changed after the provider signed it: its digest differs from the signed one.");
  }
  return SignedBytes(std::move(canonical), info.algorithm, key_index);
}

std::optional<crypto::SignatureAlgorithm> signature_algorithm_from_uri(std::string_view uri) {
  return find_algorithm(kSignatureAlgorithms, uri);
}

std::string_view uri_of(crypto::SignatureAlgorithm algorithm) {
  const auto* const entry =
      std::ranges::find(kSignatureAlgorithms, algorithm, &Named<crypto::SignatureAlgorithm>::value);
  CHECK(entry != std::end(kSignatureAlgorithms));
  return entry->uri;
}

bool has_signature(Element element) {
  for (const Element child : element.children()) {
    if (child.is(kDsNamespace, "Signature")) return true;
  }
  return false;
}

Result<SignedBytes> verify_enveloped(Element element, std::span<const crypto::PublicKey> keys,
                                     const SignaturePolicy& policy) {
  auto verified = EnvelopedVerifier(element, keys, policy).run();
  if (verified) return verified;
  return fail(as_shape_error(std::move(verified).error(), kSignatureShape,
                             "The XML signature does not have the structure that SAML demands."));
}

std::vector<Bytes> claimed_certificates(Element element) {
  std::vector<Bytes> certificates;
  for (const Element signature : element.children()) {
    if (!signature.is(kDsNamespace, "Signature")) continue;
    for (const Element key_info : signature.children()) {
      if (!key_info.is(kDsNamespace, "KeyInfo")) continue;
      for (const Element data : key_info.children()) {
        if (!data.is(kDsNamespace, "X509Data")) continue;
        for (const Element certificate : data.children()) {
          if (certificates.size() == kMaxClaimedCertificates) return certificates;
          if (!certificate.is(kDsNamespace, "X509Certificate")) continue;
          if (auto der = read_base64(certificate)) certificates.push_back(*std::move(der));
        }
      }
    }
  }
  return certificates;
}

}  // namespace doorward::xml
