// Each check of this room switched off in turn: some bad message must then be accepted, or nothing would
// notice if the check were lost. Signatures themselves cannot be switched off; xml/ tests those.

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "saml/protocol/cases.h"
#include "saml/protocol/require.h"

namespace doorward::saml::protocol {
namespace {

using namespace test;

using Switch = std::pair<Check, Finding>;

std::string describe(const Switch& which) {
  return std::string(name(which.first)) + " / " + std::string(code(which.second).name());
}

class SwitchTest : public testing::Test {
 protected:
  void TearDown() override { switched_off.reset(); }

  static std::vector<Case> load_all() {
    std::vector<Case> cases;
    for (const auto& name : case_names("bad"))
      cases.push_back(load_case("bad", name));
    return cases;
  }

  static bool is_accepted(const Case& given) {
    Report report;
    return verify_xml(given.xml, given.expectations, report).has_value();
  }
};

TEST_F(SwitchTest, EachCheckIsNeededBySomeBadMessage) {
  const auto cases = load_all();
  std::map<Switch, std::vector<const Case*>> by_failure;
  for (const Case& given : cases) {
    Report report;
    ASSERT_FALSE(verify_xml(given.xml, given.expectations, report)) << given.name;
    by_failure[{report.failure()->check, *report.failure()->finding}].push_back(&given);
  }
  ASSERT_GT(switchable().size(), 25U);
  for (const Switch& which : std::set(switchable())) {
    switched_off = SwitchedOff{which.first, which.second};
    bool accepted = false;
    for (const Case* given : by_failure[which])
      accepted = accepted || is_accepted(*given);
    switched_off.reset();
    EXPECT_TRUE(accepted) << "no bad message needs " << describe(which);
  }
}

TEST_F(SwitchTest, NothingIsAcceptedWhileAllChecksAreOn) {
  for (const Case& given : load_all())
    EXPECT_FALSE(is_accepted(given)) << given.name;
}

}  // namespace
}  // namespace doorward::saml::protocol
