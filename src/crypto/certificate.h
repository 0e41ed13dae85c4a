#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "crypto/key.h"

namespace doorward::crypto {

/// An X.509 certificate as a container for a key, as SAML metadata uses it. Nothing here builds chains. Cheap
/// to copy.
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

  const Bytes& der() const { return parts_->der; }
  std::string to_pem() const;
  /// One line, RFC 2253 style, at most 1,000 bytes, always valid UTF-8.
  const std::string& subject() const { return parts_->subject; }
  Timestamp not_before() const { return parts_->not_before; }
  Timestamp not_after() const { return parts_->not_after; }
  const PublicKey& public_key() const { return parts_->public_key; }
  /// SHA-1 of the DER form, hexadecimal in capitals: what Entra shows as *Thumbprint*.
  const std::string& thumbprint() const { return parts_->thumbprint; }
  /// SHA-256 of the DER form, hexadecimal.
  std::string fingerprint() const;

 private:
  struct Parts {
    Bytes der;
    std::string subject;
    std::string thumbprint;
    Timestamp not_before, not_after;
    PublicKey public_key;
  };
  explicit Certificate(Parts parts) : parts_(std::make_shared<const Parts>(std::move(parts))) {}
  std::shared_ptr<const Parts> parts_;
};

}  // namespace doorward::crypto
