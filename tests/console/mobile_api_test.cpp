#include "console/mobile_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/mobile_setups.h"

namespace doorward::console {
namespace {

constexpr std::string_view kTenant = "aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb";
constexpr std::string_view kIosRedirect = "msauth.com.example.portal://auth";

class MobileApiTest : public ConsoleTest {
 protected:
  MobileApiTest() {
    add_connection(contoso_.account, "https://sts.windows.net/" + std::string(kTenant) + "/");
  }

  static std::string msal(std::string_view tenant = kTenant) {
    return json::serialize(json::Object{
        {"client_id", "00001111-aaaa-2222-bbbb-3333cccc4444"},
        {"redirect_uri", "msauth://com.example.portal/VzSiQcXRmi2kyjzcA%2BmYLEtbGVs%3D"},
        {"authorities", json::Array{json::Object{
                            {"type", "AAD"},
                            {"audience", json::Object{{"type", "AzureADMyOrg"}, {"tenant_id", tenant}}}}}}});
  }
  static std::string body(std::string_view tenant = kTenant) {
    return json::serialize(
        json::Object{{"ios_redirect", kIosRedirect}, {"msal_configuration", msal(tenant)}});
  }
  std::optional<directory::MobileSetup> saved(const directory::Account& account) {
    return read([&](storage::Transaction& transaction) {
      return directory::find_mobile_setup(transaction, account.id);
    });
  }

  MobileApi mobile_api_{{*database_, clock_, sessions_},
                        {.ios_bundle_id = "com.example.portal",
                         .android_package = "com.example.portal",
                         .android_signature_hashes = {"VzSiQcXRmi2kyjzcA+mYLEtbGVs="}}};
};

TEST_F(MobileApiTest, AdministratorsOnly) {
  expect_for_administrators_only(mobile_api_,
                                 {&MobileApi::show, &MobileApi::check, &MobileApi::save, &MobileApi::remove});
}

TEST_F(MobileApiTest, ShowsWhatToCopyIntoEntra) {
  const auto shown = sent(mobile_api_, &MobileApi::show);
  EXPECT_TRUE(shown.at("setup").is_null());
  const json::Object& app = shown.at("app").as_object();
  EXPECT_EQ(app.at("ios_bundle_id").as_string(), "com.example.portal");
  EXPECT_EQ(app.at("android_package").as_string(), "com.example.portal");
  EXPECT_EQ(app.at("android_signature_hashes").as_array().at(0).as_string(), "VzSiQcXRmi2kyjzcA+mYLEtbGVs=");
  EXPECT_EQ(app.at("android_redirects").as_array().at(0).as_string(),
            "msauth://com.example.portal/VzSiQcXRmi2kyjzcA%2BmYLEtbGVs%3D");
}

TEST_F(MobileApiTest, ChecksWithoutSaving) {
  const auto checked = sent(mobile_api_, &MobileApi::check, {.body = body()});
  EXPECT_TRUE(checked.at("ok").as_bool());
  EXPECT_FALSE(saved(contoso_.account));
  const auto wrong =
      sent(mobile_api_, &MobileApi::check, {.body = body("cccccccc-1111-2222-3333-bbbbbbbbbbbb")});
  EXPECT_FALSE(wrong.at("ok").as_bool());
  const json::Array& findings = wrong.at("findings").as_array();
  const auto bad = std::find_if(findings.begin(), findings.end(), [](const json::Value& finding) {
    return finding.at("verdict").as_string() == "bad";
  });
  ASSERT_NE(bad, findings.end());
  EXPECT_EQ(bad->at("check").as_string(), "authorities");
  EXPECT_EQ(bad->at("expected").as_string(), kTenant);
  EXPECT_EQ(bad->at("actual").as_string(), "cccccccc-1111-2222-3333-bbbbbbbbbbbb");
}

TEST_F(MobileApiTest, SavesWhatIsGoodAndNothingElse) {
  const auto refused = must(send(mobile_api_, &MobileApi::save, {.body = body("common")}));
  EXPECT_EQ(refused.status, http::Status::UnprocessableContent);
  EXPECT_FALSE(must(json::parse(refused.body)).at("ok").as_bool());
  EXPECT_FALSE(saved(contoso_.account));
  sent(mobile_api_, &MobileApi::save, {.body = body()});
  const auto setup = saved(contoso_.account);
  ASSERT_TRUE(setup);
  EXPECT_EQ(setup->tenant_id, kTenant);
  EXPECT_EQ(setup->saved_by, "ada@contoso.example");
  EXPECT_FALSE(saved(fabrikam_.account));
  const auto shown = sent(mobile_api_, &MobileApi::show).at("setup").as_object();
  EXPECT_EQ(shown.at("client_id").as_string(), "00001111-aaaa-2222-bbbb-3333cccc4444");
  EXPECT_EQ(shown.at("ios_redirect").as_string(), kIosRedirect);
  EXPECT_EQ(shown.at("saved_at").as_string(), format_rfc3339(kNow));
}

TEST_F(MobileApiTest, RemovesTheOwnSetupOnly) {
  const http::Request stranger = request_of(fabrikam_.account, fabrikam_.administrator);
  sent(mobile_api_, &MobileApi::save, {.body = body()});
  sent(mobile_api_, &MobileApi::remove, {.from = &stranger});
  EXPECT_TRUE(saved(contoso_.account));
  sent(mobile_api_, &MobileApi::remove);
  EXPECT_FALSE(saved(contoso_.account));
  sent(mobile_api_, &MobileApi::remove);
}

TEST_F(MobileApiTest, ChecksTheBody) {
  for (const char* text :
       {R"({"msal":"x"})", R"({"msal_configuration":{}})", R"({"ios_redirect":5})", "[]"}) {
    EXPECT_NE(refused(mobile_api_, &MobileApi::check, {.body = text}), "") << text;
    EXPECT_NE(refused(mobile_api_, &MobileApi::save, {.body = text}), "") << text;
  }
  const auto long_text =
      json::serialize(json::Object{{"msal_configuration", std::string(200'000, 'x').c_str()}});
  EXPECT_NE(refused(mobile_api_, &MobileApi::check, {.body = long_text}), "");
}

TEST_F(MobileApiTest, NeedsThePlan) {
  write([&](storage::Transaction& transaction) {
    return directory::set_plan(transaction, contoso_.account.id, directory::Plan::Free, kSupport, kNow);
  });
  EXPECT_EQ(refused(mobile_api_, &MobileApi::check, {.body = body()}), "directory.plan_without_sso");
  EXPECT_EQ(refused(mobile_api_, &MobileApi::save, {.body = body()}), "directory.plan_without_sso");
}

}  // namespace
}  // namespace doorward::console
