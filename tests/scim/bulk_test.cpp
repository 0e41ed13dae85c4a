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

}  // namespace
}  // namespace doorward::scim
