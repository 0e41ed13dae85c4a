#pragma once

#include <string>
#include <string_view>

namespace doorward::session {

inline constexpr std::size_t kMaxReturnTo = 2048;

/// Where a browser may be sent after a sign-in: a path of ours (`/reports?year=2026`), or an absolute URL
/// under `public_origin`, which becomes its path. Anything else, and whatever a browser could read as another
/// host
/// (`//host`, `/\host`, control characters), becomes `/`.
std::string safe_return_to(std::string_view wanted, std::string_view public_origin);

}  // namespace doorward::session
