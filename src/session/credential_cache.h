#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/metrics.h"
#include "base/result.h"
#include "directory/notices.h"
#include "storage/database.h"

namespace doorward::session {

/// Whom a credential stands for: what a notice is compared with.
struct Holder {
  directory::AccountId account = {};
  std::optional<directory::EmployeeId> employee = {};
  std::optional<directory::SessionId> session = {};
};

/// A value that is made by whoever asks first, and is the same for all after that.
template <class T>
class Memo {
 public:
  template <class Make>
  const T& get(Make make) const {
    std::call_once(once_, [&] { value_ = make(); });
    return value_;
  }

 private:
  mutable std::once_flag once_;
  mutable T value_ = {};
};

/// What the credentials that are shown to us (session cookies, tokens) stand for, in memory where possible.
/// What ends one, on this node, on another or in another process, makes the memory forget it before that
/// change is answered. `Kind` says what is kept:
///
///     Value                                        what a credential stands for
///     Touch                                        that it was used: collected, and written together
///     static std::int64_t id(const Value&)         of whatever is touched
///     static Holder holder(const Value&)
///     static Timestamp last_used_at(const Value&)  as it is stored
///     static Timestamp good_until(const Value&, Timestamp read_at)
///     static Touch touch(const Value&, Timestamp now)
template <class Kind>
class CredentialCache {
 public:
  using Value = typename Kind::Value;
  using Touch = typename Kind::Touch;
  using Kept = std::shared_ptr<const Value>;

  /// What is kept in memory; the rest is found in the database.
  static constexpr std::size_t kMaxKept = 20'000;
  /// How far a stored time of use may lag behind.
  static constexpr std::chrono::seconds kTouchInterval{60};

  /// With `idle`, what is not used for so long is read anew.
  CredentialCache(storage::Database& database, std::optional<Duration> idle, metrics::Counter& hits,
                  metrics::Counter& misses)
      : database_(database), idle_(idle), hits_(hits), misses_(misses) {
    directory::on_notice(database_, [this](const directory::Notice& notice) { forget(notice); });
  }
  CredentialCache(const CredentialCache&) = delete;
  CredentialCache& operator=(const CredentialCache&) = delete;

  /// What the credential with this hash stands for; null for nothing. `read(Transaction&)` asks the database
  /// and gives a `Result` of an optional that a `Value` can be made of.
  template <class Read>
  Result<Kept> find(const Bytes& hash, Timestamp now, Read read) {
    ASSIGN_OR_RETURN(const std::int64_t version, database_.foreign_version());
    std::uint64_t generation = 0;
    {
      const std::lock_guard lock(mutex_);
      if (version != foreign_version_) {
        foreign_version_ = version;
        forget_all();
      }
      if (Kept kept = find_kept(hash, now)) {
        hits_.add();
        return kept;
      }
      generation = generation_;
    }
    misses_.add();
    ASSIGN_OR_RETURN(auto found, database_.read(read));
    if (!found) return nullptr;
    Kept made = std::make_shared<const Value>(*std::move(found));
    keep(hash, made, generation, now);
    return made;
  }

  /// What was used since the last call.
  std::vector<Touch> take_touches() {
    const std::lock_guard lock(mutex_);
    std::vector<Touch> taken;
    taken.reserve(touches_.size());
    for (const auto& [id, touch] : touches_)
      taken.push_back(touch);
    touches_.clear();
    return taken;
  }

 private:
  struct Entry {
    Kept value;
    Timestamp good_until;
    Timestamp idle_until;
    Timestamp touched_at;
  };
  /// Account and employee; 0 for nobody's.
  struct Owner {
    std::int64_t account = 0;
    std::int64_t employee = 0;
    bool operator==(const Owner&) const = default;
  };
  struct OwnerHash {
    std::size_t operator()(const Owner& owner) const {
      return std::hash<std::int64_t>()(owner.account * 0x1000003 ^ owner.employee);
    }
  };

  static Owner owner_of(const Holder& holder) {
    return {holder.account.value, holder.employee.value_or(directory::EmployeeId{}).value};
  }
  Timestamp idle_end(Timestamp now) const { return idle_ ? now + *idle_ : Timestamp::max(); }

  Kept find_kept(const Bytes& hash, Timestamp now) {
    const auto found = kept_.find(hash);
    if (found == kept_.end()) return nullptr;
    Entry& entry = found->second;
    if (now >= entry.idle_until || now >= entry.good_until) {
      erase(found);
      return nullptr;
    }
    entry.idle_until = idle_end(now);
    if (now - entry.touched_at >= kTouchInterval) {
      entry.touched_at = now;
      touches_[Kind::id(*entry.value)] = Kind::touch(*entry.value, now);
    }
    return entry.value;
  }

  void keep(const Bytes& hash, Kept value, std::uint64_t generation, Timestamp now) {
    const std::lock_guard lock(mutex_);
    // Something was forgotten while this was read: it may be what was read.
    if (generation != generation_) return;
    if (kept_.size() >= kMaxKept) erase(kept_.begin());
    auto& hashes = by_owner_[owner_of(Kind::holder(*value))];
    if (std::find(hashes.begin(), hashes.end(), hash) == hashes.end()) hashes.push_back(hash);
    if (now - Kind::last_used_at(*value) >= kTouchInterval)
      touches_[Kind::id(*value)] = Kind::touch(*value, now);
    const Timestamp good_until = Kind::good_until(*value, now);
    kept_[hash] = Entry{std::move(value), good_until, idle_end(now), now};
  }

  void erase(typename std::unordered_map<Bytes, Entry>::iterator found) {
    const auto owner = by_owner_.find(owner_of(Kind::holder(*found->second.value)));
    if (owner != by_owner_.end()) {
      std::erase(owner->second, found->first);
      if (owner->second.empty()) by_owner_.erase(owner);
    }
    kept_.erase(found);
  }

  void forget_all() {
    ++generation_;
    kept_.clear();
    by_owner_.clear();
  }

  void forget(const directory::Notice& notice) {
    const std::lock_guard lock(mutex_);
    ++generation_;
    if (notice.employee) {
      const auto owner = by_owner_.find(owner_of({notice.account, notice.employee}));
      if (owner == by_owner_.end()) return;
      for (const Bytes& hash : owner->second)
        kept_.erase(hash);
      by_owner_.erase(owner);
      return;
    }
    for (auto next = kept_.begin(); next != kept_.end();) {
      const auto entry = next++;
      const Holder holder = Kind::holder(*entry->second.value);
      if (holder.account == notice.account && (!notice.session || holder.session == notice.session))
        erase(entry);
    }
  }

  storage::Database& database_;
  const std::optional<Duration> idle_;
  metrics::Counter& hits_;
  metrics::Counter& misses_;

  std::mutex mutex_;  // Guards what follows.
  std::unordered_map<Bytes, Entry> kept_;
  /// The credentials of an employee, to forget them by.
  std::unordered_map<Owner, std::vector<Bytes>, OwnerHash> by_owner_;
  std::unordered_map<std::int64_t, Touch> touches_;
  std::int64_t foreign_version_ = -1;
  /// Grows with everything that is forgotten: what was read before must not be kept after.
  std::uint64_t generation_ = 0;
};

}  // namespace doorward::session
