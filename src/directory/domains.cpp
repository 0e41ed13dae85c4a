#include "directory/domains.h"

#include <algorithm>

#include "base/text.h"
#include "directory/accounts.h"
#include "directory/application_checks.h"
#include "directory/connections.h"
#include "directory/events.h"
#include "directory/names.h"
#include "directory/public_mail_domains.h"

namespace doorward::directory {
namespace {

constexpr Names<DomainProof, 3> kProofs = {{{DomainProof::Dns, "dns"},
                                            {DomainProof::Support, "support"},
                                            {DomainProof::Administrator, "administrator"}}};

/// Audit and event of the same name.
Result<void> tell(storage::Transaction& transaction, AccountId account, std::string_view what,
                  std::string_view domain, const json::Object& details, const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(record_audit(transaction, account, actor, what, domain, details, now));
  return append_event(transaction, account, what, domain, details, now);
}

#define DOMAIN_COLUMNS "id, account_id, name, proof, connection_id, added_at"

Domain read_domain(const storage::Row& row) {
  Domain domain;
  domain.id = row.id<DomainId>(0);
  domain.account = row.id<AccountId>(1);
  domain.name = row.text(2);
  domain.proof = stored_value(kProofs, row.text(3));
  if (!row.is_null(4)) domain.connection = row.id<ConnectionId>(4);
  domain.added_at = row.time(5);
  return domain;
}

/// RFC 1035 section 2.3.1 in lower case, with digits allowed at the start (RFC 1123 section 2.1).
bool is_label(std::string_view label) {
  const auto is_inner = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, is_inner);
}

bool is_host_name(std::string_view name) {
  const std::vector<std::string_view> labels = split(name, '.');
  if (name.size() > 253 || labels.size() < 2) return false;
  // A last label of digits alone is an address (RFC 3696 section 2).
  const bool numeric_end = std::ranges::all_of(labels.back(), [](char c) { return c >= '0' && c <= '9'; });
  return !numeric_end && std::ranges::all_of(labels, is_label);
}

Result<Domain> load_domain(storage::Transaction& transaction, AccountId account, std::string_view name) {
  ASSIGN_OR_RETURN(
      std::optional<Domain> domain,
      transaction.first("SELECT " DOMAIN_COLUMNS " FROM domains WHERE name = $1 AND account_id = $2",
                        {to_ascii_lower(trim(name)), account}, read_domain));
  if (!domain) {
    return fail(ErrorKind::NotFound, "directory.no_domain",
                "The account has no domain " + printable(name) + ".");
  }
  return *std::move(domain);
}

}  // namespace

std::string_view to_text(DomainProof proof) {
  return name_of(kProofs, proof);
}
std::optional<DomainProof> parse_domain_proof(std::string_view text) {
  return value_of(kProofs, text);
}

Result<std::string> normalise_domain(std::string_view text) {
  std::string name = to_ascii_lower(trim(text));
  if (name.ends_with('.')) name.pop_back();
  if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return fail(ErrorKind::InvalidInput, "directory.domain_not_ascii",
                "Enter the domain in its ASCII form, which begins with xn--; the mail server's configuration "
                "shows it.");
  }
  if (!is_host_name(name)) {
    return fail(ErrorKind::InvalidInput, "directory.bad_domain",
                printable(text) +
                    " is no e-mail domain. Enter what stands behind the @ of the company's "
                    "addresses, for example contoso.com.");
  }
  if (is_public_mail_domain(name)) {
    return fail(ErrorKind::Refused, "directory.public_domain",
                "Anybody can have an address at " + name +
                    ", so it cannot belong to one company. Enter a domain that the company owns.");
  }
  return name;
}

std::optional<std::string> email_domain(std::string_view email) {
  const std::size_t at = email.rfind('@');
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  std::string domain = to_ascii_lower(email.substr(at + 1));
  if (!is_host_name(domain)) return std::nullopt;
  return domain;
}

bool is_email_address(std::string_view text) {
  constexpr std::string_view kOnlyInQuotes = " \t\r\n<>()[],;:\\\"";
  const std::string_view local_part = text.substr(0, text.find('@'));
  return std::ranges::count(text, '@') == 1 && email_domain(text).has_value() &&
         local_part.find_first_of(kOnlyInQuotes) == std::string_view::npos;
}

Result<void> check_may_have_domains(storage::Transaction& transaction, AccountId account) {
  ASSIGN_OR_RETURN(const Account loaded, load_account(transaction, account));
  if (!loaded.parent) return {};
  return fail(ErrorKind::Refused, kTestAccountDomains,
              "This is a test account: it uses the domains of " + printable(loaded.parent_name) +
                  ". Add the domain there. It counts here at once, and changes nobody’s way in.");
}

Result<Domain> add_domain(storage::Transaction& transaction, const NewDomain& domain, const Actor& actor,
                          Timestamp now) {
  // A word is not proof, and whoever was given a setup link has none that counts.
  if (domain.proof != DomainProof::Dns) RETURN_IF_ERROR(require_own_rights(actor));
  RETURN_IF_ERROR(check_may_have_domains(transaction, domain.account));
  ASSIGN_OR_RETURN(const std::string name, normalise_domain(domain.name));
  std::optional<ConnectionId> connection = domain.connection;
  if (connection) {
    RETURN_IF_ERROR(load_connection(transaction, domain.account, *connection));
  } else {
    ASSIGN_OR_RETURN(connection, sole_connection(transaction, domain.account));
    if (connection) {
      ASSIGN_OR_RETURN(const Connection sole, load_connection(transaction, domain.account, *connection));
      if (sole.is_proposed()) connection.reset();
    }
  }
  ASSIGN_OR_RETURN(
      std::optional<Domain> added,
      transaction.first("INSERT INTO domains (account_id, name, proof, connection_id, added_at)"
                        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING " DOMAIN_COLUMNS,
                        {domain.account, name, to_text(domain.proof), connection, now}, read_domain));
  if (!added) {
    // Whose it is stays unsaid: the list of customers is nobody's business.
    return fail(ErrorKind::Conflict, "directory.domain_taken",
                "The domain " + name + " is in use already, by this account or by another one.");
  }
  // However it was proven: nothing is left to prove.
  RETURN_IF_ERROR(transaction.execute("DELETE FROM domain_claims WHERE account_id = $1 AND name = $2",
                                      {domain.account, name}));
  RETURN_IF_ERROR(tell(transaction, domain.account, "domain.added", name, {{"proof", to_text(domain.proof)}},
                       actor, now));
  RETURN_IF_ERROR(touch_setup(transaction, domain.account));
  return *std::move(added);
}

Result<std::vector<std::string>> remove_domain(storage::Transaction& transaction, AccountId account,
                                               std::string_view name, const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(require_own_rights(actor));
  ASSIGN_OR_RETURN(const Domain domain, load_domain(transaction, account, name));
  RETURN_IF_ERROR(
      transaction.execute("DELETE FROM domains WHERE account_id = $1 AND id = $2", {account, domain.id}));
  std::vector<std::string> origins;
  if (domain.proof != DomainProof::Administrator) {
    ASSIGN_OR_RETURN(origins, give_up_origins(transaction, account, domain.name, actor, now));
  }
  RETURN_IF_ERROR(tell(transaction, account, "domain.removed", domain.name, {}, actor, now));
  RETURN_IF_ERROR(touch_setup(transaction, account));
  return origins;
}

Result<void> assign_domain(storage::Transaction& transaction, AccountId account, std::string_view name,
                           ConnectionId connection, const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(require_own_rights(actor));
  ASSIGN_OR_RETURN(const Domain domain, load_domain(transaction, account, name));
  ASSIGN_OR_RETURN(const Connection target, load_connection(transaction, account, connection));
  RETURN_IF_ERROR(
      transaction.execute("UPDATE domains SET connection_id = $3 WHERE account_id = $1 AND id = $2",
                          {account, domain.id, connection}));
  RETURN_IF_ERROR(record_audit(transaction, account, actor, "domain.assigned", domain.name,
                               {{"connection", target.name}}, now));
  return touch_setup(transaction, account);
}

Result<std::vector<Domain>> list_domains(storage::Transaction& transaction, AccountId account) {
  return transaction.all("SELECT " DOMAIN_COLUMNS " FROM domains WHERE account_id = $1 ORDER BY name",
                         {account}, read_domain);
}

Result<std::optional<Route>> find_route(storage::Transaction& transaction, std::string_view email) {
  const std::optional<std::string> domain = email_domain(trim(email));
  if (!domain) return std::optional<Route>();
  ASSIGN_OR_RETURN(std::optional<Route> route,
                   transaction.first("SELECT d.account_id, a.slug, d.connection_id FROM domains AS d"
                                     " JOIN accounts AS a ON a.id = d.account_id"
                                     " WHERE d.name = $1 AND a.parent_id IS NULL",
                                     {*domain}, [](const storage::Row& row) {
                                       Route found;
                                       found.account = row.id<AccountId>(0);
                                       found.account_slug = row.text(1);
                                       if (!row.is_null(2)) found.connection = row.id<ConnectionId>(2);
                                       return found;
                                     }));
  if (!route) return route;
  if (!route->connection) {
    ASSIGN_OR_RETURN(route->connection, sole_connection(transaction, route->account));
  }
  if (route->connection) {
    ASSIGN_OR_RETURN(const Connection connection,
                     load_connection(transaction, route->account, *route->connection));
    if (!connection.admits()) route->connection.reset();
  }
  return route;
}

Result<std::optional<Domain>> find_matching_domain(storage::Transaction& transaction, AccountId account,
                                                   std::string_view email) {
  const std::optional<std::string> name = email_domain(email);
  if (!name) return std::optional<Domain>();
  return transaction.first("SELECT " DOMAIN_COLUMNS
                           " FROM domains WHERE name = $1 AND (account_id = $2"
                           " OR account_id = (SELECT parent_id FROM accounts WHERE id = $2))",
                           {*name, account}, read_domain);
}

Result<bool> is_verified_email(storage::Transaction& transaction, AccountId account, std::string_view email) {
  ASSIGN_OR_RETURN(const auto domain, find_matching_domain(transaction, account, email));
  return domain && domain->account == account && domain->proof != DomainProof::Administrator;
}

}  // namespace doorward::directory
