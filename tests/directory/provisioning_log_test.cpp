#include "directory/provisioning_log.h"

#include "directory_test.h"
#include "watched_transaction.h"

namespace doorward::directory {
namespace {

using std::chrono::hours;

class ProvisioningLogTest : public DirectoryTest {
 protected:
  static NewProvisioningEntry entry(std::string_view summary, Timestamp at = kNow,
                                    ProvisioningOutcome outcome = ProvisioningOutcome::Read) {
    NewProvisioningEntry made;
    made.at = at;
    made.token_name = "Entra";
    made.client_address = "192.0.2.1";
    made.request_id = "r-1";
    made.method = "PATCH";
    made.path = "/scim/v2/Users/1";
    made.status = 200;
    made.outcome = outcome;
    made.summary = summary;
    return made;
  }
  void record(const Account& account, const std::vector<NewProvisioningEntry>& entries) {
    write([&](storage::Transaction& transaction) {
      return record_provisioning(transaction, account.id, entries);
    });
  }
  void record(const NewProvisioningEntry& one) { record(account_, {one}); }
  std::vector<ProvisioningEntry> list(const ProvisioningLogFilter& filter = {},
                                      std::optional<ProvisioningEntryId> before = {}, int limit = 100) {
    return read([&](storage::Transaction& transaction) {
      return list_provisioning_log(transaction, account_.id, filter, before, limit);
    });
  }
  std::vector<std::string> summaries(const ProvisioningLogFilter& filter = {},
                                     std::optional<ProvisioningEntryId> before = {}, int limit = 100) {
    std::vector<std::string> found;
    for (const ProvisioningEntry& each : list(filter, before, limit))
      found.push_back(each.summary);
    return found;
  }
  std::optional<ProvisioningEntry> find(const Account& account, ProvisioningEntryId id) {
    return read([&](storage::Transaction& transaction) {
      return find_provisioning_entry(transaction, account.id, id);
    });
  }
  /// The only entry, whole.
  ProvisioningEntry stored() { return find(account_, list().at(0).id).value(); }

  using Texts = std::vector<std::string>;
  Account account_ = add_account("contoso");
  Account other_ = add_account("fabrikam");
};

TEST_F(ProvisioningLogTest, KeepsWhatWasRecorded) {
  NewProvisioningEntry made = entry("Entra changed Ben.", kNow, ProvisioningOutcome::Changed);
  made.subject = "0F1E2D3C-0000-4000-8000-00000000ABCD";
  made.changes = R"([{"attribute":"active","before":true,"after":false}])";
  made.request_body = R"({"a":"ü"})";
  made.response_body = "{}\n";
  made.duration_micros = 1234;
  record(made);
  const auto listed = list();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].request_body, "") << "bodies are not listed";
  EXPECT_EQ(listed[0].response_body, "");
  const ProvisioningEntry found = stored();
  EXPECT_EQ(found.id, listed[0].id);
  EXPECT_EQ(found.at, kNow);
  EXPECT_EQ(found.token_name, "Entra");
  EXPECT_EQ(found.client_address, "192.0.2.1");
  EXPECT_EQ(found.request_id, "r-1");
  EXPECT_EQ(found.method, "PATCH");
  EXPECT_EQ(found.path, "/scim/v2/Users/1");
  EXPECT_EQ(found.status, 200);
  EXPECT_EQ(found.outcome, ProvisioningOutcome::Changed);
  EXPECT_EQ(found.summary, "Entra changed Ben.");
  EXPECT_EQ(found.changes, made.changes);
  EXPECT_EQ(found.request_body, made.request_body);
  EXPECT_EQ(found.response_body, made.response_body);
  EXPECT_EQ(found.duration_micros, 1234);
  EXPECT_FALSE(find(other_, found.id));
  EXPECT_FALSE(find(account_, ProvisioningEntryId{found.id.value + 1}));
}

TEST_F(ProvisioningLogTest, BodiesAreCutBetweenCharacters) {
  constexpr std::size_t kMax = std::size_t{16} * 1024;
  NewProvisioningEntry made = entry("long");
  made.request_body = std::string(kMax, 'x');
  made.response_body = std::string(kMax - 1, 'x') + "€ and more";
  record(made);
  EXPECT_EQ(stored().request_body, made.request_body);
  EXPECT_EQ(stored().response_body, std::string(kMax - 1, 'x'));
}

TEST_F(ProvisioningLogTest, TakesWhateverAClientSends) {
  NewProvisioningEntry made = entry(std::string(5000, 's'));
  made.request_body = std::string("\xff\xfe\0{", 4);
  made.response_body = std::string("\0", 1);
  made.path = "/scim/v2/Users?filter=\xc3\x28\n" + std::string(9000, 'p');
  made.client_address = std::string(999, '1');
  record(made);
  const ProvisioningEntry found = stored();
  EXPECT_EQ(found.request_body.find('\0'), std::string::npos);
  EXPECT_EQ(found.path.find('\n'), std::string::npos);
  EXPECT_LE(found.path.size(), 2100u);
  EXPECT_LE(found.summary.size(), 2100u);
  EXPECT_LE(found.client_address.size(), 270u);
}

TEST_F(ProvisioningLogTest, ListsTheNewestFirstInPages) {
  record(account_, {entry("1"), entry("2"), entry("3")});
  record(other_, {entry("theirs")});
  record(account_, {});
  EXPECT_EQ(summaries(), (Texts{"3", "2", "1"}));
  const auto page = list({}, {}, 2);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(summaries({}, page.back().id, 2), Texts{"1"});
  EXPECT_EQ(summaries({}, list().back().id), Texts{});
}

TEST_F(ProvisioningLogTest, FiltersByOutcomeSubjectAndText) {
  const std::string ann = new_public_id();
  const std::string ben = new_public_id();
  const auto about = [&](const std::string& subject, std::string_view summary, ProvisioningOutcome outcome) {
    NewProvisioningEntry made = entry(summary, kNow, outcome);
    made.subject = subject;
    made.path = "/scim/v2/Users/" + subject;
    record(made);
  };
  about(ann, "Entra created Ann Ärmel.", ProvisioningOutcome::Changed);
  about(ann, "Entra read Ann.", ProvisioningOutcome::Read);
  about(ben, "Ben 100%_ failed", ProvisioningOutcome::Failed);
  about("", "nothing to do", ProvisioningOutcome::Unchanged);
  EXPECT_EQ(summaries({.outcome = ProvisioningOutcome::Read}), Texts{"Entra read Ann."});
  EXPECT_EQ(summaries({.subject = ann}), (Texts{"Entra read Ann.", "Entra created Ann Ärmel."}));
  std::string capitals = ann;
  std::ranges::transform(capitals, capitals.begin(), [](unsigned char c) { return std::toupper(c); });
  EXPECT_EQ(summaries({.subject = capitals}).size(), 2u);
  EXPECT_EQ(summaries({.outcome = ProvisioningOutcome::Changed, .subject = ann}),
            Texts{"Entra created Ann Ärmel."});
  EXPECT_EQ(summaries({.outcome = ProvisioningOutcome::Failed, .subject = ann}), Texts{});
  EXPECT_EQ(summaries({.text = "eNTRA CREATED"}), Texts{"Entra created Ann Ärmel."});
  EXPECT_EQ(summaries({.text = "Ärmel"}), Texts{"Entra created Ann Ärmel."});
  EXPECT_EQ(summaries({.text = ben}), Texts{"Ben 100%_ failed"}) << "in the path";
  EXPECT_EQ(summaries({.text = "%_"}), Texts{"Ben 100%_ failed"}) << "no wildcards";
  EXPECT_EQ(summaries({.text = "1%"}), Texts{});
  EXPECT_EQ(summaries({.outcome = ProvisioningOutcome::Read, .text = "ann"}), Texts{"Entra read Ann."});
  EXPECT_EQ(summaries({.text = "scim"}, {}, 2).size(), 2u);
}

TEST_F(ProvisioningLogTest, TextIsFoundBehindManyOthersUpToALimit) {
  std::vector<NewProvisioningEntry> entries(20'000, entry("x"));
  record(entry("out of reach needle"));
  record(entry("needle"));
  entries.pop_back();
  record(account_, entries);
  EXPECT_EQ(summaries({.text = "NEEDLE"}), Texts{"needle"});
  const auto page = list({.text = "x"}, {}, 700);
  EXPECT_EQ(page.size(), 700u);
  EXPECT_EQ(list({.text = "x"}, page.back().id, 20'000).size(), 20'000u - 1 - 700);
  EXPECT_EQ(list({}, {}, 30'000).size(), 20'000u);
}

TEST_F(ProvisioningLogTest, ThePulseCounts) {
  const auto pulse = [&](Timestamp from) {
    return read([&](storage::Transaction& transaction) {
      return provisioning_pulse(transaction, account_.id, from);
    });
  };
  EXPECT_FALSE(pulse(kNow).last_request_at);
  record(account_, {entry("a", kNow, ProvisioningOutcome::Changed),
                    entry("b", kNow + hours(2), ProvisioningOutcome::Changed),
                    entry("c", kNow + hours(1), ProvisioningOutcome::Failed),
                    entry("d", kNow + hours(1), ProvisioningOutcome::Read)});
  record(other_, {entry("theirs", kNow + hours(5), ProvisioningOutcome::Failed)});
  EXPECT_EQ(pulse(kNow).last_request_at, kNow + hours(2));
  EXPECT_EQ(pulse(kNow).changed, 2);
  EXPECT_EQ(pulse(kNow).failed, 1);
  EXPECT_EQ(pulse(kNow + hours(1)).changed, 1);
  EXPECT_EQ(pulse(kNow + hours(1)).failed, 1);
  EXPECT_EQ(pulse(kNow + hours(3)).changed, 0);
  EXPECT_EQ(pulse(kNow + hours(3)).last_request_at, kNow + hours(2)) << "silence shows";
}

TEST_F(ProvisioningLogTest, DeletesTheOldInBatches) {
  for (int i = 0; i < 5; ++i)
    record(entry(std::to_string(i), kNow + Duration(i)));
  record(other_, {entry("theirs")});
  const auto clean = [&](Timestamp until) {
    return write([&](storage::Transaction& transaction) {
      return delete_provisioning_log(transaction, account_.id, until, 3);
    });
  };
  EXPECT_EQ(clean(kNow), 0);
  EXPECT_EQ(clean(kNow + Duration(4)), 3);
  EXPECT_EQ(clean(kNow + Duration(4)), 1);
  EXPECT_EQ(clean(kNow + Duration(4)), 0);
  EXPECT_EQ(summaries(), Texts{"4"});
  EXPECT_EQ(count("SELECT count(*) FROM provisioning_log"), 2);
}

TEST_F(ProvisioningLogTest, NoStatementReadsAWholeTable) {
  write([&](storage::Transaction& inner) -> Result<void> {
    WatchedTransaction transaction(inner);
    const NewProvisioningEntry made = entry("x");
    RETURN_IF_ERROR(record_provisioning(transaction, account_.id, {&made, 1}));
    for (const ProvisioningLogFilter& filter :
         {ProvisioningLogFilter{}, ProvisioningLogFilter{.outcome = ProvisioningOutcome::Read},
          ProvisioningLogFilter{.subject = "x"}, ProvisioningLogFilter{.text = "x"}})
      RETURN_IF_ERROR(list_provisioning_log(transaction, account_.id, filter, {}, 10));
    RETURN_IF_ERROR(find_provisioning_entry(transaction, account_.id, ProvisioningEntryId{1}));
    RETURN_IF_ERROR(provisioning_pulse(transaction, account_.id, kNow));
    EXPECT_EQ(transaction.scans(), Texts());
    EXPECT_EQ(transaction.sorts(), Texts());
    return {};
  });
}

TEST_F(ProvisioningLogTest, OutcomesHaveWords) {
  for (const ProvisioningOutcome outcome : {ProvisioningOutcome::Read, ProvisioningOutcome::Unchanged,
                                            ProvisioningOutcome::Changed, ProvisioningOutcome::Failed})
    EXPECT_EQ(parse_provisioning_outcome(to_text(outcome)), outcome);
  EXPECT_FALSE(parse_provisioning_outcome("Read"));
}

}  // namespace
}  // namespace doorward::directory
