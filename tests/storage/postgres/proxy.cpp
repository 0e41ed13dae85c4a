#include "storage/postgres/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

namespace doorward::storage::postgres {
namespace {

constexpr int kLook = 20;  // Milliseconds between two looks at what the test wants.

sockaddr_in loopback(int port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  return name;
}

bool send_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(file, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string receive(int file) {
  std::string bytes(64 * 1024, '\0');
  const ssize_t count = ::recv(file, bytes.data(), bytes.size(), 0);
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

}  // namespace

int port_of(const std::string& url) {
  const std::size_t colon = url.find(':', url.find('@'));
  return std::stoi(url.substr(colon + 1));
}

Proxy::Proxy(int server_port) : server_port_(server_port), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in name = loopback(0);
  socklen_t length = sizeof name;
  CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&name), length) == 0);
  CHECK(::listen(listener_, 64) == 0);
  CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &length) == 0);
  port_ = ntohs(name.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

Proxy::~Proxy() {
  stopping_ = true;
  acceptor_.join();
  for (std::thread& carrier : carriers_)
    carrier.join();
  ::close(listener_);
}

std::string Proxy::url(const std::string& url) const {
  const std::size_t colon = url.find(':', url.find('@'));
  return url.substr(0, colon + 1) + std::to_string(port_) + url.substr(url.find('/', colon)) +
         "?sslmode=disable&gssencmode=disable";
}

void Proxy::accept_all() {
  while (!stopping_) {
    pollfd file{.fd = listener_, .events = POLLIN, .revents = 0};
    if (::poll(&file, 1, kLook) <= 0) continue;
    const int client = ::accept(listener_, nullptr, nullptr);
    const int server = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in name = loopback(server_port_);
    if (client < 0 || mode_ == Mode::Refuse ||
        ::connect(server, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
      ::close(client);
      ::close(server);
      continue;
    }
    carriers_.emplace_back([this, client, server] { carry(client, server); });
  }
}

void Proxy::carry(int client, int server) {
  while (!stopping_ && mode_ != Mode::Refuse) {
    pollfd files[] = {{.fd = client, .events = POLLIN, .revents = 0},
                      {.fd = server, .events = POLLIN, .revents = 0}};
    if (mode_ == Mode::Stall) {
      ::poll(nullptr, 0, kLook);
      continue;
    }
    if (::poll(files, 2, kLook) <= 0) continue;
    if (files[0].revents != 0 && !from_client(client, server)) break;
    if (files[1].revents != 0) {
      const std::string bytes = receive(server);
      if (bytes.empty() || !send_all(client, bytes)) break;
    }
  }
  ::close(client);
  ::close(server);
}

bool Proxy::from_client(int client, int server) {
  const std::string bytes = receive(client);
  if (bytes.empty()) return false;
  const Mode mode = mode_;
  if (bytes.find("COMMIT") == std::string::npos || mode == Mode::Pass) return send_all(server, bytes);
  mode_ = then_.load();
  return at_commit(mode, client, server, bytes);
}

bool Proxy::at_commit(Mode mode, int client, int server, std::string_view bytes) {
  if (mode == Mode::LoseAnswer) {
    send_all(server, bytes);
    receive(server);
  }
  if (mode == Mode::DelayCommit) {
    ::shutdown(client, SHUT_RDWR);
    ::poll(nullptr, 0, 500);
    send_all(server, bytes);
    receive(server);
  }
  return false;
}

}  // namespace doorward::storage::postgres
