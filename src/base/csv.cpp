#include "base/csv.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace doorward {

namespace {

constexpr ErrorCode kMalformed = "csv.malformed";

tl::unexpected<Error> malformed(int line, std::string_view what) {
  return fail(ErrorKind::InvalidInput, kMalformed, fmt::format("Line {}: {}", line, what));
}

/// The one of the three that is there most often, outside of quotes, in the first line.
char separator_of(std::string_view text) {
  constexpr std::array<char, 3> candidates = {',', ';', '\t'};
  std::array<int, 3> found{};
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '\r' || c == '\n')) break;
    const auto* const at = std::ranges::find(candidates, c);
    if (!quoted && at != candidates.end()) ++found[static_cast<std::size_t>(at - candidates.begin())];
  }
  return candidates[static_cast<std::size_t>(std::ranges::max_element(found) - found.begin())];
}

class Reader {
 public:
  Reader(std::string_view text, const CsvLimits& limits)
      : text_(text), limits_(limits), separator_(separator_of(text)) {}

  Result<std::vector<CsvRow>> read() {
    std::vector<CsvRow> rows;
    while (at_ < text_.size()) {
      CsvRow row{.line = line_};
      RETURN_IF_ERROR(read_row(row));
      const bool empty = row.fields.size() == 1 && trim(row.fields.front()).empty();
      if (empty) continue;
      if (rows.size() > limits_.rows) {
        return fail(ErrorKind::InvalidInput, "csv.too_many_rows",
                    fmt::format("There are more than {} rows. Split the list.", limits_.rows));
      }
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  bool is_line_end() const { return text_[at_] == '\r' || text_[at_] == '\n'; }

  /// CR, LF or both.
  void skip_line_end() {
    if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
    ++at_;
    ++line_;
  }

  Result<void> read_row(CsvRow& row) {
    for (;;) {
      if (row.fields.size() == limits_.columns)
        return malformed(line_, fmt::format("there are more than {} columns.", limits_.columns));
      std::string field;
      if (at_ < text_.size() && text_[at_] == '"') {
        RETURN_IF_ERROR(read_quoted(field));
      } else {
        while (at_ < text_.size() && text_[at_] != separator_ && !is_line_end())
          field += text_[at_++];
      }
      row.fields.push_back(std::move(field));
      if (at_ == text_.size()) return {};
      if (is_line_end()) {
        skip_line_end();
        return {};
      }
      ++at_;
    }
  }

  /// From one quotation mark to the other; two of them stand for one (RFC 4180 section 2, rules 5 to 7).
  Result<void> read_quoted(std::string& field) {
    const int begin = line_;
    ++at_;
    for (;;) {
      if (at_ == text_.size()) return malformed(begin, "a quotation mark is opened and never closed.");
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        if (at_ == text_.size() || text_[at_] != '"') break;
        field += '"';
        ++at_;
      } else if (is_line_end()) {
        skip_line_end();
        field += '\n';
      } else {
        field += c;
        ++at_;
      }
    }
    if (at_ < text_.size() && text_[at_] != separator_ && !is_line_end())
      return malformed(line_, "there is something behind a closing quotation mark.");
    return {};
  }

  std::string_view text_;
  CsvLimits limits_;
  char separator_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvLimits& limits) {
  if (text.size() > limits.bytes) {
    return fail(ErrorKind::InvalidInput, "csv.too_large",
                fmt::format("The list is larger than {} bytes. Split it.", limits.bytes));
  }
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos) {
    return fail(ErrorKind::InvalidInput, "csv.not_utf8",
                "The list is not in UTF-8, so that names with accents would be broken. In Excel choose “CSV "
                "UTF-8” when saving.");
  }
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return Reader(text, limits).read();
}

}  // namespace doorward
