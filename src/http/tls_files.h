#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/result.h"
#include "crypto/tls.h"
#include "http/server.h"

namespace doorward::http {

/// The identity in the configured files, as it was when they could last be used. Safe to use from several
/// threads.
class TlsFiles {
 public:
  static Result<std::unique_ptr<TlsFiles>> open(TlsOptions options);

  crypto::TlsIdentity identity() const;

  /// Reads the files again; on failure the identity stays.
  Result<void> reload();
  /// The same, if a file has changed since it was last read. Logs what happened.
  void reload_if_changed();

  std::chrono::milliseconds poll_interval() const { return options_.poll_interval; }

 private:
  /// When a file was changed last, and by which file it may have been replaced.
  struct Stamp {
    std::int64_t changed_nanos = 0;
    std::uint64_t inode = 0;
    std::int64_t size = -1;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  using Stamps = std::array<Stamp, 2>;

  TlsFiles(TlsOptions options, crypto::TlsIdentity identity, Stamps stamps)
      : options_(std::move(options)), identity_(std::move(identity)), stamps_(stamps) {}

  static Stamps stamps_of(const TlsOptions& options);

  const TlsOptions options_;
  mutable std::mutex mutex_;
  crypto::TlsIdentity identity_;  // Guarded by mutex_.
  Stamps stamps_;                 // Guarded by mutex_.
};

}  // namespace doorward::http
