#include "console/diagnosis_words.h"

#include <algorithm>

#include <gmock/gmock.h>

namespace doorward::console {
namespace {

using directory::Diagnosis;
using directory::Obstacle;
using directory::SignInHistory;
using testing::HasSubstr;
using testing::Not;

constexpr Timestamp kThen = from_millis(1'800'000'000'000);

class DiagnosisWordsTest : public testing::Test {
 protected:
  DiagnosisWordsTest() {
    history_.account.slug = "contoso";
    history_.account.plan = directory::Plan::Enterprise;
    history_.employee.emplace();
    history_.employee->public_id = "ben-id";
    history_.employee->profile.display_name = "Ben Baker";
    history_.address = "ben@contoso.com";
    history_.domain.emplace().name = "contoso.com";
    history_.domains = {*history_.domain};
    history_.connection.emplace().name = "Entra";
    history_.connected = true;
  }

  directory::Attempt attempt(std::string finding, std::string report = {}) {
    directory::Attempt made;
    made.id = directory::AttemptId{7};
    made.reference = "K7QM-2XPD";
    made.at = kThen;
    made.finding = std::move(finding);
    made.outcome =
        made.finding.empty() ? directory::AttemptOutcome::Success : directory::AttemptOutcome::Refused;
    made.report = std::move(report);
    return made;
  }
  directory::AuditEntry change(directory::ActorKind kind, std::string name) {
    return {.id = directory::AuditId{1},
            .at = kThen,
            .actor = {kind, std::move(name)},
            .action = "employee.deactivated",
            .target = "ben-id",
            .details = {{"sessions_ended", 2}}};
  }
  Verdict said(Obstacle obstacle) { return verdict_of(history_, {.obstacle = obstacle}); }

  SignInHistory history_;
};

TEST_F(DiagnosisWordsTest, EveryCauseHasAnAnswerAndAdvice) {
  history_.deleted.emplace().user_name = "ben@contoso.com";
  history_.guesses = {.failures = 9, .last_at = kThen, .wait_until = kThen};
  for (int i = 0; i <= static_cast<int>(Obstacle::Unknown); ++i) {
    const auto obstacle = static_cast<Obstacle>(i);
    const Verdict verdict = verdict_of(history_, {.obstacle = obstacle, .attempt = attempt("saml.expired")});
    EXPECT_FALSE(verdict.answer.empty()) << to_text(obstacle);
    EXPECT_FALSE(verdict.advice.empty()) << to_text(obstacle);
    for (const std::string* text : {&verdict.answer, &verdict.advice}) {
      EXPECT_THAT(*text, Not(HasSubstr("{"))) << to_text(obstacle);
      // Between asterisks stand names of screens: every one is closed.
      EXPECT_EQ(std::ranges::count(*text, '*') % 2, 0) << *text;
    }
  }
}

TEST_F(DiagnosisWordsTest, WhoSwitchedThemOffIsNamed) {
  const auto off_by = [&](directory::ActorKind kind, std::string name) {
    return verdict_of(history_, {.obstacle = Obstacle::Deactivated, .change = change(kind, std::move(name))});
  };
  const Verdict directory = off_by(directory::ActorKind::Directory, "Entra");
  EXPECT_EQ(
      directory.answer,
      "Your directory (“Entra”) switched Ben Baker off on 2027-01-15 08:00 UTC. Nothing is wrong here.");
  EXPECT_THAT(directory.advice, HasSubstr("Switch Ben Baker on in your directory"));
  const Verdict hand = off_by(directory::ActorKind::Administrator, "ada@contoso.com");
  EXPECT_EQ(hand.answer, "ada@contoso.com deactivated Ben Baker on 2027-01-15 08:00 UTC.");
  EXPECT_THAT(hand.advice, HasSubstr("activate Ben Baker on the employee’s page"));
  EXPECT_THAT(off_by(directory::ActorKind::Support, "root").answer, HasSubstr("Support (root)"));
}

TEST_F(DiagnosisWordsTest, AnAttemptIsToldByItsFindingOrItsReport) {
  const auto told = [&](const directory::Attempt& of) {
    return verdict_of(history_, {.obstacle = Obstacle::Attempt, .attempt = of});
  };
  EXPECT_THAT(told(attempt("identity.no_email")).answer, HasSubstr("there was no e-mail address"));
  EXPECT_THAT(told(attempt("identity.no_email")).advice, HasSubstr("*Contact information* > *Email*"));
  const Verdict reported = told(attempt(
      "saml.audience_mismatch",
      R"({"checks":[{"check":"a","verdict":"passed","message":"no"},{"check":"b","verdict":"failed","message":"Made for another."}]})"));
  EXPECT_EQ(reported.answer, "Attempt K7QM-2XPD, on 2027-01-15 08:00 UTC, was refused: Made for another.");
  EXPECT_THAT(reported.advice, HasSubstr("Identifier (Entity ID)"));
  for (const char* report : {"", "[]", "{", R"({"checks":7})", R"({"checks":[7,{"verdict":"failed"}]})"})
    EXPECT_THAT(told(attempt("saml.new_thing", report)).answer, HasSubstr("saml.new_thing")) << report;
  EXPECT_THAT(told(attempt("mobile.anything")).advice, HasSubstr("Look at the attempt"));
}

TEST_F(DiagnosisWordsTest, NamesFromOutsideDoNotChangeTheLooks) {
  history_.employee->profile.display_name = "*Ben* {0}\n";
  const Verdict verdict = said(Obstacle::NoEmail);
  EXPECT_THAT(verdict.answer, HasSubstr("Ben {0}? has no e-mail address"));
  EXPECT_THAT(said(Obstacle::None).advice, Not(HasSubstr("*Ben*")));
}

TEST_F(DiagnosisWordsTest, WhereTheAddressIsMendedDependsOnWhoKeepsIt) {
  EXPECT_THAT(said(Obstacle::NoEmail).advice, HasSubstr("on the employee’s page"));
  history_.provisioned = true;
  EXPECT_THAT(said(Obstacle::NoEmail).advice, HasSubstr("in your directory"));
}

TEST_F(DiagnosisWordsTest, AStrangerIsToldByTheDomains) {
  history_.employee.reset();
  history_.address = "eve@contoso.com";
  EXPECT_THAT(said(Obstacle::Unknown).answer, HasSubstr("Nobody here has the address or user name eve@"));
  EXPECT_THAT(said(Obstacle::Unknown).advice, HasSubstr("Provision on demand"));
  history_.domain.reset();
  EXPECT_THAT(said(Obstacle::Unknown).advice, HasSubstr("Look at the spelling: your company’s domains are "));
  history_.domains.clear();
  EXPECT_THAT(said(Obstacle::Unknown).advice, HasSubstr("add the employee"));
}

TEST_F(DiagnosisWordsTest, TheTimelineIsOneListNewestFirst) {
  const auto at = [](int minute) { return kThen + std::chrono::minutes(minute); };
  history_.attempts = {attempt("identity.deactivated"), attempt("")};
  history_.attempts[0].at = at(4);
  history_.attempts[1].at = at(1);
  history_.changes = {change(directory::ActorKind::Administrator, "ada")};
  history_.changes[0].at = at(3);
  directory::ProvisioningEntry entry;
  entry.id = directory::ProvisioningEntryId{42};
  entry.at = at(2);
  entry.outcome = directory::ProvisioningOutcome::Failed;
  entry.summary = "Entra could not change Ben";
  history_.requests = {entry};
  history_.mail = {.kind = directory::MailKind::Invitation,
                   .state = directory::MailState::Dead,
                   .problem = "550 no",
                   .queued_at = at(0)};
  const json::Array lines = timeline_view(history_);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0].at("text").as_string(), "A sign-in was refused: Ben Baker was deactivated");
  EXPECT_EQ(lines[0].at("reference").as_string(), "K7QM-2XPD");
  EXPECT_EQ(lines[1].at("text").as_string(), "Deactivated, by ada. 2 sessions ended");
  EXPECT_EQ(lines[1].at("tone").as_string(), "bad");
  EXPECT_EQ(lines[2].at("entry").as_int64(), 42);
  EXPECT_EQ(lines[3].at("tone").as_string(), "good");
  EXPECT_EQ(lines[4].at("text").as_string(), "The invitation could not be sent: 550 no");
}

TEST_F(DiagnosisWordsTest, WhatTheDirectoryDidIsToldOnce) {
  history_.changes = {change(directory::ActorKind::Directory, "Entra")};
  EXPECT_EQ(timeline_view(history_).size(), 1u);
  directory::ProvisioningEntry entry;
  entry.at = kThen;
  entry.outcome = directory::ProvisioningOutcome::Changed;
  entry.summary = "Entra switched Ben off";
  history_.requests = {entry};
  const json::Array lines = timeline_view(history_);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].at("text").as_string(), "Entra switched Ben off");
}

TEST_F(DiagnosisWordsTest, WhatHoldsNowIsMarkedWhereItIsWrong) {
  history_.employee->active = false;
  history_.connection->active = false;
  std::string wrong;
  for (const json::Value& fact : standing_view(history_)) {
    if (!fact.at("good").as_bool()) wrong += std::string(fact.at("name").as_string()) + ";";
  }
  EXPECT_EQ(wrong, "Access;Password;Domain of the address;");
  history_.employee.reset();
  EXPECT_EQ(standing_view(history_).size(), 2u);
}

}  // namespace
}  // namespace doorward::console
