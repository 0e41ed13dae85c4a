#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "saml/protocol/binding.h"
#include "saml/protocol/finding.h"

namespace doorward::saml::protocol {

/// A signature over the query string, not verified.
struct QuerySignature {
  std::string algorithm;
  Bytes value;
  /// The parameters as they were spelled, in the order of SAML Bindings 3.4.4.1.
  std::string signed_text;
};

/// The parameters of the HTTP-Redirect binding.
struct MessageQuery {
  MessageKind kind;
  std::string message;  ///< Base64.
  std::string relay_state;
  std::optional<QuerySignature> signature;
};

/// Reads a query string as received. Each parameter may be there once; one without the other of SigAlg and
/// Signature is refused, and so is a name spelled with percent-encoding: nothing may have two readings.
Result<MessageQuery, Finding> read_query(std::string_view raw_query, Report& report);

}  // namespace doorward::saml::protocol
