#include "directory/group_effects.h"

#include <gtest/gtest.h>

#include "directory/departments.h"
#include "directory/directory_test.h"

namespace doorward::directory {
namespace {

class GroupEffectsTest : public DirectoryTest {
 protected:
  Group add_group(std::string name, const std::vector<Employee>& members) {
    std::vector<std::string> ids;
    for (const Employee& member : members)
      ids.push_back(member.public_id);
    return write([&](storage::Transaction& transaction) -> Result<Group> {
      ASSIGN_OR_RETURN(auto group,
                       create_group(transaction, {.account = account_.id, .display_name = std::move(name)},
                                    kDirectory, kNow));
      RETURN_IF_ERROR(add_members(transaction, account_.id, group.id, ids, kDirectory, kNow));
      return group;
    });
  }
  void map(const Group& group, const GroupMapping& mapping) {
    write([&](storage::Transaction& transaction) {
      return map_group(transaction, account_.id, group.id, mapping, kAdministrator, kNow);
    });
  }
  MappingEffect effect(const Group& group, const GroupMapping& mapping) {
    return read([&](storage::Transaction& transaction) -> Result<MappingEffect> {
      ASSIGN_OR_RETURN(const auto current, find_group(transaction, account_.id, group.public_id));
      return effect_of_mapping(transaction, account_.id, *current, mapping);
    });
  }
  Employee add_administrator(std::string_view name) {
    return add_employee(
        {.account = account_.id, .profile = {.user_name = std::string(name)}, .administrator = true});
  }

  Account account_ = add_account("contoso");
  Employee boss_ = add_administrator("boss@contoso.example");
  Employee ada_ = add_employee(account_, "ada@contoso.example");
  Employee ben_ = add_employee(account_, "ben@contoso.example");
  Department sales_ = write([&](storage::Transaction& transaction) {
    return create_department(transaction, {.account = account_.id, .name = "Sales"}, kSupport, kNow);
  });
};

TEST_F(GroupEffectsTest, CountsWhoGetsRights) {
  write([&](storage::Transaction& transaction) {
    return deactivate_employee(transaction, account_.id, ben_.id, LastAdministrator::Protect, kSupport, kNow);
  });
  const Group group = add_group("Administrators", {boss_, ada_, ben_});
  EXPECT_EQ(read([&](storage::Transaction& transaction) {
              return count_members(transaction, account_.id, group.id);
            }),
            3);
  // One has the rights already, and one is inactive.
  EXPECT_EQ(effect(group, {.grants_administrator = true}).get_rights, 1);
  map(group, {.grants_administrator = true});
  EXPECT_EQ(effect(group, {.grants_administrator = true}).get_rights, 0);
  EXPECT_TRUE(reload(ada_).administrator);
}

TEST_F(GroupEffectsTest, CountsWhoLosesRights) {
  const Group first = add_group("First", {boss_, ada_, ben_});
  const Group second = add_group("Second", {ben_});
  map(first, {.grants_administrator = true});
  map(second, {.grants_administrator = true});
  const auto loss = effect(first, {});
  // The boss has them by hand, and the second group holds one more.
  EXPECT_EQ(loss.lose_rights, 1);
  EXPECT_TRUE(loss.loses_rights(ada_.id));
  EXPECT_FALSE(loss.loses_rights(boss_.id));
  map(first, {});
  EXPECT_FALSE(reload(ada_).administrator);
  EXPECT_TRUE(reload(ben_).administrator);
  EXPECT_TRUE(reload(boss_).administrator);
}

TEST_F(GroupEffectsTest, CountsWhoMoves) {
  const Group group = add_group("Sellers", {ada_, ben_});
  const Group other = add_group("Other sellers", {ben_});
  EXPECT_EQ(effect(group, {.department = sales_.id}).move, 2);
  map(group, {.department = sales_.id});
  map(other, {.department = sales_.id});
  EXPECT_EQ(effect(group, {.department = sales_.id}).move, 0);
  // The other group holds one of the two there.
  EXPECT_EQ(effect(group, {}).move, 1);
  map(group, {});
  EXPECT_NE(reload(ada_).department, sales_.id);
  EXPECT_EQ(reload(ben_).department, sales_.id);
}

}  // namespace
}  // namespace doorward::directory
