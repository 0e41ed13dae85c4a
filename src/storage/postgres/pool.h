#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "storage/postgres/connection.h"

namespace doorward::storage::postgres {

/// Connections for transactions: made when they are needed, at most so many, kept for the next.
///
/// A connection is given out only when its server is known to be the primary: because the listener knows it,
/// and has known it without a gap since the connection proved it, or because it proves it now.
class Pool {
 public:
  struct Options {
    Target target;
    Statements statements = Statements::Prepared;
    std::size_t max_connections = 1;
    /// Whether the listener has a fresh proof.
    std::function<bool()> is_proven = {};
  };
  /// How long to wait for another's connection.
  static constexpr std::chrono::seconds kWait{5};

  /// `proofs` are those of everybody who asks the servers of `options.target`.
  Pool(Options options, OpenProofs& proofs) : options_(std::move(options)), proofs_(proofs) {}

  /// A connection, given back at the end: kept if it is still fit.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection, std::uint64_t generation)
        : pool_(&pool), connection_(std::move(connection)), generation_(generation) {}
    ~Lease() {
      if (connection_ != nullptr) pool_->give_back({std::move(connection_), generation_});
    }
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
    std::uint64_t generation_;
  };

  Result<Lease> take();

  /// The listener's proofs have a gap.
  void doubt();
  /// The listener's connection is gone: ours probably are, which would be known only when they are used.
  void drop_idle();
  /// The listener's server does not answer: nobody waits for it here any more.
  void abandon();

 private:
  struct Held {
    std::unique_ptr<Connection> connection;
    /// The pool's when it proved its server.
    std::uint64_t generation;
  };

  /// Takes note of a lease.
  Lease lease(Held held);
  void give_back(Held held);
  void release_place();
  Result<std::unique_ptr<Connection>> connect() const;
  bool believe(Held& held);

  const Options options_;
  OpenProofs& proofs_;
  /// Grows with each gap.
  std::atomic<std::uint64_t> generation_ = 0;
  std::mutex mutex_;  // Guards what follows.
  std::condition_variable returned_;
  std::vector<Held> idle_;
  std::set<Connection*> leased_;
  std::size_t count_ = 0;
};

}  // namespace doorward::storage::postgres
