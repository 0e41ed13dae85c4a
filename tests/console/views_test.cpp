#include "console/views.h"

#include <set>

#include <gmock/gmock.h>

#include "console/console_test.h"

namespace doorward::console {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ViewsTest : public ConsoleTest {};

std::set<std::string> members(const json::Object& object) {
  std::set<std::string> names;
  for (const auto& member : object)
    names.emplace(member.key());
  return names;
}

TEST_F(ViewsTest, AnEmployeeHasPublicNamesOnly) {
  const auto shown = view(contoso_.administrator);
  EXPECT_THAT(members(shown), ElementsAre("active", "administrator", "createdAt", "displayName", "email",
                                          "externalId", "familyName", "givenName", "hasPassword", "id",
                                          "objectId", "origin", "updatedAt", "userName"));
  EXPECT_EQ(shown.at("id").as_string(), contoso_.administrator.public_id);
  // Somebody without any name is called by the user name.
  EXPECT_EQ(shown.at("displayName").as_string(), "ada@contoso.example");
  EXPECT_EQ(shown.at("createdAt").as_string(), "2027-01-15T08:00:00Z");
}

TEST_F(ViewsTest, AConnectionShowsItsCertificates) {
  const auto shown = view(add_connection(contoso_.account, "https://idp.example/entity"));
  const auto& certificate = shown.at("certificates").as_array().at(0);
  EXPECT_EQ(certificate.at("notAfter").as_string(), "2027-01-16T08:00:00Z");
  EXPECT_THAT(std::string(certificate.at("subject").as_string()), HasSubstr("idp"));
  EXPECT_EQ(shown.at("entityId").as_string(), "https://idp.example/entity");
  EXPECT_TRUE(shown.at("metadataFetchedAt").is_null());
  EXPECT_FALSE(shown.at("allowSha1").as_bool());
}

TEST_F(ViewsTest, AConnectionSurvivesACertificateThatIsNone) {
  auto connection = add_connection(contoso_.account, "https://idp.example/entity");
  connection.provider.signing_certificates.push_back(Bytes("no certificate"));
  EXPECT_EQ(view(connection).at("certificates").as_array().size(), 1U);
}

TEST_F(ViewsTest, AnAttemptInAListComesWithoutItsReport) {
  directory::Attempt attempt;
  attempt.report = "{\"secret\":1}";
  attempt.at = kNow;
  EXPECT_THAT(members(view(attempt)),
              ElementsAre("at", "clientAddress", "employee", "finding", "outcome", "reference"));
}

TEST_F(ViewsTest, ASessionHidesItsToken) {
  const auto signed_in = must(sessions_.who(administrator_));
  const std::string shown = json::serialize(view(*signed_in));
  const std::string cookie(*administrator_.headers.find("Cookie"));
  EXPECT_THAT(shown, Not(HasSubstr(cookie.substr(cookie.rfind('.') + 1))));
  EXPECT_THAT(shown, HasSubstr(signed_in->session.public_id));
}

TEST_F(ViewsTest, ADomainAndAnAuditEntry) {
  const auto domain = view(add_domain(contoso_.account, "contoso.example"));
  EXPECT_EQ(domain.at("name").as_string(), "contoso.example");
  EXPECT_EQ(domain.at("proof").as_string(), "support");
  directory::AuditEntry entry;
  entry.at = kNow;
  entry.actor = kAdministrator;
  entry.action = "employee.created";
  entry.details = {{"name", "Ben"}};
  const auto shown = view(entry);
  EXPECT_EQ(shown.at("actor").at("kind").as_string(), "administrator");
  EXPECT_EQ(shown.at("details").at("name").as_string(), "Ben");
}

}  // namespace
}  // namespace doorward::console
