#include "session/device.h"

#include <gtest/gtest.h>

namespace doorward::session {
namespace {

TEST(DeviceName, TellsBrowserAndSystem) {
  EXPECT_EQ(device_name("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"),
            "Firefox on Windows");
  EXPECT_EQ(device_name("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                        "Chrome/131.0.0.0 Safari/537.36"),
            "Chrome on Linux");
  EXPECT_EQ(device_name("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                        "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"),
            "Edge on Windows");
  EXPECT_EQ(device_name("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like "
                        "Gecko) Version/17.5 Safari/605.1.15"),
            "Safari on Mac");
}

TEST(DeviceName, TellsPhonesFromComputers) {
  // An iPhone says "like Mac OS X", and Android is a Linux.
  EXPECT_EQ(device_name("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
                        "like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"),
            "Safari on iPhone");
  EXPECT_EQ(device_name("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
                        "like Gecko) CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1"),
            "Chrome on iPhone");
  EXPECT_EQ(device_name("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
                        "Chrome/131.0.0.0 Mobile Safari/537.36"),
            "Chrome on Android");
}

TEST(DeviceName, NamesProgramsByTheirFirstWord) {
  EXPECT_EQ(device_name("curl/8.5.0"), "curl");
  EXPECT_EQ(device_name("PostmanRuntime"), "PostmanRuntime");
}

TEST(DeviceName, SaysWhenItKnowsNothing) {
  EXPECT_EQ(device_name(""), "Unknown device");
  EXPECT_EQ(device_name(" "), "Unknown device");
  EXPECT_EQ(device_name("/1.0"), "Unknown device");
}

TEST(DeviceName, HalfAnAnswerIsBetterThanNone) {
  EXPECT_EQ(device_name("Firefox/128.0"), "Firefox");
  EXPECT_EQ(device_name("Something (Windows)"), "Windows");
}

}  // namespace
}  // namespace doorward::session
