#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace doorward {

/// A database key that cannot be mistaken for another kind of key: `struct AccountTag; using AccountId =
/// Id<AccountTag>;`
template <class Tag>
struct Id {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(Id, Id) = default;
};

}  // namespace doorward

template <class Tag>
struct std::hash<doorward::Id<Tag>> {
  std::size_t operator()(doorward::Id<Tag> id) const noexcept { return std::hash<std::int64_t>()(id.value); }
};
