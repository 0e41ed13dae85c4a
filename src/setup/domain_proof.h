#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "directory/domain_claims.h"
#include "net/dns.h"

/// Whether the name server says what a claim asks for.
namespace doorward::setup {

struct DomainCheck {
  bool proven = false;
  /// For the administrator: what was found instead, what to do, and that name servers take their time.
  std::string finding;
};

/// Compares what `net::lookup_txt` brought for `claim.record_name()`: pure.
DomainCheck check_domain(const directory::DomainClaim& claim,
                         const Result<std::vector<std::string>>& records);

}  // namespace doorward::setup
