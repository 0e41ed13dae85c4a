#include "directory/applications.h"

#include <algorithm>

#include "base/text.h"
#include "directory/application_access.h"
#include "directory/application_checks.h"
#include "directory/application_rows.h"
#include "directory/application_uses.h"
#include "directory/departments.h"
#include "directory/events.h"
#include "directory/grants.h"
#include "directory/groups.h"
#include "directory/names.h"
#include "directory/notices.h"

namespace doorward::directory {
namespace {

constexpr Names<ApplicationKind, 5> kKinds = {{{ApplicationKind::Web, "web"},
                                               {ApplicationKind::Public, "public"},
                                               {ApplicationKind::Service, "service"},
                                               {ApplicationKind::Proxy, "proxy"},
                                               {ApplicationKind::Mobile, "mobile"}}};
constexpr Names<ApplicationAccess, 3> kAccesses = {{{ApplicationAccess::Everyone, "everyone"},
                                                    {ApplicationAccess::Administrators, "administrators"},
                                                    {ApplicationAccess::Chosen, "chosen"}}};
constexpr Names<AccessTokenFormat, 2> kFormats = {
    {{AccessTokenFormat::Opaque, "opaque"}, {AccessTokenFormat::Jwt, "jwt"}}};

constexpr std::string_view kRedirect = "redirect";
constexpr std::string_view kPostLogout = "post-logout";
constexpr std::string_view kOrigin = "origin";

tl::unexpected<Error> no_application() {
  return fail(ErrorKind::NotFound, kNoApplication, "The application does not exist any more.");
}

tl::unexpected<Error> name_taken(std::string_view name) {
  return fail(ErrorKind::Conflict, kApplicationNameTaken,
              "There is an application “" + printable(name) + "” already. Choose another name.");
}

Result<void> read_addresses(storage::Transaction& transaction, Application& application) {
  ApplicationSettings& settings = application.settings;
  return transaction.query(
      "SELECT purpose, url FROM application_addresses WHERE application_id = $1 ORDER BY id",
      {application.id}, [&](const storage::Row& row) {
        const std::string_view purpose = row.text(0);
        auto& addresses = purpose == kRedirect     ? settings.redirect_uris
                          : purpose == kPostLogout ? settings.post_logout_redirect_uris
                                                   : settings.origins;
        addresses.emplace_back(row.text(1));
      });
}

Result<void> read_rules(storage::Transaction& transaction, Application& application) {
  ApplicationSettings& settings = application.settings;
  if (settings.access != ApplicationAccess::Chosen || !application.account) return {};
  return transaction.query(
      "SELECT d.public_id, h.public_id FROM application_rules AS r"
      " LEFT JOIN departments AS d ON d.account_id = r.account_id AND d.id = r.department_id"
      " LEFT JOIN directory_groups AS h ON h.account_id = r.account_id AND h.id = r.group_id"
      " WHERE r.account_id = $1 AND r.application_id = $2 ORDER BY r.id",
      {*application.account, application.id}, [&](const storage::Row& row) {
        if (row.is_null(0)) {
          settings.groups.emplace_back(row.text(1));
        } else {
          settings.departments.emplace_back(row.text(0));
        }
      });
}

Application read_with_jwks(const storage::Row& row) {
  Application application = read_application(row);
  application.settings.jwks = row.text(kApplicationColumns);
  return application;
}

Result<std::optional<Application>> complete(storage::Transaction& transaction,
                                            std::optional<Application> application) {
  if (!application) return application;
  RETURN_IF_ERROR(read_addresses(transaction, *application));
  RETURN_IF_ERROR(read_rules(transaction, *application));
  return application;
}

Result<Application> load(storage::Transaction& transaction, ApplicationId id) {
  ASSIGN_OR_RETURN(std::optional<Application> found, find_application_by_id(transaction, id));
  if (!found) return no_application();
  return *std::move(found);
}

Result<void> write_addresses(storage::Transaction& transaction, ApplicationId id,
                             const ApplicationSettings& settings) {
  RETURN_IF_ERROR(transaction.execute("DELETE FROM application_addresses WHERE application_id = $1", {id}));
  const std::pair<std::string_view, const std::vector<std::string>*> lists[] = {
      {kRedirect, &settings.redirect_uris},
      {kPostLogout, &settings.post_logout_redirect_uris},
      {kOrigin, &settings.origins}};
  for (const auto& [purpose, addresses] : lists) {
    for (const std::string& url : *addresses) {
      ASSIGN_OR_RETURN(const std::int64_t written,
                       transaction.execute("INSERT INTO application_addresses (application_id, purpose, url)"
                                           " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                                           {id, purpose, url}));
      // `settings` holds each address once, so that only somebody else's origin is in the way.
      if (written == 0) {
        return fail(ErrorKind::Conflict, kOriginTaken,
                    "Another application stands for " + printable(url) +
                        " already. An origin belongs to one application.");
      }
    }
  }
  return {};
}

Result<void> add_rule(storage::Transaction& transaction, const Application& application,
                      std::optional<DepartmentId> department, std::optional<GroupId> group) {
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO application_rules (account_id, application_id, department_id, group_id)"
      " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
      {application.account, application.id, department, group}));
  return {};
}

Result<void> write_rules(storage::Transaction& transaction, const Application& application) {
  if (!application.account) return {};
  const AccountId account = *application.account;
  RETURN_IF_ERROR(
      transaction.execute("DELETE FROM application_rules WHERE account_id = $1 AND application_id = $2",
                          {account, application.id}));
  for (const std::string& public_id : application.settings.departments) {
    ASSIGN_OR_RETURN(const auto department, find_department(transaction, account, public_id));
    if (!department) {
      return fail(ErrorKind::InvalidInput, "directory.no_department",
                  "There is no department with the id " + printable(public_id) + '.');
    }
    RETURN_IF_ERROR(add_rule(transaction, application, department->id, {}));
  }
  for (const std::string& public_id : application.settings.groups) {
    ASSIGN_OR_RETURN(const auto group, find_group(transaction, account, public_id));
    if (!group) {
      return fail(ErrorKind::InvalidInput, kNoGroup,
                  "There is no group with the id " + printable(public_id) + '.');
    }
    RETURN_IF_ERROR(add_rule(transaction, application, {}, group->id));
  }
  return {};
}

/// What ended in one of the accounts that an application serves.
struct EndedThere {
  AccountId account;
  std::optional<EndedGrants> ended = {};
};

/// Each account that the application serves reads of it in its own audit, with what ended there; programs are
/// told by the account that it belongs to.
Result<void> tell(storage::Transaction& transaction, const Application& application, const Actor& actor,
                  std::string_view action, json::Object details, const std::vector<EndedThere>& everywhere,
                  Timestamp now) {
  details["name"] = application.settings.name;
  details["kind"] = to_text(application.kind);
  if (!application.account) details["of_all_accounts"] = true;
  for (const auto& [account, ended] : everywhere) {
    if (ended) details["grants_ended"] = ended->grants;
    RETURN_IF_ERROR(record_audit(transaction, account, actor, action, application.client_id, details, now));
  }
  if (!application.account) return {};
  return append_event(transaction, *application.account, action, application.client_id, details, now);
}

Result<void> tell_caches(storage::Transaction& transaction, const Application& application) {
  ASSIGN_OR_RETURN(const std::vector<AccountId> accounts, accounts_served(transaction, application));
  for (const AccountId account : accounts)
    RETURN_IF_ERROR(send_notice(transaction, {.account = account}));
  return {};
}

Result<void> check_room(storage::Transaction& transaction, std::optional<AccountId> account) {
  ASSIGN_OR_RETURN(const auto number,
                   transaction.first("SELECT count(*) FROM applications WHERE COALESCE(account_id, 0) = $1",
                                     {account.value_or(AccountId{})},
                                     [](const storage::Row& row) { return row.integer(0); }));
  if (*number < kMaxApplications) return {};
  return fail(ErrorKind::Conflict, "directory.too_many_applications",
              "There are " + std::to_string(kMaxApplications) +
                  " applications already. Delete one that is not used any more.");
}

/// The names of what differs: addresses and key sets are too long to tell.
json::Array changed_settings(const ApplicationSettings& before, const ApplicationSettings& after) {
  json::Array changed;
  const auto note = [&](bool differs, std::string_view name) {
    if (differs) changed.emplace_back(name);
  };
  note(before.name != after.name, "name");
  note(before.active != after.active, "active");
  note(before.access != after.access, "access");
  note(before.departments != after.departments, "departments");
  note(before.groups != after.groups, "groups");
  note(before.scope != after.scope, "scope");
  note(before.asks_consent != after.asks_consent, "asks_consent");
  note(before.access_token_format != after.access_token_format, "access_token_format");
  note(before.id_token_algorithm != after.id_token_algorithm, "id_token_algorithm");
  note(before.redirect_uris != after.redirect_uris, "redirect_uris");
  note(before.post_logout_redirect_uris != after.post_logout_redirect_uris, "post_logout_redirect_uris");
  note(before.origins != after.origins, "origins");
  note(before.backchannel_logout_uri != after.backchannel_logout_uri, "backchannel_logout_uri");
  note(before.jwks != after.jwks, "jwks");
  return changed;
}

/// What the change takes away, in every account that the application serves.
Result<std::vector<EndedThere>> end_what_no_longer_fits(storage::Transaction& transaction,
                                                        const Application& before, const Application& after,
                                                        Timestamp now) {
  const ApplicationSettings& was = before.settings;
  const ApplicationSettings& is = after.settings;
  const bool narrower = was.access != is.access || was.departments != is.departments ||
                        was.groups != is.groups || was.scope != is.scope || was.origins != is.origins;
  std::vector<EndedThere> everywhere;
  ASSIGN_OR_RETURN(const std::vector<AccountId> accounts, accounts_served(transaction, after));
  for (const AccountId account : accounts) {
    EndedThere there{.account = account, .ended = EndedGrants{}};
    if (!is.active) {
      ASSIGN_OR_RETURN(there.ended, end_grants_of_application(transaction, account, after.id, now));
    } else if (narrower) {
      ASSIGN_OR_RETURN(there.ended, end_unfit_grants_of_application(transaction, account, after, now));
    }
    everywhere.push_back(there);
  }
  return everywhere;
}

Result<void> write_row(storage::Transaction& transaction, const Application& application, Timestamp now) {
  const ApplicationSettings& settings = application.settings;
  const std::string key = fold_case(settings.name);
  ASSIGN_OR_RETURN(
      const auto same_name,
      transaction.first("SELECT id FROM applications WHERE COALESCE(account_id, 0) = $1 AND name_key = $2"
                        " AND id <> $3",
                        {application.account.value_or(AccountId{}), key, application.id},
                        [](const storage::Row& row) { return row.integer(0); }));
  if (same_name) return name_taken(settings.name);
  RETURN_IF_ERROR(transaction.execute(
      "UPDATE applications SET name = $2, name_key = $3, active = $4, access = $5, scope = $6,"
      " asks_consent = $7, access_token_format = $8, id_token_algorithm = $9, jwks = $10,"
      " backchannel_logout_uri = $11, updated_at = $12 WHERE id = $1",
      {application.id, settings.name, key, settings.active, to_text(settings.access), settings.scope,
       settings.asks_consent, to_text(settings.access_token_format), settings.id_token_algorithm,
       settings.jwks, settings.backchannel_logout_uri, now}));
  return {};
}

}  // namespace

std::string_view to_text(ApplicationKind kind) {
  return name_of(kKinds, kind);
}
std::optional<ApplicationKind> parse_application_kind(std::string_view text) {
  return value_of(kKinds, text);
}
std::string_view to_text(ApplicationAccess access) {
  return name_of(kAccesses, access);
}
std::optional<ApplicationAccess> parse_application_access(std::string_view text) {
  return value_of(kAccesses, text);
}
std::string_view to_text(AccessTokenFormat format) {
  return name_of(kFormats, format);
}
std::optional<AccessTokenFormat> parse_access_token_format(std::string_view text) {
  return value_of(kFormats, text);
}

Application read_application(const storage::Row& row, int first) {
  Application application;
  application.id = row.id<ApplicationId>(first);
  application.client_id = row.text(first + 1);
  if (!row.is_null(first + 2)) application.account = row.id<AccountId>(first + 2);
  application.settings.name = row.text(first + 3);
  application.kind = stored_value(kKinds, row.text(first + 4));
  application.settings.active = row.flag(first + 5);
  application.settings.access = stored_value(kAccesses, row.text(first + 6));
  application.settings.scope = row.text(first + 7);
  application.settings.asks_consent = row.flag(first + 8);
  application.settings.access_token_format = stored_value(kFormats, row.text(first + 9));
  application.settings.id_token_algorithm = row.text(first + 10);
  application.settings.backchannel_logout_uri = row.text(first + 11);
  application.created_at = row.time(first + 12);
  application.updated_at = row.time(first + 13);
  return application;
}

Result<Application> create_application(storage::Transaction& transaction, const NewApplication& application,
                                       const Actor& actor, Timestamp now) {
  if (application.kind == ApplicationKind::Mobile) {
    return fail(ErrorKind::InvalidInput, "directory.application_settings",
                "There is one mobile application, the portal's own, and no other can be made.");
  }
  ASSIGN_OR_RETURN(const ApplicationSettings settings,
                   checked_settings(application.kind, application.account, application.settings));
  if (actor.kind == ActorKind::Administrator && application.account) {
    RETURN_IF_ERROR(check_origins_are_own(transaction, *application.account, settings.origins));
  }
  RETURN_IF_ERROR(check_room(transaction, application.account));
  ASSIGN_OR_RETURN(
      const auto id,
      transaction.first(
          "INSERT INTO applications (client_id, account_id, name, name_key, kind, active, access, scope,"
          " asks_consent, access_token_format, id_token_algorithm, jwks, backchannel_logout_uri, created_at,"
          " updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)"
          " ON CONFLICT DO NOTHING RETURNING id",
          {application.client_id, application.account, settings.name, fold_case(settings.name),
           to_text(application.kind), settings.active, to_text(settings.access), settings.scope,
           settings.asks_consent, to_text(settings.access_token_format), settings.id_token_algorithm,
           settings.jwks, settings.backchannel_logout_uri, now},
          [](const storage::Row& row) { return row.id<ApplicationId>(0); }));
  if (!id) return name_taken(settings.name);
  const Application created{.id = *id,
                            .client_id = application.client_id,
                            .account = application.account,
                            .kind = application.kind,
                            .settings = settings,
                            .created_at = now,
                            .updated_at = now};
  RETURN_IF_ERROR(write_addresses(transaction, created.id, settings));
  RETURN_IF_ERROR(write_rules(transaction, created));
  ASSIGN_OR_RETURN(const std::vector<AccountId> accounts, accounts_served(transaction, created));
  std::vector<EndedThere> everywhere;
  for (const AccountId account : accounts)
    everywhere.push_back({.account = account});
  RETURN_IF_ERROR(tell(transaction, created, actor, "application.created", {}, everywhere, now));
  // An origin or client id that was nobody's may be remembered as such.
  RETURN_IF_ERROR(tell_caches(transaction, created));
  return load(transaction, created.id);
}

Result<Application> update_application(storage::Transaction& transaction, ApplicationId id,
                                       const ApplicationSettings& settings, const Actor& actor,
                                       Timestamp now) {
  ASSIGN_OR_RETURN(const Application before, load(transaction, id));
  Application wanted = before;
  ASSIGN_OR_RETURN(wanted.settings, checked_settings(before.kind, before.account, settings));
  if (wanted.settings == before.settings) return before;
  if (actor.kind == ActorKind::Administrator && before.account) {
    // What support has let stand may stay.
    std::vector<std::string> added;
    std::ranges::copy_if(wanted.settings.origins, std::back_inserter(added), [&](const std::string& origin) {
      return std::ranges::find(before.settings.origins, origin) == before.settings.origins.end();
    });
    RETURN_IF_ERROR(check_origins_are_own(transaction, *before.account, added));
  }
  RETURN_IF_ERROR(write_row(transaction, wanted, now));
  RETURN_IF_ERROR(write_addresses(transaction, id, wanted.settings));
  RETURN_IF_ERROR(write_rules(transaction, wanted));
  ASSIGN_OR_RETURN(const Application after, load(transaction, id));
  ASSIGN_OR_RETURN(const auto everywhere, end_what_no_longer_fits(transaction, before, after, now));
  RETURN_IF_ERROR(tell(transaction, after, actor, "application.updated",
                       {{"changed", changed_settings(before.settings, after.settings)}}, everywhere, now));
  RETURN_IF_ERROR(tell_caches(transaction, after));
  return after;
}

Result<void> delete_application(storage::Transaction& transaction, ApplicationId id, const Actor& actor,
                                Timestamp now) {
  ASSIGN_OR_RETURN(const Application application, load(transaction, id));
  if (application.kind == ApplicationKind::Mobile) {
    return fail(ErrorKind::Refused, "directory.mobile_application",
                "The portal's own mobile app cannot be deleted. Switch it off instead.");
  }
  std::vector<EndedThere> everywhere;
  ASSIGN_OR_RETURN(const std::vector<AccountId> accounts, accounts_served(transaction, application));
  for (const AccountId account : accounts) {
    ASSIGN_OR_RETURN(const EndedGrants ended, end_grants_of_application(transaction, account, id, now));
    everywhere.push_back({.account = account, .ended = ended});
    RETURN_IF_ERROR(transaction.execute(
        "DELETE FROM application_rules WHERE account_id = $1 AND application_id = $2", {account, id}));
    RETURN_IF_ERROR(delete_uses(transaction, account, id));
  }
  RETURN_IF_ERROR(transaction.execute("DELETE FROM applications WHERE id = $1", {id}));
  RETURN_IF_ERROR(tell(transaction, application, actor, "application.deleted", {}, everywhere, now));
  return tell_caches(transaction, application);
}

Result<std::optional<Application>> find_application(storage::Transaction& transaction,
                                                    std::string_view client_id) {
  ASSIGN_OR_RETURN(std::optional<Application> found,
                   transaction.first("SELECT " DIRECTORY_APPLICATION_COLUMNS
                                     ", p.jwks FROM applications AS p WHERE p.client_id = $1",
                                     {client_id}, read_with_jwks));
  return complete(transaction, std::move(found));
}

Result<std::optional<Application>> find_application_by_id(storage::Transaction& transaction,
                                                          ApplicationId id) {
  ASSIGN_OR_RETURN(std::optional<Application> found,
                   transaction.first("SELECT " DIRECTORY_APPLICATION_COLUMNS
                                     ", p.jwks FROM applications AS p WHERE p.id = $1",
                                     {id}, read_with_jwks));
  return complete(transaction, std::move(found));
}

Result<Application> find_own_application(storage::Transaction& transaction, std::optional<AccountId> account,
                                         std::string_view id_or_name) {
  const std::string_view text = trim(id_or_name);
  ASSIGN_OR_RETURN(
      std::optional<Application> found,
      transaction.first("SELECT " DIRECTORY_APPLICATION_COLUMNS
                        ", p.jwks FROM applications AS p WHERE p.id IN (SELECT q.id FROM applications AS q"
                        "   WHERE q.client_id = $2 AND COALESCE(q.account_id, 0) = $1"
                        "  UNION SELECT n.id FROM applications AS n WHERE COALESCE(n.account_id, 0) = $1"
                        "   AND n.name_key = $3)"
                        " ORDER BY CASE WHEN p.client_id = $2 THEN 0 ELSE 1 END LIMIT 1",
                        {account.value_or(AccountId{}), to_ascii_lower(text), fold_case(text)},
                        read_with_jwks));
  if (!found) {
    return fail(ErrorKind::NotFound, kNoApplication,
                "There is no application “" + printable(text) + "” here.");
  }
  ASSIGN_OR_RETURN(std::optional<Application> whole, complete(transaction, std::move(found)));
  return *std::move(whole);
}

Result<std::optional<Application>> find_application_by_origin(storage::Transaction& transaction,
                                                              std::string_view origin) {
  ASSIGN_OR_RETURN(
      std::optional<Application> found,
      transaction.first("SELECT " DIRECTORY_APPLICATION_COLUMNS ", p.jwks FROM application_addresses AS u"
                        " JOIN applications AS p ON p.id = u.application_id"
                        " WHERE u.url = $1 AND u.purpose = 'origin'",
                        {to_ascii_lower(origin)}, read_with_jwks));
  return complete(transaction, std::move(found));
}

Result<std::vector<Application>> list_applications(storage::Transaction& transaction,
                                                   std::optional<AccountId> account) {
  ASSIGN_OR_RETURN(std::vector<Application> applications,
                   transaction.all("SELECT " DIRECTORY_APPLICATION_COLUMNS
                                   ", p.jwks FROM applications AS p WHERE COALESCE(p.account_id, 0) = $1"
                                   " AND p.kind <> 'mobile' ORDER BY p.name_key",
                                   {account.value_or(AccountId{})}, read_with_jwks));
  for (Application& application : applications) {
    RETURN_IF_ERROR(read_addresses(transaction, application));
    RETURN_IF_ERROR(read_rules(transaction, application));
  }
  return applications;
}

}  // namespace doorward::directory
