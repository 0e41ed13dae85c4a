#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "directory/attempts.h"
#include "directory/census.h"
#include "directory/departments.h"
#include "directory/domains.h"
#include "directory/employees.h"
#include "directory/provisioning_log.h"
#include "directory/provisioning_tokens.h"
#include "setup/wizard.h"
#include "setup_test.h"

namespace doorward::setup {

using directory::Actor;
using storage::Transaction;
using testing::HasSubstr;

inline const Actor kAda{directory::ActorKind::Administrator, "ada@acme.example"};

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

}  // namespace doorward::setup
