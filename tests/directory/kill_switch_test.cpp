// Whatever ends somebody's access ends what applications were given, in the same transaction.

#include <functional>

#include "applications_fixture.h"
#include "directory/departures.h"
#include "directory/domains.h"
#include "directory/identity.h"
#include "directory/provisioning.h"
#include "directory/retention.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;

class KillSwitchTest : public ApplicationsFixture {
 protected:
  using Deed = std::function<Result<void>(storage::Transaction&)>;
  void run(const Deed& deed) { write(deed); }

  std::string told(std::string_view application, const Employee& employee, std::string_view sid = {}) {
    return std::string(application) + ' ' + employee.public_id + ' ' + std::string(sid);
  }

  Application wiki_ = add_application("Wiki");
  Application quiet_ = add_application(
      {.account = account_.id, .settings = {.name = "Quiet", .redirect_uris = {"https://quiet.example/cb"}}});
  Employee carl_ = add_employee(account_, "carl@contoso.com");
};

TEST_F(KillSwitchTest, WhateverEndsAccessEndsAllOfTheEmployeesGrantsAndNobodyElses) {
  const Connection connection = add_connection(account_, "https://idp.example");
  const std::vector<std::pair<std::string, Deed>> deeds = {
      {"deactivated",
       [&](storage::Transaction& t) {
         return deactivate_employee(t, account_.id, bob_.id, LastAdministrator::MayGo, kSupport, kNow);
       }},
      {"deleted",
       [&](storage::Transaction& t) {
         return delete_employee(t, account_.id, bob_.id, LastAdministrator::MayGo, kSupport, kNow);
       }},
      {"password",
       [&](storage::Transaction& t) { return set_password(t, account_.id, bob_.id, "x", kSupport, kNow); }},
      {"everywhere",
       [&](storage::Transaction& t) -> Result<void> {
         ASSIGN_OR_RETURN(const EndedAccess ended,
                          sign_out_everywhere(t, account_.id, bob_.id, kAdministrator, kNow));
         EXPECT_EQ(ended.sessions, 1);
         EXPECT_EQ(ended.grants, 3);
         EXPECT_EQ(ended.logouts, 1);
         return {};
       }},
      {"unlinked", [&](storage::Transaction& t) -> Result<void> {
         RETURN_IF_ERROR(
             t.execute("INSERT INTO identity_links (account_id, connection_id, kind, value, employee_id,"
                       " linked_at) VALUES ($1, $2, 'nameid', 'x', $3, 0)",
                       {account_.id, connection.id, bob_.id}));
         return remove_links(t, account_.id, bob_.id, connection.id, kSupport, kNow);
       }}};
  std::vector<Notice> notices;
  on_notice(*database_, [&](const Notice& notice) { notices.push_back(notice); });
  for (const auto& [name, deed] : deeds) {
    const Session session = open_session(bob_);
    const GrantToken token = add(give(wiki_, bob_, session), TokenKind::Access);
    const GrantToken offline = add(give(wiki_, bob_), TokenKind::Access);
    give(quiet_, bob_);
    const GrantToken carls = add(give(wiki_, carl_), TokenKind::Access);
    notices.clear();
    EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) -> Result<void> {
                RETURN_IF_ERROR(deed(transaction));
                for (const GrantToken& each : {token, offline}) {
                  ASSIGN_OR_RETURN(const auto found, find_token_bearer(transaction, each, kNow));
                  EXPECT_FALSE(found) << name;
                }
                ASSIGN_OR_RETURN(const auto living, find_token_bearer(transaction, carls, kNow));
                EXPECT_TRUE(living) << name;
                ASSIGN_OR_RETURN(const auto waiting,
                                 transaction.all("SELECT application_id, subject, sid FROM deliveries", {},
                                                 [](const storage::Row& row) {
                                                   return std::to_string(row.integer(0)) + ' ' +
                                                          std::string(row.text(1)) + ' ' +
                                                          std::string(row.text(2));
                                                 }));
                const std::string bob_at_wiki = std::to_string(wiki_.id.value) + ' ' + bob_.public_id + ' ';
                EXPECT_EQ(waiting, (std::vector{bob_at_wiki, bob_at_wiki + session.public_id}))
                    << name << ": everywhere and in each session, and only where somebody listens";
                return fail(ErrorKind::Refused, "test.undo", "Undone.");
              }),
              "test.undo")
        << name;
    EXPECT_TRUE(notices.empty()) << "nothing committed";
    EXPECT_TRUE(bearer(token)) << name;
    run([&](storage::Transaction& transaction) -> Result<void> {
      RETURN_IF_ERROR(transaction.execute("DELETE FROM grants", {}));
      RETURN_IF_ERROR(transaction.execute("DELETE FROM sessions", {}));
      return {};
    });
  }
}

TEST_F(KillSwitchTest, TheAuditSaysHowMuchEnded) {
  const Session session = open_session(bob_);
  give(wiki_, bob_, session);
  give(quiet_, bob_);
  std::vector<Notice> notices;
  on_notice(*database_, [&](const Notice& notice) { notices.push_back(notice); });
  run([&](storage::Transaction& t) {
    return deactivate_employee(t, account_.id, bob_.id, LastAdministrator::MayGo, kSupport, kNow);
  });
  const auto entries = audit("employee.deactivated");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].details.at("sessions_ended"), 1);
  EXPECT_EQ(entries[0].details.at("grants_ended"), 2);
  EXPECT_EQ(entries[0].details.at("applications_told"), 1);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].employee, bob_.id);
  run([&](storage::Transaction& t) { return activate_employee(t, account_.id, bob_.id, kSupport, kNow); });
  EXPECT_EQ(grants(), 0) << "coming back restores no grant";
}

TEST_F(KillSwitchTest, ASessionEndsItsOwnGrantsAndTellsOfIt) {
  const Session session = open_session(bob_);
  const Session other = open_session(bob_);
  const GrantToken bound = add(give(wiki_, bob_, session), TokenKind::Access);
  const GrantToken elsewhere = add(give(wiki_, bob_, other), TokenKind::Access);
  NewGrant wanted = new_grant(wiki_, bob_);
  wanted.sid = session.public_id;
  const GrantToken offline = add(give(wanted), TokenKind::Access);
  run([&](storage::Transaction& t) -> Result<void> {
    RETURN_IF_ERROR(end_session(t, account_.id, session.id, kNow));
    return {};
  });
  EXPECT_FALSE(bearer(bound));
  EXPECT_TRUE(bearer(elsewhere));
  EXPECT_TRUE(bearer(offline)) << "offline_access outlives the session";
  EXPECT_EQ(logouts(), std::vector<std::string>{told("Wiki", bob_, session.public_id)});
  run([&](storage::Transaction& t) -> Result<void> {
    EXPECT_TRUE(must(end_session_of(t, account_.id, bob_.id, other.public_id, kNow)));
    return {};
  });
  EXPECT_FALSE(bearer(elsewhere));
}

TEST_F(KillSwitchTest, WhoSignsInAgainKeepsWhatWasGiven) {
  const Session first = open_session(bob_);
  const GrantToken token = add(give(wiki_, bob_, first), TokenKind::Access);
  const Session second = open_session(bob_);
  run([&](storage::Transaction& t) { return replace_session(t, first, second, kNow); });
  EXPECT_TRUE(bearer(token));
  EXPECT_TRUE(logouts().empty());
  // Somebody else at the same browser ends it, by the name that the application knows the session by.
  const Session carls = open_session(carl_);
  run([&](storage::Transaction& t) { return replace_session(t, second, carls, kNow); });
  EXPECT_FALSE(bearer(token));
  EXPECT_EQ(logouts(), std::vector<std::string>{told("Wiki", bob_, first.public_id)});
  EXPECT_EQ(count("SELECT count(*) FROM sessions"), 1);
}

TEST_F(KillSwitchTest, TheProvidersLogoutEndsThemToo) {
  const Connection connection = add_connection(account_, "https://idp.example");
  const Session session = write([&](storage::Transaction& t) {
    return create_session(
        t, SessionToken::issue(account_),
        {.account = account_.id,
         .employee = bob_.id,
         .provider =
             ProviderSession{
                 .connection = connection.id, .name_id = "bob", .name_id_format = {}, .session_index = "1"}},
        {}, kNow);
  });
  const GrantToken token = add(give(wiki_, bob_, session), TokenKind::Access);
  EXPECT_EQ(write([&](storage::Transaction& t) {
              return end_sessions_at_provider(t, account_.id, connection.id, "bob", "1", kNow);
            }),
            1);
  EXPECT_FALSE(bearer(token));
  EXPECT_EQ(grants(), 0);
}

TEST_F(KillSwitchTest, AProviderThatGoesTakesAlongWhatItVouchedFor) {
  const Connection connection = add_connection(account_, "https://idp.example");
  add_connection(account_, "https://other.example", "other");
  run([&](storage::Transaction& t) -> Result<void> {
    RETURN_IF_ERROR(
        t.execute("INSERT INTO identity_links (account_id, connection_id, kind, value,"
                  " employee_id, linked_at) VALUES ($1, $2, 'nameid', 'x', $3, 0)",
                  {account_.id, connection.id, bob_.id}));
    return {};
  });
  const GrantToken bobs = add(give(wiki_, bob_), TokenKind::Access);
  const GrantToken carls = add(give(wiki_, carl_), TokenKind::Access);
  run([&](storage::Transaction& t) {
    return delete_connection(t, account_.id, connection.id, kAdministrator, kNow);
  });
  EXPECT_FALSE(bearer(bobs));
  EXPECT_TRUE(bearer(carls));
}

TEST_F(KillSwitchTest, EnforcedSsoEndsWhatWasNotGivenByIt) {
  add_connection(account_, "https://idp.example");
  add_domain(account_, "contoso.com");
  const Employee outsider = add_employee(account_, "olga@elsewhere.example");
  const Session by_saml = open_session(bob_);
  const Session by_password = open_session(carl_, SignInMethod::Password);
  const GrantToken saml = add(give(wiki_, bob_, by_saml), TokenKind::Access);
  const GrantToken password = add(give(wiki_, carl_, by_password), TokenKind::Access);
  NewGrant wanted = new_grant(wiki_, carl_);
  wanted.sid = by_password.public_id;
  const GrantToken offline = add(give(wanted), TokenKind::Access);
  const GrantToken outside = add(give(wiki_, outsider, open_session(outsider)), TokenKind::Access);
  const Application mobile =
      *read([&](storage::Transaction& t) { return find_application(t, kMobileClientId); });
  const GrantToken phone = add(give(mobile, bob_), TokenKind::Access);
  const GrantToken elsewhere = add(
      give(add_application({.account = other_.id, .settings = settings("Theirs")}), eve_), TokenKind::Access);
  run([&](storage::Transaction& t) { return enforce_sso(t, account_.id, "Because.", kAdministrator, kNow); });
  EXPECT_TRUE(bearer(saml));
  EXPECT_TRUE(bearer(phone));
  EXPECT_TRUE(bearer(elsewhere));
  EXPECT_FALSE(bearer(password));
  EXPECT_FALSE(bearer(offline));
  EXPECT_FALSE(bearer(outside));
  EXPECT_EQ(grants(), 3);
  const auto entries = audit("sso.enabled");
  EXPECT_EQ(entries.at(0).details.at("sessions_ended"), 1);
  EXPECT_EQ(entries.at(0).details.at("grants_ended"), 3);
}

TEST_F(KillSwitchTest, ARuleThatNoLongerFitsEndsTheGrant) {
  const Department sales = add_department("Sales");
  const Department berlin = add_department("Berlin", sales.id);
  const Department home = add_department("Home");
  const Group staff = add_group("Staff");
  const Application by_department =
      add_application({.account = account_.id, .settings = chosen("D", {sales.public_id})});
  const Application by_group =
      add_application({.account = account_.id, .settings = chosen("G", {}, {staff.public_id})});
  ApplicationSettings rights = settings("A");
  rights.access = ApplicationAccess::Administrators;
  const Application by_right = add_application({.account = account_.id, .settings = rights});
  move(bob_, berlin);
  join(staff, bob_);
  run([&](storage::Transaction& t) { return grant_administrator(t, account_.id, bob_.id, kSupport, kNow); });
  const GrantToken of_all = add(give(wiki_, bob_), TokenKind::Access);
  const std::vector<std::string> ids = {bob_.public_id};
  struct Case {
    const Application* application;
    std::string name;
    Deed deed;
  };
  const std::vector<Case> cases = {
      {&by_department, "moved",
       [&](storage::Transaction& t) {
         return move_employee(t, account_.id, bob_.id, home.id, kAdministrator, kNow);
       }},
      {&by_department, "department deleted",
       [&](storage::Transaction& t) -> Result<void> {
         RETURN_IF_ERROR(delete_department(t, account_.id, berlin.id, kAdministrator, kNow));
         return {};
       }},
      {&by_department, "department moved",
       [&](storage::Transaction& t) -> Result<void> {
         RETURN_IF_ERROR(move_department(t, account_.id, berlin.id, home.id, kAdministrator, kNow));
         return {};
       }},
      {&by_department, "rules",
       [&](storage::Transaction& t) -> Result<void> {
         RETURN_IF_ERROR(
             update_application(t, by_department.id, chosen("D", {home.public_id}), kAdministrator, kNow));
         return {};
       }},
      {&by_group, "left",
       [&](storage::Transaction& t) -> Result<void> {
         RETURN_IF_ERROR(remove_members(t, account_.id, staff.id, ids, kDirectory, kNow));
         return {};
       }},
      {&by_group, "replaced",
       [&](storage::Transaction& t) -> Result<void> {
         RETURN_IF_ERROR(replace_members(t, account_.id, staff.id, {}, kDirectory, kNow));
         return {};
       }},
      {&by_group, "group deleted",
       [&](storage::Transaction& t) { return delete_group(t, account_.id, staff.id, kDirectory, kNow); }},
      {&by_right, "rights",
       [&](storage::Transaction& t) {
         return revoke_administrator(t, account_.id, bob_.id, LastAdministrator::MayGo, kSupport, kNow);
       }},
      {&by_right, "access",
       [&](storage::Transaction& t) -> Result<void> {
         RETURN_IF_ERROR(update_application(t, by_right.id, chosen("A", {home.public_id}), kSupport, kNow));
         return {};
       }},
      {&by_right, "scope",
       [&](storage::Transaction& t) -> Result<void> {
         ApplicationSettings narrow = rights;
         narrow.scope = "openid";
         RETURN_IF_ERROR(update_application(t, by_right.id, narrow, kSupport, kNow));
         return {};
       }},
      {&by_right, "off",
       [&](storage::Transaction& t) -> Result<void> {
         ApplicationSettings off = rights;
         off.active = false;
         RETURN_IF_ERROR(update_application(t, by_right.id, off, kSupport, kNow));
         return {};
       }},
      {&by_right, "deleted",
       [&](storage::Transaction& t) { return delete_application(t, by_right.id, kSupport, kNow); }},
  };
  for (const auto& [application, name, deed] : cases) {
    give(*application, bob_);
    const std::int64_t before = count("SELECT count(*) FROM grants WHERE employee_id IS NOT NULL");
    EXPECT_EQ(
        refusal_of([&](storage::Transaction& transaction) -> Result<void> {
          RETURN_IF_ERROR(deed(transaction));
          ASSIGN_OR_RETURN(const auto left,
                           transaction.first("SELECT count(*) FROM grants", {},
                                             [](const storage::Row& row) { return row.integer(0); }));
          EXPECT_EQ(*left, before - 1) << name;
          ASSIGN_OR_RETURN(
              const auto waiting,
              transaction.first("SELECT count(*) FROM deliveries WHERE application_id = $1",
                                {application->id}, [](const storage::Row& row) { return row.integer(0); }));
          EXPECT_EQ(*waiting, name == "deleted" ? *waiting : 1) << name;
          ASSIGN_OR_RETURN(const auto found, find_token_bearer(transaction, of_all, kNow));
          EXPECT_TRUE(found) << name << " concerns one application";
          return fail(ErrorKind::Refused, "test.undo", "Undone.");
        }),
        "test.undo")
        << name;
    run([&](storage::Transaction& transaction) -> Result<void> {
      RETURN_IF_ERROR(transaction.execute("DELETE FROM grants WHERE application_id = $1", {application->id}));
      return {};
    });
  }
}

TEST_F(KillSwitchTest, AnApplicationOfAllAccountsEndsInEachOfThem) {
  const Application portal = add_application({.settings = settings("Portal")});
  give(portal, bob_);
  give(portal, eve_);
  give(wiki_, bob_);
  ApplicationSettings off = settings("Portal");
  off.active = false;
  update(portal, off);
  EXPECT_EQ(grants(), 1);
  EXPECT_EQ(logouts(), (std::vector<std::string>{told("Portal", bob_), told("Portal", eve_)}));
}

TEST_F(KillSwitchTest, AHeldDeletionEndsThemAndARestoreGivesNoneBack) {
  const ProvisioningSettings strict{.brake_count = 0, .brake_percent = 0};
  const auto by_directory = [&](const EmployeeRecord& record) {
    return write([&](storage::Transaction& t) {
             return provision_employee(t, account_, strict, record, kDirectory, kNow);
           })
        .employee;
  };
  const ProvisionedEmployee dora = by_directory({.profile = {.user_name = "dora", .email = "dora"}});
  const ProvisionedEmployee emil = by_directory({.profile = {.user_name = "emil", .email = "emil"}});
  const GrantToken token = add(give(wiki_, emil.employee), TokenKind::Access);
  for (const ProvisionedEmployee& each : {dora, emil}) {
    run([&](storage::Transaction& t) {
      return remove_provisioned(t, account_, strict, each, kDirectory, kNow);
    });
  }
  EXPECT_EQ(grants(), 0);
  EXPECT_EQ(logouts(), std::vector<std::string>{told("Wiki", emil.employee)});
  run([&](storage::Transaction& t) -> Result<void> {
    ASSIGN_OR_RETURN(const auto batches, list_departure_batches(t, account_.id, 1));
    if (batches.empty()) return {};
    RETURN_IF_ERROR(restore_departures(t, account_.id, batches[0].id, kAdministrator, kNow));
    return {};
  });
  EXPECT_FALSE(bearer(token));
}

TEST_F(KillSwitchTest, TheCleanUpEndsWhatExpired) {
  const Session session = open_session(bob_);
  const GrantToken bound = add(give(wiki_, bob_, session), TokenKind::Access);
  const Grant offline = give(wiki_, bob_);
  add(offline, TokenKind::Refresh, {}, hours(24 * 30));
  const auto clean = [&](Timestamp now, int limit = 500) {
    return write([&](storage::Transaction& t) { return delete_expired(t, account_.id, {}, now, limit); });
  };
  EXPECT_EQ(clean(kNow + hours(11)), 0);
  EXPECT_EQ(clean(kNow + hours(12)), 1);
  EXPECT_EQ(grants(), 1) << "the session's grant went with it";
  EXPECT_EQ(logouts(), std::vector<std::string>{told("Wiki", bob_, session.public_id)});
  EXPECT_EQ(clean(kNow + hours(24 * 30)), 0) << "a used one is still recognised";
  EXPECT_EQ(clean(kNow + hours(24 * 31)), 1);
  EXPECT_EQ(count("SELECT count(*) FROM grant_tokens"), 0);
  EXPECT_GE(clean(kNow + hours(24 * 180)), 1) << "and the events with it";
  EXPECT_EQ(grants(), 0);

  run([&](storage::Transaction& t) -> Result<void> {
    Timestamp at = kNow;
    for (const char* state : {"delivered", "delivered", "dead"}) {
      RETURN_IF_ERROR(
          t.execute("INSERT INTO deliveries (account_id, public_id, application_id, state, due_at,"
                    " created_at, finished_at) VALUES ($1, $2, $3, $4, $5, $5, $5)",
                    {account_.id, new_public_id(), wiki_.id, state, at}));
      at += Duration(1);
    }
    return {};
  });
  EXPECT_EQ(clean(kNow + hours(24 * 30) - Duration(1)), 0);
  EXPECT_EQ(clean(kNow + hours(24 * 31), 1), 1) << "in batches";
  EXPECT_EQ(clean(kNow + hours(24 * 31)), 1);
  EXPECT_EQ(count("SELECT count(*) FROM deliveries WHERE state <> 'waiting'"), 1) << "the dead one stays";
}

TEST_F(KillSwitchTest, ARemovedSecretEndsWhatTheServiceWasGiven) {
  const Application service =
      add_application({.account = account_.id, .kind = ApplicationKind::Service, .settings = {.name = "HR"}});
  const auto secret = write(
      [&](storage::Transaction& t) { return add_application_secret(t, service, kAdministrator, kNow); });
  const GrantToken token = add(give({.account = account_.id,
                                     .application = service.id,
                                     .scope = "events",
                                     .expires_at = kNow + hours(1)}),
                               TokenKind::Access);
  EXPECT_TRUE(bearer(token));
  run([&](storage::Transaction& t) {
    return remove_application_secret(t, service, secret.secret.public_id, kAdministrator, kNow);
  });
  EXPECT_FALSE(bearer(token));
}

}  // namespace
}  // namespace doorward::directory
