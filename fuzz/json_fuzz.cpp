// Any text: within the limits or refused; what was accepted is written and read back as the same value.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "json/json.h"

namespace {

using namespace doorward;

std::size_t depth_of(const json::Value& value) {
  std::size_t deepest = 0;
  if (const auto* array = value.if_array()) {
    for (const auto& element : *array)
      deepest = std::max(deepest, depth_of(element));
    return deepest + 1;
  }
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object)
      deepest = std::max(deepest, depth_of(member.value()));
    return deepest + 1;
  }
  return 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  constexpr json::Limits kLimits = {.bytes = 4096, .depth = 8, .values = 200};
  const auto value = json::parse(input, kLimits);
  if (!value) {
    CHECK(!value.error().message.empty());
    return 0;
  }
  CHECK(depth_of(*value) <= kLimits.depth);
  const auto again = json::parse(json::serialize(*value));
  CHECK(again.has_value());
  CHECK(*again == *value);
  return 0;
}
