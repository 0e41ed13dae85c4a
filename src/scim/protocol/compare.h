#pragma once

#include <string>
#include <string_view>

#include "json/json.h"
#include "scim/protocol/schema.h"

/// How values of an attribute compare, in filters and in sorting. Source: RFC 7644 sections 3.4.2.2 and
/// 3.4.2.3.
namespace doorward::scim::protocol {

/// The text as it compares: itself, or folded when the attribute is not case exact.
std::string comparison_text(const Attribute& attribute, std::string_view text);

enum class Match : std::uint8_t { Whole, Beginning, End };
/// Whether `folded` (a text from `fold_case`) is the whole text, its beginning or its end, without regard to
/// case. Makes no copy of a text that is ASCII.
bool matches_folded(std::string_view text, std::string_view folded, Match match);

/// Negative, zero or positive. Both are numbers. Whole numbers of any size compare exactly.
int compare_numbers(const json::Value& a, const json::Value& b);

}  // namespace doorward::scim::protocol
