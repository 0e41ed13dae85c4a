#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "directory/accounts.h"
#include "storage/database.h"

namespace doorward::setup {

/// One condition for making SSO the only way in.
struct Gate {
  enum class State : std::uint8_t {
    Met,
    Doubtful,  ///< SSO can be enabled, and somebody will probably be surprised.
    Missing,   ///< Nobody, or nobody of a whole connection, could come in.
  };
  /// Stable: `plan`, `acceptance`, `connection`, `certificate`, `domain`, `sign_in`, `employees`,
  /// `administrator`.
  std::string_view name;
  State state;
  /// For the administrator: what is the case, and what to do.
  std::string message;
};

std::string_view to_text(Gate::State state);

/// What enabling SSO would mean now.
struct Readiness {
  std::vector<Gate> gates;
  std::int64_t active_employees = 0;
  /// Active employees whose e-mail address lies outside the account's domains.
  std::int64_t losing_access = 0;

  bool blocked() const;
};

Result<Readiness> check_readiness(storage::Transaction& transaction, const directory::Account& account,
                                  Timestamp now);

/// Whether support insists although a gate is missing. What `directory::enforce_sso` refuses stays refused.
enum class Insist : std::uint8_t { No, Yes };

/// Makes SSO the only way in, unless a gate is missing.
Result<Readiness> enable_sso(storage::Transaction& transaction, const directory::Account& account,
                             std::string_view reason, Insist insist, const directory::Actor& actor,
                             Timestamp now);

}  // namespace doorward::setup
