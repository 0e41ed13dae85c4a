#pragma once

#include <string_view>

namespace doorward::directory {

/// Whether anybody can get an address in this domain (in lower case), so that owning one proves nothing.
bool is_public_mail_domain(std::string_view domain);

}  // namespace doorward::directory
