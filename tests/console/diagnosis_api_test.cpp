#include "console/diagnosis_api.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "base/url.h"
#include "console/console_test.h"
#include "directory/attempts.h"

namespace doorward::console {
namespace {

using testing::HasSubstr;

class DiagnosisApiTest : public ConsoleTest {
 protected:
  json::Object asked(const std::string& query) {
    return sent(diagnosis_, &DiagnosisApi::diagnosis, {.query = query});
  }
  json::Object searched(std::string_view words) { return asked("search=" + percent_encode(words)); }
  static std::string cause(const json::Object& answer) {
    return std::string(answer.at("verdict").at("cause").as_string());
  }
  std::string record(const directory::Account& account, std::string_view employee, std::string_view actual) {
    return write([&](storage::Transaction& transaction) {
      return directory::record_attempt(
          transaction,
          {.account = account.id,
           .finding = "identity.not_provisioned",
           .employee = std::string(employee),
           .report = json::serialize(json::Object{{"decision", json::Object{{"actual", actual}}}})},
          kNow);
    });
  }

  DiagnosisApi diagnosis_{{*database_, clock_, sessions_}};
};

TEST_F(DiagnosisApiTest, IsForAdministrators) {
  expect_for_administrators_only(diagnosis_, {&DiagnosisApi::diagnosis});
}

TEST_F(DiagnosisApiTest, RefusesWhatAsksForNobody) {
  for (const std::string query : {"", "search=", "search=%20", "employee=x&search=y", "search=a&search=b"}) {
    EXPECT_EQ(refused(diagnosis_, &DiagnosisApi::diagnosis, {.query = query}), "api.bad_query") << query;
  }
  EXPECT_EQ(refused(diagnosis_, &DiagnosisApi::diagnosis, {.query = "search=" + std::string(400, 'a')}),
            "api.bad_query");
  EXPECT_EQ(refused(diagnosis_, &DiagnosisApi::diagnosis, {.query = "employee=x"}), "directory.no_employee");
  EXPECT_EQ(
      refused(diagnosis_, &DiagnosisApi::diagnosis, {.query = "employee=" + fabrikam_.employee.public_id}),
      "directory.no_employee");
}

TEST_F(DiagnosisApiTest, TellsAboutAnEmployee) {
  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, contoso_.account.id, contoso_.employee.id,
                                          directory::LastAdministrator::Protect, kDirectory, kNow);
  });
  for (const std::string& query :
       {"employee=" + contoso_.employee.public_id, std::string("search=BEN%40contoso.example")}) {
    const auto answer = asked(query);
    EXPECT_EQ(cause(answer), "deactivated");
    EXPECT_THAT(std::string(answer.at("verdict").at("answer").as_string()), HasSubstr("“Entra”"));
    EXPECT_EQ(answer.at("employees").at(0).at("id").as_string(), contoso_.employee.public_id);
    EXPECT_EQ(answer.at("timeline").at(0).at("kind").as_string(), "change");
    EXPECT_TRUE(answer.at("attempt").is_null());
  }
}

TEST_F(DiagnosisApiTest, ReadsReferenceNumbersAsTheyAreTyped) {
  const std::string reference = record(contoso_.account, "", "eve@contoso.example");
  for (const std::string& typed : {reference, " " + to_ascii_lower(reference) + " "}) {
    const auto answer = searched(typed);
    EXPECT_EQ(answer.at("attempt").at("reference").as_string(), reference);
    EXPECT_EQ(cause(answer), "attempt");
    EXPECT_EQ(answer.at("verdict").at("finding").as_string(), "identity.not_provisioned");
    EXPECT_TRUE(answer.at("employees").as_array().empty());
  }
  add_employee(contoso_.account, "eve@contoso.example");
  const auto since = searched(reference);
  EXPECT_EQ(cause(since), "no-way-in");
  EXPECT_EQ(since.at("employees").at(0).at("userName").as_string(), "eve@contoso.example");
}

TEST_F(DiagnosisApiTest, AReferenceThatNamesNobodyIsToldByItself) {
  const std::string reference = record(contoso_.account, "", "nothing");
  const auto answer = searched(reference);
  EXPECT_EQ(cause(answer), "attempt");
  ASSERT_EQ(answer.at("timeline").as_array().size(), 1u);
  EXPECT_EQ(answer.at("timeline").at(0).at("reference").as_string(), reference);
}

TEST_F(DiagnosisApiTest, SeveralEmployeesAreAskedAbout) {
  add_employee(contoso_.account, "desk1", "desk@contoso.example");
  add_employee(contoso_.account, "desk2", "desk@contoso.example");
  const auto answer = searched("desk@contoso.example");
  EXPECT_EQ(answer.at("employees").as_array().size(), 2u);
  EXPECT_TRUE(answer.at("verdict").is_null());
  EXPECT_TRUE(answer.at("timeline").as_array().empty());
}

TEST_F(DiagnosisApiTest, KnowsNothingOfOtherCompanies) {
  const std::string reference = record(fabrikam_.account, fabrikam_.employee.public_id, "");
  const auto by_reference = searched(reference);
  EXPECT_TRUE(by_reference.at("attempt").is_null());
  EXPECT_EQ(cause(by_reference), "unknown");
  const auto by_address = searched("ben@fabrikam.example");
  EXPECT_TRUE(by_address.at("employees").as_array().empty());
  EXPECT_EQ(cause(by_address), "unknown");
  EXPECT_TRUE(by_address.at("timeline").as_array().empty());
}

}  // namespace
}  // namespace doorward::console
