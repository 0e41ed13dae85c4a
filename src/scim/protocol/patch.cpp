#include "scim/protocol/patch.h"

#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/message.h"
#include "scim/protocol/refusal.h"
#include "scim/protocol/values.h"

namespace doorward::scim::protocol {

namespace {

constexpr std::string_view kPatchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

using Operation = PatchRequest::Operation;

/// In any case: Entra's default dialect capitalises them.
Result<Operation::Kind> read_kind(const json::Value* op) {
  constexpr auto kNames = std::to_array<std::string_view>({"add", "remove", "replace"});
  if (op == nullptr || !op->is_string()) return refuse(kInvalidSyntax, "An operation has no “op”.");
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (equal_ignoring_ascii_case(view(*op), kNames[i])) return static_cast<Operation::Kind>(i);
  }
  // A leaver whose deactivation is passed over in silence stays active.
  return refuse(kInvalidSyntax,
                fmt::format("“{}” is no operation: add, remove and replace are.", printable(view(*op))));
}

Result<Operation> read_operation(json::Value& value) {
  json::Object* object = value.if_object();
  if (object == nullptr) return refuse(kInvalidSyntax, "Each of “Operations” must be an object.");
  ASSIGN_OR_RETURN(const json::Value* op, find_member(*object, "op"));
  ASSIGN_OR_RETURN(const Operation::Kind kind, read_kind(op));
  Operation operation{.kind = kind, .path = {}, .value = std::nullopt};
  ASSIGN_OR_RETURN(const json::Value* path, find_member(*object, "path"));
  if (path != nullptr) {
    if (!path->is_string()) return refuse(kInvalidPath, "A “path” must be a text.");
    operation.path = trim(view(*path));
  }
  for (auto& member : *object) {
    if (!equal_ignoring_ascii_case(std::string_view(member.key()), "value")) continue;
    if (operation.value) return refuse(kInvalidSyntax, "“value” appears twice.");
    operation.value = std::move(member.value());
  }
  return operation;
}

}  // namespace

Result<PatchRequest> PatchRequest::parse(json::Value&& body) {
  ASSIGN_OR_RETURN(json::Object * message, open_message(body, kPatchSchema));
  ASSIGN_OR_RETURN(json::Value * list, find_member(*message, "Operations"));
  if (list == nullptr || !list->is_array() || list->get_array().empty()) {
    return refuse(kInvalidSyntax, "“Operations” must be a list of one or more operations.");
  }
  json::Array& operations = list->get_array();
  if (operations.size() > kMaxOperations) {
    return refuse(kPayloadTooLarge, fmt::format("A request has at most {} operations.", kMaxOperations));
  }
  PatchRequest request;
  request.operations_.reserve(operations.size());
  for (json::Value& value : operations) {
    ASSIGN_OR_RETURN(auto operation, read_operation(value));
    request.operations_.push_back(std::move(operation));
  }
  return request;
}

Result<PatchRequest> PatchRequest::parse(const json::Value& body) {
  return parse(json::Value(body));
}

}  // namespace doorward::scim::protocol
