#pragma once

#include <string>
#include <string_view>

/// Escaping as Canonical XML 1.0 section 2.3 does it. Internal to xml/.
namespace doorward::xml {

/// Character data: `&`, `<`, `>` and carriage returns become references.
void append_text(std::string& out, std::string_view text);

/// An attribute value for double quotes: `&`, `<`, `"`, tabs, line feeds and carriage returns become
/// references.
void append_attribute_value(std::string& out, std::string_view value);

}  // namespace doorward::xml
