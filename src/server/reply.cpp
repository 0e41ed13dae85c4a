#include "server/reply.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace doorward::server {

namespace {

/// Characters, not bytes: close enough to columns for names and addresses.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t own = width_of(text);
  return std::string(text) + std::string(width > own ? width - own : 0, ' ');
}

/// `acs_url` becomes `ACS URL`.
std::string label(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kWords = {{
      {"id", "ID"},
      {"url", "URL"},
      {"acs", "ACS"},
      {"sso", "SSO"},
      {"saml", "SAML"},
      {"sha1", "SHA-1"},
      {"email", "e-mail"},
      {"ip", "IP"},
      {"tls", "TLS"},
      {"json", "JSON"},
  }};
  std::string text;
  for (const std::string_view word : split(name, '_')) {
    const auto known = std::ranges::find(kWords, word, [](const auto& pair) { return pair.first; });
    if (!text.empty()) text += ' ';
    text += known == kWords.end() ? word : known->second;
  }
  if (text.front() >= 'a' && text.front() <= 'z') text.front() = static_cast<char>(text.front() - 32);
  return text;
}

bool is_group(const json::Value& value) {
  if (value.is_object()) return true;
  return value.is_array() && !value.get_array().empty() && value.get_array().front().is_object();
}

std::string scalar_text(const json::Value& value) {
  if (value.is_null()) return "-";
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  if (value.is_string()) {
    const std::string_view text = value.get_string();
    return text.empty() ? "-" : printable(text, 4096);
  }
  if (value.is_array()) {
    std::string text;
    for (const json::Value& element : value.get_array()) {
      if (!text.empty()) text += ", ";
      text += scalar_text(element);
    }
    return text.empty() ? "-" : text;
  }
  return json::serialize(value);
}

void append_object(std::string& out, const json::Object& object, const std::string& indent);

void append_group(std::string& out, std::string_view name, const json::Value& value,
                  const std::string& indent) {
  out += fmt::format("{}{}\n", indent, label(name));
  if (value.is_object()) return append_object(out, value.get_object(), indent + "  ");
  bool first = true;
  for (const json::Value& element : value.get_array()) {
    if (!first) out += '\n';
    first = false;
    append_object(out, element.get_object(), indent + "  ");
  }
}

void append_object(std::string& out, const json::Object& object, const std::string& indent) {
  std::size_t width = 0;
  for (const auto& member : object) {
    if (!is_group(member.value())) width = std::max(width, width_of(label(member.key())));
  }
  for (const auto& member : object) {
    if (is_group(member.value())) {
      append_group(out, member.key(), member.value(), indent);
    } else {
      out +=
          fmt::format("{}{}  {}\n", indent, padded(label(member.key()), width), scalar_text(member.value()));
    }
  }
}

}  // namespace

int exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidInput:
      return exit_code::kInvalidInput;
    case ErrorKind::NotFound:
      return exit_code::kNotFound;
    case ErrorKind::Conflict:
      return exit_code::kConflict;
    case ErrorKind::Refused:
      return exit_code::kRefused;
    case ErrorKind::RateLimited:
    case ErrorKind::Unavailable:
      return exit_code::kUnavailable;
    case ErrorKind::Internal:
      break;
  }
  return exit_code::kInternal;
}

std::string error_json(const Error& error) {
  const json::Object body = {{"error", {{"code", error.code.name()}, {"message", error.message}}}};
  return json::serialize(body);
}

std::string fields_text(const json::Object& object) {
  std::string text;
  append_object(text, object, "");
  if (!text.empty()) text.pop_back();
  return text;
}

std::string table_text(const json::Array& objects, std::initializer_list<std::string_view> columns,
                       std::string_view none) {
  if (objects.empty()) return std::string(none);
  std::vector<std::vector<std::string>> rows(1);
  for (const std::string_view column : columns)
    rows[0].push_back(label(column));
  for (const json::Value& object : objects) {
    auto& row = rows.emplace_back();
    for (const std::string_view column : columns)
      row.push_back(scalar_text(object.as_object().at(column)));
  }
  std::vector<std::size_t> widths(columns.size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += padded(row[i], i + 1 < row.size() ? widths[i] + 2 : 0);
    text += line + '\n';
  }
  text.pop_back();
  return text;
}

}  // namespace doorward::server
