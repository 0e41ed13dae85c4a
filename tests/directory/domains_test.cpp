#include "directory/domains.h"

#include "directory_test.h"

namespace doorward::directory {
namespace {

class DomainsTest : public DirectoryTest {
 protected:
  std::string refusal_to_add(const Account& account, std::string_view name) {
    return refusal_of([&](storage::Transaction& transaction) {
      return directory::add_domain(transaction, {.account = account.id, .name = std::string(name)}, kSupport,
                                   kNow);
    });
  }
  std::optional<Route> route(std::string_view email) {
    return read([&](storage::Transaction& transaction) { return find_route(transaction, email); });
  }

  Account contoso_ = add_account("contoso");
  Account fabrikam_ = add_account("fabrikam");
};

TEST(NormaliseDomainTest, LowersAndTrims) {
  EXPECT_EQ(normalise_domain(" Contoso.COM. ").value(), "contoso.com");
  EXPECT_EQ(normalise_domain("xn--bcher-kva.example").value(), "xn--bcher-kva.example");
  EXPECT_EQ(normalise_domain("3m.example").value(), "3m.example");
}

TEST(NormaliseDomainTest, RefusesWhatIsNoDomain) {
  for (const std::string& text :
       {std::string(), std::string("com"), std::string("a..com"), std::string(".com"), std::string("-a.com"),
        std::string("a-.com"), std::string("a b.com"), std::string("bob@contoso.com"), std::string("1.2.3.4"),
        std::string("[::1]"), std::string("https://contoso.com"), std::string("*.contoso.com"),
        std::string("contoso.com/"), std::string("contoso.com\0.evil", 17), std::string(64, 'a') + ".com",
        std::string("bücher.example"), std::string("c\xd0\xbentoso.com")}) {
    EXPECT_FALSE(normalise_domain(text)) << text;
  }
  std::string long_name;
  for (int i = 0; i < 130; ++i)
    long_name += "a.";
  EXPECT_FALSE(normalise_domain(long_name + "com"));
}

TEST(EmailAddressTest, IsWhatAPersonMayType) {
  for (const char* text : {"bob@contoso.com", "Bob.O'Neil+x@Contoso.COM", "b@xn--bcher-kva.example"})
    EXPECT_TRUE(is_email_address(text)) << text;
  for (const char* text :
       {"", "bob", "@contoso.com", "bob@", "bob@com", "a@b@contoso.com", "bob smith@contoso.com",
        "Bob <bob@contoso.com", "\"bob\"@contoso.com", "bob@contoso.com "}) {
    EXPECT_FALSE(is_email_address(text)) << text;
  }
}

TEST(EmailDomainTest, IsWhatStandsBehindTheLastAt) {
  EXPECT_EQ(email_domain("Bob@Contoso.COM"), "contoso.com");
  EXPECT_EQ(email_domain("\"a@b\"@contoso.com"), "contoso.com");
  EXPECT_EQ(email_domain("a@contoso.com@evil.example"), "evil.example");
  for (const char* text : {"", "bob", "@contoso.com", "bob@", "bob@com", "bob@contoso.com ",
                           "bob@contoso.com.", "bob@[1.2.3.4]", "bob@1.2.3.4", "bob@contoso.com\n"}) {
    EXPECT_EQ(email_domain(text), std::nullopt) << text;
  }
}

TEST_F(DomainsTest, PublicProvidersBelongToNobody) {
  EXPECT_EQ(refusal_to_add(contoso_, "GMail.com"), "directory.public_domain");
  EXPECT_EQ(refusal_to_add(contoso_, "outlook.com."), "directory.public_domain");
  EXPECT_EQ(refusal_to_add(contoso_, "notgmail.com"), "");
}

TEST_F(DomainsTest, ADomainBelongsToOneAccount) {
  EXPECT_EQ(add_domain(contoso_, "Contoso.com").name, "contoso.com");
  const auto outcome = database_->write([&](storage::Transaction& transaction) {
    return directory::add_domain(transaction, {.account = fabrikam_.id, .name = "CONTOSO.com"}, kSupport,
                                 kNow);
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(outcome.error().message.find("contoso "), std::string::npos);
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return remove_domain(transaction, fabrikam_.id, "contoso.com", kSupport, kNow);
            }),
            "directory.no_domain");
  write([&](storage::Transaction& transaction) {
    return remove_domain(transaction, contoso_.id, "CONTOSO.com", kSupport, kNow);
  });
  EXPECT_EQ(refusal_to_add(fabrikam_, "contoso.com"), "");
  EXPECT_TRUE(read([&](storage::Transaction& transaction) {
                return list_domains(transaction, contoso_.id);
              }).empty());
}

TEST_F(DomainsTest, RoutesByExactDomain) {
  add_domain(contoso_, "contoso.com");
  EXPECT_EQ(route("bob@fabrikam.com"), std::nullopt);
  EXPECT_EQ(route("bob@mail.contoso.com"), std::nullopt);
  EXPECT_EQ(route("nonsense"), std::nullopt);
  ASSERT_TRUE(route(" Bob@CONTOSO.com "));
  EXPECT_EQ(route("bob@contoso.com")->account_slug, "contoso");
  EXPECT_EQ(route("bob@contoso.com")->connection, std::nullopt);
  const Connection connection = add_connection(contoso_, "https://idp.example");
  EXPECT_EQ(route("bob@contoso.com")->connection, connection.id);
  write([&](storage::Transaction& transaction) {
    return set_connection_state(transaction, contoso_.id, connection.id, ConnectionState::Inactive, kSupport,
                                kNow);
  });
  EXPECT_EQ(route("bob@contoso.com")->connection, std::nullopt);
}

TEST_F(DomainsTest, RoutesToTheDomainsConnection) {
  const Connection first = add_connection(contoso_, "https://one.example");
  EXPECT_EQ(add_domain(contoso_, "contoso.com").connection, first.id);
  const Connection second = add_connection(contoso_, "https://two.example", "second");
  EXPECT_EQ(add_domain(contoso_, "other.example").connection, std::nullopt);
  EXPECT_EQ(route("a@other.example")->connection, std::nullopt);
  write([&](storage::Transaction& transaction) {
    return assign_domain(transaction, contoso_.id, "other.example", second.id, kSupport, kNow);
  });
  EXPECT_EQ(route("a@other.example")->connection, second.id);
  EXPECT_EQ(route("a@contoso.com")->connection, first.id);
}

TEST_F(DomainsTest, AnotherAccountsConnectionIsOutOfReach) {
  const Connection foreign = add_connection(fabrikam_, "https://idp.example");
  add_domain(contoso_, "contoso.com");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return assign_domain(transaction, contoso_.id, "contoso.com", foreign.id, kSupport, kNow);
            }),
            "directory.no_connection");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return directory::add_domain(
                  transaction, {.account = contoso_.id, .name = "x.example", .connection = foreign.id},
                  kSupport, kNow);
            }),
            "directory.no_connection");
}

}  // namespace
}  // namespace doorward::directory
