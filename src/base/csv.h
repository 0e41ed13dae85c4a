#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace doorward {

struct CsvLimits {
  std::size_t bytes = std::size_t{2} * 1024 * 1024;
  std::size_t rows = 5'000;
  std::size_t columns = 20;
};

struct CsvRow {
  /// Where it begins, from 1: a quoted field may go on over several lines.
  int line = 0;
  std::vector<std::string> fields = {};
};

/// The rows of a table as spreadsheets write it: RFC 4180, also with semicolons or tabs between the fields
/// (which one is read off the first line), any line end, and a byte order mark. Empty lines are left out.
/// `limits.rows` does not count the first row. Refuses what is not UTF-8.
Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvLimits& limits = CsvLimits());

}  // namespace doorward
