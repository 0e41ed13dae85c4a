#include "console/import_api.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/csv.h"
#include "base/text.h"
#include "directory/departments.h"
#include "directory/domains.h"
#include "directory/employee_changes.h"
#include "directory/employees.h"

namespace doorward::console {

namespace {

constexpr std::array<std::string_view, 6> kColumns = {"userName",   "email",       "givenName",
                                                      "familyName", "displayName", "department"};
constexpr std::array<std::string directory::Profile::*, 5> kTexts = {
    &directory::Profile::user_name, &directory::Profile::email, &directory::Profile::given_name,
    &directory::Profile::family_name, &directory::Profile::display_name};
constexpr std::size_t kDepartment = 5;

/// Which of `kColumns` stands in each column of the table.
using Header = std::vector<std::size_t>;

Result<Header> read_header(const CsvRow& row) {
  Header header;
  for (const std::string& name : row.fields) {
    const auto* const found = std::ranges::find_if(
        kColumns, [&](std::string_view column) { return equal_ignoring_ascii_case(column, trim(name)); });
    if (found == kColumns.end()) {
      return fail(
          ErrorKind::InvalidInput, "import.unknown_column",
          fmt::format("The column “{}” is not known here. The first row names the columns, which are: {}.",
                      printable(name), fmt::join(kColumns, ", ")));
    }
    const auto column = static_cast<std::size_t>(found - kColumns.begin());
    if (std::ranges::find(header, column) != header.end()) {
      return fail(ErrorKind::InvalidInput, "import.column_twice",
                  fmt::format("The column {} is there twice.", kColumns[column]));
    }
    header.push_back(column);
  }
  if (std::ranges::none_of(header, [](std::size_t column) { return column < 2; })) {
    return fail(ErrorKind::InvalidInput, "import.no_name_column",
                "One of the columns must be userName or email.");
  }
  return header;
}

/// One row, and what becomes of it.
struct Candidate {
  int line = 0;
  directory::Profile profile = {};
  std::string department_name = {};
  std::optional<directory::DepartmentId> department = {};
  std::string_view outcome = "new";
  std::string problem = {};

  void refuse(std::string why) {
    outcome = "wrong";
    problem = std::move(why);
  }
};

Candidate read_row(const CsvRow& row, const Header& header) {
  Candidate candidate{.line = row.line};
  if (row.fields.size() != header.size()) {
    candidate.refuse(
        fmt::format("There are {} fields in this row, and {} columns.", row.fields.size(), header.size()));
    return candidate;
  }
  for (std::size_t i = 0; i < header.size(); ++i) {
    std::string text(trim(row.fields[i]));
    if (header[i] == kDepartment) {
      candidate.department_name = std::move(text);
    } else {
      candidate.profile.*kTexts[header[i]] = std::move(text);
    }
  }
  directory::Profile& profile = candidate.profile;
  if (profile.user_name.empty()) profile.user_name = profile.email;
  if (profile.user_name.empty()) {
    candidate.refuse("There is neither an e-mail address nor a user name.");
  } else if (!profile.email.empty() && !directory::is_email_address(profile.email)) {
    candidate.refuse(fmt::format("“{}” is not an e-mail address.", printable(profile.email)));
  } else if (const auto fits = directory::check_profile(profile); !fits) {
    candidate.refuse(fits.error().message);
  }
  return candidate;
}

/// Departments by their names, alone or from the top down with ` / ` between.
class DepartmentNames {
 public:
  explicit DepartmentNames(const std::vector<directory::Department>& departments) {
    std::unordered_map<directory::DepartmentId, const directory::Department*> by_id;
    for (const directory::Department& department : departments)
      by_id.emplace(department.id, &department);
    for (const directory::Department& department : departments) {
      by_name_[fold_case(department.name)].push_back(department.id);
      if (!department.parent) continue;
      std::string path = department.name;
      for (auto above = department.parent; above; above = by_id.at(*above)->parent)
        path.insert(0, by_id.at(*above)->name + " / ");
      by_name_[fold_case(path)].push_back(department.id);
    }
  }

  void resolve(Candidate& candidate) const {
    if (candidate.department_name.empty()) return;
    const auto found = by_name_.find(fold_case(candidate.department_name));
    if (found == by_name_.end()) {
      candidate.refuse(fmt::format("There is no department “{}”.", printable(candidate.department_name)));
    } else if (found->second.size() > 1) {
      candidate.refuse(
          fmt::format("There are several departments “{}”. Write the one above before it: “Above / {}”.",
                      printable(candidate.department_name), printable(candidate.department_name)));
    } else {
      candidate.department = found->second.front();
    }
  }

 private:
  std::unordered_map<std::string, std::vector<directory::DepartmentId>> by_name_;
};

/// Finishes what `read_row` began with what the account has.
Result<void> judge(storage::Transaction& transaction, directory::AccountId account,
                   std::vector<Candidate>& candidates) {
  ASSIGN_OR_RETURN(const auto departments, directory::list_departments(transaction, account));
  const DepartmentNames names(departments);
  std::unordered_map<std::string, int> lines;
  for (Candidate& candidate : candidates) {
    if (candidate.outcome == "wrong") continue;
    const auto [first, is_first] = lines.emplace(fold_case(candidate.profile.user_name), candidate.line);
    if (!is_first) {
      candidate.refuse(fmt::format("The same user name as in line {}.", first->second));
      continue;
    }
    ASSIGN_OR_RETURN(const auto known, directory::find_employee_by_user_name(transaction, account,
                                                                             candidate.profile.user_name));
    if (known) {
      candidate.outcome = "exists";
    } else {
      names.resolve(candidate);
    }
  }
  return {};
}

json::Object shown(const std::vector<Candidate>& candidates, bool done) {
  json::Array rows;
  std::unordered_map<std::string_view, int> counts;
  for (const Candidate& candidate : candidates) {
    ++counts[candidate.outcome];
    rows.push_back(json::Object{{"line", candidate.line},
                                {"outcome", candidate.outcome},
                                {"userName", candidate.profile.user_name},
                                {"email", candidate.profile.email},
                                {"givenName", candidate.profile.given_name},
                                {"familyName", candidate.profile.family_name},
                                {"displayName", candidate.profile.display_name},
                                {"department", candidate.department_name},
                                {"problem", candidate.problem}});
  }
  return {{"imported", done ? counts["new"] : 0},
          {"new", counts["new"]},
          {"exists", counts["exists"]},
          {"wrong", counts["wrong"]},
          {"rows", std::move(rows)}};
}

Result<std::vector<Candidate>> read_table(const http::Request& request) {
  const auto type = request.headers.find("Content-Type").value_or("");
  if (!equal_ignoring_ascii_case(trim(split(type, ';').front()), "text/csv")) {
    return fail(ErrorKind::InvalidInput, http::kUnsupportedMediaType,
                "The body must be a table, and the Content-Type must say so: text/csv.");
  }
  ASSIGN_OR_RETURN(const auto rows, parse_csv(request.body));
  if (rows.size() < 2) {
    return fail(
        ErrorKind::InvalidInput, "import.empty",
        "There is nothing to import: the first row names the columns, and each one below it is a person.");
  }
  ASSIGN_OR_RETURN(const Header header, read_header(rows.front()));
  std::vector<Candidate> candidates;
  for (std::size_t i = 1; i < rows.size(); ++i)
    candidates.push_back(read_row(rows[i], header));
  return candidates;
}

}  // namespace

Result<http::Response> ImportApi::import(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const auto dry_run, switch_field(query, "dry_run"));
  ASSIGN_OR_RETURN(const auto skip_wrong, switch_field(query, "skip_wrong"));
  ASSIGN_OR_RETURN(const std::vector<Candidate> table, read_table(request));
  const directory::AccountId account = admission.account();
  if (dry_run.value_or(false)) {
    return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
      std::vector<Candidate> candidates = table;
      RETURN_IF_ERROR(judge(transaction, account, candidates));
      return answer(shown(candidates, false));
    });
  }
  // All in one transaction, so that a list is either in or not; judged anew, since the preview may be old.
  return deps_.database.write([&](storage::Transaction& transaction) -> Result<http::Response> {
    std::vector<Candidate> candidates = table;
    RETURN_IF_ERROR(judge(transaction, account, candidates));
    const bool wrong = std::ranges::any_of(
        candidates, [](const Candidate& candidate) { return candidate.outcome == "wrong"; });
    if (wrong && !skip_wrong.value_or(false)) {
      json::Object refused = shown(candidates, false);
      refused["error"] = json::Object{
          {"code", "import.wrong_rows"},
          {"message", "Nothing was imported: some rows are wrong. Correct them, or leave them out."}};
      return answer(refused, http::Status::UnprocessableContent);
    }
    const Timestamp now = deps_.clock.now();
    for (const Candidate& candidate : candidates) {
      if (candidate.outcome != "new") continue;
      RETURN_IF_ERROR(directory::create_employee(
          transaction, {.account = account, .profile = candidate.profile, .department = candidate.department},
          admission.actor(), now));
    }
    return answer(shown(candidates, true));
  });
}

}  // namespace doorward::console
