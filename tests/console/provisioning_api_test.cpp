#include "console/provisioning_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/audit.h"
#include "directory/provisioning_tokens.h"

namespace doorward::console {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kToken = R"({"name":"Entra"})";
constexpr const char* kSettings =
    R"({"departments":"create","brakeCount":5,"brakePercent":0,"logDays":7,"logPersonalData":true})";

class ProvisioningApiTest : public ConsoleTest {
 protected:
  std::string create(const char* body = kToken) {
    const auto made = sent(provisioning_, &ProvisioningApi::create_token, {.body = body});
    return std::string(made.at("token").at("id").as_string());
  }
  std::vector<directory::ProvisioningToken> stored(const directory::Account& account) {
    return read([&](storage::Transaction& transaction) {
      return directory::list_provisioning_tokens(transaction, account.id);
    });
  }

  ProvisioningApi provisioning_{{*database_, clock_, sessions_}, "https://sso.portal.example"};
};

TEST_F(ProvisioningApiTest, IsForAdministrators) {
  expect_for_administrators_only(
      provisioning_,
      {&ProvisioningApi::tokens, &ProvisioningApi::create_token, &ProvisioningApi::revoke_token,
       &ProvisioningApi::settings, &ProvisioningApi::save_settings, &ProvisioningApi::attributes,
       &ProvisioningApi::declare_attribute, &ProvisioningApi::remove_attribute});
}

TEST_F(ProvisioningApiTest, ASecretIsAnsweredOnce) {
  const auto response = must(send(provisioning_, &ProvisioningApi::create_token,
                                  {.body = R"({"name":"Entra","scope":"users","expiresInDays":90})"}));
  EXPECT_EQ(response.status, http::Status::Created);
  const auto made = must(json::parse(response.body));
  const std::string secret(made.at("secret").as_string());
  EXPECT_THAT(secret, StartsWith("scim_" + contoso_.account.public_id + "."));
  EXPECT_EQ(made.at("tenantUrl").as_string(), "https://sso.portal.example/scim/v2");
  EXPECT_EQ(made.at("token").at("scope").as_string(), "users");
  EXPECT_EQ(made.at("token").at("expiresAt").as_string(), format_rfc3339(kNow + std::chrono::days(90)));
  const auto bearer = read([&](storage::Transaction& transaction) {
    return directory::find_bearer(transaction, *directory::ProvisioningSecret::parse(secret));
  });
  ASSERT_TRUE(bearer);
  EXPECT_EQ(bearer->account.id, contoso_.account.id);

  const auto list = sent(provisioning_, &ProvisioningApi::tokens);
  EXPECT_THAT(json::serialize(list), Not(HasSubstr(secret.substr(secret.find('.') + 1))));
  EXPECT_EQ(list.at("tokens").as_array().size(), 1U);
  EXPECT_TRUE(list.at("tokens").at(0).at("lives").as_bool());
  EXPECT_TRUE(list.at("planAllows").as_bool());
  const auto audit = read([&](storage::Transaction& transaction) {
    return directory::list_audit(transaction, contoso_.account.id, std::nullopt, 1);
  });
  EXPECT_EQ(audit.at(0).actor.name, "ada@contoso.example");
}

TEST_F(ProvisioningApiTest, AThirdLivingTokenIsRefused) {
  const std::string first = create();
  create();
  EXPECT_EQ(refused(provisioning_, &ProvisioningApi::create_token, {.body = kToken}),
            "directory.too_many_tokens");
  sent(provisioning_, &ProvisioningApi::revoke_token, {.name = first});
  EXPECT_EQ(refused(provisioning_, &ProvisioningApi::create_token, {.body = kToken}), "");
}

TEST_F(ProvisioningApiTest, APlanWithoutProvisioningIsRefused) {
  write([&](storage::Transaction& transaction) {
    return directory::set_plan(transaction, contoso_.account.id, directory::Plan::Free, kSupport, kNow);
  });
  const auto outcome = send(provisioning_, &ProvisioningApi::create_token, {.body = kToken});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::Refused);
  EXPECT_THAT(outcome.error().message, HasSubstr("plan"));
  EXPECT_FALSE(sent(provisioning_, &ProvisioningApi::tokens).at("planAllows").as_bool());
}

TEST_F(ProvisioningApiTest, RevokesItsOwnTokensOnly) {
  const std::string own = create();
  EXPECT_EQ(refused(provisioning_, &ProvisioningApi::revoke_token, {.name = "nothing"}),
            "directory.no_token");
  const auto other = request_of(fabrikam_.account, fabrikam_.administrator);
  EXPECT_EQ(refused(provisioning_, &ProvisioningApi::revoke_token, {.name = own, .from = &other}),
            "directory.no_token");
  EXPECT_TRUE(stored(contoso_.account).at(0).lives(kNow));
  sent(provisioning_, &ProvisioningApi::revoke_token, {.name = own});
  EXPECT_FALSE(stored(contoso_.account).at(0).lives(kNow));
  // Once more is no error: the token is as dead as it was.
  sent(provisioning_, &ProvisioningApi::revoke_token, {.name = own});
}

TEST_F(ProvisioningApiTest, RefusesTokensThatMakeNoSense) {
  for (const char* body : {R"({"scope":"everything"})", R"({"scope":1})", R"({"expiresInDays":0})",
                           R"({"expiresInDays":"90"})", R"({"expiresInDays":3651})", R"({"name":7})", "[]"})
    EXPECT_NE(refused(provisioning_, &ProvisioningApi::create_token, {.body = body}), "") << body;
  EXPECT_TRUE(stored(contoso_.account).empty());
}

TEST_F(ProvisioningApiTest, KeepsSettings) {
  const auto before = sent(provisioning_, &ProvisioningApi::settings);
  EXPECT_EQ(before.at("departments").as_string(), "match");
  EXPECT_EQ(before.at("brakeCount").as_int64(), 20);
  const auto saved = sent(provisioning_, &ProvisioningApi::save_settings, {.body = kSettings});
  EXPECT_EQ(saved, sent(provisioning_, &ProvisioningApi::settings));
  EXPECT_EQ(saved.at("departments").as_string(), "create");
  EXPECT_TRUE(saved.at("logPersonalData").as_bool());
  const auto other = request_of(fabrikam_.account, fabrikam_.administrator);
  EXPECT_EQ(sent(provisioning_, &ProvisioningApi::settings, {.from = &other}), before);
}

TEST_F(ProvisioningApiTest, RefusesSettingsThatMakeNoSense) {
  const json::Object whole = must(json::parse(kSettings)).as_object();
  const std::vector<std::pair<const char*, json::Value>> wrong = {{"departments", "elsewhere"},
                                                                  {"brakeCount", 0},
                                                                  {"brakePercent", 101},
                                                                  {"logDays", 0},
                                                                  {"logDays", 401},
                                                                  {"logDays", nullptr},
                                                                  {"logPersonalData", "no"},
                                                                  {"brakeCount", 1.5},
                                                                  {"departments", nullptr},
                                                                  {"brakeCount", "five"}};
  for (const auto& [name, value] : wrong) {
    json::Object body = whole;
    body[name] = value;
    EXPECT_NE(refused(provisioning_, &ProvisioningApi::save_settings, {.body = json::serialize(body)}), "")
        << name << json::serialize(value);
  }
  EXPECT_EQ(sent(provisioning_, &ProvisioningApi::settings).at("brakeCount").as_int64(), 20);
}

TEST_F(ProvisioningApiTest, DeclaresAndRemovesAttributes) {
  sent(provisioning_, &ProvisioningApi::declare_attribute,
       {.body = R"({"name":"badgeNumber","type":"string","description":"At the door"})"});
  const auto list = sent(provisioning_, &ProvisioningApi::attributes);
  EXPECT_EQ(list.at("attributes").at(0).at("description").as_string(), "At the door");
  EXPECT_FALSE(list.at("attributes").at(0).at("multiValued").as_bool());
  for (const char* body :
       {R"({"name":"BADGENUMBER","type":"string"})", R"({"name":"7th","type":"string"})",
        R"({"name":"other","type":"text"})", R"({"type":"string"})", R"({"name":"other"})"})
    EXPECT_NE(refused(provisioning_, &ProvisioningApi::declare_attribute, {.body = body}), "") << body;
  sent(provisioning_, &ProvisioningApi::remove_attribute, {.name = "badgeNumber"});
  EXPECT_TRUE(sent(provisioning_, &ProvisioningApi::attributes).at("attributes").as_array().empty());
  EXPECT_NE(refused(provisioning_, &ProvisioningApi::remove_attribute, {.name = "badgeNumber"}), "");
}

}  // namespace
}  // namespace doorward::console
