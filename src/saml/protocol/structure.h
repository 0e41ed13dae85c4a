#pragma once

#include <optional>

#include "saml/protocol/finding.h"
#include "xml/reader.h"

namespace doorward::saml::protocol {

/// Refuses a document in which a signature, an assertion or a protocol element stands anywhere but in the one
/// place that is read: XML signature wrapping hides a second one in Extensions, StatusDetail, Advice,
/// ds:Object or KeyInfo. `root` is a protocol message, or an assertion that was decrypted. Refuses values
/// that are split by comments too, whether or not canonicalisation would have dropped them.
Result<void, Finding> check_placement(Report& report, xml::Element root);

/// A samlp:Response taken apart by its schema (SAML Core 3.3.3).
struct ResponseParts {
  std::optional<xml::Element> issuer;
  xml::Element status;
  /// Exactly one of these is there when the status is Success.
  std::optional<xml::Element> assertion;
  std::optional<xml::Element> encrypted_assertion;
  std::size_t assertions = 0;
};

Result<ResponseParts, Finding> take_apart(Report& report, xml::Element response);

/// Fails with the provider's own words unless the status is Success (SAML Core 3.2.2.1).
Result<void, Finding> check_status(Report& report, xml::Element status);

}  // namespace doorward::saml::protocol
