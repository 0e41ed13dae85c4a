#include "console/setup_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/attempts.h"
#include "directory/census.h"
#include "directory/departments.h"
#include "directory/setups.h"

namespace doorward::console {
namespace {

using testing::HasSubstr;

class SetupApiTest : public ConsoleTest {
 protected:
  json::Object wizard() { return sent(setup_, &SetupApi::wizard); }
  json::Object step(std::string_view name) {
    const json::Object shown = wizard();
    for (const json::Value& each : shown.at("steps").as_array()) {
      if (each.at("step").as_string() == name) return each.as_object();
    }
    ADD_FAILURE() << name;
    return {};
  }
  void start() { sent(setup_, &SetupApi::start, {.body = "{}"}); }
  /// Everything but a provisioning token.
  void prepare_all() {
    start();
    const auto connection = add_connection(contoso_.account, "https://idp.example");
    add_domain(contoso_.account, "contoso.example");
    for (const auto& employee : {contoso_.administrator, contoso_.employee}) {
      write([&](storage::Transaction& transaction) {
        auto profile = employee.profile;
        profile.email = profile.user_name;
        return directory::update_profile(transaction, employee.account, employee.id, profile, kSupport, kNow);
      });
    }
    sent(setup_, &SetupApi::provisioning, {.body = R"({"declined":true})"});
    const auto department = read([&](storage::Transaction& transaction) {
      return directory::default_department(transaction, contoso_.account.id);
    });
    sent(setup_, &SetupApi::department, {.body = R"({"department":")" + department.public_id + "\"}"});
    write([&](storage::Transaction& transaction) {
      return directory::record_attempt(transaction,
                                       {.account = contoso_.account.id,
                                        .connection = connection.id,
                                        .outcome = directory::AttemptOutcome::Test,
                                        .employee = contoso_.administrator.public_id},
                                       kNow);
    });
  }

  SetupApi setup_{{*database_, clock_, sessions_}, "https://sso.example"};
};

TEST_F(SetupApiTest, IsForAdministrators) {
  expect_for_administrators_only(
      setup_,
      {&SetupApi::wizard, &SetupApi::start, &SetupApi::choose_provider, &SetupApi::application,
       &SetupApi::provisioning, &SetupApi::department, &SetupApi::outsiders, &SetupApi::set_loss,
       &SetupApi::accept_all, &SetupApi::accept, &SetupApi::discard, &SetupApi::enable, &SetupApi::cancel});
  EXPECT_EQ(count("SELECT count(*) FROM setups"), 0);
}

TEST_F(SetupApiTest, ShowsTheWizardBeforeTheStart) {
  const auto shown = wizard();
  EXPECT_EQ(shown.at("account").at("slug").as_string(), "contoso");
  EXPECT_TRUE(shown.at("planAllows").as_bool());
  EXPECT_TRUE(shown.at("enforcedAt").is_null());
  EXPECT_TRUE(shown.at("setup").is_null());
  EXPECT_EQ(shown.at("providers").as_array().size(), 9U);
  EXPECT_EQ(shown.at("steps").as_array().size(), 8U);
  EXPECT_EQ(shown.at("steps").at(0).at("step").as_string(), "prepare");
  EXPECT_EQ(shown.at("steps").at(0).at("state").as_string(), "to-do");
  EXPECT_TRUE(shown.at("steps").at(0).at("blocks").as_bool());
  EXPECT_EQ(shown.at("next").as_string(), "prepare");
  EXPECT_FALSE(shown.at("mayEnable").as_bool());
  EXPECT_EQ(shown.at("people").at("active").as_int64(), 2);
  EXPECT_EQ(shown.at("people").at("outside").as_int64(), 2);
  EXPECT_EQ(shown.at("people").at("accepted").as_int64(), 0);
  EXPECT_EQ(shown.at("people").at("administratorsInside").as_int64(), 0);
  EXPECT_EQ(shown.at("signInUrl").as_string(), "https://sso.example/sign-in?account=contoso");
}

TEST_F(SetupApiTest, KeepsWhatIsSaid) {
  const auto started = sent(setup_, &SetupApi::start, {.body = "{}"});
  EXPECT_EQ(started.at("setup").at("startedBy").as_string(), "ada@contoso.example");
  EXPECT_EQ(started.at("next").as_string(), "application");
  sent(setup_, &SetupApi::choose_provider, {.body = R"({"provider":"okta"})"});
  sent(setup_, &SetupApi::application, {.body = R"({"done":true})"});
  const auto shown = sent(setup_, &SetupApi::provisioning, {.body = R"({"declined":true})"}).at("setup");
  EXPECT_EQ(shown.at("provider").as_string(), "okta");
  EXPECT_EQ(shown.at("applicationDoneAt").as_string(), format_rfc3339(kNow));
  EXPECT_EQ(shown.at("provisioningDeclinedAt").as_string(), format_rfc3339(kNow));
  EXPECT_TRUE(shown.at("departmentChosenAt").is_null());
  EXPECT_EQ(step("application").at("state").as_string(), "done");
  const auto back = sent(setup_, &SetupApi::application, {.body = R"({"done":false})"}).at("setup");
  EXPECT_TRUE(back.at("applicationDoneAt").is_null());
}

TEST_F(SetupApiTest, RefusesBodiesThatItDoesNotUnderstand) {
  start();
  EXPECT_EQ(refused(setup_, &SetupApi::start, {.body = R"({"x":1})"}), "api.bad_body");
  const std::vector<std::pair<HandlerOf<SetupApi>, std::vector<std::string>>> cases = {
      {&SetupApi::application, {"{}", R"({"done":"yes"})", R"({"done":true,"Done":true})"}},
      {&SetupApi::provisioning, {"{}", R"({"declined":null})", R"({"decline":true})"}},
      {&SetupApi::choose_provider, {"{}", R"({"provider":7})", R"({"provider":"entra","x":1})"}},
      {&SetupApi::department, {"{}", R"({"department":1})"}},
      {&SetupApi::accept_all, {"{}", R"({"expected":-1})", R"({"expected":"1"})", R"({"expected":1e30})"}},
      {&SetupApi::enable, {"{}", R"({"accountName":1})", R"({"accountName":"contoso","force":true})"}},
      {&SetupApi::cancel, {"{}", R"({"accountName":null})"}},
      {&SetupApi::set_loss, {"{}", R"({"accepted":1})"}},
  };
  for (const auto& [handler, bodies] : cases) {
    for (const std::string& body : bodies)
      EXPECT_NE(refused(setup_, handler, {.name = contoso_.employee.public_id, .body = body}), "") << body;
  }
  EXPECT_EQ(refused(setup_, &SetupApi::choose_provider, {.body = R"({"provider":"evil"})"}),
            "setup.unknown_provider");
  EXPECT_TRUE(wizard().at("setup").at("applicationDoneAt").is_null());
}

TEST_F(SetupApiTest, NothingIsSaidBeforeTheStart) {
  const auto employee = contoso_.employee.public_id;
  const auto department = read([&](storage::Transaction& transaction) {
    return directory::default_department(transaction, contoso_.account.id);
  });
  const std::vector<std::pair<HandlerOf<SetupApi>, std::string>> calls = {
      {&SetupApi::choose_provider, R"({"provider":"entra"})"},
      {&SetupApi::application, R"({"done":true})"},
      {&SetupApi::provisioning, R"({"declined":true})"},
      {&SetupApi::department, R"({"department":")" + department.public_id + "\"}"},
      {&SetupApi::set_loss, R"({"accepted":true})"},
      {&SetupApi::accept_all, R"({"expected":2})"},
      {&SetupApi::cancel, R"({"accountName":"contoso"})"}};
  for (const auto& [handler, body] : calls)
    EXPECT_EQ(refused(setup_, handler, {.name = employee, .body = body}), "directory.no_setup") << body;
  EXPECT_EQ(refused(setup_, &SetupApi::enable, {.body = R"({"accountName":"contoso"})"}), "setup.not_ready");
  EXPECT_EQ(count("SELECT count(*) FROM accepted_losses"), 0);
}

TEST_F(SetupApiTest, TheFreePlanIsToldWhoToAsk) {
  write([&](storage::Transaction& transaction) {
    return directory::set_plan(transaction, contoso_.account.id, directory::Plan::Free, kSupport, kNow);
  });
  EXPECT_FALSE(wizard().at("planAllows").as_bool());
  EXPECT_THAT(std::string(step("prepare").at("message").as_string()), HasSubstr("ask support"));
  EXPECT_EQ(refused(setup_, &SetupApi::start, {.body = "{}"}), "directory.plan_without_sso");
}

TEST_F(SetupApiTest, ListsOutsidersAndTakesDecisions) {
  start();
  add_domain(contoso_.account, "contoso.example");
  const auto eve = add_employee(contoso_.account, "eve@elsewhere.example");
  add_employee(contoso_.account, "fay@elsewhere.example");
  const auto first = sent(setup_, &SetupApi::outsiders, {.query = "limit=2"});
  // Ada has no address at all.
  ASSERT_EQ(first.at("outsiders").as_array().size(), 2U);
  EXPECT_EQ(first.at("people").at("outside").as_int64(), 3);
  EXPECT_EQ(first.at("outsiders").at(1).at("id").as_string(), eve.public_id);
  EXPECT_FALSE(first.at("outsiders").at(1).at("accepted").as_bool());
  EXPECT_EQ(first.at("next").as_string(), eve.public_id);
  const auto rest = sent(setup_, &SetupApi::outsiders, {.query = "after=" + eve.public_id});
  ASSERT_EQ(rest.at("outsiders").as_array().size(), 1U);
  EXPECT_EQ(rest.at("outsiders").at(0).at("email").as_string(), "fay@elsewhere.example");
  EXPECT_TRUE(rest.at("next").is_null());

  const auto accepted =
      sent(setup_, &SetupApi::set_loss, {.name = eve.public_id, .body = R"({"accepted":true})"});
  EXPECT_EQ(accepted.at("people").at("accepted").as_int64(), 1);
  EXPECT_EQ(refused(setup_, &SetupApi::accept_all, {.body = R"({"expected":4})"}),
            "directory.census_changed");
  const auto all = sent(setup_, &SetupApi::accept_all, {.body = R"({"expected":3})"});
  EXPECT_EQ(all.at("people").at("accepted").as_int64(), 3);
  const auto taken_back =
      sent(setup_, &SetupApi::set_loss, {.name = eve.public_id, .body = R"({"accepted":false})"});
  EXPECT_EQ(taken_back.at("people").at("accepted").as_int64(), 2);
  EXPECT_EQ(refused(setup_, &SetupApi::outsiders, {.query = "limit=1000"}), "api.bad_query");
}

TEST_F(SetupApiTest, KnowsOwnPeopleAndDepartmentsOnly) {
  start();
  const auto theirs = read([&](storage::Transaction& transaction) {
    return directory::default_department(transaction, fabrikam_.account.id);
  });
  for (const std::string& id : {fabrikam_.employee.public_id, std::string("nobody"), std::string()}) {
    EXPECT_EQ(refused(setup_, &SetupApi::set_loss, {.name = id, .body = R"({"accepted":true})"}),
              directory::kNoEmployee.name());
  }
  EXPECT_EQ(refused(setup_, &SetupApi::department, {.body = R"({"department":")" + theirs.public_id + "\"}"}),
            "api.no_department");
  // Somebody else's id is no place to begin at.
  const auto page = sent(setup_, &SetupApi::outsiders, {.query = "after=" + fabrikam_.employee.public_id});
  EXPECT_EQ(page.at("outsiders").as_array().size(), 2U);
  const auto other = request_of(fabrikam_.account, fabrikam_.administrator);
  EXPECT_TRUE(sent(setup_, &SetupApi::wizard, {.from = &other}).at("setup").is_null());
  EXPECT_EQ(count("SELECT count(*) FROM accepted_losses"), 0);
}

TEST_F(SetupApiTest, EnablesOnceEverythingIsThere) {
  prepare_all();
  EXPECT_TRUE(wizard().at("mayEnable").as_bool());
  EXPECT_EQ(refused(setup_, &SetupApi::enable, {.body = R"({"accountName":"fabrikam"})"}),
            "setup.name_mismatch");
  const auto enabled = sent(setup_, &SetupApi::enable, {.body = R"({"accountName":"Contoso"})"});
  EXPECT_EQ(enabled.at("enforcedAt").as_string(), format_rfc3339(clock_.now()));
  EXPECT_FALSE(enabled.at("mayEnable").as_bool());
  const auto outcome = send(setup_, &SetupApi::cancel, {.body = R"({"accountName":"contoso"})"});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(outcome.error().message, "SSO is enabled. To switch it off, contact support.");
  EXPECT_EQ(refused(setup_, &SetupApi::accept_all, {.body = R"({"expected":0})"}), "setup.enabled_already");
  EXPECT_EQ(refused(setup_, &SetupApi::start, {.body = "{}"}), "setup.enabled_already");
}

TEST_F(SetupApiTest, EnablingSaysWhatIsMissing) {
  prepare_all();
  add_employee(contoso_.account, "eve@elsewhere.example");
  const auto outcome = send(setup_, &SetupApi::enable, {.body = R"({"accountName":"contoso"})"});
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("1 employee has an address outside your domains"));
  EXPECT_FALSE(reload(contoso_.account).sso_enforced_at);
}

TEST_F(SetupApiTest, CancelsByTheAccountsName) {
  prepare_all();
  write([&](storage::Transaction& transaction) {
    return directory::set_password(transaction, contoso_.account.id, contoso_.administrator.id, "hash",
                                   kSupport, kNow);
  });
  administrator_ = request_of(contoso_.account, contoso_.administrator);
  EXPECT_EQ(refused(setup_, &SetupApi::cancel, {.body = R"({"accountName":""})"}), "setup.name_mismatch");
  const auto cancelled = sent(setup_, &SetupApi::cancel, {.body = R"({"accountName":"contoso"})"});
  EXPECT_TRUE(cancelled.at("setup").is_null());
  EXPECT_EQ(cancelled.at("people").at("active").as_int64(), 2);
  EXPECT_EQ(count("SELECT count(*) FROM connections"), 0);
}

}  // namespace
}  // namespace doorward::console
