#pragma once

namespace doorward {

/// Writes where a contract was broken to stderr and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace doorward

/// Stops the process when our own contract is broken. On in every build; never used on outside input.
#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::doorward::check_failed(#condition, __FILE__, __LINE__))
