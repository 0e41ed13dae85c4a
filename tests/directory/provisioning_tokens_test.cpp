#include "directory/provisioning_tokens.h"

#include "directory/notices.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;

class ProvisioningTokensTest : public DirectoryTest {
 protected:
  ProvisioningSecret issue() { return ProvisioningSecret::issue(account_); }
  ProvisioningToken create(const ProvisioningSecret& secret, const NewProvisioningToken& token = {},
                           Timestamp now = kNow) {
    return write([&](storage::Transaction& transaction) {
      return create_provisioning_token(transaction, account_, secret, token, kAdministrator, now);
    });
  }
  std::string refusal(const NewProvisioningToken& token, Timestamp now = kNow) {
    return refusal_of([&](storage::Transaction& transaction) {
      return create_provisioning_token(transaction, account_, issue(), token, kAdministrator, now);
    });
  }
  void revoke(const ProvisioningToken& token, Timestamp now = kNow) {
    write([&](storage::Transaction& transaction) {
      return revoke_provisioning_token(transaction, account_.id, token.id, kAdministrator, now);
    });
  }
  std::optional<Bearer> find(const ProvisioningSecret& secret) {
    return read([&](storage::Transaction& transaction) { return find_bearer(transaction, secret); });
  }
  /// The public id of what is found, or the code of the failure.
  std::string named(std::string_view name, Timestamp now = kNow) {
    const auto found = database_->read([&](storage::Transaction& transaction) {
      return find_provisioning_token(transaction, account_.id, name, now);
    });
    return found ? found->public_id : std::string(found.error().code.name());
  }
  std::vector<ProvisioningToken> list(const Account& account) {
    return read(
        [&](storage::Transaction& transaction) { return list_provisioning_tokens(transaction, account.id); });
  }
  std::vector<AuditEntry> audit() {
    return read(
        [&](storage::Transaction& transaction) { return list_audit(transaction, account_.id, {}, 100); });
  }

  Account account_ = add_account("contoso");
  Account other_ = add_account("fabrikam");
};

TEST_F(ProvisioningTokensTest, TheSecretLeadsToItsAccount) {
  const ProvisioningSecret secret = issue();
  const ProvisioningToken token = create(secret, {.name = " Entra ", .scope = TokenScope::Users});
  EXPECT_TRUE(secret.value().reveal().starts_with("scim_" + account_.public_id + "."));
  const auto parsed = ProvisioningSecret::parse(secret.value().reveal());
  ASSERT_TRUE(parsed);
  const auto bearer = find(*parsed);
  ASSERT_TRUE(bearer);
  EXPECT_EQ(bearer->account.id, account_.id);
  EXPECT_EQ(bearer->account.slug, "contoso");
  EXPECT_EQ(bearer->token.id, token.id);
  EXPECT_EQ(bearer->token.account, account_.id);
  EXPECT_EQ(bearer->token.name, "Entra");
  EXPECT_EQ(bearer->token.scope, TokenScope::Users);
  EXPECT_EQ(bearer->token.created_at, kNow);
  EXPECT_FALSE(bearer->token.last_used_at);
  EXPECT_FALSE(find(issue()));
}

TEST_F(ProvisioningTokensTest, NonsenseIsNoSecret) {
  const std::string good(issue().value().reveal());
  EXPECT_TRUE(ProvisioningSecret::parse(good));
  const std::string random = good.substr(good.size() - 43);
  for (const std::string& text :
       {std::string(), std::string("scim_"), good + "x", good.substr(1), good.substr(5),
        "SCIM_" + good.substr(5), "Bearer " + good, good.substr(0, good.size() - 1),
        good.substr(0, good.size() - 1) + "=", good.substr(0, good.size() - 1) + std::string(1, '\0'),
        "scim_" + account_.public_id + "-" + random, "scim_" + std::string(36, 'x') + "." + random,
        " " + good, good + "\n", std::string(85, '.')}) {
    EXPECT_FALSE(ProvisioningSecret::parse(text)) << text;
  }
}

TEST_F(ProvisioningTokensTest, OnlyTheHashIsStored) {
  const ProvisioningSecret secret = issue();
  create(secret);
  const std::string random(secret.value().reveal().substr(42));
  EXPECT_EQ(read([&](storage::Transaction& transaction) {
              return transaction.first(
                  "SELECT count(*) FROM provisioning_tokens WHERE token_hash = $1"
                  " OR public_id LIKE $2 OR name LIKE $2",
                  {storage::Blob{secret.value().reveal()}, "%" + random + "%"},
                  [](const storage::Row& row) { return row.integer(0); });
            }),
            0);
  for (const AuditEntry& entry : audit())
    EXPECT_EQ(json::serialize(entry.details).find(random), std::string::npos);
}

TEST_F(ProvisioningTokensTest, AnotherAccountsPrefixFindsNothing) {
  const ProvisioningSecret secret = issue();
  create(secret);
  const std::string random(secret.value().reveal().substr(42));
  const auto forged = ProvisioningSecret::parse("scim_" + other_.public_id + "." + random);
  ASSERT_TRUE(forged);
  EXPECT_FALSE(find(*forged));
  EXPECT_TRUE(list(other_).empty());
}

TEST_F(ProvisioningTokensTest, TwoLiveAndAThirdIsRefused) {
  const ProvisioningToken first = create(issue());
  EXPECT_EQ(first.name, "Directory");
  EXPECT_EQ(first.scope, TokenScope::Full);
  create(issue(), {.expires_at = kNow + hours(1)});
  EXPECT_EQ(refusal({}), kTooManyTokens.name());
  EXPECT_EQ(refusal({}, kNow + hours(1) - Duration(1)), kTooManyTokens.name());
  EXPECT_EQ(refusal({}, kNow + hours(1)), "") << "the second has expired";
  revoke(first, kNow + hours(1));
  EXPECT_EQ(refusal({}, kNow + hours(1)), "") << "the first is revoked";
  EXPECT_EQ(refusal({}, kNow + hours(1)), kTooManyTokens.name());
  EXPECT_EQ(list(account_).size(), 4u);
}

TEST_F(ProvisioningTokensTest, AnotherAccountsTokensDoNotCount) {
  create(issue());
  create(issue());
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return create_provisioning_token(transaction, other_, ProvisioningSecret::issue(other_), {},
                                               kAdministrator, kNow);
            }),
            "");
}

TEST_F(ProvisioningTokensTest, ValuesAreChecked) {
  EXPECT_EQ(refusal({.name = std::string(2000, 'x')}), "directory.value_too_long");
  EXPECT_EQ(refusal({.name = "\xff"}), "directory.value_not_text");
  EXPECT_EQ(refusal({.expires_at = kNow}), "directory.token_expired");
  EXPECT_EQ(refusal({.expires_at = kNow + Duration(1)}), "");
}

TEST_F(ProvisioningTokensTest, TheFreePlanHasNone) {
  const Account free = add_account("free", Plan::Free);
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return create_provisioning_token(transaction, free, ProvisioningSecret::issue(free), {},
                                               kSupport, kNow);
            }),
            "directory.plan_without_provisioning");
}

TEST_F(ProvisioningTokensTest, ExpiredAndRevokedOnesAreFoundAndDoNotLive) {
  const ProvisioningSecret expiring = issue();
  create(expiring, {.expires_at = kNow + hours(1)});
  ASSERT_TRUE(find(expiring));
  EXPECT_TRUE(find(expiring)->token.lives(kNow + hours(1) - Duration(1)));
  EXPECT_FALSE(find(expiring)->token.lives(kNow + hours(1)));
  const ProvisioningSecret secret = issue();
  const ProvisioningToken token = create(secret);
  EXPECT_TRUE(find(secret)->token.lives(kNow + hours(100'000)));
  revoke(token, kNow + hours(2));
  ASSERT_TRUE(find(secret));
  EXPECT_EQ(find(secret)->token.revoked_at, kNow + hours(2));
  EXPECT_FALSE(find(secret)->token.lives(kNow));
}

TEST_F(ProvisioningTokensTest, RevocationReachesTheCachesAndTheAuditOnce) {
  const ProvisioningToken token = create(issue(), {.name = "Entra", .scope = TokenScope::Read});
  std::vector<Notice> notices;
  on_notice(*database_, [&](const Notice& notice) { notices.push_back(notice); });
  revoke(token);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].account, account_.id);
  EXPECT_FALSE(notices[0].employee || notices[0].session);
  revoke(token, kNow + hours(1));
  EXPECT_EQ(notices.size(), 1u);
  EXPECT_EQ(list(account_).front().revoked_at, kNow) << "the first revocation counts";
  const auto entries = audit();
  ASSERT_GE(entries.size(), 2u);
  EXPECT_EQ(entries[0].action, "provisioning_token.revoked");
  EXPECT_EQ(entries[0].target, token.public_id);
  EXPECT_EQ(entries[0].actor.name, kAdministrator.name);
  EXPECT_EQ(json::serialize(entries[0].details), R"({"name":"Entra","scope":"read"})");
  EXPECT_EQ(entries[1].action, "provisioning_token.created");
  EXPECT_EQ(json::serialize(entries[1].details), R"({"name":"Entra","scope":"read"})");
}

TEST_F(ProvisioningTokensTest, AnotherAccountRevokesAndTouchesNothing) {
  const ProvisioningSecret secret = issue();
  const ProvisioningToken token = create(secret);
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return revoke_provisioning_token(transaction, other_.id, token.id, kAdministrator, kNow);
            }),
            kNoToken.name());
  write([&](storage::Transaction& transaction) {
    return touch_provisioning_token(transaction, other_.id, token.id, "192.0.2.1", kNow);
  });
  EXPECT_FALSE(find(secret)->token.revoked_at);
  EXPECT_FALSE(find(secret)->token.last_used_at);
}

TEST_F(ProvisioningTokensTest, FoundByIdElseByTheNameOfALivingOne) {
  const ProvisioningToken old = create(issue(), {.name = "Entra", .expires_at = kNow + hours(1)});
  const ProvisioningToken fresh = create(issue(), {.name = "entra"});
  EXPECT_EQ(named("Entra"), kNoToken.name()) << "two have the name";
  EXPECT_EQ(named("Entra", kNow + hours(1)), fresh.public_id);
  EXPECT_EQ(named(old.public_id, kNow + hours(1)), old.public_id) << "by id, expired or not";
  revoke(fresh);
  EXPECT_EQ(named(" ENTRA "), old.public_id);
  EXPECT_EQ(named("Okta"), kNoToken.name());
  EXPECT_EQ(named(""), kNoToken.name());
  const auto elsewhere = database_->read([&](storage::Transaction& transaction) {
    return find_provisioning_token(transaction, other_.id, old.public_id, kNow);
  });
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().code.name(), kNoToken.name());
}

TEST_F(ProvisioningTokensTest, TouchesGoForwardOnly) {
  const ProvisioningSecret secret = issue();
  const ProvisioningToken token = create(secret);
  const auto touch = [&](std::string_view address, Timestamp at) {
    write([&](storage::Transaction& transaction) {
      return touch_provisioning_token(transaction, account_.id, token.id, address, at);
    });
  };
  touch("192.0.2.1", kNow + hours(2));
  touch("192.0.2.2", kNow + hours(1));
  EXPECT_EQ(find(secret)->token.last_used_at, kNow + hours(2));
  EXPECT_EQ(find(secret)->token.last_used_address, "192.0.2.1");
  touch(std::string(999, '1') + "\n", kNow + hours(3));
  EXPECT_EQ(find(secret)->token.last_used_at, kNow + hours(3));
  EXPECT_LE(find(secret)->token.last_used_address.size(), 70u);
}

TEST_F(ProvisioningTokensTest, ListsTheNewestFirst) {
  const ProvisioningToken first = create(issue(), {.name = "first"});
  revoke(first);
  create(issue(), {.name = "second"});
  const auto tokens = list(account_);
  ASSERT_EQ(tokens.size(), 2u);
  EXPECT_EQ(tokens[0].name, "second");
  EXPECT_EQ(tokens[1].name, "first");
  EXPECT_TRUE(tokens[1].revoked_at);
}

TEST_F(ProvisioningTokensTest, ScopesHaveWords) {
  for (const TokenScope scope : {TokenScope::Full, TokenScope::Users, TokenScope::Groups, TokenScope::Read}) {
    EXPECT_EQ(parse_token_scope(to_text(scope)), scope);
  }
  EXPECT_FALSE(parse_token_scope("Full"));
  EXPECT_FALSE(parse_token_scope(""));
}

}  // namespace
}  // namespace doorward::directory
