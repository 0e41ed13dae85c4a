#include "storage/sqlite/wal_index.h"

#include <atomic>
#include <bit>
#include <cstddef>

namespace doorward::storage::sqlite {

namespace {

/// What the layout is good for: SQLite has used this one since WAL exists.
///
///     0  version     4  unused         8  changes   12  flags, page size
///    16  last frame  20  pages        24  checksum of the last frame
///    32  salts, new ones when the log starts anew   40  checksum of these 40 bytes
constexpr std::uint32_t kVersion = 3'007'000;
constexpr std::size_t kHeaderWords = 48 / sizeof(std::uint64_t);

std::uint64_t load(std::uint64_t& word) {
  return std::atomic_ref(word).load(std::memory_order_relaxed);
}

}  // namespace

WalIndex::WalIndex(void* region) : header_(static_cast<std::uint64_t*>(region)) {
  if (header_ == nullptr) return;
  const std::uint64_t first = load(*header_);
  const auto version =
      static_cast<std::uint32_t>(std::endian::native == std::endian::little ? first : first >> 32);
  if (version != kVersion) header_ = nullptr;
}

// Of the two copies of the header, SQLite writes this one last: when a commit has returned, it is new. One
// that is read half-written equals neither the old nor the new one.
std::uint64_t WalIndex::state() const {
  if (header_ == nullptr) return 0;
  // FNV-1a over words, so that a number stands for all of them: the checksums alone are sums.
  std::uint64_t state = 0xCBF29CE484222325;
  for (std::size_t i = 0; i < kHeaderWords; ++i) {
    state = (state ^ load(header_[i])) * 0x100000001B3;
    state ^= state >> 32;
  }
  return state | 1;
}

}  // namespace doorward::storage::sqlite
