#pragma once

#include <utility>

#include "console/requests.h"
#include "http/message.h"
#include "setup/mobile_check.h"

namespace doorward::console {

/// *Configure the mobile app*: what the portal's app is, what Entra shows about it, and whether the two fit.
/// For administrators, about their own account.
class MobileApi {
 public:
  MobileApi(const Dependencies& dependencies, setup::MobileApp app)
      : deps_(dependencies), app_(std::move(app)) {}

  /// GET /api/v1/setup/mobile: the app's names to copy into Entra, and what is saved.
  Result<http::Response> show(const http::Request& request);
  /// POST /api/v1/setup/mobile/check {ios_redirect, msal_configuration}: all findings; saves nothing.
  Result<http::Response> check(const http::Request& request);
  /// PUT /api/v1/setup/mobile, the same body: saves it unless a finding is bad, which is a 422 with the
  /// findings.
  Result<http::Response> save(const http::Request& request);
  /// DELETE /api/v1/setup/mobile. Devices that are signed in stay so until they are signed out.
  Result<http::Response> remove(const http::Request& request);

 private:
  Dependencies deps_;
  setup::MobileApp app_;
};

}  // namespace doorward::console
