#include "directory/audit.h"

#include "directory_test.h"

namespace doorward::directory {
namespace {

TEST_F(DirectoryTest, AuditKeepsWhoDidWhatAndPages) {
  const Account account = add_account("contoso");
  write([&](storage::Transaction& transaction) -> Result<void> {
    for (int i = 0; i < 4; ++i) {
      RETURN_IF_ERROR(record_audit(transaction, account.id, kAdministrator, "test.done", "target",
                                   {{"number", i}, {"text", "ä\""}}, kNow));
    }
    return {};
  });
  const auto page = [&](std::optional<AuditId> before, int limit) {
    return read([&](storage::Transaction& transaction) {
      return list_audit(transaction, account.id, before, limit);
    });
  };
  const auto newest = page(std::nullopt, 3);
  ASSERT_EQ(newest.size(), 3u);
  EXPECT_EQ(newest[0].details.at("number").as_int64(), 3);
  EXPECT_EQ(newest[0].details.at("text").as_string(), "ä\"");
  EXPECT_EQ(newest[0].actor.kind, ActorKind::Administrator);
  EXPECT_EQ(newest[0].actor.name, kAdministrator.name);
  EXPECT_EQ(newest[0].at, kNow);
  const auto rest = page(newest.back().id, 10);
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest.back().action, "account.created");
  const Account other = add_account("fabrikam");
  EXPECT_EQ(read([&](storage::Transaction& transaction) {
              return list_audit(transaction, other.id, std::nullopt, 10);
            }).size(),
            1u);
}

TEST_F(DirectoryTest, ARolledBackChangeLeavesNoAudit) {
  const Account account = add_account("contoso");
  const auto before = count("SELECT count(*) FROM audit") + count("SELECT count(*) FROM events");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) -> Result<void> {
              RETURN_IF_ERROR(create_employee(
                  transaction, {.account = account.id, .profile = {.user_name = "bob"}}, kSupport, kNow));
              return fail(ErrorKind::Refused, "test.refused", "No.");
            }),
            "test.refused");
  EXPECT_EQ(count("SELECT count(*) FROM audit") + count("SELECT count(*) FROM events"), before);
}

TEST(ActorKindTest, NamesAreReadBack) {
  for (const ActorKind kind : {ActorKind::Support, ActorKind::Administrator, ActorKind::Employee,
                               ActorKind::Directory, ActorKind::System}) {
    EXPECT_EQ(parse_actor_kind(to_text(kind)), kind);
  }
  EXPECT_EQ(parse_actor_kind(""), std::nullopt);
}

}  // namespace
}  // namespace doorward::directory
