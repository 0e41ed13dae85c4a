// Any text: within the limits or refused; and what was read, written with quotation marks, is read as the
// same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/csv.h"

using namespace doorward;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr CsvLimits limits{.bytes = 4096, .rows = 20, .columns = 5};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto rows = parse_csv(text, limits);
  if (!rows) return 0;
  CHECK(rows->size() <= limits.rows + 1);
  std::string written;
  int line = 0;
  for (const CsvRow& row : *rows) {
    CHECK(row.line > line);
    line = row.line;
    CHECK(!row.fields.empty() && row.fields.size() <= limits.columns);
    for (const std::string& field : row.fields) {
      if (&field != row.fields.data()) written += ',';
      written += '"';
      for (const char c : field)
        written += c == '"' ? std::string(2, c) : std::string(1, c);
      written += '"';
    }
    written += '\n';
  }
  const auto again = parse_csv(written, {.bytes = 4 * written.size() + 1, .rows = 20, .columns = 5});
  CHECK(again && again->size() == rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i)
    CHECK((*again)[i].fields == (*rows)[i].fields);
  return 0;
}
