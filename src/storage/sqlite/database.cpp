#include "storage/sqlite/database.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "storage/migrations.h"

namespace doorward::storage::sqlite {
namespace {

/// The database whose writer this thread is; a body that writes again would wait for itself.
thread_local const void* writing_for = nullptr;

/// Makes an existing file's content, or a folder's entries, durable.
bool sync_path(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  return synced;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<MigrationsTable> look_at_migrations(Connection& connection) {
  MigrationsTable table;
  RETURN_IF_ERROR(connection.run("SELECT name FROM pragma_table_info('migrations')", {},
                                 [&](const Row& row) { table.add_column(row.text(0)); }));
  return table;
}

}  // namespace

class Database::Reader {
 public:
  static Result<Reader> take(Database& database) {
    std::unique_lock lock(database.readers_mutex_);
    database.reader_returned_.wait(
        lock, [&] { return !database.idle_readers_.empty() || database.reader_count_ < kMaxReaders; });
    if (!database.idle_readers_.empty()) {
      // The one given back last has the warmest cache.
      auto connection = std::move(database.idle_readers_.back());
      database.idle_readers_.pop_back();
      return Reader(database, std::move(connection));
    }
    ++database.reader_count_;
    lock.unlock();
    auto opened = Connection::open(database.path_, Access::Read);
    if (opened) return Reader(database, *std::move(opened));
    lock.lock();
    --database.reader_count_;
    database.reader_returned_.notify_one();
    return fail(std::move(opened).error());
  }

  ~Reader() {
    if (connection_ == nullptr) return;
    const std::lock_guard lock(database_.readers_mutex_);
    database_.idle_readers_.push_back(std::move(connection_));
    database_.reader_returned_.notify_one();
  }
  Reader(Reader&&) = default;
  Reader& operator=(Reader&&) = delete;

  Connection& operator*() { return *connection_; }
  Connection* operator->() { return connection_.get(); }

 private:
  Reader(Database& database, std::unique_ptr<Connection> connection)
      : database_(database), connection_(std::move(connection)) {}
  Database& database_;
  std::unique_ptr<Connection> connection_;
};

Result<std::unique_ptr<storage::Database>> Database::open(const std::string& path) {
  ASSIGN_OR_RETURN(auto writer, Connection::open(path, Access::Write));
  return std::unique_ptr<storage::Database>(new Database(path, std::move(writer)));
}

Database::Database(std::string path, std::unique_ptr<Connection> writer)
    : path_(std::move(path)),
      writer_(std::move(writer)),
      wal_index_(writer_->wal_index()),
      writer_thread_([this] { write_loop(); }) {}

Database::~Database() {
  {
    const std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  queue_changed_.notify_one();
  writer_thread_.join();
}

Result<void> Database::run_read(const Work& work) {
  ASSIGN_OR_RETURN(Reader reader, Reader::take(*this));
  RETURN_IF_ERROR(reader->run("BEGIN", {}, {}));
  // The snapshot ends here even when the body throws; a read has nothing to lose by a rollback.
  struct Ending {
    Connection& connection;
    ~Ending() {
      const Result<void> ended = connection.run("ROLLBACK", {}, {});
      if (!ended) log::failure(log::Level::Error, "storage.read_not_ended", ended.error());
    }
  };
  const Ending ending{*reader};
  Transaction transaction(*reader, Access::Read);
  RETURN_IF_ERROR(work(transaction));
  if (transaction.first_failure()) return fail(*transaction.first_failure());
  return {};
}

Result<void> Database::run_write(const Work& work) {
  CHECK(writing_for != this);
  Waiting waiting{work};
  {
    std::unique_lock lock(queue_mutex_);
    queue_.push_back(&waiting);
    queue_changed_.notify_one();
    waiting.finished_changed.wait(lock, [&] { return waiting.finished; });
  }
  if (waiting.thrown) std::rethrow_exception(waiting.thrown);
  return std::move(waiting.outcome);
}

void Database::write_loop() {
  writing_for = this;
  while (true) {
    const Group group = next_group();
    if (group.empty()) return;
    commit_group(group);
    deliver(group);
    finish(group);
  }
}

/// Whoever waits when the last commit is done goes into the next one. Empty when it is time to stop.
Database::Group Database::next_group() {
  std::unique_lock lock(queue_mutex_);
  queue_changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
  const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), kMaxGroup));
  Group group(queue_.begin(), queue_.begin() + count);
  queue_.erase(queue_.begin(), queue_.begin() + count);
  return group;
}

void Database::commit_group(const Group& group) {
  const std::lock_guard lock(writer_mutex_);
  const Result<void> committed = run_group(group);
  if (committed) return;
  if (writer_->in_transaction()) {
    const Result<void> rolled_back = writer_->run("ROLLBACK", {}, {});
    if (!rolled_back) log::failure(log::Level::Error, "storage.rollback_failed", rolled_back.error());
  }
  // Nobody's change is there: whoever succeeded has failed as well. Who failed by himself keeps his reason.
  for (Waiting* waiting : group) {
    waiting->messages.clear();
    if (waiting->outcome && !waiting->thrown) waiting->outcome = fail(committed.error());
  }
}

Result<void> Database::run_group(const Group& group) {
  RETURN_IF_ERROR(writer_->run("BEGIN IMMEDIATE", {}, {}));
  RETURN_IF_ERROR(refresh_foreign_version());
  bool changed = false;
  for (Waiting* waiting : group) {
    RETURN_IF_ERROR(run_body(*waiting, group.size() == 1));
    changed = changed || (waiting->outcome && !waiting->thrown);
  }
  return writer_->run(changed ? "COMMIT" : "ROLLBACK", {}, {});
}

/// The body's own failure goes into `waiting`; what is returned concerns the whole group.
Result<void> Database::run_body(Waiting& waiting, bool alone) {
  if (!alone) RETURN_IF_ERROR(writer_->run("SAVEPOINT body", {}, {}));
  Transaction transaction(*writer_, Access::Write);
  try {
    waiting.outcome = waiting.work(transaction);
    if (waiting.outcome && transaction.first_failure()) waiting.outcome = fail(*transaction.first_failure());
  } catch (...) {
    waiting.thrown = std::current_exception();
  }
  // A full disk or an I/O error takes the whole transaction with it.
  if (!writer_->in_transaction()) {
    if (transaction.first_failure()) return fail(*transaction.first_failure());
    return fail(ErrorKind::Unavailable, kUnavailable, "The database gave up the transaction. Try again.");
  }
  const bool succeeded = waiting.outcome && !waiting.thrown;
  if (succeeded) waiting.messages = transaction.messages();
  if (alone) return {};
  if (!succeeded) RETURN_IF_ERROR(writer_->run("ROLLBACK TO body", {}, {}));
  return writer_->run("RELEASE body", {}, {});
}

void Database::deliver(const Group& group) {
  const std::lock_guard lock(listeners_mutex_);
  for (const Waiting* waiting : group) {
    for (const Transaction::Message& message : waiting->messages) {
      const auto [first, last] = listeners_.equal_range(message.channel);
      std::for_each(first, last, [&](const auto& entry) { entry.second(message.text); });
    }
  }
}

void Database::finish(const Group& group) {
  const std::lock_guard lock(queue_mutex_);
  for (Waiting* waiting : group) {
    waiting->finished = true;
    // Under the lock: the caller's stack frame, which holds the condition, is gone as soon as it wakes.
    waiting->finished_changed.notify_one();
  }
}

void Database::listen(std::string_view channel, Listener listener) {
  const std::lock_guard lock(listeners_mutex_);
  listeners_.emplace(std::string(channel), std::move(listener));
}

Result<std::int64_t> Database::foreign_version() {
  // Nobody has committed since it was asked for, which memory tells; SQLite asks the kernel.
  const std::uint64_t state = wal_index_.state();
  if (state != 0 && state == foreign_version_at_.load(std::memory_order_acquire))
    return foreign_version_.load(std::memory_order_relaxed);
  // data_version ignores the commits of the connection that asks, and the writer's are all that we make.
  // While it is busy, the value that it read at the beginning of its transaction is less than one commit old.
  if (const std::unique_lock lock(writer_mutex_, std::try_to_lock); lock.owns_lock()) {
    RETURN_IF_ERROR(refresh_foreign_version());
  }
  return foreign_version_.load();
}

Result<void> Database::refresh_foreign_version() {
  // Before the version: what is committed between the two makes the next caller ask again.
  const std::uint64_t state = wal_index_.state();
  RETURN_IF_ERROR(writer_->run("PRAGMA data_version", {},
                               [this](const Row& row) { foreign_version_.store(row.integer(0)); }));
  foreign_version_at_.store(state, std::memory_order_release);
  return {};
}

Result<void> Database::migrate(const std::vector<Migration>& migrations) {
  const std::lock_guard lock(writer_mutex_);
  RETURN_IF_ERROR(writer_->run("BEGIN EXCLUSIVE", {}, {}));
  Result<void> outcome = apply(migrations);
  if (outcome) outcome = writer_->run("COMMIT", {}, {});
  if (!outcome && writer_->in_transaction()) RETURN_IF_ERROR(writer_->run("ROLLBACK", {}, {}));
  return outcome;
}

Result<void> Database::apply(const std::vector<Migration>& migrations) {
  RETURN_IF_ERROR(writer_->run(
      "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
      " sql TEXT NOT NULL, applied_at INTEGER NOT NULL, oldest_program INTEGER NOT NULL DEFAULT 0)"
      " STRICT",
      {}, {}));
  ASSIGN_OR_RETURN(const MigrationsTable table, look_at_migrations(*writer_));
  if (!table.keeps_oldest_program) {
    RETURN_IF_ERROR(
        writer_->run("ALTER TABLE migrations ADD COLUMN oldest_program INTEGER NOT NULL DEFAULT 0", {}, {}));
  }
  std::map<std::int64_t, AppliedMigration> applied;
  RETURN_IF_ERROR(writer_->run("SELECT number, sql, oldest_program FROM migrations", {}, [&](const Row& row) {
    applied.emplace(row.integer(0), AppliedMigration{std::string(row.text(1)), row.integer(2)});
  }));
  ASSIGN_OR_RETURN(const auto missing, missing_migrations(migrations, std::move(applied)));
  for (const Migration* migration : missing) {
    const Result<void> ran = writer_->run_script(std::string(migration->sql));
    if (!ran) {
      return fail(ErrorKind::Internal, "storage.migration_failed",
                  "Migration " + std::string(migration->name) + " failed. The database is as it was before.",
                  ran.error().detail);
    }
    RETURN_IF_ERROR(writer_->run(
        "INSERT INTO migrations (number, name, sql, applied_at, oldest_program)"
        " VALUES ($1, $2, $3, $4, $5)",
        {migration->number, migration->name, migration->sql, SystemClock().now(), migration->oldest_program},
        {}));
  }
  return {};
}

Result<SchemaVersion> Database::schema_version() {
  ASSIGN_OR_RETURN(Reader reader, Reader::take(*this));
  ASSIGN_OR_RETURN(const MigrationsTable table, look_at_migrations(*reader));
  SchemaVersion version;
  if (!table.exists) return version;
  RETURN_IF_ERROR(reader->run(table.select_version(), {}, [&](const Row& row) {
    version = {.newest = static_cast<int>(row.integer(0)),
               .oldest_program = static_cast<int>(row.integer(1))};
  }));
  return version;
}

Result<void> Database::check_integrity() {
  ASSIGN_OR_RETURN(Reader reader, Reader::take(*this));
  std::string first_finding;
  RETURN_IF_ERROR(
      reader->run("PRAGMA quick_check(1)", {}, [&](const Row& row) { first_finding = row.text(0); }));
  if (first_finding == "ok") return {};
  return fail(ErrorKind::Internal, kDamaged, "The database file is damaged. Restore a backup.",
              first_finding);
}

Result<void> Database::backup(const std::string& path) {
  // SQLite wants a new or an empty file; made here, it is private and never somebody's other file.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    return fail(errno == EEXIST ? ErrorKind::Conflict : ErrorKind::InvalidInput, "storage.backup_target",
                "The backup cannot be written to " + printable(path) +
                    ". Name a file that does not exist yet, in a folder that Doorward may write to.",
                std::generic_category().message(errno));
  }
  ::close(file);
  // A connection of its own: a long copy must keep neither the writer nor a reader of the pool.
  Result<void> outcome = [&]() -> Result<void> {
    ASSIGN_OR_RETURN(auto source, Connection::open(path_, Access::Write));
    RETURN_IF_ERROR(source->run("VACUUM INTO $1", {path}, {}));
    // VACUUM INTO does not sync what it wrote.
    if (!sync_path(path) || !sync_path(folder_of(path))) {
      return fail(ErrorKind::Unavailable, kUnavailable,
                  "The backup could not be made durable. Check the disk.",
                  std::generic_category().message(errno));
    }
    return {};
  }();
  if (!outcome) ::unlink(path.c_str());
  return outcome;
}

}  // namespace doorward::storage::sqlite
