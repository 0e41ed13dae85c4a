#include "directory/transfer.h"

#include "directory/directory_test.h"
#include "directory/migrations.h"
#include "support/temporary_folder.h"

namespace doorward::directory {
namespace {

using storage::Blob;
using storage::Row;
using storage::Transaction;

/// From an SQLite database, `source_`, into that of the test.
class TransferTest : public DirectoryTest {
 protected:
  void SetUp() override {
    if (!test::TestDatabase::is_postgres())
      GTEST_SKIP() << "DOORWARD_TEST_DATABASE names no PostgreSQL server";
    source_ = storage::Database::open("sqlite:" + place_.file("source.db")).value();
    ASSERT_TRUE(source_->migrate(migrations(storage::Dialect::Sqlite)));
    in_source([&](Transaction& transaction) -> Result<void> {
      ASSIGN_OR_RETURN(company_, create_account(transaction, {.name = "contoso"}, kSupport, kNow));
      ASSIGN_OR_RETURN(ada_, create_employee(transaction, employee("ada@contoso.com", "Ada Löwe \"\\ 🦁"),
                                             kSupport, kNow));
      ASSIGN_OR_RETURN(const Employee gone,
                       create_employee(transaction, employee("bob@contoso.com", ""), kSupport, kNow));
      gone_ = gone.id;
      return delete_employee(transaction, company_.id, gone.id, LastAdministrator::MayGo, kSupport, kNow);
    });
  }

  NewEmployee employee(std::string address, std::string name) const {
    return {.account = company_.id,
            .profile = {.user_name = address, .email = address, .display_name = std::move(name)}};
  }
  template <class Body>
  void in_source(Body body) {
    const auto outcome = source_->write(body);
    ASSERT_TRUE(outcome) << outcome.error().message << outcome.error().detail;
  }
  void in_source_run(std::string_view sql, storage::Parameters parameters) {
    in_source([&](Transaction& transaction) { return transaction.execute(sql, parameters); });
  }
  Result<std::vector<TransferredTable>> move() {
    return transfer(*source_, *database_, [&](std::string_view table) { begun_.emplace_back(table); });
  }
  std::string refusal() {
    const auto moved = move();
    return moved ? std::string() : std::string(moved.error().code.name());
  }

  test::TemporaryFolder place_;
  std::unique_ptr<storage::Database> source_;
  Account company_;
  Employee ada_;
  EmployeeId gone_;
  std::vector<std::string> begun_;
};

TEST_F(TransferTest, EveryRowArrivesWithItsId) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte)
    bytes += static_cast<char>(byte);
  in_source_run("INSERT INTO consumed_keys (account_id, kind, key_hash, expires_at) VALUES ($1, 'x', $2, $3)",
                {company_.id, Blob{bytes}, std::numeric_limits<std::int64_t>::max()});
  // A department below one that is newer.
  in_source_run(
      "INSERT INTO departments (id, account_id, public_id, name, name_key) VALUES (70, $1, 'p', 'P', 'p')",
      {company_.id});
  in_source_run(
      "INSERT INTO departments (id, account_id, public_id, parent_id, name, name_key)"
      " VALUES (60, $1, 'q', 70, 'Q', 'q')",
      {company_.id});
  const auto moved = move();
  ASSERT_TRUE(moved) << moved.error().message << moved.error().detail;
  std::map<std::string, std::int64_t> rows;
  for (const TransferredTable& table : *moved)
    rows[table.name] = table.rows;
  EXPECT_EQ(rows.at("accounts"), 1);
  EXPECT_EQ(rows.at("employees"), 1);
  EXPECT_EQ(rows.at("departments"), 3);
  EXPECT_EQ(rows.at("sessions"), 0);
  EXPECT_GT(rows.at("events"), 0);
  EXPECT_EQ(begun_.size(), moved->size());
  const Employee found =
      read([&](Transaction& transaction) { return load_employee(transaction, company_.id, ada_.id); });
  EXPECT_EQ(found.profile.display_name, ada_.profile.display_name);
  EXPECT_EQ(found.public_id, ada_.public_id);
  const auto key = read([&](Transaction& transaction) {
    return transaction.first("SELECT key_hash, expires_at FROM consumed_keys", {}, [](const Row& row) {
      return std::pair(std::string(row.text(0)), row.integer(1));
    });
  });
  EXPECT_EQ(key, std::pair(bytes, std::numeric_limits<std::int64_t>::max()));
}

TEST_F(TransferTest, LifeGoesOnThere) {
  const std::int64_t events = must(source_->read([](Transaction& transaction) {
                                return transaction.first("SELECT max(id) FROM events", {},
                                                         [](const Row& row) { return row.integer(0); });
                              })).value();
  ASSERT_TRUE(move());
  const Employee next = write([&](Transaction& transaction) {
    return create_employee(transaction, employee("eve@contoso.com", "Eve"), kSupport, kNow);
  });
  EXPECT_GT(next.id, gone_) << "an id that was given is never given again";
  EXPECT_GT(count("SELECT max(id) FROM events"), events);
  EXPECT_EQ(refusal_of([&](Transaction& transaction) {
              return transaction.execute(
                  "INSERT INTO departments (account_id, public_id, parent_id, name, name_key)"
                  " VALUES ($1, 'r', 4711, 'R', 'r')",
                  {company_.id});
            }),
            "storage.reference")
      << "keys are checked at once again";
}

TEST_F(TransferTest, WhatIsThereAlreadyIsNotTouched) {
  ASSERT_TRUE(move());
  const std::int64_t events = count("SELECT count(*) FROM events");
  EXPECT_EQ(refusal(), "directory.transfer_target");
  EXPECT_EQ(count("SELECT count(*) FROM events"), events);
}

TEST_F(TransferTest, ATextThatCannotBeKeptStopsItAndNothingIsLeft) {
  for (const std::string& text : {std::string("a\0b", 3), std::string("\xff")}) {
    in_source_run("UPDATE employees SET display_name = $1", {text});
    EXPECT_EQ(refusal(), "directory.transfer_text");
    EXPECT_EQ(count("SELECT count(*) FROM accounts"), 0);
  }
  in_source_run("UPDATE employees SET display_name = $1", {"Ada"});
  EXPECT_EQ(refusal(), "");
}

TEST_F(TransferTest, ThereIsNoWayBack) {
  const auto moved = transfer(*database_, *source_, [](std::string_view) {});
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code.name(), "directory.transfer_direction");
}

}  // namespace
}  // namespace doorward::directory
