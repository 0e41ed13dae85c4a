#include "console/test_accounts_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"

namespace doorward::console {
namespace {

using testing::StartsWith;

class TestAccountsApiTest : public ConsoleTest {
 protected:
  json::Object create() { return sent(tests_, &TestAccountsApi::create, {.body = "{}"}); }
  static std::string id_of(const json::Object& answered) {
    return std::string(answered.at("access").at("id").as_string());
  }

  TestAccountsApi tests_{{*database_, clock_, sessions_}, "https://sso.example"};
  http::Request stranger_ = request_of(fabrikam_.account, fabrikam_.administrator);
};

TEST_F(TestAccountsApiTest, IsForAdministrators) {
  expect_for_administrators_only(tests_, {&TestAccountsApi::test_accounts, &TestAccountsApi::create,
                                          &TestAccountsApi::open, &TestAccountsApi::remove});
  EXPECT_EQ(count("SELECT count(*) FROM accounts WHERE parent_id IS NOT NULL"), 0);
}

TEST_F(TestAccountsApiTest, OneClickMakesOneAndLeadsIn) {
  const auto answered = create();
  const auto& made = answered.at("testAccounts").at(0);
  EXPECT_EQ(made.at("name").as_string(), "contoso (test)");
  EXPECT_EQ(made.at("employees").as_int64(), 1);
  EXPECT_EQ(made.at("signInUrl").as_string(), "https://sso.example/sign-in?account=contoso-test");
  const auto& access = answered.at("access");
  EXPECT_EQ(access.at("userName").as_string(), "ada@contoso.example");
  EXPECT_THAT(std::string(access.at("link").as_string()), StartsWith("https://sso.example/access?link=dwl_"));
  const auto listed = sent(tests_, &TestAccountsApi::test_accounts);
  EXPECT_EQ(listed.at("testAccounts").as_array().size(), 1U);
  EXPECT_FALSE(listed.contains("access")) << "the link is shown once";
  EXPECT_EQ(refused(tests_, &TestAccountsApi::create, {.body = R"({"name":"x"})"}), "api.bad_body");
  EXPECT_EQ(refused(tests_, &TestAccountsApi::create), "http.unsupported_media_type");
}

TEST_F(TestAccountsApiTest, IsOpenedAgainAndDeleted) {
  const auto first = create();
  const auto again = sent(tests_, &TestAccountsApi::open, {.name = id_of(first), .body = "{}"});
  EXPECT_EQ(id_of(again), id_of(first));
  EXPECT_NE(again.at("access").at("link"), first.at("access").at("link"));
  EXPECT_TRUE(
      sent(tests_, &TestAccountsApi::remove, {.name = id_of(first)}).at("testAccounts").as_array().empty());
  EXPECT_EQ(refused(tests_, &TestAccountsApi::open, {.name = id_of(first), .body = "{}"}),
            "directory.no_test_account");
}

TEST_F(TestAccountsApiTest, AreNobodyElses) {
  const std::string id = id_of(create());
  EXPECT_TRUE(sent(tests_, &TestAccountsApi::test_accounts, {.from = &stranger_})
                  .at("testAccounts")
                  .as_array()
                  .empty());
  EXPECT_EQ(refused(tests_, &TestAccountsApi::open, {.name = id, .body = "{}", .from = &stranger_}),
            "directory.no_test_account");
  EXPECT_EQ(refused(tests_, &TestAccountsApi::remove, {.name = id, .from = &stranger_}),
            "directory.no_test_account");
  // Nor does a real account go this way.
  for (const std::string& real : {contoso_.account.public_id, fabrikam_.account.public_id})
    EXPECT_EQ(refused(tests_, &TestAccountsApi::remove, {.name = real}), "directory.no_test_account");
}

TEST_F(TestAccountsApiTest, TheAdministratorOfOneIsTold) {
  const std::string id = id_of(create());
  const auto test_account = read([&](storage::Transaction& transaction) {
    return directory::find_test_account(transaction, contoso_.account.id, id);
  });
  const auto stand_in = read([&](storage::Transaction& transaction) {
    return directory::find_employee_by_user_name(transaction, test_account->id, "ada@contoso.example");
  });
  const auto inside = request_of(*test_account, *stand_in);
  const auto session = must(json::parse(must(api_.session(inside)).body));
  EXPECT_EQ(session.at("account").at("testAccountOf").as_string(), "contoso");
  EXPECT_TRUE(ask(&Api::session).at("account").at("testAccountOf").is_null());
  EXPECT_TRUE(sent(tests_, &TestAccountsApi::test_accounts, {.from = &inside}).at("isTestAccount").as_bool());
  EXPECT_EQ(refused(tests_, &TestAccountsApi::create, {.body = "{}", .from = &inside}),
            "directory.test_account_of_test_account");
}

}  // namespace
}  // namespace doorward::console
