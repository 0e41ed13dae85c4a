#include <gtest/gtest.h>

#include "simulator/fixture.h"
#include "simulator/scim_server.h"

namespace doorward::simulator {
namespace {

class ProvisioningScreens : public testing::Test {
 protected:
  http::Response get(std::string_view path) {
    auto response =
        browser_.get(fmt::format("/portal/contoso.example/applications/Portal/provisioning{}", path));
    EXPECT_TRUE(response) << path;
    return response ? *response : http::Response();
  }
  http::Response post(std::string_view path, const test::Fields& fields = {}) {
    auto response = browser_.post(
        fmt::format("/portal/contoso.example/applications/Portal/provisioning{}", path), fields);
    EXPECT_TRUE(response) << path << (response ? "" : response.error().message);
    return response ? *response : http::Response();
  }
  static bool contains(std::string_view text, std::string_view wanted) {
    return text.find(wanted) != std::string_view::npos;
  }
  test::Fields credentials(const std::string& token = "top-secret") const {
    return {{"mode", "automatic"},
            {"tenant_url", server_.url()},
            {"secret_token", token},
            {"interval", "0"},
            {"manager_form", "string"}};
  }

  test::FixedClock clock_;
  test::ScimServer server_;
  Simulator simulator_{{"http://localhost:8090", ""}, test::state_with_portal(), clock_};
  test::Browser browser_{simulator_};
};

TEST_F(ProvisioningScreens, every_page_is_there) {
  for (const char* path : {"", "/settings", "/mappings/users", "/mappings/groups", "/on-demand", "/logs"}) {
    const http::Response page = get(path);
    EXPECT_EQ(page.status, http::Status::Ok) << path;
    EXPECT_TRUE(contains(page.body, "<h1>")) << path;
  }
  EXPECT_FALSE(browser_.get("/portal/contoso.example/applications/Portal/provisioning/mappings/other"));
}

TEST_F(ProvisioningScreens, credentials_are_tested_saved_and_not_shown_again) {
  std::string page = post("/test", credentials()).body;
  EXPECT_TRUE(contains(page, "The supplied credentials are authorized to enable provisioning."));
  EXPECT_TRUE(contains(page, "<summary>Details</summary>"));
  EXPECT_TRUE(contains(page, "/scim/v2/Users?filter=userName+eq+"));
  EXPECT_TRUE(contains(page, "value=\"top-secret\"")) << "not saved yet, so the next click can send it";
  EXPECT_FALSE(contains(get("/settings").body, server_.url())) << "a test saves nothing";

  server_.answer_by([](const test::RecordedRequest&) { return std::optional(test::scim_answer(401)); });
  page = post("/test", credentials("wrong")).body;
  EXPECT_TRUE(contains(page, "You appear to have entered invalid credentials."));
  server_.answer_by({});

  post("/settings", credentials());
  page = get("/settings").body;
  EXPECT_TRUE(contains(page, server_.url()));
  EXPECT_FALSE(contains(page, "top-secret"));
  EXPECT_TRUE(contains(page, "A token is saved"));
  EXPECT_TRUE(contains(post("/test", credentials("")).body, "are authorized")) << "the saved token is used";
  for (const char* interval : {"", "-1", "1.5", "x"}) {
    test::Fields wrong = credentials();
    wrong[3].second = interval;
    EXPECT_EQ(post("/settings", wrong).status, http::Status::UnprocessableContent) << interval;
  }
}

TEST_F(ProvisioningScreens, mappings_are_edited_as_the_help_page_says) {
  post("/mappings/groups");
  EXPECT_TRUE(contains(get("/settings").body, "Provision Azure Active Directory Groups</a></td><td>No</td>"));
  std::string page = get("/mappings/users").body;
  EXPECT_TRUE(contains(page, "<td>mailNickname</td><td><code>externalId</code></td>"));
  const test::Fields object_id{{"source", "objectId"}, {"target", "externalId"}, {"precedence", ""}};
  const http::Response refused = post("/mappings/users/new", object_id);
  EXPECT_EQ(refused.status, http::Status::UnprocessableContent);
  EXPECT_TRUE(contains(refused.body, "is mapped already"));
  post("/mappings/users/18/delete");
  EXPECT_EQ(post("/mappings/users/new", object_id).status, http::Status::SeeOther);
  page = get("/mappings/users").body;
  EXPECT_TRUE(contains(page, "<td>objectId</td><td><code>externalId</code></td>"));
  EXPECT_FALSE(contains(page, "<td>mailNickname</td>"));
  EXPECT_EQ(post("/mappings/users/0/delete").status, http::Status::UnprocessableContent)
      << "something must match";
  EXPECT_FALSE(
      browser_.post("/portal/contoso.example/applications/Portal/provisioning/mappings/users/99/delete"));
  EXPECT_EQ(
      post("/mappings/users/new", {{"source", "mail"}, {"target", "nickName"}, {"precedence", "x"}}).status,
      http::Status::UnprocessableContent);
  post("/mappings/users/defaults");
  EXPECT_TRUE(contains(get("/mappings/users").body, "<td>mailNickname</td>"));
}

TEST_F(ProvisioningScreens, the_job_is_started_watched_and_stopped) {
  EXPECT_EQ(post("/start").status, http::Status::UnprocessableContent);
  EXPECT_TRUE(contains(post("/cycle").body, "Save the Tenant URL first."));
  post("/settings", credentials());
  post("/start");
  EXPECT_TRUE(contains(get("").body, "Stop provisioning"));
  EXPECT_EQ(post("/cycle").status, http::Status::SeeOther);
  const std::string log = get("/logs").body;
  EXPECT_TRUE(contains(log, "<td>Create</td><td>Success</td><td>alice@contoso.example"));
  EXPECT_TRUE(contains(log, "&quot;userName&quot;:&quot;alice@contoso.example&quot;"));
  EXPECT_FALSE(contains(log, "top-secret"));
  EXPECT_TRUE(contains(post("/on-demand", {{"user", "ben@contoso.example"}}).body, "RedundantExport"));

  server_.answer_by([](const test::RecordedRequest&) { return std::optional(test::scim_answer(401)); });
  post("/restart");
  post("/cycle");
  EXPECT_TRUE(contains(get("").body, "Provisioning is in quarantine"));
  EXPECT_TRUE(contains(get("").body, "EncounteredQuarantineException"));
  post("/stop");
  EXPECT_TRUE(contains(get("").body, "Start provisioning"));
}

}  // namespace
}  // namespace doorward::simulator
