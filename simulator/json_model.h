#pragma once

#include <string>
#include <string_view>

#include "json/json.h"
#include "simulator/call.h"
#include "simulator/model.h"

/// The model as JSON: what the API shows and takes, and what the state file holds.
namespace doorward::simulator {

json::Object to_json(const User& user);
/// The properties that `object` has, over those of `base`.
Result<User> user_from_json(const json::Object& object, User base);

json::Object to_json(const Group& group);

/// With the addresses that a service provider needs; without private keys.
json::Object to_json(const Settings& settings, const Tenant& tenant, const Application& application,
                     Timestamp now);
json::Object to_json(const Settings& settings, const Tenant& tenant, Timestamp now);
/// Sets the configuration that `object` has; nothing changes when any of it is refused.
Result<void> configure(Tenant& tenant, Application& application, const json::Object& object);

/// An array of strings, or one string alone.
Result<std::optional<std::vector<std::string>>> optional_strings(const json::Object& object,
                                                                 std::string_view name);
Result<json::Object> as_object(const json::Value& value);

/// Everything, private keys included.
std::string save_state(const State& state);
Result<State> load_state(std::string_view text);

}  // namespace doorward::simulator
