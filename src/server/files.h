#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace doorward::server {

/// The bytes of a regular file (or a pipe) of at most `max_bytes`.
Result<std::string> read_whole_file(const std::string& path, std::size_t max_bytes);

/// Makes the folder in which `path` lies, and those above it, for us alone.
Result<void> make_parent_folder(const std::string& path);

/// `errno` in words.
std::string system_error_text(int error);

}  // namespace doorward::server
