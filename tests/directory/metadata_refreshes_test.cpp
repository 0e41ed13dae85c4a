#include "directory/metadata_refreshes.h"

#include <gmock/gmock.h>

#include "directory_test.h"

namespace doorward::directory {
namespace {

using testing::IsEmpty;

constexpr std::chrono::hours kRefreshDay{24};

class MetadataRefreshesTest : public DirectoryTest {
 protected:
  Connection connect(const Account& account, std::string_view url) {
    return write([&](storage::Transaction& transaction) {
      return create_connection(
          transaction,
          {.account = account.id,
           .provider = provider("https://idp.example/"),
           .metadata =
               MetadataSource{.url = std::string(url), .document = "x", .etag = {}, .fetched_at = kNow}},
          kSupport, kNow);
    });
  }
  std::vector<ConnectionId> claim(Timestamp now) {
    return write([&](storage::Transaction& transaction) -> Result<std::vector<ConnectionId>> {
      std::vector<ConnectionId> ids;
      ASSIGN_OR_RETURN(const auto due, claim_due_refreshes(transaction, kRefreshDay, now, now + kClaim, 10));
      for (const DueRefresh& one : due)
        ids.push_back(one.connection);
      return ids;
    });
  }
  bool hasten(AccountId account, ConnectionId connection, Timestamp now) {
    return write([&](storage::Transaction& transaction) {
      return hasten_metadata_refresh(transaction, account, connection, now);
    });
  }
  void record(const Connection& connection, const MetadataRefresh& refresh) {
    write([&](storage::Transaction& transaction) {
      return record_metadata_refresh(transaction, connection.account, connection.id, refresh);
    });
  }
  std::optional<MetadataRefresh> find(const Connection& connection) {
    return read([&](storage::Transaction& transaction) {
      return find_metadata_refresh(transaction, connection.account, connection.id);
    });
  }

  static constexpr std::chrono::minutes kClaim{30};
  const Account contoso_ = add_account("contoso");
  const Account fabrikam_ = add_account("fabrikam");
  const Connection contosos_ = connect(contoso_, "https://idp.example/metadata");
};

TEST_F(MetadataRefreshesTest, OneIsDueADayAfterTheConnectionWasMade) {
  EXPECT_THAT(claim(kNow + kRefreshDay - std::chrono::milliseconds(1)), IsEmpty());
  EXPECT_EQ(claim(kNow + kRefreshDay), std::vector{contosos_.id});
  // Nobody else takes it while somebody works on it.
  EXPECT_THAT(claim(kNow + kRefreshDay), IsEmpty());
  EXPECT_EQ(claim(kNow + kRefreshDay + kClaim), std::vector{contosos_.id});
}

TEST_F(MetadataRefreshesTest, AConnectionFromAFileIsNeverDue) {
  const auto from_file = connect(fabrikam_, "");
  EXPECT_EQ(claim(kNow + kRefreshDay * 100), std::vector{contosos_.id});
  EXPECT_FALSE(hasten(fabrikam_.id, from_file.id, kNow + kRefreshDay));
}

TEST_F(MetadataRefreshesTest, WhatIsRecordedIsFound) {
  EXPECT_FALSE(find(contosos_));
  const MetadataRefresh refresh{.due_at = kNow + kRefreshDay,
                                .at = kNow,
                                .verdict = RefreshVerdict::Failed,
                                .changes = {"One.", "Two."},
                                .problem = "It does not answer.",
                                .held = "abc",
                                .failing_since = kNow - kRefreshDay,
                                .told_at = kNow};
  record(contosos_, refresh);
  const auto found = find(contosos_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->due_at, refresh.due_at);
  EXPECT_EQ(found->at, refresh.at);
  EXPECT_EQ(found->verdict, refresh.verdict);
  EXPECT_EQ(found->changes, refresh.changes);
  EXPECT_EQ(found->problem, refresh.problem);
  EXPECT_EQ(found->held, refresh.held);
  EXPECT_EQ(found->failing_since, refresh.failing_since);
  EXPECT_EQ(found->told_at, refresh.told_at);
}

TEST_F(MetadataRefreshesTest, AnUnknownKeyHastensItAndForgeriesDoNotRepeatIt) {
  EXPECT_TRUE(hasten(contoso_.id, contosos_.id, kNow));
  EXPECT_EQ(claim(kNow), std::vector{contosos_.id});
  record(contosos_, {.due_at = kNow + kRefreshDay, .at = kNow});
  EXPECT_FALSE(hasten(contoso_.id, contosos_.id, kNow + kUrgentPause - std::chrono::milliseconds(1)));
  EXPECT_TRUE(hasten(contoso_.id, contosos_.id, kNow + kUrgentPause));
  EXPECT_FALSE(hasten(contoso_.id, contosos_.id, kNow + kUrgentPause));
}

TEST_F(MetadataRefreshesTest, NobodyHastensAnotherAccountsConnection) {
  EXPECT_FALSE(hasten(fabrikam_.id, contosos_.id, kNow));
  EXPECT_THAT(claim(kNow), IsEmpty());
}

TEST_F(MetadataRefreshesTest, ANewDocumentForgetsHowTheLastRefreshWent) {
  record(contosos_, {.due_at = kNow, .at = kNow, .verdict = RefreshVerdict::Failed});
  write([&](storage::Transaction& transaction) {
    return update_provider(
        transaction, contoso_.id, contosos_.id, contosos_.provider,
        MetadataSource{.url = "https://idp.example/other", .document = "y", .etag = {}, .fetched_at = kNow},
        EntityIdChange::Refuse, kAdministrator, kNow);
  });
  EXPECT_FALSE(find(contosos_));
}

TEST_F(MetadataRefreshesTest, EverythingGoesWithTheConnection) {
  record(contosos_, {.due_at = kNow, .at = kNow});
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(
        set_withdrawn_certificates(transaction, contoso_.id, contosos_.id, {{"aa", kNow}, {"bb", kNow}}));
    return delete_connection(transaction, contoso_.id, contosos_.id, kSupport, kNow);
  });
  EXPECT_EQ(count("SELECT (SELECT count(*) FROM metadata_refreshes)"
                  " + (SELECT count(*) FROM withdrawn_certificates)"),
            0);
}

}  // namespace
}  // namespace doorward::directory
