#include "session/flow.h"

#include <gtest/gtest.h>

namespace doorward::session {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class FlowCookiesTest : public testing::Test {
 protected:
  Flow flow(std::string id, Timestamp started) {
    Flow result;
    result.request_id = std::move(id);
    result.account = "contoso";
    result.connection = 7;
    result.return_to = "/reports";
    result.started = started;
    return result;
  }

  /// What a browser that got these answers would send.
  static http::Request browser(const std::vector<http::Response>& answers) {
    std::vector<std::pair<std::string, std::string>> jar;
    for (const auto& answer : answers) {
      for (const auto& [field, value] : answer.headers.all()) {
        if (field != "Set-Cookie") continue;
        const auto equals = value.find('=');
        const auto end = value.find(';');
        const std::string name = value.substr(0, equals);
        std::erase_if(jar, [&](const auto& cookie) { return cookie.first == name; });
        if (value.find("Max-Age=0") != std::string::npos) continue;
        jar.emplace_back(name, value.substr(equals + 1, end - equals - 1));
      }
    }
    http::Request request;
    std::string header;
    for (const auto& [name, value] : jar)
      header += (header.empty() ? "" : "; ") + name + "=" + value;
    if (!header.empty()) request.headers.add("Cookie", header);
    return request;
  }

  crypto::Sealer sealer_{crypto::Secret(std::string(32, 'k'))};
  FlowCookies cookies_{sealer_, true};
  Timestamp now_ = from_millis(1'800'000'000'000);
};

TEST_F(FlowCookiesTest, ComesBackToTheBrowserThatStarted) {
  http::Response response;
  cookies_.set(response, {}, flow("_a", now_), now_);
  const auto found = cookies_.find(browser({response}), "_a", now_ + minutes(5));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->account, "contoso");
  EXPECT_EQ(found->connection, 7);
  EXPECT_EQ(found->return_to, "/reports");
  EXPECT_EQ(found->purpose, FlowPurpose::SignIn);
  EXPECT_EQ(found->test_run, "");
}

TEST_F(FlowCookiesTest, KeepsTheTestRun) {
  Flow test = flow("_a", now_);
  test.purpose = FlowPurpose::Test;
  test.test_run = "run-1";
  http::Response response;
  cookies_.set(response, {}, test, now_);
  const auto found = cookies_.find(browser({response}), "_a", now_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->test_run, "run-1");
}

TEST_F(FlowCookiesTest, RemembersThatTheProviderMustAskAnew) {
  http::Response response;
  Flow strict = flow("_a", now_);
  strict.reauthenticate = true;
  cookies_.set(response, {}, strict, now_);
  const auto found = cookies_.find(browser({response}), "_a", now_);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->reauthenticate);
}

TEST_F(FlowCookiesTest, IsUnknownToOtherBrowsersRequestsAndKeys) {
  http::Response response;
  cookies_.set(response, {}, flow("_a", now_), now_);
  EXPECT_FALSE(cookies_.find({}, "_a", now_));
  EXPECT_FALSE(cookies_.find(browser({response}), "_b", now_));
  const crypto::Sealer other(crypto::Secret(std::string(32, 'o')));
  EXPECT_FALSE(FlowCookies(other, true).find(browser({response}), "_a", now_));
}

TEST_F(FlowCookiesTest, CannotBeRenamedToAnotherRequest) {
  http::Response a;
  http::Response b;
  cookies_.set(a, {}, flow("_a", now_), now_);
  cookies_.set(b, {}, flow("_b", now_), now_);
  const auto name_of = [](const http::Response& r) {
    const std::string value(*r.headers.find("Set-Cookie"));
    return value.substr(0, value.find('='));
  };
  const std::string value_a(*a.headers.find("Set-Cookie"));
  http::Request forged;
  forged.headers.add("Cookie",
                     name_of(b) + value_a.substr(value_a.find('='), value_a.find(';') - value_a.find('=')));
  EXPECT_FALSE(cookies_.find(forged, "_b", now_));
}

TEST_F(FlowCookiesTest, Expires) {
  http::Response response;
  cookies_.set(response, {}, flow("_a", now_), now_);
  const auto request = browser({response});
  EXPECT_TRUE(cookies_.find(request, "_a", now_ + FlowCookies::kLifetime - seconds(1)));
  EXPECT_FALSE(cookies_.find(request, "_a", now_ + FlowCookies::kLifetime));
  EXPECT_FALSE(cookies_.find(request, "_a", now_ - seconds(1)));
}

TEST_F(FlowCookiesTest, SurvivesACrossSitePostOverHttpsOnly) {
  http::Response secure;
  cookies_.set(secure, {}, flow("_a", now_), now_);
  const std::string value(*secure.headers.find("Set-Cookie"));
  EXPECT_TRUE(value.starts_with("__Host-doorward_flow_")) << value;
  EXPECT_NE(value.find("SameSite=None"), std::string::npos) << value;
  EXPECT_NE(value.find("Secure"), std::string::npos) << value;
  EXPECT_NE(value.find("HttpOnly"), std::string::npos) << value;

  http::Response plain;
  FlowCookies(sealer_, false).set(plain, {}, flow("_a", now_), now_);
  const std::string plain_value(*plain.headers.find("Set-Cookie"));
  EXPECT_TRUE(plain_value.starts_with("doorward_flow_")) << plain_value;
  EXPECT_NE(plain_value.find("SameSite=Lax"), std::string::npos) << plain_value;
  EXPECT_EQ(plain_value.find("Secure"), std::string::npos) << plain_value;
}

TEST_F(FlowCookiesTest, OpenFlowsAreFewAndTheNewestStay) {
  std::vector<http::Response> answers;
  for (int i = 0; i < 20; ++i) {
    const Timestamp at = now_ + seconds(i);
    http::Response response;
    cookies_.set(response, browser(answers), flow("_" + std::to_string(i), at), at);
    answers.push_back(response);
  }
  const auto request = browser(answers);
  EXPECT_EQ(request.cookie_names().size(), FlowCookies::kMaxOpen);
  const Timestamp later = now_ + minutes(1);
  EXPECT_TRUE(cookies_.find(request, "_19", later));
  EXPECT_TRUE(cookies_.find(request, "_14", later));
  EXPECT_FALSE(cookies_.find(request, "_13", later));
}

TEST_F(FlowCookiesTest, DropsWhatItCannotRead) {
  http::Request request;
  request.headers.add("Cookie", "__Host-doorward_flow_0011=garbage; other=1");
  http::Response response;
  cookies_.set(response, request, flow("_a", now_), now_);
  bool dropped = false;
  for (const auto& [field, value] : response.headers.all()) {
    dropped |=
        value.starts_with("__Host-doorward_flow_0011=;") && value.find("Max-Age=0") != std::string::npos;
    EXPECT_FALSE(value.starts_with("other"));
  }
  EXPECT_TRUE(dropped);
}

TEST_F(FlowCookiesTest, LeavesCookiesAloneThatItCannotHaveSet) {
  // A visitor writes their Cookie field as they like; not every name may go back in a Set-Cookie.
  for (const std::string_view suffix : {"(", "a\"b", "0123456789abcde,", "0123456789abcdef(", "ä", ""}) {
    http::Request request;
    request.headers.add("Cookie", std::string("__Host-doorward_flow_").append(suffix).append("=x"));
    http::Response response;
    cookies_.set(response, request, flow("_a", now_), now_);
    EXPECT_EQ(response.headers.all().size(), 1U) << suffix;
    EXPECT_TRUE(cookies_.find(browser({response}), "_a", now_)) << suffix;
  }
}

TEST_F(FlowCookiesTest, RemembersABounceForAWhile) {
  Flow bounced = flow("_a", now_);
  bounced.purpose = FlowPurpose::Bounced;
  http::Response response;
  cookies_.set(response, {}, bounced, now_);
  const auto request = browser({response});
  EXPECT_TRUE(cookies_.was_just_bounced(request, 7, now_ + seconds(5), seconds(20)));
  EXPECT_FALSE(cookies_.was_just_bounced(request, 8, now_ + seconds(5), seconds(20)));
  EXPECT_FALSE(cookies_.was_just_bounced(request, 7, now_ + seconds(21), seconds(20)));
  http::Response done;
  cookies_.clear(done, "_a");
  EXPECT_FALSE(cookies_.was_just_bounced(browser({response, done}), 7, now_ + seconds(5), seconds(20)));
}

}  // namespace
}  // namespace doorward::session
