#include "saml/protocol/signature_check.h"

#include <algorithm>

#include "saml/protocol/require.h"

namespace doorward::saml::protocol {

namespace {

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
    report.pass(check, {}, xml::uri_of(verified->algorithm()));
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
  const auto algorithm = xml::signature_algorithm_from_uri(algorithm_uri);
  if (!algorithm) {
    return refuse(report, Check::QuerySignature, Finding::SignatureAlgorithm, {}, algorithm_uri);
  }
  RETURN_IF_ERROR(require(report, Check::QuerySignature, Finding::SignatureSha1,
                          algorithm != crypto::SignatureAlgorithm::RsaSha1 || signers.allow_sha1, {},
                          algorithm_uri));
  const auto signer = std::ranges::find_if(signers.certificates, [&](const crypto::Certificate& certificate) {
    return crypto::verify(*algorithm, certificate.public_key(), signed_text, signature);
  });
  if (signer == signers.certificates.end()) {
    return refuse(report, Check::QuerySignature, Finding::SignatureInvalid,
                  thumbprints(signers.certificates));
  }
  report.pass(Check::QuerySignature, {}, algorithm_uri);
  note_signer(report, *signer, signers.now);
  return {};
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
