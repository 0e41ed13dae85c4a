#include "console/departments_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/departments.h"

namespace doorward::console {
namespace {

using testing::ElementsAre;

class DepartmentsApiTest : public ConsoleTest {
 protected:
  std::string add(const std::string& name, const std::string& parent = {}) {
    json::Object body{{"name", name}};
    if (!parent.empty()) body["parent"] = parent;
    const auto made = sent(departments_, &DepartmentsApi::create, {.body = json::serialize(body)});
    return std::string(made.at("department").at("id").as_string());
  }
  void put_into(const std::string& department, const std::string& user_name) {
    write([&](storage::Transaction& transaction) -> Result<directory::Employee> {
      ASSIGN_OR_RETURN(const auto found,
                       directory::find_department(transaction, contoso_.account.id, department));
      return directory::create_employee(
          transaction,
          {.account = contoso_.account.id, .profile = {.user_name = user_name}, .department = found->id},
          kSupport, kNow);
    });
  }
  /// As `name < parent: employees`, the default one with an asterisk.
  std::vector<std::string> tree(const http::Request* from = nullptr) {
    const auto answer = sent(departments_, &DepartmentsApi::departments, {.from = from});
    const auto& list = answer.at("departments").as_array();
    std::vector<std::string> lines;
    for (const auto& each : list) {
      std::string line(each.at("name").as_string());
      if (each.at("default").as_bool()) line += '*';
      if (!each.at("parent").is_null()) {
        const auto parent = std::ranges::find_if(
            list, [&](const auto& other) { return other.at("id") == each.at("parent"); });
        line += " < " + std::string(parent->at("name").as_string());
      }
      lines.push_back(line + ": " + std::to_string(each.at("employees").as_int64()));
    }
    return lines;
  }
  std::string standard_name() {
    return read([&](storage::Transaction& transaction) {
             return directory::default_department(transaction, contoso_.account.id);
           })
        .name;
  }

  DepartmentsApi departments_{{*database_, clock_, sessions_}};
};

TEST_F(DepartmentsApiTest, IsForAdministrators) {
  expect_for_administrators_only(
      departments_, {&DepartmentsApi::departments, &DepartmentsApi::create, &DepartmentsApi::change,
                     &DepartmentsApi::remove, &DepartmentsApi::make_default});
}

TEST_F(DepartmentsApiTest, ShowsTheTreeWithItsPeople) {
  const std::string sales = add(" Sales ");
  const std::string north = add("North", sales);
  put_into(north, "nora");
  add("Zebra");
  EXPECT_THAT(tree(), ElementsAre(standard_name() + "*: 2", "North < Sales: 1", "Sales: 0", "Zebra: 0"));
  const auto other = request_of(fabrikam_.account, fabrikam_.administrator);
  EXPECT_EQ(tree(&other).size(), 1u);
}

TEST_F(DepartmentsApiTest, RenamesAndMoves) {
  const std::string sales = add("Sales");
  const std::string north = add("North", sales);
  const auto changed = sent(departments_, &DepartmentsApi::change,
                            {.name = north, .body = R"({"name":"Nord","parent":null})"});
  EXPECT_EQ(changed.at("department").at("name").as_string(), "Nord");
  EXPECT_TRUE(changed.at("department").at("parent").is_null());
  EXPECT_EQ(refused(departments_, &DepartmentsApi::change,
                    {.name = sales, .body = R"({"name":"Sales","parent":")" + sales + "\"}"}),
            "directory.department_below_itself");
  sent(departments_, &DepartmentsApi::change,
       {.name = north, .body = R"({"name":"Nord","parent":")" + sales + "\"}"});
  EXPECT_THAT(tree(), ElementsAre(standard_name() + "*: 2", "Nord < Sales: 0", "Sales: 0"));
}

TEST_F(DepartmentsApiTest, ARenameDoesNotMoveBackWhatSomebodyMovedMeanwhile) {
  const std::string sales = add("Sales");
  const std::string north = add("North");
  const auto list = sent(departments_, &DepartmentsApi::departments);
  std::string version;
  for (const auto& each : list.at("departments").as_array()) {
    if (each.at("id").as_string() == north) version = each.at("version").as_string();
  }
  sent(departments_, &DepartmentsApi::change,
       {.name = north,
        .body = R"({"name":"North","parent":")" + sales + R"(","version":")" + version + "\"}"});
  EXPECT_EQ(refused(departments_, &DepartmentsApi::change,
                    {.name = north, .body = R"({"name":"Nord","parent":null,"version":")" + version + "\"}"}),
            "api.changed_meanwhile");
  EXPECT_THAT(tree(), ElementsAre(standard_name() + "*: 2", "North < Sales: 0", "Sales: 0"));
}

TEST_F(DepartmentsApiTest, MakesTheDefault) {
  const std::string before = standard_name();
  const std::string sales = add("Sales");
  const auto made = sent(departments_, &DepartmentsApi::make_default, {.name = sales});
  EXPECT_TRUE(made.at("department").at("default").as_bool());
  EXPECT_THAT(tree(), ElementsAre(before + ": 2", "Sales*: 0"));
  EXPECT_EQ(refused(departments_, &DepartmentsApi::remove, {.name = sales}), "directory.default_department");
}

TEST_F(DepartmentsApiTest, DeletesAndSaysWhereThePeopleAre) {
  const std::string sales = add("Sales");
  const std::string north = add("North", sales);
  put_into(north, "nora");
  EXPECT_EQ(refused(departments_, &DepartmentsApi::remove, {.name = sales}),
            "directory.department_has_children");
  const auto gone = sent(departments_, &DepartmentsApi::remove, {.name = north});
  EXPECT_EQ(gone.at("employees").as_int64(), 1);
  EXPECT_EQ(gone.at("groups").as_int64(), 0);
  EXPECT_EQ(gone.at("movedTo").at("name").as_string(), standard_name());
  EXPECT_EQ(refused(departments_, &DepartmentsApi::remove, {.name = north}), "directory.no_department");
}

TEST_F(DepartmentsApiTest, RefusesWhatIsNoDepartment) {
  const auto other = request_of(fabrikam_.account, fabrikam_.administrator);
  const auto theirs =
      sent(departments_, &DepartmentsApi::create, {.body = R"({"name":"Theirs"})", .from = &other});
  const std::string foreign(theirs.at("department").at("id").as_string());
  const std::string sales = add("Sales");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"name":"","parent":null})", "directory.value_missing"},
      {R"({"name":"  ","parent":null})", "directory.value_missing"},
      {R"({"parent":null})", "json.missing"},
      {R"({"name":7,"parent":null})", "json.wrong_type"},
      {R"({"name":"x","parent":7})", "json.wrong_type"},
      {R"({"name":"x","parent":"nowhere"})", "api.no_department"},
      {R"({"name":"x","parent":")" + foreign + "\"}", "api.no_department"},
      {R"({"name":"x","parent":null,"default":true})", "api.bad_body"},
      {R"([])", "api.bad_body"},
  };
  for (const auto& [body, code] : cases) {
    EXPECT_EQ(refused(departments_, &DepartmentsApi::create, {.body = body}), code) << body;
    EXPECT_EQ(refused(departments_, &DepartmentsApi::change, {.name = sales, .body = body}), code) << body;
  }
  EXPECT_NE(refused(departments_, &DepartmentsApi::create,
                    {.body = R"({"name":")" + std::string(2000, 'a') + "\"}"}),
            "");
  // Without a word about the place it stays where it is.
  EXPECT_EQ(refused(departments_, &DepartmentsApi::change, {.name = sales, .body = R"({"name":"x"})"}),
            "api.bad_body");
  EXPECT_EQ(refused(departments_, &DepartmentsApi::create, {.body = R"({"name":"SALES"})"}),
            "directory.department_exists");
  for (const auto handler :
       {&DepartmentsApi::change, &DepartmentsApi::remove, &DepartmentsApi::make_default}) {
    EXPECT_EQ(refused(departments_, handler, {.name = foreign, .body = R"({"name":"Ours","parent":null})"}),
              "directory.no_department");
  }
  EXPECT_THAT(tree(&other), testing::Contains("Theirs: 0"));
}

}  // namespace
}  // namespace doorward::console
