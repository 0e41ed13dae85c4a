#include "scim/recorder.h"

#include <gmock/gmock.h>

#include "directory/directory_test.h"

namespace doorward::scim {
namespace {

using directory::ProvisioningOutcome;

class RecorderTest : public directory::DirectoryTest {
 protected:
  void add(ProvisioningOutcome outcome) {
    if (!recorder_.wants(account_.id, outcome)) return;
    directory::NewProvisioningEntry entry;
    entry.at = kNow;
    entry.outcome = outcome;
    entry.summary = "Entra looked for users.";
    recorder_.add(account_.id, std::move(entry));
  }
  std::vector<directory::ProvisioningEntry> stored() {
    return read([&](storage::Transaction& transaction) {
      return directory::list_provisioning_log(transaction, account_.id, {}, std::nullopt, 1'000);
    });
  }

  directory::Account account_ = add_account("contoso");
  Recorder recorder_;
};

TEST_F(RecorderTest, WritesWhenItIsFlushed) {
  add(ProvisioningOutcome::Read);
  add(ProvisioningOutcome::Failed);
  EXPECT_TRUE(stored().empty());
  must(recorder_.flush(*database_));
  EXPECT_EQ(stored().size(), 2U);
  must(recorder_.flush(*database_));
  EXPECT_EQ(stored().size(), 2U);
}

TEST_F(RecorderTest, CountsTheReadsThatItLeavesOut) {
  for (std::size_t i = 0; i < Recorder::kMaxReads + 7; ++i)
    add(ProvisioningOutcome::Read);
  must(recorder_.flush(*database_));
  const auto entries = stored();
  ASSERT_EQ(entries.size(), Recorder::kMaxReads);
  EXPECT_THAT(entries.front().summary, testing::HasSubstr("7 more requests"));
}

TEST_F(RecorderTest, ReadsDoNotCrowdFailuresOut) {
  for (std::size_t i = 0; i < Recorder::kMaxReads + 1; ++i)
    add(ProvisioningOutcome::Read);
  add(ProvisioningOutcome::Failed);
  must(recorder_.flush(*database_));
  EXPECT_EQ(stored().size(), Recorder::kMaxReads + 1);
}

}  // namespace
}  // namespace doorward::scim
