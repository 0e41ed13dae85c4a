#pragma once

#include "storage/database.h"

struct pg_result;

namespace doorward::storage::postgres {

/// One row of a result in binary format.
class CurrentRow final : public Row {
 public:
  CurrentRow(const pg_result* result, int row) : result_(result), row_(row) {}

  bool is_null(int column) const override;
  /// Of integers, booleans, and what `sum()` gives.
  std::int64_t integer(int column) const override;
  std::string_view text(int column) const override;

 private:
  std::string_view bytes(int column) const;

  const pg_result* result_;
  int row_;
};

}  // namespace doorward::storage::postgres
