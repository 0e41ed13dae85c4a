#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "directory/accounts.h"
#include "directory/connections.h"
#include "directory/employees.h"
#include "directory/ids.h"
#include "storage/database.h"

/// Who may come in. The rules are here and nowhere else: every way to sign in asks one of these functions.
namespace doorward::directory {

struct NameId {
  std::string value = {};
  /// The format's URI; empty when absent, which means unspecified.
  std::string format = {};
  /// Empty when absent or the default, that is the provider's entity id and ours (SAML Core section 2.2.2).
  std::string name_qualifier = {};
  std::string sp_name_qualifier = {};
};

/// What a verified assertion or token says about a person. Nothing in here is believed beyond what the
/// connection may vouch for.
struct ClaimedIdentity {
  /// The provider's immutable key of the person (Entra's objectidentifier / oid) and the tenant it is from.
  std::string object_identifier = {};
  std::string tenant_id = {};
  NameId name_id = {};
  std::string email = {};
  std::string user_name = {};
  std::string given_name = {};
  std::string family_name = {};
  std::string display_name = {};
  std::vector<std::string> groups = {};
};

enum class Refusal : std::uint8_t {
  AccountPlan,            ///< The account's plan has no SSO.
  ConnectionInactive,     ///< The connection is switched off.
  ConnectionNotAccepted,  ///< It was made by a setup link, and no administrator has accepted it; tests may
                          ///< pass.
  WrongTenant,            ///< The person is of another tenant than the connection's.
  NoEmail,            ///< The provider sent no e-mail address, or the employee has none where one is needed.
  OutsideDomains,     ///< The e-mail address lies outside the account's domains.
  OtherConnection,    ///< The address is in a domain that another connection of the account vouches for.
  NotProvisioned,     ///< There is no such employee.
  Deactivated,        ///< There is, and they are inactive.
  AmbiguousIdentity,  ///< Several employees match.
  LinkedElsewhere,    ///< The employee is linked to another identity of this provider: an address used again.
  SsoEnforced,        ///< A password, where SSO is the only way in.
  NoPassword,         ///< The employee has no password.
};

/// The finding code of a refusal in attempt records and pages, for example `identity.not_provisioned`.
std::string_view finding_code(Refusal reason);

struct Refused {
  Refusal reason;
  /// For the administrator, never for the employee: what would have been accepted, and what came.
  std::string expected;
  std::string actual;
  /// Whom it concerns, where somebody was found.
  std::optional<Employee> employee = {};
};

/// How an employee was recognised.
enum class Match : std::uint8_t { Link, ObjectId, Address, Provisioned };
std::string_view to_text(Match match);

struct Admitted {
  Employee employee;
  Match match;
  bool link_created = false;
};

using Decision = std::variant<Admitted, Refused>;

/// A test sign-in decides the same and changes nothing; where the real one would make an employee, the
/// answer's employee has id 0.
enum class SignInPurpose : std::uint8_t { Session, Test };

/// Decides about a person whom `connection` vouches for, and links them when they come for the first time:
///  1. the identity link of (connection, objectidentifier), else of (connection, NameID) when the NameID
///  lasts;
///  2. the employee whose objectId or externalId is the objectidentifier;
///  3. the employee with the e-mail address or user name, only in a domain that this connection vouches for;
///     without either claim, a NameID that is an address counts as the user name;
///  4. a new employee, when the account provisions at sign-in, under the condition of 3.
/// Whoever was found so must be active, must not be linked to another identity of the connection, must not
/// belong to another connection's domain and, when SSO is enforced, must have an address in the account's
/// domains. Stored attributes are never overwritten: they are the directory's.
Result<Decision> resolve_sign_in(storage::Transaction& transaction, const Account& account,
                                 const Connection& connection, const ClaimedIdentity& claimed,
                                 SignInPurpose purpose, Timestamp now);

/// Whether an employee may sign in with a password; nothing means yes. Ask after the password was verified,
/// so that the answer tells nothing to somebody who only knows a name.
std::optional<Refusal> why_not_password(const Account& account, const Employee& employee);

enum class LinkKind : std::uint8_t { ObjectIdentifier, NameId };
std::string_view to_text(LinkKind kind);

struct IdentityLink {
  ConnectionId connection;
  LinkKind kind;
  std::string value;
  Timestamp linked_at;
};
Result<std::vector<IdentityLink>> list_links(storage::Transaction& transaction, AccountId account,
                                             EmployeeId employee);
/// Makes the employee unknown to the connection, so that the next sign-in is matched anew; ends their
/// sessions. The administrator's way out of `LinkedElsewhere`.
Result<void> remove_links(storage::Transaction& transaction, AccountId account, EmployeeId employee,
                          ConnectionId connection, const Actor& actor, Timestamp now);

}  // namespace doorward::directory
