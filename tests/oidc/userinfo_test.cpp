#include <gmock/gmock.h>

#include "directory/groups.h"
#include "oidc/claims.h"
#include "oidc/provider_test.h"

namespace doorward::oidc {
namespace {

using testing::HasSubstr;

class UserinfoTest : public ProviderTest {
 protected:
  UserinfoTest() { sign_in(ada_); }

  std::string access(std::string_view scope) {
    return text(get_tokens({{"scope", std::string(scope)}}), "access_token");
  }
  json::Object claims(std::string_view scope) { return parsed(userinfo(access(scope))); }
};

TEST_F(UserinfoTest, TellsWhatTheScopeAllows) {
  EXPECT_EQ(json::serialize(claims("openid")),
            json::serialize(json::Object{
                {"sub", ada_.public_id}, {"account", "contoso"}, {"account_id", contoso_.public_id}}));
  const auto profile = claims("openid profile");
  EXPECT_EQ(text(profile, "name"), "ada@contoso.example");
  EXPECT_EQ(text(profile, "preferred_username"), "ada@contoso.example");
  EXPECT_EQ(profile.at("updated_at").as_int64(), to_seconds(kNow));
  EXPECT_FALSE(profile.contains("email"));
  EXPECT_FALSE(profile.contains("locale"));
  EXPECT_EQ(text(claims("openid email"), "email"), "ada@contoso.example");
}

TEST_F(UserinfoTest, AnAddressIsVerifiedInAProvenDomainOnly) {
  EXPECT_FALSE(claims("openid email").at("email_verified").as_bool());
  write([&](storage::Transaction& transaction) {
    return directory::add_domain(
        transaction,
        {.account = contoso_.id, .name = "contoso.example", .proof = directory::DomainProof::Administrator},
        kSupport, kNow);
  });
  EXPECT_FALSE(claims("openid email").at("email_verified").as_bool());
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(directory::remove_domain(transaction, contoso_.id, "contoso.example", kSupport, kNow));
    RETURN_IF_ERROR(directory::add_domain(
        transaction,
        {.account = contoso_.id, .name = "contoso.example", .proof = directory::DomainProof::Dns}, kSupport,
        kNow));
    return {};
  });
  EXPECT_TRUE(claims("openid email").at("email_verified").as_bool());
}

// A test account matches employees by its parent's domains; it proves nothing to applications.
TEST_F(UserinfoTest, TheParentsDomainVerifiesNobodyElse) {
  add_domain(contoso_, "contoso.example");
  const auto copy = write([&](storage::Transaction& transaction) {
    return directory::create_account(transaction, {.name = "copy", .parent = contoso_.id}, kSupport, kNow);
  });
  const auto impostor = add_employee(copy, "boss@contoso.example");
  const auto told = read([&](storage::Transaction& transaction) {
    return read_claims(transaction, copy, impostor, protocol::Scope("email"), ClaimsFor::UserInfo);
  });
  EXPECT_FALSE(told.at("email_verified").as_bool());
}

TEST_F(UserinfoTest, NamesGroupsAndDepartments) {
  const auto group = write([&](storage::Transaction& transaction) {
    return directory::create_group(transaction, {.account = contoso_.id, .display_name = "Writers"},
                                   kDirectory, kNow);
  });
  const std::vector<std::string> members = {ada_.public_id};
  write([&](storage::Transaction& transaction) {
    return directory::add_members(transaction, contoso_.id, group.id, members, kDirectory, kNow);
  });
  const auto told = claims("openid groups departments");
  EXPECT_EQ(json::serialize(told.at("groups")), "[\"Writers\"]");
  EXPECT_EQ(told.at("departments").as_array().size(), 1U);
  EXPECT_FALSE(claims("openid").contains("groups"));
}

TEST_F(UserinfoTest, AnIdTokenNamesManyGroupsNowhere) {
  const std::vector<std::string> members = {ada_.public_id};
  write([&](storage::Transaction& transaction) -> Result<void> {
    for (std::size_t i = 0; i <= kMaxTokenGroups; ++i) {
      ASSIGN_OR_RETURN(
          const auto group,
          directory::create_group(transaction,
                                  {.account = contoso_.id, .display_name = "Group " + std::to_string(i)},
                                  kDirectory, kNow));
      RETURN_IF_ERROR(directory::add_members(transaction, contoso_.id, group.id, members, kDirectory, kNow));
    }
    return {};
  });
  const auto tokens = get_tokens({{"scope", "openid groups"}});
  EXPECT_FALSE(verified(text(tokens, "id_token")).contains("groups"));
  EXPECT_EQ(parsed(userinfo(text(tokens, "access_token"))).at("groups").as_array().size(),
            kMaxTokenGroups + 1);
}

TEST_F(UserinfoTest, TakesTheTokenFromTheHeaderOrTheBodyOnly) {
  const std::string token = access("openid");
  EXPECT_EQ(call(&Provider::userinfo, {{"access_token", token}}).status, http::Status::Ok);
  http::Request both = posted({{"access_token", token}});
  both.headers.set("Authorization", "Bearer " + token);
  EXPECT_EQ(must(provider_.userinfo(both)).status, http::Status::BadRequest);
  http::Request in_address = request("/oauth2/userinfo");
  in_address.query = "access_token=" + token;
  const auto refused = must(provider_.userinfo(in_address));
  EXPECT_EQ(refused.status, http::Status::Unauthorized);
  // RFC 6750 section 3.1: no error where no token was seen.
  EXPECT_EQ(field(refused, "WWW-Authenticate"), "Bearer realm=\"Doorward\"");
}

TEST_F(UserinfoTest, RefusesTokensThatAreNobodys) {
  const auto tokens = get_tokens({{"scope", "openid offline_access"}});
  for (const std::string& token :
       {std::string("x"), std::string("dwa_x"), std::string(20'000, 'x'), text(tokens, "refresh_token"),
        text(tokens, "id_token"), std::string("a.b.c"), std::string("..")}) {
    const auto refused = userinfo(token);
    EXPECT_EQ(refused.status, http::Status::Unauthorized);
    EXPECT_THAT(field(refused, "WWW-Authenticate"), HasSubstr("error=\"invalid_token\""));
  }
  EXPECT_TRUE(lives(tokens));
  const std::string of_oauth = access("profile");
  const auto refused = userinfo(of_oauth);
  EXPECT_EQ(refused.status, http::Status::Forbidden);
  EXPECT_THAT(field(refused, "WWW-Authenticate"), HasSubstr("scope=\"openid\""));
}

TEST_F(UserinfoTest, ALeaversTokenEndsAtOnce) {
  const auto tokens = get_tokens({{"scope", "openid offline_access"}});
  EXPECT_TRUE(lives(tokens));
  deactivate(ada_);
  EXPECT_FALSE(lives(tokens));
}

TEST_F(UserinfoTest, ATokenEndsWithItsSessionAndItsApplication) {
  const auto tokens = get_tokens();
  change(wiki_, [](auto& settings) { settings.active = false; });
  EXPECT_FALSE(lives(tokens));
}

TEST_F(UserinfoTest, PagesOfTheApplicationMayReadIt) {
  http::Request made = request("/oauth2/userinfo");
  made.headers.set("Authorization", "Bearer " + access("openid"));
  made.headers.set("Origin", "https://wiki.contoso.example");
  EXPECT_EQ(field(must(provider_.userinfo(made)), "Access-Control-Allow-Origin"),
            "https://wiki.contoso.example");
  made.headers.set("Origin", "https://evil.example");
  EXPECT_EQ(field(must(provider_.userinfo(made)), "Access-Control-Allow-Origin"), "");
}

}  // namespace
}  // namespace doorward::oidc
