#include "saml/account_setup.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "directory/key_pairs.h"

namespace doorward::saml {

namespace {

/// Our certificates are containers for keys that providers pin; nobody checks their dates but some consoles.
constexpr auto kCertificateLifetime = std::chrono::hours(24 * 365 * 10);

Result<ReadyConnection> make_ready(const directory::Connection& connection) {
  ReadyConnection ready{connection, {}};
  for (const Bytes& der : connection.provider.signing_certificates) {
    ASSIGN_OR_RETURN(auto certificate, crypto::Certificate::from_der(der));
    ready.signing_certificates.push_back(std::move(certificate));
  }
  return ready;
}

/// The one to use first, then the others that still decrypt.
Result<void> open_keys(const directory::SignInSetup& stored, const crypto::Sealer& sealer,
                       AccountSetup& setup) {
  for (const auto state :
       {directory::KeyState::Current, directory::KeyState::Next, directory::KeyState::Retiring}) {
    for (const directory::KeyPair& pair : stored.key_pairs) {
      if (pair.state != state) continue;
      const bool signing = pair.purpose == directory::KeyPurpose::Signing;
      ASSIGN_OR_RETURN(auto key, directory::open_private_key(sealer, pair));
      ASSIGN_OR_RETURN(auto certificate, crypto::Certificate::from_der(pair.certificate));
      const bool published = state != directory::KeyState::Retiring;
      (signing ? setup.signing_keys : setup.decryption_keys).push_back(std::move(key));
      if (!published) continue;
      (signing ? setup.signing_certificates : setup.encryption_certificates)
          .push_back(std::move(certificate));
    }
  }
  return {};
}

}  // namespace

const ReadyConnection* AccountSetup::find(directory::ConnectionId id) const {
  const auto found = std::find_if(connections.begin(), connections.end(),
                                  [&](const auto& c) { return c.connection.id == id; });
  return found == connections.end() ? nullptr : &*found;
}

const ReadyConnection* AccountSetup::find_by_entity_id(std::string_view entity_id) const {
  const auto found = std::find_if(connections.begin(), connections.end(), [&](const auto& c) {
    return c.connection.provider.entity_id == entity_id;
  });
  return found == connections.end() ? nullptr : &*found;
}

const ReadyConnection* AccountSetup::find_by_name(std::string_view name) const {
  const auto found = std::find_if(connections.begin(), connections.end(),
                                  [&](const auto& c) { return c.connection.name == name; });
  return found == connections.end() ? nullptr : &*found;
}

const ReadyConnection* AccountSetup::find_sole() const {
  if (connections.size() == 1) return &connections.front();
  const auto admits = [](const ReadyConnection& ready) { return ready.connection.admits(); };
  if (std::ranges::count_if(connections, admits) != 1) return nullptr;
  return &*std::ranges::find_if(connections, admits);
}

AccountSetups::AccountSetups(storage::Database& database, const crypto::Sealer& sealer, const Clock& clock,
                             std::string public_url)
    : database_(database), sealer_(sealer), clock_(clock), public_url_(std::move(public_url)) {
  directory::on_notice(database_, [this](const directory::Notice& notice) { forget(notice); });
}

Result<std::shared_ptr<const AccountSetup>> AccountSetups::find(std::string_view slug) {
  const std::string key = to_ascii_lower(slug);
  ASSIGN_OR_RETURN(const std::int64_t version, database_.foreign_version());
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    if (version != foreign_version_) {
      foreign_version_ = version;
      ++generation_;
      by_slug_.clear();
    }
    const auto found = by_slug_.find(key);
    if (found != by_slug_.end()) return found->second;
    generation = generation_;
  }
  ASSIGN_OR_RETURN(auto setup, load(key));
  if (!setup) return nullptr;
  const std::lock_guard lock(mutex_);
  if (generation == generation_) {
    if (by_slug_.size() >= kMaxCached) by_slug_.erase(by_slug_.begin());
    by_slug_[key] = setup;
  }
  return setup;
}

Result<std::shared_ptr<const AccountSetup>> AccountSetups::load(std::string_view slug) {
  const auto read = [&] {
    return database_.read(
        [&](storage::Transaction& transaction) { return directory::load_sign_in_setup(transaction, slug); });
  };
  ASSIGN_OR_RETURN(auto stored, read());
  if (!stored) return nullptr;
  if (stored->key_pairs.empty()) {
    RETURN_IF_ERROR(make_key_pairs(stored->account));
    ASSIGN_OR_RETURN(stored, read());
    if (!stored) return nullptr;
  }
  auto setup = std::make_shared<AccountSetup>();
  setup->account = stored->account;
  setup->urls = Urls::of(public_url_, stored->account.slug);
  for (const directory::Connection& connection : stored->connections) {
    if (!connection.active) continue;
    ASSIGN_OR_RETURN(auto ready, make_ready(connection));
    setup->connections.push_back(std::move(ready));
  }
  RETURN_IF_ERROR(open_keys(*stored, sealer_, *setup));
  return setup;
}

Result<void> AccountSetups::make_key_pairs(const directory::Account& account) {
  const Timestamp now = clock_.now();
  std::vector<directory::NewKeyPair> pairs;
  for (const auto purpose : {directory::KeyPurpose::Signing, directory::KeyPurpose::Encryption}) {
    auto key = crypto::PrivateKey::generate_rsa();
    auto certificate =
        crypto::Certificate::self_signed(key, fmt::format("Doorward {}", account.slug),
                                         now - std::chrono::hours(24), now + kCertificateLifetime);
    pairs.push_back({account.id, purpose, std::move(key), std::move(certificate)});
  }
  return database_.write([&](storage::Transaction& transaction) -> Result<void> {
    // Two first visitors at once: the first one's keys stay.
    ASSIGN_OR_RETURN(const auto existing, directory::list_key_pairs(transaction, account.id));
    if (!existing.empty()) return {};
    for (const auto& pair : pairs) {
      RETURN_IF_ERROR(directory::create_key_pair(transaction, sealer_, pair,
                                                 {directory::ActorKind::System, "doorward"}, now));
    }
    return {};
  });
}

void AccountSetups::forget(const directory::Notice& notice) {
  // Changes of one employee or one session leave the setup as it is.
  if (notice.employee || notice.session) return;
  const std::lock_guard lock(mutex_);
  ++generation_;
  std::erase_if(by_slug_, [&](const auto& entry) { return entry.second->account.id == notice.account; });
}

}  // namespace doorward::saml
