#include "console/applications_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/departments.h"
#include "directory/grants.h"

namespace doorward::console {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ApplicationsApiTest : public ConsoleTest {
 protected:
  using Api = ApplicationsApi;

  json::Object create(const std::string& body = R"({"kind":"web","name":"Wiki"})") {
    return sent(applications_, &Api::create, {.body = body});
  }
  static std::string id_of(const json::Object& application) {
    return std::string(application.at("client_id").as_string());
  }
  json::Object show(const std::string& id) { return sent(applications_, &Api::application, {.name = id}); }
  std::string refusal(const std::string& body) {
    return refused(applications_, &Api::create, {.body = body});
  }
  /// With a second part in the path.
  Result<http::Response> send_below(HandlerOf<Api> handler, const std::string& id, const std::string& name,
                                    const std::string& second, const http::Request* from = nullptr) {
    http::Request request = from != nullptr ? *from : administrator_;
    request.parameters = {{"id", id}, {name, second}};
    return (applications_.*handler)(request);
  }
  std::string refused_below(HandlerOf<Api> handler, const std::string& id, const std::string& name,
                            const std::string& second, const http::Request* from = nullptr) {
    const auto outcome = send_below(handler, id, name, second, from);
    if (!outcome) return std::string(outcome.error().code.name());
    return outcome->status < http::Status::BadRequest ? "" : outcome->body;
  }
  directory::Grant give(const std::string& client_id, const directory::Employee& employee) {
    return write([&](storage::Transaction& transaction) -> Result<directory::Grant> {
      ASSIGN_OR_RETURN(const auto application, directory::find_application(transaction, client_id));
      return directory::create_grant(transaction,
                                     {.account = employee.account,
                                      .application = application->id,
                                      .employee = employee.id,
                                      .scope = "openid",
                                      .signed_in_at = kNow,
                                      .expires_at = kNow + std::chrono::hours(1),
                                      .device = "Phone",
                                      .client_address = "192.0.2.1"},
                                     kNow);
    });
  }
  json::Array grants_of(const directory::Employee& employee) {
    return sent(applications_, &Api::grants_of_employee, {.name = employee.public_id})
        .at("grants")
        .as_array();
  }

  ApplicationsApi applications_{{*database_, clock_, sessions_}, "https://sso.portal.example"};
  http::Request stranger_ = request_of(fabrikam_.account, fabrikam_.administrator);
};

TEST_F(ApplicationsApiTest, IsForAdministrators) {
  expect_for_administrators_only(
      applications_,
      {&Api::applications, &Api::create, &Api::application, &Api::edit, &Api::remove, &Api::add_secret,
       &Api::remove_secret, &Api::users, &Api::usage, &Api::end_usage, &Api::applications_of_employee,
       &Api::grants_of_employee, &Api::end_grant_of_employee, &Api::sign_out_everywhere});
}

TEST_F(ApplicationsApiTest, TheSecretIsShownOnce) {
  const auto made = create(R"({"kind":"web","name":"Wiki","redirect_uris":["https://wiki.example/cb"]})");
  EXPECT_EQ(made.at("kind"), "web");
  EXPECT_EQ(made.at("issuer"), "https://sso.portal.example");
  EXPECT_EQ(made.at("scope"), "openid profile email");
  EXPECT_EQ(made.at("of_all_accounts"), false);
  EXPECT_EQ(made.at("created_at").as_string(), format_rfc3339(kNow));
  EXPECT_TRUE(made.at("last_used_at").is_null());
  EXPECT_EQ(made.at("redirect_uris").as_array().size(), 1u);
  const std::string value(made.at("secret").at("value").as_string());
  EXPECT_TRUE(value.starts_with("dws_"));
  EXPECT_EQ(made.at("secrets").at(0).at("id"), made.at("secret").at("id"));
  EXPECT_THAT(json::serialize(show(id_of(made))), Not(HasSubstr(value)));
  EXPECT_FALSE(create(R"({"kind":"public","name":"SPA"})").contains("secret"));
  EXPECT_FALSE(create(R"({"kind":"proxy","name":"Pages"})").contains("secret"));
  EXPECT_TRUE(create(R"({"kind":"service","name":"HR"})").contains("secret"));
  const auto response = must(send(applications_, &Api::create, {.body = R"({"kind":"web","name":"More"})"}));
  EXPECT_EQ(response.status, http::Status::Created);
  EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
}

TEST_F(ApplicationsApiTest, RefusesWhatMakesNoSense) {
  for (const char* body :
       {"{}", R"({"kind":"web"})", R"({"kind":"mobile","name":"a"})", R"({"kind":"x","name":"a"})",
        R"({"kind":"web","name":7})", R"({"kind":"web","name":"a","redirect_uris":"https://a.example"})",
        R"({"kind":"web","name":"a","redirect_uris":[7]})",
        R"({"kind":"web","name":"a","redirect_uris":["http://a.example"]})",
        R"({"kind":"web","name":"a","access":"all"})", R"({"kind":"web","name":"a","redirect_url":[]})",
        R"({"kind":"web","name":"a","id_token_algorithm":"none"})",
        R"({"kind":"web","name":"a","access_token_format":"saml"})",
        R"({"kind":"web","name":"a","jwks":"no json"})", R"({"kind":"web","name":"a","jwks":"{}"})",
        R"({"kind":"web","name":"a","jwks":"{\"keys\":[]}"})",
        R"({"kind":"web","name":"a","access":"chosen","departments":["x"]})"}) {
    EXPECT_NE(refusal(body), "") << body;
  }
  EXPECT_TRUE(sent(applications_, &Api::applications).at("applications").as_array().empty());
}

TEST_F(ApplicationsApiTest, ChangesWhatIsNamedAndNothingElse) {
  const std::string id = id_of(create(R"({"kind":"web","name":"Wiki","scope":"openid groups"})"));
  const auto changed =
      sent(applications_, &Api::edit,
           {.name = id, .body = R"({"name":"Intranet","active":false,"asks_consent":true})"});
  EXPECT_EQ(changed.at("name"), "Intranet");
  EXPECT_EQ(changed.at("active"), false);
  EXPECT_EQ(changed.at("asks_consent"), true);
  EXPECT_EQ(changed.at("scope"), "openid groups");
  EXPECT_EQ(refused(applications_, &Api::edit, {.name = id, .body = R"({"kind":"public"})"}), "api.bad_body");
  EXPECT_EQ(refused(applications_, &Api::edit, {.name = id, .body = R"({"secrets":[]})"}), "api.bad_body");
}

TEST_F(ApplicationsApiTest, WhatSomebodyElseChangedIsNotLost) {
  const auto made = create(R"({"kind":"web","name":"Wiki","redirect_uris":["https://wiki.example/cb"]})");
  const std::string id = id_of(made);
  const auto put = [&](const json::Value& version, std::string_view address) {
    return Message{.name = id,
                   .body = json::serialize(json::Object{{"redirect_uris", json::Array{json::Value(address)}},
                                                        {"version", version}})};
  };
  const auto changed = sent(applications_, &Api::edit, put(made.at("version"), "https://wiki.example/first"));
  EXPECT_NE(changed.at("version"), made.at("version"));
  EXPECT_EQ(show(id).at("version"), changed.at("version"));
  EXPECT_EQ(refused(applications_, &Api::edit, put(made.at("version"), "https://wiki.example/second")),
            kChangedMeanwhile.name());
  EXPECT_EQ(refused(applications_, &Api::edit, put(7, "https://wiki.example/second")), "json.wrong_type");
  EXPECT_EQ(show(id).at("redirect_uris").at(0), "https://wiki.example/first");
  sent(applications_, &Api::edit, put(changed.at("version"), "https://wiki.example/second"));
  EXPECT_EQ(show(id).at("redirect_uris").at(0), "https://wiki.example/second");
  // Use and secrets are no settings: they do not stand in an administrator's way.
  give(id, contoso_.employee);
  const auto version = show(id).at("version");
  sent(applications_, &Api::add_secret, {.name = id});
  EXPECT_EQ(show(id).at("version"), version);
  EXPECT_EQ(refused(applications_, &Api::create, {.body = R"({"kind":"web","name":"a","version":"x"})"}),
            "api.bad_body");
}

TEST_F(ApplicationsApiTest, ListsOwnOnesAndThoseOfAllAccounts) {
  create(R"({"kind":"web","name":"Wiki"})");
  create(R"({"kind":"web","name":"Mail"})");
  sent(applications_, &Api::create, {.body = R"({"kind":"web","name":"Theirs"})", .from = &stranger_});
  const directory::Application portal = write([&](storage::Transaction& transaction) {
    return directory::create_application(transaction, {.settings = {.name = "Portal"}}, kSupport, kNow);
  });
  std::vector<std::string> names;
  const auto listed = sent(applications_, &Api::applications);
  for (const auto& application : listed.at("applications").as_array())
    names.emplace_back(application.at("name").as_string());
  EXPECT_THAT(names, ElementsAre("Mail", "Wiki", "Portal"));
  EXPECT_EQ(show(portal.client_id).at("of_all_accounts"), true);
  for (const auto handler : {&Api::remove, &Api::add_secret})
    EXPECT_EQ(refused(applications_, handler, {.name = portal.client_id}), "directory.support_only");
  EXPECT_EQ(refused(applications_, &Api::edit, {.name = portal.client_id, .body = "{}"}),
            "directory.support_only");
}

TEST_F(ApplicationsApiTest, EveryIdOfAnotherAccountIsUnknown) {
  const auto made = create();
  const std::string id = id_of(made);
  const std::string secret(made.at("secret").at("id").as_string());
  const directory::Grant grant = give(id, contoso_.employee);
  const std::string gone(directory::kNoApplication.name());
  for (const auto handler : {&Api::application, &Api::remove, &Api::add_secret, &Api::users, &Api::usage})
    EXPECT_EQ(refused(applications_, handler, {.name = id, .from = &stranger_}), gone);
  EXPECT_EQ(refused(applications_, &Api::edit, {.name = id, .body = "{}", .from = &stranger_}), gone);
  EXPECT_EQ(refused_below(&Api::remove_secret, id, "secret", secret, &stranger_), gone);
  EXPECT_EQ(refused_below(&Api::end_usage, id, "grant", grant.public_id, &stranger_), gone);
  const std::string nobody(directory::kNoEmployee.name());
  const std::string ben = contoso_.employee.public_id;
  for (const auto handler :
       {&Api::applications_of_employee, &Api::grants_of_employee, &Api::sign_out_everywhere})
    EXPECT_EQ(refused(applications_, handler, {.name = ben, .from = &stranger_}), nobody);
  EXPECT_EQ(refused_below(&Api::end_grant_of_employee, ben, "grant", grant.public_id, &stranger_), nobody);
  EXPECT_EQ(refused_below(&Api::end_grant_of_employee, fabrikam_.employee.public_id, "grant", grant.public_id,
                          &stranger_),
            "directory.no_grant");
  EXPECT_EQ(grants_of(contoso_.employee).size(), 1u);
  EXPECT_EQ(show(id).at("secrets").as_array().size(), 1u);
}

TEST_F(ApplicationsApiTest, TwoSecretsForRotation) {
  const auto made = create();
  const std::string id = id_of(made);
  const auto second = sent(applications_, &Api::add_secret, {.name = id});
  EXPECT_TRUE(second.at("value").as_string().starts_with("dws_"));
  EXPECT_EQ(second.at("created_at").as_string(), format_rfc3339(kNow));
  EXPECT_EQ(refused(applications_, &Api::add_secret, {.name = id}),
            directory::kTooManyApplicationSecrets.name());
  const std::string first(made.at("secret").at("id").as_string());
  const auto removed = must(send_below(&Api::remove_secret, id, "secret", first));
  EXPECT_EQ(removed.status, http::Status::NoContent);
  EXPECT_EQ(refused_below(&Api::remove_secret, id, "secret", first), "directory.no_application_secret");
  EXPECT_EQ(show(id).at("secrets").at(0).at("id"), second.at("id"));
}

TEST_F(ApplicationsApiTest, ShowsWhoUsesItAndEndsThat) {
  const std::string wiki = id_of(create());
  const std::string mail = id_of(create(R"({"kind":"web","name":"Mail"})"));
  const directory::Grant grant = give(wiki, contoso_.employee);
  const auto used = sent(applications_, &Api::usage, {.name = wiki}).at("grants").as_array();
  ASSERT_EQ(used.size(), 1u);
  EXPECT_EQ(used[0].at("id").as_string(), grant.public_id);
  EXPECT_EQ(used[0].at("employee").at("id").as_string(), contoso_.employee.public_id);
  EXPECT_EQ(used[0].at("employee").at("name"), "ben@contoso.example");
  EXPECT_EQ(used[0].at("device"), "Phone");
  EXPECT_EQ(used[0].at("last_used_at").as_string(), format_rfc3339(kNow));
  EXPECT_EQ(show(wiki).at("last_used_at").as_string(), format_rfc3339(kNow));
  EXPECT_EQ(refused_below(&Api::end_usage, mail, "grant", grant.public_id), "directory.no_grant")
      << "another application's";
  EXPECT_EQ(refused_below(&Api::end_usage, wiki, "grant", grant.public_id), "");
  EXPECT_EQ(refused_below(&Api::end_usage, wiki, "grant", grant.public_id), "directory.no_grant");
  EXPECT_TRUE(sent(applications_, &Api::usage, {.name = wiki}).at("grants").as_array().empty());
}

TEST_F(ApplicationsApiTest, TellsWhoUsedWhatWhenItIsOver) {
  const std::string wiki = id_of(create());
  EXPECT_EQ(sent(applications_, &Api::users, {.name = wiki}).at("total"), 0);
  const directory::Grant grant = give(wiki, contoso_.employee);
  EXPECT_EQ(refused_below(&Api::end_usage, wiki, "grant", grant.public_id), "");
  const auto told = sent(applications_, &Api::users, {.name = wiki});
  EXPECT_EQ(told.at("total"), 1);
  const auto& user = told.at("users").at(0);
  EXPECT_EQ(user.at("employee").at("id").as_string(), contoso_.employee.public_id);
  EXPECT_EQ(user.at("employee").at("active"), true);
  EXPECT_EQ(user.at("first_used_at").as_string(), format_rfc3339(kNow));
  EXPECT_EQ(user.at("last_used_at").as_string(), format_rfc3339(kNow));
  EXPECT_EQ(user.at("signed_in"), false);
  EXPECT_FALSE(show(wiki).at("last_used_at").is_null());
  const auto of_ben =
      sent(applications_, &Api::applications_of_employee, {.name = contoso_.employee.public_id});
  ASSERT_EQ(of_ben.at("applications").as_array().size(), 1u);
  EXPECT_EQ(of_ben.at("applications").at(0).at("application").at("client_id").as_string(), wiki);
  EXPECT_EQ(of_ben.at("applications").at(0).at("signed_in"), false);
  EXPECT_TRUE(sent(applications_, &Api::applications_of_employee, {.name = contoso_.administrator.public_id})
                  .at("applications")
                  .as_array()
                  .empty());
}

TEST_F(ApplicationsApiTest, SignsAnEmployeeOutThereOrEverywhere) {
  const std::string wiki = id_of(create());
  const directory::Grant first = give(wiki, contoso_.employee);
  give(wiki, contoso_.employee);
  const auto listed = grants_of(contoso_.employee);
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].at("application").at("client_id").as_string(), wiki);
  EXPECT_EQ(listed[0].at("application").at("name"), "Wiki");
  EXPECT_EQ(listed[0].at("application").at("kind"), "web");
  EXPECT_EQ(
      refused_below(&Api::end_grant_of_employee, contoso_.administrator.public_id, "grant", first.public_id),
      "directory.no_grant")
      << "somebody else's";
  EXPECT_EQ(refused_below(&Api::end_grant_of_employee, contoso_.employee.public_id, "grant", first.public_id),
            "");
  EXPECT_EQ(grants_of(contoso_.employee).size(), 1u);
  const auto ended = sent(applications_, &Api::sign_out_everywhere, {.name = contoso_.employee.public_id});
  EXPECT_EQ(ended.at("sessions"), 1);
  EXPECT_EQ(ended.at("grants"), 1);
  EXPECT_TRUE(grants_of(contoso_.employee).empty());
  EXPECT_EQ(refused(applications_, &Api::applications, {.from = &employee_}), "session.none")
      << "their browser too";
}

TEST_F(ApplicationsApiTest, DeletesOne) {
  const std::string id = id_of(create());
  give(id, contoso_.employee);
  const auto removed = must(send(applications_, &Api::remove, {.name = id}));
  EXPECT_EQ(removed.status, http::Status::NoContent);
  EXPECT_TRUE(removed.body.empty());
  EXPECT_EQ(refused(applications_, &Api::application, {.name = id}), directory::kNoApplication.name());
  EXPECT_TRUE(grants_of(contoso_.employee).empty());
}

}  // namespace
}  // namespace doorward::console
