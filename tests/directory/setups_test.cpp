#include "directory/setups.h"

#include "directory_test.h"

namespace doorward::directory {
namespace {

class SetupsTest : public DirectoryTest {
 protected:
  std::optional<directory::Setup> find(const Account& account) {
    return read([&](storage::Transaction& transaction) { return find_setup(transaction, account.id); });
  }
  directory::Setup start(const Account& account, const Actor& actor = kAdministrator, Timestamp now = kNow) {
    return write(
        [&](storage::Transaction& transaction) { return start_setup(transaction, account.id, actor, now); });
  }
  std::string refusal_to_update(const Account& account, const directory::Setup& setup) {
    return refusal_of(
        [&](storage::Transaction& transaction) { return update_setup(transaction, account.id, setup); });
  }
  std::vector<AuditEntry> audit() {
    return read([&](storage::Transaction& transaction) {
      return list_audit(transaction, account_.id, std::nullopt, 10);
    });
  }

  Account account_ = add_account("contoso");
};

TEST_F(SetupsTest, StartsOnce) {
  EXPECT_FALSE(find(account_));
  const directory::Setup started = start(account_);
  EXPECT_EQ(started.started_at, kNow);
  EXPECT_EQ(start(account_, kSupport, kNow + std::chrono::hours(1)).started_at, kNow);
  const auto found = find(account_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->started_by, "ada@contoso.com");
  EXPECT_EQ(found->provider, "");
  EXPECT_FALSE(found->application_done_at || found->provisioning_declined_at || found->department_chosen_at);
  ASSERT_EQ(audit().size(), 2u) << "created and started";
  EXPECT_EQ(audit().at(0).action, "setup.started");
  EXPECT_EQ(audit().at(0).target, account_.public_id);
  EXPECT_FALSE(find(add_account("fabrikam")));
}

TEST_F(SetupsTest, TheFreePlanHasNone) {
  const Account free = add_account("fabrikam", Plan::Free);
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return start_setup(transaction, free.id, kAdministrator, kNow);
            }),
            "directory.plan_without_sso");
  EXPECT_FALSE(find(free));
}

TEST_F(SetupsTest, KeepsWhatWasSaidButForTheStart) {
  directory::Setup setup = start(account_);
  EXPECT_EQ(refusal_to_update(add_account("fabrikam"), setup), kNoSetup.name());
  setup.provider = "entra";
  setup.application_done_at = kNow + std::chrono::hours(1);
  setup.provisioning_declined_at = kNow + std::chrono::hours(2);
  setup.department_chosen_at = kNow + std::chrono::hours(3);
  setup.started_by = "somebody else";
  EXPECT_EQ(refusal_to_update(account_, setup), "");
  const directory::Setup found = find(account_).value();
  EXPECT_EQ(found.provider, "entra");
  EXPECT_EQ(found.application_done_at, setup.application_done_at);
  EXPECT_EQ(found.provisioning_declined_at, setup.provisioning_declined_at);
  EXPECT_EQ(found.department_chosen_at, setup.department_chosen_at);
  EXPECT_EQ(found.started_by, "ada@contoso.com");
}

TEST_F(SetupsTest, IsDeletedWithoutTouchingOthers) {
  const Account other = add_account("fabrikam");
  start(account_);
  start(other);
  write([&](storage::Transaction& transaction) { return delete_setup(transaction, account_.id); });
  EXPECT_FALSE(find(account_));
  EXPECT_TRUE(find(other));
  EXPECT_EQ(refusal_to_update(account_, {}), kNoSetup.name());
}

}  // namespace
}  // namespace doorward::directory
