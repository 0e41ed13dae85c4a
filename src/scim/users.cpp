#include "scim/users.h"

#include <fmt/format.h>

#include "base/text.h"
#include "directory/groups.h"
#include "directory/provisioning.h"
#include "scim/protocol/errors.h"
#include "scim/protocol/patch.h"
#include "scim/protocol/resource.h"
#include "scim/search.h"
#include "scim/user_resource.h"

namespace doorward::scim {

namespace {

using directory::EmployeeKey;
using directory::EmployeeOrder;
using directory::ProvisionedEmployee;
using protocol::Projection;
using protocol::SearchRequest;
using storage::Transaction;

/// Several people may share an address or an external id, but not a crowd.
constexpr int kMaxCandidates = 1'000;

const protocol::ResourceType& type_of(const Operation& operation) {
  return operation.client.schemas.user();
}

Result<void> add_groups(Transaction& transaction, const ProvisionedEmployee& employee,
                        std::string_view base_url, json::Object& user) {
  ASSIGN_OR_RETURN(const auto groups,
                   directory::groups_of(transaction, employee.employee.account, employee.employee.id));
  set_groups(user, groups, base_url);
  return {};
}

/// With the groups, if they are asked for.
Result<json::Object> full_resource(Transaction& transaction, const ProvisionedEmployee& employee,
                                   bool with_groups, std::string_view base_url) {
  json::Object user = user_resource(employee, base_url);
  if (with_groups) RETURN_IF_ERROR(add_groups(transaction, employee, base_url, user));
  return user;
}

Result<ProvisionedEmployee> find(Transaction& transaction, const Operation& operation) {
  ASSIGN_OR_RETURN(auto employee,
                   directory::find_provisioned(transaction, operation.account(), operation.id));
  if (!employee) return no_resource(Kind::User);
  return *std::move(employee);
}

Answer answer_with(const ProvisionedEmployee& employee, json::Object resource, const Projection& projection,
                   std::string_view base_url) {
  Answer answer;
  answer.body = projection.apply(std::move(resource));
  answer.location = fmt::format("{}/Users/{}", base_url, employee.employee.public_id);
  answer.version = employee.version;
  answer.subject = employee.employee.public_id;
  return answer;
}

/// The one equality of a filter that an index answers, and by which key.
std::optional<std::pair<EmployeeKey, std::string>> index_key(const protocol::Filter& filter) {
  const std::string extended_object_id = std::string(protocol::kDoorwardSchema) + ":objectId";
  for (auto& [path, value] : filter.necessary_equalities()) {
    if (path == "id") return std::pair(EmployeeKey::PublicId, value);
    if (path == "userName") return std::pair(EmployeeKey::UserName, value);
    if (path == "externalId") return std::pair(EmployeeKey::ExternalId, value);
    if (path == "emails" || path == "emails.value") return std::pair(EmployeeKey::Email, value);
    if (path == "objectId" || path == extended_object_id) return std::pair(EmployeeKey::ObjectId, value);
  }
  return std::nullopt;
}

std::optional<EmployeeOrder> order_of(const SearchRequest& request) {
  const bool descending = request.sort_order == protocol::SortOrder::Descending;
  if (!request.sort_by) return EmployeeOrder::Creation;
  const std::string path = request.sort_by->text();
  if (path == "meta.created") return descending ? EmployeeOrder::CreationDescending : EmployeeOrder::Creation;
  if (path == "userName") return descending ? EmployeeOrder::UserNameDescending : EmployeeOrder::UserName;
  return std::nullopt;
}

bool is_by_user_name(EmployeeOrder order) {
  return order == EmployeeOrder::UserName || order == EmployeeOrder::UserNameDescending;
}

/// Where somebody stands. By user name the name itself is the place, whoever has it when the next page is
/// asked for; it is written as `SortKey` writes it.
Place place_of(const ProvisionedEmployee& employee, EmployeeOrder order) {
  Place place{.id = employee.employee.id.value};
  if (is_by_user_name(order)) place.key = "s" + fold_case(employee.employee.profile.user_name);
  return place;
}

directory::PageStart start_behind(const Place& place, EmployeeOrder order, std::int64_t skip) {
  directory::PageStart start{.skip = skip};
  if (place.is_first()) return start;
  if (!is_by_user_name(order)) {
    start.after = directory::EmployeeId{place.id};
  } else {
    start.after_user_name = place.key.empty() ? std::string() : place.key.substr(1);
  }
  return start;
}

Collection collection_of(Transaction& transaction, const Operation& operation, bool with_groups,
                         std::string_view base_url) {
  const directory::AccountId account = operation.account();
  Collection users;
  users.candidates =
      [=, &transaction](const protocol::Filter& filter) -> Result<std::optional<std::vector<Found>>> {
    const auto key = index_key(filter);
    if (!key) return std::nullopt;
    ASSIGN_OR_RETURN(const auto found, directory::find_provisioned_by(transaction, account, key->first,
                                                                      key->second, kMaxCandidates + 1));
    if (found.size() > kMaxCandidates) return std::nullopt;
    std::vector<Found> resources;
    for (const ProvisionedEmployee& employee : found) {
      ASSIGN_OR_RETURN(json::Object resource, full_resource(transaction, employee, with_groups, base_url));
      resources.push_back({std::move(resource), {.id = employee.employee.id.value}});
    }
    return resources;
  };
  users.scan = [=, &transaction](const SearchRequest& request, const Place& after, std::int64_t skip,
                                 const Collection::Visit& visit) -> Result<void> {
    const EmployeeOrder order = order_of(request).value_or(EmployeeOrder::Creation);
    Result<void> status;
    RETURN_IF_ERROR(directory::scan_provisioned(
        transaction, account, order, start_behind(after, order, skip),
        [&](const ProvisionedEmployee& employee) {
          auto resource = full_resource(transaction, employee, with_groups, base_url);
          if (!resource) status = fail(resource.error());
          return resource && visit({*std::move(resource), place_of(employee, order)});
        }));
    return status;
  };
  users.count = [=, &transaction] { return directory::count_provisioned(transaction, account); };
  users.is_ordered = [](const SearchRequest& request) { return order_of(request).has_value(); };
  return users;
}

/// `groups` is no column: it is read only when it is answered or compared.
bool needs_groups(const SearchRequest& request) {
  const bool sorted = request.sort_by && request.sort_by->attribute == "groups";
  return request.projection.wants("groups") || sorted ||
         to_ascii_lower(request.filter_text).find("groups") != std::string::npos;
}

}  // namespace

Result<Answer> Users::create(const Operation& operation) {
  RETURN_IF_ERROR(require_scope(operation.client, Kind::User));
  ASSIGN_OR_RETURN(json::Object resource, protocol::read_resource(type_of(operation), operation.body));
  ASSIGN_OR_RETURN(const Projection projection, projection_of(operation, type_of(operation)));
  const directory::EmployeeRecord record = employee_record(std::move(resource), nullptr);
  return write_for(operation, database_, [&](Transaction& transaction) -> Result<Answer> {
    const directory::Actor actor = operation.client.actor();
    ASSIGN_OR_RETURN(const auto joined,
                     directory::provision_employee(transaction, operation.client.account,
                                                   operation.client.settings, record, actor, operation.now));
    const ProvisionedEmployee& employee = joined.employee;
    const bool adopted = joined.how == directory::Joining::Adopted;
    ASSIGN_OR_RETURN(json::Object full,
                     full_resource(transaction, employee, adopted && projection.wants("groups"), base_url_));
    Answer answer = answer_with(employee, std::move(full), projection, base_url_);
    answer.status = http::Status::Created;
    answer.outcome = directory::ProvisioningOutcome::Changed;
    const std::string name = employee.employee.shown_name();
    answer.summary = adopted ? fmt::format("{} took over {}, who was managed by hand.", actor.name, name)
                             : fmt::format("{} created {}.", actor.name, name);
    RETURN_IF_ERROR(record_change(transaction, operation, answer, {}));
    return answer;
  });
}

Result<Answer> Users::get(const Operation& operation) {
  ASSIGN_OR_RETURN(const Projection projection, projection_of(operation, type_of(operation)));
  return database_.read([&](Transaction& transaction) -> Result<Answer> {
    ASSIGN_OR_RETURN(const ProvisionedEmployee employee, find(transaction, operation));
    ASSIGN_OR_RETURN(json::Object resource,
                     full_resource(transaction, employee, projection.wants("groups"), base_url_));
    Answer answer = answer_with(employee, std::move(resource), projection, base_url_);
    answer.summary = fmt::format("{} read {}.", operation.client.token.name, employee.employee.shown_name());
    if (is_unchanged_for(operation, employee.version)) {
      answer.status = http::Status::NotModified;
      answer.body = nullptr;
    }
    return answer;
  });
}

template <class Wanted>
Result<Answer> Users::change(const Operation& operation, Wanted wanted) {
  RETURN_IF_ERROR(require_scope(operation.client, Kind::User));
  ASSIGN_OR_RETURN(const Projection projection, projection_of(operation, type_of(operation)));
  return write_for(operation, database_, [&](Transaction& transaction) -> Result<Answer> {
    const directory::Actor actor = operation.client.actor();
    ASSIGN_OR_RETURN(const ProvisionedEmployee current, find(transaction, operation));
    RETURN_IF_ERROR(check_version(operation, current.version));
    const json::Object before = user_resource(current, base_url_);
    ASSIGN_OR_RETURN(json::Object after, wanted(before));
    const directory::EmployeeRecord record = employee_record(std::move(after), &current);
    ASSIGN_OR_RETURN(
        const ProvisionedEmployee changed,
        directory::update_provisioned(transaction, operation.client.account, operation.client.settings,
                                      current, record, actor, operation.now));
    json::Object full = user_resource(changed, base_url_);
    const auto changes = differences(before, full);
    if (projection.wants("groups")) RETURN_IF_ERROR(add_groups(transaction, changed, base_url_, full));
    Answer answer = answer_with(changed, std::move(full), projection, base_url_);
    answer.outcome = changed.version == current.version ? directory::ProvisioningOutcome::Unchanged
                                                        : directory::ProvisioningOutcome::Changed;
    answer.summary = sentence(actor.name, changed.employee.shown_name(), changes, operation.personal());
    RETURN_IF_ERROR(record_change(transaction, operation, answer, changes));
    return answer;
  });
}

Result<Answer> Users::replace(const Operation& operation) {
  // RFC 7644 section 3.5.1: what the client may write is replaced as a whole.
  ASSIGN_OR_RETURN(json::Object resource, protocol::read_resource(type_of(operation), operation.body));
  complete_object_id(resource);
  return change(operation, [&](const json::Object&) -> Result<json::Object> { return resource; });
}

Result<Answer> Users::patch(const Operation& operation) {
  ASSIGN_OR_RETURN(const protocol::PatchRequest patch, protocol::PatchRequest::parse(operation.body));
  return change(operation, [&](const json::Object& before) {
    return protocol::apply_patch(type_of(operation), patch, before);
  });
}

Result<Answer> Users::remove(const Operation& operation) {
  RETURN_IF_ERROR(require_scope(operation.client, Kind::User));
  return write_for(operation, database_, [&](Transaction& transaction) -> Result<Answer> {
    const directory::Actor actor = operation.client.actor();
    ASSIGN_OR_RETURN(const ProvisionedEmployee current, find(transaction, operation));
    RETURN_IF_ERROR(check_version(operation, current.version));
    RETURN_IF_ERROR(directory::remove_provisioned(transaction, operation.client.account,
                                                  operation.client.settings, current, actor, operation.now));
    Answer answer;
    answer.status = http::Status::NoContent;
    answer.outcome = directory::ProvisioningOutcome::Changed;
    answer.subject = current.employee.public_id;
    answer.summary = fmt::format("{} deleted {}.", actor.name, current.employee.shown_name());
    RETURN_IF_ERROR(record_change(transaction, operation, answer, {}));
    return answer;
  });
}

Result<http::Response> Users::own(const directory::Employee& employee, const Projection& projection) {
  return database_.read([&](Transaction& transaction) -> Result<http::Response> {
    ASSIGN_OR_RETURN(const auto found,
                     directory::find_provisioned(transaction, employee.account, employee.public_id));
    if (!found) return no_resource(Kind::User);
    ASSIGN_OR_RETURN(json::Object resource,
                     full_resource(transaction, *found, projection.wants("groups"), base_url_));
    return response_of(answer_with(*found, std::move(resource), projection, base_url_));
  });
}

Result<Answer> Users::search(const Operation& operation, const SearchRequest& request,
                             const Cursors& cursors) {
  return database_.read([&](Transaction& transaction) -> Result<Answer> {
    const Collection users = collection_of(transaction, operation, needs_groups(request), base_url_);
    ASSIGN_OR_RETURN(protocol::Page page, scim::search(users, request, cursors, {}));
    Answer answer;
    answer.summary =
        fmt::format("{} looked for users and found {}.", operation.client.token.name, page.total);
    answer.body = protocol::list_response(std::move(page));
    return answer;
  });
}

}  // namespace doorward::scim
