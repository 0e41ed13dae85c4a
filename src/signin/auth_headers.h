#pragma once

#include <span>
#include <string>
#include <string_view>

#include "http/message.h"
#include "session/token_bearers.h"

namespace doorward::signin {

/// Who somebody is, for the application behind a reverse proxy: all of `X-Auth-User`, `-Email`,
/// `-Email-Verified`, `-Name`, `-Subject`, `-Account`, `-Groups`, `-Departments`, `-Administrator`, the empty
/// ones too, so that whatever a client sent under these names is overwritten. What the application's scope
/// leaves out (`email`, `profile`, `groups`, `departments`) is empty. So is, for an application of all
/// accounts, an address that is not verified: one company could give its people the addresses of another.
/// The bearer is an employee.
http::Headers auth_headers(const session::Bearer& bearer);

/// Bytes of one list of names; what does not fit is left out, since proxies bound the fields of an answer.
inline constexpr std::size_t kMaxNames = 4000;

/// A header field can carry printable ASCII safely and nothing else: the rest, `%` itself, and spaces at
/// either end are percent-encoded UTF-8 (`Zoë, 100 %` is `Zo%C3%AB, 100 %25`). To undo it, decode
/// percent-encoding.
std::string encode_value(std::string_view text);

/// With `,` between the names; a comma within one is `%2C`. At most `kMaxNames` bytes.
std::string encode_names(std::span<const std::string> names);

}  // namespace doorward::signin
