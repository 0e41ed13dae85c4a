#include "directory/group_grants.h"

#include "directory/notices.h"
#include "groups_fixture.h"

namespace doorward::directory {
namespace {

class GroupGrantsTest : public GroupsFixture {
 protected:
  GroupGrantsTest() { grant(owner_); }
  std::string map_refusal(const GroupMapping& mapping, const Actor& actor) {
    return refusal_of([&](storage::Transaction& transaction) {
      return map_group(transaction, account_.id, admins_.id, mapping, actor, kNow);
    });
  }
  /// The rights that somebody has by their own leave the account's last administrator out of it.
  Employee owner_ = add_employee(account_, "owner");
  Group admins_ = add_group("Admins");
  Group second_ = add_group("Second");
};

TEST_F(GroupGrantsTest, NothingIsGivenByDefault) {
  add(admins_, {ann_.public_id});
  EXPECT_FALSE(is_administrator(ann_));
  EXPECT_EQ(department_of(ann_), fallback());
}

TEST_F(GroupGrantsTest, JoiningGivesRightsAndLeavingTakesThem) {
  map(admins_, {.grants_administrator = true});
  std::vector<Notice> notices;
  on_notice(*database_, [&](const Notice& notice) { notices.push_back(notice); });
  add(admins_, {ann_.public_id});
  EXPECT_TRUE(is_administrator(ann_));
  EXPECT_EQ(noted_group(ann_), admins_.id.value);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].employee, ann_.id);
  const AuditEntry granted = audit("employee.administrator_granted").at(0);
  EXPECT_EQ(granted.target, ann_.public_id);
  EXPECT_EQ(granted.actor.name, "Entra");
  EXPECT_EQ(granted.details.at("group").as_string(), admins_.public_id);
  EXPECT_EQ(granted.details.at("group_name").as_string(), "Admins");
  EXPECT_EQ(events("employee.administrator_granted").back().subject, ann_.public_id);

  EXPECT_EQ(add(admins_, {ann_.public_id}), 0);
  EXPECT_EQ(notices.size(), 1u) << "joining again gives nothing again";
  remove(admins_, {ann_.public_id});
  EXPECT_FALSE(is_administrator(ann_));
  EXPECT_EQ(noted_group(ann_), std::nullopt);
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_EQ(notices[1].employee, ann_.id);
  EXPECT_EQ(audit("employee.administrator_revoked").at(0).details.at("group_name").as_string(), "Admins");
  EXPECT_EQ(events("employee.administrator_revoked").back().subject, ann_.public_id);
}

TEST_F(GroupGrantsTest, RightsOfOnesOwnStay) {
  map(admins_, {.grants_administrator = true});
  add(admins_, {owner_.public_id});
  EXPECT_EQ(noted_group(owner_), std::nullopt);
  remove(admins_, {owner_.public_id});
  EXPECT_TRUE(is_administrator(owner_));
  add(admins_, {owner_.public_id});
  drop(admins_);
  EXPECT_TRUE(is_administrator(owner_));
}

TEST_F(GroupGrantsTest, WhatAPersonGrantsBecomesOnesOwn) {
  map(admins_, {.grants_administrator = true});
  add(admins_, {ann_.public_id});
  grant(ann_);
  EXPECT_EQ(noted_group(ann_), std::nullopt);
  EXPECT_EQ(audit("employee.administrator_granted").at(0).actor.name, kAdministrator.name);
  const auto entries = audit("employee.administrator_granted").size();
  grant(ann_);
  EXPECT_EQ(audit("employee.administrator_granted").size(), entries);
  remove(admins_, {ann_.public_id});
  EXPECT_TRUE(is_administrator(ann_));
}

TEST_F(GroupGrantsTest, RevokedByAPersonAndGrantedByAPersonIsNotTheGroupsToTake) {
  map(admins_, {.grants_administrator = true});
  add(admins_, {ann_.public_id});
  revoke(ann_);
  EXPECT_FALSE(is_administrator(ann_));
  replace(admins_, {ann_.public_id, ben_.public_id});
  EXPECT_FALSE(is_administrator(ann_)) << "who stays gets nothing again";
  EXPECT_TRUE(is_administrator(ben_));
  grant(ann_);
  remove(admins_, {ann_.public_id});
  EXPECT_TRUE(is_administrator(ann_));
}

TEST_F(GroupGrantsTest, TheInactiveAndTheVoidGetNoRights) {
  map(admins_, {.grants_administrator = true});
  write([&](storage::Transaction& transaction) {
    return deactivate_employee(transaction, account_.id, ann_.id, LastAdministrator::MayGo, kDirectory, kNow);
  });
  make_rights_void(ben_);
  EXPECT_EQ(add(admins_, {ann_.public_id, ben_.public_id, cem_.public_id}), 3);
  EXPECT_FALSE(is_administrator(ann_));
  EXPECT_FALSE(is_administrator(ben_));
  EXPECT_TRUE(is_administrator(cem_));
  write([&](storage::Transaction& transaction) {
    return activate_employee(transaction, account_.id, ann_.id, kDirectory, kNow);
  });
  EXPECT_FALSE(is_administrator(ann_)) << "coming back gives access, not rights";
  remove(admins_, {ben_.public_id});
  add(admins_, {ben_.public_id});
  EXPECT_FALSE(is_administrator(ben_)) << "leaving and joining is no way around it";
}

TEST_F(GroupGrantsTest, GroupsMayGiveAgainWhatAPersonGranted) {
  map(admins_, {.grants_administrator = true});
  make_rights_void(ann_);
  grant(ann_);
  revoke(ann_);
  add(admins_, {ann_.public_id});
  EXPECT_TRUE(is_administrator(ann_));
}

TEST_F(GroupGrantsTest, AnotherGrantingGroupTakesTheRightsOver) {
  map(admins_, {.grants_administrator = true});
  map(second_, {.grants_administrator = true});
  add(admins_, {ann_.public_id});
  add(second_, {ann_.public_id});
  EXPECT_EQ(noted_group(ann_), admins_.id.value);
  remove(admins_, {ann_.public_id});
  EXPECT_TRUE(is_administrator(ann_));
  EXPECT_EQ(noted_group(ann_), second_.id.value);
  const AuditEntry kept = audit("employee.administrator_kept").at(0);
  EXPECT_EQ(kept.target, ann_.public_id);
  EXPECT_EQ(kept.details.at("from_group_name").as_string(), "Admins");
  EXPECT_EQ(kept.details.at("group_name").as_string(), "Second");
  EXPECT_TRUE(audit("employee.administrator_revoked").empty());
  remove(second_, {ann_.public_id});
  EXPECT_FALSE(is_administrator(ann_));
}

TEST_F(GroupGrantsTest, LeavingAGroupTakesOnlyItsOwnRights) {
  map(admins_, {.grants_administrator = true});
  map(second_, {.grants_administrator = true});
  add(admins_, {ann_.public_id});
  add(second_, {ann_.public_id});
  remove(second_, {ann_.public_id});
  EXPECT_TRUE(is_administrator(ann_));
  EXPECT_EQ(noted_group(ann_), admins_.id.value);
  EXPECT_TRUE(audit("employee.administrator_kept").empty());
}

TEST_F(GroupGrantsTest, MappingAppliesAtOnceAndBack) {
  add(admins_, {ann_.public_id, ben_.public_id, owner_.public_id});
  make_rights_void(ben_);
  write([&](storage::Transaction& transaction) {
    return deactivate_employee(transaction, account_.id, cem_.id, LastAdministrator::MayGo, kDirectory, kNow);
  });
  add(admins_, {cem_.public_id});
  map(admins_, {.grants_administrator = true});
  EXPECT_TRUE(reload_group(admins_).grants_administrator);
  EXPECT_TRUE(is_administrator(ann_));
  EXPECT_TRUE(is_administrator(ben_)) << "the administrator's own word";
  EXPECT_FALSE(is_administrator(cem_)) << "inactive";
  EXPECT_EQ(audit("employee.administrator_granted").at(0).actor.name, kAdministrator.name);
  EXPECT_EQ(audit("group.mapped").at(0).details.at("grants_administrator").as_bool(), true);
  map(admins_, {});
  EXPECT_FALSE(is_administrator(ann_));
  EXPECT_FALSE(is_administrator(ben_));
  EXPECT_TRUE(is_administrator(owner_));
}

TEST_F(GroupGrantsTest, MappingDoesNotGiveAgainWhatItGaveBefore) {
  map(admins_, {.grants_administrator = true});
  add(admins_, {ann_.public_id});
  make_rights_void(ann_);
  const std::int64_t version = reload_group(admins_).version;
  map(admins_, {.grants_administrator = true});
  EXPECT_EQ(reload_group(admins_).version, version);
  map(admins_, {.grants_administrator = true, .department = add_department("Field").id});
  EXPECT_FALSE(is_administrator(ann_)) << "a new department is no new word about rights";
  EXPECT_EQ(reload_group(admins_).version, version + 1);
  EXPECT_EQ(audit("group.mapped").size(), 2u);
}

TEST_F(GroupGrantsTest, UnmappingHandsOverToo) {
  map(admins_, {.grants_administrator = true});
  map(second_, {.grants_administrator = true});
  add(admins_, {ann_.public_id});
  add(second_, {ann_.public_id});
  map(admins_, {});
  EXPECT_TRUE(is_administrator(ann_));
  EXPECT_EQ(noted_group(ann_), second_.id.value);
  drop(second_);
  EXPECT_FALSE(is_administrator(ann_));
}

TEST_F(GroupGrantsTest, ThePersonKeepsTheLastAdministratorAndTheDirectoryDoesNot) {
  map(admins_, {.grants_administrator = true});
  add(admins_, {ann_.public_id, ben_.public_id});
  revoke(owner_);
  EXPECT_EQ(map_refusal({}, kAdministrator), kLastAdministrator.name());
  EXPECT_EQ(map_refusal({}, kSupport), kLastAdministrator.name());
  EXPECT_TRUE(is_administrator(ann_)) << "the refusal takes nothing";
  EXPECT_TRUE(reload_group(admins_).grants_administrator);
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return delete_group(transaction, account_.id, admins_.id, kAdministrator, kNow);
            }),
            kLastAdministrator.name());
  remove(admins_, {ann_.public_id});
  EXPECT_FALSE(is_administrator(ann_));
  remove(admins_, {ben_.public_id});
  EXPECT_FALSE(is_administrator(ben_));
  EXPECT_EQ(count("SELECT count(*) FROM employees WHERE administrator = 1"), 0);
}

TEST_F(GroupGrantsTest, APersonMayReplaceTheLastAdministrator) {
  map(admins_, {.grants_administrator = true});
  add(admins_, {ann_.public_id});
  revoke(owner_);
  write([&](storage::Transaction& transaction) {
    return replace_members(transaction, account_.id, admins_.id, Ids{ben_.public_id}, kAdministrator, kNow);
  });
  EXPECT_FALSE(is_administrator(ann_));
  EXPECT_TRUE(is_administrator(ben_));
}

TEST_F(GroupGrantsTest, DeletionByTheDirectoryTakesEverythingBack) {
  const Department field = add_department("Field");
  map(admins_, {.grants_administrator = true, .department = field.id});
  add(admins_, {ann_.public_id});
  revoke(owner_);
  drop(admins_);
  EXPECT_FALSE(is_administrator(ann_));
  EXPECT_EQ(noted_group(ann_), std::nullopt);
  EXPECT_EQ(department_of(ann_), fallback());
  EXPECT_EQ(audit("employee.administrator_revoked").at(0).details.at("group_name").as_string(), "Admins");
}

TEST_F(GroupGrantsTest, JoiningMovesAndLeavingMovesBack) {
  const Department field = add_department("Field");
  map(admins_, {.department = field.id});
  add(admins_, {ann_.public_id});
  EXPECT_EQ(department_of(ann_), field.id);
  EXPECT_FALSE(is_administrator(ann_));
  const AuditEntry moved = audit("employee.updated").at(0);
  EXPECT_EQ(moved.target, ann_.public_id);
  EXPECT_EQ(moved.details.at("group_name").as_string(), "Admins");
  EXPECT_EQ(moved.details.at("department").as_string(), field.public_id);
  remove(admins_, {ann_.public_id});
  EXPECT_EQ(department_of(ann_), fallback());
}

TEST_F(GroupGrantsTest, WhoWasMovedSinceStaysThere) {
  const Department field = add_department("Field");
  const Department office = add_department("Office");
  map(admins_, {.department = field.id});
  add(admins_, {ann_.public_id, ben_.public_id});
  write([&](storage::Transaction& transaction) {
    return move_employee(transaction, account_.id, ann_.id, office.id, kAdministrator, kNow);
  });
  remove(admins_, {ann_.public_id});
  EXPECT_EQ(department_of(ann_), office.id);
  map(second_, {.department = field.id});
  add(second_, {ben_.public_id});
  remove(admins_, {ben_.public_id});
  EXPECT_EQ(department_of(ben_), field.id) << "another group holds them there";
  drop(second_);
  EXPECT_EQ(department_of(ben_), fallback());
}

TEST_F(GroupGrantsTest, AChangedDepartmentMovesTheMembers) {
  const Department field = add_department("Field");
  const Department office = add_department("Office");
  add(admins_, {ann_.public_id});
  map(admins_, {.department = field.id});
  EXPECT_EQ(department_of(ann_), field.id);
  map(admins_, {.department = office.id});
  EXPECT_EQ(department_of(ann_), office.id);
  EXPECT_EQ(reload_group(admins_).department, office.id);
  map(admins_, {});
  EXPECT_EQ(department_of(ann_), fallback());
  EXPECT_FALSE(reload_group(admins_).department);
}

TEST_F(GroupGrantsTest, AnotherAccountsDepartmentIsRefused) {
  const Department theirs = write([&](storage::Transaction& transaction) {
    return create_department(transaction, {.account = other_.id, .name = "Theirs"}, kSupport, kNow);
  });
  EXPECT_EQ(map_refusal({.department = theirs.id}, kAdministrator), "directory.no_department");
  EXPECT_FALSE(reload_group(admins_).department);
}

TEST_F(GroupGrantsTest, ADeletedDepartmentIsMappedNoMore) {
  const Department field = add_department("Field");
  map(admins_, {.department = field.id});
  add(admins_, {ann_.public_id});
  const std::int64_t version = reload_group(admins_).version;
  write([&](storage::Transaction& transaction) {
    return delete_department(transaction, account_.id, field.id, kAdministrator, kNow);
  });
  EXPECT_FALSE(reload_group(admins_).department);
  EXPECT_EQ(reload_group(admins_).version, version + 1);
  EXPECT_EQ(audit("department.deleted").at(0).details.at("groups_unmapped").as_int64(), 1);
  add(admins_, {ben_.public_id});
  EXPECT_EQ(department_of(ben_), fallback());
}

}  // namespace
}  // namespace doorward::directory
