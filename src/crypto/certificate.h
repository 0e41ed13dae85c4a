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
  /// One PEM block (text around it is skipped), or bare base64 as metadata carries it.
  static Result<Certificate> from_text(std::string_view text);
  /// Self-signed with SHA-256, for our own signing and encryption keys. A longer name is cut to X.520's limit
  /// of 64 characters.
  static Certificate self_signed(const PrivateKey& key, std::string_view common_name, Timestamp not_before,
                                 Timestamp not_after);

  const Bytes& der() const { return der_; }
  std::string to_pem() const;
  /// One line, RFC 2253 style, at most 1,000 bytes, always valid UTF-8.
  const std::string& subject() const { return subject_; }
  Timestamp not_before() const { return not_before_; }
  Timestamp not_after() const { return not_after_; }
  const PublicKey& public_key() const { return public_key_; }
  /// SHA-1 of the DER form, hexadecimal in capitals: what Entra shows as *Thumbprint*.
  const std::string& thumbprint() const { return thumbprint_; }
  /// SHA-256 of the DER form, hexadecimal.
  std::string fingerprint() const;

 private:
  explicit Certificate(PublicKey key) : public_key_(std::move(key)) {}
  Bytes der_;
  std::string subject_;
  std::string thumbprint_;
  Timestamp not_before_, not_after_;
  PublicKey public_key_;
};

}  // namespace doorward::crypto
