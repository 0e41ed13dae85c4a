#include "oidc/address_limit.h"

#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace doorward::oidc {

namespace {

/// An IPv6 subscriber has a network of 64 bits (RFC 6177) and a new address for each attempt.
std::string network_of(std::string_view client_address) {
  constexpr std::size_t kNetwork = 8;
  std::array<char, sizeof(in6_addr)> address{};
  std::string text(client_address);
  if (inet_pton(AF_INET6, text.c_str(), address.data()) != 1) return text;
  return {address.data(), kNetwork};
}

}  // namespace

int& AddressLimit::counter(std::string_view client_address, Timestamp now) {
  if (now - since_ >= kWindow || counters_.size() >= kMaxAddresses) {
    counters_.clear();
    since_ = now;
  }
  return counters_[network_of(client_address)];
}

bool AddressLimit::is_reached(std::string_view client_address, Timestamp now) {
  const std::lock_guard lock(mutex_);
  return counter(client_address, now) >= per_window_;
}

void AddressLimit::count(std::string_view client_address, Timestamp now) {
  const std::lock_guard lock(mutex_);
  ++counter(client_address, now);
}

bool AddressLimit::take(std::string_view client_address, Timestamp now) {
  const std::lock_guard lock(mutex_);
  int& happened = counter(client_address, now);
  if (happened >= per_window_) return false;
  ++happened;
  return true;
}

}  // namespace doorward::oidc
