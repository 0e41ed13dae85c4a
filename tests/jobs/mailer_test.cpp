#include "jobs/mailer.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "directory/access_links.h"
#include "support/directory_database.h"
#include "support/fake_clock.h"

namespace doorward::jobs {
namespace {

using directory::MailKind;
using testing::HasSubstr;

const directory::Actor kSupport = {directory::ActorKind::Support, "operator"};

class MailerTest : public testing::Test {
 protected:
  template <class Body>
  auto write(Body body) {
    auto outcome = database_->write(body);
    if (!outcome) throw std::runtime_error(outcome.error().message);
    if constexpr (!std::is_void_v<typename decltype(outcome)::value_type>) return *std::move(outcome);
  }
  directory::Employee add_employee(const std::string& email) {
    return write([&](storage::Transaction& transaction) {
      return directory::create_employee(
          transaction, {.account = account_.id, .profile = {.user_name = email, .email = email}}, kSupport,
          clock_.now());
    });
  }
  MailerTest() {
    account_ = write([&](storage::Transaction& transaction) {
      return directory::create_account(transaction, {.name = "contoso", .plan = directory::Plan::Enterprise},
                                       kSupport, clock_.now());
    });
    alice_ = add_employee("alice@contoso.example");
  }

  void queue(const directory::Employee& employee, MailKind kind) {
    write([&](storage::Transaction& transaction) {
      return directory::queue_mail(transaction, employee, kind, "ada", clock_.now());
    });
  }
  Mailer mailer(Mailer::Send send) {
    return {*database_,
            clock_,
            {.from = {.name = "", .address = "portal@contoso.example"}, .public_url = "https://sso"},
            std::move(send),
            metrics_};
  }
  /// Keeps what it is given; fails with `problem_` when that is set.
  Mailer::Send keeping() {
    return [this](const net::Mail& mail) -> Result<void> {
      if (problem_) return fail(*problem_);
      sent_.push_back(mail);
      return {};
    };
  }
  directory::MailCounts counts(MailKind kind) {
    return write([&](storage::Transaction& transaction) {
      return directory::count_mails(transaction, account_.id, kind);
    });
  }

  test::FakeClock clock_{from_millis(1'800'000'000'000)};
  test::DirectoryDatabase test_database_;
  std::unique_ptr<storage::Database> database_ = test_database_.open();
  metrics::Registry metrics_;
  directory::Account account_;
  directory::Employee alice_;
  std::vector<net::Mail> sent_;
  std::optional<Error> problem_;
};

TEST_F(MailerTest, SendsALinkThatOpens) {
  queue(alice_, MailKind::Recovery);
  auto mailer = this->mailer(keeping());
  ASSERT_TRUE(mailer.run());
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].to.address, "alice@contoso.example");
  const std::string& text = sent_[0].text;
  const auto at = text.find("https://sso/access?link=");
  ASSERT_NE(at, std::string::npos) << text;
  const auto begin = at + std::string_view("https://sso/access?link=").size();
  const auto secret = directory::AccessLinkSecret::parse(text.substr(begin, text.find('\n', begin) - begin));
  ASSERT_TRUE(secret);
  EXPECT_TRUE(write([&](storage::Transaction& transaction) {
    return directory::take_access_link(transaction, *secret, clock_.now());
  }));
  EXPECT_EQ(counts(MailKind::Recovery).sent, 1);
  ASSERT_TRUE(mailer.run());
  EXPECT_EQ(sent_.size(), 1U);
}

TEST_F(MailerTest, TriesAgainLaterAndGivesUpInTheEnd) {
  queue(alice_, MailKind::Recovery);
  problem_ = Error{ErrorKind::Unavailable, "net.mail_timeout", "No answer."};
  auto mailer = this->mailer(keeping());
  int rounds = 0;
  for (; counts(MailKind::Recovery).dead == 0 && rounds < 100; ++rounds) {
    ASSERT_TRUE(mailer.run());
    clock_.advance(std::chrono::hours(12));
  }
  EXPECT_GE(rounds, 4);
  EXPECT_LT(rounds, 10);
  EXPECT_EQ(counts(MailKind::Recovery).last_problem, "No answer.");
}

TEST_F(MailerTest, ARefusalForGoodHoldsUpNobody) {
  const auto bob = add_employee("bob@contoso.example");
  queue(alice_, MailKind::Recovery);
  queue(bob, MailKind::Recovery);
  auto mailer = this->mailer([&](const net::Mail& mail) -> Result<void> {
    if (mail.to.address == "alice@contoso.example")
      return fail(ErrorKind::Refused, "net.mail_refused_for_good", "No such mailbox.");
    sent_.push_back(mail);
    return {};
  });
  ASSERT_TRUE(mailer.run());
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(counts(MailKind::Recovery).dead, 1);
}

TEST_F(MailerTest, AnAddressThatIsNoneIsGivenUp) {
  const auto odd = add_employee("a@b@contoso.example");
  queue(odd, MailKind::Recovery);
  auto mailer = this->mailer(keeping());
  ASSERT_TRUE(mailer.run());
  EXPECT_TRUE(sent_.empty());
  EXPECT_EQ(counts(MailKind::Recovery).dead, 1);
}

TEST_F(MailerTest, WhoWasDeactivatedMeanwhileGetsNothing) {
  queue(alice_, MailKind::Recovery);
  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, account_.id, alice_.id,
                                          directory::LastAdministrator::MayGo, kSupport, clock_.now());
  });
  auto mailer = this->mailer(keeping());
  ASSERT_TRUE(mailer.run());
  EXPECT_TRUE(sent_.empty());
}

TEST_F(MailerTest, WithoutAServerItSaysSo) {
  queue(alice_, MailKind::Recovery);
  auto mailer = this->mailer(nullptr);
  ASSERT_TRUE(mailer.run());
  EXPECT_THAT(counts(MailKind::Recovery).last_problem, HasSubstr("mail.server"));
}

}  // namespace
}  // namespace doorward::jobs
