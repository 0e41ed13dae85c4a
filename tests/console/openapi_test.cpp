#include "console/openapi.h"

#include <set>
#include <string>

#include <gmock/gmock.h>

#include "json/json.h"

namespace doorward::console {
namespace {

class OpenApiTest : public testing::Test {
 protected:
  /// Calls `look` with each operation and what to call it in a message.
  template <class Look>
  void each_operation(Look look) {
    for (const auto& [path, item] : document_.at("paths").as_object()) {
      for (const auto& [method, operation] : item.as_object())
        look(std::string(method) + " " + std::string(path), std::string(path), operation.as_object());
    }
  }
  template <class Look>
  static void each_reference(const json::Value& value, Look look) {
    if (const auto* array = value.if_array()) {
      for (const auto& element : *array)
        each_reference(element, look);
    }
    const auto* object = value.if_object();
    if (object == nullptr) return;
    for (const auto& [name, member] : *object) {
      if (name == "$ref") look(std::string(member.as_string()));
      each_reference(member, look);
    }
  }
  /// What a `$ref` leads to; null when nothing.
  const json::Value* target(const std::string& reference) const {
    const json::Value* at = &document_;
    if (!reference.starts_with("#/")) return nullptr;
    std::size_t begin = 2;
    while (at != nullptr && begin <= reference.size()) {
      const auto end = std::min(reference.find('/', begin), reference.size());
      at = at->is_object() ? at->get_object().if_contains(reference.substr(begin, end - begin)) : nullptr;
      begin = end + 1;
    }
    return at;
  }

  json::Value document_ = json::parse(openapi_document()).value();
};

TEST_F(OpenApiTest, IsServed) {
  const auto response = openapi({}).value();
  EXPECT_EQ(response.status, http::Status::Ok);
  EXPECT_EQ(response.body, openapi_document());
  EXPECT_EQ(document_.at("openapi").as_string(), "3.1.0");
}

TEST_F(OpenApiTest, EveryReferenceLeadsSomewhereAndEverythingIsUsed) {
  std::set<std::string> used;
  each_reference(document_, [&](const std::string& reference) {
    EXPECT_NE(target(reference), nullptr) << reference;
    used.insert(reference);
  });
  for (const char* kind : {"schemas", "responses", "parameters"}) {
    for (const auto& [name, definition] : document_.at("components").at(kind).as_object()) {
      const std::string reference = std::string("#/components/") + kind + "/" + std::string(name);
      EXPECT_TRUE(used.contains(reference)) << reference << " is used nowhere: remove it.";
    }
  }
}

TEST_F(OpenApiTest, EveryOperationSaysWhatItNeedsAndAnswers) {
  std::set<std::string> ids;
  each_operation([&](const std::string& name, const std::string& path, const json::Object& operation) {
    ASSERT_TRUE(operation.contains("operationId") && operation.contains("summary")) << name;
    EXPECT_TRUE(ids.insert(std::string(operation.at("operationId").as_string())).second)
        << name << " has the operationId of another operation";
    const json::Object& responses = operation.at("responses").as_object();
    EXPECT_TRUE(responses.contains("default")) << name << " does not say how errors look";
    EXPECT_TRUE(responses.contains("200") || responses.contains("201") || responses.contains("204")) << name;
    // Whoever must be signed in may not be.
    EXPECT_EQ(responses.contains("401"), !operation.contains("security")) << name;
    if (name.starts_with("get ") || name.starts_with("delete ")) {
      EXPECT_FALSE(operation.contains("requestBody")) << name;
    }
    if (name.starts_with("put ")) {
      EXPECT_TRUE(operation.contains("requestBody")) << name;
    }

    std::set<std::string> placeholders;
    for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1))
      placeholders.insert(path.substr(at + 1, path.find('}', at) - at - 1));
    std::set<std::string> described;
    if (const auto* parameters = operation.if_contains("parameters")) {
      for (const auto& each : parameters->as_array()) {
        const auto* reference = each.as_object().if_contains("$ref");
        const json::Value* parameter =
            reference == nullptr ? &each : target(std::string(reference->as_string()));
        ASSERT_NE(parameter, nullptr) << name;
        if (parameter->at("in").as_string() == "path")
          described.insert(std::string(parameter->at("name").as_string()));
      }
    }
    EXPECT_EQ(described, placeholders) << name << ": the parameters of its path";
  });
}

TEST_F(OpenApiTest, RequiredMembersAreDescribed) {
  for (const auto& [name, schema] : document_.at("components").at("schemas").as_object()) {
    const auto* required = schema.as_object().if_contains("required");
    if (required == nullptr) continue;
    for (const auto& member : required->as_array())
      EXPECT_TRUE(schema.at("properties").as_object().contains(member.as_string())) << name << ": " << member;
  }
}

}  // namespace
}  // namespace doorward::console
