#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"

/// One interface over SQLite and PostgreSQL. The SQL text is the same for both: `$1` placeholders,
/// `ON CONFLICT … RETURNING`, booleans as 0 and 1, times as milliseconds since 1970.
namespace doorward::storage {

inline constexpr ErrorCode kDuplicate = "storage.duplicate";
inline constexpr ErrorCode kUnavailable = "storage.unavailable";
inline constexpr ErrorCode kDamaged = "storage.damaged";

/// Bytes for a BLOB / bytea column, as opposed to text.
struct Blob {
  std::string_view bytes;
};

/// What a placeholder is bound to. Texts and blobs are borrowed for the call.
class Parameter {
 public:
  Parameter(std::nullptr_t) {}
  Parameter(bool flag) : value_(std::int64_t{flag}) {}
  template <std::integral T>
  Parameter(T number) : value_(static_cast<std::int64_t>(number)) {}
  template <class Tag>
  Parameter(Id<Tag> id) : value_(id.value) {}
  Parameter(Timestamp time) : value_(to_millis(time)) {}
  Parameter(std::string_view text) : value_(text) {}
  Parameter(const std::string& text) : value_(std::string_view(text)) {}
  Parameter(const char* text) : value_(std::string_view(text)) {}
  Parameter(Blob blob) : value_(blob) {}
  template <class T>
  Parameter(const std::optional<T>& maybe) {
    if (maybe) *this = Parameter(*maybe);
  }

  using Value = std::variant<std::monostate, std::int64_t, std::string_view, Blob>;
  const Value& value() const { return value_; }

 private:
  Value value_;
};

using Parameters = std::initializer_list<Parameter>;

/// The current row of a result, valid only inside the callback that receives it. Columns count from 0; asking
/// for a type that the column does not have is a broken contract.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  /// Text or blob bytes; empty for NULL.
  virtual std::string_view text(int column) const = 0;

  bool flag(int column) const { return integer(column) != 0; }
  Timestamp time(int column) const { return from_millis(integer(column)); }
  std::optional<Timestamp> optional_time(int column) const {
    if (is_null(column)) return std::nullopt;
    return time(column);
  }
  std::optional<std::string> optional_text(int column) const {
    if (is_null(column)) return std::nullopt;
    return std::string(text(column));
  }
  template <class IdType>
  IdType id(int column) const {
    return IdType{integer(column)};
  }
};

/// Statements of one transaction. A failed statement leaves the transaction usable only to be given up.
class Transaction {
 public:
  virtual ~Transaction() = default;

  /// Runs a statement and calls `on_row` for each row that it returns. The statement is prepared once per
  /// connection and kept, so `sql` must be a literal.
  virtual Result<void> query(std::string_view sql, Parameters parameters,
                             const std::function<void(const Row&)>& on_row) = 0;

  /// Runs a statement and says how many rows it changed.
  virtual Result<std::int64_t> execute(std::string_view sql, Parameters parameters) = 0;

  /// Sends `message` (at most 7,000 bytes) to the listeners of `channel` on every node, if and when this
  /// transaction commits.
  virtual Result<void> notify(std::string_view channel, std::string_view message) = 0;

  /// The first row made into a value by `read`, or nothing.
  template <class Read, class T = std::invoke_result_t<Read, const Row&>>
  Result<std::optional<T>> first(std::string_view sql, Parameters parameters, Read read) {
    std::optional<T> found;
    RETURN_IF_ERROR(query(sql, parameters, [&](const Row& row) {
      if (!found) found.emplace(read(row));
    }));
    return found;
  }

  template <class Read, class T = std::invoke_result_t<Read, const Row&>>
  Result<std::vector<T>> all(std::string_view sql, Parameters parameters, Read read) {
    std::vector<T> rows;
    RETURN_IF_ERROR(query(sql, parameters, [&](const Row& row) { rows.push_back(read(row)); }));
    return rows;
  }
};

/// A numbered file of migrations/: forward only, never edited once released.
struct Migration {
  int number;
  std::string_view name;
  std::string_view sql;
  /// The oldest program that works on a database with this migration, by the number of that program's last
  /// one; 0 when none does that does not know it. Kept in the database, for the programs that do not know it.
  int oldest_program = 0;
};

/// How far a database's tables are; zeros for a new one.
struct SchemaVersion {
  /// The number of the newest migration that was applied.
  int newest = 0;
  /// Programs whose last migration is this one or a later one work with it.
  int oldest_program = 0;
};

/// Which migrations a database takes.
enum class Dialect : std::uint8_t { Sqlite, Postgres };

/// What only PostgreSQL asks for.
struct OpenOptions {
  /// Goes around a pooler that `url` leads to: for listening, leading and migrating. Empty where `url` leads
  /// to the server itself.
  std::string direct_url = {};
  int max_connections = 20;
};

class Database {
 public:
  virtual ~Database() = default;

  /// Opens `sqlite:PATH` (created when absent) or `postgres://…`, to which nothing connects yet. The database
  /// is ready, not migrated.
  static Result<std::unique_ptr<Database>> open(const std::string& url, const OpenOptions& options = {});

  virtual Dialect dialect() const = 0;

  /// Runs `body(Transaction&) -> Result<T>` on a consistent snapshot; it may only read.
  template <class Body>
  std::invoke_result_t<Body, Transaction&> read(Body body) {
    return run<Body>(body, [this](const Work& work) { return run_read(work); });
  }

  /// Runs `body(Transaction&) -> Result<T>` and commits when it succeeds; a failure rolls back that body
  /// alone. Several callers' bodies may share one commit, and a body may run again after a conflict: it must
  /// have no side effect outside the transaction. Returns after the commit is durable.
  template <class Body>
  std::invoke_result_t<Body, Transaction&> write(Body body) {
    return run<Body>(body, [this](const Work& work) { return run_write(work); });
  }

  /// Applies what is missing of `migrations` under a lock. Refuses a database that is newer than the program,
  /// unless its newer migrations say that the program works with them.
  virtual Result<void> migrate(const std::vector<Migration>& migrations) = 0;

  virtual Result<SchemaVersion> schema_version() = 0;

  /// Reads the whole database and fails with `kDamaged` when something in it is broken.
  virtual Result<void> check_integrity() = 0;

  using Listener = std::function<void(std::string_view message)>;

  /// Calls `listener` for each message of `channel`: those of our own transactions after the commit and
  /// before the writer is answered. It is called on the writer's thread or one of the database's, must be
  /// quick and must not use the database. Messages of another process on the same SQLite file do not come:
  /// see `foreign_version`.
  virtual void listen(std::string_view channel, Listener listener) = 0;

  /// Changes whenever another process has committed (SQLite's `PRAGMA data_version`), not by our own commits;
  /// cheap, never waits for a writer. PostgreSQL, which tells by `listen`, changes it when messages may have
  /// been lost, and at each call while it is not known that every message of the last second has come.
  virtual Result<std::int64_t> foreign_version() = 0;

  /// Whether this node is the one that does what `role` names. SQLite has one node; of several on PostgreSQL
  /// one leads, and another does within seconds of its end. The first call for a role may wait for a second.
  /// Two may believe it for a moment while a connection breaks: what must happen once is claimed in a
  /// transaction.
  virtual bool leads(std::string_view role) = 0;

  /// Deletes what the database keeps for itself and needs no more, and says how much it was.
  virtual Result<std::int64_t> clean_up(Timestamp now) = 0;

  /// A consistent copy into a new file while the database is in use.
  virtual Result<void> backup(const std::string& path) = 0;

 protected:
  using Work = std::function<Result<void>(Transaction&)>;
  virtual Result<void> run_read(const Work& work) = 0;
  virtual Result<void> run_write(const Work& work) = 0;

 private:
  template <class Body, class Runner>
  static std::invoke_result_t<Body, Transaction&> run(Body& body, Runner runner) {
    using Outcome = std::invoke_result_t<Body, Transaction&>;
    std::optional<Outcome> outcome;
    const Result<void> status = runner([&](Transaction& transaction) -> Result<void> {
      outcome.emplace(body(transaction));
      if (!*outcome) return fail(outcome->error());
      return {};
    });
    if (!status) return fail(status.error());
    return *std::move(outcome);
  }
};

}  // namespace doorward::storage
