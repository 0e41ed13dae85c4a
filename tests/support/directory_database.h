#pragma once

#include <stdexcept>
#include <string_view>

#include "directory/migrations.h"
#include "storage/database.h"
#include "support/test_database.h"

namespace doorward::test {

/// A migrated database for one test, without an account.
class DirectoryDatabase : public TestDatabase {
 public:
  DirectoryDatabase() : TestDatabase(migrate, kEmpty) {}

 private:
  static void migrate(storage::Database& database) {
    const auto outcome = database.migrate(directory::migrations(database.dialect()));
    if (!outcome) throw std::runtime_error(outcome.error().message + " [" + outcome.error().detail + "]");
  }

  static constexpr std::string_view kEmpty =
      "DELETE FROM accounts;"
      "DELETE FROM applications WHERE client_id <> 'doorward-mobile';"
      "DELETE FROM signing_keys;"
      "DELETE FROM authorization_requests;"
      "SELECT setval(oid::regclass, 1, relname = 'applications_id_seq') FROM pg_class WHERE relkind = 'S'";
};

}  // namespace doorward::test
