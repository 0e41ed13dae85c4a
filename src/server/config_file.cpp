#include "server/config_file.h"

#define TOML_HEADER_ONLY 0
#include <fmt/format.h>
#include <toml++/toml.h>

namespace doorward::server {

namespace {

/// The text of a value that is no table and no array; nothing for floating-point numbers, dates and times,
/// which no setting has.
std::optional<std::string> scalar_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return std::nullopt;
}

FileValue read_value(std::string key, const toml::node& node) {
  FileValue value{std::move(key), FileValue::Shape::Other, {}, static_cast<int>(node.source().begin.line)};
  if (auto text = scalar_text(node)) {
    value.shape = FileValue::Shape::Scalar;
    value.texts.push_back(*std::move(text));
    return value;
  }
  if (const auto* array = node.as_array()) {
    for (const toml::node& element : *array) {
      auto text = scalar_text(element);
      if (!text) return value;
      value.texts.push_back(*std::move(text));
    }
    value.shape = FileValue::Shape::List;
  }
  return value;
}

void flatten(const toml::table& table, const std::string& prefix, std::vector<FileValue>& values) {
  for (const auto& [name, node] : table) {
    std::string key = prefix + std::string(name.str());
    if (const auto* inner = node.as_table()) {
      if (inner->empty()) {
        values.push_back(
            {std::move(key), FileValue::Shape::EmptyTable, {}, static_cast<int>(node.source().begin.line)});
      } else {
        flatten(*inner, key + '.', values);
      }
    } else {
      values.push_back(read_value(std::move(key), node));
    }
  }
}

}  // namespace

Result<std::vector<FileValue>> parse_config_file(std::string_view text) {
  try {
    std::vector<FileValue> values;
    flatten(toml::parse(text), {}, values);
    return values;
  } catch (const toml::parse_error& error) {
    return fail(ErrorKind::InvalidInput, "config.syntax",
                fmt::format("line {}: {}", error.source().begin.line, error.description()));
  }
}

}  // namespace doorward::server
