#include "directory/values.h"

#include "base/text.h"
#include "directory/ids.h"

namespace doorward::directory {
namespace {

constexpr std::size_t kMaxValue = 1024;

}  // namespace

Result<void> check_value(std::string_view name, std::string_view text, Presence presence) {
  if (presence == Presence::Required && trim(text).empty()) {
    return fail(ErrorKind::InvalidInput, "directory.value_missing",
                "The " + std::string(name) + " is empty.");
  }
  if (text.size() > kMaxValue) {
    return fail(ErrorKind::InvalidInput, "directory.value_too_long",
                "The " + std::string(name) + " is longer than " + std::to_string(kMaxValue) + " bytes.");
  }
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos) {
    return fail(ErrorKind::InvalidInput, "directory.value_not_text",
                "The " + std::string(name) + " is not valid UTF-8 text.");
  }
  return {};
}

std::string identifier_key(std::string_view identifier) {
  return is_uuid(identifier) ? to_ascii_lower(identifier) : std::string(identifier);
}

}  // namespace doorward::directory
