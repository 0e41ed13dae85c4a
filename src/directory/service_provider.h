#pragma once

#include <string>
#include <string_view>

namespace doorward::directory {

/// Where an account's service provider lives: what its identity provider must know. The entity id is the
/// address of its metadata.
struct ServiceProviderUrls {
  std::string entity_id;
  std::string acs;
  std::string login;
  std::string logout;

  /// `public_url` without a final slash.
  static ServiceProviderUrls of(std::string_view public_url, std::string_view account_slug);
};

}  // namespace doorward::directory
