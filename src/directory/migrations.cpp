#include "directory/migrations.h"

extern "C" {
extern const char doorward_migration_0001[];
extern const char doorward_migration_0001_end[];
extern const char doorward_migration_0002[];
extern const char doorward_migration_0002_end[];
extern const char doorward_migration_0003[];
extern const char doorward_migration_0003_end[];
extern const char doorward_migration_0004[];
extern const char doorward_migration_0004_end[];
extern const char doorward_migration_0005[];
extern const char doorward_migration_0005_end[];
extern const char doorward_migration_0006[];
extern const char doorward_migration_0006_end[];
extern const char doorward_migration_0007[];
extern const char doorward_migration_0007_end[];
extern const char doorward_migration_0008[];
extern const char doorward_migration_0008_end[];
extern const char doorward_migration_0009[];
extern const char doorward_migration_0009_end[];
extern const char doorward_migration_0010[];
extern const char doorward_migration_0010_end[];
extern const char doorward_migration_0011[];
extern const char doorward_migration_0011_end[];
extern const char doorward_migration_0012[];
extern const char doorward_migration_0012_end[];
extern const char doorward_postgres_migration_0008[];
extern const char doorward_postgres_migration_0008_end[];
extern const char doorward_postgres_migration_0009[];
extern const char doorward_postgres_migration_0009_end[];
extern const char doorward_postgres_migration_0010[];
extern const char doorward_postgres_migration_0010_end[];
extern const char doorward_postgres_migration_0011[];
extern const char doorward_postgres_migration_0011_end[];
extern const char doorward_postgres_migration_0012[];
extern const char doorward_postgres_migration_0012_end[];
}

namespace doorward::directory {
namespace {

const std::vector<storage::Migration>& sqlite_migrations() {
  static const std::vector<storage::Migration> kMigrations = {
      {1, "0001_foundation.sql", {doorward_migration_0001, doorward_migration_0001_end}},
      {2, "0002_provisioning.sql", {doorward_migration_0002, doorward_migration_0002_end}},
      {3, "0003_setup.sql", {doorward_migration_0003, doorward_migration_0003_end}},
      {4, "0004_applications.sql", {doorward_migration_0004, doorward_migration_0004_end}},
      {5, "0005_people.sql", {doorward_migration_0005, doorward_migration_0005_end}},
      {6, "0006_mail.sql", {doorward_migration_0006, doorward_migration_0006_end}},
      {7, "0007_upkeep.sql", {doorward_migration_0007, doorward_migration_0007_end}},
      {8, "0008_timeline.sql", {doorward_migration_0008, doorward_migration_0008_end}},
      {9, "0009_trial.sql", {doorward_migration_0009, doorward_migration_0009_end}},
      {10, "0010_webhook_rotation.sql", {doorward_migration_0010, doorward_migration_0010_end}},
      {11, "0011_application_uses.sql", {doorward_migration_0011, doorward_migration_0011_end}, 10},
      // Older programs would let a proposal in.
      {12, "0012_setup_links.sql", {doorward_migration_0012, doorward_migration_0012_end}},
  };
  return kMigrations;
}

const std::vector<storage::Migration>& postgres_migrations() {
  static const std::vector<storage::Migration> kMigrations = {
      {8, "0008_baseline.sql", {doorward_postgres_migration_0008, doorward_postgres_migration_0008_end}},
      {9, "0009_trial.sql", {doorward_postgres_migration_0009, doorward_postgres_migration_0009_end}},
      {10,
       "0010_webhook_rotation.sql",
       {doorward_postgres_migration_0010, doorward_postgres_migration_0010_end}},
      {11,
       "0011_application_uses.sql",
       {doorward_postgres_migration_0011, doorward_postgres_migration_0011_end},
       10},
      // Older programs would let a proposal in.
      {12, "0012_setup_links.sql", {doorward_postgres_migration_0012, doorward_postgres_migration_0012_end}},
  };
  return kMigrations;
}

}  // namespace

const std::vector<storage::Migration>& migrations(storage::Dialect dialect) {
  return dialect == storage::Dialect::Sqlite ? sqlite_migrations() : postgres_migrations();
}

}  // namespace doorward::directory
