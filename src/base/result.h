#pragma once

#include <utility>

#include <tl/expected.hpp>

#include "base/error.h"

namespace doorward {

/// A value or the reason why there is none. Ignoring a returned one is a compiler warning.
template <class T, class E = Error>
class [[nodiscard]] Result : public tl::expected<T, E> {
 public:
  using tl::expected<T, E>::expected;
};

/// Builds the failing side of a `Result`: `return fail(ErrorKind::NotFound, "directory.no_account", "…");`
inline tl::unexpected<Error> fail(ErrorKind kind, ErrorCode code, std::string message,
                                  std::string detail = {}) {
  return tl::unexpected<Error>(Error{kind, code, std::move(message), std::move(detail)});
}

/// Passes somebody else's failure on.
template <class E>
tl::unexpected<E> fail(E error) {
  return tl::unexpected<E>(std::move(error));
}

}  // namespace doorward

#define DOORWARD_JOIN_(a, b) a##b
#define DOORWARD_JOIN(a, b) DOORWARD_JOIN_(a, b)

/// `ASSIGN_OR_RETURN(auto account, find_account(name));` returns the failure of the expression from the
/// enclosing function, or declares `account`.
#define ASSIGN_OR_RETURN(declaration, ...) \
  ASSIGN_OR_RETURN_(DOORWARD_JOIN(result_, __COUNTER__), declaration, __VA_ARGS__)
#define ASSIGN_OR_RETURN_(result, declaration, ...)                \
  auto result = (__VA_ARGS__);                                     \
  if (!result) return ::tl::unexpected(std::move(result).error()); \
  declaration = *std::move(result)

/// Returns the failure of a `Result<void>` expression from the enclosing function.
#define RETURN_IF_ERROR(...) RETURN_IF_ERROR_(DOORWARD_JOIN(result_, __COUNTER__), __VA_ARGS__)
#define RETURN_IF_ERROR_(result, ...)                                \
  do {                                                               \
    auto result = (__VA_ARGS__);                                     \
    if (!result) return ::tl::unexpected(std::move(result).error()); \
  } while (false)
