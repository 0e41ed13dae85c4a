#include "saml/protocol/described.h"

#include "base/text.h"

namespace doorward::saml::protocol {

namespace {

std::string seconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

std::string words_of(std::string_view text) {
  return printable(text, kMaxPrintable);
}

std::string words_of(const ClockReading& reading) {
  return "our clock: " + format_rfc3339(reading.now) + " ± " + seconds(reading.skew);
}

std::string words_of(const Moment& moment) {
  const bool ahead = moment.time >= moment.now;
  return format_rfc3339(moment.time) + " (" +
         seconds(ahead ? moment.time - moment.now : moment.now - moment.time) +
         (ahead ? " ahead of our clock)" : " behind our clock)");
}

std::string words_of(const Window& window) {
  std::string words;
  if (window.from) words = "from " + words_of(Moment{*window.from, window.now});
  if (window.until) {
    words += words.empty() ? "until " : " until ";
    words += words_of(Moment{*window.until, window.now});
  }
  return words;
}

std::string words_of(const Amount& amount) {
  return std::to_string(amount.count) + " " + std::string(amount.unit);
}

}  // namespace

std::string in_words(const Described& described) {
  return std::visit([](const auto& value) { return words_of(value); }, described);
}

}  // namespace doorward::saml::protocol
