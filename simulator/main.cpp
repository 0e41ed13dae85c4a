#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "base/url.h"
#include "http/server.h"
#include "simulator/defaults.h"
#include "simulator/simulator.h"
#include "simulator/ui.h"

namespace doorward::simulator {

namespace {

struct Arguments {
  std::string listen = "127.0.0.1:8090";
  std::string public_url;
  std::string state_file;
  std::string tls_certificate;
  std::string tls_key;
  std::string provisioning_token_file;
  DemoApplication application;
};

int report(const Error& error) {
  fmt::print(stderr, "entra-simulator: {}\n", error.message);
  if (!error.detail.empty()) fmt::print(stderr, "  {}\n", error.detail);
  return 1;
}

/// Blocks SIGTERM and SIGINT in every thread started from now on, so that `wait_for_stop` gets them.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

std::string default_public_url(const Arguments& arguments, std::uint16_t port) {
  const std::string host = arguments.listen.substr(0, arguments.listen.rfind(':'));
  const bool loopback = host == "127.0.0.1" || host == "0.0.0.0" || host == "[::]" || host == "[::1]";
  return fmt::format("{}://{}:{}", arguments.tls_certificate.empty() ? "http" : "https",
                     loopback ? "localhost" : host, port);
}

/// From a file, because other users of the machine see a program's arguments.
Result<crypto::Secret> read_token(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const std::string_view token = trim(text);
  if (!in || token.empty()) {
    return fail(ErrorKind::InvalidInput, "simulator.token_file",
                fmt::format("The file {} holds no Secret Token or cannot be read.", file));
  }
  return crypto::Secret(std::string(token));
}

int run(Arguments arguments) {
  const SystemClock clock;
  if (!arguments.provisioning_token_file.empty()) {
    auto token = read_token(arguments.provisioning_token_file);
    if (!token) return report(token.error());
    arguments.application.secret_token = *std::move(token);
  }
  if (!arguments.public_url.empty()) {
    if (const auto url = Url::parse(arguments.public_url); !url) return report(url.error());
  }
  auto state = load_or_default(arguments.state_file);
  if (!state) return report(state.error());
  if (!arguments.application.name.empty()) {
    if (const auto application = set_up(*state, arguments.application, clock.now()); !application) {
      return report(application.error());
    }
  }
  // A line for each request is of no use here.
  log::set_level(log::Level::Warning);
  const sigset_t stop_signals = block_stop_signals();
  Simulator simulator({arguments.public_url, arguments.state_file}, *std::move(state), clock);
  if (const auto saved = simulator.save(); !saved) return report(saved.error());

  http::ServerOptions options;
  options.listen = arguments.listen;
  if (!arguments.tls_certificate.empty()) options.tls = {arguments.tls_certificate, arguments.tls_key};
  options.on_error = ui::error_page;
  options.on_response = ui::add_headers;
  metrics::Registry metrics;
  const auto server = http::Server::start(std::move(options), simulator.routes(), metrics, clock);
  if (!server) return report(server.error());
  simulator.set_public_url(arguments.public_url.empty() ? default_public_url(arguments, (*server)->port())
                                                        : arguments.public_url);
  simulator.run_jobs();
  fmt::print("Entra simulator (for development) listening on {}\n", simulator.portal_url());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&stop_signals, &signal);
  constexpr std::chrono::seconds kGrace{2};
  (*server)->stop(kGrace);
  return 0;
}

}  // namespace

}  // namespace doorward::simulator

int main(int argc, char** argv) {
  doorward::simulator::Arguments arguments;
  CLI::App app{
      "A pretend Microsoft Entra ID for development and tests. Never expose it to a network you do not "
      "trust."};
  app.add_option("--listen", arguments.listen, "HOST:PORT; port 0 takes a free one")->capture_default_str();
  app.add_option("--public-url", arguments.public_url, "Where browsers and servers find it");
  app.add_option("--state", arguments.state_file, "Keep everything in this JSON file");
  auto* certificate = app.add_option("--tls-cert", arguments.tls_certificate, "Certificate chain, PEM");
  auto* key = app.add_option("--tls-key", arguments.tls_key, "Private key, PEM")->needs(certificate);
  certificate->needs(key);
  auto* name = app.add_option("--app", arguments.application.name,
                              "Set up an application of this name, all users assigned");
  auto* identifier =
      app.add_option("--identifier", arguments.application.identifiers, "Its Identifier (Entity ID)")
          ->needs(name);
  auto* reply_url =
      app.add_option("--reply-url", arguments.application.reply_urls, "Its Reply URL")->needs(name);
  name->needs(identifier)->needs(reply_url);
  app.add_option("--sign-on-url", arguments.application.sign_on_url, "Its Sign on URL")->needs(name);
  app.add_option("--logout-url", arguments.application.logout_url, "Its Logout Url")->needs(name);
  auto* tenant_url =
      app.add_option("--provisioning-url", arguments.application.tenant_url, "Its Tenant URL (SCIM)")
          ->needs(name);
  auto* token_file = app.add_option("--provisioning-token-file", arguments.provisioning_token_file,
                                    "A file that holds its Secret Token")
                         ->needs(tenant_url);
  tenant_url->needs(token_file);
  CLI11_PARSE(app, argc, argv);
  return doorward::simulator::run(arguments);
}
