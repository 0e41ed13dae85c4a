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

}  // namespace
}  // namespace doorward::directory
