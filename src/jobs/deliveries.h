#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "crypto/seal.h"
#include "directory/deliveries.h"
#include "directory/key_ring.h"
#include "net/send.h"
#include "storage/database.h"

namespace doorward::jobs {

/// Tells webhooks and applications what waits for them, on threads of its own: at once when something was
/// queued in this process, within a second or so when it was in another. Whoever is slow or broken does not
/// hold up the others: each recipient is sent one message at a time, and all that make trouble share half of
/// the threads.
class Deliveries {
 public:
  /// Sends one request; whatever answer came. Waits for at most `kSendTimeout`.
  using Send = std::function<Result<net::SendResponse>(const net::SendRequest&)>;
  static constexpr std::chrono::seconds kSendTimeout{10};

  struct Dependencies {
    storage::Database& database;
    const Clock& clock;
    const crypto::Sealer& sealer;
    directory::KeyRing& keys;
    /// The public URL.
    std::string issuer;
    Send send;
    metrics::Registry& metrics;
  };

  explicit Deliveries(Dependencies dependencies);
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;
  /// Stops.
  ~Deliveries();

  void start();
  /// Something was queued. Quick, from any thread.
  void wake();
  /// Waits for what is being sent, then sends nothing any more.
  void stop();

 private:
  static constexpr std::size_t kSenders = 4;
  static constexpr std::size_t kSendersForTroubled = 2;
  /// A node that takes a delivery and dies leaves it to the others after so long.
  static constexpr std::chrono::seconds kClaim{60};
  static constexpr std::chrono::seconds kPoll{1};
  /// After so many in a row, a recipient stands back in the queue.
  static constexpr int kTurn = 20;
  /// A receiver that takes longer than this for an answer makes trouble.
  static constexpr std::chrono::seconds kSlow{2};

  /// What the database rings. It lives as long as the database, whose listeners stay, and knows when there is
  /// nobody left to wake.
  struct Bell {
    std::mutex mutex;
    Deliveries* job = nullptr;  // Guarded by mutex.
  };
  void listen();

  /// What is known of the one whom a delivery is for.
  struct Parcel;
  /// A request to send, or why there is none.
  struct Letter;

  void dispatch();
  void send_all();
  /// Those whose turn it is, at most as many as there are free senders. Under the lock.
  void hand_out(std::vector<directory::WaitingRecipient> due);
  /// Whether all went well.
  bool serve(const directory::Recipient& recipient);
  Result<bool> serve_one(const directory::Delivery& delivery);
  Result<Parcel> open_parcel(const directory::Delivery& delivery);
  Result<Letter> write_letter(const directory::Delivery& delivery, const Parcel& parcel);
  directory::DeliveryOutcome judge(const directory::Delivery& delivery,
                                   const Result<net::SendResponse>& answer);
  Result<void> record(const directory::Delivery& delivery, const directory::DeliveryOutcome& outcome);
  bool is_stopping();
  /// Until the next poll would be, or the end.
  void pause();

  Dependencies deps_;
  metrics::Counter& delivered_;
  metrics::Counter& failed_;
  metrics::Counter& dead_;

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable changed_;
  bool stopping_ = false;
  bool woken_ = false;
  std::deque<directory::Recipient> turns_;
  std::set<directory::Recipient> busy_;
  /// The last message to these failed, or was answered slowly.
  std::set<directory::Recipient> troubled_;

  std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  std::vector<std::thread> threads_;
};

}  // namespace doorward::jobs
