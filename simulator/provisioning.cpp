#include "simulator/provisioning.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "base/url.h"
#include "simulator/scim_target.h"
#include "simulator/user_attributes.h"

namespace doorward::simulator {

namespace {

constexpr const char* kEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:";

std::string enterprise(const char* attribute) {
  return kEnterprise + std::string(attribute);
}

}  // namespace

std::vector<AttributeMapping> default_user_mappings() {
  return {{"userPrincipalName", "userName", 1},
          {"Not([IsSoftDeleted])", "active"},
          {"displayName", "displayName"},
          {"jobTitle", "title"},
          {"mail", R"(emails[type eq "work"].value)"},
          {"givenName", "name.givenName"},
          {"surname", "name.familyName"},
          {"telephoneNumber", R"(phoneNumbers[type eq "work"].value)"},
          {"mobile", R"(phoneNumbers[type eq "mobile"].value)"},
          {"facsimileTelephoneNumber", R"(phoneNumbers[type eq "fax"].value)"},
          {"streetAddress", R"(addresses[type eq "work"].streetAddress)"},
          {"city", R"(addresses[type eq "work"].locality)"},
          {"state", R"(addresses[type eq "work"].region)"},
          {"postalCode", R"(addresses[type eq "work"].postalCode)"},
          {"country", R"(addresses[type eq "work"].country)"},
          {"employeeId", enterprise("employeeNumber")},
          {"department", enterprise("department")},
          {"manager", enterprise("manager")},
          {"mailNickname", "externalId"}};
}

std::vector<AttributeMapping> default_group_mappings() {
  return {{"displayName", "displayName", 1}, {"objectId", "externalId"}, {"members", "members"}};
}

bool is_active_mapping(const AttributeMapping& mapping) {
  return mapping.source.find("[IsSoftDeleted]") != std::string::npos || mapping.source == "accountEnabled";
}

Result<void> check_mappings(const std::vector<AttributeMapping>& mappings) {
  std::set<std::string> targets;
  bool matches = false;
  for (const AttributeMapping& mapping : mappings) {
    if (trim(mapping.source).empty()) {
      return fail(ErrorKind::InvalidInput, "simulator.mapping", "Choose a source attribute.");
    }
    RETURN_IF_ERROR(ScimTarget::parse(mapping.target));
    if (!targets.insert(to_ascii_lower(mapping.target)).second) {
      return fail(ErrorKind::Conflict, "simulator.mapping",
                  fmt::format("The target attribute {} is mapped already. Delete that mapping first.",
                              printable(mapping.target)));
    }
    if (mapping.precedence < 0) {
      return fail(ErrorKind::InvalidInput, "simulator.mapping", "The matching precedence counts from 1.");
    }
    matches = matches || mapping.precedence > 0;
  }
  if (!matches) {
    return fail(ErrorKind::InvalidInput, "simulator.mapping",
                "At least one attribute must be used to match objects.");
  }
  return {};
}

Result<void> start_provisioning(Provisioning& provisioning) {
  const ProvisioningSettings& settings = provisioning.settings;
  if (!settings.automatic || settings.tenant_url.empty() || settings.secret_token.empty()) {
    return fail(ErrorKind::InvalidInput, "simulator.provisioning",
                "Choose the provisioning mode Automatic and save Tenant URL and Secret Token first.");
  }
  provisioning.job.started = true;
  return {};
}

Result<void> restart_provisioning(Provisioning& provisioning) {
  RETURN_IF_ERROR(start_provisioning(provisioning));
  provisioning.job = ProvisioningJob{.started = true};
  ++provisioning.generation;
  return {};
}

Duration shortened(const ProvisioningSettings& settings, Duration in_entra) {
  constexpr std::chrono::seconds kIntervalInEntra = std::chrono::minutes(40);
  if (settings.interval.count() == 0) return in_entra;
  return in_entra * settings.interval.count() / kIntervalInEntra.count();
}

std::optional<Timestamp> next_cycle(const Provisioning& provisioning) {
  const ProvisioningJob& job = provisioning.job;
  if (!job.started || provisioning.settings.interval.count() == 0) return std::nullopt;
  if (job.quarantine) return job.quarantine->next_retry;
  return job.last_cycle ? *job.last_cycle + provisioning.settings.interval : Timestamp();
}

const std::vector<std::string>& user_sources() {
  static const std::vector<std::string> sources = [] {
    std::vector<std::string> all{"objectId",
                                 "accountEnabled",
                                 "Not([IsSoftDeleted])",
                                 R"(Switch([IsSoftDeleted], , "False", "True", "True", "False"))",
                                 R"(Join(" ", [givenName], [surname]))",
                                 "manager",
                                 "SingleAppRoleAssignment([appRoleAssignments])",
                                 "AppRoleAssignmentsComplex([appRoleAssignments])"};
    for (const UserAttribute& attribute : kUserAttributes)
      all.emplace_back(attribute.source);
    return all;
  }();
  return sources;
}

const std::vector<std::string>& group_sources() {
  static const std::vector<std::string> sources{"displayName", "objectId", "members"};
  return sources;
}

const std::vector<std::string>& known_targets() {
  static const std::vector<std::string> targets = [] {
    std::vector<std::string> all;
    for (const AttributeMapping& mapping : default_user_mappings())
      all.push_back(mapping.target);
    for (const char* other :
         {"objectId", "nickName", "name.formatted", "preferredLanguage", "timezone", "userType",
          R"(emails[type eq "other"].value)", R"(roles[primary eq "True"].value)", "roles"})
      all.emplace_back(other);
    for (const char* other : {"costCenter", "organization", "division"})
      all.push_back(enterprise(other));
    return all;
  }();
  return targets;
}

}  // namespace doorward::simulator
