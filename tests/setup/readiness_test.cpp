#include "setup/readiness.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "directory/attempts.h"
#include "directory/domains.h"
#include "directory/employees.h"
#include "setup_test.h"

namespace doorward::setup {
namespace {

using State = Gate::State;
using testing::HasSubstr;

class ReadinessTest : public SetupTest {
 protected:
  Readiness readiness_of(const directory::Account& account) {
    return must(database_->read(
        [&](storage::Transaction& transaction) { return check_readiness(transaction, account, kNow); }));
  }
  Readiness readiness() { return readiness_of(account_); }
  Gate gate(std::string_view name) {
    const auto found = readiness();
    return *std::ranges::find(found.gates, name, &Gate::name);
  }
  State state(std::string_view name) { return gate(name).state; }

  directory::Connection connect(std::string_view name = "default", Duration lifetime = kYear) {
    return write([&](storage::Transaction& transaction) {
      return directory::create_connection(transaction,
                                          {.account = account_.id,
                                           .provider = provider(name, certificate(lifetime)),
                                           .name = std::string(name)},
                                          kSupport, kNow);
    });
  }
  void add_domain(std::string_view name, std::optional<directory::ConnectionId> connection = {}) {
    write([&](storage::Transaction& transaction) {
      return directory::add_domain(
          transaction, {.account = account_.id, .name = std::string(name), .connection = connection},
          kSupport, kNow);
    });
  }
  directory::Employee add_employee(const directory::Account& account, std::string_view email,
                                   bool administrator = false) {
    return write([&](storage::Transaction& transaction) {
      return directory::create_employee(
          transaction,
          {.account = account.id,
           .profile = {.user_name = std::string(email), .email = std::string(email)},
           .administrator = administrator},
          kSupport, kNow);
    });
  }
  void record(directory::AttemptOutcome outcome, std::string_view finding,
              std::optional<directory::ConnectionId> connection) {
    write([&](storage::Transaction& transaction) {
      return directory::record_attempt(transaction,
                                       {.account = account_.id,
                                        .connection = connection,
                                        .outcome = outcome,
                                        .finding = std::string(finding)},
                                       kNow);
    });
  }
  Result<Readiness> enable(Insist insist = Insist::No) {
    return database_->write([&](storage::Transaction& transaction) {
      return enable_sso(transaction, account_, "a reason", insist, kSupport, kNow);
    });
  }
  bool is_enforced() {
    const auto account = must(database_->read([&](storage::Transaction& transaction) {
      return directory::load_account(transaction, account_.id);
    }));
    return account.sso_enforced_at.has_value();
  }
};

TEST_F(ReadinessTest, AnEmptyAccountIsNotReady) {
  EXPECT_TRUE(readiness().blocked());
  EXPECT_EQ(state("plan"), State::Met);
  EXPECT_EQ(state("connection"), State::Missing);
  EXPECT_EQ(state("certificate"), State::Missing);
  EXPECT_EQ(state("domain"), State::Missing);
  const auto refused = enable();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::Refused);
  EXPECT_FALSE(is_enforced());
}

TEST_F(ReadinessTest, AConnectionAndADomainAreEnough) {
  connect();
  add_domain("acme.example");
  EXPECT_FALSE(readiness().blocked());
  EXPECT_TRUE(enable());
  EXPECT_TRUE(is_enforced());
}

TEST_F(ReadinessTest, TheFreePlanStaysRefusedEvenWhenSupportInsists) {
  connect();
  add_domain("acme.example");
  write([&](storage::Transaction& transaction) {
    return directory::set_plan(transaction, account_.id, directory::Plan::Free, kSupport, kNow);
  });
  account_.plan = directory::Plan::Free;
  EXPECT_EQ(state("plan"), State::Missing);
  EXPECT_FALSE(enable());
  EXPECT_FALSE(enable(Insist::Yes));
  EXPECT_FALSE(is_enforced());
}

TEST_F(ReadinessTest, AnInactiveConnectionDoesNotCount) {
  const auto connection = connect();
  add_domain("acme.example");
  write([&](storage::Transaction& transaction) {
    return directory::set_connection_state(transaction, account_.id, connection.id,
                                           directory::ConnectionState::Inactive, kSupport, kNow);
  });
  EXPECT_EQ(state("connection"), State::Missing);
  EXPECT_EQ(state("domain"), State::Missing);
}

TEST_F(ReadinessTest, AnExpiredCertificateBlocksUnlessSupportInsists) {
  connect("old", -std::chrono::hours(1));
  add_domain("acme.example");
  EXPECT_EQ(state("certificate"), State::Missing);
  EXPECT_FALSE(enable());
  EXPECT_TRUE(enable(Insist::Yes));
}

TEST_F(ReadinessTest, ACertificateThatExpiresSoonIsDoubtful) {
  connect("short", std::chrono::hours(24 * 10));
  EXPECT_EQ(state("certificate"), State::Doubtful);
  EXPECT_THAT(gate("certificate").message, HasSubstr("2026-03-11"));
  connect("long");
  EXPECT_EQ(state("certificate"), State::Doubtful);
}

TEST_F(ReadinessTest, EveryDomainNeedsAConnection) {
  const auto first = connect("first");
  connect("second");
  add_domain("one.example", first.id);
  EXPECT_EQ(state("domain"), State::Met);
  add_domain("two.example");
  EXPECT_EQ(state("domain"), State::Doubtful);
  EXPECT_THAT(gate("domain").message, HasSubstr("two.example"));
}

TEST_F(ReadinessTest, OnlyAnAcceptedSignInIsEvidence) {
  const auto connection = connect();
  record(directory::AttemptOutcome::Refused, "saml.expired", connection.id);
  record(directory::AttemptOutcome::Test, "identity.not_provisioned", connection.id);
  record(directory::AttemptOutcome::Success, "", std::nullopt);  // With a password.
  EXPECT_EQ(state("sign_in"), State::Doubtful);
  record(directory::AttemptOutcome::Test, "", connection.id);
  EXPECT_EQ(state("sign_in"), State::Met);
}

TEST_F(ReadinessTest, CountsWhoWouldLoseAccess) {
  connect();
  add_domain("acme.example");
  add_employee(account_, "in@ACME.example");
  add_employee(account_, "out@elsewhere.example", true);
  const auto gone = add_employee(account_, "gone@elsewhere.example");
  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, account_.id, gone.id,
                                          directory::LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_EQ(readiness().active_employees, 2);
  EXPECT_EQ(readiness().losing_access, 1);
  EXPECT_THAT(gate("employees").message, HasSubstr("1 of 2 active employees"));
  EXPECT_EQ(state("administrator"), State::Doubtful);
  add_employee(account_, "boss@acme.example", true);
  EXPECT_EQ(state("administrator"), State::Met);
}

TEST_F(ReadinessTest, CountsBeyondOnePage) {
  add_domain("acme.example");
  write([&](storage::Transaction& transaction) -> Result<void> {
    for (int i = 0; i < 1203; ++i) {
      const std::string email = "e" + std::to_string(i) + (i % 3 == 0 ? "@acme.example" : "@b.example");
      RETURN_IF_ERROR(directory::create_employee(
          transaction, {.account = account_.id, .profile = {.user_name = email, .email = email}}, kSupport,
          kNow));
    }
    return {};
  });
  EXPECT_EQ(readiness().active_employees, 1203);
  EXPECT_EQ(readiness().losing_access, 802);
}

TEST_F(ReadinessTest, ATestAccountMatchesInItsParentsDomains) {
  add_domain("acme.example");
  const auto test_account = write([&](storage::Transaction& transaction) {
    return directory::create_account(
        transaction, {.name = "test", .plan = directory::Plan::Enterprise, .parent = account_.id}, kSupport,
        kNow);
  });
  add_employee(test_account, "in@acme.example");
  EXPECT_EQ(readiness_of(test_account).losing_access, 0);
}

}  // namespace
}  // namespace doorward::setup
