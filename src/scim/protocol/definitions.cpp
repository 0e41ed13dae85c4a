#include "scim/protocol/definitions.h"

#include <utility>

namespace doorward::scim::protocol {

namespace {

Attribute text(std::string name, std::string description) {
  return {.name = std::move(name), .description = std::move(description)};
}

Attribute boolean(std::string name, std::string description) {
  return {.name = std::move(name), .description = std::move(description), .type = Type::Boolean};
}

/// References and binary values are case exact (RFC 7643 sections 2.3.6 and 2.3.7).
Attribute reference(std::string name, std::string description, std::vector<std::string> types) {
  return {.name = std::move(name),
          .description = std::move(description),
          .type = Type::Reference,
          .case_exact = true,
          .reference_types = std::move(types)};
}

Attribute complex(std::string name, std::string description, std::vector<Attribute> sub_attributes) {
  return {.name = std::move(name),
          .description = std::move(description),
          .type = Type::Complex,
          .sub_attributes = std::move(sub_attributes)};
}

Attribute with_mutability(Attribute attribute, Mutability mutability) {
  attribute.mutability = mutability;
  for (Attribute& sub : attribute.sub_attributes)
    sub.mutability = mutability;
  return attribute;
}

/// A list with the default sub-attributes of RFC 7643 section 2.4.
Attribute list(std::string name, std::string description, Attribute value,
               std::vector<std::string> canonical_types = {}) {
  Attribute type = text("type", "A label that says what the value is for.");
  type.canonical_values = std::move(canonical_types);
  Attribute attribute =
      complex(std::move(name), std::move(description),
              {std::move(value), text("display", "A name for people."), std::move(type),
               boolean("primary", "Whether this is the preferred value; at most one value of the list is.")});
  attribute.multi_valued = true;
  return attribute;
}

Attribute name_attribute() {
  return complex("name", "The parts of the user's name.",
                 {text("formatted", "The full name, as it is shown."), text("familyName", "The last name."),
                  text("givenName", "The first name."), text("middleName", "The middle names."),
                  text("honorificPrefix", "A title before the name."),
                  text("honorificSuffix", "What stands behind the name.")});
}

Attribute addresses_attribute() {
  Attribute type = text("type", "A label that says what the address is for.");
  type.canonical_values = {"work", "home", "other"};
  Attribute attribute =
      complex("addresses", "Postal addresses of the user.",
              {text("formatted", "The full address, as it is written on a letter."),
               text("streetAddress", "Street, house number and the like."),
               text("locality", "The city or town."), text("region", "The state or region."),
               text("postalCode", "The postal code."), text("country", "The country."), std::move(type),
               boolean("primary", "Whether this is the preferred address.")});
  attribute.multi_valued = true;
  return attribute;
}

Attribute groups_attribute() {
  Attribute type = text("type", "Whether the user is a direct member.");
  type.canonical_values = {"direct", "indirect"};
  Attribute attribute =
      complex("groups", "The groups that the user is in; changed through the groups.",
              {text("value", "The group's id."), reference("$ref", "The group's address.", {"User", "Group"}),
               text("display", "The group's name."), std::move(type)});
  attribute.multi_valued = true;
  return with_mutability(std::move(attribute), Mutability::ReadOnly);
}

Attribute certificates_attribute() {
  return list("x509Certificates", "Certificates that were issued to the user.",
              {.name = "value",
               .description = "The certificate in DER, in base64.",
               .type = Type::Binary,
               .case_exact = true});
}

Attribute password_attribute() {
  Attribute password = text("password", "A password in clear text; it is never returned.");
  password.mutability = Mutability::WriteOnly;
  password.returned = Returned::Never;
  password.case_exact = true;
  return password;
}

}  // namespace

std::vector<Attribute> common_attributes() {
  Attribute schemas = reference("schemas", "The URNs of the schemas that the resource is made of.", {"uri"});
  schemas.case_exact = false;  // URNs compare without case (RFC 8141 section 3.1).
  schemas.multi_valued = true;
  schemas.required = true;
  schemas.returned = Returned::Always;

  Attribute id = text("id", "The identifier of the resource, given by this server.");
  id.case_exact = true;
  id.mutability = Mutability::ReadOnly;
  id.returned = Returned::Always;
  id.uniqueness = Uniqueness::Server;

  Attribute external_id = text("externalId", "The identifier of the resource, given by the client.");
  external_id.case_exact = true;

  Attribute resource_type = text("resourceType", "The name of the resource type.");
  resource_type.case_exact = true;
  Attribute version = text("version", "The version of the resource, as in the ETag header.");
  version.case_exact = true;
  Attribute meta =
      complex("meta", "What the server says about the resource.",
              {std::move(resource_type),
               {.name = "created", .description = "When it was created.", .type = Type::DateTime},
               {.name = "lastModified", .description = "When it was last changed.", .type = Type::DateTime},
               reference("location", "The address of the resource.", {"uri"}),
               std::move(version)});
  return {std::move(schemas), std::move(id), std::move(external_id),
          with_mutability(std::move(meta), Mutability::ReadOnly)};
}

Attribute object_id_attribute() {
  return text("objectId", "The directory's immutable key of the person.");
}

Schema user_schema() {
  Attribute user_name = text("userName", "The name with which the user signs in.");
  user_name.required = true;
  user_name.uniqueness = Uniqueness::Server;
  const auto value = [](std::string description) { return text("value", std::move(description)); };
  return {
      .id = std::string(kUserSchema),
      .name = "User",
      .description = "User Account",
      .attributes = {
          std::move(user_name),
          name_attribute(),
          text("displayName", "The name that is shown."),
          text("nickName", "The casual name."),
          reference("profileUrl", "The address of a page about the user.", {"external"}),
          text("title", "The job title."),
          text("userType", "How the user relates to the organization."),
          text("preferredLanguage", "The languages that the user prefers, as in Accept-Language."),
          text("locale", "Where the user is, for numbers and dates."),
          text("timezone", "The time zone, as in the IANA database."),
          boolean("active", "Whether the user may come in."),
          password_attribute(),
          list("emails", "E-mail addresses of the user.", value("The address."), {"work", "home", "other"}),
          list("phoneNumbers", "Phone numbers of the user.", value("The number."),
               {"work", "home", "mobile", "fax", "pager", "other"}),
          list("ims", "Instant messaging addresses of the user.", value("The address."),
               {"aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"}),
          list("photos", "Pictures of the user.",
               reference("value", "The address of the picture.", {"external"}), {"photo", "thumbnail"}),
          addresses_attribute(),
          groups_attribute(),
          list("entitlements", "Things that the user has.", value("The entitlement.")),
          list("roles", "Who the user is in the organization.", value("The role.")),
          certificates_attribute()}};
}

Schema group_schema() {
  Attribute display_name = text("displayName", "The name of the group.");
  display_name.required = true;
  Attribute type = text("type", "What kind of resource the member is.");
  type.canonical_values = {"User", "Group"};
  Attribute members = complex(
      "members", "Who is in the group.",
      {text("value", "The member's id."), reference("$ref", "The member's address.", {"User", "Group"}),
       std::move(type), text("display", "The member's name.")});
  for (Attribute& sub : members.sub_attributes)
    sub.mutability = Mutability::Immutable;
  members.multi_valued = true;
  return {.id = std::string(kGroupSchema),
          .name = "Group",
          .description = "Group",
          .attributes = {std::move(display_name), std::move(members)}};
}

Schema enterprise_schema() {
  Attribute display_name = text("displayName", "The manager's name.");
  display_name.mutability = Mutability::ReadOnly;
  return {.id = std::string(kEnterpriseSchema),
          .name = "EnterpriseUser",
          .description = "Enterprise User",
          .attributes = {
              text("employeeNumber", "The number that the organization gave the user."),
              text("costCenter", "The cost center."), text("organization", "The organization."),
              text("division", "The division."), text("department", "The department."),
              complex("manager", "The user's manager.",
                      {text("value", "The manager's id."),
                       reference("$ref", "The manager's address.", {"User"}), std::move(display_name)})}};
}

Schema doorward_schema() {
  return {.id = std::string(kDoorwardSchema),
          .name = "DoorwardUser",
          .description = "What Doorward knows of a user besides",
          .attributes = {object_id_attribute()}};
}

Schema custom_schema(std::span<const CustomAttributeSpec> custom) {
  Schema schema = {.id = std::string(kCustomSchema),
                   .name = "CustomUser",
                   .description = "Attributes that the account's administrator declared"};
  for (const CustomAttributeSpec& spec : custom) {
    Attribute attribute = text(spec.name, spec.description);
    attribute.type = spec.type;
    attribute.multi_valued = spec.multi_valued;
    attribute.case_exact = spec.type == Type::Reference || spec.type == Type::Binary;
    schema.attributes.push_back(std::move(attribute));
  }
  return schema;
}

}  // namespace doorward::scim::protocol
