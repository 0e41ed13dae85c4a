#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "scim/scim_test.h"

namespace doorward::scim {
namespace {

using http::Method;

class BulkTest : public ScimTest {
 protected:
  Reply bulk(std::string_view operations, std::string_view more = "") {
    return call(&Scim::bulk, Method::Post, "",
                R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"])" + std::string(more) +
                    R"(,"Operations":[)" + std::string(operations) + "]}");
  }
  static std::string user(std::string_view name, std::string_view bulk_id) {
    return R"({"method":"POST","path":"/Users","bulkId":")" + std::string(bulk_id) +
           R"(","data":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" +
           std::string(name) + "\"}}";
  }
  static std::string status(const Reply& reply, std::size_t i) {
    return std::string(reply.body.at("Operations").at(i).at("status").as_string());
  }
};

TEST_F(BulkTest, ReferencesMayComeBeforeWhatTheyReferTo) {
  const Reply done = bulk(R"({"method":"POST","path":"/Groups","bulkId":"g","data":{
      "schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Sales",
      "members":[{"value":"bulkId:u"}]}},)" +
                          user("ben@contoso.example", "u"));
  ASSERT_EQ(done.status(), 200);
  EXPECT_EQ(status(done, 0), "201");
  EXPECT_EQ(status(done, 1), "201");
  EXPECT_EQ(done.body.at("Operations").at(0).at("bulkId").as_string(), "g")
      << "answers keep the request's order";
  EXPECT_EQ(call(&Scim::groups, Method::Get, "filter=members%20pr").total(), 1);
}

TEST_F(BulkTest, ACircleOfReferencesIsAConflict) {
  const auto managed = [](std::string_view name, std::string_view bulk_id, std::string_view manager) {
    return fmt::format(
        R"({{"method":"POST","path":"/Users","bulkId":"{}","data":{{"userName":"{}@contoso.example",)"
        R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{{"manager":{{"value":"bulkId:{}"}}}}}}}})",
        bulk_id, name, manager);
  };
  const Reply done =
      bulk(managed("ada", "a", "b") + "," + managed("ben", "b", "a") + "," + managed("cleo", "c", "c") + "," +
           managed("dan", "d", "a") + "," + managed("eve", "e", "z") + "," + managed("fay", "f", "e") + "," +
           user("gus@contoso.example", "g"));
  const char* expected[] = {"409", "409", "409", "409", "400", "400", "201"};
  for (std::size_t i = 0; i < std::size(expected); ++i)
    EXPECT_EQ(status(done, i), expected[i]) << i;
}

TEST_F(BulkTest, AFailureStandsForItselfAndStopsAtTheLimit) {
  const std::string three = user("ben@contoso.example", "1") + "," + user("ben@contoso.example", "2") + "," +
                            user("ada@contoso.example", "3");
  const Reply stopped = bulk(three, R"(,"failOnErrors":1)");
  ASSERT_EQ(stopped.body.at("Operations").as_array().size(), 2U);
  EXPECT_EQ(status(stopped, 1), "409");
  EXPECT_EQ(stopped.body.at("Operations").at(1).at("response").at("scimType").as_string(), "uniqueness");
  const Reply finished = bulk(user("ben@contoso.example", "2") + "," + user("ada@contoso.example", "3"));
  EXPECT_EQ(status(finished, 0), "409");
  EXPECT_EQ(status(finished, 1), "201");
}

TEST_F(BulkTest, PathsThatAreNone) {
  for (const char* path : {"/Users/x", "/Nothing", "Users", "/", "/Users/a/b", "/Me"}) {
    const Reply refused =
        bulk(R"({"method":"POST","bulkId":"1","path":")" + std::string(path) + R"(","data":{}})");
    // A path that is no path breaks the whole request, one of no resource only its operation.
    EXPECT_EQ(refused.status() == 200 ? status(refused, 0) : std::to_string(refused.status()), "400") << path;
  }
}

TEST_F(BulkTest, DeleteAndPatchByPath) {
  const std::string ben = create_user("ben@contoso.example").id();
  const Reply done = bulk(R"({"method":"PATCH","path":"/Users/)" + ben +
                          R"(","data":{"Operations":[{"op":"replace","path":"title","value":"Chief"}]}},)"
                          R"({"method":"DELETE","path":"/Users/)" +
                          ben + "\"}");
  EXPECT_EQ(status(done, 0), "200");
  EXPECT_EQ(status(done, 1), "204");
  const Reply missing = bulk(R"({"method":"DELETE","path":"/Users/)" + ben + "\"}");
  EXPECT_EQ(status(missing, 0), "404");
  const std::string location = public_url_ + "/scim/v2/Users/" + ben;
  for (const json::Value* one : {&done.body.at("Operations").at(0), &done.body.at("Operations").at(1),
                                 &missing.body.at("Operations").at(0)}) {
    EXPECT_EQ(one->at("location").as_string(), location);
  }
  EXPECT_EQ(call_on(&Scim::user, Method::Get, ben).status(), 404);
}

TEST_F(BulkTest, WhatFailsHalfwayLeavesNothingAndTheOthersStand) {
  // The group is written before its members turn out to be nobody.
  const Reply done =
      bulk(user("ada@contoso.example", "1") + R"(,{"method":"POST","path":"/Groups","bulkId":"g","data":{
      "schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Ghosts",
      "members":[{"value":"0d7c5c0a-6c0b-4b3f-8d5e-3f1f5f8f3c11"}]}},)" +
           user("ben@contoso.example", "2"));
  const auto entries = log();
  EXPECT_EQ(status(done, 0), "201");
  EXPECT_EQ(status(done, 1), "400");
  EXPECT_EQ(status(done, 2), "201");
  EXPECT_EQ(call(&Scim::groups, Method::Get).total(), 0);
  EXPECT_EQ(call(&Scim::users, Method::Get).total(), 2);
  // Neither do its audit and its events; the log has the failure, once.
  EXPECT_EQ(read([&](storage::Transaction& transaction) {
              return transaction.first("SELECT count(*) FROM audit WHERE action LIKE 'group.%'", {},
                                       [](const storage::Row& row) { return row.integer(0); });
            }),
            0);
  EXPECT_EQ(std::ranges::count(entries, directory::ProvisioningOutcome::Failed,
                               &directory::ProvisioningEntry::outcome),
            1);
  EXPECT_EQ(entries.size(), 3U);
}

TEST_F(BulkTest, GoesOnAcrossCommits) {
  // More than are committed together, with references from one commit into another.
  std::string operations;
  for (int i = 0; i < 250; ++i)
    operations += user(fmt::format("user{}@contoso.example", i), std::to_string(i)) + ",";
  operations += R"({"method":"POST","path":"/Groups","bulkId":"g","data":{
      "schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"All",
      "members":[{"value":"bulkId:0"},{"value":"bulkId:150"},{"value":"bulkId:249"}]}})";
  const Reply done = bulk(operations);
  ASSERT_EQ(done.body.at("Operations").as_array().size(), 251U);
  for (std::size_t i = 0; i < 251; ++i)
    EXPECT_EQ(status(done, i), "201");
  EXPECT_EQ(call(&Scim::users, Method::Get, "count=0").total(), 250);
  EXPECT_EQ(call(&Scim::groups, Method::Get, "filter=members%20pr").total(), 1);

  // The limit counts the failures of all commits, and nothing is tried behind it.
  std::string again;
  for (int i = 0; i < 130; ++i)
    again += user(fmt::format("user{}@contoso.example", i), std::to_string(i)) + ",";
  again += user("late@contoso.example", "late");
  EXPECT_EQ(bulk(again, R"(,"failOnErrors":120)").body.at("Operations").as_array().size(), 120U);
  EXPECT_EQ(call(&Scim::users, Method::Get, "count=0").total(), 250);
}

TEST_F(BulkTest, LaterOperationsSeeEarlierOnes) {
  const std::string ben = create_user("ben@contoso.example").id();
  // The name is free once its bearer has another one, within one commit.
  const Reply done =
      bulk(R"({"method":"PATCH","path":"/Users/)" + ben +
           R"(","data":{"Operations":[{"op":"replace","path":"userName","value":"b@contoso.example"}]}},)" +
           user("ben@contoso.example", "1"));
  EXPECT_EQ(status(done, 0), "200");
  EXPECT_EQ(status(done, 1), "201");
}

}  // namespace
}  // namespace doorward::scim
