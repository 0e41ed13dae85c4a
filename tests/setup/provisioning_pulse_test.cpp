#include "setup/provisioning_pulse.h"

#include <array>

#include "setup_test.h"

namespace doorward::setup {
namespace {

using directory::ProvisioningOutcome;
using std::chrono::hours;
using storage::Transaction;

class PulseTest : public SetupTest {
 protected:
  Pulse pulse(Timestamp now = kNow) {
    return must(
        database_->read([&](Transaction& transaction) { return take_pulse(transaction, account_.id, now); }));
  }
  std::string_view state(Timestamp now = kNow) { return to_text(pulse(now).state(now)); }
  directory::ProvisioningToken add_token() {
    return write([&](Transaction& transaction) {
      return directory::create_provisioning_token(
          transaction, account_, directory::ProvisioningSecret::issue(account_), {}, kSupport, kNow);
    });
  }
  void record(ProvisioningOutcome outcome) {
    write([&](Transaction& transaction) {
      directory::NewProvisioningEntry entry;
      entry.at = kNow;
      entry.outcome = outcome;
      return directory::record_provisioning(transaction, account_.id, std::array{entry});
    });
  }
};

TEST_F(PulseTest, SaysTheWorstThatHolds) {
  EXPECT_EQ(state(), "not-set-up");
  const auto token = add_token();
  EXPECT_EQ(state(), "waiting");
  record(ProvisioningOutcome::Read);
  EXPECT_EQ(state(), "working");
  record(ProvisioningOutcome::Failed);
  EXPECT_EQ(state(), "failing");
  record(ProvisioningOutcome::Changed);
  EXPECT_EQ(state(), "partly-failing");
  EXPECT_EQ(state(kNow + hours(25)), "silent");
  write([&](Transaction& transaction) {
    return directory::revoke_provisioning_token(transaction, account_.id, token.id, kSupport, kNow);
  });
  EXPECT_EQ(state(), "stopped");
  write([&](Transaction& transaction) {
    return directory::set_plan(transaction, account_.id, directory::Plan::Free, kSupport, kNow);
  });
  EXPECT_EQ(state(), "not-in-plan");
}

TEST_F(PulseTest, KeepsTheLastFailureWhateverCameAfter) {
  record(ProvisioningOutcome::Failed);
  record(ProvisioningOutcome::Changed);
  EXPECT_EQ(pulse().last->outcome, ProvisioningOutcome::Changed);
  EXPECT_EQ(pulse().last_failure->outcome, ProvisioningOutcome::Failed);
  EXPECT_EQ(pulse().counts.changed, 1);
  EXPECT_FALSE(pulse(kNow + hours(1)).brake_on);
}

}  // namespace
}  // namespace doorward::setup
