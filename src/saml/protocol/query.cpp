#include "saml/protocol/query.h"

#include <array>

#include "base/text.h"
#include "saml/protocol/require.h"

namespace doorward::saml::protocol {

namespace {

constexpr std::string_view kDeflateEncoding = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";

enum Slot : std::size_t { kRequest, kResponse, kRelayState, kSigAlg, kSignature, kEncoding, kSlots };
constexpr std::array<std::string_view, kSlots> kNames = {"SAMLRequest", "SAMLResponse", "RelayState",
                                                         "SigAlg",      "Signature",    "SAMLEncoding"};

/// The raw values by slot; other parameters are not ours and are passed over.
using RawValues = std::array<std::optional<std::string_view>, kSlots>;

std::optional<RawValues> split_query(std::string_view raw_query) {
  RawValues values;
  for (const std::string_view parameter : split(raw_query, '&')) {
    const auto equals = parameter.find('=');
    const std::string_view raw_name = parameter.substr(0, equals);
    const auto name = percent_decode(raw_name, PlusSign::Space);
    if (!name) return std::nullopt;
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      if (*name != kNames[slot]) continue;
      if (raw_name != kNames[slot] || values[slot] || equals == std::string_view::npos) return std::nullopt;
      values[slot] = parameter.substr(equals + 1);
    }
  }
  return values;
}

std::string signed_text(const RawValues& values) {
  std::string text;
  for (const Slot slot : {kRequest, kResponse, kRelayState, kSigAlg}) {
    if (!values[slot]) continue;
    if (!text.empty()) text += '&';
    text.append(kNames[slot]).append("=").append(*values[slot]);
  }
  return text;
}

}  // namespace

Result<MessageQuery, Finding> read_query(std::string_view raw_query, Report& report) {
  const auto malformed = [&](std::string_view what) {
    return refuse(report, Check::Message, Finding::MessageParameters, {}, what);
  };
  const auto raw = split_query(raw_query);
  if (!raw) return malformed("a repeated or misspelled parameter");
  if ((*raw)[kRequest].has_value() == (*raw)[kResponse].has_value()) {
    return malformed("SAMLRequest and SAMLResponse");
  }
  if ((*raw)[kSigAlg].has_value() != (*raw)[kSignature].has_value()) {
    return malformed("SigAlg or Signature without the other");
  }
  std::array<std::string, kSlots> values;
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    auto value = percent_decode((*raw)[slot].value_or(""), PlusSign::Space);
    if (!value) return malformed(kNames[slot]);
    values[slot] = *std::move(value);
  }
  if ((*raw)[kEncoding] && values[kEncoding] != kDeflateEncoding) return malformed(values[kEncoding]);

  MessageQuery query{(*raw)[kRequest] ? MessageKind::Request : MessageKind::Response,
                     std::move((*raw)[kRequest] ? values[kRequest] : values[kResponse]),
                     std::move(values[kRelayState]), std::nullopt};
  if ((*raw)[kSignature]) {
    auto signature = from_base64(values[kSignature], Base64Space::Allowed);
    if (!signature) return malformed("Signature");
    query.signature = QuerySignature{std::move(values[kSigAlg]), *std::move(signature), signed_text(*raw)};
  }
  return query;
}

}  // namespace doorward::saml::protocol
