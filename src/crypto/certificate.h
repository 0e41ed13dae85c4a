#pragma once

#include <string>

#include "base/clock.h"
#include "crypto/key.h"

namespace doorward::crypto {

/// An X.509 certificate as a container for a key, as SAML metadata uses it. Nothing here builds chains.
class Certificate {
 public:
  static constexpr std::size_t kMaxDerLength = 16 * 1024;

  static Result<Certificate> from_der(BytesView der);
  /// One PEM block, or bare base64 as metadata carries it.
  static Result<Certificate> from_text(std::string_view text);
  /// Self-signed, for our own signing and encryption keys.
  static Certificate self_signed(const PrivateKey& key, std::string_view common_name, Timestamp not_before,
                                 Timestamp not_after);

  const Bytes& der() const { return der_; }
  std::string to_pem() const;
  /// One line, RFC 2253 style.
  const std::string& subject() const { return subject_; }
  Timestamp not_before() const { return not_before_; }
  Timestamp not_after() const { return not_after_; }
  const PublicKey& public_key() const { return public_key_; }
  /// SHA-1 and SHA-256 of the DER form in hexadecimal; Entra shows the former as *Thumbprint*.
  std::string thumbprint() const;
  std::string fingerprint() const;

 private:
  explicit Certificate(PublicKey key) : public_key_(std::move(key)) {}
  Bytes der_;
  std::string subject_;
  Timestamp not_before_, not_after_;
  PublicKey public_key_;
};

}  // namespace doorward::crypto
