#include "scim/user_resource.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "scim/protocol/schema.h"

namespace doorward::scim {

namespace {

using directory::Profile;
using protocol::kDoorwardSchema;
using protocol::kEnterpriseSchema;

/// A text member, taken out of the object.
std::string take_text(json::Object& object, std::string_view name) {
  std::string text;
  if (const json::Value* value = object.if_contains(name); value != nullptr && value->is_string()) {
    text = value->get_string();
  }
  object.stable_erase(name);
  return text;
}

std::string_view text_of(const json::Value& value, std::string_view member) {
  if (!value.is_object()) return {};
  const json::Value* found = value.get_object().if_contains(member);
  return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : std::string_view();
}

bool is_primary(const json::Value& email) {
  if (!email.is_object()) return false;
  const json::Value* primary = email.get_object().if_contains("primary");
  return primary != nullptr && primary->is_bool() && primary->get_bool();
}

/// Which of several addresses is the employee's: the primary one, else the first of type work, else the
/// first.
std::optional<std::size_t> own_email(const json::Array& emails) {
  std::optional<std::size_t> work;
  for (std::size_t i = 0; i < emails.size(); ++i) {
    if (is_primary(emails[i])) return i;
    if (!work && equal_ignoring_ascii_case(text_of(emails[i], "type"), "work")) work = i;
  }
  if (work) return work;
  return emails.empty() ? std::nullopt : std::optional<std::size_t>(0);
}

/// The stored addresses with the employee's own one as the directory's column has it: a person may have
/// changed it by hand.
json::Array emails_of(const json::Value* stored, const std::string& email) {
  json::Array emails;
  if (stored != nullptr && stored->is_array()) emails = stored->get_array();
  const auto own = own_email(emails);
  if (!own) {
    if (!email.empty()) emails.push_back(json::Object{{"value", email}, {"type", "work"}, {"primary", true}});
  } else if (email.empty()) {
    emails.erase(emails.begin() + static_cast<std::ptrdiff_t>(*own));
  } else if (emails[*own].is_object()) {
    emails[*own].get_object()["value"] = email;
  }
  return emails;
}

json::Object stored_attributes(const std::string& text) {
  if (text.empty()) return {};
  auto parsed = json::parse(text);
  return parsed && parsed->is_object() ? std::move(parsed->get_object()) : json::Object();
}

void set_text(json::Object& object, std::string_view name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

/// The name with what the directory's columns hold of it.
void set_name(json::Object& user, const json::Value* stored, const Profile& profile) {
  json::Object name;
  if (stored != nullptr && stored->is_object()) name = stored->get_object();
  set_text(name, "givenName", profile.given_name);
  set_text(name, "familyName", profile.family_name);
  if (!name.empty()) user["name"] = std::move(name);
}

json::Object meta_of(const directory::ProvisionedEmployee& employee, std::string_view base_url) {
  return {{"resourceType", "User"},
          {"created", format_rfc3339(employee.employee.created_at)},
          {"lastModified", format_rfc3339(employee.employee.updated_at)},
          {"location", fmt::format("{}/Users/{}", base_url, employee.employee.public_id)},
          {"version", entity_tag(employee.version)}};
}

json::Array schemas_of(const json::Object& user) {
  json::Array schemas{protocol::kUserSchema};
  for (const auto& [name, value] : user) {
    if (name.starts_with("urn:")) schemas.emplace_back(name);
  }
  return schemas;
}

std::string department_of(const json::Object& resource) {
  const json::Value* extension = resource.if_contains(kEnterpriseSchema);
  return extension == nullptr ? std::string() : std::string(text_of(*extension, "department"));
}

/// A resource may carry the object id at the top (where Entra's mapping editor puts it) and in our extension:
/// the one that was changed counts.
std::string take_object_id(json::Object& resource, const directory::ProvisionedEmployee* current) {
  const std::string top = take_text(resource, "objectId");
  std::string extended;
  if (json::Value* extension = resource.if_contains(kDoorwardSchema);
      extension != nullptr && extension->is_object()) {
    extended = take_text(extension->get_object(), "objectId");
    if (extension->get_object().empty()) resource.erase(kDoorwardSchema);
  }
  const std::string before = current == nullptr ? "" : current->employee.profile.object_id;
  return extended != before ? extended : top;
}

/// What `employee_record` leaves of the resource of an employee whom nobody changed.
json::Object known_attributes(const directory::ProvisionedEmployee& current) {
  json::Object known = stored_attributes(current.attributes);
  json::Array emails = emails_of(known.if_contains("emails"), current.employee.profile.email);
  known.erase("emails");
  if (!emails.empty()) known["emails"] = std::move(emails);
  return known;
}

}  // namespace

std::string entity_tag(std::int64_t version) {
  return fmt::format("W/\"{}\"", version);
}

json::Object user_resource(const directory::ProvisionedEmployee& employee, std::string_view base_url) {
  const Profile& profile = employee.employee.profile;
  const json::Object stored = stored_attributes(employee.attributes);
  json::Object user;
  user["schemas"] = nullptr;
  user["id"] = employee.employee.public_id;
  set_text(user, "externalId", profile.external_id);
  user["userName"] = profile.user_name;
  set_name(user, stored.if_contains("name"), profile);
  set_text(user, "displayName", profile.display_name);
  json::Array emails = emails_of(stored.if_contains("emails"), profile.email);
  if (!emails.empty()) user["emails"] = std::move(emails);
  set_text(user, "locale", profile.locale);
  for (const auto& [name, value] : stored) {
    if (name != "name" && name != "emails") user[name] = value;
  }
  user["active"] = employee.employee.active;
  if (!profile.object_id.empty()) {
    user["objectId"] = profile.object_id;
    user[kDoorwardSchema] = json::Object{{"objectId", profile.object_id}};
  }
  user["schemas"] = schemas_of(user);
  user["meta"] = meta_of(employee, base_url);
  return user;
}

void set_groups(json::Object& user, std::span<const directory::Group> groups, std::string_view base_url) {
  if (groups.empty()) return;
  json::Array list;
  for (const directory::Group& group : groups) {
    list.push_back(json::Object{{"value", group.public_id},
                                {"$ref", fmt::format("{}/Groups/{}", base_url, group.public_id)},
                                {"display", group.display_name},
                                {"type", "direct"}});
  }
  user["groups"] = std::move(list);
}

void complete_object_id(json::Object& user) {
  const json::Value* sent = user.if_contains("objectId");
  const std::string top(sent != nullptr && sent->is_string() ? std::string_view(sent->get_string())
                                                             : std::string_view());
  const json::Value* extension = user.if_contains(kDoorwardSchema);
  const std::string extended(extension == nullptr ? std::string_view() : text_of(*extension, "objectId"));
  if (top.empty() && !extended.empty()) user["objectId"] = extended;
  if (extended.empty() && !top.empty()) {
    json::Value& place = user[kDoorwardSchema];
    if (!place.is_object()) place = json::Object();
    place.get_object()["objectId"] = top;
  }
}

directory::EmployeeRecord employee_record(json::Object resource,
                                          const directory::ProvisionedEmployee* current) {
  directory::EmployeeRecord record;
  Profile& profile = record.profile;
  profile.user_name = take_text(resource, "userName");
  profile.external_id = take_text(resource, "externalId");
  profile.display_name = take_text(resource, "displayName");
  profile.locale = take_text(resource, "locale");
  profile.object_id = take_object_id(resource, current);
  if (json::Value* name = resource.if_contains("name"); name != nullptr && name->is_object()) {
    profile.given_name = take_text(name->get_object(), "givenName");
    profile.family_name = take_text(name->get_object(), "familyName");
    if (name->get_object().empty()) resource.erase("name");
  }
  if (const json::Value* emails = resource.if_contains("emails"); emails != nullptr && emails->is_array()) {
    const auto own = own_email(emails->get_array());
    for (std::size_t i = 0; i < emails->get_array().size(); ++i) {
      std::string address(text_of(emails->get_array()[i], "value"));
      if (i == own) {
        profile.email = std::move(address);
      } else if (!address.empty()) {
        record.other_emails.push_back(std::move(address));
      }
    }
  }
  record.department = department_of(resource);
  const json::Value* active = resource.if_contains("active");
  record.active = active != nullptr && active->is_bool() ? active->get_bool()
                                                         : current == nullptr || current->employee.active;
  // Single sign-on keeps no passwords of the directory's.
  for (const std::string_view name : {"active", "schemas", "id", "meta", "groups", "password"})
    resource.stable_erase(name);
  if (current != nullptr) {
    const json::Object known = known_attributes(*current);
    record.previous_department = department_of(known);
    // The order of members says nothing: without this, every first change would change the text as well.
    if (resource == known) {
      record.attributes = current->attributes;
      return record;
    }
  }
  if (!resource.empty()) record.attributes = json::serialize(resource);
  return record;
}

}  // namespace doorward::scim
