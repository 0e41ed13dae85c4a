#include <gtest/gtest.h>

#include "simulator/fixture.h"
#include "simulator/provisioning_json.h"
#include "simulator/provisioning_service.h"
#include "simulator/scim_server.h"
#include "simulator/ui.h"

namespace doorward::simulator {
namespace {

using enum http::Method;
using Lines = std::vector<std::string>;
using test::RecordedRequest;

constexpr std::string_view kAlice = "a11ce000-7c1d-4f4e-8a53-0d9c62b7f001";
constexpr std::string_view kPatch =
    R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":)";

class ProvisioningTest : public testing::Test {
 protected:
  ProvisioningTest() { server_.put("Users", json::Object{{"id", "other"}, {"userName", "other@x.example"}}); }

  /// Only these are assigned, so that a test sees only their requests.
  void assign_only(const std::vector<std::string>& names) {
    object(Delete, "/applications/Portal");
    json::Array users;
    for (const std::string& name : names)
      users.emplace_back(name + "@contoso.example");
    object(Post, "/applications",
           json::serialize(json::Object{{"name", "Portal"}, {"users", std::move(users)}}));
  }
  void configure(const std::string& behind = "", const std::string& more = "") {
    object(Patch, "/applications/Portal/provisioning",
           R"({"secret_token":"top-secret","interval_seconds":0,"tenant_url":")" + server_.url(behind) +
               "\"" + more + "}");
  }
  /// Alice alone, created, and the requests forgotten.
  void with_alice(const std::string& behind = "", const std::string& more = "") {
    assign_only({"alice"});
    configure(behind, more);
    cycle();
    ASSERT_EQ(status().at("user_ids").as_object().size(), 1U);
    server_.take();
  }

  json::Object cycle() { return object(Post, "/applications/Portal/provisioning/cycle"); }
  json::Object status() { return object(Get, "/applications/Portal/provisioning"); }
  Result<http::Response> call(http::Method method, std::string_view path, std::string body = "") {
    return browser_.send(method, fmt::format("/simulator/api/tenants/contoso.example{}", path),
                         "application/json", std::move(body));
  }
  json::Object object(http::Method method, std::string_view path, std::string body = "") {
    const auto response = call(method, path, std::move(body));
    EXPECT_TRUE(response) << path << ": " << (response ? "" : response.error().message);
    const auto value = response ? json::parse(response->body) : json::parse("{}");
    return value && value->is_object() ? value->get_object() : json::Object();
  }
  static std::string text(const json::Object& from, std::string_view name) {
    return json::required_string(from, name).value_or("");
  }
  /// `update success`, one for each entry.
  static Lines actions(const json::Object& report) {
    Lines lines;
    for (const json::Value& entry : report.at("entries").as_array())
      lines.push_back(text(entry.as_object(), "action") + " " + text(entry.as_object(), "status"));
    return lines;
  }
  std::string only_body() {
    const auto requests = server_.take();
    EXPECT_EQ(requests.size(), 1U);
    return requests.empty() ? "" : requests.front().body;
  }

  test::FixedClock clock_;
  test::ScimServer server_;
  Simulator simulator_{{"http://localhost:8090", ""}, test::state_with_portal(), clock_};
  test::Browser browser_{simulator_};
};

TEST_F(ProvisioningTest, the_initial_cycle_finds_or_creates_and_references_follow) {
  configure("", R"(,"provision_groups":false)");
  const auto report = cycle();
  EXPECT_EQ(text(report, "kind"), "initial");
  EXPECT_EQ(text(report, "problem"), "");
  const auto requests = server_.take();
  Lines lines;
  for (const RecordedRequest& request : requests)
    lines.push_back(request.line());
  // Dan is disabled: looked for, not created. Ben's and Chloe's manager is Alice; Dan's goes nowhere.
  EXPECT_EQ(lines,
            (Lines{"GET /Users", "POST /Users", "GET /Users", "POST /Users", "GET /Users", "POST /Users",
                   "GET /Users", "GET /Users", "POST /Users", "PATCH /Users/u2", "PATCH /Users/u3"}));
  EXPECT_EQ(requests[0].query, "filter=userName+eq+%22alice%40contoso.example%22");
  EXPECT_EQ(requests[0].authorization, "Bearer top-secret");
  EXPECT_EQ(requests[1].content_type, "application/scim+json; charset=utf-8");
  EXPECT_EQ(
      requests[1].body,
      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],)"
      R"("userName":"alice@contoso.example","active":true,"displayName":"Alice Adams","title":"Administrator",)"
      R"("emails":[{"primary":true,"type":"work","value":"alice@contoso.example"}],)"
      R"("name":{"givenName":"Alice","familyName":"Adams"},"phoneNumbers":[{"type":"work","value":"+1 425 555 0101"}],)"
      R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"E001","department":"IT"},)"
      R"("externalId":"alice","meta":{"resourceType":"User"},"roles":[]})");
  EXPECT_EQ(
      requests[9].body,
      std::string(kPatch) +
          R"([{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"u1"}]})");
  EXPECT_FALSE(requests[5].object().contains("emails")) << "null values are never sent";
  const auto now = status();
  EXPECT_EQ(now.at("statistics").at("created").as_int64(), 4);
  EXPECT_EQ(now.at("statistics").at("skipped").as_int64(), 1);
  EXPECT_TRUE(now.at("initial_cycle_done").as_bool());

  EXPECT_EQ(text(cycle(), "kind"), "incremental");
  EXPECT_EQ(server_.lines(), Lines()) << "nothing changed, so nothing is asked";
}

TEST_F(ProvisioningTest, a_user_who_is_there_is_linked_and_only_what_differs_is_sent) {
  server_.put("Users", json::Object{{"id", "u-alice"},
                                    {"username", "alice@contoso.example"},
                                    {"active", true},
                                    {"displayName", "Alice A."}});
  assign_only({"alice"});
  configure("", R"json(,"user_mappings":[{"source":"userPrincipalName","target":"userName","precedence":2},
      {"source":"objectId","target":"externalId","precedence":1},{"source":"displayName","target":"displayName"},
      {"source":"Not([IsSoftDeleted])","target":"active"}])json");
  EXPECT_EQ(actions(cycle()), Lines{"update success"});
  const auto requests = server_.take();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_TRUE(requests[0].query.starts_with("filter=externalId+eq+")) << "in the order of precedence";
  EXPECT_TRUE(requests[1].query.starts_with("filter=userName+eq+"));
  EXPECT_EQ(requests[2].line(), "PATCH /Users/u-alice");
  EXPECT_EQ(requests[2].body,
            std::string(kPatch) +
                R"([{"op":"Add","path":"externalId","value":"a11ce000-7c1d-4f4e-8a53-0d9c62b7f001"},)"
                R"({"op":"Replace","path":"displayName","value":"Alice Adams"}]})");
}

TEST_F(ProvisioningTest, changes_are_sent_in_the_default_dialect) {
  with_alice();
  object(Patch, "/users/alice@contoso.example",
         R"({"user_principal_name":"alice.adams@contoso.example","mobile":"+49 30 1","given_name":""})");
  EXPECT_EQ(actions(cycle()), Lines{"update success"});
  EXPECT_EQ(only_body(),
            std::string(kPatch) +
                R"([{"op":"Replace","path":"userName","value":"alice.adams@contoso.example"},)"
                R"({"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+49 30 1"}]})")
      << "a field that was cleared is not mentioned";
  object(Patch, "/users/" + std::string(kAlice), R"({"account_enabled":false})");
  EXPECT_EQ(actions(cycle()), Lines{"disable success"});
  EXPECT_EQ(only_body(), std::string(kPatch) + R"([{"op":"Replace","path":"active","value":"False"}]})");
  object(Patch, "/users/" + std::string(kAlice), R"({"account_enabled":true})");
  EXPECT_EQ(actions(cycle()), Lines{"update success"});
  EXPECT_EQ(only_body(), std::string(kPatch) + R"([{"op":"Replace","path":"active","value":"True"}]})");
}

TEST_F(ProvisioningTest, changes_are_sent_in_the_optimised_dialect) {
  with_alice("/?aadOptscim062020");
  object(Patch, "/users/alice@contoso.example",
         R"({"surname":"Abel","department":"HR","mail":"abel@contoso.example","account_enabled":false})");
  EXPECT_EQ(actions(cycle()), Lines{"disable success"});
  const auto requests = server_.take();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].query, "aadOptscim062020");
  EXPECT_EQ(requests[0].body,
            std::string(kPatch) +
                R"([{"op":"replace","path":"emails[type eq \"work\"].value","value":"abel@contoso.example"},)"
                R"({"op":"replace","value":{"active":false,"name.familyName":"Abel",)"
                R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"HR"}}]})");
  object(Patch, "/users/alice@contoso.example", R"({"account_enabled":true})");
  cycle();
  EXPECT_EQ(only_body(), std::string(kPatch) + R"([{"op":"replace","path":"active","value":true}]})");
}

TEST_F(ProvisioningTest, those_who_leave_are_disabled_and_those_deleted_for_ever_are_deleted) {
  assign_only({"alice", "ben", "eve"});
  configure();
  cycle();
  server_.take();
  ASSERT_TRUE(call(Delete, "/applications/Portal/users/ben@contoso.example"));
  ASSERT_TRUE(call(Delete, "/users/" + std::string(kAlice)));
  EXPECT_EQ(actions(cycle()), (Lines{"disable success", "disable success"}));
  EXPECT_EQ(server_.lines(), (Lines{"PATCH /Users/u1", "PATCH /Users/u2"}));
  EXPECT_EQ(actions(cycle()), Lines()) << "once is enough";
  // Ben was unassigned first: his end is nobody's business.
  const std::string ben = text(object(Get, "/users/ben@contoso.example"), "object_id");
  for (const std::string& id : {std::string(kAlice), ben, ben})
    ASSERT_TRUE(call(Delete, "/users/" + id));
  EXPECT_EQ(actions(cycle()), Lines{"delete success"});
  EXPECT_EQ(server_.lines(), Lines{"DELETE /Users/u1"});
  EXPECT_EQ(status().at("user_ids").as_object().size(), 1U);
}

TEST_F(ProvisioningTest, a_restored_user_is_enabled_under_the_same_id) {
  with_alice();
  call(Delete, "/users/" + std::string(kAlice)).value();
  cycle();
  object(Post, "/users/" + std::string(kAlice) + "/restore");
  server_.take();
  EXPECT_EQ(actions(cycle()), Lines{"update success"});
  EXPECT_EQ(server_.lines(), Lines{"PATCH /Users/u1"});
}

TEST_F(ProvisioningTest, without_a_mapping_for_active_leavers_are_deleted) {
  with_alice("", R"(,"user_mappings":[{"source":"userPrincipalName","target":"userName","precedence":1}])");
  ASSERT_TRUE(call(Delete, "/applications/Portal/users/alice@contoso.example"));
  EXPECT_EQ(actions(cycle()), Lines{"delete success"});
  EXPECT_EQ(server_.lines(), Lines{"DELETE /Users/u1"});
}

TEST_F(ProvisioningTest, a_new_mapping_is_sent_for_everybody) {
  with_alice();
  object(Patch, "/applications/Portal/provisioning",
         R"json({"user_mappings":[{"source":"userPrincipalName","target":"userName","precedence":1},
             {"source":"objectId","target":"objectId"},{"source":"\"fixed\"","target":"userType"},
             {"source":"Join(\" \", [givenName], [surname])","target":"name.formatted"}]})json");
  EXPECT_EQ(actions(cycle()), Lines{"update success"});
  EXPECT_EQ(only_body(),
            std::string(kPatch) +
                R"([{"op":"Add","path":"objectId","value":"a11ce000-7c1d-4f4e-8a53-0d9c62b7f001"},)"
                R"({"op":"Add","path":"userType","value":"fixed"},)"
                R"({"op":"Add","path":"name.formatted","value":"Alice Adams"}]})");
  for (const char* refused :
       {R"([])", R"([{"source":"mail","target":"userName"}])",
        R"([{"source":"mail","target":"userName","precedence":1},{"source":"surname","target":"USERNAME"}])",
        R"([{"source":"mail","target":"emails[type eq work].value","precedence":1}])",
        R"([{"source":"","target":"userName","precedence":1}])"}) {
    EXPECT_FALSE(
        call(Patch, "/applications/Portal/provisioning", fmt::format(R"({{"user_mappings":{}}})", refused)))
        << refused;
  }
}

TEST_F(ProvisioningTest, roles_and_managers_come_in_their_forms) {
  assign_only({"alice", "ben"});
  object(Post, "/applications/Portal/users", R"({"users":"alice@contoso.example","role":"Admin"})");
  configure("", R"json(,"manager_form":"reference","user_mappings":[
      {"source":"userPrincipalName","target":"userName","precedence":1},{"source":"manager","target":"manager"},
      {"source":"AppRoleAssignmentsComplex([appRoleAssignments])","target":"roles"}])json");
  cycle();
  const auto requests = server_.take();
  ASSERT_EQ(requests.size(), 5U);
  EXPECT_EQ(json::serialize(requests[1].object().at("roles")),
            R"(["{\"id\":\"Admin\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"])");
  EXPECT_EQ(requests[4].body, std::string(kPatch) + R"([{"op":"Add","path":"manager","value":[{"$ref":")" +
                                  server_.url("/Users/u1") + R"(","value":"u1"}]}]})");
}

TEST_F(ProvisioningTest, users_can_be_created_with_explicit_nulls) {
  assign_only({"eve"});
  configure("", R"(,"explicit_nulls":true)");
  cycle();
  const auto body = server_.take().at(1).object();
  EXPECT_TRUE(body.at("addresses").is_null());
  EXPECT_TRUE(body.at("phoneNumbers").is_null());
  EXPECT_TRUE(body.at("emails").is_array());
}

TEST_F(ProvisioningTest, groups_are_created_empty_and_members_follow) {
  for (const std::string behind : {"", "?aadOptscim062020"}) {
    assign_only({});
    configure(behind);
    const bool optimised = !behind.empty();
    const auto made =
        object(Post, "/groups", R"({"display_name":"Sales","members":["alice@contoso.example"]})");
    const std::string id = text(made.at("groups").as_array().at(0).as_object(), "object_id");
    object(Post, "/applications/Portal/groups", R"({"groups":")" + id + "\"}");
    EXPECT_EQ(actions(cycle()), (Lines{"create success", "create success"})) << "members are in scope";
    auto requests = server_.take();
    ASSERT_EQ(requests.size(), 5U);
    EXPECT_EQ(requests[2].query,
              (optimised ? "aadOptscim062020&" : "") +
                  std::string("excludedAttributes=members&filter=displayName+eq+%22Sales%22"));
    EXPECT_FALSE(requests[3].object().contains("members"));
    EXPECT_EQ(text(requests[3].object(), "externalId"), id);
    const std::string user = text(status().at("user_ids").as_object(), kAlice);
    EXPECT_EQ(requests[4].body,
              fmt::format(R"({}[{{"op":"{}","path":"members","value":[{{"value":"{}"}}]}}]}})", kPatch,
                          optimised ? "add" : "Add", user));

    object(Patch, "/groups/" + id, R"({"display_name":"Sales EMEA","members":["eve@contoso.example"]})");
    object(Post, "/applications/Portal/users", R"({"users":["alice@contoso.example"]})");
    EXPECT_EQ(actions(cycle()), (Lines{"create success", "update success"}));
    requests = server_.take();
    ASSERT_EQ(requests.size(), 5U) << "Eve found and created, the name, her membership, Alice's end";
    EXPECT_EQ(requests[4].body,
              optimised
                  ? fmt::format(R"({}[{{"op":"remove","path":"members[value eq \"{}\"]"}}]}})", kPatch, user)
                  : fmt::format(R"({}[{{"op":"Remove","path":"members","value":[{{"value":"{}"}}]}}]}})",
                                kPatch, user));
    ASSERT_TRUE(call(Delete, "/groups/" + id));
    EXPECT_EQ(actions(cycle()), (Lines{"disable success", "delete success"}));
    server_.take();
    // The second round begins anew.
    server_.answer_by([](const RecordedRequest& request) -> std::optional<http::Response> {
      if (request.method == "GET") return test::empty_list();
      return std::nullopt;
    });
  }
}

TEST_F(ProvisioningTest, a_group_patch_must_answer_without_content) {
  assign_only({});
  configure();
  const auto made =
      object(Post, "/groups", R"({"display_name":"Sales","members":["alice@contoso.example"]})");
  const std::string id = text(made.at("groups").as_array().at(0).as_object(), "object_id");
  object(Post, "/applications/Portal/groups", R"({"groups":")" + id + "\"}");
  server_.answer_by([](const RecordedRequest& request) -> std::optional<http::Response> {
    if (request.method == "PATCH") return test::scim_answer(200, "{}");
    return std::nullopt;
  });
  EXPECT_EQ(actions(cycle()), (Lines{"create success", "create failure"}));
  EXPECT_EQ(actions(cycle()), Lines{"update failure"}) << "tried again";
  server_.answer_by({});
  EXPECT_EQ(actions(cycle()), Lines{"update success"});
  // After a restart the group is found as it is, and its members are sent all the same.
  object(Post, "/applications/Portal/provisioning/restart");
  const auto report = cycle();
  const auto group = report.at("entries").as_array().at(1).as_object();
  EXPECT_EQ(text(group, "status"), "success");
  EXPECT_EQ(text(group, "reason"), "");
}

TEST_F(ProvisioningTest, failures_of_one_user_are_tried_again_and_the_id_is_kept_for_ever) {
  assign_only({"alice", "ben"});
  configure();
  server_.answer_by([](const RecordedRequest& request) -> std::optional<http::Response> {
    const bool alice = request.body.find("alice@") != std::string::npos;
    if (request.method == "POST" && alice) return test::scim_answer(409, R"({"scimType":"uniqueness"})");
    return std::nullopt;
  });
  const auto report = cycle();
  EXPECT_EQ(actions(report), (Lines{"create failure", "create success"}));
  EXPECT_NE(text(report.at("entries").as_array().at(0).as_object(), "reason").find("uniqueness"),
            std::string::npos);
  EXPECT_TRUE(status().at("quarantine").is_null());
  server_.answer_by({});
  EXPECT_EQ(actions(cycle()), (Lines{"create success", "update success"})) << "and Ben's manager follows";
  server_.take();
  server_.answer_by([](const RecordedRequest&) { return std::optional(test::scim_answer(404, "{}")); });
  object(Patch, "/users/alice@contoso.example", R"({"city":"Berlin"})");
  EXPECT_EQ(actions(cycle()), Lines{"update failure"});
  EXPECT_EQ(actions(cycle()), Lines{"update failure"});
  EXPECT_EQ(server_.lines(), (Lines{"PATCH /Users/u2", "PATCH /Users/u2"})) << "not looked for again";
  server_.answer_by({});
  object(Post, "/applications/Portal/provisioning/restart");
  EXPECT_EQ(text(cycle(), "kind"), "initial");
  EXPECT_EQ(server_.lines().front(), "GET /Users") << "after a restart it is";
}

TEST_F(ProvisioningTest, bad_credentials_and_wrong_answers_put_the_job_into_quarantine_at_once) {
  assign_only({"alice", "ben"});
  configure();
  object(Post, "/applications/Portal/provisioning/start");
  const std::vector<std::pair<int, std::string>> answers = {{401, "{}"},
                                                            {403, "{}"},
                                                            {404, "{}"},
                                                            {302, ""},
                                                            {200, "<html></html>"},
                                                            {200, "{}"},
                                                            {200, R"({"totalResults":0,"Resources":[]})"}};
  for (const auto& [code, body] : answers) {
    server_.answer_by([status_code = code, answer = body](const RecordedRequest&) {
      return std::optional(test::scim_answer(status_code, answer));
    });
    const auto report = cycle();
    EXPECT_EQ(server_.take().size(), 1U) << code << body;
    EXPECT_NE(text(report, "problem"), "");
    EXPECT_EQ(text(status(), "status"), "quarantined") << code << body;
  }
  const auto quarantine = status().at("quarantine").as_object();
  EXPECT_EQ(text(quarantine, "next_retry"), "2026-03-02T09:30:00.250Z") << "a day after the third retry";
  server_.answer_by({});
  EXPECT_EQ(actions(cycle()), (Lines{"create success", "create success", "update success"}));
  EXPECT_TRUE(status().at("quarantine").is_null());
}

TEST_F(ProvisioningTest, quarantine_ends_in_a_disabled_job_after_four_weeks) {
  assign_only({"alice"});
  configure();
  object(Post, "/applications/Portal/provisioning/start");
  server_.answer_by([](const RecordedRequest&) { return std::optional(test::scim_answer(401)); });
  cycle();
  EXPECT_EQ(text(status().at("quarantine").as_object(), "next_retry"), "2026-03-01T15:30:00.250Z");
  clock_.time += std::chrono::days(27);
  cycle();
  EXPECT_TRUE(status().at("started").as_bool());
  clock_.time += std::chrono::days(1);
  cycle();
  EXPECT_FALSE(status().at("started").as_bool());
}

TEST_F(ProvisioningTest, many_failures_are_a_quarantine_only_by_their_share) {
  configure("", R"(,"provision_groups":false,"failure_limit":3)");
  server_.answer_by([](const RecordedRequest& request) -> std::optional<http::Response> {
    if (request.method == "POST") return test::scim_answer(500, "{}");
    return std::nullopt;
  });
  cycle();
  EXPECT_EQ(text(status().at("quarantine").as_object(), "reason"), "EncounteredEscrowProportionThreshold");
}

TEST_F(ProvisioningTest, an_application_that_is_not_there_ends_the_cycle_only) {
  assign_only({"alice", "ben"});
  object(Patch, "/applications/Portal/provisioning",
         R"({"tenant_url":"http://127.0.0.1:1/scim","secret_token":"x","interval_seconds":0})");
  const auto report = cycle();
  EXPECT_EQ(actions(report), Lines{"other failure"});
  EXPECT_NE(text(report, "problem").find("127.0.0.1:1"), std::string::npos);
  EXPECT_TRUE(status().at("quarantine").is_null());
  EXPECT_FALSE(status().at("initial_cycle_done").as_bool());
}

TEST_F(ProvisioningTest, test_connection_asks_for_what_cannot_exist) {
  configure();
  auto verdict = object(Post, "/applications/Portal/provisioning/test-connection");
  EXPECT_TRUE(verdict.at("ok").as_bool());
  EXPECT_EQ(text(verdict, "message"), "The supplied credentials are authorized to enable provisioning.");
  auto requests = server_.take();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_TRUE(requests[0].query.starts_with("filter=userName+eq+%22")) << requests[0].query;
  EXPECT_EQ(requests[1].path, "/Groups");
  server_.answer_by([](const RecordedRequest&) { return std::optional(test::scim_answer(404, "not here")); });
  verdict =
      object(Post, "/applications/Portal/provisioning/test-connection", R"({"provision_groups":false})");
  EXPECT_FALSE(verdict.at("ok").as_bool());
  EXPECT_TRUE(text(verdict, "message").starts_with("You appear to have entered invalid credentials."));
  EXPECT_NE(text(verdict, "details").find("not here"), std::string::npos);
  const auto exchange = verdict.at("exchanges").as_array().at(0).as_object();
  EXPECT_EQ(exchange.at("status").as_int64(), 404);
  EXPECT_EQ(json::serialize(verdict).find("top-secret"), std::string::npos);
  EXPECT_TRUE(status().at("provision_groups").as_bool()) << "what was tried is not kept";
}

TEST_F(ProvisioningTest, one_user_is_provisioned_on_demand) {
  assign_only({"alice", "ben"});
  configure();
  auto report =
      object(Post, "/applications/Portal/provisioning/on-demand", R"({"user":"ben@contoso.example"})");
  EXPECT_EQ(actions(report), Lines{"create success"});
  report = object(Post, "/applications/Portal/provisioning/on-demand", R"({"user":"ben@contoso.example"})");
  EXPECT_EQ(actions(report), Lines{"other skipped"}) << "matched anew, and the same already";
  EXPECT_EQ(server_.lines(), (Lines{"GET /Users", "POST /Users", "GET /Users"}));
  report = object(Post, "/applications/Portal/provisioning/on-demand", R"({"user":"eve@contoso.example"})");
  EXPECT_EQ(actions(report), Lines()) << "not in scope";
  server_.answer_by([](const RecordedRequest&) { return std::optional(test::scim_answer(500)); });
  report = object(Post, "/applications/Portal/provisioning/on-demand", R"({"user":"ben@contoso.example"})");
  EXPECT_EQ(actions(report), Lines{"other failure"});
  EXPECT_EQ(status().at("user_ids").as_object().size(), 1U) << "a failure does not cost the id";
  EXPECT_FALSE(call(Post, "/applications/Portal/provisioning/on-demand", R"({"user":"nobody"})"));
}

TEST_F(ProvisioningTest, the_log_keeps_requests_and_answers_but_not_the_token) {
  with_alice();
  const auto log = object(Get, "/applications/Portal/provisioning/log");
  const auto entry = log.at("entries").as_array().at(0).as_object();
  EXPECT_EQ(text(entry, "name"), "alice@contoso.example");
  EXPECT_EQ(text(entry, "target_id"), "u1");
  EXPECT_EQ(entry.at("exchanges").as_array().size(), 2U);
  EXPECT_EQ(json::serialize(log).find("top-secret"), std::string::npos);
  EXPECT_EQ(json::serialize(status()).find("top-secret"), std::string::npos);
  ASSERT_TRUE(call(Delete, "/applications/Portal/provisioning/log"));
  EXPECT_TRUE(object(Get, "/applications/Portal/provisioning/log").at("entries").as_array().empty());
}

TEST_F(ProvisioningTest, nobody_waits_for_the_application) {
  assign_only({"alice"});
  configure();
  // While the application thinks, the simulator answers others.
  server_.answer_by([this](const RecordedRequest&) -> std::optional<http::Response> {
    EXPECT_TRUE(status().at("running").as_bool());
    object(Patch, "/users/alice@contoso.example", R"({"city":"Berlin"})");
    object(Post, "/applications/Portal/provisioning/restart");
    return std::nullopt;
  });
  cycle();
  EXPECT_TRUE(status().at("user_ids").as_object().empty()) << "restarted meanwhile: forgotten";
  EXPECT_FALSE(status().at("running").as_bool());
}

TEST_F(ProvisioningTest, a_started_job_runs_by_itself) {
  assign_only({"alice"});
  EXPECT_FALSE(call(Post, "/applications/Portal/provisioning/start")) << "without credentials";
  configure();
  object(Patch, "/applications/Portal/provisioning", R"({"interval_seconds":5})");
  object(Post, "/applications/Portal/provisioning/start");
  simulator_.run_jobs();
  server_.wait_for_request();
}

TEST(Provisioning, the_job_survives_the_way_to_the_file_and_back) {
  Provisioning provisioning;
  provisioning.settings.tenant_url = "https://portal.example.com/scim/v2";
  provisioning.settings.secret_token = crypto::Secret("t0ken");
  provisioning.settings.automatic = true;
  provisioning.settings.interval = std::chrono::seconds(7);
  provisioning.settings.user_mappings = {{"mail", "userName", 1}};
  provisioning.job.started = true;
  provisioning.job.users["a"] = {"u1", {{"userName", "\"x\""}}, false, {}};
  provisioning.job.groups["g"] = {"g1", {}, true, {"a"}};
  provisioning.job.statistics.failed = 3;
  provisioning.job.quarantine = Quarantine{"R", "M", test::FixedClock().time, test::FixedClock().time, 2};
  const auto saved = provisioning_state(provisioning);
  const auto loaded = provisioning_from_state(saved);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(json::serialize(provisioning_state(*loaded)), json::serialize(saved));
  EXPECT_EQ(loaded->settings.secret_token.reveal(), "t0ken");
  EXPECT_EQ(loaded->job.users.at("a").sent.at("userName"), "\"x\"");
}

TEST(Provisioning, the_demo_enters_the_credentials_and_leaves_the_start_to_the_administrator) {
  State state = test::state_with_portal();
  const DemoApplication demo{.name = "Portal",
                             .identifiers = {std::string(test::kIdentifier)},
                             .reply_urls = {std::string(test::kReplyUrl)},
                             .sign_on_url = {},
                             .logout_url = {},
                             .tenant_url = "http://localhost:8080/scim/v2",
                             .secret_token = crypto::Secret("t0ken")};
  ASSERT_TRUE(set_up(state, demo, Timestamp()));
  Provisioning& provisioning = state.tenants.front().applications.front().provisioning;
  EXPECT_FALSE(provisioning.job.started);
  EXPECT_EQ(provisioning.settings.secret_token.reveal(), "t0ken");
  ASSERT_TRUE(start_provisioning(provisioning));
  provisioning.job.users["a"].id = "u1";
  ASSERT_TRUE(set_up(state, demo, Timestamp()));
  EXPECT_TRUE(provisioning.job.started) << "it runs on after the next start of the demo";
  EXPECT_EQ(provisioning.job.users.size(), 1U) << "the same application: its ids are kept";
}

}  // namespace
}  // namespace doorward::simulator
