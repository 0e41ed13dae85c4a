#include "directory/deliveries.h"

#include <algorithm>

#include "directory/event_types.h"
#include "directory_test.h"
#include "watched_transaction.h"

namespace doorward::directory {
namespace {

using std::chrono::seconds;

class DeliveriesTest : public DirectoryTest {
 protected:
  Webhook add_webhook(const Account& account, std::vector<std::string> types = {},
                      std::string url = "https://hooks.example/a") {
    return write([&](storage::Transaction& transaction) {
      return create_webhook(transaction, sealer_,
                            {.account = account.id, .url = std::move(url), .event_types = std::move(types)},
                            crypto::Secret(std::string(kWebhookSecretLength, 's')), kAdministrator, kNow);
    });
  }
  void append(const Account& account, std::string_view type, Timestamp now = kNow) {
    write([&](storage::Transaction& transaction) {
      return append_event(transaction, account.id, type, "subject", {}, now);
    });
  }
  void log_out(const Account& account, ApplicationId application, std::string_view subject,
               Timestamp now = kNow) {
    write([&](storage::Transaction& transaction) {
      return queue_logout(transaction, account.id, application, subject, "", now);
    });
  }
  std::vector<WaitingRecipient> recipients() {
    return read([](storage::Transaction& transaction) { return list_waiting_recipients(transaction); });
  }
  std::vector<Delivery> claim(const Recipient& recipient, Timestamp now = kNow, int limit = 10) {
    return write([&](storage::Transaction& transaction) {
      return claim_deliveries(transaction, recipient, now, now + seconds(60), limit);
    });
  }
  void record(const Delivery& delivery, const DeliveryOutcome& outcome, Timestamp now = kNow) {
    write([&](storage::Transaction& transaction) {
      return record_delivery(transaction, delivery.account, delivery.id, outcome, now);
    });
  }
  std::vector<ListedDelivery> list(const Webhook& webhook, std::optional<DeliveryId> before = {},
                                   int limit = 50) {
    return read([&](storage::Transaction& transaction) {
      return list_deliveries(transaction, webhook.account, webhook.id, before, limit);
    });
  }
  DeliveryCounts counts(const Webhook& webhook) {
    return read([&](storage::Transaction& transaction) {
      return count_deliveries(transaction, webhook.account, webhook.id);
    });
  }
  std::vector<AuditEntry> access_ended() {
    auto entries = read([&](storage::Transaction& transaction) {
      return list_audit(transaction, account_.id, std::nullopt, 100);
    });
    std::erase_if(entries, [](const AuditEntry& entry) { return entry.action != "employee.access_ended"; });
    return entries;
  }
  static Recipient to(const Webhook& webhook) { return {.account = webhook.account, .webhook = webhook.id}; }

  crypto::Sealer sealer_{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'k'))};
  Account account_ = add_account("contoso");
};

TEST_F(DeliveriesTest, EveryActiveWebhookThatWantsItGetsTheEvent) {
  const Account other = add_account("fabrikam");
  const Webhook all = add_webhook(account_);
  const Webhook sso = add_webhook(account_, {"sso.*"});
  const Webhook off = add_webhook(account_);
  const Webhook foreign = add_webhook(other);
  write([&](storage::Transaction& transaction) {
    return update_webhook(transaction, account_.id, off.public_id, off.url, {}, false, kAdministrator, kNow);
  });
  append(account_, "group.created");
  append(account_, "sso.enabled");
  EXPECT_EQ(list(all).size(), 2u);
  ASSERT_EQ(list(sso).size(), 1u);
  EXPECT_EQ(list(sso)[0].event_type, "sso.enabled");
  EXPECT_EQ(list(sso)[0].event_subject, "subject");
  EXPECT_TRUE(list(off).empty());
  EXPECT_TRUE(list(foreign).empty());
}

TEST_F(DeliveriesTest, WhatIsRolledBackIsNotTold) {
  const Webhook webhook = add_webhook(account_);
  int woken = 0;
  on_delivery_queued(*database_, [&] { ++woken; });
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) -> Result<void> {
              RETURN_IF_ERROR(append_event(transaction, account_.id, "sso.enabled", "subject", {}, kNow));
              return fail(ErrorKind::Conflict, "test.rolled_back", "");
            }),
            "test.rolled_back");
  EXPECT_TRUE(list(webhook).empty());
  EXPECT_EQ(woken, 0);
  append(account_, "sso.enabled");
  EXPECT_EQ(woken, 1);
}

TEST_F(DeliveriesTest, TwoNodesDoNotGetTheSame) {
  const Webhook webhook = add_webhook(account_);
  append(account_, "sso.enabled");
  append(account_, "sso.disabled");
  const auto first = claim(to(webhook), kNow, 1);
  const auto second = claim(to(webhook));
  ASSERT_EQ(first.size(), 1u);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_NE(first[0].id, second[0].id);
  EXPECT_TRUE(claim(to(webhook)).empty());
  // Whoever took them died: after the time they are there again.
  EXPECT_TRUE(claim(to(webhook), kNow + seconds(59)).empty());
  EXPECT_EQ(claim(to(webhook), kNow + seconds(60)).size(), 2u);
}

TEST_F(DeliveriesTest, RecipientsAreListedOnceWithTheEarliestTime) {
  const Account other = add_account("fabrikam");
  const Webhook first = add_webhook(account_);
  const Webhook second = add_webhook(account_);
  const Webhook third = add_webhook(other);
  EXPECT_TRUE(recipients().empty());
  append(account_, "sso.enabled", kNow + seconds(5));
  append(account_, "sso.disabled", kNow);
  append(other, "sso.enabled", kNow + seconds(9));
  log_out(account_, ApplicationId{7}, "bob");
  log_out(other, ApplicationId{7}, "eve", kNow + seconds(1));
  std::vector<std::pair<Recipient, Timestamp>> seen;
  for (const WaitingRecipient& each : recipients())
    seen.emplace_back(each.recipient, each.due_at);
  std::vector<std::pair<Recipient, Timestamp>> expected = {
      {to(first), kNow},
      {to(second), kNow},
      {to(third), kNow + seconds(9)},
      {{.account = account_.id, .application = ApplicationId{7}}, kNow},
      {{.account = other.id, .application = ApplicationId{7}}, kNow + seconds(1)}};
  std::ranges::sort(seen);
  std::ranges::sort(expected);
  EXPECT_EQ(seen, expected);
  // The same application of another account is another recipient.
  const auto claimed = claim({.account = other.id, .application = ApplicationId{7}}, kNow + seconds(1));
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].subject, "eve");
}

TEST_F(DeliveriesTest, WhatWaitsForAWebhookThatIsOffStays) {
  const Webhook webhook = add_webhook(account_);
  append(account_, "sso.enabled");
  const auto set_active = [&](bool active) {
    write([&](storage::Transaction& transaction) {
      return update_webhook(transaction, account_.id, webhook.public_id, webhook.url, {}, active,
                            kAdministrator, kNow);
    });
  };
  set_active(false);
  EXPECT_TRUE(recipients().empty());
  EXPECT_EQ(counts(webhook).waiting, 1);
  set_active(true);
  EXPECT_EQ(recipients().size(), 1u);
}

TEST_F(DeliveriesTest, OutcomesAreKept) {
  const Webhook webhook = add_webhook(account_);
  append(account_, "sso.enabled");
  const Delivery claimed = claim(to(webhook)).at(0);
  record(claimed, {.status = 500, .problem = "500", .again_at = kNow + seconds(300)});
  Delivery now = list(webhook).at(0).delivery;
  EXPECT_EQ(now.state, DeliveryState::Waiting);
  EXPECT_EQ(now.attempts, 1);
  EXPECT_EQ(now.last_status, 500);
  EXPECT_EQ(now.last_problem, "500");
  EXPECT_EQ(now.due_at, kNow + seconds(300));
  EXPECT_EQ(recipients().at(0).due_at, kNow + seconds(300));
  EXPECT_FALSE(now.finished_at);

  record(claimed, {.status = 0, .problem = "timeout"}, kNow + seconds(301));
  now = list(webhook).at(0).delivery;
  EXPECT_EQ(now.state, DeliveryState::Dead);
  EXPECT_EQ(now.attempts, 2);
  EXPECT_EQ(now.finished_at, kNow + seconds(301));
  EXPECT_EQ(counts(webhook).dead, 1);
  EXPECT_EQ(counts(webhook).waiting, 0);
  // Somebody who comes too late changes nothing.
  record(claimed, {.delivered = true, .status = 200}, kNow + seconds(400));
  EXPECT_EQ(list(webhook).at(0).delivery.state, DeliveryState::Dead);
}

TEST_F(DeliveriesTest, AReplayBeginsAnew) {
  const Account other = add_account("fabrikam");
  const Webhook webhook = add_webhook(account_);
  append(account_, "sso.enabled");
  const Delivery claimed = claim(to(webhook)).at(0);
  const auto replay = [&](const Account& account) {
    return refusal_of([&](storage::Transaction& transaction) {
      return replay_delivery(transaction, account.id, claimed.public_id, kNow + seconds(9));
    });
  };
  record(claimed, {.status = 404, .problem = "404"});
  EXPECT_EQ(replay(other), "directory.no_delivery");
  EXPECT_EQ(list(webhook).at(0).delivery.state, DeliveryState::Dead);
  EXPECT_EQ(replay(account_), "");
  const Delivery again = list(webhook).at(0).delivery;
  EXPECT_EQ(again.state, DeliveryState::Waiting);
  EXPECT_EQ(again.attempts, 0);
  EXPECT_EQ(again.due_at, kNow + seconds(9));
  EXPECT_FALSE(again.finished_at);
  EXPECT_EQ(claim(to(webhook), kNow + seconds(9)).size(), 1u);
}

TEST_F(DeliveriesTest, ATestGoesToOneWebhookOnly) {
  const Webhook webhook = add_webhook(account_, {"sso.*"});
  const Webhook other = add_webhook(account_);
  write([&](storage::Transaction& transaction) {
    return queue_test(transaction, webhook, kAdministrator, kNow);
  });
  ASSERT_EQ(list(webhook).size(), 1u);
  EXPECT_EQ(list(webhook)[0].event_type, kTestEvent);
  EXPECT_TRUE(list(other).empty());
  Webhook off = webhook;
  off.active = false;
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return queue_test(transaction, off, kAdministrator, kNow);
            }),
            "directory.webhook_off");
}

TEST_F(DeliveriesTest, PagesOfDeliveriesGoBackwards) {
  const Webhook webhook = add_webhook(account_);
  for (int number = 0; number < 3; ++number)
    append(account_, "sso.enabled");
  const auto page = list(webhook, {}, 2);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_GT(page[0].delivery.id, page[1].delivery.id);
  EXPECT_EQ(list(webhook, page[1].delivery.id, 2).size(), 1u);
}

/// What the audit says about a leaver.
class DepartureTest : public DeliveriesTest {
 protected:
  void leave(Timestamp now = kNow) {
    write([&](storage::Transaction& transaction) -> Result<void> {
      for (const ApplicationId application : logouts_)
        RETURN_IF_ERROR(queue_logout(transaction, account_.id, application, bob_.public_id, "", now));
      return deactivate_employee(transaction, account_.id, bob_.id, LastAdministrator::MayGo, kDirectory,
                                 now);
    });
  }

  Employee bob_ = add_employee(account_, "bob@contoso.com");
  std::vector<ApplicationId> logouts_;
};

TEST_F(DepartureTest, SaysSoWhenNobodyIsToBeTold) {
  leave();
  ASSERT_EQ(access_ended().size(), 1u);
  EXPECT_EQ(access_ended()[0].target, bob_.public_id);
  EXPECT_EQ(access_ended()[0].details.at("ended_here_ms").as_int64(), 0);
  EXPECT_EQ(access_ended()[0].details.at("applications").as_int64(), 0);
  EXPECT_TRUE(access_ended()[0].details.at("told").as_array().empty());
}

TEST_F(DepartureTest, ADeletedWebhookIsNotWaitedFor) {
  const Webhook first = add_webhook(account_, {"employee.*"});
  const Webhook second = add_webhook(account_, {"employee.*"}, "https://hooks.example/b");
  leave();
  const auto remove = [&](const Webhook& webhook) {
    write([&](storage::Transaction& transaction) {
      return delete_webhook(transaction, account_.id, webhook.public_id, kAdministrator, kNow + seconds(5));
    });
  };
  remove(first);
  EXPECT_TRUE(access_ended().empty()) << "the other one is still to be told";
  record(claim(to(second)).at(0), {.delivered = true, .status = 204}, kNow + Duration(120));
  EXPECT_EQ(access_ended().size(), 1u);
  remove(second);
  EXPECT_EQ(access_ended().size(), 1u) << "what was written down is not repeated";
}

TEST_F(DepartureTest, IsWrittenDownWhenTheLastWhoWasToBeToldIsDeleted) {
  const Webhook webhook = add_webhook(account_, {"employee.*"});
  leave();
  write([&](storage::Transaction& transaction) {
    return delete_webhook(transaction, account_.id, webhook.public_id, kAdministrator, kNow);
  });
  ASSERT_EQ(access_ended().size(), 1u);
  EXPECT_EQ(access_ended()[0].target, bob_.public_id);
}

TEST_F(DepartureTest, TellsHowLongItTookOnceAllAreFinished) {
  logouts_ = {ApplicationId{7}};
  const Webhook webhook = add_webhook(account_, {"employee.*"}, "https://hooks.example/secret-path");
  // Another sign-out of the same person is not this departure's.
  log_out(account_, ApplicationId{7}, bob_.public_id, kNow - seconds(3));
  leave();
  EXPECT_TRUE(access_ended().empty());
  record(claim(to(webhook)).at(0), {.delivered = true, .status = 204}, kNow + Duration(120));
  EXPECT_TRUE(access_ended().empty());
  const auto logouts = claim({.account = account_.id, .application = ApplicationId{7}});
  ASSERT_EQ(logouts.size(), 2u);
  record(logouts[1], {.status = 400, .problem = "The application refused."}, kNow + Duration(900));
  ASSERT_EQ(access_ended().size(), 1u);
  const json::Object details = access_ended()[0].details;
  EXPECT_EQ(details.at("applications").as_int64(), 1);
  EXPECT_EQ(details.at("webhooks").as_int64(), 1);
  ASSERT_EQ(details.at("told").as_array().size(), 1u);
  const json::Object told = details.at("told").as_array()[0].as_object();
  EXPECT_EQ(told.at("name").as_string(), "https://hooks.example");
  EXPECT_EQ(told.at("ms").as_int64(), 120);
  EXPECT_EQ(details.at("slowest_ms").as_int64(), 120);
  ASSERT_EQ(details.at("not_told").as_array().size(), 1u);
  EXPECT_EQ(details.at("not_told").as_array()[0].as_object().at("problem").as_string(),
            "The application refused.");
  record(logouts[0], {.delivered = true, .status = 200}, kNow + seconds(2));
  EXPECT_EQ(access_ended().size(), 1u);
}

TEST_F(DepartureTest, AnApplicationIsToldWhenItTookTheTokensOfAllSessions) {
  logouts_ = {ApplicationId{7}, ApplicationId{7}, ApplicationId{8}, ApplicationId{8}};
  leave();
  const auto taken = claim({.account = account_.id, .application = ApplicationId{7}});
  ASSERT_EQ(taken.size(), 2u);
  record(taken[0], {.delivered = true, .status = 200}, kNow + Duration(300));
  record(taken[1], {.delivered = true, .status = 200}, kNow + Duration(100));
  const auto refused = claim({.account = account_.id, .application = ApplicationId{8}});
  record(refused[0], {.status = 400, .problem = "The application refused."}, kNow + Duration(400));
  EXPECT_TRUE(access_ended().empty());
  record(refused[1], {.delivered = true, .status = 200}, kNow + Duration(500));
  ASSERT_EQ(access_ended().size(), 1u);
  const json::Object details = access_ended()[0].details;
  EXPECT_EQ(details.at("applications").as_int64(), 2);
  ASSERT_EQ(details.at("told").as_array().size(), 1u);
  EXPECT_EQ(details.at("told").as_array()[0].as_object().at("ms").as_int64(), 300);
  ASSERT_EQ(details.at("not_told").as_array().size(), 1u);
  EXPECT_EQ(details.at("not_told").as_array()[0].as_object().at("problem").as_string(),
            "The application refused.");
}

TEST_F(DepartureTest, OtherEventsLeaveNoSuchEntry) {
  const Webhook webhook = add_webhook(account_);
  append(account_, "group.created");
  record(claim(to(webhook)).at(0), {.delivered = true, .status = 200});
  EXPECT_TRUE(access_ended().empty());
}

TEST_F(DeliveriesTest, TheDueQueryReadsNeitherHistoryNorAllThatWaits) {
  const Webhook busy = add_webhook(account_);
  const Webhook idle = add_webhook(account_, {"sso.*"});
  for (int number = 0; number < 50; ++number)
    append(account_, "group.created");
  append(account_, "sso.enabled");
  for (const Delivery& delivery : claim(to(busy), kNow, 30))
    record(delivery, {.delivered = true, .status = 200});
  read([&](storage::Transaction& inner) -> Result<void> {
    WatchedTransaction watched(inner);
    RETURN_IF_ERROR(list_waiting_recipients(watched));
    // What was found so far is read on from; the deliveries are only sought.
    for (const std::string& scan : watched.scans())
      EXPECT_EQ(scan.find("SCAN deliveries"), std::string::npos) << scan;
    EXPECT_TRUE(watched.sorts().empty()) << watched.sorts().at(0);
    EXPECT_EQ(watched.rows(), 2);
    return {};
  });
  write([&](storage::Transaction& inner) -> Result<void> {
    WatchedTransaction watched(inner);
    RETURN_IF_ERROR(claim_deliveries(watched, to(idle), kNow, kNow + seconds(60), 10));
    EXPECT_TRUE(watched.scans().empty()) << watched.scans().at(0);
    EXPECT_TRUE(watched.sorts().empty()) << watched.sorts().at(0);
    return {};
  });
}

}  // namespace
}  // namespace doorward::directory
