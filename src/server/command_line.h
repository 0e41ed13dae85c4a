#pragma once

#include <string>
#include <vector>

#include "server/arguments.h"

namespace doorward::server {

/// All commands, in the order of the help.
const std::vector<Command>& commands();

/// Runs the command that the words after the program's name ask for, prints what it says and returns the exit
/// code.
int run_command_line(const std::vector<std::string>& words);

}  // namespace doorward::server
