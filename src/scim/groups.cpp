#include "scim/groups.h"

#include <limits>

#include <fmt/format.h>

#include "base/text.h"
#include "directory/groups.h"
#include "scim/group_resource.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/patch.h"
#include "scim/protocol/resource.h"
#include "scim/search.h"

namespace doorward::scim {

namespace {

using directory::Group;
using directory::GroupKey;
using protocol::MemberChange;
using protocol::Projection;
using protocol::SearchRequest;
using storage::Transaction;

constexpr int kMaxCandidates = 1'000;
constexpr int kAllMembers = std::numeric_limits<int>::max();

const protocol::ResourceType& type_of(const Operation& operation) {
  return operation.client.schemas.group();
}

Result<Group> find(Transaction& transaction, const Operation& operation) {
  ASSIGN_OR_RETURN(auto group, directory::find_group(transaction, operation.account(), operation.id));
  if (!group) return no_resource(Kind::Group);
  return *std::move(group);
}

Result<json::Object> full_resource(Transaction& transaction, directory::AccountId account, const Group& group,
                                   bool with_members, std::string_view base_url) {
  json::Object resource = group_resource(group, base_url);
  if (!with_members) return resource;
  ASSIGN_OR_RETURN(const auto members,
                   directory::list_members(transaction, account, group.id, 0, kAllMembers));
  set_members(resource, members, base_url);
  return resource;
}

Answer answer_with(const Group& group, json::Object resource, const Projection& projection,
                   std::string_view base_url) {
  Answer answer;
  answer.body = projection.apply(std::move(resource));
  answer.location = fmt::format("{}/Groups/{}", base_url, group.public_id);
  answer.version = group.version;
  answer.subject = group.public_id;
  return answer;
}

std::string text_of(const json::Object& resource, std::string_view name) {
  const json::Value* value = resource.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// To a client, a member that is nobody here is a wrong value, not a missing address.
template <class T>
Result<T> as_invalid_value(Result<T> result) {
  if (result || result.error().code != directory::kNoSuchMember) return result;
  return fail(ErrorKind::InvalidInput, protocol::kInvalidValue, result.error().message,
              result.error().detail);
}

/// Applies the changes in their order; says how many memberships came and went.
struct MemberCount {
  std::int64_t added = 0;
  std::int64_t removed = 0;
  std::int64_t replaced = 0;
};
Result<MemberCount> apply_members(Transaction& transaction, const Operation& operation, const Group& group,
                                  const std::vector<MemberChange>& changes) {
  MemberCount count;
  const directory::Actor actor = operation.client.actor();
  for (const MemberChange& change : changes) {
    switch (change.kind) {
      case MemberChange::Kind::Add: {
        ASSIGN_OR_RETURN(const auto added,
                         as_invalid_value(directory::add_members(transaction, operation.account(), group.id,
                                                                 change.ids, actor, operation.now)));
        count.added += added;
        break;
      }
      case MemberChange::Kind::Remove: {
        ASSIGN_OR_RETURN(const auto removed,
                         directory::remove_members(transaction, operation.account(), group.id, change.ids,
                                                   actor, operation.now));
        count.removed += removed;
        break;
      }
      case MemberChange::Kind::RemoveAll:
      case MemberChange::Kind::Replace: {
        ASSIGN_OR_RETURN(const auto replaced,
                         as_invalid_value(directory::replace_members(
                             transaction, operation.account(), group.id, change.ids, actor, operation.now)));
        count.replaced += replaced;
        break;
      }
    }
  }
  return count;
}

std::string member_sentence(std::string_view who, const std::string& group, const MemberCount& count) {
  std::string told;
  const auto tell = [&](std::int64_t number, std::string_view verb, std::string_view preposition) {
    if (number == 0) return;
    if (!told.empty()) told += ' ';
    told += fmt::format("{} {} {} {} {} {}.", who, verb, number, number == 1 ? "member" : "members",
                        preposition, group);
  };
  tell(count.added, "added", "to");
  tell(count.removed, "removed", "from");
  tell(count.replaced, "changed", "of");
  return told;
}

/// What PUT and PATCH have in common. `rest` is the resource without members as it shall be.
struct GroupChange {
  Group group;
  Answer answer;
};
Result<GroupChange> change_group(Transaction& transaction, const Operation& operation, const Group& current,
                                 const json::Object& rest, const std::vector<MemberChange>& members,
                                 std::string_view base_url) {
  const directory::Actor actor = operation.client.actor();
  ASSIGN_OR_RETURN(Group renamed, directory::update_group(transaction, operation.account(), current.id,
                                                          text_of(rest, "displayName"),
                                                          text_of(rest, "externalId"), actor, operation.now));
  ASSIGN_OR_RETURN(const MemberCount count, apply_members(transaction, operation, renamed, members));
  ASSIGN_OR_RETURN(auto changed, directory::find_group(transaction, operation.account(), current.public_id));
  if (!changed) return no_resource(Kind::Group);

  const auto changes = differences(group_resource(current, base_url), group_resource(*changed, base_url));
  Answer answer;
  answer.version = changed->version;
  answer.subject = changed->public_id;
  answer.outcome = changed->version == current.version ? directory::ProvisioningOutcome::Unchanged
                                                       : directory::ProvisioningOutcome::Changed;
  // The name of a group is no person's.
  if (!changes.empty()) answer.summary = sentence(actor.name, current.display_name, changes, Personal::Kept);
  const std::string told = member_sentence(actor.name, changed->display_name, count);
  if (!told.empty() && !answer.summary.empty()) answer.summary += ' ';
  answer.summary += told;
  if (answer.summary.empty())
    answer.summary = sentence(actor.name, changed->display_name, {}, Personal::Kept);
  return GroupChange{*std::move(changed), std::move(answer)};
}

std::optional<std::pair<GroupKey, std::string>> index_key(const protocol::Filter& filter) {
  for (auto& [path, value] : filter.necessary_equalities()) {
    if (path == "id") return std::pair(GroupKey::PublicId, value);
    if (path == "displayName") return std::pair(GroupKey::DisplayName, value);
    if (path == "externalId") return std::pair(GroupKey::ExternalId, value);
  }
  return std::nullopt;
}

/// The member whom a filter such as `members.value eq "…"` names.
std::optional<std::string> member_in(const protocol::Filter& filter) {
  for (auto& [path, value] : filter.necessary_equalities()) {
    if (path == "members" || path == "members.value") return value;
  }
  return std::nullopt;
}

Result<std::optional<std::vector<Group>>> candidates(Transaction& transaction, directory::AccountId account,
                                                     const protocol::Filter& filter) {
  if (const auto key = index_key(filter)) {
    ASSIGN_OR_RETURN(auto found, directory::find_groups_by(transaction, account, key->first, key->second,
                                                           kMaxCandidates + 1));
    if (found.size() > kMaxCandidates) return std::nullopt;
    return found;
  }
  const auto member = member_in(filter);
  if (!member) return std::nullopt;
  ASSIGN_OR_RETURN(const auto employee, directory::find_employee(transaction, account, *member));
  if (!employee) return std::vector<Group>();
  ASSIGN_OR_RETURN(auto found, directory::groups_of(transaction, account, employee->id));
  return found;
}

Collection collection_of(Transaction& transaction, const Operation& operation, bool with_members,
                         std::string_view base_url) {
  const directory::AccountId account = operation.account();
  Collection groups;
  groups.candidates =
      [=, &transaction](const protocol::Filter& filter) -> Result<std::optional<std::vector<Found>>> {
    ASSIGN_OR_RETURN(const auto found, candidates(transaction, account, filter));
    if (!found) return std::nullopt;
    std::vector<Found> resources;
    for (const Group& group : *found) {
      ASSIGN_OR_RETURN(json::Object resource,
                       full_resource(transaction, account, group, with_members, base_url));
      resources.push_back({std::move(resource), {.id = group.id.value}});
    }
    return resources;
  };
  groups.scan = [=, &transaction](const SearchRequest&, const Place& after, std::int64_t skip,
                                  const Collection::Visit& visit) -> Result<void> {
    std::optional<directory::GroupId> behind;
    if (!after.is_first()) behind = directory::GroupId{after.id};
    Result<void> status;
    RETURN_IF_ERROR(directory::scan_groups(transaction, account, behind, skip, [&](const Group& group) {
      auto resource = full_resource(transaction, account, group, with_members, base_url);
      if (!resource) status = fail(resource.error());
      return resource && visit({*std::move(resource), {.id = group.id.value}});
    }));
    return status;
  };
  groups.count = [=, &transaction] { return directory::count_groups(transaction, account); };
  groups.is_ordered = [](const SearchRequest& request) { return !request.sort_by.has_value(); };
  return groups;
}

bool needs_members(const SearchRequest& request) {
  return request.projection.wants("members") ||
         to_ascii_lower(request.filter_text).find("members") != std::string::npos;
}

}  // namespace

Result<Answer> Groups::create(const Operation& operation) {
  RETURN_IF_ERROR(require_scope(operation.client, Kind::Group));
  ASSIGN_OR_RETURN(const json::Object resource, protocol::read_resource(type_of(operation), operation.body));
  ASSIGN_OR_RETURN(const auto members, protocol::member_ids(resource));
  ASSIGN_OR_RETURN(const Projection projection, projection_of(operation, type_of(operation)));
  return write_for(operation, database_, [&](Transaction& transaction) -> Result<Answer> {
    const directory::Actor actor = operation.client.actor();
    ASSIGN_OR_RETURN(const Group created,
                     directory::create_group(transaction,
                                             {.account = operation.account(),
                                              .display_name = text_of(resource, "displayName"),
                                              .external_id = text_of(resource, "externalId")},
                                             actor, operation.now));
    if (!members.empty()) {
      RETURN_IF_ERROR(as_invalid_value(directory::add_members(transaction, operation.account(), created.id,
                                                              members, actor, operation.now)));
    }
    ASSIGN_OR_RETURN(const auto group,
                     directory::find_group(transaction, operation.account(), created.public_id));
    if (!group) return no_resource(Kind::Group);
    ASSIGN_OR_RETURN(json::Object full, full_resource(transaction, operation.account(), *group,
                                                      projection.wants("members"), base_url_));
    Answer answer = answer_with(*group, std::move(full), projection, base_url_);
    answer.status = http::Status::Created;
    answer.outcome = directory::ProvisioningOutcome::Changed;
    answer.summary = fmt::format("{} created the group {}.", actor.name, group->display_name);
    RETURN_IF_ERROR(record_change(transaction, operation, answer, {}));
    return answer;
  });
}

Result<Answer> Groups::get(const Operation& operation) {
  ASSIGN_OR_RETURN(const Projection projection, projection_of(operation, type_of(operation)));
  return database_.read([&](Transaction& transaction) -> Result<Answer> {
    ASSIGN_OR_RETURN(const Group group, find(transaction, operation));
    if (is_unchanged_for(operation, group.version)) {
      Answer answer;
      answer.status = http::Status::NotModified;
      answer.version = group.version;
      return answer;
    }
    ASSIGN_OR_RETURN(json::Object resource, full_resource(transaction, operation.account(), group,
                                                          projection.wants("members"), base_url_));
    Answer answer = answer_with(group, std::move(resource), projection, base_url_);
    answer.summary = fmt::format("{} read the group {}.", operation.client.token.name, group.display_name);
    return answer;
  });
}

Result<Answer> Groups::replace(const Operation& operation) {
  RETURN_IF_ERROR(require_scope(operation.client, Kind::Group));
  ASSIGN_OR_RETURN(const json::Object resource, protocol::read_resource(type_of(operation), operation.body));
  ASSIGN_OR_RETURN(auto members, protocol::member_ids(resource));
  ASSIGN_OR_RETURN(const Projection projection, projection_of(operation, type_of(operation)));
  const std::vector<MemberChange> changes{{MemberChange::Kind::Replace, std::move(members)}};
  return write_for(operation, database_, [&](Transaction& transaction) -> Result<Answer> {
    ASSIGN_OR_RETURN(const Group current, find(transaction, operation));
    RETURN_IF_ERROR(check_version(operation, current.version));
    ASSIGN_OR_RETURN(GroupChange change,
                     change_group(transaction, operation, current, resource, changes, base_url_));
    ASSIGN_OR_RETURN(json::Object full, full_resource(transaction, operation.account(), change.group,
                                                      projection.wants("members"), base_url_));
    change.answer.body = projection.apply(std::move(full));
    change.answer.location = fmt::format("{}/Groups/{}", base_url_, change.group.public_id);
    RETURN_IF_ERROR(record_change(transaction, operation, change.answer, {}));
    return std::move(change.answer);
  });
}

Result<Answer> Groups::patch(const Operation& operation) {
  RETURN_IF_ERROR(require_scope(operation.client, Kind::Group));
  ASSIGN_OR_RETURN(const protocol::PatchRequest request, protocol::PatchRequest::parse(operation.body));
  ASSIGN_OR_RETURN(const protocol::GroupPatch patch,
                   protocol::split_group_patch(request, type_of(operation)));
  ASSIGN_OR_RETURN(const Projection projection, projection_of(operation, type_of(operation)));
  const bool answered = !operation.attributes.empty() || !operation.excluded_attributes.empty();
  return write_for(operation, database_, [&](Transaction& transaction) -> Result<Answer> {
    ASSIGN_OR_RETURN(const Group current, find(transaction, operation));
    RETURN_IF_ERROR(check_version(operation, current.version));
    ASSIGN_OR_RETURN(const json::Object rest, protocol::apply_patch(type_of(operation), patch.rest,
                                                                    group_resource(current, base_url_)));
    ASSIGN_OR_RETURN(GroupChange change,
                     change_group(transaction, operation, current, rest, patch.members, base_url_));
    Answer& answer = change.answer;
    answer.status = http::Status::NoContent;
    if (answered) {
      ASSIGN_OR_RETURN(json::Object full, full_resource(transaction, operation.account(), change.group,
                                                        projection.wants("members"), base_url_));
      answer.status = http::Status::Ok;
      answer.body = projection.apply(std::move(full));
    }
    RETURN_IF_ERROR(record_change(transaction, operation, answer, {}));
    return std::move(answer);
  });
}

Result<Answer> Groups::remove(const Operation& operation) {
  RETURN_IF_ERROR(require_scope(operation.client, Kind::Group));
  return write_for(operation, database_, [&](Transaction& transaction) -> Result<Answer> {
    const directory::Actor actor = operation.client.actor();
    ASSIGN_OR_RETURN(const Group group, find(transaction, operation));
    RETURN_IF_ERROR(check_version(operation, group.version));
    RETURN_IF_ERROR(
        directory::delete_group(transaction, operation.account(), group.id, actor, operation.now));
    Answer answer;
    answer.status = http::Status::NoContent;
    answer.outcome = directory::ProvisioningOutcome::Changed;
    answer.subject = group.public_id;
    answer.summary = fmt::format("{} deleted the group {}.", actor.name, group.display_name);
    RETURN_IF_ERROR(record_change(transaction, operation, answer, {}));
    return answer;
  });
}

Result<Answer> Groups::search(const Operation& operation, const SearchRequest& request,
                              const Cursors& cursors) {
  return database_.read([&](Transaction& transaction) -> Result<Answer> {
    const Collection groups = collection_of(transaction, operation, needs_members(request), base_url_);
    ASSIGN_OR_RETURN(protocol::Page page, scim::search(groups, request, cursors, {}));
    Answer answer;
    answer.summary =
        fmt::format("{} looked for groups and found {}.", operation.client.token.name, page.total);
    answer.body = protocol::list_response(std::move(page));
    return answer;
  });
}

}  // namespace doorward::scim
