#include "directory/webhooks.h"

#include <algorithm>

#include "directory_test.h"

namespace doorward::directory {
namespace {

class WebhooksTest : public DirectoryTest {
 protected:
  Webhook add(const NewWebhook& webhook) {
    return write([&](storage::Transaction& transaction) {
      return create_webhook(transaction, sealer_, webhook, secret_, kAdministrator, kNow);
    });
  }
  Webhook add(std::string url = "https://hooks.example/a", std::vector<std::string> types = {}) {
    return add({.account = account_.id, .url = std::move(url), .event_types = std::move(types)});
  }
  std::string refusal_to_add(std::string_view url, std::vector<std::string> types = {}) {
    return refusal_of([&](storage::Transaction& transaction) {
      return create_webhook(
          transaction, sealer_,
          {.account = account_.id, .url = std::string(url), .event_types = std::move(types)}, secret_,
          kAdministrator, kNow);
    });
  }
  std::vector<Webhook> list(const Account& account) {
    return read([&](storage::Transaction& transaction) { return list_webhooks(transaction, account.id); });
  }
  /// Of the account's first webhook.
  std::vector<std::string> secrets_at(Timestamp now) {
    std::vector<std::string> shown;
    const auto secrets = open_webhook_secrets(sealer_, list(account_).at(0), now);
    for (const crypto::Secret& secret : secrets.value())
      shown.emplace_back(secret.reveal());
    return shown;
  }
  AuditEntry last_audit() {
    return read([&](storage::Transaction& transaction) {
             return list_audit(transaction, account_.id, std::nullopt, 1);
           })
        .at(0);
  }

  crypto::Sealer sealer_{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'k'))};
  crypto::Secret secret_{std::string(kWebhookSecretLength, 's')};
  Account account_ = add_account("contoso");
};

TEST_F(WebhooksTest, WhatWasMadeIsListedAndItsSecretOpens) {
  const Webhook made =
      add("HTTPS://Hooks.example:443/a?x=1", {"group.created", "employee.*", "group.created"});
  EXPECT_EQ(made.url, "https://hooks.example/a?x=1");
  EXPECT_EQ(made.event_types, (std::vector<std::string>{"employee.*", "group.created"}));
  EXPECT_TRUE(made.active);
  EXPECT_EQ(made.created_by, "ada@contoso.com");
  EXPECT_EQ(list(account_).at(0).public_id, made.public_id);
  EXPECT_EQ(secrets_at(kNow), std::vector{std::string(secret_.reveal())});
  EXPECT_EQ(made.sealed_secret.find(std::string(secret_.reveal())), std::string::npos);
  // Another row's secret does not open in this one's place.
  Webhook swapped = add();
  swapped.sealed_secret = made.sealed_secret;
  EXPECT_FALSE(open_webhook_secrets(sealer_, swapped, kNow));
}

TEST_F(WebhooksTest, ForADayTheOldSecretSignsAsWell) {
  const Webhook made = add();
  const auto rotate = [&](char letter, Timestamp now) {
    return write([&](storage::Transaction& transaction) {
      return rotate_webhook_secret(transaction, sealer_, account_.id, made.public_id,
                                   crypto::Secret(std::string(kWebhookSecretLength, letter)), kAdministrator,
                                   now);
    });
  };
  const std::string first(secret_.reveal());
  const std::string second(kWebhookSecretLength, '2');
  const std::string third(kWebhookSecretLength, '3');
  EXPECT_EQ(rotate('2', kNow).old_secret_until, kNow + kOldSecretLasts);
  EXPECT_EQ(last_audit().action, "webhook.secret_rotated");
  EXPECT_EQ(secrets_at(kNow), (std::vector{second, first}));
  EXPECT_EQ(secrets_at(kNow + kOldSecretLasts - std::chrono::milliseconds(1)), (std::vector{second, first}));
  EXPECT_EQ(secrets_at(kNow + kOldSecretLasts), std::vector{second});
  // Two at most: who changes it twice wants to be rid of the first.
  rotate('3', kNow + std::chrono::hours(1));
  EXPECT_EQ(secrets_at(kNow + std::chrono::hours(2)), (std::vector{third, second}));
}

TEST_F(WebhooksTest, OnlyItsOwnAccountRotatesASecret) {
  const Webhook made = add();
  const Account other = add_account("fabrikam");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return rotate_webhook_secret(transaction, sealer_, other.id, made.public_id, secret_,
                                           kAdministrator, kNow);
            }),
            "directory.no_webhook");
  EXPECT_FALSE(list(account_).at(0).old_secret_until);
}

TEST_F(WebhooksTest, TheAuditShowsWhereButNoSecretOfTheAddress) {
  add("https://hooks.example/services/T0000/secret");
  EXPECT_EQ(last_audit().action, "webhook.created");
  EXPECT_EQ(last_audit().details.at("origin").as_string(), "https://hooks.example");
  EXPECT_EQ(json::serialize(last_audit().details).find("secret"), std::string::npos);
}

TEST_F(WebhooksTest, OnlyHttpsAndLoopbackAreAddresses) {
  EXPECT_EQ(refusal_to_add("http://127.0.0.1:9000/hook"), "");
  for (const char* url :
       {"http://hooks.example/", "ftp://hooks.example/", "hooks.example", "", "https://bob:pw@hooks.example/",
        "https://hooks.example/#here", "https:///x", "https://hooks.example/\r\nX: y"}) {
    EXPECT_EQ(refusal_to_add(url), "directory.webhook_url") << url;
  }
  EXPECT_EQ(refusal_to_add("https://hooks.example/" + std::string(4000, 'a')), "directory.webhook_url");
}

TEST_F(WebhooksTest, EventTypesMustExist) {
  EXPECT_EQ(refusal_to_add("https://hooks.example/", {"employee.created", "sign_in.*"}), "");
  for (const char* type : {"employee.promoted", "employee", "*", ".*", "employee.*.*", "employee.created x",
                           "", "EMPLOYEE.CREATED", "emp.*"}) {
    EXPECT_EQ(refusal_to_add("https://hooks.example/", {type}), "directory.webhook_event_type") << type;
  }
}

TEST_F(WebhooksTest, WantsWhatItNames) {
  Webhook webhook = add();
  EXPECT_TRUE(webhook.wants("employee.created")) << "everything, when it names nothing";
  webhook.event_types = {"employee.*", "sso.enabled"};
  EXPECT_TRUE(webhook.wants("employee.deleted"));
  EXPECT_TRUE(webhook.wants("sso.enabled"));
  EXPECT_FALSE(webhook.wants("sso.disabled"));
  EXPECT_FALSE(webhook.wants("employees.deleted"));
}

TEST_F(WebhooksTest, AnAccountHasOnlySoMany) {
  for (int number = 0; number < kMaxWebhooks; ++number)
    add();
  EXPECT_EQ(refusal_to_add("https://hooks.example/"), "directory.too_many_webhooks");
}

TEST_F(WebhooksTest, ChangesAreWrittenDownOnce) {
  const Webhook made = add();
  const auto update = [&](std::string_view url, const std::vector<std::string>& types, bool active) {
    return write([&](storage::Transaction& transaction) {
      return update_webhook(transaction, account_.id, made.public_id, url, types, active, kAdministrator,
                            kNow);
    });
  };
  const Webhook changed = update("https://other.example/b", {"sso.*"}, false);
  EXPECT_EQ(changed.url, "https://other.example/b");
  EXPECT_FALSE(changed.active);
  EXPECT_FALSE(list(account_).at(0).active);
  EXPECT_EQ(last_audit().action, "webhook.updated");
  const std::int64_t entries = count("SELECT count(*) FROM audit");
  update("https://other.example/b", {"sso.*"}, false);
  EXPECT_EQ(count("SELECT count(*) FROM audit"), entries);
}

TEST_F(WebhooksTest, SwitchedOffByItsReceiverItSaysWhy) {
  const Webhook made = add();
  const auto switch_off = [&] {
    write([&](storage::Transaction& transaction) {
      return switch_off_webhook(transaction, account_.id, made.id, "410 Gone", kNow);
    });
  };
  switch_off();
  EXPECT_FALSE(list(account_).at(0).active);
  EXPECT_EQ(last_audit().action, "webhook.switched_off");
  EXPECT_EQ(last_audit().actor.kind, ActorKind::System);
  const std::int64_t entries = count("SELECT count(*) FROM audit");
  switch_off();
  EXPECT_EQ(count("SELECT count(*) FROM audit"), entries);
}

TEST_F(WebhooksTest, AnotherAccountsStaysAsItIs) {
  const Account other = add_account("fabrikam");
  const Webhook made = add();
  const auto refused = [&](auto body) { EXPECT_EQ(refusal_of(body), "directory.no_webhook"); };
  refused(
      [&](storage::Transaction& transaction) { return load_webhook(transaction, other.id, made.public_id); });
  refused([&](storage::Transaction& transaction) {
    return delete_webhook(transaction, other.id, made.public_id, kAdministrator, kNow);
  });
  refused([&](storage::Transaction& transaction) {
    return update_webhook(transaction, other.id, made.public_id, "https://evil.example/", {}, true,
                          kAdministrator, kNow);
  });
  write([&](storage::Transaction& transaction) {
    return switch_off_webhook(transaction, other.id, made.id, "410 Gone", kNow);
  });
  EXPECT_FALSE(
      read([&](storage::Transaction& transaction) { return find_webhook(transaction, other.id, made.id); }));
  EXPECT_TRUE(list(other).empty());
  EXPECT_TRUE(list(account_).at(0).active);
  write([&](storage::Transaction& transaction) {
    return delete_webhook(transaction, account_.id, made.public_id, kAdministrator, kNow);
  });
  EXPECT_TRUE(list(account_).empty());
}

}  // namespace
}  // namespace doorward::directory
