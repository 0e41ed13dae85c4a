#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "console/check_guard.h"
#include "console/requests.h"
#include "http/message.h"
#include "setup/connection_check.h"

namespace doorward::console {

/// The account's identity providers: what a provider must know of us, and *Check now*. All of it is for
/// administrators, about their own account; all but *Refresh now* also by a setup link, whose connection is
/// only proposed.
class ConnectionsApi {
 public:
  /// Fetches a provider's metadata with this server's outbound policy; outside transactions.
  using Fetch = setup::FetchMetadata;

  /// `public_url` without a final slash; `refresh_interval`: see `setup::RefreshOrder`.
  ConnectionsApi(const Dependencies& dependencies, std::string_view public_url, Fetch fetch,
                 Duration refresh_interval = std::chrono::hours(24))
      : deps_(dependencies),
        public_url_(public_url),
        fetch_(std::move(fetch)),
        refresh_interval_(refresh_interval) {}

  /// GET /api/v1/connections: each with its last refresh, and the certificates that are about to end.
  Result<http::Response> connections(const http::Request& request);
  /// GET /api/v1/connections/service-provider: ACS URL, entity id, metadata and sign-on URLs.
  Result<http::Response> service_provider(const http::Request& request);
  /// POST /api/v1/connections/check {url | document, connection, replaceProvider}: *Check now*. Runs every
  /// check that can be run and answers 200 with all findings; when none failed, the account's connection is
  /// made or brought up to date. `connection` is a name; without it the account's only one, or the first.
  /// Another entity id than the connection has is another provider, whose people must be linked anew: unless
  /// `replaceProvider` is true nothing is stored, and the answer says how many links would go. One check at a
  /// time and at most 30 an hour for an account.
  Result<http::Response> check(const http::Request& request);
  /// POST /api/v1/connections/refresh {connection, accept}: *Refresh now*. Fetches the metadata again and
  /// takes over what may be taken over. `connection` as above; `accept` is the `held` of a change that waits.
  /// Bounded as *Check now* is.
  Result<http::Response> refresh(const http::Request& request);

 private:
  Dependencies deps_;
  std::string public_url_;
  Fetch fetch_;
  Duration refresh_interval_;
  CheckGuard guard_;
};

}  // namespace doorward::console
