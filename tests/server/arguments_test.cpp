#include "server/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/reply.h"

namespace doorward::server {
namespace {

using testing::HasSubstr;

Result<Reply> nothing(Context&) {
  return Reply{};
}

const std::vector<Command>& sample_commands() {
  static const auto* table = new std::vector<Command>{
      {.name = "account create",
       .summary = "Create an account",
       .positionals = {{"NAME", "Its name"}},
       .options = {{.name = "--plan",
                    .help = "What it may use",
                    .need = Option::Need::Required,
                    .choices = {"free", "enterprise"}},
                   {.name = "--limit", .placeholder = "COUNT", .range = Option::Range{1, 100}},
                   {.name = "--yes"}},
       .run = nothing},
      {.name = "account list", .summary = "List accounts", .run = nothing},
      {.name = "employee create",
       .summary = "Create an employee",
       .positionals = {{"ACCOUNT", "Its account"}},
       .options = {{.name = "--limit"}},
       .run = nothing},
      {.name = "migrate", .summary = "Apply migrations", .run = nothing, .config_flags = ConfigFlags::All},
  };
  return *table;
}

Result<Invocation> parse(std::vector<std::string> words) {
  return parse_command_line(sample_commands(), words);
}

std::string problem(std::vector<std::string> words) {
  const auto invocation = parse(std::move(words));
  if (invocation) return "none";
  EXPECT_EQ(invocation.error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(invocation.error().code, kUsage);
  return invocation.error().message;
}

TEST(CommandLine, TakesOptionsAnywhereAndInBothSpellings) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"account", "create", "Acme", "--plan", "free", "--limit", "7", "--json"},
           {"--json", "--plan", "free", "account", "--limit=7", "create", "Acme"},
           {"account", "--limit=7", "create", "--plan=free", "--json", "--", "Acme"}}) {
    const auto invocation = parse(words);
    ASSERT_TRUE(invocation) << invocation.error().message;
    EXPECT_EQ(invocation->command->name, "account create");
    EXPECT_EQ(invocation->arguments.positional("NAME"), "Acme");
    EXPECT_EQ(invocation->arguments.value("--plan"), "free");
    EXPECT_EQ(invocation->arguments.integer("--limit"), 7);
    EXPECT_TRUE(invocation->arguments.has("--json"));
    EXPECT_FALSE(invocation->arguments.has("--yes"));
  }
}

TEST(CommandLine, TellsOptionsOfOneNameApartByTheGroup) {
  const auto invocation = parse({"employee", "--limit", "create", "acme"});
  ASSERT_TRUE(invocation) << invocation.error().message;
  EXPECT_EQ(invocation->command->name, "employee create");
  EXPECT_TRUE(invocation->arguments.has("--limit"));
}

TEST(CommandLine, TellsConfigurationFlagsApart) {
  const auto invocation = parse({"migrate", "--trusted-proxy", "::1", "--database=sqlite:x", "--json",
                                 "--trusted-proxy", "::2", "--allow-private-addresses"});
  ASSERT_TRUE(invocation) << invocation.error().message;
  using Flag = std::pair<std::string, std::string>;
  EXPECT_THAT(
      invocation->arguments.config_flags(),
      testing::ElementsAre(Flag{"--trusted-proxy", "::1"}, Flag{"--database", "sqlite:x"},
                           Flag{"--trusted-proxy", "::2"}, Flag{"--allow-private-addresses", "true"}));
  EXPECT_THAT(problem({"account", "list", "--listen", "x"}), HasSubstr("has no option --listen"));
}

TEST(CommandLine, ValuesMayLookLikeAnything) {
  EXPECT_EQ(parse({"account", "create", "--", "--plan"}).error().message.substr(0, 8), "Missing:");
  const auto invocation = parse({"account", "create", "--plan", "free", "--", "--Acme = x"});
  ASSERT_TRUE(invocation);
  EXPECT_EQ(invocation->arguments.positional("NAME"), "--Acme = x");
  EXPECT_EQ(parse({"--config", "account", "account", "list"})->arguments.value("--config"), "account");
  EXPECT_EQ(parse({"account", "list", "--config=a=b"})->arguments.value("--config"), "a=b");
  EXPECT_EQ(parse({"account", "list", "--config", "-"})->arguments.value("--config"), "-");
  EXPECT_EQ(parse({"account", "list", "--config="})->arguments.value("--config"), "");
}

TEST(CommandLine, SaysWhatIsWrong) {
  EXPECT_THAT(problem({}), HasSubstr("A command is missing"));
  EXPECT_EQ(
      problem({"acount", "list"}),
      "There is no command acount. Did you mean account? The commands are: account, employee, migrate.");
  EXPECT_THAT(problem({"account"}), HasSubstr("account needs one of: create, list"));
  EXPECT_THAT(problem({"account", "lits"}), HasSubstr("Did you mean list?"));
  EXPECT_THAT(problem({"scim-token", "create"}), HasSubstr("There is no command scim-token."));
  EXPECT_THAT(problem({"account", "create"}), HasSubstr("Missing: NAME, --plan free|enterprise."));
  EXPECT_THAT(problem({"account", "create", "", "--plan", "free"}), HasSubstr("NAME is empty"));
  EXPECT_THAT(problem({"account", "create", "a", "b", "--plan", "free"}),
              HasSubstr("“b” is one word too many"));
  EXPECT_THAT(problem({"account", "create", "a", "--plan", "gold"}), HasSubstr("must be free or enterprise"));
  EXPECT_THAT(problem({"account", "create", "a", "--plan"}),
              HasSubstr("--plan needs a value: --plan free|ent"));
  EXPECT_THAT(problem({"account", "create", "a", "--plan", "--yes"}), HasSubstr("--plan needs a value"));
  EXPECT_THAT(problem({"account", "create", "a", "--plan=free", "--plan=free"}), HasSubstr("given twice"));
  EXPECT_THAT(problem({"account", "create", "a", "--plan=free", "--yes=no"}), HasSubstr("takes no value"));
  EXPECT_THAT(problem({"account", "create", "a", "--paln=free"}), HasSubstr("Did you mean --plan?"));
  EXPECT_THAT(problem({"account", "create", "a", "-p"}), HasSubstr("has no option -p"));
  for (const char* number : {"0", "101", "1.5", "", " 7", "99999999999999999999", "seven"}) {
    EXPECT_THAT(problem({"account", "create", "a", "--plan=free", std::string("--limit=") + number}),
                HasSubstr("whole number from 1 to 100"));
  }
}

TEST(CommandLine, NeverEchoesControlCharacters) {
  EXPECT_THAT(problem({"\x1B[31mred"}), testing::Not(HasSubstr("\x1B")));
  EXPECT_THAT(problem({"account", "list", "--\x1B[31mred"}), testing::Not(HasSubstr("\x1B")));
}

TEST(CommandLine, HelpsAtEveryLevel) {
  const auto help = [](std::vector<std::string> words) {
    const auto invocation = parse(std::move(words));
    EXPECT_TRUE(invocation);
    EXPECT_EQ(invocation->kind, Invocation::Kind::Help);
    return help_text(sample_commands(), *invocation);
  };
  EXPECT_THAT(help({"--help"}), testing::AllOf(HasSubstr("account create"), HasSubstr("migrate")));
  EXPECT_EQ(help({"-h"}), help({"help"}));
  EXPECT_THAT(help({"account", "--help"}), testing::Not(HasSubstr("migrate")));
  const std::string text = help({"help", "account", "create"});
  EXPECT_EQ(help({"account", "create", "--help", "--nonsense"}), text);
  for (const char* part :
       {"Usage: doorward account create NAME --plan free|enterprise [--limit COUNT] [--yes]", "Its name",
        "What it may use", "--database URL", "--json"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, testing::Not(HasSubstr("--listen")));
  EXPECT_THAT(help({"migrate", "-h"}), HasSubstr("--listen HOST:PORT"));
  EXPECT_THAT(problem({"help", "nonsense"}), HasSubstr("There is no command nonsense"));
}

TEST(CommandLine, TellsTheVersion) {
  EXPECT_EQ(parse({"--version"})->kind, Invocation::Kind::Version);
  EXPECT_EQ(parse({"version"})->kind, Invocation::Kind::Version);
}

}  // namespace
}  // namespace doorward::server
