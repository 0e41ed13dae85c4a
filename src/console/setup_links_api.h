#pragma once

#include <string>
#include <string_view>

#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// Setup links: administrators make them, and whoever was given one opens it.
class SetupLinksApi {
 public:
  /// `public_url` without a final slash. `dependencies.delegates` must be there.
  SetupLinksApi(const Dependencies& dependencies, std::string_view public_url);

  /// GET /api/v1/setup-links: the newest; for administrators, as the two that follow.
  Result<http::Response> links(const http::Request& request);
  /// POST /api/v1/setup-links {name, days}: 201; the list with `link`, shown only now. Starts the setup where
  /// it was not started.
  Result<http::Response> create(const http::Request& request);
  /// DELETE /api/v1/setup-links/{id}: ends it at once, with what it opened.
  Result<http::Response> end(const http::Request& request);

  /// POST /api/v1/setup-session {link}: opens a link, for whoever has it; sets the cookie that stands for it.
  Result<http::Response> open(const http::Request& request);
  /// GET /api/v1/setup-session: what the cookie stands for; 401 once it stands for nothing.
  Result<http::Response> session(const http::Request& request);
  /// DELETE /api/v1/setup-session: the colleague is done; the link ends.
  Result<http::Response> finish(const http::Request& request);

 private:
  Result<json::Object> list(storage::Transaction& transaction, directory::AccountId account) const;

  Dependencies deps_;
  std::string public_url_;
};

}  // namespace doorward::console
