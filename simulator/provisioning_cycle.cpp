#include "simulator/provisioning_cycle.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/encoding.h"
#include "simulator/scim_client.h"

namespace doorward::simulator {

namespace {

using enum ProvisioningAction;
using enum ProvisioningStatus;
using Values = std::map<std::string, std::string>;

Values texts_of(const std::vector<TargetValue>& values) {
  Values texts;
  for (const TargetValue& value : values)
    texts.emplace(value.target, json::serialize(value.value));
  return texts;
}

std::string path_of(std::string_view type, std::string_view id = "") {
  return id.empty() ? fmt::format("/{}s", type) : fmt::format("/{}s/{}", type, percent_encode(id));
}

std::vector<AttributeMapping> matching_mappings(std::vector<AttributeMapping> mappings) {
  std::erase_if(mappings, [](const AttributeMapping& mapping) { return mapping.precedence == 0; });
  std::ranges::stable_sort(mappings, {}, &AttributeMapping::precedence);
  return mappings;
}

/// Groups are asked for without their members, of which there may be many.
std::string matching_query(std::string_view type, std::string_view attribute, const json::Value& value) {
  return fmt::format("{}{}", type == "Group" ? "excludedAttributes=members&" : "",
                     filter_query(attribute, value));
}

class Cycle {
 public:
  Cycle(ProvisioningSnapshot& snapshot, ScimClient client, const Clock& clock, CycleReport& report)
      : snapshot_(snapshot),
        job_(snapshot.job),
        settings_(snapshot.settings),
        client_(std::move(client)),
        clock_(clock),
        report_(report) {}

  void everything();
  void one_user(const User& user);
  /// What ended the cycle early.
  const std::optional<Error>& end() const { return end_; }

 private:
  ProvisioningLogEntry entry(const char* type, std::string_view source_id, std::string_view name) const;
  void record(ProvisioningLogEntry entry, const Result<void>& result);

  void provision_user(const User& user);
  Result<void> create_or_link(const User& user, const std::vector<TargetValue>& values, bool active,
                              ProvisioningLogEntry& entry);
  Result<void> deprovision(const std::string& user_id, ProvisionedObject& object,
                           ProvisioningLogEntry& entry);
  void forget_purged_users();
  void provision_manager(const User& user);

  void provision_group(const Group& group);
  Result<void> sync_group(const Group& group, ProvisioningLogEntry& entry);
  Result<void> sync_members(const Group& group, ProvisionedObject& object, ProvisioningLogEntry& entry);
  void remove_groups();

  Result<std::optional<json::Object>> match(const char* type, const std::vector<AttributeMapping>& mappings,
                                            const std::vector<TargetValue>& values,
                                            ProvisioningLogEntry& entry) const;
  /// Sends what differs from `known`; `entry` stays skipped when nothing does.
  Result<void> update(const char* type, ProvisionedObject& object, const std::vector<TargetValue>& values,
                      const Values& known, ProvisioningLogEntry& entry) const;
  std::string active_target() const;

  ProvisioningSnapshot& snapshot_;
  ProvisioningJob& job_;
  const ProvisioningSettings& settings_;
  ScimClient client_;
  const Clock& clock_;
  CycleReport& report_;
  std::optional<Error> end_;
};

ProvisioningLogEntry Cycle::entry(const char* type, std::string_view source_id, std::string_view name) const {
  ProvisioningLogEntry made;
  made.at = clock_.now();
  made.cycle_id = report_.id;
  made.object_type = type;
  made.source_id = source_id;
  made.name = name;
  made.status = Skipped;
  return made;
}

void Cycle::record(ProvisioningLogEntry entry, const Result<void>& result) {
  if (!result) {
    entry.status = Failure;
    entry.reason = result.error().message;
    const ErrorCode code = result.error().code;
    if (code == kInvalidCredentials || code == kNotCompliant || code == kUnreachable) end_ = result.error();
  }
  // Nothing happened that Entra would list either.
  if (entry.status == Skipped && entry.reason.empty() && entry.exchanges.empty()) return;
  report_.entries.push_back(std::move(entry));
}

std::string Cycle::active_target() const {
  const auto found = std::ranges::find_if(settings_.user_mappings, is_active_mapping);
  return found == settings_.user_mappings.end() ? "" : found->target;
}

Result<std::optional<json::Object>> Cycle::match(const char* type,
                                                 const std::vector<AttributeMapping>& mappings,
                                                 const std::vector<TargetValue>& values,
                                                 ProvisioningLogEntry& entry) const {
  for (const AttributeMapping& mapping : matching_mappings(mappings)) {
    const auto value = std::ranges::find(values, mapping.target, &TargetValue::target);
    if (value == values.end()) continue;
    ASSIGN_OR_RETURN(
        auto found,
        client_.find(path_of(type), matching_query(type, mapping.target, value->value), entry.exchanges));
    if (found) return found;
  }
  return std::optional<json::Object>();
}

Result<void> Cycle::update(const char* type, ProvisionedObject& object,
                           const std::vector<TargetValue>& values, const Values& known,
                           ProvisioningLogEntry& entry) const {
  std::vector<Change> changes;
  bool disables = false;
  for (const TargetValue& value : values) {
    const auto before = known.find(value.target);
    if (before != known.end() && before->second == json::serialize(value.value)) continue;
    changes.push_back({value, before != known.end()});
    disables = disables || (value.target == active_target() && value.value == json::Value(false));
  }
  entry.target_id = object.id;
  if (!changes.empty()) {
    entry.action = disables ? Disable : Update;
    RETURN_IF_ERROR(client_.patch(path_of(type, object.id), patch_body(client_.endpoint(), changes),
                                  entry.object_type == "Group" ? ScimClient::PatchAnswer::Nothing
                                                               : ScimClient::PatchAnswer::ResourceOrNothing,
                                  entry.exchanges));
    entry.status = Success;
  } else if (!entry.exchanges.empty()) {
    entry.reason = "RedundantExport: the object in the application is the same already.";
  }
  for (const auto& [target, text] : texts_of(values))
    object.sent[target] = text;
  return {};
}

// Users.

Result<void> Cycle::create_or_link(const User& user, const std::vector<TargetValue>& values, bool active,
                                   ProvisioningLogEntry& entry) {
  ASSIGN_OR_RETURN(const auto found, match("User", settings_.user_mappings, values, entry));
  if (found) {
    // The manager's present value is not looked at: the second pass sends it in any case.
    ProvisionedObject object{.id = std::string(found->at("id").as_string())};
    Values known;
    for (const TargetValue& value : values) {
      const auto target = ScimTarget::parse(value.target);
      const auto present = target ? target->read(*found) : std::nullopt;
      if (present) known.emplace(value.target, json::serialize(*present));
    }
    RETURN_IF_ERROR(update("User", object, values, known, entry));
    job_.users[user.object_id] = std::move(object);
    return {};
  }
  ProvisionedObject object{.sent = texts_of(values)};
  if (!active) {
    entry.reason = "The user is disabled, and disabled users are not created.";
  } else {
    entry.action = Create;
    ASSIGN_OR_RETURN(object.id, client_.create("/Users", create_user_body(values, settings_.explicit_nulls),
                                               entry.exchanges));
    entry.target_id = object.id;
    entry.status = Success;
  }
  job_.users[user.object_id] = std::move(object);
  return {};
}

/// Without a mapping that says so, the application is taken for one that cannot disable.
Result<void> Cycle::deprovision(const std::string& user_id, ProvisionedObject& object,
                                ProvisioningLogEntry& entry) {
  const std::string target = active_target();
  if (!target.empty()) return update("User", object, {{target, false}}, Values(object.sent), entry);
  entry.action = Delete;
  entry.target_id = object.id;
  RETURN_IF_ERROR(client_.remove(path_of("User", object.id), entry.exchanges));
  entry.status = Success;
  job_.users.erase(user_id);
  return {};
}

void Cycle::provision_user(const User& user) {
  const bool in_scope = snapshot_.in_scope.contains(user.object_id);
  const bool active = in_scope && !user.deleted && user.account_enabled;
  const auto role = snapshot_.roles.find(user.object_id);
  const auto values =
      values_of(settings_.user_mappings, user, role == snapshot_.roles.end() ? "" : role->second, active);
  const auto known = job_.users.find(user.object_id);
  ProvisioningLogEntry line = entry("User", user.object_id, user.user_principal_name);

  if (known == job_.users.end() || known->second.id.empty()) {
    if (!in_scope || user.deleted) return;
    const bool skipped_before =
        known != job_.users.end() && !active && known->second.sent == texts_of(values);
    if (skipped_before) return;
    const auto result = create_or_link(user, values, active, line);
    record(std::move(line), result);
    return;
  }
  ProvisionedObject& object = known->second;
  object.in_scope = in_scope;
  const auto result = in_scope && !user.deleted ? update("User", object, values, Values(object.sent), line)
                                                : deprovision(user.object_id, object, line);
  record(std::move(line), result);
}

/// Deleted for ever. Those who were unassigned before were none of the job's business any more.
void Cycle::forget_purged_users() {
  std::set<std::string> present;
  for (const User& user : snapshot_.users)
    present.insert(user.object_id);
  std::vector<std::string> gone;
  for (const auto& [id, object] : job_.users) {
    if (!present.contains(id)) gone.push_back(id);
  }
  for (const std::string& id : gone) {
    if (end_) return;
    const ProvisionedObject& object = job_.users.at(id);
    if (object.in_scope && !object.id.empty()) {
      ProvisioningLogEntry line = entry("User", id, id);
      line.action = Delete;
      line.target_id = object.id;
      line.status = Success;
      const auto removed = client_.remove(path_of("User", object.id), line.exchanges);
      record(std::move(line), removed);
      if (!removed) continue;
    }
    job_.users.erase(id);
  }
}

void Cycle::provision_manager(const User& user) {
  const auto mapping = std::ranges::find(settings_.user_mappings, "manager", &AttributeMapping::source);
  const auto own = job_.users.find(user.object_id);
  const auto manager = job_.users.find(user.manager);
  if (mapping == settings_.user_mappings.end() || own == job_.users.end() || own->second.id.empty() ||
      manager == job_.users.end() || manager->second.id.empty() || user.deleted ||
      !snapshot_.in_scope.contains(user.object_id))
    return;
  const std::string wanted = json::serialize(json::Value(manager->second.id));
  const auto before = own->second.sent.find(mapping->target);
  const bool existed = before != own->second.sent.end();
  if (existed && before->second == wanted) return;
  ProvisioningLogEntry line = entry("User", user.object_id, user.user_principal_name);
  line.action = Update;
  line.target_id = own->second.id;
  line.status = Success;
  const auto result = client_.patch(
      path_of("User", own->second.id),
      manager_body(client_.endpoint(), mapping->target, manager->second.id, settings_.manager_form, existed),
      ScimClient::PatchAnswer::ResourceOrNothing, line.exchanges);
  if (result) own->second.sent[mapping->target] = wanted;
  record(std::move(line), result);
}

// Groups.

Result<void> Cycle::sync_group(const Group& group, ProvisioningLogEntry& entry) {
  const auto values = values_of(settings_.group_mappings, group);
  const auto known = job_.groups.find(group.object_id);
  if (known != job_.groups.end()) {
    return update("Group", known->second, values, Values(known->second.sent), entry);
  }
  ProvisionedObject object;
  ASSIGN_OR_RETURN(const auto found, match("Group", settings_.group_mappings, values, entry));
  if (found) {
    object.id = found->at("id").as_string();
    Values present;
    for (const TargetValue& value : values) {
      const auto target = ScimTarget::parse(value.target);
      const auto text = target ? target->read(*found) : std::nullopt;
      if (text) present.emplace(value.target, json::serialize(*text));
    }
    RETURN_IF_ERROR(update("Group", object, values, present, entry));
  } else {
    entry.action = Create;
    ASSIGN_OR_RETURN(object.id, client_.create("/Groups", create_group_body(values), entry.exchanges));
    object.sent = texts_of(values);
    entry.target_id = object.id;
    entry.status = Success;
  }
  job_.groups[group.object_id] = std::move(object);
  return {};
}

Result<void> Cycle::sync_members(const Group& group, ProvisionedObject& object, ProvisioningLogEntry& entry) {
  constexpr std::size_t kAtOnce = 100;
  const auto send = [&](const std::vector<std::pair<std::string, std::string>>& users, auto&& body_of,
                        auto&& then) -> Result<void> {
    for (std::size_t begin = 0; begin < users.size(); begin += kAtOnce) {
      const std::size_t end = std::min(users.size(), begin + kAtOnce);
      std::vector<std::string> ids;
      for (std::size_t i = begin; i < end; ++i)
        ids.push_back(users[i].second);
      entry.action = entry.action == Create ? Create : Update;
      entry.target_id = object.id;
      RETURN_IF_ERROR(client_.patch(path_of("Group", object.id), body_of(client_.endpoint(), ids),
                                    ScimClient::PatchAnswer::Nothing, entry.exchanges));
      entry.status = Success;
      // The group itself was the same already, its members were not.
      entry.reason.clear();
      for (std::size_t i = begin; i < end; ++i)
        then(users[i].first);
    }
    return {};
  };
  const auto remote_id = [&](const std::string& user_id) {
    const auto found = job_.users.find(user_id);
    return found == job_.users.end() ? std::string() : found->second.id;
  };
  std::vector<std::pair<std::string, std::string>> added;
  for (const std::string& member : group.members) {
    const std::string id = remote_id(member);
    if (!id.empty() && !object.members.contains(member)) added.emplace_back(member, id);
  }
  std::vector<std::pair<std::string, std::string>> removed;
  for (const std::string& member : std::set<std::string>(object.members)) {
    if (group.members.contains(member)) continue;
    const std::string id = remote_id(member);
    if (id.empty()) {
      object.members.erase(member);
    } else {
      removed.emplace_back(member, id);
    }
  }
  RETURN_IF_ERROR(send(added, add_members_body, [&](const std::string& id) { object.members.insert(id); }));
  return send(removed, remove_members_body, [&](const std::string& id) { object.members.erase(id); });
}

void Cycle::provision_group(const Group& group) {
  ProvisioningLogEntry line = entry("Group", group.object_id, group.display_name);
  auto result = sync_group(group, line);
  const bool with_members = std::ranges::find(settings_.group_mappings, "members",
                                              &AttributeMapping::source) != settings_.group_mappings.end();
  if (result && with_members) result = sync_members(group, job_.groups.at(group.object_id), line);
  record(std::move(line), result);
}

/// Groups have nothing like `active`: those out of scope are deleted.
void Cycle::remove_groups() {
  std::vector<std::string> gone;
  for (const auto& [id, object] : job_.groups) {
    if (std::ranges::find(snapshot_.groups, id, &Group::object_id) == snapshot_.groups.end())
      gone.push_back(id);
  }
  for (const std::string& id : gone) {
    if (end_) return;
    ProvisioningLogEntry line = entry("Group", id, id);
    line.action = Delete;
    line.target_id = job_.groups.at(id).id;
    line.status = Success;
    const auto removed = client_.remove(path_of("Group", line.target_id), line.exchanges);
    record(std::move(line), removed);
    if (removed) job_.groups.erase(id);
  }
}

void Cycle::everything() {
  if (settings_.provision_users) {
    for (const User& user : snapshot_.users) {
      if (end_) return;
      provision_user(user);
    }
    // References follow when everybody they may lead to is known.
    for (const User& user : snapshot_.users) {
      if (end_) return;
      provision_manager(user);
    }
    forget_purged_users();
  }
  if (settings_.provision_groups) {
    for (const Group& group : snapshot_.groups) {
      if (end_) return;
      provision_group(group);
    }
    remove_groups();
  }
}

void Cycle::one_user(const User& user) {
  const auto known = job_.users.find(user.object_id);
  // Matched anew, as Entra's four steps show; who is out of scope is disabled by the id that is known.
  std::optional<ProvisionedObject> before;
  if (known != job_.users.end() && snapshot_.in_scope.contains(user.object_id) && !user.deleted) {
    before = std::move(known->second);
    job_.users.erase(known);
  }
  provision_user(user);
  // What failed must not cost the id.
  if (before && !job_.users.contains(user.object_id)) job_.users[user.object_id] = *std::move(before);
  if (!end_) provision_manager(user);
}

void count(ProvisioningStatistics& statistics, const std::vector<ProvisioningLogEntry>& entries) {
  for (const ProvisioningLogEntry& entry : entries) {
    if (entry.status == Failure) ++statistics.failed;
    if (entry.status == Skipped) ++statistics.skipped;
    if (entry.status != Success) continue;
    statistics.created += entry.action == Create ? 1 : 0;
    statistics.updated += entry.action == Update ? 1 : 0;
    statistics.disabled += entry.action == Disable ? 1 : 0;
    statistics.deleted += entry.action == Delete ? 1 : 0;
  }
}

/// Retries after 6, 12 and 24 hours, then daily; after four weeks the job is disabled.
void quarantine(ProvisioningSnapshot& snapshot, std::string reason, std::string message, Timestamp now) {
  using std::chrono::hours;
  constexpr std::array<hours, 3> kDelays{hours(6), hours(12), hours(24)};
  constexpr hours kDisabledAfter(28 * 24);
  ProvisioningJob& job = snapshot.job;
  const int retries = job.quarantine ? job.quarantine->retries + 1 : 0;
  const Timestamp since = job.quarantine ? job.quarantine->since : now;
  const hours delay = kDelays.at(static_cast<std::size_t>(std::min(retries, 2)));
  job.quarantine = Quarantine{std::move(reason), std::move(message), since,
                              now + shortened(snapshot.settings, delay), retries};
  if (now - since >= shortened(snapshot.settings, kDisabledAfter)) job.started = false;
}

void conclude(ProvisioningSnapshot& snapshot, CycleReport& report, const std::optional<Error>& end,
              Timestamp now) {
  constexpr std::int64_t kManyFailures = 40'000;
  constexpr std::int64_t kSharePercent = 40;
  ProvisioningJob& job = snapshot.job;
  report.finished = now;
  count(job.statistics, report.entries);
  const ProvisioningStatistics& sums = job.statistics;
  const std::int64_t attempts =
      sums.created + sums.updated + sums.disabled + sums.deleted + sums.skipped + sums.failed;
  if (end) report.problem = end->message;
  if (end && end->code == kInvalidCredentials) {
    quarantine(snapshot, "EncounteredQuarantineException", end->message, now);
  } else if (end && end->code == kNotCompliant) {
    quarantine(snapshot, "EncounteredBaseEscrowThreshold", end->message, now);
  } else if (sums.failed >= snapshot.settings.failure_limit &&
             (sums.failed * 100 > attempts * kSharePercent || sums.failed > kManyFailures)) {
    quarantine(snapshot, "EncounteredEscrowProportionThreshold",
               fmt::format("{} of {} changes failed.", sums.failed, attempts), now);
  } else if (!end) {
    job.quarantine.reset();
  }
}

std::optional<ScimClient> begin(ProvisioningSnapshot& snapshot, const char* kind, const Transport& transport,
                                const Clock& clock, CycleReport& report) {
  report.id = new_guid();
  report.kind = kind;
  report.started = clock.now();
  auto client = ScimClient::make(snapshot.settings, transport);
  if (client) return *std::move(client);
  conclude(snapshot, report, Error{ErrorKind::InvalidInput, kInvalidCredentials, client.error().message, {}},
           clock.now());
  return std::nullopt;
}

}  // namespace

ProvisioningSnapshot snapshot_of(const Tenant& tenant, const Application& application) {
  ProvisioningSnapshot snapshot;
  snapshot.users = tenant.users;
  snapshot.roles = application.assignments;
  for (const auto& [user, role] : application.assignments)
    snapshot.in_scope.insert(user);
  for (const Group& group : tenant.groups) {
    if (!application.assigned_groups.contains(group.object_id)) continue;
    snapshot.groups.push_back(group);
    snapshot.in_scope.insert(group.members.begin(), group.members.end());
  }
  snapshot.settings = application.provisioning.settings;
  snapshot.job = application.provisioning.job;
  return snapshot;
}

Transport network() {
  return [](const net::SendRequest& request) {
    net::SendOptions options;
    // A developer's own machine and network are what the simulator is for.
    options.policy = {.allow_private = true, .allow_loopback = true, .allow_plain_http = true};
    return net::send(request, options);
  };
}

CycleReport run_cycle(ProvisioningSnapshot& snapshot, const Transport& transport, const Clock& clock) {
  CycleReport report;
  ProvisioningJob& job = snapshot.job;
  auto client = begin(snapshot, job.initial_cycle_done ? "incremental" : "initial", transport, clock, report);
  ++job.statistics.cycles;
  if (client) {
    Cycle cycle(snapshot, *std::move(client), clock, report);
    cycle.everything();
    conclude(snapshot, report, cycle.end(), clock.now());
    if (!cycle.end()) job.initial_cycle_done = true;
  }
  job.last_cycle = report.finished;
  job.last_problem = report.problem;
  return report;
}

CycleReport provision_on_demand(ProvisioningSnapshot& snapshot, std::string_view user_id,
                                const Transport& transport, const Clock& clock) {
  CycleReport report;
  auto client = begin(snapshot, "on_demand", transport, clock, report);
  const auto user = std::ranges::find(snapshot.users, user_id, &User::object_id);
  if (!client || user == snapshot.users.end()) return report;
  Cycle cycle(snapshot, *std::move(client), clock, report);
  cycle.one_user(*user);
  report.finished = clock.now();
  count(snapshot.job.statistics, report.entries);
  if (cycle.end()) report.problem = cycle.end()->message;
  return report;
}

TestVerdict test_connection(const ProvisioningSettings& settings, const Transport& transport) {
  TestVerdict verdict;
  const auto refuse = [&](const Error& error) {
    verdict.message =
        "You appear to have entered invalid credentials. Please confirm you are using the correct "
        "information "
        "for an administrative account.";
    verdict.details = fmt::format(
        "Error code: SystemForCrossDomainIdentityManagementCredentialValidationUnavailable. We received this "
        "unexpected response from your application: {}",
        error.message);
    return verdict;
  };
  const auto client = ScimClient::make(settings, transport);
  if (!client) return refuse(client.error());
  const auto ask = [&](const char* type, const std::vector<AttributeMapping>& mappings) -> Result<void> {
    const auto matching = matching_mappings(mappings);
    const std::string attribute = matching.empty() ? "userName" : matching.front().target;
    ASSIGN_OR_RETURN(const auto found,
                     client->find(path_of(type), matching_query(type, attribute, json::Value(new_guid())),
                                  verdict.exchanges));
    if (!found) return {};
    return fail(ErrorKind::Unavailable, kNotCompliant,
                "an empty list was expected for an object that cannot exist, but the list has one.");
  };
  if (const auto users = ask("User", settings.user_mappings); !users) return refuse(users.error());
  if (settings.provision_groups) {
    if (const auto groups = ask("Group", settings.group_mappings); !groups) return refuse(groups.error());
  }
  verdict.ok = true;
  verdict.message = "The supplied credentials are authorized to enable provisioning.";
  return verdict;
}

}  // namespace doorward::simulator
