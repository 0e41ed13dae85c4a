#include "scim/bearers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "scim/protocol/errors.h"

namespace doorward::scim {

namespace {

using directory::AccountId;
using directory::GrantToken;
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

/// What of the account every request needs.
Result<Client> client_of(storage::Transaction& transaction, directory::Account account) {
  ASSIGN_OR_RETURN(const auto settings, directory::load_provisioning_settings(transaction, account.id));
  ASSIGN_OR_RETURN(const auto custom, directory::list_custom_attributes(transaction, account.id));
  return Client{std::move(account), {}, settings, protocol::Schemas(specs_of(custom))};
}

Result<std::shared_ptr<const Client>> load(storage::Transaction& transaction,
                                           const ProvisioningSecret& secret) {
  ASSIGN_OR_RETURN(auto bearer, directory::find_bearer(transaction, secret));
  if (!bearer) return nullptr;
  ASSIGN_OR_RETURN(Client client, client_of(transaction, std::move(bearer->account)));
  client.token = std::move(bearer->token);
  return std::make_shared<const Client>(std::move(client));
}

Result<std::shared_ptr<const Client>> load(storage::Transaction& transaction, const GrantToken& token,
                                           Timestamp now) {
  ASSIGN_OR_RETURN(auto bearer, directory::find_token_bearer(transaction, token, now));
  if (!bearer) return nullptr;
  ASSIGN_OR_RETURN(Client client, client_of(transaction, std::move(bearer->account)));
  client.token.account = client.account.id;
  client.token.name = bearer->application.settings.name;
  client.token.created_at = bearer->issued_at;
  client.token.expires_at = std::min(bearer->expires_at, bearer->grant.expires_at);
  const auto scope = split(bearer->scope, ' ');
  client.access = AccessToken{.application = bearer->application.id,
                              .grant = bearer->grant.id,
                              .of_employee = bearer->employee.has_value(),
                              .provisions = std::ranges::find(scope, "scim") != scope.end()};
  return std::make_shared<const Client>(std::move(client));
}

/// Why an application's access token is of no use; nothing when it is.
std::optional<Error> why_not(const Client& client, const AccessToken& access, Timestamp now) {
  if (!client.token.lives(now)) {
    return Error{ErrorKind::Refused, protocol::kUnauthorized,
                 "This access token has expired. Ask the token endpoint for a new one."};
  }
  if (access.of_employee) {
    return Error{ErrorKind::Refused, protocol::kForbidden,
                 "This access token stands for a person, who is found at /Me alone."};
  }
  if (!access.provisions) {
    return Error{ErrorKind::Refused, protocol::kForbidden,
                 "This access token does not have the scope “scim”. Ask for it, and for an application that "
                 "may have it."};
  }
  return std::nullopt;
}

/// Why a provisioning token that was found is of no use; nothing when it is.
std::optional<Error> why_not(const directory::ProvisioningToken& token, Timestamp now) {
  if (token.revoked_at) {
    return Error{ErrorKind::Refused, protocol::kUnauthorized,
                 "This provisioning token was revoked. Enter a new one as Secret Token."};
  }
  if (!token.lives(now)) {
    return Error{ErrorKind::Refused, protocol::kUnauthorized,
                 "This provisioning token has expired. Enter a new one as Secret Token."};
  }
  return std::nullopt;
}

std::optional<Error> why_not(const Client& client, Timestamp now) {
  auto of_token = client.access ? why_not(client, *client.access, now) : why_not(client.token, now);
  if (of_token) return of_token;
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
    return tl::unexpected(Refusal{Error{ErrorKind::Refused, protocol::kNoToken,
                                        "Send the provisioning token as “Authorization: Bearer …”."}});
  }
  auto found = find_bearer(*bearer);
  if (!found) return found;
  const Client& client = **found;
  const Timestamp now = clock_.now();
  const auto refuse = [&](Error error) {
    return tl::unexpected(Refusal{std::move(error), client.account.id, client.token.name});
  };
  if (auto reason = why_not(client, now)) return refuse(*std::move(reason));
  if (!take_from_bucket(client, now)) {
    return refuse(Error{ErrorKind::RateLimited, "scim.rate_limited",
                        "This token has sent too many requests. Try again in a second."});
  }
  touch(client, request.client_address, now);
  return *std::move(found);
}

Result<Bearers::Found, Refusal> Bearers::find_bearer(std::string_view bearer) {
  const auto answer = [&](Result<Found> found, std::string_view nobody) -> Result<Found, Refusal> {
    if (!found) return tl::unexpected(Refusal{found.error()});
    if (!*found) return tl::unexpected(unauthorized(std::string(nobody)));
    return *std::move(found);
  };
  if (const auto secret = ProvisioningSecret::parse(bearer)) {
    return answer(find(secret->hash(), [&](storage::Transaction& tx) { return load(tx, *secret); }),
                  "This provisioning token is not known here. Create a new one and enter it.");
  }
  if (const auto token = GrantToken::parse(bearer, directory::TokenKind::Access)) {
    const Timestamp now = clock_.now();
    return answer(find(token->hash(), [&](storage::Transaction& tx) { return load(tx, *token, now); }),
                  "This access token is not known here, or has ended. Ask the token endpoint for a new one.");
  }
  return tl::unexpected(
      unauthorized("This is no provisioning token of this server. Copy the whole Secret Token, which "
                   "begins with “scim_”."));
}

Result<Bearers::Found> Bearers::find(const Bytes& hash, const Load& load) {
  ASSIGN_OR_RETURN(const std::int64_t version, database_.foreign_version());
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    if (version != foreign_version_) {
      foreign_version_ = version;
      by_hash_.clear();
      ++generation_;
    }
    if (const auto cached = by_hash_.find(hash); cached != by_hash_.end()) return cached->second;
    generation = generation_;
  }
  ASSIGN_OR_RETURN(Found client, database_.read(load));
  if (!client) return client;
  const std::lock_guard lock(mutex_);
  // Something was forgotten while this was read: it may be what was read.
  if (generation != generation_) return client;
  if (by_hash_.size() >= kMaxCached) by_hash_.erase(by_hash_.begin());
  by_hash_[hash] = client;
  return client;
}

bool Bearers::take_from_bucket(const Client& client, Timestamp now) {
  const std::lock_guard lock(mutex_);
  Buckets& buckets = client.access ? application_buckets_ : token_buckets_;
  const std::int64_t id = client.access ? client.access->application.value : client.token.id.value;
  const auto [place, is_new] = buckets.try_emplace(id, Bucket{static_cast<double>(limit_.burst), now});
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
  Touch& touch =
      client.access ? grant_touches_[client.access->grant.value] : token_touches_[client.token.id.value];
  if (touch.written && now - touch.at < kTouchInterval) return;
  touch = {client.account.id, client_address, now, false};
}

void Bearers::forget(AccountId account) {
  const std::lock_guard lock(mutex_);
  ++generation_;
  std::erase_if(by_hash_, [&](const auto& entry) { return entry.second->account.id == account; });
}

Result<void> Bearers::flush() {
  std::vector<std::pair<std::int64_t, Touch>> tokens;
  std::vector<directory::GrantTouch> grants;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [token, touch] : token_touches_) {
      if (!std::exchange(touch.written, true)) tokens.emplace_back(token, touch);
    }
    for (auto& [grant, touch] : grant_touches_) {
      if (!std::exchange(touch.written, true))
        grants.push_back({touch.account, directory::GrantId{grant}, touch.at});
    }
  }
  if (tokens.empty() && grants.empty()) return {};
  return database_.write([&](storage::Transaction& transaction) -> Result<void> {
    for (const auto& [token, touch] : tokens) {
      RETURN_IF_ERROR(directory::touch_provisioning_token(
          transaction, touch.account, directory::ProvisioningTokenId{token}, touch.client_address, touch.at));
    }
    return directory::touch_grants(transaction, grants);
  });
}

}  // namespace doorward::scim
