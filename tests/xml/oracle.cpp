#include "xml/oracle.h"

#include <cstdlib>
#include <memory>
#include <vector>

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlenc.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#include "base/encoding.h"

namespace doorward::xml::oracle {

namespace {

template <class T, void (*kFree)(T*)>
struct Free {
  void operator()(T* object) const { kFree(object); }
};
template <class T, void (*kFree)(T*)>
using Owner = std::unique_ptr<T, Free<T, kFree>>;
using DocumentOwner = Owner<xmlDoc, xmlFreeDoc>;
using KeyOwner = Owner<xmlSecKey, xmlSecKeyDestroy>;
using SignatureContext = Owner<xmlSecDSigCtx, xmlSecDSigCtxDestroy>;
using EncryptionContext = Owner<xmlSecEncCtx, xmlSecEncCtxDestroy>;
using KeyManager = Owner<xmlSecKeysMngr, xmlSecKeysMngrDestroy>;

void ignore_error(void*, const char*, ...) {}

void start_libraries() {
  static const bool started = [] {
    xmlInitParser();
    xmlSetGenericErrorFunc(nullptr, ignore_error);
    if (xmlSecInit() < 0 || xmlSecCryptoAppInit(nullptr) < 0 || xmlSecCryptoInit() < 0) std::abort();
    xmlSecErrorsDefaultCallbackEnableOutput(0);
    return true;
  }();
  static_cast<void>(started);
}

DocumentOwner parse(std::string_view bytes) {
  start_libraries();
  return DocumentOwner(
      xmlReadMemory(bytes.data(), static_cast<int>(bytes.size()), nullptr, nullptr,
                    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE));
}

const xmlChar* bytes_of(const char* text) {
  return reinterpret_cast<const xmlChar*>(text);
}

std::string_view text_of(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

/// The elements below and including `node`, in document order.
void collect_elements(xmlNode* node, std::vector<xmlNode*>& elements) {
  if (node->type != XML_ELEMENT_NODE) return;
  elements.push_back(node);
  for (xmlNode* child = node->children; child != nullptr; child = child->next)
    collect_elements(child, elements);
}

std::vector<xmlNode*> elements_of(xmlDoc* document) {
  std::vector<xmlNode*> elements;
  collect_elements(xmlDocGetRootElement(document), elements);
  return elements;
}

struct Subset {
  const xmlNode* apex;
  const xmlNode* omitted;
};

int is_visible(void* user_data, xmlNode* node, xmlNode* parent) {
  const auto& subset = *static_cast<const Subset*>(user_data);
  const bool has_parent_link = node->type != XML_NAMESPACE_DECL;
  for (const xmlNode* at = has_parent_link ? node : parent; at != nullptr; at = at->parent) {
    if (at == subset.omitted) return 0;
    if (at == subset.apex) return 1;
  }
  return 0;
}

void register_ids(xmlDoc* document) {
  for (xmlNode* element : elements_of(document)) {
    xmlAttr* const attribute = xmlHasNsProp(element, bytes_of("ID"), nullptr);
    if (attribute == nullptr || attribute->children == nullptr) continue;
    xmlChar* const value = xmlNodeListGetString(document, attribute->children, 1);
    xmlAddID(nullptr, document, value, attribute);
    xmlFree(value);
  }
}

std::string dump(xmlDoc* document) {
  xmlChar* bytes = nullptr;
  int size = 0;
  xmlDocDumpMemory(document, &bytes, &size);
  std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  xmlFree(bytes);
  return text;
}

KeyOwner load_key(std::string_view bytes, xmlSecKeyDataFormat format) {
  return KeyOwner(xmlSecCryptoAppKeyLoadMemory(reinterpret_cast<const xmlSecByte*>(bytes.data()),
                                               static_cast<xmlSecSize>(bytes.size()), format, nullptr,
                                               nullptr, nullptr));
}

/// The last key is kept: loading one takes ten times as long as using it.
KeyOwner load_public_key(const crypto::PublicKey& key) {
  static Bytes last_id;
  static KeyOwner last;
  if (!last || key.id() != last_id) {
    start_libraries();
    last = load_key(key.to_der(), xmlSecKeyDataFormatDer);
    last_id = key.id();
  }
  return KeyOwner(last ? xmlSecKeyDuplicate(last.get()) : nullptr);
}

xmlNode* find_signature(xmlNode* from) {
  return xmlSecFindNode(from, xmlSecNodeSignature, xmlSecDSigNs);
}

}  // namespace

bool accepts(std::string_view bytes) {
  const DocumentOwner document = parse(bytes);
  return document != nullptr;
}

std::optional<std::string> canonicalize(std::string_view bytes, const Canonicalization& method,
                                        std::size_t apex, std::optional<std::size_t> omitted) {
  const DocumentOwner document = parse(bytes);
  if (!document) return std::nullopt;
  const std::vector<xmlNode*> elements = elements_of(document.get());
  Subset subset{.apex = elements.at(apex), .omitted = omitted ? elements.at(*omitted) : nullptr};
  std::vector<std::string> prefixes = method.inclusive_prefixes;
  std::vector<xmlChar*> prefix_list;
  for (std::string& prefix : prefixes)
    prefix_list.push_back(reinterpret_cast<xmlChar*>(prefix.data()));
  prefix_list.push_back(nullptr);
  const bool exclusive = method.form == CanonicalForm::Exclusive;
  xmlOutputBuffer* const buffer = xmlAllocOutputBuffer(nullptr);
  const int written =
      xmlC14NExecute(document.get(), is_visible, &subset, exclusive ? XML_C14N_EXCLUSIVE_1_0 : XML_C14N_1_0,
                     exclusive ? prefix_list.data() : nullptr, method.comments == Comments::Kept, buffer);
  std::optional<std::string> result;
  if (written >= 0) {
    result.emplace(reinterpret_cast<const char*>(xmlOutputBufferGetContent(buffer)),
                   xmlOutputBufferGetSize(buffer));
  }
  xmlOutputBufferClose(buffer);
  return result;
}

std::optional<std::string> sign(std::string_view bytes, const crypto::PrivateKey& key) {
  const DocumentOwner document = parse(bytes);
  if (!document) return std::nullopt;
  register_ids(document.get());
  const SignatureContext context(xmlSecDSigCtxCreate(nullptr));
  context->signKey = load_key(key.to_pem().reveal(), xmlSecKeyDataFormatPem).release();
  if (context->signKey == nullptr) return std::nullopt;
  xmlNode* const signature = find_signature(xmlDocGetRootElement(document.get()));
  if (signature == nullptr || xmlSecDSigCtxSign(context.get(), signature) < 0) return std::nullopt;
  return dump(document.get());
}

bool verifies(std::string_view bytes, std::string_view id, const crypto::PublicKey& key) {
  const DocumentOwner document = parse(bytes);
  if (!document) return false;
  register_ids(document.get());
  xmlNode* signature = nullptr;
  for (xmlNode* element : elements_of(document.get())) {
    const xmlAttr* const attribute = xmlHasNsProp(element, bytes_of("ID"), nullptr);
    if (attribute == nullptr || attribute->children == nullptr || text_of(attribute->children->content) != id)
      continue;
    for (xmlNode* child = element->children; child != nullptr && signature == nullptr; child = child->next) {
      if (xmlSecCheckNodeName(child, xmlSecNodeSignature, xmlSecDSigNs)) signature = child;
    }
  }
  if (signature == nullptr) return false;
  const SignatureContext context(xmlSecDSigCtxCreate(nullptr));
  context->signKey = load_public_key(key).release();
  if (context->signKey == nullptr) return false;
  return xmlSecDSigCtxVerify(context.get(), signature) >= 0 && context->status == xmlSecDSigStatusSucceeded;
}

std::optional<std::string> encrypt(std::string_view data_template, std::string_view plain, int key_bits,
                                   const crypto::PublicKey& recipient) {
  const DocumentOwner document = parse(data_template);
  if (!document) return std::nullopt;
  const KeyManager manager(xmlSecKeysMngrCreate());
  KeyOwner key = load_public_key(recipient);
  if (!key || xmlSecKeySetName(key.get(), bytes_of(kRecipientKeyName)) < 0 ||
      xmlSecCryptoAppDefaultKeysMngrInit(manager.get()) < 0 ||
      xmlSecCryptoAppDefaultKeysMngrAdoptKey(manager.get(), key.release()) < 0) {
    return std::nullopt;
  }
  const EncryptionContext context(xmlSecEncCtxCreate(manager.get()));
  context->encKey =
      xmlSecKeyGenerateByName(bytes_of("aes"), static_cast<xmlSecSize>(key_bits), xmlSecKeyDataTypeSession);
  xmlNode* const data =
      xmlSecFindNode(xmlDocGetRootElement(document.get()), xmlSecNodeEncryptedData, xmlSecEncNs);
  if (data == nullptr ||
      xmlSecEncCtxBinaryEncrypt(context.get(), data, reinterpret_cast<const xmlSecByte*>(plain.data()),
                                static_cast<xmlSecSize>(plain.size())) < 0) {
    return std::nullopt;
  }
  return dump(document.get());
}

}  // namespace doorward::xml::oracle
