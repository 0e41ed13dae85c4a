#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "json/json.h"
#include "server/commands.h"
#include "server/context.h"

/// Pages of what is listed with the newest first: `--limit` and `--before`, an entry's id.
namespace doorward::server {

inline int limit_of(const Context& context) {
  return context.arguments().integer("--limit").value_or(kDefaultLimit);
}

template <class IdType>
std::optional<IdType> before(const Context& context) {
  const auto id = context.arguments().integer("--before");
  if (!id) return std::nullopt;
  return IdType{*id};
}

/// `next` of a page: the last id when the page is full.
template <class Entry>
json::Value next_of(const std::vector<Entry>& page, int limit) {
  return std::cmp_equal(page.size(), limit) ? json::Value(page.back().id.value) : json::Value(nullptr);
}

inline std::string more_text(const json::Value& next) {
  return next.is_null() ? std::string() : fmt::format("\n\nThere may be more: --before {}", next.as_int64());
}

}  // namespace doorward::server
