#pragma once

#include <string>
#include <string_view>

namespace doorward::session {

/// What a person calls the browser behind a User-Agent field: `Firefox on Windows`. A guess for display only.
std::string device_name(std::string_view user_agent);

}  // namespace doorward::session
