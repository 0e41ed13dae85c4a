#pragma once

#include <string>

#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// How a company's directory service reaches us and what it may do: tokens, settings, and the attributes of
/// the account's own schema. All of it is for administrators, about their own account.
class ProvisioningApi {
 public:
  /// `public_url` without a final slash.
  ProvisioningApi(const Dependencies& dependencies, std::string_view public_url)
      : deps_(dependencies), tenant_url_(std::string(public_url) + "/scim/v2") {}

  /// GET /api/v1/provisioning/tokens: newest first, the dead ones too.
  Result<http::Response> tokens(const http::Request& request);
  /// POST /api/v1/provisioning/tokens {name, scope, expiresInDays}: the only answer that holds the secret.
  Result<http::Response> create_token(const http::Request& request);
  /// DELETE /api/v1/provisioning/tokens/{id}
  Result<http::Response> revoke_token(const http::Request& request);

  /// GET /api/v1/provisioning/settings
  Result<http::Response> settings(const http::Request& request);
  /// PUT /api/v1/provisioning/settings: all of them.
  Result<http::Response> save_settings(const http::Request& request);

  /// GET /api/v1/provisioning/attributes
  Result<http::Response> attributes(const http::Request& request);
  /// POST /api/v1/provisioning/attributes {name, type, multiValued, description}
  Result<http::Response> declare_attribute(const http::Request& request);
  /// DELETE /api/v1/provisioning/attributes/{name}
  Result<http::Response> remove_attribute(const http::Request& request);

 private:
  Dependencies deps_;
  std::string tenant_url_;
};

}  // namespace doorward::console
