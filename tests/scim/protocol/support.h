#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "json/json.h"
#include "scim/protocol/schema.h"

/// What the tests of the room have in common.
namespace doorward::scim::protocol {

inline json::Value parse_json(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text << ' ' << (value ? "" : value.error().message);
  return value ? *std::move(value) : json::Value();
}

inline json::Object parse_object(std::string_view text) {
  return parse_json(text).as_object();
}

/// With one attribute of every kind declared.
inline const Schemas& schemas() {
  static const Schemas made = [] {
    const CustomAttributeSpec custom[] = {{.name = "badge"},
                                          {.name = "floor", .type = Type::Integer},
                                          {.name = "factor", .type = Type::Decimal},
                                          {.name = "hired", .type = Type::DateTime},
                                          {.name = "remote", .type = Type::Boolean},
                                          {.name = "skills", .multi_valued = true},
                                          {.name = "photo", .type = Type::Binary},
                                          {.name = "page", .type = Type::Reference}};
    return Schemas(custom);
  }();
  return made;
}

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "" : std::string(result.error().code.name());
}

inline std::string name_of(ErrorCode code) {
  return std::string(code.name());
}

/// Equal without regard to the order of members.
inline void expect_same(const json::Object& actual, std::string_view expected) {
  EXPECT_TRUE(json::Value(actual) == parse_json(expected))
      << "actual   " << json::serialize(actual) << "\nexpected " << expected;
}

}  // namespace doorward::scim::protocol
