#include "storage/postgres/listener.h"

#include <vector>

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"

namespace doorward::storage::postgres {
namespace {

constexpr std::chrono::seconds kAnswer{2};
constexpr std::chrono::milliseconds kReconnect{200};
constexpr int kIdleSessionTimeoutSince = 140'000;

}  // namespace

Listener::Listener(Target target, OpenProofs& proofs, std::string channel, OnMessage on_message, OnGap on_gap)
    : target_(std::move(target)),
      proofs_(proofs),
      channel_(std::move(channel)),
      on_message_(std::move(on_message)),
      on_gap_(std::move(on_gap)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { run(); }) {
  CHECK(wake_ >= 0);
}

Listener::~Listener() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ::eventfd_write(wake_, 1);
  roles_changed_.notify_all();
  thread_.join();
  ::close(wake_);
}

std::int64_t Listener::version() {
  // The proof first: whoever proves something new has changed the version before.
  if (proven_within(kProofLasts)) return version_.load();
  return ++version_;
}

bool Listener::leads(std::string_view role) {
  std::unique_lock lock(mutex_);
  const auto [place, is_new] = roles_.try_emplace(std::string(role), Role::Unknown);
  if (is_new) {
    ::eventfd_write(wake_, 1);
    roles_changed_.wait_for(lock, std::chrono::seconds(1), [&] { return place->second != Role::Unknown; });
  }
  return place->second == Role::Held && proven_within(kRoleLasts);
}

bool Listener::proven_within(std::chrono::milliseconds time) const {
  const Moment proven = proven_at_.load();
  return proven != Moment::min() && std::chrono::steady_clock::now() - proven < time;
}

void Listener::run() {
  bool told = false;
  while (!is_stopping()) {
    const Result<void> served = serve();
    // Once for each outage.
    if (proven_at_.exchange(Moment::min()) != Moment::min()) told = false;
    forget_roles();
    if (served) return;
    if (!told) log::failure(log::Level::Warning, "storage.not_listening", served.error());
    told = true;
    pause(kReconnect);
  }
}

/// Until it is time to stop, or the connection is lost.
Result<void> Listener::serve() {
  ASSIGN_OR_RETURN(const auto connection, Connection::open(target_, Statements::Prepared, proofs_));
  RETURN_IF_ERROR(prepare(*connection));
  Result<void> served = listen(*connection);
  if (!served) on_gap_(connection->is_silent() ? Gap::Silent : Gap::Broken);
  return served;
}

Result<void> Listener::listen(Connection& connection) {
  Moment next = Moment::min();
  eventfd_t woken = 0;
  while (!is_stopping()) {
    const Moment now = std::chrono::steady_clock::now();
    if (now >= next || woken != 0) {
      next = now + kHeartbeat;
      RETURN_IF_ERROR(beat(connection));
      RETURN_IF_ERROR(seek_roles(connection));
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - std::chrono::steady_clock::now());
    if (left.count() > 0) connection.wait_for_input(wake_, left);
    woken = 0;
    ::eventfd_read(wake_, &woken);
    connection.take_messages(on_message_);
  }
  return {};
}

Result<void> Listener::prepare(Connection& connection) {
  std::string script =
      "SET statement_timeout = 0; SET tcp_user_timeout = 5000; SET tcp_keepalives_idle = 3;"
      " SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 2;";
  // A stopped process keeps its connection, and would keep its roles.
  if (connection.server_version() >= kIdleSessionTimeoutSince) {
    script +=
        " SET idle_session_timeout = " + std::to_string(std::chrono::milliseconds(kSilence).count()) + ";";
  }
  RETURN_IF_ERROR(connection.run_script(script + " LISTEN " + channel_, kAnswer));
  // What was sent before is lost.
  ++version_;
  return {};
}

Result<void> Listener::beat(Connection& connection) {
  const Moment sent = std::chrono::steady_clock::now();
  RETURN_IF_ERROR(connection.prove());
  connection.take_messages(on_message_);
  if (!is_proven()) on_gap_(Gap::Late);
  proven_at_.store(sent);
  return {};
}

/// The lock of each role that somebody asked for and that is not ours.
Result<void> Listener::seek_roles(Connection& connection) {
  std::vector<std::string> wanted;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [role, state] : roles_)
      if (state != Role::Held) wanted.push_back(role);
  }
  for (const std::string& role : wanted) {
    bool held = false;
    RETURN_IF_ERROR(connection.run(
        "SELECT pg_try_advisory_lock(hashtextextended(COALESCE(current_schema(), '') || ' role ' || $1, 0))",
        {role}, [&](const Row& row) { held = row.flag(0); }, kAnswer));
    const std::lock_guard lock(mutex_);
    roles_[role] = held ? Role::Held : Role::Others;
    roles_changed_.notify_all();
    if (held) log::info("storage.leading", {{"role", role}});
  }
  return {};
}

void Listener::forget_roles() {
  const std::lock_guard lock(mutex_);
  for (auto& [role, state] : roles_)
    state = Role::Others;
}

void Listener::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  roles_changed_.wait_for(lock, time, [&] { return stopping_; });
}

bool Listener::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

}  // namespace doorward::storage::postgres
