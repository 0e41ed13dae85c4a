#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace doorward::net::test {

/// What a certificate of the test authority is good for.
struct Leaf {
  /// OpenSSL's notation of alternative names.
  std::string names = "IP:127.0.0.1,DNS:localhost";
  /// Seconds from now.
  long not_before = -3600;
  long not_after = 3600;
};

/// One accepted connection, TLS or not.
class Connection {
 public:
  virtual ~Connection() = default;
  /// False when the peer is gone.
  virtual bool send(std::string_view bytes) = 0;
  /// Blocks until the peer closes the connection or the server stops.
  virtual void wait_for_close() = 0;
};

enum class Transport : std::uint8_t {
  Plain,
  Tls,
  /// Plain, and the handler speaks before anything was asked, as a mail server does.
  Unprompted,
};

/// An HTTP server on a free loopback port that answers each request by `handler`, in a thread of its own,
/// with whatever bytes the handler sends; then it closes the connection.
class TestServer {
 public:
  using Handler = std::function<void(const std::string& request, Connection& connection)>;

  TestServer(Transport transport, Handler handler, const Leaf& leaf = {});
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url(std::string_view path = "/", std::string_view host = "127.0.0.1") const;
  std::uint16_t port() const { return port_; }
  /// The requests so far, bodies included.
  std::vector<std::string> requests() const;

 private:
  struct Tls;
  void accept_loop();
  void serve(int socket);

  Transport transport_;
  Handler handler_;
  std::unique_ptr<Tls> tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;  // Guarded by mutex_.
  std::vector<std::thread> workers_;   // Of the accepting thread alone.
  std::thread thread_;
};

/// PEM of the authority that issues the servers' certificates.
std::string authority_pem();

/// A handler that sends these bytes, whatever it is asked.
inline TestServer::Handler answering(std::string bytes) {
  return [bytes = std::move(bytes)](const std::string&, Connection& connection) { connection.send(bytes); };
}

}  // namespace doorward::net::test
