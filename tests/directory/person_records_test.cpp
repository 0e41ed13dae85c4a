#include "directory/person_records.h"

#include "directory_test.h"

namespace doorward::directory {
namespace {

using PersonRecordsTest = DirectoryTest;

TEST_F(PersonRecordsTest, TheAuditOfOneIsNewestFirst) {
  const Account account = add_account("contoso");
  const Account other = add_account("fabrikam");
  const auto note = [&](const Account& where, std::string_view action, std::string_view target) {
    write([&](storage::Transaction& transaction) {
      return record_audit(transaction, where.id, kAdministrator, action, target, {{"n", 1}}, kNow);
    });
  };
  note(account, "a.first", "ben");
  note(account, "a.other", "bob");
  note(other, "a.foreign", "ben");
  note(account, "a.second", "ben");
  const auto about = [&](int limit) {
    return read([&](storage::Transaction& transaction) {
      return list_audit_about(transaction, account.id, "ben", limit);
    });
  };
  const auto entries = about(10);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].action, "a.second");
  EXPECT_EQ(entries[0].actor.name, kAdministrator.name);
  EXPECT_EQ(entries[0].details.at("n").as_int64(), 1);
  EXPECT_EQ(entries[1].action, "a.first");
  ASSERT_EQ(about(1).size(), 1u);
  EXPECT_EQ(about(1)[0].action, "a.second");
}

TEST_F(PersonRecordsTest, TheLastDeletedOfANameIsFound) {
  const Account account = add_account("contoso");
  const Account other = add_account("fabrikam");
  std::string last;
  for (int i = 0; i < 2; ++i) {
    const Employee ben = add_employee(account, "ben@contoso.com");
    last = ben.public_id;
    write([&](storage::Transaction& transaction) {
      return delete_employee(transaction, account.id, ben.id, LastAdministrator::MayGo, kDirectory, kNow);
    });
  }
  const auto find = [&](const Account& where, std::string_view name) {
    return read([&](storage::Transaction& transaction) {
      return find_deleted_by_user_name(transaction, where.id, name);
    });
  };
  const auto found = find(account, "BEN@contoso.com");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->public_id, last);
  EXPECT_EQ(found->actor.kind, ActorKind::Directory);
  EXPECT_FALSE(find(account, "bob@contoso.com"));
  EXPECT_FALSE(find(other, "ben@contoso.com"));
}

}  // namespace
}  // namespace doorward::directory
