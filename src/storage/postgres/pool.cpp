#include "storage/postgres/pool.h"

namespace doorward::storage::postgres {

Result<Pool::Lease> Pool::take() {
  const auto end = std::chrono::steady_clock::now() + kWait;
  std::unique_lock lock(mutex_);
  for (;;) {
    const bool free =
        returned_.wait_until(lock, end, [&] { return !idle_.empty() || count_ < options_.max_connections; });
    if (!free) {
      return fail(ErrorKind::Unavailable, kUnavailable,
                  "All connections to the database are in use. Try again in a moment.");
    }
    if (idle_.empty()) break;
    // The one given back last: those that nobody needs grow old at the other end.
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    lock.unlock();
    if (connection->is_fit()) return Lease(*this, std::move(connection));
    connection.reset();
    release_place();
    lock.lock();
  }
  ++count_;
  lock.unlock();
  auto opened = connect();
  if (opened) return Lease(*this, *std::move(opened));
  release_place();
  return fail(std::move(opened).error());
}

Result<std::unique_ptr<Connection>> Pool::connect() const {
  ASSIGN_OR_RETURN(auto connection, Connection::open(options_.target, options_.statements));
  if (options_.statements == Statements::Prepared)
    RETURN_IF_ERROR(connection->run_script(Connection::time_outs("SET"), Connection::kBrief));
  return connection;
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  // Those that idle beside a lost one are probably lost as well, which is known only when they are used.
  std::vector<std::unique_ptr<Connection>> dropped;
  const std::lock_guard lock(mutex_);
  if (connection->is_lost()) {
    dropped.swap(idle_);
    dropped.push_back(std::move(connection));
    count_ -= dropped.size();
    returned_.notify_all();
    return;
  }
  idle_.push_back(std::move(connection));
  returned_.notify_one();
}

void Pool::release_place() {
  const std::lock_guard lock(mutex_);
  --count_;
  returned_.notify_one();
}

}  // namespace doorward::storage::postgres
