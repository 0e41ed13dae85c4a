#include "jobs/upkeep.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "base/log.h"
#include "directory/accounts.h"
#include "directory/connections.h"
#include "directory/metadata_refreshes.h"
#include "support/directory_database.h"
#include "support/fake_clock.h"

namespace doorward::jobs {
namespace {

const directory::Actor kOperator = {directory::ActorKind::Support, "operator"};
constexpr std::chrono::hours kUpkeepDay{24};

class UpkeepTest : public testing::Test {
 protected:
  template <class Body>
  auto write(Body body) {
    auto outcome = database_->write(body);
    if (!outcome) throw std::runtime_error(outcome.error().message);
    if constexpr (!std::is_void_v<typename decltype(outcome)::value_type>) return *std::move(outcome);
  }
  UpkeepTest() {
    log::set_sink([](std::string_view) {});
  }
  ~UpkeepTest() override { log::set_sink({}); }

  directory::Connection connect(const std::string& name, Duration lifetime = kUpkeepDay * 1000) {
    const auto key = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
    const auto certificate =
        crypto::Certificate::self_signed(key, "idp", clock_.now() - kUpkeepDay, clock_.now() + lifetime);
    return write([&](storage::Transaction& transaction) -> Result<directory::Connection> {
      ASSIGN_OR_RETURN(const auto account,
                       directory::create_account(transaction, {.name = name}, kOperator, clock_.now()));
      return directory::create_connection(
          transaction,
          {.account = account.id,
           .provider = {.entity_id = "https://idp.example/",
                        .sign_on = {{.binding = directory::Binding::Redirect, .url = "https://idp.example/"}},
                        .logout = {},
                        .signing_certificates = {certificate.der()}},
           .metadata = directory::MetadataSource{.url = "https://idp.example/metadata",
                                                 .document = "x",
                                                 .etag = {},
                                                 .fetched_at = clock_.now()}},
          kOperator, clock_.now());
    });
  }

  test::DirectoryDatabase test_database_;
  std::unique_ptr<storage::Database> database_ = test_database_.open();
  test::FakeClock clock_{from_millis(1'800'000'000'000)};
  std::vector<directory::ConnectionId> refreshed_;
  bool fails_ = false;
  Upkeep upkeep_{*database_, clock_, kUpkeepDay,
                 [this](directory::AccountId account, directory::ConnectionId connection) -> Result<void> {
                   refreshed_.push_back(connection);
                   if (fails_) return fail(ErrorKind::Unavailable, "test.no", "No.");
                   return database_->write([&](storage::Transaction& transaction) {
                     return directory::record_metadata_refresh(
                         transaction, account, connection,
                         {.due_at = clock_.now() + kUpkeepDay, .at = clock_.now()});
                   });
                 }};
};

TEST_F(UpkeepTest, EveryConnectionHasItsTurnOnceADay) {
  constexpr int kConnections = 2 * Upkeep::kBatch + 1;
  for (int i = 0; i < kConnections; ++i)
    connect("company-" + std::to_string(i));
  ASSERT_TRUE(upkeep_.refresh_due());
  EXPECT_TRUE(refreshed_.empty());
  clock_.advance(kUpkeepDay);
  ASSERT_TRUE(upkeep_.refresh_due());
  EXPECT_EQ(refreshed_.size(), std::size_t{kConnections});
  ASSERT_TRUE(upkeep_.refresh_due());
  EXPECT_EQ(refreshed_.size(), std::size_t{kConnections});
  clock_.advance(kUpkeepDay);
  ASSERT_TRUE(upkeep_.refresh_due());
  EXPECT_EQ(refreshed_.size(), std::size_t{2 * kConnections});
}

TEST_F(UpkeepTest, TroubleHoldsUpNobodyAndComesAgain) {
  connect("a");
  connect("b");
  fails_ = true;
  clock_.advance(kUpkeepDay);
  ASSERT_TRUE(upkeep_.refresh_due());
  EXPECT_EQ(refreshed_.size(), 2U);
  ASSERT_TRUE(upkeep_.refresh_due());
  EXPECT_EQ(refreshed_.size(), 2U);
  clock_.advance(Upkeep::kClaim);
  ASSERT_TRUE(upkeep_.refresh_due());
  EXPECT_EQ(refreshed_.size(), 4U);
}

TEST_F(UpkeepTest, StopsBetweenTwoConnections) {
  connect("a");
  clock_.advance(kUpkeepDay);
  upkeep_.stop();
  ASSERT_TRUE(upkeep_.refresh_due());
  EXPECT_TRUE(refreshed_.empty());
}

TEST_F(UpkeepTest, LooksAtTheCertificatesOfEveryAccount) {
  connect("a", kUpkeepDay * 20);
  connect("b", kUpkeepDay * 20);
  ASSERT_TRUE(upkeep_.look_at_certificates());
  ASSERT_TRUE(upkeep_.look_at_certificates());
  const auto notices = *write([&](storage::Transaction& transaction) {
    return transaction.first("SELECT count(*) FROM events WHERE type = 'connection.certificate_expiring'", {},
                             [](const storage::Row& row) { return row.integer(0); });
  });
  EXPECT_EQ(notices, 2);
}

}  // namespace
}  // namespace doorward::jobs
