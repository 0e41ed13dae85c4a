#pragma once

#include <algorithm>

#include "directory/departments.h"
#include "directory/events.h"
#include "directory/groups.h"
#include "directory_test.h"

namespace doorward::directory {

/// Short ways to make groups, fill them and look at them.
class GroupsFixture : public DirectoryTest {
 protected:
  using Ids = std::vector<std::string>;

  Group add_group(std::string_view name, std::string_view external_id = {}) {
    return write([&](storage::Transaction& transaction) {
      return create_group(transaction,
                          {.account = account_.id,
                           .display_name = std::string(name),
                           .external_id = std::string(external_id)},
                          kDirectory, kNow);
    });
  }
  Group reload_group(const Group& group) {
    return read(
        [&](storage::Transaction& transaction) { return load_group(transaction, account_.id, group.id); });
  }
  std::int64_t add(const Group& group, const Ids& ids, Timestamp now = kNow) {
    return write([&](storage::Transaction& transaction) {
      return add_members(transaction, account_.id, group.id, ids, kDirectory, now);
    });
  }
  std::int64_t remove(const Group& group, const Ids& ids) {
    return write([&](storage::Transaction& transaction) {
      return remove_members(transaction, account_.id, group.id, ids, kDirectory, kNow);
    });
  }
  std::int64_t replace(const Group& group, const Ids& ids) {
    return write([&](storage::Transaction& transaction) {
      return replace_members(transaction, account_.id, group.id, ids, kDirectory, kNow);
    });
  }
  void map(const Group& group, const GroupMapping& mapping) {
    write([&](storage::Transaction& transaction) {
      return map_group(transaction, account_.id, group.id, mapping, kAdministrator, kNow);
    });
  }
  void drop(const Group& group, const Actor& actor = kDirectory) {
    write([&](storage::Transaction& transaction) {
      return delete_group(transaction, account_.id, group.id, actor, kNow);
    });
  }
  std::vector<Member> members(const Group& group, std::int64_t after = 0, int limit = 1000) {
    return read([&](storage::Transaction& transaction) {
      return list_members(transaction, account_.id, group.id, after, limit);
    });
  }
  /// User names in the order of joining.
  Ids names_in(const Group& group) {
    Ids names;
    for (const Member& member : members(group))
      names.push_back(member.shown_name);
    return names;
  }
  bool in(const Group& group, const Employee& employee) {
    return read([&](storage::Transaction& transaction) {
      return is_member(transaction, account_.id, group.id, employee.id);
    });
  }

  bool is_administrator(const Employee& employee) { return reload(employee).administrator; }
  DepartmentId department_of(const Employee& employee) { return reload(employee).department; }
  Department add_department(std::string_view name) {
    return write([&](storage::Transaction& transaction) {
      return create_department(transaction, {.account = account_.id, .name = std::string(name)}, kSupport,
                               kNow);
    });
  }
  DepartmentId fallback() {
    return read([&](storage::Transaction& transaction) {
             return default_department(transaction, account_.id);
           })
        .id;
  }
  /// As a deactivation leaves somebody behind who comes back.
  void make_rights_void(const Employee& employee) {
    sql("UPDATE employees SET rights_void = 1, administrator = 0, administrator_group_id = NULL"
        " WHERE account_id = $1 AND id = $2",
        employee);
  }
  void hold_deletion(const Employee& employee) {
    sql("UPDATE employees SET deletion_held_at = 1, active = 0, administrator = 0"
        " WHERE account_id = $1 AND id = $2",
        employee);
  }
  std::optional<std::int64_t> noted_group(const Employee& employee) {
    return *read([&](storage::Transaction& transaction) {
      return transaction.first(
          "SELECT administrator_group_id FROM employees WHERE account_id = $1 AND id = $2",
          {account_.id, employee.id}, [](const storage::Row& row) {
            return row.is_null(0) ? std::nullopt : std::optional(row.integer(0));
          });
    });
  }
  void grant(const Employee& employee) {
    write([&](storage::Transaction& transaction) {
      return grant_administrator(transaction, account_.id, employee.id, kAdministrator, kNow);
    });
  }
  void revoke(const Employee& employee) {
    write([&](storage::Transaction& transaction) {
      return revoke_administrator(transaction, account_.id, employee.id, LastAdministrator::MayGo,
                                  kAdministrator, kNow);
    });
  }

  /// Newest first.
  std::vector<AuditEntry> audit(std::string_view action) {
    auto entries = read(
        [&](storage::Transaction& transaction) { return list_audit(transaction, account_.id, {}, 10'000); });
    std::erase_if(entries, [&](const AuditEntry& entry) { return entry.action != action; });
    return entries;
  }
  /// Oldest first.
  std::vector<Event> events(std::string_view type) {
    auto all = read([&](storage::Transaction& transaction) {
      return events_after(transaction, account_.id, {}, 10'000);
    });
    std::erase_if(all, [&](const Event& event) { return event.type != type; });
    return all;
  }

  Account account_ = add_account("contoso");
  Account other_ = add_account("fabrikam");
  Employee ann_ = add_employee(account_, "ann");
  Employee ben_ = add_employee(account_, "ben");
  Employee cem_ = add_employee(account_, "cem");
  Employee stranger_ = add_employee(other_, "stranger");

 private:
  void sql(std::string_view statement, const Employee& employee) {
    write([&](storage::Transaction& transaction) {
      return transaction.execute(statement, {account_.id, employee.id});
    });
  }
};

}  // namespace doorward::directory
