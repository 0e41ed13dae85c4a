#include <algorithm>
#include <set>

#include <gmock/gmock.h>

#include "server/routes.h"
#include "server/routes_test.h"
#include "session/delegates.h"

namespace doorward::server {
namespace {

using testing::HasSubstr;

/// All that a setup link reaches. Whoever adds a route here says why a stranger may use it.
const std::set<std::string> kForSetupLinks = {
    "GET /api/v1/setup",
    "PUT /api/v1/setup/provider",
    "PUT /api/v1/setup/application",
    "PUT /api/v1/setup/provisioning",
    "PUT /api/v1/setup/department",
    "GET /api/v1/connections",
    "GET /api/v1/connections/service-provider",
    "POST /api/v1/connections/check",
    "GET /api/v1/departments",
    "GET /api/v1/domains",
    "POST /api/v1/domains",
    "POST /api/v1/domains/{name}/check",
    "DELETE /api/v1/domains/{name}",
    "GET /api/v1/provisioning/tokens",
    "POST /api/v1/provisioning/tokens",
    "DELETE /api/v1/provisioning/tokens/{id}",
    "GET /api/v1/provisioning/pulse",
    "POST /api/v1/setup/tests",
    "GET /api/v1/setup/tests/{id}",
    "GET /api/v1/setup-session",
    "DELETE /api/v1/setup-session",
};

TEST_F(RoutesTest, ASetupLinkReachesTheSetupAndNothingElse) {
  const test::CookieJar jar = delegate();
  std::set<std::string> reached;
  int refused = 0;
  std::vector<const http::Route*> routes = routes_.routes();
  // What ends the link comes last.
  std::ranges::stable_partition(routes, [](const http::Route* route) {
    return route->pattern != "/api/v1/setup-session" || route->method != Method::Delete;
  });
  for (const http::Route* route : routes) {
    std::string address(route->pattern);
    for (auto begin = address.find('{'); begin != std::string::npos; begin = address.find('{'))
      address.replace(begin, address.find('}') - begin + 1, "id");
    auto nobody = request(route->method, address);
    nobody.headers.set("Content-Type", "application/json");
    nobody.body = "{}";
    const std::string name = std::string(http::name_of(route->method)) + " " + std::string(route->pattern);
    const std::string expected = told(send(nobody));

    // The cookie alone is nobody, everywhere.
    auto silent = nobody;
    jar.send_with(silent);
    EXPECT_EQ(told(send(silent)), expected) << name;

    auto asking = silent;
    asking.headers.set(std::string(session::Delegates::kHeader), "1");
    const auto answered = send(asking);
    if (told(answered) == expected) {
      ++refused;
    } else if (answered.status == Status::Forbidden &&
               answered.body.find("api.not_by_setup_link") != std::string::npos) {
      ++refused;
    } else {
      reached.insert(name);
    }
  }
  EXPECT_EQ(reached, kForSetupLinks);
  EXPECT_GT(refused, 150);
}

TEST_F(RoutesTest, ASetupLinkOfOneCompanyIsNotTheAdministratorOfAnother) {
  test::CookieJar both = delegate();
  const auto other = add_account("fabrikam");
  const auto eve = add_employee(
      {.account = other.id, .profile = {.user_name = "eve@fabrikam.example"}, .administrator = true});
  const auto token = directory::SessionToken::issue(other);
  write([&](storage::Transaction& transaction) {
    return directory::create_session(transaction, token, {.account = other.id, .employee = eve.id}, {},
                                     clock_.now());
  });
  http::Response response;
  services_->sessions.set_cookie(response, token);
  both.keep(response);

  auto asked = request(Method::Get, "/api/v1/setup");
  both.send_with(asked);
  EXPECT_THAT(send(asked).body, HasSubstr("\"slug\":\"fabrikam\""));
  asked.headers.set(std::string(session::Delegates::kHeader), "1");
  EXPECT_THAT(send(asked).body, HasSubstr("\"slug\":\"contoso\""));
  // Administration is not done beside a setup link, by whomever.
  asked.path = "/api/v1/employees";
  EXPECT_EQ(send(asked).status, Status::Forbidden);
}

TEST_F(RoutesTest, PagesOfOtherSitesOpenNoSetupLinkAndUseNone) {
  const test::CookieJar jar = delegate();
  for (const auto& [method, path] :
       std::vector<std::pair<Method, std::string>>{{Method::Post, "/setup-session"},
                                                   {Method::Delete, "/setup-session"},
                                                   {Method::Post, "/setup-links"},
                                                   {Method::Delete, "/setup-links/id"},
                                                   {Method::Post, "/setup/accept"},
                                                   {Method::Post, "/setup/discard"},
                                                   {Method::Post, "/connections/check"},
                                                   {Method::Post, "/provisioning/tokens"}}) {
    auto made = request(method, "/api/v1" + path);
    jar.send_with(made);
    made.headers.set(std::string(session::Delegates::kHeader), "1");
    made.headers.set("Sec-Fetch-Site", "cross-site");
    const auto refused = send(made);
    EXPECT_EQ(refused.status, Status::Forbidden) << path;
    EXPECT_THAT(refused.body, HasSubstr("server.cross_site")) << path;
  }
}

}  // namespace
}  // namespace doorward::server
