#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "directory/mails.h"
#include "jobs/letters.h"
#include "net/mail.h"
#include "storage/database.h"

namespace doorward::jobs {

struct MailerOptions {
  net::Mailbox from = {};
  /// Without a final slash.
  std::string public_url = {};
  /// Whom readers may ask; empty when nobody is named.
  std::string contact = {};
};

/// Sends the mails that wait, one after the other.
class Mailer {
 public:
  using Send = std::function<Result<void>(const net::Mail&)>;
  /// Whatever could not be sent for so long is given up.
  static constexpr std::chrono::hours kGiveUpAfter{48};
  static constexpr int kBatch = 20;

  /// Without a way to send, mails that wait are given up with the words that say so.
  Mailer(storage::Database& database, const Clock& clock, MailerOptions options, Send send,
         metrics::Registry& metrics);

  /// Until none is due, or `stop` was called. A mail that cannot be sent is tried again later and holds up no
  /// other; a server that cannot be reached ends the round.
  Result<void> run();
  void stop() { stopping_ = true; }

 private:
  Result<bool> deliver(const directory::QueuedMail& queued);
  Result<Letter> letter_for(const directory::QueuedMail& queued);
  Result<void> add_link(const directory::QueuedMail& queued, LetterFacts& facts);

  storage::Database& database_;
  const Clock& clock_;
  const MailerOptions options_;
  const Send send_;
  std::atomic<bool> stopping_ = false;
  metrics::Counter& sent_;
  metrics::Counter& failed_;
};

}  // namespace doorward::jobs
