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

bool is_assertion(xml::Element element) {
  return element.is(kAssertionNamespace, "Assertion") ||
         element.is(kAssertionNamespace, "EncryptedAssertion");
}

bool is_saml(xml::Element element) {
  return element.namespace_uri() == kAssertionNamespace || element.namespace_uri() == kProtocolNamespace;
}

bool is_leaf(xml::Element element) {
  return element.children().begin() == element.children().end();
}

/// Whether `child` may stand in an element at `parent_place`.
bool may_stand(xml::Element child, Place parent_place) {
  if (child.is(xml::kDsNamespace, "Signature")) {
    return parent_place == Place::Message || parent_place == Place::Assertion;
  }
  if (child.is(xml::kDsNamespace, "Object")) return false;
  if (is_assertion(child)) return parent_place == Place::Message;
  if (child.is(kProtocolNamespace, "Response")) return false;
  return !is_saml(child) || parent_place != Place::Foreign;
}

Place place_of(xml::Element child, Place parent_place) {
  if (child.is(kAssertionNamespace, "Assertion")) return Place::Assertion;
  if (!is_saml(child)) {
    // Attribute values may hold SAML elements: eduPersonTargetedID is a NameID.
    return child.namespace_uri() == xml::kDsNamespace || child.namespace_uri() == xml::kXencNamespace ||
                   parent_place != Place::Content
               ? Place::Foreign
               : parent_place;
  }
  if (std::ranges::find(kExtensible, child.local_name()) != kExtensible.end()) return Place::Foreign;
  return parent_place == Place::Foreign ? Place::Foreign : Place::Content;
}

/// SAML Core 2.3.3, 3.2.1: a message or assertion begins with its Issuer, which its Signature follows.
bool is_in_order(xml::Element child, std::optional<xml::Element> previous) {
  if (child.is(kAssertionNamespace, "Issuer")) return !previous;
  if (child.is(xml::kDsNamespace, "Signature"))
    return !previous || previous->is(kAssertionNamespace, "Issuer");
  return true;
}

Result<void, Finding> check_children(Report& report, xml::Element parent, Place place) {
  std::optional<xml::Element> previous;
  for (const xml::Element child : parent.children()) {
    RETURN_IF_ERROR(require(report, Check::Structure, Finding::ElementUnexpected,
                            may_stand(child, place) && is_in_order(child, previous), parent.local_name(),
                            child.local_name()));
    previous = child;
    if (is_leaf(child)) {
      const auto text = child.text();
      RETURN_IF_ERROR(require(report, Check::Structure, Finding::ValueNotText, text.has_value(), "text",
                              child.local_name()));
    } else {
      RETURN_IF_ERROR(check_children(report, child, place_of(child, place)));
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
