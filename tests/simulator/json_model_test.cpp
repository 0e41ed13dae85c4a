#include "simulator/json_model.h"

#include <gtest/gtest.h>

#include "simulator/fixture.h"
#include "support/temporary_folder.h"

namespace doorward::simulator {
namespace {

TEST(JsonModel, the_state_survives_the_way_to_the_file_and_back) {
  State state = test::state_with_portal();
  Tenant& tenant = state.tenants.front();
  Application& portal = tenant.applications.front();
  portal.signing_option = SigningOption::Both;
  portal.emit_groups = true;
  portal.assignments.begin()->second = "Role";
  ASSERT_TRUE(set_token_encryption(portal, portal.certificates.front().certificate.to_pem(), true,
                                   ContentCipher::Aes256Gcm));
  ASSERT_TRUE(add_ios_platform(portal, "com.example.portal"));
  ASSERT_TRUE(add_android_platform(portal, "com.example.portal", "VzSiQcXRmi2kyjzcA+mYLEtbGVs="));
  (*create_group(tenant, "Sales \"north\""))->members.insert(tenant.users.front().object_id);
  delete_user(tenant.users.back(), test::FixedClock().time);
  tenant.faults = {Fault::Expired, Fault::OtherKey};
  tenant.clock_offset = std::chrono::seconds(-90);

  const std::string saved = save_state(state);
  const auto loaded = load_state(saved);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(save_state(*loaded), saved);
  EXPECT_EQ(loaded->tenants.front().users.back().deleted, test::FixedClock().time);
  EXPECT_EQ(loaded->tenants.front().faults, tenant.faults);
}

TEST(JsonModel, what_the_api_shows_holds_no_private_key) {
  const State state = test::state_with_portal();
  const std::string shown =
      json::serialize(to_json(Settings{}, state.tenants.front(), test::FixedClock().time));
  EXPECT_EQ(shown.find("PRIVATE KEY"), std::string::npos);
  EXPECT_NE(save_state(state).find("PRIVATE KEY"), std::string::npos);
}

TEST(JsonModel, broken_state_files_are_refused) {
  for (
      const char* text :
      {"", "[]", "{}", R"({"tenants":7})", R"({"tenants":[]})", R"({"tenants":[{}]})",
       R"({"tenants":[{"tenant_id":"a","name":"b","primary_domain":"c","users":[{"object_id":5}]}]})",
       R"({"tenants":[{"tenant_id":"a","name":"b","primary_domain":"c","applications":[{"app_id":"1","object_id":"2"}]}]})",
       R"({"tenants":[{"tenant_id":"a","name":"b","primary_domain":"c"}],"shared_certificate":{"key":"x","pem":"y"}})"}) {
    EXPECT_FALSE(load_state(text)) << text;
  }
}

TEST(JsonModel, a_refused_configuration_changes_nothing) {
  State state = test::state_with_portal();
  Tenant& tenant = state.tenants.front();
  Application& portal = tenant.applications.front();
  const std::string before = save_state(state);
  for (const char* text :
       {R"({"name":"x","signing_option":"none"})", R"({"name":"x","reply_urls":["ftp://a"]})",
        R"({"name":"x","identifiers":[1]})", R"({"name":"x","encryption":{"enabled":true}})",
        R"({"name":"x","emit_groups":"yes"})", R"({"name":"x","android_platforms":[{}]})",
        R"({"name":"x","reply_urls":[]})"}) {
    const auto value = json::parse(text);
    ASSERT_TRUE(value);
    EXPECT_FALSE(configure(tenant, portal, value->as_object())) << text;
    EXPECT_EQ(save_state(state), before) << text;
  }
}

TEST(JsonModel, the_simulator_writes_its_state_after_each_change) {
  const doorward::test::TemporaryFolder folder;
  const test::FixedClock clock;
  Simulator simulator({"http://localhost", folder.file("state.json")}, test::state_with_portal(), clock);
  test::Browser browser(simulator);
  ASSERT_TRUE(browser.post("/portal/contoso.example/groups", {{"name", "Sales"}}));
  const auto loaded = load_or_default(folder.file("state.json"));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->tenants.front().groups.front().display_name, "Sales");
  const auto fresh = load_or_default(folder.file("none.json"));
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->tenants.front().name, "Contoso");
}

}  // namespace
}  // namespace doorward::simulator
