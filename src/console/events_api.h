#pragma once

#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// What happened in the account, for programs that read on from where they stopped. An administrator's
/// session is let in, and the access token of a service with the scope `events`.
class EventsApi {
 public:
  explicit EventsApi(const Dependencies& dependencies) : deps_(dependencies) {}

  /// GET /api/v1/events: oldest first, or with `order=newest` newest first, going on with `before`. Query:
  /// `after` (the `cursor` of the answer before), `type` (a name, or `employee.*`), `limit`. `next` is null
  /// once nothing more is there.
  Result<http::Response> events(const http::Request& request);
  /// GET /api/v1/event-types: names, and what they mean.
  Result<http::Response> event_types(const http::Request& request);

 private:
  /// Whose events are asked for, or the answer that refuses.
  struct Reader {
    directory::AccountId account;
    std::optional<http::Response> refusal = {};
  };
  Result<Reader> admit(const http::Request& request);

  Dependencies deps_;
};

}  // namespace doorward::console
