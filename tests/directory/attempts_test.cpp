#include "directory/attempts.h"

#include "base/text.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

TEST_F(DirectoryTest, AnAttemptIsFoundAsPeopleTypeItsReference) {
  const Account account = add_account("contoso");
  const std::string reference = write([&](storage::Transaction& transaction) {
    return record_attempt(transaction,
                          {.account = account.id,
                           .outcome = AttemptOutcome::Refused,
                           .finding = "identity.deactivated",
                           .employee = "some-id",
                           .report = R"({"checks":[]})",
                           .client_address = "192.0.2.1"},
                          kNow);
  });
  ASSERT_EQ(reference.size(), 9u);
  std::string plain = to_ascii_lower(reference);
  plain.erase(4, 1);
  for (const std::string& typed : {reference, plain, " " + to_ascii_lower(reference) + " "}) {
    const auto found =
        read([&](storage::Transaction& transaction) { return find_attempt(transaction, account.id, typed); });
    ASSERT_TRUE(found) << typed;
    EXPECT_EQ(found->finding, "identity.deactivated");
    EXPECT_EQ(found->report, R"({"checks":[]})");
    EXPECT_EQ(found->at, kNow);
    EXPECT_EQ(found->connection, std::nullopt);
  }
  const Account other = add_account("fabrikam");
  for (const auto& [where, what] :
       {std::pair(other.id, reference), std::pair(account.id, std::string()),
        std::pair(account.id, std::string("%")), std::pair(account.id, plain + "A")}) {
    EXPECT_FALSE(
        read([&](storage::Transaction& transaction) { return find_attempt(transaction, where, what); }));
  }
}

TEST_F(DirectoryTest, AttemptsAreListedNewestFirst) {
  const Account account = add_account("contoso");
  for (int i = 0; i < 5; ++i) {
    write([&](storage::Transaction& transaction) {
      return record_attempt(transaction, {.account = account.id, .finding = std::to_string(i)}, kNow);
    });
  }
  const auto page = [&](std::optional<AttemptId> before) {
    return read(
        [&](storage::Transaction& transaction) { return list_attempts(transaction, account.id, before, 3); });
  };
  const auto first = page(std::nullopt);
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0].finding, "4");
  const auto second = page(first.back().id);
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(second[1].finding, "0");
}

class PassedTestTest : public DirectoryTest {
 protected:
  void record(std::string_view employee, Timestamp at = kNow, AttemptOutcome outcome = AttemptOutcome::Test,
              std::string_view finding = {}) {
    write([&](storage::Transaction& transaction) {
      return record_attempt(transaction,
                            {.account = account_.id,
                             .connection = connection_.id,
                             .outcome = outcome,
                             .finding = std::string(finding),
                             .employee = std::string(employee)},
                            at);
    });
  }
  std::optional<Attempt> find(TestedBy who, Timestamp since = kNow) {
    return read([&](storage::Transaction& transaction) {
      return find_passed_test(transaction, account_.id, connection_.id, since, who);
    });
  }

  Account account_ = add_account("contoso");
  Connection connection_ = add_connection(account_, "https://idp.example");
  Employee ada_ = add_employee({.account = account_.id,
                                .profile = {.user_name = "ada", .email = "ada@contoso.com"},
                                .administrator = true});
  Employee bob_ = add_employee(account_, "bob", "bob@contoso.com");
  Domain domain_ = add_domain(account_, "contoso.com");
};

TEST_F(PassedTestTest, OnlyAPassedTestIsOne) {
  record(ada_.public_id, kNow, AttemptOutcome::Success);
  record(ada_.public_id, kNow, AttemptOutcome::Refused);
  record(ada_.public_id, kNow, AttemptOutcome::Test, "identity.outside_domains");
  EXPECT_FALSE(find(TestedBy::Anybody));
  record(ada_.public_id);
  EXPECT_EQ(find(TestedBy::Administrator).value().employee, ada_.public_id);
}

TEST_F(PassedTestTest, IsOfAnAdministratorOfNow) {
  record(bob_.public_id);
  record("");
  EXPECT_FALSE(find(TestedBy::Administrator));
  EXPECT_TRUE(find(TestedBy::Anybody));
  record(ada_.public_id);
  EXPECT_TRUE(find(TestedBy::Administrator));
  write([&](storage::Transaction& transaction) {
    return revoke_administrator(transaction, account_.id, ada_.id, LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_FALSE(find(TestedBy::Administrator));
}

TEST_F(PassedTestTest, IsOfSomebodyWhoKeepsAccess) {
  record(ada_.public_id);
  EXPECT_TRUE(find(TestedBy::Administrator));
  write([&](storage::Transaction& transaction) {
    Profile profile = ada_.profile;
    profile.email = "ada@elsewhere.example";
    return update_profile(transaction, account_.id, ada_.id, profile, kSupport, kNow);
  });
  EXPECT_FALSE(find(TestedBy::Administrator));
}

TEST_F(PassedTestTest, IsNewEnoughAndOfThisConnection) {
  record(ada_.public_id, kNow);
  record(ada_.public_id, kNow + std::chrono::hours(2));
  record(ada_.public_id, kNow + std::chrono::hours(1));
  EXPECT_EQ(find(TestedBy::Administrator)->at, kNow + std::chrono::hours(2));
  EXPECT_TRUE(find(TestedBy::Administrator, kNow + std::chrono::hours(2)));
  EXPECT_FALSE(find(TestedBy::Administrator, kNow + std::chrono::hours(3)));
  connection_ = add_connection(account_, "https://second.example", "second");
  EXPECT_FALSE(find(TestedBy::Anybody));
  account_ = add_account("fabrikam");
  EXPECT_FALSE(find(TestedBy::Anybody));
}

}  // namespace
}  // namespace doorward::directory
