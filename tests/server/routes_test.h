#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "directory/directory_test.h"
#include "directory/setup_links.h"
#include "directory/setups.h"
#include "server/routes.h"
#include "support/cookie_jar.h"

namespace doorward::server {

using http::Method;
using http::Status;

/// All routes of a server, without the server.
class RoutesTest : public directory::DirectoryTest {
 protected:
  RoutesTest() : services_(make("https://sso.portal.example")), routes_(make_routes(*services_)) {
    log::set_sink([](std::string_view) {});
  }
  ~RoutesTest() override { log::set_sink({}); }

  std::unique_ptr<Services> make(std::string_view public_url) {
    Config config;
    config.public_url = must(Url::parse(public_url));
    return std::make_unique<Services>(config, *config.public_url, test_database_.open(),
                                      crypto::Sealer(crypto::Secret(std::string(32, 'k'))), clock_);
  }

  static http::Request request(Method method, std::string path) {
    http::Request made;
    made.method = method;
    made.path = std::move(path);
    made.client_address = "127.0.0.1";
    made.request_id = "request-1";
    return made;
  }

  /// As http/ does it.
  static void add_defaults(const Services& services, http::Response& response) {
    const http::Headers defaults = security_headers(services);
    for (const auto& [name, value] : defaults.all()) {
      if (!response.headers.find(name)) response.headers.add(name, value);
    }
  }

  /// The answer as a browser gets it, but for what http/ adds.
  http::Response send(http::Request request) {
    auto match = routes_.find(request.method, request.path);
    if (match.route == nullptr) {
      auto response = answer_error(request, {ErrorKind::NotFound, http::kNotFound, "There is nothing here."});
      add_defaults(*services_, response);
      return response;
    }
    request.parameters = std::move(match.parameters);
    auto outcome = match.route->handler(request);
    auto response = outcome ? *std::move(outcome) : answer_error(request, outcome.error());
    add_defaults(*services_, response);
    return response;
  }
  http::Response get(std::string path) { return send(request(Method::Get, std::move(path))); }

  http::Request form(std::string path, std::string body = "email=ada%40contoso.example") {
    auto made = request(Method::Post, std::move(path));
    made.headers.set("Content-Type", "application/x-www-form-urlencoded");
    made.body = std::move(body);
    return made;
  }

  /// The cookies of an administrator of the account contoso.
  test::CookieJar administrator() {
    const auto account = add_account("contoso");
    const auto ada = add_employee(
        {.account = account.id, .profile = {.user_name = "ada@contoso.example"}, .administrator = true});
    const auto token = directory::SessionToken::issue(account);
    write([&](storage::Transaction& transaction) {
      return directory::create_session(transaction, token, {.account = account.id, .employee = ada.id}, {},
                                       clock_.now());
    });
    http::Response response;
    services_->sessions.set_cookie(response, token);
    test::CookieJar jar;
    jar.keep(response);
    return jar;
  }

  /// The cookie of a browser that opened a setup link of the account contoso, which has an administrator of
  /// that name.
  test::CookieJar delegate() {
    const auto account = add_account("contoso");
    const auto ada = add_employee(
        {.account = account.id, .profile = {.user_name = "ada@contoso.example"}, .administrator = true});
    const auto secret = directory::SetupLinkSecret::issue(account);
    const auto session = directory::DelegateSecret::issue(account);
    const directory::Actor actor{directory::ActorKind::Administrator, "ada@contoso.example"};
    write([&](storage::Transaction& transaction) -> Result<void> {
      RETURN_IF_ERROR(directory::start_setup(transaction, account.id, actor, clock_.now()));
      RETURN_IF_ERROR(directory::create_setup_link(transaction, ada, "Max", 7, secret, actor, clock_.now()));
      RETURN_IF_ERROR(directory::open_setup_link(transaction, secret, session, "192.0.2.7", clock_.now()));
      return {};
    });
    http::Response response;
    services_->delegates.set_cookie(response, session, std::chrono::hours(1));
    test::CookieJar jar;
    jar.keep(response);
    return jar;
  }

  /// An answer as far as two of them can be compared: pages hold what is new each time.
  static std::string told(const http::Response& response) {
    const bool json = response.headers.find("Content-Type").value_or("").starts_with("application/json");
    return std::to_string(static_cast<int>(response.status)) + " " +
           std::string(response.headers.find("Location").value_or("")) + (json ? " " + response.body : "");
  }

  SystemClock clock_;
  std::unique_ptr<Services> services_;
  http::Router routes_;
};

}  // namespace doorward::server
