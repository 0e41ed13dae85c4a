#include "scim/protocol/compare.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/text.h"

namespace doorward::scim::protocol {

namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool matches(std::string_view text, std::string_view wanted, Match match) {
  switch (match) {
    case Match::Whole:
      return text == wanted;
    case Match::Beginning:
      return text.starts_with(wanted);
    case Match::End:
      break;
  }
  return text.ends_with(wanted);
}

template <class T>
int order(T a, T b) {
  return static_cast<int>(a > b) - static_cast<int>(a < b);
}

}  // namespace

std::string comparison_text(const Attribute& attribute, std::string_view text) {
  if (attribute.case_exact) return std::string(text);
  return is_ascii(text) ? to_ascii_lower(text) : fold_case(text);
}

bool matches_folded(std::string_view text, std::string_view folded, Match match) {
  if (!is_ascii(text)) return matches(fold_case(text), folded, match);
  if (text.size() < folded.size()) return false;
  const std::size_t rest = text.size() - folded.size();
  if (match == Match::Whole && rest != 0) return false;
  return equal_ignoring_ascii_case(text.substr(match == Match::End ? rest : 0, folded.size()), folded);
}

int compare_numbers(const json::Value& a, const json::Value& b) {
  if (a.is_int64() && b.is_int64()) return order(a.get_int64(), b.get_int64());
  if (a.is_uint64() && b.is_uint64()) return order(a.get_uint64(), b.get_uint64());
  // An unsigned number in JSON is one that does not fit the signed type.
  if (a.is_uint64() && b.is_int64()) return 1;
  if (a.is_int64() && b.is_uint64()) return -1;
  return order(a.to_number<double>(), b.to_number<double>());
}

}  // namespace doorward::scim::protocol
