#include "directory/departments.h"

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
