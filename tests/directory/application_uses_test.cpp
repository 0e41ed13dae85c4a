#include "directory/application_uses.h"

#include <gmock/gmock.h>

#include "applications_fixture.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

class ApplicationUsesTest : public ApplicationsFixture {
 protected:
  std::vector<ApplicationUse> users_of(const Application& application, const Account& account,
                                       Timestamp now = kNow, int limit = 50) {
    return read([&](storage::Transaction& transaction) {
      return list_uses_of_application(transaction, account.id, application.id, now, limit);
    });
  }
  std::vector<ApplicationUse> users_of(const Application& application) {
    return users_of(application, account_);
  }
  std::vector<ApplicationUse> used_by(const Employee& employee, Timestamp now = kNow) {
    return read([&](storage::Transaction& transaction) {
      return list_uses_of_employee(transaction, employee.account, employee.id, now, 50);
    });
  }
  std::optional<Timestamp> last(const Application& application, const Account& account) {
    return read([&](storage::Transaction& transaction) {
      return last_use(transaction, account.id, application.id, kNow);
    });
  }
  std::optional<Timestamp> last(const Application& application) { return last(application, account_); }
  void touch(const Grant& grant, Timestamp at) {
    const GrantTouch touches[] = {{grant.account, grant.id, at}};
    write([&](storage::Transaction& transaction) { return touch_grants(transaction, touches); });
  }
  Timestamp stored() { return from_millis(count("SELECT max(last_used_at) FROM application_uses")); }
  static std::vector<std::string> names(const std::vector<ApplicationUse>& uses) {
    std::vector<std::string> all;
    for (const ApplicationUse& use : uses)
      all.push_back(use.application_name.empty() ? use.employee_name : use.application_name);
    return all;
  }

  Application wiki_ = add_application("Wiki");
};

TEST_F(ApplicationUsesTest, ItStaysWhenTheAccessHasEnded) {
  EXPECT_THAT(users_of(wiki_), IsEmpty());
  EXPECT_EQ(last(wiki_), std::nullopt);
  const Grant grant = give(wiki_, bob_);
  ASSERT_EQ(users_of(wiki_).size(), 1u);
  const ApplicationUse use = users_of(wiki_).front();
  EXPECT_EQ(use.employee_public_id, bob_.public_id);
  EXPECT_EQ(use.employee_name, "bob@contoso.com");
  EXPECT_TRUE(use.employee_active);
  EXPECT_TRUE(use.signed_in);
  EXPECT_EQ(use.first_used_at, kNow);
  write([&](storage::Transaction& transaction) {
    return end_grant(transaction, account_.id, {}, grant.public_id, kNow);
  });
  ASSERT_EQ(users_of(wiki_).size(), 1u);
  EXPECT_FALSE(users_of(wiki_).front().signed_in);
  EXPECT_EQ(last(wiki_), kNow);
  write([&](storage::Transaction& transaction) {
    return deactivate_employee(transaction, account_.id, bob_.id, LastAdministrator::Protect, kAdministrator,
                               kNow);
  });
  EXPECT_FALSE(users_of(wiki_).front().employee_active);
  ASSERT_EQ(used_by(bob_).size(), 1u);
  EXPECT_EQ(used_by(bob_).front().client_id, wiki_.client_id);
  EXPECT_EQ(used_by(bob_).front().kind, ApplicationKind::Web);
}

TEST_F(ApplicationUsesTest, WhoseSessionOrTimeIsOverIsNotSignedIn) {
  const Session session = open_session(bob_);
  give(wiki_, bob_, session);
  EXPECT_TRUE(users_of(wiki_).front().signed_in);
  write([&](storage::Transaction& transaction) {
    return transaction.execute("UPDATE sessions SET idle_expires_at = $1", {kNow});
  });
  EXPECT_FALSE(users_of(wiki_).front().signed_in) << "idle for too long, although nobody has cleaned up";
  give(wiki_, bob_);
  EXPECT_TRUE(users_of(wiki_).front().signed_in);
  EXPECT_FALSE(users_of(wiki_, account_, kNow + hours(24 * 180)).front().signed_in);
}

TEST_F(ApplicationUsesTest, ItIsWrittenOnceInAWhileAndNeverBackwards) {
  const Grant grant = give(wiki_, bob_);
  touch(grant, kNow + minutes(2));
  EXPECT_EQ(stored(), kNow);
  EXPECT_EQ(users_of(wiki_).front().last_used_at, kNow + minutes(2)) << "by the grant, while that lives";
  EXPECT_EQ(last(wiki_), kNow + minutes(2));
  touch(grant, kNow + kUseInterval);
  EXPECT_EQ(stored(), kNow + kUseInterval);
  touch(grant, kNow + minutes(1));
  give(wiki_, bob_);
  EXPECT_EQ(stored(), kNow + kUseInterval) << "another node was late";
  EXPECT_EQ(users_of(wiki_).size(), 1u);
  EXPECT_EQ(users_of(wiki_).front().first_used_at, kNow);
}

TEST_F(ApplicationUsesTest, ExchangingIsUse) {
  const Grant grant = give(wiki_, bob_);
  const GrantToken refresh = add(grant, TokenKind::Refresh);
  EXPECT_EQ(exchange(refresh, wiki_, kNow + minutes(30)).outcome, Exchange::Good);
  EXPECT_EQ(stored(), kNow + minutes(30));
  EXPECT_EQ(exchange(refresh, wiki_, kNow + minutes(50)).outcome, Exchange::Reused);
  EXPECT_EQ(stored(), kNow + minutes(30)) << "a thief's use is none";
  touch(grant, kNow + minutes(55));
  EXPECT_EQ(stored(), kNow + minutes(30)) << "of a grant that has ended";
}

TEST_F(ApplicationUsesTest, RefusedIsNotUsed) {
  const Application closed = add_application({.account = account_.id, .settings = chosen("Closed", {})});
  EXPECT_NE(refusal_to_give(new_grant(closed, bob_)), "");
  EXPECT_THAT(users_of(closed), IsEmpty());
}

TEST_F(ApplicationUsesTest, EveryAccountSeesItsOwnPeople) {
  const Application portal = add_application({.settings = settings("Portal")});
  give(portal, bob_);
  give(portal, eve_);
  EXPECT_THAT(names(users_of(portal)), ElementsAre("bob@contoso.com"));
  EXPECT_THAT(names(users_of(portal, other_)), ElementsAre("eve@fabrikam.com"));
  EXPECT_EQ(
      read([&](storage::Transaction& transaction) { return count_users(transaction, other_.id, portal.id); }),
      1);
  const Account third = add_account("third");
  EXPECT_EQ(last(portal, third), std::nullopt);
  EXPECT_EQ(read([&](storage::Transaction& transaction) {
              return list_uses_of_employee(transaction, other_.id, bob_.id, kNow, 50);
            }).size(),
            0u)
      << "another account's employee";
}

TEST_F(ApplicationUsesTest, TheLastUsedComesFirst) {
  const Application chat = add_application("Chat");
  const Employee ann = add_employee(account_, "ann@contoso.com");
  give(wiki_, ann);
  touch(give(chat, bob_), kNow + hours(1));
  touch(give(wiki_, bob_), kNow + hours(2));
  EXPECT_THAT(names(users_of(wiki_)), ElementsAre("bob@contoso.com", "ann@contoso.com"));
  EXPECT_THAT(names(users_of(wiki_, account_, kNow, 1)), ElementsAre("bob@contoso.com"));
  EXPECT_EQ(read([&](storage::Transaction& transaction) {
              return count_users(transaction, account_.id, wiki_.id);
            }),
            2);
  EXPECT_THAT(names(used_by(bob_)), ElementsAre("Wiki", "Chat"));
}

TEST_F(ApplicationUsesTest, AServiceIsNobodysUse) {
  const Application service =
      add_application({.account = account_.id, .kind = ApplicationKind::Service, .settings = {.name = "HR"}});
  const NewGrant grant{.account = account_.id,
                       .application = service.id,
                       .scope = "events",
                       .signed_in_at = kNow,
                       .expires_at = kNow + hours(1)};
  give(grant);
  give(grant);
  EXPECT_THAT(users_of(service), IsEmpty());
  EXPECT_EQ(last(service), kNow);
  EXPECT_EQ(count("SELECT count(*) FROM application_uses"), 1);
}

TEST_F(ApplicationUsesTest, ItGoesWithTheApplicationAndWithTheEmployee) {
  const Application portal = add_application({.settings = settings("Portal")});
  give(portal, bob_);
  give(portal, eve_);
  give(wiki_, bob_);
  write([&](storage::Transaction& transaction) {
    return delete_application(transaction, portal.id, kSupport, kNow);
  });
  EXPECT_EQ(count("SELECT count(*) FROM application_uses"), 1);
  write([&](storage::Transaction& transaction) {
    return delete_employee(transaction, account_.id, bob_.id, LastAdministrator::Protect, kAdministrator,
                           kNow);
  });
  EXPECT_EQ(count("SELECT count(*) FROM application_uses"), 0);
}

}  // namespace
}  // namespace doorward::directory
