#include "scim/masking.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "directory/ids.h"

namespace doorward::scim {

namespace {

/// Sorted, in lower case.
constexpr auto kImpersonal = std::to_array<std::string_view>({"$ref",
                                                              "active",
                                                              "attributes",
                                                              "bulkid",
                                                              "costcenter",
                                                              "count",
                                                              "created",
                                                              "cursor",
                                                              "department",
                                                              "detail",
                                                              "division",
                                                              "employeenumber",
                                                              "entitlements",
                                                              "excludedattributes",
                                                              "failonerrors",
                                                              "id",
                                                              "itemsperpage",
                                                              "lastmodified",
                                                              "locale",
                                                              "location",
                                                              "manager",
                                                              "members",
                                                              "meta",
                                                              "method",
                                                              "nextcursor",
                                                              "objectid",
                                                              "op",
                                                              "operations",
                                                              "organization",
                                                              "path",
                                                              "preferredlanguage",
                                                              "primary",
                                                              "resourcetype",
                                                              "roles",
                                                              "schemas",
                                                              "scimtype",
                                                              "sortby",
                                                              "sortorder",
                                                              "startindex",
                                                              "status",
                                                              "timezone",
                                                              "title",
                                                              "totalresults",
                                                              "type",
                                                              "usertype",
                                                              "version"});

constexpr std::string_view kRemoved = "(removed)";

bool is_secret(std::string_view attribute) {
  return equal_ignoring_ascii_case(attribute, "password");
}

/// The attribute that a PATCH path or a flat key ends in: `department` of `urn:…:User:department`, `value` of
/// `emails[type eq "work"].value` belongs to `emails`.
std::string_view attribute_of_path(std::string_view path) {
  const auto bracket = path.find('[');
  if (bracket != std::string_view::npos) path = path.substr(0, bracket);
  const auto colon = path.rfind(':');
  if (colon != std::string_view::npos) path = path.substr(colon + 1);
  const auto dot = path.rfind('.');
  if (dot == std::string_view::npos) return path;
  const std::string_view last = path.substr(dot + 1);
  const std::string_view first = path.substr(0, dot);
  return is_impersonal(first) || last == "value" ? first : last;
}

/// With what stands in quotes masked, unless it is a word such as `work`; gone when it is secret.
std::string masked_quotes(std::string_view text, bool secret) {
  std::string shown;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto open = text.find('"', at);
    if (open == std::string_view::npos) break;
    const auto close = text.find('"', open + 1);
    if (close == std::string_view::npos) {
      shown += text.substr(at, open + 1 - at);
      return shown += secret ? std::string(kRemoved) : mask(text.substr(open + 1));
    }
    const std::string_view quoted = text.substr(open + 1, close - open - 1);
    const bool word =
        quoted.size() <= 12 && std::ranges::all_of(quoted, [](char c) { return c >= 'a' && c <= 'z'; });
    shown += text.substr(at, open + 1 - at);
    if (secret) {
      shown += kRemoved;
    } else {
      shown += word ? std::string(quoted) : mask(quoted);
    }
    shown += '"';
    at = close + 1;
  }
  return shown += text.substr(at);
}

/// A filter, a path or a request target as the log keeps it. What a password is compared with is never shown.
std::string masked_expression(std::string_view text, Personal personal) {
  const bool secret = to_ascii_lower(text).find("password") != std::string::npos;
  return personal == Personal::Kept && !secret ? std::string(text) : masked_quotes(text, secret);
}

/// A member in whatever case it was sent: PATCH takes its own names so as well.
const json::Value* find_member(const json::Object& object, std::string_view wanted) {
  for (const auto& [name, value] : object) {
    if (equal_ignoring_ascii_case(name, wanted)) return &value;
  }
  return nullptr;
}

/// What is kept of a value that holds no others.
json::Value masked_leaf(const json::Value& value, bool impersonal, Personal personal) {
  const bool keep = impersonal || personal == Personal::Kept || value.is_bool() || value.is_null();
  if (keep) return value;
  // A UUID is nobody's name, and what an administrator compares with the directory.
  if (value.is_string() && directory::is_uuid(value.get_string())) return value;
  return value.is_string() ? json::Value(mask(value.get_string())) : json::Value("…");
}

/// Writes the masked form of a value at the end of a text: a body is logged with every change, and a second
/// tree of values would cost more than everything else about it.
class Writer {
 public:
  Writer(std::string& out, Personal personal) : out_(out), personal_(personal) {}

  void write(const json::Value& value, std::string_view attribute, bool impersonal) {
    if (is_secret(attribute_of_path(attribute))) {
      json::append_string(out_, kRemoved);
    } else if (value.is_object()) {
      write_object(value.get_object(), impersonal);
    } else if (value.is_array()) {
      write_array(value.get_array(), attribute, impersonal);
    } else if (value.is_string() && (impersonal || personal_ == Personal::Kept)) {
      json::append_string(out_, value.get_string());
    } else {
      json::append(out_, masked_leaf(value, impersonal, personal_));
    }
  }

 private:
  void write_object(const json::Object& object, bool impersonal) {
    // A PATCH operation's value belongs to the attribute that its path names.
    const json::Value* path = find_member(object, "path");
    out_ += '{';
    bool first = true;
    for (const auto& [name, value] : object) {
      if (!std::exchange(first, false)) out_ += ',';
      json::append_string(out_, name);
      out_ += ':';
      write_member(name, value, path, impersonal);
    }
    out_ += '}';
  }

  void write_member(std::string_view name, const json::Value& value, const json::Value* path,
                    bool impersonal) {
    const bool is_value = equal_ignoring_ascii_case(name, "value");
    if (equal_ignoring_ascii_case(name, "filter") || equal_ignoring_ascii_case(name, "path")) {
      json::append(out_,
                   value.is_string() ? json::Value(masked_expression(value.get_string(), personal_)) : value);
      return;
    }
    std::string_view attribute = name;
    if (is_value && path != nullptr && path->is_string()) attribute = attribute_of_path(path->get_string());
    const bool belongs = is_value && path == nullptr;
    write(value, attribute, belongs ? impersonal : is_impersonal(attribute_of_path(attribute)));
  }

  void write_array(const json::Array& array, std::string_view attribute, bool impersonal) {
    out_ += '[';
    bool first = true;
    for (const json::Value& element : array) {
      if (!std::exchange(first, false)) out_ += ',';
      write(element, attribute, impersonal);
    }
    out_ += ']';
  }

  std::string& out_;
  Personal personal_;
};

}  // namespace

Personal personal_data(const directory::ProvisioningSettings& settings) {
  return settings.log_personal_data ? Personal::Kept : Personal::Masked;
}

bool is_impersonal(std::string_view attribute) {
  static_assert(std::ranges::is_sorted(kImpersonal));
  return std::ranges::binary_search(kImpersonal, std::string_view(to_ascii_lower(attribute)));
}

std::string mask(std::string_view text) {
  if (text.empty()) return {};
  std::size_t end = 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    ++end;
  return std::string(text.substr(0, end)) + "…";
}

json::Value masked(const json::Value& value, std::string_view attribute, Personal personal) {
  const std::string_view last = attribute_of_path(attribute);
  if (is_secret(last)) return json::Value(kRemoved);
  if (value.is_structured()) return nullptr;
  return masked_leaf(value, is_impersonal(last), personal);
}

void append_masked(std::string& out, const json::Value& value, std::string_view attribute,
                   Personal personal) {
  const std::string_view last = attribute_of_path(attribute);
  Writer(out, personal).write(value, last, is_impersonal(last));
}

std::string masked_body(const json::Value& body, Personal personal) {
  std::string shown;
  if (!body.is_null()) Writer(shown, personal).write(body, {}, false);
  return shown;
}

std::string masked_target(std::string_view target, Personal personal) {
  const auto decoded = percent_decode(target, PlusSign::Space);
  // What cannot be decoded cannot be told apart either.
  if (!decoded || !is_valid_utf8(*decoded)) return std::string(target.substr(0, target.find('?')));
  const std::string shown = masked_expression(*decoded, personal);
  return printable(shown, 1'000);
}

}  // namespace doorward::scim
