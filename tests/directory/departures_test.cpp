#include "directory/departures.h"

#include "directory/audit.h"
#include "directory/employee_search.h"
#include "directory/identity.h"
#include "directory/retention.h"
#include "provisioning_test.h"

namespace doorward::directory {
namespace {

using std::chrono::minutes;

class DeparturesTest : public ProvisioningTest {
 protected:
  DeparturesTest() {
    settings_.brake_count = 3;
    settings_.brake_percent = 10;
  }

  /// People beside those of the test, so that the share is small.
  void add_others(int number) {
    write([&](storage::Transaction& transaction) -> Result<void> {
      for (int i = 0; i < number; ++i) {
        RETURN_IF_ERROR(create_employee(
            transaction,
            {.account = account_.id, .profile = {.user_name = "other" + std::to_string(others_++)}}, kSupport,
            kNow));
      }
      return {};
    });
  }
  std::vector<ProvisionedEmployee> create_several(int number) {
    std::vector<ProvisionedEmployee> created;
    for (int i = 0; i < number; ++i)
      created.push_back(create("leaver" + std::to_string(leavers_++)));
    return created;
  }
  void leave(int number) {
    for (const ProvisionedEmployee& each : create_several(number))
      set_active(each, false);
  }

  std::vector<DepartureBatch> batches() {
    return read([&](storage::Transaction& transaction) {
      return list_departure_batches(transaction, account_.id, 10);
    });
  }
  std::vector<Departure> departures_of(const DepartureBatch& batch, std::optional<DepartureId> after = {},
                                       int limit = 100) {
    return read([&](storage::Transaction& transaction) {
      return list_departures(transaction, account_.id, batch.id, after, limit);
    });
  }
  std::int64_t restore(const DepartureBatch& batch) {
    return write([&](storage::Transaction& transaction) {
      return restore_departures(transaction, account_.id, batch.id, kAdministrator, now_);
    });
  }
  std::int64_t confirm(const DepartureBatch& batch) {
    return write([&](storage::Transaction& transaction) {
      return confirm_departures(transaction, account_.id, batch.id, kAdministrator, now_);
    });
  }
  bool is_held(const ProvisionedEmployee& employee) {
    return read([&](storage::Transaction& transaction) {
             return transaction.first(
                 "SELECT id FROM employees WHERE id = $1 AND deletion_held_at IS NOT NULL",
                 {employee.employee.id}, [](const storage::Row& row) { return row.integer(0); });
           })
        .has_value();
  }
  bool exists(const ProvisionedEmployee& employee) {
    return read([&](storage::Transaction& transaction) {
             return find_employee(transaction, account_.id, employee.employee.public_id);
           })
        .has_value();
  }

  int others_ = 0;
  int leavers_ = 0;
};

// When ----------------------------------------------------------------------------------------------------

TEST_F(DeparturesTest, TheBrakeGoesOnAboveBothThresholds) {
  add_others(6);
  leave(3);
  EXPECT_FALSE(is_brake_on()) << "three are not more than three";
  leave(1);
  EXPECT_TRUE(is_brake_on()) << "four of ten";
  ASSERT_EQ(batches().size(), 1u);
  const DepartureBatch batch = batches()[0];
  EXPECT_EQ(batch.state, BatchState::Open);
  EXPECT_EQ(batch.cause, "Entra");
  EXPECT_EQ(batch.opened_at, kNow);
  EXPECT_EQ(batch.deactivated, 4);
  EXPECT_EQ(batch.deleted, 0);
  EXPECT_EQ(batch.deletions_held, 0);
  EXPECT_EQ(count_of("departures.brake_on"), 1);
  EXPECT_EQ(std::ranges::count(event_types(), "departures.brake_on"), 1);
}

TEST_F(DeparturesTest, ExactlyTheShareIsNotTooMany) {
  settings_.brake_percent = 10;
  add_others(36);
  const auto leavers = create_several(4);
  for (const ProvisionedEmployee& each : leavers)
    set_active(each, false);
  EXPECT_FALSE(is_brake_on()) << "four of forty";
  set_active(create("leaver"), false);
  EXPECT_TRUE(is_brake_on()) << "five of forty-one";
}

TEST_F(DeparturesTest, AnHourIsTheWindow) {
  leave(1);
  now_ = kNow + minutes(1);
  leave(2);
  now_ = kNow + kBrakeWindow;
  leave(1);
  EXPECT_FALSE(is_brake_on()) << "the first left an hour ago";
  now_ = kNow + minutes(1) + kBrakeWindow - Duration(1);
  leave(1);
  EXPECT_TRUE(is_brake_on());
  EXPECT_EQ(batches()[0].deactivated, 4) << "without the first";
}

TEST_F(DeparturesTest, ManyWhoJoinedSinceTheCountAreCounted) {
  leave(1);
  add_others(96);
  leave(8);
  EXPECT_FALSE(is_brake_on()) << "nine of more than a hundred";
  now_ = kNow + minutes(59);
  leave(2);
  EXPECT_TRUE(is_brake_on()) << "eleven of a hundred and seven, at the most";
}

TEST_F(DeparturesTest, OneWhoIsDeactivatedAndDeletedLeavesOnce) {
  add_others(90);
  settings_.brake_percent = 0;
  for (const ProvisionedEmployee& each : create_several(3)) {
    set_active(each, false);
    remove(known(each));
    EXPECT_FALSE(exists(each));
  }
  EXPECT_FALSE(is_brake_on());
  EXPECT_EQ(count("SELECT count(*) FROM departures"), 3);
  EXPECT_EQ(count("SELECT count(*) FROM departures WHERE kind = 'deleted' AND was_active = 1"), 3);
  const ProvisionedEmployee bob = create("bob");
  set_active(bob, false);
  EXPECT_TRUE(is_brake_on());
  set_active(known(bob), true);
  set_active(known(bob), false);
  EXPECT_EQ(count("SELECT count(*) FROM departures"), 5) << "who came back leaves again";
}

TEST_F(DeparturesTest, EachAccountHasItsOwnBrake) {
  leave(3);
  const Account other = add_account("fabrikam");
  const ProvisionedEmployee eve = join(other, record("eve")).employee;
  const bool open = write([&](storage::Transaction& transaction) {
    return record_departure(transaction, other.id, settings_, eve.employee, DepartureKind::Deactivated,
                            kDirectory, kNow);
  });
  EXPECT_FALSE(open);
  leave(1);
  EXPECT_TRUE(is_brake_on());
  const DepartureBatch batch = batches()[0];
  const auto refused = [&](auto act) {
    return refusal_of([&](storage::Transaction& t) { return act(t, other.id, batch.id, kSupport, kNow); });
  };
  EXPECT_EQ(refused(restore_departures), "directory.no_departure_batch");
  EXPECT_EQ(refused(confirm_departures), "directory.no_departure_batch");
  read([&](storage::Transaction& transaction) -> Result<void> {
    EXPECT_FALSE(directory::is_brake_on(transaction, other.id).value());
    EXPECT_TRUE(list_departure_batches(transaction, other.id, 10)->empty());
    EXPECT_EQ(find_departure_batch(transaction, other.id, batch.public_id).value().has_value(), false);
    EXPECT_TRUE(list_departures(transaction, other.id, batch.id, {}, 10)->empty());
    EXPECT_EQ(find_departure_batch(transaction, account_.id, batch.public_id).value()->id, batch.id);
    return {};
  });
  EXPECT_TRUE(is_brake_on());
}

// While it is on --------------------------------------------------------------------------------------------

TEST_F(DeparturesTest, DeletionsAreHeldFromTheOneThatTrips) {
  const auto leavers = create_several(5);
  for (std::size_t i = 0; i < 3; ++i)
    remove(leavers[i]);
  EXPECT_FALSE(exists(leavers[2]));
  for (std::size_t i = 3; i < 5; ++i) {
    remove(leavers[i]);
    EXPECT_TRUE(is_held(leavers[i]));
    EXPECT_FALSE(reload(leavers[i].employee).active);
    EXPECT_EQ(look_up(leavers[i].employee.public_id), std::nullopt) << "gone for the directory";
  }
  const DepartureBatch batch = batches()[0];
  EXPECT_EQ(batch.deleted, 3);
  EXPECT_EQ(batch.deletions_held, 2);
  EXPECT_EQ(count_of("employee.deletion_held"), 2);

  const std::vector<Departure> departures = departures_of(batch, {}, 4);
  ASSERT_EQ(departures.size(), 4u);
  EXPECT_EQ(departures[0].user_name, "leaver0");
  EXPECT_EQ(departures[0].kind, DepartureKind::Deleted);
  EXPECT_EQ(departures[3].kind, DepartureKind::DeletionHeld);
  EXPECT_EQ(departures[3].employee, leavers[3].employee.public_id);
  EXPECT_EQ(departures_of(batch, departures[3].id).size(), 1u);

  // The administrator sees them still.
  EXPECT_EQ(read([&](storage::Transaction& transaction) {
              return search_employees(transaction, account_.id, {.active = false}, {}, 10);
            }).employees.size(),
            2u);
}

TEST_F(DeparturesTest, ADeactivatedOneWhoIsDeletedUnderTheBrakeIsHeld) {
  const auto leavers = create_several(4);
  for (const ProvisionedEmployee& each : leavers)
    set_active(each, false);
  now_ = kNow + std::chrono::hours(20);
  remove(known(leavers[0]));
  EXPECT_TRUE(is_held(leavers[0]));
  EXPECT_EQ(batches()[0].deactivated, 3);
  EXPECT_EQ(batches()[0].deletions_held, 1);
}

TEST_F(DeparturesTest, TheSameUserNameCompletesAHeldDeletion) {
  leave(4);
  EmployeeRecord sent = record("bob");
  sent.profile.object_id = new_public_id();
  const ProvisionedEmployee bob = join(sent).employee;
  const ProvisionedEmployee eve = create("eve");
  const ProvisionedEmployee zoe = create("zoe");
  for (const ProvisionedEmployee& each : {bob, eve, zoe})
    remove(each);
  ASSERT_TRUE(is_held(bob));
  EmployeeRecord renamed = sent;
  renamed.profile.user_name = "b.roe";
  EXPECT_EQ(join(renamed).how, Joining::Created) << "the same objectId";
  EXPECT_FALSE(exists(bob));
  const Joined successor = join(record("EVE"));
  EXPECT_EQ(successor.how, Joining::Created);
  EXPECT_NE(successor.employee.employee.public_id, eve.employee.public_id);
  EXPECT_FALSE(exists(eve));
  // A rename to a held user name as well.
  EmployeeRecord wanted = record_of(successor.employee);
  wanted.profile.user_name = "zoe";
  EXPECT_EQ(update(successor.employee, wanted).employee.profile.user_name, "zoe");
  EXPECT_FALSE(exists(zoe));
  EXPECT_EQ(batches()[0].deletions_held, 0);
  EXPECT_EQ(batches()[0].deleted, 3);
  restore(batches()[0]);
  EXPECT_TRUE(known(successor.employee).employee.active);
}

TEST_F(DeparturesTest, AHeldOneComesInByNoDoor) {
  const Connection connection = add_connection(account_, "https://idp.example/a");
  add_domain(account_, "contoso.com");
  write([&](storage::Transaction& transaction) {
    return set_provision_at_sign_in(transaction, account_.id, ProvisionAtSignIn::On, kSupport, kNow);
  });
  leave(4);
  EmployeeRecord sent = record("bob@contoso.com");
  sent.profile.object_id = new_public_id();
  const ProvisionedEmployee bob = join(sent).employee;
  const Account account = reload(account_);
  const auto refusal = [&](std::string_view object_id, std::string_view email) -> std::optional<Refusal> {
    const Decision decision = write([&](storage::Transaction& transaction) {
      return resolve_sign_in(transaction, account, connection,
                             {.object_identifier = std::string(object_id), .email = std::string(email)},
                             SignInPurpose::Session, kNow);
    });
    if (std::holds_alternative<Admitted>(decision)) return std::nullopt;
    return std::get<Refused>(decision).reason;
  };
  remove(bob);
  ASSERT_TRUE(is_held(bob));
  EXPECT_EQ(refusal(sent.profile.object_id, "bob@contoso.com"), Refusal::Deactivated);
  EXPECT_EQ(refusal(sent.profile.object_id, "other@contoso.com"), Refusal::Deactivated);
  EXPECT_EQ(refusal("", "bob@contoso.com"), Refusal::Deactivated);
  EXPECT_EQ(count("SELECT count(*) FROM identity_links"), 0);
}

// Afterwards ------------------------------------------------------------------------------------------------

TEST_F(DeparturesTest, RestoringGivesAccessBackButNoRights) {
  const auto leavers = create_several(6);
  write([&](storage::Transaction& transaction) {
    return grant_administrator(transaction, account_.id, leavers[0].employee.id, kSupport, kNow);
  });
  for (std::size_t i = 0; i < 4; ++i)
    set_active(known(leavers[i]), false);
  remove(leavers[4]);
  set_active(known(leavers[1]), true);
  now_ = kNow + minutes(10);
  const DepartureBatch batch = batches()[0];
  EXPECT_EQ(restore(batch), 4) << "one had come back by himself";
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_TRUE(known(leavers[i]).employee.active) << i;
  EXPECT_FALSE(known(leavers[0]).employee.administrator);
  EXPECT_FALSE(is_brake_on());
  const DepartureBatch closed = batches()[0];
  EXPECT_EQ(closed.state, BatchState::Restored);
  EXPECT_EQ(closed.closed_at, now_);
  EXPECT_EQ(closed.closed_by, kAdministrator.name);
  for (const Departure& departure : departures_of(closed))
    EXPECT_TRUE(departure.undone_at.has_value());
  EXPECT_EQ(count_of("departures.restored"), 1);
  for (auto act : {restore_departures, confirm_departures}) {
    EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
                return act(transaction, account_.id, batch.id, kAdministrator, now_);
              }),
              kBatchClosed.name());
  }
}

TEST_F(DeparturesTest, RestoringGivesNobodyWhatTheyHadNot) {
  const ProvisionedEmployee gone = create("gone");
  const ProvisionedEmployee dismissed = create("dismissed");
  write([&](storage::Transaction& transaction) {
    return deactivate_employee(transaction, account_.id, gone.employee.id, LastAdministrator::MayGo,
                               kAdministrator, kNow);
  });
  set_active(dismissed, false);
  leave(3);
  ASSERT_TRUE(is_brake_on());
  remove(known(gone));
  ASSERT_TRUE(is_held(gone));
  // Back by the directory's word, and out by the administrator's.
  set_active(known(dismissed), true);
  write([&](storage::Transaction& transaction) {
    return deactivate_employee(transaction, account_.id, dismissed.employee.id, LastAdministrator::MayGo,
                               kAdministrator, kNow);
  });
  EXPECT_EQ(restore(batches()[0]), 3);
  EXPECT_FALSE(is_held(gone));
  EXPECT_FALSE(known(gone).employee.active);
  EXPECT_FALSE(known(dismissed).employee.active);
}

TEST_F(DeparturesTest, ConfirmingDeletesTheHeldForGood) {
  const auto leavers = create_several(6);
  for (std::size_t i = 0; i < 4; ++i)
    set_active(leavers[i], false);
  remove(leavers[4]);
  remove(leavers[5]);
  // An administrator decides about one alone.
  write([&](storage::Transaction& transaction) {
    return activate_employee(transaction, account_.id, leavers[5].employee.id, kAdministrator, kNow);
  });
  EXPECT_FALSE(is_held(leavers[5]));
  const DepartureBatch batch = batches()[0];
  EXPECT_EQ(confirm(batch), 1);
  EXPECT_FALSE(exists(leavers[4]));
  EXPECT_TRUE(known(leavers[5]).employee.active);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_FALSE(known(leavers[i]).employee.active);
  EXPECT_EQ(batches()[0].state, BatchState::Confirmed);
  EXPECT_EQ(batches()[0].deleted, 1);
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return confirm_departures(transaction, account_.id, batch.id, kAdministrator, now_);
            }),
            kBatchClosed.name());
  EXPECT_EQ(count("SELECT count(*) FROM deleted_employees"), 1);
}

TEST_F(DeparturesTest, ADecisionIsCarriedOutInStepsAndGoesOn) {
  const auto leavers = create_several(7);
  for (const ProvisionedEmployee& each : leavers)
    set_active(each, false);
  const DepartureBatch batch = batches()[0];
  const auto undecided = [&] {
    return read([&](storage::Transaction& transaction) {
      return count_undecided(transaction, account_.id, batches()[0]);
    });
  };
  const auto step = [&](int limit) {
    return write([&](storage::Transaction& transaction) {
      return restore_some(transaction, account_.id, batch.id, kAdministrator, now_, limit);
    });
  };
  EXPECT_EQ(undecided(), 0);
  const DecisionStep first = step(3);
  EXPECT_EQ(first.employees, 3);
  EXPECT_FALSE(first.finished);
  EXPECT_EQ(undecided(), 4);
  // Decided is decided: what leaves now is counted anew, and nobody decides the opposite.
  EXPECT_FALSE(is_brake_on());
  EXPECT_EQ(batches()[0].state, BatchState::Restored);
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return confirm_some(transaction, account_.id, batch.id, kAdministrator, now_, 3);
            }),
            kBatchClosed.name());
  // Who came back and left again meanwhile stays away.
  set_active(known(leavers[0]), false);
  EXPECT_EQ(undecided(), 4);
  EXPECT_EQ(step(2).employees, 2);
  const DecisionStep last = step(2);
  EXPECT_EQ(last.employees, 2);
  EXPECT_TRUE(last.finished);
  EXPECT_EQ(undecided(), 0);
  EXPECT_FALSE(known(leavers[0]).employee.active);
  for (std::size_t i = 1; i < leavers.size(); ++i)
    EXPECT_TRUE(known(leavers[i]).employee.active) << i;
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return restore_some(transaction, account_.id, batch.id, kAdministrator, now_, 3);
            }),
            kBatchClosed.name());
  EXPECT_EQ(count_of("departures.restored"), 1);
}

TEST_F(DeparturesTest, AConfirmationIsCarriedOutInSteps) {
  leave(4);
  const auto leavers = create_several(5);
  for (const ProvisionedEmployee& each : leavers)
    remove(each);
  const DepartureBatch batch = batches()[0];
  std::int64_t deleted = 0;
  int steps = 0;
  for (bool finished = false; !finished; ++steps) {
    const DecisionStep step = write([&](storage::Transaction& transaction) {
      return confirm_some(transaction, account_.id, batch.id, kAdministrator, now_, 2);
    });
    deleted += step.employees;
    finished = step.finished;
  }
  EXPECT_EQ(steps, 3);
  EXPECT_EQ(deleted, 5);
  for (const ProvisionedEmployee& each : leavers)
    EXPECT_FALSE(exists(each));
  EXPECT_EQ(count_of("departures.confirmed"), 1);
}

TEST_F(DeparturesTest, AClosedBatchCountsNoMore) {
  leave(6);
  const DepartureBatch first = batches()[0];
  confirm(first);
  leave(3);
  EXPECT_FALSE(is_brake_on());
  leave(1);
  EXPECT_TRUE(is_brake_on());
  ASSERT_EQ(batches().size(), 2u);
  EXPECT_EQ(batches()[0].deactivated, 4) << "newest first";
  EXPECT_EQ(batches()[1].id, first.id);
  EXPECT_EQ(batches()[1].deactivated, 6);
}

TEST_F(DeparturesTest, OldOnesGoInBatchesUnlessTheirBatchIsOpen) {
  const auto clean = [&](Duration age) {
    return write([&](storage::Transaction& transaction) {
      return delete_expired(transaction, account_.id, {}, kNow + age, 3);
    });
  };
  const Duration due = Retention{}.departures;
  leave(4);
  confirm(batches()[0]);
  now_ = kNow + minutes(1);
  leave(4);
  ASSERT_TRUE(is_brake_on());
  // The events about it are old long before.
  while (clean(due - Duration(1)) > 0) {
  }
  ASSERT_EQ(batches().size(), 2u);
  EXPECT_EQ(clean(due), 4 + 1) << "of one millisecond, and their batch";
  EXPECT_EQ(clean(due + minutes(1)), 0);
  ASSERT_EQ(batches().size(), 1u);
  EXPECT_EQ(restore(batches()[0]), 4);
  while (clean(due) > 0) {
  }
  EXPECT_EQ(clean(due + minutes(1)), 4 + 1);
  EXPECT_TRUE(batches().empty());
  leave(1);
  EXPECT_EQ(count("SELECT max(number) FROM departures"), 9) << "numbers are never given twice";
}

}  // namespace
}  // namespace doorward::directory
