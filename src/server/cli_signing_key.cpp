#include "directory/signing_keys.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/describe.h"
#include "server/key_file.h"
#include "server/reply.h"

namespace doorward::server {

namespace {

using storage::Transaction;

json::Array describe_keys(const std::vector<directory::SigningKey>& keys) {
  json::Array described;
  for (const directory::SigningKey& key : keys) {
    described.push_back(json::Object{{"id", key.key_id},
                                     {"algorithm", directory::to_text(key.algorithm)},
                                     {"state", directory::to_text(key.state)},
                                     {"since", time_value(key.since)},
                                     {"created_at", time_value(key.created_at)}});
  }
  return described;
}

std::string keys_text(const json::Array& keys) {
  return table_text(keys, {"id", "algorithm", "state", "since", "created_at"},
                    "There is no key yet: the first ones are made when a server needs them.");
}

Result<Reply> list_signing_keys(Context& context) {
  ASSIGN_OR_RETURN(const auto keys, context.read(directory::list_signing_keys));
  json::Array described = describe_keys(keys);
  std::string text = keys_text(described);
  return Reply{{{"keys", std::move(described)}}, std::move(text)};
}

Result<Reply> rotate_signing_key(Context& context) {
  if (!context.arguments().has("--yes")) {
    return fail(
        ErrorKind::Refused, "cli.not_confirmed",
        "This replaces every signing key at once. Applications refuse each ID token and JWT access token "
        "that was signed before, and everybody's sign-in at applications that hold such tokens fails until "
        "they have fetched the new keys. Servers sign with the new keys within a minute. It is for keys "
        "that somebody else may have; without that, keys change by themselves. Add --yes to go on.");
  }
  ASSIGN_OR_RETURN(storage::Database * database, context.database());
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, open_key_file(context.config(), *database));
  const directory::FreshKeys fresh{.rs256 = crypto::PrivateKey::generate_rsa(),
                                   .es256 = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256)};
  const auto keys =
      context.write([&](Transaction& transaction) -> Result<std::vector<directory::SigningKey>> {
        RETURN_IF_ERROR(directory::replace_signing_keys(transaction, sealer, fresh, context.now()));
        return directory::list_signing_keys(transaction);
      });
  if (!keys) return fail(keys.error());
  json::Array described = describe_keys(*keys);
  std::string text = "Every signing key was replaced. Tokens signed before are not believed any more.\n\n" +
                     keys_text(described);
  return Reply{{{"keys", std::move(described)}}, std::move(text)};
}

}  // namespace

std::vector<Command> signing_key_commands() {
  return {
      {.name = "signing-key list",
       .summary = "List the keys that tokens for applications are signed with",
       .run = list_signing_keys},
      {.name = "signing-key rotate",
       .summary = "Replace every signing key at once, for an emergency",
       .options = {{.name = "--yes",
                    .help = "Yes, tokens that were signed before shall not be believed any more"}},
       .run = rotate_signing_key},
  };
}

}  // namespace doorward::server
