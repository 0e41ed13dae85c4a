#pragma once

#include <optional>
#include <vector>

#include "setup/wizard.h"

namespace doorward::setup {

/// The evidence for every step, in order, as it is in `transaction`.
Result<std::vector<StepStanding>> take_standings(storage::Transaction& transaction,
                                                 const directory::Account& account,
                                                 const std::optional<directory::Setup>& setup,
                                                 const directory::Census& people, Timestamp now);

}  // namespace doorward::setup
