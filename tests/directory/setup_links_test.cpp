#include "directory/setup_links.h"

#include <gmock/gmock.h>

#include "directory/identity.h"
#include "directory/metadata_refreshes.h"
#include "directory/provisioning_tokens.h"
#include "directory/sessions.h"
#include "directory/setups.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;
using testing::HasSubstr;

class SetupLinksTest : public DirectoryTest {
 protected:
  SetupLinksTest() { start(account_); }

  void start(const Account& account) {
    write([&](storage::Transaction& transaction) {
      return start_setup(transaction, account.id, kAdministrator, kNow);
    });
  }
  SetupLinkSecret make(int days = 7) {
    const auto secret = SetupLinkSecret::issue(account_);
    write([&](storage::Transaction& transaction) {
      return create_setup_link(transaction, ada_, " Max (IT) ", days, secret, kAdministrator, kNow);
    });
    return secret;
  }
  std::string refusal(const Employee& maker, std::string_view name = "Max", int days = 7) {
    return refusal_of([&](storage::Transaction& transaction) {
      return create_setup_link(transaction, maker, name, days, SetupLinkSecret::issue(account_),
                               kAdministrator, kNow);
    });
  }
  DelegateSecret open(const SetupLinkSecret& secret, Timestamp now = kNow) {
    auto session = DelegateSecret::issue(account_);
    write([&](storage::Transaction& transaction) {
      return open_setup_link(transaction, secret, session, "192.0.2.7", now);
    });
    return session;
  }
  std::string opening_refusal(const SetupLinkSecret& secret, Timestamp now = kNow) {
    return refusal_of([&](storage::Transaction& transaction) {
      return open_setup_link(transaction, secret, DelegateSecret::issue(account_), "192.0.2.8", now);
    });
  }
  std::optional<Delegate> who(const DelegateSecret& session, Timestamp now = kNow) {
    return read([&](storage::Transaction& transaction) { return find_delegate(transaction, session, now); });
  }
  std::vector<SetupLink> list(const Account& account) {
    return read(
        [&](storage::Transaction& transaction) { return list_setup_links(transaction, account.id, 50); });
  }
  /// A session that was opened, and after `happens` stands for nobody; the link says why.
  template <class Body>
  void expect_ended_by(LinkEnd end, Body happens) {
    const DelegateSecret session = open(make());
    const auto delegate = who(session);
    ASSERT_TRUE(delegate);
    write(happens);
    EXPECT_FALSE(who(session));
    EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
                return require_delegate(transaction, *delegate, kNow);
              }),
              kSetupLinkEnded.name());
    EXPECT_EQ(list(account_).front().end, end);
    EXPECT_EQ(list(account_).front().ended_at, kNow);
  }
  std::string last_audit() {
    const auto entries =
        read([&](storage::Transaction& transaction) { return list_audit(transaction, account_.id, {}, 1); });
    return entries.front().action + " by " + entries.front().actor.name;
  }

  Account account_ = add_account("Contoso");
  Account other_ = add_account("Fabrikam");
  Employee ada_ = add_employee({.account = account_.id,
                                .profile = {.user_name = "ada@contoso.com", .email = "ada@contoso.com"},
                                .administrator = true});
  Employee eve_ = add_employee({.account = account_.id,
                                .profile = {.user_name = "eve@contoso.com", .email = "eve@contoso.com"},
                                .administrator = true});
};

TEST_F(SetupLinksTest, IsOpenedOnceByOneBrowser) {
  const auto secret = make();
  EXPECT_TRUE(secret.value().reveal().starts_with("dws_" + account_.public_id + "."));
  EXPECT_EQ(list(account_).front().name, "Max (IT)");
  EXPECT_FALSE(list(account_).front().opened_at);

  const auto session = open(secret, kNow + hours(1));
  const auto delegate = who(session, kNow + hours(2));
  ASSERT_TRUE(delegate);
  EXPECT_EQ(delegate->account.id, account_.id);
  EXPECT_EQ(delegate->link.opened_from, "192.0.2.7");
  EXPECT_EQ(delegate->link.opened_at, kNow + hours(1));
  EXPECT_EQ(last_audit(), "setup_link.opened by setup link Max (IT) of ada@contoso.com");

  EXPECT_EQ(opening_refusal(secret), kSetupLinkUsed.name());
  EXPECT_TRUE(who(session)) << "who comes late does not throw out who was first";
}

TEST_F(SetupLinksTest, NeitherSecretIsTheOther) {
  const auto secret = make();
  const auto session = open(secret);
  EXPECT_FALSE(DelegateSecret::parse(secret.value().reveal()));
  EXPECT_FALSE(SetupLinkSecret::parse(session.value().reveal()));
  EXPECT_FALSE(who(DelegateSecret::issue(account_)));
  EXPECT_EQ(opening_refusal(SetupLinkSecret::issue(account_)), kNoSetupLink.name());
  EXPECT_EQ(opening_refusal(SetupLinkSecret::issue(other_)), kNoSetupLink.name());
  // A secret of ours under another company's name.
  std::string moved(secret.value().reveal());
  moved.replace(4, account_.public_id.size(), other_.public_id);
  EXPECT_EQ(opening_refusal(*SetupLinkSecret::parse(moved)), kNoSetupLink.name());
}

TEST_F(SetupLinksTest, EndsByTheClock) {
  const auto secret = make(1);
  const auto late = make(30);
  const auto session = open(secret);
  EXPECT_TRUE(who(session, kNow + hours(24) - std::chrono::milliseconds(1)));
  EXPECT_FALSE(who(session, kNow + hours(24)));
  EXPECT_EQ(opening_refusal(late, kNow + hours(24 * 30)), kSetupLinkEnded.name());
}

TEST_F(SetupLinksTest, EndsWithWhateverItNeeds) {
  expect_ended_by(LinkEnd::Revoked, [&](storage::Transaction& transaction) {
    return end_setup_link(transaction, account_.id,
                          list_setup_links(transaction, account_.id, 1)->front().public_id, LinkEnd::Revoked,
                          kAdministrator, kNow);
  });
  expect_ended_by(LinkEnd::Cancelled, [&](storage::Transaction& transaction) {
    return end_all_setup_links(transaction, account_.id, LinkEnd::Cancelled, kAdministrator, kNow);
  });
  expect_ended_by(LinkEnd::Rights, [&](storage::Transaction& transaction) {
    return revoke_administrator(transaction, account_.id, ada_.id, LastAdministrator::MayGo, kSupport, kNow);
  });
  write([&](storage::Transaction& transaction) {
    return grant_administrator(transaction, account_.id, ada_.id, kSupport, kNow);
  });
  EXPECT_EQ(list(account_).front().end, LinkEnd::Rights) << "rights that come back bring no link back";
  expect_ended_by(LinkEnd::Rights, [&](storage::Transaction& transaction) {
    return deactivate_employee(transaction, account_.id, ada_.id, LastAdministrator::MayGo, kSupport, kNow);
  });
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(activate_employee(transaction, account_.id, ada_.id, kSupport, kNow));
    return grant_administrator(transaction, account_.id, ada_.id, kSupport, kNow);
  });
  expect_ended_by(LinkEnd::Rights, [&](storage::Transaction& transaction) {
    return delete_employee(transaction, account_.id, ada_.id, LastAdministrator::MayGo, kDirectory, kNow);
  });
}

TEST_F(SetupLinksTest, EndsWhenSsoIsEnabled) {
  add_connection(account_, "https://idp.example");
  add_domain(account_, "contoso.com");
  const auto unopened = make();
  expect_ended_by(LinkEnd::Enabled, [&](storage::Transaction& transaction) {
    return enforce_sso(transaction, account_.id, "test", kSupport, kNow);
  });
  EXPECT_EQ(opening_refusal(unopened), kSetupLinkEnded.name());
  EXPECT_EQ(refusal(ada_), "directory.sso_enforced");
}

/// Should an end ever not be written down, the link is dead all the same.
TEST_F(SetupLinksTest, LivesOnlyWhileEverythingHolds) {
  const auto session = open(make());
  for (const auto& [breaks, mends] : std::vector<std::pair<const char*, const char*>>{
           {"UPDATE employees SET administrator = 0", "UPDATE employees SET administrator = 1"},
           {"UPDATE employees SET active = 0, administrator = 0",
            "UPDATE employees SET active = 1, administrator = 1"},
           {"UPDATE accounts SET plan = 'free'", "UPDATE accounts SET plan = 'enterprise'"},
           {"UPDATE accounts SET sso_enforced_at = 1", "UPDATE accounts SET sso_enforced_at = NULL"},
           {"UPDATE setups SET account_id = account_id + 1",
            "UPDATE setups SET account_id = account_id - 1"}}) {
    EXPECT_TRUE(who(session)) << breaks;
    const auto run = [this](const char* sql) {
      write([&](storage::Transaction& transaction) { return transaction.execute(sql, {}); });
    };
    run(breaks);
    EXPECT_FALSE(who(session)) << breaks;
    run(mends);
  }
  EXPECT_TRUE(who(session));
}

TEST_F(SetupLinksTest, RefusesWhatNobodyMayMake) {
  EXPECT_EQ(refusal(add_employee(account_, "ben@contoso.com")), "directory.no_administrator");
  for (const int days : {0, -1, 31, 100'000})
    EXPECT_EQ(refusal(ada_, "Max", days), "directory.bad_setup_link_days") << days;
  for (const std::string& name :
       {std::string(), std::string("  "), std::string(81, 'x'), std::string("a\nb")})
    EXPECT_EQ(refusal(ada_, name), "directory.bad_setup_link_name") << name;
  for (int i = 0; i < kMaxSetupLinks; ++i)
    make();
  EXPECT_EQ(refusal(ada_), "directory.too_many_setup_links");
  write([&](storage::Transaction& transaction) { return delete_setup(transaction, account_.id); });
  EXPECT_EQ(refusal(ada_), "directory.no_setup");
}

TEST_F(SetupLinksTest, ALinkOfAnotherAccountIsNobodys) {
  make();
  const std::string id = list(account_).front().public_id;
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return end_setup_link(transaction, other_.id, id, LinkEnd::Revoked, kAdministrator, kNow);
            }),
            kNoSetupLink.name());
  EXPECT_TRUE(list(other_).empty());
  EXPECT_FALSE(list(account_).front().ended_at);
}

/// What is made by a setup link is only proposed.
class ProposalsTest : public SetupLinksTest {
 protected:
  Connection propose(std::string_view entity_id = "https://evil.example") {
    return write([&](storage::Transaction& transaction) {
      return create_connection(transaction, {.account = account_.id, .provider = provider(entity_id)}, max_,
                               kNow);
    });
  }
  void accept(const Connection& connection) {
    write([&](storage::Transaction& transaction) {
      return accept_connection(transaction, account_.id, connection.id, kAdministrator, kNow);
    });
  }
  Connection reload_connection(const Connection& connection) {
    return read([&](storage::Transaction& transaction) {
      return load_connection(transaction, account_.id, connection.id);
    });
  }
  /// How the administrator ada comes in at a connection: by a refusal's code or with `in`.
  std::string ada_at(const Connection& connection, SignInPurpose purpose = SignInPurpose::Session) {
    ClaimedIdentity claimed;
    claimed.email = "ada@contoso.com";
    claimed.user_name = "ada@contoso.com";
    const auto decision = write([&](storage::Transaction& transaction) -> Result<Decision> {
      ASSIGN_OR_RETURN(const Connection current, load_connection(transaction, account_.id, connection.id));
      return resolve_sign_in(transaction, account_, current, claimed, purpose, kNow);
    });
    const auto* refused = std::get_if<Refused>(&decision);
    return refused != nullptr ? std::string(finding_code(refused->reason)) : "in";
  }
  std::string refusal_as_delegate(std::function<Result<void>(storage::Transaction&)> body) {
    return refusal_of(std::move(body));
  }

  const Actor max_{
      .kind = ActorKind::Administrator, .name = "setup link Max of ada@contoso.com", .proposes = true};
};

TEST_F(ProposalsTest, AnOwnProviderLetsNobodyInUntilItIsAccepted) {
  add_domain(account_, "contoso.com");
  const Connection evil = propose();
  EXPECT_EQ(evil.proposed_by, max_.name);
  EXPECT_TRUE(evil.active);
  EXPECT_FALSE(evil.admits());
  EXPECT_EQ(ada_at(evil), "identity.connection_not_accepted");
  EXPECT_EQ(ada_at(evil, SignInPurpose::Test), "in");
  EXPECT_EQ(count("SELECT count(*) FROM identity_links"), 0);
  // Not even where somebody forgot to ask.
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return create_session(
                  transaction, SessionToken::issue(account_),
                  {.account = account_.id,
                   .employee = ada_.id,
                   .provider =
                       ProviderSession{
                           .connection = evil.id, .name_id = {}, .name_id_format = {}, .session_index = {}}},
                  {}, kNow);
            }),
            "directory.connection_not_accepted");
  accept(evil);
  EXPECT_EQ(ada_at(evil), "in");
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE action = 'connection.accepted'"), 1);
}

TEST_F(ProposalsTest, NobodyIsSentToAProposedConnection) {
  add_domain(account_, "contoso.com");
  const auto route = [&] {
    return read([](storage::Transaction& transaction) { return find_route(transaction, "ada@contoso.com"); });
  };
  const Connection evil = propose();
  EXPECT_FALSE(route()->connection);
  // A domain that comes later is not its either.
  EXPECT_FALSE(add_domain(account_, "contoso.org").connection);
  EXPECT_EQ(count("SELECT count(*) FROM domains WHERE connection_id IS NOT NULL"), 0);
  accept(evil);
  EXPECT_EQ(route()->connection, evil.id);
  EXPECT_EQ(count("SELECT count(*) FROM domains WHERE connection_id IS NULL"), 0);
}

/// An administrator who connects the company's provider beside a proposal is not disturbed by it.
TEST_F(ProposalsTest, AProposalTakesNothingFromAnotherConnection) {
  add_domain(account_, "contoso.com");
  const Connection evil = propose();
  const Connection real = add_connection(account_, "https://idp.example", "real");
  EXPECT_EQ(ada_at(real), "in");
  EXPECT_EQ(
      *read([&](storage::Transaction& transaction) { return sole_connection(transaction, account_.id); }),
      real.id);
  EXPECT_EQ(ada_at(evil), "identity.connection_not_accepted");
  accept(evil);
  EXPECT_EQ(ada_at(evil), "identity.other_connection") << "the domain is the first one's";
  EXPECT_EQ(ada_at(real), "in");
}

TEST_F(ProposalsTest, WhatIsAcceptedIsNotChangedByALink) {
  const Connection connection = propose();
  const auto change = [&](std::string_view entity_id, EntityIdChange entity = EntityIdChange::Allow) {
    return refusal_of([&](storage::Transaction& transaction) {
      return update_provider(transaction, account_.id, connection.id, provider(entity_id), std::nullopt,
                             entity, max_, kNow + hours(1));
    });
  };
  EXPECT_EQ(change("https://other.example"), "") << "as long as it is a proposal";
  EXPECT_TRUE(reload_connection(connection).is_proposed());
  Provider same = provider("https://other.example");
  same.sign_on.front().url = "https://elsewhere.example/sso";
  write([&](storage::Transaction& transaction) {
    return update_provider(transaction, account_.id, connection.id, same, std::nullopt,
                           EntityIdChange::Refuse, max_, kNow + hours(2));
  });
  EXPECT_EQ(reload_connection(connection).provider_since, kNow + hours(2))
      << "a test that passed before says nothing about the new address";
  accept(connection);
  const Connection before = reload_connection(connection);
  EXPECT_EQ(change("https://evil.example"), kProposalsOnly.name());
  EXPECT_EQ(change("https://other.example", EntityIdChange::Refuse), kProposalsOnly.name());
  const Connection after = reload_connection(connection);
  EXPECT_EQ(after.provider, before.provider);
  EXPECT_FALSE(after.is_proposed());
}

TEST_F(ProposalsTest, ALinkDoesNothingButPropose) {
  const Connection connection = propose();
  const auto domain = add_domain(account_, "contoso.com");
  const std::vector<std::function<Result<void>(storage::Transaction&)>> attempts = {
      [&](auto& tx) { return accept_connection(tx, account_.id, connection.id, max_, kNow); },
      [&](auto& tx) {
        return set_connection_state(tx, account_.id, connection.id, ConnectionState::Inactive, max_, kNow);
      },
      [&](auto& tx) {
        ConnectionSettings settings;
        settings.allow_sha1 = true;
        return update_settings(tx, account_.id, connection.id, settings, max_, kNow);
      },
      [&](auto& tx) { return delete_connection(tx, account_.id, connection.id, max_, kNow); },
      [&](auto& tx) -> Result<void> {
        RETURN_IF_ERROR(remove_domain(tx, account_.id, domain.name, max_, kNow));
        return {};
      },
      [&](auto& tx) { return assign_domain(tx, account_.id, domain.name, connection.id, max_, kNow); },
      [&](auto& tx) { return enforce_sso(tx, account_.id, "test", max_, kNow); },
      [&](auto& tx) -> Result<void> {
        RETURN_IF_ERROR(directory::add_domain(
            tx, {.account = account_.id, .name = "evil.example", .proof = DomainProof::Administrator}, max_,
            kNow));
        return {};
      },
      [&](auto& tx) -> Result<void> {
        RETURN_IF_ERROR(create_connection(
            tx, {.account = account_.id, .provider = provider("https://second.example"), .name = "second"},
            max_, kNow));
        return {};
      }};
  for (std::size_t i = 0; i < attempts.size(); ++i)
    EXPECT_EQ(refusal_as_delegate(attempts[i]), kProposalsOnly.name()) << i;
  EXPECT_TRUE(reload_connection(connection).is_proposed());
}

TEST_F(ProposalsTest, SsoIsNotEnabledOnAProposal) {
  add_domain(account_, "contoso.com");
  const Connection connection = propose();
  const auto enforce = [&] {
    return refusal_of([&](storage::Transaction& transaction) {
      return enforce_sso(transaction, account_.id, "test", kSupport, kNow);
    });
  };
  EXPECT_EQ(enforce(), "directory.no_connection");
  accept(connection);
  EXPECT_EQ(enforce(), "");
}

TEST_F(ProposalsTest, MetadataOfAProposalIsNotFetchedAgain) {
  const MetadataSource source{
      .url = "https://evil.example/metadata", .document = "x", .etag = {}, .fetched_at = kNow - hours(48)};
  const Connection evil = write([&](storage::Transaction& transaction) {
    return create_connection(
        transaction,
        {.account = account_.id, .provider = provider("https://evil.example"), .metadata = source}, max_,
        kNow);
  });
  const auto due = [&] {
    return write([&](storage::Transaction& transaction) {
             return claim_due_refreshes(transaction, hours(24), kNow, kNow + hours(1), 10);
           })
        .size();
  };
  EXPECT_EQ(due(), 0U);
  EXPECT_FALSE(write([&](storage::Transaction& transaction) {
    return hasten_metadata_refresh(transaction, account_.id, evil.id, kNow);
  }));
  accept(evil);
  EXPECT_EQ(due(), 1U);
}

TEST_F(ProposalsTest, ATokenIsProposedUntilItIsAccepted) {
  const auto create = [&](const Actor& actor) {
    return write([&](storage::Transaction& transaction) {
      return create_provisioning_token(transaction, account_, ProvisioningSecret::issue(account_), {}, actor,
                                       kNow);
    });
  };
  const auto revoke = [&](const ProvisioningToken& token, const Actor& actor) {
    return refusal_of([&](storage::Transaction& transaction) {
      return revoke_provisioning_token(transaction, account_.id, token.id, actor, kNow);
    });
  };
  const auto accept_token = [&](const ProvisioningToken& token, const Actor& actor) {
    return refusal_of([&](storage::Transaction& transaction) {
      return accept_provisioning_token(transaction, account_.id, token.id, actor, kNow);
    });
  };
  const auto proposed = create(max_);
  const auto own = create(kAdministrator);
  EXPECT_EQ(proposed.proposed_by, max_.name);
  EXPECT_FALSE(own.is_proposed());
  EXPECT_EQ(revoke(own, max_), kProposalsOnly.name());
  EXPECT_EQ(accept_token(proposed, max_), kProposalsOnly.name());
  EXPECT_EQ(accept_token(proposed, kAdministrator), "");
  EXPECT_EQ(revoke(proposed, max_), kProposalsOnly.name()) << "it is the administrator's now";
  EXPECT_EQ(revoke(proposed, kAdministrator), "");
  const auto another = create(max_);
  EXPECT_EQ(revoke(another, max_), "");
}

}  // namespace
}  // namespace doorward::directory
