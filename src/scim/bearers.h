#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/encoding.h"
#include "directory/notices.h"
#include "directory/provisioning_settings.h"
#include "directory/provisioning_tokens.h"
#include "http/message.h"
#include "scim/protocol/schema.h"
#include "storage/database.h"

namespace doorward::scim {

/// The directory service behind a request, and what of its account every request needs. A value that several
/// requests share.
struct Client {
  directory::Account account;
  directory::ProvisioningToken token;
  directory::ProvisioningSettings settings;
  protocol::Schemas schemas;

  /// Whom audit and log name.
  directory::Actor actor() const { return {directory::ActorKind::Directory, token.name}; }
};

/// How much one token may ask: a bucket of `burst` requests that fills at `per_second`.
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

  /// RFC 6750 section 2.1. Refuses an absent, unknown, expired or revoked token (`kUnauthorized`), an account
  /// whose plan has no provisioning (`kForbidden`), and more requests than the limit
  /// (`ErrorKind::RateLimited`).
  Result<std::shared_ptr<const Client>, Refusal> admit(const http::Request& request);

  /// Writes the last-used times that were collected. Call it about once a minute and at the end.
  Result<void> flush();

 private:
  struct Bucket {
    double tokens = 0;
    Timestamp filled_at;
  };
  struct Touch {
    directory::AccountId account;
    std::string client_address;
    Timestamp at;
    bool written = false;
  };

  Result<std::shared_ptr<const Client>> find(const directory::ProvisioningSecret& secret);
  Result<std::shared_ptr<const Client>> load(const directory::ProvisioningSecret& secret);
  bool take_from_bucket(std::int64_t token, Timestamp now);
  void touch(const Client& client, const std::string& client_address, Timestamp now);
  void forget(directory::AccountId account);

  storage::Database& database_;
  const Clock& clock_;
  const RateLimit limit_;

  std::mutex mutex_;  // Guards what follows.
  std::unordered_map<Bytes, std::shared_ptr<const Client>> by_hash_;
  std::unordered_map<std::int64_t, Bucket> buckets_;
  std::unordered_map<std::int64_t, Touch> touches_;
  std::int64_t foreign_version_ = -1;
  /// Grows with everything that is forgotten: what was read before must not be kept after.
  std::uint64_t generation_ = 0;
};

}  // namespace doorward::scim
