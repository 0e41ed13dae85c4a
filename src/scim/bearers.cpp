#include "scim/bearers.h"

#include <algorithm>

#include "scim/protocol/errors.h"

namespace doorward::scim {

namespace {

using directory::AccountId;
using directory::ProvisioningSecret;

Refusal unauthorized(std::string message) {
  return {Error{ErrorKind::Refused, protocol::kUnauthorized, std::move(message)}};
}

std::vector<protocol::CustomAttributeSpec> specs_of(const std::vector<directory::CustomAttribute>& declared) {
  using protocol::Type;
  static constexpr std::array<std::pair<std::string_view, Type>, 6> kTypes = {
      {{"string", Type::String},
       {"boolean", Type::Boolean},
       {"integer", Type::Integer},
       {"decimal", Type::Decimal},
       {"dateTime", Type::DateTime},
       {"reference", Type::Reference}}};
  std::vector<protocol::CustomAttributeSpec> specs;
  for (const directory::CustomAttribute& attribute : declared) {
    const auto* type = std::ranges::find(kTypes, std::string_view(attribute.type),
                                         &std::pair<std::string_view, Type>::first);
    specs.push_back({attribute.name, type == kTypes.end() ? Type::String : type->second,
                     attribute.multi_valued, attribute.description});
  }
  return specs;
}

/// Why a token that was found is of no use; nothing when it is.
std::optional<Error> why_not(const Client& client, Timestamp now) {
  if (client.token.revoked_at) {
    return Error{ErrorKind::Refused, protocol::kUnauthorized,
                 "This provisioning token was revoked. Enter a new one as Secret Token."};
  }
  if (!client.token.lives(now)) {
    return Error{ErrorKind::Refused, protocol::kUnauthorized,
                 "This provisioning token has expired. Enter a new one as Secret Token."};
  }
  if (client.account.plan != directory::Plan::Enterprise) {
    return Error{ErrorKind::Refused, protocol::kForbidden,
                 "Provisioning is not part of this company's plan. Ask support for the enterprise plan."};
  }
  return std::nullopt;
}

}  // namespace

Bearers::Bearers(storage::Database& database, const Clock& clock, RateLimit limit)
    : database_(database), clock_(clock), limit_(limit) {
  directory::on_notice(database_, [this](const directory::Notice& notice) {
    if (!notice.employee && !notice.session) forget(notice.account);
  });
}

Result<std::shared_ptr<const Client>, Refusal> Bearers::admit(const http::Request& request) {
  const auto bearer = request.bearer_token();
  if (!bearer) {
    return tl::unexpected(unauthorized("Send the provisioning token as “Authorization: Bearer …”."));
  }
  const auto secret = ProvisioningSecret::parse(*bearer);
  if (!secret) {
    return tl::unexpected(
        unauthorized("This is no provisioning token of this server. Copy the whole Secret Token, which "
                     "begins with “scim_”."));
  }
  auto found = find(*secret);
  if (!found) return tl::unexpected(Refusal{found.error()});
  if (!*found) {
    return tl::unexpected(
        unauthorized("This provisioning token is not known here. Create a new one and enter it."));
  }
  const Client& client = **found;
  const Timestamp now = clock_.now();
  const auto refuse = [&](Error error) {
    return tl::unexpected(Refusal{std::move(error), client.account.id, client.token.name});
  };
  if (auto reason = why_not(client, now)) return refuse(*std::move(reason));
  if (!take_from_bucket(client.token.id.value, now)) {
    return refuse(Error{ErrorKind::RateLimited, "scim.rate_limited",
                        "This token has sent too many requests. Try again in a second."});
  }
  touch(client, request.client_address, now);
  return *std::move(found);
}

Result<std::shared_ptr<const Client>> Bearers::find(const ProvisioningSecret& secret) {
  ASSIGN_OR_RETURN(const std::int64_t version, database_.foreign_version());
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    if (version != foreign_version_) {
      foreign_version_ = version;
      by_hash_.clear();
      ++generation_;
    }
    if (const auto cached = by_hash_.find(secret.hash()); cached != by_hash_.end()) return cached->second;
    generation = generation_;
  }
  ASSIGN_OR_RETURN(auto client, load(secret));
  if (!client) return client;
  const std::lock_guard lock(mutex_);
  // Something was forgotten while this was read: it may be what was read.
  if (generation != generation_) return client;
  if (by_hash_.size() >= kMaxCached) by_hash_.erase(by_hash_.begin());
  by_hash_[secret.hash()] = client;
  return client;
}

Result<std::shared_ptr<const Client>> Bearers::load(const ProvisioningSecret& secret) {
  return database_.read([&](storage::Transaction& transaction) -> Result<std::shared_ptr<const Client>> {
    ASSIGN_OR_RETURN(auto bearer, directory::find_bearer(transaction, secret));
    if (!bearer) return nullptr;
    const AccountId account = bearer->account.id;
    ASSIGN_OR_RETURN(const auto settings, directory::load_provisioning_settings(transaction, account));
    ASSIGN_OR_RETURN(const auto custom, directory::list_custom_attributes(transaction, account));
    return std::make_shared<const Client>(Client{std::move(bearer->account), std::move(bearer->token),
                                                 settings, protocol::Schemas(specs_of(custom))});
  });
}

bool Bearers::take_from_bucket(std::int64_t token, Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto [place, is_new] = buckets_.try_emplace(token, Bucket{static_cast<double>(limit_.burst), now});
  Bucket& bucket = place->second;
  if (now > bucket.filled_at) {
    const double seconds = std::chrono::duration<double>(now - bucket.filled_at).count();
    bucket.tokens = std::min<double>(limit_.burst, bucket.tokens + seconds * limit_.per_second);
    bucket.filled_at = now;
  }
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

void Bearers::touch(const Client& client, const std::string& client_address, Timestamp now) {
  const std::lock_guard lock(mutex_);
  Touch& touch = touches_[client.token.id.value];
  if (touch.written && now - touch.at < kTouchInterval) return;
  touch = {client.account.id, client_address, now, false};
}

void Bearers::forget(AccountId account) {
  const std::lock_guard lock(mutex_);
  ++generation_;
  std::erase_if(by_hash_, [&](const auto& entry) { return entry.second->account.id == account; });
}

Result<void> Bearers::flush() {
  std::vector<std::pair<std::int64_t, Touch>> due;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [token, touch] : touches_) {
      if (touch.written) continue;
      touch.written = true;
      due.emplace_back(token, touch);
    }
  }
  if (due.empty()) return {};
  return database_.write([&](storage::Transaction& transaction) -> Result<void> {
    for (const auto& [token, touch] : due) {
      RETURN_IF_ERROR(directory::touch_provisioning_token(
          transaction, touch.account, directory::ProvisioningTokenId{token}, touch.client_address, touch.at));
    }
    return {};
  });
}

}  // namespace doorward::scim
