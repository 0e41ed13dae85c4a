#include "console/domains_api.h"

#include <map>

#include <gmock/gmock.h>

#include "console/console_test.h"
#include "directory/domain_claims.h"
#include "net/dns.h"

namespace doorward::console {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Demand = DomainsApi::Demand;

class DomainsApiTest : public ConsoleTest {
 protected:
  /// What the name server says; names that are not here do not exist.
  Result<std::vector<std::string>> look_up(std::string_view name) {
    asked_.emplace_back(name);
    if (while_asking_) while_asking_();
    const auto found = zone_.find(std::string(name));
    if (found == zone_.end()) return fail(ErrorKind::NotFound, net::kDnsNoName, "It does not exist.");
    return found->second;
  }

  json::Object add(std::string_view name, const http::Request* from = nullptr) {
    return sent(domains_, &DomainsApi::add, {.body = body(name), .from = from});
  }
  static std::string body(std::string_view name) { return json::serialize(json::Object{{"name", name}}); }
  json::Object check(const std::string& name, const http::Request* from = nullptr) {
    return sent(domains_, &DomainsApi::check, {.name = name, .from = from});
  }
  std::string refusal_to_check(const std::string& name, const http::Request* from = nullptr) {
    return refused(domains_, &DomainsApi::check, {.name = name, .from = from});
  }
  std::string refusal_to_remove(const std::string& name, const http::Request* from = nullptr) {
    return refused(domains_, &DomainsApi::remove, {.name = name, .from = from});
  }
  json::Object list(const http::Request* from = nullptr) {
    return sent(domains_, &DomainsApi::domains, {.from = from});
  }
  static std::vector<std::string> names(const json::Object& list, std::string_view member) {
    std::vector<std::string> found;
    for (const auto& item : list.at(member).as_array())
      found.emplace_back(item.at("name").as_string());
    return found;
  }
  static std::string text(const json::Value& value) { return std::string(value.as_string()); }
  /// The name server says what the first claim of the list asks for.
  void publish(const json::Object& list) {
    const auto& claim = list.at("claims").at(0);
    zone_[text(claim.at("recordName"))] = {text(claim.at("recordValue"))};
  }
  void add_proven(const directory::Account& account, std::string_view name, directory::DomainProof proof) {
    write([&](storage::Transaction& transaction) {
      return directory::add_domain(
          transaction, {.account = account.id, .name = std::string(name), .proof = proof}, kSupport, kNow);
    });
  }
  void put_into_domain(const directory::Employee& employee, std::string_view name) {
    write([&](storage::Transaction& transaction) {
      return transaction.execute("UPDATE employees SET email_domain = $2 WHERE id = $1", {employee.id, name});
    });
  }
  void enforce() {
    add_connection(contoso_.account, "https://idp.example");
    write([&](storage::Transaction& transaction) {
      return directory::enforce_sso(transaction, contoso_.account.id, "test", kSupport, kNow);
    });
  }

  std::map<std::string, std::vector<std::string>> zone_;
  std::vector<std::string> asked_;
  /// Happens between the question and the answer.
  std::function<void()> while_asking_;
  DomainsApi::LookUp look_up_ = [this](std::string_view name) { return look_up(name); };
  DomainsApi domains_{{*database_, clock_, sessions_}, Demand::Proof, look_up_};
  http::Request other_ = request_of(fabrikam_.account, fabrikam_.administrator);
};

TEST_F(DomainsApiTest, IsForAdministrators) {
  expect_for_administrators_only(
      domains_, {&DomainsApi::domains, &DomainsApi::add, &DomainsApi::check, &DomainsApi::remove});
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(DomainsApiTest, StartsEmpty) {
  const auto shown = list();
  EXPECT_THAT(names(shown, "domains"), IsEmpty());
  EXPECT_THAT(names(shown, "claims"), IsEmpty());
  EXPECT_TRUE(shown.at("proofRequired").as_bool());
}

TEST_F(DomainsApiTest, ADomainIsAddedOnceTheNameServerProvesIt) {
  const auto response = must(send(domains_, &DomainsApi::add, {.body = body(" Contoso.COM ")}));
  EXPECT_EQ(response.status, http::Status::Created);
  const auto claimed = must(json::parse(response.body)).as_object();
  const auto& claim = claimed.at("claims").at(0);
  EXPECT_EQ(text(claim.at("name")), "contoso.com");
  EXPECT_EQ(text(claim.at("recordName")), "_doorward.contoso.com");
  EXPECT_THAT(text(claim.at("recordValue")), testing::StartsWith("doorward-verification="));
  EXPECT_EQ(text(claim.at("claimedAt")), format_rfc3339(kNow));
  EXPECT_TRUE(claim.at("checkedAt").is_null());
  EXPECT_EQ(text(claim.at("finding")), "");
  EXPECT_THAT(names(claimed, "domains"), IsEmpty());

  clock_.advance(std::chrono::minutes(1));
  const auto early = check("contoso.com");
  EXPECT_THAT(asked_, ElementsAre("_doorward.contoso.com"));
  EXPECT_EQ(text(early.at("checked").at("name")), "contoso.com");
  EXPECT_FALSE(early.at("checked").at("proven").as_bool());
  EXPECT_THAT(text(early.at("checked").at("finding")), HasSubstr("There is no record"));
  EXPECT_EQ(early.at("claims").at(0).at("finding"), early.at("checked").at("finding"));
  EXPECT_EQ(text(early.at("claims").at(0).at("checkedAt")), format_rfc3339(kNow + std::chrono::minutes(1)));
  EXPECT_EQ(list().at("claims"), early.at("claims"));

  publish(early);
  const auto proven = check("Contoso.com");
  EXPECT_TRUE(proven.at("checked").at("proven").as_bool());
  EXPECT_THAT(names(proven, "claims"), IsEmpty());
  const auto& domain = proven.at("domains").at(0);
  EXPECT_EQ(text(domain.at("name")), "contoso.com");
  EXPECT_EQ(text(domain.at("proof")), "dns");
  EXPECT_EQ(text(domain.at("addedAt")), format_rfc3339(kNow + std::chrono::minutes(1)));
  EXPECT_EQ(refusal_to_check("contoso.com"), "directory.no_domain_claim");
}

TEST_F(DomainsApiTest, CountsWhoseAddressIsInside) {
  add_domain(contoso_.account, "contoso.com");
  add_domain(contoso_.account, "contoso.net");
  put_into_domain(contoso_.employee, "contoso.com");
  put_into_domain(contoso_.administrator, "contoso.com");
  put_into_domain(fabrikam_.employee, "contoso.com");
  const auto shown = list();
  EXPECT_EQ(shown.at("domains").at(0).at("activeEmployees").as_int64(), 2);
  EXPECT_EQ(shown.at("domains").at(1).at("activeEmployees").as_int64(), 0);
}

TEST_F(DomainsApiTest, RefusesWhatIsNoDomainOfACompany) {
  EXPECT_EQ(refused(domains_, &DomainsApi::add, {.body = body("gmail.com")}), "directory.public_domain");
  EXPECT_EQ(refused(domains_, &DomainsApi::add, {.body = body("")}), "directory.bad_domain");
  EXPECT_EQ(refused(domains_, &DomainsApi::add, {.body = "{}"}), "directory.bad_domain");
  EXPECT_EQ(refused(domains_, &DomainsApi::add, {.body = body(std::string(60'000, 'a') + ".example")}),
            "directory.bad_domain");
  EXPECT_EQ(refused(domains_, &DomainsApi::add, {.body = R"({"name":"a.example","proof":"dns"})"}),
            "api.bad_body");
  EXPECT_NE(refused(domains_, &DomainsApi::add, {.body = R"({"name":["a.example"]})"}), "");
  EXPECT_NE(refused(domains_, &DomainsApi::add, {}), "");
  add_domain(contoso_.account, "contoso.com");
  EXPECT_EQ(refused(domains_, &DomainsApi::add, {.body = body("contoso.com")}), "directory.domain_proven");
  EXPECT_THAT(names(list(), "claims"), IsEmpty());
}

TEST_F(DomainsApiTest, OrderMatters) {
  EXPECT_EQ(refusal_to_check("contoso.com"), "directory.no_domain_claim");
  EXPECT_EQ(refusal_to_remove("contoso.com"), "directory.no_domain_claim");
  add_domain(contoso_.account, "contoso.com");
  EXPECT_EQ(refusal_to_check("contoso.com"), "directory.no_domain_claim");
  EXPECT_EQ(refusal_to_check("' OR 1=1 --"), "directory.no_domain_claim");
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(DomainsApiTest, AccountsKnowNothingOfEachOther) {
  const auto ours = add("contoso.com");
  EXPECT_THAT(names(list(&other_), "claims"), IsEmpty());
  EXPECT_EQ(refusal_to_check("contoso.com", &other_), "directory.no_domain_claim");
  EXPECT_EQ(refusal_to_remove("contoso.com", &other_), "directory.no_domain_claim");
  add_proven(contoso_.account, "contoso.net", directory::DomainProof::Dns);
  EXPECT_EQ(refusal_to_remove("contoso.net", &other_), "directory.no_domain_claim");
  EXPECT_THAT(names(list(), "domains"), ElementsAre("contoso.net"));
}

TEST_F(DomainsApiTest, AnothersRecordProvesNothing) {
  publish(add("contoso.com"));
  add("contoso.com", &other_);
  const auto stolen = check("contoso.com", &other_);
  EXPECT_FALSE(stolen.at("checked").at("proven").as_bool());
  EXPECT_THAT(names(stolen, "domains"), IsEmpty());
  EXPECT_TRUE(check("contoso.com").at("checked").at("proven").as_bool());
}

TEST_F(DomainsApiTest, TheSecondToProveHearsThatItIsInUse) {
  publish(add("contoso.com", &other_));
  EXPECT_TRUE(check("contoso.com", &other_).at("checked").at("proven").as_bool());
  publish(add("contoso.com"));
  const auto late = check("contoso.com");
  EXPECT_FALSE(late.at("checked").at("proven").as_bool());
  EXPECT_THAT(text(late.at("checked").at("finding")), HasSubstr("in use already"));
  EXPECT_THAT(text(late.at("checked").at("finding")), Not(HasSubstr("fabrikam")));
  EXPECT_THAT(names(late, "claims"), ElementsAre("contoso.com"));
  EXPECT_THAT(names(late, "domains"), IsEmpty());
}

TEST_F(DomainsApiTest, AClaimThatGoesMeanwhileProvesNothing) {
  publish(add("contoso.com"));
  while_asking_ = [&] { EXPECT_EQ(refusal_to_remove("contoso.com"), ""); };
  EXPECT_EQ(refusal_to_check("contoso.com"), "directory.no_domain_claim");
  EXPECT_THAT(names(list(), "domains"), IsEmpty());

  // Made anew it asks for another value.
  publish(add("contoso.com"));
  while_asking_ = [&] {
    EXPECT_EQ(refusal_to_remove("contoso.com"), "");
    add("contoso.com");
  };
  EXPECT_EQ(refusal_to_check("contoso.com"), "directory.no_domain_claim");
  EXPECT_THAT(names(list(), "domains"), IsEmpty());
  EXPECT_THAT(names(list(), "claims"), ElementsAre("contoso.com"));
}

TEST_F(DomainsApiTest, AsksTheNameServerSoOftenOnly) {
  add("contoso.com");
  add("contoso.net");
  add("fabrikam.com", &other_);
  for (std::size_t i = 0; i < CheckGuard::kPerHour; ++i)
    check(i % 2 == 0 ? "contoso.com" : "contoso.net");
  const auto refusal = send(domains_, &DomainsApi::check, {.name = "contoso.com"});
  ASSERT_FALSE(refusal);
  EXPECT_EQ(refusal.error().kind, ErrorKind::RateLimited);
  EXPECT_THAT(refusal.error().message, HasSubstr("in 60 min"));
  EXPECT_EQ(asked_.size(), CheckGuard::kPerHour);
  EXPECT_EQ(refusal_to_check("fabrikam.com", &other_), "");
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(refusal_to_check("contoso.com"), "");
}

TEST_F(DomainsApiTest, RemovesClaimsAndDomains) {
  add("contoso.com");
  add_proven(contoso_.account, "contoso.net", directory::DomainProof::Dns);
  const auto after_one = sent(domains_, &DomainsApi::remove, {.name = "Contoso.com"});
  EXPECT_THAT(names(after_one, "claims"), IsEmpty());
  EXPECT_THAT(names(after_one, "domains"), ElementsAre("contoso.net"));
  const auto after_both = sent(domains_, &DomainsApi::remove, {.name = "contoso.net"});
  EXPECT_THAT(names(after_both, "domains"), IsEmpty());
}

TEST_F(DomainsApiTest, WhatSupportAddedStays) {
  add_domain(contoso_.account, "contoso.com");
  EXPECT_EQ(refusal_to_remove("contoso.com"), "api.domain_of_support");
  EXPECT_THAT(names(list(), "domains"), ElementsAre("contoso.com"));
}

TEST_F(DomainsApiTest, NobodyIsLockedOutByARemoval) {
  add_proven(contoso_.account, "contoso.com", directory::DomainProof::Dns);
  add_proven(contoso_.account, "contoso.net", directory::DomainProof::Dns);
  put_into_domain(contoso_.employee, "contoso.com");
  enforce();
  const auto refusal = send(domains_, &DomainsApi::remove, {.name = "CONTOSO.com"});
  ASSERT_FALSE(refusal);
  EXPECT_EQ(refusal.error().kind, ErrorKind::Conflict);
  EXPECT_THAT(refusal.error().message, HasSubstr("1 active employee has an address in contoso.com"));
  EXPECT_EQ(refusal_to_remove("contoso.net"), "");
  EXPECT_THAT(names(list(), "domains"), ElementsAre("contoso.com"));
  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, contoso_.account.id, contoso_.employee.id,
                                          directory::LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_EQ(refusal_to_remove("contoso.com"), "");
}

TEST_F(DomainsApiTest, WithoutSsoADomainGoesWithItsPeople) {
  add_proven(contoso_.account, "contoso.com", directory::DomainProof::Administrator);
  put_into_domain(contoso_.employee, "contoso.com");
  EXPECT_EQ(refusal_to_remove("contoso.com"), "");
}

TEST_F(DomainsApiTest, AnAdministratorsWordMayBeEnough) {
  DomainsApi trusting({*database_, clock_, sessions_}, Demand::AdministratorsWord, look_up_);
  const auto shown = sent(trusting, &DomainsApi::add, {.body = body("Contoso.com")});
  EXPECT_FALSE(shown.at("proofRequired").as_bool());
  EXPECT_THAT(names(shown, "domains"), ElementsAre("contoso.com"));
  EXPECT_EQ(text(shown.at("domains").at(0).at("proof")), "administrator");
  EXPECT_THAT(names(shown, "claims"), IsEmpty());
  EXPECT_EQ(refused(trusting, &DomainsApi::add, {.body = body("contoso.com"), .from = &other_}),
            "directory.domain_taken");
  EXPECT_EQ(refused(trusting, &DomainsApi::add, {.body = body("gmail.com")}), "directory.public_domain");
  EXPECT_EQ(refused(trusting, &DomainsApi::remove, {.name = "contoso.com"}), "");
}

}  // namespace
}  // namespace doorward::console
