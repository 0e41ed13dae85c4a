#include "jobs/deliveries.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/log.h"
#include "directory/applications.h"
#include "directory/directory_test.h"
#include "directory/events.h"
#include "directory/webhooks.h"
#include "oidc/protocol/jwk.h"
#include "oidc/protocol/jwt.h"
#include "support/fake_clock.h"

namespace doorward::jobs {
namespace {

using directory::Webhook;
using std::chrono::seconds;
using storage::Transaction;

/// Stands for all receivers: keeps what it is sent and answers as it is told.
class Receivers {
 public:
  using Answer = std::function<Result<net::SendResponse>(const net::SendRequest&)>;

  void answer(Answer answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  void answer(int status, net::HeaderFields headers = {}) {
    answer([=](const net::SendRequest&) -> Result<net::SendResponse> {
      net::SendResponse response;
      response.status = status;
      response.headers = headers;
      return response;
    });
  }
  Result<net::SendResponse> take(const net::SendRequest& request) {
    std::unique_lock lock(mutex_);
    requests_.push_back(request);
    const Answer answer = answer_;
    lock.unlock();
    changed_.notify_all();
    return answer(request);
  }
  /// Those so far, once there are as many; fewer after a while.
  std::vector<net::SendRequest> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(60), [&] { return requests_.size() >= count; });
    return requests_;
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return requests_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<net::SendRequest> requests_;
  Answer answer_;
};

std::string header_of(const net::SendRequest& request, std::string_view name) {
  for (const auto& [field, value] : request.headers) {
    if (field == name) return value;
  }
  return {};
}

class DeliveriesJobTest : public directory::DirectoryTest {
 protected:
  DeliveriesJobTest() {
    log::set_sink([](std::string_view) {});
    receivers_.answer(204);
  }
  ~DeliveriesJobTest() override { log::set_sink({}); }

  Webhook add_webhook(const std::string& url) {
    return write([&](Transaction& transaction) {
      return directory::create_webhook(transaction, sealer_, {.account = account_.id, .url = url},
                                       crypto::Secret(std::string(32, 's')), kAdministrator, kNow);
    });
  }
  void append(int times = 1) {
    for (int number = 0; number < times; ++number) {
      write([&](Transaction& transaction) {
        return directory::append_event(transaction, account_.id, "group.created", "g-1", {}, clock_.now());
      });
    }
  }
  directory::Delivery last(const Webhook& webhook) {
    return read([&](Transaction& transaction) {
             return directory::list_deliveries(transaction, account_.id, webhook.id, {}, 1);
           })
        .at(0)
        .delivery;
  }
  Webhook reload(const Webhook& webhook) {
    return read([&](Transaction& transaction) {
      return directory::load_webhook(transaction, account_.id, webhook.public_id);
    });
  }
  /// Runs until so many requests were sent since the test began, and what came of them is recorded.
  std::vector<net::SendRequest> run_until(std::size_t requests) {
    Deliveries job(dependencies());
    job.start();
    auto seen = receivers_.wait_for(requests);
    job.stop();
    return seen;
  }
  Deliveries::Dependencies dependencies() {
    return {*database_,
            clock_,
            sealer_,
            keys_,
            "https://sso.example",
            [this](const net::SendRequest& request) { return receivers_.take(request); },
            metrics_};
  }

  test::FakeClock clock_{kNow};
  metrics::Registry metrics_;
  crypto::Sealer sealer_{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'k'))};
  directory::KeyRing keys_{*database_, sealer_, clock_};
  Receivers receivers_;
  directory::Account account_ = add_account("contoso");
};

TEST_F(DeliveriesJobTest, SendsWhatWaitedAndRecordsIt) {
  const Webhook webhook = add_webhook("https://hooks.example/a");
  append();
  const auto requests = run_until(1);
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].url.text(), "https://hooks.example/a");
  EXPECT_EQ(last(webhook).state, directory::DeliveryState::Delivered);
  EXPECT_EQ(last(webhook).last_status, 204);
}

TEST_F(DeliveriesJobTest, WakesAtOnceWhenSomethingIsQueuedHere) {
  add_webhook("https://hooks.example/a");
  Deliveries job(dependencies());
  job.start();
  append();
  EXPECT_EQ(receivers_.wait_for(1).size(), 1u);
  append(5);
  EXPECT_EQ(receivers_.wait_for(6).size(), 6u);
  job.stop();
}

TEST_F(DeliveriesJobTest, TriesAgainWithTheSameIdAndANewTime) {
  const Webhook webhook = add_webhook("https://hooks.example/a");
  append();
  receivers_.answer(500);
  run_until(1);
  EXPECT_EQ(last(webhook).state, directory::DeliveryState::Waiting);
  EXPECT_EQ(last(webhook).last_problem, "The receiver answered 500.");
  EXPECT_GE(last(webhook).due_at, kNow + seconds(5));
  EXPECT_LE(last(webhook).due_at, kNow + seconds(6));
  clock_.advance(seconds(7));
  receivers_.answer(200);
  const auto requests = run_until(2);
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(header_of(requests[0], "webhook-id"), header_of(requests[1], "webhook-id"));
  EXPECT_NE(header_of(requests[0], "webhook-timestamp"), header_of(requests[1], "webhook-timestamp"));
  EXPECT_NE(header_of(requests[0], "webhook-signature"), header_of(requests[1], "webhook-signature"));
  EXPECT_EQ(requests[0].body, requests[1].body);
  EXPECT_EQ(last(webhook).state, directory::DeliveryState::Delivered);
  EXPECT_EQ(last(webhook).attempts, 2);
}

TEST_F(DeliveriesJobTest, GivesUpAfterThreeDays) {
  const Webhook webhook = add_webhook("https://hooks.example/a");
  append();
  receivers_.answer([](const net::SendRequest&) -> Result<net::SendResponse> {
    return fail(ErrorKind::Unavailable, "net.timeout", "It did not answer in time.");
  });
  for (std::size_t attempt = 1; attempt <= 10; ++attempt) {
    run_until(attempt);
    clock_.advance(std::chrono::hours(29));
  }
  EXPECT_EQ(receivers_.count(), 10u);
  EXPECT_EQ(last(webhook).state, directory::DeliveryState::Dead);
  EXPECT_EQ(last(webhook).last_status, 0);
  EXPECT_EQ(last(webhook).last_problem, "It did not answer in time.");
}

TEST_F(DeliveriesJobTest, GoneSwitchesTheWebhookOff) {
  const Webhook webhook = add_webhook("https://hooks.example/a");
  append(2);
  receivers_.answer(410);
  run_until(1);
  EXPECT_FALSE(reload(webhook).active);
  EXPECT_EQ(count("SELECT count(*) FROM deliveries WHERE state = 'dead'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM deliveries WHERE state = 'waiting'"), 1);
  EXPECT_EQ(receivers_.count(), 1u);
}

TEST_F(DeliveriesJobTest, WaitsAsLongAsItIsAskedTo) {
  const Webhook webhook = add_webhook("https://hooks.example/a");
  append();
  receivers_.answer(503, {{"Retry-After", "120"}});
  run_until(1);
  EXPECT_EQ(last(webhook).due_at, kNow + seconds(120));
  clock_.advance(seconds(120));
  receivers_.answer(429, {{"Retry-After", "99999999"}});
  run_until(2);
  EXPECT_EQ(last(webhook).due_at, clock_.now() + std::chrono::hours(24));
}

TEST_F(DeliveriesJobTest, RedirectsAreFailures) {
  const Webhook webhook = add_webhook("https://hooks.example/a");
  append();
  receivers_.answer(302, {{"Location", "https://elsewhere.example/"}});
  run_until(1);
  EXPECT_EQ(last(webhook).state, directory::DeliveryState::Waiting);
  EXPECT_EQ(receivers_.count(), 1u);
}

TEST_F(DeliveriesJobTest, ASlowReceiverHoldsUpNobodyElse) {
  const Webhook slow = add_webhook("https://slow.example/a");
  const Webhook quick = add_webhook("https://quick.example/a");
  std::mutex mutex;
  std::condition_variable released;
  bool release = false;
  int at_once = 0;
  int most_at_once = 0;
  receivers_.answer([&](const net::SendRequest& request) -> Result<net::SendResponse> {
    net::SendResponse response;
    response.status = 200;
    if (request.url.host() != "slow.example") return response;
    std::unique_lock lock(mutex);
    most_at_once = std::max(most_at_once, ++at_once);
    released.wait(lock, [&] { return release; });
    --at_once;
    return response;
  });
  Deliveries job(dependencies());
  job.start();
  append(8);
  // One for the slow one, which hangs, and all eight for the other.
  EXPECT_EQ(receivers_.wait_for(9).size(), 9u);
  {
    const std::lock_guard lock(mutex);
    release = true;
  }
  released.notify_all();
  EXPECT_EQ(receivers_.wait_for(16).size(), 16u);
  job.stop();
  EXPECT_EQ(most_at_once, 1);
  EXPECT_EQ(last(slow).state, directory::DeliveryState::Delivered);
  EXPECT_EQ(last(quick).state, directory::DeliveryState::Delivered);
}

TEST_F(DeliveriesJobTest, ManyThatMakeTroubleLeaveRoomForTheOthers) {
  constexpr int kBroken = 6;
  for (int number = 0; number < kBroken; ++number)
    add_webhook("https://broken" + std::to_string(number) + ".example/");
  add_webhook("https://quick.example/");
  std::mutex mutex;
  std::condition_variable released;
  bool hang = false;
  bool release = false;
  receivers_.answer([&](const net::SendRequest& request) -> Result<net::SendResponse> {
    net::SendResponse response;
    response.status = request.url.host() == "quick.example" ? 200 : 500;
    std::unique_lock lock(mutex);
    if (hang && response.status == 500) released.wait(lock, [&] { return release; });
    return response;
  });
  Deliveries job(dependencies());
  job.start();
  append();
  EXPECT_EQ(receivers_.wait_for(kBroken + 1).size(), kBroken + 1u);
  {
    const std::lock_guard lock(mutex);
    hang = true;
  }
  append(3);
  // Two of the broken ones hang; the rest of the threads are free.
  EXPECT_EQ(receivers_.wait_for(kBroken + 1 + 2 + 3).size(), kBroken + 1u + 2 + 3);
  {
    const std::lock_guard lock(mutex);
    release = true;
  }
  released.notify_all();
  job.stop();
}

/// What applications are told.
class LogoutJobTest : public DeliveriesJobTest {
 protected:
  directory::Application add_application(std::string uri, std::string algorithm = "RS256") {
    return write([&](Transaction& transaction) {
      return directory::create_application(transaction,
                                           {.account = account_.id,
                                            .kind = directory::ApplicationKind::Web,
                                            .settings = {.name = "Wiki",
                                                         .id_token_algorithm = std::move(algorithm),
                                                         .redirect_uris = {"https://wiki.example/back"},
                                                         .backchannel_logout_uri = std::move(uri)}},
                                           kAdministrator, kNow);
    });
  }
  void queue(const directory::Application& application) {
    write([&](Transaction& transaction) {
      return directory::queue_logout(transaction, account_.id, application.id, "bob", "s-1", kNow);
    });
  }
  std::int64_t in_state(std::string_view state) {
    return *read([&](Transaction& transaction) {
      return transaction.first("SELECT count(*) FROM deliveries WHERE state = $1", {state},
                               [](const storage::Row& row) { return row.integer(0); });
    });
  }
};

TEST_F(LogoutJobTest, IsToldWithATokenOfItsOwn) {
  const auto application = add_application("https://wiki.example/logout", "ES256");
  queue(application);
  const auto requests = run_until(1);
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].url.text(), "https://wiki.example/logout");
  ASSERT_TRUE(requests[0].body.starts_with("logout_token="));
  json::Array keys;
  for (const auto& key : must(keys_.view())->published) {
    keys.push_back(oidc::protocol::to_jwk(crypto::PublicKey::from_der(key.public_key).value(), key.key_id,
                                          directory::to_text(key.algorithm)));
  }
  const auto set = oidc::protocol::JwkSet::parse(json::serialize(json::Object{{"keys", keys}}));
  ASSERT_TRUE(set) << set.error().message;
  const std::array allowed = {oidc::protocol::JwsAlgorithm::Es256};
  const auto token = oidc::protocol::verify_jwt(requests[0].body.substr(13), *set, allowed, "logout+jwt");
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->claims().at("iss").as_string(), "https://sso.example");
  EXPECT_EQ(token->claims().at("aud").as_string(), application.client_id);
  EXPECT_EQ(token->claims().at("sub").as_string(), "bob");
  EXPECT_EQ(token->claims().at("sid").as_string(), "s-1");
  EXPECT_EQ(in_state("delivered"), 1);
}

TEST_F(LogoutJobTest, ABadRequestIsFinalAndAnotherFailureIsNot) {
  const auto application = add_application("https://wiki.example/logout");
  queue(application);
  receivers_.answer(501);
  run_until(1);
  EXPECT_EQ(in_state("waiting"), 1);
  clock_.advance(seconds(7));
  receivers_.answer(400);
  run_until(2);
  EXPECT_EQ(in_state("dead"), 1);
}

TEST_F(LogoutJobTest, WithoutAnAddressNothingIsSent) {
  const auto application = add_application("https://wiki.example/logout");
  queue(application);
  directory::ApplicationSettings settings = application.settings;
  settings.backchannel_logout_uri.clear();
  write([&](Transaction& transaction) {
    return directory::update_application(transaction, application.id, settings, kAdministrator, kNow);
  });
  // Something that is sent afterwards shows that this one was dealt with.
  add_webhook("https://hooks.example/a");
  append();
  run_until(1);
  EXPECT_EQ(receivers_.count(), 1u);
}

}  // namespace
}  // namespace doorward::jobs
