// What holds for every filter, resource and PATCH, not only for those that somebody thought of.

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "scim/protocol/filter.h"
#include "scim/protocol/patch.h"
#include "scim/protocol/resource.h"
#include "support.h"

namespace doorward::scim::protocol {
namespace {

/// Decisions from bytes, so that a counterexample shrinks with them.
class Choices {
 public:
  explicit Choices(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}

  std::size_t below(std::size_t limit) { return at_ < bytes_.size() ? bytes_[at_++] % limit : 0; }
  template <std::size_t N>
  std::string of(const std::array<std::string_view, N>& options) {
    return std::string(options[below(N)]);
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

constexpr std::array<std::string_view, 5> kWords = {"a", "B", "ab", "ü", "x \\\"]) and "};

std::string quoted(const std::string& word) {
  return "\"" + word + "\"";
}

std::string any_value(Choices& choices, int depth = 0) {
  switch (choices.below(depth > 2 ? 6 : 9)) {
    case 0:
      return "null";
    case 1:
      return choices.below(2) == 0 ? "true" : "false";
    case 2:
      return choices.of(std::array<std::string_view, 3>{"0", "-5", "1.5"});
    case 3:
      return choices.of(std::array<std::string_view, 5>{R"("True")", R"("2020-01-01T00:00:00Z")",
                                                        R"("{\"value\":\"r\",\"displayName\":\"R\"}")",
                                                        R"("[{\"value\":1}]")", R"("")"});
    case 6:
    case 7: {
      std::string object = "{";
      constexpr std::array<std::string_view, 6> kNames = {"value",     "type",    "primary",
                                                          "givenName", "display", "country"};
      // Each name at most once: duplicates are no JSON here.
      for (const std::string_view name : kNames) {
        if (choices.below(2) == 0) continue;
        object +=
            (object.size() > 1 ? "," : "") + quoted(std::string(name)) + ":" + any_value(choices, depth + 1);
      }
      return object + "}";
    }
    case 8:
      return "[" + any_value(choices, depth + 1) + "," + any_value(choices, depth + 1) + "]";
    default:
      return quoted(choices.of(kWords));
  }
}

constexpr std::array<std::string_view, 16> kPaths = {
    "userName",
    "title",
    "active",
    "name",
    "name.givenName",
    "emails",
    "emails.value",
    "roles",
    "addresses",
    "password",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:doorward:params:scim:schemas:extension:custom:2.0:User:floor",
    "urn:doorward:params:scim:schemas:extension:custom:2.0:User:skills",
    "objectId",
    "none"};

std::string any_resource(Choices& choices) {
  std::string body = R"({"userName":"u")";
  for (std::size_t i = 1; i < kPaths.size(); ++i) {
    if (choices.below(3) == 0) body += ",\"" + std::string(kPaths[i]) + "\":" + any_value(choices);
  }
  return body + "}";
}

std::string any_filter(Choices& choices) {
  return choices.of(std::array<std::string_view, 6>{
      R"([type eq \"a\"])", R"([value eq \"a\" and primary eq true])", R"([value sw \"b\"])",
      "[not (type pr)]", R"([primary eq true])", R"([type eq \"a\"].value)"});
}

std::string any_operation(Choices& choices) {
  const std::string op = choices.of(std::array<std::string_view, 3>{"add", "Remove", "REPLACE"});
  if (choices.below(4) == 0) {
    const std::string key = choices.of(kPaths);
    return R"({"op":")" + op + R"(","value":{")" + key + "\":" + any_value(choices) + "}}";
  }
  std::string path = choices.of(kPaths);
  if (choices.below(2) == 0) path += any_filter(choices);
  const std::string value = choices.below(5) == 0 ? "" : ",\"value\":" + any_value(choices);
  return R"({"op":")" + op + R"(","path":")" + path + "\"" + value + "}";
}

PatchRequest patch_of(const std::string& operations) {
  auto patch = PatchRequest::parse(parse_json(R"({"Operations":[)" + operations + "]}"));
  EXPECT_TRUE(patch) << operations;
  return patch ? *std::move(patch) : PatchRequest();
}

RC_GTEST_PROP(Properties, NormalFormIsAFixedPoint, (std::vector<std::uint8_t> bytes)) {
  Choices choices(std::move(bytes));
  const auto body = json::parse(any_resource(choices));
  RC_PRE(body.has_value());
  const auto resource = read_resource(schemas().user(), *body);
  RC_PRE(resource.has_value());
  const auto again = read_resource(schemas().user(), json::Value(*resource));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == *resource);
}

RC_GTEST_PROP(Properties, PatchKeepsTheNormalFormAndWhatIsReadOnly, (std::vector<std::uint8_t> bytes)) {
  Choices choices(std::move(bytes));
  auto resource = read_resource(
      schemas().user(), parse_json(R"({"userName":"u","emails":[{"value":"a","type":"a","primary":true},
      {"value":"b"}],"name":{"givenName":"G"},"roles":["r"],"addresses":[{"type":"a","country":"C"}]})"));
  RC_ASSERT(resource.has_value());
  std::string operations = any_operation(choices);
  for (std::size_t more = choices.below(3); more > 0; --more)
    operations += "," + any_operation(choices);
  RC_LOG() << operations;
  json::Object before = *resource;
  before["id"] = "1";
  before["meta"] = json::Object{{"version", "v"}};
  const json::Object untouched = before;
  const auto after = apply_patch(schemas().user(), patch_of(operations), before);
  RC_ASSERT(before == untouched);
  if (!after) return;
  RC_ASSERT(after->at("id") == untouched.at("id"));
  RC_ASSERT(after->at("meta") == untouched.at("meta"));
  json::Object writable = *after;
  writable.erase("id");
  writable.erase("meta");
  const auto again = read_resource(schemas().user(), json::Value(writable));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == writable);
}

RC_GTEST_PROP(Properties, RemovingWhatWasAddedRestores, (std::vector<std::uint8_t> bytes)) {
  Choices choices(std::move(bytes));
  const auto before = read_resource(schemas().user(), parse_json(R"({"userName":"u","emails":["kept"],
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"division":"V"}})"));
  RC_ASSERT(before.has_value());
  const std::string path = choices.of(std::array<std::string_view, 7>{
      "title", "name.givenName", "roles", "phoneNumbers[type eq \\\"work\\\"].value",
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
      "urn:doorward:params:scim:schemas:extension:custom:2.0:User:skills"});
  const std::string word = quoted(choices.of(kWords));
  const auto after = apply_patch(schemas().user(),
                                 patch_of(R"({"op":"add","path":")" + path + R"(","value":)" + word + R"(},
      {"op":"add","path":"emails","value":[{"type":"work","value":)" +
                                          word + R"(}]},
      {"op":"remove","path":"emails","value":[{"value":)" +
                                          word + R"(}]},{"op":"remove","path":")" + path + "\"}"),
                                 *before);
  RC_ASSERT(after.has_value());
  RC_ASSERT(*after == *before);
}

/// A filter as a tree, with the answer that logic gives it.
struct Logic {
  std::string text;
  bool holds = false;
};

/// Leaves are comparisons whose truth is known for the user below.
Logic any_logic(Choices& choices, int depth) {
  constexpr std::array<std::string_view, 4> kTrue = {
      R"(userName eq "U")", "title pr", R"(emails[value eq "a b" and type pr])", R"(none ne "x")"};
  constexpr std::array<std::string_view, 4> kFalse = {R"(userName eq "x\")(")", "active eq false",
                                                      R"(emails[type eq "home" or value sw "z"])", "none pr"};
  switch (depth > 6 ? 0 : choices.below(5)) {
    case 2: {
      const Logic inner = any_logic(choices, depth + 1);
      return {(choices.below(2) == 0 ? "not (" : "NOT( ") + inner.text + " )", !inner.holds};
    }
    case 3: {
      const Logic a = any_logic(choices, depth + 1);
      const Logic b = any_logic(choices, depth + 1);
      return {"(" + a.text + ") and (" + b.text + ")", a.holds && b.holds};
    }
    case 4: {
      // Without parentheses around `and`, which binds closer.
      const Logic a = any_logic(choices, 7);
      const Logic b = any_logic(choices, 7);
      const Logic c = any_logic(choices, depth + 1);
      return {"(" + a.text + " and " + b.text + " OR (" + c.text + "))", (a.holds && b.holds) || c.holds};
    }
    default:
      return choices.below(2) == 0 ? Logic{choices.of(kTrue), true} : Logic{choices.of(kFalse), false};
  }
}

RC_GTEST_PROP(Properties, FiltersFollowLogic, (std::vector<std::uint8_t> bytes)) {
  static const json::Object user =
      parse_object(R"({"userName":"u","title":"T","active":true,"emails":[{"value":"A B","type":"work"}]})");
  Choices choices(std::move(bytes));
  const Logic logic = any_logic(choices, 0);
  RC_LOG() << logic.text;
  const auto filter = Filter::parse(logic.text, schemas().user());
  RC_ASSERT(filter.has_value());
  RC_ASSERT(filter->matches(user) == logic.holds);
}

}  // namespace
}  // namespace doorward::scim::protocol
