#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>

#include "crypto/hash.h"
#include "crypto/seal.h"
#include "directory/applications.h"
#include "directory/directory_test.h"
#include "directory/grants.h"
#include "directory/key_ring.h"
#include "json/json.h"
#include "oidc/answers.h"
#include "oidc/provider.h"
#include "oidc/tokens.h"
#include "support/cookie_jar.h"
#include "support/fake_clock.h"

namespace doorward::oidc {

/// A company with an application, an employee of it, and their browser.
class ProviderTest : public directory::DirectoryTest {
 protected:
  using Handler = Result<http::Response> (Provider::*)(const http::Request&);
  using Form = protocol::Parameters;

  static constexpr std::string_view kIssuer = "https://sso.portal.example";
  static constexpr std::string_view kCallback = "https://wiki.contoso.example/callback";
  static constexpr std::string_view kAllScopes = "openid profile email groups departments offline_access";
  static constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  static constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

  ProviderTest() { secret_ = add_secret(wiki_); }

  directory::Application add_application(std::optional<directory::AccountId> account,
                                         directory::ApplicationKind kind,
                                         directory::ApplicationSettings settings) {
    return write([&](storage::Transaction& transaction) {
      return directory::create_application(
          transaction, {.account = account, .kind = kind, .settings = settings}, kSupport, kNow);
    });
  }
  static directory::ApplicationSettings web_settings(std::string_view name = "Wiki") {
    directory::ApplicationSettings settings;
    settings.name = name;
    settings.scope = kAllScopes;
    settings.redirect_uris = {std::string(kCallback)};
    settings.post_logout_redirect_uris = {"https://wiki.contoso.example/bye"};
    return settings;
  }
  std::string add_secret(const directory::Application& application) {
    const auto issued = write([&](storage::Transaction& transaction) {
      return directory::add_application_secret(transaction, application, kSupport, kNow);
    });
    return std::string(issued.value.reveal());
  }
  template <class Change>
  void change(directory::Application& application, Change apply) {
    apply(application.settings);
    application = write([&](storage::Transaction& transaction) {
      return directory::update_application(transaction, application.id, application.settings, kSupport, kNow);
    });
  }

  void sign_in(const directory::Employee& employee) {
    const auto account = read([&](storage::Transaction& transaction) {
      return directory::load_account(transaction, employee.account);
    });
    const auto token = directory::SessionToken::issue(account);
    session_ = write([&](storage::Transaction& transaction) {
      directory::NewSession session{.account = account.id, .employee = employee.id};
      session.method = directory::SignInMethod::Password;
      return directory::create_session(transaction, token, session, {}, clock_.now());
    });
    http::Response response;
    sessions_.set_cookie(response, token);
    jar_.keep(response);
  }

  http::Request request(std::string_view path) {
    http::Request made;
    made.path = path;
    made.client_address = "192.0.2.7";
    made.request_id = "request-1";
    return made;
  }
  http::Response handle(Handler handler, const http::Request& request) {
    auto response = must((provider_.*handler)(request));
    jar_.keep(response);
    return response;
  }
  /// What the browser gets.
  http::Response browse(Handler handler, std::string query) {
    http::Request made = request("/oauth2/");
    made.query = std::move(query);
    jar_.send_with(made);
    return handle(handler, made);
  }
  http::Response browse(Handler handler, const Form& parameters) {
    return browse(handler, to_form(parameters));
  }
  http::Response submit(Handler handler, const Form& form) {
    http::Request made = posted(form);
    jar_.send_with(made);
    return handle(handler, made);
  }
  http::Request posted(const Form& form) {
    http::Request made = request("/oauth2/token");
    made.method = http::Method::Post;
    made.headers.set("Content-Type", "application/x-www-form-urlencoded");
    made.body = to_form(form);
    return made;
  }
  /// What a program gets, which has no cookies.
  http::Response call(Handler handler, const Form& form) { return must((provider_.*handler)(posted(form))); }

  /// The parameters of an authorization request of the wiki; an empty value takes one away.
  Form wish(const Form& changes = {}) const {
    return with({{"client_id", wiki_.client_id},
                 {"redirect_uri", std::string(kCallback)},
                 {"response_type", "code"},
                 {"scope", "openid profile email"},
                 {"state", "state-1"},
                 {"nonce", "nonce-1"},
                 {"code_challenge", std::string(kChallenge)},
                 {"code_challenge_method", "S256"}},
                changes);
  }
  static Form with(Form form, const Form& changes) {
    for (const auto& [name, value] : changes) {
      std::erase_if(form, [&](const auto& parameter) { return parameter.first == name; });
      if (!value.empty()) form.emplace_back(name, value);
    }
    return form;
  }

  static std::string location(const http::Response& response) {
    return std::string(response.headers.find("Location").value_or(""));
  }
  static std::string field(const http::Response& response, std::string_view name) {
    return std::string(response.headers.find(name).value_or(""));
  }
  /// A parameter of the address that the browser is sent to.
  static std::string sent(const http::Response& response, std::string_view name) {
    const std::string address = location(response);
    const auto query = must(http::Form::parse(address.substr(address.find('?') + 1)));
    return std::string(query.find(name).value_or(""));
  }
  /// The address of ours that a sign-in comes back to.
  http::Response come_back(const http::Response& sent_to_sign_in) {
    const std::string return_to = sent(sent_to_sign_in, "return_to");
    EXPECT_THAT(return_to, testing::StartsWith("/oauth2/authorize?"));
    return browse(&Provider::authorize, return_to.substr(return_to.find('?') + 1));
  }

  std::string get_code(const Form& changes = {}) {
    const auto response = browse(&Provider::authorize, wish(changes));
    EXPECT_THAT(location(response), testing::StartsWith(std::string(kCallback) + "?code=dwc_"));
    return sent(response, "code");
  }
  /// The form that exchanges a code, with the wiki's secret.
  Form exchange(const std::string& code, const Form& changes = {}) const {
    return with({{"grant_type", "authorization_code"},
                 {"code", code},
                 {"redirect_uri", std::string(kCallback)},
                 {"code_verifier", std::string(kVerifier)},
                 {"client_id", wiki_.client_id},
                 {"client_secret", secret_}},
                changes);
  }
  Form refreshing(const std::string& token, const Form& changes = {}) const {
    return with({{"grant_type", "refresh_token"},
                 {"refresh_token", token},
                 {"client_id", wiki_.client_id},
                 {"client_secret", secret_}},
                changes);
  }
  static json::Object parsed(const http::Response& response) {
    return must(json::parse(response.body)).get_object();
  }
  static std::string text(const json::Object& object, std::string_view name) {
    return must(json::optional_string(object, name)).value_or("");
  }
  static std::string error_of(const http::Response& response) { return text(parsed(response), "error"); }
  /// All that the token endpoint gives.
  json::Object get_tokens(const Form& changes = {}) {
    const auto response = call(&Provider::token, exchange(get_code(changes)));
    EXPECT_EQ(response.status, http::Status::Ok) << response.body;
    return parsed(response);
  }
  json::Object verified(const std::string& jwt, std::string_view type = {}) {
    constexpr std::array kBoth = {protocol::JwsAlgorithm::Rs256, protocol::JwsAlgorithm::Es256};
    const auto keys = must(own_keys(*must(keys_.view())));
    return must(protocol::verify_jwt(jwt, keys, kBoth, type)).claims();
  }

  http::Response userinfo(const std::string& token) {
    http::Request made = request("/oauth2/userinfo");
    if (!token.empty()) made.headers.set("Authorization", "Bearer " + token);
    return must(provider_.userinfo(made));
  }
  bool lives(const json::Object& tokens) {
    return userinfo(text(tokens, "access_token")).status == http::Status::Ok;
  }
  void deactivate(const directory::Employee& employee) {
    write([&](storage::Transaction& transaction) {
      return directory::deactivate_employee(transaction, employee.account, employee.id,
                                            directory::LastAdministrator::MayGo, kSupport, clock_.now());
    });
  }

  test::FakeClock clock_{kNow};
  metrics::Registry metrics_;
  crypto::Sealer sealer_{crypto::Secret(std::string(32, 'k'))};
  session::Sessions sessions_{*database_, clock_, {true, {}}, metrics_};
  session::TokenBearers bearers_{*database_, clock_, {}, metrics_};
  directory::KeyRing keys_{*database_, sealer_, clock_};
  Provider provider_{{*database_, clock_, sessions_, bearers_, keys_, std::string(kIssuer)}};
  test::CookieJar jar_;
  directory::Account contoso_ = add_account("contoso");
  directory::Employee ada_ = add_employee(contoso_, "ada@contoso.example");
  directory::Application wiki_ =
      add_application(contoso_.id, directory::ApplicationKind::Web, web_settings());
  std::string secret_;
  directory::Session session_;
};

}  // namespace doorward::oidc
