#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"

/// Enumerations as the words that the database, the API and the command line use.
namespace doorward::directory {

template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

template <class Enum, std::size_t N>
constexpr std::string_view name_of(const Names<Enum, N>& names, Enum value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return {};
}

template <class Enum, std::size_t N>
constexpr std::optional<Enum> value_of(const Names<Enum, N>& names, std::string_view text) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

/// A word that one of our own CHECK constraints let into the database.
template <class Enum, std::size_t N>
Enum stored_value(const Names<Enum, N>& names, std::string_view text) {
  const std::optional<Enum> value = value_of(names, text);
  CHECK(value.has_value());
  return *value;
}

}  // namespace doorward::directory
