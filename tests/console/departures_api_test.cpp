#include "console/departures_api.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/departures.h"
#include "directory/provisioning.h"

namespace doorward::console {
namespace {

class DeparturesApiTest : public ConsoleTest {
 protected:
  /// The directory sends `leavers` people away, and the last one for good; the brake goes on with the second.
  std::string put_brake_on(int leavers) {
    const directory::ProvisioningSettings settings{.brake_count = 1, .brake_percent = 0};
    write([&](storage::Transaction& transaction) -> Result<void> {
      for (int i = 0; i < leavers; ++i) {
        directory::EmployeeRecord record{.profile = {.user_name = fmt::format("e{}@contoso.example", i)}};
        ASSIGN_OR_RETURN(
            const auto joined,
            directory::provision_employee(transaction, contoso_.account, settings, record, kDirectory, kNow));
        if (i == leavers - 1) {
          return directory::remove_provisioned(transaction, contoso_.account, settings, joined.employee,
                                               kDirectory, kNow);
        }
        record.active = false;
        RETURN_IF_ERROR(directory::update_provisioned(transaction, contoso_.account, settings,
                                                      joined.employee, record, kDirectory, kNow));
      }
      return {};
    });
    const auto batches = sent(departures_, &DeparturesApi::batches).at("batches").as_array();
    return batches.empty() ? "" : std::string(batches.at(0).at("id").as_string());
  }
  bool is_active(const std::string& user_name) {
    return read([&](storage::Transaction& transaction) {
             return directory::find_employee_by_user_name(transaction, contoso_.account.id, user_name);
           })
        .value()
        .active;
  }

  DeparturesApi departures_{{*database_, clock_, sessions_}};
};

TEST_F(DeparturesApiTest, IsForAdministrators) {
  expect_for_administrators_only(departures_, {&DeparturesApi::batches, &DeparturesApi::batch,
                                               &DeparturesApi::restore, &DeparturesApi::confirm});
}

TEST_F(DeparturesApiTest, ShowsWhoLeft) {
  EXPECT_TRUE(sent(departures_, &DeparturesApi::batches).at("batches").as_array().empty());
  const std::string id = put_brake_on(4);
  const auto page = sent(departures_, &DeparturesApi::batch, {.name = id, .query = "limit=3"});
  EXPECT_EQ(page.at("batch").at("state").as_string(), "open");
  EXPECT_EQ(page.at("batch").at("cause").as_string(), "Entra");
  EXPECT_EQ(page.at("batch").at("deactivated").as_int64(), 3);
  EXPECT_EQ(page.at("batch").at("deletionsHeld").as_int64(), 1);
  EXPECT_EQ(page.at("departures").at(0).at("userName").as_string(), "e0@contoso.example");
  const auto rest = sent(departures_, &DeparturesApi::batch,
                         {.name = id, .query = "after=" + std::to_string(page.at("next").as_int64())});
  EXPECT_EQ(rest.at("departures").as_array().size(), 1U);
  EXPECT_EQ(rest.at("departures").at(0).at("kind").as_string(), "deletion-held");
}

TEST_F(DeparturesApiTest, RestoresOnce) {
  const std::string id = put_brake_on(3);
  EXPECT_FALSE(is_active("e0@contoso.example"));
  EXPECT_EQ(sent(departures_, &DeparturesApi::restore, {.name = id}).at("restored").as_int64(), 3);
  EXPECT_TRUE(is_active("e0@contoso.example"));
  EXPECT_TRUE(is_active("e2@contoso.example"));
  EXPECT_EQ(refused(departures_, &DeparturesApi::restore, {.name = id}), "directory.batch_closed");
  EXPECT_EQ(refused(departures_, &DeparturesApi::confirm, {.name = id}), "directory.batch_closed");
  const auto batch = sent(departures_, &DeparturesApi::batch, {.name = id}).at("batch");
  EXPECT_EQ(batch.at("state").as_string(), "restored");
  EXPECT_EQ(batch.at("closedBy").as_string(), "ada@contoso.example");
}

TEST_F(DeparturesApiTest, SaysHowManyAreLeft) {
  const int more = 7;
  const int at_once = 4 * directory::kDecisionStep;
  const std::string id = put_brake_on(at_once + more);
  EXPECT_EQ(sent(departures_, &DeparturesApi::batch, {.name = id}).at("batch").at("left").as_int64(), 0);
  const auto first = sent(departures_, &DeparturesApi::restore, {.name = id});
  EXPECT_EQ(first.at("restored").as_int64(), at_once);
  EXPECT_EQ(first.at("left").as_int64(), more);
  const auto batch = sent(departures_, &DeparturesApi::batch, {.name = id}).at("batch");
  EXPECT_EQ(batch.at("state").as_string(), "restored");
  EXPECT_EQ(batch.at("left").as_int64(), more);
  EXPECT_EQ(refused(departures_, &DeparturesApi::confirm, {.name = id}), "directory.batch_closed");
  const auto rest = sent(departures_, &DeparturesApi::restore, {.name = id});
  EXPECT_EQ(rest.at("restored").as_int64(), more);
  EXPECT_EQ(rest.at("left").as_int64(), 0);
  EXPECT_EQ(refused(departures_, &DeparturesApi::restore, {.name = id}), "directory.batch_closed");
}

TEST_F(DeparturesApiTest, ConfirmsWhatWasHeld) {
  const std::string id = put_brake_on(3);
  EXPECT_EQ(sent(departures_, &DeparturesApi::confirm, {.name = id}).at("deleted").as_int64(), 1);
  EXPECT_FALSE(is_active("e0@contoso.example"));
  EXPECT_FALSE(read([&](storage::Transaction& transaction) {
    return directory::find_employee_by_user_name(transaction, contoso_.account.id, "e2@contoso.example");
  }));
}

TEST_F(DeparturesApiTest, KnowsOwnDeparturesOnly) {
  const std::string id = put_brake_on(2);
  const auto other = request_of(fabrikam_.account, fabrikam_.administrator);
  EXPECT_TRUE(sent(departures_, &DeparturesApi::batches, {.from = &other}).at("batches").as_array().empty());
  for (const auto handler : {&DeparturesApi::batch, &DeparturesApi::restore, &DeparturesApi::confirm}) {
    EXPECT_EQ(refused(departures_, handler, {.name = id, .from = &other}), "api.no_departure_batch");
    EXPECT_EQ(refused(departures_, handler, {.name = "nothing"}), "api.no_departure_batch");
  }
  EXPECT_FALSE(is_active("e0@contoso.example"));
}

}  // namespace
}  // namespace doorward::console
