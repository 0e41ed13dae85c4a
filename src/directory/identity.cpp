#include "directory/identity.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "directory/domains.h"
#include "directory/names.h"
#include "directory/rows.h"
#include "directory/sessions.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

constexpr Names<Refusal, 13> kFindings = {{
    {Refusal::AccountPlan, "identity.account_plan"},
    {Refusal::ConnectionInactive, "identity.connection_inactive"},
    {Refusal::ConnectionNotAccepted, "identity.connection_not_accepted"},
    {Refusal::WrongTenant, "identity.wrong_tenant"},
    {Refusal::NoEmail, "identity.no_email"},
    {Refusal::OutsideDomains, "identity.outside_domains"},
    {Refusal::OtherConnection, "identity.other_connection"},
    {Refusal::NotProvisioned, "identity.not_provisioned"},
    {Refusal::Deactivated, "identity.deactivated"},
    {Refusal::AmbiguousIdentity, "identity.ambiguous"},
    {Refusal::LinkedElsewhere, "identity.linked_elsewhere"},
    {Refusal::SsoEnforced, "identity.sso_enforced"},
    {Refusal::NoPassword, "identity.no_password"},
}};
constexpr Names<Match, 4> kMatches = {{{Match::Link, "link"},
                                       {Match::ObjectId, "object-id"},
                                       {Match::Address, "address"},
                                       {Match::Provisioned, "provisioned"}}};
constexpr Names<LinkKind, 2> kLinkKinds = {
    {{LinkKind::ObjectIdentifier, "objectidentifier"}, {LinkKind::NameId, "nameid"}}};

constexpr std::string_view kTransient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
constexpr std::string_view kPersistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

/// Employees who share an address beyond this many are ambiguous all the same.
constexpr int kMaxCandidates = 50;

struct LinkKey {
  LinkKind kind;
  std::string value;
};

/// The keys by which the provider knows the person, the most lasting first.
std::vector<LinkKey> link_keys(const ClaimedIdentity& claimed) {
  std::vector<LinkKey> keys;
  if (!claimed.object_identifier.empty()) {
    keys.push_back({LinkKind::ObjectIdentifier, identifier_key(claimed.object_identifier)});
  }
  const NameId& name_id = claimed.name_id;
  const bool is_address = name_id.format != kPersistent && email_domain(name_id.value).has_value();
  if (!name_id.value.empty() && name_id.format != kTransient && !is_address) {
    std::string value = name_id.value;
    // The same value under another qualifier is somebody else (SAML Core section 8.3.7). XML cannot contain
    // U+001F, so that no value looks like one with qualifiers.
    if (!name_id.name_qualifier.empty() || !name_id.sp_name_qualifier.empty()) {
      value += '\x1f' + name_id.name_qualifier + '\x1f' + name_id.sp_name_qualifier;
    }
    keys.push_back({LinkKind::NameId, std::move(value)});
  }
  return keys;
}

/// Whose people the domain of an address holds.
enum class Standing : std::uint8_t { Vouched, OtherConnection, Unassigned, Outside };

std::string quoted(std::string_view text) {
  return text.empty() ? "nothing" : printable(text);
}

/// One decision while it is made.
class Resolver {
 public:
  Resolver(storage::Transaction& transaction, const Account& account, const Connection& connection,
           const ClaimedIdentity& claimed, SignInPurpose purpose, Timestamp now)
      : transaction_(transaction),
        account_(account),
        connection_(connection),
        claimed_(claimed),
        purpose_(purpose),
        now_(now),
        keys_(link_keys(claimed)),
        email_(claimed.email),
        user_name_(claimed.user_name) {
    if (email_.empty() && user_name_.empty() && claimed.name_id.format != kTransient) {
      user_name_ = claimed.name_id.value;
    }
  }

  Result<Decision> resolve() {
    if (auto refused = refuse_connection()) return Decision(*std::move(refused));
    ASSIGN_OR_RETURN(std::optional<Decision> by_link, find_by_link());
    if (by_link) return *std::move(by_link);
    ASSIGN_OR_RETURN(std::optional<Decision> by_object_id, find_by_object_id());
    if (by_object_id) return *std::move(by_object_id);
    ASSIGN_OR_RETURN(std::optional<Decision> by_address, find_by_address());
    if (by_address) return *std::move(by_address);
    return provision();
  }

 private:
  using Finding = Result<std::optional<Decision>>;

  static Refused refuse(Refusal reason, std::string expected, std::string actual) {
    return Refused{
        .reason = reason, .expected = std::move(expected), .actual = std::move(actual), .employee = {}};
  }
  static Refused refuse(Refusal reason, std::string expected, std::string actual, const Employee& employee) {
    return Refused{
        .reason = reason, .expected = std::move(expected), .actual = std::move(actual), .employee = employee};
  }

  std::optional<Refused> refuse_connection() const {
    if (account_.plan != Plan::Enterprise) {
      return refuse(Refusal::AccountPlan, std::string(to_text(Plan::Enterprise)),
                    std::string(to_text(account_.plan)));
    }
    if (!connection_.active) return refuse(Refusal::ConnectionInactive, "active", "inactive");
    // Whoever set it up may not be an employee, and could let themselves in as an administrator.
    if (connection_.is_proposed() && purpose_ != SignInPurpose::Test) {
      return refuse(Refusal::ConnectionNotAccepted, "a connection that an administrator has accepted",
                    "one proposed by " + printable(connection_.proposed_by));
    }
    if (!claimed_.tenant_id.empty() && !connection_.tenant_id.empty() &&
        identifier_key(claimed_.tenant_id) != connection_.tenant_id) {
      return refuse(Refusal::WrongTenant, connection_.tenant_id, quoted(claimed_.tenant_id));
    }
    return std::nullopt;
  }

  // 1. The identity link.
  Finding find_by_link() {
    for (const LinkKey& key : keys_) {
      ASSIGN_OR_RETURN(const std::optional<Employee> employee,
                       transaction_.first("SELECT " DIRECTORY_EMPLOYEE_COLUMNS
                                          " FROM identity_links AS l JOIN employees AS e"
                                          " ON e.account_id = l.account_id AND e.id = l.employee_id"
                                          " WHERE l.account_id = $1 AND l.connection_id = $2 AND l.kind = $3"
                                          " AND l.value = $4",
                                          {account_.id, connection_.id, to_text(key.kind), key.value},
                                          [](const storage::Row& row) { return read_employee(row); }));
      if (!employee) continue;
      ASSIGN_OR_RETURN(Decision decision, admit(*employee, Match::Link));
      return decision;
    }
    return std::nullopt;
  }

  // 2. The directory told us the provider's key of the person before they came.
  Finding find_by_object_id() {
    if (claimed_.object_identifier.empty()) return std::nullopt;
    // Two look-ups rather than OR, which SQLite answers by reading the whole account.
    ASSIGN_OR_RETURN(
        const std::vector<Employee> found,
        transaction_.all("SELECT " DIRECTORY_EMPLOYEE_COLUMNS
                         " FROM employees AS e WHERE e.account_id = $1 AND e.id IN"
                         " (SELECT o.id FROM employees AS o"
                         "   WHERE o.account_id = $1 AND o.object_id_key <> '' AND o.object_id_key = $2"
                         "  UNION SELECT x.id FROM employees AS x"
                         "   WHERE x.account_id = $1 AND x.external_id_key <> '' AND x.external_id_key = $2)"
                         " LIMIT 2",
                         {account_.id, identifier_key(claimed_.object_identifier)},
                         [](const storage::Row& row) { return read_employee(row); }));
    if (found.empty()) return std::nullopt;
    if (found.size() > 1) return ambiguous("objectId " + quoted(claimed_.object_identifier));
    // The provisioning token is the account's, not a connection's: it does not say whose person this is.
    ASSIGN_OR_RETURN(const bool vouches, vouches_for(found.front()));
    if (!vouches) return Decision(other_connection(found.front()));
    ASSIGN_OR_RETURN(Decision decision, admit(found.front(), Match::ObjectId));
    return decision;
  }

  // 3. The e-mail address or the user name, where this connection may vouch for it.
  Finding find_by_address() {
    std::vector<Employee> found;
    for (const std::string* address : {&email_, &user_name_}) {
      ASSIGN_OR_RETURN(const Standing standing, standing_of(*address));
      if (standing != Standing::Vouched) continue;
      ASSIGN_OR_RETURN(std::vector<Employee> matching,
                       find_employees_by_email(transaction_, account_.id, *address, kMaxCandidates));
      ASSIGN_OR_RETURN(std::optional<Employee> named,
                       find_employee_by_user_name(transaction_, account_.id, *address));
      if (named) matching.push_back(*std::move(named));
      for (Employee& employee : matching) {
        if (std::ranges::find(found, employee.id, &Employee::id) == found.end()) {
          found.push_back(std::move(employee));
        }
      }
    }
    if (found.empty()) return std::nullopt;
    if (found.size() > 1) {
      // A shared mailbox: only the one who has both the user name and the address can be meant.
      std::erase_if(found, [&](const Employee& employee) {
        return fold_case(employee.profile.user_name) != fold_case(user_name_) ||
               fold_case(employee.profile.email) != fold_case(email_);
      });
      if (found.size() != 1) return ambiguous(quoted(email_) + " or " + quoted(user_name_));
    }
    ASSIGN_OR_RETURN(Decision decision, admit(found.front(), Match::Address));
    return decision;
  }

  // 4. Nobody is known by any of this.
  Result<Decision> provision() {
    // Entra's user principal name looks like an address and need not be one: there, the missing address under
    // *Contact information* is what has to be mended first. Other providers send the address as their only
    // name.
    const bool entra = !claimed_.object_identifier.empty();
    const std::string& address = email_.empty() && !entra ? user_name_ : email_;
    if (!email_domain(address)) {
      return Decision(
          refuse(Refusal::NoEmail, "an e-mail address",
                 address.empty() ? "none, with user name " + quoted(user_name_) : quoted(address)));
    }
    ASSIGN_OR_RETURN(const Standing standing, standing_of(address));
    if (standing == Standing::OtherConnection) {
      return Decision(refuse(Refusal::OtherConnection, "an address that " + connection_.name + " vouches for",
                             quoted(address)));
    }
    if (standing != Standing::Vouched) return outside_domains(address);
    if (!account_.provision_at_sign_in) {
      return Decision(refuse(Refusal::NotProvisioned, "an employee of this account", quoted(address)));
    }
    ASSIGN_OR_RETURN(const Standing user_name_standing, standing_of(user_name_));
    const Profile profile{.user_name = user_name_standing == Standing::Vouched ? user_name_ : address,
                          .email = address,
                          .given_name = claimed_.given_name,
                          .family_name = claimed_.family_name,
                          .display_name = claimed_.display_name,
                          .locale = {},
                          .object_id = claimed_.object_identifier,
                          .external_id = {}};
    if (purpose_ == SignInPurpose::Test) {
      Employee would_be;
      would_be.account = account_.id;
      would_be.profile = profile;
      would_be.origin = Origin::SignIn;
      return Decision(
          Admitted{.employee = std::move(would_be), .match = Match::Provisioned, .link_created = false});
    }
    ASSIGN_OR_RETURN(
        const Employee employee,
        create_employee(transaction_, {.account = account_.id, .profile = profile, .origin = Origin::SignIn},
                        {ActorKind::Directory, connection_.name}, now_));
    return admit(employee, Match::Provisioned);
  }

  /// The conditions that hold however somebody was found.
  Result<Decision> admit(const Employee& employee, Match match) {
    ASSIGN_OR_RETURN(const std::vector<IdentityLink> all, list_links(transaction_, account_.id, employee.id));
    std::vector<IdentityLink> links;
    std::ranges::copy_if(all, std::back_inserter(links),
                         [&](const IdentityLink& link) { return link.connection == connection_.id; });
    if (is_somebody_else(employee, match, links)) {
      return Decision(
          refuse(Refusal::LinkedElsewhere, known_identity(employee, links), claimed_key(), employee));
    }
    ASSIGN_OR_RETURN(const Standing standing, standing_of(address_of(employee)));
    if (standing == Standing::OtherConnection) return Decision(other_connection(employee));
    if (!employee.active) return Decision(refuse(Refusal::Deactivated, "active", "inactive", employee));
    if (account_.sso_enforced_at) {
      if (employee.profile.email.empty()) {
        return Decision(
            refuse(Refusal::NoEmail, "an e-mail address in the employee's profile", "nothing", employee));
      }
      ASSIGN_OR_RETURN(const auto domain,
                       find_matching_domain(transaction_, account_.id, employee.profile.email));
      if (!domain) return outside_domains(employee.profile.email, employee);
    }
    ASSIGN_OR_RETURN(const bool linked, link(employee, links));
    return Decision(Admitted{.employee = employee, .match = match, .link_created = linked});
  }

  /// An address, a user name or an objectId may be given to a second person. The links tell them apart, and
  /// so does the objectId that the directory sent.
  bool is_somebody_else(const Employee& employee, Match match, const std::vector<IdentityLink>& links) const {
    if (match == Match::Provisioned) return false;
    const std::string claimed_id = identifier_key(claimed_.object_identifier);
    const bool other_identifier = std::ranges::any_of(links, [&](const IdentityLink& link) {
      return link.kind == LinkKind::ObjectIdentifier && !claimed_id.empty() && link.value != claimed_id;
    });
    if (other_identifier) return true;
    if (match == Match::Address && !links.empty()) return true;
    // An objectidentifier that is linked already stands, whatever the directory wrote since.
    const bool identifier_linked = std::ranges::any_of(
        links, [](const IdentityLink& link) { return link.kind == LinkKind::ObjectIdentifier; });
    if (match == Match::ObjectId || identifier_linked || claimed_id.empty()) return false;
    if (!employee.profile.object_id.empty()) return identifier_key(employee.profile.object_id) != claimed_id;
    // Entra's usual mapping sends a nickname as externalId; only a UUID can be compared with a UUID.
    return is_uuid(claimed_id) && is_uuid(employee.profile.external_id) &&
           identifier_key(employee.profile.external_id) != claimed_id;
  }

  static std::string known_identity(const Employee& employee, const std::vector<IdentityLink>& links) {
    if (!links.empty())
      return std::string(to_text(links.front().kind)) + ' ' + printable(links.front().value);
    const Profile& profile = employee.profile;
    return "objectId " + printable(profile.object_id.empty() ? profile.external_id : profile.object_id);
  }

  std::string claimed_key() const {
    if (keys_.empty()) return "no lasting identifier";
    return std::string(to_text(keys_.front().kind)) + ' ' + printable(keys_.front().value);
  }

  /// Remembers the most lasting key, once.
  Result<bool> link(const Employee& employee, const std::vector<IdentityLink>& links) {
    if (keys_.empty() || purpose_ == SignInPurpose::Test) return false;
    const LinkKey& key = keys_.front();
    if (std::ranges::find(links, key.kind, &IdentityLink::kind) != links.end()) return false;
    RETURN_IF_ERROR(transaction_.execute(
        "INSERT INTO identity_links (account_id, connection_id, kind, value, employee_id, linked_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        {account_.id, connection_.id, to_text(key.kind), key.value, employee.id, now_}));
    RETURN_IF_ERROR(record_audit(transaction_, account_.id, {ActorKind::Directory, connection_.name},
                                 "employee.linked", employee.public_id,
                                 {{"connection", connection_.name}, {"kind", to_text(key.kind)}}, now_));
    return true;
  }

  Result<Standing> standing_of(std::string_view address) {
    ASSIGN_OR_RETURN(const std::optional<Domain> domain,
                     find_matching_domain(transaction_, account_.id, address));
    if (!domain) return Standing::Outside;
    // A parent's domain is assigned among the parent's connections, which are none of ours.
    std::optional<ConnectionId> owner;
    if (domain->account == account_.id) owner = domain->connection;
    if (!owner) {
      ASSIGN_OR_RETURN(owner, sole_connection(transaction_, account_.id));
    }
    if (!owner) return Standing::Unassigned;
    return *owner == connection_.id ? Standing::Vouched : Standing::OtherConnection;
  }

  Result<bool> vouches_for(const Employee& employee) {
    ASSIGN_OR_RETURN(const std::optional<ConnectionId> sole, sole_connection(transaction_, account_.id));
    if (sole == connection_.id) return true;
    ASSIGN_OR_RETURN(const Standing standing, standing_of(address_of(employee)));
    return standing == Standing::Vouched;
  }

  static const std::string& address_of(const Employee& employee) {
    return employee.profile.email.empty() ? employee.profile.user_name : employee.profile.email;
  }

  Refused other_connection(const Employee& employee) const {
    return refuse(Refusal::OtherConnection, "somebody whom " + connection_.name + " vouches for",
                  quoted(address_of(employee)), employee);
  }

  Result<Decision> outside_domains(std::string_view address, std::optional<Employee> employee = {}) {
    ASSIGN_OR_RETURN(const std::vector<Domain> domains, list_domains(transaction_, account_.id));
    std::string expected;
    for (const Domain& domain : domains) {
      if (!expected.empty()) expected += ", ";
      expected += domain.name;
    }
    Refused refused = refuse(Refusal::OutsideDomains, expected.empty() ? "a domain of the account" : expected,
                             quoted(address));
    refused.employee = std::move(employee);
    return Decision(std::move(refused));
  }

  static Decision ambiguous(const std::string& what) {
    return refuse(Refusal::AmbiguousIdentity, "one employee", "several employees with " + what);
  }

  storage::Transaction& transaction_;
  const Account& account_;
  const Connection& connection_;
  const ClaimedIdentity& claimed_;
  const SignInPurpose purpose_;
  const Timestamp now_;
  const std::vector<LinkKey> keys_;
  std::string email_;
  std::string user_name_;
};

}  // namespace

std::string_view finding_code(Refusal reason) {
  return name_of(kFindings, reason);
}
std::string_view to_text(Match match) {
  return name_of(kMatches, match);
}
std::string_view to_text(LinkKind kind) {
  return name_of(kLinkKinds, kind);
}

Result<Decision> resolve_sign_in(storage::Transaction& transaction, const Account& account,
                                 const Connection& connection, const ClaimedIdentity& claimed,
                                 SignInPurpose purpose, Timestamp now) {
  CHECK(connection.account == account.id);
  return Resolver(transaction, account, connection, claimed, purpose, now).resolve();
}

std::optional<Refusal> why_not_password(const Account& account, const Employee& employee) {
  if (!employee.active) return Refusal::Deactivated;
  if (account.sso_enforced_at) return Refusal::SsoEnforced;
  if (!employee.has_password) return Refusal::NoPassword;
  return std::nullopt;
}

Result<std::vector<IdentityLink>> list_links(storage::Transaction& transaction, AccountId account,
                                             EmployeeId employee) {
  return transaction.all(
      "SELECT connection_id, kind, value, linked_at FROM identity_links"
      " WHERE account_id = $1 AND employee_id = $2 ORDER BY id",
      {account, employee}, [](const storage::Row& row) {
        return IdentityLink{.connection = row.id<ConnectionId>(0),
                            .kind = stored_value(kLinkKinds, row.text(1)),
                            .value = std::string(row.text(2)),
                            .linked_at = row.time(3)};
      });
}

Result<void> remove_links(storage::Transaction& transaction, AccountId account, EmployeeId employee,
                          ConnectionId connection, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Employee unlinked, load_employee(transaction, account, employee));
  ASSIGN_OR_RETURN(const Connection provider, load_connection(transaction, account, connection));
  ASSIGN_OR_RETURN(
      const std::int64_t removed,
      transaction.execute(
          "DELETE FROM identity_links WHERE account_id = $1 AND employee_id = $2 AND connection_id = $3",
          {account, employee, connection}));
  if (removed == 0) return {};
  RETURN_IF_ERROR(end_access_of_employee(transaction, account, employee, now));
  return record_audit(transaction, account, actor, "employee.unlinked", unlinked.public_id,
                      {{"connection", provider.name}}, now);
}

}  // namespace doorward::directory
