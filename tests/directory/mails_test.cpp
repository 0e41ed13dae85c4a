#include "directory/mails.h"

#include "directory_test.h"

namespace doorward::directory {
namespace {

class MailsTest : public DirectoryTest {
 protected:
  bool queue(const Employee& employee, MailKind kind, Timestamp now = kNow) {
    return write([&](storage::Transaction& transaction) {
      return queue_mail(transaction, employee, kind, "ada", now);
    });
  }
  std::vector<QueuedMail> claim(Timestamp now, int limit = 10) {
    return write([&](storage::Transaction& transaction) {
      return claim_mails(transaction, now, now + std::chrono::minutes(10), limit);
    });
  }
  void record(const QueuedMail& mail, const MailOutcome& outcome, Timestamp now) {
    write([&](storage::Transaction& transaction) {
      return record_mail(transaction, mail.account.id, mail.id, outcome, now);
    });
  }
  MailCounts counts(MailKind kind) {
    return read(
        [&](storage::Transaction& transaction) { return count_mails(transaction, contoso_.id, kind); });
  }

  const Account contoso_ = add_account("contoso");
  const Employee alice_ = add_employee(contoso_, "alice@contoso.example");
};

TEST_F(MailsTest, TheSameMailTwiceInARowIsOne) {
  EXPECT_TRUE(queue(alice_, MailKind::Recovery));
  EXPECT_FALSE(queue(alice_, MailKind::Recovery, kNow + kMailPause - std::chrono::seconds(1)));
  EXPECT_TRUE(queue(alice_, MailKind::Invitation));
  EXPECT_TRUE(queue(alice_, MailKind::Recovery, kNow + kMailPause));
}

TEST_F(MailsTest, SomebodyWithoutAnAddressGetsNone) {
  const auto bob = add_employee({.account = contoso_.id, .profile = {.user_name = "bob"}});
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return queue_mail(transaction, bob, MailKind::Recovery, "ada", kNow);
            }),
            "directory.no_email");
}

TEST_F(MailsTest, WhatIsClaimedIsNobodyElsesUntilItsTimeIsOver) {
  queue(alice_, MailKind::Recovery);
  const auto mine = claim(kNow);
  ASSERT_EQ(mine.size(), 1U);
  EXPECT_EQ(mine[0].employee.id, alice_.id);
  EXPECT_EQ(mine[0].requested_by, "ada");
  EXPECT_TRUE(claim(kNow).empty());
  EXPECT_EQ(claim(kNow + std::chrono::minutes(10)).size(), 1U);
}

TEST_F(MailsTest, AFailureComesAgainAndASuccessDoesNot) {
  queue(alice_, MailKind::Recovery);
  const auto mail = claim(kNow).at(0);
  record(mail, {.problem = "full", .again_at = kNow + std::chrono::minutes(1)}, kNow);
  EXPECT_EQ(counts(MailKind::Recovery).waiting, 1);
  EXPECT_EQ(counts(MailKind::Recovery).last_problem, "full");
  EXPECT_TRUE(claim(kNow).empty());
  const auto again = claim(kNow + std::chrono::minutes(1)).at(0);
  EXPECT_EQ(again.attempts, 1);
  record(again, {.sent = true}, kNow + std::chrono::minutes(1));
  EXPECT_EQ(counts(MailKind::Recovery).sent, 1);
  EXPECT_TRUE(claim(kNow + std::chrono::hours(24)).empty());
}

TEST_F(MailsTest, InstructionsGoToEverybodyActiveOfTheAccountAlone) {
  add_employee(contoso_, "bob@contoso.example");
  add_employee(add_account("fabrikam"), "eve@fabrikam.example");
  NewEmployee gone{.account = contoso_.id, .profile = {.user_name = "gone", .email = "gone@contoso.example"}};
  gone.active = false;
  add_employee(gone);
  const auto sent = write([&](storage::Transaction& transaction) {
    return queue_instructions(transaction, contoso_.id, "Subject", "Body", kAdministrator, kNow);
  });
  EXPECT_EQ(sent, 2);
  EXPECT_EQ(read([&](storage::Transaction& transaction) {
              return count_mail_recipients(transaction, contoso_.id);
            }),
            2);
  const auto mails = claim(kNow);
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mails[0].subject, "Subject");
  for (const auto& [subject, body] :
       {std::pair("", "b"), std::pair("s", " \n"), std::pair("s\r\nBcc: all", "b"), std::pair("\xff", "b")}) {
    EXPECT_NE(refusal_of([&](storage::Transaction& transaction) {
                return queue_instructions(transaction, contoso_.id, subject, body, kAdministrator, kNow);
              }),
              "")
        << subject;
  }
}

TEST_F(MailsTest, NoticesAreForAdministrators) {
  write([&](storage::Transaction& transaction) {
    return grant_administrator(transaction, contoso_.id, alice_.id, kSupport, kNow);
  });
  add_employee(contoso_, "bob@contoso.example");
  EXPECT_EQ(write([&](storage::Transaction& transaction) {
              return queue_notice(transaction, contoso_.id, "Look", "here", kNow);
            }),
            1);
  EXPECT_EQ(claim(kNow).at(0).employee.id, alice_.id);
}

TEST_F(MailsTest, OldOnesGo) {
  queue(alice_, MailKind::Recovery);
  record(claim(kNow).at(0), {.sent = true}, kNow);
  const auto clean = [&](Timestamp now) {
    return write([&](storage::Transaction& transaction) {
      return delete_old_mails(transaction, contoso_.id, now, 10);
    });
  };
  EXPECT_EQ(clean(kNow + std::chrono::hours(1)), 0);
  EXPECT_EQ(clean(kNow + kMailMemory), 1);
}

TEST_F(MailsTest, LookingForWorkReadsOnlyWhatWaits) {
  if (test::TestDatabase::is_postgres()) GTEST_SKIP() << "of SQLite's plans";
  std::string plan;
  read([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(
        const auto lines,
        transaction.all("EXPLAIN QUERY PLAN SELECT m.id FROM mails AS m WHERE m.state = 'waiting'"
                        " AND m.due_at <= $1 ORDER BY m.account_id, m.due_at LIMIT $2",
                        {kNow, 10}, [](const storage::Row& row) { return std::string(row.text(3)); }));
    for (const std::string& line : lines)
      plan += line + '\n';
    return {};
  });
  EXPECT_NE(plan.find("mails_due"), std::string::npos) << plan;
}

}  // namespace
}  // namespace doorward::directory
