#include "server/arguments.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/check.h"
#include "base/text.h"
#include "server/config.h"
#include "server/nearest.h"

namespace doorward::server {

namespace {

std::string_view first_word(std::string_view name) {
  return name.substr(0, name.find(' '));
}

tl::unexpected<Error> usage(std::string message) {
  return fail(ErrorKind::InvalidInput, kUsage, std::move(message));
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const auto near = nearest(word, candidates);
  return near ? fmt::format(" Did you mean {}?", *near) : std::string();
}

/// The first words of all commands, each once, in the order of the table.
std::vector<std::string_view> first_words(std::span<const Command> commands) {
  std::vector<std::string_view> words;
  for (const Command& command : commands) {
    const std::string_view word = first_word(command.name);
    if (std::ranges::find(words, word) == words.end()) words.push_back(word);
  }
  return words;
}

std::vector<const Command*> group_of(std::span<const Command> commands, std::string_view group) {
  std::vector<const Command*> found;
  for (const Command& command : commands) {
    if (first_word(command.name) == group) found.push_back(&command);
  }
  return found;
}

/// What stands behind an option in help: `FILE`, `free|enterprise` or nothing.
std::string value_text(const Option& option) {
  return option.choices.empty() ? std::string(option.placeholder)
                                : fmt::format("{}", fmt::join(option.choices, "|"));
}

std::string option_text(const Option& option) {
  const std::string value = value_text(option);
  return value.empty() ? std::string(option.name) : fmt::format("{} {}", option.name, value);
}

Option to_option(const Setting& setting) {
  return {.name = setting.flag,
          .placeholder = setting.placeholder,
          .help = setting.help,
          .need = setting.shape == Setting::Shape::List ? Option::Need::Repeatable : Option::Need::Optional};
}

/// Understood before the command is known, too.
std::vector<Option> options_of_all() {
  return {{.name = "--config",
           .placeholder = "FILE",
           .help = "Configuration file (default doorward.toml, if there is one)"},
          {.name = "--json", .help = "Print JSON"},
          {.name = "--help", .help = "Print this help"}};
}

std::string two_columns(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t width = 0;
  for (const auto& row : rows)
    width = std::max(width, row.first.size());
  std::string text;
  for (const auto& [left, right] : rows)
    text += fmt::format("  {:<{}}  {}\n", left, width, right);
  return text;
}

std::optional<int> parse_integer(std::string_view text) {
  int value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string usage_line(const Command& command) {
  std::string line = fmt::format("doorward {}", command.name);
  for (const Positional& positional : command.positionals)
    line += fmt::format(" {}", positional.name);
  for (const Option& option : command.options) {
    const std::string text = option_text(option);
    line += option.need == Option::Need::Required ? ' ' + text : fmt::format(" [{}]", text);
  }
  return line;
}

std::string help_of(const Command& command) {
  const auto rows_of = [](const std::vector<Option>& options) {
    std::vector<std::pair<std::string, std::string>> rows;
    rows.reserve(options.size());
    for (const Option& option : options)
      rows.emplace_back(option_text(option), option.help);
    return rows;
  };
  std::vector<std::pair<std::string, std::string>> rows;
  rows.reserve(command.positionals.size() + command.options.size());
  for (const Positional& positional : command.positionals)
    rows.emplace_back(positional.name, positional.help);
  std::ranges::move(rows_of(command.options), std::back_inserter(rows));
  std::string text = fmt::format("{}.\n\nUsage: {}\n", command.summary, usage_line(command));
  if (!rows.empty()) text += '\n' + two_columns(rows);
  return text + "\nOptions of every command:\n" + two_columns(rows_of(command.common_options()));
}

}  // namespace

std::vector<Option> Command::common_options() const {
  std::vector<Option> all = options_of_all();
  for (const Setting& setting : settings()) {
    const bool basic = setting.flag == "--database" || setting.flag == "--key-file";
    const bool own = std::ranges::find(options, setting.flag, &Option::name) != options.end();
    if ((basic || config_flags == ConfigFlags::All) && !own) all.push_back(to_option(setting));
  }
  return all;
}

const std::string& Arguments::positional(std::string_view name) const {
  const auto found = positionals_.find(name);
  CHECK(found != positionals_.end());
  return found->second;
}

std::optional<std::string> Arguments::find(std::string_view option) const {
  CHECK(command_ != nullptr);
  for (const auto& [name, value] : options_) {
    if (name == option) return value;
  }
  return std::nullopt;
}

std::vector<std::string> Arguments::all(std::string_view option) const {
  CHECK(command_ != nullptr);
  std::vector<std::string> values;
  for (const auto& [name, value] : options_) {
    if (name == option) values.push_back(value);
  }
  return values;
}

bool Arguments::has(std::string_view option) const {
  return find(option).has_value();
}

std::string Arguments::value(std::string_view option) const {
  auto found = find(option);
  CHECK(found.has_value());
  return *std::move(found);
}

std::optional<int> Arguments::integer(std::string_view option) const {
  const auto text = find(option);
  if (!text) return std::nullopt;
  const auto number = parse_integer(*text);
  CHECK(number.has_value());
  return number;
}

std::optional<bool> Arguments::on_off(std::string_view option) const {
  const auto text = find(option);
  if (!text) return std::nullopt;
  return *text == "on";
}

std::vector<std::pair<std::string, std::string>> Arguments::config_flags() const {
  std::vector<std::pair<std::string, std::string>> flags;
  for (const auto& given : options_) {
    if (std::ranges::find(settings(), given.first, &Setting::flag) != settings().end())
      flags.push_back(given);
  }
  return flags;
}

/// Reads the words twice: first for the command, because options may stand before it, then for all else.
class ArgumentParser {
 public:
  ArgumentParser(std::span<const Command> commands, std::span<const std::string> words)
      : commands_(commands), words_(words) {}

  Result<Invocation> parse();

 private:
  Result<void> find_command();
  Result<void> find_topic(std::span<const std::string_view> topic);
  Result<void> read_options();
  Result<void> take_option(std::size_t& at);
  Result<void> take_value(const Option& option, std::string value);
  Result<void> finish();
  bool takes_value(std::string_view name, std::string_view group) const;
  tl::unexpected<Error> unknown_command(std::string_view word) const;
  tl::unexpected<Error> unknown_option(std::string_view name) const;

  std::span<const Command> commands_;
  std::span<const std::string> words_;
  std::vector<Option> options_;  // Of the command.
  std::vector<std::string> places_;
  Invocation invocation_;
};

tl::unexpected<Error> ArgumentParser::unknown_command(std::string_view word) const {
  const auto words = first_words(commands_);
  return usage(fmt::format("There is no command {}.{} The commands are: {}.", printable(word),
                           did_you_mean(word, words), fmt::join(words, ", ")));
}

tl::unexpected<Error> ArgumentParser::unknown_option(std::string_view name) const {
  std::vector<std::string_view> names;
  names.reserve(options_.size());
  for (const Option& option : options_)
    names.push_back(option.name);
  return usage(fmt::format("{} has no option {}.{} See doorward {} --help.", invocation_.command->name,
                           printable(name), did_you_mean(name, names), invocation_.command->name));
}

/// Whether a command of `group`, or any command while the group is unknown, has an option of that name with a
/// value.
bool ArgumentParser::takes_value(std::string_view name, std::string_view group) const {
  const auto in = [&](const std::vector<Option>& options) {
    return std::ranges::any_of(options, [&](const Option& o) { return o.name == name && !o.is_switch(); });
  };
  return std::ranges::any_of(commands_, [&](const Command& command) {
    if (!group.empty() && first_word(command.name) != group) return false;
    return in(command.options) || in(command.common_options());
  });
}

/// A command, a group of commands, or nothing for help about everything.
Result<void> ArgumentParser::find_topic(std::span<const std::string_view> topic) {
  if (topic.empty()) return {};
  const auto group = group_of(commands_, topic[0]);
  if (group.empty()) return unknown_command(topic[0]);
  if (group.size() == 1 && group[0]->name == topic[0]) {
    invocation_.command = group[0];
    return {};
  }
  invocation_.group = topic[0];
  if (topic.size() == 1) return {};
  std::vector<std::string_view> seconds;
  for (const Command* command : group) {
    seconds.push_back(command->name.substr(topic[0].size() + 1));
    if (seconds.back() == topic[1]) invocation_.command = command;
  }
  if (invocation_.command != nullptr) return {};
  return usage(fmt::format("There is no command {} {}.{} The commands are: {} {}.", topic[0],
                           printable(topic[1]), did_you_mean(topic[1], seconds), topic[0],
                           fmt::join(seconds, "|")));
}

Result<void> ArgumentParser::find_command() {
  std::vector<std::string_view> plain;
  bool help = false;
  bool version = false;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const std::string& word = words_[i];
    if (word == "--") break;
    if (!word.starts_with('-') || word == "-") {
      plain.emplace_back(word);
    } else if (word == "--help" || word == "-h") {
      help = true;
    } else if (word == "--version") {
      version = true;
    } else if (takes_value(word, plain.empty() ? std::string_view() : plain[0])) {
      ++i;
    }
  }
  if (!plain.empty() && plain[0] == "help") {
    help = true;
    plain.erase(plain.begin());
  }
  if (help) {
    invocation_.kind = Invocation::Kind::Help;
    return find_topic(plain);
  }
  if (version || (plain.size() == 1 && plain[0] == "version")) {
    invocation_.kind = Invocation::Kind::Version;
    return {};
  }
  if (plain.empty()) return usage("A command is missing. See doorward --help.");
  RETURN_IF_ERROR(find_topic(plain));
  if (invocation_.command == nullptr) {
    std::vector<std::string_view> seconds;
    for (const Command* command : group_of(commands_, plain[0]))
      seconds.push_back(command->name.substr(plain[0].size() + 1));
    return usage(fmt::format("{} needs one of: {}.", plain[0], fmt::join(seconds, ", ")));
  }
  return {};
}

Result<void> ArgumentParser::take_value(const Option& option, std::string value) {
  if (!option.choices.empty() && std::ranges::find(option.choices, value) == option.choices.end()) {
    return usage(fmt::format("{} is “{}” but must be {}.", option.name, printable(value),
                             fmt::join(option.choices, " or ")));
  }
  if (option.range) {
    const auto number = parse_integer(value);
    if (!number || *number < option.range->smallest || *number > option.range->largest) {
      return usage(fmt::format("{} is “{}” but must be a whole number from {} to {}.", option.name,
                               printable(value), option.range->smallest, option.range->largest));
    }
  }
  auto& given = invocation_.arguments.options_;
  const bool again = std::ranges::find(given, option.name, [](const auto& pair) {
                       return std::string_view(pair.first);
                     }) != given.end();
  if (again && option.need != Option::Need::Repeatable)
    return usage(fmt::format("{} is given twice.", option.name));
  given.emplace_back(option.name, std::move(value));
  return {};
}

Result<void> ArgumentParser::take_option(std::size_t& at) {
  const std::string_view word = words_[at];
  const auto equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const auto option = std::ranges::find(options_, name, &Option::name);
  if (option == options_.end()) return unknown_option(name);
  if (option->is_switch()) {
    if (equals != std::string_view::npos) return usage(fmt::format("{} takes no value.", name));
    return take_value(*option, "true");
  }
  if (equals != std::string_view::npos) return take_value(*option, std::string(word.substr(equals + 1)));
  const bool missing = at + 1 == words_.size() || words_[at + 1].starts_with("--");
  if (missing) {
    return usage(fmt::format("{0} needs a value: {1}. (One that begins with two hyphens is written {0}=--….)",
                             name, option_text(*option)));
  }
  return take_value(*option, words_[++at]);
}

Result<void> ArgumentParser::read_options() {
  bool only_places = false;
  for (std::size_t at = 0; at < words_.size(); ++at) {
    const std::string& word = words_[at];
    if (!only_places && word == "--") {
      only_places = true;
    } else if (only_places || !word.starts_with('-') || word == "-") {
      places_.push_back(word);
    } else {
      RETURN_IF_ERROR(take_option(at));
    }
  }
  return {};
}

/// Places and required options, once all words are read.
Result<void> ArgumentParser::finish() {
  const Command& command = *invocation_.command;
  const auto own_words = split(command.name, ' ').size();
  places_.erase(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(own_words));
  std::vector<Positional> wanted = command.positionals;
  for (const Option& option : command.options) {
    if (option.in_place_of.empty() || !invocation_.arguments.has(option.name)) continue;
    std::erase_if(wanted, [&](const Positional& each) { return each.name == option.in_place_of; });
  }
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string_view name = wanted[i].name;
    if (i >= places_.size()) {
      missing.emplace_back(name);
    } else if (places_[i].empty()) {
      return usage(fmt::format("{} is empty.", name));
    } else {
      invocation_.arguments.positionals_.emplace(name, places_[i]);
    }
  }
  for (const Option& option : command.options) {
    if (option.need == Option::Need::Required && !invocation_.arguments.has(option.name)) {
      missing.push_back(option_text(option));
    }
  }
  if (!missing.empty()) {
    return usage(fmt::format("Missing: {}. Usage: {}", fmt::join(missing, ", "), usage_line(command)));
  }
  if (places_.size() > wanted.size()) {
    return usage(fmt::format("“{}” is one word too many. Usage: {}", printable(places_[wanted.size()]),
                             usage_line(command)));
  }
  return {};
}

Result<Invocation> ArgumentParser::parse() {
  RETURN_IF_ERROR(find_command());
  if (invocation_.kind != Invocation::Kind::Run) return std::move(invocation_);
  invocation_.arguments.command_ = invocation_.command;
  options_ = invocation_.command->options;
  std::ranges::move(invocation_.command->common_options(), std::back_inserter(options_));
  RETURN_IF_ERROR(read_options());
  RETURN_IF_ERROR(finish());
  return std::move(invocation_);
}

Result<Invocation> parse_command_line(std::span<const Command> commands, std::span<const std::string> words) {
  return ArgumentParser(commands, words).parse();
}

std::string help_text(std::span<const Command> commands, const Invocation& invocation) {
  if (invocation.command != nullptr) return help_of(*invocation.command);
  std::string text = "Usage: doorward COMMAND [OPTIONS]\n\n";
  if (!invocation.group.empty())
    text = fmt::format("Usage: doorward {} COMMAND [OPTIONS]\n\n", invocation.group);
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Command& command : commands) {
    if (!invocation.group.empty() && first_word(command.name) != invocation.group) continue;
    rows.emplace_back(command.name, command.summary);
  }
  text += two_columns(rows);
  return text + "\ndoorward COMMAND --help tells more about one of them.\n";
}

}  // namespace doorward::server
