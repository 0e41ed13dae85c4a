#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "directory/migrations.h"
#include "directory/transfer.h"
#include "server/commands.h"
#include "server/context.h"
#include "server/database_access.h"
#include "server/installation_check.h"
#include "server/reply.h"
#include "server/restore.h"

namespace doorward::server {

namespace {

Result<Reply> backup(Context& context) {
  const Config& config = context.config();
  const auto path = config.sqlite_path();
  if (path && access(path->c_str(), F_OK) != 0) {
    return fail(ErrorKind::NotFound, "cli.no_database",
                fmt::format("There is no database at {} yet.", config.shown_database()));
  }
  // Not migrated first: a backup is often what comes before an upgrade.
  ASSIGN_OR_RETURN(const auto lock, DatabaseLock::take(config, DatabaseLock::Use::Command));
  ASSIGN_OR_RETURN(const auto database, storage::Database::open(config.database, open_options(config)));
  const std::string file = std::filesystem::absolute(context.arguments().positional("FILE")).string();
  RETURN_IF_ERROR(database->backup(file));
  std::error_code ignored;
  const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(file, ignored));
  return Reply{{{"file", file}, {"bytes", bytes}, {"key_file", config.key_file}},
               fmt::format("Backed up to {} ({} bytes). Keep the key file {} as well, in another place.",
                           printable(file, 4096), bytes, printable(config.key_file, 4096))};
}

Result<Reply> restore(Context& context) {
  ASSIGN_OR_RETURN(const auto restored,
                   restore_database(context.config(), context.arguments().positional("FILE"), context.now()));
  std::string text = fmt::format("{} was restored.", context.config().shown_database());
  if (!restored.kept.empty()) {
    text += fmt::format(" What was there before is in {}.", printable(restored.kept, 4096));
  }
  text += " Run doorward check to see whether the key file belongs to it.";
  return Reply{{{"database", context.config().shown_database()},
                {"kept", restored.kept.empty() ? json::Value(nullptr) : json::Value(restored.kept)},
                {"schema_version", restored.schema_version}},
               std::move(text)};
}

Result<int> version_before(const Config& config) {
  if (const auto path = config.sqlite_path(); path && access(path->c_str(), F_OK) != 0) return 0;
  ASSIGN_OR_RETURN(const auto database, storage::Database::open(config.database, open_options(config)));
  ASSIGN_OR_RETURN(const auto version, database->schema_version());
  return version.newest;
}

/// Both databases' places are in the configuration's terms, so that what is said of them has no password.
Result<Reply> move_data(const Config& config, const std::string& from, const std::string& to) {
  Config source = config;
  source.database = from;
  Config target = config;
  target.database = to;
  const auto path = source.sqlite_path();
  if (!path || target.sqlite_path()) {
    return fail(ErrorKind::InvalidInput, "cli.migrate_direction",
                "Data moves from SQLite to PostgreSQL: --from sqlite:PATH --to postgres://…");
  }
  if (access(path->c_str(), F_OK) != 0) {
    return fail(ErrorKind::NotFound, "cli.no_database",
                fmt::format("There is no database at {}.", source.shown_database()));
  }
  // Alone: what somebody changes while it is copied would be lost.
  ASSIGN_OR_RETURN(const OpenDatabase opened, open_database(source, DatabaseLock::Use::Replace));
  ASSIGN_OR_RETURN(const OpenDatabase filled, open_database(target, DatabaseLock::Use::Command));
  ASSIGN_OR_RETURN(const auto tables,
                   directory::transfer(*opened.database, *filled.database, [](std::string_view) {}));
  json::Array described;
  std::int64_t rows = 0;
  for (const directory::TransferredTable& table : tables) {
    rows += table.rows;
    described.push_back(
        json::Object{{"table", table.name}, {"rows", table.rows}, {"checksum", table.checksum}});
  }
  std::string text = table_text(described, {"table", "rows", "checksum"}, "");
  text += fmt::format(
      "\n\n{} rows of {} tables are in {} now, the same as in {}, which is as it was. Set `database`, keep "
      "the "
      "same key file, and start the server.",
      rows, tables.size(), target.shown_database(), source.shown_database());
  return Reply{{{"from", source.shown_database()},
                {"to", target.shown_database()},
                {"rows", rows},
                {"tables", std::move(described)}},
               std::move(text)};
}

Result<Reply> migrate(Context& context) {
  const auto move_from = context.arguments().find("--from");
  const auto move_to = context.arguments().find("--to");
  if (move_from && move_to) return move_data(context.config(), *move_from, *move_to);
  if (move_from || move_to) {
    return fail(ErrorKind::InvalidInput, "cli.migrate_half",
                "--from and --to belong together: --from sqlite:PATH --to postgres://… moves all data.");
  }
  ASSIGN_OR_RETURN(const int before, version_before(context.config()));
  RETURN_IF_ERROR(context.database());
  const int now = directory::migrations(storage::Dialect::Sqlite).back().number;
  const std::string database = context.config().shown_database();
  return Reply{{{"database", database}, {"from", before}, {"to", now}},
               before == now
                   ? fmt::format("{} is up to date (version {} of the tables).", database, now)
                   : fmt::format("{} went from version {} of the tables to {}.", database, before, now)};
}

Result<Reply> check(Context& context) {
  const auto results = check_installation(context.config_sources(), context.clock());
  Reply reply;
  json::Array described;
  auto worst = CheckResult::Status::Ok;
  for (const CheckResult& result : results) {
    worst = std::max(worst, result.status);
    described.push_back(json::Object{
        {"check", result.name}, {"status", to_text(result.status)}, {"message", result.message}});
    if (!reply.text.empty()) reply.text += '\n';
    reply.text += fmt::format("{:<7}  {:<13}  {}", to_text(result.status), result.name, result.message);
  }
  reply.json = {{"status", to_text(worst)}, {"checks", std::move(described)}};
  reply.exit_code = worst == CheckResult::Status::Problem ? exit_code::kProblems : exit_code::kDone;
  return reply;
}

}  // namespace

std::vector<Command> operation_commands() {
  return {
      {.name = "backup",
       .summary = "Copy the database into a new file, while a server may run",
       .positionals = {{"FILE", "Must not exist yet"}},
       .run = backup},
      {.name = "restore",
       .summary = "Put a backup in the place of the database; the old one is kept beside it",
       .positionals = {{"FILE", "A backup"}},
       .run = restore},
      {.name = "migrate",
       .summary = "Bring the database to the tables of this version, or move all data to PostgreSQL",
       .options = {{.name = "--from",
                    .placeholder = "URL",
                    .help = "An SQLite database whose data is copied"},
                   {.name = "--to", .placeholder = "URL", .help = "An empty PostgreSQL database for it"}},
       .run = migrate},
      {.name = "check",
       .summary = "Tell whether configuration and environment are in order",
       .run = check,
       .config_flags = ConfigFlags::All,
       .config_need = ConfigNeed::Any},
  };
}

}  // namespace doorward::server
