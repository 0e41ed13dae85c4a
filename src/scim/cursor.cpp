#include "scim/cursor.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "scim/protocol/errors.h"

namespace doorward::scim {

namespace {

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

tl::unexpected<Error> invalid_cursor() {
  return fail(
      ErrorKind::InvalidInput, protocol::kInvalidCursor,
      "This cursor belongs to no query of yours, or to another one. Begin again with an empty cursor.");
}

}  // namespace

Cursors::Cursors(const crypto::Sealer& sealer, std::string_view query, Timestamp now)
    : sealer_(sealer), context_("scim cursor " + to_hex(crypto::sha256(query))), now_(now) {}

std::string Cursors::at(const Place& place) const {
  return to_base64url(sealer_.seal(context_, fmt::format("{} {} {}", place.id, to_millis(now_), place.key)));
}

Result<Place> Cursors::place_of(std::string_view cursor) const {
  const auto sealed = from_base64url(cursor);
  if (!sealed) return invalid_cursor();
  const auto opened = sealer_.open(context_, *sealed);
  if (!opened) return invalid_cursor();
  // The key is the rest, whatever is in it.
  const std::string_view text = opened->reveal();
  const auto first = text.find(' ');
  const auto second = first == std::string_view::npos ? first : text.find(' ', first + 1);
  if (second == std::string_view::npos) return invalid_cursor();
  const auto id = number_in(text.substr(0, first));
  const auto issued = number_in(text.substr(first + 1, second - first - 1));
  if (!id || !issued) return invalid_cursor();
  if (now_ - from_millis(*issued) > kLifetime) {
    return fail(ErrorKind::InvalidInput, protocol::kExpiredCursor,
                "This cursor has expired. Begin again with an empty cursor.");
  }
  return Place{.id = *id, .key = std::string(text.substr(second + 1))};
}

}  // namespace doorward::scim
