#include "saml/protocol/logout.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "saml/protocol/cases.h"
#include "saml/protocol/names.h"

namespace doorward::saml::protocol {
namespace {

using namespace test;

crypto::Certificate certify(const crypto::PrivateKey& key) {
  return crypto::Certificate::self_signed(key, "idp", time("2030-01-01T00:00:00Z"),
                                          time("2040-01-01T00:00:00Z"));
}

class LogoutTest : public testing::Test {
 protected:
  LogoutTest()
      : key_(crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256)),
        expectations_{.slo_url = std::string(kSloUrl),
                      .idp_entity_id = std::string(kIdpEntityId),
                      .signing_certificates = {certify(key_)},
                      .now = time("2030-03-01T09:30:00Z"),
                      .in_response_to = "_logout1"} {}

  LogoutRequest request() const {
    return {.id = "_logout1",
            .issue_instant = expectations_.now,
            .destination = std::string(kSloUrl),
            .issuer = std::string(kIdpEntityId),
            .name_id = {"ada@contoso.example", "urn:format", "nq", "spnq", "sppid"},
            .session_indexes = {"_session1", "_session2"}};
  }

  LogoutResponse response() const {
    return {.id = "_answer1",
            .issue_instant = expectations_.now,
            .destination = std::string(kSloUrl),
            .issuer = std::string(kIdpEntityId),
            .in_response_to = "_logout1"};
  }

  enum class Signed { No, Yes };

  std::string query(MessageKind kind, const std::string& xml, Signed is_signed = Signed::Yes) const {
    OutgoingMessage message{.kind = kind, .xml = xml, .destination = "https://x", .relay_state = "state"};
    if (is_signed == Signed::Yes) message.signing_key = key_;
    return redirect_url(message)->substr(std::string_view("https://x?").size());
  }

  std::string form(MessageKind kind, const std::string& xml, Signed is_signed = Signed::Yes) const {
    OutgoingMessage message{.kind = kind, .xml = xml, .destination = "https://x"};
    if (is_signed == Signed::Yes) message.signing_key = key_;
    return post_form(message)->fields[0].second;
  }

  Result<LogoutRequest, Finding> verify_request(Result<UnverifiedLogout, Finding> message) {
    if (!message) return fail(message.error());
    return verify_logout_request(*message, expectations_, report_);
  }

  Result<LogoutResponse, Finding> verify_response(Result<UnverifiedLogout, Finding> message) {
    if (!message) return fail(message.error());
    return verify_logout_response(*message, expectations_, report_);
  }

  Result<LogoutRequest, Finding> request_by_query(const std::string& raw_query) {
    report_ = Report();
    return verify_request(UnverifiedLogout::from_query(raw_query, report_));
  }
  Result<LogoutRequest, Finding> request_by_form(const std::string& base64) {
    report_ = Report();
    return verify_request(UnverifiedLogout::from_form(MessageKind::Request, base64, "", report_));
  }
  Result<LogoutResponse, Finding> response_by_query(const std::string& raw_query) {
    report_ = Report();
    return verify_response(UnverifiedLogout::from_query(raw_query, report_));
  }

  template <class T>
  void expect_finding(const Result<T, Finding>& result, Finding finding) {
    ASSERT_FALSE(result.has_value()) << describe(report_);
    EXPECT_EQ(code(result.error()).name(), code(finding).name()) << describe(report_);
  }

  /// A request with one thing changed, signed, by both bindings.
  void expect_refused(const LogoutRequest& changed, Finding finding) {
    expect_finding(request_by_query(query(MessageKind::Request, write(changed))), finding);
    expect_finding(request_by_form(form(MessageKind::Request, write(changed))), finding);
  }

  crypto::PrivateKey key_;
  LogoutExpectations expectations_;
  Report report_;
};

TEST_F(LogoutTest, RequestGoesThereAndBackByBothBindings) {
  for (const auto& read : {request_by_query(query(MessageKind::Request, write(request()))),
                           request_by_form(form(MessageKind::Request, write(request())))}) {
    ASSERT_TRUE(read.has_value()) << describe(report_);
    EXPECT_EQ(read->id, "_logout1");
    EXPECT_EQ(read->name_id, request().name_id);
    EXPECT_EQ(read->session_indexes, request().session_indexes);
  }
}

TEST_F(LogoutTest, UnverifiedMessageTellsWhomItConcerns) {
  const auto message = UnverifiedLogout::from_query(query(MessageKind::Response, write(response())), report_);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->kind(), MessageKind::Response);
  EXPECT_EQ(message->issuer(), kIdpEntityId);
  EXPECT_EQ(message->in_response_to(), "_logout1");
  EXPECT_EQ(message->relay_state(), "state");
}

TEST_F(LogoutTest, UnsignedRequestIsRefused) {
  expect_finding(request_by_query(query(MessageKind::Request, write(request()), Signed::No)),
                 Finding::SignatureMissing);
  expect_finding(request_by_form(form(MessageKind::Request, write(request()), Signed::No)),
                 Finding::SignatureMissing);
}

TEST_F(LogoutTest, SignatureOfAnotherKeyIsRefused) {
  const auto by_query = query(MessageKind::Request, write(request()));
  const auto by_form = form(MessageKind::Request, write(request()));
  expectations_.signing_certificates = {certificate("other")};
  expect_finding(request_by_query(by_query), Finding::SignatureInvalid);
  expect_finding(request_by_form(by_form), Finding::SignatureInvalid);
}

TEST_F(LogoutTest, EveryChangeOfTheSignedQueryIsRefused) {
  const auto good = query(MessageKind::Request, write(request()));
  ASSERT_TRUE(request_by_query(good).has_value());
  const auto replaced = [&](std::string_view old_text, std::string_view new_text) {
    std::string changed = good;
    changed.replace(changed.find(old_text), old_text.size(), new_text);
    return changed;
  };
  expect_finding(request_by_query(replaced("RelayState=state", "RelayState=other")),
                 Finding::SignatureInvalid);
  expect_finding(request_by_query(replaced("&RelayState=state", "")), Finding::SignatureInvalid);
  // The same value in another spelling is another text.
  expect_finding(request_by_query(replaced("RelayState=state", "RelayState=%73tate")),
                 Finding::SignatureInvalid);
  expect_finding(request_by_query(replaced("%3A", "%3a")), Finding::SignatureInvalid);
  expect_finding(request_by_query(replaced("ecdsa-sha256", "ecdsa-sha512")), Finding::SignatureInvalid);
  expect_finding(request_by_query(replaced("xmldsig-more%23ecdsa-sha256", "xmldsig-more%23hmac-sha256")),
                 Finding::SignatureAlgorithm);
  expect_finding(request_by_query(good + "&RelayState=state"), Finding::MessageParameters);
  // Stripping one of the two is not the same as never having signed.
  expect_finding(request_by_query(good.substr(0, good.find("&Signature="))), Finding::MessageParameters);
  expect_finding(request_by_query(replaced("&SigAlg=", "&x=")), Finding::MessageParameters);
  expect_finding(request_by_query(good.substr(0, good.find("&SigAlg="))), Finding::SignatureMissing);
  // The order of the parameters is not signed.
  const auto message_end = good.find("&RelayState");
  EXPECT_TRUE(request_by_query(good.substr(message_end + 1) + "&" + good.substr(0, message_end)).has_value());
  EXPECT_TRUE(request_by_query(good + "&login_hint=x").has_value());
}

TEST_F(LogoutTest, Sha1OnlyByTheSwitch) {
  key_ = crypto::PrivateKey::generate_rsa();
  expectations_.signing_certificates = {certify(key_)};
  std::string text = query(MessageKind::Request, write(request()), Signed::No) +
                     "&SigAlg=" + percent_encode("http://www.w3.org/2000/09/xmldsig#rsa-sha1");
  text += "&Signature=" +
          percent_encode(to_base64(crypto::sign(crypto::SignatureAlgorithm::RsaSha1, key_, text)));
  expect_finding(request_by_query(text), Finding::SignatureSha1);
  expectations_.allow_sha1 = true;
  EXPECT_TRUE(request_by_query(text).has_value()) << describe(report_);
}

TEST_F(LogoutTest, SignatureInsideARedirectedMessageIsRefused) {
  const auto inside = *from_base64(form(MessageKind::Request, write(request())));
  expect_finding(request_by_query(query(MessageKind::Request, inside)), Finding::ElementUnexpected);
}

TEST_F(LogoutTest, RequestIsCheckedLikeAnyMessage) {
  auto changed = request();
  changed.issuer = "https://evil.example/";
  expect_refused(changed, Finding::IssuerMismatch);
  changed = request();
  changed.destination = std::string(kSloUrl) + "/";
  expect_refused(changed, Finding::DestinationMismatch);
  changed = request();
  changed.not_on_or_after = expectations_.now - std::chrono::minutes(4);
  expect_refused(changed, Finding::LogoutExpired);
  changed = request();
  changed.issue_instant = expectations_.now + std::chrono::minutes(4);
  expect_refused(changed, Finding::IssuedInFuture);
  // Without NotOnOrAfter as well: the same query must not sign a person out again and again.
  changed = request();
  changed.issue_instant = expectations_.now - std::chrono::hours(2);
  expect_refused(changed, Finding::LogoutExpired);
  changed.not_on_or_after = expectations_.now + std::chrono::hours(2);
  expect_refused(changed, Finding::LogoutExpired);
  changed = request();
  changed.name_id.value = "";
  expect_refused(changed, Finding::NameIdMalformed);
  changed = request();
  changed.id = "";
  expect_finding(request_by_query(query(MessageKind::Request, write(changed))), Finding::AttributeMissing);
}

TEST_F(LogoutTest, SaysHowLongARequestCouldBeReplayed) {
  using std::chrono::minutes;
  const auto longest = expectations_.now + minutes(10) + expectations_.clock_skew;
  auto sent = request();
  EXPECT_EQ(request_by_query(query(MessageKind::Request, write(sent)))->replay_until, longest);
  sent.not_on_or_after = expectations_.now + minutes(5);
  EXPECT_EQ(request_by_query(query(MessageKind::Request, write(sent)))->replay_until, longest - minutes(5));
  sent.not_on_or_after = expectations_.now + std::chrono::hours(1000);
  EXPECT_EQ(request_by_query(query(MessageKind::Request, write(sent)))->replay_until, longest);
}

TEST_F(LogoutTest, RequestsThatTheSchemaForbidsAreRefused) {
  const auto with = [&](std::string_view old_text, std::string_view new_text) {
    std::string xml = write(request());
    xml.replace(xml.find(old_text), old_text.size(), new_text);
    return request_by_query(query(MessageKind::Request, xml));
  };
  expect_finding(with(" Destination=\"" + std::string(kSloUrl) + "\"", ""), Finding::DestinationMissing);
  expect_finding(with("Version=\"2.0\"", "Version=\"1.1\""), Finding::VersionUnsupported);
  expect_finding(with("ada@contoso.example", "ada@contoso<!-- -->.example"), Finding::ValueNotText);
  expect_finding(with("<samlp:SessionIndex>_session1", "stray<samlp:SessionIndex>_session1"),
                 Finding::ElementUnexpected);
  const auto xml = write(request());
  const auto start = xml.find("<saml:NameID");
  const auto name_id = xml.substr(start, xml.find("</saml:NameID>") + 14 - start);
  expect_finding(with(name_id, ""), Finding::LogoutSubjectMissing);
  expect_finding(with(name_id, "<saml:EncryptedID/>"), Finding::EncryptedIdentifier);
  expect_finding(with(name_id, name_id + name_id), Finding::ElementUnexpected);
}

TEST_F(LogoutTest, TheWrongKindIsRefused) {
  expect_finding(request_by_query(query(MessageKind::Response, write(response()))), Finding::MessageKind);
  expect_finding(request_by_query(query(MessageKind::Request, write(response()))), Finding::MessageKind);
  expect_finding(response_by_query(query(MessageKind::Request, write(request()))), Finding::MessageKind);
}

TEST_F(LogoutTest, ResponseMayBeUnsignedButNotBadlySigned) {
  EXPECT_TRUE(response_by_query(query(MessageKind::Response, write(response()))).has_value());
  EXPECT_TRUE(response_by_query(query(MessageKind::Response, write(response()), Signed::No)).has_value());
  auto signed_query = query(MessageKind::Response, write(response()));
  expectations_.signing_certificates = {certificate("other")};
  expect_finding(response_by_query(signed_query), Finding::SignatureInvalid);
}

TEST_F(LogoutTest, ResponseMayComeFromEntrasOtherName) {
  auto entra = response();
  entra.issuer = "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/";
  EXPECT_TRUE(response_by_query(query(MessageKind::Response, write(entra))).has_value());
  entra.issuer = "https://login.microsoftonline.com/99999999-2222-4333-8444-555555555555/";
  expect_finding(response_by_query(query(MessageKind::Response, write(entra))), Finding::IssuerMismatch);
}

TEST_F(LogoutTest, ResponseTellsHowItWent) {
  auto answer = response();
  answer.status = LogoutStatus::PartialLogout;
  EXPECT_EQ(response_by_query(query(MessageKind::Response, write(answer)))->status,
            LogoutStatus::PartialLogout);
  answer.status = LogoutStatus::RequestDenied;
  expect_finding(response_by_query(query(MessageKind::Response, write(answer))), Finding::StatusNotSuccess);
  EXPECT_EQ(report_.failure()->actual, "Requester, RequestDenied");
  answer.status = LogoutStatus::Failed;
  expect_finding(response_by_query(query(MessageKind::Response, write(answer))), Finding::StatusNotSuccess);
  answer = response();
  answer.in_response_to = "_other";
  expect_finding(response_by_query(query(MessageKind::Response, write(answer))),
                 Finding::InResponseToMismatch);
}

TEST_F(LogoutTest, LimitsHold) {
  expect_finding(request_by_query("SAMLRequest=" + std::string(UnverifiedLogout::kMaxQuery, 'A')),
                 Finding::MessageTooLarge);
  const auto bomb = percent_encode(to_base64(deflate(std::string(4'000'000, ' '))));
  ASSERT_LT(bomb.size(), UnverifiedLogout::kMaxQuery);
  expect_finding(request_by_query("SAMLRequest=" + bomb), Finding::MessageNotDeflate);
  expect_finding(request_by_form(std::string(UnverifiedLogout::kMaxBytes * 3, 'A')),
                 Finding::MessageTooLarge);
  expect_finding(request_by_form("****"), Finding::MessageNotBase64);
  expect_finding(request_by_query("SAMLRequest=AAAA%20"), Finding::MessageNotBase64);
  expect_finding(request_by_form(to_base64("<a")), Finding::MessageNotXml);
}

}  // namespace
}  // namespace doorward::saml::protocol
