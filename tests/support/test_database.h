#pragma once

#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

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

/// A database for one test: a file, or, with DOORWARD_TEST_DATABASE=postgres://…, one on that server. Since a
/// new one takes the better part of a second there, it is used again by the program's next test, emptied.
class TestDatabase {
 public:
  using Action = std::function<void(storage::Database&)>;

  /// An empty one.
  TestDatabase() : TestDatabase({}, {}) {}
  /// One that `prepare` has made ready, and that `empty` makes as it was then.
  TestDatabase(const Action& prepare, const Action& empty) : prepared_(static_cast<bool>(prepare)) {
    if (is_postgres()) {
      take(prepare, empty);
    } else {
      url_ = "sqlite:" + folder_.file("test.db");
      if (prepare) prepare(*open());
    }
  }
  ~TestDatabase() {
    if (is_postgres()) free(prepared_).push_back(name_);
  }
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  static bool is_postgres() { return !postgres_url().empty(); }
  const std::string& url() const { return url_; }
  /// Where the file is; another place for more of them.
  const TemporaryFolder& folder() const { return folder_; }

  std::unique_ptr<storage::Database> open() const { return must(storage::Database::open(url_)); }

  /// For statements that no interface has, on PostgreSQL.
  static std::unique_ptr<storage::postgres::Connection> connect(const std::string& url) {
    return must(storage::postgres::Connection::open(must(storage::postgres::Target::parse(url)),
                                                    storage::postgres::Statements::Prepared));
  }
  static void run_on(storage::postgres::Connection& connection, const std::string& sql) {
    must(connection.run_script(sql, std::chrono::minutes(2)));
  }

 private:
  template <class T>
  static T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message + " [" + result.error().detail + "]");
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  /// This program's databases that no test uses now. A program has one kind that is prepared.
  static std::vector<std::string>& free(bool prepared) {
    static std::vector<std::string> of_kind[2];
    return of_kind[prepared ? 1 : 0];
  }

  /// The server's URL with another database's name in the place of its own.
  static std::string url_of(const std::string& database) {
    const std::string url = postgres_url();
    return url.substr(0, url.find('/', url.find("://") + 3) + 1) + database;
  }

  void take(const Action& prepare, const Action& empty) {
    std::vector<std::string>& names = free(prepared_);
    if (!names.empty()) {
      name_ = names.back();
      names.pop_back();
      url_ = url_of(name_);
      if (empty) return empty(*open());
      return run_on(*connect(url_), "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    }
    static int count = 0;
    name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    url_ = url_of(name_);
    run_on(*connect(postgres_url()), "CREATE DATABASE " + name_ + " TEMPLATE template0");
    // The schema that is there is the server administrator's.
    run_on(*connect(url_), "DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public");
    if (prepare) prepare(*open());
  }

  const bool prepared_;
  TemporaryFolder folder_;
  std::string url_;
  std::string name_;
};

}  // namespace doorward::test
