#include "signin/access.h"

#include <gmock/gmock.h>

#include "directory/directory_test.h"
#include "directory/mails.h"
#include "support/cookie_jar.h"
#include "support/fake_clock.h"

namespace doorward::signin {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Somebody with a link, and their browser.
class AccessTest : public directory::DirectoryTest {
 protected:
  using Handler = Result<http::Response> (Access::*)(const http::Request&);

  std::string link_for(directory::LinkPurpose purpose) {
    const auto secret = directory::AccessLinkSecret::issue(contoso_);
    write([&](storage::Transaction& transaction) {
      return directory::create_access_link(transaction, reload(contoso_), reload(alice_), purpose, secret,
                                           "test", kSupport, clock_.now());
    });
    return std::string(secret.value().reveal());
  }
  http::Response send(Handler handler, http::Method method, std::string fields) {
    http::Request request;
    request.method = method;
    request.path = "/access";
    request.client_address = "192.0.2.7";
    if (method == http::Method::Get) {
      request.query = std::move(fields);
    } else {
      request.headers.set("Content-Type", "application/x-www-form-urlencoded");
      request.body = std::move(fields);
    }
    jar_.send_with(request);
    auto response = must((access_.*handler)(request));
    jar_.keep(response);
    return response;
  }
  http::Response get(Handler handler, std::string query) {
    return send(handler, http::Method::Get, std::move(query));
  }
  http::Response post(Handler handler, std::string body) {
    return send(handler, http::Method::Post, std::move(body));
  }
  std::int64_t sessions() { return count("SELECT count(*) FROM sessions"); }
  std::int64_t mails() { return count("SELECT count(*) FROM mails"); }

  const directory::Account contoso_ = add_account("contoso");
  const directory::Employee alice_ = add_employee(contoso_, "alice@contoso.example");
  test::FakeClock clock_{kNow};
  metrics::Registry metrics_;
  session::Sessions sessions_{*database_, clock_, {.secure = false, .lifetime = {}}, metrics_};
  Access access_{{*database_, clock_, sessions_, true}};
  test::CookieJar jar_;
};

TEST_F(AccessTest, LookingUsesNothingUp) {
  const std::string link = link_for(directory::LinkPurpose::Recovery);
  for (int i = 0; i < 3; ++i) {
    const auto page = get(&Access::page, "link=" + link);
    EXPECT_EQ(page.status, http::Status::Ok);
    EXPECT_EQ(page.headers.find("Referrer-Policy"), "no-referrer");
  }
  EXPECT_EQ(sessions(), 0);
}

TEST_F(AccessTest, ChoosesAPasswordAndSignsIn) {
  const std::string link = link_for(directory::LinkPurpose::Recovery);
  const auto done =
      post(&Access::choose_password, "link=" + link + "&password=long+enough&repeat=long+enough");
  EXPECT_EQ(done.status, http::Status::SeeOther);
  EXPECT_EQ(sessions(), 1);
  EXPECT_TRUE(reload(alice_).has_password);
  EXPECT_EQ(
      post(&Access::choose_password, "link=" + link + "&password=long+enough&repeat=long+enough").status,
      http::Status::NotFound);
  EXPECT_EQ(sessions(), 1);
}

TEST_F(AccessTest, ABadPasswordLeavesTheLinkAlive) {
  const std::string link = link_for(directory::LinkPurpose::Recovery);
  EXPECT_EQ(post(&Access::choose_password, "link=" + link + "&password=short&repeat=short").status,
            http::Status::BadRequest);
  EXPECT_EQ(post(&Access::choose_password, "link=" + link + "&password=long+enough&repeat=another").status,
            http::Status::BadRequest);
  EXPECT_FALSE(reload(alice_).has_password);
  EXPECT_EQ(get(&Access::page, "link=" + link).status, http::Status::Ok);
}

TEST_F(AccessTest, NonsenseAndOldLinksSayTheSame) {
  const std::string link = link_for(directory::LinkPurpose::Recovery);
  clock_.advance(directory::kRecoveryLifetime);
  const auto old = get(&Access::page, "link=" + link);
  EXPECT_EQ(old.status, http::Status::NotFound);
  for (const char* query : {"", "link=", "link=x", "link=dwl_x.y", "link=a&link=b"}) {
    const auto page = get(&Access::page, query);
    EXPECT_EQ(page.status, http::Status::NotFound) << query;
    EXPECT_EQ(page.body, old.body) << query;
  }
}

TEST_F(AccessTest, AnEmergencyLinkChoosesNoPasswordAndARecoveryLinkIsNoEmergency) {
  write([&](storage::Transaction& transaction) {
    return directory::grant_administrator(transaction, contoso_.id, alice_.id, kSupport, kNow);
  });
  const std::string emergency = link_for(directory::LinkPurpose::Emergency);
  const std::string recovery = link_for(directory::LinkPurpose::Recovery);
  EXPECT_EQ(
      post(&Access::choose_password, "link=" + emergency + "&password=long+enough&repeat=long+enough").status,
      http::Status::NotFound);
  EXPECT_EQ(post(&Access::emergency, "link=" + recovery).status, http::Status::NotFound);
  EXPECT_EQ(sessions(), 0);
  EXPECT_EQ(post(&Access::emergency, "link=" + emergency).status, http::Status::SeeOther);
  EXPECT_EQ(count("SELECT count(*) FROM sessions WHERE method = 'emergency' AND expires_at <= " +
                  std::to_string(to_millis(kNow + Access::kEmergencySession))),
            1);
}

TEST_F(AccessTest, AMailGoesOnlyToWhomItIsFor) {
  const auto known = post(&Access::send_recovery, "email=alice@contoso.example");
  EXPECT_EQ(mails(), 1);
  const auto unknown = post(&Access::send_recovery, "email=nobody@contoso.example");
  EXPECT_EQ(mails(), 1);
  EXPECT_EQ(known.status, unknown.status);
  EXPECT_THAT(unknown.body, HasSubstr("nobody@contoso.example"));
  EXPECT_THAT(post(&Access::send_recovery, "email=%3Cb%3E").body, Not(HasSubstr("<b>")));
  // Asked again and again, one mail is enough.
  post(&Access::send_recovery, "email=alice@contoso.example");
  EXPECT_EQ(mails(), 1);
  EXPECT_EQ(post(&Access::send_recovery, "email=").status, http::Status::BadRequest);
}

}  // namespace
}  // namespace doorward::signin
