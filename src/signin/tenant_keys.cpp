#include "signin/tenant_keys.h"

#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "json/json.h"

namespace doorward::signin {

namespace {

using oidc::protocol::JwkSet;

constexpr std::size_t kMaxDiscoveryBytes = std::size_t{256} * 1024;
/// How long a request waits for another one's fetch.
constexpr std::chrono::seconds kPatience{10};

tl::unexpected<Error> unusable(std::string message, std::string detail = {}) {
  return fail(ErrorKind::Unavailable, kTenantUnavailable, std::move(message), std::move(detail));
}

/// Where the keys are, as the discovery document says.
Result<Url> read_jwks_uri(std::string_view document, const std::string& authority) {
  const auto value = json::parse(document, {.bytes = kMaxDiscoveryBytes, .depth = 8});
  if (!value || !value->is_object()) return unusable("The tenant's OpenID configuration is not readable.");
  const json::Object& configuration = value->get_object();
  // OpenID Connect Discovery section 4.3: or anybody could speak for the issuer.
  ASSIGN_OR_RETURN(const auto issuer, json::required_string(configuration, "issuer"));
  if (issuer != authority) {
    return unusable(fmt::format("The tenant's OpenID configuration is of the issuer “{}”; “{}” is expected.",
                                printable(issuer), authority));
  }
  ASSIGN_OR_RETURN(const auto jwks_uri, json::required_string(configuration, "jwks_uri"));
  ASSIGN_OR_RETURN(const Url here, Url::parse(authority));
  ASSIGN_OR_RETURN(Url url, Url::parse(jwks_uri));
  if (url.origin() != here.origin()) {
    return unusable("The tenant's keys are said to be at another host than the tenant.", url.origin());
  }
  return url;
}

}  // namespace

Result<JwkSet> TenantKeys::fetch_keys(const std::string& authority) const {
  ASSIGN_OR_RETURN(const Url discovery, Url::parse(authority + "/.well-known/openid-configuration"));
  ASSIGN_OR_RETURN(const std::string configuration, fetch_(discovery));
  ASSIGN_OR_RETURN(const Url jwks_uri, read_jwks_uri(configuration, authority));
  ASSIGN_OR_RETURN(const std::string document, fetch_(jwks_uri));
  ASSIGN_OR_RETURN(JwkSet keys, JwkSet::parse(document));
  if (keys.keys().empty()) return unusable("The tenant publishes no key that could be used.");
  return keys;
}

TenantKeys::Entry& TenantKeys::entry_of(const std::string& authority) {
  if (entries_.size() >= kMaxTenants && !entries_.contains(authority)) {
    std::erase_if(entries_, [](const auto& entry) { return !entry.second.is_being_fetched; });
  }
  return entries_[authority];
}

void TenantKeys::update(Lock& lock, const std::string& authority) {
  // An entry that is being fetched stays where it is.
  Entry& entry = entry_of(authority);
  if (entry.is_being_fetched) {
    // Who has old ones goes on with them.
    if (entry.keys == nullptr) fetched_.wait_for(lock, kPatience);
    return;
  }
  const Timestamp now = clock_.now();
  const Duration pause = entry.keys != nullptr ? kPause : kRetry;
  if (entry.tried_at != Timestamp() && now - entry.tried_at < pause) return;
  entry.is_being_fetched = true;
  entry.tried_at = now;
  lock.unlock();
  auto fetched = fetch_keys(authority);
  lock.lock();
  entry.is_being_fetched = false;
  if (fetched) {
    entry.keys = std::make_shared<const JwkSet>(*std::move(fetched));
    entry.fetched_at = clock_.now();
  } else {
    log::failure(log::Level::Warning, "mobile.keys_not_fetched", fetched.error());
  }
  fetched_.notify_all();
}

Result<TenantKeys::Keys> TenantKeys::usable(const std::string& authority) {
  const Entry& entry = entry_of(authority);
  if (entry.keys != nullptr && clock_.now() - entry.fetched_at < kStale) return entry.keys;
  return unusable("The tenant's keys could not be fetched. Try again in a moment.");
}

Result<TenantKeys::Keys> TenantKeys::find(const std::string& authority) {
  Lock lock(mutex_);
  const Entry& entry = entry_of(authority);
  if (entry.keys == nullptr || clock_.now() - entry.fetched_at >= kFresh) update(lock, authority);
  return usable(authority);
}

Result<TenantKeys::Keys> TenantKeys::find_newer(const std::string& authority, const Keys& seen) {
  Lock lock(mutex_);
  if (entry_of(authority).keys == seen) update(lock, authority);
  return usable(authority);
}

}  // namespace doorward::signin
