#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "saml/protocol/assertion.h"

namespace doorward::saml::protocol {

/// The name of a single-valued claim that has several values, wherever they stand.
std::optional<std::string_view> repeated_claim(std::span<const Attribute> attributes);

}  // namespace doorward::saml::protocol
