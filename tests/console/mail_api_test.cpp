#include "console/mail_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/mails.h"

namespace doorward::console {
namespace {

class MailApiTest : public ConsoleTest {
 protected:
  std::int64_t mails() { return count("SELECT count(*) FROM mails"); }

  MailApi mail_{{*database_, clock_, sessions_}, "Portal <portal@contoso.example>"};
  MailApi without_{{*database_, clock_, sessions_}, ""};
};

TEST_F(MailApiTest, IsForAdministrators) {
  expect_for_administrators_only(mail_, {&MailApi::mail, &MailApi::instructions, &MailApi::send_instructions,
                                         &MailApi::send_link, &MailApi::link_offer});
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

TEST_F(MailApiTest, OffersTheLinkThatMakesSense) {
  const auto bob = add_employee(contoso_.account, "bob@contoso.example");
  const auto offered = [&](MailApi& api) { return sent(api, &MailApi::link_offer, {.name = bob.public_id}); };
  const auto change = [&](auto body) { write(body); };
  auto offer = offered(mail_);
  EXPECT_EQ(offer.at("kind").as_string(), "invitation");
  EXPECT_EQ(offer.at("obstacle").as_string(), "");
  EXPECT_EQ(offer.at("email").as_string(), "bob@contoso.example");
  EXPECT_EQ(offer.at("from").as_string(), "Portal <portal@contoso.example>");
  EXPECT_TRUE(offer.at("last").is_null());
  EXPECT_EQ(offered(without_).at("obstacle").as_string(), "no-mail-server");

  change([&](storage::Transaction& transaction) {
    return directory::set_password(transaction, bob.account, bob.id, "hash", kSupport, kNow);
  });
  EXPECT_EQ(offered(mail_).at("kind").as_string(), "recovery");
  add_connection(contoso_.account, "https://idp.example/contoso");
  add_domain(contoso_.account, "contoso.example");
  change([&](storage::Transaction& transaction) {
    return directory::enforce_sso(transaction, contoso_.account.id, "test", kSupport, kNow);
  });
  offer = offered(mail_);
  EXPECT_EQ(offer.at("kind").as_string(), "invitation");
  EXPECT_TRUE(offer.at("ssoEnforced").as_bool());
  EXPECT_EQ(refused(mail_, &MailApi::send_link, {.name = bob.public_id, .body = R"({"kind":"recovery"})"}),
            "directory.sso_enforced");

  change([&](storage::Transaction& transaction) {
    directory::Profile profile = bob.profile;
    profile.email.clear();
    return directory::update_profile(transaction, bob.account, bob.id, profile, kSupport, kNow);
  });
  EXPECT_EQ(offered(without_).at("obstacle").as_string(), "no-email");
  change([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, bob.account, bob.id,
                                          directory::LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_EQ(offered(mail_).at("obstacle").as_string(), "deactivated");
  const auto eve = add_employee(fabrikam_.account, "eve@fabrikam.example");
  EXPECT_EQ(refused(mail_, &MailApi::link_offer, {.name = eve.public_id}), "directory.no_employee");
}

TEST_F(MailApiTest, SaysWhatBecameOfTheLastLink) {
  const auto bob = add_employee(contoso_.account, "bob@contoso.example");
  const auto last = [&] {
    return sent(mail_, &MailApi::link_offer, {.name = bob.public_id}).at("last").as_object();
  };
  sent(mail_, &MailApi::send_link, {.name = bob.public_id, .body = R"({"kind":"invitation"})"});
  EXPECT_EQ(last().at("state").as_string(), "waiting");
  EXPECT_EQ(last().at("kind").as_string(), "invitation");
  const auto finish = [&](const directory::MailOutcome& outcome) {
    write([&](storage::Transaction& transaction) -> Result<void> {
      ASSIGN_OR_RETURN(const auto mails, directory::claim_mails(transaction, kNow, kNow, 10));
      return directory::record_mail(transaction, bob.account, mails.at(0).id, outcome, kNow);
    });
  };
  finish({.problem = "550 no such mailbox"});
  EXPECT_EQ(last().at("state").as_string(), "failed");
  EXPECT_EQ(last().at("problem").as_string(), "550 no such mailbox");
  sent(mail_, &MailApi::send_link, {.name = bob.public_id, .body = R"({"kind":"recovery"})"});
  finish({.sent = true});
  EXPECT_EQ(last().at("state").as_string(), "sent");
  EXPECT_EQ(last().at("kind").as_string(), "recovery");
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
