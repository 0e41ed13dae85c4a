#include "console/employees_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/groups.h"
#include "directory/provisioning.h"
#include "directory/provisioning_log.h"

namespace doorward::console {
namespace {

using testing::HasSubstr;

class EmployeesApiTest : public ConsoleTest {
 protected:
  const std::string& ben() const { return contoso_.employee.public_id; }
  const std::string& ada() const { return contoso_.administrator.public_id; }

  EmployeesApi employees_{{*database_, clock_, sessions_}};
};

TEST_F(EmployeesApiTest, IsForAdministrators) {
  expect_for_administrators_only(employees_,
                                 {&EmployeesApi::employee, &EmployeesApi::deactivate, &EmployeesApi::activate,
                                  &EmployeesApi::grant_administrator, &EmployeesApi::revoke_administrator});
  EXPECT_TRUE(reload(contoso_.administrator).active);
}

TEST_F(EmployeesApiTest, ShowsOneEmployee) {
  const auto made = write([&](storage::Transaction& transaction) -> Result<directory::Employee> {
    directory::EmployeeRecord record{.profile = {.user_name = "eve@contoso.example"}};
    record.attributes =
        R"({"title":"Clerk","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":")" +
        ada() + "\"}}}";
    ASSIGN_OR_RETURN(const auto joined, directory::provision_employee(transaction, contoso_.account, {},
                                                                      record, kDirectory, kNow));
    const directory::Employee& employee = joined.employee.employee;
    ASSIGN_OR_RETURN(
        const auto group,
        directory::create_group(transaction, {.account = employee.account, .display_name = "Sales"},
                                kDirectory, kNow));
    RETURN_IF_ERROR(directory::add_members(transaction, employee.account, group.id,
                                           std::array{employee.public_id}, kDirectory, kNow));
    directory::NewProvisioningEntry entry;
    entry.at = kNow;
    entry.summary = "Entra made Eve";
    entry.subject = employee.public_id;
    RETURN_IF_ERROR(directory::record_provisioning(transaction, employee.account, std::array{entry}));
    return employee;
  });
  const auto shown = sent(employees_, &EmployeesApi::employee, {.name = made.public_id});
  EXPECT_EQ(shown.at("attributes").at("title").as_string(), "Clerk");
  EXPECT_EQ(shown.at("manager").at("name").as_string(), "ada@contoso.example");
  EXPECT_EQ(shown.at("groups").at(0).at("displayName").as_string(), "Sales");
  EXPECT_EQ(shown.at("log").at(0).at("summary").as_string(), "Entra made Eve");
  EXPECT_EQ(shown.at("provisionedAt").as_string(), format_rfc3339(kNow));
  EXPECT_EQ(shown.at("origin").as_string(), "directory");
  EXPECT_TRUE(shown.at("department").at("isDefault").as_bool());
  EXPECT_FALSE(shown.at("deletionHeld").as_bool());
}

TEST_F(EmployeesApiTest, ShowsSomebodyManagedByHand) {
  const auto shown = sent(employees_, &EmployeesApi::employee, {.name = ben()});
  EXPECT_TRUE(shown.at("provisionedAt").is_null());
  EXPECT_TRUE(shown.at("manager").is_null());
  EXPECT_TRUE(shown.at("attributes").as_object().empty());
}

TEST_F(EmployeesApiTest, DeactivatesAndActivates) {
  sent(employees_, &EmployeesApi::grant_administrator, {.name = ben()});
  EXPECT_TRUE(reload(contoso_.employee).administrator);
  const auto off = sent(employees_, &EmployeesApi::deactivate, {.name = ben()});
  EXPECT_FALSE(off.at("employee").at("active").as_bool());
  EXPECT_EQ(must(sessions_.who(employee_)), nullptr);
  EXPECT_EQ(refused(employees_, &EmployeesApi::grant_administrator, {.name = ben()}),
            "directory.inactive_administrator");
  const auto on = sent(employees_, &EmployeesApi::activate, {.name = ben()});
  EXPECT_TRUE(on.at("employee").at("active").as_bool());
  EXPECT_FALSE(on.at("employee").at("administrator").as_bool());
  EXPECT_THAT(std::string(on.at("note").as_string()), HasSubstr("granted them again"));
}

TEST_F(EmployeesApiTest, ProtectsTheLastAdministrator) {
  EXPECT_EQ(refused(employees_, &EmployeesApi::deactivate, {.name = ada()}), "directory.last_administrator");
  EXPECT_EQ(refused(employees_, &EmployeesApi::revoke_administrator, {.name = ada()}),
            "directory.last_administrator");
  sent(employees_, &EmployeesApi::grant_administrator, {.name = ben()});
  sent(employees_, &EmployeesApi::revoke_administrator, {.name = ada()});
  EXPECT_FALSE(reload(contoso_.administrator).administrator);
}

TEST_F(EmployeesApiTest, KnowsOwnEmployeesOnly) {
  const auto other = request_of(fabrikam_.account, fabrikam_.administrator);
  for (const auto handler : {&EmployeesApi::employee, &EmployeesApi::deactivate, &EmployeesApi::activate,
                             &EmployeesApi::grant_administrator, &EmployeesApi::revoke_administrator}) {
    EXPECT_EQ(refused(employees_, handler, {.name = ben(), .from = &other}), "directory.no_employee");
    EXPECT_EQ(refused(employees_, handler, {.name = "nothing"}), "directory.no_employee");
  }
  EXPECT_TRUE(reload(contoso_.employee).active);
  EXPECT_FALSE(reload(contoso_.employee).administrator);
}

}  // namespace
}  // namespace doorward::console
