#include "directory/application_uses.h"
#include "directory/applications.h"
#include "directory/attempts.h"
#include "directory/authorization_requests.h"
#include "directory/census.h"
#include "directory/daily_counts.h"
#include "directory/grants.h"
#include "directory/mails.h"
#include "directory/password_attempts.h"
#include "directory/person_records.h"
#include "directory/retention.h"
#include "provisioning_test.h"

namespace doorward::directory {
namespace {

/// Notes how SQLite answers each statement, and lets it answer.
class ExplainingTransaction final : public storage::Transaction {
 public:
  explicit ExplainingTransaction(storage::Transaction& inner) : inner_(inner) {}

  Result<void> query(std::string_view sql, storage::Parameters parameters,
                     const std::function<void(const storage::Row&)>& on_row) override {
    RETURN_IF_ERROR(explain(sql, parameters));
    return inner_.query(sql, parameters, on_row);
  }
  Result<std::int64_t> execute(std::string_view sql, storage::Parameters parameters) override {
    RETURN_IF_ERROR(explain(sql, parameters));
    return inner_.execute(sql, parameters);
  }
  Result<void> notify(std::string_view channel, std::string_view message) override {
    return inner_.notify(channel, message);
  }

  /// What SQLite does, step by step.
  const std::vector<std::string>& steps() const { return steps_; }
  /// The statements that read a whole table or index, or an account's whole part of one.
  const std::vector<std::string>& slow() const { return slow_; }
  int statements() const { return statements_; }

 private:
  Result<void> explain(std::string_view sql, storage::Parameters parameters) {
    ++statements_;
    return inner_.query("EXPLAIN QUERY PLAN " + std::string(sql), parameters, [&](const storage::Row& row) {
      const std::string step(row.text(3));
      steps_.push_back(step);
      // A department and those above it are few, and so is a batch of the clean-up.
      const bool reads_all = step.starts_with("SCAN ") && step != "SCAN CONSTANT ROW" &&
                             step != "SCAN above" && step != "SCAN due";
      const bool reads_account = step.ends_with("(account_id=?)") && !reads_few(step);
      // What an IN (SELECT …) found is sorted; a page is not.
      const bool sorts = step.find("TEMP B-TREE FOR ORDER BY") != std::string::npos &&
                         sql.find(" IN (SELECT ") == std::string_view::npos && !sorts_few(sql);
      if (reads_all || reads_account || sorts) slow_.push_back(step + " in " + std::string(sql));
    });
  }

  /// What belongs to one application.
  static bool sorts_few(std::string_view sql) {
    return sql.find(" FROM application_addresses ") != std::string_view::npos ||
           sql.find(" FROM application_rules ") != std::string_view::npos;
  }

  /// Partial indexes with a row or two of each account, the end of one that is read backwards, and what a
  /// census counts besides the employees.
  static bool reads_few(const std::string& step) {
    for (const char* index :
         {" employees_deletion_held ", " departments_default ", " departure_batches_open ",
          " departure_batches_id ", " domains_account ", " accepted_losses_employee ",
          " provisioning_settings_account ", " employees_administrator ", " webhooks_id ",
          // The oldest, as many as one batch takes.
          " events_id "}) {
      if (step.find(index) != std::string::npos) return true;
    }
    return false;
  }

  storage::Transaction& inner_;
  std::vector<std::string> steps_;
  std::vector<std::string> slow_;
  int statements_ = 0;
};

class QueryPlansTest : public ProvisioningTest {
 protected:
  void SetUp() override {
    if (test::TestDatabase::is_postgres()) GTEST_SKIP() << "of SQLite's plans";
  }
  /// How many statements it takes; fails the test for each slow one.
  template <class Body>
  int explain(Body body) {
    return write([&](storage::Transaction& transaction) -> Result<int> {
      ExplainingTransaction explaining(transaction);
      RETURN_IF_ERROR(body(explaining));
      for (const std::string& slow : explaining.slow())
        ADD_FAILURE() << slow;
      return explaining.statements();
    });
  }
};

TEST_F(QueryPlansTest, LookUpsAreSeeks) {
  create("bob@contoso.com");
  for (const EmployeeKey key : {EmployeeKey::PublicId, EmployeeKey::UserName, EmployeeKey::Email,
                                EmployeeKey::ExternalId, EmployeeKey::ObjectId}) {
    EXPECT_EQ(explain([&](storage::Transaction& transaction) {
                return find_provisioned_by(transaction, account_.id, key, "bob@contoso.com", 100);
              }),
              1);
  }
  EXPECT_EQ(explain([&](storage::Transaction& transaction) {
              return find_provisioned(transaction, account_.id, new_public_id());
            }),
            1);
}

TEST_F(QueryPlansTest, APageIsASeek) {
  const ProvisionedEmployee bob = create("bob@contoso.com");
  for (const EmployeeOrder order : {EmployeeOrder::Creation, EmployeeOrder::CreationDescending,
                                    EmployeeOrder::UserName, EmployeeOrder::UserNameDescending}) {
    for (const std::int64_t skip : {0, 1}) {
      explain([&](storage::Transaction& transaction) {
        return scan_provisioned(transaction, account_.id, order, {.after = bob.employee.id, .skip = skip},
                                [](const ProvisionedEmployee&) { return true; });
      });
    }
  }
}

TEST_F(QueryPlansTest, DeletingADepartmentReadsItsOwnEmployees) {
  const auto sales = write([&](storage::Transaction& transaction) {
    return create_department(transaction, {.account = account_.id, .name = "Sales"}, kSupport, kNow);
  });
  add_employee({.account = account_.id, .profile = {.user_name = "bob"}, .department = sales.id});
  explain([&](storage::Transaction& transaction) {
    return delete_department(transaction, account_.id, sales.id, kSupport, kNow);
  });
}

TEST_F(QueryPlansTest, ChangesAreFewStatementsAndSeeks) {
  settings_.brake_count = 2;
  settings_.brake_percent = 0;
  add_domain(account_, "contoso.com");
  add_employee(account_, "manual@contoso.com");
  EmployeeRecord wanted = record("bob@contoso.com");
  wanted.profile.object_id = wanted.profile.external_id = new_public_id();
  std::vector<ProvisionedEmployee> joined;
  const auto join_one = [&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(Joined each,
                     provision_employee(transaction, account_, settings_, wanted, kDirectory, now_));
    joined.push_back(std::move(each.employee));
    return {};
  };
  EXPECT_EQ(explain(join_one), 6) << "whether there are candidates, employee, total, audit, event, webhooks";
  wanted.profile = {.user_name = "manual@contoso.com"};
  explain(join_one);
  for (const char* name : {"carl", "dora"}) {
    wanted.profile = {.user_name = name};
    explain(join_one);
  }
  wanted.profile = joined[0].employee.profile;
  wanted.attributes = "{}";
  EXPECT_EQ(explain([&](storage::Transaction& transaction) {
              return update_provisioned(transaction, account_, settings_, joined[0], wanted, kDirectory,
                                        now_);
            }),
            5)
      << "addresses, employee, audit, event, webhooks";
}

TEST_F(QueryPlansTest, DeparturesCostTheSameHoweverMany) {
  settings_.brake_count = 2;
  settings_.brake_percent = 0;
  set_active(create("counts"), false);
  const auto leave = [&](std::string_view name) {
    const ProvisionedEmployee leaver = create(name);
    for (const DepartureKind kind : {DepartureKind::Deactivated, DepartureKind::Deleted}) {
      explain([&](storage::Transaction& transaction) {
        return record_departure(transaction, account_.id, settings_, leaver.employee, kind, kDirectory, now_);
      });
    }
  };
  leave("below");
  // The first of an hour counts the employees, and so does whoever opens a batch.
  set_active(create("opens"), false);
  leave("above");
  EXPECT_TRUE(is_brake_on());
  explain(
      [&](storage::Transaction& transaction) { return directory::is_brake_on(transaction, account_.id); });
}

TEST_F(QueryPlansTest, LeavingAndComingBackAreSeeks) {
  set_active(create("counts"), false);
  const ProvisionedEmployee bob = create("bob");
  EmployeeRecord wanted = record_of(bob);
  for (const bool active : {false, true}) {
    wanted.active = active;
    const ProvisionedEmployee current = known(bob);
    explain([&](storage::Transaction& transaction) {
      return update_provisioned(transaction, account_, settings_, current, wanted, kDirectory, now_);
    });
  }
  const ProvisionedEmployee back = known(bob);
  explain([&](storage::Transaction& transaction) {
    return remove_provisioned(transaction, account_, settings_, back, kDirectory, now_);
  });
  explain([&](storage::Transaction& transaction) {
    return find_deleted_employee(transaction, account_.id, bob.employee.public_id);
  });
}

TEST_F(QueryPlansTest, ACensusReadsAnIndexAndNotTheEmployees) {
  write([&](storage::Transaction& transaction) -> Result<void> {
    ExplainingTransaction explaining(transaction);
    RETURN_IF_ERROR(take_census(explaining, account_.id));
    RETURN_IF_ERROR(count_active_in_domain(explaining, account_.id, "contoso.com"));
    for (const std::string& slow : explaining.slow())
      ADD_FAILURE() << slow;
    const auto counts = std::ranges::count_if(explaining.steps(), [](const std::string& step) {
      return step.find("USING COVERING INDEX employees_email_domain (account_id=? AND active=?") !=
             std::string::npos;
    });
    EXPECT_EQ(counts, 2);
    return {};
  });
}

TEST_F(QueryPlansTest, OutsidersAreReadInTheOrderOfTheIndex) {
  const Employee out = add_employee(account_, "out@elsewhere.example");
  explain([&](storage::Transaction& transaction) -> Result<void> {
    for (const auto& after : {std::optional<std::string>(), std::optional(out.public_id)})
      RETURN_IF_ERROR(list_outsiders(transaction, account_.id, after, 50));
    RETURN_IF_ERROR(set_loss(transaction, account_.id, out.id, Loss::Accepted, kAdministrator, kNow));
    return accept_all_losses(transaction, account_.id, 1, kAdministrator, kNow);
  });
}

TEST_F(QueryPlansTest, WhatIsKnownOfOnePersonIsSeeks) {
  const Employee bob = add_employee(account_, "bob@contoso.com");
  EXPECT_EQ(explain([&](storage::Transaction& transaction) {
              return list_attempts_about(transaction, account_.id, bob.public_id, 50);
            }),
            1);
  EXPECT_EQ(explain([&](storage::Transaction& transaction) {
              return list_audit_about(transaction, account_.id, bob.public_id, 50);
            }),
            1);
  EXPECT_EQ(explain([&](storage::Transaction& transaction) {
              return last_link_mail(transaction, account_.id, bob.id);
            }),
            2);
  explain([&](storage::Transaction& transaction) {
    return password_guesses(transaction, account_.id, "bob@contoso.com", {}, now_);
  });
}

TEST_F(QueryPlansTest, AChartReadsItsDaysAndNotTheLog) {
  EXPECT_EQ(explain([&](storage::Transaction& transaction) {
              return list_daily_counts(transaction, account_.id, 30, now_);
            }),
            1);
  EXPECT_EQ(explain([&](storage::Transaction& transaction) {
              return count_daily(transaction, account_.id, DailyCount::SignedIn, now_);
            }),
            1);
}

TEST_F(QueryPlansTest, APassedTestIsFoundByItsIndex) {
  for (const TestedBy who : {TestedBy::Anybody, TestedBy::Administrator}) {
    write([&](storage::Transaction& transaction) -> Result<void> {
      ExplainingTransaction explaining(transaction);
      RETURN_IF_ERROR(find_passed_test(explaining, account_.id, ConnectionId{1}, kNow, who));
      EXPECT_TRUE(explaining.slow().empty());
      EXPECT_NE(explaining.steps().at(0).find("USING INDEX sign_in_attempts_test"), std::string::npos);
      return {};
    });
  }
}

TEST_F(QueryPlansTest, LinkedEmployeesAreCountedByAnIndex) {
  const Connection connection = add_connection(account_, "https://idp.example");
  EXPECT_EQ(explain([&](storage::Transaction& transaction) {
              return count_linked_employees(transaction, account_.id, connection.id);
            }),
            1);
}

TEST_F(QueryPlansTest, ADepartmentIsFoundByItsNameWithoutReadingAllOfThem) {
  add_department("Sales");
  EmployeeRecord wanted = record("bob");
  wanted.department = "Sales";
  explain([&](storage::Transaction& transaction) {
    return provision_employee(transaction, account_, settings_, wanted, kDirectory, now_);
  });
}

class GivenPlansTest : public QueryPlansTest {
 protected:
  GivenPlansTest() {
    const Department sales = add_department("Sales");
    bob_ = add_employee({.account = account_.id,
                         .profile = {.user_name = "bob@contoso.com", .email = "bob@contoso.com"},
                         .department = sales.id});
    application_ = write([&](storage::Transaction& transaction) {
      return create_application(transaction,
                                {.account = account_.id,
                                 .settings = {.name = "Wiki",
                                              .access = ApplicationAccess::Chosen,
                                              .departments = {sales.public_id},
                                              .redirect_uris = {"https://wiki.example/cb"},
                                              .backchannel_logout_uri = "https://wiki.example/logout"}},
                                kSupport, kNow);
    });
    session_ = write([&](storage::Transaction& transaction) {
      return create_session(transaction, SessionToken::issue(account_),
                            {.account = account_.id, .employee = bob_.id}, {}, kNow);
    });
  }
  NewGrant wanted() const {
    return {.account = account_.id,
            .application = application_.id,
            .employee = bob_.id,
            .session = session_.id,
            .sid = session_.public_id,
            .scope = "openid",
            .expires_at = kNow + std::chrono::hours(1)};
  }
  GrantToken give(TokenKind kind) {
    return write([&](storage::Transaction& transaction) -> Result<GrantToken> {
      NewGrant grant = wanted();
      grant.public_id = new_public_id();
      ASSIGN_OR_RETURN(const Grant given, create_grant(transaction, grant, kNow));
      GrantToken token = GrantToken::issue(account_, kind);
      RETURN_IF_ERROR(add_token(transaction, account_.id, token,
                                {.grant = given.id, .scope = "openid", .expires_at = given.expires_at},
                                kNow));
      return token;
    });
  }

  Employee bob_;
  Application application_;
  Session session_;
};

TEST_F(GivenPlansTest, ATokenIsFoundByOneSeek) {
  const GrantToken token = give(TokenKind::Access);
  const auto find = [&](storage::Transaction& transaction) {
    return find_token_bearer(transaction, token, kNow);
  };
  EXPECT_EQ(explain(find), 2) << "the token, and the rules of a chosen few";
  execute("UPDATE applications SET access = 'everyone'");
  execute("UPDATE accounts SET sso_enforced_at = NULL");
  EXPECT_EQ(explain(find), 1);
}

TEST_F(GivenPlansTest, WhatASignInNeedsAreSeeks) {
  explain([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(find_application(transaction, application_.client_id));
    RETURN_IF_ERROR(find_application_by_origin(transaction, "https://wiki.example"));
    RETURN_IF_ERROR(find_own_application(transaction, account_.id, "wiki"));
    RETURN_IF_ERROR(list_applications(transaction, account_.id));
    RETURN_IF_ERROR(is_application_secret(transaction, application_.id, "x"));
    RETURN_IF_ERROR(has_consented(transaction, account_.id, bob_.id, application_.id, "openid"));
    RETURN_IF_ERROR(consent(transaction, account_.id, bob_.id, application_.id, "openid", kNow));
    ASSIGN_OR_RETURN(
        const std::string reference,
        store_authorization_request(
            transaction,
            {.application = application_.id, .parameters = {}, .created_at = kNow, .expires_at = kNow}));
    RETURN_IF_ERROR(find_authorization_request(transaction, reference, kNow));
    RETURN_IF_ERROR(delete_authorization_request(transaction, reference));
    RETURN_IF_ERROR(delete_expired_authorization_requests(transaction, kNow, 10));
    return {};
  });
}

TEST_F(GivenPlansTest, GivingExchangingAndUsingAreSeeks) {
  const GrantToken code = give(TokenKind::Code);
  const GrantToken refresh = give(TokenKind::Refresh);
  explain([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const Grant grant, create_grant(transaction, wanted(), kNow));
    RETURN_IF_ERROR(exchange_token(transaction, code, application_.id, kNow));
    RETURN_IF_ERROR(exchange_token(transaction, code, application_.id, kNow));
    RETURN_IF_ERROR(exchange_token(transaction, refresh, application_.id, kNow));
    RETURN_IF_ERROR(exchange_token(transaction, refresh, application_.id, kNow));
    const GrantTouch touches[] = {{account_.id, grant.id, kNow + std::chrono::minutes(1)}};
    RETURN_IF_ERROR(touch_grants(transaction, touches));
    RETURN_IF_ERROR(list_grants_of_employee(transaction, account_.id, bob_.id, kNow, 10));
    RETURN_IF_ERROR(list_grants_of_application(transaction, account_.id, application_.id, kNow, 10));
    RETURN_IF_ERROR(list_uses_of_application(transaction, account_.id, application_.id, kNow, 10));
    RETURN_IF_ERROR(list_uses_of_employee(transaction, account_.id, bob_.id, kNow, 10));
    RETURN_IF_ERROR(last_use(transaction, account_.id, application_.id, kNow));
    RETURN_IF_ERROR(count_users(transaction, account_.id, application_.id));
    return {};
  });
}

TEST_F(GivenPlansTest, TheKillSwitchIsSeeks) {
  give(TokenKind::Access);
  explain([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto ended, end_grants_of_employee(transaction, account_.id, bob_.id, kNow));
    EXPECT_EQ(ended.grants, 1);
    return {};
  });
  give(TokenKind::Access);
  explain([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(const auto ended,
                     end_grants_of_sessions(transaction, account_.id, {&session_.id, 1}, kNow));
    EXPECT_EQ(ended.grants, 1);
    return {};
  });
  give(TokenKind::Access);
  const Department home_of_all = home();
  explain([&](storage::Transaction& transaction) {
    return move_employee(transaction, account_.id, bob_.id, home_of_all.id, kAdministrator, kNow);
  });
  EXPECT_EQ(*read([](storage::Transaction& transaction) {
    return transaction.first("SELECT count(*) FROM grants", {},
                             [](const storage::Row& row) { return row.integer(0); });
  }),
            0);
}

TEST_F(GivenPlansTest, TheCleanUpReadsWhatExpired) {
  give(TokenKind::Access);
  explain([&](storage::Transaction& transaction) {
    return delete_expired(transaction, account_.id, {}, kNow + std::chrono::hours(24 * 365));
  });
}

}  // namespace
}  // namespace doorward::directory
