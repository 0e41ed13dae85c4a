#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "storage/database.h"
#include "storage/sqlite/connection.h"

namespace doorward::storage::sqlite {

/// One file in WAL mode: many readers, and one writer thread that commits the bodies waiting for it together,
/// because the fsync costs more than the bodies.
class Database final : public storage::Database {
 public:
  static Result<std::unique_ptr<storage::Database>> open(const std::string& path);
  ~Database() override;

  Dialect dialect() const override { return Dialect::Sqlite; }
  Result<void> migrate(const std::vector<Migration>& migrations) override;
  Result<SchemaVersion> schema_version() override;
  Result<void> check_integrity() override;
  void listen(std::string_view channel, Listener listener) override;
  Result<std::int64_t> foreign_version() override;
  bool leads(std::string_view) override { return true; }
  Result<std::int64_t> clean_up(Timestamp) override { return 0; }
  Result<void> backup(const std::string& path) override;

 protected:
  Result<void> run_read(const Work& work) override;
  Result<void> run_write(const Work& work) override;

 private:
  /// Bodies in one commit: bounds how long the first of them waits.
  static constexpr std::size_t kMaxGroup = 256;
  static constexpr std::size_t kMaxReaders = 32;

  /// A caller of `write` that waits.
  struct Waiting {
    const Work& work;
    Result<void> outcome = {};
    std::exception_ptr thrown = {};
    std::vector<Transaction::Message> messages = {};
    bool finished = false;
    std::condition_variable finished_changed = {};
  };
  using Group = std::vector<Waiting*>;

  /// A reader's connection, given back to the pool at the end.
  class Reader;

  Database(std::string path, std::unique_ptr<Connection> writer);

  void write_loop();
  Group next_group();
  void commit_group(const Group& group);
  Result<void> run_group(const Group& group);
  Result<void> run_body(Waiting& waiting, bool alone);
  void deliver(const Group& group);
  void finish(const Group& group);
  Result<void> refresh_foreign_version();
  Result<void> apply(const std::vector<Migration>& migrations);

  const std::string path_;

  std::mutex writer_mutex_;
  std::unique_ptr<Connection> writer_;  // Guarded by writer_mutex_.
  WalIndex wal_index_;                  // The writer's.
  std::atomic<std::int64_t> foreign_version_ = 0;
  /// The state of the WAL index before `foreign_version_` was asked for.
  std::atomic<std::uint64_t> foreign_version_at_ = 0;

  std::mutex queue_mutex_;
  std::condition_variable queue_changed_;
  std::deque<Waiting*> queue_;  // Guarded by queue_mutex_, as are the `finished` of all waiting.
  bool stopping_ = false;       // Guarded by queue_mutex_.

  std::mutex readers_mutex_;
  std::condition_variable reader_returned_;
  std::vector<std::unique_ptr<Connection>> idle_readers_;  // Guarded by readers_mutex_.
  std::size_t reader_count_ = 0;                           // Guarded by readers_mutex_.

  std::mutex listeners_mutex_;
  std::multimap<std::string, Listener, std::less<>> listeners_;  // Guarded by listeners_mutex_.

  std::thread writer_thread_;  // Last: it uses all of the above.
};

}  // namespace doorward::storage::sqlite
