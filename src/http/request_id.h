#pragma once

#include <string>
#include <string_view>

namespace doorward::http {

/// 128 random bits in hexadecimal. No secret.
std::string new_request_id();

/// Whether an id that a proxy gave can be taken over: 8 to 64 letters, digits, `-`, `_` and `.`.
bool is_request_id(std::string_view text);

}  // namespace doorward::http
