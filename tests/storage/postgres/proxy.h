#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace doorward::storage::postgres {

/// Stands between a client and its server, and does to their connections what networks do.
class Proxy {
 public:
  enum class Mode {
    Pass,
    /// Swallows everything, and says nothing.
    Stall,
    /// Ends every connection, and new ones.
    Refuse,
    /// Ends a connection whose client sends COMMIT, which never arrives.
    LoseCommit,
    /// The same, after the server has committed: its answer is lost.
    LoseAnswer,
    /// Ends the client's side at once; COMMIT arrives half a second later.
    DelayCommit,
  };

  explicit Proxy(int server_port);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  int port() const { return port_; }
  /// What has to do with COMMIT happens once, and then `then` holds.
  void set(Mode mode, Mode then = Mode::Pass) {
    then_ = then;
    mode_ = mode;
  }
  /// `url` by way of here.
  std::string url(const std::string& url) const;

 private:
  void accept_all();
  void carry(int client, int server);
  /// Whether the connection goes on.
  bool from_client(int client, int server);
  bool at_commit(Mode mode, int client, int server, std::string_view bytes);

  const int server_port_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<Mode> mode_ = Mode::Pass;
  std::atomic<Mode> then_ = Mode::Pass;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> carriers_;  // Of the accepting thread until it has ended.
  std::thread acceptor_;
};

/// The port of a `postgres://USER@HOST:PORT/NAME`.
int port_of(const std::string& url);

}  // namespace doorward::storage::postgres
