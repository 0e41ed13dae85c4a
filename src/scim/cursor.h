#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/seal.h"

namespace doorward::scim {

/// The resource behind which a page begins. It need not be there any more: what comes behind it is decided by
/// what it was sorted by, and by its integer id among those with the same value.
struct Place {
  /// 0 before the first one.
  std::int64_t id = 0;
  /// As the order needs it; empty where the id alone decides.
  std::string key = {};

  bool is_first() const { return id == 0; }
};

/// The cursors of one query (RFC 9865 section 2): where its pages begin. Sealed, because a place holds a
/// row's number in the database, which would tell how many others there are, and what somebody is called.
class Cursors {
 public:
  /// RFC 9865 section 2.3 lets a server forget cursors.
  static constexpr std::chrono::hours kLifetime{1};

  /// `query` is the account and everything of the request but the cursor: a cursor continues its own query
  /// only.
  Cursors(const crypto::Sealer& sealer, std::string_view query, Timestamp now);

  std::string at(const Place& place) const;
  /// `kInvalidCursor` when it is none of ours or of another query, `kExpiredCursor` when it is too old.
  Result<Place> place_of(std::string_view cursor) const;

 private:
  const crypto::Sealer& sealer_;
  const std::string context_;
  const Timestamp now_;
};

}  // namespace doorward::scim
