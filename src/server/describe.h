#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "directory/accounts.h"
#include "directory/applications.h"
#include "directory/attempts.h"
#include "directory/audit.h"
#include "directory/connections.h"
#include "directory/departments.h"
#include "directory/domains.h"
#include "directory/employees.h"
#include "directory/groups.h"
#include "directory/provisioning_log.h"
#include "directory/provisioning_tokens.h"
#include "directory/sessions.h"
#include "json/json.h"
#include "saml/protocol/finding.h"

/// The JSON of the command line. Its names are documented in docs/command-line.md and stay.
namespace doorward::server {

json::Value time_value(std::optional<Timestamp> time);
json::Object describe(const directory::Account& account);
json::Object describe(const directory::Employee& employee);
json::Object describe(const directory::Session& session);
json::Object describe(const directory::AuditEntry& entry);
/// `connections` are the account's: their names stand for their ids.
json::Object describe(const directory::Domain& domain, const std::vector<directory::Connection>& connections);
json::Object describe(const directory::Attempt& attempt,
                      const std::vector<directory::Connection>& connections);
/// Certificates with what an administrator compares at the provider.
json::Object describe(const directory::Connection& connection, Timestamp now);
json::Array describe(const saml::protocol::Report& report);
/// `status` is `active`, `expired` or `revoked`.
json::Object describe(const directory::ProvisioningToken& token, Timestamp now);
/// `departments` are the account's.
json::Object describe(const directory::Group& group, const std::vector<directory::Department>& departments);
/// `secrets` are its own.
json::Object describe(const directory::Application& application,
                      const std::vector<directory::ApplicationSecret>& secrets);
/// Without changes and bodies.
json::Object describe(const directory::ProvisioningEntry& entry);

}  // namespace doorward::server
