#include "scim/bearers.h"

#include <gmock/gmock.h>

#include "scim/protocol/errors.h"
#include "scim/scim_test.h"

namespace doorward::scim {
namespace {

using testing::HasSubstr;

class BearersTest : public ScimTest {
 protected:
  /// The code with which a request is refused; empty when it is admitted.
  std::string refusal(std::string authorization) {
    http::Request made;
    made.headers.set("Authorization", authorization);
    made.client_address = "192.0.2.1";
    const auto admitted = bearers_.admit(made);
    if (admitted) return "";
    message_ = admitted.error().error.message;
    return std::string(admitted.error().error.code.name());
  }
  directory::ProvisioningToken only_token() {
    return read([&](storage::Transaction& transaction) {
             return directory::list_provisioning_tokens(transaction, account_.id);
           })
        .front();
  }

  Bearers bearers_{*database_, clock_, {.per_second = 100, .burst = 3}};
  std::string message_;
};

TEST_F(BearersTest, KnowsItsTokens) {
  EXPECT_EQ(refusal("Bearer " + secret_), "");
  EXPECT_EQ(refusal("bearer " + secret_), "");
}

TEST_F(BearersTest, RefusesWhatIsNone) {
  const std::string unknown = std::string(directory::ProvisioningSecret::issue(account_).value().reveal());
  for (const std::string& authorization :
       {std::string(), std::string("Bearer"), std::string("Bearer "), "Basic " + secret_, secret_,
        "Bearer " + secret_ + "x", "Bearer " + secret_.substr(0, secret_.size() - 1), "Bearer " + unknown,
        std::string("Bearer scim_")}) {
    EXPECT_EQ(refusal(authorization), protocol::kUnauthorized.name()) << authorization;
  }
}

TEST_F(BearersTest, RevocationCountsAtOnce) {
  EXPECT_EQ(refusal("Bearer " + secret_), "");
  write([&](storage::Transaction& transaction) {
    return directory::revoke_provisioning_token(transaction, account_.id, only_token().id, kSupport, kNow);
  });
  EXPECT_EQ(refusal("Bearer " + secret_), protocol::kUnauthorized.name());
  EXPECT_THAT(message_, HasSubstr("revoked"));
}

TEST_F(BearersTest, ExpiryCountsWhileTheTokenIsRemembered) {
  const std::string short_lived =
      issue(account_, {.name = "Okta", .expires_at = kNow + std::chrono::minutes(1)});
  EXPECT_EQ(refusal("Bearer " + short_lived), "");
  clock_.advance(std::chrono::minutes(1));
  EXPECT_EQ(refusal("Bearer " + short_lived), protocol::kUnauthorized.name());
  EXPECT_THAT(message_, HasSubstr("expired"));
}

TEST_F(BearersTest, ThePlanDecides) {
  EXPECT_EQ(refusal("Bearer " + secret_), "");
  write([&](storage::Transaction& transaction) {
    return directory::set_plan(transaction, account_.id, directory::Plan::Free, kSupport, kNow);
  });
  EXPECT_EQ(refusal("Bearer " + secret_), protocol::kForbidden.name());
  EXPECT_THAT(message_, HasSubstr("plan"));
}

TEST_F(BearersTest, ABucketOfRequests) {
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(refusal("Bearer " + secret_), "");
  EXPECT_EQ(refusal("Bearer " + secret_), "scim.rate_limited");
  const std::string second = issue(account_, {.name = "Okta"});
  EXPECT_EQ(refusal("Bearer " + second), "") << "each token has its own";
  clock_.advance(std::chrono::milliseconds(10));
  EXPECT_EQ(refusal("Bearer " + secret_), "");
  EXPECT_EQ(refusal("Bearer " + secret_), "scim.rate_limited");
}

TEST_F(BearersTest, LastUsedIsWrittenOnceAMinute) {
  EXPECT_EQ(refusal("Bearer " + secret_), "");
  EXPECT_FALSE(only_token().last_used_at);
  must(bearers_.flush());
  EXPECT_EQ(only_token().last_used_at, kNow);
  EXPECT_EQ(only_token().last_used_address, "192.0.2.1");
  clock_.advance(std::chrono::seconds(10));
  EXPECT_EQ(refusal("Bearer " + secret_), "");
  must(bearers_.flush());
  EXPECT_EQ(only_token().last_used_at, kNow);
  clock_.advance(std::chrono::seconds(50));
  EXPECT_EQ(refusal("Bearer " + secret_), "");
  must(bearers_.flush());
  EXPECT_EQ(only_token().last_used_at, kNow + std::chrono::minutes(1));
}

}  // namespace
}  // namespace doorward::scim
