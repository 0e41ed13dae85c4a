#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/encoding.h"
#include "directory/grants.h"
#include "directory/notices.h"
#include "directory/provisioning_settings.h"
#include "directory/provisioning_tokens.h"
#include "http/message.h"
#include "scim/protocol/schema.h"
#include "storage/database.h"

namespace doorward::scim {

/// An application's access token (OAuth 2.0): the second way in.
struct AccessToken {
  directory::ApplicationId application;
  directory::GrantId grant;
  /// A person's, which is good for /Me alone.
  bool of_employee = false;
  /// Has the scope `scim`.
  bool provisions = false;
};

/// The directory service behind a request, and what of its account every request needs. A value that several
/// requests share.
struct Client {
  directory::Account account;
  /// The provisioning token. Of an access token (`access`) it is what the two have alike: a name, the
  /// application's, all rights, and an end.
  directory::ProvisioningToken token;
  directory::ProvisioningSettings settings;
  protocol::Schemas schemas;
  std::optional<AccessToken> access = {};

  /// Whom audit and log name.
  directory::Actor actor() const { return {directory::ActorKind::Directory, token.name}; }
};

/// How much one provisioning token, or one application, may ask: a bucket of `burst` requests that fills at
/// `per_second`.
struct RateLimit {
  /// Entra asks up to 25 requests a second of a tenant: less would put it into quarantine.
  static constexpr int kLeastPerSecond = 25;

  int per_second = 2'000;
  int burst = 10'000;
};

/// Why a request may not go on.
struct Refusal {
  Error error;
  /// Known when the token was ours once: the account's log tells about it then.
  std::optional<directory::AccountId> account = {};
  std::string token_name = {};
};

/// Who calls. Tokens are found in memory; what revokes one, or changes the account or its settings, on this
/// node or in another process, makes the memory forget it before that change is answered.
class Bearers {
 public:
  /// How far the stored last-used time may lag behind.
  static constexpr std::chrono::seconds kTouchInterval{60};
  static constexpr std::size_t kMaxCached = 1'000;

  Bearers(storage::Database& database, const Clock& clock, RateLimit limit);
  Bearers(const Bearers&) = delete;
  Bearers& operator=(const Bearers&) = delete;

  /// RFC 6750 section 2.1. Refuses an absent token (`kNoToken`), an unknown, expired or revoked one
  /// (`kUnauthorized`), an account whose plan has no provisioning (`kForbidden`), and more requests than the
  /// limit
  /// (`ErrorKind::RateLimited`).
  /// An application comes in with an access token that has the scope `scim`.
  Result<std::shared_ptr<const Client>, Refusal> admit(const http::Request& request);

  /// Writes the last-used times that were collected. Call it about once a minute and at the end.
  Result<void> flush();

 private:
  using Found = std::shared_ptr<const Client>;
  using Load = std::function<Result<Found>(storage::Transaction&)>;
  struct Bucket {
    double tokens = 0;
    Timestamp filled_at;
  };
  /// By the id of the provisioning token, or of the application.
  using Buckets = std::unordered_map<std::int64_t, Bucket>;
  struct Touch {
    directory::AccountId account;
    std::string client_address;
    Timestamp at;
    bool written = false;
  };
  /// By the id of the provisioning token, or of the grant.
  using Touches = std::unordered_map<std::int64_t, Touch>;

  /// Unauthorized when it is no token at all, or nobody's.
  Result<Found, Refusal> find_bearer(std::string_view bearer);
  Result<Found> find(const Bytes& hash, const Load& load);
  bool take_from_bucket(const Client& client, Timestamp now);
  void touch(const Client& client, const std::string& client_address, Timestamp now);
  void forget(directory::AccountId account);

  storage::Database& database_;
  const Clock& clock_;
  const RateLimit limit_;

  std::mutex mutex_;  // Guards what follows.
  std::unordered_map<Bytes, Found> by_hash_;
  Buckets token_buckets_;
  Buckets application_buckets_;
  Touches token_touches_;
  Touches grant_touches_;
  std::int64_t foreign_version_ = -1;
  /// Grows with everything that is forgotten: what was read before must not be kept after.
  std::uint64_t generation_ = 0;
};

}  // namespace doorward::scim
