#pragma once

#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>

#include <unistd.h>

#include "storage/database.h"
#include "storage/postgres/connection.h"
#include "support/temporary_folder.h"

namespace doorward::test {

/// The PostgreSQL server that tests use instead of SQLite; empty for SQLite.
inline std::string postgres_url() {
  const char* url = std::getenv("DOORWARD_TEST_DATABASE");
  return url == nullptr ? "" : url;
}

/// A database for one test: a file, or, with DOORWARD_TEST_DATABASE=postgres://…, a database of its own
/// there.
class TestDatabase {
 public:
  using Prepare = std::function<void(storage::Database&)>;

  /// An empty one.
  TestDatabase() : TestDatabase("", {}) {}
  /// One that `prepare` has seen. On PostgreSQL it does so once for all tests, and `name` says for which.
  TestDatabase(const std::string& name, const Prepare& prepare) {
    if (is_postgres()) {
      create_on_server(name, prepare);
    } else {
      url_ = "sqlite:" + folder_.file("test.db");
      if (prepare) prepare(*open());
    }
  }
  ~TestDatabase() {
    if (!name_.empty()) run_on(*server(), "DROP DATABASE " + name_ + " WITH (FORCE)");
  }
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  static bool is_postgres() { return !postgres_url().empty(); }
  const std::string& url() const { return url_; }
  /// Where the file is; another place for more of them.
  const TemporaryFolder& folder() const { return folder_; }

  std::unique_ptr<storage::Database> open() const { return must(storage::Database::open(url_)); }

  /// A statement that no interface has, on PostgreSQL.
  static void run_on(storage::postgres::Connection& connection, const std::string& sql) {
    must(connection.run_script(sql, std::chrono::minutes(2)));
  }
  static std::unique_ptr<storage::postgres::Connection> connect(const std::string& url) {
    return must(storage::postgres::Connection::open(must(storage::postgres::Target::parse(url)),
                                                    storage::postgres::Statements::Prepared));
  }

 private:
  template <class T>
  static T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message + " [" + result.error().detail + "]");
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  static std::unique_ptr<storage::postgres::Connection> server() { return connect(postgres_url()); }

  /// `url` with another database's name in the place of its own.
  static std::string url_of(const std::string& database) {
    const std::string url = postgres_url();
    return url.substr(0, url.find('/', url.find("://") + 3) + 1) + database;
  }

  void create_on_server(const std::string& name, const Prepare& prepare) {
    static int count = 0;
    const auto connection = server();
    const std::string name_here = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    run_on(*connection, "CREATE DATABASE " + name_here +
                            (prepare ? " TEMPLATE " + model(*connection, name, prepare) : ""));
    name_ = name_here;
    url_ = url_of(name_);
  }

  /// The database that those of one name are copied from. Several programs may want to make it at once.
  static std::string model(storage::postgres::Connection& connection, const std::string& name,
                           const Prepare& prepare) {
    const std::string database = "model_" + name;
    run_on(connection, "SELECT pg_advisory_lock(4711)");
    bool exists = false;
    must(connection.run("SELECT 1 FROM pg_database WHERE datname = $1", {database},
                        [&](const storage::Row&) { exists = true; }));
    if (!exists) {
      run_on(connection, "DROP DATABASE IF EXISTS " + database + "_new");
      run_on(connection, "CREATE DATABASE " + database + "_new");
      prepare(*must(storage::Database::open(url_of(database + "_new"))));
      run_on(connection, "ALTER DATABASE " + database + "_new RENAME TO " + database);
    }
    run_on(connection, "SELECT pg_advisory_unlock(4711)");
    return database;
  }

  TemporaryFolder folder_;
  std::string url_;
  std::string name_;
};

}  // namespace doorward::test
