#include "server/command_line.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iterator>
#include <limits>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/reply.h"

namespace doorward::server {

namespace {

enum class Format : std::uint8_t { Text, Json };

/// The wish for JSON must be known even when the words make no sense.
Format wanted_format(const std::vector<std::string>& words) {
  const auto end = std::ranges::find(words, "--");
  return std::find(words.begin(), end, "--json") == end ? Format::Text : Format::Json;
}

int print_error(const Error& error, Format format) {
  if (format == Format::Json) {
    fmt::print(stderr, "{}\n", error_json(error));
  } else {
    fmt::print(stderr, "doorward: {}\n", error.message);
    if (!error.detail.empty()) fmt::print(stderr, "  ({})\n", error.detail);
  }
  return exit_code_of(error.kind);
}

/// Prints to standard output; a full disk or a closed pipe must not look like success.
int print(const std::string& text, int exit_code) {
  const bool printed =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (printed) return exit_code;
  std::fputs("doorward: The answer could not be written.\n", stderr);
  return exit_code::kUnavailable;
}

Result<Reply> run(const Invocation& invocation) {
  // What rooms log is for servers; people see warnings and the command's own words.
  log::set_level(log::Level::Warning);
  const SystemClock clock;
  Context context(invocation.arguments, clock);
  if (invocation.command->config_need == ConfigNeed::Valid) RETURN_IF_ERROR(context.load_config());
  return invocation.command->run(context);
}

int run_and_print(const Invocation& invocation, Format format) {
  const auto reply = run(invocation);
  if (!reply) return print_error(reply.error(), format);
  const std::string text = format == Format::Json ? json::serialize(reply->json) : reply->text;
  const bool silent = format == Format::Json ? reply->json.empty() : text.empty();
  return silent ? reply->exit_code : print(text + '\n', reply->exit_code);
}

}  // namespace

Option connection_option() {
  return {
      .name = "--connection", .placeholder = "NAME", .help = "Which connection, if the account has several"};
}

Option password_option() {
  return {.name = "--password-stdin",
          .help = "Take the password from the first line of standard input (default: one is generated)"};
}

Option limit_option() {
  return {.name = "--limit",
          .placeholder = "COUNT",
          .help = "How many (default 100)",
          .range = Option::Range{1, 1000}};
}

Option before_option() {
  return {.name = "--before",
          .placeholder = "ID",
          .help = "Continue there: “next” of the last page",
          .range = Option::Range{1, std::numeric_limits<int>::max()}};
}

const std::vector<Command>& commands() {
  // Never destroyed: arguments point into it.
  static const auto* all = [] {
    auto* table = new std::vector<Command>;
    for (const auto& group :
         {serve_commands, account_commands, employee_commands, domain_commands, saml_commands, sso_commands,
          scim_token_commands, group_commands, application_commands, provisioning_commands,
          provisioning_settings_commands, inspection_commands, webhook_commands, signing_key_commands,
          mail_commands, operation_commands}) {
      std::ranges::move(group(), std::back_inserter(*table));
    }
    return table;
  }();
  return *all;
}

int run_command_line(const std::vector<std::string>& words) {
  const Format format = wanted_format(words);
  try {
    const auto invocation = parse_command_line(commands(), words);
    if (!invocation) return print_error(invocation.error(), format);
    switch (invocation->kind) {
      case Invocation::Kind::Help:
        return print(help_text(commands(), *invocation), exit_code::kDone);
      case Invocation::Kind::Version:
        return print("doorward " DOORWARD_VERSION "\n", exit_code::kDone);
      case Invocation::Kind::Run:
        break;
    }
    return run_and_print(*invocation, format);
  } catch (const std::exception& exception) {
    return print_error({ErrorKind::Internal, "cli.internal", "This is a fault in Doorward. Please report it.",
                        exception.what()},
                       format);
  }
}

}  // namespace doorward::server
