#include "saml/account_setup.h"

#include "saml/service_provider_test.h"

namespace doorward::saml {
namespace {

class AccountSetupsTest : public ServiceProviderTest {};

TEST_F(AccountSetupsTest, IsKeptUntilSomethingChanges) {
  const auto first = must(setups_.find("contoso"));
  EXPECT_EQ(must(setups_.find("CONTOSO")), first);
  set_unsolicited(directory::UnsolicitedPolicy::Accept);
  const auto second = must(setups_.find("contoso"));
  EXPECT_NE(second, first);
  EXPECT_EQ(second->connections.at(0).connection.settings.unsolicited, directory::UnsolicitedPolicy::Accept);
}

TEST_F(AccountSetupsTest, FollowsOtherProcesses) {
  must(setups_.find("contoso"));
  const auto other = test_database_.open();
  must(other->write([&](storage::Transaction& transaction) {
    return directory::set_connection_state(transaction, account_.id, connection_.id,
                                           directory::ConnectionState::Inactive, kSupport, kNow);
  }));
  EXPECT_TRUE(must(setups_.find("contoso"))->connections.empty());
}

TEST_F(AccountSetupsTest, MakesKeysForAnAccountThatHasNone) {
  add_account("fabrikam");
  const auto setup = must(setups_.find("fabrikam"));
  ASSERT_EQ(setup->signing_certificates.size(), 1U);
  ASSERT_EQ(setup->encryption_certificates.size(), 1U);
  // The same ones in another process.
  AccountSetups other(*database_, sealer_, clock_, std::string(kPublicUrl));
  EXPECT_EQ(must(other.find("fabrikam"))->signing_certificates.at(0).der(),
            setup->signing_certificates.at(0).der());
}

TEST_F(AccountSetupsTest, KnowsNoOtherAccounts) {
  EXPECT_EQ(must(setups_.find("nobody")), nullptr);
}

TEST_F(AccountSetupsTest, DoesNotOpenKeysWithAnotherKeyFile) {
  must(setups_.find("contoso"));
  const crypto::Sealer other(crypto::Secret(std::string(32, 'o')));
  AccountSetups setups(*database_, other, clock_, std::string(kPublicUrl));
  EXPECT_FALSE(setups.find("contoso"));
}

}  // namespace
}  // namespace doorward::saml
