#include "directory/provisioning_settings.h"

#include "directory/audit.h"
#include "directory/notices.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

class ProvisioningSettingsTest : public DirectoryTest {
 protected:
  ProvisioningSettings load(const Account& account) {
    return read([&](storage::Transaction& transaction) {
      return load_provisioning_settings(transaction, account.id);
    });
  }
  std::string refusal_to_update(const ProvisioningSettings& settings) {
    return refusal_of([&](storage::Transaction& transaction) {
      return update_provisioning_settings(transaction, account_.id, settings, kAdministrator, kNow);
    });
  }
  std::string refusal_to_declare(const CustomAttribute& attribute) {
    return refusal_of([&](storage::Transaction& transaction) {
      return declare_custom_attribute(transaction, account_.id, attribute, kAdministrator, kNow);
    });
  }
  std::string refusal_to_remove(const Account& account, std::string_view name) {
    return refusal_of([&](storage::Transaction& transaction) {
      return remove_custom_attribute(transaction, account.id, name, kAdministrator, kNow);
    });
  }
  std::vector<CustomAttribute> attributes(const Account& account) {
    return read(
        [&](storage::Transaction& transaction) { return list_custom_attributes(transaction, account.id); });
  }

  Account account_ = add_account("contoso");
};

TEST_F(ProvisioningSettingsTest, HoldForOneAccountUntilTheyAreChanged) {
  EXPECT_EQ(load(account_), ProvisioningSettings{});
  const ProvisioningSettings chosen{.departments = DepartmentSource::Create,
                                    .brake_count = 5,
                                    .brake_percent = 0,
                                    .log_days = 400,
                                    .log_personal_data = true};
  std::vector<Notice> notices;
  on_notice(*database_, [&](const Notice& notice) { notices.push_back(notice); });
  EXPECT_EQ(refusal_to_update(chosen), "");
  EXPECT_EQ(load(account_), chosen);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].account, account_.id);
  EXPECT_EQ(notices[0].employee, std::nullopt);
  EXPECT_EQ(refusal_to_update(chosen), "");
  EXPECT_EQ(notices.size(), 1u) << "nothing differed";
  EXPECT_EQ(refusal_to_update({}), "");
  EXPECT_EQ(load(account_), ProvisioningSettings{});
  EXPECT_EQ(load(add_account("fabrikam")), ProvisioningSettings{});
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE action = 'provisioning.settings_changed'"), 2);
}

TEST_F(ProvisioningSettingsTest, RefuseValuesOutOfRange) {
  EXPECT_EQ(refusal_to_update({.brake_count = 0}), "directory.value_out_of_range");
  EXPECT_EQ(refusal_to_update({.brake_count = 1'000'001}), "directory.value_out_of_range");
  EXPECT_EQ(refusal_to_update({.brake_percent = -1}), "directory.value_out_of_range");
  EXPECT_EQ(refusal_to_update({.brake_percent = 101}), "directory.value_out_of_range");
  EXPECT_EQ(refusal_to_update({.log_days = 0}), "directory.value_out_of_range");
  EXPECT_EQ(refusal_to_update({.log_days = 401}), "directory.value_out_of_range");
  EXPECT_EQ(refusal_to_update({.brake_count = 1, .brake_percent = 100, .log_days = 1}), "");
}

TEST_F(ProvisioningSettingsTest, AttributesAreListedInTheOrderOfDeclaration) {
  const CustomAttribute desk{.name = "deskNumber", .type = "integer", .description = "Where they sit"};
  const CustomAttribute badge{.name = "badge-id_2$", .multi_valued = true};
  EXPECT_EQ(refusal_to_declare(desk), "");
  EXPECT_EQ(refusal_to_declare(badge), "");
  EXPECT_EQ(attributes(account_), (std::vector<CustomAttribute>{desk, badge}));
  const Account other = add_account("fabrikam");
  EXPECT_TRUE(attributes(other).empty());
  EXPECT_EQ(refusal_to_remove(other, "deskNumber"), "directory.no_attribute");
  EXPECT_EQ(refusal_to_remove(account_, "DESKNUMBER"), "");
  EXPECT_EQ(refusal_to_remove(account_, "deskNumber"), "directory.no_attribute");
  EXPECT_EQ(attributes(account_), std::vector<CustomAttribute>{badge});
}

TEST_F(ProvisioningSettingsTest, RefuseAttributesThatScimCouldNotName) {
  for (const char* name : {"", "1st", "-a", "a b", "a.b", "a:b", "ä", "$ref"})
    EXPECT_EQ(refusal_to_declare({.name = name}), "directory.bad_attribute_name") << name;
  EXPECT_EQ(refusal_to_declare({.name = std::string(101, 'a')}), "directory.bad_attribute_name");
  EXPECT_EQ(refusal_to_declare({.name = "a", .type = "complex"}), "directory.bad_attribute_type");
  EXPECT_EQ(refusal_to_declare({.name = "a", .description = "\xff"}), "directory.value_not_text");
  EXPECT_EQ(refusal_to_declare({.name = "badge"}), "");
  EXPECT_EQ(refusal_to_declare({.name = "BADGE"}), "directory.attribute_exists");
}

TEST_F(ProvisioningSettingsTest, LimitTheNumberOfAttributes) {
  for (int i = 0; i < kMaxCustomAttributes; ++i)
    ASSERT_EQ(refusal_to_declare({.name = "a" + std::to_string(i)}), "");
  EXPECT_EQ(refusal_to_declare({.name = "b"}), "directory.too_many_attributes");
  EXPECT_EQ(refusal_to_remove(account_, "a7"), "");
  EXPECT_EQ(refusal_to_declare({.name = "b"}), "");
}

}  // namespace
}  // namespace doorward::directory
