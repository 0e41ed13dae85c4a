#include "server/outbound.h"

#include "base/text.h"
#include "jobs/deliveries.h"
#include "server/files.h"

namespace doorward::server {

net::FetchOptions fetch_options(const Config& config, const Url& url) {
  net::FetchOptions options;
  options.policy.allow_private = config.allow_private_addresses;
  options.policy.allow_loopback = config.allow_private_addresses || public_url(config).is_loopback();
  options.policy.allow_plain_http = options.policy.allow_loopback && url.is_loopback();
  options.extra_ca_file = config.ca_file;
  return options;
}

net::SendOptions notify_options(const Config& config, const Url& url) {
  const net::FetchOptions fetching = fetch_options(config, url);
  net::SendOptions options;
  options.policy = fetching.policy;
  options.extra_ca_file = fetching.extra_ca_file;
  options.total_timeout = jobs::Deliveries::kSendTimeout;
  options.max_bytes = 1024;
  options.excess = net::Excess::Discard;
  return options;
}

Result<std::optional<net::MailServer>> mail_server(const Config& config) {
  if (config.mail_server.empty()) return std::optional<net::MailServer>();
  auto server = net::MailServer::parse(config.mail_server);
  server->extra_ca_file = config.ca_file;
  server->user = config.mail_user;
  if (!config.mail_password_file.empty()) {
    constexpr std::size_t kMaxPasswordFile = 4096;
    ASSIGN_OR_RETURN(const std::string text, read_whole_file(config.mail_password_file, kMaxPasswordFile));
    server->password = crypto::Secret(std::string(trim(text.substr(0, text.find('\n')))));
  }
  return server;
}

}  // namespace doorward::server
