#include "server/routes.h"

#include <set>

#include <gmock/gmock.h>

#include "base/text.h"
#include "json/json.h"
#include "server/routes_test.h"

namespace doorward::server {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(RoutesTest, EveryAddressIsReachable) {
  add_account("contoso");
  const std::vector<std::tuple<Method, std::string, Status>> expected = {
      {Method::Get, "/", Status::SeeOther},
      {Method::Get, "/sign-in", Status::Ok},
      {Method::Post, "/sign-in", Status::Ok},
      {Method::Post, "/sign-in/password", Status::Unauthorized},
      {Method::Post, "/sign-out", Status::Ok},
      {Method::Post, "/sessions/end", Status::SeeOther},
      {Method::Post, "/sessions/end-others", Status::SeeOther},
      {Method::Get, "/auth/check", Status::Forbidden},
      {Method::Get, "/auth/check/a/page", Status::Forbidden},
      {Method::Post, "/auth/check/", Status::Forbidden},
      {Method::Get, "/auth/sign-in", Status::Forbidden},
      {Method::Get, "/auth/start", Status::Forbidden},
      {Method::Get, "/auth/callback", Status::Forbidden},
      {Method::Get, "/auth/sign-out", Status::Forbidden},
      {Method::Post, "/auth/sign-out", Status::Forbidden},
      {Method::Get, "/.well-known/openid-configuration", Status::Ok},
      {Method::Get, "/.well-known/oauth-authorization-server", Status::Ok},
      {Method::Get, "/oauth2/jwks", Status::Ok},
      {Method::Get, "/oauth2/authorize", Status::BadRequest},
      {Method::Head, "/oauth2/authorize", Status::MethodNotAllowed},
      {Method::Post, "/oauth2/authorize", Status::BadRequest},
      {Method::Post, "/oauth2/consent", Status::BadRequest},
      {Method::Post, "/oauth2/par", Status::BadRequest},
      {Method::Post, "/oauth2/token", Status::BadRequest},
      {Method::Options, "/oauth2/token", Status::NoContent},
      {Method::Get, "/oauth2/userinfo", Status::Unauthorized},
      {Method::Post, "/oauth2/userinfo", Status::Unauthorized},
      {Method::Options, "/oauth2/userinfo", Status::NoContent},
      {Method::Post, "/oauth2/introspect", Status::BadRequest},
      {Method::Post, "/oauth2/revoke", Status::BadRequest},
      {Method::Get, "/oauth2/logout", Status::Ok},
      {Method::Post, "/oauth2/logout", Status::SeeOther},
      {Method::Post, "/oauth2/logout/confirm", Status::Ok},
      {Method::Get, "/saml/contoso/metadata", Status::Ok},
      {Method::Get, "/saml/contoso/login", Status::NotFound},
      {Method::Post, "/saml/contoso/acs", Status::BadRequest},
      {Method::Get, "/mobile/contoso/configuration", Status::NotFound},
      {Method::Post, "/mobile/contoso/sign-in", Status::NotFound},
      {Method::Get, "/api/v1/session", Status::Unauthorized},
      {Method::Get, "/api/v1/employees", Status::Unauthorized},
      {Method::Get, "/api/v1/applications", Status::Unauthorized},
      {Method::Post, "/api/v1/applications", Status::Unauthorized},
      {Method::Get, "/api/v1/applications/x", Status::Unauthorized},
      {Method::Put, "/api/v1/applications/x", Status::Unauthorized},
      {Method::Delete, "/api/v1/applications/x", Status::Unauthorized},
      {Method::Post, "/api/v1/applications/x/secrets", Status::Unauthorized},
      {Method::Delete, "/api/v1/applications/x/secrets/y", Status::Unauthorized},
      {Method::Get, "/api/v1/applications/x/usage", Status::Unauthorized},
      {Method::Delete, "/api/v1/applications/x/usage/y", Status::Unauthorized},
      {Method::Get, "/api/v1/employees/x/grants", Status::Unauthorized},
      {Method::Delete, "/api/v1/employees/x/grants/y", Status::Unauthorized},
      {Method::Post, "/api/v1/employees/x/sign-out-everywhere", Status::Unauthorized},
      {Method::Get, "/api/v1/connections", Status::Unauthorized},
      {Method::Get, "/api/v1/connections/service-provider", Status::Unauthorized},
      {Method::Get, "/api/v1/sign-in-attempts", Status::Unauthorized},
      {Method::Get, "/api/v1/sign-in-attempts/K7QM-2XPD", Status::Unauthorized},
      {Method::Get, "/api/v1/sign-in-diagnosis", Status::Unauthorized},
      {Method::Get, "/api/v1/employees/x/send-link", Status::Unauthorized},
      {Method::Get, "/api/v1/audit", Status::Unauthorized},
      {Method::Get, "/console", Status::SeeOther},
      {Method::Get, "/console/", Status::Ok},
      {Method::Get, "/console/sign-ins/K7QM-2XPD", Status::Ok},
      {Method::Get, "/console/assets/none.js", Status::NotFound},
      {Method::Get, "/assets/none.css", Status::NotFound},
      {Method::Get, "/healthz", Status::Ok},
      {Method::Get, "/readyz", Status::Ok},
      {Method::Get, "/metrics", Status::Ok},
  };
  for (const auto& [method, path, status] : expected) {
    EXPECT_NE(routes_.find(method, path).route, nullptr) << path;
    EXPECT_EQ(send(method == Method::Post ? form(path) : request(method, path)).status, status) << path;
  }
  for (const Method method : {Method::Get, Method::Post})
    EXPECT_NE(routes_.find(method, "/saml/contoso/logout").route, nullptr);
}

/// `/scim/v2/Me` with the access token that an employee gave an application.
TEST_F(RoutesTest, AnAccessTokenIsItsEmployee) {
  const auto account = add_account("contoso");
  const auto ben = add_employee(account, "ben@contoso.example");
  const auto give = [&](directory::ApplicationKind kind, std::string_view scope,
                        const directory::Employee* employee) {
    const auto token = directory::GrantToken::issue(account, directory::TokenKind::Access);
    const Timestamp now = clock_.now();
    write([&](storage::Transaction& transaction) -> Result<void> {
      directory::NewApplication made{.account = account.id, .kind = kind};
      made.settings.name = std::string(scope);
      ASSIGN_OR_RETURN(const auto application,
                       directory::create_application(transaction, made, kSupport, now));
      directory::NewGrant grant{.account = account.id, .application = application.id};
      if (employee != nullptr) grant.employee = employee->id;
      grant.expires_at = now + std::chrono::hours(1);
      ASSIGN_OR_RETURN(const auto given, directory::create_grant(transaction, grant, now));
      directory::NewGrantToken values{.grant = given.id, .scope = std::string(scope)};
      values.expires_at = grant.expires_at;
      return directory::add_token(transaction, account.id, token, values, now);
    });
    return std::string(token.value().reveal());
  };
  const auto me = [&](const std::string& token) {
    http::Request asked = request(Method::Get, "/scim/v2/Me");
    asked.headers.set("Authorization", "Bearer " + token);
    return send(asked);
  };
  using directory::ApplicationKind;
  const auto own = me(give(ApplicationKind::Web, "openid", &ben));
  EXPECT_EQ(own.status, Status::Ok);
  EXPECT_THAT(own.body, HasSubstr(ben.public_id));
  EXPECT_EQ(me(give(ApplicationKind::Web, "email", &ben)).status, Status::Forbidden);
  EXPECT_EQ(me(give(ApplicationKind::Service, "scim", nullptr)).status, Status::NotImplemented);
  EXPECT_EQ(me("nonsense").status, Status::Unauthorized);
}

/// What programs call answers as OAuth demands, also when our own house is on fire.
TEST_F(RoutesTest, ProgramsAreAnsweredInJson) {
  const Error error{ErrorKind::Unavailable, storage::kUnavailable, "The database does not answer."};
  const auto response = answer_error(request(Method::Post, "/oauth2/token"), error);
  EXPECT_EQ(response.status, Status::ServiceUnavailable);
  EXPECT_THAT(response.body, HasSubstr("\"error\":\"temporarily_unavailable\""));
  EXPECT_THAT(answer_error(request(Method::Get, "/oauth2/authorize"), error).body, HasSubstr("<h1>"));
}

TEST_F(RoutesTest, PagesOfOtherSitesNeitherConsentNorSignOut) {
  for (const char* path : {"/oauth2/consent", "/oauth2/logout/confirm"}) {
    auto made = form(path, "decision=allow");
    made.headers.set("Sec-Fetch-Site", "cross-site");
    EXPECT_EQ(send(made).status, Status::Forbidden) << path;
    made.headers.remove("Sec-Fetch-Site");
    made.headers.set("Origin", "https://evil.example");
    EXPECT_EQ(send(made).status, Status::Forbidden) << path;
  }
}

TEST_F(RoutesTest, NothingThatChangesSomethingIsReachedByALink) {
  for (const char* path : {"/sign-in/password", "/sign-out", "/sessions/end", "/sessions/end-others",
                           "/oauth2/consent", "/oauth2/logout/confirm", "/oauth2/token", "/oauth2/revoke"})
    EXPECT_EQ(routes_.find(Method::Get, path).route, nullptr) << path;
}

TEST_F(RoutesTest, EveryRouteOfTheApiIsDescribed) {
  const auto answered = get("/api/v1/openapi.json");
  ASSERT_EQ(answered.status, Status::Ok);
  const auto document = must(json::parse(answered.body));
  std::set<std::string> described;
  for (const auto& [path, item] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object())
      described.insert(std::string(method) + " " + std::string(path));
  }
  std::set<std::string> routed;
  for (const http::Route* route : routes_.routes()) {
    if (!route->pattern.starts_with("/api/")) continue;
    const std::string name = to_ascii_lower(http::name_of(route->method)) + " " + route->pattern;
    routed.insert(name);
    EXPECT_TRUE(described.contains(name))
        << name
        << " is a route, and src/console/openapi.json does not describe it. Add it there under `paths`: "
        << "operationId, summary, parameters, requestBody and responses; /api/v1/departments/{id} is an "
           "example.";
  }
  for (const std::string& name : described) {
    EXPECT_TRUE(routed.contains(name))
        << name << " is described in src/console/openapi.json, and there is no such route. Remove it there.";
  }
  EXPECT_GT(routed.size(), 60U);
}

TEST_F(RoutesTest, AdministrationIsThereForWhoIsSignedIn) {
  for (const char* path : {"/employees/id",
                           "/groups",
                           "/groups/id",
                           "/groups/id/mapping-effect",
                           "/departments",
                           "/profile",
                           "/profile/sessions",
                           "/provisioning/tokens",
                           "/provisioning/settings",
                           "/provisioning/attributes",
                           "/provisioning/log",
                           "/provisioning/log/1",
                           "/provisioning/pulse",
                           "/departure-batches",
                           "/departure-batches/id",
                           "/domains",
                           "/setup",
                           "/setup/mobile",
                           "/setup/outsiders",
                           "/setup/tests/id"}) {
    const auto response = get(std::string("/api/v1") + path);
    EXPECT_EQ(response.status, Status::Unauthorized) << path;
    EXPECT_THAT(response.body, HasSubstr("session.none")) << path;
  }
}

TEST_F(RoutesTest, ScriptsOfOtherSitesChangeNothing) {
  const std::vector<std::pair<Method, std::string>> writes = {
      {Method::Post, "/connections/check"},
      {Method::Post, "/setup/mobile/check"},
      {Method::Put, "/setup/mobile"},
      {Method::Delete, "/setup/mobile"},
      {Method::Post, "/employees"},
      {Method::Post, "/employees/import"},
      {Method::Put, "/employees/id"},
      {Method::Post, "/employees/id/deactivate"},
      {Method::Post, "/employees/id/activate"},
      {Method::Post, "/employees/id/grant-administrator"},
      {Method::Post, "/employees/id/revoke-administrator"},
      {Method::Put, "/groups/id/mapping"},
      {Method::Post, "/departments"},
      {Method::Put, "/departments/id"},
      {Method::Delete, "/departments/id"},
      {Method::Post, "/departments/id/default"},
      {Method::Post, "/profile/password"},
      {Method::Delete, "/profile/sessions"},
      {Method::Delete, "/profile/sessions/id"},
      {Method::Post, "/provisioning/tokens"},
      {Method::Delete, "/provisioning/tokens/id"},
      {Method::Put, "/provisioning/settings"},
      {Method::Post, "/provisioning/attributes"},
      {Method::Delete, "/provisioning/attributes/name"},
      {Method::Post, "/departure-batches/id/restore"},
      {Method::Post, "/departure-batches/id/confirm"},
      {Method::Post, "/domains"},
      {Method::Post, "/domains/contoso.example/check"},
      {Method::Delete, "/domains/contoso.example"},
      {Method::Post, "/setup/start"},
      {Method::Put, "/setup/provider"},
      {Method::Put, "/setup/application"},
      {Method::Put, "/setup/provisioning"},
      {Method::Put, "/setup/department"},
      {Method::Post, "/setup/outsiders/accept-all"},
      {Method::Put, "/setup/outsiders/id"},
      {Method::Post, "/setup/tests"},
      {Method::Post, "/setup/enable"},
      {Method::Post, "/setup/cancel"},
  };
  for (const auto& [method, path] : writes) {
    auto own = request(method, "/api/v1" + path);
    EXPECT_EQ(send(own).status, Status::Unauthorized) << path;
    own.headers.set("Sec-Fetch-Site", "cross-site");
    const auto refused = send(own);
    EXPECT_EQ(refused.status, Status::Forbidden) << path;
    EXPECT_THAT(refused.body, HasSubstr("server.cross_site")) << path;
  }
}

TEST_F(RoutesTest, NoBodyOfTheApiHoldsWhatNobodyUnderstands) {
  const test::CookieJar jar = administrator();
  const auto document = must(json::parse(get("/api/v1/openapi.json").body));
  int walked = 0;
  for (const auto& [path, item] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      const json::Value* body = operation.as_object().if_contains("requestBody");
      if (body == nullptr || body->at("content").as_object().if_contains("application/json") == nullptr)
        continue;
      std::string address(path);
      for (auto begin = address.find('{'); begin != std::string::npos; begin = address.find('{'))
        address.replace(begin, address.find('}') - begin + 1, "id");
      auto made = request(method == "put" ? Method::Put : Method::Post, address);
      jar.send_with(made);
      made.headers.set("Content-Type", "application/json");
      made.body = R"({"mispelt":true})";
      const auto answered = send(made);
      EXPECT_EQ(answered.status, Status::BadRequest) << method << " " << path;
      EXPECT_THAT(answered.body, HasSubstr("`mispelt`")) << method << " " << path;
      ++walked;
    }
  }
  EXPECT_GT(walked, 20);
}

TEST_F(RoutesTest, AdministratorsMakeThisServerReachNothingInside) {
  const test::CookieJar jar = administrator();
  auto check = request(Method::Post, "/api/v1/connections/check");
  jar.send_with(check);
  check.headers.set("Content-Type", "application/json");

  const std::vector<std::pair<std::string, std::string>> cases = {
      {"http://127.0.0.1/metadata", "net.not_https"},
      {"http://localhost:8080/metadata", "net.not_https"},
      {"https://127.0.0.1/metadata", "net.address_refused"},
      {"https://2130706433/metadata", "net.address_refused"},
      {"https://0x7f.1/metadata", "net.address_refused"},
      {"https://10.0.0.1/metadata", "net.address_refused"},
      {"https://192.168.1.1/metadata", "net.address_refused"},
      {"https://169.254.169.254/latest/meta-data/", "net.address_refused"},
      {"https://[::1]/metadata", "net.address_refused"},
      {"https://[::ffff:10.0.0.1]/metadata", "net.address_refused"},
      {"https://[fd00::1]/metadata", "net.address_refused"},
      {"https://localhost/metadata", "net.address_refused"},
      {"file:///etc/passwd", "url.invalid"},
      {"gopher://127.0.0.1:11211/_stats", "url.invalid"},
  };
  for (const auto& [url, code] : cases) {
    check.body = json::serialize(json::Object{{"url", url}});
    const auto answered = send(check);
    ASSERT_EQ(answered.status, Status::Ok) << url << answered.body;
    const auto said = must(json::parse(answered.body));
    EXPECT_FALSE(said.at("established").as_bool()) << url;
    std::vector<std::string> found;
    for (const auto& each : said.at("checks").as_array()) {
      if (each.at("verdict").as_string() == "failed") found.emplace_back(each.at("finding").as_string());
    }
    EXPECT_THAT(found, testing::ElementsAre(code)) << url;
  }
  // A name tells nothing of where it leads.
  check.body = R"({"url":"https://localhost/metadata"})";
  const auto said = send(check).body;
  EXPECT_THAT(said, Not(HasSubstr("127.0.0.1")));
  EXPECT_THAT(said, Not(HasSubstr("::1")));
}

TEST_F(RoutesTest, FormsOfOtherSitesAreRefused) {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  const std::vector<std::pair<Fields, bool>> cases = {
      {{}, true},  // No browser.
      {{{"Sec-Fetch-Site", "same-origin"}}, true},
      {{{"Sec-Fetch-Site", "none"}}, true},
      {{{"Sec-Fetch-Site", "same-site"}}, false},
      {{{"Sec-Fetch-Site", "cross-site"}}, false},
      {{{"Sec-Fetch-Site", ""}}, false},
      {{{"Sec-Fetch-Site", "Same-Origin"}}, false},
      // What the browser says of the relation counts more than a name that a proxy may have changed.
      {{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://sso.portal.example"}}, false},
      {{{"Origin", "https://sso.portal.example"}}, true},
      {{{"Origin", "https://sso.portal.example:8443"}}, false},
      {{{"Origin", "http://sso.portal.example"}}, false},
      {{{"Origin", "https://sso.portal.example.evil.example"}}, false},
      {{{"Origin", "https://evil.example"}}, false},
      {{{"Origin", "null"}}, false},
      {{{"Origin", ""}}, false},
  };
  for (const auto& [fields, allowed] : cases) {
    for (const char* path :
         {"/sign-in", "/sign-in/password", "/sign-out", "/sessions/end", "/sessions/end-others"}) {
      auto request = form(path);
      for (const auto& [name, value] : fields)
        request.headers.set(name, value);
      const auto response = send(request);
      const bool refused = response.body.find("That came from another site") != std::string::npos;
      EXPECT_EQ(refused, !allowed) << path << (fields.empty() ? "" : fields[0].second);
      if (refused) {
        EXPECT_EQ(response.status, Status::Forbidden);
      }
    }
  }
}

TEST_F(RoutesTest, TheProvidersAnswerMayComeFromItsSite) {
  add_account("contoso");
  auto request = form("/saml/contoso/acs", "SAMLResponse=YQ%3D%3D");
  request.headers.set("Sec-Fetch-Site", "cross-site");
  request.headers.set("Origin", "https://login.microsoftonline.com");
  EXPECT_THAT(send(request).body, Not(HasSubstr("That came from another site")));
}

TEST_F(RoutesTest, MetricsAreForThisMachineOnly) {
  for (const char* local : {"127.0.0.1", "127.8.8.8", "::1"}) {
    auto asked = request(Method::Get, "/metrics");
    asked.client_address = local;
    EXPECT_EQ(send(asked).status, Status::Ok) << local;
    // A proxy on this machine that nobody told us of.
    for (const char* field : {"X-Forwarded-For", "Forwarded"}) {
      auto forwarded = asked;
      forwarded.headers.set(field, "for=192.0.2.7");
      EXPECT_EQ(send(forwarded).status, Status::Forbidden) << field;
    }
  }
  for (const char* other : {"192.0.2.7", "10.0.0.1", "1270.0.0.1", "::ffff:192.0.2.7", "2001:db8::1", ""}) {
    auto asked = request(Method::Get, "/metrics");
    asked.client_address = other;
    const auto response = send(asked);
    EXPECT_EQ(response.status, Status::Forbidden) << other;
    EXPECT_THAT(std::string(*response.headers.find("Content-Type")), StartsWith("text/plain"));
  }
}

struct ErrorCase {
  ErrorKind kind;
  Status status;
  std::string_view title;
};

TEST_F(RoutesTest, AFailureIsAPageInPlainWords) {
  for (const auto& [kind, status, title] :
       {ErrorCase{ErrorKind::InvalidInput, Status::BadRequest, "We did not understand that"},
        ErrorCase{ErrorKind::NotFound, Status::NotFound, "There is nothing here"},
        ErrorCase{ErrorKind::Conflict, Status::Conflict, "We did not understand that"},
        ErrorCase{ErrorKind::Refused, Status::Forbidden, "We did not understand that"},
        ErrorCase{ErrorKind::RateLimited, Status::TooManyRequests, "Too many attempts"},
        ErrorCase{ErrorKind::Unavailable, Status::ServiceUnavailable, "Too busy at the moment"},
        ErrorCase{ErrorKind::Internal, Status::InternalServerError, "Something is wrong on our side"}}) {
    const Error error{kind, "test.code", "A sentence for the log.", "a private detail"};
    const auto page = answer_error(request(Method::Get, "/"), error);
    EXPECT_EQ(page.status, status);
    EXPECT_THAT(page.body, HasSubstr(title));
    EXPECT_THAT(page.body, Not(HasSubstr("A sentence for the log")));
    EXPECT_THAT(page.body, Not(HasSubstr("private detail")));
    // Only where the log tells more is there a number to ask under.
    const bool ours = kind == ErrorKind::Unavailable || kind == ErrorKind::Internal;
    EXPECT_EQ(page.body.find("request-1") != std::string::npos, ours) << title;
    EXPECT_THAT(page.body, Not(HasSubstr("Reference number")));

    const auto api = answer_error(request(Method::Get, "/api/v1/employees"), error);
    EXPECT_EQ(api.status, status);
    EXPECT_EQ(api.headers.find("Content-Type"), "application/json");
    EXPECT_EQ(
        api.body,
        R"({"error":{"code":"test.code","message":"A sentence for the log.","request_id":"request-1"}})");

    for (const char* path : {"/readyz", "/metrics", "/assets/x.css", "/console/assets/x.js"}) {
      const auto text = answer_error(request(Method::Get, path), error);
      EXPECT_EQ(text.status, status);
      EXPECT_EQ(text.body, "A sentence for the log.\n") << path;
    }
  }
}

TEST_F(RoutesTest, AMissingCompanyIsToldFromAMissingPage) {
  EXPECT_THAT(get("/saml/nobody/metadata").body, HasSubstr("There is no company at this address"));
  auto asked = request(Method::Get, "/sign-in");
  asked.query = "account=nobody";
  EXPECT_THAT(send(asked).body, HasSubstr("There is no company at this address"));
  EXPECT_THAT(get("/saml/contoso/nothing").body, HasSubstr("There is nothing here"));
  EXPECT_THAT(get("/sign-in/nothing").body, HasSubstr("There is nothing here"));
}

TEST_F(RoutesTest, StatusesOfTheProtocolSurvive) {
  const auto status = [](ErrorCode code) {
    return answer_error(request(Method::Get, "/"), {ErrorKind::InvalidInput, code, "No."}).status;
  };
  EXPECT_EQ(status(http::kMethodNotAllowed), Status::MethodNotAllowed);
  EXPECT_EQ(status(http::kMethodUnknown), Status::NotImplemented);
  EXPECT_EQ(status(http::kUnsupportedMediaType), Status::UnsupportedMediaType);
  auto no_form = form("/sign-in");
  no_form.headers.set("Content-Type", "text/plain");
  EXPECT_EQ(send(no_form).status, Status::UnsupportedMediaType);
}

TEST_F(RoutesTest, EveryAnswerIsHardened) {
  for (const char* path : {"/", "/sign-in", "/api/v1/session", "/console/", "/healthz", "/nothing"}) {
    const auto response = get(path);
    EXPECT_EQ(response.headers.find("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(response.headers.find("Referrer-Policy"), "same-origin") << path;
    EXPECT_EQ(response.headers.find("Cross-Origin-Opener-Policy"), "same-origin") << path;
    EXPECT_EQ(response.headers.find("X-Frame-Options"), "DENY") << path;
    EXPECT_EQ(response.headers.find("Cache-Control"), "no-store") << path;
    EXPECT_THAT(std::string(*response.headers.find("Content-Security-Policy")),
                HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(std::string(*response.headers.find("Content-Security-Policy")),
                StartsWith("default-src 'none'"));
    EXPECT_EQ(response.headers.find("Strict-Transport-Security"), "max-age=31536000") << path;
  }
}

TEST_F(RoutesTest, HardeningKeepsWhatAnAnswerChose) {
  http::Response response;
  response.headers.set("Cache-Control", "public, max-age=31536000, immutable");
  response.headers.set("Content-Security-Policy", "default-src 'none'; style-src 'self'");
  add_defaults(*services_, response);
  EXPECT_EQ(response.headers.find("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(response.headers.find("Content-Security-Policy"), "default-src 'none'; style-src 'self'");
}

TEST_F(RoutesTest, PlainHttpPromisesNoTls) {
  const auto plain = make("http://localhost:8080");
  http::Response response;
  add_defaults(*plain, response);
  EXPECT_FALSE(response.headers.find("Strict-Transport-Security"));
}

}  // namespace
}  // namespace doorward::server
