#include "directory/sign_in_history.h"

#include <algorithm>
#include <functional>

#include <gmock/gmock.h>

#include "directory/departures.h"
#include "directory/identity.h"
#include "directory/sessions.h"
#include "provisioning_test.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

/// An account with SSO set up and Ben, who has no password; what happens to him is told by `cause`.
class SignInHistoryTest : public ProvisioningTest {
 protected:
  SignInHistory history(const Employee& employee) {
    return read([&](storage::Transaction& transaction) {
      return sign_in_history(transaction, reload_in(transaction), load(transaction, employee), now_);
    });
  }
  SignInHistory history_of(std::string_view address) {
    return read([&](storage::Transaction& transaction) {
      return sign_in_history_of_stranger(transaction, reload_in(transaction), address, now_);
    });
  }
  Obstacle cause(const Employee& employee) {
    return diagnose(history(employee), std::nullopt, now_).obstacle;
  }
  Obstacle cause_of(std::string_view address) {
    return diagnose(history_of(address), std::nullopt, now_).obstacle;
  }

  /// An attempt a minute after the last thing that happened.
  Attempt attempt(std::string_view employee, std::string_view finding, std::string_view actual = {}) {
    now_ += minutes(1);
    NewAttempt made{.account = account_.id,
                    .connection = connection_.id,
                    .outcome = finding.empty() ? AttemptOutcome::Success : AttemptOutcome::Refused,
                    .finding = std::string(finding),
                    .employee = std::string(employee)};
    made.report = json::serialize(json::Object{{"decision", json::Object{{"actual", actual}}}});
    return record(made);
  }
  Attempt record(const NewAttempt& made) {
    const std::string reference =
        write([&](storage::Transaction& transaction) { return record_attempt(transaction, made, now_); });
    return *read([&](storage::Transaction& transaction) {
      return find_attempt(transaction, made.account, reference);
    });
  }
  void enforce() {
    write([&](storage::Transaction& transaction) {
      return enforce_sso(transaction, account_.id, "test", kSupport, now_);
    });
  }
  void give_password(const Employee& employee) {
    write([&](storage::Transaction& transaction) {
      return set_password(transaction, account_.id, employee.id, "hash", kSupport, now_);
    });
  }
  void guess(std::string_view name, int times) {
    for (int i = 0; i < times; ++i) {
      now_ += hours(1);
      write([&](storage::Transaction& transaction) {
        return take_password_attempt(transaction, account_.id, name, "192.0.2.1", {}, now_);
      });
    }
  }
  void change_email(const Employee& employee, std::string_view email) {
    write([&](storage::Transaction& transaction) {
      Profile profile = employee.profile;
      profile.email = email;
      return update_profile(transaction, account_.id, employee.id, profile, kAdministrator, now_);
    });
  }
  Account reload_in(storage::Transaction& transaction) {
    return must(load_account(transaction, account_.id));
  }
  Employee load(storage::Transaction& transaction, const Employee& employee) {
    return must(load_employee(transaction, account_.id, employee.id));
  }

  Connection connection_ = add_connection(account_, "https://idp.example/contoso");
  Domain domain_ = add_domain(account_, "contoso.com");
  Employee ben_ = add_employee(account_, "ben@contoso.com");
};

TEST_F(SignInHistoryTest, NothingStandsInTheWay) {
  EXPECT_EQ(cause(ben_), Obstacle::None);
  attempt(ben_.public_id, "");
  EXPECT_EQ(cause(ben_), Obstacle::None);
  enforce();
  EXPECT_EQ(cause(ben_), Obstacle::None);
}

TEST_F(SignInHistoryTest, SaysWhoSwitchedThemOff) {
  const ProvisionedEmployee eve = create("eve@contoso.com");
  now_ += minutes(1);
  set_active(eve, false);
  const Diagnosis by_directory = diagnose(history(eve.employee), std::nullopt, now_);
  EXPECT_EQ(by_directory.obstacle, Obstacle::Deactivated);
  ASSERT_TRUE(by_directory.change);
  EXPECT_EQ(by_directory.change->actor.kind, ActorKind::Directory);
  EXPECT_EQ(by_directory.change->at, now_);
  EXPECT_TRUE(history(eve.employee).provisioned);

  write([&](storage::Transaction& transaction) {
    return deactivate_employee(transaction, account_.id, ben_.id, LastAdministrator::MayGo, kAdministrator,
                               now_);
  });
  const Diagnosis by_hand = diagnose(history(ben_), std::nullopt, now_);
  EXPECT_EQ(by_hand.obstacle, Obstacle::Deactivated);
  EXPECT_EQ(by_hand.change.value().actor.name, kAdministrator.name);
  EXPECT_FALSE(history(ben_).provisioned);
}

TEST_F(SignInHistoryTest, WhoIsOffIsOffWhateverTheLastAttemptSaid) {
  attempt(ben_.public_id, "");
  write([&](storage::Transaction& transaction) {
    return deactivate_employee(transaction, account_.id, ben_.id, LastAdministrator::MayGo, kAdministrator,
                               now_);
  });
  EXPECT_EQ(cause(ben_), Obstacle::Deactivated);
  attempt(ben_.public_id, "saml.expired");
  EXPECT_EQ(cause(ben_), Obstacle::Deactivated);
}

TEST_F(SignInHistoryTest, AHeldDeletionIsACauseOfItsOwn) {
  settings_.brake_count = 1;
  settings_.brake_percent = 0;
  const ProvisionedEmployee eve = create("eve@contoso.com");
  const ProvisionedEmployee eric = create("eric@contoso.com");
  const ProvisionedEmployee dan = create("dan@contoso.com");
  for (const ProvisionedEmployee& each : {eve, eric, dan})
    remove(each);
  EXPECT_EQ(cause(dan.employee), Obstacle::DeletionHeld);
}

TEST_F(SignInHistoryTest, EnforcedSsoNeedsAnAddressInADomainWithAConnection) {
  enforce();
  change_email(ben_, "");
  EXPECT_EQ(cause(ben_), Obstacle::NoEmail);
  change_email(ben_, "ben@home.example");
  EXPECT_EQ(cause(ben_), Obstacle::OutsideDomains);
  change_email(ben_, "ben@CONTOSO.com");
  EXPECT_EQ(cause(ben_), Obstacle::None);
  const Connection second = add_connection(account_, "https://idp.example/second", "second");
  write([&](storage::Transaction& transaction) {
    return set_connection_state(transaction, account_.id, connection_.id, ConnectionState::Inactive, kSupport,
                                now_);
  });
  EXPECT_EQ(cause(ben_), Obstacle::NoConnection);
  write([&](storage::Transaction& transaction) {
    return assign_domain(transaction, account_.id, "contoso.com", second.id, kSupport, now_);
  });
  EXPECT_EQ(cause(ben_), Obstacle::None);
}

TEST_F(SignInHistoryTest, WithoutPasswordAndSsoThereIsNoWayIn) {
  change_email(ben_, "ben@home.example");
  EXPECT_EQ(cause(ben_), Obstacle::NoWayIn);
  give_password(ben_);
  EXPECT_EQ(cause(ben_), Obstacle::None);

  account_ = add_account("fabrikam");
  const Employee ann = add_employee(account_, "ann@fabrikam.com");
  EXPECT_EQ(cause(ann), Obstacle::NoWayIn);
  account_ = add_account("northwind", Plan::Free);
  const Employee amy = add_employee(account_, "amy@northwind.com");
  EXPECT_EQ(cause(amy), Obstacle::Plan);
  give_password(amy);
  EXPECT_EQ(cause(amy), Obstacle::None);
}

TEST_F(SignInHistoryTest, WhomTheProviderKnowsNeedsNoDomain) {
  change_email(ben_, "ben@home.example");
  attempt(ben_.public_id, "");
  EXPECT_EQ(cause(ben_), Obstacle::None);
}

TEST_F(SignInHistoryTest, WrongPasswordsAreTold) {
  give_password(ben_);
  guess("BEN@contoso.com", 2);
  EXPECT_EQ(history(ben_).guesses.failures, 2);
  EXPECT_EQ(cause(ben_), Obstacle::WrongPassword);
  guess("ben@contoso.com", 6);
  EXPECT_EQ(cause(ben_), Obstacle::TooManyPasswords);
  now_ += minutes(20);
  EXPECT_EQ(cause(ben_), Obstacle::WrongPassword);
  attempt(ben_.public_id, "");
  EXPECT_EQ(cause(ben_), Obstacle::None);
  guess("ben@contoso.com", 1);
  EXPECT_EQ(cause(ben_), Obstacle::TooManyPasswords);
  enforce();
  EXPECT_EQ(cause(ben_), Obstacle::None) << "passwords are closed";
}

TEST_F(SignInHistoryTest, GuessesAtOthersAreNoneOfTheirs) {
  give_password(ben_);
  guess("bob@contoso.com", 9);
  EXPECT_EQ(cause(ben_), Obstacle::None);
}

TEST_F(SignInHistoryTest, TheLastAttemptDecides) {
  for (const std::string_view finding :
       {"saml.expired", "saml.audience_mismatch", "session.no_flow", "identity.other_connection",
        "identity.wrong_tenant", "identity.ambiguous", "identity.linked_elsewhere",
        "saml.signature_key_unknown"}) {
    const Attempt refused = attempt(ben_.public_id, finding);
    const Diagnosis diagnosis = diagnose(history(ben_), std::nullopt, now_);
    EXPECT_EQ(diagnosis.obstacle, Obstacle::Attempt) << finding;
    EXPECT_EQ(diagnosis.attempt.value().reference, refused.reference);
  }
  attempt(ben_.public_id, "");
  EXPECT_EQ(cause(ben_), Obstacle::None);
}

TEST_F(SignInHistoryTest, ATestIsNoSignIn) {
  record({.account = account_.id,
          .outcome = AttemptOutcome::Test,
          .finding = "saml.expired",
          .employee = ben_.public_id});
  EXPECT_EQ(cause(ben_), Obstacle::None);
}

TEST_F(SignInHistoryTest, WhatWasMendedIsMended) {
  const auto expect_mended = [&](std::string_view finding) {
    attempt(ben_.public_id, finding);
    EXPECT_EQ(cause(ben_), Obstacle::Mended) << finding;
  };
  expect_mended("identity.deactivated");
  expect_mended("identity.account_plan");
  expect_mended("identity.connection_inactive");
  expect_mended("identity.no_email");
  expect_mended("identity.outside_domains");
  expect_mended("identity.sso_enforced");
  enforce();
  attempt(ben_.public_id, "identity.sso_enforced");
  EXPECT_EQ(cause(ben_), Obstacle::Attempt);
}

TEST_F(SignInHistoryTest, AnUnlinkingMendsAForeignLink) {
  attempt(ben_.public_id, "identity.linked_elsewhere");
  EXPECT_EQ(cause(ben_), Obstacle::Attempt);
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(transaction.execute(
        "INSERT INTO identity_links (account_id, connection_id, kind, value, employee_id, linked_at)"
        " VALUES ($1, $2, 'nameid', 'x', $3, 0)",
        {account_.id, connection_.id, ben_.id}));
    return remove_links(transaction, account_.id, ben_.id, connection_.id, kSupport, now_ + minutes(1));
  });
  EXPECT_EQ(cause(ben_), Obstacle::Mended);
}

TEST_F(SignInHistoryTest, AnEarlierAttemptIsOldNewsAfterASuccess) {
  const Attempt old = attempt(ben_.public_id, "saml.expired");
  EXPECT_EQ(diagnose(history(ben_), old, now_).obstacle, Obstacle::Attempt);
  attempt(ben_.public_id, "");
  EXPECT_EQ(diagnose(history(ben_), old, now_).obstacle, Obstacle::Mended);
}

TEST_F(SignInHistoryTest, WhoIsUnknownIsNamedByAttempts) {
  EXPECT_EQ(cause_of("eve@contoso.com"), Obstacle::Unknown);
  const Attempt first = attempt("", "identity.not_provisioned", "Eve@Contoso.com");
  attempt("", "identity.not_provisioned", "steve@contoso.com");
  attempt("", "identity.not_provisioned", "eve@contoso.com.example");
  const SignInHistory known = history_of("eve@contoso.com");
  ASSERT_EQ(known.attempts.size(), 1u);
  EXPECT_EQ(known.attempts[0].reference, first.reference);
  EXPECT_EQ(diagnose(known, std::nullopt, now_).obstacle, Obstacle::Attempt);
  EXPECT_EQ(address_of(first), "Eve@Contoso.com");

  const Employee eve = add_employee(account_, "eve@contoso.com");
  EXPECT_EQ(cause(eve), Obstacle::Mended);
}

TEST_F(SignInHistoryTest, ADomainThatWasAddedMakesNobodyAnEmployee) {
  attempt("", "identity.outside_domains", "eve@home.example");
  EXPECT_EQ(cause_of("eve@home.example"), Obstacle::Attempt);
  add_domain(account_, "home.example");
  EXPECT_EQ(cause_of("eve@home.example"), Obstacle::Unknown);
}

TEST_F(SignInHistoryTest, WhoWasDeletedIsRemembered) {
  const ProvisionedEmployee eve = create("eve@contoso.com");
  write([&](storage::Transaction& transaction) {
    return delete_employee(transaction, account_.id, eve.employee.id, LastAdministrator::MayGo, kDirectory,
                           now_);
  });
  EXPECT_EQ(cause_of("EVE@contoso.com"), Obstacle::Deleted);
  attempt("", "identity.not_provisioned", "eve@contoso.com");
  EXPECT_EQ(cause_of("eve@contoso.com"), Obstacle::Deleted);
  attempt("", "saml.expired", "eve@contoso.com");
  EXPECT_EQ(cause_of("eve@contoso.com"), Obstacle::Attempt);
}

TEST_F(SignInHistoryTest, AnAddressIsReadOutOfAReport) {
  const auto read_from = [&](std::string_view actual) {
    return address_of(attempt("", "identity.no_email", actual));
  };
  EXPECT_EQ(read_from("none, with user name eve@contoso.com"), "eve@contoso.com");
  EXPECT_EQ(read_from("nothing"), "");
  EXPECT_EQ(read_from("several employees with a@b.example or c@d.example"), "");
  EXPECT_EQ(address_of({}), "");
  Attempt broken;
  for (const char* report : {"", "[]", "{", R"({"decision":7})", R"({"decision":{"actual":7}})"}) {
    broken.report = report;
    EXPECT_EQ(address_of(broken), "") << report;
  }
}

TEST_F(SignInHistoryTest, IsAboutThisPersonAndThisAccount) {
  const Employee ann = add_employee(account_, "ann@contoso.com");
  attempt(ann.public_id, "saml.expired");
  attempt("", "identity.not_provisioned", "somebody@contoso.com");
  const Account other = add_account("fabrikam");
  record({.account = other.id, .finding = "saml.expired", .employee = ben_.public_id});
  record({.account = other.id,
          .finding = "identity.not_provisioned",
          .report = R"({"decision":{"actual":"ben@contoso.com"}})"});
  EXPECT_THAT(history(ben_).attempts, IsEmpty());
  EXPECT_EQ(cause(ben_), Obstacle::None);
}

TEST_F(SignInHistoryTest, ListsAreNewestFirstAndBounded) {
  for (int i = 0; i < kHistoryLength + 5; ++i)
    attempt(i % 2 == 0 ? ben_.public_id : "", "identity.not_provisioned", "ben@contoso.com");
  const SignInHistory known = history(ben_);
  ASSERT_EQ(known.attempts.size(), static_cast<std::size_t>(kHistoryLength));
  EXPECT_TRUE(std::ranges::is_sorted(known.attempts, std::ranges::greater(), &Attempt::at));
  EXPECT_EQ(known.attempts.front().at, now_);
}

TEST_F(SignInHistoryTest, TellsWhatWasDoneToEverybody) {
  enforce();
  std::vector<std::string> actions;
  for (const AuditEntry& entry : history(ben_).changes)
    actions.push_back(entry.action);
  EXPECT_THAT(actions, ElementsAre("sso.enabled", "employee.created", "domain.added"));
  now_ += hours(24 * 100);
  actions.clear();
  for (const AuditEntry& entry : history(ben_).changes)
    actions.push_back(entry.action);
  EXPECT_THAT(actions, ElementsAre("employee.created"));
}

TEST_F(SignInHistoryTest, TellsOfTheMailAndTheSessions) {
  EXPECT_FALSE(history(ben_).mail);
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(queue_mail(transaction, ben_, MailKind::Recovery, "ada", now_));
    RETURN_IF_ERROR(queue_mail(transaction, ben_, MailKind::Invitation, "ada", now_ + minutes(1)));
    RETURN_IF_ERROR(create_session(transaction, SessionToken::issue(account_),
                                   {.account = account_.id, .employee = ben_.id}, {}, now_));
    return {};
  });
  const SignInHistory known = history(ben_);
  EXPECT_EQ(known.mail.value().kind, MailKind::Invitation);
  EXPECT_EQ(known.mail->state, MailState::Waiting);
  EXPECT_EQ(known.live_sessions, 1);
}

TEST_F(SignInHistoryTest, ReadsOfTheDirectoryAreLeftOut) {
  const auto entry = [&](ProvisioningOutcome outcome, std::string_view subject, std::string_view summary) {
    NewProvisioningEntry made;
    made.at = now_;
    made.outcome = outcome;
    made.summary = summary;
    made.subject = subject;
    return made;
  };
  write([&](storage::Transaction& transaction) {
    return record_provisioning(
        transaction, account_.id,
        std::vector{entry(ProvisioningOutcome::Changed, ben_.public_id, "changed"),
                    entry(ProvisioningOutcome::Read, ben_.public_id, "read"),
                    entry(ProvisioningOutcome::Failed, "", "could not make eve@contoso.com")});
  });
  ASSERT_EQ(history(ben_).requests.size(), 1u);
  EXPECT_EQ(history(ben_).requests[0].summary, "changed");
  ASSERT_EQ(history_of("eve@contoso.com").requests.size(), 1u);
}

}  // namespace
}  // namespace doorward::directory
