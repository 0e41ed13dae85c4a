#pragma once

#include "directory/accounts.h"
#include "directory/employees.h"
#include "json/json.h"
#include "oidc/protocol/scope.h"
#include "storage/database.h"

namespace doorward::oidc {

/// Where claims go. An ID token travels in addresses and cookies: of somebody who is in more groups than
/// `kMaxTokenGroups` it names none, and userinfo all.
enum class ClaimsFor : std::uint8_t { IdToken, UserInfo };
inline constexpr std::size_t kMaxTokenGroups = 100;

/// Who the employee is, as far as `scope` goes (OpenID Connect Core section 5.4), and always `sub`, `account`
/// and `account_id`. Absent is what is not known.
Result<json::Object> read_claims(storage::Transaction& transaction, const directory::Account& account,
                                 const directory::Employee& employee, const protocol::Scope& scope,
                                 ClaimsFor place);

}  // namespace doorward::oidc
