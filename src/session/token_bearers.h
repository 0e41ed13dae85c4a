#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "directory/grants.h"
#include "directory/sessions.h"
#include "http/message.h"
#include "session/credential_cache.h"
#include "storage/database.h"

namespace doorward::session {

/// Where an employee belongs, by name.
struct Memberships {
  /// Their own first, then what it lies in, up to the root.
  std::vector<std::string> departments = {};
  /// In the order of their names.
  std::vector<std::string> groups = {};
};
Result<Memberships> memberships_of(storage::Transaction& transaction, const directory::Employee& employee);

/// Whom a token stands for, as it is kept in memory.
class Bearer : public directory::TokenBearer {
 public:
  struct Found {
    directory::TokenBearer bearer;
    Memberships memberships = {};
    bool email_verified = false;
  };
  explicit Bearer(Found found)
      : TokenBearer(std::move(found.bearer)),
        memberships(std::move(found.memberships)),
        email_verified(found.email_verified) {}

  /// Known of proxy tokens only, as are the addresses of `application` and `email_verified`: others ask for
  /// what they need.
  Memberships memberships;
  /// See `directory::is_verified_email`.
  bool email_verified = false;

  /// Of `scope`.
  bool has_scope(std::string_view name) const;

  /// What `describe` made of this first: header fields that are the same for every request with the token.
  template <class Describe>
  const http::Headers& described(Describe describe) const {
    return description_.get([&] { return describe(*this); });
  }

 private:
  Memo<http::Headers> description_;
};

/// Whose a token is: access tokens that services show, and proxy tokens, which a browser sends with each
/// request to an application. Found in memory (`CredentialCache`).
class TokenBearers {
 public:
  /// What nobody is told about may be known for so long: new names of groups and departments, a browser
  /// session that was idle for too long.
  static constexpr std::chrono::seconds kMaxAge{60};

  /// Use of a proxy token is use of the browser session that it belongs to, whose idle time `lifetime` tells.
  TokenBearers(storage::Database& database, const Clock& clock, directory::SessionLifetime lifetime,
               metrics::Registry& metrics);

  /// Null when it is nobody's, or has ended. Of access and proxy tokens.
  Result<std::shared_ptr<const Bearer>> find(const directory::GrantToken& token);

  /// Of the access token that the request carries (RFC 6750 section 2.1); null without one that lives.
  Result<std::shared_ptr<const Bearer>> who(const http::Request& request);

  /// Writes the last-used times that were collected. Call it about once a minute and at the end.
  Result<void> flush();

 private:
  struct Kind {
    struct Touch {
      directory::GrantTouch grant = {};
      std::optional<directory::SessionTouch> session = {};
    };
    using Value = Bearer;
    static std::int64_t id(const Bearer& bearer) { return bearer.grant.id.value; }
    static Holder holder(const Bearer& bearer) {
      return {bearer.grant.account, bearer.grant.employee, bearer.grant.session};
    }
    static Timestamp last_used_at(const Bearer& bearer) { return bearer.grant.last_used_at; }
    static Timestamp good_until(const Bearer& bearer, Timestamp read_at);
    static Touch touch(const Bearer& bearer, Timestamp now);
  };

  storage::Database& database_;
  const Clock& clock_;
  const directory::SessionLifetime lifetime_;
  CredentialCache<Kind> cache_;
};

}  // namespace doorward::session
