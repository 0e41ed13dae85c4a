#include "directory/person_records.h"

#include "base/check.h"
#include "base/text.h"
#include "directory/stored_json.h"

namespace doorward::directory {
namespace {

constexpr int kRememberedDeletions = 2000;

Actor recorded_actor(std::string_view kind, std::string_view name) {
  const std::optional<ActorKind> known = parse_actor_kind(kind);
  CHECK(known.has_value());
  return {*known, std::string(name)};
}

}  // namespace

Result<std::vector<AuditEntry>> list_audit_about(storage::Transaction& transaction, AccountId account,
                                                 std::string_view target, int limit) {
  StoredJson details;
  ASSIGN_OR_RETURN(std::vector<AuditEntry> entries,
                   transaction.all("SELECT id, at, actor_kind, actor_name, action, target, details FROM audit"
                                   " WHERE account_id = $1 AND target = $2 ORDER BY id DESC LIMIT $3",
                                   {account, target, limit}, [&](const storage::Row& row) {
                                     return AuditEntry{.id = row.id<AuditId>(0),
                                                       .at = row.time(1),
                                                       .actor = recorded_actor(row.text(2), row.text(3)),
                                                       .action = std::string(row.text(4)),
                                                       .target = std::string(row.text(5)),
                                                       .details = details.read(row.text(6))};
                                   }));
  RETURN_IF_ERROR(details.status());
  return entries;
}

Result<std::optional<DeletedEmployee>> find_deleted_by_user_name(storage::Transaction& transaction,
                                                                 AccountId account,
                                                                 std::string_view user_name) {
  const std::string key = fold_case(user_name);
  std::optional<DeletedEmployee> found;
  RETURN_IF_ERROR(
      transaction.query("SELECT public_id, user_name, display_name, deleted_at, actor_kind, actor_name"
                        " FROM deleted_employees WHERE account_id = $1 ORDER BY id DESC LIMIT $2",
                        {account, kRememberedDeletions}, [&](const storage::Row& row) {
                          if (found || fold_case(row.text(1)) != key) return;
                          found = DeletedEmployee{.public_id = std::string(row.text(0)),
                                                  .user_name = std::string(row.text(1)),
                                                  .display_name = std::string(row.text(2)),
                                                  .deleted_at = row.time(3),
                                                  .actor = recorded_actor(row.text(4), row.text(5))};
                        }));
  return found;
}

}  // namespace doorward::directory
