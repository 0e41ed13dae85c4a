#include "session/delegates.h"

#include <gmock/gmock.h>

#include "directory/directory_test.h"
#include "directory/setups.h"
#include "support/cookie_jar.h"
#include "support/fake_clock.h"

namespace doorward::session {
namespace {

class DelegatesTest : public directory::DirectoryTest {
 protected:
  /// A request of a browser that opened a setup link.
  http::Request opened() {
    const auto account = add_account("contoso");
    const auto ada = add_employee(
        {.account = account.id, .profile = {.user_name = "ada@contoso.com"}, .administrator = true});
    const auto secret = directory::SetupLinkSecret::issue(account);
    const auto session = directory::DelegateSecret::issue(account);
    write([&](storage::Transaction& transaction) -> Result<void> {
      RETURN_IF_ERROR(directory::start_setup(transaction, account.id, kAdministrator, kNow));
      RETURN_IF_ERROR(directory::create_setup_link(transaction, ada, "Max", 1, secret, kAdministrator, kNow));
      RETURN_IF_ERROR(directory::open_setup_link(transaction, secret, session, "192.0.2.7", kNow));
      return {};
    });
    http::Response response;
    delegates_.set_cookie(response, session, std::chrono::hours(1));
    test::CookieJar jar;
    jar.keep(response);
    http::Request request;
    jar.send_with(request);
    return request;
  }

  test::FakeClock clock_{kNow};
  Delegates delegates_{*database_, clock_, true};
};

TEST_F(DelegatesTest, IsKnownByCookieAndHeaderTogether) {
  auto request = opened();
  EXPECT_FALSE(must(delegates_.who(request))) << "the cookie alone is nobody";
  request.headers.set(std::string(Delegates::kHeader), "1");
  const auto found = must(delegates_.who(request));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->link.name, "Max");
  request.headers.remove("Cookie");
  EXPECT_FALSE(must(delegates_.who(request)));
  request.headers.set("Cookie", "__Host-doorward_setup=nonsense");
  EXPECT_FALSE(must(delegates_.who(request)));
}

TEST_F(DelegatesTest, NothingIsKeptInMemory) {
  auto request = opened();
  request.headers.set(std::string(Delegates::kHeader), "1");
  EXPECT_TRUE(must(delegates_.who(request)));
  clock_.advance(std::chrono::hours(24));
  EXPECT_FALSE(must(delegates_.who(request)));
}

}  // namespace
}  // namespace doorward::session
