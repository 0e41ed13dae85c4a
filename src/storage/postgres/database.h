#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/database.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/listener.h"
#include "storage/postgres/pool.h"

namespace doorward::storage::postgres {

enum class Access : std::uint8_t { Read, Write };

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
  /// After it the server refuses to commit.
  const std::optional<Error>& first_failure() const { return first_failure_; }

 private:
  Result<std::int64_t> run(std::string_view sql, Parameters parameters,
                           const std::function<void(const Row&)>& on_row);

  Connection& connection_;
  const Access access_;
  std::vector<Message> messages_;
  std::optional<Error> first_failure_;
};

/// A PostgreSQL server, or several of which one takes writes. Writes are serializable transactions that run
/// again after a conflict; reads see one snapshot.
class Database final : public storage::Database {
 public:
  static Result<std::unique_ptr<storage::Database>> open(const std::string& url, const OpenOptions& options);

  Dialect dialect() const override { return Dialect::Postgres; }
  Result<void> migrate(const std::vector<Migration>& migrations) override;
  Result<SchemaVersion> schema_version() override;
  Result<void> check_integrity() override;
  void listen(std::string_view channel, Listener listener) override;
  Result<std::int64_t> foreign_version() override;
  bool leads(std::string_view role) override;
  Result<std::int64_t> clean_up(Timestamp now) override;
  Result<void> backup(const std::string& path) override;

 protected:
  Result<void> run_read(const Work& work) override;
  Result<void> run_write(const Work& work) override;

 private:
  class Write;

  Database(Pool::Options pool, Target direct);

  void hear(std::string_view notification);
  void mind(postgres::Listener::Gap gap);
  void deliver(const std::vector<Transaction::Message>& messages);
  postgres::Listener& listener();

  /// At the beginning of each transaction, where the connection may be another one each time.
  const std::string time_outs_;
  const Target direct_;
  /// Before the messages of this node, which it has delivered already when they come back.
  const std::string node_;
  OpenProofs proofs_;
  Pool pool_;
  /// Held by the one write that runs again after a conflict.
  std::timed_mutex turns_;

  std::mutex listeners_mutex_;
  std::multimap<std::string, Listener, std::less<>> listeners_;  // Guarded by listeners_mutex_.

  std::once_flag listening_;
  std::atomic<postgres::Listener*> heard_by_ = nullptr;
  std::unique_ptr<postgres::Listener> listener_;  // Last: its thread uses the above.
};

}  // namespace doorward::storage::postgres
