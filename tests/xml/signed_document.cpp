#include "xml/signed_document.h"

#include <gtest/gtest.h>

namespace doorward::xml {

std::string SignatureTemplate::text() const {
  const std::string list = prefix_list.empty()
                               ? ""
                               : "<ec:InclusiveNamespaces xmlns:ec=\"" + std::string(kExclusiveMethod) +
                                     "\" PrefixList=\"" + prefix_list + "\"/>";
  const std::string usual = "<ds:Transform Algorithm=\"" + std::string(kEnvelopedTransform) +
                            "\"/><ds:Transform Algorithm=\"" + content_form + "\">" + list +
                            "</ds:Transform>";
  return "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>"
         "<ds:CanonicalizationMethod Algorithm=\"" +
         own_form + "\"/><ds:SignatureMethod Algorithm=\"" + signature_method + "\"/><ds:Reference URI=\"" +
         reference + "\"><ds:Transforms>" + (transforms.empty() ? usual : transforms) +
         "</ds:Transforms><ds:DigestMethod Algorithm=\"" + digest_method +
         "\"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>" + key_info +
         "</ds:Signature>";
}

const crypto::PrivateKey& signing_key() {
  static const crypto::PrivateKey key = crypto::PrivateKey::generate_rsa();
  return key;
}

const crypto::PrivateKey& other_key() {
  static const crypto::PrivateKey key = crypto::PrivateKey::generate_rsa();
  return key;
}

std::string replaced(std::string text, std::string_view before, std::string_view after) {
  const std::size_t at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before << " is not in\n" << text;
  return at == std::string::npos ? text : text.replace(at, before.size(), after);
}

}  // namespace doorward::xml
