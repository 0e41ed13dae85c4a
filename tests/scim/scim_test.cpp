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

/// A token that was made by a setup link: whoever has it may be nobody of the company's.
class ProposedTokenTest : public ScimTest {
 protected:
  ProposedTokenTest() {
    boss_ =
        create_user("boss@contoso.example", R"(,"emails":[{"value":"boss@contoso.example","primary":true}])")
            .id();
    write([&](storage::Transaction& transaction) -> Result<void> {
      ASSIGN_OR_RETURN(const auto boss, directory::find_employee(transaction, account_.id, boss_));
      return directory::grant_administrator(transaction, account_.id, boss->id, kSupport, kNow);
    });
    const std::string members = R"(,"members":[{"value":")" + boss_ + R"("}])";
    group_ = create_group("Administrators", members).id();
    before_ = state();
    own_ = std::exchange(secret_, std::string());
    const auto secret = directory::ProvisioningSecret::issue(account_);
    token_ = write([&](storage::Transaction& transaction) {
      return directory::create_provisioning_token(
          transaction, account_, secret, {.name = "Max"},
          {.kind = directory::ActorKind::Administrator, .name = "setup link Max of ada", .proposes = true},
          kNow);
    });
    secret_ = secret.value().reveal();
  }

  /// What the attack would change.
  std::string state() {
    std::string all;
    read([&](storage::Transaction& transaction) -> Result<int> {
      for (const char* sql : {"SELECT user_name || ' ' || email || ' ' || active || ' ' || administrator "
                              "FROM employees ORDER BY id",
                              "SELECT display_name FROM directory_groups ORDER BY id",
                              "SELECT group_id || ' ' || employee_id FROM group_members ORDER BY id"}) {
        RETURN_IF_ERROR(transaction.query(
            sql, {}, [&](const storage::Row& row) { all += std::string(row.text(0)) + '\n'; }));
      }
      return 0;
    });
    return all;
  }

  std::string boss_;
  std::string group_;
  std::string before_;
  std::string own_;
  directory::ProvisioningToken token_;
};

TEST_F(ProposedTokenTest, AnswersTheConnectionTestAndShowsNobody) {
  const Reply test = call(&Scim::users, Method::Get, "filter=userName%20eq%20%22nobody%22");
  EXPECT_EQ(test.status(), 200);
  EXPECT_EQ(test.total(), 0);
  EXPECT_EQ(call(&Scim::service_provider_config, Method::Get).status(), 200);
  EXPECT_EQ(call(&Scim::schemas, Method::Get).status(), 200);
  const Reply all = call(&Scim::users, Method::Get);
  EXPECT_EQ(all.total(), 0);
  EXPECT_THAT(all.response.body, Not(HasSubstr("boss")));
  EXPECT_EQ(call(&Scim::groups, Method::Get).total(), 0);
  EXPECT_EQ(call(&Scim::search_users, Method::Post, "",
                 R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]})")
                .total(),
            0);
  EXPECT_EQ(call_on(&Scim::user, Method::Get, boss_).status(), 404);
  EXPECT_EQ(call_on(&Scim::group, Method::Get, group_).status(), 404);
  must(scim_.flush());
  EXPECT_EQ(
      count("SELECT count(*) FROM provisioning_tokens WHERE last_used_at IS NOT NULL AND proposed_by <> ''"),
      1);
}

TEST_F(ProposedTokenTest, ChangesNobodyUntilItIsAccepted) {
  const std::string mail =
      patch(R"({"op":"replace","path":"emails[type eq \"work\"].value","value":"max@evil.example"})");
  const std::string name = patch(R"({"op":"replace","path":"userName","value":"max@evil.example"})");
  const std::string leave = patch(R"({"op":"replace","path":"active","value":false})");
  const std::string join = patch(R"({"op":"add","path":"members","value":[{"value":")" + boss_ + R"("}]})");
  const std::string whole =
      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"max@evil.example"})";
  for (const std::string& body : {mail, name, leave})
    EXPECT_EQ(call_on(&Scim::user, Method::Patch, boss_, body).status(), 403) << body;
  EXPECT_EQ(call_on(&Scim::user, Method::Put, boss_, whole).status(), 403);
  EXPECT_EQ(call_on(&Scim::user, Method::Delete, boss_).status(), 403);
  EXPECT_EQ(create_user("max@evil.example").status(), 403);
  EXPECT_EQ(create_group("Evil").status(), 403);
  EXPECT_EQ(call_on(&Scim::group, Method::Patch, group_, join).status(), 403);
  EXPECT_EQ(call_on(&Scim::group, Method::Delete, group_).status(), 403);
  const Reply bulk =
      call(&Scim::bulk, Method::Post, "",
           R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[)"
           R"({"method":"PATCH","path":"/Users/)" +
               boss_ + R"(","data":)" + mail + R"(},{"method":"DELETE","path":"/Users/)" + boss_ +
               R"("},{"method":"POST","path":"/Users","bulkId":"x","data":)" + whole + "}]}");
  EXPECT_THAT(bulk.response.body, HasSubstr("\"403\""));
  EXPECT_THAT(bulk.response.body, Not(HasSubstr("\"20")));
  EXPECT_EQ(state(), before_);
  EXPECT_THAT(create_user("max@evil.example").text("detail"), HasSubstr("no administrator has accepted it"));

  write([&](storage::Transaction& transaction) {
    return directory::accept_provisioning_token(transaction, account_.id, token_.id, kAdministrator, kNow);
  });
  EXPECT_EQ(create_user("ben@contoso.example").status(), 201) << "at once, although the token was in memory";
  EXPECT_EQ(call_on(&Scim::user, Method::Get, boss_).status(), 200);
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
