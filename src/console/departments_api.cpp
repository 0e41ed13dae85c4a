#include "console/departments_api.h"

#include <array>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "directory/departments.h"

namespace doorward::console {

namespace {

constexpr std::array<std::string_view, 3> kDepartmentMembers = {"name", "parent", "version"};
constexpr std::span<const std::string_view> kNewDepartmentMembers(kDepartmentMembers.data(), 2);

/// What the API shows of departments, for which it must know all of them.
class Shown {
 public:
  static Result<Shown> load(storage::Transaction& transaction, directory::AccountId account) {
    Shown shown;
    ASSIGN_OR_RETURN(shown.departments_, directory::list_departments(transaction, account));
    ASSIGN_OR_RETURN(const auto counts, directory::count_by_department(transaction, account));
    for (const directory::Department& department : shown.departments_)
      shown.public_ids_.emplace(department.id, department.public_id);
    for (const directory::DepartmentCount& count : counts)
      shown.employees_.emplace(count.department, count.employees);
    return shown;
  }

  json::Array all() const {
    json::Array items;
    for (const directory::Department& department : departments_)
      items.push_back(one(department));
    return items;
  }
  json::Object one(const directory::Department& department) const {
    json::Object shown = editable(department);
    shown["version"] = version_of(shown);
    shown["id"] = department.public_id;
    shown["default"] = department.is_default;
    const auto employees = employees_.find(department.id);
    shown["employees"] = employees == employees_.end() ? 0 : employees->second;
    return shown;
  }
  /// What an administrator may write, as it is.
  json::Object editable(const directory::Department& department) const {
    json::Value parent;
    if (department.parent) parent = public_ids_.at(*department.parent);
    return {{"name", department.name}, {"parent", std::move(parent)}};
  }

 private:
  std::vector<directory::Department> departments_;
  std::unordered_map<directory::DepartmentId, std::string> public_ids_;
  std::unordered_map<directory::DepartmentId, std::int64_t> employees_;
};

Result<directory::Department> find_department(storage::Transaction& transaction, const Admission& admission,
                                              const http::Request& request) {
  ASSIGN_OR_RETURN(auto department,
                   directory::find_department(transaction, admission.account(), request.parameter("id")));
  if (!department) {
    return fail(ErrorKind::NotFound, "directory.no_department",
                "There is no such department. Somebody may have deleted it.");
  }
  return *std::move(department);
}

Result<http::Response> answer_with(storage::Transaction& transaction, const Admission& admission,
                                   const directory::Department& department,
                                   http::Status status = http::Status::Ok) {
  ASSIGN_OR_RETURN(const Shown shown, Shown::load(transaction, admission.account()));
  return answer({{"department", shown.one(department)}}, status);
}

}  // namespace

Result<http::Response> DepartmentsApi::departments(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const Shown shown, deps_.database.read([&](storage::Transaction& transaction) {
    return Shown::load(transaction, admission.account());
  }));
  return answer({{"departments", shown.all()}});
}

Result<http::Response> DepartmentsApi::create(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, kNewDepartmentMembers));
  ASSIGN_OR_RETURN(const std::string name, json::required_string(body, "name"));
  ASSIGN_OR_RETURN(const auto parent, json::optional_string(body, "parent"));
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    directory::NewDepartment wanted{.account = admission.account(), .name = name};
    ASSIGN_OR_RETURN(wanted.parent, find_department_id(transaction, admission, parent));
    ASSIGN_OR_RETURN(const auto made,
                     directory::create_department(transaction, wanted, admission.actor(), deps_.clock.now()));
    return answer_with(transaction, admission, made, http::Status::Created);
  });
}

Result<http::Response> DepartmentsApi::change(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const json::Object body, json_body(request));
  RETURN_IF_ERROR(only_members(body, kDepartmentMembers));
  ASSIGN_OR_RETURN(const std::string name, json::required_string(body, "name"));
  // Whoever only wants to rename must not move it to the top by saying nothing.
  if (!body.contains("parent")) {
    return fail(ErrorKind::InvalidInput, "api.bad_body",
                "`parent` must be there: the id of the department above, or null for the top.");
  }
  ASSIGN_OR_RETURN(const auto parent, json::optional_string(body, "parent"));
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto department, find_department(transaction, admission, request));
    ASSIGN_OR_RETURN(const Shown before, Shown::load(transaction, admission.account()));
    RETURN_IF_ERROR(check_version(body, before.editable(department)));
    ASSIGN_OR_RETURN(const auto above, find_department_id(transaction, admission, parent));
    ASSIGN_OR_RETURN(const auto changed,
                     directory::change_department(transaction, admission.account(), department.id, name,
                                                  above, admission.actor(), deps_.clock.now()));
    return answer_with(transaction, admission, changed);
  });
}

Result<http::Response> DepartmentsApi::remove(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto department, find_department(transaction, admission, request));
    ASSIGN_OR_RETURN(const auto deletion,
                     directory::delete_department(transaction, admission.account(), department.id,
                                                  admission.actor(), deps_.clock.now()));
    return answer(
        {{"employees", deletion.employees_moved},
         {"groups", deletion.groups_unmapped},
         {"movedTo", json::Object{{"id", deletion.fallback.public_id}, {"name", deletion.fallback.name}}}});
  });
}

Result<http::Response> DepartmentsApi::make_default(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(auto department, find_department(transaction, admission, request));
    RETURN_IF_ERROR(directory::set_default_department(transaction, admission.account(), department.id,
                                                      admission.actor(), deps_.clock.now()));
    department.is_default = true;
    return answer_with(transaction, admission, department);
  });
}

}  // namespace doorward::console
