#include "json/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/text.h"

namespace doorward::json {

namespace {

namespace bj = boost::json;
using boost::system::error_code;

tl::unexpected<Error> malformed(ErrorCode code, std::string_view what, std::size_t at) {
  return fail(ErrorKind::InvalidInput, code,
              fmt::format("The JSON text cannot be used: {} (byte {}).", what, at));
}

/// Builds the tree from the parser's events. Boost's own builder lets the last of several equal names win,
/// which is how two readers of one text come to see different values.
class TreeBuilder {
 public:
  explicit TreeBuilder(std::size_t max_values) : max_values_(max_values) {}

  Value take() { return std::move(root_); }
  /// Why an event was refused; empty when it was the parser that stopped.
  const std::string& refusal() const { return refusal_; }
  ErrorCode refusal_code() const { return refusal_code_; }

  // What basic_parser asks of a handler; the limits of the parser itself (the text's length) come first.
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& ec) { return open(Object(), ec); }
  bool on_object_end(std::size_t, error_code&) { return close(); }
  bool on_array_begin(error_code& ec) { return open(Array(), ec); }
  bool on_array_end(std::size_t, error_code&) { return close(); }

  bool on_key_part(bj::string_view part, std::size_t, error_code&) {
    text_.append(part);
    return true;
  }
  bool on_key(bj::string_view part, std::size_t, error_code& ec) {
    text_.append(part);
    if (!is_storable(ec)) return false;
    Frame& frame = frames_.back();
    if (frame.container.get_object().contains(text_)) {
      return refuse("json.duplicate_name",
                    fmt::format("the name “{}” appears twice in one object", printable(text_)), ec);
    }
    frame.name = std::exchange(text_, {});
    return true;
  }
  bool on_string_part(bj::string_view part, std::size_t, error_code&) {
    text_.append(part);
    return true;
  }
  bool on_string(bj::string_view part, std::size_t, error_code& ec) {
    text_.append(part);
    return is_storable(ec) && count(ec) && add(bj::string(std::exchange(text_, {})));
  }
  bool on_number_part(bj::string_view part, error_code&) {
    text_.append(part);
    return true;
  }
  bool on_int64(std::int64_t number, bj::string_view, error_code& ec) {
    text_.clear();
    return count(ec) && add(number);
  }
  bool on_uint64(std::uint64_t number, bj::string_view, error_code& ec) {
    text_.clear();
    return count(ec) && add(number);
  }
  bool on_double(double number, bj::string_view part, error_code& ec) {
    // Boost's own conversion may be off in the last bits; where this one fails (too large, too small), it
    // serves.
    text_.append(part);
    std::from_chars(text_.data(), text_.data() + text_.size(), number);
    text_.clear();
    if (!std::isfinite(number)) return refuse("json.malformed", "a number is too large", ec);
    return count(ec) && add(number);
  }
  bool on_bool(bool flag, error_code& ec) { return count(ec) && add(flag); }
  bool on_null(error_code& ec) { return count(ec) && add(nullptr); }
  bool on_comment_part(bj::string_view, error_code&) { return true; }
  bool on_comment(bj::string_view, error_code&) { return true; }

 private:
  /// A container that is not closed yet, and the name of the member that comes next.
  struct Frame {
    Value container;
    std::string name;
  };

  bool refuse(ErrorCode code, std::string why, error_code& ec) {
    refusal_ = std::move(why);
    refusal_code_ = code;
    ec = make_error_code(boost::system::errc::invalid_argument);
    return false;
  }

  bool count(error_code& ec) {
    if (++values_ <= max_values_) return true;
    return refuse("json.too_large", fmt::format("it holds more than {} values", max_values_), ec);
  }

  bool is_storable(error_code& ec) {
    if (text_.find('\0') == std::string::npos) return true;
    return refuse("json.malformed", "a text holds the character U+0000", ec);
  }

  bool add(Value value) {
    if (frames_.empty()) {
      root_ = std::move(value);
    } else if (Frame& frame = frames_.back(); frame.container.is_array()) {
      frame.container.get_array().push_back(std::move(value));
    } else {
      frame.container.get_object().emplace(frame.name, std::move(value));
    }
    return true;
  }

  bool open(Value container, error_code& ec) {
    if (!count(ec)) return false;
    frames_.push_back({std::move(container), {}});
    return true;
  }

  bool close() {
    Value container = std::move(frames_.back().container);
    frames_.pop_back();
    return add(std::move(container));
  }

  std::size_t max_values_;
  std::size_t values_ = 0;
  std::vector<Frame> frames_;
  std::string text_;
  Value root_;
  std::string refusal_;
  ErrorCode refusal_code_ = "json.malformed";
};

tl::unexpected<Error> wrong_type(std::string_view name, std::string_view expected) {
  return fail(ErrorKind::InvalidInput, "json.wrong_type",
              fmt::format("“{}” must be {}.", printable(name), expected));
}

const Value* member(const Object& object, std::string_view name) {
  const Value* value = object.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kLetters = "\"\\\b\f\n\r\t";
  if (const auto place = kLetters.find(c); place != std::string_view::npos) {
    out += '\\';
    out += "\"\\bfnrt"[place];
  } else {
    out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
  }
}

}  // namespace

Result<Value> parse(std::string_view text, Limits limits) {
  if (text.size() > limits.bytes) {
    return malformed("json.too_large", fmt::format("it is longer than {} bytes", limits.bytes), limits.bytes);
  }
  bj::parse_options options;
  options.max_depth = limits.depth;
  bj::basic_parser<TreeBuilder> parser(options, limits.values);
  error_code ec;
  const std::size_t consumed = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && consumed < text.size()) ec = bj::error::extra_data;
  if (!ec) return parser.handler().take();

  const TreeBuilder& builder = parser.handler();
  if (!builder.refusal().empty()) return malformed(builder.refusal_code(), builder.refusal(), consumed);
  if (ec == bj::error::too_deep) {
    return malformed("json.too_large", fmt::format("it is nested deeper than {} levels", limits.depth),
                     consumed);
  }
  return malformed("json.malformed", ec.message(), consumed);
}

std::string serialize(const Value& value) {
  return bj::serialize(value);
}

std::string serialize(const Object& object) {
  return bj::serialize(object);
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto* special = std::ranges::find_if(text, needs_escape);
    out.append(text.begin(), special);
    if (special == text.end()) break;
    append_escaped(out, *special);
    text.remove_prefix(static_cast<std::size_t>(special - text.begin()) + 1);
  }
  out += '"';
}

void append(std::string& out, const Value& value) {
  if (value.is_string()) {
    append_string(out, value.get_string());
  } else if (value.is_bool()) {
    out += value.get_bool() ? "true" : "false";
  } else if (value.is_null()) {
    out += "null";
  } else {
    out += bj::serialize(value);
  }
}

Result<std::optional<std::string>> optional_string(const Object& object, std::string_view name) {
  const Value* value = member(object, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) return wrong_type(name, "a text");
  return std::string(value->get_string());
}

Result<std::optional<bool>> optional_bool(const Object& object, std::string_view name) {
  const Value* value = member(object, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_bool()) return wrong_type(name, "true or false");
  return value->get_bool();
}

Result<std::optional<std::int64_t>> optional_integer(const Object& object, std::string_view name) {
  const Value* value = member(object, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_int64()) return wrong_type(name, "a whole number");
  return value->get_int64();
}

Result<std::string> required_string(const Object& object, std::string_view name) {
  ASSIGN_OR_RETURN(auto text, optional_string(object, name));
  if (!text) {
    return fail(ErrorKind::InvalidInput, "json.missing", fmt::format("“{}” is missing.", printable(name)));
  }
  return *std::move(text);
}

}  // namespace doorward::json
