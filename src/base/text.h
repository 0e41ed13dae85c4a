#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace doorward {

/// Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

/// The key under which e-mail addresses, user names and department names are compared: Unicode full case
/// folding of the NFC form. Values themselves are stored as they were sent. Invalid UTF-8 is returned as is.
std::string fold_case(std::string_view text);

/// ASCII letters only: for host names, header names and the like.
std::string to_ascii_lower(std::string_view text);
bool equal_ignoring_ascii_case(std::string_view a, std::string_view b);

/// Without the spaces, tabs and line breaks around it.
std::string_view trim(std::string_view text);

/// The pieces between separators; an empty text has one empty piece.
std::vector<std::string_view> split(std::string_view text, char separator);

inline constexpr std::size_t kMaxPrintable = 200;
/// At most `max_bytes` of the text, cut between characters, for messages that quote outside input. Control
/// characters, line separators and those that turn the direction of writing are shown as `?`.
std::string printable(std::string_view text, std::size_t max_bytes = kMaxPrintable);

}  // namespace doorward
