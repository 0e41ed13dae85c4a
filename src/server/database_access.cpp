#include "server/database_access.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "directory/employee_search.h"
#include "directory/migrations.h"
#include "server/files.h"

namespace doorward::server {

namespace {

// The first byte is locked by everyone, the second by a server.
constexpr off_t kInUse = 0;
constexpr off_t kServer = 1;

struct flock byte_range(off_t byte, short type) {
  struct flock range{};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = byte;
  range.l_len = 1;
  return range;
}

/// Locks of an open file description, unlike older ones, also hold between two parts of one process.
bool try_lock(int file, off_t byte, short type) {
  struct flock range = byte_range(byte, type);
  return fcntl(file, F_OFD_SETLK, &range) == 0;
}

Result<int> open_lock_file(const std::string& database_path) {
  RETURN_IF_ERROR(make_parent_folder(database_path));
  const std::string path = database_path + ".lock";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file >= 0) return file;
  return fail(ErrorKind::Refused, "database.no_lock",
              fmt::format("{} cannot be opened: {}. Run this as the user that Doorward runs as.",
                          printable(path), system_error_text(errno)));
}

tl::unexpected<Error> in_use(std::string message) {
  return fail(ErrorKind::Conflict, "database.in_use", std::move(message));
}

/// What a migration could not say in SQL; next to nothing once it is done.
Result<void> fill_search_keys(storage::Database& database) {
  constexpr int kBatch = 500;
  const auto missing = [](storage::Transaction& transaction) {
    return directory::is_search_key_missing(transaction);
  };
  for (;;) {
    ASSIGN_OR_RETURN(const bool left, database.read(missing));
    if (!left) return {};
    RETURN_IF_ERROR(database.write(
        [](storage::Transaction& transaction) { return directory::fill_search_keys(transaction, kBatch); }));
  }
}

}  // namespace

DatabaseLock::DatabaseLock(DatabaseLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

DatabaseLock& DatabaseLock::operator=(DatabaseLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

DatabaseLock::~DatabaseLock() {
  if (file_ >= 0) close(file_);
}

Result<DatabaseLock> DatabaseLock::take(const Config& config, Use use) {
  const auto path = config.sqlite_path();
  if (!path) return DatabaseLock(-1);
  ASSIGN_OR_RETURN(const int file, open_lock_file(*path));
  DatabaseLock lock(file);
  if (!try_lock(file, kInUse, use == Use::Replace ? F_WRLCK : F_RDLCK)) {
    if (use != Use::Replace) return in_use("The database is being restored. Try again when that is done.");
    ASSIGN_OR_RETURN(const bool server, server_runs(config));
    return in_use(server ? "A server is running on this database. Stop it first."
                         : "Another command uses this database. Try again when it is done.");
  }
  if (use == Use::Server && !try_lock(file, kServer, F_WRLCK)) {
    return in_use("A server is running on this database already. An SQLite database serves one at a time.");
  }
  return lock;
}

Result<bool> DatabaseLock::server_runs(const Config& config) {
  const auto path = config.sqlite_path();
  if (!path || access((*path + ".lock").c_str(), F_OK) != 0) return false;
  ASSIGN_OR_RETURN(const int file, open_lock_file(*path));
  const DatabaseLock closes(file);
  struct flock range = byte_range(kServer, F_WRLCK);
  return fcntl(file, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

storage::OpenOptions open_options(const Config& config) {
  return {.direct_url = config.postgres_direct_url, .max_connections = config.postgres_connections};
}

Result<OpenDatabase> open_database(const Config& config, DatabaseLock::Use use) {
  ASSIGN_OR_RETURN(auto lock, DatabaseLock::take(config, use));
  ASSIGN_OR_RETURN(auto database, storage::Database::open(config.database, open_options(config)));
  const auto& migrations = directory::migrations(database->dialect());
  if (use == DatabaseLock::Use::Command) {
    ASSIGN_OR_RETURN(const auto version, database->schema_version());
    ASSIGN_OR_RETURN(const bool server, DatabaseLock::server_runs(config));
    if (server && version.newest < migrations.back().number) {
      return fail(ErrorKind::Conflict, "database.older_server",
                  "The server that runs on this database is older than this program. Restart it first.");
    }
  }
  RETURN_IF_ERROR(database->migrate(migrations));
  if (use == DatabaseLock::Use::Server) {
    ASSIGN_OR_RETURN(const auto version, database->schema_version());
    if (version.newest > migrations.back().number) {
      log::warning("database.newer_tables",
                   {{"tables", version.newest}, {"known", migrations.back().number}});
    }
  }
  RETURN_IF_ERROR(fill_search_keys(*database));
  return OpenDatabase{std::move(lock), std::move(database)};
}

}  // namespace doorward::server
