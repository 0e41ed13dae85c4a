#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/audit.h"
#include "directory/ids.h"
#include "storage/database.h"

/// E-mail domains that an account has proven to own. The table is global: a domain belongs to one account.
namespace doorward::directory {

enum class DomainProof : std::uint8_t {
  Dns,
  Support,
  Administrator,  ///< Their word, on a server for one company.
};

std::string_view to_text(DomainProof proof);
std::optional<DomainProof> parse_domain_proof(std::string_view text);

struct Domain {
  DomainId id;
  AccountId account;
  /// Lower case; internationalised labels in their `xn--` form.
  std::string name;
  DomainProof proof = DomainProof::Support;
  /// Whose people it holds. While nothing is chosen, the account's only connection counts.
  std::optional<ConnectionId> connection;
  Timestamp added_at;
};

struct NewDomain {
  AccountId account;
  std::string name;
  DomainProof proof = DomainProof::Support;
  /// When empty and the account has exactly one connection, that one.
  std::optional<ConnectionId> connection = {};
};

/// Lower case, without a final dot. Refuses what is no host name of at least two labels, an address, a name
/// in Unicode (its `xn--` form is asked for), and public mail providers such as gmail.com, whose addresses
/// prove nothing about a company.
Result<std::string> normalise_domain(std::string_view text);

/// What stands behind the last `@`, in lower case; nothing when the text is no address.
std::optional<std::string> email_domain(std::string_view email);

/// Whether a person may type this as somebody's address: one `@`, a host name behind it, and nothing before
/// it that only quoted text may have (RFC 5321 section 4.1.2). What a directory sends is not held to it.
bool is_email_address(std::string_view text);

inline constexpr ErrorCode kTestAccountDomains = "directory.test_account_domains";

/// Refuses a test account, which has no domains of its own (`kTestAccountDomains`): one would lead people
/// there who want to go to work.
Result<void> check_may_have_domains(storage::Transaction& transaction, AccountId account);

/// Refuses a domain that another account has, without naming it, and a test account. The account's claim of
/// it ends.
Result<Domain> add_domain(storage::Transaction& transaction, const NewDomain& domain, const Actor& actor,
                          Timestamp now);
/// Where several companies share the server, the origins of applications that it proved go with it; an
/// administrator is refused as long as there are any (`give_up_origins`). Gives those that went.
Result<std::vector<std::string>> remove_domain(storage::Transaction& transaction, AccountId account,
                                               std::string_view name, const Actor& actor, Timestamp now);
/// Says whose people the domain holds.
Result<void> assign_domain(storage::Transaction& transaction, AccountId account, std::string_view name,
                           ConnectionId connection, const Actor& actor, Timestamp now);
/// By name.
Result<std::vector<Domain>> list_domains(storage::Transaction& transaction, AccountId account);

/// Where somebody with this e-mail address signs in.
struct Route {
  AccountId account;
  std::string account_slug;
  /// Nothing while the account has no active connection for the domain.
  std::optional<ConnectionId> connection;

  bool operator==(const Route&) const = default;
};
/// Nothing when the domain is nobody's. A test account is never the answer.
Result<std::optional<Route>> find_route(storage::Transaction& transaction, std::string_view email);

/// The account's domain (for a test account also its parent's) in which the address lies.
Result<std::optional<Domain>> find_matching_domain(storage::Transaction& transaction, AccountId account,
                                                   std::string_view email);
/// Whether applications may take the address for the person, and link accounts by it: only in a domain of
/// this account whose owner was proven, not by an administrator's word, nor in the parent's of a test
/// account.
Result<bool> is_verified_email(storage::Transaction& transaction, AccountId account, std::string_view email);

}  // namespace doorward::directory
