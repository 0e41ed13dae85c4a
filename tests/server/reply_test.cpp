#include "server/reply.h"

#include <gtest/gtest.h>

namespace doorward::server {
namespace {

TEST(Reply, ErrorsHaveTheirExitCodes) {
  EXPECT_EQ(exit_code_of(ErrorKind::InvalidInput), 2);
  EXPECT_EQ(exit_code_of(ErrorKind::NotFound), 3);
  EXPECT_EQ(exit_code_of(ErrorKind::Conflict), 4);
  EXPECT_EQ(exit_code_of(ErrorKind::Refused), 5);
  EXPECT_EQ(exit_code_of(ErrorKind::RateLimited), 6);
  EXPECT_EQ(exit_code_of(ErrorKind::Unavailable), 6);
  EXPECT_EQ(exit_code_of(ErrorKind::Internal), 70);
}

TEST(Reply, ErrorsAsJsonLeaveTheDetailOut) {
  EXPECT_EQ(error_json({ErrorKind::NotFound, "cli.usage", "No “x”.", "private"}),
            R"({"error":{"code":"cli.usage","message":"No “x”."}})");
}

TEST(Reply, FieldsAreAligned) {
  const json::Object object = {
      {"id", "1"}, {"acs_url", "https://a"}, {"active", true}, {"sso_enforced_at", nullptr}, {"count", 7}};
  EXPECT_EQ(fields_text(object),
            "ID               1\n"
            "ACS URL          https://a\n"
            "Active           yes\n"
            "SSO enforced at  -\n"
            "Count            7");
}

TEST(Reply, GroupsAreIndented) {
  const json::Object object = {
      {"name", "a"},
      {"settings", json::Object{{"clock_skew", 5}}},
      {"keys", json::Array{json::Object{{"use", "x"}}, json::Object{{"use", "y"}}}},
      {"domains", json::Array{"a.example", "b.example"}},
      {"nothing", json::Array{}},
  };
  EXPECT_EQ(fields_text(object),
            "Name     a\n"
            "Settings\n"
            "  Clock skew  5\n"
            "Keys\n"
            "  Use  x\n"
            "\n"
            "  Use  y\n"
            "Domains  a.example, b.example\n"
            "Nothing  -");
}

TEST(Reply, TablesAreAlignedByCharacters) {
  const json::Array objects = {json::Object{{"name", "Zoë"}, {"email", "z@a.example"}},
                               json::Object{{"name", "Bob B"}, {"email", ""}}};
  EXPECT_EQ(table_text(objects, {"name", "email"}, "Nobody."),
            "Name   E-mail\n"
            "Zoë    z@a.example\n"
            "Bob B  -");
  EXPECT_EQ(table_text({}, {"name"}, "Nobody."), "Nobody.");
}

TEST(Reply, TerminalsAreSafeFromStoredText) {
  EXPECT_EQ(fields_text({{"name", "a\x1B[31m\nb"}}), "Name  a?[31m?b");
}

}  // namespace
}  // namespace doorward::server
