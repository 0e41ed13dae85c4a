#include "console/mail_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"

namespace doorward::console {
namespace {

class MailApiTest : public ConsoleTest {
 protected:
  std::int64_t mails() { return count("SELECT count(*) FROM mails"); }

  MailApi mail_{{*database_, clock_, sessions_}, "Portal <portal@contoso.example>"};
  MailApi without_{{*database_, clock_, sessions_}, ""};
};

TEST_F(MailApiTest, IsForAdministrators) {
  expect_for_administrators_only(
      mail_, {&MailApi::mail, &MailApi::instructions, &MailApi::send_instructions, &MailApi::send_link});
}

TEST_F(MailApiTest, SendsALinkOnceInARow) {
  const auto bob = add_employee(contoso_.account, "bob@contoso.example");
  EXPECT_TRUE(sent(mail_, &MailApi::send_link, {.name = bob.public_id, .body = R"({"kind":"invitation"})"})
                  .at("queued")
                  .as_bool());
  EXPECT_FALSE(sent(mail_, &MailApi::send_link, {.name = bob.public_id, .body = R"({"kind":"invitation"})"})
                   .at("queued")
                   .as_bool());
  EXPECT_EQ(mails(), 1);
}

TEST_F(MailApiTest, RefusesOtherCompaniesOtherKindsAndNoServer) {
  const auto bob = add_employee(contoso_.account, "bob@contoso.example");
  const auto eve = add_employee(fabrikam_.account, "eve@fabrikam.example");
  const std::string kind = R"({"kind":"recovery"})";
  EXPECT_EQ(refused(mail_, &MailApi::send_link, {.name = eve.public_id, .body = kind}),
            "directory.no_employee");
  EXPECT_EQ(refused(mail_, &MailApi::send_link, {.name = bob.public_id, .body = R"({"kind":"x"})"}),
            "api.bad_member");
  EXPECT_EQ(refused(without_, &MailApi::send_link, {.name = bob.public_id, .body = kind}),
            "api.no_mail_server");
  EXPECT_EQ(mails(), 0);
}

TEST_F(MailApiTest, SendsInstructionsToAsManyAsTheAdministratorSaw) {
  add_employee(contoso_.account, "bob@contoso.example");
  const auto recipients = sent(mail_, &MailApi::instructions).at("recipients").as_int64();
  const auto body = [](std::int64_t expected) {
    return json::serialize(json::Object{{"subject", "s"}, {"body", "b"}, {"expected", expected}});
  };
  EXPECT_EQ(refused(mail_, &MailApi::send_instructions, {.body = body(recipients + 1)}),
            "api.recipients_changed");
  EXPECT_EQ(mails(), 0);
  EXPECT_EQ(sent(mail_, &MailApi::send_instructions, {.body = body(recipients)}).at("recipients").as_int64(),
            recipients);
  EXPECT_EQ(mails(), recipients);
  EXPECT_EQ(sent(mail_, &MailApi::instructions).at("mails").at("waiting").as_int64(), recipients);
}

}  // namespace
}  // namespace doorward::console
