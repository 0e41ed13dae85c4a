#include "saml/protocol/authn_request.h"

#include "saml/protocol/names.h"
#include "xml/writer.h"

namespace doorward::saml::protocol {

std::string write(const AuthnRequest& request) {
  xml::Writer writer;
  writer.open("samlp:AuthnRequest")
      .attribute("xmlns:samlp", kProtocolNamespace)
      .attribute("xmlns:saml", kAssertionNamespace)
      .attribute("ID", request.id)
      .attribute("Version", "2.0")
      .attribute("IssueInstant", format_rfc3339(request.issue_instant))
      .attribute("Destination", request.destination)
      .attribute("AssertionConsumerServiceURL", request.acs_url)
      .attribute("ProtocolBinding", kPostBinding);
  if (request.force_authn) writer.attribute("ForceAuthn", "true");
  writer.element("saml:Issuer", request.sp_entity_id);
  if (!request.name_id_format.empty()) {
    writer.open("samlp:NameIDPolicy")
        .attribute("Format", request.name_id_format)
        .attribute("AllowCreate", "true")
        .close();
  }
  writer.close();
  return std::move(writer).take();
}

}  // namespace doorward::saml::protocol
