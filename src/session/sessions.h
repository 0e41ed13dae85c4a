#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "directory/sessions.h"
#include "http/message.h"
#include "session/credential_cache.h"
#include "storage/database.h"

namespace doorward::session {

struct SessionOptions {
  /// Our public URL is https: the cookie is `__Host-doorward_session` and `Secure`.
  bool secure = true;
  directory::SessionLifetime lifetime;
};

/// Somebody's session as it is kept in memory.
class Visitor : public directory::SignedIn {
 public:
  explicit Visitor(directory::SignedIn signed_in) : SignedIn(std::move(signed_in)) {}

  /// What `describe` made of this first: an answer that is the same for every request of the session.
  template <class Describe>
  const std::string& described(Describe describe) const {
    return description_.get([&] { return describe(*this); });
  }

 private:
  Memo<std::string> description_;
};

/// Who a request is. Sessions are found in memory (`CredentialCache`).
class Sessions {
 public:
  Sessions(storage::Database& database, const Clock& clock, SessionOptions options,
           metrics::Registry& metrics);

  /// Null when the request has no cookie, or its session has ended.
  Result<std::shared_ptr<const Visitor>> who(const http::Request& request);

  /// The cookie for a session that was created with `token`.
  void set_cookie(http::Response& response, const directory::SessionToken& token) const;
  void clear_cookie(http::Response& response) const;

  const directory::SessionLifetime& lifetime() const { return options_.lifetime; }

  /// Writes the last-seen times that were collected. Call it about once a minute and at the end.
  Result<void> flush();

 private:
  struct Kind {
    using Value = Visitor;
    using Touch = directory::SessionTouch;
    static std::int64_t id(const Visitor& visitor) { return visitor.session.id.value; }
    static Holder holder(const Visitor& visitor) {
      return {visitor.session.account, visitor.session.employee, visitor.session.id};
    }
    static Timestamp last_used_at(const Visitor& visitor) { return visitor.session.last_seen_at; }
    static Timestamp good_until(const Visitor& visitor, Timestamp) { return visitor.session.expires_at; }
    static Touch touch(const Visitor& visitor, Timestamp now) {
      return {visitor.session.account, visitor.session.id, now};
    }
  };

  std::string_view cookie_name() const;

  storage::Database& database_;
  const Clock& clock_;
  const SessionOptions options_;
  CredentialCache<Kind> cache_;
};

}  // namespace doorward::session
