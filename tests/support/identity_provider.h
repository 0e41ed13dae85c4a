#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "crypto/certificate.h"
#include "crypto/key.h"

namespace doorward::test {

/// What a test's answer says; every field can be made wrong.
struct AnswerParts {
  std::string issuer;
  std::string destination;
  std::string audience;
  std::string in_response_to;
  std::string name_id = "ada@contoso.example";
  std::string name_id_format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
  std::string assertion_id = "_assertion";
  Timestamp now;
  /// When the person signed in there; `now` when nothing is said.
  std::optional<Timestamp> authn_instant = {};
  std::vector<std::pair<std::string, std::string>> attributes;
};

/// An identity provider that writes its messages in canonical form, so that signing needs no XML code at all.
class IdentityProvider {
 public:
  /// `key` is the name of a test key.
  explicit IdentityProvider(Timestamp now, const std::string& key = "rsa_a");

  const crypto::Certificate& certificate() const { return certificate_; }
  /// Base64 of a Response whose assertion is signed.
  std::string answer(const AnswerParts& parts) const;
  /// The query string of a signed HTTP-Redirect message.
  std::string redirect_query(std::string_view parameter, std::string_view xml) const;

 private:
  std::string signature_over(std::string_view canonical, std::string_view id) const;

  crypto::PrivateKey key_;
  crypto::Certificate certificate_;
};

}  // namespace doorward::test
