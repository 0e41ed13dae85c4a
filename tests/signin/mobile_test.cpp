#include "signin/mobile.h"

#include <gmock/gmock.h>

#include "base/log.h"
#include "directory/applications.h"
#include "directory/directory_test.h"
#include "directory/identity.h"
#include "oidc/protocol/tokens.h"
#include "support/fake_clock.h"

namespace doorward::signin {
namespace {

using oidc::protocol::to_jwk;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kTenant = "aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb";
constexpr std::string_view kClient = "00001111-aaaa-2222-bbbb-3333cccc4444";
constexpr std::string_view kPerson = "12345678-90ab-cdef-1234-567890abcdef";
constexpr std::string_view kAuthority =
    "https://login.microsoftonline.com/aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb/v2.0";

/// A company with a tenant at Entra, an employee in it, and a phone.
class MobileTest : public directory::DirectoryTest {
 protected:
  MobileTest() {
    log::set_sink([this](std::string_view line) { log_ += line; });
    add_domain(contoso_, "contoso.example");
    save();
  }
  ~MobileTest() override { log::set_sink({}); }

  directory::MobileSetup setup() const {
    return {.account = contoso_.id,
            .connection = connection_.id,
            .client_id = std::string(kClient),
            .tenant_id = std::string(kTenant),
            .authority = std::string(kAuthority),
            .ios_redirect = "msauth.com.example.portal://auth",
            .android_redirects = {"msauth://com.example.portal/VzSiQcXRmi2kyjzcA%2BmYLEtbGVs%3D"}};
  }
  void save() { save(setup()); }
  void save(const directory::MobileSetup& setup) {
    write([&](storage::Transaction& transaction) {
      return directory::save_mobile_setup(transaction, setup, kAdministrator, kNow);
    });
  }

  Result<std::string> fetch(const Url& url) {
    if (is_down_) return fail(ErrorKind::Unavailable, "net.timeout", "The host did not answer.");
    if (url.path().ends_with("openid-configuration")) {
      return json::serialize(
          json::Object{{"issuer", kAuthority}, {"jwks_uri", "https://login.microsoftonline.com/keys"}});
    }
    return json::serialize(
        json::Object{{"keys", json::Array{to_jwk(published_.public_key(), key_id_, "RS256")}}});
  }

  json::Object claims() const {
    const std::int64_t now = to_millis(clock_.now()) / 1000;
    return {{"iss", kAuthority},
            {"aud", kClient},
            {"iat", now - 300},
            {"nbf", now - 300},
            {"exp", now + 3600},
            {"tid", kTenant},
            {"oid", kPerson},
            {"preferred_username", "ada@contoso.example"},
            {"email", "ada@contoso.example"},
            {"name", "Ada Weber"},
            {"uti", std::to_string(++tokens_)}};
  }
  std::string token(json::Object claims) const {
    return oidc::protocol::test::sign_raw(
        json::serialize(json::Object{{"typ", "JWT"}, {"alg", "RS256"}, {"kid", key_id_}}),
        json::serialize(claims), published_, crypto::SignatureAlgorithm::RsaSha256);
  }
  std::string token() const { return token(claims()); }
  std::string token_with(std::string_view name, const json::Value& value) const {
    json::Object changed = claims();
    changed[name] = value;
    return token(std::move(changed));
  }

  http::Request request(std::string_view account = "contoso") {
    http::Request made;
    made.path = "/mobile/" + std::string(account) + "/sign-in";
    made.client_address = "192.0.2.7";
    made.request_id = "request-1";
    made.parameters = {{"account", std::string(account)}};
    return made;
  }
  http::Response send(json::Object body, std::string_view account = "contoso") {
    http::Request made = request(account);
    made.method = http::Method::Post;
    made.headers.set("Content-Type", "application/json; charset=utf-8");
    made.body = json::serialize(body);
    return must(mobile_.sign_in(made));
  }
  http::Response sign_in(std::string_view id_token, std::string_view account = "contoso") {
    return send({{"id_token", id_token}, {"device_name", "Ada's phone"}, {"platform", "ios"}}, account);
  }
  static json::Object body_of(const http::Response& response) {
    return json::parse(response.body)->as_object();
  }
  /// Status and reason of a refusal; `200` for a sign-in.
  std::string outcome(std::string_view id_token, std::string_view account = "contoso") {
    const auto response = sign_in(id_token, account);
    const std::string status = std::to_string(static_cast<int>(response.status));
    if (response.status == http::Status::Ok) return status;
    return status + " " + std::string(body_of(response).at("reason").as_string());
  }
  std::int64_t grants() { return count("SELECT count(*) FROM grants WHERE employee_id IS NOT NULL"); }

  test::FakeClock clock_{kNow};
  metrics::Registry metrics_;
  std::string log_;
  bool is_down_ = false;
  mutable int tokens_ = 0;
  std::string key_id_ = "key-1";
  crypto::PrivateKey published_ = oidc::protocol::test::rsa_key();
  directory::Account contoso_ = add_account("contoso");
  directory::Connection connection_ =
      add_connection(contoso_, "https://sts.windows.net/" + std::string(kTenant) + "/");
  directory::Employee ada_ = add_employee({.account = contoso_.id,
                                           .profile = {.user_name = "ada@contoso.example",
                                                       .email = "ada@contoso.example",
                                                       .display_name = "Ada Weber",
                                                       .object_id = std::string(kPerson)}});
  MobileSignIn mobile_{
      {*database_, clock_, "https://sso.example", metrics_, [this](const Url& url) { return fetch(url); }}};
};

TEST_F(MobileTest, TellsTheAppWhatItNeeds) {
  const auto response = must(mobile_.configuration(request()));
  ASSERT_EQ(response.status, http::Status::Ok);
  const json::Object body = body_of(response);
  EXPECT_EQ(body.at("sign_in_url").as_string(), "https://sso.example/mobile/contoso/sign-in");
  EXPECT_EQ(body.at("token_url").as_string(), "https://sso.example/oauth2/token");
  EXPECT_EQ(body.at("token_client_id").as_string(), "doorward-mobile");
  const json::Object& ios = body.at("ios").as_object();
  EXPECT_EQ(ios.at("client_id").as_string(), kClient);
  EXPECT_EQ(ios.at("redirect_uri").as_string(), "msauth.com.example.portal://auth");
  EXPECT_TRUE(ios.at("broker_redirect_uri_registered").as_bool());
  const json::Object& authority = ios.at("authorities").as_array().at(0).as_object();
  EXPECT_EQ(authority.at("audience").at("type").as_string(), "AzureADMyOrg");
  EXPECT_EQ(authority.at("audience").at("tenant_id").as_string(), kTenant);
  EXPECT_EQ(authority.at("authority_url").as_string(),
            "https://login.microsoftonline.com/" + std::string(kTenant));
  ASSERT_EQ(body.at("android").as_array().size(), 1U);
  EXPECT_EQ(body.at("android").as_array()[0].at("redirect_uri").as_string(),
            "msauth://com.example.portal/VzSiQcXRmi2kyjzcA%2BmYLEtbGVs%3D");
  auto without_ios = setup();
  without_ios.ios_redirect = "";
  save(without_ios);
  EXPECT_TRUE(body_of(must(mobile_.configuration(request()))).at("ios").is_null());
}

TEST_F(MobileTest, SaysSoWhereItIsNotSetUp) {
  add_account("fabrikam");
  for (const char* account : {"fabrikam", "nobody", "CONTOSO ", ""}) {
    const auto response = must(mobile_.configuration(request(account)));
    EXPECT_EQ(response.status, http::Status::NotFound) << account;
    EXPECT_EQ(body_of(response).at("error").as_string(), "not_found");
    EXPECT_EQ(sign_in(token(), account).status, http::Status::NotFound);
  }
  write([&](storage::Transaction& transaction) {
    return directory::set_plan(transaction, contoso_.id, directory::Plan::Free, kSupport, kNow);
  });
  EXPECT_EQ(outcome(token()), "404 mobile.not_set_up");
}

TEST_F(MobileTest, SignsTheEmployeeIn) {
  const auto response = sign_in(token());
  ASSERT_EQ(response.status, http::Status::Ok) << response.body;
  EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
  const json::Object body = body_of(response);
  EXPECT_EQ(body.at("token_type").as_string(), "Bearer");
  EXPECT_EQ(body.at("expires_in").as_int64(), 3600);
  EXPECT_EQ(body.at("scope").as_string(), "openid profile email offline_access");
  EXPECT_EQ(body.at("employee").at("id").as_string(), ada_.public_id);
  EXPECT_EQ(body.at("employee").at("name").as_string(), "Ada Weber");
  const auto access = directory::GrantToken::parse(std::string_view(body.at("access_token").as_string()),
                                                   directory::TokenKind::Access);
  ASSERT_TRUE(access);
  const auto bearer = read([&](storage::Transaction& transaction) {
    return directory::find_token_bearer(transaction, *access, clock_.now());
  });
  ASSERT_TRUE(bearer);
  EXPECT_EQ(bearer->employee->id, ada_.id);
  EXPECT_EQ(bearer->application.client_id, "doorward-mobile");
  EXPECT_EQ(bearer->grant.device, "Ada's phone (iOS)");
  EXPECT_EQ(bearer->grant.client_address, "192.0.2.7");
  EXPECT_FALSE(bearer->grant.session) << "it does not end with a browser's session";
}

TEST_F(MobileTest, GivesARefreshTokenForTheAppAlone) {
  const json::Object body = body_of(sign_in(token()));
  const auto refresh = directory::GrantToken::parse(std::string_view(body.at("refresh_token").as_string()),
                                                    directory::TokenKind::Refresh);
  ASSERT_TRUE(refresh);
  const auto exchanged = write([&](storage::Transaction& transaction) -> Result<directory::Exchanged> {
    ASSIGN_OR_RETURN(const auto application,
                     directory::find_application(transaction, directory::kMobileClientId));
    return directory::exchange_token(transaction, *refresh, application->id, clock_.now());
  });
  EXPECT_EQ(exchanged.outcome, directory::Exchange::Good);
  EXPECT_EQ(exchanged.bearer->employee->id, ada_.id);
}

TEST_F(MobileTest, FindsTheSamePersonAsSamlAndScim) {
  // By another address: the object id decides.
  json::Object renamed = claims();
  renamed["preferred_username"] = "ada.weber@contoso.example";
  EXPECT_EQ(outcome(token(renamed)), "200");
  EXPECT_EQ(outcome(token_with("oid", "99999999-90ab-cdef-1234-567890abcdef")),
            "403 identity.linked_elsewhere")
      << "somebody else who was given the address";
}

TEST_F(MobileTest, TakesATokenOnce) {
  const std::string once = token();
  EXPECT_EQ(outcome(once), "200");
  EXPECT_EQ(outcome(once), "401 mobile.token_used");
  EXPECT_EQ(outcome(token()), "200");
  EXPECT_EQ(grants(), 2);
}

TEST_F(MobileTest, TakesATokenOnceAlsoWhenItWasRefused) {
  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, contoso_.id, ada_.id,
                                          directory::LastAdministrator::MayGo, kSupport, kNow);
  });
  const std::string once = token();
  EXPECT_EQ(outcome(once), "403 identity.deactivated");
  EXPECT_EQ(outcome(once), "401 mobile.token_used");
}

TEST_F(MobileTest, RefusesTokensThatAreNotForUs) {
  EXPECT_EQ(outcome(token_with("aud", "99991111-aaaa-2222-bbbb-3333cccc4444")), "401 oidc.claim_audience");
  EXPECT_EQ(outcome(token_with("tid", "cccccccc-1111-2222-3333-bbbbbbbbbbbb")), "401 oidc.id_token_tenant");
  EXPECT_EQ(outcome(token_with("iss", "https://login.microsoftonline.com/common/v2.0")),
            "401 oidc.claim_issuer");
  EXPECT_EQ(outcome(token_with("iat", to_millis(kNow) / 1000 - 661)), "401 oidc.claim_too_old");
  EXPECT_EQ(outcome(token_with("exp", to_millis(kNow) / 1000 - 60)), "401 oidc.claim_expired");
  EXPECT_EQ(outcome(token_with("oid", nullptr)), "401 oidc.id_token_person");
  EXPECT_EQ(outcome("rubbish"), "401 oidc.jwt_malformed");
  EXPECT_EQ(grants(), 0);
}

TEST_F(MobileTest, RefusesStrangersKeys) {
  const std::string good = token();
  const auto strangers = crypto::PrivateKey::generate_rsa();
  const std::string header = json::serialize(json::Object{{"alg", "RS256"}, {"kid", key_id_}});
  EXPECT_EQ(outcome(oidc::protocol::test::sign_raw(header, json::serialize(claims()), strangers,
                                                   crypto::SignatureAlgorithm::RsaSha256)),
            "401 oidc.jwt_signature");
  key_id_ = "other";
  const std::string unknown = token();
  key_id_ = "key-1";
  EXPECT_EQ(outcome(unknown), "401 oidc.jwt_key_unknown");
  EXPECT_EQ(outcome(good), "200");
}

TEST_F(MobileTest, FollowsTheTenantsKeys) {
  EXPECT_EQ(outcome(token()), "200");
  published_ = crypto::PrivateKey::generate_rsa();
  key_id_ = "key-2";
  EXPECT_EQ(outcome(token()), "401 oidc.jwt_key_unknown") << "fetched a moment ago";
  clock_.advance(minutes(1));
  EXPECT_EQ(outcome(token()), "200");
}

TEST_F(MobileTest, SaysSoWhileTheTenantIsOutOfReach) {
  is_down_ = true;
  EXPECT_EQ(outcome(token()), "503 mobile.tenant_unavailable");
  EXPECT_EQ(count("SELECT count(*) FROM sign_in_attempts"), 0);
}

TEST_F(MobileTest, LeavesWhoMayComeInToTheDirectory) {
  json::Object stranger = claims();
  stranger["oid"] = "99999999-90ab-cdef-1234-567890abcdef";
  stranger["preferred_username"] = "eve@contoso.example";
  stranger["email"] = "eve@contoso.example";
  EXPECT_EQ(outcome(token(stranger)), "403 identity.not_provisioned");
  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, contoso_.id, ada_.id,
                                          directory::LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_EQ(outcome(token()), "403 identity.deactivated");
  EXPECT_EQ(grants(), 0);
}

TEST_F(MobileTest, OpensNoOtherCompanysDoor) {
  // Another company that uses the same tenant and app: its employees are its own.
  const auto fabrikam = add_account("fabrikam");
  const auto idp = add_connection(fabrikam, "https://sts.windows.net/" + std::string(kTenant) + "/");
  auto theirs = setup();
  theirs.account = fabrikam.id;
  theirs.connection = idp.id;
  save(theirs);
  EXPECT_THAT(outcome(token(), "fabrikam"), StartsWith("403 identity."));
  EXPECT_EQ(grants(), 0);
}

TEST_F(MobileTest, RecordsAttemptsWithoutTheToken) {
  const std::string good = token();
  const std::string bad = token_with("aud", "other");
  sign_in(good);
  const json::Object refused = body_of(sign_in(bad));
  const auto attempts = read([&](storage::Transaction& transaction) {
    return directory::list_attempts(transaction, contoso_.id, std::nullopt, 10);
  });
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_EQ(attempts[0].reference, std::string_view(refused.at("reference").as_string()));
  EXPECT_EQ(attempts[0].outcome, directory::AttemptOutcome::Refused);
  EXPECT_EQ(attempts[0].finding, "oidc.claim_audience");
  EXPECT_THAT(attempts[0].report, HasSubstr("is for another audience"));
  EXPECT_EQ(attempts[1].outcome, directory::AttemptOutcome::Success);
  EXPECT_EQ(attempts[1].employee, ada_.public_id);
  EXPECT_EQ(attempts[1].connection, connection_.id);
  EXPECT_THAT(attempts[1].report, HasSubstr("Ada's phone (iOS)"));
  for (const std::string& text : {attempts[0].report, attempts[1].report, log_}) {
    EXPECT_THAT(text, Not(HasSubstr(good.substr(good.find('.'), 40))));
    EXPECT_THAT(text, Not(HasSubstr(bad.substr(bad.find('.'), 40))));
    EXPECT_THAT(text, Not(HasSubstr("dwa_")));
    EXPECT_THAT(text, Not(HasSubstr("dwr_")));
  }
}

TEST_F(MobileTest, StoresSoManyRefusalsOfStrangersAndNoMore) {
  for (int i = 0; i < session::AttemptBudget::kBurst + 20; ++i)
    sign_in("rubbish");
  EXPECT_EQ(count("SELECT count(*) FROM sign_in_attempts"), session::AttemptBudget::kBurst);
}

TEST_F(MobileTest, ChecksTheBody) {
  const auto status = [&](const json::Object& body) { return static_cast<int>(send(body).status); };
  EXPECT_EQ(status({}), 400);
  EXPECT_EQ(status({{"id_token", token()}}), 400) << "without a platform";
  EXPECT_EQ(status({{"id_token", token()}, {"platform", "windows"}}), 400);
  EXPECT_EQ(status({{"id_token", 5}, {"platform", "ios"}}), 400);
  EXPECT_EQ(status({{"id_token", token()}, {"platform", "ios"}, {"device_name", 5}}), 400);
  EXPECT_EQ(status({{"id_token", token()}, {"platform", "android"}}), 200) << "a phone without a name";
  EXPECT_EQ(
      status({{"id_token", token()}, {"platform", "ios"}, {"device_name", std::string(5000, 'x').c_str()}}),
      200);
  http::Request form = request();
  form.method = http::Method::Post;
  form.headers.set("Content-Type", "application/x-www-form-urlencoded");
  form.body = "id_token=" + token() + "&platform=ios";
  EXPECT_EQ(must(mobile_.sign_in(form)).status, http::Status::UnsupportedMediaType);
  form.headers.set("Content-Type", "application/json");
  for (const char* text : {"", "[]", "{", R"({"id_token":"a","id_token":"b","platform":"ios"})"}) {
    form.body = text;
    EXPECT_EQ(must(mobile_.sign_in(form)).status, http::Status::BadRequest) << text;
  }
}

TEST_F(MobileTest, CountsOutcomes) {
  sign_in(token());
  sign_in("rubbish");
  EXPECT_THAT(metrics_.expose(), HasSubstr("doorward_mobile_sign_ins_total{outcome=\"accepted\"} 1"));
  EXPECT_THAT(metrics_.expose(), HasSubstr("doorward_mobile_sign_ins_total{outcome=\"refused\"} 1"));
}

}  // namespace
}  // namespace doorward::signin
