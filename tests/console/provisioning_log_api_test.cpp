#include "console/provisioning_log_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/departures.h"
#include "directory/provisioning_tokens.h"

namespace doorward::console {
namespace {

using directory::ProvisioningOutcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ProvisioningLogApiTest : public ConsoleTest {
 protected:
  void record(const directory::Account& account, ProvisioningOutcome outcome, std::string summary,
              std::string subject = {}) {
    write([&](storage::Transaction& transaction) {
      directory::NewProvisioningEntry entry;
      entry.at = clock_.now();
      entry.token_name = "Entra";
      entry.method = "PATCH";
      entry.path = "/scim/v2/Users/x";
      entry.status = outcome == ProvisioningOutcome::Failed ? 400 : 200;
      entry.outcome = outcome;
      entry.summary = std::move(summary);
      entry.subject = std::move(subject);
      entry.changes = R"([{"attribute":"title","before":null,"after":"Clerk"}])";
      entry.request_body = R"({"title":"Clerk"})";
      return directory::record_provisioning(transaction, account.id, std::array{entry});
    });
  }
  void record(ProvisioningOutcome outcome, std::string summary, std::string subject = {}) {
    record(contoso_.account, outcome, std::move(summary), std::move(subject));
  }

  directory::ProvisioningToken create_token(std::optional<Timestamp> expires_at = {}) {
    return write([&](storage::Transaction& transaction) {
      return directory::create_provisioning_token(
          transaction, contoso_.account, directory::ProvisioningSecret::issue(contoso_.account),
          {.name = "Entra", .expires_at = expires_at}, kSupport, clock_.now());
    });
  }

  std::vector<std::string> summaries(const std::string& query = {}) {
    std::vector<std::string> found;
    const auto answer = sent(log_, &ProvisioningLogApi::log, {.query = query});
    for (const auto& entry : answer.at("entries").as_array())
      found.emplace_back(entry.at("summary").as_string());
    return found;
  }
  std::string state() { return std::string(sent(log_, &ProvisioningLogApi::pulse).at("state").as_string()); }

  ProvisioningLogApi log_{{*database_, clock_, sessions_}};
};

TEST_F(ProvisioningLogApiTest, IsForAdministrators) {
  expect_for_administrators_only(
      log_, {&ProvisioningLogApi::log, &ProvisioningLogApi::entry, &ProvisioningLogApi::pulse});
}

TEST_F(ProvisioningLogApiTest, FiltersAndPages) {
  record(ProvisioningOutcome::Read, "one");
  record(ProvisioningOutcome::Changed, "two", contoso_.employee.public_id);
  record(ProvisioningOutcome::Failed, "three");
  record(fabrikam_.account, ProvisioningOutcome::Failed, "elsewhere");
  EXPECT_THAT(summaries(), ElementsAre("three", "two", "one"));
  EXPECT_THAT(summaries("outcome=failed"), ElementsAre("three"));
  EXPECT_THAT(summaries("text=TW"), ElementsAre("two"));
  EXPECT_THAT(summaries("subject=" + contoso_.employee.public_id), ElementsAre("two"));
  const auto page = sent(log_, &ProvisioningLogApi::log, {.query = "limit=2"});
  EXPECT_THAT(summaries("before=" + std::to_string(page.at("next").as_int64())), ElementsAre("one"));
  EXPECT_THAT(json::serialize(page), Not(HasSubstr("Clerk")));
  for (const char* query : {"outcome=good", "before=0", "limit=0", "text=a&text=b"})
    EXPECT_EQ(refused(log_, &ProvisioningLogApi::log, {.query = query}), "api.bad_query") << query;
}

TEST_F(ProvisioningLogApiTest, ShowsOneEntryInFull) {
  record(ProvisioningOutcome::Changed, "Entra changed Ben", contoso_.employee.public_id);
  record(ProvisioningOutcome::Changed, "Entra deleted Eve", directory::new_public_id());
  const auto list = sent(log_, &ProvisioningLogApi::log).at("entries").as_array();
  const std::string id = std::to_string(list.at(1).at("id").as_int64());
  const auto entry = sent(log_, &ProvisioningLogApi::entry, {.name = id});
  EXPECT_EQ(entry.at("changes").at(0).at("after").as_string(), "Clerk");
  EXPECT_THAT(std::string(entry.at("requestBody").as_string()), HasSubstr("Clerk"));
  EXPECT_EQ(entry.at("about").at("kind").as_string(), "employee");
  EXPECT_EQ(entry.at("about").at("name").as_string(), "ben@contoso.example");
  const auto gone =
      sent(log_, &ProvisioningLogApi::entry, {.name = std::to_string(list.at(0).at("id").as_int64())});
  EXPECT_EQ(gone.at("about").at("kind").as_string(), "gone");
  const auto other = request_of(fabrikam_.account, fabrikam_.administrator);
  EXPECT_EQ(refused(log_, &ProvisioningLogApi::entry, {.name = id, .from = &other}), "api.no_log_entry");
  for (const char* name : {"", "x", "-1", "99999999999999999999", "1 "})
    EXPECT_EQ(refused(log_, &ProvisioningLogApi::entry, {.name = name}), "api.no_log_entry") << name;
}

TEST_F(ProvisioningLogApiTest, SaysHowProvisioningIsDoing) {
  EXPECT_EQ(state(), "not-set-up");
  const auto token = create_token();
  EXPECT_EQ(state(), "waiting");
  record(ProvisioningOutcome::Read, "Test Connection");
  EXPECT_EQ(state(), "working");
  record(ProvisioningOutcome::Failed, "Entra could not");
  EXPECT_EQ(state(), "failing");
  record(ProvisioningOutcome::Changed, "Entra changed Ben");
  EXPECT_EQ(state(), "partly-failing");
  const auto pulse = sent(log_, &ProvisioningLogApi::pulse);
  EXPECT_EQ(pulse.at("failed").as_int64(), 1);
  EXPECT_EQ(pulse.at("changed").as_int64(), 1);
  EXPECT_EQ(pulse.at("lastFailure").at("summary").as_string(), "Entra could not");
  clock_.advance(std::chrono::hours(25));
  administrator_ = request_of(contoso_.account, contoso_.administrator);
  EXPECT_EQ(state(), "silent");
  write([&](storage::Transaction& transaction) {
    return directory::revoke_provisioning_token(transaction, contoso_.account.id, token.id, kSupport,
                                                clock_.now());
  });
  EXPECT_EQ(state(), "stopped");
  write([&](storage::Transaction& transaction) {
    return directory::set_plan(transaction, contoso_.account.id, directory::Plan::Free, kSupport, kNow);
  });
  EXPECT_EQ(state(), "not-in-plan");
}

TEST_F(ProvisioningLogApiTest, WarnsOfTokens) {
  const auto reasons = [&] {
    std::vector<std::string> found;
    const auto answer = sent(log_, &ProvisioningLogApi::pulse);
    for (const auto& token : answer.at("tokens").as_array())
      found.emplace_back(token.at("reason").as_string());
    return found;
  };
  const auto token = create_token(kNow + std::chrono::days(31));
  EXPECT_THAT(reasons(), ElementsAre("never-used"));
  write([&](storage::Transaction& transaction) {
    return directory::touch_provisioning_token(transaction, contoso_.account.id, token.id, "192.0.2.7", kNow);
  });
  EXPECT_THAT(reasons(), ElementsAre());
  clock_.advance(std::chrono::days(2));
  administrator_ = request_of(contoso_.account, contoso_.administrator);
  EXPECT_THAT(reasons(), ElementsAre("expires"));
  clock_.advance(std::chrono::days(30));
  administrator_ = request_of(contoso_.account, contoso_.administrator);
  // What has ended needs no warning: the state says that nothing comes in.
  EXPECT_THAT(reasons(), ElementsAre());
  EXPECT_EQ(state(), "stopped");
}

TEST_F(ProvisioningLogApiTest, SaysThatTheBrakeIsOn) {
  EXPECT_FALSE(sent(log_, &ProvisioningLogApi::pulse).at("brakeOn").as_bool());
  write([&](storage::Transaction& transaction) {
    return directory::record_departure(transaction, contoso_.account.id,
                                       {.brake_count = 0, .brake_percent = 0}, contoso_.employee,
                                       directory::DepartureKind::Deactivated, kDirectory, kNow);
  });
  EXPECT_TRUE(sent(log_, &ProvisioningLogApi::pulse).at("brakeOn").as_bool());
}

}  // namespace
}  // namespace doorward::console
