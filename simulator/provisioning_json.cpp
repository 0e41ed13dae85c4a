#include "simulator/provisioning_json.h"

#include "base/text.h"
#include "base/url.h"
#include "simulator/json_model.h"
#include "simulator/words.h"

namespace doorward::simulator {

namespace {

template <class Strings>
json::Array strings(const Strings& values) {
  json::Array array;
  for (const auto& value : values)
    array.emplace_back(value);
  return array;
}

json::Value time_or_null(const std::optional<Timestamp>& time) {
  return time ? json::Value(format_rfc3339(*time)) : json::Value(nullptr);
}

json::Array to_json(const std::vector<AttributeMapping>& mappings) {
  json::Array array;
  for (const AttributeMapping& mapping : mappings) {
    json::Object row{{"source", mapping.source}, {"target", mapping.target}};
    if (mapping.precedence > 0) row["precedence"] = mapping.precedence;
    array.push_back(std::move(row));
  }
  return array;
}

Result<std::vector<AttributeMapping>> mappings_from(const json::Value& value) {
  if (!value.is_array()) {
    return fail(ErrorKind::InvalidInput, "simulator.json", "Mappings must be an array of objects.");
  }
  std::vector<AttributeMapping> mappings;
  for (const json::Value& element : value.get_array()) {
    ASSIGN_OR_RETURN(const json::Object row, as_object(element));
    AttributeMapping mapping;
    ASSIGN_OR_RETURN(mapping.source, json::required_string(row, "source"));
    ASSIGN_OR_RETURN(mapping.target, json::required_string(row, "target"));
    ASSIGN_OR_RETURN(const auto precedence, json::optional_integer(row, "precedence"));
    mapping.precedence = static_cast<int>(precedence.value_or(0));
    mappings.push_back(std::move(mapping));
  }
  RETURN_IF_ERROR(check_mappings(mappings));
  return mappings;
}

json::Object settings_json(const ProvisioningSettings& settings) {
  return {{"automatic", settings.automatic},
          {"tenant_url", settings.tenant_url},
          {"provision_users", settings.provision_users},
          {"provision_groups", settings.provision_groups},
          {"user_mappings", to_json(settings.user_mappings)},
          {"group_mappings", to_json(settings.group_mappings)},
          {"interval_seconds", settings.interval.count()},
          {"manager_form", word(settings.manager_form)},
          {"explicit_nulls", settings.explicit_nulls},
          {"failure_limit", settings.failure_limit}};
}

json::Object to_json(const ProvisioningStatistics& statistics) {
  return {{"cycles", statistics.cycles},     {"created", statistics.created}, {"updated", statistics.updated},
          {"disabled", statistics.disabled}, {"deleted", statistics.deleted}, {"skipped", statistics.skipped},
          {"failed", statistics.failed}};
}

Result<ProvisioningStatistics> statistics_from(const json::Object& object) {
  ProvisioningStatistics statistics;
  const auto take = [&](const char* name, std::int64_t& target) -> Result<void> {
    ASSIGN_OR_RETURN(const auto value, json::optional_integer(object, name));
    target = value.value_or(0);
    return {};
  };
  RETURN_IF_ERROR(take("cycles", statistics.cycles));
  RETURN_IF_ERROR(take("created", statistics.created));
  RETURN_IF_ERROR(take("updated", statistics.updated));
  RETURN_IF_ERROR(take("disabled", statistics.disabled));
  RETURN_IF_ERROR(take("deleted", statistics.deleted));
  RETURN_IF_ERROR(take("skipped", statistics.skipped));
  RETURN_IF_ERROR(take("failed", statistics.failed));
  return statistics;
}

json::Value to_json(const std::optional<Quarantine>& quarantine) {
  if (!quarantine) return nullptr;
  return json::Object{{"reason", quarantine->reason},
                      {"message", quarantine->message},
                      {"since", format_rfc3339(quarantine->since)},
                      {"next_retry", format_rfc3339(quarantine->next_retry)},
                      {"retries", quarantine->retries}};
}

Result<std::optional<Quarantine>> quarantine_from(const json::Object& owner) {
  const json::Value* value = owner.if_contains("quarantine");
  if (value == nullptr || !value->is_object()) return std::optional<Quarantine>();
  const json::Object& object = value->get_object();
  Quarantine quarantine{};
  ASSIGN_OR_RETURN(quarantine.reason, json::required_string(object, "reason"));
  ASSIGN_OR_RETURN(quarantine.message, json::required_string(object, "message"));
  ASSIGN_OR_RETURN(const std::string since, json::required_string(object, "since"));
  ASSIGN_OR_RETURN(const std::string retry, json::required_string(object, "next_retry"));
  quarantine.since = parse_rfc3339(since).value_or(Timestamp());
  quarantine.next_retry = parse_rfc3339(retry).value_or(Timestamp());
  ASSIGN_OR_RETURN(const auto retries, json::optional_integer(object, "retries"));
  quarantine.retries = static_cast<int>(retries.value_or(0));
  return std::optional(std::move(quarantine));
}

json::Object to_json(const std::map<std::string, ProvisionedObject>& objects) {
  json::Object all;
  for (const auto& [source_id, object] : objects) {
    json::Object sent;
    for (const auto& [target, text] : object.sent)
      sent[target] = text;
    all[source_id] = json::Object{{"id", object.id},
                                  {"sent", std::move(sent)},
                                  {"in_scope", object.in_scope},
                                  {"members", strings(object.members)}};
  }
  return all;
}

Result<std::map<std::string, ProvisionedObject>> objects_from(const json::Object& owner, const char* name) {
  std::map<std::string, ProvisionedObject> objects;
  const json::Value* value = owner.if_contains(name);
  if (value == nullptr) return objects;
  ASSIGN_OR_RETURN(const json::Object all, as_object(*value));
  for (const auto& entry : all) {
    ASSIGN_OR_RETURN(const json::Object saved, as_object(entry.value()));
    ProvisionedObject object;
    ASSIGN_OR_RETURN(object.id, json::required_string(saved, "id"));
    ASSIGN_OR_RETURN(const auto in_scope, json::optional_bool(saved, "in_scope"));
    object.in_scope = in_scope.value_or(true);
    ASSIGN_OR_RETURN(const auto members, optional_strings(saved, "members"));
    if (members) object.members.insert(members->begin(), members->end());
    const json::Value* sent = saved.if_contains("sent");
    if (sent != nullptr && sent->is_object()) {
      for (const auto& pair : sent->get_object()) {
        if (pair.value().is_string()) object.sent.emplace(pair.key(), pair.value().get_string());
      }
    }
    objects.emplace(entry.key(), std::move(object));
  }
  return objects;
}

json::Array to_json(const std::vector<Exchange>& exchanges) {
  json::Array array;
  for (const Exchange& exchange : exchanges) {
    json::Object row{{"method", exchange.method},
                     {"url", exchange.url},
                     {"request_body", exchange.request_body},
                     {"status", exchange.status},
                     {"content_type", exchange.content_type},
                     {"response_body", exchange.response_body}};
    if (!exchange.failure.empty()) row["failure"] = exchange.failure;
    array.push_back(std::move(row));
  }
  return array;
}

/// Entra's word for where the job is.
const char* status_word(const Provisioning& provisioning) {
  if (provisioning.job.quarantine) return "quarantined";
  if (provisioning.running) return "in_progress";
  return provisioning.job.started ? "started" : "stopped";
}

}  // namespace

json::Object to_json(const Provisioning& provisioning) {
  const ProvisioningJob& job = provisioning.job;
  json::Object object = settings_json(provisioning.settings);
  object["secret_token_set"] = !provisioning.settings.secret_token.empty();
  object["status"] = status_word(provisioning);
  object["started"] = job.started;
  object["running"] = provisioning.running;
  object["initial_cycle_done"] = job.initial_cycle_done;
  object["statistics"] = to_json(job.statistics);
  object["quarantine"] = to_json(job.quarantine);
  object["last_cycle"] = time_or_null(job.last_cycle);
  object["next_cycle"] = time_or_null(next_cycle(provisioning));
  object["last_problem"] = job.last_problem;
  json::Object users;
  for (const auto& [source_id, known] : job.users) {
    if (!known.id.empty()) users[source_id] = known.id;
  }
  json::Object groups;
  for (const auto& [source_id, known] : job.groups)
    groups[source_id] = known.id;
  object["user_ids"] = std::move(users);
  object["group_ids"] = std::move(groups);
  return object;
}

json::Object to_json(const ProvisioningLogEntry& entry) {
  return {{"at", format_rfc3339(entry.at)},
          {"cycle_id", entry.cycle_id},
          {"action", word(entry.action)},
          {"status", word(entry.status)},
          {"object_type", entry.object_type},
          {"source_id", entry.source_id},
          {"name", entry.name},
          {"target_id", entry.target_id},
          {"reason", entry.reason},
          {"exchanges", to_json(entry.exchanges)}};
}

json::Object to_json(const CycleReport& report) {
  json::Array entries;
  for (const ProvisioningLogEntry& entry : report.entries)
    entries.push_back(to_json(entry));
  return {{"id", report.id},
          {"kind", report.kind},
          {"started", format_rfc3339(report.started)},
          {"finished", format_rfc3339(report.finished)},
          {"problem", report.problem},
          {"entries", std::move(entries)}};
}

json::Object to_json(const TestVerdict& verdict) {
  return {{"ok", verdict.ok},
          {"message", verdict.message},
          {"details", verdict.details},
          {"exchanges", to_json(verdict.exchanges)}};
}

Result<void> configure(ProvisioningSettings& settings, const json::Object& object) {
  constexpr std::int64_t kMaxInterval = 24 * 3600;
  ProvisioningSettings wanted = settings;
  ASSIGN_OR_RETURN(const auto automatic, json::optional_bool(object, "automatic"));
  ASSIGN_OR_RETURN(const auto tenant_url, json::optional_string(object, "tenant_url"));
  ASSIGN_OR_RETURN(auto token, json::optional_string(object, "secret_token"));
  ASSIGN_OR_RETURN(const auto users, json::optional_bool(object, "provision_users"));
  ASSIGN_OR_RETURN(const auto groups, json::optional_bool(object, "provision_groups"));
  ASSIGN_OR_RETURN(const auto interval, json::optional_integer(object, "interval_seconds"));
  ASSIGN_OR_RETURN(const auto form, json::optional_string(object, "manager_form"));
  ASSIGN_OR_RETURN(const auto nulls, json::optional_bool(object, "explicit_nulls"));
  ASSIGN_OR_RETURN(const auto limit, json::optional_integer(object, "failure_limit"));
  if (tenant_url) {
    if (!tenant_url->empty()) RETURN_IF_ERROR(Url::parse(*tenant_url));
    wanted.tenant_url = *tenant_url;
    // Who gives the address means it.
    wanted.automatic = true;
  }
  wanted.automatic = automatic.value_or(wanted.automatic);
  if (token) wanted.secret_token = crypto::Secret(*std::move(token));
  wanted.provision_users = users.value_or(wanted.provision_users);
  wanted.provision_groups = groups.value_or(wanted.provision_groups);
  if (interval && (*interval < 0 || *interval > kMaxInterval)) {
    return fail(ErrorKind::InvalidInput, "simulator.interval",
                "The interval must be between 0 and 86400 seconds.");
  }
  if (interval) wanted.interval = std::chrono::seconds(*interval);
  if (form) {
    ASSIGN_OR_RETURN(wanted.manager_form, parse_word<ManagerForm>(*form));
  }
  wanted.explicit_nulls = nulls.value_or(wanted.explicit_nulls);
  wanted.failure_limit = limit.value_or(wanted.failure_limit);
  if (const json::Value* mappings = object.if_contains("user_mappings"); mappings != nullptr) {
    ASSIGN_OR_RETURN(wanted.user_mappings, mappings_from(*mappings));
  }
  if (const json::Value* mappings = object.if_contains("group_mappings"); mappings != nullptr) {
    ASSIGN_OR_RETURN(wanted.group_mappings, mappings_from(*mappings));
  }
  settings = std::move(wanted);
  return {};
}

json::Object provisioning_state(const Provisioning& provisioning) {
  const ProvisioningJob& job = provisioning.job;
  json::Object settings = settings_json(provisioning.settings);
  settings["secret_token"] = provisioning.settings.secret_token.reveal();
  return {{"settings", std::move(settings)},
          {"job", json::Object{{"started", job.started},
                               {"initial_cycle_done", job.initial_cycle_done},
                               {"users", to_json(job.users)},
                               {"groups", to_json(job.groups)},
                               {"statistics", to_json(job.statistics)},
                               {"quarantine", to_json(job.quarantine)},
                               {"last_cycle", time_or_null(job.last_cycle)},
                               {"last_problem", job.last_problem}}}};
}

Result<Provisioning> provisioning_from_state(const json::Object& object) {
  Provisioning provisioning;
  if (const json::Value* saved = object.if_contains("settings"); saved != nullptr) {
    ASSIGN_OR_RETURN(const json::Object settings, as_object(*saved));
    RETURN_IF_ERROR(configure(provisioning.settings, settings));
  }
  const json::Value* saved = object.if_contains("job");
  if (saved == nullptr) return provisioning;
  ASSIGN_OR_RETURN(const json::Object entry, as_object(*saved));
  ProvisioningJob& job = provisioning.job;
  ASSIGN_OR_RETURN(const auto started, json::optional_bool(entry, "started"));
  ASSIGN_OR_RETURN(const auto initial, json::optional_bool(entry, "initial_cycle_done"));
  job.started = started.value_or(false);
  job.initial_cycle_done = initial.value_or(false);
  ASSIGN_OR_RETURN(job.users, objects_from(entry, "users"));
  ASSIGN_OR_RETURN(job.groups, objects_from(entry, "groups"));
  if (const json::Value* statistics = entry.if_contains("statistics"); statistics != nullptr) {
    ASSIGN_OR_RETURN(const json::Object sums, as_object(*statistics));
    ASSIGN_OR_RETURN(job.statistics, statistics_from(sums));
  }
  ASSIGN_OR_RETURN(job.quarantine, quarantine_from(entry));
  ASSIGN_OR_RETURN(const auto last_cycle, json::optional_string(entry, "last_cycle"));
  if (last_cycle) job.last_cycle = parse_rfc3339(*last_cycle);
  ASSIGN_OR_RETURN(const auto problem, json::optional_string(entry, "last_problem"));
  job.last_problem = problem.value_or("");
  return provisioning;
}

}  // namespace doorward::simulator
