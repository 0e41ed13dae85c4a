#pragma once

#include <cstdint>

namespace doorward::storage::sqlite {

/// The header of the WAL index: shared memory in which all connections to a database, those of other
/// processes included, tell one another what was committed (https://sqlite.org/walformat.html section 2.1).
class WalIndex {
 public:
  /// What SQLite maps at a time, the header first.
  static constexpr int kRegionBytes = 32 * 1024;

  /// No header: nothing can be told.
  WalIndex() = default;
  /// `region` is the first region as a connection mapped it, which must stay open; it may be null.
  explicit WalIndex(void* region);

  /// A number that differs after every commit, whoever made it; 0 when nothing can be told. Costs no system
  /// call and takes no lock.
  std::uint64_t state() const;

 private:
  std::uint64_t* header_ = nullptr;
};

}  // namespace doorward::storage::sqlite
