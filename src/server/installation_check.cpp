#include "server/installation_check.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/certificate.h"
#include "crypto/seal.h"
#include "crypto/tls.h"
#include "directory/accounts.h"
#include "directory/key_pairs.h"
#include "directory/migrations.h"
#include "server/database_access.h"
#include "server/files.h"
#include "server/nearest.h"
#include "server/outbound.h"
#include "storage/database.h"
#include "storage/postgres/facts.h"

namespace doorward::server {

namespace {

using CheckStatus = CheckResult::Status;

constexpr std::size_t kMaxPemBytes = 1024 * 1024;

CheckResult ok(std::string_view name, std::string message) {
  return {name, CheckStatus::Ok, std::move(message)};
}
CheckResult warning(std::string_view name, std::string message) {
  return {name, CheckStatus::Warning, std::move(message)};
}
CheckResult problem(std::string_view name, std::string message) {
  return {name, CheckStatus::Problem, std::move(message)};
}
CheckResult problem(std::string_view name, const Error& error) {
  return problem(name,
                 error.detail.empty() ? error.message : fmt::format("{} ({})", error.message, error.detail));
}

bool file_exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

/// Variables that look like ours and set nothing are typing mistakes.
void check_environment(const ConfigSources& sources, std::vector<CheckResult>& results) {
  std::vector<std::string> names;
  for (const Setting& setting : settings())
    names.push_back(setting.environment_name());
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (const auto& [name, value] : sources.environment) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const auto near = nearest(name, known);
    results.push_back(
        warning("configuration", fmt::format("The variable {} sets nothing.{}", printable(name),
                                             near ? fmt::format(" Did you mean {}?", *near) : "")));
  }
}

CheckResult check_mail(const Config& config) {
  const auto server = mail_server(config);
  if (!server) return problem("mail", server.error());
  if (!*server) {
    return warning(
        "mail",
        "No mail server is set (mail.server): invitations, password links and warnings are not sent.");
  }
  return ok("mail", fmt::format("Mails go to {} in the name of {}. “doorward mail test ADDRESS” sends one.",
                                config.mail_server, printable(config.mail_from)));
}

CheckResult check_public_url(const Config& config) {
  const Url url = public_url(config);
  if (!url.is_https() && !url.is_loopback()) {
    return problem("public_url",
                   fmt::format("{} is not https: passwords and sessions could be read on the way, and "
                               "identity providers refuse it.",
                               url.origin()));
  }
  if (url.is_https() && config.tls_certificate_file.empty() && config.trusted_proxies.empty()) {
    return warning(
        "public_url",
        fmt::format("{} is https, which a reverse proxy has to serve. Name it in trusted_proxies: without "
                    "that, all clients have the proxy's address.",
                    url.origin()));
  }
  return ok("public_url", url.origin());
}

CheckResult check_tls(const Config& config, Timestamp now) {
  if (config.tls_certificate_file.empty()) return ok("tls", "Not served by Doorward itself.");
  const auto identity = crypto::TlsIdentity::from_files(config.tls_certificate_file, config.tls_key_file);
  if (!identity) return problem("tls", identity.error());
  const auto text = read_whole_file(config.tls_certificate_file, kMaxPemBytes);
  if (!text) return problem("tls", text.error());
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  const auto certificate = crypto::Certificate::from_text(text->substr(0, text->find(kEnd) + kEnd.size()));
  if (!certificate) return problem("tls", certificate.error());
  const std::string until = format_rfc3339(certificate->not_after());
  if (now > certificate->not_after())
    return problem("tls", fmt::format("The certificate expired at {}.", until));
  if (now < certificate->not_before()) {
    return problem("tls", fmt::format("The certificate is valid from {} only.",
                                      format_rfc3339(certificate->not_before())));
  }
  if (certificate->not_after() - now < std::chrono::hours(24 * 14)) {
    return warning("tls", fmt::format("The certificate expires at {}.", until));
  }
  return ok("tls", fmt::format("{}, valid until {}.", printable(certificate->subject()), until));
}

/// Binds the address for a moment.
int try_to_bind(const ListenAddress& address) {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    length = sizeof v4;
  } else {
    if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) return EINVAL;
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    length = sizeof v6;
  }
  const int socket_file = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_file < 0) return errno;
  constexpr int kOn = 1;
  setsockopt(socket_file, SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof kOn);
  const bool bound = bind(socket_file, reinterpret_cast<const sockaddr*>(&storage), length) == 0 &&
                     ::listen(socket_file, 1) == 0;
  const int error = bound ? 0 : errno;
  close(socket_file);
  return error;
}

CheckResult check_listen(const Config& config) {
  const auto address = ListenAddress::parse(config.listen);
  const int error = try_to_bind(*address);
  if (error == 0) return ok("listen", fmt::format("{} is free.", config.listen));
  const auto server = DatabaseLock::server_runs(config);
  if (error == EADDRINUSE && server && *server) {
    return ok("listen", fmt::format("{} is in use; a server runs on this database.", config.listen));
  }
  return problem("listen", fmt::format("{} cannot be used: {}.", config.listen, system_error_text(error)));
}

CheckResult check_outbound(const Config& config) {
  if (config.ca_file.empty()) return ok("outbound", "The system's certificate authorities are trusted.");
  const auto text = read_whole_file(config.ca_file, kMaxPemBytes);
  if (!text) return problem("outbound", text.error());
  if (text->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    return problem("outbound",
                   fmt::format("{} holds no certificate in PEM form.", printable(config.ca_file)));
  }
  return ok("outbound",
            fmt::format("Certificate authorities of {} are trusted as well.", printable(config.ca_file)));
}

CheckResult check_disk(const Config& config) {
  constexpr std::uint64_t kLittle = 256ULL * 1024 * 1024;
  std::filesystem::path folder =
      std::filesystem::absolute(config.sqlite_path().value_or(config.key_file)).parent_path();
  std::error_code ignored;
  while (!std::filesystem::exists(folder, ignored) && folder.has_relative_path())
    folder = folder.parent_path();
  struct statvfs status{};
  if (statvfs(folder.c_str(), &status) != 0) return problem("disk", system_error_text(errno));
  const std::string shown = printable(folder.string(), 4096);
  if (access(folder.c_str(), W_OK) != 0) {
    return problem("disk", fmt::format("{} cannot be written to by this user.", shown));
  }
  const std::uint64_t free_bytes = std::uint64_t{status.f_bavail} * status.f_frsize;
  const std::string message = fmt::format("{} has {} MB free.", shown, free_bytes / (1024 * 1024));
  return free_bytes < kLittle ? warning("disk", message) : ok("disk", message);
}

CheckResult check_clock(Timestamp now) {
  // This program is younger than that.
  constexpr Timestamp kBuilt = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  if (now < kBuilt) return problem("clock", fmt::format("It cannot be {} already.", format_rfc3339(now)));
  timex state{};
  if (adjtimex(&state) == TIME_ERROR) {
    return warning(
        "clock", fmt::format("{}, but the system does not keep its clock in step with others. Sign-ins fail "
                             "when it is off by more than three minutes.",
                             format_rfc3339(now)));
  }
  return ok("clock", format_rfc3339(now));
}

/// What is sealed in the database.
Result<std::vector<directory::KeyPair>> all_key_pairs(storage::Database& database) {
  return database.read([&](storage::Transaction& transaction) -> Result<std::vector<directory::KeyPair>> {
    std::vector<directory::KeyPair> all;
    std::optional<directory::AccountId> after;
    for (;;) {
      ASSIGN_OR_RETURN(const auto accounts, directory::list_accounts(transaction, after, 200));
      if (accounts.empty()) return all;
      after = accounts.back().id;
      for (const auto& account : accounts) {
        ASSIGN_OR_RETURN(auto pairs, directory::list_key_pairs(transaction, account.id));
        std::ranges::move(pairs, std::back_inserter(all));
      }
    }
  });
}

CheckResult check_key_file(const Config& config, const std::vector<directory::KeyPair>& sealed) {
  const std::string shown = printable(config.key_file, 4096);
  if (!file_exists(config.key_file)) {
    if (sealed.empty()) return ok("key_file", fmt::format("{} will be made at the first start.", shown));
    return problem("key_file",
                   fmt::format("{} is missing, and {} private keys in the database are sealed with it. Put "
                               "it back.",
                               shown, sealed.size()));
  }
  const auto sealer = crypto::Sealer::from_file(config.key_file);
  if (!sealer) return problem("key_file", sealer.error());
  for (const directory::KeyPair& pair : sealed) {
    if (const auto key = directory::open_private_key(*sealer, pair); !key) {
      return problem("key_file",
                     fmt::format("{} does not open the private keys in the database: it belongs to another "
                                 "one. ({})",
                                 shown, key.error().message));
    }
  }
  return ok("key_file", sealed.empty() ? fmt::format("{} is in order.", shown)
                                       : fmt::format("{} opens all {} private keys in the database.", shown,
                                                     sealed.size()));
}

CheckResult check_version(storage::Database& database, const Config& config) {
  const bool is_file = database.dialect() == storage::Dialect::Sqlite;
  if (is_file) {
    const auto sound = database.check_integrity();
    if (!sound) return problem("database", sound.error());
  }
  const auto version = database.schema_version();
  if (!version) return problem("database", version.error());
  const int newest = directory::migrations(database.dialect()).back().number;
  const std::string shown = config.shown_database();
  if (version->oldest_program > newest) {
    return problem("database",
                   fmt::format("{} was used by a newer version of Doorward (version {} of the tables; this "
                               "program knows {}).",
                               shown, version->newest, newest));
  }
  if (version->newest > newest) {
    return warning(
        "database",
        fmt::format("{} has version {} of the tables, which a newer version of Doorward made. This "
                    "program knows {}, and works with it.",
                    shown, version->newest, newest));
  }
  if (version->newest < newest) {
    return warning("database", fmt::format("{} has version {} of the tables; the next start brings it to {}.",
                                           shown, version->newest, newest));
  }
  return ok("database", fmt::format("{} {}, with version {} of the tables.", shown,
                                    is_file ? "is sound" : "answers", version->newest));
}

/// What of a PostgreSQL server's settings matters to us. Version and encoding are looked at by each
/// connection.
CheckResult check_postgres(storage::Database& database, const Config& config) {
  const auto facts = storage::postgres::read_server_facts(database);
  if (!facts) return problem("postgresql", facts.error());
  if (!facts->waits_for_disk) {
    return warning(
        "postgresql",
        "synchronous_commit is off: what was confirmed may be lost when the server fails. Leave it on.");
  }
  // One more listens.
  if (config.postgres_connections + 1 > facts->max_connections) {
    return warning("postgresql",
                   fmt::format("Each node takes up to {} connections, and the server allows {} in all. Raise "
                               "max_connections or lower postgres.connections.",
                               config.postgres_connections + 1, facts->max_connections));
  }
  return ok("postgresql",
            fmt::format("PostgreSQL {}, which allows {} connections; each node takes up to {}.",
                        printable(facts->version), facts->max_connections, config.postgres_connections + 1));
}

void check_database(const Config& config, std::vector<CheckResult>& results) {
  const auto path = config.sqlite_path();
  if (path && !file_exists(*path)) {
    results.push_back(
        ok("database", fmt::format("{} will be made at the first start.", config.shown_database())));
    results.push_back(check_key_file(config, {}));
    return;
  }
  const auto lock = DatabaseLock::take(config, DatabaseLock::Use::Command);
  if (!lock) {
    results.push_back(problem("database", lock.error()));
    return;
  }
  const auto database = storage::Database::open(config.database, open_options(config));
  if (!database) {
    results.push_back(problem("database", database.error()));
    return;
  }
  results.push_back(check_version(**database, config));
  const CheckResult::Status status = results.back().status;
  if (status == CheckStatus::Problem) return;
  if ((*database)->dialect() == storage::Dialect::Postgres)
    results.push_back(check_postgres(**database, config));
  if (status != CheckStatus::Ok) return;
  const auto sealed = all_key_pairs(**database);
  results.push_back(sealed ? check_key_file(config, *sealed) : problem("database", sealed.error()));
}

}  // namespace

std::string_view to_text(CheckResult::Status status) {
  switch (status) {
    case CheckStatus::Ok:
      return "ok";
    case CheckStatus::Warning:
      return "warning";
    case CheckStatus::Problem:
      break;
  }
  return "problem";
}

std::vector<CheckResult> check_installation(const ConfigSources& sources, const Clock& clock) {
  std::vector<CheckResult> results;
  check_environment(sources, results);
  const auto config = read_config(sources);
  if (!config) {
    for (const ConfigProblem& found : config.error()) {
      results.push_back(problem("configuration", fmt::format("{}: {}", found.where, found.message)));
    }
    return results;
  }
  results.push_back(
      ok("configuration", sources.file || file_exists(std::string(ConfigSources::kDefaultFile))
                              ? fmt::format("Read from {}.", printable(sources.file.value_or(
                                                                 std::string(ConfigSources::kDefaultFile))))
                              : "No file; defaults, environment and flags."));
  check_database(*config, results);
  results.push_back(check_disk(*config));
  results.push_back(check_public_url(*config));
  results.push_back(check_tls(*config, clock.now()));
  results.push_back(check_listen(*config));
  results.push_back(check_outbound(*config));
  results.push_back(check_mail(*config));
  results.push_back(check_clock(clock.now()));
  return results;
}

}  // namespace doorward::server
