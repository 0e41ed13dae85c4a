#include "directory/provisioning.h"

#include "base/text.h"
#include "directory/audit.h"
#include "directory/identity.h"
#include "provisioning_test.h"

namespace doorward::directory {
namespace {

constexpr const char* kObjectId = "AAAAAAAA-0000-4000-8000-000000000001";
constexpr const char* kOtherObjectId = "aaaaaaaa-0000-4000-8000-000000000002";

TEST_F(ProvisioningTest, ANewEmployeeIsTheDirectorysAndComesBackAsSent) {
  const EmployeeRecord sent{
      .profile = {.user_name = "Bob@Contoso.com",
                  .email = "bob@contoso.com",
                  .given_name = "Bob",
                  .family_name = "Roe",
                  .display_name = "Bob Roe",
                  .locale = "de-DE",
                  .object_id = kObjectId,
                  .external_id = "bob"},
      .attributes = R"({"title":"Clerk"})",
      .other_emails = {"Robert@Contoso.com", "bob@CONTOSO.com", "robert@contoso.com", ""}};
  const Joined joined = join(sent);
  EXPECT_EQ(joined.how, Joining::Created);
  const ProvisionedEmployee stored = known(joined.employee);
  for (const ProvisionedEmployee& each : {joined.employee, stored}) {
    EXPECT_EQ(each.employee.profile, sent.profile);
    EXPECT_EQ(each.employee.origin, Origin::Directory);
    EXPECT_EQ(each.employee.department, home().id);
    EXPECT_TRUE(each.employee.active);
    EXPECT_FALSE(each.employee.administrator);
    EXPECT_EQ(each.employee.created_at, kNow);
    EXPECT_EQ(each.employee.updated_at, kNow);
    EXPECT_EQ(each.employee.public_id, stored.employee.public_id);
    EXPECT_EQ(each.attributes, sent.attributes);
    EXPECT_EQ(each.version, 1);
    EXPECT_EQ(each.provisioned_at, kNow);
  }
  EXPECT_EQ(event_types(), std::vector<std::string>{"employee.created"});
  EXPECT_EQ(count("SELECT count(*) FROM employee_emails"), 1);
}

TEST_F(ProvisioningTest, AUserNameOfTheDirectorysIsTaken) {
  create("bob@contoso.com");
  EXPECT_EQ(refusal_to_join(record("BOB@contoso.com")), kUserNameTaken.name());
  EXPECT_EQ(refusal_to_join({.profile = {.user_name = " "}}), "directory.value_missing");
  EXPECT_EQ(
      refusal_to_join({.profile = {.user_name = "x"}, .attributes = std::string(kMaxAttributes + 1, 'x')}),
      "directory.value_too_long");
  EXPECT_EQ(refusal_to_join({.profile = {.user_name = "x"},
                             .other_emails = std::vector<std::string>(kMaxOtherEmails + 1, "x")}),
            "directory.too_many_values");
  EXPECT_EQ(join(add_account("fabrikam"), record("bob@contoso.com")).how, Joining::Created);
}

TEST_F(ProvisioningTest, IsFoundByEachKeyInItsOwnAccountOnly) {
  EmployeeRecord bob = record("Straße@contoso.com", "bob@contoso.com");
  bob.profile.object_id = kObjectId;
  bob.profile.external_id = "Bob";
  bob.other_emails = {"team@contoso.com"};
  const std::string id = join(bob).employee.employee.public_id;
  EmployeeRecord eve = record("eve@contoso.com", "TEAM@contoso.com");
  eve.profile.external_id = "Bob";
  join(eve);
  join(add_account("fabrikam"), bob);
  using Names = std::vector<std::string>;
  const Names both = {"Straße@contoso.com", "eve@contoso.com"};
  const Names only_bob = {"Straße@contoso.com"};
  EXPECT_EQ(user_names(EmployeeKey::UserName, "STRASSE@contoso.com"), only_bob);
  EXPECT_EQ(user_names(EmployeeKey::Email, "Bob@contoso.com"), only_bob);
  EXPECT_EQ(user_names(EmployeeKey::Email, "team@CONTOSO.com"), both);
  EXPECT_EQ(user_names(EmployeeKey::Email, "team@contoso.com", 1), only_bob);
  EXPECT_EQ(user_names(EmployeeKey::ExternalId, "Bob"), both);
  EXPECT_EQ(user_names(EmployeeKey::ExternalId, "bob"), Names{});
  EXPECT_EQ(user_names(EmployeeKey::ObjectId, to_ascii_lower(kObjectId)), only_bob);
  EXPECT_EQ(user_names(EmployeeKey::PublicId, id), only_bob);
  for (const EmployeeKey key : {EmployeeKey::PublicId, EmployeeKey::UserName, EmployeeKey::Email,
                                EmployeeKey::ExternalId, EmployeeKey::ObjectId}) {
    EXPECT_EQ(user_names(key, ""), Names{});
    EXPECT_EQ(user_names(key, "nobody"), Names{});
  }
}

TEST_F(ProvisioningTest, AnotherAccountsEmployeeIsOutOfReach) {
  const Account other = add_account("fabrikam");
  const ProvisionedEmployee eve = join(other, record("eve@fabrikam.com")).employee;
  EXPECT_EQ(look_up(eve.employee.public_id), std::nullopt);
  // Neither adoption nor a collision crosses accounts.
  const Employee manual = add_employee(
      {.account = other.id, .profile = {.user_name = "zoe@contoso.com", .object_id = kObjectId}});
  EmployeeRecord zoe = record("zoe@contoso.com");
  zoe.profile.object_id = kObjectId;
  EXPECT_EQ(join(zoe).how, Joining::Created);
  EXPECT_EQ(reload(manual).origin, Origin::Manual);
}

// Adoption ------------------------------------------------------------------------------------------------

TEST_F(ProvisioningTest, AdoptionKeepsWhatWasArrangedByHand) {
  add_domain(account_, "contoso.com");
  const Connection connection = add_connection(account_, "https://idp.example/a");
  const Department sales = add_department("Sales");
  add_department("Service");
  const Employee bob = add_employee({.account = account_.id,
                                     .profile = {.user_name = "Bob@contoso.com"},
                                     .administrator = true,
                                     .department = sales.id});
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(set_password(transaction, account_.id, bob.id, "$argon2id$1", kSupport, kNow));
    RETURN_IF_ERROR(resolve_sign_in(transaction, account_, connection,
                                    {.object_identifier = kObjectId, .email = "bob@contoso.com"},
                                    SignInPurpose::Session, kNow));
    return {};
  });
  EmployeeRecord sent = record("bob@CONTOSO.com");
  sent.profile.object_id = kObjectId;
  sent.department = "Service";
  const Joined joined = join(sent);
  EXPECT_EQ(joined.how, Joining::Adopted);
  EXPECT_EQ(joined.employee.provisioned_at, kNow);
  const ProvisionedEmployee adopted = known(bob);
  EXPECT_EQ(adopted.version, joined.employee.version);
  EXPECT_EQ(adopted.employee.profile, sent.profile);
  EXPECT_EQ(adopted.employee.origin, Origin::Directory);
  EXPECT_EQ(adopted.employee.department, sales.id);
  EXPECT_TRUE(adopted.employee.has_password);
  EXPECT_TRUE(adopted.employee.administrator);
  EXPECT_EQ(count("SELECT count(*) FROM identity_links"), 1);
  EXPECT_EQ(count_of("employee.adopted"), 1);
  EXPECT_EQ(refusal_to_join(sent), kUserNameTaken.name()) << "only once";
}

TEST_F(ProvisioningTest, AnAddressOutsideTheDomainsAdoptsNobody) {
  add_domain(account_, "contoso.com");
  const Employee consultant = add_employee(account_, "carl@consultants.example");
  const Employee plain = add_employee(account_, "root", "root@elsewhere.example");
  EXPECT_EQ(refusal_to_join(record("carl@consultants.example")), kUserNameTaken.name());
  EXPECT_EQ(refusal_to_join(record("root", "root@contoso.com")), kUserNameTaken.name())
      << "an address that only the record has vouches for nothing";
  EXPECT_EQ(join(record("x@contoso.com", "carl@consultants.example")).how, Joining::Created);
  EXPECT_EQ(reload(consultant).origin, Origin::Manual);
  EXPECT_EQ(reload(plain).origin, Origin::Manual);
  EXPECT_EQ(reload(plain).profile.email, "root@elsewhere.example");
}

TEST_F(ProvisioningTest, WithoutDomainsAPublicMailAddressAdoptsNobody) {
  add_employee(account_, "carl@gmail.com");
  add_employee(account_, "bob@contoso.com");
  add_employee(account_, "admin", "");
  EXPECT_EQ(refusal_to_join(record("carl@gmail.com")), kUserNameTaken.name());
  EXPECT_EQ(refusal_to_join({.profile = {.user_name = "admin"}}), kUserNameTaken.name());
  EXPECT_EQ(join(record("bob@contoso.com")).how, Joining::Adopted);
}

TEST_F(ProvisioningTest, TheParentsDomainsCountForATestAccount) {
  add_domain(account_, "contoso.com");
  const Account trial = write([&](storage::Transaction& transaction) {
    return create_account(transaction, {.name = "trial", .plan = Plan::Enterprise, .parent = account_.id},
                          kSupport, kNow);
  });
  add_employee(trial, "bob@contoso.com");
  add_employee(trial, "eve@fabrikam.com");
  EXPECT_EQ(join(trial, record("bob@contoso.com")).how, Joining::Adopted);
  EXPECT_THROW(join(trial, record("eve@fabrikam.com")), std::runtime_error);
}

TEST_F(ProvisioningTest, AnIdentifierAdoptsWhateverTheAddress) {
  add_domain(account_, "contoso.com");
  const Employee guest =
      add_employee({.account = account_.id, .profile = {.user_name = "g@gmail.com", .object_id = kObjectId}});
  const Employee named =
      add_employee({.account = account_.id, .profile = {.user_name = "n@gmail.com", .external_id = "nick"}});
  // Entra's administrators map the objectId to externalId.
  EmployeeRecord by_object_id = record("guest@contoso.com");
  by_object_id.profile.external_id = to_ascii_lower(kObjectId);
  EXPECT_EQ(join(by_object_id).employee.employee.id, guest.id);
  EmployeeRecord by_external_id = record("nick@contoso.com");
  by_external_id.profile.external_id = "nick";
  EXPECT_EQ(join(by_external_id).employee.employee.id, named.id);
  EXPECT_EQ(count_of("employee.adopted"), 2);
}

TEST_F(ProvisioningTest, AnIdentifierThatSeveralHaveAdoptsNobody) {
  for (const char* name : {"a", "b"})
    add_employee({.account = account_.id, .profile = {.user_name = name, .external_id = "nick"}});
  EmployeeRecord sent = record("c");
  sent.profile.external_id = "nick";
  EXPECT_EQ(join(sent).how, Joining::Created);
}

TEST_F(ProvisioningTest, AnObjectIdIsOnePersons) {
  EmployeeRecord bob = record("bob@contoso.com");
  bob.profile.object_id = kObjectId;
  join(bob);
  EmployeeRecord eve = record("eve@contoso.com");
  eve.profile.object_id = to_ascii_lower(kObjectId);
  EXPECT_EQ(refusal_to_join(eve), kObjectIdTaken.name());
  eve.profile.object_id = kOtherObjectId;
  const ProvisionedEmployee made = join(eve).employee;
  eve.profile.object_id = kObjectId;
  EXPECT_EQ(refusal_to_update(made, eve), kObjectIdTaken.name());
  eve.profile.object_id = "AAAAAAAA-0000-4000-8000-000000000002";
  EXPECT_EQ(update(made, eve).employee.profile.object_id, eve.profile.object_id)
      << "her own in other letters";
  bob.profile.user_name = "bob@fabrikam.com";
  EXPECT_EQ(join(add_account("fabrikam"), bob).how, Joining::Created);
}

TEST_F(ProvisioningTest, AnAdopteeMustNotTakeAnothersUserName) {
  add_employee({.account = account_.id, .profile = {.user_name = "old@contoso.com", .object_id = kObjectId}});
  add_employee(account_, "bob@contoso.com");
  EmployeeRecord sent = record("bob@contoso.com");
  sent.profile.object_id = kObjectId;
  EXPECT_EQ(refusal_to_join(sent), kUserNameTaken.name());
}

TEST_F(ProvisioningTest, AnEMailAddressAdoptsOnlyWhenOneEmployeeHasIt) {
  add_domain(account_, "contoso.com");
  const Employee bob = add_employee(account_, "bob", "bob@contoso.com");
  add_employee(account_, "shared1", "team@contoso.com");
  add_employee(account_, "shared2", "team@contoso.com");
  join(record("dora@contoso.com", "desk@contoso.com"));
  add_employee(account_, "shared3", "desk@contoso.com");
  EXPECT_EQ(join(record("b.roe@contoso.com", "BOB@contoso.com")).employee.employee.id, bob.id);
  EXPECT_EQ(reload(bob).profile.user_name, "b.roe@contoso.com");
  EXPECT_EQ(join(record("x@contoso.com", "team@contoso.com")).how, Joining::Created);
  EXPECT_EQ(join(record("y@contoso.com", "desk@contoso.com")).how, Joining::Created);
}

TEST_F(ProvisioningTest, AReusedAddressAdoptsNobodyElsesIdentity) {
  add_domain(account_, "contoso.com");
  const Connection connection = add_connection(account_, "https://idp.example/a");
  const Employee linked = add_employee(account_, "bob@contoso.com");
  write([&](storage::Transaction& transaction) {
    return resolve_sign_in(transaction, account_, connection,
                           {.object_identifier = kObjectId, .email = "bob@contoso.com"},
                           SignInPurpose::Session, kNow);
  });
  const Employee keyed = add_employee(
      {.account = account_.id, .profile = {.user_name = "eve@contoso.com", .object_id = kObjectId}});
  for (const char* name : {"bob@contoso.com", "eve@contoso.com"}) {
    EmployeeRecord sent = record(name);
    sent.profile.object_id = kOtherObjectId;
    EXPECT_EQ(refusal_to_join(sent), kUserNameTaken.name());
    sent.profile.object_id.clear();
    sent.profile.external_id = kOtherObjectId;
    EXPECT_EQ(refusal_to_join(sent), kUserNameTaken.name());
    sent.profile.user_name = "new-" + sent.profile.user_name;
    sent.profile.object_id = sent.profile.external_id = new_public_id();
    EXPECT_EQ(join(sent).how, Joining::Created) << "the same address alone";
  }
  EXPECT_EQ(reload(linked).origin, Origin::Manual);
  EXPECT_EQ(reload(keyed).origin, Origin::Manual);
}

TEST_F(ProvisioningTest, AFirstChangeAdoptsUnderTheSameConditions) {
  add_domain(account_, "contoso.com");
  const Employee bob = add_employee(account_, "bob@contoso.com");
  const Employee carl = add_employee(account_, "carl@gmail.com");
  EmployeeRecord wanted = record_of(known(bob));
  EXPECT_EQ(update(known(bob), wanted).provisioned_at, std::nullopt) << "nothing was changed";
  wanted.attributes = R"({"title":"Clerk"})";
  const ProvisionedEmployee adopted = update(known(bob), wanted);
  EXPECT_EQ(adopted.provisioned_at, kNow);
  EXPECT_EQ(adopted.employee.origin, Origin::Directory);
  EXPECT_EQ(count_of("employee.adopted"), 1);

  wanted = record_of(known(carl));
  wanted.active = false;
  EXPECT_EQ(refusal_to_update(known(carl), wanted), kNotAdoptable.name());
  wanted.active = true;
  wanted.profile.user_name = wanted.profile.email = "carl@contoso.com";
  wanted.profile.object_id = kObjectId;
  EXPECT_EQ(refusal_to_update(known(carl), wanted), kNotAdoptable.name());
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return remove_provisioned(transaction, account_, settings_, known(carl), kDirectory, kNow);
            }),
            kNotAdoptable.name());
  EXPECT_EQ(reload(carl).profile.user_name, "carl@gmail.com");
  EXPECT_TRUE(reload(carl).active);
  EXPECT_FALSE(is_brake_on());
  EXPECT_EQ(count("SELECT count(*) FROM departures"), 0);
}

TEST_F(ProvisioningTest, ALeaverWhoIsAdoptedInactiveLeaves) {
  add_domain(account_, "contoso.com");
  const Employee bob = add_employee(
      {.account = account_.id, .profile = {.user_name = "bob@contoso.com"}, .administrator = true});
  EmployeeRecord sent = record("bob@contoso.com");
  sent.active = false;
  EXPECT_EQ(join(sent).how, Joining::Adopted);
  EXPECT_FALSE(reload(bob).active);
  EXPECT_FALSE(reload(bob).administrator);
  EXPECT_EQ(count("SELECT count(*) FROM departures"), 1);
}

// Change --------------------------------------------------------------------------------------------------

TEST_F(ProvisioningTest, AChangeIsToldOnceAndCountsTheVersion) {
  const ProvisionedEmployee bob = create("bob@contoso.com");
  EmployeeRecord wanted = record_of(bob);
  EXPECT_EQ(update(bob, wanted).version, 1);
  wanted.profile.display_name = "Bob";
  wanted.attributes = R"({"title":"Clerk"})";
  wanted.other_emails = {"robert@contoso.com"};
  now_ = kNow + std::chrono::minutes(1);
  const ProvisionedEmployee changed = update(bob, wanted);
  EXPECT_EQ(changed.version, 2);
  EXPECT_EQ(changed.employee.updated_at, now_);
  EXPECT_EQ(changed.provisioned_at, kNow);
  const ProvisionedEmployee stored = known(bob);
  EXPECT_EQ(stored.version, 2);
  EXPECT_EQ(stored.employee.profile, wanted.profile);
  EXPECT_EQ(stored.attributes, wanted.attributes);
  EXPECT_EQ(user_names(EmployeeKey::Email, "robert@contoso.com").size(), 1u);
  EXPECT_EQ(update(stored, wanted).version, 2);
  wanted.other_emails = {"rob@contoso.com", "r@contoso.com"};
  EXPECT_EQ(update(stored, wanted).version, 3);
  EXPECT_EQ(user_names(EmployeeKey::Email, "robert@contoso.com").size(), 0u);
  EXPECT_EQ(user_names(EmployeeKey::Email, "rob@contoso.com").size(), 1u);
  EXPECT_EQ(event_types(),
            (std::vector<std::string>{"employee.created", "employee.updated", "employee.updated"}));
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE details LIKE '%contoso%'"), 0);
}

TEST_F(ProvisioningTest, ARenameKeepsTheEmployeeAndUserNamesUnique) {
  const ProvisionedEmployee bob = create("bob@contoso.com");
  create("eve@contoso.com");
  EmployeeRecord wanted = record_of(bob);
  wanted.profile.user_name = "EVE@contoso.com";
  EXPECT_EQ(refusal_to_update(bob, wanted), kUserNameTaken.name());
  wanted.profile.user_name = "BOB@contoso.com";
  EXPECT_EQ(update(bob, wanted).employee.id, bob.employee.id);
  EXPECT_EQ(known(bob).employee.profile.user_name, "BOB@contoso.com");
}

TEST_F(ProvisioningTest, LeavingEndsAccessAndRightsAndComingBackRestoresAccessAlone) {
  const ProvisionedEmployee bob = create("bob@contoso.com");
  const SessionToken token = SessionToken::issue(account_);
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(grant_administrator(transaction, account_.id, bob.employee.id, kSupport, kNow));
    RETURN_IF_ERROR(
        create_session(transaction, token, {.account = account_.id, .employee = bob.employee.id}, {}, kNow));
    return {};
  });
  const ProvisionedEmployee left = set_active(known(bob), false);
  EXPECT_FALSE(left.employee.active);
  EXPECT_FALSE(left.employee.administrator) << "though the last one";
  EXPECT_EQ(left.version, known(bob).version);
  EXPECT_EQ(read([&](storage::Transaction& transaction) { return find_session(transaction, token, kNow); }),
            std::nullopt);
  EXPECT_EQ(set_active(left, false).version, left.version);
  const ProvisionedEmployee back = set_active(left, true);
  EXPECT_TRUE(back.employee.active);
  EXPECT_FALSE(back.employee.administrator);
  EXPECT_EQ(event_types(), (std::vector<std::string>{"employee.created", "employee.administrator_granted",
                                                     "employee.deactivated", "employee.reactivated"}));
}

TEST_F(ProvisioningTest, ADepartmentIsFoundAnywhereInTheTree) {
  const Department area = add_department("Area", home().id);
  const Department deep = add_department("Sales", area.id);
  const Department upper = add_department("Sales", home().id);
  add_department("Sales", add_department("Other", home().id).id);
  const Department lone = add_department("Straße", area.id);
  const auto place = [&](std::string_view name, std::string_view department) {
    EmployeeRecord sent = record(name);
    sent.department = department;
    return join(sent).employee.employee.department;
  };
  EXPECT_EQ(place("a", " SALES "), upper.id);
  EXPECT_EQ(place("b", "strasse"), lone.id);
  EXPECT_EQ(place("c", "Unknown"), home().id);
  EXPECT_EQ(place("d", ""), home().id);
  settings_.departments = DepartmentSource::Default;
  EXPECT_EQ(place("e", "Sales"), home().id);
  settings_.departments = DepartmentSource::Create;
  const DepartmentId made = place("f", "Unknown");
  EXPECT_NE(made, home().id);
  EXPECT_EQ(place("g", "UNKNOWN"), made);
  EXPECT_EQ(place("h", "  "), home().id);
  EXPECT_NE(deep.id, upper.id);
}

TEST_F(ProvisioningTest, OnlyAChangedDepartmentNameMoves) {
  const Department sales = add_department("Sales");
  const Department service = add_department("Service");
  EmployeeRecord wanted = record("bob@contoso.com");
  wanted.department = "Sales";
  const ProvisionedEmployee bob = join(wanted).employee;
  EXPECT_EQ(bob.employee.department, sales.id);
  write([&](storage::Transaction& transaction) {
    return move_employee(transaction, account_.id, bob.employee.id, service.id, kAdministrator, kNow);
  });
  wanted.previous_department = "Sales";
  wanted.profile.display_name = "Bob";
  EXPECT_EQ(update(known(bob), wanted).employee.department, service.id) << "the administrator's word stands";
  wanted.department = "Elsewhere";
  const ProvisionedEmployee moved = update(known(bob), wanted);
  EXPECT_EQ(moved.employee.department, home().id);
  EXPECT_EQ(moved.version, known(bob).version);
  wanted.previous_department = "Elsewhere";
  wanted.department = "Sales";
  EXPECT_EQ(update(known(bob), wanted).employee.department, sales.id);
  wanted.previous_department = "Sales";
  wanted.department = "";
  EXPECT_EQ(update(known(bob), wanted).employee.department, sales.id);
  settings_.departments = DepartmentSource::Default;
  wanted.department = "Service";
  EXPECT_EQ(update(known(bob), wanted).employee.department, sales.id);
}

// Removal -------------------------------------------------------------------------------------------------

TEST_F(ProvisioningTest, ARemovalLeavesATombstone) {
  const ProvisionedEmployee bob = create("bob@contoso.com");
  remove(bob);
  EXPECT_EQ(look_up(bob.employee.public_id), std::nullopt);
  EXPECT_EQ(count("SELECT count(*) FROM employees"), 0);
  const auto tombstone = [&](const Account& account) {
    return read([&](storage::Transaction& transaction) {
      return find_deleted_employee(transaction, account.id, bob.employee.public_id);
    });
  };
  ASSERT_TRUE(tombstone(account_).has_value());
  EXPECT_EQ(tombstone(account_)->user_name, "bob@contoso.com");
  EXPECT_EQ(tombstone(account_)->deleted_at, kNow);
  EXPECT_EQ(tombstone(account_)->actor.name, "Entra");
  EXPECT_FALSE(tombstone(add_account("fabrikam")).has_value());
}

TEST_F(ProvisioningTest, ASuccessorInheritsNeitherLinkNorRights) {
  add_domain(account_, "contoso.com");
  const Connection connection = add_connection(account_, "https://idp.example/a");
  EmployeeRecord sent = record("bob@contoso.com");
  sent.profile.object_id = kObjectId;
  const ProvisionedEmployee bob = join(sent).employee;
  const auto sign_in = [&](std::string_view object_id) {
    const Decision decision = write([&](storage::Transaction& transaction) {
      return resolve_sign_in(transaction, account_, connection,
                             {.object_identifier = std::string(object_id), .email = "bob@contoso.com"},
                             SignInPurpose::Session, kNow);
    });
    return std::holds_alternative<Admitted>(decision) ? std::get<Admitted>(decision).employee.id
                                                      : EmployeeId{};
  };
  EXPECT_EQ(sign_in(kObjectId), bob.employee.id);
  write([&](storage::Transaction& transaction) {
    return grant_administrator(transaction, account_.id, bob.employee.id, kSupport, kNow);
  });
  remove(known(bob));
  sent.profile.object_id = kOtherObjectId;
  const Joined successor = join(sent);
  EXPECT_EQ(successor.how, Joining::Created);
  EXPECT_NE(successor.employee.employee.id, bob.employee.id);
  EXPECT_NE(successor.employee.employee.public_id, bob.employee.public_id);
  EXPECT_FALSE(successor.employee.employee.administrator);
  EXPECT_EQ(count("SELECT count(*) FROM identity_links"), 0);
  EXPECT_EQ(sign_in(kObjectId), EmployeeId{}) << "the predecessor is nobody";
  EXPECT_EQ(sign_in(kOtherObjectId), successor.employee.employee.id);
}

// Lists ---------------------------------------------------------------------------------------------------

class ScanTest : public ProvisioningTest {
 protected:
  std::string scan(EmployeeOrder order, const PageStart& start = {}, std::size_t limit = 1000) {
    std::string names;
    std::size_t seen = 0;
    read([&](storage::Transaction& transaction) {
      return scan_provisioned(transaction, account_.id, order, start, [&](const ProvisionedEmployee& each) {
        names += each.employee.profile.user_name + ' ';
        return ++seen < limit;
      });
    });
    return names;
  }
  std::int64_t total() {
    return read(
        [&](storage::Transaction& transaction) { return count_provisioned(transaction, account_.id); });
  }
};

TEST_F(ScanTest, GoesInEachOrderFromEachPlace) {
  const ProvisionedEmployee carl = create("carl");
  const ProvisionedEmployee alice = create("Alice");
  create("dora");
  add_employee(account_, "bob");
  join(add_account("fabrikam"), record("eve"));
  using Order = EmployeeOrder;
  EXPECT_EQ(scan(Order::Creation), "carl Alice dora bob ");
  EXPECT_EQ(scan(Order::CreationDescending), "bob dora Alice carl ");
  EXPECT_EQ(scan(Order::UserName), "Alice bob carl dora ");
  EXPECT_EQ(scan(Order::UserNameDescending), "dora carl bob Alice ");
  EXPECT_EQ(scan(Order::Creation, {.skip = 1}, 2), "Alice dora ");
  EXPECT_EQ(scan(Order::CreationDescending, {.skip = 3}), "carl ");
  EXPECT_EQ(scan(Order::UserName, {.skip = 2}), "carl dora ");
  EXPECT_EQ(scan(Order::UserNameDescending, {.skip = 1}, 1), "carl ");
  EXPECT_EQ(scan(Order::UserName, {.skip = 4}), "");
  EXPECT_EQ(scan(Order::Creation, {.skip = 1'000'000'000'000}), "");
  EXPECT_EQ(scan(Order::Creation, {.after = carl.employee.id}), "Alice dora bob ");
  EXPECT_EQ(scan(Order::CreationDescending, {.after = carl.employee.id}), "");
  EXPECT_EQ(scan(Order::UserName, {.after_user_name = "carl"}), "dora ");
  EXPECT_EQ(scan(Order::UserNameDescending, {.after_user_name = "carl"}), "bob Alice ");
  EXPECT_EQ(total(), 4);

  execute("UPDATE employees SET active = 0, deletion_held_at = 1 WHERE user_name_key = 'alice'");
  EXPECT_EQ(scan(Order::Creation, {.skip = 1}), "dora bob ");
  EXPECT_EQ(scan(Order::UserNameDescending, {.skip = 2}), "bob ");
  EXPECT_EQ(total(), 3);
  EXPECT_EQ(user_names(EmployeeKey::UserName, "alice"), std::vector<std::string>{});
  EXPECT_EQ(user_names(EmployeeKey::Email, "alice"), std::vector<std::string>{});
  EXPECT_EQ(look_up(alice.employee.public_id), std::nullopt);

  remove(known(carl));
  EXPECT_EQ(scan(Order::Creation, {.after = carl.employee.id}), "dora bob ");
  EXPECT_EQ(scan(Order::UserName, {.after_user_name = "carl"}), "dora ");
}

TEST_F(ScanTest, ReadsManyPagesOnce) {
  write([&](storage::Transaction& transaction) -> Result<void> {
    for (int i = 0; i < 3000; ++i) {
      RETURN_IF_ERROR(provision_employee(transaction, account_, settings_,
                                         record("user" + std::to_string(10'000 - i)), kDirectory, kNow));
    }
    return {};
  });
  struct Ends {
    EmployeeOrder order;
    std::string_view first;
    std::string_view last;
  };
  for (const Ends& ends : {Ends{EmployeeOrder::Creation, "user9993 ", "user7001 "},
                           Ends{EmployeeOrder::CreationDescending, "user7008 ", "user10000 "},
                           Ends{EmployeeOrder::UserName, "user7007 ", "user9999 "},
                           Ends{EmployeeOrder::UserNameDescending, "user9992 ", "user10000 "}}) {
    const std::string names = scan(ends.order, {.skip = 7}, 100'000);
    EXPECT_EQ(std::ranges::count(names, ' '), 2993);
    EXPECT_TRUE(names.starts_with(ends.first)) << names.substr(0, 20);
    EXPECT_TRUE(names.ends_with(ends.last)) << names.substr(names.size() - 20);
  }
}

}  // namespace
}  // namespace doorward::directory
