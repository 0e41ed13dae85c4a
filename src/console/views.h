#pragma once

#include <string_view>

#include "base/clock.h"
#include "directory/attempts.h"
#include "directory/audit.h"
#include "directory/connections.h"
#include "directory/domains.h"
#include "directory/employees.h"
#include "directory/sessions.h"
#include "json/json.h"
#include "storage/database.h"

/// What the API shows of the directory's rows. Public ids only; no secret is ever among it.
namespace doorward::console {

json::Object view(const directory::Employee& employee);
json::Object view(const directory::Domain& domain);
json::Object view(const directory::Connection& connection);
/// Without the report.
json::Object view(const directory::Attempt& attempt);
/// With the employee's name, where there is one.
Result<json::Object> named_view(storage::Transaction& transaction, const directory::Attempt& attempt);
/// The same with the report of every check.
Result<json::Object> attempt_story(storage::Transaction& transaction, const directory::Attempt& attempt);
json::Object view(const directory::AuditEntry& entry);
json::Object view(const directory::SignedIn& signed_in);
/// The name of the account that a test account tests for; null of any other.
json::Value test_account_of(const directory::Account& account);

}  // namespace doorward::console
