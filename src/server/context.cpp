#include "server/context.h"

#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "directory/departments.h"

namespace doorward::server {

namespace {

/// The first line of standard input, which may come from a terminal or a pipe.
Result<crypto::Secret> read_password_line() {
  std::string line;
  char next = 0;
  // A longer line is refused all the same; somebody piped a file in.
  while (line.size() <= crypto::kMaxPasswordBytes + 1) {
    const ssize_t count = ::read(STDIN_FILENO, &next, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || next == '\n') break;
    line += next;
  }
  if (line.ends_with('\r')) line.pop_back();
  crypto::Secret password(std::move(line));
  if (password.empty()) {
    return fail(ErrorKind::InvalidInput, "cli.no_password",
                "No password came on standard input: its first line is the password.");
  }
  RETURN_IF_ERROR(crypto::check_new_password(password));
  return password;
}

}  // namespace

directory::Actor Context::support_actor() {
  // NOLINTBEGIN(concurrency-mt-unsafe): a command begins with one thread.
  // Root by way of sudo is still a person with a name.
  if (const char* behind_sudo = std::getenv("SUDO_USER"); behind_sudo != nullptr && getuid() == 0) {
    return {directory::ActorKind::Support, printable(behind_sudo, 64)};
  }
  const passwd* entry = getpwuid(getuid());
  // NOLINTEND(concurrency-mt-unsafe): see above.
  return {directory::ActorKind::Support, entry == nullptr ? fmt::format("uid {}", getuid()) : entry->pw_name};
}

ConfigSources Context::config_sources() const {
  return {arguments_.find("--config"), doorward_environment(), arguments_.config_flags()};
}

Result<void> Context::load_config() {
  ASSIGN_OR_RETURN(config_, server::load_config(config_sources()));
  return {};
}

const Config& Context::config() const {
  CHECK(config_.has_value());
  return *config_;
}

Result<storage::Database*> Context::database() {
  if (!open_) {
    ASSIGN_OR_RETURN(open_, open_database(config(), DatabaseLock::Use::Command));
  }
  return open_->database.get();
}

Result<directory::Account> Context::account(storage::Transaction& transaction) const {
  return directory::find_account(transaction, arguments_.positional("ACCOUNT"));
}

Result<directory::Employee> Context::employee(storage::Transaction& transaction,
                                              const directory::Account& account) const {
  const std::string& name = arguments_.positional("EMPLOYEE");
  ASSIGN_OR_RETURN(auto found, directory::find_employee_by_any_name(transaction, account.id, name));
  if (found) return *std::move(found);
  return fail(
      ErrorKind::NotFound, directory::kNoEmployee,
      fmt::format(
          "Account {} has no employee “{}”: name one by user name, by an e-mail address that only one "
          "employee has, or by id.",
          account.slug, printable(name)));
}

Result<directory::Connection> Context::connection(storage::Transaction& transaction,
                                                  const directory::Account& account) const {
  const auto name = arguments_.find("--connection");
  if (name) {
    ASSIGN_OR_RETURN(auto found, directory::find_connection(transaction, account.id, *name));
    if (found) return *std::move(found);
    return fail(ErrorKind::NotFound, "directory.no_connection",
                fmt::format("Account {} has no connection “{}”. doorward saml show {} lists them.",
                            account.slug, printable(*name), account.slug));
  }
  ASSIGN_OR_RETURN(auto all, directory::list_connections(transaction, account.id));
  if (all.size() == 1) return std::move(all.front());
  if (all.empty()) {
    return fail(ErrorKind::NotFound, "directory.no_connection",
                fmt::format("Account {} has no connection yet. doorward saml set-metadata {} makes one.",
                            account.slug, account.slug));
  }
  return fail(ErrorKind::InvalidInput, kUsage,
              fmt::format("Account {} has {} connections. Say which one with --connection NAME.",
                          account.slug, all.size()));
}

Result<directory::DepartmentId> Context::department(storage::Transaction& transaction,
                                                    const directory::Account& account) const {
  const std::string name = arguments_.value("--department");
  ASSIGN_OR_RETURN(const auto all, directory::list_departments(transaction, account.id));
  std::vector<directory::DepartmentId> found;
  for (const auto& department : all) {
    if (department.public_id == name) return department.id;
    if (fold_case(department.name) == fold_case(name)) found.push_back(department.id);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return fail(ErrorKind::NotFound, "directory.no_department",
                fmt::format("Account {} has no department “{}”.", account.slug, printable(name)));
  }
  return fail(ErrorKind::Conflict, "cli.ambiguous_department",
              fmt::format("Account {} has {} departments “{}”. Name the one by its id.", account.slug,
                          found.size(), printable(name)));
}

std::string access_link(const Config& config, const directory::AccessLinkSecret& secret) {
  return fmt::format("{}/access?link={}", public_url(config).origin(), secret.value().reveal());
}

Result<GivenPassword> take_password(const Context& context) {
  if (context.arguments().has("--password-stdin")) {
    ASSIGN_OR_RETURN(auto password, read_password_line());
    return GivenPassword{std::move(password), false};
  }
  constexpr int kGroups = 5;  // About 95 bits, and still readable over the telephone.
  return GivenPassword{crypto::Secret(crypto::random_reference(kGroups)), true};
}

}  // namespace doorward::server
