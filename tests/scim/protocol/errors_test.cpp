#include "scim/protocol/errors.h"

#include "support.h"

namespace doorward::scim::protocol {
namespace {

WireError wire(ErrorKind kind, ErrorCode code) {
  return wire_error(Error{kind, code, "Message."});
}

TEST(WireError, HasTheStatusAndTypeOfTheTable) {
  const struct {
    ErrorCode code;
    int status;
    std::string_view type;
  } rows[] = {{kInvalidFilter, 400, "invalidFilter"},
              {kTooMany, 400, "tooMany"},
              {kUniqueness, 409, "uniqueness"},
              {kMutability, 400, "mutability"},
              {kInvalidSyntax, 400, "invalidSyntax"},
              {kInvalidPath, 400, "invalidPath"},
              {kNoTarget, 400, "noTarget"},
              {kInvalidValue, 400, "invalidValue"},
              {kInvalidCursor, 400, "invalidCursor"},
              {kExpiredCursor, 400, "expiredCursor"},
              {kInvalidCount, 400, "invalidCount"},
              {kNoToken, 401, ""},
              {kUnauthorized, 401, ""},
              {kForbidden, 403, ""},
              {kNoResource, 404, ""},
              {kCircularReference, 409, ""},
              {kPreconditionFailed, 412, ""},
              {kPayloadTooLarge, 413, ""},
              {kUnknownCoding, 415, ""},
              {kNotImplemented, 501, ""}};
  for (const auto& row : rows) {
    EXPECT_EQ(wire(ErrorKind::Internal, row.code).status, row.status) << row.code.name();
    EXPECT_EQ(wire(ErrorKind::Internal, row.code).scim_type, row.type) << row.code.name();
  }
}

TEST(WireError, FollowsTheKindOfOtherRooms) {
  EXPECT_EQ(wire(ErrorKind::InvalidInput, "json.malformed").scim_type, "invalidSyntax");
  EXPECT_EQ(wire(ErrorKind::InvalidInput, "directory.bad_name").scim_type, "invalidValue");
  EXPECT_EQ(wire(ErrorKind::NotFound, "x").status, 404);
  EXPECT_EQ(wire(ErrorKind::Conflict, "x").status, 409);
  EXPECT_EQ(wire(ErrorKind::Conflict, "x").scim_type, "uniqueness");
  EXPECT_EQ(wire(ErrorKind::Refused, "x").status, 403);
  EXPECT_EQ(wire(ErrorKind::RateLimited, "x").status, 429);
  EXPECT_EQ(wire(ErrorKind::Unavailable, "x").status, 503);
  EXPECT_EQ(wire(ErrorKind::Internal, "x").status, 500);
}

TEST(ErrorBody, IsWrittenAsTheRfcSays) {
  expect_same(error_body(400, "invalidFilter", "No."),
              R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400",
                  "scimType":"invalidFilter","detail":"No."})");
  EXPECT_FALSE(error_body(404, "", "No.").contains("scimType"));
}

}  // namespace
}  // namespace doorward::scim::protocol
