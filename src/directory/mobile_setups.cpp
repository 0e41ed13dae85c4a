#include "directory/mobile_setups.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace doorward::directory {
namespace {

std::vector<std::string> read_list(std::string_view text) {
  std::vector<std::string> items;
  for (const std::string_view item : split(text, ' ')) {
    if (!item.empty()) items.emplace_back(item);
  }
  return items;
}

MobileSetup read_mobile_setup(const storage::Row& row) {
  return {.account = row.id<AccountId>(0),
          .connection = row.id<ConnectionId>(1),
          .client_id = std::string(row.text(2)),
          .tenant_id = std::string(row.text(3)),
          .authority = std::string(row.text(4)),
          .ios_redirect = std::string(row.text(5)),
          .android_redirects = read_list(row.text(6)),
          .saved_at = row.time(7),
          .saved_by = std::string(row.text(8))};
}

}  // namespace

Result<std::optional<MobileSetup>> find_mobile_setup(storage::Transaction& transaction, AccountId account) {
  return transaction.first(
      "SELECT account_id, connection_id, client_id, tenant_id, authority, ios_redirect, android_redirects,"
      " saved_at, saved_by FROM mobile_setups WHERE account_id = $1",
      {account}, read_mobile_setup);
}

Result<void> save_mobile_setup(storage::Transaction& transaction, const MobileSetup& setup,
                               const Actor& actor, Timestamp now) {
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO mobile_setups (account_id, connection_id, client_id, tenant_id, authority, ios_redirect,"
      " android_redirects, saved_at, saved_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
      " ON CONFLICT (account_id) DO UPDATE SET connection_id = excluded.connection_id,"
      " client_id = excluded.client_id, tenant_id = excluded.tenant_id, authority = excluded.authority,"
      " ios_redirect = excluded.ios_redirect, android_redirects = excluded.android_redirects,"
      " saved_at = excluded.saved_at, saved_by = excluded.saved_by",
      {setup.account, setup.connection, setup.client_id, setup.tenant_id, setup.authority, setup.ios_redirect,
       fmt::format("{}", fmt::join(setup.android_redirects, " ")), now, actor.name}));
  return record_audit(transaction, setup.account, actor, "mobile_setup.saved", setup.client_id,
                      {{"tenant", setup.tenant_id},
                       {"ios", !setup.ios_redirect.empty()},
                       {"android", !setup.android_redirects.empty()}},
                      now);
}

Result<void> remove_mobile_setup(storage::Transaction& transaction, AccountId account, const Actor& actor,
                                 Timestamp now) {
  ASSIGN_OR_RETURN(const auto setup, find_mobile_setup(transaction, account));
  if (!setup) return {};
  RETURN_IF_ERROR(transaction.execute("DELETE FROM mobile_setups WHERE account_id = $1", {account}));
  return record_audit(transaction, account, actor, "mobile_setup.removed", setup->client_id, {}, now);
}

}  // namespace doorward::directory
