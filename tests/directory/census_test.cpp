#include "directory/census.h"

#include "directory_test.h"

namespace doorward::directory {
namespace {

class CensusTest : public DirectoryTest {
 protected:
  void put_into_domain(const Employee& employee, std::string_view name) {
    write([&](storage::Transaction& transaction) {
      return transaction.execute("UPDATE employees SET email_domain = $2 WHERE id = $1", {employee.id, name});
    });
  }
  std::int64_t active_in(const Account& account, std::string_view name) {
    return read([&](storage::Transaction& transaction) {
      return count_active_in_domain(transaction, account.id, name);
    });
  }

  Account contoso_ = add_account("contoso");
  Account fabrikam_ = add_account("fabrikam");
};

TEST_F(CensusTest, CountsTheActiveOnesOfADomain) {
  for (const char* name : {"a@contoso.com", "b@contoso.com", "c@contoso.com"})
    put_into_domain(add_employee(contoso_, name), "contoso.com");
  put_into_domain(add_employee(contoso_, "d@mail.contoso.com"), "mail.contoso.com");
  put_into_domain(add_employee(fabrikam_, "e@contoso.com"), "contoso.com");
  EXPECT_EQ(active_in(contoso_, "contoso.com"), 3);
  EXPECT_EQ(active_in(contoso_, "none.example"), 0);
  EXPECT_EQ(active_in(fabrikam_, "contoso.com"), 1);
  write([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto found, find_employee_by_user_name(transaction, contoso_.id, "b@contoso.com"));
    return deactivate_employee(transaction, contoso_.id, found->id, LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_EQ(active_in(contoso_, "contoso.com"), 2);
}

}  // namespace
}  // namespace doorward::directory
