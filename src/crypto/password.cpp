#include "crypto/password.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <argon2.h>
#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "crypto/openssl.h"
#include "crypto/random.h"

namespace doorward::crypto {

namespace {

constexpr std::size_t kSaltLength = 16;
constexpr std::size_t kHashLength = 32;
constexpr unsigned kLanes = 1;

/// Lets as many threads compute as there are cores; the others wait.
class Gate {
 public:
  void enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return free_ > 0; });
    --free_;
  }
  void leave() {
    {
      const std::lock_guard lock(mutex_);
      ++free_;
    }
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned free_ = std::max(1U, std::thread::hardware_concurrency());  // Guarded by mutex_.
};

/// A place inside the gate.
class Turn {
 public:
  Turn() { gate().enter(); }
  ~Turn() { gate().leave(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  static Gate& gate() {
    // Never destroyed: other threads may still verify while the process ends.
    static auto* instance = new Gate;
    return *instance;
  }
};

}  // namespace

Result<void> check_new_password(const Secret& password) {
  const auto refuse = [](std::string message) {
    return fail(ErrorKind::InvalidInput, "crypto.password_refused", std::move(message));
  };
  const std::string_view text = password.reveal();
  if (text.size() > kMaxPasswordBytes) {
    return refuse(fmt::format("The password is longer than {} bytes.", kMaxPasswordBytes));
  }
  if (!is_valid_utf8(text)) return refuse("The password is not valid UTF-8.");
  const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  const auto characters = static_cast<std::size_t>(std::ranges::count_if(text, is_first_byte));
  if (characters < kMinPasswordCharacters) {
    return refuse(
        fmt::format("The password is too short: it needs at least {} characters.", kMinPasswordCharacters));
  }
  return {};
}

std::string hash_password(const Secret& password, PasswordCost cost) {
  const Bytes salt = random_bytes(kSaltLength);
  const std::string_view text = password.reveal();
  std::string encoded(
      argon2_encodedlen(cost.passes, cost.memory_kib, kLanes, kSaltLength, kHashLength, Argon2_id), '\0');
  const Turn turn;
  CHECK(argon2id_hash_encoded(cost.passes, cost.memory_kib, kLanes, text.data(), text.size(), salt.data(),
                              salt.size(), kHashLength, encoded.data(), encoded.size()) == ARGON2_OK);
  encoded.resize(encoded.find('\0'));
  return encoded;
}

bool verify_password(std::string_view encoded, const Secret& password) {
  const std::string_view text = password.reveal();
  const std::string terminated(encoded);
  if (terminated.find('\0') != std::string::npos) return false;
  const Turn turn;
  return argon2id_verify(terminated.c_str(), text.data(), text.size()) == ARGON2_OK;
}

void waste_password_time(const Secret& password, PasswordCost cost) {
  const std::string_view text = password.reveal();
  std::array<char, kSaltLength> salt = {};
  std::array<char, kHashLength> result;
  const Turn turn;
  CHECK(argon2id_hash_raw(cost.passes, cost.memory_kib, kLanes, text.data(), text.size(), salt.data(),
                          salt.size(), result.data(), result.size()) == ARGON2_OK);
}

}  // namespace doorward::crypto
