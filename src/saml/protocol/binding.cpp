#include "saml/protocol/binding.h"

#include <array>
#include <memory>

#include <zlib.h>

#include "base/check.h"
#include "base/encoding.h"
#include "saml/protocol/names.h"
#include "saml/protocol/signature_check.h"
#include "xml/canonical.h"
#include "xml/reader.h"
#include "xml/signature.h"

namespace doorward::saml::protocol {

namespace {

constexpr int kRawDeflate = -15;
constexpr int kDefaultMemory = 8;
constexpr std::string_view kExclusiveC14n = "http://www.w3.org/2001/10/xml-exc-c14n#";
constexpr std::string_view kEnveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
constexpr std::string_view kSha256 = "http://www.w3.org/2001/04/xmlenc#sha256";

Bytef* bytes_of(BytesView bytes) {
  // zlib's interface has no const; it does not write to its input.
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

std::string_view field_name(MessageKind kind) {
  return kind == MessageKind::Request ? "SAMLRequest" : "SAMLResponse";
}

void append_parameter(std::string& query, std::string_view name, std::string_view value) {
  if (!query.empty()) query += '&';
  query.append(name);
  query += '=';
  query += percent_encode(value);
}

Result<void> check_relay_state(std::string_view relay_state) {
  if (relay_state.size() <= OutgoingMessage::kMaxRelayState) return {};
  return fail(ErrorKind::InvalidInput, "saml.relay_state_too_long",
              "A RelayState may have 80 bytes (SAML Bindings 3.4.3). Send a reference instead of the value.");
}

/// The element with one attribute and no content, in canonical form.
std::string algorithm_element(std::string_view name, std::string_view uri) {
  return std::string("<ds:")
             .append(name)
             .append(" Algorithm=\"")
             .append(uri)
             .append("\"></ds:")
             .append(name) +
         ">";
}

/// In exclusive canonical form, so that the bytes that are signed are the bytes that are sent.
std::string signed_info(std::string_view id, std::string_view digest, crypto::SignatureAlgorithm algorithm) {
  return std::string("<ds:SignedInfo xmlns:ds=\"").append(xml::kDsNamespace).append("\">") +
         algorithm_element("CanonicalizationMethod", kExclusiveC14n) +
         algorithm_element("SignatureMethod", xml::uri_of(algorithm)) + "<ds:Reference URI=\"#" +
         std::string(id) + "\"><ds:Transforms>" + algorithm_element("Transform", kEnveloped) +
         algorithm_element("Transform", kExclusiveC14n) + "</ds:Transforms>" +
         algorithm_element("DigestMethod", kSha256) + "<ds:DigestValue>" + to_base64(digest) +
         "</ds:DigestValue></ds:Reference></ds:SignedInfo>";
}

/// Puts an enveloped signature behind the Issuer of a message of ours, which is where the schema wants it.
Result<std::string> sign_enveloped(const std::string& message, const crypto::PrivateKey& key) {
  const auto algorithm = algorithm_for(key.public_key().type());
  ASSIGN_OR_RETURN(const auto document, xml::Document::parse(message));
  const auto id = document.root().attribute("ID");
  CHECK(id.has_value());
  std::string canonical;
  RETURN_IF_ERROR(xml::canonicalize(document.root(), {}, std::nullopt, canonical));

  const std::string info = signed_info(*id, crypto::sha256(canonical), algorithm);
  const Bytes value = crypto::sign(algorithm, key, info);
  constexpr std::string_view issuer_end = "</saml:Issuer>";
  const auto at = message.find(issuer_end);
  CHECK(at != std::string::npos);
  const std::string signature = std::string("<ds:Signature xmlns:ds=\"").append(xml::kDsNamespace) + "\">" +
                                info + "<ds:SignatureValue>" + to_base64(value) +
                                "</ds:SignatureValue></ds:Signature>";
  return std::string(message).insert(at + issuer_end.size(), signature);
}

}  // namespace

Result<std::string> redirect_url(const OutgoingMessage& message) {
  RETURN_IF_ERROR(check_relay_state(message.relay_state));
  std::string query;
  // SAML Bindings 3.4.4.1: DEFLATE, base64 without line breaks, URL-encoding, in that order.
  append_parameter(query, field_name(message.kind), to_base64(deflate(message.xml)));
  if (!message.relay_state.empty()) append_parameter(query, "RelayState", message.relay_state);
  if (message.signing_key) {
    const auto algorithm = algorithm_for(message.signing_key->public_key().type());
    append_parameter(query, "SigAlg", xml::uri_of(algorithm));
    const Bytes signature = crypto::sign(algorithm, *message.signing_key, query);
    append_parameter(query, "Signature", to_base64(signature));
  }
  for (const auto& [name, value] : message.extra_parameters)
    append_parameter(query, percent_encode(name), value);
  return message.destination + (message.destination.find('?') == std::string::npos ? '?' : '&') + query;
}

Result<PostForm> post_form(const OutgoingMessage& message) {
  RETURN_IF_ERROR(check_relay_state(message.relay_state));
  std::string document = message.xml;
  if (message.signing_key) {
    ASSIGN_OR_RETURN(document, sign_enveloped(message.xml, *message.signing_key));
  }
  PostForm form{message.destination, {{std::string(field_name(message.kind)), to_base64(document)}}};
  if (!message.relay_state.empty()) form.fields.emplace_back("RelayState", message.relay_state);
  return form;
}

Bytes deflate(BytesView plain) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawDeflate, kDefaultMemory,
                     Z_DEFAULT_STRATEGY) == Z_OK);
  const std::unique_ptr<z_stream, decltype(&deflateEnd)> owner(&stream, &deflateEnd);
  Bytes out(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = bytes_of(plain);
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  return out;
}

std::optional<Bytes> inflate(BytesView compressed, std::size_t max_bytes) {
  z_stream stream{};
  CHECK(inflateInit2(&stream, kRawDeflate) == Z_OK);
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> owner(&stream, &inflateEnd);
  stream.next_in = bytes_of(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  Bytes out;
  std::array<char, 8192> chunk;
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    // Z_BUF_ERROR, when the input ends early, leaves the loop as well.
    status = ::inflate(&stream, Z_NO_FLUSH);
    const std::size_t produced = chunk.size() - stream.avail_out;
    if (out.size() + produced > max_bytes) return std::nullopt;
    out.append(chunk.data(), produced);
  }
  if (status != Z_STREAM_END || stream.avail_in != 0) return std::nullopt;
  return out;
}

}  // namespace doorward::saml::protocol
