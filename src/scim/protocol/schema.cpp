#include "scim/protocol/schema.h"

#include <bit>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "scim/protocol/definitions.h"

namespace doorward::scim::protocol {

namespace {

/// FNV-1a of the name in lower case. The names are ours and the administrator's, so nobody can fill one
/// chain.
std::size_t hash_name(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) {
    const auto lower = static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    hash = (hash ^ lower) * 16777619U;
  }
  return hash;
}

void build_indexes(Schema& schema) {
  for (Attribute& attribute : schema.attributes)
    attribute.sub_attribute_index.build(attribute.sub_attributes);
  schema.attribute_index.build(schema.attributes);
}

/// RFC 7643 section 3.1: common attributes belong to every core schema.
Schema with_common(Schema schema) {
  std::vector<Attribute> attributes = common_attributes();
  attributes.insert(attributes.end(), std::make_move_iterator(schema.attributes.begin()),
                    std::make_move_iterator(schema.attributes.end()));
  schema.attributes = std::move(attributes);
  return schema;
}

}  // namespace

void NameIndex::build(const std::vector<Attribute>& attributes) {
  slots_.assign(std::bit_ceil(attributes.size() * 2 + 1), 0);
  for (std::size_t position = 0; position < attributes.size(); ++position) {
    std::size_t slot = hash_name(attributes[position].name) & (slots_.size() - 1);
    while (slots_[slot] != 0)
      slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = static_cast<std::uint16_t>(position + 1);
  }
}

const Attribute* NameIndex::find(const std::vector<Attribute>& attributes, std::string_view wanted) const {
  if (slots_.empty()) {
    for (const Attribute& attribute : attributes) {
      if (equal_ignoring_ascii_case(attribute.name, wanted)) return &attribute;
    }
    return nullptr;
  }
  for (std::size_t slot = hash_name(wanted) & (slots_.size() - 1); slots_[slot] != 0;
       slot = (slot + 1) & (slots_.size() - 1)) {
    const Attribute& attribute = attributes[slots_[slot] - 1U];
    if (equal_ignoring_ascii_case(attribute.name, wanted)) return &attribute;
  }
  return nullptr;
}

const Attribute* Attribute::sub_attribute(std::string_view wanted) const {
  return sub_attribute_index.find(sub_attributes, wanted);
}

const Attribute* Schema::attribute(std::string_view wanted) const {
  return attribute_index.find(attributes, wanted);
}

const Schema* ResourceType::schema(std::string_view urn) const {
  if (equal_ignoring_ascii_case(core.id, urn)) return &core;
  for (const Schema& extension : extensions) {
    if (equal_ignoring_ascii_case(extension.id, urn)) return &extension;
  }
  return nullptr;
}

Schemas::Schemas(std::span<const CustomAttributeSpec> custom)
    : user_{.name = "User",
            .endpoint = "/Users",
            .description = "User Account",
            .core = with_common(user_schema()),
            .extensions = {enterprise_schema(), doorward_schema()}},
      group_{.name = "Group",
             .endpoint = "/Groups",
             .description = "Group",
             .core = with_common(group_schema()),
             .extensions = {}} {
  user_.core.attributes.push_back(object_id_attribute());
  if (!custom.empty()) user_.extensions.push_back(custom_schema(custom));
  for (ResourceType* type : {&user_, &group_}) {
    build_indexes(type->core);
    for (Schema& extension : type->extensions)
      build_indexes(extension);
  }
}

}  // namespace doorward::scim::protocol
