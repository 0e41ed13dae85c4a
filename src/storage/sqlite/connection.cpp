#include "storage/sqlite/connection.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"

namespace doorward::storage::sqlite {
namespace {

constexpr std::size_t kMaxMessage = 7000;  // PostgreSQL's NOTIFY takes less than 8,000 bytes.

class CurrentRow final : public Row {
 public:
  explicit CurrentRow(sqlite3_stmt* statement) : statement_(statement) {}

  bool is_null(int column) const override { return type(column) == SQLITE_NULL; }

  std::int64_t integer(int column) const override {
    CHECK(type(column) == SQLITE_INTEGER);
    return sqlite3_column_int64(statement_, column);
  }

  std::string_view text(int column) const override {
    const int column_type = type(column);
    if (column_type == SQLITE_NULL) return {};
    CHECK(column_type == SQLITE_TEXT || column_type == SQLITE_BLOB);
    // Through the blob interface a text keeps its NULs. It must be asked for before its length.
    const void* bytes = sqlite3_column_blob(statement_, column);
    const int length = sqlite3_column_bytes(statement_, column);
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(length)};
  }

 private:
  int type(int column) const {
    CHECK(column >= 0 && column < sqlite3_column_count(statement_));
    return sqlite3_column_type(statement_, column);
  }

  sqlite3_stmt* statement_;
};

int bind(sqlite3_stmt* statement, int index, const Parameter::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return sqlite3_bind_int64(statement, index, *number);
  }
  // A null pointer would bind NULL: an empty text is an empty text. The caller's bytes live until the
  // statement is reset, so that nothing is copied.
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    return sqlite3_bind_text64(statement, index, text->empty() ? "" : text->data(), text->size(),
                               SQLITE_STATIC, SQLITE_UTF8);
  }
  if (const auto* blob = std::get_if<Blob>(&value)) {
    const std::string_view bytes = blob->bytes;
    return sqlite3_bind_blob64(statement, index, bytes.empty() ? "" : bytes.data(), bytes.size(),
                               SQLITE_STATIC);
  }
  return sqlite3_bind_null(statement, index);
}

/// SQLite would make the file readable for everyone that the umask lets; its log files copy the mode.
Result<void> create_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return fail(ErrorKind::Unavailable, kUnavailable,
                "The database file " + printable(path) +
                    " cannot be opened. Check that its folder exists and that Doorward may write there.",
                std::generic_category().message(errno));
  }
  ::close(file);
  return {};
}

}  // namespace

void Connection::CloseHandle::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}
void Connection::FinalizeStatement::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Access access) {
  if (access == Access::Write) RETURN_IF_ERROR(create_private_file(path));
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  // A handle is there even when opening failed, and must be closed.
  std::unique_ptr<Connection> connection(new Connection(std::unique_ptr<sqlite3, CloseHandle>(raw), access));
  if (code != SQLITE_OK) return connection->failure(code);
  sqlite3_busy_timeout(raw, kBusyTimeoutMillis);
  RETURN_IF_ERROR(
      connection->run_script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                             "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;"));
  if (access == Access::Read) RETURN_IF_ERROR(connection->run_script("PRAGMA query_only = ON;"));
  return connection;
}

Result<Connection::Statement> Connection::take_statement(std::string_view sql) {
  // Taken out while it runs, so that a row's callback may run the same text again.
  if (const auto found = statements_.find(sql); found != statements_.end()) {
    Statement statement = std::move(found->second);
    statements_.erase(found);
    return statement;
  }
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return failure(code);
  CHECK(raw != nullptr);
  CHECK(access_ == Access::Write || sqlite3_stmt_readonly(raw) != 0);
  Statement statement;
  statement.handle.reset(raw);
  const int count = sqlite3_bind_parameter_count(raw);
  for (int index = 1; index <= count; ++index) {
    const char* name = sqlite3_bind_parameter_name(raw, index);
    CHECK(name != nullptr && name[0] == '$');
    std::size_t number = 0;
    const char* end = name + std::strlen(name);
    const auto [rest, error] = std::from_chars(name + 1, end, number);
    CHECK(error == std::errc() && rest == end && number >= 1);
    statement.numbers.push_back(number);
  }
  return statement;
}

Result<void> Connection::run(std::string_view sql, Parameters parameters,
                             const std::function<void(const Row&)>& on_row) {
  ASSIGN_OR_RETURN(Statement statement, take_statement(sql));
  sqlite3_stmt* handle = statement.handle.get();
  CHECK(statement.numbers.size() == parameters.size());
  for (std::size_t i = 0; i < statement.numbers.size(); ++i) {
    const std::size_t number = statement.numbers[i];
    CHECK(number <= parameters.size());
    const int code = bind(handle, static_cast<int>(i + 1), (parameters.begin() + (number - 1))->value());
    if (code != SQLITE_OK) return failure(code);
  }
  // A callback that throws must not leave the statement open: it is finalized with `statement`.
  Result<void> outcome = step_through(statement, on_row);
  sqlite3_reset(handle);
  // The bound bytes are the caller's and end with this call.
  sqlite3_clear_bindings(handle);
  statements_.insert_or_assign(sqlite3_sql(handle), std::move(statement));
  return outcome;
}

Result<void> Connection::step_through(const Statement& statement,
                                      const std::function<void(const Row&)>& on_row) {
  const CurrentRow row(statement.handle.get());
  while (true) {
    const int code = sqlite3_step(statement.handle.get());
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return failure(code);
    if (on_row) on_row(row);
  }
}

Result<void> Connection::run_script(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code);
  return {};
}

std::int64_t Connection::changes() const {
  return sqlite3_changes64(handle_.get());
}

bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(handle_.get()) == 0;
}

// Through SQLite's own file, which has the index mapped already: to open it once more would, when that is
// closed again, end the locks that this process holds on it (fcntl's rule).
WalIndex Connection::wal_index() {
  // The first look at the database maps it.
  if (!run("PRAGMA data_version", {}, {})) return {};
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file)) !=
      SQLITE_OK)
    return {};
  constexpr int kWithSharedMemory = 2;
  if (file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < kWithSharedMemory) return {};
  volatile void* region = nullptr;
  if (file->pMethods->xShmMap(file, 0, WalIndex::kRegionBytes, 0, &region) != SQLITE_OK) return {};
  return WalIndex(const_cast<void*>(region));
}

tl::unexpected<Error> Connection::failure(int code) const {
  // SQLite's messages name tables and columns, never bound values.
  const std::string words = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
  switch (code) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID:
      return fail(ErrorKind::Conflict, kDuplicate, "This exists already.", violated_constraint(words));
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return fail(ErrorKind::Conflict, "storage.reference",
                  "Something that this refers to is gone, or something still refers to it.", words);
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail(ErrorKind::Unavailable, kUnavailable,
                  "Another process keeps the database busy. Try again in a moment.", words);
    case SQLITE_FULL:
      return fail(ErrorKind::Unavailable, kUnavailable,
                  "The disk is full. Make room where the database is stored.", words);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
      return fail(
          ErrorKind::Unavailable, kUnavailable,
          "The database file cannot be read or written. Check the disk, the folder and its permissions.",
          words);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return fail(ErrorKind::Internal, "storage.damaged",
                  "The database file is damaged or is none of Doorward's. Restore it from a backup.", words);
    default:
      return fail(ErrorKind::Internal, "storage.failed",
                  "The database refused a statement. The log has its reason.", words);
  }
}

/// The name of the unique index behind `UNIQUE constraint failed: employees.account_id, employees.email_key`:
/// PostgreSQL names the index, SQLite its columns.
std::string Connection::violated_constraint(std::string_view message) const {
  const std::size_t colon = message.find(": ");
  if (colon == std::string_view::npos) return std::string(message);
  const std::string_view columns = message.substr(colon + 2);
  const std::string table(columns.substr(0, columns.find('.')));
  constexpr const char* kSql =
      "SELECT list.name, (SELECT group_concat($1 || '.' || info.name, ', ')"
      "  FROM (SELECT name FROM pragma_index_info(list.name) ORDER BY seqno) AS info)"
      " FROM pragma_index_list($1) AS list WHERE list.\"unique\" = 1";
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle_.get(), kSql, -1, &raw, nullptr) != SQLITE_OK) return std::string(message);
  const std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement(raw);
  sqlite3_bind_text(raw, 1, table.c_str(), -1, SQLITE_STATIC);
  const CurrentRow row(raw);
  while (sqlite3_step(raw) == SQLITE_ROW) {
    if (row.text(1) == columns) return std::string(row.text(0));
  }
  return std::string(message);
}

Result<void> Transaction::query(std::string_view sql, Parameters parameters,
                                const std::function<void(const Row&)>& on_row) {
  Result<void> outcome = connection_.run(sql, parameters, on_row);
  if (!outcome && !first_failure_) first_failure_ = outcome.error();
  return outcome;
}

Result<std::int64_t> Transaction::execute(std::string_view sql, Parameters parameters) {
  RETURN_IF_ERROR(query(sql, parameters, {}));
  return connection_.changes();
}

Result<void> Transaction::notify(std::string_view channel, std::string_view message) {
  CHECK(access_ == Access::Write);
  CHECK(message.size() <= kMaxMessage);
  messages_.push_back({std::string(channel), std::string(message)});
  return {};
}

}  // namespace doorward::storage::sqlite
