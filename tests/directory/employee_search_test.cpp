#include "directory/employee_search.h"

#include <array>

#include <gmock/gmock.h>

#include "base/text.h"
#include "directory/departments.h"
#include "provisioning_test.h"

namespace doorward::directory {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EmployeeSearchTest : public ProvisioningTest {
 protected:
  EmployeePage page_of(const EmployeeSearch& asked, const std::optional<std::string>& after = {},
                       int limit = 100) {
    return read([&](storage::Transaction& transaction) {
      return search_employees(transaction, account_.id, asked, after, limit);
    });
  }
  std::vector<std::string> found(const EmployeeSearch& asked) {
    std::vector<std::string> names;
    for (const Employee& employee : page_of(asked).employees)
      names.push_back(employee.profile.user_name);
    return names;
  }
  std::vector<std::string> search(std::string words) { return found({.words = std::move(words)}); }
};

TEST_F(EmployeeSearchTest, ListsInPagesByUserName) {
  for (const char* name : {"Dora", "alice", "Bob", "carl", "Ämil"})
    add_employee(account_, name);
  add_employee(add_account("fabrikam"), "zoe");
  const auto list = [&](const EmployeeSearch& asked, int limit) {
    std::string names;
    std::optional<std::string> after;
    do {
      const EmployeePage page = page_of(asked, after, limit);
      EXPECT_LE(page.employees.size(), static_cast<std::size_t>(limit));
      for (const Employee& employee : page.employees)
        names += employee.profile.user_name + ' ';
      names += '|';
      after = page.next;
    } while (after);
    return names;
  };
  EXPECT_EQ(list({}, 2), "alice Bob |carl Dora |Ämil |");
  EXPECT_EQ(list({}, 5), "alice Bob carl Dora Ämil |");
  EXPECT_EQ(list({.words = "a"}, 2), "alice carl |Dora |");
  EXPECT_EQ(list({.administrator = true}, 5), "|");
  EXPECT_EQ(list({.active = true}, 3), "alice Bob carl |Dora Ämil |");
}

TEST_F(EmployeeSearchTest, LooksAnywhereInNamesAndAddresses) {
  add_employee({.account = account_.id,
                .profile = {.user_name = "u1001",
                            .email = "Ada.Lovelace@contoso.example",
                            .given_name = "Augusta Ada",
                            .family_name = "King-Noel",
                            .display_name = "Countess of Lovelace"}});
  add_employee(account_, "bob@contoso.example");
  for (const char* words :
       {"u1001", "U100", "lovel", "ace@contoso", "AUGUSTA", "king-noel", "noel", "countess", "ada noel",
        "noel  ada", "  lovelace\tking\r\n", "a d a k i", "Countess of Lovelace"})
    EXPECT_THAT(search(words), ElementsAre("u1001")) << words;
  EXPECT_THAT(search("contoso"), ElementsAre("bob@contoso.example", "u1001"));
  EXPECT_THAT(search(" "), ElementsAre("bob@contoso.example", "u1001"));
  for (const char* words : {"u1002", "ada bob", "lovelaces", "noelcountess", "directory"})
    EXPECT_THAT(search(words), IsEmpty()) << words;
}

TEST_F(EmployeeSearchTest, FoldsAsTheStoredTextIsFolded) {
  add_employee({.account = account_.id,
                .profile = {.user_name = "g", .given_name = "ÇAĞLA", .family_name = "Straße"}});
  for (const char* words : {"çağ", "ÇAĞLA", "strasse", "STRASSE", "straß",
                            "c\xcc\xa7"
                            "a"})
    EXPECT_THAT(search(words), ElementsAre("g")) << words;
  EXPECT_THAT(search("cagla"), IsEmpty());
}

TEST_F(EmployeeSearchTest, HasNoWildcards) {
  for (const char* name : {"a%b", "a_b", "a\\b", "axb"})
    add_employee(account_, name);
  EXPECT_THAT(search("%"), ElementsAre("a%b"));
  EXPECT_THAT(search("a_b"), ElementsAre("a_b"));
  EXPECT_THAT(search("\\"), ElementsAre("a\\b"));
  EXPECT_THAT(search("\\%"), IsEmpty());
  EXPECT_THAT(search("'"), IsEmpty());
  EXPECT_THAT(search("a*b"), IsEmpty());
}

TEST_F(EmployeeSearchTest, BoundsWhatItIsAskedFor) {
  add_employee(account_, "ann");
  EXPECT_THAT(search("a n n a n n"), ElementsAre("ann"));
  const auto too_many = database_->read([&](storage::Transaction& transaction) {
    return search_employees(transaction, account_.id, {.words = "a n n a n n a"}, {}, 5);
  });
  ASSERT_FALSE(too_many);
  EXPECT_EQ(too_many.error().code.name(), "directory.search_too_long");
  EXPECT_THAT(search(std::string(100'000, 'a')), IsEmpty());
}

TEST_F(EmployeeSearchTest, Filters) {
  const Department sales = write([&](storage::Transaction& transaction) {
    return create_department(transaction, {.account = account_.id, .name = "Sales"}, kSupport, kNow);
  });
  add_employee({.account = account_.id, .profile = {.user_name = "ann"}, .department = sales.id});
  add_employee({.account = account_.id, .profile = {.user_name = "bob"}, .administrator = true});
  add_employee({.account = account_.id, .profile = {.user_name = "cem"}, .active = false});
  create("dan");
  EXPECT_THAT(found({.department = sales.id}), ElementsAre("ann"));
  EXPECT_THAT(found({.administrator = true}), ElementsAre("bob"));
  EXPECT_THAT(found({.active = false}), ElementsAre("cem"));
  EXPECT_THAT(found({.origin = Origin::Directory}), ElementsAre("dan"));
  EXPECT_THAT(found({.words = "a", .active = true, .administrator = false, .origin = Origin::Manual}),
              ElementsAre("ann"));
  EXPECT_THAT(found({.words = "b", .department = sales.id}), IsEmpty());
}

TEST_F(EmployeeSearchTest, FollowsEveryChange) {
  const Employee ann = add_employee(account_, "ann");
  Profile profile = ann.profile;
  profile.family_name = "Archer";
  write([&](storage::Transaction& transaction) {
    return update_profile(transaction, account_.id, ann.id, profile, kAdministrator, kNow);
  });
  EXPECT_THAT(search("archer"), ElementsAre("ann"));
  ProvisionedEmployee bob = create("bob");
  EmployeeRecord record{.profile = bob.employee.profile};
  record.profile.given_name = "Robert";
  write([&](storage::Transaction& transaction) {
    return update_provisioned(transaction, account_, settings_, bob, record, kDirectory, now_);
  });
  EXPECT_THAT(search("robert"), ElementsAre("bob"));
}

TEST_F(EmployeeSearchTest, KeepsAKeyOfBoundedLength) {
  const std::string long_name = std::string(599 - 2, 'a') + "ää";
  const std::string key = search_key({.user_name = long_name, .family_name = "never seen"});
  EXPECT_EQ(key, long_name.substr(0, 599));
  EXPECT_TRUE(is_valid_utf8(key));
  EXPECT_EQ(search_key({.user_name = "ann"}), "ann\n\n \n");
}

TEST_F(EmployeeSearchTest, FillsWhatAMigrationLeft) {
  for (const char* name : {"ann", "bob", "cem"})
    add_employee(account_, name);
  const auto missing = [&] {
    return read([](storage::Transaction& transaction) { return is_search_key_missing(transaction); });
  };
  EXPECT_FALSE(missing());
  write([&](storage::Transaction& transaction) {
    return transaction.execute("UPDATE employees SET search_key = ''", {});
  });
  for (const int rest : {1, 0}) {
    EXPECT_TRUE(missing());
    write([](storage::Transaction& transaction) { return fill_search_keys(transaction, 2); });
    EXPECT_EQ(count("SELECT count(*) FROM employees WHERE search_key = ''"), rest);
  }
  EXPECT_FALSE(missing());
  EXPECT_THAT(search("cem"), ElementsAre("cem"));
}

/// Sees how SQLite answers one statement.
class Explain final : public storage::Transaction {
 public:
  explicit Explain(storage::Transaction& inner) : inner_(inner) {}
  Result<void> query(std::string_view sql, storage::Parameters parameters,
                     const std::function<void(const storage::Row&)>&) override {
    return inner_.query("EXPLAIN QUERY PLAN " + std::string(sql), parameters,
                        [&](const storage::Row& row) { steps.emplace_back(row.text(3)); });
  }
  Result<std::int64_t> execute(std::string_view, storage::Parameters) override { return 0; }
  Result<void> notify(std::string_view, std::string_view) override { return {}; }

  std::vector<std::string> steps = {};

 private:
  storage::Transaction& inner_;
};

TEST_F(EmployeeSearchTest, ReadsItsIndexAndTheRowsOfThePageOnly) {
  if (test::TestDatabase::is_postgres()) GTEST_SKIP() << "of SQLite's plans";
  add_employee(account_, "ann");
  read([&](storage::Transaction& transaction) -> Result<void> {
    Explain search(transaction);
    RETURN_IF_ERROR(search_employees(search, account_.id, {.words = "a"}, {}, 5));
    EXPECT_THAT(search.steps,
                testing::Contains(
                    "SEARCH s USING COVERING INDEX employees_search (account_id=? AND user_name_key>?)"));
    EXPECT_THAT(search.steps, testing::Contains(testing::StartsWith("SEARCH e USING INTEGER PRIMARY KEY")));
    Explain missing(transaction);
    RETURN_IF_ERROR(is_search_key_missing(missing));
    EXPECT_THAT(missing.steps, ElementsAre(testing::HasSubstr("employees_unsearched")));
    return {};
  });
}

}  // namespace
}  // namespace doorward::directory
