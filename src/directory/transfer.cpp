#include "directory/transfer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <ranges>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "json/json.h"

namespace doorward::directory {
namespace {

using storage::Dialect;
using storage::Row;
using storage::Transaction;

/// So many rows are in memory at a time, some of them with a provider's whole metadata.
constexpr int kBatch = 200;

enum class ValueType : std::uint8_t { Integer, Text, Bytes };

struct Column {
  std::string name;
  ValueType type = ValueType::Integer;
};

struct Table {
  std::string name;
  std::vector<Column> columns = {};
  /// Its key is (account_id, id) rather than id.
  bool keyed_by_account = false;
  /// `id` counts by itself.
  bool is_counted = false;

  std::string column_list() const {
    std::string list;
    for (const Column& column : columns)
      list += (list.empty() ? "" : ", ") + column.name;
    return list;
  }
  int position_of(std::string_view name_of_column) const {
    const auto found =
        std::ranges::find_if(columns, [&](const Column& column) { return column.name == name_of_column; });
    CHECK(found != columns.end());
    return static_cast<int>(found - columns.begin());
  }
};

/// The sum of the digests of all rows, which no order of them changes.
class Checksum {
 public:
  void add(std::string_view line) {
    const Bytes digest = crypto::sha256(line);
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      std::uint64_t part = 0;
      std::memcpy(&part, digest.data() + 8 * i, sizeof part);
      sums_[i] += part;
    }
    ++rows_;
  }
  std::int64_t rows() const { return rows_; }
  std::string hex() const { return fmt::format("{:016x}{:016x}", sums_[0], sums_[1]); }

 private:
  std::array<std::uint64_t, 2> sums_{};
  std::int64_t rows_ = 0;
};

std::string first_text(const Row& row) {
  return std::string(row.text(0));
}

tl::unexpected<Error> bad_text(const Table& table, std::int64_t id, const Column& column) {
  return fail(
      ErrorKind::InvalidInput, "directory.transfer_text",
      fmt::format(
          "Row {} of the table {} has a text in {} that PostgreSQL cannot hold: a NUL character, or no "
          "valid UTF-8. Change it, then begin again; nothing was copied.",
          id, table.name, column.name));
}

/// The row as PostgreSQL's json_populate_recordset reads it.
Result<json::Object> read_object(const Table& table, const Row& row, int id_position) {
  json::Object object;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    const int place = static_cast<int>(i);
    if (row.is_null(place)) {
      object[column.name] = nullptr;
    } else if (column.type == ValueType::Integer) {
      object[column.name] = row.integer(place);
    } else if (column.type == ValueType::Bytes) {
      object[column.name] = "\\x" + to_hex(row.text(place));
    } else {
      const std::string_view text = row.text(place);
      if (text.find('\0') != std::string_view::npos || !is_valid_utf8(text))
        return bad_text(table, row.integer(id_position), column);
      object[column.name] = text;
    }
  }
  return object;
}

/// Everything about the tables comes from PostgreSQL; a test keeps SQLite's the same.
class Target {
 public:
  explicit Target(Transaction& transaction) : transaction_(transaction) {}

  /// Those that others refer to come first.
  Result<std::vector<Table>> tables() {
    ASSIGN_OR_RETURN(const auto names,
                     transaction_.all("SELECT table_name FROM information_schema.tables"
                                      " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
                                      " AND table_name NOT IN ('migrations', 'commits') ORDER BY table_name",
                                      {}, first_text));
    std::vector<Table> found;
    for (const std::string& name : names) {
      ASSIGN_OR_RETURN(Table table, describe(name));
      found.push_back(std::move(table));
    }
    return in_order(std::move(found));
  }

  /// Without accounts it holds nobody's data: only what migrations and a server's first start have made,
  /// which the source has too.
  Result<void> empty(const std::vector<Table>& tables) {
    ASSIGN_OR_RETURN(const auto account, transaction_.first("SELECT 1 FROM accounts LIMIT 1", {},
                                                            [](const Row& row) { return row.integer(0); }));
    if (account) {
      return fail(ErrorKind::Conflict, "directory.transfer_target",
                  "The database to copy to holds accounts already. Make a new, empty one.");
    }
    for (const Table& table : tables | std::views::reverse)
      RETURN_IF_ERROR(run("DELETE FROM " + table.name));
    return {};
  }

  /// Rows keep their ids, and a table's rows may refer to later ones of the same.
  Result<void> relax(const std::vector<Table>& tables) {
    for (const Table& table : tables)
      RETURN_IF_ERROR(run("ALTER TABLE " + table.name + " DISABLE TRIGGER USER"));
    return for_own_references("DEFERRABLE INITIALLY DEFERRED");
  }
  Result<void> tighten(const std::vector<Table>& tables) {
    RETURN_IF_ERROR(run("SET CONSTRAINTS ALL IMMEDIATE"));
    RETURN_IF_ERROR(for_own_references("NOT DEFERRABLE"));
    for (const Table& table : tables)
      RETURN_IF_ERROR(run("ALTER TABLE " + table.name + " ENABLE TRIGGER USER"));
    return {};
  }

  Result<void> insert(const Table& table, const json::Array& rows) {
    const std::string columns = table.column_list();
    return run("INSERT INTO " + table.name + " (" + columns + ") SELECT " + columns +
                   " FROM json_populate_recordset(NULL::" + table.name + ", $1::json)",
               {json::serialize(json::Value(rows))});
  }

  /// Ids that are given from now on are larger than `last`.
  Result<void> count_on(const Table& table, std::int64_t last) {
    if (!table.is_counted || last < 1) return {};
    return transaction_.query("SELECT setval(pg_get_serial_sequence($1, 'id'), $2)", {table.name, last}, {});
  }

  Result<Checksum> read_back(const Table& table) {
    Checksum checksum;
    const int id = table.position_of("id");
    const int account = table.keyed_by_account ? table.position_of("account_id") : id;
    const std::string key = table.keyed_by_account ? "account_id, id" : "id";
    const std::string sql =
        "SELECT " + table.column_list() + " FROM " + table.name + " WHERE " +
        (table.keyed_by_account ? "(account_id, id) > ($1, $2)" : "id > $2 AND $1 <= $2") + " ORDER BY " +
        key + " LIMIT $3";
    std::int64_t last_account = 0;
    std::int64_t last = 0;
    for (std::int64_t seen = -1; seen != checksum.rows();) {
      seen = checksum.rows();
      Result<void> readable;
      RETURN_IF_ERROR(transaction_.query(sql, {last_account, last, kBatch}, [&](const Row& row) {
        const auto object = read_object(table, row, id);
        if (!object) return void(readable = fail(object.error()));
        checksum.add(json::serialize(*object));
        last = row.integer(id);
        last_account = table.keyed_by_account ? row.integer(account) : 0;
      }));
      RETURN_IF_ERROR(readable);
    }
    return checksum;
  }

 private:
  Result<void> run(std::string_view sql, storage::Parameters parameters = {}) {
    RETURN_IF_ERROR(transaction_.execute(sql, parameters));
    return {};
  }

  Result<Table> describe(const std::string& name) {
    Table table{.name = name};
    RETURN_IF_ERROR(transaction_.query(
        "SELECT column_name, data_type, column_name = 'id' AND is_identity = 'YES'"
        " FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1"
        " AND is_generated = 'NEVER' ORDER BY ordinal_position",
        {name}, [&](const Row& row) {
          const std::string_view type = row.text(1);
          CHECK(type == "bigint" || type == "text" || type == "bytea");
          table.columns.push_back({.name = std::string(row.text(0)),
                                   .type = type == "bigint" ? ValueType::Integer
                                           : type == "text" ? ValueType::Text
                                                            : ValueType::Bytes});
          table.is_counted = table.is_counted || row.flag(2);
        }));
    ASSIGN_OR_RETURN(
        const auto keyed,
        transaction_.first("SELECT 1 FROM pg_index AS i JOIN pg_attribute AS a"
                           " ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
                           " WHERE i.indrelid = $1::regclass AND i.indisprimary AND a.attname = 'account_id'",
                           {name}, [](const Row& row) { return row.integer(0); }));
    table.keyed_by_account = keyed.has_value();
    return table;
  }

  Result<std::vector<Table>> in_order(std::vector<Table> tables) {
    std::map<std::string, std::set<std::string>> needs;
    RETURN_IF_ERROR(transaction_.query(
        "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text FROM pg_constraint AS c"
        " JOIN pg_namespace AS n ON n.oid = c.connamespace"
        " WHERE c.contype = 'f' AND n.nspname = current_schema() AND c.conrelid <> c.confrelid",
        {}, [&](const Row& row) { needs[std::string(row.text(0))].emplace(row.text(1)); }));
    std::vector<Table> ordered;
    while (!tables.empty()) {
      const auto ready = std::ranges::find_if(tables, [&](const Table& table) {
        return std::ranges::none_of(
            tables, [&](const Table& other) { return needs[table.name].contains(other.name); });
      });
      CHECK(ready != tables.end());
      ordered.push_back(std::move(*ready));
      tables.erase(ready);
    }
    return ordered;
  }

  /// Foreign keys of a table into itself.
  Result<void> for_own_references(const std::string& state) {
    ASSIGN_OR_RETURN(
        const auto statements,
        transaction_.all(
            "SELECT 'ALTER TABLE ' || c.conrelid::regclass || ' ALTER CONSTRAINT '"
            " || quote_ident(c.conname) || ' ' FROM pg_constraint AS c"
            " JOIN pg_namespace AS n ON n.oid = c.connamespace"
            " WHERE c.contype = 'f' AND n.nspname = current_schema() AND c.conrelid = c.confrelid",
            {}, first_text));
    for (const std::string& statement : statements)
      RETURN_IF_ERROR(run(statement + state));
    return {};
  }

  Transaction& transaction_;
};

/// Gives the rows in batches.
Result<void> read_all(Transaction& source, const Table& table,
                      const std::function<Result<void>(const json::Array& rows)>& on_batch) {
  const int id = table.position_of("id");
  const std::string sql =
      "SELECT " + table.column_list() + " FROM " + table.name + " WHERE id > $1 ORDER BY id LIMIT $2";
  std::int64_t last = 0;
  for (;;) {
    json::Array rows;
    Result<void> readable;
    RETURN_IF_ERROR(source.query(sql, {last, kBatch}, [&](const Row& row) {
      auto object = read_object(table, row, id);
      if (!object) return void(readable = fail(object.error()));
      rows.push_back(*std::move(object));
      last = row.integer(id);
    }));
    RETURN_IF_ERROR(readable);
    if (rows.empty()) return {};
    RETURN_IF_ERROR(on_batch(rows));
  }
}

/// The largest id that was ever given, also to what is gone.
Result<std::int64_t> last_id(Transaction& source, const Table& table) {
  ASSIGN_OR_RETURN(
      const auto last,
      source.first("SELECT max(m.id) FROM (SELECT COALESCE(max(id), 0) AS id FROM " + table.name +
                       " UNION ALL SELECT seq FROM sqlite_sequence WHERE name = $1) AS m",
                   {table.name}, [](const Row& row) { return row.integer(0); }));
  return last.value_or(0);
}

Result<TransferredTable> copy_table(Transaction& source, Target& target, const Table& table) {
  Checksum sent;
  RETURN_IF_ERROR(read_all(source, table, [&](const json::Array& rows) {
    for (const json::Value& row : rows)
      sent.add(json::serialize(row));
    return target.insert(table, rows);
  }));
  ASSIGN_OR_RETURN(const std::int64_t last, last_id(source, table));
  RETURN_IF_ERROR(target.count_on(table, last));
  ASSIGN_OR_RETURN(const Checksum arrived, target.read_back(table));
  if (arrived.rows() != sent.rows() || arrived.hex() != sent.hex()) {
    return fail(
        ErrorKind::Internal, "directory.transfer_differs",
        fmt::format("The table {} did not arrive as it was: {} rows were read, {} are there, or they differ. "
                    "Nothing was kept.",
                    table.name, sent.rows(), arrived.rows()));
  }
  return TransferredTable{.name = table.name, .rows = sent.rows(), .checksum = sent.hex()};
}

}  // namespace

Result<std::vector<TransferredTable>> transfer(storage::Database& from, storage::Database& to,
                                               const OnTable& on_table) {
  if (from.dialect() != Dialect::Sqlite || to.dialect() != Dialect::Postgres) {
    return fail(ErrorKind::InvalidInput, "directory.transfer_direction",
                "Data can be moved from SQLite to PostgreSQL: --from sqlite:PATH --to postgres://…");
  }
  using Outcome = Result<std::vector<TransferredTable>>;
  return from.read([&](Transaction& source) {
    return to.write([&](Transaction& transaction) -> Outcome {
      Target target(transaction);
      ASSIGN_OR_RETURN(const std::vector<Table> tables, target.tables());
      RETURN_IF_ERROR(target.empty(tables));
      RETURN_IF_ERROR(target.relax(tables));
      std::vector<TransferredTable> done;
      for (const Table& table : tables) {
        on_table(table.name);
        ASSIGN_OR_RETURN(TransferredTable copied, copy_table(source, target, table));
        done.push_back(std::move(copied));
      }
      RETURN_IF_ERROR(target.tighten(tables));
      return done;
    });
  });
}

}  // namespace doorward::directory
