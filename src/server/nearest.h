#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace doorward::server {

/// The candidate that `word` was probably meant to be; nothing when none is close.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace doorward::server
