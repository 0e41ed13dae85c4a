#pragma once

#include <memory>
#include <string>

#include "crypto/seal.h"
#include "directory/directory_test.h"
#include "json/json.h"
#include "saml/protocol/binding.h"
#include "saml/service_provider.h"
#include "support/cookie_jar.h"
#include "support/fake_clock.h"
#include "support/identity_provider.h"
#include "support/test_keys.h"

namespace doorward::saml {

/// A company with one connection, its provider, and a browser.
class ServiceProviderTest : public directory::DirectoryTest {
 protected:
  static constexpr std::string_view kPublicUrl = "https://sso.portal.example";
  static constexpr std::string_view kEntityId = "https://idp.example/entity";

  ServiceProviderTest() {
    connection_ = write([&](storage::Transaction& transaction) {
      auto described = provider(kEntityId);
      described.signing_certificates = {idp_.certificate().der()};
      return directory::create_connection(transaction, {.account = account_.id, .provider = described},
                                          kSupport, kNow);
    });
    add_domain(account_, "contoso.example");
    for (const auto purpose : {directory::KeyPurpose::Signing, directory::KeyPurpose::Encryption}) {
      const auto key = test::test_key("rsa_b");
      const auto certificate =
          crypto::Certificate::self_signed(key, "sp", kNow, kNow + std::chrono::hours(24));
      write([&](storage::Transaction& transaction) {
        return directory::create_key_pair(transaction, sealer_, {account_.id, purpose, key, certificate},
                                          kSupport, kNow);
      });
    }
    ada_ = add_employee(account_, "ada@contoso.example");
  }

  http::Request request(std::string query = {}) {
    http::Request made;
    made.parameters = {{"account", "contoso"}};
    made.query = std::move(query);
    made.client_address = "192.0.2.7";
    made.request_id = "request-1";
    jar_.send_with(made);
    return made;
  }

  http::Response handle(Result<http::Response> (ServiceProvider::*handler)(const http::Request&),
                        const http::Request& request) {
    auto response = must((service_provider_.*handler)(request));
    jar_.keep(response);
    return response;
  }

  /// Starts a sign-in and returns the AuthnRequest that went to the provider.
  std::string start(std::string query = {}) {
    const auto response = handle(&ServiceProvider::login, request(std::move(query)));
    EXPECT_EQ(response.status, http::Status::SeeOther);
    return request_in(std::string(response.headers.find("Location").value_or("")));
  }

  static std::string request_in(const std::string& location) {
    const auto query = must(http::Form::parse(location.substr(location.find('?') + 1)));
    const auto deflated = from_base64(query.find("SAMLRequest").value_or(""));
    return protocol::inflate(deflated.value_or(""), 100'000).value_or("");
  }

  static std::string id_of(const std::string& authn_request) {
    const auto at = authn_request.find(" ID=\"") + 5;
    return authn_request.substr(at, authn_request.find('"', at) - at);
  }

  test::AnswerParts parts(std::string in_response_to) {
    test::AnswerParts made;
    made.issuer = kEntityId;
    made.destination = std::string(kPublicUrl) + "/saml/contoso/acs";
    made.audience = std::string(kPublicUrl) + "/saml/contoso/metadata";
    made.in_response_to = std::move(in_response_to);
    made.now = clock_.now();
    made.attributes = {{"email", "ada@contoso.example"}};
    return made;
  }

  http::Response post(const std::string& saml_response, std::string_view relay_state = {}) {
    http::Request made = request();
    made.method = http::Method::Post;
    made.headers.set("Content-Type", "application/x-www-form-urlencoded");
    made.body = "SAMLResponse=" + percent_encode(saml_response);
    if (!relay_state.empty()) made.body += "&RelayState=" + percent_encode(relay_state);
    return handle(&ServiceProvider::acs, made);
  }

  /// Who the browser is signed in as; empty for nobody.
  std::string who() {
    const auto found = must(sessions_.who(request()));
    return found ? found->employee.profile.user_name : std::string();
  }

  std::vector<directory::Attempt> attempts() {
    return read([&](storage::Transaction& transaction) {
      return directory::list_attempts(transaction, account_.id, std::nullopt, 50);
    });
  }
  std::string last_finding() { return attempts().at(0).finding; }

  void setups_forget() {
    write(
        [&](storage::Transaction& transaction) { return directory::touch_setup(transaction, account_.id); });
  }

  void set_unsolicited(directory::UnsolicitedPolicy policy) {
    write([&](storage::Transaction& transaction) {
      auto settings = connection_.settings;
      settings.unsolicited = policy;
      return directory::update_settings(transaction, account_.id, connection_.id, settings, kSupport, kNow);
    });
  }

  test::FakeClock clock_{kNow};
  test::IdentityProvider idp_{kNow};
  metrics::Registry metrics_;
  crypto::Sealer sealer_{crypto::Secret(std::string(32, 'k'))};
  session::Sessions sessions_{*database_, clock_, {true, {}}, metrics_};
  session::FlowCookies flows_{sealer_, true};
  AccountSetups setups_{*database_, sealer_, clock_, std::string(kPublicUrl)};
  ServiceProvider service_provider_{
      {*database_, clock_, sessions_, flows_, setups_, std::string(kPublicUrl), metrics_}};
  test::CookieJar jar_;
  directory::Account account_ = add_account("contoso");
  directory::Connection connection_;
  directory::Employee ada_;
};

}  // namespace doorward::saml
