#include "server/demo.h"

#include <algorithm>
#include <array>
#include <climits>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "directory/domains.h"
#include "directory/employees.h"
#include "directory/provisioning_tokens.h"
#include "net/fetch.h"
#include "saml/account_setup.h"
#include "server/database_access.h"
#include "server/serve.h"
#include "setup/metadata.h"

extern char** environ;

namespace doorward::server {

namespace {

constexpr std::string_view kDemoAccount = "contoso";
constexpr std::string_view kDomain = "contoso.example";
constexpr std::string_view kAdministrator = "alice@contoso.example";
constexpr std::chrono::seconds kSimulatorStart{10};

const directory::Actor kActor{directory::ActorKind::System, "demo"};

/// Who works at the demo's company: the people of the simulator's directory, as far as they were provisioned.
struct Person {
  std::string_view email, user_name, given_name, family_name;
  bool active;
};
constexpr std::array<Person, 4> kPeople = {{
    {kAdministrator, kAdministrator, "Alice", "Adams", true},
    {"ben@contoso.example", "ben@contoso.example", "Ben", "Baker", true},
    {"", "chloe@contoso.example", "Chloe", "Chen", true},
    {"dan@contoso.example", "dan@contoso.example", "Dan", "Diaz", false},
}};

/// The simulator as a child process, ended with this object.
class Simulator {
 public:
  static Result<Simulator> start(const std::vector<std::string>& arguments);
  Simulator(Simulator&& other) noexcept : child_(std::exchange(other.child_, -1)) {}
  Simulator& operator=(Simulator&&) = delete;
  ~Simulator() {
    if (child_ <= 0) return;
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
  }

 private:
  explicit Simulator(pid_t child) : child_(child) {}
  pid_t child_;
};

/// Beside our own program file.
std::string simulator_program() {
  std::array<char, PATH_MAX> path{};
  const auto length = ::readlink("/proc/self/exe", path.data(), path.size());
  const std::string_view self(path.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return std::string(self.substr(0, self.rfind('/') + 1)) + "entra-simulator";
}

/// Waits for the first line, which says that it listens; false when it ends or takes too long.
bool wait_for_line(int output) {
  pollfd waiting{output, POLLIN, 0};
  std::array<char, 512> line{};
  return ::poll(&waiting, 1, std::chrono::milliseconds(kSimulatorStart).count()) == 1 &&
         ::read(output, line.data(), line.size()) > 0;
}

Result<Simulator> Simulator::start(const std::vector<std::string>& arguments) {
  const std::string program = simulator_program();
  const auto refuse = [&](std::string_view why) {
    return fail(
        ErrorKind::Unavailable, "demo.no_simulator",
        fmt::format("The Entra simulator did not start: {} ({}). Build the target entra-simulator, and see "
                    "whether its port is free.",
                    why, program));
  };
  std::array<int, 2> output{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0) return refuse("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);

  std::vector<char*> words;
  std::vector<std::string> owned{program};
  owned.insert(owned.end(), arguments.begin(), arguments.end());
  words.reserve(owned.size() + 1);
  for (std::string& word : owned)
    words.push_back(word.data());
  words.push_back(nullptr);
  pid_t child = -1;
  const int status = ::posix_spawn(&child, program.c_str(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(output[1]);
  Simulator simulator(status == 0 ? child : -1);
  const bool ready = status == 0 && wait_for_line(output[0]);
  ::close(output[0]);
  if (status != 0) return refuse("it is not there");
  if (!ready) return refuse("it ended at once");
  return simulator;
}

/// Refuses a database that somebody uses: the demo gives a password out and lets a simulator vouch for
/// people. Names under `.example` belong to nobody (RFC 2606), so a company with that domain is the demo's
/// own.
Result<void> require_nothing_but_the_demo(storage::Database& database, const Config& config) {
  ASSIGN_OR_RETURN(const bool ours, database.read([](storage::Transaction& transaction) -> Result<bool> {
    ASSIGN_OR_RETURN(const auto accounts, directory::list_accounts(transaction, std::nullopt, 1));
    if (accounts.empty()) return true;
    ASSIGN_OR_RETURN(const auto company, directory::find_only_company(transaction));
    if (!company || company->slug != kDemoAccount) return false;
    ASSIGN_OR_RETURN(const auto domains, directory::list_domains(transaction, company->id));
    return std::ranges::any_of(domains,
                               [](const directory::Domain& domain) { return domain.name == kDomain; });
  }));
  if (ours) return {};
  return fail(
      ErrorKind::Refused, "demo.database_in_use",
      fmt::format("{} holds accounts that are not the demo's, and the demo would give strangers a way "
                  "in. Give it a database of its own: --database sqlite:demo/doorward.db",
                  config.shown_database()));
}

/// Beside the database, so that what was changed in the pretend Entra is there the next time.
std::vector<std::string> state_arguments(const Config& config) {
  const auto path = config.sqlite_path();
  if (!path) return {};
  return {"--state", (std::filesystem::path(*path).parent_path() / "entra-simulator.json").string()};
}

/// Makes what is missing of the demo's company and gives the administrator a new password.
Result<directory::Account> prepare_company(storage::Database& database, const std::string& password_hash,
                                           Timestamp now) {
  return database.write([&](storage::Transaction& transaction) -> Result<directory::Account> {
    ASSIGN_OR_RETURN(auto existing, directory::find_account_by_slug(transaction, kDemoAccount));
    if (!existing) {
      ASSIGN_OR_RETURN(
          existing, directory::create_account(
                        transaction, {std::string(kDemoAccount), directory::Plan::Enterprise}, kActor, now));
      for (const Person& person : kPeople) {
        directory::NewEmployee employee{existing->id, {}};
        employee.profile.email = person.email;
        employee.profile.user_name = person.user_name;
        employee.profile.given_name = person.given_name;
        employee.profile.family_name = person.family_name;
        employee.active = person.active;
        employee.administrator = person.user_name == kAdministrator;
        RETURN_IF_ERROR(directory::create_employee(transaction, employee, kActor, now));
      }
      RETURN_IF_ERROR(directory::add_domain(
          transaction, {existing->id, std::string(kDomain), directory::DomainProof::Support}, kActor, now));
    }
    ASSIGN_OR_RETURN(const auto administrator,
                     directory::find_employee_by_user_name(transaction, existing->id, kAdministrator));
    if (administrator) {
      RETURN_IF_ERROR(
          directory::set_password(transaction, existing->id, administrator->id, password_hash, kActor, now));
    }
    return *existing;
  });
}

/// Connects the company to the simulator as an administrator would: by its App Federation Metadata URL.
Result<void> connect(storage::Database& database, const directory::Account& account,
                     const std::string& metadata_url, Timestamp now) {
  ASSIGN_OR_RETURN(const Url url, Url::parse(metadata_url));
  net::FetchOptions options;
  options.policy.allow_loopback = true;
  options.policy.allow_plain_http = true;
  ASSIGN_OR_RETURN(const auto fetched, net::fetch(url, options));
  const auto read = setup::read_metadata(fetched.body, "", now);
  if (!read.provider) {
    return fail(ErrorKind::Internal, "demo.metadata", "The simulator's metadata was refused.",
                setup::findings_text(read.report));
  }
  return database.write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(setup::store_provider(transaction, account, std::nullopt, *read.provider,
                                          {metadata_url, fetched.body, "", now},
                                          directory::EntityIdChange::Allow, kActor, now));
    return {};
  });
}

constexpr std::string_view kTokenName = "Entra simulator";

/// A provisioning token for the simulator: a new one each time, since its secret is shown once.
Result<crypto::Secret> issue_token(storage::Database& database, const directory::Account& account,
                                   Timestamp now) {
  const auto secret = directory::ProvisioningSecret::issue(account);
  RETURN_IF_ERROR(database.write([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto tokens, directory::list_provisioning_tokens(transaction, account.id));
    for (const auto& token : tokens) {
      if (token.name != kTokenName || !token.lives(now)) continue;
      RETURN_IF_ERROR(directory::revoke_provisioning_token(transaction, account.id, token.id, kActor, now));
    }
    RETURN_IF_ERROR(directory::create_provisioning_token(transaction, account, secret,
                                                         {.name = std::string(kTokenName)}, kActor, now));
    return {};
  }));
  return secret.value();
}

/// A file that only we can read, and that is gone when the simulator has read it.
class TokenFile {
 public:
  explicit TokenFile(const crypto::Secret& secret)
      : path_((std::filesystem::temp_directory_path() / "doorward-demo-XXXXXX").string()) {
    const int file = ::mkostemp(path_.data(), O_CLOEXEC);
    written_ = file >= 0 && ::write(file, secret.reveal().data(), secret.reveal().size()) ==
                                static_cast<ssize_t>(secret.reveal().size());
    if (file >= 0) ::close(file);
  }
  TokenFile(const TokenFile&) = delete;
  TokenFile& operator=(const TokenFile&) = delete;
  ~TokenFile() { ::unlink(path_.c_str()); }

  bool is_written() const { return written_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool written_ = false;
};

std::string metadata_url(const std::string& simulator_url) {
  return simulator_url + "/contoso.example/federationmetadata/2007-06/federationmetadata.xml?appid=Doorward";
}

void print_welcome(const std::string& portal, const std::string& simulator, const crypto::Secret& password) {
  fmt::print(R"(
Doorward is running. Everything here is pretend and stays on this machine.

  Portal            {portal}/
  Console           {portal}/console/
  Entra simulator   {simulator}/

Sign in to the portal as somebody of Contoso, with single sign-on:
  alice@contoso.example   administrator
  ben@contoso.example     employee
  chloe@contoso.example   her directory entry lacks an e-mail address
  eve@contoso.example     her e-mail address is in another company's domain

Or as the administrator with a password:
  alice@contoso.example   {password}

Let the pretend Entra provision: simulator > Enterprise applications > Doorward > Provisioning > Start
provisioning. The console's provisioning log tells what it does, as it happens.

Stop it with Ctrl+C.
)",
             fmt::arg("portal", portal), fmt::arg("simulator", simulator),
             fmt::arg("password", password.reveal()));
  std::fflush(stdout);
}

}  // namespace

Result<void> demo(const Config& configured, const DemoOptions& options) {
  Config config = configured;
  const auto listen = ListenAddress::parse(config.listen);
  // The simulator lives on the same host name, so that over plain http, where cookies cannot be
  // `SameSite=None`, both are one site.
  if (!config.public_url && listen) {
    ASSIGN_OR_RETURN(config.public_url, Url::parse(fmt::format("http://localhost:{}", listen->port)));
  }
  const Url portal = public_url(config);
  if (!portal.is_loopback() || !listen || !listen->is_loopback()) {
    return fail(
        ErrorKind::Refused, "demo.not_loopback",
        "The demo runs on this machine only: its simulator lets anybody sign in as anybody. Leave the "
        "public URL out, or give one on localhost, and listen on 127.0.0.1.");
  }
  const std::string simulator_url = fmt::format("http://{}:{}", portal.host(), options.simulator_port);
  const auto urls = saml::Urls::of(portal.origin(), kDemoAccount);
  std::optional<Simulator> simulator;
  const crypto::Secret password(crypto::random_reference(3));
  const std::string password_hash = crypto::hash_password(password);
  {
    const SystemClock clock;
    ASSIGN_OR_RETURN(const auto opened, open_database(config, DatabaseLock::Use::Server));
    RETURN_IF_ERROR(require_nothing_but_the_demo(*opened.database, config));
    std::vector<std::string> arguments = {"--listen",     fmt::format("127.0.0.1:{}", options.simulator_port),
                                          "--public-url", simulator_url,
                                          "--app",        "Doorward",
                                          "--identifier", urls.entity_id,
                                          "--reply-url",  urls.acs,
                                          "--logout-url", urls.logout};
    for (std::string& argument : state_arguments(config))
      arguments.push_back(std::move(argument));
    ASSIGN_OR_RETURN(const auto account, prepare_company(*opened.database, password_hash, clock.now()));
    ASSIGN_OR_RETURN(const auto token, issue_token(*opened.database, account, clock.now()));
    const TokenFile token_file(token);
    if (token_file.is_written()) {
      arguments.insert(arguments.end(), {"--provisioning-url", portal.origin() + "/scim/v2",
                                         "--provisioning-token-file", token_file.path()});
    }
    ASSIGN_OR_RETURN(auto started, Simulator::start(arguments));
    simulator.emplace(std::move(started));
    RETURN_IF_ERROR(connect(*opened.database, account, metadata_url(simulator_url), clock.now()));
  }
  return serve(config, [&](const std::string& public_url) -> Result<void> {
    print_welcome(public_url, simulator_url, password);
    return {};
  });
}

}  // namespace doorward::server
