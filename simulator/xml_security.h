#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "crypto/certificate.h"
#include "simulator/model.h"

// NOLINTBEGIN(bugprone-reserved-identifier): these are libxml2's own names.
struct _xmlDoc;
struct _xmlNode;
// NOLINTEND(bugprone-reserved-identifier): see above.

/// XML trees, signatures and encryption by libxml2 and xmlsec1: another implementation than the server's on
/// purpose, so that the two check each other.
namespace doorward::simulator {

struct XmlFree {
  void operator()(_xmlDoc* document) const;
};

/// A parsed document.
class XmlDocument {
 public:
  static constexpr std::size_t kMaxLength = 512 * 1024;

  /// Refuses document type declarations; never touches the network.
  static Result<XmlDocument> parse(std::string_view text);

  _xmlNode* root() const;
  /// Without the XML declaration.
  std::string text() const;
  _xmlDoc* handle() const { return document_.get(); }

 private:
  explicit XmlDocument(_xmlDoc* document) : document_(document) {}
  std::unique_ptr<_xmlDoc, XmlFree> document_;
};

/// The first child element of that namespace and name, or null.
_xmlNode* child(const _xmlNode* parent, std::string_view xml_namespace, std::string_view name);
bool is_element(const _xmlNode* node, std::string_view xml_namespace, std::string_view name);
/// An attribute without namespace; nothing when it is absent.
std::optional<std::string> attribute(const _xmlNode* element, const char* name);
/// The text of an element and all below it.
std::string text_content(const _xmlNode* element);

enum class SignatureDigest : std::uint8_t { Sha256, Sha1 };

/// Signs `element` by the ID in its `ID` attribute, with exclusive canonicalisation, and puts the Signature
/// where the SAML schema wants it: behind `Issuer`, or as first child when there is none.
Result<void> sign(const XmlDocument& document, _xmlNode* element, const SigningCertificate& signer,
                  SignatureDigest digest = SignatureDigest::Sha256);

/// Replaces the Assertion by an EncryptedAssertion for the holder of `recipient`'s key (RSA-OAEP).
Result<void> encrypt_assertion(const XmlDocument& document, _xmlNode* assertion,
                               const crypto::Certificate& recipient, ContentCipher cipher);

}  // namespace doorward::simulator
