#include "server/commands.h"
#include "server/context.h"
#include "server/demo.h"
#include "server/reply.h"
#include "server/serve.h"

namespace doorward::server {

namespace {

// Both print for themselves when they are ready, and return when they are stopped.

Result<Reply> run_serve(Context& context) {
  RETURN_IF_ERROR(serve(context.config()));
  return Reply{};
}

Result<Reply> run_demo(Context& context) {
  DemoOptions options;
  if (const auto port = context.arguments().integer("--simulator-port")) {
    options.simulator_port = static_cast<std::uint16_t>(*port);
  }
  RETURN_IF_ERROR(demo(context.config(), options));
  return Reply{};
}

}  // namespace

std::vector<Command> serve_commands() {
  return {
      {.name = "serve",
       .summary = "Run the server until SIGINT or SIGTERM; SIGHUP reads the TLS files again",
       .run = run_serve,
       .config_flags = ConfigFlags::All},
      {.name = "demo",
       .summary = "Run the server with a company to try out, beside a pretend Entra",
       .options = {{.name = "--simulator-port",
                    .placeholder = "PORT",
                    .help = "Port of the pretend Entra (default 8090)",
                    .range = Option::Range{1, 65535}}},
       .run = run_demo,
       .config_flags = ConfigFlags::All},
  };
}

}  // namespace doorward::server
