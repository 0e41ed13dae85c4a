#include "directory/savepoint.h"

#include "directory/groups.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

class SavepointTest : public DirectoryTest {
 protected:
  std::int64_t groups() {
    return read([&](storage::Transaction& transaction) { return count_groups(transaction, account_.id); });
  }
  Result<void> add_group(storage::Transaction& transaction, std::string name) {
    RETURN_IF_ERROR(create_group(transaction, {.account = account_.id, .display_name = std::move(name)},
                                 kDirectory, kNow));
    return {};
  }

  Account account_ = add_account("contoso");
};

TEST_F(SavepointTest, AnAttemptFailsAlone) {
  write([&](storage::Transaction& transaction) -> Result<void> {
    RETURN_IF_ERROR(add_group(transaction, "before"));
    const auto failed = attempt(transaction, [&](storage::Transaction& part) -> Result<int> {
      RETURN_IF_ERROR(add_group(part, "within"));
      return fail(ErrorKind::Refused, "test.refused", "No.");
    });
    EXPECT_FALSE(failed);
    if (!failed) {
      EXPECT_EQ(failed.error().code.name(), "test.refused");
    }
    const auto kept = attempt(transaction, [&](storage::Transaction& part) -> Result<int> {
      RETURN_IF_ERROR(add_group(part, "after"));
      return 7;
    });
    EXPECT_EQ(kept.value_or(0), 7);
    return {};
  });
  EXPECT_EQ(groups(), 2);
}

TEST_F(SavepointTest, NothingIsKeptWhenTheWholeFails) {
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) -> Result<void> {
              RETURN_IF_ERROR(attempt(transaction,
                                      [&](storage::Transaction& part) { return add_group(part, "within"); }));
              return fail(ErrorKind::Refused, "test.refused", "No.");
            }),
            "test.refused");
  EXPECT_EQ(groups(), 0);
}

TEST_F(SavepointTest, AttemptsMayHoldAttempts) {
  write([&](storage::Transaction& transaction) {
    return attempt(transaction, [&](storage::Transaction& outer) -> Result<void> {
      RETURN_IF_ERROR(add_group(outer, "outer"));
      const auto inner = attempt(outer, [&](storage::Transaction& part) -> Result<void> {
        RETURN_IF_ERROR(add_group(part, "inner"));
        return fail(ErrorKind::Refused, "test.refused", "No.");
      });
      EXPECT_FALSE(inner);
      return {};
    });
  });
  EXPECT_EQ(groups(), 1);
}

}  // namespace
}  // namespace doorward::directory
