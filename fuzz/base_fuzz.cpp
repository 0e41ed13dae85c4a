// Everything in base/ that reads outside text: what was accepted reads back as the same value.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/text.h"
#include "base/url.h"

namespace {

using namespace doorward;

void fuzz_encodings(std::string_view input) {
  CHECK(from_hex(to_hex(input)) == input);
  CHECK(from_base64(to_base64(input)) == input);
  CHECK(from_base64url(to_base64url(input)) == input);
  CHECK(percent_decode(percent_encode(input)) == input);

  // Strict decoders have one spelling for each value.
  if (const auto bytes = from_base64(input)) CHECK(to_base64(*bytes) == input);
  if (const auto bytes = from_base64url(input)) CHECK(to_base64url(*bytes) == input);
  if (const auto bytes = from_hex(input)) CHECK(to_hex(*bytes) == to_ascii_lower(input));
  if (const auto bytes = from_base64(input, Base64Space::Allowed))
    CHECK(from_base64(to_base64(*bytes)) == bytes);
  if (const auto text = percent_decode(input, PlusSign::Space))
    CHECK(percent_decode(percent_encode(*text)) == text);
}

void fuzz_time(std::string_view input) {
  if (const auto time = parse_rfc3339(input)) CHECK(parse_rfc3339(format_rfc3339(*time)) == time);
}

void fuzz_text(std::string_view input) {
  const std::string folded = fold_case(input);
  CHECK(is_valid_utf8(folded) == is_valid_utf8(input));
  CHECK(fold_case(folded) == folded);
  CHECK(is_valid_utf8(printable(input)) || !is_valid_utf8(input));
  CHECK(printable(input, 32).size() <= 32 + std::string_view("…").size());
}

void fuzz_url(std::string_view input) {
  const auto url = Url::parse(input);
  if (!url) return;
  const auto again = Url::parse(url->text());
  CHECK(again.has_value());
  CHECK(again->text() == url->text());
  CHECK(again->host() == url->host());
  CHECK(again->port() == url->port());
  CHECK(again->origin() == url->origin());
  CHECK(url->path().starts_with('/'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  fuzz_encodings(input);
  fuzz_time(input);
  fuzz_text(input);
  fuzz_url(input);
  return 0;
}
