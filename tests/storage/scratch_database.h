#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "storage/database.h"
#include "support/temporary_folder.h"

namespace doorward::storage {

/// A database with one table `notes`, in a folder of its own.
class ScratchDatabase : public testing::Test {
 protected:
  static constexpr std::string_view kSchema =
      "CREATE TABLE notes (id INTEGER PRIMARY KEY, name TEXT NOT NULL, size INTEGER, data BLOB,"
      " parent_id INTEGER REFERENCES notes (id)) STRICT;"
      "CREATE UNIQUE INDEX notes_name ON notes (name);";

  std::unique_ptr<Database> open_database() const {
    auto opened = Database::open(url_);
    if (!opened) throw std::runtime_error(opened.error().message + " " + opened.error().detail);
    return *std::move(opened);
  }

  void SetUp() override {
    database_ = open_database();
    ASSERT_TRUE(database_->migrate({{1, "0001_notes.sql", kSchema}}));
  }

  static Result<std::int64_t> add_note(Transaction& transaction, std::string_view name) {
    return transaction.execute("INSERT INTO notes (name) VALUES ($1)", {name});
  }

  static std::int64_t count_notes(Database& database) {
    const auto count = database.read([](Transaction& transaction) {
      return transaction.first("SELECT count(*) FROM notes", {},
                               [](const Row& row) { return row.integer(0); });
    });
    return count ? count->value() : -1;
  }

  test::TemporaryFolder folder_;
  std::string url_ = "sqlite:" + folder_.file("test.db");
  std::unique_ptr<Database> database_;
};

}  // namespace doorward::storage
