#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

/// Strict JSON. Other rooms use these names and never include Boost's headers themselves.
namespace doorward::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

struct Limits {
  std::size_t bytes = 1024 * 1024;
  std::size_t depth = 32;
  std::size_t values = 100'000;
};

/// RFC 8259 with I-JSON's rules (RFC 7493): UTF-8, no duplicate names, no lone surrogates. The error says
/// what was wrong and at which byte.
Result<Value> parse(std::string_view text, Limits limits = {});

/// Without white space; members in their order.
std::string serialize(const Value& value);
/// Without the copy that making a `Value` of it would be.
std::string serialize(const Object& object);

/// For texts that are written member by member. A string with its quotes; `text` is UTF-8.
void append_string(std::string& out, std::string_view text);
/// Any value, as `serialize` writes it.
void append(std::string& out, const Value& value);

/// A member of an object that must have the type; nothing when it is absent or null, an error naming the
/// member when it has another type.
Result<std::optional<std::string>> optional_string(const Object& object, std::string_view name);
Result<std::optional<bool>> optional_bool(const Object& object, std::string_view name);
Result<std::optional<std::int64_t>> optional_integer(const Object& object, std::string_view name);

/// The same for members that must be there.
Result<std::string> required_string(const Object& object, std::string_view name);

}  // namespace doorward::json
