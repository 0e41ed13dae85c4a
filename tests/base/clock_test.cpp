#include "base/clock.h"

#include <gtest/gtest.h>

namespace doorward {
namespace {

TEST(Rfc3339, ReadsWhatItWrites) {
  const Timestamp time = from_millis(1'772'357'400'250);
  EXPECT_EQ(format_rfc3339(time), "2026-03-01T09:30:00.250Z");
  EXPECT_EQ(parse_rfc3339(format_rfc3339(time)), time);
}

TEST(Rfc3339, AcceptsFractionsAndOffsets) {
  EXPECT_EQ(parse_rfc3339("2026-03-01T09:30:00.2501234567Z"), from_millis(1'772'357'400'250));
  EXPECT_EQ(parse_rfc3339("2026-03-01T10:30:00+01:00"), parse_rfc3339("2026-03-01T09:30:00Z"));
  EXPECT_EQ(parse_rfc3339("2026-02-28T23:30:00-10:00"), parse_rfc3339("2026-03-01T09:30:00Z"));
}

TEST(Rfc3339, RefusesWhatIsNoMoment) {
  for (const char* text :
       {"", "2026-03-01", "2026-03-01T09:30:00", "2026-02-30T09:30:00Z", "2026-03-01T24:00:00Z",
        "2026-03-01T09:30:60Z", "2026-03-01T09:30:00.Z", "2026-03-01 09:30:00Z", "2026-03-01T09:30:00+14:01",
        "2026-03-01T09:30:00Z ", "0026-03-01T09:30:00Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace doorward
