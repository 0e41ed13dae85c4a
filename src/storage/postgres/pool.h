#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/postgres/connection.h"

namespace doorward::storage::postgres {

/// Connections for transactions: made when they are needed, at most so many, kept for the next.
class Pool {
 public:
  struct Options {
    Target target;
    Statements statements = Statements::Prepared;
    std::size_t max_connections = 1;
  };
  /// How long to wait for another's connection.
  static constexpr std::chrono::seconds kWait{5};

  explicit Pool(Options options) : options_(std::move(options)) {}

  /// A connection, given back at the end: kept if it is still fit.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    ~Lease() {
      if (connection_ != nullptr) pool_->give_back(std::move(connection_));
    }
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  Result<Lease> take();

 private:
  void give_back(std::unique_ptr<Connection> connection);
  void release_place();
  Result<std::unique_ptr<Connection>> connect() const;

  const Options options_;
  std::mutex mutex_;  // Guards what follows.
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t count_ = 0;
};

}  // namespace doorward::storage::postgres
