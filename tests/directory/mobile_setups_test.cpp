#include "directory/mobile_setups.h"

#include <gmock/gmock.h>

#include "directory_test.h"

namespace doorward::directory {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MobileSetupsTest : public DirectoryTest {
 protected:
  std::optional<MobileSetup> find(const Account& account) {
    return read(
        [&](storage::Transaction& transaction) { return find_mobile_setup(transaction, account.id); });
  }
  void save(const MobileSetup& setup, Timestamp now = kNow) {
    write([&](storage::Transaction& transaction) {
      return save_mobile_setup(transaction, setup, kAdministrator, now);
    });
  }
  void remove(const Account& account) {
    write([&](storage::Transaction& transaction) {
      return remove_mobile_setup(transaction, account.id, kAdministrator, kNow);
    });
  }
  std::vector<std::string> audited() {
    const auto entries = read([&](storage::Transaction& transaction) {
      return list_audit(transaction, account_.id, std::nullopt, 20);
    });
    std::vector<std::string> actions;
    for (const AuditEntry& entry : entries) {
      if (entry.action.starts_with("mobile_setup.")) actions.push_back(entry.action + " " + entry.target);
    }
    return actions;
  }

  Account account_ = add_account("contoso");
  Connection connection_ = add_connection(account_, "https://idp.example/contoso");
  MobileSetup setup_ = {
      .account = account_.id,
      .connection = connection_.id,
      .client_id = "00001111-aaaa-2222-bbbb-3333cccc4444",
      .tenant_id = "aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb",
      .authority = "https://login.microsoftonline.com/aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb/v2.0",
      .ios_redirect = "msauth.com.example.portal://auth",
      .android_redirects = {"msauth://com.example.portal/a%3D", "msauth://com.example.portal/b%3D"}};
};

TEST_F(MobileSetupsTest, AreKeptAsTheyWereSaved) {
  EXPECT_FALSE(find(account_));
  save(setup_);
  const auto found = find(account_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->account, account_.id);
  EXPECT_EQ(found->connection, connection_.id);
  EXPECT_EQ(found->client_id, setup_.client_id);
  EXPECT_EQ(found->tenant_id, setup_.tenant_id);
  EXPECT_EQ(found->authority, setup_.authority);
  EXPECT_EQ(found->ios_redirect, setup_.ios_redirect);
  EXPECT_EQ(found->android_redirects, setup_.android_redirects);
  EXPECT_EQ(found->saved_at, kNow);
  EXPECT_EQ(found->saved_by, kAdministrator.name);
  EXPECT_FALSE(find(add_account("fabrikam")));
}

TEST_F(MobileSetupsTest, AreReplacedAsAWhole) {
  save(setup_);
  MobileSetup other = setup_;
  other.ios_redirect = "";
  other.android_redirects = {};
  other.client_id = "other";
  save(other, kNow + std::chrono::hours(1));
  const auto found = find(account_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->ios_redirect, "");
  EXPECT_THAT(found->android_redirects, IsEmpty());
  EXPECT_EQ(found->saved_at, kNow + std::chrono::hours(1));
  EXPECT_EQ(count("SELECT count(*) FROM mobile_setups"), 1);
  EXPECT_THAT(audited(), ElementsAre("mobile_setup.saved other", "mobile_setup.saved " + setup_.client_id));
}

TEST_F(MobileSetupsTest, BelongToAConnectionOfTheAccount) {
  const Account fabrikam = add_account("fabrikam");
  MobileSetup foreign = setup_;
  foreign.connection = add_connection(fabrikam, "https://idp.example/fabrikam").id;
  EXPECT_NE(refusal_of([&](storage::Transaction& transaction) {
              return save_mobile_setup(transaction, foreign, kAdministrator, kNow);
            }),
            "");
  EXPECT_FALSE(find(account_));
}

TEST_F(MobileSetupsTest, GoOnRequestAndWithTheirConnection) {
  save(setup_);
  remove(account_);
  EXPECT_FALSE(find(account_));
  remove(account_);
  EXPECT_THAT(audited(), ElementsAre("mobile_setup.removed " + setup_.client_id,
                                     "mobile_setup.saved " + setup_.client_id));
  save(setup_);
  write([&](storage::Transaction& transaction) {
    return delete_connection(transaction, account_.id, connection_.id, kAdministrator, kNow);
  });
  EXPECT_FALSE(find(account_));
}

}  // namespace
}  // namespace doorward::directory
