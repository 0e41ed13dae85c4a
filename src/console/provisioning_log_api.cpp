#include "console/provisioning_log_api.h"

#include <charconv>

#include "directory/employees.h"
#include "directory/groups.h"
#include "directory/provisioning_tokens.h"
#include "setup/provisioning_pulse.h"

namespace doorward::console {

namespace {

constexpr std::chrono::days kExpiresSoon{30};

json::Array token_notices(const setup::Pulse& pulse, Timestamp now) {
  json::Array notices;
  for (const directory::ProvisioningToken& token : pulse.tokens) {
    if (!token.lives(now)) continue;
    const bool expires = token.expires_at && *token.expires_at < now + kExpiresSoon;
    if (!expires && token.last_used_at) continue;
    notices.push_back(json::Object{{"id", token.public_id},
                                   {"name", token.name},
                                   {"reason", expires ? "expires" : "never-used"},
                                   {"createdAt", format_rfc3339(token.created_at)},
                                   {"expiresAt", time_or_null(token.expires_at)}});
  }
  return notices;
}

/// What kind of thing an entry is about and what it is called, as far as that can still be said.
Result<json::Value> subject_of(storage::Transaction& transaction, directory::AccountId account,
                               const std::string& subject) {
  if (subject.empty()) return nullptr;
  ASSIGN_OR_RETURN(const auto employee, directory::find_employee(transaction, account, subject));
  if (employee) {
    return json::Object{{"kind", "employee"}, {"id", subject}, {"name", employee->shown_name()}};
  }
  ASSIGN_OR_RETURN(const auto group, directory::find_group(transaction, account, subject));
  if (group) return json::Object{{"kind", "group"}, {"id", subject}, {"name", group->display_name}};
  return json::Object{{"kind", "gone"}, {"id", subject}, {"name", ""}};
}

}  // namespace

json::Object view(const directory::ProvisioningEntry& entry) {
  return {{"id", entry.id.value},
          {"at", format_rfc3339(entry.at)},
          {"tokenName", entry.token_name},
          {"clientAddress", entry.client_address},
          {"requestId", entry.request_id},
          {"method", entry.method},
          {"path", entry.path},
          {"status", entry.status},
          {"outcome", directory::to_text(entry.outcome)},
          {"summary", entry.summary},
          {"subject", entry.subject},
          {"durationMicros", entry.duration_micros}};
}

Result<http::Response> ProvisioningLogApi::log(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  ASSIGN_OR_RETURN(const auto before, cursor_field<directory::ProvisioningEntryId>(query, "before"));
  directory::ProvisioningLogFilter filter;
  ASSIGN_OR_RETURN(const auto outcome, text_field(query, "outcome"));
  if (outcome) {
    filter.outcome = directory::parse_provisioning_outcome(*outcome);
    if (!filter.outcome) {
      return fail(ErrorKind::InvalidInput, "api.bad_query",
                  "`outcome` must be read, unchanged, changed or failed.");
    }
  }
  ASSIGN_OR_RETURN(const auto subject, text_field(query, "subject"));
  filter.subject = subject.value_or("");
  ASSIGN_OR_RETURN(const auto text, text_field(query, "text"));
  filter.text = text.value_or("");
  ASSIGN_OR_RETURN(const auto entries, deps_.database.read([&](storage::Transaction& transaction) {
    return directory::list_provisioning_log(transaction, admission.account(), filter, before, limit);
  }));
  json::Array items;
  for (const directory::ProvisioningEntry& entry : entries)
    items.push_back(view(entry));
  return answer(page_of("entries", entries, std::move(items), limit));
}

Result<http::Response> ProvisioningLogApi::entry(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
  if (admission.refusal) return *std::move(admission.refusal);
  const std::string& text = request.parameter("id");
  directory::ProvisioningEntryId id;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id.value);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return deps_.database.read([&](storage::Transaction& transaction) -> Result<http::Response> {
    std::optional<directory::ProvisioningEntry> found;
    if (is_number) {
      ASSIGN_OR_RETURN(found, directory::find_provisioning_entry(transaction, admission.account(), id));
    }
    if (!found) {
      return fail(ErrorKind::NotFound, "api.no_log_entry",
                  "There is no such entry in the provisioning log. Entries are deleted after the number of "
                  "days that the provisioning settings say.");
    }
    json::Object shown = view(*found);
    ASSIGN_OR_RETURN(shown["about"], subject_of(transaction, admission.account(), found->subject));
    ASSIGN_OR_RETURN(shown["changes"], json::parse(found->changes.empty() ? "[]" : found->changes));
    shown["requestBody"] = found->request_body;
    shown["responseBody"] = found->response_body;
    return answer(shown);
  });
}

Result<http::Response> ProvisioningLogApi::pulse(const http::Request& request) {
  ASSIGN_OR_RETURN(auto admission, admit_setup(deps_, request));
  if (admission.refusal) return *std::move(admission.refusal);
  const Timestamp now = deps_.clock.now();
  ASSIGN_OR_RETURN(const setup::Pulse pulse, deps_.database.read([&](storage::Transaction& transaction) {
    return setup::take_pulse(transaction, admission.account(), now);
  }));
  // A failure names people, whom a setup link shows to nobody.
  const bool tells = pulse.last_failure && !admission.delegate;
  return answer({{"state", setup::to_text(pulse.state(now))},
                 {"lastRequestAt", time_or_null(pulse.counts.last_request_at)},
                 {"changed", pulse.counts.changed},
                 {"failed", pulse.counts.failed},
                 {"lastFailure", tells ? json::Value(view(*pulse.last_failure)) : json::Value(nullptr)},
                 {"brakeOn", pulse.brake_on},
                 {"tokens", token_notices(pulse, now)}});
}

}  // namespace doorward::console
