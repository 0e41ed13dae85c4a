#include "console/own_keys_api.h"

#include <array>

#include "crypto/certificate.h"
#include "directory/accounts.h"
#include "directory/employees.h"
#include "directory/key_rotation.h"
#include "setup/connection_check.h"

namespace doorward::console {

namespace {

json::Object view_of_key(const directory::OwnKey& key) {
  json::Object shown{{"id", key.pair.public_id},
                     {"purpose", directory::to_text(key.pair.purpose)},
                     {"state", directory::to_text(key.pair.state)},
                     {"createdAt", format_rfc3339(key.pair.created_at)},
                     {"deletedAt", time_or_null(key.ends_at)},
                     {"thumbprint", ""},
                     {"notAfter", nullptr},
                     {"certificate", ""}};
  const auto certificate = crypto::Certificate::from_der(key.pair.certificate);
  if (!certificate) return shown;
  shown["thumbprint"] = certificate->thumbprint();
  shown["notAfter"] = format_rfc3339(certificate->not_after());
  shown["certificate"] = certificate->to_pem();
  return shown;
}

Result<json::Object> keys_of(storage::Transaction& transaction, directory::AccountId account) {
  ASSIGN_OR_RETURN(const auto keys, directory::list_own_keys(transaction, account));
  json::Array items;
  for (const directory::OwnKey& key : keys)
    items.push_back(view_of_key(key));
  const auto overlap = std::chrono::duration_cast<std::chrono::days>(directory::kKeyOverlap);
  return json::Object{{"keys", std::move(items)}, {"overlapDays", overlap.count()}};
}

bool has_next(const std::vector<directory::OwnKey>& keys) {
  return std::ranges::any_of(
      keys, [](const directory::OwnKey& key) { return key.pair.state == directory::KeyState::Next; });
}

Result<void> is_administrator_still(storage::Transaction& transaction, const Admission& admission) {
  ASSIGN_OR_RETURN(const auto employee, directory::load_employee(transaction, admission.account(),
                                                                 admission.administrator->employee.id));
  if (employee.active && employee.administrator) return {};
  return fail(ErrorKind::Refused, "api.administrators_only", "This is for administrators of the account.");
}

using Step = Result<void> (*)(storage::Transaction&, directory::AccountId, const directory::Actor&,
                              Timestamp);

/// The steps that need no new key.
constexpr auto kSteps = std::to_array<std::pair<std::string_view, Step>>({
    {"confirm", directory::confirm_key_rotation},
    {"cancel", directory::cancel_key_rotation},
    {"keep", directory::keep_old_keys},
});

/// Makes the next keys, unless that would be in vain.
Result<std::vector<directory::NewKeyPair>> make_next_keys(storage::Database& database,
                                                          const directory::Account& account, Timestamp now) {
  ASSIGN_OR_RETURN(const auto present, database.read([&](storage::Transaction& transaction) {
    return directory::list_own_keys(transaction, account.id);
  }));
  if (has_next(present)) {
    return fail(ErrorKind::Conflict, "directory.key_pair_exists",
                "New keys are published already. Confirm the change or give it up first.");
  }
  std::vector<directory::NewKeyPair> next;
  for (const auto purpose : {directory::KeyPurpose::Signing, directory::KeyPurpose::Encryption})
    next.push_back(directory::make_next_key(account, purpose, now));
  return next;
}

}  // namespace

Result<http::Response> OwnKeysApi::keys(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto shown, deps_.database.read([&](storage::Transaction& transaction) {
    return keys_of(transaction, admission.account());
  }));
  return answer(shown);
}

Result<http::Response> OwnKeysApi::rotate(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const auto body, json_body(request));
  constexpr std::array<std::string_view, 1> kMembers = {"step"};
  RETURN_IF_ERROR(only_members(body, kMembers));
  ASSIGN_OR_RETURN(const std::string name, json::required_string(body, "step"));
  const auto* const step = std::ranges::find(kSteps, name, &std::pair<std::string_view, Step>::first);
  if (name != "begin" && step == kSteps.end()) {
    return fail(ErrorKind::InvalidInput, "api.bad_body", "`step` is begin, confirm, cancel or keep.");
  }
  ASSIGN_OR_RETURN(const auto account, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::load_account(transaction, admission.account());
  }));
  RETURN_IF_ERROR(setup::check_plan(account));
  const Timestamp now = deps_.clock.now();
  std::vector<directory::NewKeyPair> next;
  if (name == "begin") {
    // Keys cost a processor's time.
    ASSIGN_OR_RETURN(const CheckGuard::Turn turn, guard_.begin(admission.account(), now));
    ASSIGN_OR_RETURN(next, make_next_keys(deps_.database, account, now));
  }
  const auto change = [&](storage::Transaction& transaction) -> Result<json::Object> {
    RETURN_IF_ERROR(is_administrator_still(transaction, admission));
    if (name == "begin") {
      RETURN_IF_ERROR(
          directory::begin_key_rotation(transaction, sealer_, account.id, next, admission.actor(), now));
    } else {
      RETURN_IF_ERROR(step->second(transaction, account.id, admission.actor(), now));
    }
    return keys_of(transaction, account.id);
  };
  ASSIGN_OR_RETURN(const auto shown, deps_.database.write(change));
  return answer(shown);
}

}  // namespace doorward::console
