#include "console/api.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/attempts.h"
#include "directory/departments.h"

namespace doorward::console {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::array<Result<http::Response> (Api::*)(const http::Request&), 4> kLists = {
    &Api::employees, &Api::attempts, &Api::audit, &Api::activity};

class ApiTest : public ConsoleTest {
 protected:
  /// The code with which a query of the administrator is refused; empty when it is answered.
  std::string refusal(Handler handler, std::string query) {
    http::Request request = administrator_;
    request.query = std::move(query);
    const auto outcome = (api_.*handler)(request);
    return outcome ? std::string() : std::string(outcome.error().code.name());
  }

  std::string record_attempt(const directory::Account& account, std::string report = "{}") {
    directory::NewAttempt attempt;
    attempt.account = account.id;
    attempt.finding = "identity.deactivated";
    attempt.report = std::move(report);
    attempt.client_address = "192.0.2.7";
    return write([&](storage::Transaction& transaction) {
      return directory::record_attempt(transaction, attempt, kNow);
    });
  }

  http::Request for_reference(http::Request request, std::string reference) {
    request.parameters = {{"reference", std::move(reference)}};
    return request;
  }

  std::vector<std::string> names(const json::Value& page) {
    std::vector<std::string> found;
    for (const auto& employee : page.at("employees").as_array())
      found.emplace_back(employee.at("userName").as_string());
    return found;
  }
};

TEST_F(ApiTest, SaysWhoTheCookieIs) {
  const auto answer = ask(&Api::session);
  EXPECT_EQ(answer.at("account").at("slug").as_string(), "contoso");
  EXPECT_EQ(answer.at("employee").at("userName").as_string(), "ada@contoso.example");
  EXPECT_TRUE(answer.at("administrator").as_bool());
  const auto of_employee = must(json::parse(call(&Api::session, employee_).body));
  EXPECT_FALSE(of_employee.at("administrator").as_bool());
}

TEST_F(ApiTest, NobodyLearnsNothing) {
  http::Request forged;
  forged.headers.set("Cookie",
                     "__Host-doorward_session=" + contoso_.account.public_id + "." + std::string(43, 'A'));
  for (const http::Request& request : {http::Request(), forged}) {
    for (const auto handler : kLists)
      EXPECT_EQ(call(handler, request).status, http::Status::Unauthorized);
    EXPECT_EQ(call(&Api::attempt, for_reference(request, "K7QM-2XPD")).status, http::Status::Unauthorized);
    const auto refused = call(&Api::session, request);
    EXPECT_EQ(refused.status, http::Status::Unauthorized);
    EXPECT_THAT(refused.body, HasSubstr("\"code\":\"session.none\""));
  }
}

TEST_F(ApiTest, EmployeesMayNotLookAround) {
  for (const auto handler : kLists) {
    const auto refused = call(handler, employee_);
    EXPECT_EQ(refused.status, http::Status::Forbidden);
    EXPECT_THAT(refused.body, HasSubstr("api.administrators_only"));
    EXPECT_THAT(refused.body, Not(HasSubstr("ada@")));
  }
  const std::string reference = record_attempt(contoso_.account);
  EXPECT_EQ(call(&Api::attempt, for_reference(employee_, reference)).status, http::Status::Forbidden);
}

TEST_F(ApiTest, ActivityIsThatOfTheOwnAccountDayByDay) {
  record_attempt(contoso_.account);
  record_attempt(fabrikam_.account);
  const auto all = ask(&Api::activity).at("days");
  ASSERT_EQ(all.as_array().size(), 30U);
  const auto two = ask(&Api::activity, "days=2").at("days");
  ASSERT_EQ(two.as_array().size(), 2U);
  EXPECT_EQ(two.at(1), all.at(29));
  EXPECT_EQ(two.at(1).at("day").as_string(), format_rfc3339(kNow).substr(0, 10));
  EXPECT_EQ(two.at(1).at("signedIn").as_int64() + two.at(1).at("refused").as_int64(), 1);
  EXPECT_EQ(two.at(0).at("signedIn").as_int64() + two.at(0).at("refused").as_int64(), 0);
  for (const char* wrong : {"days=0", "days=91", "days=x", "days=2&days=3"}) {
    http::Request request = administrator_;
    request.query = wrong;
    EXPECT_FALSE(api_.activity(request)) << wrong;
  }
}

TEST_F(ApiTest, RightsEndAtOnce) {
  ask(&Api::employees);
  write([&](storage::Transaction& transaction) {
    return directory::revoke_administrator(transaction, contoso_.account.id, contoso_.administrator.id,
                                           directory::LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_EQ(call(&Api::employees, administrator_).status, http::Status::Forbidden);
  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, contoso_.account.id, contoso_.administrator.id,
                                          directory::LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_EQ(call(&Api::employees, administrator_).status, http::Status::Unauthorized);
}

TEST_F(ApiTest, ShowsTheOwnCompanyOnly) {
  for (const auto* company : {&contoso_, &fabrikam_}) {
    add_domain(company->account, company->account.slug + ".example");
    record_attempt(company->account, R"({"of":")" + company->account.slug + "\"}");
  }
  for (const auto handler : kLists) {
    const std::string answer = json::serialize(ask(handler));
    EXPECT_THAT(answer, Not(HasSubstr("fabrikam")));
    EXPECT_THAT(answer, Not(HasSubstr(fabrikam_.account.public_id)));
  }
  EXPECT_EQ(ask(&Api::attempts).at("attempts").as_array().size(), 1U);
}

TEST_F(ApiTest, PagesThroughEmployees) {
  for (int i = 0; i < 5; ++i)
    add_employee(contoso_.account, "e" + std::to_string(i) + "@contoso.example");
  std::vector<std::string> all;
  std::string after;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = ask(&Api::employees, "limit=3" + after);
    for (const auto& name : names(page))
      all.push_back(name);
    if (page.at("next").is_null()) break;
    after = "&after=" + percent_encode(page.at("next").as_string());
  }
  EXPECT_THAT(all, ElementsAre("ada@contoso.example", "ben@contoso.example", "e0@contoso.example",
                               "e1@contoso.example", "e2@contoso.example", "e3@contoso.example",
                               "e4@contoso.example"));
}

TEST_F(ApiTest, FiltersEmployees) {
  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, contoso_.account.id, contoso_.employee.id,
                                          directory::LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_THAT(names(ask(&Api::employees, "active=false")), ElementsAre("ben@contoso.example"));
  EXPECT_THAT(names(ask(&Api::employees, "active=true")), ElementsAre("ada@contoso.example"));
  EXPECT_THAT(names(ask(&Api::employees, "administrator=true")), ElementsAre("ada@contoso.example"));
  EXPECT_THAT(names(ask(&Api::employees, "administrator=false")), ElementsAre("ben@contoso.example"));
  EXPECT_THAT(names(ask(&Api::employees, "search=BE")), ElementsAre("ben@contoso.example"));
  EXPECT_TRUE(names(ask(&Api::employees, "search=%25")).empty());
  EXPECT_THAT(names(ask(&Api::employees, "search=example%20ADA")), ElementsAre("ada@contoso.example"));
  EXPECT_THAT(names(ask(&Api::employees, "origin=manual&limit=1")), ElementsAre("ada@contoso.example"));
  EXPECT_TRUE(names(ask(&Api::employees, "origin=directory")).empty());
  const auto standard = [&](const directory::Account& account) {
    return read([&](storage::Transaction& transaction) {
             return directory::default_department(transaction, account.id);
           })
        .public_id;
  };
  EXPECT_EQ(names(ask(&Api::employees, "department=" + standard(contoso_.account))).size(), 2U);
  EXPECT_EQ(refusal(&Api::employees, "department=" + standard(fabrikam_.account)), "api.no_department");
  EXPECT_EQ(refusal(&Api::employees, "origin=moon"), "api.bad_query");
  EXPECT_EQ(refusal(&Api::employees, "search=a+b+c+d+e+f+g"), "directory.search_too_long");
  // Of the account, whatever the filter.
  EXPECT_EQ(ask(&Api::employees, "search=nobody").at("total").as_int64(), 2);
  EXPECT_TRUE(names(ask(&Api::employees, "search=' OR 1=1 --")).empty());
}

TEST_F(ApiTest, AnyCursorIsHarmless) {
  for (const char* cursor : {"zzzz", "%00x", "'", "%F4%8F%BF%BF"}) {
    http::Request request = administrator_;
    request.query = std::string("after=") + cursor;
    const auto outcome = api_.employees(request);
    if (outcome) {
      EXPECT_THAT(outcome->body, Not(HasSubstr("fabrikam"))) << cursor;
    } else {
      EXPECT_EQ(outcome.error().kind, ErrorKind::InvalidInput) << cursor;
    }
  }
}

TEST_F(ApiTest, RefusesQueriesThatMakeNoSense) {
  for (const Handler handler : {&Api::employees, &Api::attempts, &Api::audit}) {
    for (const char* limit : {"limit=0", "limit=201", "limit=-1", "limit=", "limit=ten", "limit=1.5",
                              "limit=+5", "limit=%205", "limit=99999999999999999999", "limit=1&limit=2"})
      EXPECT_EQ(refusal(handler, limit), "api.bad_query") << limit;
    EXPECT_EQ(refusal(handler, "limit=1"), "");
    EXPECT_EQ(refusal(handler, "limit=200"), "");
  }
  for (const Handler handler : {&Api::attempts, &Api::audit}) {
    for (const char* before : {"before=0", "before=-1", "before=x", "before=9223372036854775808"})
      EXPECT_EQ(refusal(handler, before), "api.bad_query") << before;
    EXPECT_EQ(refusal(handler, "before=9223372036854775807"), "");
  }
  for (const char* active : {"active=", "active=yes", "active=TRUE", "active=1", "active=true&active=false"})
    EXPECT_EQ(refusal(&Api::employees, active), "api.bad_query") << active;
  EXPECT_EQ(refusal(&Api::employees, "search=a&search=b"), "api.bad_query");
  EXPECT_NE(refusal(&Api::employees, "search=%FF"), "");
}

TEST_F(ApiTest, PagesThroughAttemptsNewestFirst) {
  std::vector<std::string> references;
  for (int i = 0; i < 5; ++i)
    references.push_back(record_attempt(contoso_.account));
  std::ranges::reverse(references);
  std::vector<std::string> seen;
  std::string before;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = ask(&Api::attempts, "limit=2" + before);
    for (const auto& attempt : page.at("attempts").as_array())
      seen.emplace_back(attempt.at("reference").as_string());
    if (page.at("next").is_null()) break;
    before = "&before=" + std::to_string(page.at("next").as_int64());
  }
  EXPECT_EQ(seen, references);
}

TEST_F(ApiTest, PagesThroughTheAudit) {
  for (int i = 0; i < 5; ++i)
    add_employee(contoso_.account, "e" + std::to_string(i) + "@contoso.example");
  const auto all = ask(&Api::audit).at("audit").as_array();
  std::size_t seen = 0;
  std::string before;
  for (;;) {
    const auto page = ask(&Api::audit, "limit=3" + before);
    seen += page.at("audit").as_array().size();
    if (page.at("next").is_null()) break;
    before = "&before=" + std::to_string(page.at("next").as_int64());
  }
  EXPECT_EQ(seen, all.size());
  EXPECT_GE(seen, 7U);
}

TEST_F(ApiTest, TellsTheStoryBehindAReference) {
  const std::string reference = record_attempt(contoso_.account, R"({"checks":[{"check":"password"}]})");
  std::string typed = reference;
  std::erase(typed, '-');
  std::ranges::transform(typed, typed.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  for (const std::string& form : {reference, typed}) {
    const auto response = call(&Api::attempt, for_reference(administrator_, form));
    const auto story = must(json::parse(response.body));
    EXPECT_EQ(story.at("reference").as_string(), reference) << form;
    EXPECT_EQ(story.at("report").at("checks").as_array().size(), 1U);
  }
  const std::string without_report = record_attempt(contoso_.account, "");
  const auto story =
      must(json::parse(call(&Api::attempt, for_reference(administrator_, without_report)).body));
  EXPECT_TRUE(story.at("report").as_object().empty());
}

TEST_F(ApiTest, NamesWhoeverWasRecognised) {
  const auto record = [&](const std::string& employee) {
    directory::NewAttempt attempt;
    attempt.account = contoso_.account.id;
    attempt.employee = employee;
    return write([&](storage::Transaction& transaction) {
      return directory::record_attempt(transaction, attempt, kNow);
    });
  };
  record("");
  record(fabrikam_.employee.public_id);
  const std::string reference = record(contoso_.employee.public_id);
  const auto list = ask(&Api::attempts).at("attempts").as_array();
  EXPECT_EQ(list.at(0).at("employeeName").as_string(), "ben@contoso.example");
  EXPECT_EQ(list.at(1).at("employeeName").as_string(), "");
  EXPECT_EQ(list.at(2).at("employeeName").as_string(), "");
  const auto story = must(json::parse(call(&Api::attempt, for_reference(administrator_, reference)).body));
  EXPECT_EQ(story.at("employeeName").as_string(), "ben@contoso.example");
  write([&](storage::Transaction& transaction) {
    return directory::delete_employee(transaction, contoso_.account.id, contoso_.employee.id,
                                      directory::LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_EQ(ask(&Api::attempts).at("attempts").as_array().at(0).at("employeeName").as_string(), "");
}

TEST_F(ApiTest, FindsNoReferenceOfAnotherCompany) {
  for (const std::string& reference :
       {record_attempt(fabrikam_.account), std::string("K7QM-2XPD"), std::string("'")}) {
    const auto outcome = api_.attempt(for_reference(administrator_, reference));
    ASSERT_FALSE(outcome) << reference;
    EXPECT_EQ(outcome.error().kind, ErrorKind::NotFound);
    EXPECT_EQ(outcome.error().code.name(), std::string_view("api.no_attempt"));
  }
}

}  // namespace
}  // namespace doorward::console
