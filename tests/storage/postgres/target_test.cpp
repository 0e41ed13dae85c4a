#include "storage/postgres/target.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "storage/database.h"

namespace doorward::storage::postgres {
namespace {

std::string value_of(const Target& target, std::string_view keyword) {
  const auto found = std::ranges::find(target.values(), keyword, &std::pair<std::string, std::string>::first);
  return found == target.values().end() ? "" : found->second;
}

TEST(TargetTest, ChoosesWhatTheUrlDoesNot) {
  const auto plain = Target::parse("postgres://doorward@one,two:5433/door");
  ASSERT_TRUE(plain);
  EXPECT_EQ(value_of(*plain, "host"), "one,two");
  EXPECT_EQ(value_of(*plain, "port"), ",5433");
  EXPECT_EQ(value_of(*plain, "dbname"), "door");
  EXPECT_EQ(value_of(*plain, "target_session_attrs"), "read-write");
  EXPECT_EQ(value_of(*plain, "connect_timeout"), "3");
  EXPECT_EQ(value_of(*plain, "client_encoding"), "UTF8");
  const auto chosen = Target::parse(
      "postgresql:///door?host=/run/"
      "postgresql&connect_timeout=9&target_session_attrs=any&client_encoding=LATIN1"
      "&sslmode=verify-full");
  ASSERT_TRUE(chosen);
  EXPECT_EQ(value_of(*chosen, "connect_timeout"), "9");
  EXPECT_EQ(value_of(*chosen, "target_session_attrs"), "any");
  EXPECT_EQ(value_of(*chosen, "client_encoding"), "UTF8");
  EXPECT_EQ(value_of(*chosen, "sslmode"), "verify-full");
}

TEST(TargetTest, BeginsWithAnyOfItsServers) {
  const auto target = Target::parse("postgres://doorward@one:1,two:2,three:3/door");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->hosts(), 3U);
  EXPECT_EQ(value_of(target->beginning_with(0), "host"), "one,two,three");
  EXPECT_EQ(value_of(target->beginning_with(1), "host"), "two,three,one");
  EXPECT_EQ(value_of(target->beginning_with(1), "port"), "2,3,1");
  EXPECT_EQ(value_of(target->beginning_with(2), "host"), "three,one,two");
  EXPECT_EQ(value_of(target->beginning_with(2), "dbname"), "door");
  const auto one_port = Target::parse("postgres://one,two/door?port=7");
  ASSERT_TRUE(one_port);
  EXPECT_EQ(value_of(one_port->beginning_with(1), "host"), "two,one");
  EXPECT_EQ(value_of(one_port->beginning_with(1), "port"), "7");
  const auto alone = Target::parse("postgres:///door");
  ASSERT_TRUE(alone);
  EXPECT_EQ(alone->hosts(), 1U);
}

TEST(TargetTest, ARefusedUrlIsNotRepeated) {
  for (const char* url : {"postgres://ada:s3cret@door@host/name", "postgres://ada:s3cret%zz@host/name",
                          "postgres://ada@host/name?s3cret=1", "postgres://ada:s3cret@[::1/name"}) {
    const auto target = Target::parse(url);
    ASSERT_FALSE(target) << url;
    EXPECT_EQ(target.error().kind, ErrorKind::InvalidInput);
    EXPECT_EQ((target.error().message + target.error().detail).find("s3cret"), std::string::npos);
  }
}

TEST(TargetTest, WhoCannotBeReachedLearnsNoPassword) {
  // Port 1 of loopback refuses.
  const auto database = storage::Database::open("postgres://ada:s3cret@127.0.0.1:1/door");
  ASSERT_TRUE(database);
  const auto outcome = (*database)->schema_version();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::Unavailable);
  EXPECT_EQ((outcome.error().message + outcome.error().detail).find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace doorward::storage::postgres
