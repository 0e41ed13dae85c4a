#include "storage/postgres/row.h"

#include <libpq-fe.h>

#include "base/check.h"
#include "storage/postgres/types.h"

namespace doorward::storage::postgres {
namespace {

/// Big-endian, with the sign in the first byte.
std::int64_t signed_number(std::string_view bytes) {
  std::uint64_t number = static_cast<unsigned char>(bytes.front()) >= 0x80 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes)
    number = number << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(number);
}

/// A numeric is made of 16-bit numbers: how many digits of base 10,000 follow, the first one's power, the
/// sign, the decimals that are shown, and the digits.
std::int64_t whole_number(std::string_view bytes) {
  const auto field = [&](std::size_t index) {
    CHECK(bytes.size() >= 2 * (index + 1));
    return signed_number(bytes.substr(2 * index, 2));
  };
  constexpr std::int64_t kNegative = 0x4000;
  constexpr std::int64_t kBase = 10'000;
  const std::int64_t digits = field(0);
  const std::int64_t weight = field(1);
  const std::int64_t sign = field(2);
  CHECK(sign == 0 || sign == kNegative);
  // What has a fraction is no integer.
  CHECK(digits <= weight + 1 || digits == 0);
  std::int64_t number = 0;
  for (std::int64_t i = 0; digits != 0 && i <= weight; ++i) {
    const std::int64_t digit = i < digits ? field(static_cast<std::size_t>(4 + i)) : 0;
    // Downwards, since the lowest number has no opposite.
    CHECK(!__builtin_mul_overflow(number, kBase, &number));
    CHECK(!__builtin_sub_overflow(number, digit, &number));
  }
  if (sign == kNegative) return number;
  CHECK(!__builtin_sub_overflow(std::int64_t{0}, number, &number));
  return number;
}

}  // namespace

std::string_view CurrentRow::bytes(int column) const {
  return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

bool CurrentRow::is_null(int column) const {
  CHECK(column >= 0 && column < PQnfields(result_));
  return PQgetisnull(result_, row_, column) != 0;
}

std::int64_t CurrentRow::integer(int column) const {
  CHECK(!is_null(column));
  const unsigned integer_type = PQftype(result_, column);
  if (integer_type == kNumeric) return whole_number(bytes(column));
  if (integer_type == kBool) return bytes(column).front() != 0 ? 1 : 0;
  CHECK(integer_type == kInt8 || integer_type == kInt4 || integer_type == kInt2);
  return signed_number(bytes(column));
}

std::string_view CurrentRow::text(int column) const {
  if (is_null(column)) return {};
  const unsigned text_type = PQftype(result_, column);
  CHECK(text_type == kText || text_type == kBytes || text_type == kVarchar || text_type == kName);
  return bytes(column);
}

}  // namespace doorward::storage::postgres
