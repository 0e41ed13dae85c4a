#include "scim/scim.h"

#include <gmock/gmock.h>

#include "scim/scim_test.h"

namespace doorward::scim {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;

using EndpointsTest = ScimTest;

TEST_F(EndpointsTest, WithoutATokenNothingIsSaid) {
  for (const Handler handler : {&Scim::users, &Scim::groups, &Scim::schemas, &Scim::resource_types,
                                &Scim::service_provider_config, &Scim::me, &Scim::bulk}) {
    auto anonymous = request(Method::Get);
    anonymous.headers.remove("Authorization");
    const Reply refused = call(handler, anonymous);
    EXPECT_EQ(refused.status(), 401);
    EXPECT_THAT(refused.header("WWW-Authenticate"), HasSubstr("Bearer"));
    EXPECT_THAT(refused.header("WWW-Authenticate"), Not(HasSubstr("error")));
    EXPECT_EQ(refused.text("status"), "401");
  }
  secret_ += "x";
  EXPECT_THAT(call(&Scim::users, Method::Get).header("WWW-Authenticate"),
              HasSubstr("error=\"invalid_token\""));
}

TEST_F(EndpointsTest, EveryAnswerIsOfTheTypeThatIsAccepted) {
  const std::string ben = create_user("ben@contoso.example").id();
  auto wanted = request(Method::Get);
  wanted.headers.set("Accept", "application/json");
  wanted.parameters = {{"id", ben}};
  EXPECT_EQ(call(&Scim::user, wanted).header("Content-Type"), "application/json");
  wanted.parameters = {{"id", "nobody"}};
  EXPECT_EQ(call(&Scim::user, wanted).header("Content-Type"), "application/json");
  wanted.headers.remove("Authorization");
  EXPECT_EQ(call(&Scim::user, wanted).header("Content-Type"), "application/json");
}

TEST_F(EndpointsTest, AProjectionIsThereOnce) {
  const std::string ben = create_user("ben@contoso.example").id();
  const Reply refused = call_on(&Scim::user, Method::Get, ben, "", "attributes=userName&Attributes=title");
  EXPECT_EQ(refused.status(), 400);
  EXPECT_EQ(refused.scim_type(), "invalidValue");
}

TEST_F(EndpointsTest, ACompressedBodyIsToldSo) {
  auto compressed = request(Method::Post, "", "\x1f\x8b");
  compressed.headers.set("Content-Encoding", "gzip");
  const Reply refused = call(&Scim::users, compressed);
  EXPECT_EQ(refused.status(), 415);
  EXPECT_EQ(refused.header("Accept-Encoding"), "identity");
}

TEST_F(EndpointsTest, DiscoveryIsInSchema) {
  EXPECT_EQ(call(&Scim::service_provider_config, Method::Get).body.at("patch").at("supported").as_bool(),
            true);
  EXPECT_GE(call(&Scim::schemas, Method::Get).total(), 3);
  EXPECT_EQ(call(&Scim::resource_types, Method::Get).total(), 2);
  auto one = request(Method::Get);
  one.parameters = {{"id", "urn:ietf:params:scim:schemas:core:2.0:User"}};
  EXPECT_EQ(call(&Scim::schema, one).text("name"), "User");
  one.parameters = {{"name", "Group"}};
  EXPECT_EQ(call(&Scim::resource_type, one).text("endpoint"), "/Groups");
  one.parameters = {{"name", "Printer"}};
  EXPECT_EQ(call(&Scim::resource_type, one).status(), 404);
}

TEST_F(EndpointsTest, DiscoveryCannotBeFiltered) {
  for (const Handler handler : {&Scim::service_provider_config, &Scim::schemas, &Scim::resource_types}) {
    EXPECT_EQ(call(handler, Method::Get, "Filter=name%20eq%20%22User%22").status(), 403);
    EXPECT_EQ(call(handler, Method::Get, "count=0&startIndex=2").status(), 200);
  }
}

TEST_F(EndpointsTest, ACursorIsOfOneAccount) {
  create_user("ben@contoso.example");
  create_user("eve@contoso.example");
  const std::string cursor = call(&Scim::users, Method::Get, "cursor&count=1").text("nextCursor");
  ASSERT_FALSE(cursor.empty());
  EXPECT_EQ(call(&Scim::users, Method::Get, "count=1&cursor=" + cursor).status(), 200);
  secret_ = issue(other_);
  EXPECT_EQ(call(&Scim::users, Method::Get, "count=1&cursor=" + cursor).scim_type(), "invalidCursor");
}

TEST_F(EndpointsTest, ATokenIsNobodysOwn) {
  EXPECT_EQ(call(&Scim::me, Method::Get).status(), 501);
}

TEST_F(EndpointsTest, WhoIsSignedInSeesThemselves) {
  const auto ben = add_employee(account_, "ben@contoso.example");
  const Reply own{must(scim_.own(request(Method::Get, "attributes=userName"), ben)), nullptr};
  const auto body = must(json::parse(own.response.body));
  EXPECT_EQ(own.status(), 200);
  EXPECT_EQ(body.at("id").as_string(), ben.public_id);
  EXPECT_FALSE(body.as_object().contains("emails"));
}

TEST_F(EndpointsTest, AReadingTokenChangesNothing) {
  const std::string ben = create_user("ben@contoso.example").id();
  secret_ = issue(account_, {.name = "Auditor", .scope = directory::TokenScope::Read});
  EXPECT_EQ(call_on(&Scim::user, Method::Get, ben).status(), 200);
  EXPECT_EQ(call_on(&Scim::user, Method::Delete, ben).status(), 403);
  EXPECT_EQ(create_user("eve@contoso.example").status(), 403);
  EXPECT_EQ(create_group("Sales").status(), 403);
}

TEST_F(EndpointsTest, OurOwnFaultsTellNothing) {
  const auto answer =
      Scim::error_response(Error{ErrorKind::Internal, "storage.damaged", "The file is broken.", "page 7"});
  EXPECT_EQ(static_cast<int>(answer.status), 500);
  EXPECT_THAT(answer.body, Not(HasSubstr("broken")));
  const auto busy = Scim::error_response(Error{ErrorKind::Unavailable, "storage.unavailable", "busy"});
  EXPECT_EQ(static_cast<int>(busy.status), 503);
  EXPECT_TRUE(busy.headers.find("Retry-After"));
}

TEST_F(EndpointsTest, FailuresReachTheAdministratorsLog) {
  call(&Scim::users, Method::Get, "filter=nonsense%20eq");
  const auto entries = log();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries.front().outcome, directory::ProvisioningOutcome::Failed);
  EXPECT_EQ(entries.front().status, 400);
  EXPECT_EQ(entries.front().request_id, "test");
  const auto entry = *read([&](storage::Transaction& transaction) {
    return directory::find_provisioning_entry(transaction, account_.id, entries.front().id);
  });
  EXPECT_THAT(entry.response_body, HasSubstr("invalidFilter"));
}

TEST_F(EndpointsTest, ARefusedTokenReachesTheLogOfItsAccount) {
  write([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto tokens, directory::list_provisioning_tokens(transaction, account_.id));
    return directory::revoke_provisioning_token(transaction, account_.id, tokens.front().id, kSupport, kNow);
  });
  EXPECT_EQ(call(&Scim::users, Method::Get).status(), 401);
  const auto entries = log();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_THAT(entries.front().summary, HasSubstr("revoked"));
}

}  // namespace
}  // namespace doorward::scim
