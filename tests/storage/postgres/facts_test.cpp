#include "storage/postgres/facts.h"

#include "storage/postgres/postgres_test.h"

namespace doorward::storage::postgres {
namespace {

using FactsTest = PostgresTest;

TEST_F(FactsTest, AServerSaysWhatItIs) {
  const auto facts = read_server_facts(*database_);
  ASSERT_TRUE(facts);
  EXPECT_GE(connect()->server_version() / 10'000, 13);
  EXPECT_TRUE(facts->version.starts_with(std::to_string(connect()->server_version() / 10'000)));
  EXPECT_GT(facts->max_connections, 10);
}

}  // namespace
}  // namespace doorward::storage::postgres
