#pragma once

#include <string>
#include <string_view>

#include "directory/provisioning_settings.h"
#include "json/json.h"

/// What the provisioning log may keep. Personal data is masked unless the account chose otherwise; passwords
/// never get in.
namespace doorward::scim {

enum class Personal : std::uint8_t { Masked, Kept };
Personal personal_data(const directory::ProvisioningSettings& settings);

/// Whether an attribute's values say nothing about a person beyond their work: everything that is not on the
/// list is personal.
bool is_impersonal(std::string_view attribute);

/// The first character and `…`.
std::string mask(std::string_view text);

/// A value of the named attribute as the log keeps it; null for one that holds others.
json::Value masked(const json::Value& value, std::string_view attribute, Personal personal);
/// The same for every value, as JSON at the end of a text.
void append_masked(std::string& out, const json::Value& value, std::string_view attribute, Personal personal);
/// A request's or an answer's body, as text.
std::string masked_body(const json::Value& body, Personal personal);
/// A request target: what stands in quotes of a filter is masked.
std::string masked_target(std::string_view target, Personal personal);

}  // namespace doorward::scim
