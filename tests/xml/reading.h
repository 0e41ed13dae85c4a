#pragma once

#include <string>
#include <string_view>

#include "xml/reader.h"

namespace doorward::xml {

/// The document, which must be readable.
Document parsed(std::string bytes, const Limits& limits = {});

/// The code of the reader's failure, or "accepted".
std::string_view verdict_on(std::string bytes, const Limits& limits = {});

/// The text of the root element.
std::string_view text_of(const Document& document);

}  // namespace doorward::xml
