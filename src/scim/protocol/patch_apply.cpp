// The operations of PATCH, step by step. Source: RFC 7644 sections 3.5.2.1 to 3.5.2.3.

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "scim/protocol/compare.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/filter_parser.h"
#include "scim/protocol/normal_form.h"
#include "scim/protocol/patch.h"
#include "scim/protocol/patch_list.h"
#include "scim/protocol/path.h"
#include "scim/protocol/refusal.h"
#include "scim/protocol/values.h"

namespace doorward::scim::protocol {

namespace {

using OperationKind = PatchRequest::Operation::Kind;

/// Elements looked at, by all operations of a request together: a thousand operations on a list of a thousand
/// values, with a long filter each, would keep a processor busy for long.
constexpr std::size_t kMaxWork = 2'000'000;

/// What Okta and others send back as they read it.
bool is_passed_over(const Attribute& attribute) {
  constexpr auto kNames = std::to_array<std::string_view>({"id", "meta", "schemas", "groups"});
  return std::ranges::find(kNames, attribute.name) != kNames.end();
}

/// An empty text for `manager` takes the manager away: there is no reference to nobody.
bool names_nothing(const Location& location, const json::Value& value) {
  const Attribute& attribute = *location.last();
  return attribute.type == Type::Complex && !attribute.multi_valued && value.is_string() &&
         value.get_string().empty();
}

bool is_same(const Attribute& attribute, const json::Value& a, const json::Value& b) {
  if (!a.is_string() || !b.is_string()) return a == b;
  return comparison_text(attribute, view(a)) == comparison_text(attribute, view(b));
}

/// How a client named what it changes: what it does not name is not there by mistake.
enum class Named : std::uint8_t { ByPath, InValue };

class PatchApplier {
 public:
  PatchApplier(const ResourceType& type, json::Object resource)
      : type_(type), resource_(std::move(resource)) {}

  Result<void> apply(const PatchRequest::Operation& operation) {
    if (operation.path.empty()) return apply_without_path(operation);
    ASSIGN_OR_RETURN(const PatchPath path, parse_patch_path(operation.path, type_));
    if (path.location.attribute == nullptr) return apply_to_extension(operation, *path.location.extension);
    return apply_at(operation.kind, path, operation.value, Named::ByPath);
  }

  Result<json::Object> finish() {
    RETURN_IF_ERROR(complete(type_, resource_));
    return std::move(resource_);
  }

 private:
  // What is named, without a path.

  Result<void> apply_without_path(const PatchRequest::Operation& operation) {
    // Section 3.5.2.2: "If 'path' is unspecified, the operation fails with … 'noTarget'".
    if (operation.kind == OperationKind::Remove)
      return refuse(kNoTarget, "A remove operation needs a “path”.");
    const json::Object* members = operation.value ? operation.value->if_object() : nullptr;
    if (members == nullptr) {
      return refuse(kInvalidValue, "The “value” of an operation without a “path” must be an object.");
    }
    SeenAttributes seen;
    understood_ = members->empty();
    for (const auto& member : *members)
      RETURN_IF_ERROR(apply_key(operation.kind, std::string_view(member.key()), member.value(), seen));
    // An unknown attribute among known ones is left out, but an operation of which nothing was understood
    // must not look like one that was done: `{"suspended": true}` would leave somebody in who is to be out.
    if (understood_) return {};
    return refuse(kInvalidPath,
                  fmt::format("Nothing in the “value” is an attribute that is known here: “{}”.",
                              printable(std::string_view(members->begin()->key()))));
  }

  /// A key is a path: `name.givenName`, a URN with an attribute or alone, `emails[type eq "work"].value`.
  Result<void> apply_key(OperationKind kind, std::string_view key, const json::Value& value,
                         SeenAttributes& seen) {
    if (key.find('[') != std::string_view::npos) {
      const auto path = parse_patch_path(key, type_);
      if (!path && path.error().code == kInvalidPath) return {};
      if (!path) return fail(path.error());
      understood_ = true;
      return apply_at(kind, *path, value, Named::InValue);
    }
    const auto qualified = split_urn(key, type_);
    if (!qualified) return apply_member(kind, type_.core, key, value, seen);
    if (qualified->schema == nullptr) return {};
    if (!qualified->rest.empty()) return apply_member(kind, *qualified->schema, qualified->rest, value, seen);
    return apply_schema(kind, *qualified->schema, value, seen);
  }

  Result<void> apply_to_extension(const PatchRequest::Operation& operation, const Schema& extension) {
    if (operation.kind == OperationKind::Remove) return remove_extension(extension);
    if (!operation.value) return missing_value();
    SeenAttributes seen;
    return apply_schema(operation.kind, extension, *operation.value, seen);
  }

  /// An extension is a complex attribute: what is not named in it stays.
  Result<void> apply_schema(OperationKind kind, const Schema& schema, const json::Value& value,
                            SeenAttributes& seen) {
    if (value.is_null()) {
      understood_ = true;
      if (kind == OperationKind::Add || &schema == &type_.core) return {};
      return remove_extension(schema);
    }
    const json::Object* members = value.if_object();
    if (members == nullptr) return refuse(kInvalidValue, fmt::format("“{}” must be an object.", schema.id));
    for (const auto& member : *members)
      RETURN_IF_ERROR(apply_member(kind, schema, std::string_view(member.key()), member.value(), seen));
    return {};
  }

  Result<void> remove_extension(const Schema& extension) {
    resource_.stable_erase(extension.id);
    return {};
  }

  Result<void> apply_member(OperationKind kind, const Schema& schema, std::string_view name,
                            const json::Value& value, SeenAttributes& seen) {
    auto location = locate_in(name, schema);
    if (!location) return {};
    understood_ = true;
    if (is_passed_over(*location->attribute) && &schema == &type_.core) return {};
    if (!seen.note(location->last())) {
      return refuse(kInvalidSyntax, fmt::format("“{}” appears twice.", printable(name)));
    }
    if (&schema != &type_.core) location->extension = &schema;
    return apply_at(kind, PatchPath{*location, nullptr}, value, Named::InValue);
  }

  // One attribute.

  Result<void> apply_at(OperationKind kind, const PatchPath& path, const std::optional<json::Value>& value,
                        Named named) {
    const Attribute& attribute = *path.location.attribute;
    const Attribute* sub = path.location.sub_attribute;
    if (is_read_only(attribute) || (sub != nullptr && is_read_only(*sub)))
      return not_mutable(path, "is read-only");
    if (attribute.name == "schemas" && path.location.extension == nullptr) {
      // It follows from what is there; some clients announce an extension before they use it.
      if (kind == OperationKind::Remove) return not_mutable(path, "is required");
      return {};
    }
    if (kind != OperationKind::Remove && !value) return missing_value();
    // Null is the same as no value (RFC 7643 section 2.5): nothing to add, and replacing by it removes.
    const bool is_nothing = value && (is_unassigned(*value) || names_nothing(path.location, *value));
    if (kind == OperationKind::Add && is_nothing) return {};
    if (kind == OperationKind::Replace && is_nothing) return remove_at(path, std::nullopt);
    if (kind == OperationKind::Remove) return remove_at(path, value);
    if (path.filter != nullptr) return set_elements(kind, path, *value, named);
    if (sub != nullptr) return set_sub_attribute(path, *value);
    return set_attribute(kind, path, *value, named);
  }

  /// Section 3.5.2.2.
  Result<void> remove_at(const PatchPath& path, const std::optional<json::Value>& listed) {
    const Attribute& attribute = *path.location.attribute;
    const Attribute* sub = path.location.sub_attribute;
    // "If an attribute is removed or becomes unassigned and is defined as a required attribute …" mutability.
    if (path.location.last()->required) return not_mutable(path, "is required");
    RETURN_IF_ERROR(check_selectable(path));
    json::Object* values = container(path.location);
    json::Value* held = values == nullptr ? nullptr : values->if_contains(attribute.name);
    if (held == nullptr) return {};

    json::Array* list = held->if_array();
    if (list == nullptr && sub != nullptr) {
      // "If the target location is a single-value attribute, the attribute and its value are removed".
      if (json::Object* object = held->if_object()) object->stable_erase(sub->name);
    } else if (list == nullptr || (path.filter == nullptr && sub == nullptr && !listed)) {
      // "If the target location is a multi-valued attribute and no filter is specified, the attribute and all
      // values are removed".
      *held = nullptr;
    } else {
      // "… and a complex filter is specified comparing a 'value', the values matched by the filter are
      // removed."
      RETURN_IF_ERROR(remove_from_list(path, *list, listed));
    }
    // "If no other values remain …, the attribute SHALL be considered unassigned".
    if (is_unassigned(*held)) values->stable_erase(attribute.name);
    return {};
  }

  Result<void> remove_from_list(const PatchPath& path, json::Array& list,
                                const std::optional<json::Value>& listed) {
    const Attribute& attribute = *path.location.attribute;
    RETURN_IF_ERROR(account_for(path, list));
    if (path.filter == nullptr && path.location.sub_attribute == nullptr) {
      ASSIGN_OR_RETURN(const auto read, read_value(attribute, *listed));
      if (!read && !is_unassigned(*listed)) return not_understood(path);
      if (read) remove_elements(attribute, list, read->get_array());
      return {};
    }
    remove_elements_if(list, [&](json::Value& element) {
      if (path.filter != nullptr && !matches_element(*path.filter, element)) return false;
      if (path.location.sub_attribute == nullptr) return true;
      if (json::Object* object = element.if_object()) object->stable_erase(path.location.sub_attribute->name);
      // A type without a value is no address.
      return is_hollow(element);
    });
    return {};
  }

  /// Sections 3.5.2.1 and 3.5.2.3 for a whole attribute.
  Result<void> set_attribute(OperationKind kind, const PatchPath& path, const json::Value& value,
                             Named named) {
    const Attribute& attribute = *path.location.attribute;
    const bool is_single_complex = attribute.type == Type::Complex && !attribute.multi_valued;
    ASSIGN_OR_RETURN(auto read, read_value(attribute, value));
    if (is_single_complex) return merge_complex(kind, path, value, std::move(read), named);
    if (!read) return named == Named::InValue ? Result<void>() : not_understood(path);

    json::Object& values = make_container(path.location);
    json::Value& held = values[attribute.name];
    if (attribute.mutability == Mutability::Immutable && !held.is_null() && held != *read) {
      return not_mutable(path, "cannot change");
    }
    // "If the target location specifies a multi-valued attribute, a new value is added to the attribute."
    if (kind == OperationKind::Add && held.is_array()) {
      RETURN_IF_ERROR(account_for(path, held.get_array()));
      return add_elements(attribute, held.get_array(), std::move(read->get_array()));
    }
    if (kind == OperationKind::Add && attribute.multi_valued) {
      held = json::Array();
      return add_elements(attribute, held.get_array(), std::move(read->get_array()));
    }
    // "If the target location is a single-valued attribute, the attributes value is replaced"; replacing a
    // multi-valued attribute without a filter replaces all its values.
    held = *std::move(read);
    return {};
  }

  /// "If the target location specifies a complex attribute, a set of sub-attributes SHALL be specified …;
  /// each specified sub-attribute is replaced" and the others stay.
  Result<void> merge_complex(OperationKind kind, const PatchPath& path, const json::Value& sent,
                             std::optional<json::Value> read, Named named) {
    const Attribute& attribute = *path.location.attribute;
    const json::Value& only = sent.is_array() && !sent.get_array().empty() ? sent.get_array().front() : sent;
    std::vector<std::string_view> cleared;
    if (const json::Object* object = only.if_object(); object != nullptr && kind == OperationKind::Replace) {
      for (const auto& member : *object) {
        const Attribute* sub = attribute.sub_attribute(std::string_view(member.key()));
        if (sub != nullptr && !is_read_only(*sub) && is_unassigned(member.value()))
          cleared.push_back(sub->name);
      }
    }
    if (!read && cleared.empty()) return named == Named::InValue ? Result<void>() : not_understood(path);
    json::Object& values = make_container(path.location);
    json::Value& held = values[attribute.name];
    if (!held.is_object()) held.emplace_object();
    json::Object& target = held.get_object();
    for (const std::string_view name : cleared)
      target.stable_erase(name);
    if (read) {
      json::Object& sent_parts = read->get_object();
      if (const json::Value* id = sent_parts.if_contains("value")) forget_reference(target, *id);
      for (auto& member : sent_parts)
        target.insert_or_assign(member.key(), std::move(member.value()));
    }
    if (target.empty()) values.stable_erase(attribute.name);
    return {};
  }

  /// A sub-attribute without a filter: of the complex value, or of each in the list.
  Result<void> set_sub_attribute(const PatchPath& path, const json::Value& value) {
    const Attribute& attribute = *path.location.attribute;
    const Attribute& sub = *path.location.sub_attribute;
    ASSIGN_OR_RETURN(const auto read, read_value(sub, value));
    if (!read) return not_understood(path);
    json::Object& values = make_container(path.location);
    json::Value& held = values[attribute.name];
    if (!attribute.multi_valued) {
      if (!held.is_object()) held.emplace_object();
      return set_in(path, held.get_object(), *read);
    }
    if (!held.is_array()) held.emplace_array();
    json::Array& list = held.get_array();
    RETURN_IF_ERROR(account_for(path, list));
    if (list.empty()) list.push_back(json::Object());
    Touched touched;
    for (std::size_t i = 0; i < list.size(); ++i) {
      RETURN_IF_ERROR(set_element(OperationKind::Add, path, list[i], *read));
      touched.push_back(i);
    }
    return settle_primary(attribute, list, touched);
  }

  /// A value path.
  Result<void> set_elements(OperationKind kind, const PatchPath& path, const json::Value& value,
                            Named named) {
    RETURN_IF_ERROR(check_selectable(path));
    const Attribute& attribute = *path.location.attribute;
    const Attribute* sub = path.location.sub_attribute;
    const json::Value& only =
        value.is_array() && value.get_array().size() == 1 ? value.get_array().front() : value;
    ASSIGN_OR_RETURN(const auto read,
                     sub != nullptr ? read_value(*sub, value) : read_element(attribute, only));
    if (!read) return named == Named::InValue ? Result<void>() : not_understood(path);

    json::Value* held = nullptr;
    if (json::Object* values = container(path.location)) held = values->if_contains(attribute.name);
    Touched touched;
    if (held != nullptr && held->is_array()) {
      json::Array& list = held->get_array();
      RETURN_IF_ERROR(account_for(path, list));
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (matches_element(*path.filter, list[i])) touched.push_back(i);
      }
      for (const std::size_t i : touched)
        RETURN_IF_ERROR(set_element(kind, path, list[i], *read));
      if (!touched.empty()) return settle_primary(attribute, list, touched);
    }
    return create_element(path, *read);
  }

  /// One element that the filter chose.
  Result<void> set_element(OperationKind kind, const PatchPath& path, json::Value& element,
                           const json::Value& value) {
    if (path.location.sub_attribute != nullptr) {
      if (!element.is_object()) element.emplace_object();
      RETURN_IF_ERROR(set_in(path, element.get_object(), value));
      return normalize(path, element);
    }
    const json::Object* sent = value.if_object();
    if (sent == nullptr || !element.is_object()) {
      element = value;
      return {};
    }
    RETURN_IF_ERROR(check_immutable(path, element.get_object(), *sent));
    // "… all matching record values SHALL be replaced"; what chose the record stays true of it, so that a
    // work address that is replaced without naming its type again is still the work address. Adding changes
    // what is named.
    json::Object made;
    if (kind == OperationKind::Add) {
      made = std::move(element.get_object());
    } else if (auto described = described_element(*path.filter)) {
      made = *std::move(described);
    }
    for (const auto& member : *sent)
      made.insert_or_assign(member.key(), member.value());
    element = std::move(made);
    return normalize(path, element);
  }

  /// The parts are in normal form, so the whole is, but for a role in JSON that came as the `value` of a
  /// role.
  static Result<void> normalize(const PatchPath& path, json::Value& element) {
    if (!holds_json(*path.location.attribute)) return {};
    ASSIGN_OR_RETURN(auto read, read_element(*path.location.attribute, std::move(element)));
    if (!read) return not_understood(path);
    element = *std::move(read);
    return {};
  }

  /// "If … a value selection filter … has been supplied and no record match was made, the service provider
  /// SHALL indicate failure" with noTarget. Entra's `emails[type eq "work"].value` means the one to be made.
  Result<void> create_element(const PatchPath& path, const json::Value& value) {
    const Attribute& attribute = *path.location.attribute;
    const Attribute* sub = path.location.sub_attribute;
    auto made = described_element(*path.filter);
    if (!made) return no_target();
    if (sub != nullptr) {
      // `emails[value eq "a"].value` speaks of an address that is there, and it is not.
      const auto [place, is_new] = made->emplace(sub->name, value);
      if (!is_new && !is_same(*sub, place->value(), value)) return no_target();
    } else {
      // Nor can a home address be put where a work address was looked for.
      for (const auto& member : value.get_object()) {
        const auto [place, is_new] = made->emplace(member.key(), member.value());
        const Attribute* part = attribute.sub_attribute(std::string_view(member.key()));
        if (!is_new && !is_same(*part, place->value(), member.value())) return no_target();
        place->value() = member.value();
      }
    }
    json::Value& held = make_container(path.location)[attribute.name];
    if (!held.is_array()) held.emplace_array();
    json::Value element(*std::move(made));
    RETURN_IF_ERROR(normalize(path, element));
    json::Array one;
    one.push_back(std::move(element));
    return add_elements(attribute, held.get_array(), std::move(one));
  }

  Result<void> set_in(const PatchPath& path, json::Object& target, const json::Value& value) {
    const Attribute& sub = *path.location.sub_attribute;
    const json::Value* before = target.if_contains(sub.name);
    if (sub.mutability == Mutability::Immutable && before != nullptr && *before != value) {
      return not_mutable(path, "cannot change");
    }
    if (sub.name == "value") forget_reference(target, value);
    target.insert_or_assign(sub.name, value);
    return {};
  }

  /// Another `value` makes the address beside it that of somebody else.
  static void forget_reference(json::Object& target, const json::Value& new_id) {
    const json::Value* old_id = target.if_contains("value");
    if (old_id != nullptr && *old_id != new_id) target.stable_erase("$ref");
  }

  Result<void> check_immutable(const PatchPath& path, const json::Object& before, const json::Object& after) {
    for (const Attribute& sub : path.location.attribute->sub_attributes) {
      if (sub.mutability != Mutability::Immutable) continue;
      const json::Value* old_value = before.if_contains(sub.name);
      const json::Value* new_value = after.if_contains(sub.name);
      if (old_value != nullptr && new_value != nullptr && *old_value != *new_value) {
        return not_mutable(path, "cannot change");
      }
    }
    return {};
  }

  // Where values are.

  json::Object* container(const Location& location) {
    if (location.extension == nullptr) return &resource_;
    json::Value* extension = resource_.if_contains(location.extension->id);
    return extension == nullptr ? nullptr : extension->if_object();
  }

  json::Object& make_container(const Location& location) {
    if (location.extension == nullptr) return resource_;
    json::Value& extension = resource_[location.extension->id];
    if (!extension.is_object()) extension.emplace_object();
    return extension.get_object();
  }

  /// A filter chooses among the values of a list.
  Result<void> check_selectable(const PatchPath& path) const {
    if (path.filter == nullptr || path.location.attribute->multi_valued) return {};
    return refuse(kInvalidPath, fmt::format("“{}” has one value, so none can be chosen by a filter.",
                                            path.location.attribute->name));
  }

  Result<void> account_for(const PatchPath& path, const json::Array& list) {
    work_ += list.size() * (path.filter == nullptr ? 1 : count_comparisons(*path.filter));
    if (work_ > kMaxWork)
      return refuse(kTooMany, "The operations compare too many values: send fewer at once.");
    return {};
  }

  // Why not.

  static tl::unexpected<Error> not_mutable(const PatchPath& path, std::string_view why) {
    return refuse(kMutability, fmt::format("“{}” {}.", path.location.named().text(), why));
  }
  static tl::unexpected<Error> not_understood(const PatchPath& path) {
    return refuse(kInvalidValue,
                  fmt::format("The value for “{}” has nothing that is known.", path.location.named().text()));
  }
  static tl::unexpected<Error> missing_value() {
    return refuse(kInvalidValue, "The operation has no “value”.");
  }
  static tl::unexpected<Error> no_target() {
    return refuse(kNoTarget, "The filter in “path” matches no value.");
  }

  /// Something that a path-less value names is known here.
  bool understood_ = false;
  const ResourceType& type_;
  json::Object resource_;
  std::size_t work_ = 0;
};

}  // namespace

Result<json::Object> apply_patch(const ResourceType& type, const PatchRequest& patch, json::Object resource) {
  PatchApplier applier(type, std::move(resource));
  for (const PatchRequest::Operation& operation : patch.operations())
    RETURN_IF_ERROR(applier.apply(operation));
  return applier.finish();
}

}  // namespace doorward::scim::protocol
