#include "signin/tenant_keys.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "base/log.h"
#include "oidc/protocol/tokens.h"
#include "support/fake_clock.h"

namespace doorward::signin {
namespace {

using oidc::protocol::to_jwk;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kTenantAuthority = "https://login.example/tenant/v2.0";

class TenantKeysTest : public testing::Test {
 protected:
  TenantKeysTest() {
    log::set_sink([](std::string_view) {});
    publish("first");
  }
  ~TenantKeysTest() override { log::set_sink({}); }

  void publish(std::string_view key_id) {
    jwks_ = json::serialize(json::Object{
        {"keys", json::Array{to_jwk(oidc::protocol::test::rsa_key().public_key(), key_id, "RS256")}}});
  }
  Result<std::string> fetch(const Url& url) {
    ++fetches_;
    last_ = url.text();
    if (is_down_) return fail(ErrorKind::Unavailable, "net.timeout", "The host did not answer.");
    if (url.path() == "/tenant/v2.0/.well-known/openid-configuration") {
      return json::serialize(json::Object{{"issuer", issuer_}, {"jwks_uri", jwks_uri_}});
    }
    if (url.path() == "/tenant/keys") return jwks_;
    return fail(ErrorKind::NotFound, "net.http_status", "404");
  }

  /// The name of the first key; the failure's code when there is none.
  static std::string name_of(const Result<TenantKeys::Keys>& keys) {
    return keys ? (*keys)->keys().front().key_id : std::string(keys.error().code.name());
  }
  std::string find() { return name_of(keys_.find(std::string(kTenantAuthority))); }
  std::string find_newer() {
    const auto seen = keys_.find(std::string(kTenantAuthority));
    return name_of(keys_.find_newer(std::string(kTenantAuthority), *seen));
  }

  test::FakeClock clock_{from_millis(1'800'000'000'000)};
  std::string issuer_ = std::string(kTenantAuthority);
  std::string jwks_uri_ = "https://login.example/tenant/keys";
  std::string jwks_;
  std::string last_;
  bool is_down_ = false;
  std::atomic<int> fetches_ = 0;
  TenantKeys keys_{[this](const Url& url) { return fetch(url); }, clock_};
};

TEST_F(TenantKeysTest, AreFetchedOnceAnHour) {
  EXPECT_EQ(find(), "first");
  EXPECT_EQ(fetches_, 2) << "the configuration and the keys";
  publish("second");
  clock_.advance(minutes(59));
  EXPECT_EQ(find(), "first");
  EXPECT_EQ(fetches_, 2);
  clock_.advance(minutes(1));
  EXPECT_EQ(find(), "second");
  EXPECT_EQ(fetches_, 4);
}

TEST_F(TenantKeysTest, AreFetchedForAnUnknownKeyAtMostOnceAMinute) {
  EXPECT_EQ(find(), "first");
  publish("second");
  EXPECT_EQ(find_newer(), "first") << "a moment ago they were fetched";
  EXPECT_EQ(fetches_, 2);
  clock_.advance(minutes(1));
  EXPECT_EQ(find_newer(), "second");
  EXPECT_EQ(fetches_, 4);
  publish("third");
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(find_newer(), "second");
  EXPECT_EQ(fetches_, 4);
}

TEST_F(TenantKeysTest, ServeForADayWhileTheTenantIsDown) {
  EXPECT_EQ(find(), "first");
  is_down_ = true;
  clock_.advance(hours(23));
  EXPECT_EQ(find(), "first");
  EXPECT_GT(fetches_, 2) << "it was tried";
  clock_.advance(hours(1));
  EXPECT_EQ(find(), "mobile.tenant_unavailable");
  is_down_ = false;
  clock_.advance(minutes(1));
  EXPECT_EQ(find(), "first");
}

TEST_F(TenantKeysTest, WithoutAnyAreTriedAgainSoon) {
  is_down_ = true;
  EXPECT_EQ(find(), "mobile.tenant_unavailable");
  EXPECT_EQ(find(), "mobile.tenant_unavailable");
  EXPECT_EQ(fetches_, 1) << "not for each request";
  is_down_ = false;
  clock_.advance(seconds(5));
  EXPECT_EQ(find(), "first");
}

TEST_F(TenantKeysTest, AreTheIssuersOwn) {
  issuer_ = "https://login.example/other/v2.0";
  EXPECT_EQ(find(), "mobile.tenant_unavailable");
}

TEST_F(TenantKeysTest, AreAtTheIssuersHost) {
  for (const char* elsewhere : {"https://evil.example/tenant/keys", "http://login.example/tenant/keys",
                                "https://login.example:444/tenant/keys", "file:///etc/passwd", ""}) {
    jwks_uri_ = elsewhere;
    clock_.advance(seconds(5));
    EXPECT_EQ(find(), "mobile.tenant_unavailable") << elsewhere;
    EXPECT_NE(last_, elsewhere) << "nothing else was asked";
  }
}

TEST_F(TenantKeysTest, AreThere) {
  for (const char* document : {R"({"keys":[]})", "{}", "<html>", R"({"keys":[{"kty":"oct","k":"AA"}]})"}) {
    jwks_ = document;
    clock_.advance(seconds(5));
    EXPECT_EQ(find(), "mobile.tenant_unavailable") << document;
  }
}

TEST_F(TenantKeysTest, OfOneTenantAreNobodyElses) {
  EXPECT_EQ(find(), "first");
  EXPECT_EQ(name_of(keys_.find("https://login.example/other/v2.0")), "mobile.tenant_unavailable");
}

TEST_F(TenantKeysTest, AreFetchedOnceForAllWhoWait) {
  std::vector<std::thread> threads;
  std::atomic<int> found = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      if (find() == "first") ++found;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(found, 8);
  EXPECT_EQ(fetches_, 2);
}

}  // namespace
}  // namespace doorward::signin
