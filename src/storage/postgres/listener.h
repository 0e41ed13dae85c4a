#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "storage/postgres/connection.h"

namespace doorward::storage::postgres {

/// Hears what other nodes tell by NOTIFY, and holds this node's roles, on a connection and a thread of its
/// own.
///
/// PostgreSQL sends a commit's messages before it answers the committer, and a listener's messages before the
/// answer to what the listener asks afterwards. So each answer to a heartbeat proves that everything
/// committed on this server before the heartbeat was sent has been heard. That the server is still the
/// primary is proven by the heartbeat's being a commit: see `Connection::prove`.
class Listener {
 public:
  static constexpr std::chrono::milliseconds kHeartbeat{250};
  /// Who has no younger proof must not trust what he remembers.
  static constexpr std::chrono::milliseconds kProofLasts{750};
  /// A server drops a connection whose node is silent for so long, and with it the node's roles.
  static constexpr std::chrono::seconds kSilence{5};
  /// A role counts for less than that.
  static constexpr std::chrono::seconds kRoleLasts{2};

  /// What is wrong with the proofs.
  enum class Gap : std::uint8_t {
    Late,    ///< The last one took too long, but came.
    Broken,  ///< The connection is gone.
    Silent,  ///< The server does not answer.
  };

  using OnMessage = std::function<void(std::string_view message)>;
  using OnGap = std::function<void(Gap gap)>;

  /// Both are called on the listener's thread; `on_gap` before there is a proof again.
  Listener(Target target, OpenProofs& proofs, std::string channel, OnMessage on_message, OnGap on_gap);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// See `storage::Database::foreign_version`.
  std::int64_t version();
  /// Whether the server is known to be the primary, and everything that was committed a moment ago to be
  /// heard.
  bool is_proven() const { return proven_within(kProofLasts); }
  /// See `storage::Database::leads`.
  bool leads(std::string_view role);

 private:
  using Moment = std::chrono::steady_clock::time_point;

  void run();
  Result<void> serve();
  Result<void> listen(Connection& connection);
  Result<void> prepare(Connection& connection);
  Result<void> beat(Connection& connection);
  Result<void> seek_roles(Connection& connection);
  void forget_roles();
  void pause(std::chrono::milliseconds time);
  bool is_stopping();
  bool proven_within(std::chrono::milliseconds time) const;

  const Target target_;
  OpenProofs& proofs_;
  const std::string channel_;
  const OnMessage on_message_;
  const OnGap on_gap_;
  /// Readable when the thread has something to do.
  const int wake_;

  std::atomic<std::int64_t> version_ = 0;
  /// When the last heartbeat that was answered was sent.
  std::atomic<Moment> proven_at_ = Moment::min();

  enum class Role : std::uint8_t { Unknown, Held, Others };
  std::mutex mutex_;
  std::condition_variable roles_changed_;
  std::map<std::string, Role, std::less<>> roles_;  // Guarded by mutex_.
  bool stopping_ = false;                           // Guarded by mutex_.

  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace doorward::storage::postgres
