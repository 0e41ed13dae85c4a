#include "directory/groups.h"

#include "groups_fixture.h"
#include "watched_transaction.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;

class GroupsTest : public GroupsFixture {
 protected:
  std::string create_refusal(const NewGroup& group) {
    return refusal_of([&](storage::Transaction& transaction) {
      return create_group(transaction, group, kDirectory, kNow);
    });
  }
  std::string create_refusal(std::string_view name, std::string_view external_id) {
    return create_refusal(
        {.account = account_.id, .display_name = std::string(name), .external_id = std::string(external_id)});
  }
  Group update(const Group& group, std::string_view name, std::string_view external_id) {
    return write([&](storage::Transaction& transaction) {
      return update_group(transaction, account_.id, group.id, name, external_id, kDirectory, kNow + hours(1));
    });
  }
  std::string update_refusal(const Account& account, const Group& group, std::string_view name,
                             std::string_view external_id) {
    return refusal_of([&](storage::Transaction& transaction) {
      return update_group(transaction, account.id, group.id, name, external_id, kDirectory, kNow);
    });
  }
  Ids found(GroupKey key, std::string_view value, int limit = 10) {
    Ids names;
    for (const Group& group : read([&](storage::Transaction& transaction) {
           return find_groups_by(transaction, account_.id, key, value, limit);
         }))
      names.push_back(group.display_name);
    return names;
  }
  Ids scanned(std::optional<GroupId> after, std::int64_t skip, std::size_t most) {
    Ids names;
    read([&](storage::Transaction& transaction) {
      return scan_groups(transaction, account_.id, after, skip, [&](const Group& group) {
        names.push_back(group.display_name);
        return names.size() < most;
      });
    });
    return names;
  }
};

TEST_F(GroupsTest, CreatedAsSent) {
  const Group group = add_group(" Sales Team ", "0F1E");
  EXPECT_EQ(group.display_name, " Sales Team ");
  EXPECT_EQ(group.external_id, "0F1E");
  EXPECT_EQ(group.version, 1);
  EXPECT_FALSE(group.grants_administrator);
  EXPECT_FALSE(group.department);
  EXPECT_EQ(group.created_at, kNow);
  EXPECT_EQ(group.updated_at, kNow);
  const auto again = read([&](storage::Transaction& transaction) {
    return find_group(transaction, account_.id, "  " + group.public_id);
  });
  EXPECT_FALSE(again);
  EXPECT_EQ(audit("group.created").at(0).target, group.public_id);
  EXPECT_EQ(audit("group.created").at(0).actor.name, "Entra");
  EXPECT_EQ(events("group.created").at(0).subject, group.public_id);
}

TEST_F(GroupsTest, ACreateThatIsSentAgainMakesNoSecondGroup) {
  add_group("Sales", "1");
  EXPECT_EQ(create_refusal("Sales", "1"), kGroupExists.name());
  EXPECT_EQ(create_refusal("SALES", "1"), kGroupExists.name());
  EXPECT_EQ(create_refusal("Sales", ""), kGroupExists.name()) << "one without an external id";
  EXPECT_EQ(create_refusal("Sales", "2"), "") << "both have one and they differ";
  EXPECT_EQ(create_refusal("Sales", "2"), kGroupExists.name());
  EXPECT_EQ(create_refusal("Sales", "3"), "");
  EXPECT_EQ(create_refusal("Support", "1"), "") << "external ids need not be unique";
  add_group("Plain");
  EXPECT_EQ(create_refusal("plain", ""), kGroupExists.name());
  EXPECT_EQ(create_refusal("plain", "9"), kGroupExists.name());
  EXPECT_EQ(create_refusal({.account = other_.id, .display_name = "Sales", .external_id = "1"}), "");
}

TEST_F(GroupsTest, UuidsAreTheSameExternalIdInEitherCase) {
  add_group("Sales", "0F1E2D3C-0000-4000-8000-00000000ABCD");
  EXPECT_EQ(create_refusal("Sales", "0f1e2d3c-0000-4000-8000-00000000abcd"), kGroupExists.name());
}

TEST_F(GroupsTest, ValuesAreChecked) {
  EXPECT_EQ(create_refusal("", "1"), "directory.value_missing");
  EXPECT_EQ(create_refusal(" \t", "1"), "directory.value_missing");
  EXPECT_EQ(create_refusal(std::string(1025, 'x'), "1"), "directory.value_too_long");
  EXPECT_EQ(create_refusal("\xff", "1"), "directory.value_not_text");
  EXPECT_EQ(create_refusal("Sales", std::string(1025, 'x')), "directory.value_too_long");
  EXPECT_EQ(create_refusal(std::string(1024, 'x'), ""), "");
}

TEST_F(GroupsTest, FoundByEachKey) {
  const Group sales = add_group("Sales", "1");
  add_group("sales", "2");
  add_group("Straße", "0F1E2D3C-0000-4000-8000-00000000ABCD");
  EXPECT_EQ(found(GroupKey::PublicId, sales.public_id), Ids{"Sales"});
  std::string capitals = sales.public_id;
  std::ranges::transform(capitals, capitals.begin(), [](unsigned char c) { return std::toupper(c); });
  EXPECT_EQ(found(GroupKey::PublicId, capitals), Ids{"Sales"});
  EXPECT_EQ(found(GroupKey::DisplayName, "SALES"), (Ids{"Sales", "sales"}));
  EXPECT_EQ(found(GroupKey::DisplayName, "SALES", 1), Ids{"Sales"});
  EXPECT_EQ(found(GroupKey::DisplayName, "STRASSE"), Ids{"Straße"});
  EXPECT_EQ(found(GroupKey::DisplayName, "Sale"), Ids{});
  EXPECT_EQ(found(GroupKey::ExternalId, "2"), Ids{"sales"});
  EXPECT_EQ(found(GroupKey::ExternalId, "0f1e2d3c-0000-4000-8000-00000000abcd"), Ids{"Straße"});
  add_group("No external id");
  EXPECT_EQ(found(GroupKey::ExternalId, ""), Ids{});
}

TEST_F(GroupsTest, AnotherAccountsGroupIsNotThere) {
  const Group group = add_group("Sales", "1");
  EXPECT_FALSE(read([&](storage::Transaction& transaction) {
    return find_group(transaction, other_.id, group.public_id);
  }));
  for (const auto& [key, value] : {std::pair{GroupKey::PublicId, group.public_id},
                                   std::pair{GroupKey::DisplayName, std::string("Sales")},
                                   std::pair{GroupKey::ExternalId, std::string("1")}}) {
    EXPECT_TRUE(read([&, wanted = key, text = value](storage::Transaction& transaction) {
                  return find_groups_by(transaction, other_.id, wanted, text, 10);
                }).empty());
  }
  const auto refused = [&](auto call) { EXPECT_EQ(refusal_of(call), kNoGroup.name()); };
  const Ids nobody;
  refused([&](storage::Transaction& t) { return load_group(t, other_.id, group.id); });
  refused([&](storage::Transaction& t) { return delete_group(t, other_.id, group.id, kDirectory, kNow); });
  refused([&](storage::Transaction& t) { return map_group(t, other_.id, group.id, {}, kSupport, kNow); });
  refused([&](storage::Transaction& t) {
    return add_members(t, other_.id, group.id, Ids{stranger_.public_id}, kDirectory, kNow);
  });
  refused([&](storage::Transaction& t) {
    return remove_members(t, other_.id, group.id, nobody, kDirectory, kNow);
  });
  refused([&](storage::Transaction& t) {
    return replace_members(t, other_.id, group.id, nobody, kDirectory, kNow);
  });
  EXPECT_EQ(update_refusal(other_, group, "Mine", ""), kNoGroup.name());
  EXPECT_EQ(reload_group(group).version, 1);
}

TEST_F(GroupsTest, ScannedInTheOrderOfCreation) {
  std::vector<GroupId> ids;
  for (int i = 0; i < 450; ++i)
    ids.push_back(add_group(std::to_string(i)).id);
  EXPECT_EQ(scanned({}, 0, 1000).size(), 450u);
  EXPECT_EQ(scanned({}, 0, 1000).back(), "449");
  EXPECT_EQ(scanned({}, 0, 3), (Ids{"0", "1", "2"}));
  EXPECT_EQ(scanned({}, 447, 1000), (Ids{"447", "448", "449"}));
  EXPECT_EQ(scanned({}, 1000, 1000), Ids{});
  EXPECT_EQ(scanned(ids[446], 0, 1000), (Ids{"447", "448", "449"}));
  EXPECT_EQ(scanned(ids[10], 5, 2), (Ids{"16", "17"}));
  EXPECT_EQ(scanned({}, 150, 1000).size(), 300u) << "the pages after the first skip nothing";
  const auto number = [&](const Account& account) {
    return read([&](storage::Transaction& transaction) { return count_groups(transaction, account.id); });
  };
  EXPECT_EQ(number(account_), 450);
  EXPECT_EQ(number(other_), 0);
}

TEST_F(GroupsTest, UpdatedOnlyWhenSomethingDiffers) {
  const Group group = add_group("Sales", "1");
  const Group same = update(group, "Sales", "1");
  EXPECT_EQ(same.version, 1);
  EXPECT_EQ(same.updated_at, kNow);
  EXPECT_TRUE(audit("group.updated").empty());
  const Group changed = update(group, "sales", "1");
  EXPECT_EQ(changed.display_name, "sales");
  EXPECT_EQ(changed.version, 2);
  EXPECT_EQ(changed.updated_at, kNow + hours(1));
  EXPECT_EQ(update(group, "sales", "2").version, 3);
  EXPECT_EQ(reload_group(group).external_id, "2");
  EXPECT_EQ(audit("group.updated").size(), 2u);
  EXPECT_EQ(events("group.updated").size(), 2u);
  EXPECT_EQ(found(GroupKey::ExternalId, "1"), Ids{});
}

TEST_F(GroupsTest, UpdateRefusesWhatCreateRefuses) {
  add_group("Sales", "1");
  const Group support = add_group("Support", "1");
  EXPECT_EQ(update_refusal(account_, support, "SALES", "1"), kGroupExists.name());
  EXPECT_EQ(update_refusal(account_, support, "Sales", ""), kGroupExists.name());
  EXPECT_EQ(update_refusal(account_, support, "", "1"), "directory.value_missing");
  EXPECT_EQ(update_refusal(account_, support, "Sales", "2"), "");
}

TEST_F(GroupsTest, DeletedWithItsMemberships) {
  const Group group = add_group("Sales");
  add(group, {ann_.public_id, ben_.public_id});
  drop(group);
  EXPECT_EQ(count("SELECT count(*) FROM group_members"), 0);
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return load_group(transaction, account_.id, group.id);
            }),
            kNoGroup.name());
  EXPECT_EQ(audit("group.deleted").at(0).target, group.public_id);
  EXPECT_EQ(events("group.deleted").at(0).subject, group.public_id);
  EXPECT_NE(add_group("Sales").public_id, group.public_id);
}

TEST_F(GroupsTest, GoWithTheirAccount) {
  const Group group = add_group("Sales");
  const Department department = add_department("Sales");
  map(group, {.grants_administrator = true, .department = department.id});
  add(group, {ann_.public_id});
  write([&](storage::Transaction& transaction) { return delete_account(transaction, account_.id); });
  EXPECT_EQ(count("SELECT count(*) FROM directory_groups"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM group_members"), 0);
}

TEST_F(GroupsTest, NoStatementReadsAWholeTable) {
  const Group group = add_group("Sales", "1");
  add(group, {ann_.public_id});
  write([&](storage::Transaction& inner) -> Result<void> {
    WatchedTransaction transaction(inner);
    RETURN_IF_ERROR(create_group(
        transaction, {.account = account_.id, .display_name = "New", .external_id = "2"}, kDirectory, kNow));
    for (const GroupKey key : {GroupKey::PublicId, GroupKey::DisplayName, GroupKey::ExternalId})
      RETURN_IF_ERROR(find_groups_by(transaction, account_.id, key, "x", 10));
    RETURN_IF_ERROR(find_group(transaction, account_.id, group.public_id));
    RETURN_IF_ERROR(
        scan_groups(transaction, account_.id, group.id, 1, [](const Group& /*group*/) { return true; }));
    RETURN_IF_ERROR(count_groups(transaction, account_.id));
    RETURN_IF_ERROR(update_group(transaction, account_.id, group.id, "Sold", "3", kDirectory, kNow));
    RETURN_IF_ERROR(delete_group(transaction, account_.id, group.id, kDirectory, kNow));
    EXPECT_EQ(transaction.scans(), std::vector<std::string>());
    EXPECT_EQ(transaction.sorts(), std::vector<std::string>());
    EXPECT_GT(transaction.statements(), 10);
    // The test of the test.
    RETURN_IF_ERROR(transaction.execute("SELECT id FROM employees ORDER BY origin", {}));
    const std::size_t planned = test::TestDatabase::is_postgres() ? 0 : 1;
    EXPECT_EQ(transaction.scans().size(), planned);
    EXPECT_EQ(transaction.sorts().size(), planned);
    return {};
  });
}

}  // namespace
}  // namespace doorward::directory
