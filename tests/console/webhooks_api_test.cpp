#include "console/webhooks_api.h"

#include "console/console_test.h"
#include "directory/deliveries.h"
#include "directory/webhooks.h"

namespace doorward::console {
namespace {

class WebhooksApiTest : public ConsoleTest {
 protected:
  json::Object add(
      const std::string& body = R"({"url":"https://hooks.example/a","event_types":["group.*"]})") {
    return sent(webhooks_, &WebhooksApi::create, {.body = body});
  }
  static std::string id_of(const json::Object& object) { return std::string(object.at("id").as_string()); }
  std::string replay(const std::string& id, const http::Request* from = nullptr) {
    return refused(webhooks_, &WebhooksApi::replay, {.name = id, .body = "{}", .from = from});
  }

  crypto::Sealer sealer_{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'k'))};
  WebhooksApi webhooks_{{*database_, clock_, sessions_}, sealer_};
  http::Request foreigner_ = request_of(fabrikam_.account, fabrikam_.administrator);
};

TEST_F(WebhooksApiTest, IsForAdministrators) {
  expect_for_administrators_only(
      webhooks_, {&WebhooksApi::webhooks, &WebhooksApi::create, &WebhooksApi::webhook, &WebhooksApi::update,
                  &WebhooksApi::remove, &WebhooksApi::rotate, &WebhooksApi::test, &WebhooksApi::deliveries,
                  &WebhooksApi::replay});
}

TEST_F(WebhooksApiTest, TheSecretIsShownOnceAndOpensTheSignature) {
  const json::Object made = add();
  const std::string secret(made.at("secret").as_string());
  const auto stored = read([&](storage::Transaction& transaction) {
    return directory::load_webhook(transaction, contoso_.account.id, id_of(made));
  });
  const auto signing = must(directory::open_webhook_secrets(sealer_, stored, kNow));
  EXPECT_EQ(directory::shown_webhook_secret(signing.at(0)).reveal(), secret);
  for (const json::Object& shown :
       {sent(webhooks_, &WebhooksApi::webhook, {.name = id_of(made)}),
        sent(webhooks_, &WebhooksApi::webhooks).at("webhooks").as_array().at(0).as_object()}) {
    EXPECT_FALSE(shown.contains("secret"));
    EXPECT_EQ(shown.at("url").as_string(), "https://hooks.example/a");
    EXPECT_EQ(shown.at("event_types"), json::Value(json::Array{"group.*"}));
    EXPECT_EQ(shown.at("created_by").as_string(), "ada@contoso.example");
    EXPECT_EQ(shown.at("created_at").as_string(), format_rfc3339(kNow));
  }
}

TEST_F(WebhooksApiTest, ANewSecretIsShownOnceAndTheOldOneStaysForADay) {
  const json::Object made = add();
  EXPECT_TRUE(made.at("old_secret_until").is_null());
  const json::Object rotated = sent(webhooks_, &WebhooksApi::rotate, {.name = id_of(made), .body = "{}"});
  EXPECT_NE(rotated.at("secret"), made.at("secret"));
  EXPECT_EQ(rotated.at("version"), made.at("version")) << "an open form can still be saved";
  const json::Object shown = sent(webhooks_, &WebhooksApi::webhook, {.name = id_of(made)});
  EXPECT_FALSE(shown.contains("secret"));
  EXPECT_EQ(shown.at("old_secret_until").as_string(), format_rfc3339(kNow + directory::kOldSecretLasts));
}

TEST_F(WebhooksApiTest, RefusesWhatItDoesNotUnderstand) {
  const auto create = [&](std::string body) {
    return refused(webhooks_, &WebhooksApi::create, {.body = std::move(body)});
  };
  EXPECT_EQ(create(R"({"url":"http://hooks.example/"})"), "directory.webhook_url");
  EXPECT_EQ(create(R"({"url":"https://hooks.example/","event_types":["x"]})"),
            "directory.webhook_event_type");
  EXPECT_EQ(create(R"({"url":"https://hooks.example/","event_types":"x"})"), "api.invalid_event_types");
  EXPECT_EQ(create(R"({"url":"https://hooks.example/","event_types":[7]})"), "api.invalid_event_types");
  EXPECT_NE(create(R"({"url":7})"), "");
  EXPECT_NE(create(R"({})"), "");
  EXPECT_NE(create(R"({"url":"https://hooks.example/","secret":"mine"})"), "");
  EXPECT_TRUE(sent(webhooks_, &WebhooksApi::webhooks).at("webhooks").as_array().empty());
}

TEST_F(WebhooksApiTest, ChangesAndDeletes) {
  const std::string id = id_of(add());
  const std::string body = R"({"url":"https://other.example/","event_types":[],"active":false})";
  const auto changed = sent(webhooks_, &WebhooksApi::update, {.name = id, .body = body});
  EXPECT_FALSE(changed.at("active").as_bool());
  EXPECT_TRUE(changed.at("event_types").as_array().empty());
  EXPECT_EQ(refused(webhooks_, &WebhooksApi::test, {.name = id, .body = "{}"}), "directory.webhook_off");
  sent(webhooks_, &WebhooksApi::remove, {.name = id});
  EXPECT_EQ(refused(webhooks_, &WebhooksApi::webhook, {.name = id}), "directory.no_webhook");
}

TEST_F(WebhooksApiTest, DeliveriesShowWhatBecameOfThemAndCanBeReplayed) {
  const std::string id = id_of(add());
  for (int number = 0; number < 2; ++number)
    sent(webhooks_, &WebhooksApi::test, {.name = id, .body = "{}"});
  const auto page = sent(webhooks_, &WebhooksApi::deliveries, {.name = id, .query = "limit=1"});
  const auto rest = sent(webhooks_, &WebhooksApi::deliveries,
                         {.name = id, .query = "before=" + std::to_string(page.at("next").as_int64())});
  ASSERT_EQ(rest.at("deliveries").as_array().size(), 1u);
  const json::Object delivery = page.at("deliveries").as_array().at(0).as_object();
  EXPECT_EQ(delivery.at("event").at("type").as_string(), "webhook.test");
  EXPECT_EQ(delivery.at("event").at("subject").as_string(), contoso_.account.public_id);
  EXPECT_EQ(delivery.at("state").as_string(), "waiting");
  EXPECT_TRUE(delivery.at("last_at").is_null());
  write([&](storage::Transaction& transaction) -> Result<void> {
    const auto webhook = directory::load_webhook(transaction, contoso_.account.id, id);
    ASSIGN_OR_RETURN(
        const auto claimed,
        directory::claim_deliveries(transaction, {.account = contoso_.account.id, .webhook = webhook->id},
                                    kNow, kNow, 9));
    for (const auto& each : claimed) {
      RETURN_IF_ERROR(directory::record_delivery(transaction, each.account, each.id,
                                                 {.status = 404, .problem = "The receiver answered 404."},
                                                 kNow));
    }
    return {};
  });
  EXPECT_EQ(sent(webhooks_, &WebhooksApi::webhook, {.name = id}).at("dead").as_int64(), 2);
  EXPECT_EQ(replay(id_of(delivery)), "");
  const auto after = sent(webhooks_, &WebhooksApi::webhook, {.name = id});
  EXPECT_EQ(after.at("dead").as_int64(), 1);
  EXPECT_EQ(after.at("waiting").as_int64(), 1);
  EXPECT_EQ(replay("unknown"), "directory.no_delivery");
  EXPECT_EQ(replay(id_of(delivery), &foreigner_), "directory.no_delivery");
}

TEST_F(WebhooksApiTest, AnotherAccountsIsNotThere) {
  const std::string id = id_of(add());
  const std::string body = R"({"url":"https://evil.example/","event_types":[],"active":true})";
  for (const auto handler : {&WebhooksApi::webhook, &WebhooksApi::remove, &WebhooksApi::rotate,
                             &WebhooksApi::test, &WebhooksApi::deliveries}) {
    EXPECT_EQ(refused(webhooks_, handler, {.name = id, .from = &foreigner_}), "directory.no_webhook");
  }
  EXPECT_EQ(refused(webhooks_, &WebhooksApi::update, {.name = id, .body = body, .from = &foreigner_}),
            "directory.no_webhook");
  EXPECT_TRUE(
      sent(webhooks_, &WebhooksApi::webhooks, {.from = &foreigner_}).at("webhooks").as_array().empty());
}

}  // namespace
}  // namespace doorward::console
