#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/seal.h"
#include "http/message.h"
#include "session/sealed_cookies.h"

namespace doorward::session {

/// What becomes of the answer that a flow waits for.
enum class FlowPurpose : std::uint8_t {
  SignIn,
  Bounced,  ///< A sign-in that an unsolicited response gave rise to; it is not bounced a second time.
  Test,     ///< Opens no session.
};

/// A sign-in under way: what the browser that was sent to the identity provider carries, so that nobody else
/// can use the answer. It lives in a sealed cookie of its own; the server stores only that an answer was
/// consumed.
struct Flow {
  std::string request_id;
  std::string account;
  std::int64_t connection = 0;
  std::string return_to;
  FlowPurpose purpose = FlowPurpose::SignIn;
  /// Public id of the test run that follows it; empty when none does.
  std::string test_run = {};
  /// The person must sign in at the provider anew, whatever the connection's setting.
  bool reauthenticate = false;
  Timestamp started;
};

/// Puts flows into cookies and takes them out again.
class FlowCookies {
 public:
  /// People pause at their provider to fetch a second factor.
  static constexpr std::chrono::minutes kLifetime{30};
  /// Sign-ins that one browser may have open, so that abandoned ones do not fill its cookie header.
  static constexpr std::size_t kMaxOpen = 6;

  /// `secure` says that our public URL is https. Only then can the cookie be `SameSite=None`, which it must
  /// be to come back with the provider's cross-site POST.
  FlowCookies(const crypto::Sealer& sealer, bool secure);

  /// Adds the cookie of `flow` and deletes the oldest ones that are too many, or those that no longer open.
  void set(http::Response& response, const http::Request& request, const Flow& flow, Timestamp now) const;

  /// The flow that waits for the answer to `request_id` in this browser; fails with `kNoFlow` when there is
  /// none, when it has expired or was changed.
  Result<Flow> find(const http::Request& request, std::string_view request_id, Timestamp now) const;

  /// Whether this browser was bounced to `connection` less than `within` ago and has not come back yet.
  bool was_just_bounced(const http::Request& request, std::int64_t connection, Timestamp now,
                        Duration within) const;

  void clear(http::Response& response, std::string_view request_id) const;

 private:
  SealedCookies cookies_;
};

}  // namespace doorward::session
