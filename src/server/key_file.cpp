#include "server/key_file.h"

#include <filesystem>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "base/text.h"
#include "directory/accounts.h"
#include "directory/key_pairs.h"
#include "server/files.h"

namespace doorward::server {

namespace {

/// Any secret will do to tell one key from another.
Result<std::optional<directory::KeyPair>> something_sealed(storage::Database& database) {
  using Found = std::optional<directory::KeyPair>;
  return database.read([&](storage::Transaction& transaction) -> Result<Found> {
    std::optional<directory::AccountId> after;
    for (;;) {
      ASSIGN_OR_RETURN(const auto accounts, directory::list_accounts(transaction, after, 100));
      if (accounts.empty()) return Found();
      for (const directory::Account& account : accounts) {
        ASSIGN_OR_RETURN(auto pairs, directory::list_key_pairs(transaction, account.id));
        if (!pairs.empty()) return Found(std::move(pairs.front()));
      }
      after = accounts.back().id;
    }
  });
}

}  // namespace

Result<crypto::Sealer> open_key_file(const Config& config, storage::Database& database) {
  ASSIGN_OR_RETURN(const auto sealed, something_sealed(database));
  if (!sealed) {
    RETURN_IF_ERROR(make_parent_folder(config.key_file));
    return crypto::Sealer::from_file(config.key_file);
  }
  std::error_code ignored;
  if (!std::filesystem::exists(config.key_file, ignored)) {
    return fail(
        ErrorKind::Refused, "server.key_file_missing",
        fmt::format("The key file {} does not exist, and the secrets in the database are sealed with it. "
                    "Put it back, or name it with --key-file.",
                    printable(config.key_file, 4096)));
  }
  ASSIGN_OR_RETURN(auto sealer, crypto::Sealer::from_file(config.key_file, crypto::KeyFileAbsent::Fail));
  if (const auto opened = directory::open_private_key(sealer, *sealed); !opened) {
    return fail(
        ErrorKind::Refused, "server.key_file_wrong",
        fmt::format("{} does not open the secrets in the database: it belongs to another one. Put the "
                    "right key file there, or name it with --key-file.",
                    printable(config.key_file, 4096)),
        opened.error().detail);
  }
  return sealer;
}

}  // namespace doorward::server
