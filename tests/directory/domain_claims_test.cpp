#include "directory/domain_claims.h"

#include <gmock/gmock.h>

#include "directory_test.h"

namespace doorward::directory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DomainClaimsTest : public DirectoryTest {
 protected:
  DomainClaim claim(const Account& account, std::string_view name) {
    return write([&](storage::Transaction& transaction) {
      return claim_domain(transaction, account.id, name, kAdministrator, kNow);
    });
  }
  std::string refusal_to_claim(const Account& account, std::string_view name) {
    return refusal_of([&](storage::Transaction& transaction) {
      return claim_domain(transaction, account.id, name, kAdministrator, kNow);
    });
  }
  std::string refusal_to_prove(const Account& account, DomainClaimId id) {
    return refusal_of([&](storage::Transaction& transaction) {
      return prove_domain(transaction, account.id, id, kAdministrator, kLater);
    });
  }
  std::string refusal_to_withdraw(const Account& account, std::string_view name) {
    return refusal_of([&](storage::Transaction& transaction) {
      return withdraw_domain_claim(transaction, account.id, name, kAdministrator, kLater);
    });
  }
  std::vector<std::string> claims(const Account& account) {
    std::vector<std::string> names;
    for (const DomainClaim& each : read([&](storage::Transaction& transaction) {
           return list_domain_claims(transaction, account.id);
         })) {
      names.push_back(each.name);
    }
    return names;
  }
  std::vector<Domain> domains(const Account& account) {
    return read([&](storage::Transaction& transaction) { return list_domains(transaction, account.id); });
  }
  /// What the audit has on the domains of the account, newest first.
  std::vector<std::string> audit(const Account& account) {
    std::vector<std::string> lines;
    for (const AuditEntry& entry : read([&](storage::Transaction& transaction) {
           return list_audit(transaction, account.id, std::nullopt, 100);
         })) {
      if (!entry.action.starts_with("domain.")) continue;
      lines.push_back(entry.action + " " + entry.target + " by " + entry.actor.name);
    }
    return lines;
  }

  static constexpr Timestamp kLater = kNow + std::chrono::hours(1);

  Account contoso_ = add_account("contoso");
  Account fabrikam_ = add_account("fabrikam");
};

TEST_F(DomainClaimsTest, AClaimSaysWhatProvesIt) {
  const DomainClaim made = claim(contoso_, " Contoso.COM. ");
  EXPECT_EQ(made.name, "contoso.com");
  EXPECT_EQ(made.account, contoso_.id);
  EXPECT_EQ(made.record_name(), "_doorward.contoso.com");
  ASSERT_THAT(made.record_value, testing::StartsWith("doorward-verification="));
  const std::string token = made.record_value.substr(made.record_value.find('=') + 1);
  EXPECT_EQ(token.size(), 32U);
  EXPECT_TRUE(from_base64url(token));
  EXPECT_EQ(made.claimed_at, kNow);
  EXPECT_EQ(made.claimed_by, "ada@contoso.com");
  EXPECT_EQ(made.checked_at, std::nullopt);
  EXPECT_EQ(made.finding, "");
  EXPECT_THAT(domains(contoso_), IsEmpty());
  EXPECT_THAT(audit(contoso_), ElementsAre("domain.claimed contoso.com by ada@contoso.com"));
}

TEST_F(DomainClaimsTest, ClaimingAgainChangesNothing) {
  const DomainClaim first = claim(contoso_, "contoso.com");
  const DomainClaim second = claim(contoso_, "CONTOSO.com");
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.record_value, first.record_value);
  EXPECT_EQ(audit(contoso_).size(), 1U);
}

TEST_F(DomainClaimsTest, EachClaimHasAValueOfItsOwn) {
  const std::string value = claim(contoso_, "contoso.com").record_value;
  EXPECT_NE(claim(contoso_, "contoso.net").record_value, value);
  EXPECT_NE(claim(fabrikam_, "contoso.com").record_value, value);
  write([&](storage::Transaction& transaction) {
    return withdraw_domain_claim(transaction, contoso_.id, "contoso.com", kAdministrator, kNow);
  });
  EXPECT_NE(claim(contoso_, "contoso.com").record_value, value) << "a record of old proves nothing";
}

TEST_F(DomainClaimsTest, RefusesWhatCannotBeProven) {
  for (const char* name : {"", "com", "a b.com", "bob@contoso.com", "bücher.example"})
    EXPECT_NE(refusal_to_claim(contoso_, name), "") << name;
  EXPECT_EQ(refusal_to_claim(contoso_, "gmail.com"), "directory.public_domain");
  add_domain(contoso_, "contoso.com");
  EXPECT_EQ(refusal_to_claim(contoso_, "Contoso.com"), "directory.domain_proven");
  // The longest names leave no room for the record's.
  std::string longest = std::string(63, 'a') + '.' + std::string(63, 'b') + '.' + std::string(63, 'c') + '.';
  longest += std::string(253 - longest.size(), 'd');
  EXPECT_EQ(refusal_to_claim(contoso_, longest), "directory.domain_too_long");
  EXPECT_EQ(refusal_to_claim(contoso_, longest.substr(10)), "");
  EXPECT_EQ(claim(contoso_, longest.substr(10)).record_name().size(), 253U);
}

TEST_F(DomainClaimsTest, ClaimsAreFew) {
  for (int i = 0; i < kMaxDomainClaims; ++i)
    claim(contoso_, "d" + std::to_string(i) + ".example");
  EXPECT_EQ(refusal_to_claim(contoso_, "more.example"), "directory.too_many_claims");
  EXPECT_EQ(refusal_to_claim(contoso_, "d0.example"), "") << "it is there already";
  EXPECT_EQ(refusal_to_claim(fabrikam_, "more.example"), "");
  EXPECT_EQ(refusal_to_withdraw(contoso_, "d7.example"), "");
  EXPECT_EQ(refusal_to_claim(contoso_, "more.example"), "");
}

TEST_F(DomainClaimsTest, DoesNotTellWhoHasADomain) {
  add_domain(fabrikam_, "contoso.com");
  EXPECT_EQ(refusal_to_claim(contoso_, "contoso.com"), "");
}

TEST_F(DomainClaimsTest, AProvenClaimIsADomain) {
  const Connection connection = add_connection(contoso_, "https://idp.example");
  const DomainClaim made = claim(contoso_, "contoso.com");
  const Domain domain = write([&](storage::Transaction& transaction) {
    return prove_domain(transaction, contoso_.id, made.id, kAdministrator, kLater);
  });
  EXPECT_EQ(domain.name, "contoso.com");
  EXPECT_EQ(domain.proof, DomainProof::Dns);
  EXPECT_EQ(domain.connection, connection.id);
  EXPECT_EQ(domain.added_at, kLater);
  EXPECT_THAT(claims(contoso_), IsEmpty());
  EXPECT_EQ(domains(contoso_).size(), 1U);
  EXPECT_THAT(audit(contoso_), ElementsAre("domain.added contoso.com by ada@contoso.com",
                                           "domain.claimed contoso.com by ada@contoso.com"));
  EXPECT_EQ(refusal_to_prove(contoso_, made.id), kNoDomainClaim.name()) << "once only";
}

TEST_F(DomainClaimsTest, TheFirstToProveHasIt) {
  const DomainClaim ours = claim(contoso_, "contoso.com");
  const DomainClaim theirs = claim(fabrikam_, "contoso.com");
  EXPECT_EQ(refusal_to_prove(contoso_, ours.id), "");
  EXPECT_EQ(refusal_to_prove(fabrikam_, theirs.id), "directory.domain_taken");
  EXPECT_THAT(claims(fabrikam_), ElementsAre("contoso.com"));
  EXPECT_THAT(domains(fabrikam_), IsEmpty());
  EXPECT_EQ(domains(contoso_).size(), 1U);
}

TEST_F(DomainClaimsTest, NobodyProvesAnothersClaim) {
  const DomainClaim ours = claim(contoso_, "contoso.com");
  EXPECT_EQ(refusal_to_prove(fabrikam_, ours.id), kNoDomainClaim.name());
  EXPECT_EQ(refusal_to_withdraw(fabrikam_, "contoso.com"), kNoDomainClaim.name());
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return record_domain_check(transaction, fabrikam_.id, ours.id, "forged", kNow);
            }),
            kNoDomainClaim.name());
  write([&](storage::Transaction& transaction) { return delete_domain_claims(transaction, fabrikam_.id); });
  EXPECT_THAT(claims(contoso_), ElementsAre("contoso.com"));
  EXPECT_THAT(domains(fabrikam_), IsEmpty());
}

TEST_F(DomainClaimsTest, ADomainThatSupportAddsIsNoClaimAnyMore) {
  claim(contoso_, "contoso.com");
  claim(fabrikam_, "contoso.com");
  add_domain(contoso_, "contoso.com");
  EXPECT_THAT(claims(contoso_), IsEmpty());
  EXPECT_THAT(claims(fabrikam_), ElementsAre("contoso.com"));
}

TEST_F(DomainClaimsTest, KeepsWhatACheckFound) {
  const DomainClaim made = claim(contoso_, "contoso.com");
  write([&](storage::Transaction& transaction) {
    return record_domain_check(transaction, contoso_.id, made.id, "There is no record.", kLater);
  });
  const auto found = read([&](storage::Transaction& transaction) {
    return find_domain_claim(transaction, contoso_.id, "Contoso.com ");
  });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->checked_at, kLater);
  EXPECT_EQ(found->finding, "There is no record.");
  EXPECT_EQ(found->record_value, made.record_value);
}

TEST_F(DomainClaimsTest, CanBeWithdrawn) {
  claim(contoso_, "b.example");
  claim(contoso_, "a.example");
  EXPECT_THAT(claims(contoso_), ElementsAre("a.example", "b.example"));
  EXPECT_EQ(refusal_to_withdraw(contoso_, "B.example"), "");
  EXPECT_EQ(refusal_to_withdraw(contoso_, "b.example"), kNoDomainClaim.name());
  EXPECT_THAT(claims(contoso_), ElementsAre("a.example"));
  EXPECT_THAT(audit(contoso_).front(), HasSubstr("domain.claim_withdrawn b.example"));
  write([&](storage::Transaction& transaction) { return delete_domain_claims(transaction, contoso_.id); });
  EXPECT_THAT(claims(contoso_), IsEmpty());
  EXPECT_THAT(audit(contoso_).front(), Not(HasSubstr("a.example")));
}

}  // namespace
}  // namespace doorward::directory
