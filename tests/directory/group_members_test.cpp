#include <atomic>
#include <thread>

#include "directory/group_grants.h"
#include "groups_fixture.h"
#include "watched_transaction.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;

class GroupMembersTest : public GroupsFixture {
 protected:
  using Change = Result<std::int64_t> (*)(storage::Transaction&, AccountId, GroupId,
                                          std::span<const std::string>, const Actor&, Timestamp);
  std::string refusal(Change change, const Ids& ids) {
    return refusal_of([&](storage::Transaction& transaction) {
      return change(transaction, account_.id, group_.id, ids, kDirectory, kNow);
    });
  }
  Ids add_many(int number) {
    Ids ids;
    write([&](storage::Transaction& transaction) -> Result<void> {
      for (int i = 0; i < number; ++i) {
        const NewEmployee employee{.account = account_.id,
                                   .profile = {.user_name = "user" + std::to_string(next_++)}};
        ASSIGN_OR_RETURN(const Employee created, create_employee(transaction, employee, kSupport, kNow));
        ids.push_back(created.public_id);
      }
      return {};
    });
    return ids;
  }

  Group group_ = add_group("Sales");
  int next_ = 0;
};

TEST_F(GroupMembersTest, ListedInTheOrderOfJoining) {
  EXPECT_EQ(add(group_, {cem_.public_id, ann_.public_id}), 2);
  EXPECT_EQ(add(group_, {ben_.public_id}), 1);
  EXPECT_EQ(names_in(group_), (Ids{"cem", "ann", "ben"}));
  const auto page = members(group_, 0, 2);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].id, cem_.id);
  EXPECT_EQ(page[0].public_id, cem_.public_id);
  EXPECT_LT(page[0].position, page[1].position);
  const auto rest = members(group_, page[1].position, 2);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].id, ben_.id);
  remove(group_, {cem_.public_id});
  add(group_, {cem_.public_id});
  EXPECT_EQ(names_in(group_), (Ids{"ann", "ben", "cem"})) << "who comes again joins last";
}

TEST_F(GroupMembersTest, TwiceIsOnce) {
  EXPECT_EQ(add(group_, {ann_.public_id, ann_.public_id}), 1);
  EXPECT_EQ(add(group_, {ann_.public_id}), 0);
  std::string capitals = ann_.public_id;
  std::ranges::transform(capitals, capitals.begin(), [](unsigned char c) { return std::toupper(c); });
  EXPECT_EQ(add(group_, {capitals}), 0);
  EXPECT_EQ(remove(group_, {ben_.public_id}), 0);
  EXPECT_EQ(remove(group_, {ann_.public_id, ann_.public_id}), 1);
  EXPECT_EQ(remove(group_, {ann_.public_id}), 0);
  EXPECT_EQ(audit("group.members_changed").size(), 2u) << "what changes nothing leaves no trace";
}

TEST_F(GroupMembersTest, AnUnknownIdAddsNobody) {
  for (const std::string& unknown :
       {stranger_.public_id, new_public_id(), std::string(), std::string("ann"), std::string("\x7f")}) {
    EXPECT_EQ(refusal(add_members, {ann_.public_id, unknown}), kNoSuchMember.name()) << unknown;
    EXPECT_EQ(refusal(replace_members, {ann_.public_id, unknown}), kNoSuchMember.name()) << unknown;
    EXPECT_EQ(remove(group_, {unknown}), 0) << unknown;
  }
  // Also when the caller carries on with the transaction.
  write([&](storage::Transaction& transaction) -> Result<void> {
    const auto added = add_members(transaction, account_.id, group_.id,
                                   Ids{ann_.public_id, stranger_.public_id}, kDirectory, kNow);
    EXPECT_FALSE(added);
    return {};
  });
  EXPECT_EQ(names_in(group_), Ids{});
  EXPECT_EQ(reload_group(group_).version, 1);
  EXPECT_EQ(count("SELECT count(*) FROM group_members"), 0);
}

TEST_F(GroupMembersTest, RemovingPassesOverWhoIsNone) {
  add(group_, {ann_.public_id, ben_.public_id});
  EXPECT_EQ(remove(group_, {stranger_.public_id, "nonsense", ann_.public_id, cem_.public_id}), 1);
  EXPECT_EQ(names_in(group_), Ids{"ben"});
}

TEST_F(GroupMembersTest, TheGroupChangesOncePerCall) {
  add(group_, add_many(20), kNow + hours(1));
  EXPECT_EQ(reload_group(group_).version, 2);
  EXPECT_EQ(reload_group(group_).updated_at, kNow + hours(1));
  add(group_, {}, kNow + hours(2));
  remove(group_, {ann_.public_id});
  EXPECT_EQ(reload_group(group_).version, 2) << "nothing changed";
  EXPECT_EQ(reload_group(group_).updated_at, kNow + hours(1));
  replace(group_, {ann_.public_id});
  EXPECT_EQ(reload_group(group_).version, 3);
}

TEST_F(GroupMembersTest, OneAuditEntryAndOneEventWithAHundredIdsAtMost) {
  add(group_, {ann_.public_id});
  const json::Object first = audit("group.members_changed").at(0).details;
  EXPECT_EQ(json::serialize(first), R"({"name":"Sales","joined":1,"left":0,"joined_ids":[")" +
                                        ann_.public_id + R"("],"left_ids":[]})");
  const Ids many = add_many(70);
  add(group_, many);
  const Ids others = add_many(80);
  EXPECT_EQ(replace(group_, others), 151);
  ASSERT_EQ(audit("group.members_changed").size(), 3u);
  ASSERT_EQ(events("group.members_changed").size(), 3u);
  for (const json::Object& told :
       {audit("group.members_changed").at(0).details, events("group.members_changed").at(2).data}) {
    EXPECT_EQ(told.at("joined").as_int64(), 80);
    EXPECT_EQ(told.at("left").as_int64(), 71);
    EXPECT_EQ(told.at("joined_ids").as_array().size() + told.at("left_ids").as_array().size(), 100u);
  }
  EXPECT_EQ(audit("group.members_changed").at(0).target, group_.public_id);
  EXPECT_EQ(events("group.members_changed").at(0).subject, group_.public_id);
}

TEST_F(GroupMembersTest, ReplaceMakesItExactlyThese) {
  add(group_, {ann_.public_id, ben_.public_id});
  const std::int64_t bens = members(group_).at(1).position;
  EXPECT_EQ(replace(group_, {cem_.public_id, ben_.public_id, cem_.public_id}), 2);
  EXPECT_EQ(names_in(group_), (Ids{"ben", "cem"}));
  EXPECT_EQ(members(group_).at(0).position, bens) << "who stays keeps the place";
  EXPECT_EQ(replace(group_, {ben_.public_id, cem_.public_id}), 0);
  EXPECT_EQ(replace(group_, {}), 2);
  EXPECT_EQ(names_in(group_), Ids{});
}

TEST_F(GroupMembersTest, ReplaceKeepsApartGroupsLargerThanAPage) {
  const Ids many = add_many(1203);
  EXPECT_EQ(add(group_, many), 1203);
  Ids wanted(many.begin() + 600, many.end());
  wanted.push_back(ann_.public_id);
  EXPECT_EQ(replace(group_, wanted), 601);
  EXPECT_EQ(count("SELECT count(*) FROM group_members"), 604);
}

TEST_F(GroupMembersTest, KnowsWhoIsInAndInWhat) {
  const Group second = add_group("admins");
  const Group third = add_group("Board");
  add(group_, {ann_.public_id, ben_.public_id});
  add(second, {ann_.public_id});
  add(third, {ann_.public_id});
  EXPECT_TRUE(in(group_, ann_));
  EXPECT_FALSE(in(group_, cem_));
  EXPECT_FALSE(in(second, ben_));
  const auto names = [&](AccountId account, const Employee& employee) {
    Ids found;
    for (const Group& group : read(
             [&](storage::Transaction& transaction) { return groups_of(transaction, account, employee.id); }))
      found.push_back(group.display_name);
    return found;
  };
  EXPECT_EQ(names(account_.id, ann_), (Ids{"admins", "Board", "Sales"}));
  EXPECT_EQ(names(account_.id, cem_), Ids{});
  EXPECT_EQ(names(other_.id, ann_), Ids{});
  EXPECT_FALSE(read([&](storage::Transaction& transaction) {
    return is_member(transaction, other_.id, group_.id, ann_.id);
  }));
  EXPECT_TRUE(read([&](storage::Transaction& transaction) {
                return list_members(transaction, other_.id, group_.id, 0, 10);
              }).empty());
}

TEST_F(GroupMembersTest, ADeletedEmployeeLeavesAndTheGroupHasChanged) {
  add(group_, {ann_.public_id, ben_.public_id});
  write([&](storage::Transaction& transaction) {
    return delete_employee(transaction, account_.id, ann_.id, LastAdministrator::MayGo, kDirectory,
                           kNow + hours(1));
  });
  EXPECT_EQ(names_in(group_), Ids{"ben"});
  EXPECT_EQ(reload_group(group_).version, 3);
  EXPECT_EQ(reload_group(group_).updated_at, kNow + hours(1));
}

TEST_F(GroupMembersTest, HeldDeletionIsHiddenAndCanOnlyLeave) {
  add(group_, {ann_.public_id, ben_.public_id});
  hold_deletion(ann_);
  EXPECT_EQ(names_in(group_), Ids{"ben"});
  hold_deletion(cem_);
  EXPECT_EQ(refusal(add_members, {cem_.public_id}), kNoSuchMember.name());
  EXPECT_EQ(refusal(replace_members, {ben_.public_id, ann_.public_id}), kNoSuchMember.name());
  EXPECT_EQ(remove(group_, {ann_.public_id}), 1);
  add(group_, {});
  EXPECT_EQ(count("SELECT count(*) FROM group_members"), 1);
}

TEST_F(GroupMembersTest, ACallCostsByWhatChangesAndReadsNoWholeTable) {
  const Department department = add_department("Field");
  map(group_, {.grants_administrator = true, .department = department.id});
  const auto cost = [&] {
    const Ids three = add_many(3);
    return write([&](storage::Transaction& inner) -> Result<std::pair<int, int>> {
      WatchedTransaction transaction(inner);
      RETURN_IF_ERROR(add_members(transaction, account_.id, group_.id, three, kDirectory, kNow));
      RETURN_IF_ERROR(list_members(transaction, account_.id, group_.id, 1, 2));
      RETURN_IF_ERROR(is_member(transaction, account_.id, group_.id, ann_.id));
      RETURN_IF_ERROR(groups_of(transaction, account_.id, ann_.id));
      RETURN_IF_ERROR(remove_members(transaction, account_.id, group_.id, three, kDirectory, kNow));
      EXPECT_EQ(transaction.scans(), std::vector<std::string>());
      return std::pair(transaction.statements(), transaction.rows());
    });
  };
  add(group_, add_many(5));
  const auto small = cost();
  add(group_, add_many(1500));
  EXPECT_EQ(cost(), small);
  write([&](storage::Transaction& inner) -> Result<void> {
    WatchedTransaction transaction(inner);
    RETURN_IF_ERROR(list_members(transaction, account_.id, group_.id, 1, 2));
    EXPECT_EQ(transaction.sorts(), std::vector<std::string>());
    RETURN_IF_ERROR(
        replace_members(transaction, account_.id, group_.id, Ids{ann_.public_id}, kDirectory, kNow));
    RETURN_IF_ERROR(map_group(transaction, account_.id, group_.id, {}, kDirectory, kNow));
    EXPECT_EQ(transaction.scans(), std::vector<std::string>());
    EXPECT_EQ(transaction.sorts(), std::vector<std::string>());
    return {};
  });
}

TEST_F(GroupMembersTest, WritersAtOnceLoseNothing) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 20;
  std::vector<Ids> stays(kThreads);
  std::vector<Ids> goes(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    stays[static_cast<std::size_t>(i)] = add_many(kRounds);
    goes[static_cast<std::size_t>(i)] = add_many(kRounds);
  }
  std::atomic<int> failures = 0;
  const auto work = [&](std::size_t self) {
    const auto run = [&](Change change, const std::string& id) {
      const auto outcome = database_->write([&](storage::Transaction& transaction) {
        return change(transaction, account_.id, group_.id, Ids{id}, kDirectory, kNow);
      });
      if (!outcome || *outcome != 1) ++failures;
    };
    for (std::size_t round = 0; round < kRounds; ++round) {
      run(add_members, goes[self][round]);
      run(add_members, stays[self][round]);
      run(remove_members, goes[self][round]);
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i)
    threads.emplace_back(work, i);
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(failures, 0);
  Ids expected;
  for (const Ids& ids : stays)
    expected.insert(expected.end(), ids.begin(), ids.end());
  Ids actual;
  for (const Member& member : members(group_))
    actual.push_back(member.public_id);
  std::ranges::sort(expected);
  std::ranges::sort(actual);
  EXPECT_EQ(actual, expected);
  EXPECT_EQ(reload_group(group_).version, 1 + kThreads * kRounds * 3);
}

}  // namespace
}  // namespace doorward::directory
