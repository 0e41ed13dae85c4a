#pragma once

#include <string_view>

#include "directory/ids.h"
#include "storage/database.h"

namespace doorward::directory {

/// What can be used only once in an account.
enum class Once : std::uint8_t { Assertion, Request, LogoutRequest, ClientAssertion, IdToken };

/// True the first time, false when `key` of this kind was consumed before. It is remembered until `until`,
/// when whatever it names must be invalid by itself. Include the issuer in an assertion's or a token's
/// key.
Result<bool> consume_once(storage::Transaction& transaction, AccountId account, Once kind,
                          std::string_view key, Timestamp until);

}  // namespace doorward::directory
