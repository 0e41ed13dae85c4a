#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/key.h"
#include "crypto/seal.h"
#include "directory/signing_keys.h"
#include "storage/database.h"

namespace doorward::directory {

/// The signing keys in memory, opened. Makes the first ones when there are none.
class KeyRing {
 public:
  /// Another node's rotation is seen after so long; the overlap of days covers it.
  static constexpr std::chrono::seconds kFresh{60};

  struct ReadyKey {
    std::string key_id;
    TokenAlgorithm algorithm = TokenAlgorithm::Rs256;
    crypto::PrivateKey key;
  };
  struct View {
    /// The current one of each algorithm.
    std::vector<ReadyKey> signing;
    /// What the JWKS document shows, and what our own tokens are verified by.
    std::vector<SigningKey> published;

    /// There is always one.
    const ReadyKey& signer(TokenAlgorithm algorithm) const;
  };

  KeyRing(storage::Database& database, const crypto::Sealer& sealer, const Clock& clock,
          SigningKeyRotation rotation = {});

  Result<std::shared_ptr<const View>> view();
  /// Takes the step that is due; call it about once an hour.
  Result<void> rotate();

 private:
  Result<std::shared_ptr<const View>> read_view();  // With the mutex held.
  Result<void> take_steps();

  storage::Database& database_;
  const crypto::Sealer& sealer_;
  const Clock& clock_;
  const SigningKeyRotation rotation_;
  std::mutex mutex_;  // Guards what follows.
  std::shared_ptr<const View> view_;
  Timestamp read_at_;
};

}  // namespace doorward::directory
