#include <gtest/gtest.h>

#include "json/json.h"
#include "simulator/fixture.h"
#include "simulator/ui.h"

namespace doorward::simulator {
namespace {

class Api : public testing::Test {
 protected:
  Result<http::Response> call(http::Method method, std::string_view path, std::string body = "") {
    return browser_.send(method, fmt::format("/simulator/api/tenants/contoso.example{}", path),
                         "application/json", std::move(body));
  }
  json::Object object(http::Method method, std::string_view path, std::string body = "") {
    const auto response = call(method, path, std::move(body));
    EXPECT_TRUE(response) << (response ? "" : response.error().message);
    if (!response) return {};
    const auto value = json::parse(response->body);
    EXPECT_TRUE(value && value->is_object());
    return value && value->is_object() ? value->get_object() : json::Object();
  }
  static std::string text(const json::Object& from, std::string_view name) {
    return json::required_string(from, name).value_or("");
  }

  test::FixedClock clock_;
  Simulator simulator_{{"http://localhost:8090", ""}, test::state_with_portal(), clock_};
  test::Browser browser_{simulator_};
};

using enum http::Method;

TEST_F(Api, makes_a_whole_application_in_one_call) {
  const auto application =
      object(Post, "/applications",
             R"({"name":"Other","identifiers":"urn:other","reply_urls":["https://o.example/acs"],
                                      "signing_option":"both","users":"all"})");
  EXPECT_EQ(text(application, "signing_option"), "both");
  EXPECT_TRUE(text(application, "metadata_url").starts_with("http://localhost:8090/"));
  EXPECT_EQ(application.at("assignments").as_object().size(), 5U);
  const auto response = object(Post, "/applications/Other/responses", R"({"user":"alice@contoso.example"})");
  EXPECT_EQ(text(response, "reply_url"), "https://o.example/acs");
  EXPECT_TRUE(from_base64(text(response, "saml_response")));
}

TEST_F(Api, a_refused_application_is_not_left_behind) {
  EXPECT_FALSE(call(Post, "/applications", R"({"name":"Other","identifiers":"urn:other"})"));
  EXPECT_FALSE(call(Post, "/applications", R"({"name":"Other","users":"nobody@contoso.example"})"));
  EXPECT_FALSE(call(Get, "/applications/Other"));
}

TEST_F(Api, users_come_and_go) {
  EXPECT_FALSE(call(Post, "/users", "{"));
  EXPECT_FALSE(call(Post, "/users", "[]"));
  EXPECT_FALSE(call(Post, "/users", R"({"user_principal_name":7})"));
  const auto user =
      object(Post, "/users", R"({"user_principal_name":"gus@contoso.example","display_name":"Gus"})");
  const std::string id = text(user, "object_id");
  object(Patch, "/users/" + id, R"({"account_enabled":false,"mail":"gus@contoso.example"})");
  EXPECT_FALSE(object(Get, "/users/" + id).at("account_enabled").as_bool());
  ASSERT_TRUE(call(Delete, "/users/" + id));
  EXPECT_FALSE(object(Get, "/users/" + id).at("deleted").is_null());
  object(Post, "/users/" + id + "/restore");
  ASSERT_TRUE(call(Delete, "/users/" + id));
  ASSERT_TRUE(call(Delete, "/users/" + id));
  EXPECT_FALSE(call(Get, "/users/" + id));
}

TEST_F(Api, certificates_rotate_and_expire) {
  const auto first = object(Get, "/applications/Portal");
  const auto expired = object(Post, "/applications/Portal/certificates",
                              R"({"active":true,"not_after":"2026-02-01T00:00:00Z"})");
  EXPECT_EQ(text(expired, "signing_thumbprint"), text(first, "signing_thumbprint"))
      << "the active one has expired, so the other signs";
  EXPECT_FALSE(call(Post, "/applications/Portal/certificates", R"({"not_after":"soon"})"));
  EXPECT_EQ(
      object(Post, "/applications/Portal/certificates/" + text(first, "signing_thumbprint") + "/activate")
          .at("certificates")
          .as_array()
          .size(),
      2U);
}

TEST_F(Api, groups_are_made_in_bulk) {
  const auto made =
      object(Post, "/groups", R"({"display_name":"Team","count":151,"members":["alice@contoso.example"]})");
  EXPECT_EQ(made.at("groups").as_array().size(), 151U);
  EXPECT_FALSE(call(Post, "/groups", R"({"display_name":"Team","count":100000})"));
  EXPECT_FALSE(call(Post, "/groups", R"({"display_name":"Team","members":["nobody"]})"));
}

TEST_F(Api, groups_change_and_are_assigned) {
  const auto made = object(Post, "/groups", R"({"display_name":"Sales"})");
  const std::string id = text(made.at("groups").as_array().at(0).as_object(), "object_id");
  auto group =
      object(Patch, "/groups/" + id,
             R"({"display_name":"Sales EMEA","members":["alice@contoso.example","ben@contoso.example"]})");
  EXPECT_EQ(text(group, "display_name"), "Sales EMEA");
  group = object(Patch, "/groups/" + id, R"({"remove_members":"alice@contoso.example"})");
  EXPECT_EQ(group.at("members").as_array().size(), 1U);
  EXPECT_FALSE(call(Patch, "/groups/" + id, R"({"display_name":" "})"));
  EXPECT_FALSE(call(Post, "/applications/Portal/groups", R"({"groups":["none"]})"));
  EXPECT_EQ(object(Post, "/applications/Portal/groups", R"({"groups":")" + id + R"("})")
                .at("assigned_groups")
                .as_array()
                .size(),
            1U);
  EXPECT_TRUE(call(Delete, "/groups/" + id));
  EXPECT_TRUE(object(Get, "/applications/Portal").at("assigned_groups").as_array().empty());
}

TEST_F(Api, unknown_faults_change_nothing) {
  object(Patch, "", R"({"faults":["expired"]})");
  EXPECT_FALSE(call(Patch, "", R"({"faults":["wrong_audience","nonsense"]})"));
  EXPECT_EQ(json::serialize(object(Get, "").at("faults")), R"(["expired"])");
  EXPECT_EQ(json::serialize(object(Patch, "", R"({"faults":[]})").at("faults")), "[]");
}

TEST_F(Api, failures_are_json) {
  http::Request request;
  request.path = "/simulator/api/tenants/none";
  const auto response =
      ui::error_page(request, Error{ErrorKind::NotFound, "simulator.not_found", "No \"such\" tenant."});
  EXPECT_EQ(response.status, http::Status::NotFound);
  EXPECT_TRUE(json::parse(response.body));
}

}  // namespace
}  // namespace doorward::simulator
