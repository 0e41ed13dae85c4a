#include "setup/wizard.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>

#include "directory/attempts.h"
#include "directory/departments.h"
#include "directory/domain_claims.h"
#include "directory/domains.h"
#include "directory/employees.h"
#include "directory/provisioning_log.h"
#include "directory/provisioning_tokens.h"
#include "directory/sessions.h"
#include "directory/setup_links.h"
#include "setup/proposal.h"
#include "setup/readiness.h"
#include "setup_test.h"

namespace doorward::setup {
namespace {

using directory::Actor;
using std::chrono::hours;
using storage::Transaction;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Actor kAda{directory::ActorKind::Administrator, "ada@acme.example"};

class WizardTest : public SetupTest {
 protected:
  Wizard wizard(Timestamp now = kNow) {
    return must(
        database_->read([&](Transaction& transaction) { return load_wizard(transaction, account_, now); }));
  }
  StepStanding standing(Step step, Timestamp now = kNow) {
    const auto found = wizard(now);
    EXPECT_EQ(found.steps.size(), 8U);
    return found.steps.at(static_cast<std::size_t>(step));
  }
  StepState state(Step step) { return standing(step).state; }
  std::vector<Step> blocking() {
    std::vector<Step> steps;
    for (const StepStanding& standing : wizard().steps) {
      if (standing.blocks) steps.push_back(standing.step);
    }
    return steps;
  }
  void expect(Step step, StepState state, bool blocks, std::string_view message) {
    const StepStanding found = standing(step);
    EXPECT_EQ(to_text(found.state), to_text(state)) << found.message;
    EXPECT_EQ(found.blocks, blocks) << found.message;
    EXPECT_THAT(found.message, HasSubstr(std::string(message)));
  }
  /// The code with which it is refused; empty when it is done.
  template <class Body>
  std::string refusal_of(Body body) {
    const auto outcome = database_->write(body);
    return outcome ? std::string() : std::string(outcome.error().code.name());
  }

  std::string begin() {
    return refusal_of([&](Transaction& transaction) { return start(transaction, account_, kAda, kNow); });
  }
  std::string choose(std::string_view provider) {
    return refusal_of(
        [&](Transaction& transaction) { return choose_provider(transaction, account_, provider); });
  }
  std::string say_application(bool done) {
    return refusal_of(
        [&](Transaction& transaction) { return set_application_done(transaction, account_, done, kNow); });
  }
  std::string decline(bool declined) {
    return refusal_of([&](Transaction& transaction) {
      return set_provisioning_declined(transaction, account_, declined, kAda, kNow);
    });
  }
  std::string choose_default_department() {
    return refusal_of([&](Transaction& transaction) -> Result<void> {
      ASSIGN_OR_RETURN(const auto department, directory::default_department(transaction, account_.id));
      return choose_department(transaction, account_, department.id, kAda, kNow);
    });
  }
  std::string try_enable(std::string_view name = "acme") {
    return refusal_of(
        [&](Transaction& transaction) { return enable(transaction, account_, name, kAda, kNow); });
  }
  std::string try_cancel(std::string_view name = "acme") {
    return refusal_of(
        [&](Transaction& transaction) { return cancel(transaction, account_, name, kAda, kNow); });
  }
  directory::Account reloaded() {
    return must(database_->read(
        [&](Transaction& transaction) { return directory::load_account(transaction, account_.id); }));
  }
  bool is_enforced() { return reloaded().sso_enforced_at.has_value(); }

  directory::Connection connect(std::string_view name = "idp", Duration lifetime = kYear) {
    return write([&](Transaction& transaction) {
      return directory::create_connection(transaction,
                                          {.account = account_.id,
                                           .provider = provider(name, certificate(lifetime)),
                                           .name = std::string(name)},
                                          kSupport, kNow);
    });
  }
  void set_connection(directory::ConnectionState state) {
    write([&](Transaction& transaction) -> Result<void> {
      ASSIGN_OR_RETURN(const auto connections, directory::list_connections(transaction, account_.id));
      return directory::set_connection_state(transaction, account_.id, connections.at(0).id, state, kSupport,
                                             kNow);
    });
  }
  void add_domain(std::string_view name, directory::DomainProof proof = directory::DomainProof::Dns) {
    write([&](Transaction& transaction) {
      return directory::add_domain(
          transaction, {.account = account_.id, .name = std::string(name), .proof = proof}, kSupport, kNow);
    });
  }
  directory::Employee add_employee(std::string_view email, bool administrator = false) {
    return write([&](Transaction& transaction) {
      return directory::create_employee(
          transaction,
          {.account = account_.id,
           .profile = {.user_name = std::string(email), .email = std::string(email)},
           .administrator = administrator},
          kSupport, kNow);
    });
  }
  directory::ProvisioningToken add_token(std::optional<Timestamp> expires = {}) {
    return write([&](Transaction& transaction) {
      return directory::create_provisioning_token(transaction, account_,
                                                  directory::ProvisioningSecret::issue(account_),
                                                  {.name = "Entra", .expires_at = expires}, kAda, kNow);
    });
  }
  void use(const directory::ProvisioningToken& token, bool failed = false) {
    write([&](Transaction& transaction) -> Result<void> {
      RETURN_IF_ERROR(
          directory::touch_provisioning_token(transaction, account_.id, token.id, "192.0.2.1", kNow));
      directory::NewProvisioningEntry entry;
      entry.at = kNow;
      entry.outcome = failed ? directory::ProvisioningOutcome::Failed : directory::ProvisioningOutcome::Read;
      entry.summary = failed ? "Entra sent a user without userName." : "Entra looked for bob.";
      return directory::record_provisioning(transaction, account_.id, std::array{entry});
    });
  }
  void revoke(const directory::ProvisioningToken& token) {
    write([&](Transaction& transaction) {
      return directory::revoke_provisioning_token(transaction, account_.id, token.id, kAda, kNow);
    });
  }
  void pass_test(const directory::Employee& employee, const directory::Connection& connection,
                 Timestamp at = kNow) {
    write([&](Transaction& transaction) {
      return directory::record_attempt(transaction,
                                       {.account = account_.id,
                                        .connection = connection.id,
                                        .outcome = directory::AttemptOutcome::Test,
                                        .employee = employee.public_id},
                                       at);
    });
  }
  void allow(const directory::Employee& employee) {
    write([&](Transaction& transaction) {
      return directory::set_loss(transaction, account_.id, employee.id, directory::Loss::Accepted, kAda,
                                 kNow);
    });
  }
  std::int64_t count(std::string_view sql) {
    return *must(database_->read([&](Transaction& transaction) {
      return transaction.first(sql, {}, [](const storage::Row& row) { return row.integer(0); });
    }));
  }
};

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

/// What a setup link makes waits for an administrator.
class ProposalTest : public WizardTest {
 protected:
  const Actor max_{
      .kind = directory::ActorKind::Administrator, .name = "setup link Max of ada", .proposes = true};

  directory::Connection propose(std::string_view entity_id = "https://idp.example/") {
    return write([&](Transaction& transaction) {
      return directory::create_connection(
          transaction, {.account = account_.id, .provider = provider(entity_id)}, max_, kNow);
    });
  }
  Proposal proposal() { return wizard().proposal; }
  std::string try_accept(const std::string& version, const Actor& actor = kAda) {
    return refusal_of([&](Transaction& transaction) {
      return accept_proposal(transaction, account_.id, version, actor, kNow);
    });
  }
  std::string try_discard(const Actor& actor = kAda) {
    return refusal_of(
        [&](Transaction& transaction) { return discard_proposal(transaction, account_.id, actor, kNow); });
  }
  directory::ProvisioningToken propose_token() {
    return write([&](Transaction& transaction) {
      return directory::create_provisioning_token(
          transaction, account_, directory::ProvisioningSecret::issue(account_), {.name = "Max"}, max_, kNow);
    });
  }
  /// Everything else that enabling demands.
  void fill(const directory::Connection& connection) {
    begin();
    add_domain("acme.example");
    const auto boss = add_employee("ada@acme.example", true);
    decline(true);
    choose_default_department();
    write([&](Transaction& transaction) {
      return directory::record_attempt(transaction,
                                       {.account = account_.id,
                                        .connection = connection.id,
                                        .outcome = directory::AttemptOutcome::Test,
                                        .employee = boss.public_id},
                                       kNow);
    });
  }
};

TEST_F(ProposalTest, BlocksEnablingUntilItIsAccepted) {
  fill(propose());
  EXPECT_THAT(blocking(), IsEmpty()) << "for the colleague every step is done";
  EXPECT_EQ(wizard().next(), Step::Enable);
  EXPECT_FALSE(wizard().may_enable());
  EXPECT_THAT(standing(Step::Enable).message, HasSubstr("set up by the setup link Max of ada"));
  EXPECT_EQ(try_enable(), kNotReady.name());
  const auto readiness = must(database_->read(
      [&](Transaction& transaction) { return check_readiness(transaction, account_, kNow); }));
  EXPECT_TRUE(readiness.blocked());
  EXPECT_EQ(readiness.gates.at(1).name, "acceptance");
  // Not even when support insists.
  EXPECT_EQ(refusal_of([&](Transaction& transaction) {
              return enable_sso(transaction, account_, "because", Insist::Yes, kSupport, kNow);
            }),
            "directory.no_connection");

  EXPECT_EQ(try_accept(proposal().version()), "");
  EXPECT_TRUE(proposal().empty());
  EXPECT_EQ(try_enable(), "");
  EXPECT_TRUE(is_enforced());
}

TEST_F(ProposalTest, NothingIsSlippedInBetweenLookingAndAccepting) {
  begin();
  const auto connection = propose();
  const auto change = [&](const directory::Provider& next, const std::string& url = {}) {
    write([&](Transaction& transaction) {
      return directory::update_provider(
          transaction, account_.id, connection.id, next,
          directory::MetadataSource{.url = url, .document = "x", .etag = {}, .fetched_at = kNow},
          directory::EntityIdChange::Allow, max_, kNow);
    });
  };
  const directory::Provider same = provider("https://idp.example/");
  change(same);
  const std::string seen = proposal().version();
  directory::Provider next = same;
  next.entity_id = "https://evil.example/";
  change(next);
  EXPECT_EQ(try_accept(seen), kProposalChanged.name()) << "another provider";
  next = same;
  next.signing_certificates.push_back(certificate(kYear / 2).der());
  change(next);
  EXPECT_EQ(try_accept(seen), kProposalChanged.name()) << "one more certificate";
  next = same;
  next.sign_on.front().url = "https://evil.example/sso";
  change(next);
  EXPECT_EQ(try_accept(seen), kProposalChanged.name()) << "another address to sign in at";
  change(same, "https://evil.example/metadata");
  EXPECT_EQ(try_accept(seen), kProposalChanged.name()) << "another place where certificates are learnt";
  change(same);
  const auto token = propose_token();
  EXPECT_EQ(try_accept(seen), kProposalChanged.name()) << "a token";
  write([&](Transaction& transaction) {
    return directory::revoke_provisioning_token(transaction, account_.id, token.id, max_, kNow);
  });
  EXPECT_EQ(try_accept(""), kProposalChanged.name());
  EXPECT_EQ(try_accept(seen, max_), directory::kProposalsOnly.name());
  EXPECT_EQ(try_accept(seen), "");
  EXPECT_EQ(try_accept(seen), kProposalChanged.name()) << "nothing is left to accept";
}

TEST_F(ProposalTest, IsDiscardedAsOne) {
  begin();
  propose();
  propose_token();
  EXPECT_EQ(try_discard(max_), directory::kProposalsOnly.name());
  EXPECT_EQ(try_discard(), "");
  EXPECT_TRUE(proposal().empty());
  const auto kept = connect();
  EXPECT_EQ(try_discard(), "") << "what nobody proposed stays";
  EXPECT_EQ(must(database_->read([&](Transaction& transaction) {
              return directory::list_connections(transaction, account_.id);
            })).size(),
            1U);
}

TEST_F(ProposalTest, OtherHostsThanExpectedAreDoubtful) {
  directory::Connection connection;
  connection.provider = provider("https://sts.windows.net/x/");
  connection.provider.sign_on.front().url = "https://login.microsoftonline.com/x/saml2";
  connection.metadata_url = "https://login.microsoftonline.com/x/federationmetadata.xml";
  EXPECT_THAT(doubts_about(connection, "entra"), IsEmpty());
  connection.metadata_url = "https://login.micros0ftonline.com/x/federationmetadata.xml";
  EXPECT_THAT(doubts_about(connection, "entra"), ElementsAre(HasSubstr("login.micros0ftonline.com")));
  connection.provider.sign_on.front().url = "https://login.micros0ftonline.com/x/saml2";
  EXPECT_THAT(doubts_about(connection, "entra"), ElementsAre(HasSubstr("not Microsoft’s")));
  EXPECT_THAT(doubts_about(connection, "okta"), IsEmpty());
  connection.metadata_url.clear();
  EXPECT_THAT(doubts_about(connection, "okta"), IsEmpty());
}

TEST_F(ProposalTest, CancellingEndsTheLinks) {
  begin();
  const auto boss = add_employee("ada@acme.example", true);
  const auto secret = directory::SetupLinkSecret::issue(account_);
  write([&](Transaction& transaction) {
    return directory::create_setup_link(transaction, boss, "Max", 7, secret, kAda, kNow);
  });
  propose_token();
  EXPECT_EQ(
      refusal_of([&](Transaction& transaction) { return cancel(transaction, account_, "acme", max_, kNow); }),
      directory::kProposalsOnly.name());
  EXPECT_EQ(try_cancel(), "");
  EXPECT_TRUE(proposal().empty());
  EXPECT_EQ(refusal_of([&](Transaction& transaction) {
              return directory::open_setup_link(
                  transaction, secret, directory::DelegateSecret::issue(account_), "192.0.2.7", kNow);
            }),
            directory::kSetupLinkEnded.name());
}

}  // namespace
}  // namespace doorward::setup
