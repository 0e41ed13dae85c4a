#include "scim/protocol/message.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/refusal.h"
#include "scim/protocol/values.h"

namespace doorward::scim::protocol {

Result<json::Value*> find_member(json::Object& object, std::string_view name) {
  json::Value* found = nullptr;
  for (auto& member : object) {
    if (!equal_ignoring_ascii_case(std::string_view(member.key()), name)) continue;
    if (found != nullptr) return refuse(kInvalidSyntax, fmt::format("“{}” appears twice.", name));
    found = &member.value();
  }
  return found == nullptr || found->is_null() ? nullptr : found;
}

Result<json::Object*> open_message(json::Value& body, std::string_view schema) {
  json::Object* message = body.if_object();
  if (message == nullptr) return refuse(kInvalidSyntax, "The body must be a JSON object.");
  ASSIGN_OR_RETURN(const json::Value* schemas, find_member(*message, "schemas"));
  if (schemas == nullptr) return message;
  const auto names_message = [&](const json::Value& urn) {
    return urn.is_string() && equal_ignoring_ascii_case(view(urn), schema);
  };
  const json::Array* list = schemas->if_array();
  if (list == nullptr ? names_message(*schemas)
                      : list->empty() || std::ranges::any_of(*list, names_message)) {
    return message;
  }
  return refuse(kInvalidSyntax, fmt::format("“schemas” must name {}.", schema));
}

}  // namespace doorward::scim::protocol
