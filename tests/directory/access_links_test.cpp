#include "directory/access_links.h"

#include "directory/audit.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

class AccessLinksTest : public DirectoryTest {
 protected:
  Result<Timestamp> try_create(LinkPurpose purpose, const AccessLinkSecret& secret,
                               const Actor& actor = kSupport) {
    return database_->write([&](storage::Transaction& transaction) {
      return create_access_link(transaction, reload(contoso_), reload(alice_), purpose, secret, "because",
                                actor, kNow);
    });
  }
  AccessLinkSecret create(LinkPurpose purpose) {
    auto secret = AccessLinkSecret::issue(contoso_);
    must(try_create(purpose, secret));
    return secret;
  }
  std::string refusal(LinkPurpose purpose, const Actor& actor = kSupport) {
    const auto outcome = try_create(purpose, AccessLinkSecret::issue(contoso_), actor);
    return outcome ? "" : std::string(outcome.error().code.name());
  }
  std::optional<AccessLink> find(const AccessLinkSecret& secret, Timestamp now = kNow) {
    return read(
        [&](storage::Transaction& transaction) { return find_access_link(transaction, secret, now); });
  }
  std::optional<AccessLink> take(const AccessLinkSecret& secret, Timestamp now = kNow) {
    return write(
        [&](storage::Transaction& transaction) { return take_access_link(transaction, secret, now); });
  }
  void enforce() {
    add_connection(contoso_, "https://idp.example");
    add_domain(contoso_, "contoso.example");
    write([&](storage::Transaction& transaction) {
      return enforce_sso(transaction, contoso_.id, "test", kSupport, kNow);
    });
  }
  void make_administrator() {
    write([&](storage::Transaction& transaction) {
      return grant_administrator(transaction, contoso_.id, alice_.id, kSupport, kNow);
    });
  }

  const Account contoso_ = add_account("contoso");
  const Employee alice_ = add_employee(contoso_, "alice@contoso.example");
};

TEST_F(AccessLinksTest, WorksOnceAndUntilItsTimeIsOver) {
  const auto secret = create(LinkPurpose::Recovery);
  const auto link = find(secret);
  ASSERT_TRUE(link);
  EXPECT_EQ(link->employee.id, alice_.id);
  EXPECT_EQ(link->account.id, contoso_.id);
  EXPECT_EQ(link->purpose, LinkPurpose::Recovery);
  EXPECT_EQ(link->expires_at, kNow + kRecoveryLifetime);
  EXPECT_FALSE(find(secret, kNow + kRecoveryLifetime));
  EXPECT_TRUE(take(secret));
  EXPECT_FALSE(take(secret));
  EXPECT_FALSE(find(secret));
}

TEST_F(AccessLinksTest, TheNewOneTakesThePlaceOfTheOld) {
  const auto first = create(LinkPurpose::Recovery);
  const auto invitation = create(LinkPurpose::Invitation);
  const auto second = create(LinkPurpose::Recovery);
  EXPECT_FALSE(find(first));
  EXPECT_TRUE(find(second));
  EXPECT_TRUE(find(invitation));
}

TEST_F(AccessLinksTest, ASecretOfAnotherAccountOpensNothing) {
  const auto fabrikam = add_account("fabrikam");
  create(LinkPurpose::Recovery);
  EXPECT_FALSE(find(AccessLinkSecret::issue(fabrikam)));
  EXPECT_FALSE(AccessLinkSecret::parse("dwl_nonsense"));
}

TEST_F(AccessLinksTest, PasswordsAreClosedWhileSsoIsEnforced) {
  const auto secret = create(LinkPurpose::Recovery);
  enforce();
  EXPECT_FALSE(find(secret));
  EXPECT_FALSE(take(secret));
  EXPECT_EQ(refusal(LinkPurpose::Invitation), "directory.sso_enforced");
}

TEST_F(AccessLinksTest, SomebodyInactiveGetsNone) {
  const auto secret = create(LinkPurpose::Recovery);
  write([&](storage::Transaction& transaction) {
    return deactivate_employee(transaction, contoso_.id, alice_.id, LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_FALSE(take(secret));
  EXPECT_EQ(refusal(LinkPurpose::Recovery), "directory.employee_inactive");
}

TEST_F(AccessLinksTest, AnEmergencyIsSupportsWordAboutAnAdministrator) {
  EXPECT_EQ(refusal(LinkPurpose::Emergency), "directory.no_administrator");
  make_administrator();
  enforce();
  EXPECT_EQ(refusal(LinkPurpose::Emergency, kAdministrator), "directory.support_only");
  const auto secret = create(LinkPurpose::Emergency);
  EXPECT_EQ(find(secret)->expires_at, kNow + kEmergencyLifetime);
  // Whoever lost the rights meanwhile does not come in with it.
  write([&](storage::Transaction& transaction) {
    return revoke_administrator(transaction, contoso_.id, alice_.id, LastAdministrator::MayGo, kSupport,
                                kNow);
  });
  EXPECT_FALSE(take(secret));
}

TEST_F(AccessLinksTest, TheAuditKnowsWhoMadeItAndThatItWasUsed) {
  take(create(LinkPurpose::Recovery));
  const auto entries = read([&](storage::Transaction& transaction) {
    return list_audit(transaction, contoso_.id, std::nullopt, 2);
  });
  EXPECT_EQ(entries.at(0).action, "access_link.used");
  EXPECT_EQ(entries.at(0).target, alice_.public_id);
  EXPECT_EQ(entries.at(1).action, "access_link.created");
  EXPECT_EQ(entries.at(1).details.at("reason").as_string(), "because");
}

}  // namespace
}  // namespace doorward::directory
