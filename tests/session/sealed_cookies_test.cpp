#include "session/sealed_cookies.h"

#include <gtest/gtest.h>

#include "support/cookie_jar.h"

namespace doorward::session {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class SealedCookiesTest : public testing::Test {
 protected:
  SealedCookies cookies(bool secure = true) {
    return {sealer_, {.prefix = "test_", .secure = secure, .lifetime = minutes(30), .max_open = 3}};
  }
  http::Request browser() {
    http::Request request;
    jar_.send_with(request);
    return request;
  }
  void start(std::string_view id, Timestamp started) {
    http::Response response;
    cookies().set(response, browser(), id, {{"to", "/a"}}, started, started);
    jar_.keep(response);
  }
  bool is_open(std::string_view id, Timestamp now) { return cookies().find(browser(), id, now).has_value(); }

  crypto::Sealer sealer_{crypto::Secret(std::string(32, 'k'))};
  test::CookieJar jar_;
  Timestamp now_ = from_millis(1'800'000'000'000);
};

TEST_F(SealedCookiesTest, KeepsWhatItWasGiven) {
  start("one", now_);
  const auto found = cookies().find(browser(), "one", now_ + minutes(5));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, "one");
  EXPECT_EQ(found->started, now_);
  EXPECT_EQ(found->content.at("to").as_string(), "/a");
  EXPECT_EQ(jar_.all().begin()->first.rfind("__Host-test_", 0), 0U);
  EXPECT_EQ(jar_.all().begin()->second.find("/a"), std::string::npos);
}

TEST_F(SealedCookiesTest, OpensForItsOwnFlowAndItsTimeOnly) {
  start("one", now_);
  EXPECT_FALSE(is_open("two", now_));
  EXPECT_FALSE(is_open("", now_));
  EXPECT_FALSE(is_open("one", now_ - seconds(1)));
  EXPECT_TRUE(is_open("one", now_ + minutes(29)));
  EXPECT_FALSE(is_open("one", now_ + minutes(30)));
  // One flow's cookie under another one's name.
  start("two", now_);
  const auto& all = jar_.all();
  http::Request swapped;
  swapped.headers.set("Cookie", all.begin()->first + "=" + all.rbegin()->second + "; " + all.rbegin()->first +
                                    "=" + all.begin()->second);
  EXPECT_FALSE(cookies().find(swapped, "one", now_));
  EXPECT_FALSE(cookies().find(swapped, "two", now_));
}

TEST_F(SealedCookiesTest, DropsTheOldestOfTooMany) {
  for (int i = 0; i < 5; ++i)
    start("flow " + std::to_string(i), now_ + seconds(i));
  EXPECT_EQ(jar_.all().size(), 3U);
  EXPECT_FALSE(is_open("flow 1", now_ + seconds(5)));
  EXPECT_TRUE(is_open("flow 2", now_ + seconds(5)));
  EXPECT_TRUE(is_open("flow 4", now_ + seconds(5)));
}

TEST_F(SealedCookiesTest, ClearsTheFlow) {
  start("one", now_);
  start("two", now_);
  http::Response response;
  cookies().clear(response, "one");
  jar_.keep(response);
  EXPECT_FALSE(is_open("one", now_));
  EXPECT_TRUE(is_open("two", now_));
}

TEST_F(SealedCookiesTest, SecureOnesAreOfTheHostAlone) {
  http::Response response;
  cookies(false).set(response, {}, "one", {}, now_, now_);
  EXPECT_EQ(response.headers.find("Set-Cookie")->rfind("test_", 0), 0U);
  // A cookie of plain http, which a neighbouring host can plant, opens nothing over https.
  jar_.keep(response);
  EXPECT_FALSE(is_open("one", now_));
}

}  // namespace
}  // namespace doorward::session
