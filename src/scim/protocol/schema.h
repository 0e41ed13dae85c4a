#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/json.h"

/// What resources are made of. Source: RFC 7643 sections 2, 4, 7 and 8.
namespace doorward::scim::protocol {

inline constexpr std::string_view kUserSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
inline constexpr std::string_view kGroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
inline constexpr std::string_view kEnterpriseSchema =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Doorward's own extension: `objectId`, the directory's immutable key of the person.
inline constexpr std::string_view kDoorwardSchema = "urn:doorward:params:scim:schemas:extension:2.0:User";
/// The attributes that the account's administrator declared.
inline constexpr std::string_view kCustomSchema =
    "urn:doorward:params:scim:schemas:extension:custom:2.0:User";

enum class Type : std::uint8_t { String, Boolean, Decimal, Integer, DateTime, Binary, Reference, Complex };
enum class Mutability : std::uint8_t { ReadOnly, ReadWrite, Immutable, WriteOnly };
enum class Returned : std::uint8_t { Always, Never, Default, Request };
enum class Uniqueness : std::uint8_t { None, Server, Global };

struct Attribute;

/// Finds attributes by their names without regard to case (RFC 7643 section 2.1). Built once; an index that
/// was not built looks at every name.
class NameIndex {
 public:
  void build(const std::vector<Attribute>& attributes);
  const Attribute* find(const std::vector<Attribute>& attributes, std::string_view wanted) const;

 private:
  /// Open addressing: position + 1, or 0 where nothing is. At most half full.
  std::vector<std::uint16_t> slots_;
};

/// RFC 7643 section 7.
struct Attribute {
  std::string name;
  std::string description = {};
  Type type = Type::String;
  bool multi_valued = false;
  bool required = false;
  bool case_exact = false;
  Mutability mutability = Mutability::ReadWrite;
  Returned returned = Returned::Default;
  Uniqueness uniqueness = Uniqueness::None;
  std::vector<std::string> canonical_values = {};
  std::vector<std::string> reference_types = {};
  std::vector<Attribute> sub_attributes = {};
  NameIndex sub_attribute_index = {};

  /// Without regard to case (RFC 7643 section 2.1); null when there is none.
  const Attribute* sub_attribute(std::string_view wanted) const;
};

struct Schema {
  std::string id;
  std::string name;
  std::string description = {};
  std::vector<Attribute> attributes = {};
  NameIndex attribute_index = {};

  const Attribute* attribute(std::string_view wanted) const;
};

/// A kind of resource: its core schema with the common attributes (`id`, `externalId`, `meta`, `schemas`),
/// and extensions.
struct ResourceType {
  std::string name;      ///< `User`
  std::string endpoint;  ///< `/Users`
  std::string description;
  Schema core;
  std::vector<Schema> extensions;

  /// A schema of this type by its URN, without regard to case; null when there is none.
  const Schema* schema(std::string_view urn) const;
};

struct CustomAttributeSpec {
  std::string name;
  Type type = Type::String;
  bool multi_valued = false;
  std::string description = {};
};

/// What an account's SCIM speaks: User with the enterprise, Doorward and (when something is declared) custom
/// extensions, and Group. The User type also knows a top-level `objectId`, which Entra's mapping editor leads
/// administrators to.
class Schemas {
 public:
  explicit Schemas(std::span<const CustomAttributeSpec> custom = {});

  const ResourceType& user() const { return user_; }
  const ResourceType& group() const { return group_; }

  /// The resources of /Schemas and /ResourceTypes, with `meta.location` below `base_url`
  /// (`https://…/scim/v2`).
  json::Array schema_resources(std::string_view base_url) const;
  json::Array resource_type_resources(std::string_view base_url) const;

 private:
  ResourceType user_;
  ResourceType group_;
};

struct ServiceLimits {
  int max_results = 500;
  int default_count = 100;
  int max_operations = 1000;
  std::int64_t max_payload = 1024 * 1024;
  int cursor_timeout_seconds = 3600;
};
/// RFC 7643 section 5, RFC 9865 section 4.
json::Object service_provider_config(std::string_view base_url, const ServiceLimits& limits);

}  // namespace doorward::scim::protocol
