#include "setup/wizard.h"

#include <set>

#include "directory/domain_claims.h"
#include "directory/sessions.h"
#include "wizard_test.h"

namespace doorward::setup {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(WizardTest, BeginsWithEverythingToDo) {
  const Wizard fresh = wizard();
  EXPECT_FALSE(fresh.setup);
  EXPECT_EQ(fresh.next(), Step::Prepare);
  EXPECT_FALSE(fresh.may_enable());
  for (const StepStanding& standing : fresh.steps) {
    EXPECT_EQ(standing.state, StepState::ToDo) << to_text(standing.step);
    EXPECT_EQ(standing.blocks, standing.step != Step::Enable) << to_text(standing.step);
    EXPECT_FALSE(standing.message.empty());
  }
  EXPECT_EQ(begin(), "");
  EXPECT_EQ(begin(), "");
  expect(Step::Prepare, StepState::Done, false, "ada@acme.example started on 2026-03-01");
  EXPECT_EQ(wizard().next(), Step::Application);
}

TEST_F(WizardTest, OnTheFreePlanItSaysWhatIsMissing) {
  write([&](Transaction& transaction) {
    return directory::set_plan(transaction, account_.id, directory::Plan::Free, kSupport, kNow);
  });
  expect(Step::Prepare, StepState::ToDo, true, "ask support to change the plan");
  EXPECT_EQ(begin(), "directory.plan_without_sso");
}

TEST_F(WizardTest, NothingIsSaidBeforeTheStart) {
  for (const std::string& refusal :
       {choose("entra"), say_application(true), decline(true), choose_default_department(), try_cancel()}) {
    EXPECT_EQ(refusal, "directory.no_setup");
  }
  EXPECT_FALSE(wizard().setup);
}

TEST_F(WizardTest, TheApplicationExistsAtTheChosenProvider) {
  begin();
  expect(Step::Application, StepState::ToDo, true, "Choose your identity provider");
  EXPECT_EQ(choose("Entra"), "setup.unknown_provider");
  EXPECT_EQ(say_application(true), "");
  expect(Step::Application, StepState::ToDo, true, "Choose your identity provider");
  EXPECT_EQ(choose("entra"), "");
  expect(Step::Application, StepState::ToDo, true, "Create the application");
  EXPECT_EQ(say_application(true), "");
  expect(Step::Application, StepState::Done, false, "2026-03-01");
  EXPECT_EQ(choose("entra"), "");
  EXPECT_EQ(state(Step::Application), StepState::Done);
  EXPECT_EQ(choose("okta"), "") << "which has no application yet";
  EXPECT_EQ(state(Step::Application), StepState::ToDo);
  connect();
  EXPECT_EQ(state(Step::Application), StepState::Done);
  for (const std::string_view provider : providers())
    EXPECT_EQ(choose(provider), "");
}

TEST_F(WizardTest, AConnectionNeedsACertificateOfToday) {
  connect("soon", hours(24 * 10));
  expect(Step::Connection, StepState::Attention, false, "expires on 2026-03-11");
  EXPECT_EQ(standing(Step::Connection, kNow + hours(24 * 11)).state, StepState::Attention);
  EXPECT_TRUE(standing(Step::Connection, kNow + hours(24 * 11)).blocks);
  connect("fine");
  expect(Step::Connection, StepState::Attention, false, "soon");
  write([&](Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto soon, directory::find_connection(transaction, account_.id, "soon"));
    return directory::delete_connection(transaction, account_.id, soon->id, kAda, kNow);
  });
  expect(Step::Connection, StepState::Done, false, "fine");
  set_connection(directory::ConnectionState::Inactive);
  expect(Step::Connection, StepState::ToDo, true, "no active connection");
  EXPECT_EQ(state(Step::Application), StepState::Done);
}

TEST_F(WizardTest, ProvisioningIsProvenByATokenThatWasUsed) {
  begin();
  expect(Step::Provisioning, StepState::ToDo, true, "Create a token");
  const auto token = add_token();
  expect(Step::Provisioning, StepState::ToDo, true, "choose Test Connection");
  use(token);
  expect(Step::Provisioning, StepState::Done, false, "2026-03-01");
  use(token, true);
  expect(Step::Provisioning, StepState::Attention, false, "without userName");
  use(token);
  EXPECT_EQ(state(Step::Provisioning), StepState::Done);
  const auto second = add_token();
  revoke(token);
  expect(Step::Provisioning, StepState::Attention, true, "never used");
  revoke(second);
  expect(Step::Provisioning, StepState::Attention, true, "Every token is revoked");
}

TEST_F(WizardTest, AnExpiredTokenProvesNothing) {
  begin();
  use(add_token(kNow + hours(1)));
  EXPECT_EQ(standing(Step::Provisioning).state, StepState::Done);
  EXPECT_TRUE(standing(Step::Provisioning, kNow + hours(1)).blocks);
}

TEST_F(WizardTest, ProvisioningMayBeDeclinedAndWantedAgain) {
  begin();
  EXPECT_EQ(decline(true), "");
  EXPECT_EQ(decline(true), "");
  expect(Step::Provisioning, StepState::Done, false, "kept by hand");
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE action = 'setup.provisioning_declined'"), 1);
  EXPECT_EQ(decline(false), "");
  EXPECT_TRUE(standing(Step::Provisioning).blocks);
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE action = 'setup.provisioning_wanted'"), 1);
}

TEST_F(WizardTest, EverybodyOutsideTheDomainsIsDecidedUpon) {
  expect(Step::Domains, StepState::ToDo, true, "no proven e-mail domain");
  add_domain("acme.example");
  expect(Step::Domains, StepState::Attention, true, "No active connection");
  connect();
  expect(Step::Domains, StepState::Attention, true, "No administrator");
  add_employee("ada@acme.example", true);
  expect(Step::Domains, StepState::Done, false, "acme.example");
  const auto out = add_employee("out@elsewhere.example");
  expect(Step::Domains, StepState::Attention, true, "1 employee has an address outside");
  allow(out);
  expect(Step::Domains, StepState::Done, false, "1 employee will lose access");
  add_employee("late@elsewhere.example");
  EXPECT_TRUE(standing(Step::Domains).blocks);
}

TEST_F(WizardTest, TheDepartmentIsChosenAndBecomesTheDefault) {
  begin();
  EXPECT_TRUE(standing(Step::Department).blocks);
  const auto sales = write([&](Transaction& transaction) {
    return directory::create_department(transaction, {.account = account_.id, .name = "Sales"}, kAda, kNow);
  });
  EXPECT_EQ(refusal_of([&](Transaction& transaction) {
              return choose_department(transaction, account_, sales.id, kAda, kNow);
            }),
            "");
  expect(Step::Department, StepState::Done, false, "Sales");
  EXPECT_TRUE(must(database_->read([&](Transaction& transaction) {
                return directory::load_department(transaction, account_.id, sales.id);
              })).is_default);
}

TEST_F(WizardTest, OnlyAnAdministratorsTestAtThisProviderCounts) {
  expect(Step::Test, StepState::ToDo, true, "Connect your identity provider first");
  add_domain("acme.example");
  const auto connection = connect();
  expect(Step::Test, StepState::ToDo, true, "private window");
  const auto ben = add_employee("ben@acme.example");
  pass_test(ben, connection);
  expect(Step::Test, StepState::ToDo, true, "no administrator yet");
  const auto ada = add_employee("ada@acme.example", true);
  pass_test(ada, connection, kNow - hours(1));
  expect(Step::Test, StepState::ToDo, true, "no administrator yet");
  pass_test(ada, connection);
  expect(Step::Test, StepState::Done, false, "ada@acme.example came through");
  write([&](Transaction& transaction) {
    return directory::update_provider(transaction, account_.id, connection.id, provider("another"),
                                      std::nullopt, directory::EntityIdChange::Allow, kAda, kNow + hours(1));
  });
  EXPECT_TRUE(standing(Step::Test).blocks);
  pass_test(ada, connection, kNow + hours(2));
  EXPECT_EQ(state(Step::Test), StepState::Done);
  set_connection(directory::ConnectionState::Inactive);
  EXPECT_TRUE(standing(Step::Test).blocks);
}

/// Everything is in place.
class ReadyTest : public WizardTest {
 protected:
  ReadyTest() {
    begin();
    choose("entra");
    use(token_);
    add_domain("acme.example");
    choose_default_department();
    pass_test(ada_, connection_);
    write([&](Transaction& transaction) {
      return directory::set_password(transaction, account_.id, ada_.id, "hash", kSupport, kNow);
    });
  }
  directory::SessionToken sign_in(directory::SignInMethod method) {
    const auto token = directory::SessionToken::issue(account_);
    write([&](Transaction& transaction) {
      directory::NewSession session{.account = account_.id, .employee = ada_.id, .method = method};
      if (method == directory::SignInMethod::Saml)
        session.provider = directory::ProviderSession{connection_.id, "ada", "", ""};
      return directory::create_session(transaction, token, session, {}, kNow);
    });
    return token;
  }
  bool lives(const directory::SessionToken& token) {
    return must(database_->read([&](Transaction& transaction) {
             return directory::find_session(transaction, token, kNow);
           }))
        .has_value();
  }
  void expect_gate(Step step) {
    EXPECT_THAT(blocking(), ElementsAre(step));
    EXPECT_EQ(wizard().next(), step);
    EXPECT_FALSE(wizard().may_enable());
    EXPECT_EQ(try_enable(), "setup.not_ready");
    EXPECT_FALSE(is_enforced());
  }

  directory::Connection connection_ = connect();
  directory::Employee ada_ = add_employee("ada@acme.example", true);
  directory::ProvisioningToken token_ = add_token();
};

TEST_F(ReadyTest, EnablesByTheAccountsName) {
  EXPECT_THAT(blocking(), IsEmpty());
  EXPECT_TRUE(wizard().may_enable());
  EXPECT_EQ(wizard().next(), Step::Enable);
  EXPECT_THAT(standing(Step::Enable).message, HasSubstr("1 employee keeps access, 0 lose it"));
  for (const char* wrong : {"", "acm", "acme2", "ac me"})
    EXPECT_EQ(try_enable(wrong), "setup.name_mismatch") << wrong;
  EXPECT_FALSE(is_enforced());
  EXPECT_EQ(try_enable("  ACME "), "");
  EXPECT_TRUE(is_enforced());
  expect(Step::Enable, StepState::Done, false, "since 2026-03-01");
  EXPECT_FALSE(wizard().may_enable());
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE action = 'sso.enabled' AND actor_kind = 'administrator'"),
            1);
}

TEST_F(ReadyTest, EnablingEndsSessionsOfPasswordsOnly) {
  const auto by_password = sign_in(directory::SignInMethod::Password);
  const auto by_sso = sign_in(directory::SignInMethod::Saml);
  EXPECT_EQ(try_enable(), "");
  EXPECT_FALSE(lives(by_password));
  EXPECT_TRUE(lives(by_sso));
}

TEST_F(ReadyTest, NothingIsChangedAfterEnabling) {
  EXPECT_EQ(try_enable(), "");
  for (const std::string& refusal : {begin(), choose("okta"), say_application(true), decline(true),
                                     choose_default_department(), try_enable(), try_cancel()}) {
    EXPECT_EQ(refusal, "setup.enabled_already");
  }
  EXPECT_TRUE(is_enforced());
  EXPECT_EQ(wizard().setup->provider, "entra");
  EXPECT_EQ(wizard().steps.at(0).state, StepState::Done);
}

TEST_F(ReadyTest, TheGateOfThePlan) {
  write([&](Transaction& transaction) {
    return directory::set_plan(transaction, account_.id, directory::Plan::Free, kSupport, kNow);
  });
  // Without the plan the account is still there as it was read before.
  EXPECT_EQ(account_.plan, directory::Plan::Enterprise);
  expect_gate(Step::Prepare);
}

TEST_F(ReadyTest, TheGateOfTheStart) {
  write([&](Transaction& transaction) { return directory::delete_setup(transaction, account_.id); });
  EXPECT_THAT(blocking(), ElementsAre(Step::Prepare, Step::Department));
  EXPECT_EQ(try_enable(), "setup.not_ready");
  EXPECT_FALSE(is_enforced());
}

TEST_F(ReadyTest, TheGateOfTheConnection) {
  set_connection(directory::ConnectionState::Inactive);
  EXPECT_THAT(blocking(), ElementsAre(Step::Connection, Step::Domains, Step::Test));
  EXPECT_EQ(try_enable(), "setup.not_ready");
  EXPECT_FALSE(is_enforced());
}

TEST_F(ReadyTest, TheGateOfTheCertificate) {
  write([&](Transaction& transaction) {
    return directory::update_provider(transaction, account_.id, connection_.id,
                                      provider("idp", certificate(-hours(1))), std::nullopt,
                                      directory::EntityIdChange::Refuse, kAda, kNow);
  });
  expect_gate(Step::Connection);
}

TEST_F(ReadyTest, TheGateOfProvisioning) {
  revoke(token_);
  expect_gate(Step::Provisioning);
  EXPECT_EQ(decline(true), "");
  EXPECT_EQ(try_enable(), "");
}

TEST_F(ReadyTest, TheGateOfTheDomain) {
  write([&](Transaction& transaction) {
    return directory::remove_domain(transaction, account_.id, "acme.example", kAda, kNow);
  });
  EXPECT_THAT(blocking(), ElementsAre(Step::Domains, Step::Test));
  EXPECT_EQ(try_enable(), "setup.not_ready");
  EXPECT_FALSE(is_enforced());
}

TEST_F(ReadyTest, TheGateOfTheEmployees) {
  const auto out = add_employee("out@elsewhere.example");
  expect_gate(Step::Domains);
  allow(out);
  EXPECT_EQ(try_enable(), "");
}

TEST_F(ReadyTest, TheGateOfTheAdministrators) {
  // Ada's address is changed after her test: nobody who may manage the account could come in.
  write([&](Transaction& transaction) {
    auto profile = ada_.profile;
    profile.email = "ada@elsewhere.example";
    return directory::update_profile(transaction, account_.id, ada_.id, profile, kAda, kNow);
  });
  allow(ada_);
  EXPECT_THAT(blocking(), ElementsAre(Step::Domains, Step::Test));
  EXPECT_EQ(try_enable(), "setup.not_ready");
  // An administrator inside is not enough while nobody knows that they can come in.
  add_employee("eve@acme.example", true);
  expect_gate(Step::Test);
}

TEST_F(ReadyTest, TheGateOfTheDepartment) {
  write([&](Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(auto setup, directory::find_setup(transaction, account_.id));
    setup->department_chosen_at.reset();
    return directory::update_setup(transaction, account_.id, *setup);
  });
  expect_gate(Step::Department);
}

TEST_F(ReadyTest, TheGateOfTheTest) {
  add_employee("eve@acme.example", true);
  write([&](Transaction& transaction) {
    return directory::revoke_administrator(transaction, account_.id, ada_.id,
                                           directory::LastAdministrator::Protect, kSupport, kNow);
  });
  expect_gate(Step::Test);
}

TEST_F(ReadyTest, CancellingRemovesTheConfigurationAndLeavesThePeople) {
  add_domain("support.example", directory::DomainProof::Support);
  add_domain("word.example", directory::DomainProof::Administrator);
  write([&](Transaction& transaction) {
    return directory::claim_domain(transaction, account_.id, "claimed.example", kAda, kNow);
  });
  const auto out = add_employee("out@elsewhere.example");
  allow(out);
  const auto by_sso = sign_in(directory::SignInMethod::Saml);
  const auto by_password = sign_in(directory::SignInMethod::Password);
  EXPECT_EQ(try_cancel("other"), "setup.name_mismatch");
  EXPECT_TRUE(wizard().setup);
  EXPECT_EQ(try_cancel(" Acme"), "");
  const Wizard after = wizard();
  EXPECT_FALSE(after.setup);
  EXPECT_EQ(after.people.active, 2);
  EXPECT_EQ(after.people.accepted, 0);
  EXPECT_EQ(count("SELECT count(*) FROM connections"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM provisioning_tokens WHERE revoked_at IS NULL"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM domains WHERE name = 'support.example'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM domains"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM domain_claims"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE action = 'setup.cancelled'"), 1);
  EXPECT_FALSE(lives(by_sso));
  EXPECT_TRUE(lives(by_password));
  EXPECT_EQ(try_cancel(), "directory.no_setup");
  // What was there before says nothing about a setup that begins anew.
  write([&](Transaction& transaction) { return start(transaction, account_, kAda, kNow + hours(1)); });
  expect(Step::Provisioning, StepState::ToDo, true, "Create a token");
}

TEST_F(ReadyTest, CancellingLeavesSomebodyWhoCanComeIn) {
  write([&](Transaction& transaction) {
    return directory::set_password(transaction, account_.id, ada_.id, "", kSupport, kNow);
  });
  EXPECT_EQ(try_cancel(), "setup.nobody_left");
  EXPECT_EQ(count("SELECT count(*) FROM connections"), 1);
}

TEST_F(ReadyTest, CancellingTouchesNoOtherAccount) {
  const auto other = write([](Transaction& transaction) {
    return directory::create_account(transaction, {.name = "other", .plan = directory::Plan::Enterprise},
                                     kSupport, kNow);
  });
  write([&](Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(directory::create_connection(
        transaction, {.account = other.id, .provider = provider("theirs")}, kSupport, kNow));
    RETURN_IF_ERROR(directory::add_domain(
        transaction, {.account = other.id, .name = "other.example", .proof = directory::DomainProof::Dns},
        kSupport, kNow));
    return start(transaction, other, kAda, kNow);
  });
  EXPECT_EQ(try_cancel(), "");
  EXPECT_EQ(count("SELECT count(*) FROM connections"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM domains"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM setups"), 1);
}

TEST_F(ReadyTest, ATestAccountNeedsNoDomainOfItsOwn) {
  account_ = write([&](Transaction& transaction) {
    return directory::create_account(
        transaction, {.name = "trial", .plan = directory::Plan::Enterprise, .parent = account_.id}, kSupport,
        kNow);
  });
  add_employee("tess@acme.example", true);
  expect(Step::Domains, StepState::Done, false, "This test account");
  add_employee("out@elsewhere.example");
  EXPECT_TRUE(standing(Step::Domains).blocks);
}

TEST(StepTest, HaveWordsThatReadBack) {
  std::set<std::string_view> words;
  for (int number = 0; number < 8; ++number) {
    const auto step = static_cast<Step>(number);
    EXPECT_EQ(parse_step(to_text(step)), step);
    words.insert(to_text(step));
  }
  EXPECT_EQ(words.size(), 8U);
  EXPECT_FALSE(parse_step("Prepare"));
  EXPECT_EQ(to_text(StepState::ToDo), "to-do");
  EXPECT_EQ(providers().front(), "entra");
}

}  // namespace
}  // namespace doorward::setup
