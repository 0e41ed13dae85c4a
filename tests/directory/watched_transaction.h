#pragma once

#include <set>
#include <string>
#include <vector>

#include "storage/database.h"
#include "support/test_database.h"

namespace doorward::directory {

/// Passes statements on, counts them and the rows that they return, and collects the plans of those that read
/// a whole table.
class WatchedTransaction : public storage::Transaction {
 public:
  explicit WatchedTransaction(storage::Transaction& inner) : inner_(inner) {}

  Result<void> query(std::string_view sql, storage::Parameters parameters,
                     const std::function<void(const storage::Row&)>& on_row) override {
    RETURN_IF_ERROR(watch(sql, parameters));
    return inner_.query(sql, parameters, [&](const storage::Row& row) {
      ++rows_;
      on_row(row);
    });
  }
  Result<std::int64_t> execute(std::string_view sql, storage::Parameters parameters) override {
    RETURN_IF_ERROR(watch(sql, parameters));
    return inner_.execute(sql, parameters);
  }
  Result<void> notify(std::string_view channel, std::string_view message) override {
    return inner_.notify(channel, message);
  }

  int statements() const { return statements_; }
  int rows() const { return rows_; }
  /// `SCAN table: statement`.
  const std::vector<std::string>& scans() const { return scans_; }
  /// Sorts that an index should have spared.
  const std::vector<std::string>& sorts() const { return sorts_; }

 private:
  Result<void> watch(std::string_view sql, storage::Parameters parameters) {
    ++statements_;
    // The other database plans by how much there is: of a test's few rows that says nothing.
    if (test::TestDatabase::is_postgres()) return {};
    // The database keeps prepared statements by their text.
    static std::set<std::string> texts;
    const std::string& explained = *texts.insert("EXPLAIN QUERY PLAN " + std::string(sql)).first;
    return inner_.query(explained, parameters, [&](const storage::Row& row) {
      const std::string_view step = row.text(3);
      if (step.starts_with("SCAN")) scans_.push_back(std::string(step) + ": " + std::string(sql));
      if (step.find("ORDER BY") != std::string_view::npos) sorts_.emplace_back(sql);
    });
  }

  storage::Transaction& inner_;
  int statements_ = 0;
  int rows_ = 0;
  std::vector<std::string> scans_;
  std::vector<std::string> sorts_;
};

}  // namespace doorward::directory
