#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace doorward::server {

class Context;
struct Reply;

/// One option of a command, `--plan free`. Without a placeholder it is a switch.
struct Option {
  enum class Need : std::uint8_t { Optional, Required, Repeatable };

  std::string_view name;
  std::string_view placeholder = {};
  std::string_view help = {};
  Need need = Need::Optional;
  /// When there are some, the value is one of them.
  std::vector<std::string_view> choices = {};
  /// When there is one, the value is a whole number within it.
  struct Range {
    int smallest;
    int largest;
  };
  std::optional<Range> range = {};
  /// The positional that a switch stands in for: with it, that word is left out.
  std::string_view in_place_of = {};

  bool is_switch() const { return placeholder.empty() && choices.empty(); }
};

/// A word that a command takes by its place.
struct Positional {
  std::string_view name;
  std::string_view help;
};

/// Which configuration flags a command takes besides `--database` and `--key-file`.
enum class ConfigFlags : std::uint8_t { Basic, All };

/// Whether a command runs only when the configuration makes sense.
enum class ConfigNeed : std::uint8_t { Valid, Any };

struct Command {
  /// One or two words: `migrate`, `account create`.
  std::string_view name;
  std::string_view summary;
  std::vector<Positional> positionals = {};
  std::vector<Option> options = {};
  std::function<Result<Reply>(Context&)> run;
  ConfigFlags config_flags = ConfigFlags::Basic;
  ConfigNeed config_need = ConfigNeed::Valid;

  /// The options that all commands take, and the configuration flags.
  std::vector<Option> common_options() const;
};

/// What was given to a command, checked against its declaration. Asking for what the command does not declare
/// is a broken contract.
class Arguments {
 public:
  const std::string& positional(std::string_view name) const;
  bool has(std::string_view option) const;
  std::optional<std::string> find(std::string_view option) const;
  /// Every value of a repeatable option, in the order given.
  std::vector<std::string> all(std::string_view option) const;
  /// A required option's value.
  std::string value(std::string_view option) const;
  std::optional<int> integer(std::string_view option) const;
  /// An option whose choices are `on` and `off`.
  std::optional<bool> on_off(std::string_view option) const;
  /// The configuration flags with their values.
  std::vector<std::pair<std::string, std::string>> config_flags() const;

 private:
  friend class ArgumentParser;
  const Command* command_ = nullptr;
  std::map<std::string, std::string, std::less<>> positionals_;
  std::vector<std::pair<std::string, std::string>> options_;
};

inline constexpr ErrorCode kUsage = "cli.usage";

/// What the words of a command line ask for.
struct Invocation {
  enum class Kind : std::uint8_t { Run, Help, Version };

  Kind kind = Kind::Run;
  /// Null for help about everything or about a group.
  const Command* command = nullptr;
  /// The group that help is wanted for, `account`.
  std::string group;
  Arguments arguments;
};

/// Reads a command line. Options may stand before, between and behind the other words, as `--name value` or
/// `--name=value`; `--` ends them.
Result<Invocation> parse_command_line(std::span<const Command> commands, std::span<const std::string> words);

/// What `--help` prints.
std::string help_text(std::span<const Command> commands, const Invocation& invocation);

}  // namespace doorward::server
