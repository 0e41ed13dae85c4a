#include "console/diagnosis_api.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "console/diagnosis_words.h"
#include "console/views.h"
#include "directory/accounts.h"
#include "directory/sign_in_history.h"

namespace doorward::console {

namespace {

/// Longer than any address or user name is worth looking for.
constexpr std::size_t kMaxSearch = 320;
constexpr int kMaxNamesakes = 20;

/// Whom the question is about.
struct SoughtPerson {
  std::vector<directory::Employee> employees;
  /// Where nobody was found.
  std::string address = {};
  /// The attempt whose reference number was given.
  std::optional<directory::Attempt> attempt = {};
};

/// Everybody with that user name or address.
Result<std::vector<directory::Employee>> find_named(storage::Transaction& transaction,
                                                    directory::AccountId account, std::string_view name) {
  std::vector<directory::Employee> found;
  if (name.empty()) return found;
  ASSIGN_OR_RETURN(found, directory::find_employees_by_email(transaction, account, name, kMaxNamesakes));
  ASSIGN_OR_RETURN(auto named, directory::find_employee_by_user_name(transaction, account, name));
  if (named && std::ranges::find(found, named->id, &directory::Employee::id) == found.end()) {
    found.push_back(*std::move(named));
  }
  return found;
}

Result<SoughtPerson> search_person(storage::Transaction& transaction, directory::AccountId account,
                                   std::string_view words) {
  SoughtPerson subject;
  ASSIGN_OR_RETURN(subject.attempt, directory::find_attempt(transaction, account, words));
  if (!subject.attempt) {
    subject.address = words;
    ASSIGN_OR_RETURN(subject.employees, find_named(transaction, account, words));
    return subject;
  }
  if (!subject.attempt->employee.empty()) {
    ASSIGN_OR_RETURN(auto employee,
                     directory::find_employee(transaction, account, subject.attempt->employee));
    if (employee) subject.employees.push_back(*std::move(employee));
    return subject;
  }
  // Nobody was recognised; meanwhile the address may be somebody's.
  subject.address = directory::address_of(*subject.attempt);
  ASSIGN_OR_RETURN(subject.employees, find_named(transaction, account, subject.address));
  return subject;
}

json::Object person_view(const directory::Employee& employee) {
  return {{"id", employee.public_id},
          {"name", employee.shown_name()},
          {"userName", employee.profile.user_name},
          {"email", employee.profile.email}};
}

Result<json::Object> diagnosed(storage::Transaction& transaction, const directory::Account& account,
                               const SoughtPerson& subject, Timestamp now) {
  json::Array people;
  for (const directory::Employee& employee : subject.employees)
    people.push_back(person_view(employee));
  json::Object result{{"employees", std::move(people)},
                      {"attempt", nullptr},
                      {"verdict", nullptr},
                      {"standing", json::Array()},
                      {"timeline", json::Array()}};
  if (subject.attempt) {
    ASSIGN_OR_RETURN(result["attempt"], named_view(transaction, *subject.attempt));
  }
  // Whose story it is, only the reader knows.
  if (subject.employees.size() > 1) return result;
  directory::SignInHistory history;
  if (subject.employees.empty()) {
    ASSIGN_OR_RETURN(history,
                     directory::sign_in_history_of_stranger(transaction, account, subject.address, now));
    if (subject.attempt && history.attempts.empty()) history.attempts.push_back(*subject.attempt);
  } else {
    ASSIGN_OR_RETURN(history,
                     directory::sign_in_history(transaction, account, subject.employees.front(), now));
  }
  const auto diagnosis = directory::diagnose(history, subject.attempt, now);
  const Verdict verdict = verdict_of(history, diagnosis);
  result["verdict"] = json::Object{
      {"cause", to_text(diagnosis.obstacle)},
      {"finding", diagnosis.obstacle == directory::Obstacle::Attempt ? diagnosis.attempt->finding : ""},
      {"answer", verdict.answer},
      {"advice", verdict.advice}};
  result["standing"] = standing_view(history);
  result["timeline"] = timeline_view(history);
  return result;
}

}  // namespace

Result<http::Response> DiagnosisApi::diagnosis(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const auto id, text_field(query, "employee"));
  ASSIGN_OR_RETURN(const auto typed, text_field(query, "search"));
  const std::string_view words = trim(typed.value_or(""));
  if (id.has_value() == typed.has_value() || (typed && words.empty()) || words.size() > kMaxSearch) {
    return fail(ErrorKind::InvalidInput, "api.bad_query",
                "Give an e-mail address, a user name or the reference number of an attempt.");
  }
  ASSIGN_OR_RETURN(
      const auto found, deps_.database.read([&](storage::Transaction& transaction) -> Result<json::Object> {
        // The session's copy of the account may be older than its plan.
        ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, admission.account()));
        SoughtPerson subject;
        if (id) {
          ASSIGN_OR_RETURN(auto employee, directory::find_employee(transaction, account.id, *id));
          if (!employee) {
            return fail(ErrorKind::NotFound, directory::kNoEmployee,
                        "There is no such employee. Your directory may have deleted them.");
          }
          subject.employees.push_back(*std::move(employee));
        } else {
          ASSIGN_OR_RETURN(subject, search_person(transaction, account.id, words));
        }
        return diagnosed(transaction, account, subject, deps_.clock.now());
      }));
  return answer(found);
}

}  // namespace doorward::console
