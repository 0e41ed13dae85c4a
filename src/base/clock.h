#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace doorward {

/// A moment in UTC, in milliseconds: the resolution of the database and of SAML and SCIM messages.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

/// Where code that needs the time gets it from. Protocol cores take a `Timestamp` instead.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
};

/// `2026-03-01T09:30:00.250Z`; the fraction is left out when it is zero.
std::string format_rfc3339(Timestamp time);

/// Reads an RFC 3339 / XML Schema dateTime with a zone (`Z` or an offset) and any number of fraction digits
/// (kept to the millisecond). Refuses dates that do not exist, a missing zone and years outside 1900–9999.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

/// Milliseconds since 1970, as stored.
constexpr std::int64_t to_millis(Timestamp time) {
  return time.time_since_epoch().count();
}
constexpr Timestamp from_millis(std::int64_t millis) {
  return Timestamp(Duration(millis));
}

}  // namespace doorward
