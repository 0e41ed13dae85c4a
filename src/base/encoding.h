#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace doorward {

/// Bytes are carried in `std::string`; these name the intent where it matters.
using Bytes = std::string;
using BytesView = std::string_view;

std::string to_hex(BytesView bytes);
std::optional<Bytes> from_hex(std::string_view text);

/// Standard alphabet with padding (RFC 4648 section 4).
std::string to_base64(BytesView bytes);

/// What may stand between the characters of a base64 text.
enum class Base64Space { Refused, Allowed };

/// Strict: padding required, unused bits zero, nothing but the alphabet (and XML white space when allowed).
std::optional<Bytes> from_base64(std::string_view text, Base64Space space = Base64Space::Refused);

/// URL-safe alphabet without padding (RFC 4648 section 5, as RFC 7515 uses it).
std::string to_base64url(BytesView bytes);
std::optional<Bytes> from_base64url(std::string_view text);

/// `application/x-www-form-urlencoded` and query percent-encoding: everything but unreserved characters
/// (RFC 3986 section 2.3) becomes %XX with capital digits.
std::string percent_encode(std::string_view text);

enum class PlusSign { Literal, Space };

/// Undoes percent-encoding; a `%` without two hexadecimal digits is a failure.
std::optional<std::string> percent_decode(std::string_view text, PlusSign plus = PlusSign::Literal);

}  // namespace doorward
