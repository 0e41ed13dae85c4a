#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "directory/ids.h"
#include "storage/database.h"

/// What caches must forget. Every function of this room that ends a session, changes what a cached session or
/// sign-in setup shows, or takes a right away sends one in its transaction.
namespace doorward::directory {

struct Notice {
  AccountId account;
  /// Forget what is cached of this employee: sessions, tokens, rights.
  std::optional<EmployeeId> employee = {};
  /// Forget this session. With neither, forget all of the account: its setup, sessions and employees.
  std::optional<SessionId> session = {};
};

Result<void> send_notice(storage::Transaction& transaction, const Notice& notice);

/// Calls `forget` for every notice that commits on this node, or reaches it from another, before the writer
/// is answered. `forget` must be quick and must not use the database. Writes of another process on the same
/// SQLite file send nothing: see `storage::Database::foreign_version`.
void on_notice(storage::Database& database, std::function<void(const Notice&)> forget);

}  // namespace doorward::directory
