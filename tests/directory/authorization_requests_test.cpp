#include "directory/authorization_requests.h"

#include "applications_fixture.h"

namespace doorward::directory {
namespace {

using std::chrono::seconds;

class AuthorizationRequestsTest : public ApplicationsFixture {
 protected:
  std::string store(Timestamp expires_at = kNow + seconds(60)) {
    return write([&](storage::Transaction& transaction) {
      return store_authorization_request(transaction, {.application = wiki_.id,
                                                       .parameters = "scope=openid&state=%26",
                                                       .created_at = kNow,
                                                       .expires_at = expires_at});
    });
  }
  std::optional<AuthorizationRequestRow> find(std::string_view reference, Timestamp now = kNow) {
    return read([&](storage::Transaction& transaction) {
      return find_authorization_request(transaction, reference, now);
    });
  }

  Application wiki_ = add_application("Wiki");
};

TEST_F(AuthorizationRequestsTest, TheReferenceLeadsToItUntilItExpires) {
  const std::string reference = store();
  EXPECT_EQ(reference.size(), 43u);
  EXPECT_NE(reference, store());
  const auto found = find(reference);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->application, wiki_.id);
  EXPECT_EQ(found->parameters, "scope=openid&state=%26");
  EXPECT_TRUE(find(reference, kNow + seconds(60) - Duration(1)));
  EXPECT_FALSE(find(reference, kNow + seconds(60)));
  EXPECT_FALSE(find(""));
  EXPECT_FALSE(find(reference + "A"));
  EXPECT_EQ(count("SELECT count(*) FROM authorization_requests WHERE length(reference_hash) = 32"), 2);
}

TEST_F(AuthorizationRequestsTest, ItGoesWhenItIsDoneAndWithItsApplication) {
  const std::string done = store();
  const std::string waiting = store();
  write([&](storage::Transaction& transaction) { return delete_authorization_request(transaction, done); });
  EXPECT_FALSE(find(done));
  EXPECT_TRUE(find(waiting));
  write([&](storage::Transaction& transaction) {
    return delete_application(transaction, wiki_.id, kAdministrator, kNow);
  });
  EXPECT_FALSE(find(waiting));
}

TEST_F(AuthorizationRequestsTest, TheCleanUpTakesTheExpiredInBatches) {
  for (int i = 0; i < 3; ++i)
    store(kNow + seconds(i));
  store(kNow + seconds(60));
  const auto clean = [&] {
    return write([&](storage::Transaction& transaction) {
      return delete_expired_authorization_requests(transaction, kNow + seconds(2), 2);
    });
  };
  EXPECT_EQ(clean(), 2);
  EXPECT_EQ(clean(), 1);
  EXPECT_EQ(clean(), 0);
  EXPECT_EQ(count("SELECT count(*) FROM authorization_requests"), 1);
}

}  // namespace
}  // namespace doorward::directory
