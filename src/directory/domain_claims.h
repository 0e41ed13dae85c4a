#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/audit.h"
#include "directory/domains.h"
#include "directory/ids.h"
#include "storage/database.h"

/// Domains that an account says are its own, until the name server proves it.
namespace doorward::directory {

struct DomainClaim {
  DomainClaimId id;
  AccountId account;
  /// As `normalise_domain` gives it.
  std::string name;
  /// What the TXT record must say: `doorward-verification=` and 32 random characters of base64url, different
  /// for each account and name.
  std::string record_value;
  Timestamp claimed_at;
  std::string claimed_by;
  std::optional<Timestamp> checked_at;
  /// What the last check found wrong; empty before the first.
  std::string finding;

  /// Where the record must be: `_doorward.` and the name, which no web site or mail server uses.
  std::string record_name() const { return "_doorward." + name; }
};

inline constexpr int kMaxDomainClaims = 50;
inline constexpr ErrorCode kNoDomainClaim = "directory.no_domain_claim";

/// Refuses a test account, what `normalise_domain` refuses, a domain that the account has already, and one
/// claim too many. An existing claim is given back as it is, so that a record that is already published stays
/// right. Whether another account has the domain is not told before it is proven.
Result<DomainClaim> claim_domain(storage::Transaction& transaction, AccountId account, std::string_view name,
                                 const Actor& actor, Timestamp now);
Result<std::optional<DomainClaim>> find_domain_claim(storage::Transaction& transaction, AccountId account,
                                                     std::string_view name);
/// By name.
Result<std::vector<DomainClaim>> list_domain_claims(storage::Transaction& transaction, AccountId account);
/// Notes a check that did not prove it; `kNoDomainClaim` when it is gone.
Result<void> record_domain_check(storage::Transaction& transaction, AccountId account, DomainClaimId id,
                                 std::string_view finding, Timestamp now);
/// The claim becomes a domain with the proof `Dns`; `kNoDomainClaim` when it is gone, else fails as
/// `add_domain` does, and the claim stays.
Result<Domain> prove_domain(storage::Transaction& transaction, AccountId account, DomainClaimId id,
                            const Actor& actor, Timestamp now);
/// `kNoDomainClaim` when there is none.
Result<void> withdraw_domain_claim(storage::Transaction& transaction, AccountId account,
                                   std::string_view name, const Actor& actor, Timestamp now);
/// All of them, without a word.
Result<void> delete_domain_claims(storage::Transaction& transaction, AccountId account);

}  // namespace doorward::directory
