#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "directory/audit.h"
#include "directory/ids.h"
#include "directory/provisioning.h"
#include "storage/database.h"

/// What was recorded about one person or thing, newest first.
namespace doorward::directory {

/// Of the audit: `target` is a public id, or the name of a domain.
Result<std::vector<AuditEntry>> list_audit_about(storage::Transaction& transaction, AccountId account,
                                                 std::string_view target, int limit);

/// Who had the user name and was deleted, the last one; looks through the newest 2,000.
Result<std::optional<DeletedEmployee>> find_deleted_by_user_name(storage::Transaction& transaction,
                                                                 AccountId account,
                                                                 std::string_view user_name);

}  // namespace doorward::directory
