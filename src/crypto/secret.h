#pragma once

#include <string>
#include <string_view>

namespace doorward::crypto {

/// Holds a password, token, key or cookie value. It neither formats, logs, compares nor converts by itself,
/// and wipes its memory when it goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value);
  Secret(const Secret& other) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret other) noexcept;
  ~Secret();

  /// The value itself: call it only where the secret is handed to cryptography or to its owner.
  std::string_view reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

/// Compares in a time that depends on the lengths only.
bool equal(std::string_view a, std::string_view b);

/// Overwrites the bytes so that the compiler cannot leave it out.
void wipe(std::string& bytes);

}  // namespace doorward::crypto
