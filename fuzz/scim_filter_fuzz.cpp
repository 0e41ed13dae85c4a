// Any text as a filter and as a path of PATCH: refused with a reason, or a filter that answers of any
// resource, and whose negation answers the opposite. What it calls necessary is.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "json/json.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/filter.h"
#include "scim/protocol/filter_parser.h"

namespace {

using namespace doorward;
using namespace doorward::scim::protocol;

const ResourceType& user_type() {
  static const Schemas schemas = [] {
    const CustomAttributeSpec custom[] = {{.name = "floor", .type = Type::Integer},
                                          {.name = "hired", .type = Type::DateTime},
                                          {.name = "skills", .multi_valued = true}};
    return Schemas(custom);
  }();
  return schemas.user();
}

const std::vector<json::Object>& resources() {
  static const std::vector<json::Object> list = [] {
    std::vector<json::Object> made;
    for (
        const char* text :
        {"{}",
         R"({"id":"1","userName":"Ünal","active":true,"name":{"givenName":"G"},"title":"",
              "emails":[{"type":"work","value":"a@b.c","primary":true},{"value":"x"}],"meta":{"created":"2020-01-01T00:00:00Z"},
              "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"M"}},
              "urn:doorward:params:scim:schemas:extension:custom:2.0:User":
                {"floor":5,"hired":"2020-01-01T00:00:00Z","skills":["a","B"]}})",
         R"({"userName":5,"emails":[5,[],null,{}],"name":[],"active":"x","meta":{"created":"x"},"title":{}})"}) {
      made.push_back(json::parse(text)->as_object());
    }
    return made;
  }();
  return list;
}

void check_filter(std::string_view input, const Filter& filter) {
  const auto opposite = Filter::parse("not (" + std::string(input) + ")", user_type());
  for (const json::Object& resource : resources()) {
    const bool matches = filter.matches(resource);
    // Refused only where it is one level too deep, or too long.
    if (opposite) CHECK(opposite->matches(resource) != matches);
    if (!matches) continue;
    for (const Filter::Equality& equality : filter.necessary_equalities()) {
      const auto alone =
          Filter::parse(equality.path + " eq " + json::serialize(json::Value(equality.value)), user_type());
      CHECK(!alone || alone->matches(resource));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto filter = Filter::parse(input, user_type());
  if (filter) {
    check_filter(input, *filter);
  } else {
    CHECK(filter.error().code == kInvalidFilter && !filter.error().message.empty());
  }
  if (const auto path = parse_patch_path(input, user_type())) {
    CHECK(path->location.attribute != nullptr || path->location.extension != nullptr);
    if (path->filter != nullptr) {
      CHECK(path->location.attribute != nullptr);
      matches_element(*path->filter, json::Value("a"));
    }
  }
  if (const auto path = resolve_path(input, user_type())) {
    CHECK(resolve_path(path->text(), user_type())->definition == path->definition);
  }
  return 0;
}
