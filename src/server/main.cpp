#include <string>
#include <vector>

#include "server/command_line.h"

int main(int argc, char** argv) {
  // Without a command, as after --help.
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) words.emplace_back("--help");
  return doorward::server::run_command_line(words);
}
