#pragma once

/// PostgreSQL's numbers for its types, from its pg_type.dat: they never change.
namespace doorward::storage::postgres {

inline constexpr unsigned kInferred = 0;
inline constexpr unsigned kBool = 16;
inline constexpr unsigned kBytes = 17;
inline constexpr unsigned kName = 19;
inline constexpr unsigned kInt8 = 20;
inline constexpr unsigned kInt2 = 21;
inline constexpr unsigned kInt4 = 23;
inline constexpr unsigned kText = 25;
inline constexpr unsigned kVarchar = 1043;
inline constexpr unsigned kNumeric = 1700;

}  // namespace doorward::storage::postgres
