#include "console/employees_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/departments.h"
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

  std::string add_department(const directory::Account& account, std::string name) {
    return write([&](storage::Transaction& transaction) {
             return directory::create_department(
                 transaction, {.account = account.id, .name = std::move(name)}, kDirectory, kNow);
           })
        .public_id;
  }
  std::string department_of(const std::string& employee) {
    const auto shown = sent(employees_, &EmployeesApi::employee, {.name = employee});
    return std::string(shown.at("department").at("id").as_string());
  }

  EmployeesApi employees_{{*database_, clock_, sessions_}};
};

TEST_F(EmployeesApiTest, IsForAdministrators) {
  expect_for_administrators_only(employees_,
                                 {&EmployeesApi::employee, &EmployeesApi::deactivate, &EmployeesApi::activate,
                                  &EmployeesApi::grant_administrator, &EmployeesApi::revoke_administrator,
                                  &EmployeesApi::create, &EmployeesApi::edit});
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
  for (const auto handler :
       {&EmployeesApi::employee, &EmployeesApi::deactivate, &EmployeesApi::activate,
        &EmployeesApi::grant_administrator, &EmployeesApi::revoke_administrator, &EmployeesApi::edit}) {
    const std::string body = R"({"userName":"mallory"})";
    EXPECT_EQ(refused(employees_, handler, {.name = ben(), .body = body, .from = &other}),
              "directory.no_employee");
    EXPECT_EQ(refused(employees_, handler, {.name = "nothing", .body = body}), "directory.no_employee");
  }
  EXPECT_TRUE(reload(contoso_.employee).active);
  EXPECT_FALSE(reload(contoso_.employee).administrator);
  EXPECT_EQ(reload(contoso_.employee).profile, contoso_.employee.profile);
}

TEST_F(EmployeesApiTest, AddsAnEmployee) {
  const std::string sales = add_department(contoso_.account, "Sales");
  const auto response = must(send(
      employees_, &EmployeesApi::create,
      {.body = R"({"userName":"eve","email":" eve@contoso.example ","givenName":"Eve","familyName":"Moreau",)"
               R"("displayName":"","department":")" +
               sales + "\"}"}));
  EXPECT_EQ(response.status, http::Status::Created);
  const auto made = must(json::parse(response.body));
  EXPECT_THAT(std::string(made.at("note").as_string()), HasSubstr("no password"));
  const std::string id(made.at("employee").at("id").as_string());
  const auto shown = sent(employees_, &EmployeesApi::employee, {.name = id});
  EXPECT_EQ(shown.at("userName").as_string(), "eve");
  EXPECT_EQ(shown.at("email").as_string(), "eve@contoso.example");
  EXPECT_EQ(shown.at("displayName").as_string(), "Eve Moreau");
  EXPECT_EQ(shown.at("ownDisplayName").as_string(), "");
  EXPECT_EQ(shown.at("origin").as_string(), "manual");
  EXPECT_TRUE(shown.at("active").as_bool());
  EXPECT_FALSE(shown.at("administrator").as_bool());
  EXPECT_FALSE(shown.at("hasPassword").as_bool());
  EXPECT_EQ(shown.at("department").at("id").as_string(), sales);
}

TEST_F(EmployeesApiTest, TakesTheAddressForTheUserName) {
  const auto made = sent(employees_, &EmployeesApi::create,
                         {.body = R"({"email":"eve@contoso.example","department":null})"});
  EXPECT_EQ(made.at("employee").at("userName").as_string(), "eve@contoso.example");
  const auto without_address = sent(employees_, &EmployeesApi::create, {.body = R"({"userName":"kiosk"})"});
  EXPECT_EQ(without_address.at("employee").at("email").as_string(), "");
}

TEST_F(EmployeesApiTest, RefusesWhatIsNoEmployee) {
  const std::string foreign = add_department(fabrikam_.account, "Sales");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"userName":"BEN@contoso.example"})", "directory.user_name_taken"},
      {R"({"email":"ben@contoso.example"})", "directory.user_name_taken"},
      {R"({})", "api.no_user_name"},
      {R"({"userName":"  ","givenName":"Eve"})", "api.no_user_name"},
      {R"({"email":"eve"})", "api.bad_email"},
      {R"({"email":"@contoso.example"})", "api.bad_email"},
      {R"({"email":"eve moreau@contoso.example"})", "api.bad_email"},
      {R"({"email":"eve@ben@contoso.example"})", "api.bad_email"},
      {R"({"email":"Eve <eve@contoso.example"})", "api.bad_email"},
      {R"({"userName":"eve","emial":"eve@contoso.example"})", "api.bad_body"},
      {R"({"userName":"eve","administrator":true})", "api.bad_body"},
      {R"({"userName":7})", "json.wrong_type"},
      {R"({"userName":"eve","email":["eve@contoso.example"]})", "json.wrong_type"},
      {R"({"userName":"eve","department":true})", "json.wrong_type"},
      {R"({"userName":"eve","department":"nowhere"})", "api.no_department"},
      {R"({"userName":"eve","department":")" + foreign + "\"}", "api.no_department"},
      {R"(["eve"])", "api.bad_body"},
  };
  for (const auto& [body, code] : cases) {
    EXPECT_EQ(refused(employees_, &EmployeesApi::create, {.body = body}), code) << body;
    // Ben keeps the name that is his.
    if (code == "directory.user_name_taken") continue;
    EXPECT_EQ(refused(employees_, &EmployeesApi::edit, {.name = ben(), .body = body}), code) << body;
  }
  EXPECT_NE(refused(employees_, &EmployeesApi::create,
                    {.body = R"({"userName":")" + std::string(2000, 'a') + "\"}"}),
            "");
  const auto taken =
      send(employees_, &EmployeesApi::create, {.body = R"({"userName":"ben@contoso.example"})"});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, ErrorKind::Conflict);
}

TEST_F(EmployeesApiTest, EditsAnEmployee) {
  const std::string sales = add_department(contoso_.account, "Sales");
  const auto edited =
      sent(employees_, &EmployeesApi::edit,
           {.name = ben(),
            .body = R"({"userName":"ben","email":"benno@contoso.example","displayName":"Benno",)"
                    R"("department":")" +
                    sales + "\"}"});
  EXPECT_EQ(edited.at("note").as_string(), "Saved.");
  EXPECT_EQ(edited.at("employee").at("displayName").as_string(), "Benno");
  EXPECT_EQ(reload(contoso_.employee).profile.email, "benno@contoso.example");
  EXPECT_EQ(department_of(ben()), sales);
  sent(employees_, &EmployeesApi::edit, {.name = ben(), .body = R"({"userName":"ben","department":null})"});
  EXPECT_EQ(reload(contoso_.employee).profile.display_name, "");
  EXPECT_EQ(department_of(ben()), sales);
}

TEST_F(EmployeesApiTest, DoesNotOverwriteWhatTheDirectoryChangedMeanwhile) {
  const auto shown = sent(employees_, &EmployeesApi::employee, {.name = ben()});
  const std::string version(shown.at("version").as_string());
  const auto body = [](std::string_view given_name, std::string_view known) {
    return json::serialize(json::Object{
        {"userName", "ben@contoso.example"}, {"email", ""}, {"givenName", given_name}, {"version", known}});
  };
  directory::Profile changed = contoso_.employee.profile;
  changed.email = "benno@contoso.example";
  write([&](storage::Transaction& transaction) {
    return directory::update_profile(transaction, contoso_.account.id, contoso_.employee.id, changed,
                                     kDirectory, kNow);
  });
  const Message stale{.name = ben(), .body = body("Ben", version)};
  EXPECT_EQ(refused(employees_, &EmployeesApi::edit, stale), "api.changed_meanwhile");
  EXPECT_EQ(send(employees_, &EmployeesApi::edit, stale).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(reload(contoso_.employee).profile, changed);
  for (const std::string_view wrong : {"", "1", "*"}) {
    EXPECT_EQ(refused(employees_, &EmployeesApi::edit, {.name = ben(), .body = body("Ben", wrong)}),
              "api.changed_meanwhile");
  }

  const auto now = sent(employees_, &EmployeesApi::employee, {.name = ben()});
  sent(employees_, &EmployeesApi::edit,
       {.name = ben(), .body = body("Ben", std::string(now.at("version").as_string()))});
  EXPECT_EQ(reload(contoso_.employee).profile.given_name, "Ben");
}

TEST_F(EmployeesApiTest, AVersionIsOfWhatCanBeEditedAndOfNothingElse) {
  const auto version = [&] {
    return std::string(sent(employees_, &EmployeesApi::employee, {.name = ben()}).at("version").as_string());
  };
  const std::string before = version();
  sent(employees_, &EmployeesApi::deactivate, {.name = ben()});
  sent(employees_, &EmployeesApi::activate, {.name = ben()});
  EXPECT_EQ(version(), before);
  const std::string sales = add_department(contoso_.account, "Sales");
  sent(employees_, &EmployeesApi::edit,
       {.name = ben(), .body = R"({"userName":"ben@contoso.example","department":")" + sales + "\"}"});
  EXPECT_NE(version(), before);
}

TEST_F(EmployeesApiTest, LeavesWhoseDeletionIsHeldAlone) {
  const auto gone = write([&](storage::Transaction& transaction) -> Result<directory::Employee> {
    const directory::ProvisioningSettings settings{.brake_count = 0, .brake_percent = 0};
    ASSIGN_OR_RETURN(
        const auto joined,
        directory::provision_employee(transaction, contoso_.account, settings,
                                      {.profile = {.user_name = "eve@contoso.example"}}, kDirectory, kNow));
    RETURN_IF_ERROR(directory::remove_provisioned(transaction, contoso_.account, settings, joined.employee,
                                                  kDirectory, kNow));
    return joined.employee.employee;
  });
  EXPECT_TRUE(
      sent(employees_, &EmployeesApi::employee, {.name = gone.public_id}).at("deletionHeld").as_bool());
  EXPECT_EQ(refused(employees_, &EmployeesApi::edit,
                    {.name = gone.public_id, .body = R"({"userName":"somebody.else"})"}),
            "api.deletion_held");
  EXPECT_EQ(refused(employees_, &EmployeesApi::grant_administrator, {.name = gone.public_id}),
            "directory.inactive_administrator");
  EXPECT_EQ(reload(gone).profile, gone.profile);
}

TEST_F(EmployeesApiTest, EditsAllOrNothing) {
  const std::string sales = add_department(contoso_.account, "Sales");
  EXPECT_EQ(
      refused(employees_, &EmployeesApi::edit,
              {.name = ben(), .body = R"({"userName":"ada@contoso.example","department":")" + sales + "\"}"}),
      "directory.user_name_taken");
  EXPECT_EQ(refused(employees_, &EmployeesApi::edit,
                    {.name = ben(), .body = R"({"userName":"benno","department":"nowhere"})"}),
            "api.no_department");
  EXPECT_EQ(reload(contoso_.employee).profile, contoso_.employee.profile);
  EXPECT_NE(department_of(ben()), sales);
}

TEST_F(EmployeesApiTest, SaysWhoIsLockedOutByTheirAddress) {
  add_connection(contoso_.account, "https://idp.example/contoso");
  add_domain(contoso_.account, "contoso.example");
  write([&](storage::Transaction& transaction) {
    return directory::enforce_sso(transaction, contoso_.account.id, "test", kSupport, kNow);
  });
  const auto note = [&](HandlerOf<EmployeesApi> handler, const std::string& body) {
    return std::string(sent(employees_, handler, {.name = ben(), .body = body}).at("note").as_string());
  };
  EXPECT_EQ(note(&EmployeesApi::edit, R"({"userName":"ben","email":"ben@contoso.example"})"), "Saved.");
  EXPECT_THAT(note(&EmployeesApi::edit, R"({"userName":"ben","email":"ben@home.example"})"),
              HasSubstr("cannot sign in"));
  EXPECT_THAT(note(&EmployeesApi::edit, R"({"userName":"ben"})"), HasSubstr("cannot sign in"));
  EXPECT_THAT(note(&EmployeesApi::create, R"({"email":"eve@home.example"})"), HasSubstr("cannot sign in"));
}

TEST_F(EmployeesApiTest, KeepsWhatTheDirectoryKnows) {
  const auto made = write([&](storage::Transaction& transaction) -> Result<directory::Employee> {
    const directory::EmployeeRecord record{.profile = {.user_name = "eve@contoso.example",
                                                       .email = "\"eve m\"@contoso.example",
                                                       .locale = "de-DE",
                                                       .object_id = "object-1",
                                                       .external_id = "external-1"}};
    ASSIGN_OR_RETURN(const auto joined, directory::provision_employee(transaction, contoso_.account, {},
                                                                      record, kDirectory, kNow));
    return joined.employee.employee;
  });
  const auto edited = sent(
      employees_, &EmployeesApi::edit,
      {.name = made.public_id,
       .body =
           R"({"userName":"eve@contoso.example","email":"\"eve m\"@contoso.example","givenName":"Eve"})"});
  EXPECT_THAT(std::string(edited.at("note").as_string()), HasSubstr("overwrites"));
  directory::Profile expected = made.profile;
  expected.given_name = "Eve";
  EXPECT_EQ(reload(made).profile, expected);
}

}  // namespace
}  // namespace doorward::console
