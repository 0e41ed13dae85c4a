#pragma once

#include <algorithm>
#include <vector>

#include "directory/departments.h"
#include "directory/departures.h"
#include "directory/events.h"
#include "directory/provisioning.h"
#include "directory/sessions.h"
#include "directory_test.h"

namespace doorward::directory {

/// An account whose directory provisions.
class ProvisioningTest : public DirectoryTest {
 protected:
  static EmployeeRecord record(std::string_view user_name, std::string_view email = {}) {
    return {.profile = {.user_name = std::string(user_name),
                        .email = std::string(email.empty() ? user_name : email)}};
  }
  static EmployeeRecord record_of(const ProvisionedEmployee& current) {
    return {.profile = current.employee.profile,
            .active = current.employee.active,
            .attributes = current.attributes};
  }

  Joined join(const EmployeeRecord& record) { return join(account_, record); }
  Joined join(const Account& account, const EmployeeRecord& record) {
    return write([&](storage::Transaction& transaction) {
      return provision_employee(transaction, account, settings_, record, kDirectory, now_);
    });
  }
  std::string refusal_to_join(const EmployeeRecord& record) {
    return refusal_of([&](storage::Transaction& transaction) {
      return provision_employee(transaction, account_, settings_, record, kDirectory, now_);
    });
  }
  ProvisionedEmployee create(std::string_view user_name) { return join(record(user_name)).employee; }

  std::optional<ProvisionedEmployee> look_up(std::string_view public_id) {
    return read([&](storage::Transaction& transaction) {
      return find_provisioned(transaction, account_.id, public_id);
    });
  }
  ProvisionedEmployee known(const Employee& employee) { return look_up(employee.public_id).value(); }
  ProvisionedEmployee known(const ProvisionedEmployee& employee) { return known(employee.employee); }

  ProvisionedEmployee update(const ProvisionedEmployee& current, const EmployeeRecord& record) {
    return write([&](storage::Transaction& transaction) {
      return update_provisioned(transaction, account_, settings_, current, record, kDirectory, now_);
    });
  }
  std::string refusal_to_update(const ProvisionedEmployee& current, const EmployeeRecord& record) {
    return refusal_of([&](storage::Transaction& transaction) {
      return update_provisioned(transaction, account_, settings_, current, record, kDirectory, now_);
    });
  }
  ProvisionedEmployee set_active(const ProvisionedEmployee& current, bool active) {
    EmployeeRecord wanted = record_of(current);
    wanted.active = active;
    return update(current, wanted);
  }
  void remove(const ProvisionedEmployee& current) {
    write([&](storage::Transaction& transaction) {
      return remove_provisioned(transaction, account_, settings_, current, kDirectory, now_);
    });
  }

  std::vector<std::string> user_names(EmployeeKey key, std::string_view value, int limit = 100) {
    std::vector<std::string> names;
    for (const ProvisionedEmployee& found : read([&](storage::Transaction& transaction) {
           return find_provisioned_by(transaction, account_.id, key, value, limit);
         })) {
      names.push_back(found.employee.profile.user_name);
    }
    return names;
  }
  bool is_brake_on() {
    return read(
        [&](storage::Transaction& transaction) { return directory::is_brake_on(transaction, account_.id); });
  }
  std::int64_t count_of(std::string_view action) {
    return *read([&](storage::Transaction& transaction) {
      return transaction.first("SELECT count(*) FROM audit WHERE action = $1", {action},
                               [](const storage::Row& row) { return row.integer(0); });
    });
  }
  std::vector<std::string> event_types() {
    std::vector<std::string> types;
    for (const Event& event : read([&](storage::Transaction& transaction) {
           return events_after(transaction, account_.id, EventId{}, 1000);
         })) {
      types.push_back(event.type);
    }
    return types;
  }
  Department add_department(std::string_view name, std::optional<DepartmentId> parent = {}) {
    return write([&](storage::Transaction& transaction) {
      return create_department(
          transaction, {.account = account_.id, .name = std::string(name), .parent = parent}, kSupport, kNow);
    });
  }
  Department home() {
    return read(
        [&](storage::Transaction& transaction) { return default_department(transaction, account_.id); });
  }
  void execute(std::string_view sql) {
    write([&](storage::Transaction& transaction) { return transaction.execute(sql, {}); });
  }

  Account account_ = add_account("contoso");
  ProvisioningSettings settings_;
  Timestamp now_ = kNow;
};

}  // namespace doorward::directory
