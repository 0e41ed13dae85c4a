#pragma once

#include <optional>
#include <vector>

#include "setup/wizard.h"

namespace doorward::setup {

/// The evidence for every step, in order, as it is in `transaction`; of `wizard` all but the steps is known.
Result<std::vector<StepStanding>> take_standings(storage::Transaction& transaction, const Wizard& wizard,
                                                 Timestamp now);

}  // namespace doorward::setup
