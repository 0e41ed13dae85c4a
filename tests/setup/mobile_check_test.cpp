#include "setup/mobile_check.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::setup {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kTenant = "aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb";
constexpr std::string_view kClient = "00001111-aaaa-2222-bbbb-3333cccc4444";
constexpr std::string_view kHash = "VzSiQcXRmi2kyjzcA+mYLEtbGVs=";
constexpr std::string_view kRedirect = "msauth://com.example.portal/VzSiQcXRmi2kyjzcA%2BmYLEtbGVs%3D";
constexpr std::string_view kIosRedirect = "msauth.com.example.Portal://auth";

MobileApp app() {
  return {.ios_bundle_id = "com.example.Portal",
          .android_package = "com.example.portal",
          .android_signature_hashes = {std::string(kHash)}};
}

directory::Connection connection(std::string_view tenant = kTenant, std::int64_t id = 7) {
  directory::Connection made{.id = directory::ConnectionId{id},
                             .account = directory::AccountId{3},
                             .public_id = {},
                             .name = "default",
                             .active = true,
                             .provider = {.entity_id = "https://sts.windows.net/" + std::string(tenant) + "/",
                                          .sign_on = {},
                                          .logout = {},
                                          .signing_certificates = {}},
                             .settings = {},
                             .metadata_url = {},
                             .metadata_fetched_at = {},
                             .tenant_id = std::string(tenant),
                             .provider_since = {},
                             .created_at = {}};
  return made;
}

/// As Entra shows it, with some text replaced.
std::string msal(std::string_view from = {}, std::string_view to = {}) {
  std::string text = R"({
  "client_id" : "00001111-aaaa-2222-bbbb-3333cccc4444",
  "authorization_user_agent" : "DEFAULT",
  "redirect_uri" : "msauth://com.example.portal/VzSiQcXRmi2kyjzcA%2BmYLEtbGVs%3D",
  "authorities" : [
    {
      "type": "AAD",
      "audience": {
        "type": "AzureADMyOrg",
        "tenant_id": "aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb"
      }
    }
  ]
})";
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  return text;
}

MobileCheck check(const MobileSubmission& submission, const MobileApp& with = app(),
                  const std::vector<directory::Connection>& connections = {connection()}) {
  return check_mobile(with, connections, submission);
}
MobileCheck check(std::string msal_configuration) {
  return check(
      {.ios_redirect = std::string(kIosRedirect), .msal_configuration = std::move(msal_configuration)});
}

std::vector<std::string> verdicts(const MobileCheck& checked, MobileVerdict verdict = MobileVerdict::Bad) {
  std::vector<std::string> names;
  for (const MobileFinding& finding : checked.findings) {
    if (finding.verdict == verdict) names.emplace_back(to_text(finding.item));
  }
  return names;
}
const MobileFinding& bad(const MobileCheck& checked) {
  return *std::find_if(checked.findings.begin(), checked.findings.end(),
                       [](const MobileFinding& finding) { return finding.verdict == MobileVerdict::Bad; });
}

TEST(MobileApp, ComputesItsRedirects) {
  EXPECT_EQ(app().ios_redirect(), kIosRedirect);
  EXPECT_THAT(app().android_redirects(), ElementsAre(kRedirect));
  EXPECT_EQ(MobileApp().ios_redirect(), "");
  EXPECT_THAT(MobileApp().android_redirects(), IsEmpty());
}

TEST(MobileCheck, TakesWhatEntraShows) {
  const auto checked = check(msal());
  EXPECT_THAT(verdicts(checked), IsEmpty());
  EXPECT_THAT(verdicts(checked, MobileVerdict::Note), IsEmpty());
  ASSERT_TRUE(checked.setup);
  EXPECT_EQ(checked.setup->account, directory::AccountId{3});
  EXPECT_EQ(checked.setup->connection, directory::ConnectionId{7});
  EXPECT_EQ(checked.setup->client_id, kClient);
  EXPECT_EQ(checked.setup->tenant_id, kTenant);
  EXPECT_EQ(checked.setup->authority, "https://login.microsoftonline.com/" + std::string(kTenant) + "/v2.0");
  EXPECT_EQ(checked.setup->ios_redirect, kIosRedirect);
  EXPECT_THAT(checked.setup->android_redirects, ElementsAre(kRedirect));
}

TEST(MobileCheck, TakesAuthorityUrlsOfTheTenantOnly) {
  const auto with_url = [](std::string_view url) {
    return msal(R"("type": "AAD",)", R"("type": "AAD", "authority_url": ")" + std::string(url) + "\",");
  };
  EXPECT_TRUE(
      check(with_url("https://login.microsoftonline.com/aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb")).setup);
  EXPECT_TRUE(
      check(with_url("https://login.microsoftonline.com/AAAAAAAA-1111-2222-3333-bbbbbbbbbbbb/")).setup);
  for (const char* url :
       {"https://login.microsoftonline.com/common",
        "https://login.microsoftonline.us/aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb",
        "http://login.microsoftonline.com/aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb", "not a url"}) {
    EXPECT_THAT(verdicts(check(with_url(url))), ElementsAre("authorities")) << url;
  }
}

TEST(MobileCheck, NamesWhatWasExpectedAndWhatCame) {
  const auto other_tenant = check(msal(kTenant, "cccccccc-1111-2222-3333-bbbbbbbbbbbb"));
  EXPECT_FALSE(other_tenant.setup);
  EXPECT_THAT(verdicts(other_tenant), ElementsAre("authorities"));
  EXPECT_EQ(bad(other_tenant).expected, kTenant);
  EXPECT_EQ(bad(other_tenant).actual, "cccccccc-1111-2222-3333-bbbbbbbbbbbb");
  const auto everybody = check(msal("AzureADMyOrg", "AzureADandPersonalMicrosoftAccount"));
  EXPECT_EQ(bad(everybody).expected, "AzureADMyOrg");
  EXPECT_EQ(bad(everybody).actual, "AzureADandPersonalMicrosoftAccount");
  const auto b2c = check(msal("\"AAD\"", "\"B2C\""));
  EXPECT_EQ(bad(b2c).actual, "B2C");
}

TEST(MobileCheck, FindsEverythingAtOnce) {
  const auto checked =
      check({.ios_redirect = "msauth.com.example.other://auth",
             .msal_configuration = R"({"client_id":"portal","redirect_uri":"x","authorities":[]})"},
            app(), {});
  EXPECT_THAT(verdicts(checked),
              ElementsAre("connection", "client_id", "redirect_uri", "authorities", "ios_redirect"));
  EXPECT_FALSE(checked.setup);
}

TEST(MobileCheck, KnowsTheUsualSlips) {
  EXPECT_THAT(bad(check(msal(kRedirect, "msauth://com.example.portal/VzSiQcXRmi2kyjzcA+mYLEtbGVs="))).message,
              HasSubstr("percent-encoded"));
  EXPECT_THAT(verdicts(check(msal(kRedirect, "msauth://com.example.other/VzSiQcXRmi2kyjzcA%2BmYLEtbGVs%3D"))),
              ElementsAre("redirect_uri"));
  EXPECT_THAT(bad(check(msal().substr(0, 100))).message, HasSubstr("from the first brace to the last"));
  EXPECT_THAT(bad(check("")).message, HasSubstr("Paste the MSAL Configuration"));
  EXPECT_THAT(verdicts(check("[]")), ElementsAre("configuration"));
  EXPECT_THAT(verdicts(check(R"({"client_id":"a","client_id":"b"})")), ElementsAre("configuration"));
  EXPECT_THAT(
      bad(check({.ios_redirect = "msauth.com.example.portal://auth", .msal_configuration = msal()})).message,
      HasSubstr("capitals"));
}

TEST(MobileCheck, LetsOnePlatformBeEnough) {
  const auto android = check({.ios_redirect = " ", .msal_configuration = msal()});
  EXPECT_THAT(verdicts(android, MobileVerdict::Note), ElementsAre("ios_redirect"));
  ASSERT_TRUE(android.setup);
  EXPECT_EQ(android.setup->ios_redirect, "");
  const auto ios = check({.ios_redirect = std::nullopt, .msal_configuration = msal(kRedirect, kIosRedirect)});
  ASSERT_TRUE(ios.setup);
  EXPECT_EQ(ios.setup->ios_redirect, kIosRedirect);
  EXPECT_THAT(ios.setup->android_redirects, IsEmpty());
}

TEST(MobileCheck, NeedsAnAppAndAnEntraTenant) {
  EXPECT_THAT(verdicts(check({.ios_redirect = {}, .msal_configuration = msal()}, MobileApp())),
              ElementsAre("app", "redirect_uri"));
  EXPECT_THAT(verdicts(check({.ios_redirect = {}, .msal_configuration = msal()}, app(), {connection("")})),
              ElementsAre("connection", "authorities"));
  auto inactive = connection();
  inactive.active = false;
  EXPECT_FALSE(check({.ios_redirect = {}, .msal_configuration = msal()}, app(), {inactive}).setup);
  MobileApp android_only = app();
  android_only.ios_bundle_id = "";
  EXPECT_THAT(verdicts(check({.ios_redirect = std::string(kIosRedirect), .msal_configuration = msal()},
                             android_only)),
              ElementsAre("ios_redirect"));
}

TEST(MobileCheck, ChoosesTheConnectionOfTheTenant) {
  const auto checked = check({.ios_redirect = {}, .msal_configuration = msal()}, app(),
                             {connection("dddddddd-1111-2222-3333-bbbbbbbbbbbb", 6), connection(kTenant, 7)});
  ASSERT_TRUE(checked.setup);
  EXPECT_EQ(checked.setup->connection, directory::ConnectionId{7});
}

TEST(MobileCheck, NotesAnAppRegistrationOfItsOwn) {
  auto with_app = connection();
  with_app.metadata_url =
      "https://login.microsoftonline.com/t/federationmetadata.xml?appid=99991111-aaaa-2222-bbbb-3333cccc4444";
  const auto checked =
      check({.ios_redirect = std::string(kIosRedirect), .msal_configuration = msal()}, app(), {with_app});
  EXPECT_THAT(verdicts(checked, MobileVerdict::Note), ElementsAre("client_id"));
  EXPECT_TRUE(checked.setup);
}

TEST(MobileCheck, NotesOtherSignatureHashes) {
  MobileApp twice = app();
  twice.android_signature_hashes.emplace_back("2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
  const auto checked =
      check({.ios_redirect = std::string(kIosRedirect), .msal_configuration = msal()}, twice);
  EXPECT_THAT(verdicts(checked, MobileVerdict::Note), ElementsAre("redirect_uri"));
  ASSERT_TRUE(checked.setup);
  EXPECT_EQ(checked.setup->android_redirects.size(), 2U);
}

}  // namespace
}  // namespace doorward::setup
