// What a whole verification costs, as the ACS does it: base64, the untrusted parse, every check and the
// claims; beside the RSA verification that it contains, and beside xmlsec1, which is given the key and checks
// the signature alone.
//   saml_bench [ROUNDS]
// Rounds of all contenders alternate, CPU time is counted, and each contender's lowest round stands: other
// work on the machine then moves the figures less, and the ratios hardly. Figures of two runs do not compare.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/certificate.h"
#include "entra_response.h"
#include "saml/protocol/response.h"
#include "xml/oracle.h"
#include "xml/reader.h"
#include "xml/signature.h"

namespace {

using namespace doorward;
namespace protocol = saml::protocol;

constexpr double kRoundMicroseconds = 1'000;

struct Contender {
  const char* name;
  std::function<void()> run;
  int repeats = 1;
  double lowest = std::numeric_limits<double>::infinity();  ///< CPU µs for one run.
};

double cpu_microseconds() {
  timespec time{};
  CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double measure(const Contender& contender) {
  const double before = cpu_microseconds();
  for (int i = 0; i < contender.repeats; ++i)
    contender.run();
  return (cpu_microseconds() - before) / contender.repeats;
}

void race(std::vector<Contender>& contenders, int rounds) {
  for (Contender& contender : contenders) {
    contender.run();
    contender.repeats = std::max(1, static_cast<int>(kRoundMicroseconds / measure(contender)));
  }
  for (int round = 0; round < rounds; ++round) {
    for (Contender& contender : contenders)
      contender.lowest = std::min(contender.lowest, measure(contender));
  }
}

/// One message with everything that the contenders need of it.
struct Message {
  std::string xml;
  std::string base64;
  std::string signed_info;  ///< In canonical form.
  Bytes signature;
  protocol::Expectations expectations;
};

Message make_message(int groups, const crypto::PrivateKey& key) {
  const Timestamp now = parse_rfc3339(bench::kNow).value();
  Message message;
  message.xml = bench::entra_response(groups, key);
  message.base64 = to_base64(message.xml);
  const auto document = xml::Document::parse(message.xml).value();
  const xml::Element signature = document.root()
                                     .child("urn:oasis:names:tc:SAML:2.0:assertion", "Assertion")
                                     .value()
                                     .child(xml::kDsNamespace, "Signature")
                                     .value();
  CHECK(xml::canonicalize(signature.child(xml::kDsNamespace, "SignedInfo").value(), {}, std::nullopt,
                          message.signed_info));
  message.signature = from_base64(signature.child(xml::kDsNamespace, "SignatureValue").value().text().value(),
                                  Base64Space::Allowed)
                          .value();
  message.expectations.acs_url = bench::kAcsUrl;
  message.expectations.sp_entity_id = bench::kEntityId;
  message.expectations.idp_entity_id = bench::kIssuer;
  // Entra publishes the next certificate beside the one in use.
  message.expectations.signing_certificates = {
      crypto::Certificate::self_signed(key, "in use", now - std::chrono::hours(24),
                                       now + std::chrono::hours(24)),
      crypto::Certificate::self_signed(crypto::PrivateKey::generate_rsa(), "next",
                                       now - std::chrono::hours(24), now + std::chrono::hours(24))};
  message.expectations.now = now;
  message.expectations.in_response_to = bench::kRequestId;
  return message;
}

void verify(const Message& message) {
  protocol::Report report;
  const auto response = protocol::UnverifiedResponse::parse(message.base64, report);
  CHECK(response.has_value());
  // The server makes the expectations for each answer.
  const protocol::Expectations expectations = message.expectations;
  const auto assertion = protocol::verify(*response, expectations, report);
  CHECK(assertion.has_value() && assertion->attributes().size() == 16);
}

void show(const char* title, const Message& message, const crypto::PrivateKey& key, int rounds) {
  std::vector<Contender> contenders;
  contenders.push_back({.name = "RSA-2048 verification alone", .run = [&] {
                          CHECK(crypto::verify(crypto::SignatureAlgorithm::RsaSha256, key.public_key(),
                                               message.signed_info, message.signature));
                        }});
  contenders.push_back({.name = "Doorward, base64 to claims", .run = [&] { verify(message); }});
  contenders.push_back({.name = "  of it: base64 and parse", .run = [&] {
                          protocol::Report report;
                          CHECK(protocol::UnverifiedResponse::parse(message.base64, report).has_value());
                        }});
  contenders.push_back({.name = "  of it: base64", .run = [&] {
                          CHECK(from_base64(message.base64, Base64Space::Allowed).has_value());
                        }});
  contenders.push_back({.name = "xmlsec1, signature only", .run = [&] {
                          const auto xml = from_base64(message.base64, Base64Space::Allowed);
                          CHECK(xml && xml::oracle::verifies(*xml, bench::kAssertionId, key.public_key()));
                        }});
  race(contenders, rounds);
  std::printf("%s, %zu bytes\n", title, message.xml.size());
  for (const Contender& contender : contenders) {
    std::printf("  %-30s %8.1f µs  %6.2f x\n", contender.name, contender.lowest,
                contender.lowest / contenders.front().lowest);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 300;
  const auto key = crypto::PrivateKey::generate_rsa();
  std::printf("SAML verification, CPU time, lowest of %d alternating rounds\n", rounds);
  show("small response", make_message(bench::kFewGroups, key), key, rounds);
  show("large response", make_message(bench::kManyGroups, key), key, rounds);
  return 0;
}
