#include "console/import_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/departments.h"

namespace doorward::console {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ImportApiTest : public ConsoleTest {
 protected:
  http::Response post(const std::string& table, const std::string& query = {},
                      const http::Request* from = nullptr) {
    http::Request request = from != nullptr ? *from : administrator_;
    request.headers.set("Content-Type", "text/csv; charset=utf-8");
    request.query = query;
    request.body = table;
    const auto outcome = import_.import(request);
    if (outcome) return *outcome;
    return http::Response::json(
        http::Status::BadRequest,
        json::serialize(json::Object{{"error", json::Object{{"code", outcome.error().code.name()}}}}));
  }
  std::string refusal(const std::string& table, const std::string& query = {}) {
    const auto answered = must(json::parse(post(table, query).body)).as_object();
    return answered.contains("error") ? std::string(answered.at("error").at("code").as_string()) : "";
  }
  json::Object preview(const std::string& table) {
    return must(json::parse(post(table, "dry_run=true").body)).as_object();
  }
  /// As `line outcome`, one for each row.
  static std::vector<std::string> outcomes(const json::Object& answer) {
    std::vector<std::string> lines;
    for (const auto& row : answer.at("rows").as_array())
      lines.push_back(std::to_string(row.at("line").as_int64()) + ' ' +
                      std::string(row.at("outcome").as_string()));
    return lines;
  }
  std::optional<directory::Employee> find(const std::string& user_name) {
    return read([&](storage::Transaction& transaction) {
      return directory::find_employee_by_user_name(transaction, contoso_.account.id, user_name);
    });
  }
  directory::Department add_department(const std::string& name,
                                       std::optional<directory::DepartmentId> parent = {}) {
    return write([&](storage::Transaction& transaction) {
      return directory::create_department(
          transaction, {.account = contoso_.account.id, .name = name, .parent = parent}, kSupport, kNow);
    });
  }
  std::int64_t people() { return count("SELECT count(*) FROM employees"); }

  ImportApi import_{{*database_, clock_, sessions_}};
};

TEST_F(ImportApiTest, IsForAdministrators) {
  expect_for_administrators_only(import_, {&ImportApi::import});
}

TEST_F(ImportApiTest, SaysWhatWouldHappenAndDoesIt) {
  const auto sales = add_department("Sales");
  const std::string table =
      "email,givenName,familyName,department\n"
      "eve@contoso.example,Eve,Novak,sales\n"
      "BEN@contoso.example,Ben,Other,\n"
      "\"fay@contoso.example\",\"Fay \"\"F\"\"\",Ng,\n";
  const auto before = people();
  const auto said = preview(table);
  EXPECT_THAT(outcomes(said), ElementsAre("2 new", "3 exists", "4 new"));
  EXPECT_EQ(said.at("new").as_int64(), 2);
  EXPECT_EQ(said.at("imported").as_int64(), 0);
  EXPECT_EQ(people(), before);

  const auto done = must(json::parse(post(table).body));
  EXPECT_EQ(done.at("imported").as_int64(), 2);
  EXPECT_EQ(people(), before + 2);
  const auto eve = find("eve@contoso.example");
  ASSERT_TRUE(eve);
  EXPECT_EQ(eve->department, sales.id);
  EXPECT_EQ(eve->profile.family_name, "Novak");
  EXPECT_EQ(eve->origin, directory::Origin::Manual);
  EXPECT_FALSE(eve->administrator);
  EXPECT_EQ(find("fay@contoso.example")->profile.given_name, "Fay \"F\"");
  EXPECT_EQ(reload(contoso_.employee).profile, contoso_.employee.profile);
  // The same list again changes nothing.
  EXPECT_EQ(must(json::parse(post(table).body)).at("imported").as_int64(), 0);
  EXPECT_EQ(people(), before + 2);
}

TEST_F(ImportApiTest, SaysWhatIsWrongInEachRow) {
  const auto sales = add_department("Sales");
  add_department("North", sales.id);
  add_department("North", add_department("Service").id);
  const auto said = preview(
      "userName;EMAIL;department\n"
      ";;\n"
      "a;no address;\n"
      "b;b@contoso.example;Nowhere\n"
      "c;c@contoso.example;North\n"
      "d;d@contoso.example;Sales / north\n"
      "D;d2@contoso.example;\n"
      "e;e@contoso.example\n" +
      std::string(2000, 'f') + ";;\n");
  EXPECT_THAT(outcomes(said), ElementsAre("2 wrong", "3 wrong", "4 wrong", "5 wrong", "6 new", "7 wrong",
                                          "8 wrong", "9 wrong"));
  const auto problem = [&](std::size_t row) {
    return std::string(said.at("rows").at(row).at("problem").as_string());
  };
  EXPECT_THAT(problem(0), HasSubstr("neither"));
  EXPECT_THAT(problem(1), HasSubstr("“no address”"));
  EXPECT_THAT(problem(2), HasSubstr("no department “Nowhere”"));
  EXPECT_THAT(problem(3), HasSubstr("several departments"));
  EXPECT_THAT(problem(5), HasSubstr("line 6"));
  EXPECT_THAT(problem(6), HasSubstr("2 fields"));
  EXPECT_NE(problem(7), "");
}

TEST_F(ImportApiTest, ImportsNothingWhileARowIsWrongUnlessToldTo) {
  const std::string table = "email\neve@contoso.example\nnobody\n";
  const auto before = people();
  const auto refused = post(table);
  EXPECT_EQ(refused.status, http::Status::UnprocessableContent);
  const auto said = must(json::parse(refused.body)).as_object();
  EXPECT_EQ(said.at("error").at("code").as_string(), "import.wrong_rows");
  EXPECT_THAT(outcomes(said), ElementsAre("2 new", "3 wrong"));
  EXPECT_EQ(said.at("imported").as_int64(), 0);
  EXPECT_EQ(people(), before);
  EXPECT_EQ(must(json::parse(post(table, "skip_wrong=true").body)).at("imported").as_int64(), 1);
  EXPECT_EQ(people(), before + 1);
}

TEST_F(ImportApiTest, RefusesWhatIsNoList) {
  EXPECT_EQ(refusal(""), "import.empty");
  EXPECT_EQ(refusal("email\n"), "import.empty");
  EXPECT_EQ(refusal("email,phone\na@b.example,1\n"), "import.unknown_column");
  EXPECT_EQ(refusal("email,Email\na@b.example,1\n"), "import.column_twice");
  EXPECT_EQ(refusal("givenName\nEve\n"), "import.no_name_column");
  EXPECT_EQ(refusal("email,administrator\na@b.example,1\n"), "import.unknown_column");
  EXPECT_EQ(refusal("email\n\"a"), "csv.malformed");
  EXPECT_EQ(refusal("email\nM\xfc"), "csv.not_utf8");
  EXPECT_EQ(refusal("email\na@b.example\n", "dry_run=yes"), "api.bad_query");
  std::string many = "email\n";
  for (int i = 0; i <= 5000; ++i)
    many += "a\n";
  EXPECT_EQ(refusal(many), "csv.too_many_rows");
  EXPECT_EQ(refused(import_, &ImportApi::import, {.body = R"({"email":"a"})"}),
            std::string(http::kUnsupportedMediaType.name()));
}

TEST_F(ImportApiTest, StaysInTheAccount) {
  const auto other = request_of(fabrikam_.account, fabrikam_.administrator);
  add_department("Sales");
  const auto said =
      must(json::parse(post("email,department\nben@contoso.example,Sales\n", "dry_run=true", &other).body));
  EXPECT_EQ(said.at("rows").at(0).at("outcome").as_string(), "wrong");
  EXPECT_THAT(std::string(said.at("rows").at(0).at("problem").as_string()), HasSubstr("no department"));
  post("email\nben@contoso.example\n", "", &other);
  EXPECT_EQ(count("SELECT count(*) FROM employees WHERE user_name_key = 'ben@contoso.example'"), 2);
}

}  // namespace
}  // namespace doorward::console
