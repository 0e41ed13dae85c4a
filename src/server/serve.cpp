#include "server/serve.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/random.h"
#include "directory/authorization_requests.h"
#include "directory/retention.h"
#include "http/server.h"
#include "jobs/mailer.h"
#include "jobs/scheduler.h"
#include "jobs/upkeep.h"
#include "server/database_access.h"
#include "server/key_file.h"
#include "server/outbound.h"
#include "server/routes.h"
#include "server/services.h"
#include "setup/metadata_refresh.h"

namespace doorward::server {

namespace {

constexpr std::chrono::seconds kGrace{10};
constexpr std::chrono::seconds kFlushInterval{30};
constexpr std::chrono::seconds kScimFlushInterval{1};
constexpr std::chrono::minutes kCleanUpInterval{10};
constexpr std::chrono::hours kKeyInterval{1};
constexpr std::chrono::seconds kMailInterval{1};
constexpr std::chrono::seconds kRefreshInterval{5};
constexpr std::chrono::hours kCertificateInterval{1};

/// Takes the signals that end or refresh the server, on every thread that is started later as well.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A browser that goes away while it is written to must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

http::ServerOptions server_options(const Config& config, const Services& services) {
  http::ServerOptions options;
  options.listen = config.listen;
  if (!config.tls_certificate_file.empty()) {
    options.tls = http::TlsOptions{config.tls_certificate_file, config.tls_key_file};
  }
  options.io_threads = config.io_threads;
  options.worker_threads = config.worker_threads;
  options.trusted_proxies = config.trusted_proxies;
  options.on_error = answer_error;
  options.on_refusal = answer_refusal;
  options.default_headers = security_headers(services);
  return options;
}

/// Deletes what has expired, in small pieces, so that no sign-in waits for it.
Result<void> clean_up(Services& services) {
  constexpr int kRequests = 500;
  RETURN_IF_ERROR(services.database->clean_up(services.clock.now()));
  for (std::int64_t deleted = 1; deleted > 0;) {
    ASSIGN_OR_RETURN(deleted, services.database->write([&](storage::Transaction& transaction) {
      return directory::delete_expired_authorization_requests(transaction, services.clock.now(), kRequests);
    }));
  }
  std::optional<directory::AccountId> after;
  for (;;) {
    ASSIGN_OR_RETURN(const auto accounts, services.database->read([&](storage::Transaction& transaction) {
      return directory::list_accounts(transaction, after, 100);
    }));
    if (accounts.empty()) return {};
    after = accounts.back().id;
    for (const directory::Account& account : accounts) {
      for (std::int64_t deleted = 1; deleted > 0;) {
        ASSIGN_OR_RETURN(deleted, services.database->write([&](storage::Transaction& transaction) {
          return directory::delete_expired(transaction, account.id, {}, services.clock.now());
        }));
      }
    }
  }
}

/// Of several nodes, one does it.
jobs::Scheduler::Chore one_node(Services& services, jobs::Scheduler::Chore chore) {
  return [&services, chore = std::move(chore)]() -> Result<void> {
    if (!services.database->leads(jobs::kRunnerRole)) return {};
    return chore();
  };
}

void wait_for_end(const sigset_t& signals, http::Server& server) {
  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal != SIGHUP) {
      log::info("server.stopping", {{"signal", signal}});
      return;
    }
    const auto reloaded = server.reload_tls();
    if (!reloaded) log::failure(log::Level::Error, "server.tls_not_reloaded", reloaded.error());
  }
}

/// `listen` with a free port in place of port 0: the public URL must be known before the first request.
Result<std::string> settle_port(const std::string& listen) {
  const auto address = ListenAddress::parse(listen);
  if (!address || address->port != 0) return listen;
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof name;
  const bool bound = probe >= 0 && ::bind(probe, reinterpret_cast<const sockaddr*>(&name), length) == 0 &&
                     ::getsockname(probe, reinterpret_cast<sockaddr*>(&name), &length) == 0;
  if (probe >= 0) ::close(probe);
  if (!bound) {
    return fail(ErrorKind::Unavailable, "server.no_port", "This machine has no free port to listen on.");
  }
  return fmt::format("{}:{}", listen.substr(0, listen.rfind(':')), ntohs(name.sin_port));
}

std::unique_ptr<jobs::Mailer> make_mailer(const Config& config, std::optional<net::MailServer> mail_server,
                                          Services& services) {
  jobs::MailerOptions options{.public_url = services.public_url, .contact = config.support_contact};
  jobs::Mailer::Send send;
  if (mail_server) {
    options.from = *net::Mailbox::parse(config.mail_from);
    send = [server = *std::move(mail_server)](const net::Mail& mail) { return net::send_mail(server, mail); };
  }
  return std::make_unique<jobs::Mailer>(*services.database, services.clock, std::move(options),
                                        std::move(send), services.metrics);
}

/// 0 to 1.
double random_spread() {
  const Bytes byte = crypto::random_bytes(1);
  return static_cast<double>(static_cast<unsigned char>(byte.front())) / 255.0;
}

std::unique_ptr<jobs::Upkeep> make_upkeep(const Config& config, Services& services) {
  const setup::FetchMetadata fetch = [config](const Url& url, Timestamp now) {
    return setup::fetch_metadata(url, fetch_options(config, url), now);
  };
  const Duration interval = config.metadata_refresh_interval;
  const auto refresh = [&services, fetch, interval](directory::AccountId account,
                                                    directory::ConnectionId connection) -> Result<void> {
    RETURN_IF_ERROR(setup::refresh_metadata(*services.database, services.clock, fetch,
                                            {.account = account,
                                             .connection = connection,
                                             .actor = {directory::ActorKind::System, "Doorward"},
                                             .interval = interval,
                                             .spread = random_spread()}));
    return {};
  };
  return std::make_unique<jobs::Upkeep>(*services.database, services.clock, interval, refresh);
}

Result<void> say_ready(const std::string& public_url) {
  fmt::print("Doorward is ready at {}\n", public_url);
  std::fflush(stdout);
  return {};
}

}  // namespace

Result<void> serve(const Config& config, const OnReady& on_ready) {
  log::set_level(config.log_level);
  const sigset_t signals = block_signals();
  ASSIGN_OR_RETURN(auto opened, open_database(config, DatabaseLock::Use::Server));
  ASSIGN_OR_RETURN(auto sealer, open_key_file(config, *opened.database));

  const SystemClock clock;
  Config settled = config;
  ASSIGN_OR_RETURN(settled.listen, settle_port(config.listen));
  const Url url = public_url(settled);
  ASSIGN_OR_RETURN(auto mail, mail_server(settled));
  Services services(settled, url, std::move(opened.database), std::move(sealer), clock);
  ASSIGN_OR_RETURN(const auto server, http::Server::start(server_options(settled, services),
                                                          make_routes(services), services.metrics, clock));

  jobs::Scheduler scheduler;
  scheduler.add("sessions.flush", kFlushInterval, [&] { return services.sessions.flush(); });
  scheduler.add("token_bearers.flush", kFlushInterval, [&] { return services.token_bearers.flush(); });
  scheduler.add("scim.flush", kScimFlushInterval, [&] { return services.scim.flush(); });
  scheduler.add("directory.clean_up", kCleanUpInterval,
                one_node(services, [&] { return clean_up(services); }));
  scheduler.add("signing_keys.rotate", kKeyInterval,
                one_node(services, [&] { return services.key_ring.rotate(); }));
  scheduler.start();
  services.deliveries.start();

  // On a thread of their own: a mail server may take its time.
  const std::unique_ptr<jobs::Mailer> mailer = make_mailer(settled, std::move(mail), services);
  jobs::Scheduler mails;
  mails.add("mails.send", kMailInterval, one_node(services, [&] { return mailer->run(); }));
  mails.start();

  // So may a provider.
  const std::unique_ptr<jobs::Upkeep> upkeep = make_upkeep(settled, services);
  jobs::Scheduler connections;
  connections.add("metadata.refresh", kRefreshInterval,
                  one_node(services, [&] { return upkeep->refresh_due(); }));
  connections.add("certificates.look", kCertificateInterval,
                  one_node(services, [&] { return upkeep->look_at_certificates(); }));
  connections.start();

  log::info("server.ready",
            {{"listen", settled.listen}, {"public_url", services.public_url}, {"version", DOORWARD_VERSION}});
  RETURN_IF_ERROR((on_ready ? on_ready : OnReady(say_ready))(services.public_url));
  wait_for_end(signals, *server);
  server->stop(kGrace);
  mailer->stop();
  upkeep->stop();
  mails.stop();
  connections.stop();
  scheduler.stop();
  services.deliveries.stop();
  RETURN_IF_ERROR(services.sessions.flush());
  RETURN_IF_ERROR(services.token_bearers.flush());
  RETURN_IF_ERROR(services.scim.flush());
  log::info("server.stopped");
  return {};
}

}  // namespace doorward::server
