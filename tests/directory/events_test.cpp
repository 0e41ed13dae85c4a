#include "directory/events.h"

#include "directory_test.h"

namespace doorward::directory {
namespace {

TEST_F(DirectoryTest, EventsAreReadByACursorThatNeverRepeats) {
  const Account account = add_account("contoso");
  const auto append = [&](std::string_view type) {
    write([&](storage::Transaction& transaction) {
      return append_event(transaction, account.id, type, "subject", {{"a", 1}}, kNow);
    });
  };
  const auto after = [&](EventId id, int limit) {
    return read(
        [&](storage::Transaction& transaction) { return events_after(transaction, account.id, id, limit); });
  };
  append("one");
  append("two");
  append("three");
  const auto first = after(EventId{}, 2);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[1].type, "two");
  EXPECT_EQ(first[1].data.at("a").as_int64(), 1);
  const auto rest = after(first[1].id, 10);
  ASSERT_EQ(rest.size(), 1u);
  // Even when everything was cleared away, no id comes back.
  write([](storage::Transaction& transaction) { return transaction.execute("DELETE FROM events", {}); });
  append("four");
  ASSERT_EQ(after(rest[0].id, 10).size(), 1u);
  EXPECT_TRUE(read([&](storage::Transaction& transaction) {
                return events_after(transaction, AccountId{account.id.value + 1}, EventId{}, 10);
              }).empty());
}

}  // namespace
}  // namespace doorward::directory
