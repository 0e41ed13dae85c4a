// A resource in the first line, a PATCH in the second, attributes to answer in the third: what is read is in
// normal form, what PATCH makes of it is again, and nothing of it upsets what comes after.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "json/json.h"
#include "scim/protocol/bulk.h"
#include "scim/protocol/patch.h"
#include "scim/protocol/query.h"
#include "scim/protocol/resource.h"

namespace {

using namespace doorward;
using namespace doorward::scim::protocol;

const Schemas& schemas() {
  static const Schemas made = [] {
    const CustomAttributeSpec custom[] = {{.name = "floor", .type = Type::Integer},
                                          {.name = "factor", .type = Type::Decimal},
                                          {.name = "hired", .type = Type::DateTime},
                                          {.name = "skills", .multi_valued = true}};
    return Schemas(custom);
  }();
  return made;
}

std::string_view take_line(std::string_view& input) {
  const auto end = std::min(input.find('\n'), input.size());
  const std::string_view line = input.substr(0, end);
  input.remove_prefix(std::min(end + 1, input.size()));
  return line;
}

void check_normal(const ResourceType& type, const json::Object& resource) {
  const auto again = read_resource(type, json::Value(resource));
  CHECK(again.has_value());
  CHECK(*again == resource);
}

void check_answers(const ResourceType& type, const json::Object& resource, std::string_view names) {
  for (const auto& projection : {Projection::parse(names, "", type), Projection::parse("", names, type)}) {
    CHECK(projection.has_value());
    const json::Object answer = projection->apply(resource);
    CHECK(answer.contains("schemas") && !answer.contains("password"));
    CHECK(projection->apply(answer) == answer);
  }
  if (const auto path = resolve_path(names, type)) {
    std::vector<json::Object> two = {resource, json::Object()};
    sort_resources(two, *path, SortOrder::Descending);
    CHECK(two.size() == 2);
  }
  if (const auto filter = Filter::parse(names, type)) filter->matches(resource);
}

void check_type(const ResourceType& type, const json::Value& body, const json::Value* patch_body,
                std::string_view names) {
  const auto resource = read_resource(type, body);
  if (!resource) {
    CHECK(!resource.error().message.empty());
    return;
  }
  check_normal(type, *resource);
  check_answers(type, *resource, names);
  if (patch_body == nullptr) return;
  const auto patch = PatchRequest::parse(*patch_body);
  if (!patch) return;
  if (const auto patched = apply_patch(type, *patch, *resource)) {
    check_normal(type, *patched);
    check_answers(type, *patched, names);
  }
  if (const auto split = split_group_patch(*patch, schemas().group())) {
    for (const MemberChange& change : split->members)
      CHECK(std::ranges::none_of(change.ids, &std::string::empty));
  }
}

void check_bulk(const json::Value& body) {
  auto request = parse_bulk(body, 100);
  if (!request) return;
  auto order = execution_order(*request);
  std::ranges::sort(order);
  for (std::size_t i = 0; i < order.size(); ++i)
    CHECK(order[i] == i);
  for (BulkOperation& operation : request->operations)
    CHECK(resolve_references(operation, [](std::string_view id) { return std::string(id); }).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto body = json::parse(take_line(input));
  const auto patch = json::parse(take_line(input));
  const std::string_view names = take_line(input);
  if (!body) return 0;
  check_type(schemas().user(), *body, patch ? &*patch : nullptr, names);
  check_type(schemas().group(), *body, patch ? &*patch : nullptr, names);
  if (patch) check_bulk(*patch);
  return 0;
}
