#include "simulator/xml_security.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <xmlsec/base64.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlenc.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#include "base/check.h"
#include "pages/html.h"
#include "simulator/names.h"

namespace doorward::simulator {

namespace {

const xmlChar* xml(const char* text) {
  return reinterpret_cast<const xmlChar*>(text);
}

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

/// Starts both libraries, once.
void start_libraries() {
  static const bool started = [] {
    xmlInitParser();
    // Entra writes base64 without line breaks.
    return xmlSecInit() == 0 && xmlSecCryptoAppInit(nullptr) == 0 && xmlSecCryptoInit() == 0 &&
           (xmlSecBase64SetDefaultLineSize(0), true);
  }();
  CHECK(started);
}

struct SignatureFree {
  void operator()(xmlSecDSigCtx* context) const { xmlSecDSigCtxDestroy(context); }
};

struct EncryptionFree {
  void operator()(xmlSecEncCtx* context) const { xmlSecEncCtxDestroy(context); }
};

struct KeysManagerFree {
  void operator()(xmlSecKeysMngr* manager) const { xmlSecKeysMngrDestroy(manager); }
};

struct NodeFree {
  void operator()(xmlNode* node) const { xmlFreeNode(node); }
};

xmlSecKey* load_key(std::string_view data, xmlSecKeyDataFormat format) {
  return xmlSecCryptoAppKeyLoadMemory(reinterpret_cast<const xmlSecByte*>(data.data()),
                                      static_cast<xmlSecSize>(data.size()), format, nullptr, nullptr,
                                      nullptr);
}

tl::unexpected<Error> failed(const char* what) {
  return fail(ErrorKind::Internal, "simulator.xmlsec", "xmlsec1 could not do its work.", what);
}

/// The element that `markup` describes, as a node of `document`; owned by nobody yet.
std::unique_ptr<xmlNode, NodeFree> node_from(const XmlDocument& document, const pages::Html& markup) {
  const auto fragment = XmlDocument::parse(markup.markup());
  CHECK(fragment);
  return std::unique_ptr<xmlNode, NodeFree>(xmlDocCopyNode(fragment->root(), document.handle(), 1));
}

}  // namespace

void XmlFree::operator()(_xmlDoc* document) const {
  xmlFreeDoc(document);
}

Result<XmlDocument> XmlDocument::parse(std::string_view text) {
  start_libraries();
  const auto malformed = [] {
    return fail(ErrorKind::InvalidInput, "simulator.xml",
                "The message is not well-formed XML without a DTD.");
  };
  if (text.size() > kMaxLength) return malformed();
  XmlDocument document(xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  if (!document.document_ || document.document_->intSubset != nullptr || document.root() == nullptr) {
    return malformed();
  }
  return document;
}

_xmlNode* XmlDocument::root() const {
  return xmlDocGetRootElement(document_.get());
}

std::string XmlDocument::text() const {
  const std::unique_ptr<xmlBuffer, decltype(&xmlBufferFree)> buffer(xmlBufferCreate(), &xmlBufferFree);
  xmlNodeDump(buffer.get(), document_.get(), root(), 0, 0);
  return std::string(view(xmlBufferContent(buffer.get())));
}

bool is_element(const _xmlNode* node, std::string_view xml_namespace, std::string_view name) {
  return node != nullptr && node->type == XML_ELEMENT_NODE && node->ns != nullptr &&
         view(node->ns->href) == xml_namespace && view(node->name) == name;
}

_xmlNode* child(const _xmlNode* parent, std::string_view xml_namespace, std::string_view name) {
  for (xmlNode* node = parent->children; node != nullptr; node = node->next) {
    if (is_element(node, xml_namespace, name)) return node;
  }
  return nullptr;
}

std::optional<std::string> attribute(const _xmlNode* element, const char* name) {
  const std::unique_ptr<xmlChar, xmlFreeFunc> value(xmlGetNoNsProp(element, xml(name)), xmlFree);
  if (!value) return std::nullopt;
  return std::string(view(value.get()));
}

std::string text_content(const _xmlNode* element) {
  const std::unique_ptr<xmlChar, xmlFreeFunc> value(xmlNodeGetContent(element), xmlFree);
  return std::string(view(value.get()));
}

Result<void> sign(const XmlDocument& document, _xmlNode* element, const SigningCertificate& signer,
                  SignatureDigest digest) {
  xmlAttr* id = xmlHasProp(element, xml("ID"));
  CHECK(id != nullptr);
  const std::string reference = "#" + *attribute(element, "ID");
  xmlAddID(nullptr, document.handle(), xml(reference.c_str() + 1), id);

  const bool sha1 = digest == SignatureDigest::Sha1;
  xmlNode* signature =
      node_from(
          document,
          pages::html(
              R"(<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><SignatureMethod Algorithm="{}"/><Reference URI="{}"><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms><DigestMethod Algorithm="{}"/><DigestValue/></Reference></SignedInfo><SignatureValue/></Signature>)",
              sha1 ? "http://www.w3.org/2000/09/xmldsig#rsa-sha1" : names::kRsaSha256, reference,
              sha1 ? "http://www.w3.org/2000/09/xmldsig#sha1" : "http://www.w3.org/2001/04/xmlenc#sha256"))
          .release();
  if (xmlNode* issuer = child(element, names::kAssertion, "Issuer"); issuer != nullptr) {
    xmlAddNextSibling(issuer, signature);
  } else if (element->children != nullptr) {
    xmlAddPrevSibling(element->children, signature);
  } else {
    xmlAddChild(element, signature);
  }

  const std::unique_ptr<xmlSecDSigCtx, SignatureFree> context(xmlSecDSigCtxCreate(nullptr));
  if (!context) return failed("signature context");
  const crypto::Secret key = signer.key.to_pem();
  context->signKey = load_key(key.reveal(), xmlSecKeyDataFormatPem);
  if (context->signKey == nullptr) return failed("signing key");
  if (xmlSecDSigCtxSign(context.get(), signature) < 0) return failed("sign");

  // KeyInfo is no part of what is signed, so it can follow.
  xmlAddChild(
      signature,
      node_from(
          document,
          pages::html(
              R"(<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{}</X509Certificate></X509Data></KeyInfo>)",
              to_base64(signer.certificate.der())))
          .release());
  return {};
}

Result<void> encrypt_assertion(const XmlDocument& document, _xmlNode* assertion,
                               const crypto::Certificate& recipient, ContentCipher cipher) {
  auto data = node_from(
      document,
      pages::html(
          R"(<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="{}"/><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><e:EncryptedKey xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"><DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/></e:EncryptionMethod><e:CipherData><e:CipherValue/></e:CipherData></e:EncryptedKey></KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>)",
          cipher == ContentCipher::Aes256Gcm ? "http://www.w3.org/2009/xmlenc11#aes256-gcm"
                                             : "http://www.w3.org/2001/04/xmlenc#aes256-cbc"));

  const std::unique_ptr<xmlSecKeysMngr, KeysManagerFree> keys(xmlSecKeysMngrCreate());
  if (!keys || xmlSecCryptoAppDefaultKeysMngrInit(keys.get()) < 0) return failed("keys manager");
  xmlSecKey* recipient_key = load_key(recipient.to_pem(), xmlSecKeyDataFormatCertPem);
  if (recipient_key == nullptr || xmlSecCryptoAppDefaultKeysMngrAdoptKey(keys.get(), recipient_key) < 0) {
    return failed("recipient key");
  }
  const std::unique_ptr<xmlSecEncCtx, EncryptionFree> context(xmlSecEncCtxCreate(keys.get()));
  if (!context) return failed("encryption context");
  constexpr int kAesBits = 256;
  context->encKey = xmlSecKeyGenerate(xmlSecKeyDataAesId, kAesBits, xmlSecKeyDataTypeSession);
  if (context->encKey == nullptr) return failed("session key");

  xmlNode* wrapper = xmlNewDocNode(document.handle(), nullptr, xml("EncryptedAssertion"), nullptr);
  xmlSetNs(wrapper, xmlNewNs(wrapper, xml(names::kAssertion), nullptr));
  xmlReplaceNode(assertion, wrapper);
  xmlAddChild(wrapper, assertion);
  // The assertion brings its own namespace declaration along: what is decrypted must stand alone.
  if (xmlSecEncCtxXmlEncrypt(context.get(), data.get(), assertion) < 0) return failed("encrypt");
  static_cast<void>(data.release());  // It replaced the assertion and belongs to the document now.
  return {};
}

}  // namespace doorward::simulator
