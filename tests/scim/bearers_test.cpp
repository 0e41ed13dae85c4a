#include "scim/bearers.h"

#include <gmock/gmock.h>

#include "scim/protocol/errors.h"
#include "scim/scim_test.h"

namespace doorward::scim {
namespace {

using testing::AnyOf;
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

  directory::Application add_service(std::string_view scope, std::string_view name = "Robot") {
    directory::NewApplication made{.account = account_.id, .kind = directory::ApplicationKind::Service};
    made.settings.name = name;
    made.settings.scope = scope;
    return write([&](storage::Transaction& transaction) {
      return directory::create_application(transaction, made, kSupport, kNow);
    });
  }
  /// An access token, as the token endpoint gives it.
  std::string give(const directory::Application& application, std::string_view scope,
                   const directory::Employee* employee = nullptr) {
    const auto token = directory::GrantToken::issue(account_, directory::TokenKind::Access);
    directory::NewGrant grant{.account = account_.id, .application = application.id};
    if (employee != nullptr) grant.employee = employee->id;
    grant.scope = scope;
    grant.expires_at = clock_.now() + std::chrono::hours(1);
    write([&](storage::Transaction& transaction) -> Result<void> {
      ASSIGN_OR_RETURN(const auto made, directory::create_grant(transaction, grant, clock_.now()));
      directory::NewGrantToken values{.grant = made.id, .scope = made.scope};
      values.expires_at = grant.expires_at;
      return directory::add_token(transaction, account_.id, token, values, clock_.now());
    });
    return std::string(token.value().reveal());
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
       {std::string(), std::string("Bearer"), std::string("Bearer "), "Basic " + secret_, secret_}) {
    EXPECT_EQ(refusal(authorization), protocol::kNoToken.name()) << authorization;
  }
  for (const std::string& authorization :
       {"Bearer " + secret_ + "x", "Bearer " + secret_.substr(0, secret_.size() - 1), "Bearer " + unknown,
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

TEST_F(BearersTest, AnApplicationComesInByItsScope) {
  const auto robot = add_service("scim events");
  EXPECT_EQ(refusal("Bearer " + give(robot, "scim")), "");
  http::Request made;
  made.headers.set("Authorization", "Bearer " + give(robot, "scim events"));
  const auto client = bearers_.admit(made);
  ASSERT_TRUE(client);
  EXPECT_EQ((*client)->account.id, account_.id);
  EXPECT_EQ((*client)->actor().name, "Robot");
  EXPECT_EQ(refusal("Bearer " + give(robot, "events")), protocol::kForbidden.name());
  EXPECT_THAT(message_, HasSubstr("“scim”"));
  const auto unknown = directory::GrantToken::issue(account_, directory::TokenKind::Access);
  EXPECT_EQ(refusal("Bearer " + std::string(unknown.value().reveal())), protocol::kUnauthorized.name());
}

TEST_F(BearersTest, APersonsTokenIsNoProvisioning) {
  const auto ben = add_employee(account_, "ben@contoso.example");
  directory::NewApplication made{.account = account_.id};
  made.settings.name = "Portal";
  const auto portal = write([&](storage::Transaction& transaction) {
    return directory::create_application(transaction, made, kSupport, kNow);
  });
  EXPECT_EQ(refusal("Bearer " + give(portal, "openid scim", &ben)), protocol::kForbidden.name());
  EXPECT_THAT(message_, HasSubstr("/Me"));
}

TEST_F(BearersTest, AnApplicationsTokenEndsAtOnce) {
  const auto robot = add_service("scim");
  const std::string token = give(robot, "scim");
  EXPECT_EQ(refusal("Bearer " + token), "");
  write([&](storage::Transaction& transaction) {
    return directory::end_grants_of_application(transaction, account_.id, robot.id, kNow);
  });
  EXPECT_EQ(refusal("Bearer " + token), protocol::kUnauthorized.name());

  const std::string second = give(robot, "scim");
  EXPECT_EQ(refusal("Bearer " + second), "");
  directory::ApplicationSettings settings = robot.settings;
  settings.active = false;
  write([&](storage::Transaction& transaction) {
    return directory::update_application(transaction, robot.id, settings, kSupport, kNow);
  });
  EXPECT_EQ(refusal("Bearer " + second), protocol::kUnauthorized.name());
}

TEST_F(BearersTest, AnApplicationsTokenExpiresWhileItIsRemembered) {
  const std::string token = give(add_service("scim"), "scim");
  EXPECT_EQ(refusal("Bearer " + token), "");
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(refusal("Bearer " + token), protocol::kUnauthorized.name());
  // A node on PostgreSQL that has not heard of the others for a moment looks it up again, and finds none.
  EXPECT_THAT(message_, AnyOf(HasSubstr("expired"), HasSubstr("has ended")));
}

TEST_F(BearersTest, AnApplicationHasOneBucketForAllOfItsTokens) {
  const auto robot = add_service("scim");
  const std::string first = give(robot, "scim");
  const std::string second = give(robot, "scim");
  for (const std::string& token : {first, second, first})
    EXPECT_EQ(refusal("Bearer " + token), "");
  EXPECT_EQ(refusal("Bearer " + second), "scim.rate_limited");
  EXPECT_EQ(refusal("Bearer " + secret_), "") << "a provisioning token has its own";
}

TEST_F(BearersTest, AnApplicationsLastUseIsWrittenToo) {
  const auto robot = add_service("scim");
  const std::string token = give(robot, "scim");
  clock_.advance(std::chrono::minutes(2));
  EXPECT_EQ(refusal("Bearer " + token), "");
  must(bearers_.flush());
  const auto used = read([&](storage::Transaction& transaction) {
    return directory::list_grants_of_application(transaction, account_.id, robot.id, clock_.now(), 5);
  });
  ASSERT_EQ(used.size(), 1U);
  EXPECT_EQ(used.front().grant.last_used_at, clock_.now());
}

}  // namespace
}  // namespace doorward::scim
