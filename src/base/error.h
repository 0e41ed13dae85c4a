#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace doorward {

/// What a caller can do about a failure. The request boundary and the command line derive the HTTP status
/// and the exit code from it; nothing else does.
enum class ErrorKind : std::uint8_t {
  InvalidInput,  ///< The caller sent something malformed; sending it again will fail again.
  NotFound,
  Conflict,     ///< Well-formed, but at odds with what is there (a duplicate, a stale version).
  Refused,      ///< Understood and not allowed.
  RateLimited,  ///< Allowed later.
  Unavailable,  ///< A dependency (database, network, provider) did not answer; trying again may help.
  Internal,     ///< A bug or a broken installation.
};

/// The stable, dotted name of one failure, for example `storage.busy`. Only literals convert, so it can be
/// kept, compared and written to logs for ever.
class ErrorCode {
 public:
  consteval ErrorCode(const char* literal) : name_(literal) {}
  constexpr std::string_view name() const { return name_; }
  friend constexpr bool operator==(ErrorCode a, ErrorCode b) { return a.name_ == b.name_; }

 private:
  std::string_view name_;
};

/// Why something did not happen.
struct Error {
  ErrorKind kind;
  ErrorCode code;
  /// For the administrator: what was wrong and what to do, in full sentences. Never holds a secret.
  std::string message;
  /// For the log only (a library's own words, an errno). Never holds a secret, never reaches a browser.
  std::string detail = {};
};

}  // namespace doorward
