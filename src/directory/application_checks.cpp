#include "directory/application_checks.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "base/url.h"
#include "directory/matching_domains.h"
#include "directory/signing_keys.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

constexpr std::array<std::string_view, 6> kEmployeeScopes = {"openid", "profile",     "email",
                                                             "groups", "departments", "offline_access"};
constexpr std::array<std::string_view, 2> kServiceScopes = {"scim", "events"};
constexpr std::size_t kMaxJwks = std::size_t{256} * 1024;

tl::unexpected<Error> refuse(std::string message) {
  return fail(ErrorKind::InvalidInput, "directory.application_settings", std::move(message));
}

/// Whether employees sign in to it by OpenID Connect.
bool redirects(ApplicationKind kind) {
  return kind == ApplicationKind::Web || kind == ApplicationKind::Public;
}

std::span<const std::string_view> scopes_of(ApplicationKind kind) {
  if (kind == ApplicationKind::Service) return kServiceScopes;
  return kEmployeeScopes;
}

Result<std::string> checked_scope(ApplicationKind kind, std::string_view text) {
  if (trim(text).empty()) text = default_scope(kind);
  const auto known = scopes_of(kind);
  std::vector<std::string_view> names;
  for (const std::string_view name : split(text, ' ')) {
    if (name.empty() || std::ranges::find(names, name) != names.end()) continue;
    if (std::ranges::find(known, name) == known.end()) {
      std::string choice;
      for (const std::string_view each : known)
        choice += (choice.empty() ? "" : ", ") + std::string(each);
      return refuse("A " + std::string(to_text(kind)) + " application cannot have the scope “" +
                    printable(name) + "”. Choose from: " + choice + ".");
    }
    names.push_back(name);
  }
  std::string scope;
  for (const std::string_view name : names)
    scope += (scope.empty() ? "" : " ") + std::string(name);
  return scope;
}

bool is_loopback_name(const Url& url) {
  // RFC 6761 section 6.3: names below `.localhost` never leave the machine.
  return url.is_loopback() || url.host().ends_with(".localhost");
}

Result<Url> checked_url(std::string_view what, std::string_view text) {
  auto url = Url::parse(text);
  if (!url) {
    return refuse("The " + std::string(what) + ' ' + url.error().message);
  }
  if (!url->is_https() && !is_loopback_name(*url)) {
    return refuse("The " + std::string(what) + " “" + printable(text) +
                  "” must begin with https://; http:// is only for loopback addresses such as "
                  "http://127.0.0.1:8000.");
  }
  return url;
}

/// RFC 8252 section 7.1: a scheme in the reversed form of a domain name that the application's maker owns.
/// The dot also keeps out `javascript:`, `data:` and the like.
bool is_private_use_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size() || text.size() > Url::kMaxLength) {
    return false;
  }
  const std::string_view scheme = text.substr(0, colon);
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const bool well_formed =
      is_letter(scheme.empty() ? ' ' : scheme.front()) && std::ranges::all_of(scheme, [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      });
  return well_formed && scheme.find('.') != std::string_view::npos &&
         std::ranges::all_of(text.substr(colon + 1), [](char c) {
           return c > ' ' && c < '\x7f' && std::string_view("\"#<>\\^`{|}").find(c) == std::string_view::npos;
         });
}

Result<std::vector<std::string>> checked_redirects(ApplicationKind kind, std::string_view what,
                                                   const std::vector<std::string>& addresses) {
  if (!addresses.empty() && !redirects(kind)) {
    return refuse("A " + std::string(to_text(kind)) + " application has no " + std::string(what) + ".");
  }
  std::vector<std::string> checked;
  for (const std::string& address : addresses) {
    // Spaces around it come from copying; RFC 6749 section 3.1.2 compares what is left byte by byte.
    std::string trimmed(trim(address));
    if (kind != ApplicationKind::Public || !is_private_use_uri(trimmed)) {
      RETURN_IF_ERROR(checked_url(what, trimmed));
    }
    if (std::ranges::find(checked, trimmed) == checked.end()) checked.push_back(std::move(trimmed));
  }
  return checked;
}

Result<std::vector<std::string>> checked_origins(ApplicationKind kind,
                                                 const std::vector<std::string>& origins) {
  if (!origins.empty() && kind != ApplicationKind::Proxy) {
    return refuse("Only a proxy application has origins.");
  }
  std::vector<std::string> checked;
  for (const std::string& each : origins) {
    ASSIGN_OR_RETURN(const Url url, checked_url("origin", trim(each)));
    if (url.path() != "/" || !url.query().empty()) {
      return refuse("The origin “" + printable(each) + "” has a path. Write " + url.origin() +
                    ": the rules are for all of its pages.");
    }
    if (std::ranges::find(checked, url.origin()) == checked.end()) checked.push_back(url.origin());
  }
  return checked;
}

Result<void> check_counts(const ApplicationSettings& settings) {
  for (const auto* addresses :
       {&settings.redirect_uris, &settings.post_logout_redirect_uris, &settings.origins}) {
    if (addresses->size() > static_cast<std::size_t>(kMaxApplicationAddresses)) {
      return refuse("An application has at most " + std::to_string(kMaxApplicationAddresses) +
                    " addresses of each kind.");
    }
  }
  return {};
}

Result<void> check_fits(ApplicationKind kind, std::optional<AccountId> account,
                        const ApplicationSettings& settings) {
  const std::string name(to_text(kind));
  if (kind == ApplicationKind::Service && !account) {
    return refuse("A service acts for one account: it cannot be of all accounts.");
  }
  if (kind == ApplicationKind::Service && settings.access != ApplicationAccess::Everyone) {
    return refuse("Nobody signs in to a service, so that there is nobody to choose.");
  }
  if (settings.access == ApplicationAccess::Chosen && !account) {
    return refuse(
        "Departments and groups are an account's own: an application of all accounts is for "
        "everyone or for administrators.");
  }
  if (settings.asks_consent && !redirects(kind)) {
    return refuse("A " + name + " application cannot ask for consent.");
  }
  if (settings.access_token_format == AccessTokenFormat::Jwt && !redirects(kind)) {
    return refuse("The access tokens of a " + name + " application are always opaque.");
  }
  if (!parse_token_algorithm(settings.id_token_algorithm)) {
    return refuse("“" + printable(settings.id_token_algorithm) +
                  "” is no algorithm for ID tokens. Choose RS256 or ES256.");
  }
  if (!settings.jwks.empty() && kind != ApplicationKind::Web && kind != ApplicationKind::Service) {
    return refuse("A " + name + " application has no keys of its own.");
  }
  if (settings.jwks.size() > kMaxJwks || !is_valid_utf8(settings.jwks) ||
      settings.jwks.find('\0') != std::string::npos) {
    return refuse("The key set is no text of at most 256 KB.");
  }
  return {};
}

/// On a server for one company nobody's host can be claimed.
Result<bool> is_shared(storage::Transaction& transaction) {
  ASSIGN_OR_RETURN(const auto companies,
                   transaction.all("SELECT id FROM accounts WHERE parent_id IS NULL ORDER BY id LIMIT 2", {},
                                   [](const storage::Row& row) { return row.integer(0); }));
  return companies.size() > 1;
}

/// Those whose proof is more than an administrator's word.
Result<std::vector<std::string>> proven_domains(storage::Transaction& transaction, AccountId account) {
  return transaction.all("SELECT name FROM domains WHERE name IN " DIRECTORY_MATCHING_DOMAINS
                         " AND proof IN ('dns', 'support') ORDER BY name",
                         {account}, [](const storage::Row& row) { return std::string(row.text(0)); });
}

bool lies_in_any(std::string_view origin, std::span<const std::string> domains) {
  const auto url = Url::parse(origin);
  if (!url) return false;
  const std::string host = to_ascii_lower(url->host());
  return std::ranges::any_of(
      domains, [&](const std::string& domain) { return host == domain || host.ends_with('.' + domain); });
}

Result<std::vector<AccountId>> with_test_accounts(storage::Transaction& transaction, AccountId account) {
  return transaction.all(
      "SELECT id FROM accounts WHERE id = $1 UNION SELECT id FROM accounts"
      " WHERE parent_id = $1 ORDER BY id",
      {account}, [](const storage::Row& row) { return row.id<AccountId>(0); });
}

}  // namespace

std::string_view default_scope(ApplicationKind kind) {
  switch (kind) {
    case ApplicationKind::Service:
      return "events";
    case ApplicationKind::Proxy:
      return "openid profile email groups departments";
    case ApplicationKind::Mobile:
      return "openid profile email offline_access";
    case ApplicationKind::Web:
    case ApplicationKind::Public:
      break;
  }
  return "openid profile email";
}

Result<ApplicationSettings> checked_settings(ApplicationKind kind, std::optional<AccountId> account,
                                             ApplicationSettings settings) {
  settings.name = trim(settings.name);
  RETURN_IF_ERROR(check_value("name", settings.name, Presence::Required));
  RETURN_IF_ERROR(check_fits(kind, account, settings));
  RETURN_IF_ERROR(check_counts(settings));
  ASSIGN_OR_RETURN(settings.scope, checked_scope(kind, settings.scope));
  ASSIGN_OR_RETURN(settings.redirect_uris, checked_redirects(kind, "redirect URI", settings.redirect_uris));
  ASSIGN_OR_RETURN(settings.post_logout_redirect_uris,
                   checked_redirects(kind, "post-logout redirect URI", settings.post_logout_redirect_uris));
  ASSIGN_OR_RETURN(settings.origins, checked_origins(kind, settings.origins));
  settings.backchannel_logout_uri = trim(settings.backchannel_logout_uri);
  if (!settings.backchannel_logout_uri.empty()) {
    if (!redirects(kind)) {
      return refuse("A " + std::string(to_text(kind)) + " application has no back-channel logout URI.");
    }
    RETURN_IF_ERROR(checked_url("back-channel logout URI", settings.backchannel_logout_uri));
  }
  if (settings.access != ApplicationAccess::Chosen) {
    settings.departments.clear();
    settings.groups.clear();
  }
  return settings;
}

Result<void> check_origins_are_own(storage::Transaction& transaction, AccountId account,
                                   const std::vector<std::string>& origins) {
  if (origins.empty()) return {};
  ASSIGN_OR_RETURN(const bool proof_counts, is_shared(transaction));
  if (!proof_counts) return {};
  ASSIGN_OR_RETURN(const auto domains, proven_domains(transaction, account));
  for (const std::string& origin : origins) {
    if (!lies_in_any(origin, domains)) {
      return fail(
          ErrorKind::Refused, kOriginUnproven,
          printable(origin) +
              " lies in none of the domains that your company has proven. Several companies use this server:"
              " prove the domain first (Security > SSO and SCIM > Domains), or ask the operator to add the"
              " application.");
    }
  }
  return {};
}

Result<std::vector<std::string>> give_up_origins(storage::Transaction& transaction, AccountId account,
                                                 std::string_view domain, const Actor& actor, Timestamp now) {
  std::vector<std::string> given_up;
  ASSIGN_OR_RETURN(const bool proof_counts, is_shared(transaction));
  if (!proof_counts) return given_up;
  ASSIGN_OR_RETURN(const auto others, proven_domains(transaction, account));
  const std::vector<std::string> removed = {std::string(domain)};
  std::string list;
  ASSIGN_OR_RETURN(const auto accounts, with_test_accounts(transaction, account));
  for (const AccountId each : accounts) {
    ASSIGN_OR_RETURN(const auto applications, list_applications(transaction, each));
    for (const Application& application : applications) {
      ApplicationSettings settings = application.settings;
      const auto gone = std::ranges::stable_partition(settings.origins, [&](const std::string& origin) {
        return !lies_in_any(origin, removed) || lies_in_any(origin, others);
      });
      if (gone.empty()) continue;
      list += (list.empty() ? "“" : ", “") + printable(settings.name) + "”";
      for (const std::string& origin : gone) {
        list += ' ' + printable(origin);
        given_up.push_back(origin);
      }
      settings.origins.erase(gone.begin(), gone.end());
      if (actor.kind == ActorKind::Administrator) continue;
      RETURN_IF_ERROR(update_application(transaction, application.id, settings, actor, now));
    }
  }
  if (given_up.empty() || actor.kind != ActorKind::Administrator) return given_up;
  return fail(
      ErrorKind::Conflict, kDomainInUse,
      "Applications stand on " + printable(domain) + ": " + list +
          ". Nothing else proves that these addresses are yours. Take them out of the applications, or"
          " delete those, first.");
}

}  // namespace doorward::directory
