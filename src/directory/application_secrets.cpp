#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "directory/application_access.h"
#include "directory/applications.h"
#include "directory/grants.h"

namespace doorward::directory {
namespace {

/// Lets scanners of source code recognise a leaked one.
constexpr std::string_view kPrefix = "dws_";

/// In each account that the application serves.
Result<void> audit(storage::Transaction& transaction, const Application& application, const Actor& actor,
                   std::string_view action, std::string_view secret, Timestamp now) {
  ASSIGN_OR_RETURN(const auto accounts, accounts_served(transaction, application));
  for (const AccountId account : accounts) {
    RETURN_IF_ERROR(record_audit(transaction, account, actor, action, application.client_id,
                                 {{"name", application.settings.name}, {"secret", secret}}, now));
  }
  return {};
}

}  // namespace

Result<IssuedApplicationSecret> add_application_secret(storage::Transaction& transaction,
                                                       const Application& application, const Actor& actor,
                                                       Timestamp now) {
  if (!application.keeps_secrets()) {
    return fail(ErrorKind::InvalidInput, "directory.application_settings",
                "A " + std::string(to_text(application.kind)) + " application cannot keep a secret.");
  }
  ASSIGN_OR_RETURN(const auto living, list_application_secrets(transaction, application.id));
  if (living.size() >= static_cast<std::size_t>(kMaxApplicationSecrets)) {
    return fail(ErrorKind::Conflict, kTooManyApplicationSecrets,
                "The application has two secrets already, enough to change over from one to the other. "
                "Remove one of them first.");
  }
  std::string value(kPrefix);
  value += crypto::random_token().reveal();
  const std::string public_id = new_public_id();
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO application_secrets (application_id, public_id, secret_hash, created_at)"
      " VALUES ($1, $2, $3, $4)",
      {application.id, public_id, storage::Blob{crypto::sha256(value)}, now}));
  RETURN_IF_ERROR(audit(transaction, application, actor, "application.secret_added", public_id, now));
  return IssuedApplicationSecret{.secret = {.public_id = public_id, .created_at = now},
                                 .value = crypto::Secret(std::move(value))};
}

Result<std::vector<ApplicationSecret>> list_application_secrets(storage::Transaction& transaction,
                                                                ApplicationId id) {
  return transaction.all(
      "SELECT public_id, created_at FROM application_secrets WHERE application_id = $1 ORDER BY id", {id},
      [](const storage::Row& row) {
        return ApplicationSecret{.public_id = std::string(row.text(0)), .created_at = row.time(1)};
      });
}

Result<void> remove_application_secret(storage::Transaction& transaction, const Application& application,
                                       std::string_view public_id, const Actor& actor, Timestamp now) {
  const std::string id = to_ascii_lower(public_id);
  ASSIGN_OR_RETURN(
      const std::int64_t removed,
      transaction.execute("DELETE FROM application_secrets WHERE application_id = $1 AND public_id = $2",
                          {application.id, id}));
  if (removed == 0) {
    return fail(ErrorKind::NotFound, "directory.no_application_secret",
                "The application has no secret with this id.");
  }
  // A secret is removed when somebody else may have it, and with it tokens. Employees' grants need another
  // one of theirs as well; a service asks anew.
  if (application.kind == ApplicationKind::Service && application.account) {
    RETURN_IF_ERROR(end_grants_of_application(transaction, *application.account, application.id, now));
  }
  return audit(transaction, application, actor, "application.secret_removed", id, now);
}

Result<bool> is_application_secret(storage::Transaction& transaction, ApplicationId id,
                                   std::string_view presented) {
  // What is compared are hashes of 256 random bits: neither their order nor an early end tells anything that
  // helps to guess, and equal() does not end early in any case.
  const Bytes hash = crypto::sha256(presented);
  bool equal = false;
  RETURN_IF_ERROR(
      transaction.query("SELECT secret_hash FROM application_secrets WHERE application_id = $1", {id},
                        [&](const storage::Row& row) { equal |= crypto::equal(row.text(0), hash); }));
  return equal;
}

}  // namespace doorward::directory
