#include "directory/events.h"

#include <set>

#include "directory/attempts.h"
#include "directory/event_types.h"
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
  append("group.created");
  append("group.updated");
  append("group.deleted");
  const auto first = after(EventId{}, 2);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[1].type, "group.updated");
  EXPECT_EQ(first[1].data.at("a").as_int64(), 1);
  const auto rest = after(first[1].id, 10);
  ASSERT_EQ(rest.size(), 1u);
  // Even when everything was cleared away, no id comes back.
  write([](storage::Transaction& transaction) { return transaction.execute("DELETE FROM events", {}); });
  append("sso.enabled");
  ASSERT_EQ(after(rest[0].id, 10).size(), 1u);
  EXPECT_TRUE(read([&](storage::Transaction& transaction) {
                return events_after(transaction, AccountId{account.id.value + 1}, EventId{}, 10);
              }).empty());
}

TEST_F(DirectoryTest, NoEventHasATypeThatIsNotInTheList) {
  const Account account = add_account("contoso");
  for (const char* type : {"employee.promoted", "employee.*", "", "employee.created "}) {
    EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
                return append_event(transaction, account.id, type, "subject", {}, kNow);
              }),
              "directory.unknown_event_type")
        << type;
  }
  std::set<std::string_view> names;
  for (const EventType& type : kEventTypes) {
    EXPECT_TRUE(names.insert(type.name).second) << type.name << " is there twice";
    EXPECT_TRUE(type.help.ends_with('.')) << type.name;
    EXPECT_TRUE(is_event_type(type.name) && is_event_pattern(type.name));
  }
}

TEST_F(DirectoryTest, AnEventCarriesWhomItIsAbout) {
  const Account account = add_account("contoso");
  const Employee bob = add_employee(account, "bob@contoso.com");
  write([&](storage::Transaction& transaction) {
    return delete_employee(transaction, account.id, bob.id, LastAdministrator::MayGo, kDirectory, kNow);
  });
  const auto events = read(
      [&](storage::Transaction& transaction) { return events_after(transaction, account.id, EventId{}, 9); });
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].type, "employee.deleted");
  EXPECT_EQ(events[1].subject, bob.public_id);
  EXPECT_EQ(events[1].data.at("user_name").as_string(), "bob@contoso.com");
  const auto found = read(
      [&](storage::Transaction& transaction) { return find_event(transaction, account.id, events[1].id); });
  EXPECT_EQ(found->public_id, events[1].public_id);
  EXPECT_FALSE(read([&](storage::Transaction& transaction) {
    return find_event(transaction, AccountId{account.id.value + 1}, events[1].id);
  }));
}

TEST_F(DirectoryTest, SignInsAreEventsAndTestsAreNot) {
  const Account account = add_account("contoso");
  for (const AttemptOutcome outcome :
       {AttemptOutcome::Success, AttemptOutcome::Refused, AttemptOutcome::Test}) {
    NewAttempt attempt;
    attempt.account = account.id;
    attempt.outcome = outcome;
    attempt.finding = outcome == AttemptOutcome::Refused ? "identity.deactivated" : "";
    attempt.employee = outcome == AttemptOutcome::Success ? "bob" : "";
    attempt.client_address = "192.0.2.1";
    write([&](storage::Transaction& transaction) { return record_attempt(transaction, attempt, kNow); });
  }
  const auto events = read(
      [&](storage::Transaction& transaction) { return events_after(transaction, account.id, EventId{}, 9); });
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].type, "sign_in.succeeded");
  EXPECT_EQ(events[0].subject, "bob");
  EXPECT_EQ(events[1].type, "sign_in.refused");
  EXPECT_EQ(events[1].subject, account.public_id);
  EXPECT_EQ(events[1].data.at("finding").as_string(), "identity.deactivated");
}

}  // namespace
}  // namespace doorward::directory
