#include "pages/language.h"

#include <array>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "base/text.h"

namespace doorward::pages {

namespace {

/// `q` of one element, in thousandths; 1000 when there is none, 0 when it is malformed.
int quality(std::string_view parameters) {
  const std::string_view q = trim(parameters);
  if (q.empty()) return 1000;
  if (!q.starts_with("q=")) return 0;
  double value = 0;
  const std::string_view number = q.substr(2);
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc() || end != number.data() + number.size() || value < 0 || value > 1) return 0;
  return static_cast<int>(value * 1000);
}

using Months = std::array<std::string_view, 12>;
constexpr Months kEnglishMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr Months kGermanMonths = {"Jan.", "Feb.", "März",  "Apr.", "Mai",  "Juni",
                                  "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."};

}  // namespace

Language negotiate(std::optional<std::string_view> accept_language) {
  constexpr std::size_t kMaxElements = 16;
  if (!accept_language) return Language::English;
  Language best = Language::English;
  int best_quality = 0;
  std::size_t seen = 0;
  for (const std::string_view element : split(*accept_language, ',')) {
    if (++seen > kMaxElements) break;
    const auto semicolon = element.find(';');
    const std::string range = to_ascii_lower(trim(element.substr(0, semicolon)));
    const int q = quality(semicolon == std::string_view::npos ? "" : element.substr(semicolon + 1));
    if (q <= best_quality) continue;
    if (range == "de" || range.starts_with("de-")) {
      best = Language::German;
      best_quality = q;
    } else if (range == "en" || range.starts_with("en-") || range == "*") {
      best = Language::English;
      best_quality = q;
    }
  }
  return best;
}

std::string_view language_tag(Language language) {
  return language == Language::German ? "de" : "en";
}

std::string moment(Language language, Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto minutes = std::chrono::floor<std::chrono::minutes>(time - day).count();
  const std::size_t month = static_cast<unsigned>(date.month()) - 1;
  const bool german = language == Language::German;
  return fmt::format("{}{} {} {}, {:02}:{:02} UTC", static_cast<unsigned>(date.day()), german ? "." : "",
                     (german ? kGermanMonths : kEnglishMonths).at(month), static_cast<int>(date.year()),
                     minutes / 60, minutes % 60);
}

std::string phrase(Language language, Phrase which, std::initializer_list<std::string_view> values) {
  std::string out;
  std::string_view rest = phrase(language, which);
  for (const std::string_view value : values) {
    const auto hole = rest.find("{}");
    if (hole == std::string_view::npos) break;
    out += rest.substr(0, hole);
    out += value;
    rest.remove_prefix(hole + 2);
  }
  out += rest;
  return out;
}

}  // namespace doorward::pages
