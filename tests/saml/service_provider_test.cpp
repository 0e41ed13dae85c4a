#include "saml/service_provider_test.h"

#include <gmock/gmock.h>

#include "directory/test_runs.h"

namespace doorward::saml {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

TEST_F(ServiceProviderTest, PublishesItself) {
  const auto response = handle(&ServiceProvider::metadata, request());
  EXPECT_EQ(response.status, http::Status::Ok);
  EXPECT_EQ(response.headers.find("Content-Type"), "application/samlmetadata+xml");
  EXPECT_THAT(response.body, HasSubstr("entityID=\"https://sso.portal.example/saml/contoso/metadata\""));
  EXPECT_THAT(response.body, HasSubstr("https://sso.portal.example/saml/contoso/acs"));
  EXPECT_THAT(response.body, HasSubstr("use=\"encryption\""));
}

TEST_F(ServiceProviderTest, SignsAnEmployeeIn) {
  const std::string authn_request = start("return_to=%2Freports%3Fyear%3D2026");
  EXPECT_THAT(authn_request,
              HasSubstr("AssertionConsumerServiceURL=\"https://sso.portal.example/saml/contoso/acs\""));
  EXPECT_THAT(authn_request, Not(HasSubstr("RequestedAuthnContext")));
  const auto response = post(idp_.answer(parts(id_of(authn_request))));
  EXPECT_EQ(response.status, http::Status::SeeOther) << response.body;
  EXPECT_EQ(response.headers.find("Location"), "/reports?year=2026");
  EXPECT_EQ(who(), "ada@contoso.example");
  EXPECT_EQ(attempts().at(0).outcome, directory::AttemptOutcome::Success);
  // Nothing of the flow stays in the browser.
  EXPECT_EQ(jar_.all().size(), 1U);
}

TEST_F(ServiceProviderTest, PassesTheLoginHintOnUnsigned) {
  const auto response = handle(&ServiceProvider::login, request("login_hint=ada%40contoso.example"));
  EXPECT_THAT(std::string(*response.headers.find("Location")),
              HasSubstr("&login_hint=ada%40contoso.example"));
}

TEST_F(ServiceProviderTest, AsksAnewWhereTheLinkDemandsIt) {
  EXPECT_THAT(start(), Not(HasSubstr("ForceAuthn")));
  const std::string authn_request = start("return_to=%2Freports&reauthenticate=1");
  EXPECT_THAT(authn_request, HasSubstr("ForceAuthn=\"true\""));
  // A provider that did not ask, and tells of a sign-in from before, is not believed.
  auto old = parts(id_of(authn_request));
  old.authn_instant = kNow - minutes(20);
  EXPECT_EQ(post(idp_.answer(old)).status, http::Status::Forbidden);
  EXPECT_EQ(last_finding(), "saml.authn_instant_too_old");
  EXPECT_EQ(who(), "");
  EXPECT_EQ(post(idp_.answer(parts(id_of(start("reauthenticate=1"))))).status, http::Status::SeeOther);
  EXPECT_EQ(who(), "ada@contoso.example");
}

TEST_F(ServiceProviderTest, RefusesAnAnswerInAnotherBrowser) {
  const std::string answer = idp_.answer(parts(id_of(start())));
  jar_ = {};
  const auto response = post(answer);
  EXPECT_EQ(response.status, http::Status::Forbidden);
  EXPECT_EQ(who(), "");
  EXPECT_EQ(last_finding(), "session.no_flow");
}

TEST_F(ServiceProviderTest, RefusesAnAnswerOfAnotherAccount) {
  const auto other = add_account("fabrikam");
  write([&](storage::Transaction& transaction) {
    auto described = provider(kEntityId);
    described.signing_certificates = {idp_.certificate().der()};
    return directory::create_connection(transaction, {.account = other.id, .provider = described}, kSupport,
                                        kNow);
  });
  http::Request login = request();
  login.parameters = {{"account", "fabrikam"}};
  const auto started = handle(&ServiceProvider::login, login);
  const std::string id = id_of(request_in(std::string(*started.headers.find("Location"))));
  EXPECT_EQ(post(idp_.answer(parts(id))).status, http::Status::Forbidden);
  EXPECT_EQ(who(), "");
}

TEST_F(ServiceProviderTest, AnAnswerWorksOnce) {
  const test::CookieJar before = [&] {
    start();
    return jar_;
  }();
  const std::string id = id_of(start());
  const test::CookieJar with_flow = jar_;
  const std::string answer = idp_.answer(parts(id));
  EXPECT_EQ(post(answer).status, http::Status::SeeOther);
  // The browser kept the cookie although it was told not to.
  jar_ = with_flow;
  const auto again = post(answer);
  EXPECT_EQ(again.status, http::Status::Forbidden);
  EXPECT_EQ(last_finding(), "saml.replayed");
  EXPECT_EQ(who(), "");
  // A second assertion for the same request does not work either.
  jar_ = with_flow;
  auto second = parts(id);
  second.assertion_id = "_other";
  EXPECT_EQ(post(idp_.answer(second)).status, http::Status::Forbidden);
  EXPECT_EQ(last_finding(), "saml.replayed");
}

TEST_F(ServiceProviderTest, RefusesWhatVerificationRefuses) {
  auto wrong = parts(id_of(start()));
  wrong.audience = "https://elsewhere.example";
  const auto response = post(idp_.answer(wrong));
  EXPECT_EQ(response.status, http::Status::Forbidden);
  EXPECT_EQ(last_finding(), "saml.audience_mismatch");
  const auto report = must(json::parse(attempts().at(0).report));
  EXPECT_THAT(json::serialize(report), HasSubstr("https://elsewhere.example"));
  EXPECT_THAT(response.body, HasSubstr(attempts().at(0).reference));
  EXPECT_THAT(response.body, Not(HasSubstr("elsewhere")));
}

TEST_F(ServiceProviderTest, RefusesGarbageWithAReference) {
  for (const char* garbage : {"", "%%%", "bm90IHhtbA==", "PGE+"}) {
    const auto response = post(garbage);
    EXPECT_EQ(response.status, http::Status::BadRequest) << garbage;
    EXPECT_THAT(response.body, HasSubstr(attempts().at(0).reference));
  }
  http::Request twice = request();
  twice.headers.set("Content-Type", "application/x-www-form-urlencoded");
  twice.body = "SAMLResponse=YQ%3D%3D&SAMLResponse=YQ%3D%3D";
  EXPECT_EQ(handle(&ServiceProvider::acs, twice).status, http::Status::BadRequest);
  twice.headers.set("Content-Type", "text/plain");
  EXPECT_FALSE(service_provider_.acs(twice));
}

TEST_F(ServiceProviderTest, BouncesWhatNobodyAskedFor) {
  const auto bounced = post(idp_.answer(parts("")));
  ASSERT_EQ(bounced.status, http::Status::SeeOther);
  EXPECT_EQ(who(), "");
  const std::string location(*bounced.headers.find("Location"));
  EXPECT_THAT(location, testing::StartsWith("https://idp.example/sso?"));
  const auto response = post(idp_.answer(parts(id_of(request_in(location)))), "bounced");
  EXPECT_EQ(response.status, http::Status::SeeOther);
  EXPECT_EQ(who(), "ada@contoso.example");
}

TEST_F(ServiceProviderTest, BouncesOnceAndNotForEver) {
  EXPECT_EQ(post(idp_.answer(parts(""))).status, http::Status::SeeOther);
  // The provider ignores the request and sends another unsolicited answer.
  EXPECT_EQ(post(idp_.answer(parts(""))).status, http::Status::Forbidden);
  EXPECT_EQ(last_finding(), "saml.unsolicited");
  // Without cookies, the RelayState that comes back tells.
  jar_ = {};
  EXPECT_EQ(post(idp_.answer(parts("")), "bounced").status, http::Status::Forbidden);
  // Later, a click on the tile works again.
  clock_.advance(minutes(5));
  EXPECT_EQ(post(idp_.answer(parts(""))).status, http::Status::SeeOther);
}

TEST_F(ServiceProviderTest, AcceptsOrRejectsTheUnsolicitedByPolicy) {
  set_unsolicited(directory::UnsolicitedPolicy::Reject);
  EXPECT_EQ(post(idp_.answer(parts(""))).status, http::Status::Forbidden);
  EXPECT_EQ(last_finding(), "saml.unsolicited");
  set_unsolicited(directory::UnsolicitedPolicy::Accept);
  EXPECT_EQ(post(idp_.answer(parts(""))).status, http::Status::SeeOther);
  EXPECT_EQ(who(), "ada@contoso.example");
  jar_ = {};
  EXPECT_EQ(post(idp_.answer(parts(""))).status, http::Status::Forbidden);
  EXPECT_EQ(last_finding(), "saml.replayed");
}

TEST_F(ServiceProviderTest, UnsolicitedFromAStrangerLeadsNowhere) {
  auto stranger = parts("");
  stranger.issuer = "https://evil.example";
  EXPECT_EQ(post(idp_.answer(stranger)).status, http::Status::Forbidden);
  EXPECT_EQ(last_finding(), "saml.issuer_mismatch");
}

TEST_F(ServiceProviderTest, TellsWhoCannotComeInAndWhy) {
  auto stranger = parts(id_of(start()));
  stranger.name_id = "new@contoso.example";
  stranger.attributes = {{"email", "new@contoso.example"}};
  EXPECT_THAT(post(idp_.answer(stranger)).body, HasSubstr("You do not have access yet"));
  EXPECT_EQ(last_finding(), "identity.not_provisioned");

  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, account_.id, ada_.id,
                                          directory::LastAdministrator::MayGo, kSupport, clock_.now());
  });
  auto leaver = parts(id_of(start()));
  leaver.assertion_id = "_leaver";
  EXPECT_THAT(post(idp_.answer(leaver)).body, HasSubstr("Your access has been switched off"));
  EXPECT_EQ(last_finding(), "identity.deactivated");
  EXPECT_EQ(attempts().at(0).employee, ada_.public_id);
  EXPECT_EQ(who(), "");
}

/// Whoever sets SSO up by a setup link connects a provider of their own, and vouches for the administrator
/// there.
TEST_F(ServiceProviderTest, AProposedConnectionOpensNoSession) {
  write([&](storage::Transaction& transaction) {
    return transaction.execute("UPDATE connections SET proposed_by = 'setup link Max of ada'", {});
  });
  setups_forget();
  // Nobody is sent to it, by whatever link.
  for (const char* query : {"", "connection=default", "login_hint=ada%40contoso.example", "purpose=session",
                            "return_to=%2Fconsole%2F"}) {
    const auto page = handle(&ServiceProvider::login, request(query));
    EXPECT_EQ(page.status, http::Status::Forbidden) << query;
    EXPECT_THAT(page.body, testing::HasSubstr("Single sign-on is not open yet")) << query;
  }
  // What it says unasked is not even an occasion to ask.
  for (const auto policy : {directory::UnsolicitedPolicy::Bounce, directory::UnsolicitedPolicy::Accept,
                            directory::UnsolicitedPolicy::Reject}) {
    set_unsolicited(policy);
    const auto answer = post(idp_.answer(parts("")));
    EXPECT_EQ(answer.status, http::Status::Forbidden);
    EXPECT_EQ(who(), "");
    EXPECT_EQ(last_finding(), "identity.connection_not_accepted");
  }
  // A test shows that it works, and signs nobody in.
  const auto test = post(idp_.answer(parts(id_of(start("purpose=test")))));
  EXPECT_EQ(test.status, http::Status::Ok);
  EXPECT_EQ(who(), "");
  EXPECT_EQ(count("SELECT count(*) FROM sessions"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM identity_links"), 0);
}

/// One that was asked for before, when it let people in.
TEST_F(ServiceProviderTest, AnAnswerIsDecidedByWhatTheConnectionIsNow) {
  const std::string id = id_of(start());
  write([&](storage::Transaction& transaction) {
    return transaction.execute("UPDATE connections SET proposed_by = 'setup link Max of ada'", {});
  });
  setups_forget();
  EXPECT_EQ(post(idp_.answer(parts(id))).status, http::Status::Forbidden);
  EXPECT_EQ(who(), "");
  EXPECT_EQ(last_finding(), "identity.connection_not_accepted");
}

TEST_F(ServiceProviderTest, ATestOpensNoSession) {
  const auto response = post(idp_.answer(parts(id_of(start("purpose=test")))));
  EXPECT_EQ(response.status, http::Status::Ok);
  EXPECT_THAT(response.body, HasSubstr("The test sign-in worked"));
  EXPECT_EQ(who(), "");
  EXPECT_EQ(attempts().at(0).outcome, directory::AttemptOutcome::Test);
}

TEST_F(ServiceProviderTest, ATestTellsTheRunThatFollowsIt) {
  const auto run = write([&](storage::Transaction& transaction) {
    return directory::create_test_run(transaction, account_.id, connection_.id, kSupport, kNow);
  });
  const auto now = [&] {
    return read([&](storage::Transaction& transaction) {
             return directory::find_test_run(transaction, account_.id, run.public_id);
           })
        .value();
  };
  auto refused = parts(id_of(start("purpose=test&run=" + run.public_id)));
  EXPECT_EQ(now().opened_at, clock_.now());
  EXPECT_EQ(now().reference, "");
  refused.audience = "https://elsewhere.example";
  post(idp_.answer(refused));
  EXPECT_EQ(now().reference, attempts().at(0).reference) << "what failed is followed too";
  EXPECT_EQ(attempts().at(0).outcome, directory::AttemptOutcome::Test);

  auto passed = parts(id_of(start("purpose=test&run=" + run.public_id)));
  passed.assertion_id = "_second";
  EXPECT_EQ(post(idp_.answer(passed)).status, http::Status::Ok);
  EXPECT_EQ(now().reference, attempts().at(0).reference);
  EXPECT_EQ(attempts().size(), 2U);
  EXPECT_THAT(attempts().at(0).report, HasSubstr(R"("values":["ada@contoso.example"])"));
}

TEST_F(ServiceProviderTest, ASignInIsNoTestRun) {
  const auto run = write([&](storage::Transaction& transaction) {
    return directory::create_test_run(transaction, account_.id, connection_.id, kSupport, kNow);
  });
  post(idp_.answer(parts(id_of(start("run=" + run.public_id)))));
  EXPECT_EQ(who(), "ada@contoso.example");
  EXPECT_THAT(attempts().at(0).report, Not(HasSubstr("received"))) << "what was sent is kept of tests alone";
  const auto after = read([&](storage::Transaction& transaction) {
    return directory::find_test_run(transaction, account_.id, run.public_id);
  });
  EXPECT_FALSE(after->opened_at);
  EXPECT_EQ(after->reference, "");
}

TEST_F(ServiceProviderTest, ATestLinkOfNoRunIsAnOrdinaryTest) {
  for (const std::string run : {"", "x", "6e8bc430-9c3a-11d9-9669-0800200c9a66"}) {
    auto answer = parts(id_of(start("purpose=test&run=" + run)));
    answer.assertion_id = "_of" + run;
    EXPECT_EQ(post(idp_.answer(answer)).status, http::Status::Ok) << run;
  }
  EXPECT_EQ(count("SELECT count(*) FROM test_runs"), 0);
}

TEST_F(ServiceProviderTest, ANewSignInEndsTheOldSessionOfTheBrowser) {
  post(idp_.answer(parts(id_of(start()))));
  const test::CookieJar first = jar_;
  auto second = parts(id_of(start()));
  second.assertion_id = "_second";
  post(idp_.answer(second));
  EXPECT_EQ(who(), "ada@contoso.example");
  jar_ = first;
  EXPECT_EQ(who(), "");
}

TEST_F(ServiceProviderTest, SpeaksForActiveConnectionsOfTheRightPlanOnly) {
  const std::string answer = idp_.answer(parts(id_of(start())));
  write([&](storage::Transaction& transaction) {
    return directory::set_connection_state(transaction, account_.id, connection_.id,
                                           directory::ConnectionState::Inactive, kSupport, kNow);
  });
  EXPECT_EQ(post(answer).status, http::Status::Forbidden);
  EXPECT_EQ(who(), "");
  EXPECT_EQ(handle(&ServiceProvider::login, request()).status, http::Status::NotFound);

  write([&](storage::Transaction& transaction) {
    return directory::set_plan(transaction, account_.id, directory::Plan::Free, kSupport, kNow);
  });
  EXPECT_EQ(handle(&ServiceProvider::login, request()).status, http::Status::Forbidden);
  http::Request nowhere = request();
  nowhere.parameters = {{"account", "nobody"}};
  EXPECT_FALSE(service_provider_.login(nowhere));
}

TEST_F(ServiceProviderTest, ChoosesTheConnectionOfTheAddress) {
  add_connection(account_, "https://second.example", "second");
  // Which one, nobody said: the e-mail address will tell.
  const auto asked = handle(&ServiceProvider::login, request("return_to=%2Fx"));
  EXPECT_EQ(asked.headers.find("Location"), "/sign-in?account=contoso&return_to=%2Fx");
  const std::string hinted = start("login_hint=ada%40contoso.example");
  EXPECT_THAT(hinted, HasSubstr("Destination=\"https://idp.example/sso\""));
  const auto named = handle(&ServiceProvider::login, request("connection=nothing"));
  EXPECT_EQ(named.status, http::Status::NotFound);
  start("connection=second");
}

TEST_F(ServiceProviderTest, AnAnswerOfAnotherConnectionIsRefused) {
  add_connection(account_, "https://second.example", "second");
  // The flow was started for the second connection; the first one's provider answers it.
  const auto response = post(idp_.answer(parts(id_of(start("connection=second")))));
  EXPECT_EQ(response.status, http::Status::Forbidden);
  EXPECT_EQ(who(), "");
}

TEST_F(ServiceProviderTest, StrangersCannotFillTheDisk) {
  for (int i = 0; i < session::AttemptBudget::kBurst + 50; ++i)
    post("bm90IHhtbA==");
  EXPECT_EQ(count("SELECT count(*) FROM sign_in_attempts"), session::AttemptBudget::kBurst);
}

}  // namespace
}  // namespace doorward::saml
