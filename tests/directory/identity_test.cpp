#include "directory/identity.h"

#include "directory/sessions.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

constexpr std::string_view kTenant = "11111111-2222-4333-8444-555555555555";
constexpr std::string_view kOid = "AAAAAAAA-0000-4000-8000-000000000001";
constexpr std::string_view kOtherOid = "aaaaaaaa-0000-4000-8000-000000000002";
constexpr std::string_view kPersistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
constexpr std::string_view kTransient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
constexpr std::string_view kEmailFormat = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";

class IdentityTest : public DirectoryTest {
 protected:
  IdentityTest() {
    add_domain(contoso_, "contoso.com");
    add_domain(fabrikam_, "fabrikam.com");
  }

  Decision decide(const ClaimedIdentity& claimed, SignInPurpose purpose = SignInPurpose::Session) {
    return decide_at(entra_, claimed, purpose);
  }
  Decision decide_at(const Connection& connection, const ClaimedIdentity& claimed,
                     SignInPurpose purpose = SignInPurpose::Session) {
    return write([&](storage::Transaction& transaction) -> Result<Decision> {
      ASSIGN_OR_RETURN(const Account account, load_account(transaction, connection.account));
      ASSIGN_OR_RETURN(const Connection current,
                       load_connection(transaction, connection.account, connection.id));
      return resolve_sign_in(transaction, account, current, claimed, purpose, kNow);
    });
  }

  static std::string shown(const Decision& decision) {
    if (const auto* refused = std::get_if<Refused>(&decision)) {
      return std::string(finding_code(refused->reason)).substr(std::string_view("identity.").size());
    }
    const auto& admitted = std::get<Admitted>(decision);
    return admitted.employee.profile.user_name + " by " + std::string(to_text(admitted.match)) +
           (admitted.link_created ? ", linked" : "");
  }

  static ClaimedIdentity entra_person(std::string_view oid, std::string_view email,
                                      std::string_view user_name = {}) {
    ClaimedIdentity claimed;
    claimed.object_identifier = oid;
    claimed.tenant_id = kTenant;
    claimed.name_id = {.value = std::string(email), .format = std::string(kEmailFormat)};
    claimed.email = email;
    claimed.user_name = user_name.empty() ? email : user_name;
    return claimed;
  }
  static ClaimedIdentity named(std::string_view name_id, std::string_view format,
                               std::string_view email = {}) {
    ClaimedIdentity claimed;
    claimed.name_id = {.value = std::string(name_id), .format = std::string(format)};
    claimed.email = email;
    return claimed;
  }

  void enforce() {
    write([&](storage::Transaction& transaction) {
      return enforce_sso(transaction, contoso_.id, "test", kSupport, kNow);
    });
  }
  void change_profile(const Employee& employee, const Profile& profile) {
    write([&](storage::Transaction& transaction) {
      return update_profile(transaction, employee.account, employee.id, profile, kDirectory, kNow);
    });
  }

  Account contoso_ = add_account("Contoso");
  Account fabrikam_ = add_account("Fabrikam");
  Connection entra_ = add_connection(contoso_, "https://sts.windows.net/" + std::string(kTenant) + "/");
  Connection okta_ = add_connection(fabrikam_, "http://okta.example/fabrikam");
};

TEST_F(IdentityTest, FirstSignInMatchesTheAddressAndLinks) {
  add_employee(contoso_, "Bob@Contoso.com");
  EXPECT_EQ(shown(decide(entra_person(kOid, "bob@contoso.COM"))), "Bob@Contoso.com by address, linked");
  EXPECT_EQ(shown(decide(entra_person(kOid, "bob@contoso.com"))), "Bob@Contoso.com by link");
}

TEST_F(IdentityTest, StoredAttributesAreNotOverwritten) {
  const Employee bob = add_employee(contoso_, "bob@contoso.com");
  ClaimedIdentity claimed = entra_person(kOid, "bob@contoso.com");
  claimed.given_name = "Robert";
  claimed.display_name = "Robert Roe";
  decide(claimed);
  EXPECT_EQ(reload(bob).profile, bob.profile);
}

TEST_F(IdentityTest, AChangedAddressKeepsTheLink) {
  const Employee bob = add_employee(contoso_, "bob@contoso.com");
  decide(entra_person(kOid, "bob@contoso.com"));
  EXPECT_EQ(shown(decide(entra_person(kOid, "robert@contoso.com"))), "bob@contoso.com by link");
  change_profile(bob, {.user_name = "robert@contoso.com", .email = "robert@contoso.com"});
  EXPECT_EQ(shown(decide(entra_person(kOid, "bob@contoso.com"))), "robert@contoso.com by link");
}

TEST_F(IdentityTest, AReusedAddressInheritsNothing) {
  add_employee(contoso_, "bob@contoso.com");
  decide(entra_person(kOid, "bob@contoso.com"));
  // A second Bob gets the first one's address and user name at the provider.
  EXPECT_EQ(shown(decide(entra_person(kOtherOid, "bob@contoso.com"))), "linked_elsewhere");
  // An identity without any key is no proof either.
  EXPECT_EQ(shown(decide(named("x", kTransient, "bob@contoso.com"))), "linked_elsewhere");
  EXPECT_EQ(shown(decide(named("opaque", kPersistent, "bob@contoso.com"))), "linked_elsewhere");
}

TEST_F(IdentityTest, ADeletedEmployeesSuccessorIsUnlinked) {
  const Employee old_bob = add_employee(contoso_, "bob@contoso.com");
  decide(entra_person(kOid, "bob@contoso.com"));
  write([&](storage::Transaction& transaction) {
    return delete_employee(transaction, contoso_.id, old_bob.id, LastAdministrator::MayGo, kDirectory, kNow);
  });
  const Employee new_bob = add_employee(contoso_, "bob@contoso.com");
  EXPECT_NE(new_bob.public_id, old_bob.public_id);
  EXPECT_TRUE(read([&](storage::Transaction& transaction) {
                return list_links(transaction, contoso_.id, new_bob.id);
              }).empty());
  EXPECT_EQ(shown(decide(entra_person(kOtherOid, "bob@contoso.com"))), "bob@contoso.com by address, linked");
  EXPECT_EQ(shown(decide(entra_person(kOid, "bob@contoso.com"))), "linked_elsewhere");
}

TEST_F(IdentityTest, TheDirectoryMayNotHandAnEmployeeToAnotherObjectId) {
  const Employee bob = add_employee(contoso_, "bob@contoso.com");
  decide(entra_person(kOid, "bob@contoso.com"));
  // Entra found the old Bob by user name and wrote the new Bob's objectId into him.
  Profile profile = bob.profile;
  profile.object_id = kOtherOid;
  change_profile(bob, profile);
  EXPECT_EQ(shown(decide(entra_person(kOtherOid, "bob@contoso.com"))), "linked_elsewhere");
  // The administrator decides.
  write([&](storage::Transaction& transaction) {
    return remove_links(transaction, contoso_.id, bob.id, entra_.id, kAdministrator, kNow);
  });
  EXPECT_EQ(shown(decide(entra_person(kOtherOid, "bob@contoso.com"))),
            "bob@contoso.com by object-id, linked");
  EXPECT_EQ(shown(decide(entra_person(kOid, "bob@contoso.com"))), "linked_elsewhere");
}

TEST_F(IdentityTest, TheObjectIdOfTheDirectoryComesBeforeTheAddress) {
  add_employee(
      {.account = contoso_.id,
       .profile = {.user_name = "carol", .email = "old@contoso.com", .object_id = std::string(kOid)}});
  add_employee(contoso_, "carol@contoso.com");
  EXPECT_EQ(shown(decide(entra_person(kOid, "carol@contoso.com"))), "carol by object-id, linked");
}

TEST_F(IdentityTest, TheExternalIdMayBeTheObjectId) {
  add_employee({.account = contoso_.id,
                .profile = {.user_name = "carol", .external_id = "aaaaaaaa-0000-4000-8000-000000000001"}});
  EXPECT_EQ(shown(decide(entra_person(kOid, "carol@contoso.com"))), "carol by object-id, linked");
}

TEST_F(IdentityTest, AnAddressWhoseOwnerHasAnotherObjectIdIsReused) {
  add_employee(
      {.account = contoso_.id, .profile = {.user_name = "bob@contoso.com", .object_id = std::string(kOid)}});
  EXPECT_EQ(shown(decide(entra_person(kOtherOid, "bob@contoso.com"))), "linked_elsewhere");
  // A nickname as externalId says nothing about the objectId.
  add_employee({.account = contoso_.id, .profile = {.user_name = "eve@contoso.com", .external_id = "eve"}});
  EXPECT_EQ(shown(decide(entra_person(kOtherOid, "eve@contoso.com"))), "eve@contoso.com by address, linked");
}

TEST_F(IdentityTest, OneObjectIdOfTwoEmployeesIsAmbiguous) {
  add_employee({.account = contoso_.id, .profile = {.user_name = "a", .object_id = std::string(kOid)}});
  add_employee({.account = contoso_.id, .profile = {.user_name = "b", .external_id = std::string(kOid)}});
  EXPECT_EQ(shown(decide(entra_person(kOid, "a@contoso.com"))), "ambiguous");
}

TEST_F(IdentityTest, OnlyTheAccountsDomainsAreMatched) {
  add_employee(contoso_, "mallory@fabrikam.com");
  add_employee(contoso_, "dave@gmail.com");
  add_employee(contoso_, "sub@mail.contoso.com");
  for (const char* address :
       {"mallory@fabrikam.com", "dave@gmail.com", "sub@mail.contoso.com", "x@notcontoso.com",
        "x@contoso.com.evil.example", "a@contoso.com@evil.example"}) {
    EXPECT_EQ(shown(decide(entra_person(kOid, address))), "outside_domains") << address;
  }
}

TEST_F(IdentityTest, AUserNameOutsideTheDomainsIsNotMatchedEither) {
  add_employee({.account = contoso_.id, .profile = {.user_name = "admin"}});
  EXPECT_EQ(shown(decide(entra_person(kOid, "nobody@contoso.com", "admin"))), "not_provisioned");
  add_employee({.account = contoso_.id, .profile = {.user_name = "guest@fabrikam.com"}});
  EXPECT_EQ(shown(decide(entra_person(kOid, "nobody@contoso.com", "guest@fabrikam.com"))), "not_provisioned");
}

TEST_F(IdentityTest, AnotherAccountsProviderCannotVouchForOurs) {
  add_employee(contoso_, "bob@contoso.com");
  add_employee(fabrikam_, "bob@contoso.com");
  EXPECT_EQ(shown(decide_at(okta_, named("bob", kPersistent, "bob@contoso.com"))), "outside_domains");
}

TEST_F(IdentityTest, ALinkOfOneConnectionIsNoneOfAnother) {
  add_employee({.account = fabrikam_.id, .profile = {.user_name = "bob@fabrikam.com"}});
  add_employee(contoso_, "bob@contoso.com");
  EXPECT_EQ(shown(decide(named("shared-id", kPersistent, "bob@contoso.com"))),
            "bob@contoso.com by address, linked");
  EXPECT_EQ(shown(decide_at(okta_, named("shared-id", kPersistent, "bob@fabrikam.com"))),
            "bob@fabrikam.com by address, linked");
}

TEST_F(IdentityTest, ASecondConnectionCannotVouchForTheFirstOnesPeople) {
  const Employee bob = add_employee(
      {.account = contoso_.id,
       .profile = {
           .user_name = "bob@contoso.com", .email = "bob@contoso.com", .object_id = std::string(kOid)}});
  add_employee(contoso_, "temp@contractor.example");
  const Connection contractor = add_connection(contoso_, "https://contractor.example/idp", "contractor");
  add_domain(contoso_, "contractor.example", contractor.id);

  EXPECT_EQ(shown(decide_at(contractor, named("1", kPersistent, "bob@contoso.com"))), "other_connection");
  ClaimedIdentity by_object_id;
  by_object_id.object_identifier = kOid;
  by_object_id.email = "temp@contractor.example";
  EXPECT_EQ(shown(decide_at(contractor, by_object_id)), "other_connection");
  // Its own person, whom it calls by Bob's user name.
  ClaimedIdentity two_names = named("2", kPersistent, "temp@contractor.example");
  two_names.user_name = "bob@contoso.com";
  EXPECT_EQ(shown(decide_at(contractor, two_names)), "temp@contractor.example by address, linked");
  // And Bob still comes in by his own.
  EXPECT_EQ(shown(decide(entra_person(kOid, "bob@contoso.com"))), "bob@contoso.com by object-id, linked");

  // A contractor who is hired gets an address of the company: the contractor's provider loses him.
  const Employee temp = *read([&](storage::Transaction& transaction) {
    return find_employee_by_user_name(transaction, contoso_.id, "temp@contractor.example");
  });
  change_profile(temp, {.user_name = "temp@contoso.com", .email = "temp@contoso.com"});
  EXPECT_EQ(shown(decide_at(contractor, named("2", kPersistent, "temp@contractor.example"))),
            "other_connection");
}

TEST_F(IdentityTest, ASecondConnectionDoesNotGetWhoHasNoCorporateAddress) {
  add_employee({.account = contoso_.id, .profile = {.user_name = "worker", .object_id = std::string(kOid)}});
  const Connection contractor = add_connection(contoso_, "https://contractor.example/idp", "contractor");
  ClaimedIdentity claimed;
  claimed.object_identifier = kOid;
  EXPECT_EQ(shown(decide_at(contractor, claimed)), "other_connection");
}

TEST_F(IdentityTest, ADomainOfNoConnectionInParticularStaysWithTheFirst) {
  add_employee(contoso_, "bob@contoso.com");
  const Connection second = add_connection(contoso_, "https://second.example", "second");
  EXPECT_EQ(shown(decide_at(second, named("1", kPersistent, "bob@contoso.com"))), "other_connection");
  EXPECT_EQ(shown(decide(entra_person(kOid, "bob@contoso.com"))), "bob@contoso.com by address, linked");
  // With two, a new domain is nobody's until somebody chooses.
  add_domain(contoso_, "contoso.example");
  add_employee(contoso_, "kim@contoso.example");
  EXPECT_EQ(shown(decide_at(second, named("2", kPersistent, "kim@contoso.example"))), "outside_domains");
  EXPECT_EQ(shown(decide(entra_person(kOtherOid, "kim@contoso.example"))), "outside_domains");
}

TEST_F(IdentityTest, TransientAndEmptyNameIdsAreNoKeys) {
  add_employee(contoso_, "bob@contoso.com");
  add_employee(contoso_, "eve@contoso.com");
  EXPECT_EQ(shown(decide(named("session-1", kTransient, "bob@contoso.com"))), "bob@contoso.com by address");
  EXPECT_EQ(shown(decide(named("session-1", kTransient, "eve@contoso.com"))), "eve@contoso.com by address");
  EXPECT_EQ(shown(decide(named("", kPersistent, "bob@contoso.com"))), "bob@contoso.com by address");
  EXPECT_EQ(shown(decide(named("", "", "eve@contoso.com"))), "eve@contoso.com by address");
  EXPECT_EQ(shown(decide(named("bob@contoso.com", kTransient))), "no_email");
}

TEST_F(IdentityTest, AnAddressAsNameIdIsMatchedAndNeverLinked) {
  const Employee bob = add_employee(contoso_, "bob@contoso.com");
  EXPECT_EQ(shown(decide(named("bob@contoso.com", kEmailFormat))), "bob@contoso.com by address");
  EXPECT_EQ(shown(decide(named("bob@contoso.com", ""))), "bob@contoso.com by address");
  // The address goes to somebody else: it leads to whoever has it now.
  change_profile(bob, {.user_name = "robert@contoso.com", .email = "robert@contoso.com"});
  EXPECT_EQ(shown(decide(named("bob@contoso.com", kEmailFormat))), "not_provisioned");
  EXPECT_EQ(shown(decide(named("robert@contoso.com", kEmailFormat))), "robert@contoso.com by address");
}

TEST_F(IdentityTest, QualifiersAreKeptApart) {
  add_employee(contoso_, "bob@contoso.com");
  ClaimedIdentity claimed = named("7", kPersistent, "bob@contoso.com");
  EXPECT_EQ(shown(decide(claimed)), "bob@contoso.com by address, linked");
  claimed.name_id.name_qualifier = "elsewhere";
  EXPECT_EQ(shown(decide(claimed)), "linked_elsewhere");
  claimed.name_id.name_qualifier = "";
  EXPECT_EQ(shown(decide(claimed)), "bob@contoso.com by link");
  EXPECT_EQ(shown(decide(named("7 ", kPersistent, "bob@contoso.com"))), "linked_elsewhere");
}

TEST_F(IdentityTest, AnObjectIdentifierUpgradesAPersistentNameId) {
  add_employee(contoso_, "bob@contoso.com");
  decide(named("pairwise", kPersistent, "bob@contoso.com"));
  ClaimedIdentity both = entra_person(kOid, "bob@contoso.com");
  both.name_id = {.value = "pairwise", .format = std::string(kPersistent)};
  EXPECT_EQ(shown(decide(both)), "bob@contoso.com by link, linked");
  both.object_identifier = kOtherOid;
  EXPECT_EQ(shown(decide(both)), "linked_elsewhere");
}

TEST_F(IdentityTest, TheObjectIdentifierDecidesWhenTheNameIdIsSomebodyElses) {
  add_employee(contoso_, "bob@contoso.com");
  add_employee(contoso_, "eve@contoso.com");
  decide(entra_person(kOid, "bob@contoso.com"));
  decide(named("pairwise", kPersistent, "eve@contoso.com"));
  ClaimedIdentity both = entra_person(kOid, "eve@contoso.com");
  both.name_id = {.value = "pairwise", .format = std::string(kPersistent)};
  EXPECT_EQ(shown(decide(both)), "bob@contoso.com by link");
}

TEST_F(IdentityTest, SharedMailboxesNeedTheUserName) {
  add_employee(contoso_, "kim@contoso.com", "team@contoso.com");
  add_employee(contoso_, "lee@contoso.com", "team@contoso.com");
  EXPECT_EQ(shown(decide(entra_person(kOid, "team@contoso.com"))), "ambiguous");
  EXPECT_EQ(shown(decide(entra_person(kOid, "team@contoso.com", "Lee@contoso.com"))),
            "lee@contoso.com by address, linked");
  EXPECT_EQ(shown(decide(entra_person(kOtherOid, "team@contoso.com", "nobody@contoso.com"))), "ambiguous");
}

TEST_F(IdentityTest, OnesAddressAndAnothersUserNameIsAmbiguous) {
  add_employee(contoso_, "kim@contoso.com");
  add_employee(contoso_, "lee@contoso.com");
  EXPECT_EQ(shown(decide(entra_person(kOid, "kim@contoso.com", "lee@contoso.com"))), "ambiguous");
}

TEST_F(IdentityTest, LettersAreFoldedAndLookalikesAreNot) {
  add_employee(contoso_, "straße@contoso.com");
  EXPECT_EQ(shown(decide(entra_person(kOid, "STRASSE@contoso.com"))),
            "straße@contoso.com by address, linked");
  // Cyrillic o.
  EXPECT_EQ(shown(decide(entra_person(kOtherOid, "straße@c\xd0\xbentoso.com"))), "no_email");
  EXPECT_EQ(shown(decide(entra_person(kOtherOid, "str\xd0\xb0ße@contoso.com"))), "not_provisioned");
}

TEST_F(IdentityTest, WithoutAnAddressNobodyIsFound) {
  add_employee({.account = contoso_.id, .profile = {.user_name = "bob"}});
  EXPECT_EQ(shown(decide(entra_person(kOid, "", "new@contoso.com"))), "no_email");
  EXPECT_EQ(shown(decide(entra_person(kOid, "", "bob"))), "no_email");
  EXPECT_EQ(shown(decide(ClaimedIdentity{})), "no_email");
  // An employee without address must not be matched by the empty one.
  EXPECT_EQ(shown(decide(named("x", kPersistent, "@contoso.com"))), "no_email");
}

TEST_F(IdentityTest, TheUserNameServesWhenTheMailboxIsMissing) {
  add_employee(contoso_, "bob@contoso.com");
  ClaimedIdentity claimed = entra_person(kOid, "", "bob@contoso.com");
  claimed.name_id = {};
  EXPECT_EQ(shown(decide(claimed)), "bob@contoso.com by address, linked");
}

TEST_F(IdentityTest, AForeignTenantIsRefused) {
  add_employee(contoso_, "bob@contoso.com");
  ClaimedIdentity claimed = entra_person(kOid, "bob@contoso.com");
  claimed.tenant_id = "99999999-2222-4333-8444-555555555555";
  EXPECT_EQ(shown(decide(claimed)), "wrong_tenant");
  claimed.tenant_id = "";
  EXPECT_EQ(shown(decide(claimed)), "bob@contoso.com by address, linked");
}

TEST_F(IdentityTest, TheDeactivatedStayOut) {
  const Employee bob = add_employee(contoso_, "bob@contoso.com");
  decide(entra_person(kOid, "bob@contoso.com"));
  write([&](storage::Transaction& transaction) {
    return deactivate_employee(transaction, contoso_.id, bob.id, LastAdministrator::MayGo, kDirectory, kNow);
  });
  const Decision decision = decide(entra_person(kOid, "bob@contoso.com"));
  EXPECT_EQ(shown(decision), "deactivated");
  EXPECT_EQ(std::get<Refused>(decision).employee->id, bob.id);
  write([&](storage::Transaction& transaction) {
    return activate_employee(transaction, contoso_.id, bob.id, kDirectory, kNow);
  });
  EXPECT_EQ(shown(decide(entra_person(kOid, "bob@contoso.com"))), "bob@contoso.com by link");
}

TEST_F(IdentityTest, TheFreePlanHasNoSso) {
  add_employee(contoso_, "bob@contoso.com");
  write([&](storage::Transaction& transaction) {
    return set_plan(transaction, contoso_.id, Plan::Free, kSupport, kNow);
  });
  EXPECT_EQ(shown(decide(entra_person(kOid, "bob@contoso.com"))), "account_plan");
}

TEST_F(IdentityTest, AnInactiveConnectionLetsNobodyIn) {
  add_employee(contoso_, "bob@contoso.com");
  write([&](storage::Transaction& transaction) {
    return set_connection_state(transaction, contoso_.id, entra_.id, ConnectionState::Inactive, kSupport,
                                kNow);
  });
  EXPECT_EQ(shown(decide(entra_person(kOid, "bob@contoso.com"))), "connection_inactive");
}

TEST_F(IdentityTest, OnceEnforcedOnlyCorporateAddressesComeIn) {
  const Employee bob = add_employee(
      {.account = contoso_.id,
       .profile = {.user_name = "bob", .email = "bob@gmail.com", .object_id = std::string(kOid)}});
  const Employee nobody = add_employee(
      {.account = contoso_.id, .profile = {.user_name = "worker", .object_id = std::string(kOtherOid)}});
  EXPECT_EQ(shown(decide(entra_person(kOid, "bob@contoso.com"))), "bob by object-id, linked");
  EXPECT_EQ(shown(decide(entra_person(kOtherOid, ""))), "worker by object-id, linked");
  enforce();
  const Decision decision = decide(entra_person(kOid, "bob@contoso.com"));
  EXPECT_EQ(shown(decision), "outside_domains");
  EXPECT_EQ(std::get<Refused>(decision).expected, "contoso.com");
  EXPECT_EQ(std::get<Refused>(decision).actual, "bob@gmail.com");
  EXPECT_EQ(shown(decide(entra_person(kOtherOid, ""))), "no_email");
  change_profile(bob, {.user_name = "bob", .email = "bob@contoso.com", .object_id = std::string(kOid)});
  EXPECT_EQ(shown(decide(entra_person(kOid, "bob@contoso.com"))), "bob by link");
}

TEST_F(IdentityTest, PasswordsEndWithEnforcement) {
  const Employee bob = add_employee(contoso_, "bob@contoso.com");
  EXPECT_EQ(why_not_password(contoso_, bob), Refusal::NoPassword);
  write([&](storage::Transaction& transaction) {
    return set_password(transaction, contoso_.id, bob.id, "$argon2id$fake", kSupport, kNow);
  });
  EXPECT_EQ(why_not_password(contoso_, reload(bob)), std::nullopt);
  enforce();
  EXPECT_EQ(why_not_password(reload(contoso_), reload(bob)), Refusal::SsoEnforced);
  write([&](storage::Transaction& transaction) {
    return deactivate_employee(transaction, contoso_.id, bob.id, LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_EQ(why_not_password(contoso_, reload(bob)), Refusal::Deactivated);
}

TEST_F(IdentityTest, ProvisioningAtSignInIsASwitch) {
  ClaimedIdentity claimed = entra_person(kOid, "new@contoso.com", "new.upn@contoso.com");
  claimed.given_name = "New";
  EXPECT_EQ(shown(decide(claimed)), "not_provisioned");
  EXPECT_EQ(count("SELECT count(*) FROM employees"), 0);
  write([&](storage::Transaction& transaction) {
    return set_provision_at_sign_in(transaction, contoso_.id, ProvisionAtSignIn::On, kSupport, kNow);
  });
  EXPECT_EQ(shown(decide(entra_person(kOid, "new@fabrikam.com"))), "outside_domains");
  EXPECT_EQ(shown(decide(entra_person(kOid, "", "new"))), "no_email");
  EXPECT_EQ(shown(decide(claimed, SignInPurpose::Test)), "new.upn@contoso.com by provisioned");
  EXPECT_EQ(count("SELECT count(*) FROM employees"), 0);
  EXPECT_EQ(shown(decide(claimed)), "new.upn@contoso.com by provisioned, linked");
  const Employee created = std::get<Admitted>(decide(claimed)).employee;
  EXPECT_EQ(created.origin, Origin::SignIn);
  EXPECT_EQ(created.profile.email, "new@contoso.com");
  EXPECT_EQ(created.profile.given_name, "New");
  EXPECT_FALSE(created.administrator);
  EXPECT_EQ(count("SELECT count(*) FROM employees"), 1);
}

TEST_F(IdentityTest, ATestSignInChangesNothing) {
  add_employee(contoso_, "bob@contoso.com");
  EXPECT_EQ(shown(decide(entra_person(kOid, "bob@contoso.com"), SignInPurpose::Test)),
            "bob@contoso.com by address");
  EXPECT_EQ(count("SELECT count(*) FROM identity_links"), 0);
  const auto decision = database_->read([&](storage::Transaction& transaction) {
    return resolve_sign_in(transaction, contoso_, entra_, entra_person(kOid, "bob@contoso.com"),
                           SignInPurpose::Test, kNow);
  });
  EXPECT_TRUE(decision);
}

TEST_F(IdentityTest, ATestAccountSharesItsParentsDomainsForMatching) {
  const Account test = write([&](storage::Transaction& transaction) {
    return create_account(transaction,
                          {.name = "Contoso test", .plan = Plan::Enterprise, .parent = contoso_.id}, kSupport,
                          kNow);
  });
  const Connection connection = add_connection(test, "https://test.example/idp");
  add_employee(test, "bob@contoso.com");
  EXPECT_EQ(shown(decide_at(connection, named("1", kPersistent, "bob@contoso.com"))),
            "bob@contoso.com by address, linked");
  const auto route =
      read([&](storage::Transaction& transaction) { return find_route(transaction, "bob@contoso.com"); });
  EXPECT_EQ(route->account, contoso_.id);
}

TEST_F(IdentityTest, RemovingLinksEndsTheSessions) {
  const Employee bob = add_employee(contoso_, "bob@contoso.com");
  decide(entra_person(kOid, "bob@contoso.com"));
  write([&](storage::Transaction& transaction) {
    return create_session(transaction, SessionToken::issue(contoso_),
                          {.account = contoso_.id, .employee = bob.id}, {}, kNow);
  });
  write([&](storage::Transaction& transaction) {
    return remove_links(transaction, contoso_.id, bob.id, entra_.id, kAdministrator, kNow);
  });
  EXPECT_EQ(count("SELECT count(*) FROM identity_links"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM sessions"), 0);
}

}  // namespace
}  // namespace doorward::directory
