#include "directory/adoption.h"

#include <algorithm>

#include "base/text.h"
#include "directory/domains.h"
#include "directory/identity.h"
#include "directory/public_mail_domains.h"
#include "directory/rows.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

/// Employees who share an address or an identifier beyond this many are not certain all the same.
constexpr int kMaxCandidates = 50;

/// The provider's key of a person, as far as the directory sends it: Entra's administrators map the objectId
/// to either attribute. A nickname as externalId is none.
std::string provider_key(const Profile& profile) {
  if (!profile.object_id.empty()) return identifier_key(profile.object_id);
  return is_uuid(profile.external_id) ? identifier_key(profile.external_id) : std::string();
}

bool is_same_identifier(std::string_view a, std::string_view b) {
  return !a.empty() && identifier_key(a) == identifier_key(b);
}

/// Whether the address belongs to the company, as far as can be known.
Result<bool> is_own_address(storage::Transaction& transaction, const Account& account,
                            std::string_view address) {
  const std::optional<std::string> domain = email_domain(address);
  if (!domain) return false;
  ASSIGN_OR_RETURN(const auto matching, find_matching_domain(transaction, account.id, address));
  if (matching) return true;
  ASSIGN_OR_RETURN(
      const auto any,
      transaction.first("SELECT id FROM domains WHERE account_id = $1 OR account_id = $2 LIMIT 1",
                        {account.id, account.parent.value_or(account.id)},
                        [](const storage::Row& row) { return row.integer(0); }));
  return !any && !is_public_mail_domain(*domain);
}

/// An address or a user name that was given to a second person: the objectIds and the links tell them apart.
Result<bool> is_somebody_else(storage::Transaction& transaction, const Employee& employee,
                              const Profile& profile) {
  const std::string sent = provider_key(profile);
  if (sent.empty()) return false;
  const std::string known = provider_key(employee.profile);
  if (!known.empty() && known != sent && !is_same_identifier(employee.profile.external_id, sent)) return true;
  ASSIGN_OR_RETURN(const std::vector<IdentityLink> links,
                   list_links(transaction, employee.account, employee.id));
  return std::ranges::any_of(links, [&](const IdentityLink& link) {
    return link.kind == LinkKind::ObjectIdentifier && link.value != sent;
  });
}

bool is_manual(const Candidate& candidate) {
  return !candidate.known.provisioned_at && !candidate.deletion_held;
}

/// The only one of whom `is_meant` holds and who is not somebody else by their identifiers.
template <class IsMeant>
const Candidate* only(const std::vector<Candidate>& candidates, IsMeant is_meant) {
  const Candidate* found = nullptr;
  for (const Candidate& candidate : candidates) {
    if (!is_meant(candidate)) continue;
    if (found != nullptr) return nullptr;
    found = &candidate;
  }
  return found;
}

bool has_object_id(const Candidate& candidate, const Profile& profile) {
  const Profile& known = candidate.known.employee.profile;
  const std::string sent = provider_key(profile);
  if (is_same_identifier(sent, known.object_id)) return true;
  return is_uuid(sent) && is_same_identifier(sent, known.external_id);
}

bool has_address(const Candidate& candidate, std::string_view address) {
  const Profile& known = candidate.known.employee.profile;
  const std::string key = fold_case(address);
  return !key.empty() && (fold_case(known.email) == key || fold_case(known.user_name) == key);
}

/// What candidates are found by.
struct Keys {
  explicit Keys(const Profile& profile)
      : user_name(fold_case(profile.user_name)),
        email(fold_case(profile.email)),
        object_id(identifier_key(profile.object_id)),
        external_id(identifier_key(profile.external_id)) {}
  std::string user_name;
  std::string email;
  std::string object_id;
  std::string external_id;
};

/// Almost nobody whom a directory creates is known already, and single look-ups need none of the temporary
/// tables of the whole question.
Result<bool> is_anybody(storage::Transaction& transaction, AccountId account, const Keys& keys) {
  ASSIGN_OR_RETURN(
      const auto known,
      transaction.first(
          "SELECT id FROM accounts WHERE id = $1 AND ("
          "EXISTS (SELECT 1 FROM employees WHERE account_id = $1 AND user_name_key = $2)"
          " OR EXISTS (SELECT 1 FROM employees WHERE account_id = $1 AND user_name_key = $3)"
          " OR EXISTS (SELECT 1 FROM employees WHERE account_id = $1 AND email_key = $2 AND email_key <> '')"
          " OR EXISTS (SELECT 1 FROM employees WHERE account_id = $1 AND email_key = $3 AND email_key <> '')"
          " OR EXISTS (SELECT 1 FROM employees WHERE account_id = $1 AND object_id_key = $4 AND "
          "object_id_key <> '')"
          " OR EXISTS (SELECT 1 FROM employees WHERE account_id = $1 AND object_id_key = $5 AND "
          "object_id_key <> '')"
          " OR EXISTS (SELECT 1 FROM employees WHERE account_id = $1 AND external_id_key = $4 AND "
          "external_id_key <> '')"
          " OR EXISTS (SELECT 1 FROM employees WHERE account_id = $1 AND external_id_key = $5 AND "
          "external_id_key <> '')"
          ")",
          {account, keys.user_name, keys.email, keys.object_id, keys.external_id},
          [](const storage::Row& row) { return row.integer(0); }));
  return known.has_value();
}

}  // namespace

Result<std::vector<Candidate>> find_candidates(storage::Transaction& transaction, AccountId account,
                                               const Profile& profile) {
  const Keys keys(profile);
  ASSIGN_OR_RETURN(const bool any, is_anybody(transaction, account, keys));
  if (!any) return std::vector<Candidate>();
  // Look-ups of their own rather than OR, which SQLite answers by reading the whole account.
  return transaction.all(
      "SELECT " DIRECTORY_PROVISIONED_COLUMNS
      ", e.deletion_held_at IS NOT NULL FROM employees AS e WHERE e.account_id = $1 AND e.id IN"
      " (SELECT n.id FROM employees AS n WHERE n.account_id = $1 AND n.user_name_key IN ($2, $3)"
      "  UNION SELECT m.id FROM employees AS m"
      "   WHERE m.account_id = $1 AND m.email_key IN ($2, $3) AND m.email_key <> ''"
      "  UNION SELECT o.id FROM employees AS o"
      "   WHERE o.account_id = $1 AND o.object_id_key IN ($4, $5) AND o.object_id_key <> ''"
      "  UNION SELECT x.id FROM employees AS x"
      "   WHERE x.account_id = $1 AND x.external_id_key IN ($4, $5) AND x.external_id_key <> '')"
      " ORDER BY CASE WHEN e.user_name_key = $2 THEN 0 ELSE 1 END, e.id LIMIT $6",
      {account, keys.user_name, keys.email, keys.object_id, keys.external_id, kMaxCandidates},
      [](const storage::Row& row) {
        return Candidate{.known = read_provisioned(row), .deletion_held = row.flag(kProvisionedColumns)};
      });
}

Result<std::optional<Adoptee>> choose_adoptee(storage::Transaction& transaction, const Account& account,
                                              const std::vector<Candidate>& candidates,
                                              const Profile& profile) {
  const auto accept = [&](const Candidate* candidate, std::string_view by) -> Result<std::optional<Adoptee>> {
    if (candidate == nullptr || !is_manual(*candidate)) return std::optional<Adoptee>();
    ASSIGN_OR_RETURN(const bool other, is_somebody_else(transaction, candidate->known.employee, profile));
    if (other) return std::optional<Adoptee>();
    return Adoptee{candidate, by};
  };

  ASSIGN_OR_RETURN(
      std::optional<Adoptee> adoptee,
      accept(only(candidates,
                  [&](const Candidate& each) { return is_manual(each) && has_object_id(each, profile); }),
             "object id"));
  if (adoptee) return adoptee;
  ASSIGN_OR_RETURN(adoptee, accept(only(candidates,
                                        [&](const Candidate& each) {
                                          return is_manual(each) &&
                                                 is_same_identifier(each.known.employee.profile.external_id,
                                                                    profile.external_id);
                                        }),
                                   "external id"));
  if (adoptee) return adoptee;

  const std::string user_name_key = fold_case(profile.user_name);
  const Candidate* named = only(candidates, [&](const Candidate& each) {
    return fold_case(each.known.employee.profile.user_name) == user_name_key;
  });
  if (named != nullptr) {
    // A user name that is no address is vouched for by the address beside it.
    ASSIGN_OR_RETURN(bool own, is_own_address(transaction, account, profile.user_name));
    if (!own && fold_case(named->known.employee.profile.email) == fold_case(profile.email)) {
      ASSIGN_OR_RETURN(own, is_own_address(transaction, account, profile.email));
    }
    return own ? accept(named, "user name") : std::optional<Adoptee>();
  }
  // A shared mailbox is nobody's: the directory's own people count as well.
  for (const std::string* address : {&profile.email, &profile.user_name}) {
    const Candidate* addressed =
        only(candidates, [&](const Candidate& each) { return has_address(each, *address); });
    if (addressed == nullptr) continue;
    ASSIGN_OR_RETURN(const bool own, is_own_address(transaction, account, *address));
    if (!own) continue;
    ASSIGN_OR_RETURN(adoptee, accept(addressed, "e-mail address"));
    if (adoptee) return adoptee;
  }
  return adoptee;
}

Result<void> check_adoptable(storage::Transaction& transaction, const Account& account,
                             const ProvisionedEmployee& current, const Profile& profile) {
  const Employee& employee = current.employee;
  const Profile& known = employee.profile;
  ASSIGN_OR_RETURN(const bool other, is_somebody_else(transaction, employee, profile));
  if (!other) {
    if (is_same_identifier(known.object_id, profile.object_id)) return {};
    if (is_same_identifier(known.external_id, profile.external_id)) return {};
    for (const std::string* address : {&known.user_name, &known.email}) {
      ASSIGN_OR_RETURN(const bool own, is_own_address(transaction, account, *address));
      if (own) return {};
    }
  }
  return fail(
      ErrorKind::Refused, kNotAdoptable,
      "The employee " + printable(known.user_name) + " is managed by hand, and " +
          (other ? "is linked to another identity than the one that the directory names. Remove that link or "
                   "object id in Doorward"
                 : "no address of theirs lies in a domain of the account. Add the domain, or enter their "
                   "object "
                   "id as external id in Doorward") +
          " if the directory shall manage them.");
}

}  // namespace doorward::directory
