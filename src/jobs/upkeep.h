#pragma once

#include <atomic>
#include <functional>

#include "base/clock.h"
#include "base/result.h"
#include "directory/ids.h"
#include "storage/database.h"

namespace doorward::jobs {

/// What keeps connections alive after their setup: their metadata is fetched again when it is due, and
/// administrators are told before certificates end.
class Upkeep {
 public:
  /// Fetches and applies the metadata of one connection, and says when it is due again.
  using Refresh = std::function<Result<void>(directory::AccountId, directory::ConnectionId)>;
  static constexpr int kBatch = 10;
  /// While a node works on connections, no other takes them.
  static constexpr std::chrono::minutes kClaim{30};

  Upkeep(storage::Database& database, const Clock& clock, Duration interval, Refresh refresh)
      : database_(database), clock_(clock), interval_(interval), refresh_(std::move(refresh)) {}

  /// Until none is due, or `stop` was called. A connection that makes trouble holds up no other.
  Result<void> refresh_due();
  /// For every account: notices that are due, and our own keys whose overlap is over.
  Result<void> look_at_certificates();
  void stop() { stopping_ = true; }

 private:
  Result<void> look_at(directory::AccountId account);

  storage::Database& database_;
  const Clock& clock_;
  const Duration interval_;
  const Refresh refresh_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace doorward::jobs
