// Serves an empty 200 from memory, to be driven by wrk: the floor for the cost of a session check.
//   http_empty [HOST:PORT]    runs until its standard input ends

#include <cstdio>
#include <iostream>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "http/server.h"

int main(int argc, char** argv) {
  using namespace doorward;
  metrics::Registry metrics;
  const SystemClock clock;
  http::Router router;
  router.add(http::Method::Get, "/", http::Run::Inline,
             [](const http::Request&) { return http::Response(); });
  http::ServerOptions options;
  options.listen = argc > 1 ? argv[1] : "127.0.0.1:0";
  auto server = http::Server::start(std::move(options), std::move(router), metrics, clock);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  std::printf("http://127.0.0.1:%u/\n", static_cast<unsigned>((*server)->port()));
  std::fflush(stdout);
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  (*server)->stop(std::chrono::seconds(1));
  return 0;
}
