#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/url.h"
#include "oidc/protocol/jwk.h"

namespace doorward::signin {

/// Fetches a document with this server's outbound policy; outside transactions.
using FetchDocument = std::function<Result<std::string>(const Url& url)>;

/// The keys that tenants publish, kept in memory. Providers rotate them without notice: they are fetched anew
/// every hour, and at once when a token names one that is not there, but never more than once a minute, so
/// that nobody can make us ask by sending rubbish.
class TenantKeys {
 public:
  using Keys = std::shared_ptr<const oidc::protocol::JwkSet>;

  /// After so long they are fetched again; if that fails, the old ones still serve.
  static constexpr Duration kFresh = std::chrono::hours(1);
  /// After so long they serve no more: a key may have been withdrawn.
  static constexpr Duration kStale = std::chrono::hours(24);
  /// Between two fetches.
  static constexpr Duration kPause = std::chrono::minutes(1);
  /// The same as long as there are no keys at all.
  static constexpr Duration kRetry = std::chrono::seconds(5);
  static constexpr std::size_t kMaxTenants = 10'000;

  TenantKeys(FetchDocument fetch, const Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}

  /// Those of `authority`, which is the issuer as well (OpenID Connect Discovery section 4). Blocks while
  /// they are fetched. Fails with `kTenantUnavailable`.
  Result<Keys> find(const std::string& authority);
  /// After a token whose key was not among `seen`: newer ones, or `seen` again when it is too early to ask.
  Result<Keys> find_newer(const std::string& authority, const Keys& seen);

 private:
  struct Entry {
    Keys keys;
    Timestamp fetched_at = {};
    Timestamp tried_at = {};
    bool is_being_fetched = false;
  };

  using Lock = std::unique_lock<std::mutex>;
  Entry& entry_of(const std::string& authority);
  /// Fetches unless that was done a moment ago, or waits for whoever does; gives the lock up meanwhile.
  void update(Lock& lock, const std::string& authority);
  Result<Keys> usable(const std::string& authority);
  Result<oidc::protocol::JwkSet> fetch_keys(const std::string& authority) const;

  FetchDocument fetch_;
  const Clock& clock_;

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable fetched_;
  std::map<std::string, Entry> entries_;
};

inline constexpr ErrorCode kTenantUnavailable = "mobile.tenant_unavailable";

}  // namespace doorward::signin
