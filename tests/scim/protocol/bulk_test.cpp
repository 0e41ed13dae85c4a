#include "scim/protocol/bulk.h"

#include "scim/protocol/errors.h"
#include "support.h"

namespace doorward::scim::protocol {
namespace {

Result<BulkRequest> parse(std::string_view operations, int max_operations = 1000) {
  return parse_bulk(
      parse_json(R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[)" +
                 std::string(operations) + "]}"),
      max_operations);
}

// RFC 7644 figure 9.
constexpr std::string_view kExample = R"(
  {"method":"POST","path":"/Users","bulkId":"qwerty","data":{"userName":"Alice"}},
  {"method":"PUT","path":"/Users/b7c14771","version":"W/\"3694e05e9dff591\"","data":{"userName":"Bob"}},
  {"method":"PATCH","path":"/Users/5d8d29d3","version":"W/\"edac3253e2c0ef2\"","data":{"Operations":[{"op":"remove","path":"nickName"}]}},
  {"method":"DELETE","path":"/Users/e9025315","version":"W/\"0ee8add0a938e1a\""})";

TEST(Bulk, ReadsTheExampleOfTheRfc) {
  const auto request = parse(kExample);
  ASSERT_TRUE(request) << request.error().message;
  ASSERT_EQ(request->operations.size(), 4U);
  EXPECT_FALSE(request->fail_on_errors);
  EXPECT_EQ(request->operations[0].method, BulkOperation::Method::Post);
  EXPECT_EQ(request->operations[0].bulk_id, "qwerty");
  EXPECT_EQ(request->operations[0].data.at("userName"), "Alice");
  EXPECT_EQ(request->operations[1].version, "W/\"3694e05e9dff591\"");
  EXPECT_EQ(request->operations[3].method, BulkOperation::Method::Delete);
  EXPECT_EQ(
      parse_bulk(parse_json(R"({"FailOnErrors":1,"operations":[{"Method":"delete","PATH":"/Users/1"}]})"), 1)
          ->fail_on_errors,
      1);
}

TEST(Bulk, RefusesABrokenEnvelope) {
  const struct {
    std::string_view body;
    ErrorCode code;
  } rows[] = {
      {"5", kInvalidSyntax},
      {"{}", kInvalidSyntax},
      {R"({"Operations":{}})", kInvalidSyntax},
      {R"({"Operations":[5]})", kInvalidSyntax},
      {R"({"schemas":["urn:x"],"Operations":[]})", kInvalidSyntax},
      {R"({"Operations":[{"path":"/Users"}]})", kInvalidSyntax},
      {R"({"Operations":[{"method":"GET","path":"/Users/1"}]})", kInvalidValue},
      {R"({"Operations":[{"method":"POST","path":"/Users","data":{}}]})", kInvalidValue},
      {R"({"Operations":[{"method":"POST","path":"/Users","bulkId":"1"}]})", kInvalidValue},
      {R"({"Operations":[{"method":"PUT","path":"/Users/1"}]})", kInvalidValue},
      {R"({"Operations":[{"method":"DELETE"}]})", kInvalidValue},
      {R"({"Operations":[{"method":"DELETE","path":"Users/1"}]})", kInvalidValue},
      {R"({"Operations":[{"method":"DELETE","path":5}]})", kInvalidSyntax},
      {R"({"Operations":[{"method":"DELETE","path":"/Users/1","bulkId":5}]})", kInvalidSyntax},
      {R"({"Operations":[{"method":"DELETE","path":"/U/1","bulkId":"a"},{"method":"DELETE","path":"/U/2","bulkId":"a"}]})",
       kInvalidValue},
      {R"({"failOnErrors":0,"Operations":[]})", kInvalidValue},
      {R"({"failOnErrors":"1","Operations":[]})", kInvalidValue},
  };
  for (const auto& row : rows)
    EXPECT_EQ(code_of(parse_bulk(parse_json(row.body), 10)), name_of(row.code)) << row.body;
  EXPECT_EQ(code_of(parse(kExample, 3)), name_of(kPayloadTooLarge));
  EXPECT_TRUE(parse(kExample, 4));
}

std::string post(std::string_view id, std::string_view refers_to = "") {
  return R"({"method":"POST","path":"/Groups","bulkId":")" + std::string(id) +
         R"(","data":{"members":[{"value":")" + (refers_to.empty() ? "" : "bulkId:") +
         std::string(refers_to) + R"("}]}})";
}

std::string order(const std::string& operations) {
  const auto request = parse(operations);
  if (!request) return request.error().message;
  std::string text;
  for (const std::size_t i : execution_order(*request))
    text += std::to_string(i);
  return text;
}

TEST(BulkOrder, PutsReferencesBehindWhatTheyNeed) {
  EXPECT_EQ(order(std::string(kExample)), "0123");
  EXPECT_EQ(order(post("a", "b") + "," + post("b") + "," + post("c")), "102");
  EXPECT_EQ(order(post("a", "b") + "," + post("b", "c") + "," + post("c") + "," + post("d")), "2103");
  EXPECT_EQ(order(R"({"method":"PATCH","path":"/Users/bulkId:x","data":{}},)" + post("x")), "10");
  EXPECT_EQ(order(R"({"method":"PUT","path":"/Users/1","data":{"manager":{"$ref":"../Users/bulkId:x"}}},)" +
                  post("x")),
            "10");
  EXPECT_EQ(order(post("a", "none") + "," + post("b")), "01");
}

TEST(BulkOrder, PutsCirclesLast) {
  EXPECT_EQ(order(post("a", "b") + "," + post("b", "a") + "," + post("c")), "201");
  EXPECT_EQ(order(post("a", "a") + "," + post("c")), "10");
  // What waits for a circle comes behind it.
  EXPECT_EQ(order(post("w", "a") + "," + post("a", "b") + "," + post("b", "a") + "," + post("c")), "3120");
}

TEST(BulkOrder, IsLinear) {
  std::string operations;
  for (int i = 0; i < 1000; ++i)
    operations += (i == 0 ? "" : ",") + post("id" + std::to_string(i), "id" + std::to_string(i + 1));
  const auto request = parse(operations);
  ASSERT_TRUE(request);
  const auto sequence = execution_order(*request);
  ASSERT_EQ(sequence.size(), 1000U);
  EXPECT_EQ(sequence.front(), 999U);
  EXPECT_EQ(sequence.back(), 0U);
}

TEST(BulkReferences, AreReplaced) {
  const auto known = [](std::string_view id) -> std::optional<std::string> {
    if (id == "ytrewq") return "92b725cd";
    return std::nullopt;
  };
  auto request = parse(R"({"method":"PATCH","path":"/Groups/bulkId:ytrewq","data":{"displayName":"a bulkId:x",
      "members":[{"type":"User","value":"bulkId:ytrewq","$ref":"../Users/bulkId:ytrewq"}]}})");
  ASSERT_TRUE(request);
  BulkOperation& operation = request->operations[0];
  ASSERT_TRUE(resolve_references(operation, known));
  EXPECT_EQ(operation.path, "/Groups/92b725cd");
  expect_same(operation.data.as_object(), R"({"displayName":"a bulkId:x",
      "members":[{"type":"User","value":"92b725cd","$ref":"../Users/92b725cd"}]})");

  for (const char* unknown : {R"({"method":"DELETE","path":"/Users/bulkId:x"})",
                              R"({"method":"PUT","path":"/Users/1","data":{"a":[["bulkId:"]]}})"}) {
    auto other = parse(unknown);
    ASSERT_TRUE(other);
    EXPECT_EQ(code_of(resolve_references(other->operations[0], known)), name_of(kInvalidValue)) << unknown;
  }
}

}  // namespace
}  // namespace doorward::scim::protocol
