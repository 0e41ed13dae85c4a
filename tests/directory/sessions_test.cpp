#include "directory/sessions.h"

#include "directory/notices.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class SessionsTest : public DirectoryTest {
 protected:
  Session open(const SessionToken& token, NewSession session = {.account = {}, .employee = {}}) {
    session.account = account_.id;
    if (session.employee.value == 0) session.employee = bob_.id;
    return write([&](storage::Transaction& transaction) {
      return create_session(transaction, token, session, {}, kNow);
    });
  }
  std::optional<SignedIn> find(const SessionToken& token, Timestamp now = kNow) {
    return read([&](storage::Transaction& transaction) { return find_session(transaction, token, now); });
  }
  SessionToken issue() { return SessionToken::issue(account_); }

  Account account_ = add_account("contoso");
  Employee bob_ = add_employee(account_, "bob");
};

TEST_F(SessionsTest, TheTokenLeadsToItsPerson) {
  const SessionToken token = issue();
  const Session session =
      open(token, {.account = {}, .employee = {}, .client_address = "192.0.2.1", .user_agent = "UA"});
  const auto parsed = SessionToken::parse(token.value().reveal());
  ASSERT_TRUE(parsed);
  const auto found = find(*parsed);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->session.id, session.id);
  EXPECT_EQ(found->session.client_address, "192.0.2.1");
  EXPECT_EQ(found->employee.id, bob_.id);
  EXPECT_EQ(found->account.slug, "contoso");
  EXPECT_FALSE(find(issue()));
}

TEST_F(SessionsTest, NoneIsOpenedThroughAConnectionThatWasSwitchedOff) {
  const Connection connection = add_connection(account_, "https://idp.example");
  const auto refusal = [&] {
    return refusal_of([&](storage::Transaction& transaction) {
      return create_session(
          transaction, issue(),
          {.account = account_.id,
           .employee = bob_.id,
           .provider =
               ProviderSession{
                   .connection = connection.id, .name_id = "bob", .name_id_format = "", .session_index = ""}},
          {}, kNow);
    });
  };
  EXPECT_EQ(refusal(), "");
  write([&](storage::Transaction& transaction) {
    return set_connection_state(transaction, account_.id, connection.id, ConnectionState::Inactive, kSupport,
                                kNow);
  });
  EXPECT_EQ(refusal(), "directory.connection_inactive");
}

TEST_F(SessionsTest, OnlyTheHashIsStored) {
  const SessionToken token = issue();
  open(token);
  const std::string random(token.value().reveal().substr(37));
  EXPECT_EQ(read([&](storage::Transaction& transaction) {
              return transaction.first(
                  "SELECT count(*) FROM sessions WHERE token_hash = $1 OR public_id LIKE $2",
                  {storage::Blob{token.value().reveal()}, "%" + random + "%"},
                  [](const storage::Row& row) { return row.integer(0); });
            }),
            0);
}

TEST_F(SessionsTest, NonsenseIsNoToken) {
  const std::string good(issue().value().reveal());
  EXPECT_TRUE(SessionToken::parse(good));
  for (const std::string& text :
       {std::string(), good + "x", good.substr(1), good.substr(0, 36) + "-" + good.substr(37),
        "x" + good.substr(1), good.substr(0, 79) + "=", good.substr(0, 79) + std::string(1, '\0'),
        std::string(80, '.')}) {
    EXPECT_FALSE(SessionToken::parse(text)) << text;
  }
}

TEST_F(SessionsTest, AnotherAccountsPrefixFindsNothing) {
  const SessionToken token = issue();
  open(token);
  const Account other = add_account("fabrikam");
  const auto forged = SessionToken::parse(other.public_id + std::string(token.value().reveal().substr(36)));
  ASSERT_TRUE(forged);
  EXPECT_FALSE(find(*forged));
}

TEST_F(SessionsTest, EndsWhenIdleAndWhenOld) {
  const SessionToken token = issue();
  const Session session = open(token);
  EXPECT_TRUE(find(token, kNow + hours(12) - Duration(1)));
  EXPECT_FALSE(find(token, kNow + hours(12)));
  const auto touch = [&](Timestamp at) {
    const SessionTouch touches[] = {{account_.id, session.id, at}};
    write([&](storage::Transaction& transaction) { return touch_sessions(transaction, touches, hours(12)); });
  };
  for (int hour = 6; hour <= 162; hour += 6)
    touch(kNow + hours(hour));
  EXPECT_TRUE(find(token, kNow + hours(168) - Duration(1)));
  EXPECT_FALSE(find(token, kNow + hours(168)));
  touch(kNow + hours(167));
  EXPECT_FALSE(find(token, kNow + hours(168))) << "a touch never goes beyond the end";
}

TEST_F(SessionsTest, ATouchNeverRevivesNorGoesBack) {
  const SessionToken token = issue();
  const Session session = open(token);
  const SessionTouch touches[] = {{account_.id, session.id, kNow + hours(13)},
                                  {account_.id, session.id, kNow + hours(2)},
                                  {account_.id, session.id, kNow + hours(1)}};
  write([&](storage::Transaction& transaction) { return touch_sessions(transaction, touches, hours(12)); });
  EXPECT_EQ(find(token)->session.last_seen_at, kNow + hours(2));
  EXPECT_TRUE(find(token, kNow + hours(13)));
  EXPECT_FALSE(find(token, kNow + hours(14)));
}

TEST_F(SessionsTest, TheProvidersLimitCapsIt) {
  const SessionToken token = issue();
  open(token, {.account = {}, .employee = {}, .not_on_or_after = kNow + minutes(5)});
  EXPECT_TRUE(find(token, kNow + minutes(5) - Duration(1)));
  EXPECT_FALSE(find(token, kNow + minutes(5)));
}

TEST_F(SessionsTest, ListsAndEndsOnlyOnesOwn) {
  const Employee eve = add_employee(account_, "eve");
  const SessionToken bobs = issue();
  const Session bobs_session = open(bobs);
  const SessionToken eves = issue();
  const Session eves_session = open(eves, {.account = {}, .employee = eve.id});
  const auto list = [&](const Employee& employee, Timestamp now) {
    return read([&](storage::Transaction& transaction) {
      return list_sessions(transaction, account_.id, employee.id, now);
    });
  };
  EXPECT_EQ(list(bob_, kNow).size(), 1u);
  EXPECT_TRUE(list(bob_, kNow + hours(12)).empty());
  const auto end = [&](const Session& session) {
    return write([&](storage::Transaction& transaction) {
      return end_session_of(transaction, account_.id, bob_.id, session.public_id, kNow);
    });
  };
  EXPECT_FALSE(end(eves_session));
  EXPECT_TRUE(find(eves));
  EXPECT_TRUE(end(bobs_session));
  EXPECT_FALSE(find(bobs));
  EXPECT_FALSE(end(bobs_session));
}

TEST_F(SessionsTest, TheProviderEndsWhatItNames) {
  const Connection connection = add_connection(account_, "https://idp.example");
  const Connection other = add_connection(account_, "https://two.example", "second");
  const auto open_at = [&](const Connection& at, std::string_view name_id, std::string_view index) {
    SessionToken token = issue();
    open(token, {.account = {},
                 .employee = {},
                 .provider = ProviderSession{.connection = at.id,
                                             .name_id = std::string(name_id),
                                             .name_id_format = "",
                                             .session_index = std::string(index)}});
    return token;
  };
  const SessionToken first = open_at(connection, "bob", "1");
  const SessionToken second = open_at(connection, "bob", "2");
  const SessionToken elsewhere = open_at(other, "bob", "1");
  const SessionToken somebody = open_at(connection, "BOB", "1");
  const SessionToken local = issue();
  open(local, {.account = {}, .employee = {}, .method = SignInMethod::Password});
  const auto end = [&](std::string_view name_id, std::string_view index) {
    return write([&](storage::Transaction& transaction) {
      return end_sessions_at_provider(transaction, account_.id, connection.id, name_id, index, kNow);
    });
  };
  EXPECT_EQ(end("bob", "3"), 0);
  EXPECT_EQ(end("", ""), 0);
  EXPECT_EQ(end("bob", "1"), 1);
  EXPECT_FALSE(find(first));
  EXPECT_TRUE(find(second));
  EXPECT_EQ(end("bob", ""), 1);
  EXPECT_FALSE(find(second));
  EXPECT_TRUE(find(elsewhere));
  EXPECT_TRUE(find(somebody));
  EXPECT_TRUE(find(local));
}

TEST_F(SessionsTest, CachesHearOfEachEnd) {
  const Session session = open(issue());
  std::vector<Notice> notices;
  on_notice(*database_, [&](const Notice& notice) { notices.push_back(notice); });
  write([&](storage::Transaction& transaction) {
    return end_session(transaction, account_.id, session.id, kNow);
  });
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].session, session.id);
  EXPECT_EQ(write([&](storage::Transaction& transaction) {
              return end_access_of_employee(transaction, account_.id, bob_.id, kNow);
            }).sessions,
            0);
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_EQ(notices[1].employee, bob_.id);
}

TEST_F(SessionsTest, LongHeadersAreCut) {
  const SessionToken token = issue();
  open(token, {.account = {},
               .employee = {},
               .client_address = std::string(999, '1'),
               .user_agent = std::string(9999, 'x') + "\n"});
  EXPECT_LE(find(token)->session.user_agent.size(), 410u);
  EXPECT_LE(find(token)->session.client_address.size(), 70u);
}

}  // namespace
}  // namespace doorward::directory
