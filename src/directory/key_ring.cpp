#include "directory/key_ring.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace doorward::directory {
namespace {

/// Opening costs more than reading: a key that `before` has is not opened again.
Result<KeyRing::ReadyKey> open_key(const crypto::Sealer& sealer, const SigningKey& key,
                                   const KeyRing::View* before) {
  if (before != nullptr) {
    const auto known = std::ranges::find(before->signing, key.key_id, &KeyRing::ReadyKey::key_id);
    if (known != before->signing.end()) return *known;
  }
  ASSIGN_OR_RETURN(crypto::PrivateKey opened, open_signing_key(sealer, key));
  return KeyRing::ReadyKey{.key_id = key.key_id, .algorithm = key.algorithm, .key = std::move(opened)};
}

bool signs_for(const KeyRing::View& view, TokenAlgorithm algorithm) {
  return std::ranges::find(view.signing, algorithm, &KeyRing::ReadyKey::algorithm) != view.signing.end();
}

}  // namespace

const KeyRing::ReadyKey& KeyRing::View::signer(TokenAlgorithm algorithm) const {
  const auto found = std::ranges::find(signing, algorithm, &ReadyKey::algorithm);
  CHECK(found != signing.end());
  return *found;
}

KeyRing::KeyRing(storage::Database& database, const crypto::Sealer& sealer, const Clock& clock,
                 SigningKeyRotation rotation)
    : database_(database), sealer_(sealer), clock_(clock), rotation_(rotation) {}

Result<std::shared_ptr<const KeyRing::View>> KeyRing::view() {
  const std::scoped_lock lock(mutex_);
  const Timestamp now = clock_.now();
  // A clock that was set back makes nothing fresh for longer.
  if (view_ && now >= read_at_ && now - read_at_ < kFresh) return view_;
  ASSIGN_OR_RETURN(std::shared_ptr<const View> read, read_view());
  if (!signs_for(*read, TokenAlgorithm::Rs256) || !signs_for(*read, TokenAlgorithm::Es256)) {
    RETURN_IF_ERROR(take_steps());
    ASSIGN_OR_RETURN(read, read_view());
  }
  view_ = std::move(read);
  read_at_ = now;
  return view_;
}

Result<void> KeyRing::rotate() {
  RETURN_IF_ERROR(take_steps());
  const std::scoped_lock lock(mutex_);
  ASSIGN_OR_RETURN(view_, read_view());
  read_at_ = clock_.now();
  return {};
}

Result<std::shared_ptr<const KeyRing::View>> KeyRing::read_view() {
  ASSIGN_OR_RETURN(const std::vector<SigningKey> keys, database_.read([](storage::Transaction& transaction) {
    return list_signing_keys(transaction);
  }));
  auto view = std::make_shared<View>();
  for (const SigningKey& key : keys) {
    if (key.state != KeyState::Current) continue;
    ASSIGN_OR_RETURN(ReadyKey ready, open_key(sealer_, key, view_.get()));
    view->signing.push_back(std::move(ready));
  }
  view->published = keys;
  return std::shared_ptr<const View>(std::move(view));
}

Result<void> KeyRing::take_steps() {
  const Timestamp now = clock_.now();
  ASSIGN_OR_RETURN(const bool due, database_.read([&](storage::Transaction& transaction) {
    return is_rotation_due(transaction, rotation_, now);
  }));
  if (!due) return {};
  // Made before the transaction: an RSA key takes a tenth of a second and more.
  const FreshKeys fresh{.rs256 = crypto::PrivateKey::generate_rsa(),
                        .es256 = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256)};
  return database_.write([&](storage::Transaction& transaction) {
    return rotate_signing_keys(transaction, sealer_, fresh, rotation_, now);
  });
}

}  // namespace doorward::directory
