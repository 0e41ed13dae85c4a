#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/url.h"
#include "json/json.h"
#include "simulator/provisioning.h"
#include "simulator/scim_target.h"

/// What Entra's provisioning service writes, in its two dialects.
namespace doorward::simulator {

struct User;
struct Group;

/// The value of one target attribute: a string or a boolean.
struct TargetValue {
  std::string target;
  json::Value value;
};

/// What the mappings make of a user; `role` is the app role, `active` the opposite of `[IsSoftDeleted]`.
/// Empty values are left out, because Entra never sends null, and so is the manager, who has to be known
/// first.
std::vector<TargetValue> values_of(const std::vector<AttributeMapping>& mappings, const User& user,
                                   std::string_view role, bool active);
/// The same for a group, without its members.
std::vector<TargetValue> values_of(const std::vector<AttributeMapping>& mappings, const Group& group);

/// The Tenant URL, and the dialect that its `aadOptscim062020` asks for.
class ScimEndpoint {
 public:
  static Result<ScimEndpoint> parse(std::string_view tenant_url);

  /// `path` behind the Tenant URL, its query before `query`.
  Result<Url> url(std::string_view path, std::string_view query = "") const;
  std::string text(std::string_view path, std::string_view query = "") const;
  bool optimised() const { return optimised_; }

 private:
  std::string base_;
  std::string query_;
  bool optimised_ = false;
};

/// `filter=userName+eq+%22…%22`
std::string filter_query(std::string_view attribute, const json::Value& value);

/// `explicit_nulls`: with nulls for attributes without a value.
json::Object create_user_body(const std::vector<TargetValue>& values, bool explicit_nulls);
/// Without members: they follow by PATCH.
json::Object create_group_body(const std::vector<TargetValue>& values);

struct Change {
  TargetValue to;
  /// There was a value before: `Replace` rather than `Add`.
  bool existed = false;
};
json::Object patch_body(const ScimEndpoint& endpoint, const std::vector<Change>& changes);
json::Object manager_body(const ScimEndpoint& endpoint, std::string_view target, std::string_view id,
                          ManagerForm form, bool existed);
json::Object add_members_body(const ScimEndpoint& endpoint, const std::vector<std::string>& ids);
json::Object remove_members_body(const ScimEndpoint& endpoint, const std::vector<std::string>& ids);

}  // namespace doorward::simulator
