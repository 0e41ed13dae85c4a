#include "saml/protocol/signature_check.h"

#include <algorithm>
#include <array>

#include "saml/protocol/require.h"

namespace doorward::saml::protocol {

namespace {

struct AlgorithmName {
  crypto::SignatureAlgorithm algorithm;
  std::string_view uri;
};

// RFC 9231 section 2.3.
constexpr auto kAlgorithms = std::to_array<AlgorithmName>({
    {crypto::SignatureAlgorithm::RsaSha1, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"},
    {crypto::SignatureAlgorithm::RsaSha256, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"},
    {crypto::SignatureAlgorithm::RsaSha384, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"},
    {crypto::SignatureAlgorithm::RsaSha512, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"},
    {crypto::SignatureAlgorithm::EcdsaSha256, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"},
    {crypto::SignatureAlgorithm::EcdsaSha384, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"},
    {crypto::SignatureAlgorithm::EcdsaSha512, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"},
});

Finding signature_finding(const Error& error) {
  if (error.code == xml::kSignatureMissing) return Finding::SignatureMissing;
  if (error.code == xml::kSignatureAlgorithm) return Finding::SignatureAlgorithm;
  if (error.code == xml::kSignatureTransform) return Finding::SignatureAlgorithm;
  if (error.code == xml::kSignatureSha1) return Finding::SignatureSha1;
  if (error.code == xml::kSignatureUnverified) return Finding::SignatureInvalid;
  if (error.code == xml::kSignatureDigest) return Finding::SignatureDigestMismatch;
  return Finding::SignatureMalformed;
}

std::string thumbprints(const std::vector<crypto::Certificate>& certificates) {
  std::string list;
  for (const auto& certificate : certificates) {
    if (!list.empty()) list += ", ";
    list += certificate.thumbprint();
  }
  return list;
}

/// A certificate that the message names and the connection does not know; it explains the failure, no more.
std::optional<crypto::Certificate> unknown_certificate(xml::Element element, const Signers& signers) {
  const auto known = [&](const crypto::Certificate& claimed) {
    return std::ranges::any_of(signers.certificates, [&](const crypto::Certificate& ours) {
      return ours.public_key().id() == claimed.public_key().id();
    });
  };
  for (const Bytes& der : xml::claimed_certificates(element)) {
    auto claimed = crypto::Certificate::from_der(der);
    if (claimed && !known(*claimed)) return *std::move(claimed);
  }
  return std::nullopt;
}

void note_signer(Report& report, const crypto::Certificate& certificate, Timestamp now) {
  report.pass(Check::SigningKey, {}, certificate.thumbprint());
  // Trust is in the key that the metadata lists, whatever the dates of the certificate around it.
  if (now >= certificate.not_after()) {
    report.warn(Check::SigningKey, Finding::SigningCertificateExpired, format_rfc3339(now),
                format_rfc3339(certificate.not_after()));
  }
}

}  // namespace

Result<xml::SignedBytes, Finding> check_signature(Report& report, Check check, xml::Element element,
                                                  const Signers& signers) {
  std::vector<crypto::PublicKey> keys;
  keys.reserve(signers.certificates.size());
  for (const auto& certificate : signers.certificates)
    keys.push_back(certificate.public_key());
  const xml::SignaturePolicy policy{signers.allow_sha1 ? xml::Sha1::Allowed : xml::Sha1::Refused};

  auto verified = xml::verify_enveloped(element, keys, policy);
  if (verified) {
    report.pass(check, {}, uri_of(verified->algorithm()));
    note_signer(report, signers.certificates[verified->key_index()], signers.now);
    return *std::move(verified);
  }
  const Finding finding = signature_finding(verified.error());
  if (finding != Finding::SignatureInvalid) {
    return refuse(report, check, finding, {}, verified.error().message);
  }
  if (const auto claimed = unknown_certificate(element, signers)) {
    return refuse(report, check, Finding::SignatureKeyUnknown, thumbprints(signers.certificates),
                  claimed->thumbprint());
  }
  return refuse(report, check, Finding::SignatureInvalid, thumbprints(signers.certificates));
}

Result<void, Finding> check_query_signature(Report& report, std::string_view algorithm_uri,
                                            BytesView signature, std::string_view signed_text,
                                            const Signers& signers) {
  const auto* const known =
      std::ranges::find_if(kAlgorithms, [&](const AlgorithmName& name) { return name.uri == algorithm_uri; });
  if (known == kAlgorithms.end()) {
    return refuse(report, Check::QuerySignature, Finding::SignatureAlgorithm, {}, algorithm_uri);
  }
  RETURN_IF_ERROR(require(report, Check::QuerySignature, Finding::SignatureSha1,
                          known->algorithm != crypto::SignatureAlgorithm::RsaSha1 || signers.allow_sha1, {},
                          algorithm_uri));
  const auto signer = std::ranges::find_if(signers.certificates, [&](const crypto::Certificate& certificate) {
    return crypto::verify(known->algorithm, certificate.public_key(), signed_text, signature);
  });
  if (signer == signers.certificates.end()) {
    return refuse(report, Check::QuerySignature, Finding::SignatureInvalid,
                  thumbprints(signers.certificates));
  }
  report.pass(Check::QuerySignature, {}, algorithm_uri);
  note_signer(report, *signer, signers.now);
  return {};
}

std::string_view uri_of(crypto::SignatureAlgorithm algorithm) {
  const auto* const at = std::ranges::find_if(
      kAlgorithms, [&](const AlgorithmName& name) { return name.algorithm == algorithm; });
  return at == kAlgorithms.end() ? std::string_view() : at->uri;
}

crypto::SignatureAlgorithm algorithm_for(crypto::KeyType type) {
  switch (type) {
    case crypto::KeyType::Rsa:
      return crypto::SignatureAlgorithm::RsaSha256;
    case crypto::KeyType::EcP256:
      return crypto::SignatureAlgorithm::EcdsaSha256;
    case crypto::KeyType::EcP384:
      return crypto::SignatureAlgorithm::EcdsaSha384;
    case crypto::KeyType::EcP521:
      return crypto::SignatureAlgorithm::EcdsaSha512;
  }
  return crypto::SignatureAlgorithm::RsaSha256;
}

}  // namespace doorward::saml::protocol
