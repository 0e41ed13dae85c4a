#pragma once

#include "directory/applications.h"
#include "json/json.h"

namespace doorward::console {

/// All that an administrator may write, as it is: what `version_of` names.
json::Object editable(const directory::ApplicationSettings& settings);

/// The settings that a body names, on top of `before`. The directory checks most of them; here it is made
/// sure that they have the right types, and that a key set is one.
Result<directory::ApplicationSettings> settings_from(const json::Object& body,
                                                     directory::ApplicationSettings before);

}  // namespace doorward::console
