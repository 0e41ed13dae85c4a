#include "setup/proposal.h"

#include "directory/setup_links.h"
#include "setup/readiness.h"
#include "wizard_test.h"

namespace doorward::setup {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What a setup link makes waits for an administrator.
class ProposalTest : public WizardTest {
 protected:
  const Actor max_{
      .kind = directory::ActorKind::Administrator, .name = "setup link Max of ada", .proposes = true};

  directory::Connection propose(std::string_view entity_id = "https://idp.example/") {
    return write([&](Transaction& transaction) {
      return directory::create_connection(
          transaction, {.account = account_.id, .provider = provider(entity_id)}, max_, kNow);
    });
  }
  Proposal proposal() { return wizard().proposal; }
  std::string try_accept(const std::string& version, const Actor& actor = kAda) {
    return refusal_of([&](Transaction& transaction) {
      return accept_proposal(transaction, account_.id, version, actor, kNow);
    });
  }
  std::string try_discard(const Actor& actor = kAda) {
    return refusal_of(
        [&](Transaction& transaction) { return discard_proposal(transaction, account_.id, actor, kNow); });
  }
  directory::ProvisioningToken propose_token() {
    return write([&](Transaction& transaction) {
      return directory::create_provisioning_token(
          transaction, account_, directory::ProvisioningSecret::issue(account_), {.name = "Max"}, max_, kNow);
    });
  }
  /// Everything else that enabling demands.
  void fill(const directory::Connection& connection) {
    begin();
    add_domain("acme.example");
    const auto boss = add_employee("ada@acme.example", true);
    decline(true);
    choose_default_department();
    write([&](Transaction& transaction) {
      return directory::record_attempt(transaction,
                                       {.account = account_.id,
                                        .connection = connection.id,
                                        .outcome = directory::AttemptOutcome::Test,
                                        .employee = boss.public_id},
                                       kNow);
    });
  }
};

TEST_F(ProposalTest, BlocksEnablingUntilItIsAccepted) {
  fill(propose());
  EXPECT_THAT(blocking(), IsEmpty()) << "for the colleague every step is done";
  EXPECT_EQ(wizard().next(), Step::Enable);
  EXPECT_FALSE(wizard().may_enable());
  EXPECT_THAT(standing(Step::Enable).message, HasSubstr("set up by the setup link Max of ada"));
  EXPECT_EQ(try_enable(), kNotReady.name());
  const auto readiness = must(database_->read(
      [&](Transaction& transaction) { return check_readiness(transaction, account_, kNow); }));
  EXPECT_TRUE(readiness.blocked());
  EXPECT_EQ(readiness.gates.at(1).name, "acceptance");
  // Not even when support insists.
  EXPECT_EQ(refusal_of([&](Transaction& transaction) {
              return enable_sso(transaction, account_, "because", Insist::Yes, kSupport, kNow);
            }),
            "directory.no_connection");

  EXPECT_EQ(try_accept(proposal().version()), "");
  EXPECT_TRUE(proposal().empty());
  EXPECT_EQ(try_enable(), "");
  EXPECT_TRUE(is_enforced());
}

TEST_F(ProposalTest, NothingIsSlippedInBetweenLookingAndAccepting) {
  begin();
  const auto connection = propose();
  const auto change = [&](const directory::Provider& next, const std::string& url = {}) {
    write([&](Transaction& transaction) {
      return directory::update_provider(
          transaction, account_.id, connection.id, next,
          directory::MetadataSource{.url = url, .document = "x", .etag = {}, .fetched_at = kNow},
          directory::EntityIdChange::Allow, max_, kNow);
    });
  };
  const directory::Provider same = provider("https://idp.example/");
  change(same);
  const std::string seen = proposal().version();
  directory::Provider next = same;
  next.entity_id = "https://evil.example/";
  change(next);
  EXPECT_EQ(try_accept(seen), kProposalChanged.name()) << "another provider";
  next = same;
  next.signing_certificates.push_back(certificate(kYear / 2).der());
  change(next);
  EXPECT_EQ(try_accept(seen), kProposalChanged.name()) << "one more certificate";
  next = same;
  next.sign_on.front().url = "https://evil.example/sso";
  change(next);
  EXPECT_EQ(try_accept(seen), kProposalChanged.name()) << "another address to sign in at";
  change(same, "https://evil.example/metadata");
  EXPECT_EQ(try_accept(seen), kProposalChanged.name()) << "another place where certificates are learnt";
  change(same);
  const auto token = propose_token();
  EXPECT_EQ(try_accept(seen), kProposalChanged.name()) << "a token";
  write([&](Transaction& transaction) {
    return directory::revoke_provisioning_token(transaction, account_.id, token.id, max_, kNow);
  });
  EXPECT_EQ(try_accept(""), kProposalChanged.name());
  EXPECT_EQ(try_accept(seen, max_), directory::kProposalsOnly.name());
  EXPECT_EQ(try_accept(seen), "");
  EXPECT_EQ(try_accept(seen), kProposalChanged.name()) << "nothing is left to accept";
}

TEST_F(ProposalTest, IsDiscardedAsOne) {
  begin();
  propose();
  propose_token();
  EXPECT_EQ(try_discard(max_), directory::kProposalsOnly.name());
  EXPECT_EQ(try_discard(), "");
  EXPECT_TRUE(proposal().empty());
  const auto kept = connect();
  EXPECT_EQ(try_discard(), "") << "what nobody proposed stays";
  EXPECT_EQ(must(database_->read([&](Transaction& transaction) {
              return directory::list_connections(transaction, account_.id);
            })).size(),
            1U);
}

TEST_F(ProposalTest, OtherHostsThanExpectedAreDoubtful) {
  directory::Connection connection;
  connection.provider = provider("https://sts.windows.net/x/");
  connection.provider.sign_on.front().url = "https://login.microsoftonline.com/x/saml2";
  connection.metadata_url = "https://login.microsoftonline.com/x/federationmetadata.xml";
  EXPECT_THAT(doubts_about(connection, "entra"), IsEmpty());
  connection.metadata_url = "https://login.micros0ftonline.com/x/federationmetadata.xml";
  EXPECT_THAT(doubts_about(connection, "entra"), ElementsAre(HasSubstr("login.micros0ftonline.com")));
  connection.provider.sign_on.front().url = "https://login.micros0ftonline.com/x/saml2";
  EXPECT_THAT(doubts_about(connection, "entra"), ElementsAre(HasSubstr("not Microsoft’s")));
  EXPECT_THAT(doubts_about(connection, "okta"), IsEmpty());
  connection.metadata_url.clear();
  EXPECT_THAT(doubts_about(connection, "okta"), IsEmpty());
}

TEST_F(ProposalTest, CancellingEndsTheLinks) {
  begin();
  const auto boss = add_employee("ada@acme.example", true);
  const auto secret = directory::SetupLinkSecret::issue(account_);
  write([&](Transaction& transaction) {
    return directory::create_setup_link(transaction, boss, "Max", 7, secret, kAda, kNow);
  });
  propose_token();
  EXPECT_EQ(
      refusal_of([&](Transaction& transaction) { return cancel(transaction, account_, "acme", max_, kNow); }),
      directory::kProposalsOnly.name());
  EXPECT_EQ(try_cancel(), "");
  EXPECT_TRUE(proposal().empty());
  EXPECT_EQ(refusal_of([&](Transaction& transaction) {
              return directory::open_setup_link(
                  transaction, secret, directory::DelegateSecret::issue(account_), "192.0.2.7", kNow);
            }),
            directory::kSetupLinkEnded.name());
}

}  // namespace
}  // namespace doorward::setup
