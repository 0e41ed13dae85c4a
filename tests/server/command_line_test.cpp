#include "server/command_line.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "server/reply.h"

namespace doorward::server {
namespace {

// What the commands do is tested from outside, in e2e/cli_test.py.

TEST(Commands, HaveNamesAndSummariesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Command& command : commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_FALSE(command.summary.ends_with('.')) << command.name;
    EXPECT_TRUE(command.run) << command.name;
  }
}

TEST(Commands, GroupsAndCommandsOfOneWordDoNotMix) {
  std::map<std::string_view, bool> is_group;
  for (const Command& command : commands()) {
    const auto space = command.name.find(' ');
    const bool in_group = space != std::string_view::npos;
    const auto [known, added] = is_group.emplace(command.name.substr(0, space), in_group);
    EXPECT_TRUE(added || (known->second && in_group)) << command.name;
  }
}

// The command is looked for before its options are known, so within a group an option always means the same.
TEST(Commands, AnOptionTakesAValueEverywhereInItsGroupOrNowhere) {
  std::map<std::pair<std::string_view, std::string_view>, bool> is_switch;
  for (const Command& command : commands()) {
    std::vector<Option> options = command.options;
    const auto common = command.common_options();
    options.insert(options.end(), common.begin(), common.end());
    std::set<std::string_view> own;
    for (const Option& option : options) {
      EXPECT_TRUE(own.insert(option.name).second) << command.name << ' ' << option.name;
      EXPECT_FALSE(option.help.empty()) << option.name;
      const std::string_view group = command.name.substr(0, command.name.find(' '));
      const auto [known, added] = is_switch.emplace(std::pair(group, option.name), option.is_switch());
      EXPECT_EQ(known->second, option.is_switch()) << command.name << ' ' << option.name;
    }
  }
}

TEST(Commands, NeverTakeASecretAsAnArgument) {
  for (const Command& command : commands()) {
    for (const Option& option : command.options) {
      const bool secret = option.name.find("password") != std::string_view::npos ||
                          option.name.find("secret") != std::string_view::npos;
      EXPECT_TRUE(!secret || option.is_switch()) << option.name;
    }
  }
}

TEST(RunCommandLine, FailsWithTheDocumentedCodes) {
  EXPECT_EQ(run_command_line({"nonsense"}), exit_code::kInvalidInput);
  EXPECT_EQ(run_command_line({}), exit_code::kInvalidInput);
  EXPECT_EQ(run_command_line({"--version"}), exit_code::kDone);
}

}  // namespace
}  // namespace doorward::server
