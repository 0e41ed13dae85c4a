#pragma once

#include <string>

#include "console/api.h"
#include "directory/directory_test.h"
#include "json/json.h"
#include "support/cookie_jar.h"
#include "support/fake_clock.h"

namespace doorward::console {

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
