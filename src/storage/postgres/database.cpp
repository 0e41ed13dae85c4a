#include "storage/postgres/database.h"

#include <algorithm>
#include <utility>

#include <poll.h>
#include <sys/random.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/log.h"

namespace doorward::storage::postgres {
namespace {

constexpr std::size_t kMaxMessage = 7000;
constexpr std::string_view kChannel = "doorward";
constexpr std::size_t kNodeLength = 16;

/// For how long a write is tried again: as long as nothing is in doubt, the caller may as well do that.
constexpr std::chrono::seconds kRetryFor{4};
/// After a conflict it is only a matter of time.
constexpr std::chrono::seconds kContendFor{10};
/// For how long the outcome of a commit is looked for.
constexpr std::chrono::seconds kResolveFor{10};
constexpr std::chrono::seconds kCommitPatience{5};
constexpr std::chrono::milliseconds kFirstPause{4};
constexpr std::chrono::milliseconds kLongestPause{250};
/// How long the mark of a commit is kept: far longer than anybody looks for it.
constexpr std::chrono::hours kMarkLasts{1};

/// A body that writes again would wait for a connection, and for itself.
thread_local const void* body_of = nullptr;

class BodyScope {
 public:
  explicit BodyScope(const void* database) { body_of = database; }
  ~BodyScope() { body_of = nullptr; }
  BodyScope(const BodyScope&) = delete;
  BodyScope& operator=(const BodyScope&) = delete;
};

Bytes random_bytes(std::size_t count) {
  Bytes bytes(count, '\0');
  // At most 256 bytes always come whole.
  CHECK(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(count));
  return bytes;
}

bool is_retryable(const Error& error) {
  return error.code == kLost || error.code == kConflict || error.code == kReadOnly;
}

/// What callers are told of this room's inner codes.
Error outward(Error error) {
  if (is_retryable(error)) error.code = kUnavailable;
  return error;
}

/// Pauses that double, of which a random part is waited: those who stood in each other's way must not meet
/// again.
class Backoff {
 public:
  void wait() {
    const auto spread = static_cast<unsigned char>(random_bytes(1).front());
    const std::int64_t time = pause_.count() / 2 + pause_.count() * spread / 512;
    // There is nothing that would tell when the server is back, or the other transaction over.
    ::poll(nullptr, 0, static_cast<int>(time));
    pause_ = std::min(pause_ * 2, kLongestPause);
  }

 private:
  std::chrono::milliseconds pause_ = kFirstPause;
};

}  // namespace

Result<std::int64_t> Transaction::run(std::string_view sql, Parameters parameters,
                                      const std::function<void(const Row&)>& on_row) {
  auto outcome = connection_.run(sql, parameters, on_row);
  if (!outcome) {
    CHECK(access_ == Access::Write || outcome.error().code != kReadOnly);
    if (!first_failure_) first_failure_ = outcome.error();
  }
  return outcome;
}

Result<void> Transaction::query(std::string_view sql, Parameters parameters,
                                const std::function<void(const Row&)>& on_row) {
  RETURN_IF_ERROR(run(sql, parameters, on_row));
  return {};
}

Result<std::int64_t> Transaction::execute(std::string_view sql, Parameters parameters) {
  return run(sql, parameters, {});
}

Result<void> Transaction::notify(std::string_view channel, std::string_view message) {
  CHECK(access_ == Access::Write);
  CHECK(message.size() <= kMaxMessage);
  messages_.push_back({std::string(channel), std::string(message)});
  return {};
}

Result<std::unique_ptr<storage::Database>> Database::open(const std::string& url,
                                                          const OpenOptions& options) {
  CHECK(options.max_connections > 0);
  ASSIGN_OR_RETURN(Target target, Target::parse(url));
  ASSIGN_OR_RETURN(Target direct, Target::parse(options.direct_url.empty() ? url : options.direct_url));
  return std::unique_ptr<storage::Database>(
      new Database({.target = std::move(target),
                    .statements = options.direct_url.empty() ? Statements::Prepared : Statements::Unnamed,
                    .max_connections = static_cast<std::size_t>(options.max_connections)},
                   std::move(direct)));
}

Database::Database(Pool::Options pool, Target direct)
    : time_outs_(pool.statements == Statements::Unnamed ? Connection::time_outs("SET LOCAL") : ""),
      direct_(std::move(direct)),
      node_(to_hex(random_bytes(kNodeLength / 2))),
      pool_(
          Pool::Options{
              .target = std::move(pool.target),
              .statements = pool.statements,
              .max_connections = pool.max_connections,
              // A command of a moment has no listener: what each connection proved at its beginning suffices.
              .is_proven =
                  [this] {
                    const postgres::Listener* listener = heard_by_.load();
                    return listener == nullptr || listener->is_proven();
                  }},
          proofs_) {}

/// The attempts of one write, of which at most one commits.
///
/// Each transaction begins with an id of its own in the table `commits`. When a connection breaks during
/// COMMIT, the next attempt writes the same id: while the other's server process still works at it, the
/// unique index makes us wait; then the id is there, and that attempt has committed, or it is not, and never
/// will be.
class Database::Write {
 public:
  Write(Database& database, const Work& work) : database_(database), work_(work) {}

  Result<void> run() {
    Backoff backoff;
    std::unique_lock turn(database_.turns_, std::defer_lock);
    for (;;) {
      Result<void> outcome = attempt();
      if (outcome) return {};
      if (!in_doubt_ && !is_retryable(outcome.error())) return outcome;
      conflicted_ = outcome.error().code == kConflict;
      if (std::chrono::steady_clock::now() >= end()) return give_up(std::move(outcome).error());
      // Whom another stood in the way goes on alone among those of this node: all at once they would meet
      // again.
      if (conflicted_ && !turn.owns_lock()) {
        static_cast<void>(turn.try_lock_until(end()));
      } else {
        backoff.wait();
      }
    }
  }

 private:
  using Moment = std::chrono::steady_clock::time_point;

  Moment end() const {
    if (in_doubt_) return *doubted_at_ + kResolveFor;
    return began_at_ + (conflicted_ ? kContendFor : kRetryFor);
  }

  Result<void> give_up(Error error) {
    if (!in_doubt_) return fail(outward(std::move(error)));
    // If it has committed, caches must forget; if not, they forget too much.
    database_.deliver(messages_);
    return fail(
        ErrorKind::Unavailable, kUnavailable,
        "The connection to the database was lost while the change was made: it is not known whether it was. "
        "Look before you try again.",
        std::move(error).detail);
  }

  Result<void> attempt() {
    ASSIGN_OR_RETURN(Pool::Lease connection, database_.pool_.take());
    ASSIGN_OR_RETURN(const bool committed_before, begin(*connection));
    if (committed_before) return confirm(*connection);
    in_doubt_ = false;
    Transaction transaction(*connection, Access::Write);
    const Result<void> outcome = run_body(transaction, *connection);
    if (!outcome) return outcome;
    messages_ = transaction.messages();
    return commit(*connection);
  }

  /// Whether the attempt before this has committed.
  Result<bool> begin(Connection& connection) {
    if (!in_doubt_) id_ = to_hex(random_bytes(16));
    std::string script = "BEGIN ISOLATION LEVEL SERIALIZABLE; ";
    Duration patience = Connection::kBrief;
    script += database_.time_outs_;
    if (in_doubt_) {
      const auto left = std::chrono::ceil<Duration>(end() - std::chrono::steady_clock::now());
      script += "SET LOCAL lock_timeout = " + std::to_string(std::max<std::int64_t>(left.count(), 1)) + "; ";
      patience += std::max(left, Duration::zero());
    }
    script += "INSERT INTO commits (id, at) VALUES ('\\x" + id_ + "', " +
              std::to_string(to_millis(SystemClock().now())) + ")";
    const auto begun = connection.run_script(script, patience);
    if (begun) return false;
    connection.send_rollback();
    if (in_doubt_ && begun.error().code == kDuplicate) return true;
    return fail(begun.error());
  }

  /// A change of our own, which is durable, and on the standby, only after all that came before it: the
  /// commit may have been cut off while it waited for the standby.
  Result<void> confirm(Connection& connection) {
    ASSIGN_OR_RETURN(const std::string tag,
                     connection.run_script("UPDATE commits SET at = at + 1 WHERE id = '\\x" + id_ + "'",
                                           Connection::kBrief));
    if (tag != "UPDATE 1" || connection.was_warned())
      return fail(ErrorKind::Unavailable, kLost, "The commit could not be confirmed.");
    database_.deliver(messages_);
    return {};
  }

  /// Whether the body met a duplicate for the first time. It may be another writer's who looked at the same
  /// moment and saw as little: PostgreSQL tells that by the unique index before it finds the conflict
  /// (https://www.postgresql.org/docs/15/mvcc-serialization-failure-handling.html). Then the body sees it
  /// when it runs again, and says what it has to say of it.
  bool met_duplicate(const Transaction& transaction) {
    if (has_met_duplicate_ || !transaction.first_failure()) return false;
    has_met_duplicate_ = transaction.first_failure()->code == kDuplicate;
    return has_met_duplicate_;
  }

  Result<void> run_body(Transaction& transaction, Connection& connection) {
    // Rolled back also when the body throws.
    struct Ending {
      Connection& connection;
      bool keep = false;
      ~Ending() {
        if (!keep) connection.send_rollback();
      }
    };
    Ending ending{connection};
    const BodyScope scope(&database_);
    const Result<void> outcome = work_(transaction);
    // Whatever the body made of it: after a conflict it runs again.
    if (transaction.first_failure() && is_retryable(*transaction.first_failure()))
      return fail(*transaction.first_failure());
    if (!outcome && met_duplicate(transaction)) {
      return fail(ErrorKind::Unavailable, kConflict,
                  "Another change stood in the way. Try again in a moment.",
                  transaction.first_failure()->detail);
    }
    if (!outcome) return outcome;
    if (transaction.first_failure()) return fail(*transaction.first_failure());
    ending.keep = true;
    return {};
  }

  Result<void> commit(Connection& connection) {
    // One round trip: a message that cannot be sent keeps COMMIT from being reached.
    std::string script;
    for (const Transaction::Message& message : messages_) {
      script += "SELECT pg_notify('" + std::string(kChannel) + "', " +
                connection.quoted(database_.node_ + ' ' + message.channel + ' ' + message.text) + "); ";
    }
    const auto committed = connection.run_script(script + "COMMIT", kCommitPatience);
    if (committed && *committed == "COMMIT" && !connection.was_warned()) {
      database_.deliver(messages_);
      return {};
    }
    if (committed && *committed != "COMMIT") {
      return fail(ErrorKind::Internal, "storage.failed",
                  "The database did not commit. The log has its reason.",
                  "COMMIT was answered by " + *committed);
    }
    // The server's own word that it was rolled back is no loss. A warning says that the commit is not on the
    // standby.
    if (!committed && !connection.is_lost()) {
      connection.send_rollback();
      return fail(committed.error());
    }
    in_doubt_ = true;
    if (!doubted_at_) doubted_at_ = std::chrono::steady_clock::now();
    return fail(ErrorKind::Unavailable, kLost, "The connection to the database was lost during a commit.",
                committed ? "" : committed.error().detail);
  }

  Database& database_;
  const Work& work_;
  const Moment began_at_ = std::chrono::steady_clock::now();
  std::string id_;
  /// Another transaction stood in the way of the last attempt.
  bool conflicted_ = false;
  /// The last attempt may have committed.
  bool in_doubt_ = false;
  bool has_met_duplicate_ = false;
  /// When an attempt's outcome was not known for the first time.
  std::optional<Moment> doubted_at_;
  /// Of the last attempt.
  std::vector<Transaction::Message> messages_;
};

Result<void> Database::run_write(const Work& work) {
  CHECK(body_of != this);
  return Write(*this, work).run();
}

Result<void> Database::run_read(const Work& work) {
  const std::string begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; " + time_outs_;
  const auto start = [&]() -> Result<Pool::Lease> {
    ASSIGN_OR_RETURN(Pool::Lease connection, pool_.take());
    RETURN_IF_ERROR(connection->run_script(begin, Connection::kBrief));
    return connection;
  };
  const auto start_anew = [&]() -> Result<Pool::Lease> {
    auto connection = start();
    // One that idled may have been closed without our knowing.
    if (connection || !(connection.error().code == kLost)) return connection;
    return start();
  };
  auto connection = start_anew();
  if (!connection) return fail(outward(std::move(connection).error()));
  struct Ending {
    Connection& connection;
    ~Ending() { connection.send_rollback(); }
  };
  const Ending ending{**connection};
  Transaction transaction(**connection, Access::Read);
  const Result<void> outcome = work(transaction);
  if (transaction.first_failure()) return fail(outward(*transaction.first_failure()));
  return outcome;
}

void Database::deliver(const std::vector<Transaction::Message>& messages) {
  if (messages.empty()) return;
  const std::lock_guard lock(listeners_mutex_);
  for (const Transaction::Message& message : messages) {
    const auto [first, last] = listeners_.equal_range(message.channel);
    std::for_each(first, last, [&](const auto& entry) { entry.second(message.text); });
  }
}

/// `NODE CHANNEL MESSAGE`. What is not so was sent by somebody else, who knows the channel.
void Database::hear(std::string_view notification) {
  if (notification.size() <= kNodeLength || notification[kNodeLength] != ' ') return;
  if (notification.starts_with(node_)) return;
  const std::string_view rest = notification.substr(kNodeLength + 1);
  const std::size_t space = rest.find(' ');
  if (space == std::string_view::npos) return;
  deliver({{std::string(rest.substr(0, space)), std::string(rest.substr(space + 1))}});
}

void Database::mind(postgres::Listener::Gap gap) {
  pool_.doubt();
  if (gap != postgres::Listener::Gap::Late) pool_.drop_idle();
  if (gap == postgres::Listener::Gap::Silent) pool_.abandon();
}

postgres::Listener& Database::listener() {
  std::call_once(listening_, [this] {
    listener_ = std::make_unique<postgres::Listener>(
        direct_, proofs_, std::string(kChannel),
        [this](std::string_view notification) { hear(notification); },
        [this](postgres::Listener::Gap gap) { mind(gap); });
    heard_by_ = listener_.get();
  });
  return *listener_;
}

void Database::listen(std::string_view channel, Listener listener) {
  CHECK(channel.find(' ') == std::string_view::npos);
  {
    const std::lock_guard lock(listeners_mutex_);
    listeners_.emplace(std::string(channel), std::move(listener));
  }
  this->listener();
}

Result<std::int64_t> Database::foreign_version() {
  return listener().version();
}

bool Database::leads(std::string_view role) {
  return listener().leads(role);
}

Result<std::int64_t> Database::clean_up(Timestamp now) {
  constexpr int kBatch = 5'000;
  ASSIGN_OR_RETURN(Pool::Lease connection, pool_.take());
  std::int64_t total = 0;
  // Each on its own, and without the serializable transactions' bookkeeping.
  for (std::int64_t deleted = kBatch; deleted == kBatch; total += deleted) {
    ASSIGN_OR_RETURN(deleted, connection->run("DELETE FROM commits WHERE id IN"
                                              " (SELECT id FROM commits WHERE at < $1 ORDER BY at LIMIT $2)",
                                              {now - kMarkLasts, kBatch}, {}));
  }
  return total;
}

Result<void> Database::check_integrity() {
  return fail(ErrorKind::InvalidInput, "storage.other_tool",
              "Whether a PostgreSQL database is sound is checked by PostgreSQL's own pg_amcheck.");
}

Result<void> Database::backup(const std::string&) {
  return fail(
      ErrorKind::InvalidInput, "storage.other_tool",
      "A PostgreSQL database is backed up by PostgreSQL's own tools: pg_dump, or pgBackRest for one that is "
      "large or must lose nothing.");
}

}  // namespace doorward::storage::postgres
