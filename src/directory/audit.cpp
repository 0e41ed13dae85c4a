#include "directory/audit.h"

#include "directory/names.h"
#include "directory/stored_json.h"

namespace doorward::directory {
namespace {

constexpr Names<ActorKind, 5> kActorKinds = {{{ActorKind::Support, "support"},
                                              {ActorKind::Administrator, "administrator"},
                                              {ActorKind::Employee, "employee"},
                                              {ActorKind::Directory, "directory"},
                                              {ActorKind::System, "system"}}};

}  // namespace

std::string_view to_text(ActorKind kind) {
  return name_of(kActorKinds, kind);
}
std::optional<ActorKind> parse_actor_kind(std::string_view text) {
  return value_of(kActorKinds, text);
}

Result<void> require_own_rights(const Actor& actor) {
  if (!actor.proposes) return {};
  return fail(ErrorKind::Refused, kProposalsOnly,
              "Only an administrator can do this. Ask the one who gave you the setup link.");
}

Result<void> record_audit(storage::Transaction& transaction, AccountId account, const Actor& actor,
                          std::string_view action, std::string_view target, const json::Object& details,
                          Timestamp now) {
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO audit (account_id, at, actor_kind, actor_name, action, target, details)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {account, now, to_text(actor.kind), actor.name, action, target, json::serialize(details)}));
  return {};
}

Result<std::vector<AuditEntry>> list_audit(storage::Transaction& transaction, AccountId account,
                                           std::optional<AuditId> before, int limit) {
  StoredJson details;
  ASSIGN_OR_RETURN(
      std::vector<AuditEntry> entries,
      transaction.all("SELECT id, at, actor_kind, actor_name, action, target, details FROM audit"
                      " WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                      {account, before.value_or(AuditId{INT64_MAX}), limit}, [&](const storage::Row& row) {
                        return AuditEntry{
                            .id = row.id<AuditId>(0),
                            .at = row.time(1),
                            .actor = {stored_value(kActorKinds, row.text(2)), std::string(row.text(3))},
                            .action = std::string(row.text(4)),
                            .target = std::string(row.text(5)),
                            .details = details.read(row.text(6))};
                      }));
  RETURN_IF_ERROR(details.status());
  return entries;
}

}  // namespace doorward::directory
