#pragma once

#include <stdexcept>

namespace doorward::test {

/// For helpers outside a test's body: what must hold, or the test ends with these words.
inline void require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

}  // namespace doorward::test
