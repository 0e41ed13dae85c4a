#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace doorward::xml {

/// Writes a small document (an AuthnRequest, our metadata) whose text is escaped by construction:
/// `writer.open("samlp:AuthnRequest").attribute("ID", id).element("saml:Issuer", entity_id).close();`
/// Names are ours and are written as they are; a value may hold any characters that XML allows.
class Writer {
 public:
  /// Starts an element inside the one that is open.
  Writer& open(std::string_view name);
  /// Only before anything else is written into the element.
  Writer& attribute(std::string_view name, std::string_view value);
  Writer& text(std::string_view value);
  Writer& close();
  /// An element that holds just this text.
  Writer& element(std::string_view name, std::string_view value);

  /// The document. Every element must be closed.
  std::string take() &&;

 private:
  void end_start_tag();
  std::string out_;
  std::vector<std::string> open_;
  bool in_start_tag_ = false;
};

}  // namespace doorward::xml
