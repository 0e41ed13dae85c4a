#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "storage/database.h"
#include "storage/postgres/target.h"

struct pg_conn;
struct pg_result;

namespace doorward::storage::postgres {

/// The connection is gone, or its server does not answer: whether the last statement was carried out is not
/// known.
inline constexpr ErrorCode kLost = "storage.connection_lost";
/// The server has become a standby, or only reads were announced.
inline constexpr ErrorCode kReadOnly = "storage.read_only";
/// Another transaction stood in the way, and this one was rolled back: it may be run again.
inline constexpr ErrorCode kConflict = "storage.conflict";
/// No UTF-8, or a NUL, which a text of PostgreSQL cannot hold.
inline constexpr ErrorCode kBadText = "storage.bad_text";

/// How statements are sent: a pooler that hands a server's connection to another client after each
/// transaction has no use for prepared ones.
enum class Statements : std::uint8_t { Prepared, Unnamed };

class OpenProofs;

/// One PGconn and its prepared statements. Used by one thread at a time.
class Connection {
 public:
  static constexpr std::chrono::seconds kStatementTimeout{30};
  /// Between two statements: a node that stands still must not keep what its transaction has locked.
  static constexpr std::chrono::seconds kIdleTimeout{5};
  /// For an answer that comes at once where the server works at all.
  static constexpr std::chrono::seconds kBrief{5};
  /// For a proof.
  static constexpr std::chrono::seconds kProof{2};
  /// The server gives a statement up before we give the server up.
  static constexpr Duration kPatience = kStatementTimeout + kBrief;

  /// Statements that give up what takes too long; `set` is `SET` or `SET LOCAL`.
  static std::string time_outs(const std::string& set);

  /// Connects to the server that takes writes, and has it prove that it does. One that is among `proofs` is
  /// not asked again.
  static Result<std::unique_ptr<Connection>> open(const Target& target, Statements statements,
                                                  OpenProofs& proofs);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs one statement and says how many rows it changed; `on_row` may be empty. Rows are read when all have
  /// come, so that it may run others.
  Result<std::int64_t> run(std::string_view sql, Parameters parameters,
                           const std::function<void(const Row&)>& on_row, Duration patience = kPatience);
  /// Runs any number of statements that take no parameters, and gives the last one's tag, as `COMMIT`.
  Result<std::string> run_script(const std::string& sql, Duration patience);
  /// Rolls back; what the server says to that is read when the connection is used again.
  void send_rollback();

  /// Has the server commit something, and so proves that it is the primary: with synchronous replication a
  /// commit waits for the standby, and the standby of a server that was deposed without knowing it follows
  /// another. No answer to a read proves that.
  Result<void> prove();
  /// When the last proof was asked for.
  std::chrono::steady_clock::time_point proven_at() const { return proven_at_; }
  /// Whoever waits for an answer here gives up. From any thread.
  void abandon() { abandoned_ = true; }

  /// Whether another transaction may begin here, as far as can be told without asking the server.
  bool is_fit();
  bool is_lost() const { return lost_; }
  /// Whether it was lost because no answer came.
  bool is_silent() const { return silent_; }
  /// Whether the last script came with a warning.
  bool was_warned() const { return warned_; }
  int server_version() const;
  /// Where it is, as `HOST:PORT`.
  std::string server() const;
  /// Whether the answer to the last statement is still to come, without waiting for it.
  bool awaits_answer();
  /// As a literal of SQL.
  std::string quoted(std::string_view text) const;

  /// Until something comes, `wake` (a file) can be read, or the time is over.
  void wait_for_input(int wake, Duration time);
  /// What came by NOTIFY.
  void take_messages(const std::function<void(std::string_view message)>& on_message);

 private:
  struct ClearResult {
    void operator()(pg_result* result) const;
  };
  using Answer = std::unique_ptr<pg_result, ClearResult>;
  struct Bound;

  Connection(pg_conn* handle, Statements statements) : handle_(handle), statements_(statements) {}

  static Result<std::unique_ptr<Connection>> connect(const Target& target, Statements statements);
  Result<void> settle();
  Result<Answer> wait_for_answer(Duration patience);
  bool wait_until(std::chrono::steady_clock::time_point end, bool unsent);
  Result<Answer> succeeded(Answer answer);
  Result<std::string> prepared(std::string_view sql, const Bound& bound, Duration patience);
  tl::unexpected<Error> lost();
  tl::unexpected<Error> unconfirmed();
  tl::unexpected<Error> failure(const pg_result* answer);

  pg_conn* const handle_;
  const Statements statements_;
  bool lost_ = false;
  bool silent_ = false;
  std::atomic<bool> abandoned_ = false;
  std::chrono::steady_clock::time_point proven_at_;
  bool warned_ = false;
  /// A rollback was sent, and its answer is still to be read.
  bool leaving_ = false;
  /// Names of prepared statements by types of the parameters and text.
  std::unordered_map<std::string, std::string> prepared_;
};

/// Proofs that were waited for in vain, each with its connection, one for each server.
///
/// A process of PostgreSQL that waits for a standby does not notice that whoever asked has gone. Asked again
/// and again while the standby is away, a server would run out of connections.
class OpenProofs {
 public:
  /// For so long a server is not asked again. Behind a proxy another one may answer meanwhile.
  static constexpr std::chrono::seconds kAwaited{20};

  /// Whether the server of `connection` owes one.
  bool is_owed_by(const Connection& connection);
  void keep(std::unique_ptr<Connection> connection);

 private:
  struct Open {
    std::unique_ptr<Connection> connection;
    std::chrono::steady_clock::time_point since;
  };
  std::mutex mutex_;
  std::map<std::string, Open> by_server_;  // Guarded by mutex_.
};

}  // namespace doorward::storage::postgres
