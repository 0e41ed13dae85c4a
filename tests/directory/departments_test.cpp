#include "directory/departments.h"

#include <map>

#include "directory/notices.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

class DepartmentsTest : public DirectoryTest {
 protected:
  Department add_department(std::string_view name, std::optional<DepartmentId> parent = {}) {
    return write([&](storage::Transaction& transaction) {
      return create_department(transaction,
                               {.account = account_.id, .name = std::string(name), .parent = parent},
                               kAdministrator, kNow);
    });
  }
  std::string refusal_to_delete(const Department& department) {
    return refusal_of([&](storage::Transaction& transaction) {
      return delete_department(transaction, account_.id, department.id, kAdministrator, kNow);
    });
  }
  std::string refusal_to_move(const Department& department, std::optional<DepartmentId> parent) {
    return refusal_of([&](storage::Transaction& transaction) {
      return move_department(transaction, account_.id, department.id, parent, kAdministrator, kNow);
    });
  }
  Department reload_department(const Department& department) {
    return read([&](storage::Transaction& transaction) {
      return load_department(transaction, account_.id, department.id);
    });
  }
  std::vector<std::string> audited() {
    std::vector<std::string> actions;
    for (const AuditEntry& entry : read([&](storage::Transaction& transaction) {
           return list_audit(transaction, account_.id, {}, 100);
         }))
      actions.insert(actions.begin(), entry.action);
    return actions;
  }
  Department fallback() {
    return read(
        [&](storage::Transaction& transaction) { return default_department(transaction, account_.id); });
  }

  Account account_ = add_account("contoso");
};

TEST_F(DepartmentsTest, SiblingsHaveDifferentNames) {
  const Department sales = add_department("Sales");
  add_department("sales", sales.id);
  for (const auto parent : {std::optional<DepartmentId>(), std::optional(sales.id)}) {
    EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
                return create_department(transaction,
                                         {.account = account_.id, .name = " SALES ", .parent = parent},
                                         kSupport, kNow);
              }),
              "directory.department_exists");
  }
  const Department other = add_department("Other");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return rename_department(transaction, account_.id, other.id, "SALES", kSupport, kNow);
            }),
            "directory.department_exists");
  write([&](storage::Transaction& transaction) {
    return rename_department(transaction, account_.id, other.id, "OTHER", kSupport, kNow);
  });
}

TEST_F(DepartmentsTest, ExactlyOneIsTheDefault) {
  const Department sales = add_department("Sales");
  write([&](storage::Transaction& transaction) {
    return set_default_department(transaction, account_.id, sales.id, kAdministrator, kNow);
  });
  EXPECT_EQ(fallback().id, sales.id);
  EXPECT_EQ(count("SELECT count(*) FROM departments WHERE is_default = 1"), 1);
  EXPECT_EQ(add_employee(account_, "bob").department, sales.id);
  EXPECT_EQ(refusal_to_delete(sales), "directory.default_department");
}

TEST_F(DepartmentsTest, DeletingMovesItsEmployees) {
  const Department sales = add_department("Sales");
  const Department north = add_department("North", sales.id);
  const Employee bob =
      add_employee({.account = account_.id, .profile = {.user_name = "bob"}, .department = north.id});
  EXPECT_EQ(refusal_to_delete(sales), "directory.department_has_children");
  EXPECT_EQ(refusal_to_delete(north), "");
  EXPECT_EQ(reload(bob).department, fallback().id);
  EXPECT_EQ(refusal_to_delete(north), "directory.no_department");
}

TEST_F(DepartmentsTest, DeletingSaysWhatMoved) {
  const Department sales = add_department("Sales");
  for (const char* name : {"ann", "bob"})
    add_employee({.account = account_.id, .profile = {.user_name = name}, .department = sales.id});
  std::vector<Notice> told;
  on_notice(*database_, [&](const Notice& notice) { told.push_back(notice); });
  const auto deletion = write([&](storage::Transaction& transaction) {
    return delete_department(transaction, account_.id, sales.id, kAdministrator, kNow);
  });
  EXPECT_EQ(deletion.employees_moved, 2);
  EXPECT_EQ(deletion.groups_unmapped, 0);
  EXPECT_EQ(deletion.fallback.id, fallback().id);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told.front().account, account_.id);
  EXPECT_FALSE(told.front().employee);
}

TEST_F(DepartmentsTest, WhateverHappensOthersAreTold) {
  const auto events = [&] {
    std::vector<std::string> lines;
    for (const Event& event : read([&](storage::Transaction& transaction) {
           return events_after(transaction, account_.id, EventId{}, 1000);
         })) {
      if (event.type != "employee.created") lines.push_back(event.type + ' ' + event.subject);
    }
    return lines;
  };
  const Department sales = add_department("Sales");
  const Department north = add_department("North");
  const Employee bob =
      add_employee({.account = account_.id, .profile = {.user_name = "bob"}, .department = north.id});
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(
        change_department(transaction, account_.id, north.id, "Nord", sales.id, kAdministrator, kNow));
    return set_default_department(transaction, account_.id, sales.id, kAdministrator, kNow);
  });
  EXPECT_EQ(refusal_to_delete(north), "");
  EXPECT_EQ(events(), (std::vector<std::string>{
                          "department.created " + sales.public_id, "department.created " + north.public_id,
                          "department.renamed " + north.public_id, "department.moved " + north.public_id,
                          "department.made_default " + sales.public_id, "employee.updated " + bob.public_id,
                          "department.deleted " + north.public_id}));
  const auto moved = read([&](storage::Transaction& transaction) {
    return events_after(transaction, account_.id, EventId{}, 1000);
  });
  const auto update = std::ranges::find(moved, "employee.updated", &Event::type);
  ASSERT_NE(update, moved.end());
  EXPECT_EQ(update->data.at("department").as_string(), sales.public_id);
  EXPECT_EQ(update->data.at("changed").as_array().at(0).as_string(), "department");
  EXPECT_EQ(update->data.at("user_name").as_string(), "bob");
}

TEST_F(DepartmentsTest, DeletingTellsOfEverybodyHoweverMany) {
  const Department sales = add_department("Sales");
  write([&](storage::Transaction& transaction) -> Result<void> {
    for (int i = 0; i < 1001; ++i) {
      RETURN_IF_ERROR(create_employee(transaction,
                                      {.account = account_.id,
                                       .profile = {.user_name = "user" + std::to_string(i)},
                                       .department = sales.id},
                                      kSupport, kNow));
    }
    return {};
  });
  EXPECT_EQ(refusal_to_delete(sales), "");
  const auto told = read([&](storage::Transaction& transaction) {
    return transaction.first("SELECT count(DISTINCT subject) FROM events WHERE type = 'employee.updated'", {},
                             [](const storage::Row& row) { return row.integer(0); });
  });
  EXPECT_EQ(told, 1001);
}

TEST_F(DepartmentsTest, Moves) {
  const Department sales = add_department("Sales");
  const Department north = add_department("North");
  EXPECT_EQ(refusal_to_move(north, sales.id), "");
  EXPECT_EQ(reload_department(north).parent, sales.id);
  EXPECT_EQ(reload_department(north).name, "North");
  EXPECT_EQ(refusal_to_move(north, std::nullopt), "");
  EXPECT_FALSE(reload_department(north).parent);
  // To where it is.
  const auto before = audited();
  EXPECT_EQ(refusal_to_move(north, std::nullopt), "");
  EXPECT_EQ(audited(), before);
  EXPECT_EQ(before.back(), "department.moved");
}

TEST_F(DepartmentsTest, IsNeverBelowItself) {
  const Department sales = add_department("Sales");
  const Department north = add_department("North", sales.id);
  const Department coast = add_department("Coast", north.id);
  for (const Department& below : {sales, north, coast})
    EXPECT_EQ(refusal_to_move(sales, below.id), "directory.department_below_itself");
  EXPECT_EQ(refusal_to_move(coast, sales.id), "");
  EXPECT_EQ(refusal_to_move(sales, DepartmentId{4711}), "directory.no_department");
}

TEST_F(DepartmentsTest, MovesToWhereTheNameIsFree) {
  const Department sales = add_department("Sales");
  const Department north = add_department("North", sales.id);
  const Department other = add_department("NORTH");
  EXPECT_EQ(refusal_to_move(other, sales.id), "directory.department_exists");
  EXPECT_EQ(refusal_to_move(north, std::nullopt), "directory.department_exists");
  // The new name is taken here and the old one there: only the two together are free.
  add_department("South");
  const auto changed = write([&](storage::Transaction& transaction) {
    return change_department(transaction, account_.id, other.id, "South", sales.id, kAdministrator, kNow);
  });
  EXPECT_EQ(changed.name, "South");
  EXPECT_EQ(reload_department(other).parent, sales.id);
}

TEST_F(DepartmentsTest, GoesDownSoFarOnly) {
  std::optional<DepartmentId> lowest;
  for (int level = 1; level <= kMaxDepartmentLevels; ++level)
    lowest = add_department("Level " + std::to_string(level), lowest).id;
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return create_department(transaction,
                                       {.account = account_.id, .name = "Too deep", .parent = lowest},
                                       kAdministrator, kNow);
            }),
            "directory.department_too_deep");
  const Department pair = add_department("Pair");
  add_department("Lower", pair.id);
  const Department above = *read([&](storage::Transaction& transaction) -> Result<std::optional<Department>> {
    ASSIGN_OR_RETURN(const Department last, load_department(transaction, account_.id, *lowest));
    ASSIGN_OR_RETURN(auto parent, load_department(transaction, account_.id, *last.parent));
    return std::optional(std::move(parent));
  });
  EXPECT_EQ(refusal_to_move(pair, above.id), "directory.department_too_deep");
  EXPECT_EQ(refusal_to_move(pair, above.parent), "");
}

TEST_F(DepartmentsTest, CountsItsOwnEmployees) {
  const Department sales = add_department("Sales");
  const Department north = add_department("North", sales.id);
  add_employee(account_, "ann");
  for (const char* name : {"bob", "cem"})
    add_employee({.account = account_.id, .profile = {.user_name = name}, .department = north.id});
  const Account other = add_account("fabrikam");
  add_employee(other, "mallory");
  std::map<DepartmentId, std::int64_t> counted;
  for (const auto& [department, employees] :
       read([&](storage::Transaction& transaction) { return count_by_department(transaction, account_.id); }))
    counted[department] = employees;
  EXPECT_EQ(counted, (std::map<DepartmentId, std::int64_t>{{fallback().id, 1}, {north.id, 2}}));
}

TEST_F(DepartmentsTest, AnotherAccountsDepartmentIsOutOfReach) {
  const Department sales = add_department("Sales");
  const Account other = add_account("fabrikam");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return create_department(transaction, {.account = other.id, .name = "x", .parent = sales.id},
                                       kSupport, kNow);
            }),
            "directory.no_department");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return set_default_department(transaction, other.id, sales.id, kSupport, kNow);
            }),
            "directory.no_department");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return move_department(transaction, other.id, sales.id, {}, kSupport, kNow);
            }),
            "directory.no_department");
  const Department own = write([&](storage::Transaction& transaction) {
    return create_department(transaction, {.account = other.id, .name = "Own"}, kSupport, kNow);
  });
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return move_department(transaction, other.id, own.id, sales.id, kSupport, kNow);
            }),
            "directory.no_department");
  // Even a caller's mistake stops at the foreign key.
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return create_employee(
                  transaction, {.account = other.id, .profile = {.user_name = "bob"}, .department = sales.id},
                  kSupport, kNow);
            }),
            "storage.reference");
  EXPECT_FALSE(read([&](storage::Transaction& transaction) {
    return find_department(transaction, other.id, sales.public_id);
  }));
  EXPECT_TRUE(read([&](storage::Transaction& transaction) {
    return find_department(transaction, account_.id, sales.public_id);
  }));
  EXPECT_EQ(read([&](storage::Transaction& transaction) {
              return list_departments(transaction, account_.id);
            }).size(),
            2u);
}

}  // namespace
}  // namespace doorward::directory
