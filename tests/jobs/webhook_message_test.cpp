#include "jobs/webhook_message.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "directory/webhooks.h"

namespace doorward::jobs {
namespace {

crypto::Secret secret_of(std::string_view base64) {
  return crypto::Secret(from_base64(base64).value());
}

// The vector of the libraries at github.com/standard-webhooks/standard-webhooks (Apache License 2.0).
TEST(WebhookMessage, SignsAsTheSpecificationsLibrariesDo) {
  EXPECT_EQ(webhook_signature(secret_of("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek",
                              from_millis(1'614'265'330'000), R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookMessage, CarriesTheEventAndThreeHeaders) {
  std::string bytes;
  for (char byte = 0; byte < 32; ++byte)
    bytes += byte;
  const crypto::Secret secret(bytes);
  EXPECT_EQ(directory::shown_webhook_secret(secret).reveal(),
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
  directory::Account account;
  account.public_id = "a-1";
  const directory::Event event{.id = directory::EventId{7},
                               .public_id = "msg-1",
                               .at = from_millis(1'800'000'000'000),
                               .type = "employee.deactivated",
                               .subject = "e-1",
                               .data = {{"user_name", "bob"}}};
  const auto request = webhook_request(*Url::parse("https://hooks.example/a"), {{secret}}, event, account,
                                       from_millis(1'800'000'000'999));
  EXPECT_EQ(request.method, net::SendMethod::Post);
  EXPECT_EQ(request.body,
            R"({"type":"employee.deactivated","timestamp":"2027-01-15T08:00:00Z","account":"a-1",)"
            R"("subject":"e-1","data":{"user_name":"bob"}})");
  const net::HeaderFields expected = {
      {"Content-Type", "application/json"},
      {"webhook-id", "msg-1"},
      {"webhook-timestamp", "1800000000"},
      {"webhook-signature", "v1,FmL14slB8WAxz/kPwrsU5CGjSmfclFbiI+I/846nW8s="}};
  EXPECT_EQ(request.headers, expected);
  // While its secret changes, each of the two signs the same text.
  const auto twice =
      webhook_request(*Url::parse("https://hooks.example/a"), {{secret, secret_of("c2VjcmV0")}}, event,
                      account, from_millis(1'800'000'000'999));
  EXPECT_EQ(twice.headers.at(3).second, expected.at(3).second + ' ' +
                                            webhook_signature(secret_of("c2VjcmV0"), "msg-1",
                                                              from_millis(1'800'000'000'999), request.body));
}

}  // namespace
}  // namespace doorward::jobs
