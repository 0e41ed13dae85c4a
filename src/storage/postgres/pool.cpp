#include "storage/postgres/pool.h"

namespace doorward::storage::postgres {
namespace {

/// For how long a proof serves the next who takes a connection while the listener has none.
constexpr std::chrono::milliseconds kProofServes{500};

}  // namespace

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
    Held held = std::move(idle_.back());
    idle_.pop_back();
    lock.unlock();
    if (held.connection->is_fit() && believe(held)) return lease(std::move(held));
    give_back(std::move(held));
    lock.lock();
  }
  ++count_;
  lock.unlock();
  // Before it proves anything.
  const std::uint64_t generation = generation_;
  auto opened = connect();
  if (opened) return lease({*std::move(opened), generation});
  release_place();
  return fail(std::move(opened).error());
}

bool Pool::believe(Held& held) {
  if (held.generation == generation_ && (!options_.is_proven || options_.is_proven())) return true;
  if (std::chrono::steady_clock::now() - held.connection->proven_at() < kProofServes) return true;
  const std::uint64_t generation = generation_;
  if (proofs_.is_owed_by(*held.connection) || !held.connection->prove()) return false;
  held.generation = generation;
  return true;
}

void Pool::doubt() {
  ++generation_;
}

void Pool::drop_idle() {
  std::vector<Held> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(idle_);
  count_ -= dropped.size();
  returned_.notify_all();
}

void Pool::abandon() {
  const std::lock_guard lock(mutex_);
  for (Connection* connection : leased_)
    connection->abandon();
}

Result<std::unique_ptr<Connection>> Pool::connect() const {
  ASSIGN_OR_RETURN(auto connection, Connection::open(options_.target, options_.statements, proofs_));
  if (options_.statements == Statements::Prepared)
    RETURN_IF_ERROR(connection->run_script(Connection::time_outs("SET"), Connection::kBrief));
  return connection;
}

Pool::Lease Pool::lease(Held held) {
  const std::lock_guard lock(mutex_);
  leased_.insert(held.connection.get());
  return Lease(*this, std::move(held.connection), held.generation);
}

void Pool::give_back(Held held) {
  // Those that idle beside a lost one are probably lost as well, which is known only when they are used.
  std::vector<Held> dropped;
  const std::lock_guard lock(mutex_);
  leased_.erase(held.connection.get());
  if (held.connection->is_lost()) {
    dropped.swap(idle_);
    dropped.push_back(std::move(held));
    count_ -= dropped.size();
    returned_.notify_all();
    return;
  }
  idle_.push_back(std::move(held));
  returned_.notify_one();
}

void Pool::release_place() {
  const std::lock_guard lock(mutex_);
  --count_;
  returned_.notify_one();
}

}  // namespace doorward::storage::postgres
