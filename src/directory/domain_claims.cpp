#include "directory/domain_claims.h"

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/random.h"

namespace doorward::directory {
namespace {

#define CLAIM_COLUMNS "id, account_id, name, token, claimed_at, claimed_by, checked_at, finding"

/// So that whoever finds the record knows what it is for.
constexpr std::string_view kValuePrefix = "doorward-verification=";
/// 32 characters of base64url.
constexpr std::size_t kTokenBytes = 24;
/// RFC 1035 section 3.1, without the root.
constexpr std::size_t kMaxNameBytes = 253;

DomainClaim read_claim(const storage::Row& row) {
  DomainClaim claim;
  claim.id = row.id<DomainClaimId>(0);
  claim.account = row.id<AccountId>(1);
  claim.name = row.text(2);
  claim.record_value = std::string(kValuePrefix) + std::string(row.text(3));
  claim.claimed_at = row.time(4);
  claim.claimed_by = row.text(5);
  claim.checked_at = row.optional_time(6);
  claim.finding = row.text(7);
  return claim;
}

tl::unexpected<Error> no_claim() {
  return fail(ErrorKind::NotFound, kNoDomainClaim,
              "The domain does not wait to be proven. Somebody may have removed it: look at the list again.");
}

/// Refuses what the account has already, and one claim too many.
Result<void> check_room(storage::Transaction& transaction, AccountId account, const std::string& name) {
  const auto number = [](const storage::Row& row) { return row.integer(0); };
  ASSIGN_OR_RETURN(const auto own,
                   transaction.first("SELECT id FROM domains WHERE account_id = $1 AND name = $2",
                                     {account, name}, number));
  if (own) {
    return fail(ErrorKind::Conflict, "directory.domain_proven",
                "The account has the domain " + name + " already.");
  }
  ASSIGN_OR_RETURN(
      const auto claims,
      transaction.first("SELECT count(*) FROM domain_claims WHERE account_id = $1", {account}, number));
  if (*claims < kMaxDomainClaims) return {};
  return fail(ErrorKind::Refused, "directory.too_many_claims",
              std::to_string(kMaxDomainClaims) +
                  " domains wait to be proven already. Prove or remove some of them first.");
}

}  // namespace

Result<DomainClaim> claim_domain(storage::Transaction& transaction, AccountId account, std::string_view name,
                                 const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(check_may_have_domains(transaction, account));
  ASSIGN_OR_RETURN(const std::string normal, normalise_domain(name));
  ASSIGN_OR_RETURN(auto existing, find_domain_claim(transaction, account, normal));
  if (existing) return *std::move(existing);
  DomainClaim claim;
  claim.name = normal;
  if (claim.record_name().size() > kMaxNameBytes) {
    return fail(ErrorKind::InvalidInput, "directory.domain_too_long",
                "The domain's name is too long to be proven by a record. Ask support to add it.");
  }
  RETURN_IF_ERROR(check_room(transaction, account, normal));
  const std::string token = to_base64url(crypto::random_bytes(kTokenBytes));
  ASSIGN_OR_RETURN(
      auto made,
      transaction.first("INSERT INTO domain_claims (account_id, name, token, claimed_at, claimed_by)"
                        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
                        " RETURNING " CLAIM_COLUMNS,
                        {account, normal, token, now, actor.name}, read_claim));
  if (!made) {
    return fail(ErrorKind::Conflict, "directory.domain_claimed",
                "Somebody else has just added " + normal + ". Look at the list again.");
  }
  RETURN_IF_ERROR(record_audit(transaction, account, actor, "domain.claimed", normal, {}, now));
  return *std::move(made);
}

Result<std::optional<DomainClaim>> find_domain_claim(storage::Transaction& transaction, AccountId account,
                                                     std::string_view name) {
  return transaction.first("SELECT " CLAIM_COLUMNS " FROM domain_claims WHERE account_id = $1 AND name = $2",
                           {account, to_ascii_lower(trim(name))}, read_claim);
}

Result<std::vector<DomainClaim>> list_domain_claims(storage::Transaction& transaction, AccountId account) {
  return transaction.all("SELECT " CLAIM_COLUMNS " FROM domain_claims WHERE account_id = $1 ORDER BY name",
                         {account}, read_claim);
}

Result<void> record_domain_check(storage::Transaction& transaction, AccountId account, DomainClaimId id,
                                 std::string_view finding, Timestamp now) {
  ASSIGN_OR_RETURN(const auto changed,
                   transaction.execute("UPDATE domain_claims SET checked_at = $3, finding = $4"
                                       " WHERE account_id = $1 AND id = $2",
                                       {account, id, now, finding}));
  if (changed == 0) return no_claim();
  return {};
}

Result<Domain> prove_domain(storage::Transaction& transaction, AccountId account, DomainClaimId id,
                            const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(
      const auto claim,
      transaction.first("SELECT " CLAIM_COLUMNS " FROM domain_claims WHERE account_id = $1 AND id = $2",
                        {account, id}, read_claim));
  if (!claim) return no_claim();
  // Takes the claim away.
  return add_domain(transaction, {.account = account, .name = claim->name, .proof = DomainProof::Dns}, actor,
                    now);
}

Result<void> withdraw_domain_claim(storage::Transaction& transaction, AccountId account,
                                   std::string_view name, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const auto claim, find_domain_claim(transaction, account, name));
  if (!claim) return no_claim();
  RETURN_IF_ERROR(transaction.execute("DELETE FROM domain_claims WHERE account_id = $1 AND id = $2",
                                      {account, claim->id}));
  return record_audit(transaction, account, actor, "domain.claim_withdrawn", claim->name, {}, now);
}

Result<void> delete_domain_claims(storage::Transaction& transaction, AccountId account) {
  RETURN_IF_ERROR(transaction.execute("DELETE FROM domain_claims WHERE account_id = $1", {account}));
  return {};
}

}  // namespace doorward::directory
