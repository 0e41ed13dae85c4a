#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace doorward::oidc {

/// How often something may happen in a minute for one client address, or one IPv6 network. Counted in memory,
/// by each node for itself: it bounds load and noise, where what is guessed at cannot be guessed.
class AddressLimit {
 public:
  static constexpr Duration kWindow = std::chrono::minutes(1);
  /// More addresses than this in one minute start to count anew.
  static constexpr std::size_t kMaxAddresses = 50'000;

  explicit AddressLimit(int per_window) : per_window_(per_window) {}

  /// Whether it happened too often by now.
  bool is_reached(std::string_view client_address, Timestamp now);
  void count(std::string_view client_address, Timestamp now);
  /// Counts it, unless it happened too often: false then.
  bool take(std::string_view client_address, Timestamp now);

 private:
  /// What happened for this address in the window.
  int& counter(std::string_view client_address, Timestamp now);

  const int per_window_;
  std::mutex mutex_;  // Guards what follows.
  std::unordered_map<std::string, int> counters_;
  Timestamp since_;
};

}  // namespace doorward::oidc
