#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"

/// Values that reports quote. A check notes the value; words are made of it when somebody reads the report.
namespace doorward::saml::protocol {

/// `our clock: 2026-03-01T09:30:00Z ± 180 s`.
struct ClockReading {
  Timestamp now;
  Duration skew;
};

/// `2026-03-01T09:30:00Z (213 s ahead of our clock)`.
struct Moment {
  Timestamp time;
  Timestamp now;
};

/// `from … until …`, both as moments.
struct Window {
  std::optional<Timestamp> from;
  std::optional<Timestamp> until;
  Timestamp now;
};

/// `6138 bytes`.
struct Amount {
  std::size_t count;
  std::string_view unit;  ///< A literal.
};

/// A text is borrowed for the call.
using Described = std::variant<std::string_view, ClockReading, Moment, Window, Amount>;

/// Texts are shown as `printable` shows them.
std::string in_words(const Described& described);

}  // namespace doorward::saml::protocol
