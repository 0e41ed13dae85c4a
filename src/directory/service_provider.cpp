#include "directory/service_provider.h"

#include <fmt/format.h>

namespace doorward::directory {

ServiceProviderUrls ServiceProviderUrls::of(std::string_view public_url, std::string_view account_slug) {
  const std::string base = fmt::format("{}/saml/{}", public_url, account_slug);
  return {base + "/metadata", base + "/acs", base + "/login", base + "/logout"};
}

}  // namespace doorward::directory
