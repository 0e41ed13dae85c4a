#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/database.h"
#include "storage/sqlite/wal_index.h"

struct sqlite3;
struct sqlite3_stmt;

namespace doorward::storage::sqlite {

enum class Access : std::uint8_t { Read, Write };

/// One sqlite3 handle and its prepared statements. Used by one thread at a time.
class Connection {
 public:
  /// How long to wait for another process that writes.
  static constexpr int kBusyTimeoutMillis = 10'000;

  static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access);

  /// Runs a prepared statement; `on_row` may be empty.
  Result<void> run(std::string_view sql, Parameters parameters,
                   const std::function<void(const Row&)>& on_row);
  /// Runs any number of statements that take no parameters and are not kept.
  Result<void> run_script(const std::string& sql);
  /// Rows that the last statement changed.
  std::int64_t changes() const;
  /// False also after an error that made SQLite give up the whole transaction.
  bool in_transaction() const;
  /// Lives as long as the connection.
  WalIndex wal_index();

 private:
  struct CloseHandle {
    void operator()(sqlite3* handle) const;
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const;
  };

  /// A prepared statement and, for each of its parameters, which `$n` it stands for.
  struct Statement {
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> handle;
    std::vector<std::size_t> numbers;
  };

  Connection(std::unique_ptr<sqlite3, CloseHandle> handle, Access access)
      : handle_(std::move(handle)), access_(access) {}

  Result<Statement> take_statement(std::string_view sql);
  Result<void> step_through(const Statement& statement, const std::function<void(const Row&)>& on_row);
  tl::unexpected<Error> failure(int code) const;
  std::string violated_constraint(std::string_view message) const;

  std::unique_ptr<sqlite3, CloseHandle> handle_;
  Access access_;
  std::unordered_map<std::string_view, Statement> statements_;  // Keyed by the statement's own text.
};

/// The statements of one body, and what it wants to tell when it has committed.
class Transaction final : public storage::Transaction {
 public:
  Transaction(Connection& connection, Access access) : connection_(connection), access_(access) {}

  Result<void> query(std::string_view sql, Parameters parameters,
                     const std::function<void(const Row&)>& on_row) override;
  Result<std::int64_t> execute(std::string_view sql, Parameters parameters) override;
  Result<void> notify(std::string_view channel, std::string_view message) override;

  struct Message {
    std::string channel;
    std::string text;
  };
  const std::vector<Message>& messages() const { return messages_; }
  /// The first statement's failure, after which PostgreSQL would refuse to commit: so do we.
  const std::optional<Error>& first_failure() const { return first_failure_; }

 private:
  Connection& connection_;
  Access access_;
  std::vector<Message> messages_;
  std::optional<Error> first_failure_;
};

}  // namespace doorward::storage::sqlite
