#include "server/installation_check.h"

#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/database_access.h"
#include "support/temporary_folder.h"

namespace doorward::server {
namespace {

using Status = CheckResult::Status;
using testing::HasSubstr;

class FixedClock final : public Clock {
 public:
  Timestamp now() const override { return time; }
  Timestamp time = from_millis(1'772'357'400'000);  // 2026-03-01
};

class InstallationCheckTest : public testing::Test {
 protected:
  InstallationCheckTest() {
    sources_.flags = {{"--database", "sqlite:" + folder_.file("var/doorward.db")},
                      {"--listen", "127.0.0.1:0"}};
  }

  CheckResult result(std::string_view name) {
    const auto results = check_installation(sources_, clock_);
    const auto found = std::ranges::find(results, name, &CheckResult::name);
    return found == results.end() ? CheckResult{name, Status::Problem, "not checked"} : *found;
  }

  test::TemporaryFolder folder_;
  ConfigSources sources_;
  FixedClock clock_;
};

TEST_F(InstallationCheckTest, ABareFolderIsInOrderAndStaysBare) {
  for (const CheckResult& found : check_installation(sources_, clock_)) {
    EXPECT_NE(found.status, Status::Problem) << found.name << ": " << found.message;
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(InstallationCheckTest, AWrongConfigurationIsAllThatIsSaid) {
  sources_.flags.emplace_back("--log-level", "loud");
  sources_.flags.emplace_back("--public-url", "x");
  const auto results = check_installation(sources_, clock_);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].status, Status::Problem);
  EXPECT_THAT(results[0].message, HasSubstr("--public-url"));
  EXPECT_THAT(results[1].message, HasSubstr("--log-level"));
}

TEST_F(InstallationCheckTest, AVariableThatSetsNothingIsDoubtful) {
  sources_.environment = {{"DOORWARD_LISEN", "x"}};
  EXPECT_EQ(result("configuration").status, Status::Warning);
}

TEST_F(InstallationCheckTest, ADatabaseIsReadWhole) {
  Config config;
  config.database = sources_.flags[0].second;
  ASSERT_TRUE(open_database(config, DatabaseLock::Use::Command));
  EXPECT_THAT(result("database").message, HasSubstr("is sound"));
  std::filesystem::resize_file(folder_.file("var/doorward.db"), 5000);
  EXPECT_EQ(result("database").status, Status::Problem);
}

TEST_F(InstallationCheckTest, ADatabaseBeingRestoredIsAProblem) {
  Config config;
  config.database = sources_.flags[0].second;
  ASSERT_TRUE(open_database(config, DatabaseLock::Use::Command));
  const auto lock = DatabaseLock::take(config, DatabaseLock::Use::Replace);
  EXPECT_THAT(result("database").message, HasSubstr("being restored"));
}

TEST_F(InstallationCheckTest, AClockOfThePastIsAProblem) {
  clock_.time = from_millis(0);
  EXPECT_EQ(result("clock").status, Status::Problem);
}

TEST_F(InstallationCheckTest, AnAddressThatIsNotOursIsAProblem) {
  sources_.flags[1].second = "203.0.113.7:0";
  sources_.flags.emplace_back("--public-url", "https://sso.example.com");
  EXPECT_EQ(result("listen").status, Status::Problem);
}

TEST_F(InstallationCheckTest, AFileOfAuthoritiesMustHoldSome) {
  sources_.flags.emplace_back("--ca-file", "/dev/null");
  EXPECT_EQ(result("outbound").status, Status::Problem);
}

}  // namespace
}  // namespace doorward::server
