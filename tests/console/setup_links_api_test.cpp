#include "console/setup_links_api.h"

#include <functional>

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "console/connections_api.h"
#include "console/console_test.h"
#include "console/departments_api.h"
#include "console/domains_api.h"
#include "console/provisioning_api.h"
#include "console/provisioning_log_api.h"
#include "console/setup_api.h"
#include "console/test_runs_api.h"
#include "directory/departments.h"
#include "directory/setup_links.h"

namespace doorward::console {
namespace {

using std::chrono::hours;
using testing::HasSubstr;
using testing::Not;

class SetupLinksApiTest : public ConsoleTest {
 protected:
  static std::string metadata(std::string_view entity_id) {
    return "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"" +
           std::string(entity_id) +
           "\"><IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">"
           "<KeyDescriptor><KeyInfo "
           "xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>" +
           to_base64(certificate()) +
           "</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
           "<SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\""
           " Location=\"https://idp.example.com/sso\"/></IDPSSODescriptor></EntityDescriptor>";
  }

  json::Object make(const std::string& body = R"x({"name":"Max (IT)"})x") {
    return sent(links_, &SetupLinksApi::create, {.body = body});
  }
  /// What stands behind the #.
  static std::string secret_of(const json::Object& made) {
    const std::string link(made.at("link").as_string());
    return link.substr(link.find('#') + 1);
  }
  Result<http::Response> open(const std::string& secret) {
    http::Request request;
    request.client_address = "192.0.2.7";
    request.headers.set("Content-Type", "application/json");
    request.body = json::serialize(json::Object{{"link", secret}});
    return links_.open(request);
  }
  /// A browser that opened a link.
  http::Request colleague() {
    const auto response = must(open(secret_of(make())));
    test::CookieJar jar;
    jar.keep(response);
    http::Request request;
    jar.send_with(request);
    request.headers.set(std::string(session::Delegates::kHeader), "1");
    return request;
  }
  std::string check(const http::Request* from, std::string_view entity_id = "https://evil.example/",
                    std::string_view more = "") {
    const json::Object body{{"document", metadata(entity_id)}};
    auto text = json::serialize(body);
    text.insert(text.size() - 1, more);
    return refused(connections_, &ConnectionsApi::check, {.body = text, .from = from});
  }
  std::string state() {
    return std::string(sent(links_, &SetupLinksApi::links).at("setupLinks").at(0).at("state").as_string());
  }
  void end_newest() {
    const std::string id(sent(links_, &SetupLinksApi::links).at("setupLinks").at(0).at("id").as_string());
    sent(links_, &SetupLinksApi::end, {.name = id});
  }
  json::Value proposal() { return sent(setup_, &SetupApi::wizard).at("proposal"); }

  session::Delegates delegates_{*database_, clock_, true};
  Dependencies all_{*database_, clock_, sessions_, &delegates_};
  SetupLinksApi links_{all_, "https://sso.example"};
  SetupApi setup_{all_, "https://sso.example"};
  /// Happens while a fetch is under way.
  std::function<void()> meanwhile_ = [] {};
  ConnectionsApi connections_{
      all_, "https://sso.example",
      [this](const Url& url, Timestamp now) -> Result<directory::MetadataSource> {
        meanwhile_();
        return directory::MetadataSource{
            .url = url.text(), .document = metadata("https://evil.example/"), .etag = {}, .fetched_at = now};
      }};
  ProvisioningApi provisioning_{all_, "https://sso.example"};
  ProvisioningLogApi log_{all_};
  DepartmentsApi departments_{all_};
  TestRunsApi tests_{all_, "https://sso.example"};
  DomainsApi domains_{all_, DomainsApi::Demand::AdministratorsWord,
                      [](std::string_view) { return Result<std::vector<std::string>>(); }};
};

TEST_F(SetupLinksApiTest, AdministratorsMakeLinks) {
  expect_for_administrators_only(links_,
                                 {&SetupLinksApi::links, &SetupLinksApi::create, &SetupLinksApi::end});
  const auto made = make(R"x({"name":"Max (IT)","days":3})x");
  EXPECT_THAT(std::string(made.at("link").as_string()),
              testing::StartsWith("https://sso.example/console/setup-link#dws_"));
  const auto shown = sent(links_, &SetupLinksApi::links);
  EXPECT_FALSE(shown.contains("link")) << "shown once";
  const auto& link = shown.at("setupLinks").at(0);
  EXPECT_EQ(link.at("name").as_string(), "Max (IT)");
  EXPECT_EQ(link.at("state").as_string(), "waiting");
  EXPECT_EQ(link.at("expiresAt").as_string(), format_rfc3339(kNow + hours(72)));
  EXPECT_THAT(json::serialize(shown), Not(HasSubstr("dws_")));
  EXPECT_FALSE(sent(setup_, &SetupApi::wizard).at("setup").is_null()) << "the setup is started with it";
  for (const char* body : {"{}", R"({"name":"Max","days":0})", R"({"name":"Max","days":31})",
                           R"({"name":"Max","days":"7"})", R"({"name":"Max","day":7})", R"({"name":7})"})
    EXPECT_NE(refused(links_, &SetupLinksApi::create, {.body = body}), "") << body;
}

TEST_F(SetupLinksApiTest, ALinkOpensOnce) {
  const std::string secret = secret_of(make());
  const auto opened = must(open(secret));
  EXPECT_EQ(opened.status, http::Status::Ok);
  const std::string cookie(*opened.headers.find("Set-Cookie"));
  EXPECT_THAT(cookie, testing::StartsWith("__Host-doorward_setup=dwd_"));
  for (const char* part : {"HttpOnly", "Secure", "SameSite=Strict", "Max-Age=604800", "Path=/"})
    EXPECT_THAT(cookie, HasSubstr(part));
  EXPECT_THAT(opened.body, HasSubstr("\"administrator\""));
  EXPECT_EQ(state(), "opened");
  EXPECT_EQ(open(secret).error().code, directory::kSetupLinkUsed);
  EXPECT_EQ(open("dws_x").error().code, directory::kNoSetupLink);
  EXPECT_EQ(open(secret + "x").error().code, directory::kNoSetupLink);
  const auto ended = make();
  end_newest();
  EXPECT_EQ(open(secret_of(ended)).error().code, directory::kSetupLinkEnded);
  // Not as a form would send it.
  http::Request form;
  form.headers.set("Content-Type", "text/plain");
  form.body = json::serialize(json::Object{{"link", secret_of(make())}});
  EXPECT_FALSE(links_.open(form));
}

TEST_F(SetupLinksApiTest, TheColleagueSeesWhoseSetupItIs) {
  auto max = colleague();
  const auto shown = sent(links_, &SetupLinksApi::session, {.from = &max});
  EXPECT_EQ(shown.at("account").at("slug").as_string(), "contoso");
  EXPECT_EQ(shown.at("name").as_string(), "Max (IT)");
  EXPECT_EQ(sent(setup_, &SetupApi::wizard, {.from = &max}).at("account").at("slug").as_string(), "contoso");
  // The cookie without the word that it is meant is nobody's; so is the word without the cookie.
  auto silent = max;
  silent.headers.remove(std::string(session::Delegates::kHeader));
  EXPECT_EQ(refused(links_, &SetupLinksApi::session, {.from = &silent}), "session.none");
  auto bare = max;
  bare.headers.remove("Cookie");
  EXPECT_EQ(refused(links_, &SetupLinksApi::session, {.from = &bare}), "setup_session.none");
  EXPECT_EQ(refused(links_, &SetupLinksApi::session), "setup_session.none");
  // Nobody is told whom it would lock out, nor what fails.
  EXPECT_EQ(refused(setup_, &SetupApi::outsiders, {.from = &max}), "api.not_by_setup_link");
  EXPECT_TRUE(sent(log_, &ProvisioningLogApi::pulse, {.from = &max}).at("lastFailure").is_null());

  sent(links_, &SetupLinksApi::finish, {.from = &max});
  EXPECT_EQ(refused(links_, &SetupLinksApi::session, {.from = &max}), "setup_session.none");
  EXPECT_EQ(state(), "ended");
}

TEST_F(SetupLinksApiTest, WhatTheColleagueConnectsIsProposed) {
  auto max = colleague();
  EXPECT_EQ(check(&max), "");
  const auto shown = proposal();
  ASSERT_TRUE(shown.is_object());
  const auto& connection = shown.at("connections").at(0);
  EXPECT_EQ(connection.at("entityId").as_string(), "https://evil.example/");
  EXPECT_EQ(connection.at("signOn").at(0).as_string(), "https://idp.example.com/sso");
  EXPECT_EQ(connection.at("proposedBy").as_string(), "setup link Max (IT) of ada@contoso.example");
  EXPECT_EQ(connection.at("certificates").as_array().size(), 1U);
  // They may change their mind, and never make a second one.
  EXPECT_EQ(check(&max, "https://other.example/", R"(,"replaceProvider":true,"connection":"mine")"), "");
  EXPECT_EQ(count("SELECT count(*) FROM connections"), 1);
  // Accepting what was shown before is refused.
  const auto accept = [&](const http::Request* from) {
    return refused(
        setup_, &SetupApi::accept,
        {.body = json::serialize(json::Object{{"version", proposal().at("version")}}), .from = from});
  };
  EXPECT_EQ(refused(setup_, &SetupApi::accept,
                    {.body = json::serialize(json::Object{{"version", shown.at("version")}})}),
            "setup.proposal_changed");
  for (const auto handler : {&SetupApi::accept, &SetupApi::discard, &SetupApi::enable, &SetupApi::cancel})
    EXPECT_EQ(refused(setup_, handler, {.body = "{}", .from = &max}), "api.not_by_setup_link");
  EXPECT_EQ(accept(nullptr), "");
  EXPECT_TRUE(proposal().is_null());
  EXPECT_EQ(check(&max, "https://evil.example/", R"(,"replaceProvider":true)"), "directory.proposals_only");
  EXPECT_EQ(check(&max, "https://other.example/"), "directory.proposals_only");
}

TEST_F(SetupLinksApiTest, AnAdministratorsConnectionIsNotTouched) {
  add_connection(contoso_.account, "https://idp.example/");
  auto max = colleague();
  EXPECT_EQ(check(&max, "https://idp.example/"), "directory.proposals_only");
  EXPECT_EQ(check(&max, "https://evil.example/", R"(,"connection":"new")"), "");
  EXPECT_EQ(count("SELECT count(*) FROM connections"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM connections WHERE entity_id = 'https://idp.example/'"), 1);
}

TEST_F(SetupLinksApiTest, TokensOfTheColleagueAreProposed) {
  auto max = colleague();
  const auto own = sent(provisioning_, &ProvisioningApi::create_token, {.body = R"({"name":"Entra"})"});
  const auto made =
      sent(provisioning_, &ProvisioningApi::create_token, {.body = R"({"name":"Max"})", .from = &max});
  EXPECT_EQ(made.at("token").at("proposedBy").as_string(), "setup link Max (IT) of ada@contoso.example");
  EXPECT_EQ(own.at("token").at("proposedBy").as_string(), "");
  const std::string own_id(own.at("token").at("id").as_string());
  const std::string made_id(made.at("token").at("id").as_string());
  EXPECT_EQ(refused(provisioning_, &ProvisioningApi::revoke_token, {.name = own_id, .from = &max}),
            "directory.proposals_only");
  EXPECT_EQ(proposal().at("tokens").at(0).at("id").as_string(), made_id);
  EXPECT_EQ(refused(provisioning_, &ProvisioningApi::revoke_token, {.name = made_id, .from = &max}), "");
  EXPECT_TRUE(proposal().is_null());
}

TEST_F(SetupLinksApiTest, TheWordOfTheColleagueProvesNoDomain) {
  auto max = colleague();
  const auto listed =
      sent(domains_, &DomainsApi::add, {.body = R"({"name":"contoso.example"})", .from = &max});
  EXPECT_TRUE(listed.at("proofRequired").as_bool());
  EXPECT_EQ(listed.at("domains").as_array().size(), 0U);
  EXPECT_EQ(listed.at("claims").as_array().size(), 1U);
  EXPECT_EQ(refused(domains_, &DomainsApi::remove, {.name = "contoso.example", .from = &max}), "");
  sent(domains_, &DomainsApi::add, {.body = R"({"name":"contoso.example"})"});
  EXPECT_EQ(refused(domains_, &DomainsApi::remove, {.name = "contoso.example", .from = &max}),
            "directory.proposals_only");
}

TEST_F(SetupLinksApiTest, TheColleagueSaysTheRestOnTheWay) {
  auto max = colleague();
  sent(setup_, &SetupApi::choose_provider, {.body = R"({"provider":"okta"})", .from = &max});
  sent(setup_, &SetupApi::application, {.body = R"({"done":true})", .from = &max});
  const auto departments = sent(departments_, &DepartmentsApi::departments, {.from = &max});
  const std::string id(departments.at("departments").at(0).at("id").as_string());
  const auto wizard =
      sent(setup_, &SetupApi::department, {.body = R"({"department":")" + id + "\"}", .from = &max});
  EXPECT_FALSE(wizard.at("setup").at("departmentChosenAt").is_null());
  EXPECT_EQ(check(&max), "");
  const auto test = sent(tests_, &TestRunsApi::create, {.body = "{}", .from = &max});
  EXPECT_EQ(
      sent(tests_, &TestRunsApi::test_run, {.name = std::string(test.at("id").as_string()), .from = &max})
          .at("state")
          .as_string(),
      "waiting");
}

/// The link may end while the provider is asked.
TEST_F(SetupLinksApiTest, ALinkThatEndsDuringARequestStoresNothing) {
  const std::string body = R"({"url":"https://idp.example.com/metadata"})";
  const std::vector<std::function<void()>> endings = {[&] { end_newest(); },
                                                      [&] {
                                                        clock_.advance(hours(24 * 7));
                                                        administrator_ = request_of(contoso_.account,
                                                                                    contoso_.administrator);
                                                      }};
  for (const auto& ending : endings) {
    auto max = colleague();
    meanwhile_ = ending;
    EXPECT_EQ(refused(connections_, &ConnectionsApi::check, {.body = body, .from = &max}),
              directory::kSetupLinkEnded.name());
    EXPECT_EQ(count("SELECT count(*) FROM connections"), 0);
    EXPECT_EQ(refused(setup_, &SetupApi::wizard, {.from = &max}), "setup_session.none");
  }
}

TEST_F(SetupLinksApiTest, AMakerWhoLeavesDuringARequestLeavesNothing) {
  auto max = colleague();
  meanwhile_ = [&] {
    write([&](storage::Transaction& transaction) {
      return directory::deactivate_employee(transaction, contoso_.account.id, contoso_.administrator.id,
                                            directory::LastAdministrator::MayGo, kSupport, kNow);
    });
  };
  EXPECT_EQ(refused(connections_, &ConnectionsApi::check,
                    {.body = R"({"url":"https://idp.example.com/metadata"})", .from = &max}),
            directory::kSetupLinkEnded.name());
  EXPECT_EQ(count("SELECT count(*) FROM connections"), 0);
}

TEST_F(SetupLinksApiTest, OneCompanySeesNothingOfAnother) {
  make();
  const std::string id(sent(links_, &SetupLinksApi::links).at("setupLinks").at(0).at("id").as_string());
  auto eve = request_of(fabrikam_.account, fabrikam_.administrator);
  EXPECT_EQ(sent(links_, &SetupLinksApi::links, {.from = &eve}).at("setupLinks").as_array().size(), 0U);
  EXPECT_EQ(refused(links_, &SetupLinksApi::end, {.name = id, .from = &eve}), "directory.no_setup_link");
  EXPECT_EQ(state(), "waiting");
}

TEST_F(SetupLinksApiTest, TheAuditSaysThroughWhom) {
  auto max = colleague();
  check(&max);
  const auto entries = read([&](storage::Transaction& transaction) {
    return directory::list_audit(transaction, contoso_.account.id, std::nullopt, 10);
  });
  EXPECT_EQ(entries.front().action, "connection.created");
  EXPECT_EQ(entries.front().actor.name, "setup link Max (IT) of ada@contoso.example");
  EXPECT_EQ(entries.front().actor.kind, directory::ActorKind::Administrator);
}

}  // namespace
}  // namespace doorward::console
