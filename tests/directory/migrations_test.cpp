#include "directory/migrations.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "directory/census.h"
#include "directory/daily_counts.h"
#include "directory/employee_search.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

/// The tables that hold no account's data, or find it, or serve all accounts.
const std::set<std::string> kGlobalTables = {"accounts",
                                             "domains",
                                             "migrations",
                                             "sqlite_sequence",
                                             "applications",
                                             "application_addresses",
                                             "application_secrets",
                                             "signing_keys",
                                             "authorization_requests"};

class SchemaTest : public DirectoryTest {
 protected:
  void SetUp() override {
    if (test::TestDatabase::is_postgres()) GTEST_SKIP() << "of SQLite's schema; see postgres/schema_test.cpp";
  }
  std::vector<std::string> texts(std::string_view sql, storage::Parameters parameters = {}) {
    return read([&](storage::Transaction& transaction) {
      return transaction.all(sql, parameters,
                             [](const storage::Row& row) { return std::string(row.text(0)); });
    });
  }
  std::vector<std::string> account_tables() {
    std::vector<std::string> tables;
    for (std::string& name : texts("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
      if (!kGlobalTables.contains(name)) tables.push_back(std::move(name));
    }
    return tables;
  }
};

TEST_F(SchemaTest, EveryIndexOfAnAccountTableLeadsWithTheAccount) {
  ASSERT_GE(account_tables().size(), 10u);
  for (const std::string& table : account_tables()) {
    const auto indexes = texts("SELECT name FROM pragma_index_list($1)", {table});
    EXPECT_FALSE(indexes.empty()) << table;
    for (const std::string& index : indexes) {
      EXPECT_EQ(texts("SELECT name FROM pragma_index_info($1) WHERE seqno = 0", {index}).at(0), "account_id")
          << index;
    }
    // The one exception is SQLite's own row number.
    EXPECT_EQ(texts("SELECT name FROM pragma_table_info($1) WHERE pk > 0", {table}),
              std::vector<std::string>{"id"})
        << table;
  }
}

TEST_F(SchemaTest, EveryForeignKeyStaysInsideTheAccount) {
  for (const std::string& table : account_tables()) {
    const auto targets = texts("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)", {table});
    EXPECT_FALSE(targets.empty()) << table;
    for (const std::string& target : targets) {
      const auto columns =
          texts("SELECT \"from\" || '>' || \"to\" FROM pragma_foreign_key_list($1) WHERE \"table\" = $2",
                {table, target});
      const std::string expected = target == "accounts" ? "account_id>id" : "account_id>account_id";
      EXPECT_TRUE(std::ranges::find(columns, expected) != columns.end()) << table << " to " << target;
    }
  }
}

TEST_F(SchemaTest, EveryForeignKeyHasAnIndexForItsDeletions) {
  for (const std::string& table : account_tables()) {
    const auto keys =
        texts("SELECT \"from\" FROM pragma_foreign_key_list($1) WHERE \"from\" <> 'account_id'", {table});
    for (const std::string& column : keys) {
      const auto seconds = texts(
          "SELECT info.name FROM pragma_index_list($1) AS list, pragma_index_info(list.name) AS info"
          " WHERE info.seqno = 1",
          {table});
      EXPECT_TRUE(std::ranges::find(seconds, column) != seconds.end()) << table << '.' << column;
    }
  }
}

TEST_F(SchemaTest, TheForeignKeysOfGlobalTablesHaveIndexesToo) {
  for (const char* table :
       {"applications", "application_addresses", "application_secrets", "authorization_requests"}) {
    const auto keys = texts("SELECT \"from\" FROM pragma_foreign_key_list($1)", {table});
    EXPECT_FALSE(keys.empty()) << table;
    for (const std::string& column : keys) {
      const auto leading = texts(
          "SELECT info.name FROM pragma_index_list($1) AS list, pragma_index_info(list.name) AS info"
          " WHERE info.seqno = 0",
          {table});
      EXPECT_TRUE(std::ranges::find(leading, column) != leading.end()) << table << '.' << column;
    }
  }
}

TEST_F(SchemaTest, ThereIsOneMobileApplication) {
  EXPECT_EQ(texts("SELECT client_id || ' ' || scope FROM applications"),
            std::vector<std::string>{"doorward-mobile openid profile email offline_access"});
}

TEST_F(SchemaTest, EveryTableIsStrict) {
  EXPECT_EQ(count("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
                  " AND strict = 0 AND name NOT LIKE 'sqlite_%'"),
            0);
}

/// A database as it was before the setup, with somebody for each address.
class UpgradeTest : public testing::Test {
 protected:
  template <class Body>
  void write(Body body) {
    const auto outcome = database_->write(body);
    ASSERT_TRUE(outcome) << outcome.error().message << outcome.error().detail;
  }
  void fill(const std::vector<std::string>& addresses, const Profile& names = {}) {
    std::vector<storage::Migration> before = migrations(storage::Dialect::Sqlite);
    std::erase_if(before, [](const storage::Migration& migration) { return migration.number > 2; });
    ASSERT_TRUE(database_->migrate(before));
    write([&](storage::Transaction& transaction) -> Result<void> {
      RETURN_IF_ERROR(
          transaction.execute("INSERT INTO accounts (id, public_id, name, name_key, slug, plan, created_at)"
                              " VALUES (1, 'a', 'contoso', 'contoso', 'contoso', 'enterprise', 5)",
                              {}));
      RETURN_IF_ERROR(transaction.execute(
          "INSERT INTO departments (id, account_id, public_id, name, name_key, is_default)"
          " VALUES (1, 1, 'd', 'Sales', 'sales', 1)",
          {}));
      RETURN_IF_ERROR(transaction.execute(
          "INSERT INTO connections (id, account_id, public_id, name, name_key, entity_id, unsolicited,"
          " clock_skew_seconds, allow_sha1, require_signed_response, sign_requests, force_authn, created_at)"
          " VALUES (1, 1, 'c', 'default', 'default', 'https://idp.example', 'bounce', 60, 0, 0, 0, 0, 7)",
          {}));
      RETURN_IF_ERROR(
          transaction.execute("INSERT INTO domains (id, account_id, name, proof, connection_id, added_at)"
                              " VALUES (3, 1, 'contoso.com', 'support', 1, 9)",
                              {}));
      for (const std::string& address : addresses) {
        RETURN_IF_ERROR(
            transaction.execute("INSERT INTO employees (account_id, public_id, user_name, user_name_key, "
                                "email, email_key, active,"
                                " administrator, origin, department_id, created_at, updated_at,"
                                " given_name, family_name, display_name)"
                                " VALUES (1, $1, $1, $1, $2, $3, 1, 0, 'manual', 1, 5, 5, $4, $5, $6)",
                                {new_public_id(), address, fold_case(address), names.given_name,
                                 names.family_name, names.display_name}));
      }
      return {};
    });
    const auto upgraded = database_->migrate(migrations(storage::Dialect::Sqlite));
    ASSERT_TRUE(upgraded) << upgraded.error().message << upgraded.error().detail;
  }

  test::TemporaryFolder folder_;
  std::unique_ptr<storage::Database> database_ =
      storage::Database::open("sqlite:" + folder_.file("old.db")).value();
};

TEST_F(UpgradeTest, AddressesGetTheDomainThatTheCodeGivesThem) {
  fill({"bob@contoso.com", "Bob@CONTOSO.com", "a@b@contoso.com", "a.b+c@mail.contoso.co.uk",
        "com.contoso@contoso.com", "o\xc3\xb6@contoso.com", "x_y%z@9.example", "", "bob", "@contoso.com"});
  int seen = 0;
  write([&](storage::Transaction& transaction) {
    return transaction.query("SELECT email, email_domain FROM employees", {}, [&](const storage::Row& row) {
      ++seen;
      EXPECT_EQ(row.text(1), email_domain(row.text(0)).value_or("")) << row.text(0);
    });
  });
  EXPECT_EQ(seen, 10);
}

TEST_F(UpgradeTest, PeopleAreFoundByTheKeyThatTheCodeGivesThem) {
  for (const Profile& names :
       {Profile{}, Profile{.given_name = "Ada"}, Profile{.given_name = "Ada", .family_name = "O'NEILL"},
        Profile{.given_name = "ADA", .family_name = "Lovelace", .display_name = "Ada LOVELACE"},
        Profile{.given_name = "Ada", .family_name = "Lovelace", .display_name = "Countess"},
        // Nothing but the code folds these.
        Profile{.given_name = "Ünal"}, Profile{.display_name = "STRAßE"},
        Profile{.display_name = std::string(700, 'A')}}) {
    database_ = storage::Database::open("sqlite:" + folder_.file(new_public_id() + ".db")).value();
    fill({"bob@contoso.com", "Bob@CONTOSO.com", "o\xc3\xb6@contoso.com", ""}, names);
    write([](storage::Transaction& transaction) { return fill_search_keys(transaction, 100); });
    int seen = 0;
    write([&](storage::Transaction& transaction) {
      return transaction.query("SELECT user_name, email, search_key FROM employees", {},
                               [&](const storage::Row& row) {
                                 ++seen;
                                 Profile profile = names;
                                 profile.user_name = row.text(0);
                                 profile.email = row.text(1);
                                 EXPECT_EQ(row.text(2), search_key(profile));
                               });
    });
    EXPECT_EQ(seen, 4);
  }
}

TEST_F(UpgradeTest, WhatIsNoHostNameIsStillInNobodysDomain) {
  fill({"bob@localhost", "bob@contoso.com.", "bob@ contoso.com", "@@contoso"});
  write([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const Census census, take_census(transaction, AccountId{1}));
    EXPECT_EQ(census.active, 4);
    EXPECT_EQ(census.outside, 4);
    return {};
  });
}

TEST_F(UpgradeTest, DomainsAndConnectionsStay) {
  fill({});
  write([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto domains, list_domains(transaction, AccountId{1}));
    EXPECT_EQ(domains.at(0).id, DomainId{3});
    EXPECT_EQ(domains.at(0).proof, DomainProof::Support);
    EXPECT_EQ(domains.at(0).connection, ConnectionId{1});
    ASSIGN_OR_RETURN(const auto connection, load_connection(transaction, AccountId{1}, ConnectionId{1}));
    EXPECT_EQ(connection.provider_since, from_millis(7));
    return {};
  });
}

TEST_F(UpgradeTest, WhatHappenedBeforeIsInTheCharts) {
  constexpr std::int64_t kDay = 86'400'000;
  std::vector<storage::Migration> before = migrations(storage::Dialect::Sqlite);
  std::erase_if(before, [](const storage::Migration& migration) { return migration.number > 8; });
  ASSERT_TRUE(database_->migrate(before));
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(
        transaction.execute("INSERT INTO accounts (id, public_id, name, name_key, slug, plan, created_at)"
                            " VALUES (1, 'a', 'contoso', 'contoso', 'contoso', 'enterprise', 5)",
                            {}));
    for (const auto& [outcome, at] : {std::pair("success", kDay), std::pair("success", 2 * kDay - 1),
                                      std::pair("refused", 2 * kDay), std::pair("test", kDay)}) {
      RETURN_IF_ERROR(transaction.execute(
          "INSERT INTO sign_in_attempts (account_id, reference, at, outcome, finding, employee, report,"
          " client_address) VALUES (1, $1, $2, $3, '', '', '{}', '')",
          {new_public_id(), at, outcome}));
    }
    for (const char* outcome : {"changed", "failed", "read"}) {
      RETURN_IF_ERROR(transaction.execute(
          "INSERT INTO provisioning_log (account_id, at, token_name, client_address, request_id, method, "
          "path,"
          " status, outcome, summary, subject, changes, request_body, response_body, duration_micros)"
          " VALUES (1, $1, '', '', '', '', '', 200, $2, '', '', '[]', '', '', 1)",
          {2 * kDay, outcome}));
    }
    return {};
  });
  ASSERT_TRUE(database_->migrate(migrations(storage::Dialect::Sqlite)));
  write([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto days, list_daily_counts(transaction, AccountId{1}, 3, from_millis(3 * kDay)));
    EXPECT_EQ(days.at(0).signed_in, 2);
    EXPECT_EQ(days.at(0).refused, 0);
    EXPECT_EQ(days.at(1).refused, 1);
    EXPECT_EQ(days.at(1).provisioned, 1);
    EXPECT_EQ(days.at(1).provisioning_failed, 1);
    EXPECT_EQ(days.at(2), DayCounts{.day = days.at(2).day});
    return {};
  });
}

TEST_F(UpgradeTest, WhoIsSignedInHasUsedTheApplication) {
  std::vector<storage::Migration> before = migrations(storage::Dialect::Sqlite);
  std::erase_if(before, [](const storage::Migration& migration) { return migration.number > 10; });
  ASSERT_TRUE(database_->migrate(before));
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(
        transaction.execute("INSERT INTO accounts (id, public_id, name, name_key, slug, plan, created_at)"
                            " VALUES (1, 'a', 'contoso', 'contoso', 'contoso', 'enterprise', 5)",
                            {}));
    for (const auto& [id, created, used] :
         {std::tuple("g1", 10, 20), std::tuple("g2", 15, 40), std::tuple("g3", 30, 35)}) {
      RETURN_IF_ERROR(transaction.execute(
          "INSERT INTO grants (account_id, public_id, application_id, scope, signed_in_at, client_address,"
          " created_at, last_used_at, expires_at) VALUES (1, $1, 1, 'events', 0, '', $2, $3, 100)",
          {id, created, used}));
    }
    return {};
  });
  ASSERT_TRUE(database_->migrate(migrations(storage::Dialect::Sqlite)));
  write([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(
        const auto uses,
        transaction.all("SELECT first_used_at, last_used_at FROM application_uses", {},
                        [](const storage::Row& row) { return std::pair(row.integer(0), row.integer(1)); }));
    EXPECT_EQ(uses, (std::vector<std::pair<std::int64_t, std::int64_t>>{{10, 40}}));
    return {};
  });
}

TEST(MigrationsTest, AreNumberedInOrder) {
  int expected = 1;
  for (const storage::Migration& migration : migrations(storage::Dialect::Sqlite)) {
    EXPECT_EQ(migration.number, expected++);
    EXPECT_EQ(std::stoi(std::string(migration.name.substr(0, 4))), migration.number);
    EXPECT_FALSE(migration.sql.empty());
  }
}

}  // namespace
}  // namespace doorward::directory
