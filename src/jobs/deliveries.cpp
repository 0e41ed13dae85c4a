#include "jobs/deliveries.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/log.h"
#include "crypto/random.h"
#include "directory/webhooks.h"
#include "jobs/logout_message.h"
#include "jobs/retry.h"
#include "jobs/scheduler.h"
#include "jobs/webhook_message.h"

namespace doorward::jobs {

using directory::Delivery;
using directory::DeliveryOutcome;
using directory::Recipient;
using directory::WaitingRecipient;
using storage::Transaction;

struct Deliveries::Parcel {
  std::optional<directory::Webhook> webhook = {};
  std::optional<directory::Event> event = {};
  std::optional<directory::Account> account = {};
  std::optional<directory::Application> application = {};
};

struct Deliveries::Letter {
  std::optional<net::SendRequest> request = {};
  std::string problem = {};
};

namespace {

constexpr int kGone = 410;
constexpr int kTooManyRequests = 429;
constexpr int kUnavailable = 503;
constexpr int kBadRequest = 400;

double random_part() {
  const Bytes bytes = crypto::random_bytes(2);
  const unsigned value = static_cast<unsigned char>(bytes[0]) * 256U + static_cast<unsigned char>(bytes[1]);
  return value / 65536.0;
}

bool is_success(int status) {
  return status >= 200 && status < 300;
}

bool is_redirect(int status) {
  return status >= 300 && status < 400;
}

/// RFC 9110 section 10.2.3, as a number of seconds; a date is not worth the trouble. At most a day, so that
/// nobody can park their deliveries here.
Duration retry_after(const net::SendResponse& answer) {
  if (answer.status != kTooManyRequests && answer.status != kUnavailable) return {};
  const std::string_view text = answer.header("Retry-After").value_or("");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) return {};
  return std::chrono::seconds(std::min<std::int64_t>(seconds, 24 * 3600));
}

std::string problem_of(const Result<net::SendResponse>& answer) {
  if (!answer) return answer.error().message;
  if (is_redirect(answer->status)) {
    return fmt::format("The receiver answered {}: redirects are not followed. Enter the address it leads to.",
                       answer->status);
  }
  return fmt::format("The receiver answered {}.", answer->status);
}

oidc::protocol::JwtSigner signer_of(const directory::KeyRing::ReadyKey& key) {
  const auto algorithm = key.algorithm == directory::TokenAlgorithm::Es256
                             ? oidc::protocol::JwsAlgorithm::Es256
                             : oidc::protocol::JwsAlgorithm::Rs256;
  return {.key_id = key.key_id, .algorithm = algorithm, .key = key.key};
}

}  // namespace

Deliveries::Deliveries(Dependencies dependencies)
    : deps_(std::move(dependencies)),
      delivered_(deps_.metrics.counter("doorward_deliveries_total",
                                       "Messages to webhooks and applications, by what came of the attempt.",
                                       "outcome=\"delivered\"")),
      failed_(deps_.metrics.counter("doorward_deliveries_total", "", "outcome=\"failed\"")),
      dead_(deps_.metrics.counter("doorward_deliveries_total", "", "outcome=\"given_up\"")) {}

Deliveries::~Deliveries() {
  stop();
}

void Deliveries::start() {
  CHECK(threads_.empty());
  listen();
  threads_.emplace_back([this] { dispatch(); });
  for (std::size_t number = 0; number < kSenders; ++number)
    threads_.emplace_back([this] { send_all(); });
}

void Deliveries::listen() {
  bell_->job = this;
  directory::on_delivery_queued(deps_.database, [bell = bell_] {
    const std::lock_guard lock(bell->mutex);
    if (bell->job != nullptr) bell->job->wake();
  });
}

void Deliveries::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Deliveries::stop() {
  {
    const std::lock_guard lock(bell_->mutex);
    bell_->job = nullptr;
  }
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_)
    thread.join();
  threads_.clear();
}

bool Deliveries::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Deliveries::pause() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPoll, [this] { return stopping_; });
}

void Deliveries::dispatch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    const bool leads = deps_.database.leads(kRunnerRole);
    Result<std::vector<WaitingRecipient>> waiting;
    if (leads) waiting = deps_.database.read(directory::list_waiting_recipients);
    if (!waiting) log::failure(log::Level::Warning, "deliveries.not_read", waiting.error());
    lock.lock();
    if (leads && waiting) hand_out(*std::move(waiting));
    changed_.wait_for(lock, kPoll, [this] { return stopping_ || woken_; });
  }
}

void Deliveries::hand_out(std::vector<WaitingRecipient> due) {
  const Timestamp now = deps_.clock.now();
  // Nobody is remembered who has nothing waiting.
  std::erase_if(troubled_, [&](const Recipient& recipient) {
    return std::ranges::find(due, recipient, &WaitingRecipient::recipient) == due.end();
  });
  std::erase_if(due, [&](const WaitingRecipient& waiting) {
    return waiting.due_at > now || busy_.contains(waiting.recipient);
  });
  std::ranges::sort(due, {}, [&](const WaitingRecipient& waiting) {
    return std::pair(troubled_.contains(waiting.recipient), waiting.due_at);
  });
  auto troubled = static_cast<std::size_t>(
      std::ranges::count_if(busy_, [&](const Recipient& busy) { return troubled_.contains(busy); }));
  for (const WaitingRecipient& waiting : due) {
    if (busy_.size() >= kSenders) break;
    if (troubled_.contains(waiting.recipient) && ++troubled > kSendersForTroubled) break;
    busy_.insert(waiting.recipient);
    turns_.push_back(waiting.recipient);
  }
  changed_.notify_all();
}

void Deliveries::send_all() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !turns_.empty(); });
    if (stopping_) return;
    const Recipient recipient = turns_.front();
    turns_.pop_front();
    lock.unlock();
    const bool went_well = serve(recipient);
    lock.lock();
    busy_.erase(recipient);
    if (went_well) {
      troubled_.erase(recipient);
    } else {
      troubled_.insert(recipient);
    }
    // There may be more for this one, and others that waited for a free sender.
    woken_ = true;
    changed_.notify_all();
  }
}

bool Deliveries::serve(const Recipient& recipient) {
  for (int sent = 0; sent < kTurn && !is_stopping(); ++sent) {
    const Timestamp now = deps_.clock.now();
    const auto claimed = deps_.database.write([&](Transaction& transaction) {
      return directory::claim_deliveries(transaction, recipient, now, now + kClaim, 1);
    });
    if (!claimed) {
      log::failure(log::Level::Warning, "deliveries.not_claimed", claimed.error());
      pause();
      return false;
    }
    if (claimed->empty()) return true;
    const auto begun = std::chrono::steady_clock::now();
    const Result<bool> delivered = serve_one(claimed->front());
    if (!delivered) log::failure(log::Level::Warning, "deliveries.failed", delivered.error());
    if (!delivered || !*delivered || std::chrono::steady_clock::now() - begun > kSlow) return false;
  }
  return true;
}

Result<bool> Deliveries::serve_one(const Delivery& delivery) {
  ASSIGN_OR_RETURN(const Parcel parcel, open_parcel(delivery));
  // It was switched off in between: what waits for it stays.
  if (parcel.webhook && !parcel.webhook->active) return true;
  DeliveryOutcome outcome;
  const Result<Letter> letter = write_letter(delivery, parcel);
  if (!letter) {
    outcome = judge(delivery, fail(letter.error()));
  } else if (letter->request) {
    outcome = judge(delivery, deps_.send(*letter->request));
  } else {
    outcome.problem = letter->problem;
  }
  RETURN_IF_ERROR(record(delivery, outcome));
  (outcome.delivered ? delivered_ : outcome.again_at ? failed_ : dead_).add();
  if (!outcome.delivered) {
    log::info("deliveries.not_delivered", {{"delivery", delivery.public_id},
                                           {"attempt", delivery.attempts + 1},
                                           {"status", outcome.status},
                                           {"given_up", !outcome.again_at}});
  }
  return outcome.delivered;
}

Result<Deliveries::Parcel> Deliveries::open_parcel(const Delivery& delivery) {
  return deps_.database.read([&](Transaction& transaction) -> Result<Parcel> {
    Parcel parcel;
    ASSIGN_OR_RETURN(parcel.account, directory::load_account(transaction, delivery.account));
    if (delivery.application) {
      ASSIGN_OR_RETURN(parcel.application,
                       directory::find_application_by_id(transaction, *delivery.application));
      return parcel;
    }
    ASSIGN_OR_RETURN(parcel.webhook,
                     directory::find_webhook(transaction, delivery.account, *delivery.webhook));
    ASSIGN_OR_RETURN(parcel.event, directory::find_event(transaction, delivery.account, *delivery.event));
    return parcel;
  });
}

Result<Deliveries::Letter> Deliveries::write_letter(const Delivery& delivery, const Parcel& parcel) {
  const Timestamp now = deps_.clock.now();
  if (parcel.application) {
    const directory::ApplicationSettings& settings = parcel.application->settings;
    if (settings.backchannel_logout_uri.empty())
      return Letter{.problem = "The application has no address for back-channel logout any more."};
    ASSIGN_OR_RETURN(const Url url, Url::parse(settings.backchannel_logout_uri));
    ASSIGN_OR_RETURN(const auto keys, deps_.keys.view());
    // Back-Channel Logout section 2.4: signed like the ID tokens of the application.
    const auto algorithm = directory::parse_token_algorithm(settings.id_token_algorithm);
    const auto& key = keys->signer(algorithm.value_or(directory::TokenAlgorithm::Rs256));
    const std::string token = sign_logout_token(signer_of(key),
                                                {.issuer = deps_.issuer,
                                                 .client_id = parcel.application->client_id,
                                                 .subject = delivery.subject,
                                                 .sid = delivery.sid,
                                                 .id = directory::new_public_id()},
                                                now);
    return Letter{.request = logout_request(url, token)};
  }
  if (!parcel.webhook || !parcel.event)
    return Letter{.problem = "What was to be told does not exist any more."};
  ASSIGN_OR_RETURN(const Url url, Url::parse(parcel.webhook->url));
  ASSIGN_OR_RETURN(const auto secrets, directory::open_webhook_secrets(deps_.sealer, *parcel.webhook, now));
  return Letter{.request = webhook_request(url, secrets, *parcel.event, *parcel.account, now)};
}

DeliveryOutcome Deliveries::judge(const Delivery& delivery, const Result<net::SendResponse>& answer) {
  DeliveryOutcome outcome;
  outcome.status = answer ? answer->status : 0;
  outcome.delivered = is_success(outcome.status);
  if (outcome.delivered) return outcome;
  outcome.problem = problem_of(answer);
  // Standard Webhooks, "Delivery success and failure": it wants no more. Back-Channel Logout section 2.8: the
  // token was understood and refused, which another one will be as well.
  const bool is_final = outcome.status == (delivery.webhook ? kGone : kBadRequest);
  if (is_final) return outcome;
  const std::span<const std::chrono::seconds> delays =
      delivery.webhook ? std::span<const std::chrono::seconds>(kWebhookDelays) : kLogoutDelays;
  const auto delay = retry_delay(delays, delivery.attempts + 1, random_part());
  if (!delay) return outcome;
  outcome.again_at = deps_.clock.now() + std::max(*delay, answer ? retry_after(*answer) : Duration());
  return outcome;
}

Result<void> Deliveries::record(const Delivery& delivery, const DeliveryOutcome& outcome) {
  return deps_.database.write([&](Transaction& transaction) -> Result<void> {
    const Timestamp now = deps_.clock.now();
    RETURN_IF_ERROR(directory::record_delivery(transaction, delivery.account, delivery.id, outcome, now));
    if (!delivery.webhook || outcome.status != kGone) return {};
    return directory::switch_off_webhook(transaction, delivery.account, *delivery.webhook,
                                         "Its receiver answered 410 Gone.", now);
  });
}

}  // namespace doorward::jobs
