#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace doorward::scim::protocol {

/// What a client sent cannot be done, and sending it again will not help.
inline tl::unexpected<Error> refuse(ErrorCode code, std::string message) {
  return fail(ErrorKind::InvalidInput, code, std::move(message));
}

}  // namespace doorward::scim::protocol
