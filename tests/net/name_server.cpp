#include "net/name_server.h"

#include <array>
#include <stdexcept>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/require.h"

namespace doorward::net::test {

namespace {

constexpr std::size_t kHeaderBytes = 12;

using doorward::test::require;

std::string number(std::size_t value) {
  return {static_cast<char>(value >> 8 & 0xFF), static_cast<char>(value & 0xFF)};
}

std::size_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text.at(at));
}

bool bind_to(int socket, std::uint16_t port) {
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  name.sin_port = htons(port);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
}

bool read_exactly(int socket, std::string& into, std::size_t count) {
  into.resize(count);
  return ::recv(socket, into.data(), count, MSG_WAITALL) == static_cast<ssize_t>(count);
}

}  // namespace

std::string DnsQuestion::name() const {
  std::string text;
  for (std::size_t at = kHeaderBytes; byte_at(message, at) != 0; at += byte_at(message, at) + 1) {
    if (!text.empty()) text += '.';
    text += message.substr(at + 1, byte_at(message, at));
  }
  return text;
}

std::string DnsQuestion::wire() const {
  std::size_t end = kHeaderBytes;
  while (byte_at(message, end) != 0)
    end += byte_at(message, end) + 1;
  return message.substr(kHeaderBytes, end + 5 - kHeaderBytes);
}

std::string DnsReply::message(const DnsQuestion& question) const {
  // An answer, recursion was desired and is available.
  const std::size_t flags = 0x8180U | (truncated ? 0x0200U : 0U) | static_cast<std::size_t>(code);
  const std::size_t count = claimed_count < 0 ? records.size() : static_cast<std::size_t>(claimed_count);
  std::string made = question.message.substr(0, 2) + number(flags) + number(1) + number(count) + number(0) +
                     number(0) + question.wire();
  for (const std::string& record : records)
    made += record;
  return made;
}

std::string txt_record_of(std::string_view content) {
  // The name is a pointer to the question's; type TXT, class IN, a minute to live.
  return number(0xC000U | kHeaderBytes) + number(16) + number(1) + number(0) + number(60) +
         number(content.size()) + std::string(content);
}

std::string txt_record(const std::vector<std::string>& strings) {
  std::string content;
  for (const std::string& text : strings)
    content += static_cast<char>(text.size()) + text;
  return txt_record_of(content);
}

NameServer::NameServer(Handler handler) : handler_(std::move(handler)) {
  bind_both();
  thread_ = std::thread([this] { serve(); });
}

NameServer::NameServer(DnsReply reply)
    : NameServer([reply = std::move(reply)](const DnsQuestion& question) {
        return std::vector<std::string>{reply.message(question)};
      }) {}

NameServer::~NameServer() {
  ends_ = true;
  // Wakes the thread.
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(datagrams_);
  ::close(listener_);
}

std::vector<DnsQuestion> NameServer::questions() const {
  const std::lock_guard lock(mutex_);
  return questions_;
}

void NameServer::bind_both() {
  // A port that is free for TCP may be in use for UDP.
  for (int attempt = 0; attempt < 20; ++attempt) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    datagrams_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in name = {};
    socklen_t length = sizeof name;
    require(bind_to(listener_, 0) && ::listen(listener_, 8) == 0 &&
                ::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &length) == 0,
            "there is no port");
    port_ = ntohs(name.sin_port);
    if (bind_to(datagrams_, port_)) return;
    ::close(listener_);
    ::close(datagrams_);
  }
  throw std::runtime_error("there is no port for both");
}

void NameServer::serve() {
  while (!ends_) {
    std::array<pollfd, 2> polled = {{{datagrams_, POLLIN, 0}, {listener_, POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(), -1) <= 0 || ends_) continue;
    if (polled[1].revents != 0) serve_stream();
    if (polled[0].revents == 0) continue;
    std::string message(4096, '\0');
    sockaddr_in peer = {};
    socklen_t length = sizeof peer;
    const ssize_t count = ::recvfrom(datagrams_, message.data(), message.size(), 0,
                                     reinterpret_cast<sockaddr*>(&peer), &length);
    if (count <= 0) continue;
    message.resize(static_cast<std::size_t>(count));
    for (const std::string& answer : answers_to(std::move(message), DnsQuestion::Carrier::Datagram)) {
      ::sendto(datagrams_, answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&peer), length);
    }
  }
}

void NameServer::serve_stream() {
  const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (socket < 0) return;
  std::string length;
  std::string message;
  if (read_exactly(socket, length, 2) &&
      read_exactly(socket, message, byte_at(length, 0) << 8 | byte_at(length, 1))) {
    for (const std::string& answer : answers_to(std::move(message), DnsQuestion::Carrier::Stream)) {
      const std::string framed = number(answer.size()) + answer;
      ::send(socket, framed.data(), framed.size(), MSG_NOSIGNAL);
    }
  }
  ::close(socket);
}

std::vector<std::string> NameServer::answers_to(std::string message, DnsQuestion::Carrier carrier) {
  DnsQuestion question{std::move(message), carrier, 0};
  {
    const std::lock_guard lock(mutex_);
    question.number = static_cast<int>(questions_.size()) + 1;
    questions_.push_back(question);
  }
  return handler_(question);
}

}  // namespace doorward::net::test
