#pragma once

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
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

/// A database for one test: a file, or, with DOORWARD_TEST_DATABASE=postgres://…, one on that server. What is
/// slow is done once in a program: a file is a copy of one that was prepared, and a database of the server,
/// which takes the better part of a second to make, is used again by the next test, emptied.
class TestDatabase {
 public:
  using Prepare = std::function<void(storage::Database&)>;

  /// An empty one.
  TestDatabase() : TestDatabase({}, "DROP SCHEMA public CASCADE; CREATE SCHEMA public") {}
  /// One that `prepare` has made ready; a program has one such function. `empty` is the script that makes a
  /// database of PostgreSQL again what it was then.
  TestDatabase(const Prepare& prepare, std::string_view empty)
      : prepared_(static_cast<bool>(prepare)), empty_(empty) {
    if (is_postgres()) {
      take(prepare);
    } else {
      url_ = "sqlite:" + folder_.file("test.db");
      if (prepare) std::filesystem::copy_file(prepared_file(prepare), folder_.file("test.db"));
    }
  }
  ~TestDatabase() {
    if (is_postgres()) free(prepared_).push_back(std::move(kept_));
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
    storage::postgres::OpenProofs proofs;
    return must(storage::postgres::Connection::open(must(storage::postgres::Target::parse(url)),
                                                    storage::postgres::Statements::Prepared, proofs));
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

  /// A database of the server, and a connection to it: one that has emptied a database before need not plan
  /// it again.
  struct Kept {
    std::string url;
    std::unique_ptr<storage::postgres::Connection> connection;
  };

  /// This program's databases that no test uses now.
  static std::vector<Kept>& free(bool prepared) {
    static std::vector<Kept> of_kind[2];
    return of_kind[prepared ? 1 : 0];
  }

  static std::string prepared_file(const Prepare& prepare) {
    static const TemporaryFolder kPlace;
    std::string file = kPlace.file("prepared.db");
    if (!std::filesystem::exists(file)) prepare(*must(storage::Database::open("sqlite:" + file)));
    return file;
  }

  /// The server's URL with another database's name in the place of its own.
  static std::string url_of(const std::string& database) {
    const std::string url = postgres_url();
    return url.substr(0, url.find('/', url.find("://") + 3) + 1) + database;
  }

  void take(const Prepare& prepare) {
    std::vector<Kept>& others = free(prepared_);
    if (others.empty()) {
      make(prepare);
    } else {
      kept_ = std::move(others.back());
      others.pop_back();
      // A test may have ended every connection.
      if (!kept_.connection->is_fit()) kept_.connection = connect(kept_.url);
      run_on(*kept_.connection, empty_);
    }
    url_ = kept_.url;
  }

  void make(const Prepare& prepare) {
    static int count = 0;
    const std::string name = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    run_on(*connect(postgres_url()), "CREATE DATABASE " + name + " TEMPLATE template0");
    kept_ = {.url = url_of(name), .connection = connect(url_of(name))};
    // The schema that is there is the server administrator's.
    run_on(*kept_.connection, "DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public");
    if (prepare) prepare(*must(storage::Database::open(kept_.url)));
  }

  const bool prepared_;
  const std::string empty_;
  TemporaryFolder folder_;
  std::string url_;
  Kept kept_;
};

}  // namespace doorward::test
