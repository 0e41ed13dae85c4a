#include "console/groups_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/departments.h"
#include "directory/groups.h"

namespace doorward::console {
namespace {

using testing::ElementsAre;

class GroupsApiTest : public ConsoleTest {
 protected:
  directory::Group add_group(const directory::Account& account, std::string name,
                             std::vector<std::string> members = {}) {
    return write([&](storage::Transaction& transaction) -> Result<directory::Group> {
      ASSIGN_OR_RETURN(auto group,
                       directory::create_group(transaction, {.account = account.id, .display_name = name},
                                               kDirectory, kNow));
      RETURN_IF_ERROR(directory::add_members(transaction, account.id, group.id, members, kDirectory, kNow));
      return group;
    });
  }
  std::string add_department(std::string name) {
    return write([&](storage::Transaction& transaction) {
             return directory::create_department(
                 transaction, {.account = contoso_.account.id, .name = std::move(name)}, kSupport, kNow);
           })
        .public_id;
  }
  std::vector<std::string> names(const std::string& query = {}) {
    std::vector<std::string> found;
    const auto answer = sent(groups_, &GroupsApi::groups, {.query = query});
    for (const auto& group : answer.at("groups").as_array())
      found.emplace_back(group.at("displayName").as_string());
    return found;
  }

  GroupsApi groups_{{*database_, clock_, sessions_}};
};

TEST_F(GroupsApiTest, IsForAdministrators) {
  expect_for_administrators_only(
      groups_, {&GroupsApi::groups, &GroupsApi::group, &GroupsApi::mapping_effect, &GroupsApi::map});
}

TEST_F(GroupsApiTest, ListsSearchesAndPages) {
  for (const char* name : {"Sales", "Support", "Sales Überall"})
    add_group(contoso_.account, name);
  add_group(fabrikam_.account, "Sales of Fabrikam");
  EXPECT_THAT(names(), ElementsAre("Sales", "Support", "Sales Überall"));
  EXPECT_THAT(names("search=sales"), ElementsAre("Sales", "Sales Überall"));
  EXPECT_THAT(names("search=%C3%BCBERALL"), ElementsAre("Sales Überall"));
  const auto page = sent(groups_, &GroupsApi::groups, {.query = "limit=1&search=sales"});
  EXPECT_THAT(names("search=sales&after=" + std::to_string(page.at("next").as_int64())),
              ElementsAre("Sales Überall"));
}

TEST_F(GroupsApiTest, ShowsMembers) {
  const auto group =
      add_group(contoso_.account, "All", {contoso_.administrator.public_id, contoso_.employee.public_id});
  const auto page = sent(groups_, &GroupsApi::group, {.name = group.public_id, .query = "limit=1"});
  EXPECT_EQ(page.at("group").at("members").as_int64(), 2);
  EXPECT_EQ(page.at("members").at(0).at("userName").as_string(), "ada@contoso.example");
  EXPECT_TRUE(page.at("members").at(0).at("administrator").as_bool());
  const auto rest =
      sent(groups_, &GroupsApi::group,
           {.name = group.public_id, .query = "after=" + std::to_string(page.at("next").as_int64())});
  EXPECT_EQ(rest.at("members").at(0).at("userName").as_string(), "ben@contoso.example");
  EXPECT_TRUE(rest.at("next").is_null());
}

TEST_F(GroupsApiTest, SaysWhatAMappingWouldDoAndDoesIt) {
  const auto group =
      add_group(contoso_.account, "All", {contoso_.administrator.public_id, contoso_.employee.public_id});
  const std::string sales = add_department("Sales");
  const auto effect = sent(groups_, &GroupsApi::mapping_effect,
                           {.name = group.public_id, .query = "administrator=true&department=" + sales});
  EXPECT_EQ(effect.at("getRights").as_int64(), 1);
  EXPECT_EQ(effect.at("move").as_int64(), 2);
  EXPECT_FALSE(reload(contoso_.employee).administrator);

  const auto mapped =
      sent(groups_, &GroupsApi::map,
           {.name = group.public_id, .body = R"({"administrator":true,"department":")" + sales + "\"}"});
  EXPECT_TRUE(mapped.at("group").at("administrator").as_bool());
  EXPECT_EQ(mapped.at("group").at("department").at("name").as_string(), "Sales");
  EXPECT_TRUE(reload(contoso_.employee).administrator);

  const auto back = sent(groups_, &GroupsApi::mapping_effect, {.name = group.public_id});
  EXPECT_EQ(back.at("loseRights").as_int64(), 1);
  EXPECT_FALSE(back.at("youLoseRights").as_bool());
  const auto ben = request_of(contoso_.account, contoso_.employee);
  EXPECT_TRUE(sent(groups_, &GroupsApi::mapping_effect, {.name = group.public_id, .from = &ben})
                  .at("youLoseRights")
                  .as_bool());
  sent(groups_, &GroupsApi::map,
       {.name = group.public_id, .body = R"({"administrator":false,"department":null})"});
  EXPECT_FALSE(reload(contoso_.employee).administrator);
}

TEST_F(GroupsApiTest, RefusesMappingsThatMakeNoSense) {
  const auto group = add_group(contoso_.account, "All");
  for (const char* body : {"{}", R"({"administrator":"yes"})", R"({"administrator":true,"department":7})",
                           R"({"administrator":true,"department":"nothing"})"})
    EXPECT_NE(refused(groups_, &GroupsApi::map, {.name = group.public_id, .body = body}), "") << body;
  const auto other = request_of(fabrikam_.account, fabrikam_.administrator);
  for (const auto handler : {&GroupsApi::group, &GroupsApi::mapping_effect, &GroupsApi::map}) {
    EXPECT_EQ(refused(groups_, handler,
                      {.name = group.public_id, .body = R"({"administrator":true})", .from = &other}),
              "directory.no_group");
  }
}

}  // namespace
}  // namespace doorward::console
