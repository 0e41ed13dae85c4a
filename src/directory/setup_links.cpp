#include "directory/setup_links.h"

#include <fmt/format.h>

#include "base/text.h"
#include "directory/names.h"
#include "directory/rows.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

constexpr Names<LinkEnd, 5> kEnds = {{{LinkEnd::Revoked, "revoked"},
                                      {LinkEnd::Finished, "finished"},
                                      {LinkEnd::Rights, "rights"},
                                      {LinkEnd::Enabled, "enabled"},
                                      {LinkEnd::Cancelled, "cancelled"}}};

constexpr std::size_t kMaxLinkName = 80;
constexpr std::size_t kMaxOpenedFrom = 64;

#define LINK_COLUMNS                                                                                      \
  "l.public_id, l.name, l.created_at, l.created_by, l.creator, l.expires_at, l.opened_at, l.opened_from," \
  " l.ended_at, l.end_reason, l.ended_by"
constexpr int kLinkColumns = 11;

/// Of `setup_links AS l`: it was not ended, and its time has not come.
#define LINK_UNENDED(now) "l.ended_at IS NULL AND l.expires_at > " now
/// And of `accounts AS a`: the setup is open, and whoever made the link could do it themselves. The ends are
/// written down when they come; this holds should one be forgotten.
#define LINK_LIVES(now)                                                                              \
  LINK_UNENDED(now)                                                                                  \
  " AND a.sso_enforced_at IS NULL AND a.plan = 'enterprise'"                                         \
  " AND EXISTS (SELECT 1 FROM setups AS s WHERE s.account_id = l.account_id)"                        \
  " AND EXISTS (SELECT 1 FROM employees AS e WHERE e.account_id = l.account_id AND e.id = l.creator" \
  " AND e.active = 1 AND e.administrator = 1)"

SetupLink read_setup_link(const storage::Row& row) {
  SetupLink link;
  link.public_id = row.text(0);
  link.name = row.text(1);
  link.created_at = row.time(2);
  link.created_by = row.text(3);
  link.creator = row.id<EmployeeId>(4);
  link.expires_at = row.time(5);
  link.opened_at = row.optional_time(6);
  link.opened_from = row.text(7);
  link.ended_at = row.optional_time(8);
  if (link.ended_at) link.end = stored_value(kEnds, row.text(9));
  link.ended_by = row.text(10);
  return link;
}

Delegate read_delegate(const storage::Row& row) {
  return {.link = read_setup_link(row), .account = read_account(row, kLinkColumns)};
}

Result<void> check_may_delegate(storage::Transaction& transaction, const Employee& administrator,
                                Timestamp now) {
  // The session that asks may have been read before the rights were lost.
  ASSIGN_OR_RETURN(const Employee current,
                   load_employee(transaction, administrator.account, administrator.id));
  if (!current.active || !current.administrator) {
    return fail(ErrorKind::Refused, "directory.no_administrator",
                "A setup link is made by an administrator of the account.");
  }
  ASSIGN_OR_RETURN(const Account account, load_account(transaction, current.account));
  if (account.plan != Plan::Enterprise) {
    return fail(ErrorKind::Refused, "directory.plan_without_sso",
                "Single sign-on belongs to the enterprise plan. Ask support to change the account's plan.");
  }
  if (account.sso_enforced_at) {
    return fail(ErrorKind::Conflict, "directory.sso_enforced",
                "SSO is enabled, so there is nothing left to set up.");
  }
  ASSIGN_OR_RETURN(const auto started,
                   transaction.first("SELECT 1 FROM setups WHERE account_id = $1", {account.id},
                                     [](const storage::Row& row) { return row.integer(0); }));
  if (!started) {
    return fail(ErrorKind::Conflict, "directory.no_setup",
                "The setup was not started, or was cancelled. Start it first.");
  }
  ASSIGN_OR_RETURN(
      const auto living,
      transaction.first("SELECT count(*) FROM setup_links AS l WHERE l.account_id = $1"
                        " AND " LINK_UNENDED("$2"),
                        {account.id, now}, [](const storage::Row& row) { return row.integer(0); }));
  if (*living < kMaxSetupLinks) return {};
  return fail(ErrorKind::Conflict, "directory.too_many_setup_links",
              fmt::format("There are {} setup links already. End one first.", *living));
}

struct Ending {
  std::string public_id;
  std::string name;
};
Ending read_ending(const storage::Row& row) {
  return {.public_id = std::string(row.text(0)), .name = std::string(row.text(1))};
}

Result<void> tell_ended(storage::Transaction& transaction, AccountId account,
                        const std::vector<Ending>& endings, LinkEnd end, const Actor& actor, Timestamp now) {
  for (const Ending& ending : endings) {
    RETURN_IF_ERROR(record_audit(transaction, account, actor, "setup_link.ended", ending.public_id,
                                 {{"name", ending.name}, {"reason", to_text(end)}}, now));
  }
  return {};
}

tl::unexpected<Error> link_over() {
  return fail(ErrorKind::Refused, kSetupLinkEnded,
              "This setup link is over: its time has come, an administrator ended it, or the setup was "
              "finished. Ask the administrator who gave it to you for a new one.");
}

/// Why a link with this secret does not open.
tl::unexpected<Error> why_not_opened(const SetupLink& link) {
  if (link.ended_at || !link.opened_at) return link_over();
  return fail(
      ErrorKind::Conflict, kSetupLinkUsed,
      "This setup link was opened before, and works in one browser only. If that was not you, tell the "
      "administrator who gave it to you at once: they can end it and make a new one.");
}

tl::unexpected<Error> no_link() {
  return fail(ErrorKind::NotFound, kNoSetupLink,
              "This is no setup link of this server. Copy the whole address that you were given, or ask the "
              "administrator for a new one.");
}

}  // namespace

std::string_view to_text(LinkEnd end) {
  return name_of(kEnds, end);
}

Actor Delegate::actor() const {
  // By the rights of an administrator, and never without saying through whom.
  return {.kind = ActorKind::Administrator,
          .name = fmt::format("setup link {} of {}", link.name, link.created_by),
          .proposes = true};
}

Result<SetupLink> create_setup_link(storage::Transaction& transaction, const Employee& administrator,
                                    std::string_view name, int days, const SetupLinkSecret& secret,
                                    const Actor& actor, Timestamp now) {
  const std::string_view text = trim(name);
  if (text.empty() || text.size() > kMaxLinkName || printable(text) != text) {
    return fail(ErrorKind::InvalidInput, "directory.bad_setup_link_name",
                fmt::format("Say who is to do it: readable text of at most {} bytes.", kMaxLinkName));
  }
  if (days < 1 || days > kMaxSetupLinkDays) {
    return fail(ErrorKind::InvalidInput, "directory.bad_setup_link_days",
                fmt::format("A setup link works for 1 to {} days.", kMaxSetupLinkDays));
  }
  RETURN_IF_ERROR(check_may_delegate(transaction, administrator, now));
  SetupLink link;
  link.public_id = new_public_id();
  link.name = text;
  link.created_at = now;
  link.created_by = actor.name;
  link.creator = administrator.id;
  link.expires_at = now + std::chrono::hours(24 * days);
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO setup_links (account_id, public_id, name, token_hash, created_at, created_by, creator,"
      " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {administrator.account, link.public_id, link.name, storage::Blob{secret.hash()}, now, link.created_by,
       administrator.id, link.expires_at}));
  RETURN_IF_ERROR(record_audit(transaction, administrator.account, actor, "setup_link.created",
                               link.public_id,
                               {{"name", link.name}, {"expires_at", format_rfc3339(link.expires_at)}}, now));
  return link;
}

Result<std::vector<SetupLink>> list_setup_links(storage::Transaction& transaction, AccountId account,
                                                int limit) {
  return transaction.all("SELECT " LINK_COLUMNS
                         " FROM setup_links AS l WHERE l.account_id = $1 ORDER BY l.id DESC LIMIT $2",
                         {account, limit}, read_setup_link);
}

Result<void> end_setup_link(storage::Transaction& transaction, AccountId account, std::string_view public_id,
                            LinkEnd end, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(
      const auto ended,
      transaction.all(
          "UPDATE setup_links SET ended_at = $3, end_reason = $4, ended_by = $5"
          " WHERE account_id = $1 AND public_id = $2 AND ended_at IS NULL RETURNING public_id, name",
          {account, to_ascii_lower(public_id), now, to_text(end), actor.name}, read_ending));
  if (ended.empty()) {
    return fail(ErrorKind::NotFound, kNoSetupLink,
                "There is no such setup link any more. Somebody may have ended it: look at the list again.");
  }
  return tell_ended(transaction, account, ended, end, actor, now);
}

Result<Delegate> open_setup_link(storage::Transaction& transaction, const SetupLinkSecret& secret,
                                 const DelegateSecret& session, std::string_view client_address,
                                 Timestamp now) {
  const std::string account = to_ascii_lower(secret.account_public_id());
  ASSIGN_OR_RETURN(const auto known,
                   transaction.first("SELECT " LINK_COLUMNS
                                     " FROM accounts AS a JOIN setup_links AS l ON l.account_id = a.id"
                                     " WHERE a.public_id = $1 AND l.token_hash = $2",
                                     {account, storage::Blob{secret.hash()}}, read_setup_link));
  if (!known) return no_link();
  ASSIGN_OR_RETURN(auto found,
                   transaction.first("SELECT " LINK_COLUMNS ", " DIRECTORY_ACCOUNT_COLUMNS
                                     " FROM accounts AS a JOIN setup_links AS l ON l.account_id = a.id"
                                     " WHERE a.public_id = $1 AND l.token_hash = $2 AND l.opened_at IS NULL"
                                     " AND " LINK_LIVES("$3"),
                                     {account, storage::Blob{secret.hash()}, now}, read_delegate));
  if (!found) return why_not_opened(*known);
  const std::string from = printable(client_address, kMaxOpenedFrom);
  ASSIGN_OR_RETURN(
      const std::int64_t opened,
      transaction.execute(
          "UPDATE setup_links SET opened_at = $3, opened_from = $4, session_hash = $5"
          " WHERE account_id = $1 AND token_hash = $2 AND opened_at IS NULL AND ended_at IS NULL",
          {found->account.id, storage::Blob{secret.hash()}, now, from, storage::Blob{session.hash()}}));
  // Somebody else was faster.
  if (opened == 0) {
    found->link.opened_at = now;
    return why_not_opened(found->link);
  }
  found->link.opened_at = now;
  found->link.opened_from = from;
  RETURN_IF_ERROR(record_audit(transaction, found->account.id, found->actor(), "setup_link.opened",
                               found->link.public_id, {{"name", found->link.name}, {"client_address", from}},
                               now));
  return *std::move(found);
}

Result<std::optional<Delegate>> find_delegate(storage::Transaction& transaction,
                                              const DelegateSecret& session, Timestamp now) {
  return transaction.first("SELECT " LINK_COLUMNS ", " DIRECTORY_ACCOUNT_COLUMNS
                           " FROM accounts AS a JOIN setup_links AS l ON l.account_id = a.id"
                           " WHERE a.public_id = $1 AND l.session_hash = $2 AND " LINK_LIVES("$3"),
                           {to_ascii_lower(session.account_public_id()), storage::Blob{session.hash()}, now},
                           read_delegate);
}

Result<void> require_delegate(storage::Transaction& transaction, const Delegate& delegate, Timestamp now) {
  ASSIGN_OR_RETURN(
      const auto living,
      transaction.first("SELECT 1 FROM setup_links AS l JOIN accounts AS a ON a.id = l.account_id"
                        " WHERE l.account_id = $1 AND l.public_id = $2 AND " LINK_LIVES("$3"),
                        {delegate.account.id, delegate.link.public_id, now},
                        [](const storage::Row& row) { return row.integer(0); }));
  if (!living) return link_over();
  return {};
}

Result<void> end_setup_links_of(storage::Transaction& transaction, const Employee& administrator,
                                const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(
      const auto ended,
      transaction.all("UPDATE setup_links SET ended_at = $3, end_reason = $4, ended_by = $5"
                      " WHERE account_id = $1 AND creator = $2 AND ended_at IS NULL AND expires_at > $3"
                      " RETURNING public_id, name",
                      {administrator.account, administrator.id, now, to_text(LinkEnd::Rights), actor.name},
                      read_ending));
  return tell_ended(transaction, administrator.account, ended, LinkEnd::Rights, actor, now);
}

Result<void> end_all_setup_links(storage::Transaction& transaction, AccountId account, LinkEnd end,
                                 const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const auto ended,
                   transaction.all("UPDATE setup_links SET ended_at = $2, end_reason = $3, ended_by = $4"
                                   " WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2"
                                   " RETURNING public_id, name",
                                   {account, now, to_text(end), actor.name}, read_ending));
  return tell_ended(transaction, account, ended, end, actor, now);
}

}  // namespace doorward::directory
