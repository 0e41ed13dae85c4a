#include "saml/protocol/structure.h"

#include <algorithm>
#include <array>

#include "saml/protocol/names.h"
#include "saml/protocol/require.h"
#include "xml/encryption.h"
#include "xml/signature.h"

namespace doorward::saml::protocol {

namespace {

/// Where an element stands, as far as its descendants' rights depend on it.
enum class Place : std::uint8_t {
  Message,    ///< The root of a protocol message.
  Assertion,  ///< The one assertion.
  Content,    ///< Below one of these, where SAML elements of the schema may stand.
  Foreign,    ///< In an element of extensible content, or in one that is not SAML's.
};

constexpr auto kExtensible = std::to_array<std::string_view>({"Extensions", "StatusDetail", "Advice"});

/// An element's name, looked up once.
struct Name {
  explicit Name(xml::Element element) : space(element.namespace_uri()), local(element.local_name()) {}

  bool is_assertion() const {
    return (local == "Assertion" || local == "EncryptedAssertion") && space == kAssertionNamespace;
  }
  bool is_signature() const { return local == "Signature" && space == xml::kDsNamespace; }
  bool is_issuer() const { return local == "Issuer" && space == kAssertionNamespace; }
  bool is_saml() const { return space == kAssertionNamespace || space == kProtocolNamespace; }

  std::string_view space;
  std::string_view local;
};

bool is_assertion(xml::Element element) {
  return Name(element).is_assertion();
}

/// Whether `child` may stand in an element at `parent_place`.
bool may_stand(const Name& child, Place parent_place) {
  if (child.is_signature()) return parent_place == Place::Message || parent_place == Place::Assertion;
  if (child.local == "Object" && child.space == xml::kDsNamespace) return false;
  if (child.is_assertion()) return parent_place == Place::Message;
  if (child.local == "Response" && child.space == kProtocolNamespace) return false;
  return parent_place != Place::Foreign || !child.is_saml();
}

Place place_of(const Name& child, Place parent_place) {
  if (child.local == "Assertion" && child.space == kAssertionNamespace) return Place::Assertion;
  if (!child.is_saml()) {
    // Attribute values may hold SAML elements: eduPersonTargetedID is a NameID.
    return child.space == xml::kDsNamespace || child.space == xml::kXencNamespace ||
                   parent_place != Place::Content
               ? Place::Foreign
               : parent_place;
  }
  if (std::ranges::find(kExtensible, child.local) != kExtensible.end()) return Place::Foreign;
  return parent_place == Place::Foreign ? Place::Foreign : Place::Content;
}

/// SAML Core 2.3.3, 3.2.1: a message or assertion begins with its Issuer, which its Signature follows.
bool is_in_order(const Name& child, std::optional<Name> previous) {
  if (child.is_issuer()) return !previous;
  if (child.is_signature()) return !previous || previous->is_issuer();
  return true;
}

Result<void, Finding> check_children(Report& report, xml::Element parent, Place place) {
  std::optional<Name> previous;
  for (const xml::Element child : parent.children()) {
    const Name name(child);
    if (!holds(Check::Structure, Finding::ElementUnexpected,
               may_stand(name, place) && is_in_order(name, previous))) {
      return refuse(report, Check::Structure, Finding::ElementUnexpected, parent.local_name(), name.local);
    }
    previous = name;
    const xml::Content content = child.content();
    if (!holds(Check::Structure, Finding::ValueNotText, content != xml::Content::Split)) {
      return refuse(report, Check::Structure, Finding::ValueNotText, "text", name.local);
    }
    if (content == xml::Content::Elements) {
      RETURN_IF_ERROR(check_children(report, child, place_of(name, place)));
    }
  }
  return {};
}

/// The last part of a status URN says it all: `AuthnFailed`.
std::string_view short_status(std::string_view uri) {
  constexpr std::string_view prefix = "urn:oasis:names:tc:SAML:2.0:status:";
  return uri.starts_with(prefix) ? uri.substr(prefix.size()) : uri;
}

}  // namespace

Result<void, Finding> check_placement(Report& report, xml::Element root) {
  return check_children(report, root,
                        root.namespace_uri() == kProtocolNamespace ? Place::Message : Place::Assertion);
}

Result<ResponseParts, Finding> take_apart(Report& report, xml::Element response) {
  // SAML Core 3.2.2: Issuer, Signature, Extensions, Status; 3.3.3: then any number of assertions.
  xml::Sequence children(response);
  const auto issuer = children.take(kAssertionNamespace, "Issuer");
  children.take(xml::kDsNamespace, "Signature");
  children.take(kProtocolNamespace, "Extensions");
  ASSIGN_OR_RETURN(const auto status,
                   lift(report, Check::Structure, children.require(kProtocolNamespace, "Status")));
  ResponseParts parts{issuer, status, std::nullopt, std::nullopt};
  for (auto next = children.peek(); next && is_assertion(*next); next = children.peek()) {
    auto& slot = next->local_name() == "Assertion" ? parts.assertion : parts.encrypted_assertion;
    if (!slot) slot = next;
    ++parts.assertions;
    children.take_any();
  }
  RETURN_IF_ERROR(lift(report, Check::Structure, children.finish()));
  return parts;
}

Result<void, Finding> check_status(Report& report, xml::Element status) {
  xml::Sequence children(status);
  ASSIGN_OR_RETURN(const auto code,
                   lift(report, Check::Status, children.require(kProtocolNamespace, "StatusCode")));
  const auto status_message = children.take(kProtocolNamespace, "StatusMessage");
  children.take(kProtocolNamespace, "StatusDetail");
  RETURN_IF_ERROR(lift(report, Check::Structure, children.finish()));

  const auto value = code.attribute("Value").value_or("");
  std::string words(short_status(value));
  ASSIGN_OR_RETURN(const auto second,
                   lift(report, Check::Status, code.optional_child(kProtocolNamespace, "StatusCode")));
  if (second) words.append(", ").append(short_status(second->attribute("Value").value_or("")));
  if (status_message) {
    ASSIGN_OR_RETURN(const auto text, lift(report, Check::Status, status_message->trimmed_text()));
    if (!text.empty()) words.append(": ").append(text);
  }
  RETURN_IF_ERROR(require(report, Check::Status, Finding::StatusNotSuccess, value == kStatusSuccess,
                          short_status(kStatusSuccess), words));
  report.pass(Check::Status, short_status(kStatusSuccess), words);
  return {};
}

}  // namespace doorward::saml::protocol
