#pragma once

#include <cstdint>

#include "simulator/call.h"
#include "simulator/ui.h"

namespace doorward::simulator {

enum class ApplicationTab : std::uint8_t { Overview, Users, SingleSignOn, Provisioning, TokenEncryption };

/// A page of one enterprise application, with the tabs that lead to the others.
http::Response application_page(const Call& call, const Tenant& tenant, const Application& application,
                                ApplicationTab tab, std::string_view title, const ui::Html& body,
                                const std::optional<Error>& problem = std::nullopt);

}  // namespace doorward::simulator
