// The members of a group in PATCH, POST and PUT, as set operations.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/filter_parser.h"
#include "scim/protocol/patch.h"
#include "scim/protocol/path.h"
#include "scim/protocol/refusal.h"
#include "scim/protocol/values.h"

namespace doorward::scim::protocol {

namespace {

using Operation = PatchRequest::Operation;
using Ids = std::vector<std::string>;

/// The id behind the last slash of `https://…/Users/{id}`.
std::string_view id_of_reference(std::string_view reference) {
  const auto slash = reference.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : reference.substr(slash + 1);
}

std::string_view text_member(const json::Object& member, std::string_view name) {
  const json::Value* value = member.if_contains(name);
  return value != nullptr && value->is_string() ? view(*value) : std::string_view();
}

/// The id in a member in normal form.
Result<std::string> member_id(const json::Value& element) {
  constexpr std::string_view kNameless = "Each member needs the “value” that names it.";
  const json::Object* member = element.if_object();
  if (member == nullptr) return refuse(kInvalidValue, std::string(kNameless));
  const std::string_view reference = text_member(*member, "$ref");
  std::string_view id = text_member(*member, "value");
  if (id.empty()) id = id_of_reference(reference);
  if (id.empty()) return refuse(kInvalidValue, std::string(kNameless));
  const bool is_group = equal_ignoring_ascii_case(text_member(*member, "type"), "Group") ||
                        reference.find("/Groups/") != std::string_view::npos;
  if (is_group) return refuse(kInvalidValue, "A group cannot be a member of a group; its members can.");
  return std::string(id);
}

Result<Ids> ids_in(const json::Array& members) {
  Ids ids;
  ids.reserve(members.size());
  for (const json::Value& element : members) {
    ASSIGN_OR_RETURN(auto id, member_id(element));
    ids.push_back(std::move(id));
  }
  return ids;
}

class MemberSplitter {
 public:
  explicit MemberSplitter(const ResourceType& group)
      : group_(group), members_(group.core.attribute("members")) {}

  Result<GroupPatch> split(const PatchRequest& patch) {
    for (const Operation& operation : patch.operations()) {
      if (operation.path.empty()) {
        RETURN_IF_ERROR(take_out_of_value(operation));
        continue;
      }
      ASSIGN_OR_RETURN(const PatchPath path, parse_patch_path(operation.path, group_));
      if (path.location.attribute == members_ && path.location.extension == nullptr) {
        RETURN_IF_ERROR(take(operation.kind, path, operation.value ? &*operation.value : nullptr));
      } else {
        rest_.push_back(operation);
      }
    }
    return GroupPatch{.members = std::move(changes_), .rest = PatchRequest(std::move(rest_))};
  }

 private:
  /// Without a path: Okta and the newer dialect of Entra send `members` beside the name.
  Result<void> take_out_of_value(const Operation& operation) {
    const json::Object* sent = operation.value ? operation.value->if_object() : nullptr;
    if (operation.kind == Operation::Kind::Remove || sent == nullptr) {
      rest_.push_back(operation);
      return {};
    }
    json::Object others;
    bool is_taken = false;
    for (const auto& member : *sent) {
      const std::string_view key = member.key();
      const auto path = parse_patch_path(key, group_);
      if (path && path->location.attribute == members_) {
        if (std::exchange(is_taken, true)) return refuse(kInvalidSyntax, "“members” appears twice.");
        RETURN_IF_ERROR(take(operation.kind, *path, &member.value()));
      } else {
        others.emplace(member.key(), member.value());
      }
    }
    if (!others.empty() || sent->empty()) {
      rest_.push_back({.kind = operation.kind, .path = {}, .value = json::Value(std::move(others))});
    }
    return {};
  }

  Result<void> take(Operation::Kind kind, const PatchPath& path, const json::Value* value) {
    // The id is all of a member that a client decides.
    const Attribute* sub = path.location.sub_attribute;
    if (sub != nullptr && sub->name != "value") {
      return refuse(kMutability, fmt::format("“members.{}” cannot change.", sub->name));
    }
    if (path.filter != nullptr) return take_chosen(kind, *path.filter, value, sub);
    if (kind == Operation::Kind::Remove && (value == nullptr || value->is_null())) {
      changes_.push_back({.kind = MemberChange::Kind::RemoveAll});
      return {};
    }
    if (value == nullptr) return refuse(kInvalidValue, "The operation has no “value”.");
    ASSIGN_OR_RETURN(auto ids, read_ids(*value));
    switch (kind) {
      case Operation::Kind::Add:
        push(MemberChange::Kind::Add, std::move(ids));
        break;
      case Operation::Kind::Remove:
        // An empty list names nobody: it does not mean everybody.
        push(MemberChange::Kind::Remove, std::move(ids));
        break;
      case Operation::Kind::Replace:
        changes_.push_back({.kind = MemberChange::Kind::Replace, .ids = std::move(ids)});
        break;
    }
    return {};
  }

  /// `members[value eq "…"]`.
  Result<void> take_chosen(Operation::Kind kind, const Filter::Node& filter, const json::Value* value,
                           const Attribute* sub) {
    Ids chosen;
    if (!collect_ids(filter, chosen)) {
      return refuse(kInvalidFilter, "Members can be chosen by “value eq” only, several joined by “or”.");
    }
    if (kind == Operation::Kind::Remove) {
      push(MemberChange::Kind::Remove, std::move(chosen));
      return {};
    }
    if (value == nullptr) return refuse(kInvalidValue, "The operation has no “value”.");
    ASSIGN_OR_RETURN(auto ids, read_ids(*value));
    // RFC 7643 section 4.2: a member's `value` is immutable; another id is another member.
    if (ids != chosen && (sub != nullptr || kind == Operation::Kind::Add)) {
      return refuse(kMutability, "The “value” of a member cannot change: remove it and add the other one.");
    }
    if (ids != chosen) push(MemberChange::Kind::Remove, std::move(chosen));
    push(MemberChange::Kind::Add, std::move(ids));
    return {};
  }

  static bool collect_ids(const Filter::Node& filter, Ids& ids) {
    if (filter.kind == Filter::Node::Kind::Or) {
      return std::ranges::all_of(filter.children,
                                 [&](const auto& child) { return collect_ids(*child, ids); });
    }
    const Attribute* sub = filter.location.sub_attribute;
    const auto* text = std::get_if<Literal::Text>(&filter.literal.value);
    if (filter.kind != Filter::Node::Kind::Compare || filter.op != Operator::Eq || sub == nullptr ||
        sub->name != "value" || text == nullptr) {
      return false;
    }
    // No member has the empty id.
    if (!text->sent.empty()) ids.push_back(text->sent);
    return true;
  }

  Result<Ids> read_ids(const json::Value& value) const {
    ASSIGN_OR_RETURN(const auto read, read_value(*members_, value));
    if (read) return ids_in(read->get_array());
    if (is_unassigned(value)) return Ids();
    return refuse(kInvalidValue, "Each member needs the “value” that names it.");
  }

  void push(MemberChange::Kind kind, Ids ids) {
    if (!ids.empty()) changes_.push_back({.kind = kind, .ids = std::move(ids)});
  }

  const ResourceType& group_;
  const Attribute* members_;
  std::vector<MemberChange> changes_;
  std::vector<Operation> rest_;
};

}  // namespace

Result<GroupPatch> split_group_patch(const PatchRequest& patch, const ResourceType& group) {
  return MemberSplitter(group).split(patch);
}

Result<std::vector<std::string>> member_ids(const json::Object& group) {
  const json::Value* members = group.if_contains("members");
  if (members == nullptr || !members->is_array()) return Ids();
  return ids_in(members->get_array());
}

}  // namespace doorward::scim::protocol
