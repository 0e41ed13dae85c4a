#include "base/clock.h"

namespace doorward {

Timestamp SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

namespace {

template <class Number>
void append_digits(std::string& text, Number number, std::size_t width) {
  const auto digits = std::to_string(number);
  if (digits.size() < width) text.append(width - digits.size(), '0');
  text += digits;
}

}  // namespace

// Every check of a sign-in notes times, so that this is written without the cost of a format string.
std::string format_rfc3339(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text;
  text.reserve(sizeof "2026-03-01T09:30:00.250Z");
  append_digits(text, static_cast<int>(date.year()), 4);
  text += '-';
  append_digits(text, static_cast<unsigned>(date.month()), 2);
  text += '-';
  append_digits(text, static_cast<unsigned>(date.day()), 2);
  text += 'T';
  append_digits(text, clock.hours().count(), 2);
  text += ':';
  append_digits(text, clock.minutes().count(), 2);
  text += ':';
  append_digits(text, clock.seconds().count(), 2);
  if (clock.subseconds().count() != 0) {
    text += '.';
    append_digits(text, clock.subseconds().count(), 3);
  }
  text += 'Z';
  return text;
}

namespace {

/// Takes fixed-width decimal fields and literal characters off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool literal(char expected) {
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<int> digits(std::size_t width) {
    if (rest_.size() < width) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, width)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(width);
    return value;
  }

  /// At least one fraction digit; those past the millisecond are dropped.
  std::optional<int> fraction_millis() {
    int value = 0;
    std::size_t count = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      if (count < 3) value = value * 10 + (rest_.front() - '0');
      ++count;
      rest_.remove_prefix(1);
    }
    if (count == 0) return std::nullopt;
    for (; count < 3; ++count)
      value *= 10;
    return value;
  }

  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

/// `Z`, `+hh:mm` or `-hh:mm`; what must be subtracted from local time to get UTC.
std::optional<std::chrono::minutes> parse_zone(Scanner& scan) {
  if (scan.literal('Z')) return std::chrono::minutes(0);
  const bool east = scan.literal('+');
  if (!east && !scan.literal('-')) return std::nullopt;
  const auto hours = scan.digits(2);
  if (!hours || *hours > 14 || !scan.literal(':')) return std::nullopt;
  const auto minutes = scan.digits(2);
  if (!minutes || *minutes > 59 || (*hours == 14 && *minutes != 0)) return std::nullopt;
  const std::chrono::minutes offset(*hours * 60 + *minutes);
  return east ? offset : -offset;
}

}  // namespace

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  Scanner scan(text);
  const auto year = scan.digits(4);
  if (!year || *year < 1900 || !scan.literal('-')) return std::nullopt;
  const auto month = scan.digits(2);
  if (!month || !scan.literal('-')) return std::nullopt;
  const auto day = scan.digits(2);
  if (!day || !scan.literal('T')) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;

  const auto hour = scan.digits(2);
  if (!hour || *hour > 23 || !scan.literal(':')) return std::nullopt;
  const auto minute = scan.digits(2);
  if (!minute || *minute > 59 || !scan.literal(':')) return std::nullopt;
  const auto second = scan.digits(2);
  if (!second || *second > 59) return std::nullopt;
  int millis = 0;
  if (scan.literal('.')) {
    const auto fraction = scan.fraction_millis();
    if (!fraction) return std::nullopt;
    millis = *fraction;
  }
  const auto offset = parse_zone(scan);
  if (!offset || !scan.done()) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) + Duration(millis) - *offset;
}

}  // namespace doorward
