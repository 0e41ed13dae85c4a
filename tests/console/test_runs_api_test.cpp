#include "console/test_runs_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/attempts.h"
#include "directory/test_runs.h"

namespace doorward::console {
namespace {

using std::chrono::minutes;

class TestRunsApiTest : public ConsoleTest {
 protected:
  directory::Connection connect(const std::string& name) {
    return write([&](storage::Transaction& transaction) {
      return directory::create_connection(
          transaction,
          {.account = contoso_.account.id, .provider = provider("https://idp.example/" + name), .name = name},
          kSupport, kNow);
    });
  }
  json::Object create(const std::string& body = "{}") {
    return sent(runs_, &TestRunsApi::create, {.body = body});
  }
  json::Object look(const json::Object& run) {
    return sent(runs_, &TestRunsApi::test_run, {.name = std::string(run.at("id").as_string())});
  }
  void open(const json::Object& run) {
    write([&](storage::Transaction& transaction) {
      return directory::open_test_run(transaction, contoso_.account.id, run.at("id").as_string(),
                                      clock_.now());
    });
  }
  void finish(const json::Object& run, directory::NewAttempt attempt) {
    attempt.outcome = directory::AttemptOutcome::Test;
    write([&](storage::Transaction& transaction) -> Result<void> {
      ASSIGN_OR_RETURN(const auto reference, directory::record_attempt(transaction, attempt, clock_.now()));
      return directory::finish_test_run(transaction, contoso_.account.id, run.at("id").as_string(), reference,
                                        clock_.now());
    });
  }

  TestRunsApi runs_{{*database_, clock_, sessions_}, "https://sso.portal.example"};
};

TEST_F(TestRunsApiTest, IsForAdministrators) {
  expect_for_administrators_only(runs_, {&TestRunsApi::create, &TestRunsApi::test_run});
}

TEST_F(TestRunsApiTest, GivesALinkForTheOnlyActiveConnection) {
  EXPECT_EQ(refused(runs_, &TestRunsApi::create, {.body = "{}"}), "api.no_connection");
  connect("Entra & friends");
  const auto run = create();
  const std::string id(run.at("id").as_string());
  EXPECT_EQ(
      run.at("url").as_string(),
      "https://sso.portal.example/saml/contoso/login?purpose=test&connection=Entra%20%26%20friends&run=" +
          id);
  EXPECT_EQ(run.at("state").as_string(), "waiting");
  EXPECT_EQ(run.at("expiresAt").as_string(), format_rfc3339(kNow + directory::kTestRunLifetime));
  EXPECT_TRUE(run.at("attempt").is_null());
}

TEST_F(TestRunsApiTest, IsPartOfThePlanWithSso) {
  connect("Entra");
  write([&](storage::Transaction& transaction) {
    return directory::set_plan(transaction, contoso_.account.id, directory::Plan::Free, kSupport, kNow);
  });
  EXPECT_EQ(refused(runs_, &TestRunsApi::create, {.body = "{}"}), "directory.plan_without_sso");
}

TEST_F(TestRunsApiTest, AsksWhichOfSeveralConnections) {
  connect("Entra");
  const auto okta = connect("Okta");
  EXPECT_EQ(refused(runs_, &TestRunsApi::create, {.body = "{}"}), "api.which_connection");
  EXPECT_EQ(create(R"({"connection": ")" + okta.public_id + R"("})").at("connection").as_string(), "Okta");
  EXPECT_EQ(refused(runs_, &TestRunsApi::create, {.body = R"({"connection": "nobody's"})"}),
            "api.no_connection");
  EXPECT_EQ(refused(runs_, &TestRunsApi::create, {.body = R"({"conection": "x"})"}), "api.bad_body");
}

TEST_F(TestRunsApiTest, FollowsATestToItsEnd) {
  connect("Entra");
  const auto run = create();
  clock_.advance(minutes(1));
  open(run);
  EXPECT_EQ(look(run).at("state").as_string(), "opened");
  clock_.advance(minutes(1));
  finish(run, {.account = contoso_.account.id,
               .finding = "identity.not_provisioned",
               .report = R"({"checks":[],"received":[{"name":"NameID","values":["zoe"]}]})"});
  auto seen = look(run);
  EXPECT_EQ(seen.at("state").as_string(), "failed");
  EXPECT_EQ(seen.at("attempt").at("finding").as_string(), "identity.not_provisioned");
  EXPECT_EQ(seen.at("attributes").at(0).at("values").at(0).as_string(), "zoe");
  EXPECT_TRUE(seen.at("employee").is_null());

  // The same link once more.
  clock_.advance(minutes(1));
  open(run);
  EXPECT_EQ(look(run).at("state").as_string(), "opened");
  finish(run, {.account = contoso_.account.id,
               .employee = contoso_.administrator.public_id,
               .report = R"({"checks":[]})"});
  seen = look(run);
  EXPECT_EQ(seen.at("state").as_string(), "passed");
  EXPECT_EQ(seen.at("employee").at("administrator").as_bool(), true);

  clock_.advance(directory::kTestRunLifetime);
  EXPECT_EQ(look(run).at("state").as_string(), "passed") << "the end stays";
}

TEST_F(TestRunsApiTest, SaysThatALinkHasExpired) {
  connect("Entra");
  const auto run = create();
  clock_.advance(directory::kTestRunLifetime);
  EXPECT_EQ(look(run).at("state").as_string(), "expired");
}

TEST_F(TestRunsApiTest, ShowsNothingOfAnotherAccount) {
  connect("Entra");
  const auto run = create();
  const auto stranger = request_of(fabrikam_.account, fabrikam_.administrator);
  EXPECT_EQ(refused(runs_, &TestRunsApi::test_run,
                    {.name = std::string(run.at("id").as_string()), .from = &stranger}),
            "api.no_test_run");
}

}  // namespace
}  // namespace doorward::console
