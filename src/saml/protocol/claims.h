#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "saml/protocol/assertion.h"

namespace doorward::saml::protocol {

/// The name of a single-valued claim that has several values, wherever they stand.
std::optional<std::string_view> repeated_claim(const std::vector<Attribute>& attributes);

}  // namespace doorward::saml::protocol
