#include <gtest/gtest.h>

#include "simulator/fixture.h"
#include "simulator/ui.h"
#include "simulator/xml_security.h"

namespace doorward::simulator {
namespace {

class Screens : public testing::Test {
 protected:
  http::Response get(std::string_view path) {
    auto response = browser_.get(fmt::format("/portal/contoso.example{}", path));
    EXPECT_TRUE(response) << path;
    return response ? *response : http::Response();
  }
  http::Response post(std::string_view path, const test::Fields& fields = {}) {
    auto response = browser_.post(fmt::format("/portal/contoso.example{}", path), fields);
    EXPECT_TRUE(response) << path << (response ? "" : response.error().message);
    return response ? *response : http::Response();
  }
  static bool contains(std::string_view text, std::string_view wanted) {
    return text.find(wanted) != std::string_view::npos;
  }

  test::FixedClock clock_;
  Simulator simulator_{{"http://localhost:8090", ""}, test::state_with_portal(), clock_};
  test::Browser browser_{simulator_};
};

TEST_F(Screens, every_page_is_labelled_and_well_formed) {
  for (const char* path :
       {"", "/users", "/new-user", "/deleted-users", "/users/alice@contoso.example", "/groups",
        "/applications", "/new-application", "/applications/Portal", "/applications/Portal/users",
        "/applications/Portal/sso", "/applications/Portal/sso/basic", "/applications/Portal/sso/claims",
        "/applications/Portal/sso/certificates", "/applications/Portal/token-encryption", "/registrations",
        "/registrations/Portal", "/registrations/Portal/authentication", "/faults"}) {
    const http::Response page = get(path);
    EXPECT_EQ(page.status, http::Status::Ok) << path;
    EXPECT_TRUE(contains(page.body, "Entra simulator – for development")) << path;
    EXPECT_TRUE(contains(page.body, "<h1>")) << path;
  }
}

TEST_F(Screens, the_primary_domain_stands_on_the_main_page) {
  const std::string page = get("").body;
  EXPECT_TRUE(contains(page, "Primary domain"));
  EXPECT_TRUE(contains(page, "data-copy=\"contoso.example\""));
}

TEST_F(Screens, an_application_is_made_as_the_administrator_makes_it) {
  EXPECT_EQ(post("/new-application", {{"name", " "}}).status, http::Status::UnprocessableContent);
  EXPECT_EQ(post("/new-application", {{"name", "Intranet"}}).status, http::Status::SeeOther);
  EXPECT_TRUE(contains(get("/applications/Intranet/sso").body, "Select a single sign-on method"));
  post("/applications/Intranet/sso", {{"method", "saml"}});
  const http::Response refused =
      post("/applications/Intranet/sso/basic",
           {{"identifiers", std::string(test::kIdentifier)}, {"reply_urls", "https://i.example"}});
  EXPECT_EQ(refused.status, http::Status::UnprocessableContent);
  EXPECT_TRUE(contains(refused.body, "belongs to the application Portal already"));
  EXPECT_TRUE(contains(refused.body, ">\nhttps://portal.example.com")) << "what was entered stays";
  post("/applications/Intranet/sso/basic",
       {{"identifiers", "urn:intranet\r\nurn:intranet:2"}, {"reply_urls", "https://i.example/acs\r\n\r\n"}});
  const std::string page = get("/applications/Intranet/sso").body;
  EXPECT_TRUE(contains(page, "urn:intranet:2"));
  EXPECT_TRUE(contains(page, "federationmetadata.xml?appid="));
  EXPECT_TRUE(contains(get("/applications/Intranet/users").body, "No application assignments found"));
  post("/applications/Intranet/users", {{"user", "ben@contoso.example"}});
  EXPECT_TRUE(contains(get("/applications/Intranet/users").body, "Default Access"));
  post("/applications/Intranet/users/ben@contoso.example/remove");
  EXPECT_TRUE(contains(get("/applications/Intranet/users").body, "No application assignments found"));
  post("/applications/Intranet/delete");
  EXPECT_FALSE(browser_.get("/portal/contoso.example/applications/Intranet"));
}

TEST_F(Screens, users_are_created_changed_disabled_deleted_and_restored) {
  const test::Fields frida{{"user_principal_name", "frida@contoso.example"},
                           {"display_name", "<script>alert(1)</script>"},
                           {"account_enabled", "yes"}};
  EXPECT_EQ(post("/new-user", frida).status, http::Status::SeeOther);
  EXPECT_EQ(post("/new-user", frida).status, http::Status::UnprocessableContent);
  const std::string list = get("/users").body;
  EXPECT_TRUE(contains(list, "&lt;script&gt;"));
  EXPECT_FALSE(contains(list, "<script>alert"));
  EXPECT_FALSE(contains(get("/users?search=FRIDA").body, "Ben Baker"));

  post("/users/frida@contoso.example",
       {{"user_principal_name", "frida@contoso.example"}, {"display_name", "Frida"}});
  EXPECT_FALSE(
      contains(get("/users/frida@contoso.example").body, "name=\"account_enabled\" value=\"yes\" checked"));
  post("/users/frida@contoso.example/delete");
  EXPECT_FALSE(browser_.get("/portal/contoso.example/users/frida@contoso.example"));
  EXPECT_TRUE(contains(get("/deleted-users").body, "Frida"));
}

TEST_F(Screens, certificates_rotate) {
  post("/applications/Portal/sso/certificates/new");
  const std::string page = get("/applications/Portal/sso/certificates").body;
  EXPECT_TRUE(contains(page, "Inactive"));
  const std::string marker = "/sso/certificates/";
  const auto activate = page.find("/activate\"");
  ASSERT_NE(activate, std::string::npos);
  const auto begin = page.rfind(marker, activate) + marker.size();
  const std::string thumbprint = page.substr(begin, activate - begin);
  EXPECT_EQ(thumbprint.size(), 40U);
  post("/applications/Portal/sso/certificates/" + thumbprint + "/activate");
  EXPECT_TRUE(contains(get("/applications/Portal/sso").body, thumbprint));
  EXPECT_FALSE(browser_.post("/portal/contoso.example/applications/Portal/sso/certificates/" + thumbprint +
                             "/delete"));
  EXPECT_TRUE(contains(get("/applications/Portal/sso/certificate.cer").body, "BEGIN CERTIFICATE"));
}

TEST_F(Screens, mobile_platforms_show_what_the_portal_wants_back) {
  EXPECT_EQ(post("/registrations/Portal/ios", {{"bundle_id", "com example"}}).status,
            http::Status::UnprocessableContent);
  post("/registrations/Portal/ios", {{"bundle_id", "com.example.portal"}});
  post("/registrations/Portal/android",
       {{"package_name", "com.example.portal"}, {"signature_hash", "VzSiQcXRmi2kyjzcA+mYLEtbGVs="}});
  std::string page = get("/registrations/Portal/authentication").body;
  EXPECT_TRUE(contains(page, "data-copy=\"msauth.com.example.portal://auth\""));
  EXPECT_TRUE(contains(page, "MSAL Configuration"));
  EXPECT_TRUE(contains(page, "&quot;authorities&quot;"));
  post("/registrations/Portal/ios/0/remove");
  post("/registrations/Portal/android/0/remove");
  EXPECT_FALSE(browser_.post("/portal/contoso.example/registrations/Portal/ios/0/remove"));
  EXPECT_TRUE(contains(get("/registrations/Portal/authentication").body, "No platform has been added yet"));
}

TEST_F(Screens, faults_and_the_clock_are_set_and_shown) {
  EXPECT_EQ(post("/faults", {{"clock_offset", "1.5"}}).status, http::Status::UnprocessableContent);
  post("/faults", {{"clock_offset", "-90"}, {"expired", "yes"}});
  const std::string page = get("/faults").body;
  EXPECT_TRUE(contains(page, "not part of Entra"));
  EXPECT_TRUE(contains(page, "name=\"expired\" value=\"yes\" checked"));
  EXPECT_TRUE(contains(page, "value=\"-90\""));
  EXPECT_TRUE(contains(get("").body, "misbehaves on purpose"));
}

TEST_F(Screens, groups_have_members) {
  const http::Response created = post("/groups", {{"name", "Sales"}});
  std::string path(created.headers.find("Location").value_or(""));
  path = path.substr(0, path.find('?'));
  ASSERT_TRUE(browser_.post(path + "/members", {{"user", "ben@contoso.example"}}));
  EXPECT_TRUE(contains(browser_.get(path)->body, "<td>ben@contoso.example</td>"));
  ASSERT_TRUE(browser_.post(path + "/members/ben@contoso.example/remove"));
  EXPECT_TRUE(contains(browser_.get(path)->body, "No members."));
  ASSERT_TRUE(browser_.post(path, {{"name", "Sales EMEA"}}));
  EXPECT_TRUE(contains(get("/applications/Portal/users").body, "Add group"));
  post("/applications/Portal/groups", {{"group", path.substr(path.rfind('/') + 1)}});
  EXPECT_TRUE(contains(get("/applications/Portal/users").body, "<td>Sales EMEA</td>"));
  post("/applications/Portal" + path.substr(path.rfind("/groups/")) + "/remove");
  EXPECT_FALSE(contains(get("/applications/Portal/users").body, "<td>Sales EMEA</td>"));
  ASSERT_TRUE(browser_.post(path + "/delete"));
  EXPECT_FALSE(browser_.get(path));
}

TEST_F(Screens, forms_of_other_sites_are_refused) {
  browser_.extra_headers = {{"Sec-Fetch-Site", "cross-site"}};
  EXPECT_FALSE(browser_.post("/portal/contoso.example/groups", {{"name", "Sales"}}));
  EXPECT_FALSE(browser_.post("/tenants", {{"name", "x"}, {"domain", "x.example"}}));
  EXPECT_TRUE(browser_.post(fmt::format("/{}/saml2", test::kTenantId), {{"SAMLRequest", "x"}}))
      << "applications post requests from their own site";
}

TEST_F(Screens, another_tenants_things_are_not_found) {
  ASSERT_TRUE(browser_.post("/tenants", {{"name", "Fabrikam"}, {"domain", "fabrikam.example"}}));
  EXPECT_TRUE(browser_.get("/portal/fabrikam.example/users"));
  EXPECT_FALSE(browser_.get("/portal/fabrikam.example/applications/Portal"));
  EXPECT_FALSE(browser_.get("/portal/fabrikam.example/users/alice@contoso.example"));
}

}  // namespace
}  // namespace doorward::simulator
