#pragma once

#include <string>

#include "console/api.h"
#include "directory/directory_test.h"
#include "json/json.h"
#include "support/cookie_jar.h"
#include "support/fake_clock.h"

namespace doorward::console {

/// What is sent to one of the API's classes; by contoso's administrator unless somebody else is named.
struct Message {
  std::string name = {};
  std::string body = {};
  std::string query = {};
  const http::Request* from = nullptr;
};

/// Two companies, each with an administrator and an employee, and the API that they call.
class ConsoleTest : public directory::DirectoryTest {
 protected:
  using Handler = Result<http::Response> (Api::*)(const http::Request&);

  struct Company {
    directory::Account account;
    directory::Employee administrator;
    directory::Employee employee;
  };

  Company add_company(const std::string& name) {
    Company made;
    made.account = add_account(name);
    made.administrator = add_employee({.account = made.account.id,
                                       .profile = {.user_name = "ada@" + name + ".example"},
                                       .administrator = true});
    made.employee = add_employee(made.account, "ben@" + name + ".example");
    return made;
  }

  http::Request request_of(const directory::Account& account, const directory::Employee& employee) {
    const auto token = directory::SessionToken::issue(account);
    write([&](storage::Transaction& transaction) {
      return directory::create_session(transaction, token, {.account = account.id, .employee = employee.id},
                                       sessions_.lifetime(), clock_.now());
    });
    http::Response response;
    sessions_.set_cookie(response, token);
    test::CookieJar jar;
    jar.keep(response);
    http::Request request;
    jar.send_with(request);
    return request;
  }

  http::Response call(Handler handler, http::Request request, std::string query = {}) {
    request.query = std::move(query);
    return must((api_.*handler)(request));
  }
  /// The answer to contoso's administrator.
  json::Value ask(Handler handler, std::string query = {}) {
    const auto response = call(handler, administrator_, std::move(query));
    EXPECT_EQ(response.status, http::Status::Ok);
    return must(json::parse(response.body));
  }

  template <class Room>
  using HandlerOf = Result<http::Response> (Room::*)(const http::Request&);

  template <class Room>
  Result<http::Response> send(Room& room, HandlerOf<Room> handler, const Message& message = {}) {
    http::Request request = message.from != nullptr ? *message.from : administrator_;
    request.parameters = {{"id", message.name}, {"name", message.name}};
    request.query = message.query;
    request.body = message.body;
    if (!message.body.empty()) request.headers.set("Content-Type", "application/json");
    return (room.*handler)(request);
  }
  /// What an answered message says.
  template <class Room>
  json::Object sent(Room& room, HandlerOf<Room> handler, const Message& message = {}) {
    const auto response = must(send(room, handler, message));
    EXPECT_LT(static_cast<int>(response.status), 300) << response.body;
    return must(json::parse(response.body)).as_object();
  }
  /// The code with which a message is refused; empty when it is answered.
  template <class Room>
  std::string refused(Room& room, HandlerOf<Room> handler, const Message& message = {}) {
    const auto outcome = send(room, handler, message);
    if (!outcome) return std::string(outcome.error().code.name());
    if (outcome->status < http::Status::BadRequest) return {};
    return std::string(must(json::parse(outcome->body)).at("error").at("code").as_string());
  }
  /// Nobody but administrators gets in, to these and to nothing else.
  template <class Room>
  void expect_for_administrators_only(Room& room, std::initializer_list<HandlerOf<Room>> handlers) {
    const http::Request nobody;
    for (const auto handler : handlers) {
      EXPECT_EQ(refused(room, handler, {.name = "x", .body = "{}", .from = &nobody}), "session.none");
      EXPECT_EQ(refused(room, handler, {.name = "x", .body = "{}", .from = &employee_}),
                "api.administrators_only");
    }
  }

  test::FakeClock clock_{kNow};
  metrics::Registry metrics_;
  session::Sessions sessions_{*database_, clock_, {true, {}}, metrics_};
  Api api_{{*database_, clock_, sessions_}};
  Company contoso_ = add_company("contoso");
  Company fabrikam_ = add_company("fabrikam");
  http::Request administrator_ = request_of(contoso_.account, contoso_.administrator);
  http::Request employee_ = request_of(contoso_.account, contoso_.employee);
};

}  // namespace doorward::console
