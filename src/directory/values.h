#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace doorward::directory {

enum class Presence : std::uint8_t { Optional, Required };

/// Checks a text that is about to be stored: UTF-8 without NUL, at most 1,024 bytes, not blank when required.
/// `name` stands in the message.
Result<void> check_value(std::string_view name, std::string_view text, Presence presence);

/// The key by which a directory's identifiers are compared: a UUID in lower case, anything else as it is.
std::string identifier_key(std::string_view identifier);

}  // namespace doorward::directory
