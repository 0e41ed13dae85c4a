#include "server/restore.h"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "directory/migrations.h"
#include "server/database_access.h"
#include "server/files.h"
#include "storage/database.h"

namespace doorward::server {

namespace {

namespace filesystem = std::filesystem;

/// A file of ours that goes away with its SQLite companions unless it was moved.
class ScratchFile {
 public:
  explicit ScratchFile(std::string path) : path_(std::move(path)) { remove_all(); }
  ~ScratchFile() { remove_all(); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  void remove_all() const {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::error_code ignored;
      filesystem::remove(path_ + suffix, ignored);
    }
  }
  std::string path_;
};

tl::unexpected<Error> broken(std::string message, std::string detail) {
  return fail(ErrorKind::Refused, "restore.failed", std::move(message), std::move(detail));
}

Result<void> sync(const std::string& path, int flags) {
  const int file = open(path.c_str(), flags | O_CLOEXEC);
  const bool synced = file >= 0 && fsync(file) == 0;
  const int error = errno;
  if (file >= 0) close(file);
  if (synced) return {};
  return broken(fmt::format("{} could not be made durable. Check the disk.", printable(path)),
                system_error_text(error));
}

/// Checks the copy, and brings it to the tables of this program.
Result<int> prepare(const std::string& path) {
  ASSIGN_OR_RETURN(const auto database, storage::Database::open("sqlite:" + path));
  ASSIGN_OR_RETURN(const auto version, database->schema_version());
  if (version.newest == 0)
    return fail(ErrorKind::InvalidInput, "restore.no_backup",
                "The file is no backup of a Doorward database.");
  RETURN_IF_ERROR(database->check_integrity());
  RETURN_IF_ERROR(database->migrate(directory::migrations(database->dialect())));
  ASSIGN_OR_RETURN(const auto prepared, database->schema_version());
  return prepared.newest;
}

/// Frees the old database of its write-ahead log: left in the folder, it would be applied to the new file.
Result<void> settle_old(const std::string& path, const std::string& kept) {
  if (auto old = storage::Database::open("sqlite:" + path); !old) {
    log::failure(log::Level::Warning, "restore.old_unreadable", old.error());
  }
  for (const char* suffix : {"-wal", "-shm"}) {
    std::error_code error;
    if (!filesystem::exists(path + suffix, error)) continue;
    filesystem::rename(path + suffix, kept + suffix, error);
    if (error) return broken("The old database cannot be put aside.", error.message());
  }
  std::error_code error;
  filesystem::create_hard_link(path, kept, error);
  if (error)
    return broken(fmt::format("The old database cannot be kept as {}.", printable(kept)), error.message());
  return {};
}

/// `2026-03-01T09:30:00.250Z` without what file names should not hold.
std::string compact_time(Timestamp now) {
  std::string text = format_rfc3339(std::chrono::floor<std::chrono::seconds>(now));
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

}  // namespace

Result<Restored> restore_database(const Config& config, const std::string& file, Timestamp now) {
  const auto path = config.sqlite_path();
  if (!path) {
    return fail(ErrorKind::InvalidInput, "restore.not_sqlite",
                "A PostgreSQL database is restored with PostgreSQL's own tools, such as pg_restore.");
  }
  ASSIGN_OR_RETURN(const auto lock, DatabaseLock::take(config, DatabaseLock::Use::Replace));
  std::error_code error;
  if (filesystem::equivalent(file, *path, error)) {
    return fail(ErrorKind::InvalidInput, "restore.same_file", "That file is the database itself.");
  }
  if (filesystem::file_size(file + "-wal", error) > 0 && !error) {
    return fail(
        ErrorKind::InvalidInput, "restore.unsettled",
        fmt::format(
            "{} is a database in use, with changes that lie in another file. Make a backup of it with "
            "doorward backup, and restore that.",
            printable(file)));
  }
  const ScratchFile copy(*path + ".restoring");
  filesystem::copy_file(file, copy.path(), error);
  if (error) {
    return fail(error == std::errc::no_such_file_or_directory ? ErrorKind::NotFound : ErrorKind::InvalidInput,
                "restore.unreadable",
                fmt::format("{} cannot be copied: {}.", printable(file), error.message()));
  }
  filesystem::permissions(copy.path(), filesystem::perms::owner_read | filesystem::perms::owner_write, error);
  Restored restored;
  ASSIGN_OR_RETURN(restored.schema_version, prepare(copy.path()));
  RETURN_IF_ERROR(sync(copy.path(), O_RDWR));

  if (filesystem::exists(*path, error)) {
    restored.kept = fmt::format("{}.before-restore-{}", *path, compact_time(now));
    RETURN_IF_ERROR(settle_old(*path, restored.kept));
  }
  filesystem::rename(copy.path(), *path, error);
  if (error) return broken("The backup cannot be moved into its place.", error.message());
  const std::string folder = filesystem::path(*path).parent_path().string();
  RETURN_IF_ERROR(sync(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY));
  return restored;
}

}  // namespace doorward::server
