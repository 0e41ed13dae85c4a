#include "scim/users.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "directory/provisioning.h"
#include "directory/sessions.h"
#include "scim/scim_test.h"

namespace doorward::scim {
namespace {

using http::Method;

class UsersTest : public ScimTest {
 protected:
  Reply get(const std::string& id) { return call_on(&Scim::user, Method::Get, id); }
};

TEST_F(UsersTest, CreateAnswersWithTheResource) {
  const Reply made =
      create_user("Ben@contoso.example", R"(,"externalId":"b7","name":{"givenName":"Ben"},"active":true)");
  EXPECT_EQ(made.status(), 201);
  EXPECT_EQ(made.header("Content-Type"), "application/scim+json");
  EXPECT_EQ(made.header("Location"), "https://sso.example.com/scim/v2/Users/" + made.id());
  EXPECT_EQ(made.header("ETag"), made.body.at("meta").at("version").as_string());
  EXPECT_EQ(made.text("userName"), "Ben@contoso.example");
  EXPECT_EQ(json::serialize(get(made.id()).body), json::serialize(made.body));
}

TEST_F(UsersTest, ATakenUserNameIsAConflict) {
  EXPECT_EQ(create_user("ben@contoso.example").status(), 201);
  const Reply again = create_user("BEN@contoso.example");
  EXPECT_EQ(again.status(), 409);
  EXPECT_EQ(again.scim_type(), "uniqueness");
  EXPECT_EQ(again.text("status"), "409");
}

TEST_F(UsersTest, DisablingEndsSessionsInTheSameTransaction) {
  const Reply made = create_user("ben@contoso.example");
  const auto employee = *read([&](storage::Transaction& transaction) {
    return directory::find_employee(transaction, account_.id, made.id());
  });
  const auto token = directory::SessionToken::issue(account_);
  write([&](storage::Transaction& transaction) {
    return directory::create_session(transaction, token, {.account = account_.id, .employee = employee.id},
                                     {}, kNow);
  });
  const Reply disabled = call_on(&Scim::user, Method::Patch, made.id(),
                                 patch(R"({"op":"Replace","path":"active","value":"False"})"));
  EXPECT_EQ(disabled.status(), 200);
  EXPECT_FALSE(disabled.body.at("active").as_bool());
  EXPECT_FALSE(read(
      [&](storage::Transaction& transaction) { return directory::find_session(transaction, token, kNow); }));
  EXPECT_EQ(get(made.id()).status(), 200) << "inactive employees are still answered";
}

TEST_F(UsersTest, DisablingIsOneChange) {
  const Reply made = create_user("ben@contoso.example", R"(,"title":"Clerk","name":{"givenName":"Ben",
      "formatted":"Ben"},"nickName":"B","emails":[{"type":"work","value":"ben@contoso.example"}])");
  const Reply disabled = call_on(&Scim::user, Method::Patch, made.id(),
                                 patch(R"({"op":"Replace","path":"active","value":"False"})"));
  EXPECT_EQ(disabled.header("ETag"), "W/\"2\"");
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE action = 'employee.updated'"), 0);
}

TEST_F(UsersTest, AFailingPatchChangesNothing) {
  const Reply made = create_user("ben@contoso.example", R"(,"title":"Clerk")");
  const Reply refused =
      call_on(&Scim::user, Method::Patch, made.id(), patch(R"({"op":"replace","path":"title","value":"Chief"},
                                         {"op":"replace","path":"nonsense","value":1})"));
  EXPECT_EQ(refused.status(), 400);
  EXPECT_EQ(refused.scim_type(), "invalidPath");
  EXPECT_EQ(get(made.id()).text("title"), "Clerk");
}

TEST_F(UsersTest, AnOperationOfWhichNothingWasUnderstoodIsRefused) {
  const Reply made = create_user("ben@contoso.example");
  for (const char* operation :
       {R"({"op":"replace","value":{"suspended":true}})", R"({"op":"disable","path":"active"})",
        R"({"op":"replace","path":"suspended","value":true})"}) {
    EXPECT_EQ(call_on(&Scim::user, Method::Patch, made.id(), patch(operation)).status(), 400) << operation;
  }
  EXPECT_EQ(get(made.id()).header("ETag"), made.header("ETag"));
}

TEST_F(UsersTest, PutReplacesTheWhole) {
  const Reply made = create_user("ben@contoso.example", R"(,"title":"Clerk","externalId":"b7")");
  const Reply replaced =
      call_on(&Scim::user, Method::Put, made.id(),
              R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"b@contoso.example"})");
  EXPECT_EQ(replaced.status(), 200);
  EXPECT_EQ(replaced.id(), made.id());
  EXPECT_EQ(replaced.text("userName"), "b@contoso.example");
  EXPECT_EQ(replaced.text("title"), "");
  EXPECT_EQ(replaced.text("externalId"), "");
}

TEST_F(UsersTest, DeletedIsGoneAndTheNameIsFreeForSomebodyNew) {
  const Reply made = create_user("ben@contoso.example");
  const Reply deleted = call_on(&Scim::user, Method::Delete, made.id());
  EXPECT_EQ(deleted.status(), 204);
  EXPECT_EQ(deleted.response.body, "");
  EXPECT_EQ(get(made.id()).status(), 404);
  EXPECT_EQ(call_on(&Scim::user, Method::Delete, made.id()).status(), 404);
  const Reply next = create_user("ben@contoso.example");
  EXPECT_EQ(next.status(), 201);
  EXPECT_NE(next.id(), made.id());
}

TEST_F(UsersTest, AnotherAccountsEmployeesAreNotThere) {
  const auto stranger = add_employee(other_, "eve@fabrikam.example");
  EXPECT_EQ(get(stranger.public_id).status(), 404);
  EXPECT_EQ(call_on(&Scim::user, Method::Delete, stranger.public_id).status(), 404);
  EXPECT_EQ(call_on(&Scim::user, Method::Patch, stranger.public_id,
                    patch(R"({"op":"replace","path":"active","value":false})"))
                .status(),
            404);
  EXPECT_TRUE(reload(stranger).active);
}

TEST_F(UsersTest, VersionsGuardAgainstLostUpdates) {
  const Reply made = create_user("ben@contoso.example");
  auto change = request(Method::Patch, "", patch(R"({"op":"add","path":"title","value":"Clerk"})"));
  change.parameters = {{"id", made.id()}};
  change.headers.set("If-Match", made.header("ETag"));
  const Reply first = call(&Scim::user, change);
  EXPECT_EQ(first.status(), 200);
  EXPECT_NE(first.header("ETag"), made.header("ETag"));
  EXPECT_EQ(call(&Scim::user, change).status(), 412);

  auto look = request(Method::Get);
  look.parameters = change.parameters;
  look.headers.set("If-None-Match", first.header("ETag"));
  const Reply unchanged = call(&Scim::user, look);
  EXPECT_EQ(unchanged.status(), 304);
  EXPECT_EQ(unchanged.response.body, "");
}

TEST_F(UsersTest, WhatIsThereAlreadyIsNoChange) {
  const Reply made = call(&Scim::users, http::Method::Post, {},
                          R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"title":"Clerk",
          "userName":"eve@contoso.example","nickName":"E","displayName":"Eve","active":true,
          "phoneNumbers":[{"type":"work","value":"1"}],"name":{"familyName":"E","givenName":"Eve"},
          "emails":[{"value":"eve@contoso.example","type":"work"}],"userType":"staff"})");
  ASSERT_EQ(made.status(), 201);
  for (int i = 0; i < 3; ++i) {
    const Reply patched = call_on(&Scim::user, http::Method::Patch, made.id(),
                                  R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations":[{"op":"Replace","path":"title","value":"Clerk"}]})");
    ASSERT_EQ(patched.status(), 200);
    EXPECT_EQ(patched.header("ETag"), made.header("ETag"));
  }
}

TEST_F(UsersTest, ChangesAreLoggedInWords) {
  const Reply made = create_user("ben@contoso.example", R"(,"displayName":"Ben Baker","title":"Clerk")");
  call_on(&Scim::user, Method::Patch, made.id(), patch(R"({"op":"replace","path":"title","value":"Chief"})"));
  const auto entries = log();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].summary, "Entra changed Ben Baker's title from Clerk to Chief.");
  EXPECT_EQ(entries[0].outcome, directory::ProvisioningOutcome::Changed);
  EXPECT_EQ(entries[0].subject, made.id());
  EXPECT_EQ(entries[1].summary, "Entra created Ben Baker.");
}

TEST_F(UsersTest, AnEmployeeMadeByHandIsTakenOver) {
  const auto ben = add_employee(account_, "ben@contoso.example");
  const Reply found = call(&Scim::users, Method::Get, "filter=userName%20eq%20%22ben%40contoso.example%22");
  EXPECT_EQ(found.total(), 1);
  const Reply made = create_user("ben@contoso.example", R"(,"externalId":"b7")");
  EXPECT_EQ(made.status(), 201);
  EXPECT_EQ(made.id(), ben.public_id);
  const auto entries = log();
  EXPECT_TRUE(std::ranges::any_of(entries, [](const auto& entry) {
    return entry.summary == "Entra took over ben@contoso.example, who was managed by hand.";
  }));
}

}  // namespace
}  // namespace doorward::scim
