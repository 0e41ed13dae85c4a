#include "session/token_bearers.h"

#include <algorithm>

#include "base/text.h"
#include "directory/departments.h"
#include "directory/domains.h"
#include "directory/groups.h"

namespace doorward::session {

namespace {

using directory::TokenKind;

/// Of the tree of departments, as far as it is told.
constexpr std::size_t kMaxDepth = 32;

metrics::Counter& token_checks(metrics::Registry& metrics, std::string_view labels) {
  return metrics.counter("doorward_token_checks_total", "Tokens shown, by where they were found", labels);
}

}  // namespace

Result<Memberships> memberships_of(storage::Transaction& transaction, const directory::Employee& employee) {
  Memberships memberships;
  std::optional<directory::DepartmentId> next = employee.department;
  while (next && memberships.departments.size() < kMaxDepth) {
    ASSIGN_OR_RETURN(const auto department, directory::load_department(transaction, employee.account, *next));
    memberships.departments.push_back(department.name);
    next = department.parent;
  }
  ASSIGN_OR_RETURN(const auto groups, directory::groups_of(transaction, employee.account, employee.id));
  for (const directory::Group& group : groups)
    memberships.groups.push_back(group.display_name);
  return memberships;
}

bool Bearer::has_scope(std::string_view name) const {
  const auto names = split(scope, ' ');
  return std::find(names.begin(), names.end(), name) != names.end();
}

TokenBearers::TokenBearers(storage::Database& database, const Clock& clock,
                           directory::SessionLifetime lifetime, metrics::Registry& metrics)
    : database_(database),
      clock_(clock),
      lifetime_(lifetime),
      cache_(database, std::nullopt, token_checks(metrics, "from=\"memory\""),
             token_checks(metrics, "from=\"database\"")) {}

Timestamp TokenBearers::Kind::good_until(const Bearer& bearer, Timestamp read_at) {
  return std::min({bearer.expires_at, bearer.grant.expires_at, Timestamp(read_at + kMaxAge)});
}

TokenBearers::Kind::Touch TokenBearers::Kind::touch(const Bearer& bearer, Timestamp now) {
  Touch touch{.grant = {bearer.grant.account, bearer.grant.id, now}};
  // A program that asks with an access token says nothing about the person being there.
  if (bearer.kind == TokenKind::Proxy && bearer.grant.session)
    touch.session = directory::SessionTouch{bearer.grant.account, *bearer.grant.session, now};
  return touch;
}

Result<std::shared_ptr<const Bearer>> TokenBearers::find(const directory::GrantToken& token) {
  if (token.kind() != TokenKind::Access && token.kind() != TokenKind::Proxy) return nullptr;
  const Timestamp now = clock_.now();
  const auto read = [&](storage::Transaction& transaction) -> Result<std::optional<Bearer::Found>> {
    ASSIGN_OR_RETURN(auto found, directory::find_token_bearer(transaction, token, now));
    if (!found) return std::nullopt;
    Memberships memberships;
    bool email_verified = false;
    if (found->kind == TokenKind::Proxy && found->employee) {
      ASSIGN_OR_RETURN(memberships, memberships_of(transaction, *found->employee));
      ASSIGN_OR_RETURN(email_verified, directory::is_verified_email(transaction, found->account.id,
                                                                    found->employee->profile.email));
      ASSIGN_OR_RETURN(auto whole, directory::find_application_by_id(transaction, found->application.id));
      if (!whole) return std::nullopt;
      found->application = *std::move(whole);
    }
    return Bearer::Found{*std::move(found), std::move(memberships), email_verified};
  };
  return cache_.find(token.hash(), now, read);
}

Result<std::shared_ptr<const Bearer>> TokenBearers::who(const http::Request& request) {
  const auto text = request.bearer_token();
  if (!text) return nullptr;
  const auto token = directory::GrantToken::parse(*text, TokenKind::Access);
  if (!token) return nullptr;
  return find(*token);
}

Result<void> TokenBearers::flush() {
  std::vector<directory::GrantTouch> grants;
  std::vector<directory::SessionTouch> sessions;
  for (const Kind::Touch& touch : cache_.take_touches()) {
    grants.push_back(touch.grant);
    if (touch.session) sessions.push_back(*touch.session);
  }
  if (grants.empty()) return {};
  return database_.write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(directory::touch_grants(transaction, grants));
    return directory::touch_sessions(transaction, sessions, lifetime_.idle);
  });
}

}  // namespace doorward::session
