#pragma once

#include <memory>

#include "base/result.h"
#include "server/config.h"
#include "storage/database.h"

namespace doorward::server {

/// Says to other processes on this machine that an SQLite database is in use, so that nobody replaces its
/// file meanwhile. Locks of the file beside it that ends in `.lock`, held until the value goes or the process
/// ends, however it ends. PostgreSQL looks after itself: there the lock is empty.
class DatabaseLock {
 public:
  enum class Use : std::uint8_t {
    Command,  ///< Beside others.
    Server,   ///< Beside commands, but no second server.
    Replace,  ///< Alone.
  };

  /// Does not wait; fails with `Conflict` when another use stands in the way.
  static Result<DatabaseLock> take(const Config& config, Use use);
  /// Whether a server holds the lock.
  static Result<bool> server_runs(const Config& config);

  DatabaseLock(DatabaseLock&& other) noexcept;
  DatabaseLock& operator=(DatabaseLock&& other) noexcept;
  ~DatabaseLock();

 private:
  explicit DatabaseLock(int file) : file_(file) {}
  int file_ = -1;
};

/// A database that is ready: locked, opened and migrated.
struct OpenDatabase {
  DatabaseLock lock;
  std::unique_ptr<storage::Database> database;
};

/// What the configuration says of a PostgreSQL database.
storage::OpenOptions open_options(const Config& config);

/// Makes the folder and the file of an SQLite database when they are missing. A command refuses to migrate
/// below a server that runs: that server knows the old tables only.
Result<OpenDatabase> open_database(const Config& config, DatabaseLock::Use use);

}  // namespace doorward::server
