#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <poll.h>

#include "storage/postgres/proxy.h"
#include "storage/scratch_database.h"

namespace doorward::storage::postgres {

/// A table of notes on PostgreSQL, and a network in between.
class PostgresTest : public ScratchDatabase {
 protected:
  void SetUp() override {
    if (!test::TestDatabase::is_postgres())
      GTEST_SKIP() << "DOORWARD_TEST_DATABASE names no PostgreSQL server";
    proxy_ = std::make_unique<Proxy>(port_of(test_database_.url()));
    ScratchDatabase::SetUp();
  }

  /// Another node, whose connections can be cut.
  std::unique_ptr<storage::Database> through_proxy() {
    return storage::Database::open(proxy_->url(test_database_.url())).value();
  }

  std::unique_ptr<Connection> connect() { return test::TestDatabase::connect(test_database_.url()); }

  /// Ends the server's processes for everybody else, or for those whose last statement is like `statement`.
  void end_connections(const std::string& statement = "%") {
    test::TestDatabase::run_on(*connect(),
                               "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                               " current_database() AND pid <> pg_backend_pid() AND query LIKE '" +
                                   statement + "'");
  }

  static bool soon(const std::function<bool()>& condition,
                   std::chrono::seconds limit = std::chrono::seconds(20)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      ::poll(nullptr, 0, 5);
    }
    return true;
  }

  std::unique_ptr<Proxy> proxy_;
};

}  // namespace doorward::storage::postgres
