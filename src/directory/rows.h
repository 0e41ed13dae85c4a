#pragma once

#include "directory/accounts.h"
#include "directory/employees.h"
#include "directory/provisioning.h"
#include "storage/database.h"

/// Columns that several statements select, and how to read them. `first` is the column where they begin.
namespace doorward::directory {

/// Of `accounts AS a`.
#define DIRECTORY_ACCOUNT_COLUMNS                                                                      \
  "a.id, a.public_id, a.name, a.slug, a.plan, a.sso_enforced_at, a.provision_at_sign_in, a.parent_id," \
  " a.setup_version, a.created_at, (SELECT p.name FROM accounts AS p WHERE p.id = a.parent_id)"
inline constexpr int kAccountColumns = 11;
Account read_account(const storage::Row& row, int first = 0);

/// Of `employees AS e`.
#define DIRECTORY_EMPLOYEE_COLUMNS                                                                      \
  "e.id, e.account_id, e.public_id, e.user_name, e.email, e.given_name, e.family_name, e.display_name," \
  " e.locale, e.object_id, e.external_id, e.active, e.administrator, e.password_hash IS NOT NULL,"      \
  " e.origin, e.department_id, e.created_at, e.updated_at"
inline constexpr int kEmployeeColumns = 18;
Employee read_employee(const storage::Row& row, int first = 0);

/// Of `employees AS e`: what the directory sees of them.
#define DIRECTORY_PROVISIONED_COLUMNS DIRECTORY_EMPLOYEE_COLUMNS ", e.attributes, e.version, e.provisioned_at"
inline constexpr int kProvisionedColumns = kEmployeeColumns + 3;
ProvisionedEmployee read_provisioned(const storage::Row& row, int first = 0);

}  // namespace doorward::directory
