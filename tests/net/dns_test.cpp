#include "net/dns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "net/name_server.h"

namespace doorward::net {
namespace {

using std::chrono::milliseconds;
using test::DnsQuestion;
using test::DnsReply;
using test::NameServer;
using test::txt_record;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kName = "_doorward.contoso.example";

Result<std::vector<std::string>> ask(const NameServer& server, std::string_view name = kName,
                                     milliseconds timeout = std::chrono::seconds(5)) {
  return lookup_txt(name, {.servers = {server.address()}, .timeout = timeout});
}

/// The code with which asking fails; empty when it succeeds.
std::string refusal(const Result<std::vector<std::string>>& outcome) {
  return outcome ? std::string() : std::string(outcome.error().code.name());
}

TEST(DnsTest, ReadsARecord) {
  const NameServer server(DnsReply{.records = {txt_record({"doorward-verification=abc"})}});
  EXPECT_THAT(ask(server).value(), ElementsAre("doorward-verification=abc"));
  EXPECT_EQ(server.questions().at(0).name(), kName);
  // Type TXT, class IN.
  EXPECT_TRUE(server.questions().at(0).wire().ends_with(std::string("\x00\x10\x00\x01", 4)));
}

TEST(DnsTest, JoinsTheStringsOfOneRecordAndNotTheRecords) {
  const NameServer server(DnsReply{
      .records = {txt_record({"v=spf1 ", "-all"}), txt_record({""}), txt_record({"doorward", "", "=1"})}});
  EXPECT_THAT(ask(server).value(), ElementsAre("v=spf1 -all", "", "doorward=1"));
}

TEST(DnsTest, KeepsBytesThatAreNoText) {
  const std::string bytes("a\0\xFF\n", 4);
  const NameServer server(DnsReply{.records = {txt_record({bytes})}});
  EXPECT_THAT(ask(server).value(), ElementsAre(bytes));
}

TEST(DnsTest, ANameWithoutRecordsIsNoFailure) {
  const NameServer server(DnsReply{});
  EXPECT_THAT(ask(server).value(), IsEmpty());
}

TEST(DnsTest, TellsThatTheNameDoesNotExist) {
  const NameServer server(DnsReply{.code = 3});
  const auto outcome = ask(server);
  EXPECT_EQ(refusal(outcome), "net.dns_no_name");
  EXPECT_EQ(outcome.error().kind, ErrorKind::NotFound);
  EXPECT_THAT(outcome.error().message, HasSubstr(kName));
}

TEST(DnsTest, AddsNoSearchDomain) {
  setenv("LOCALDOMAIN", "attacker.example", 1);
  const NameServer server(DnsReply{.code = 3});
  EXPECT_EQ(refusal(ask(server, "localname")), "net.dns_no_name");
  unsetenv("LOCALDOMAIN");
  std::vector<std::string> names;
  for (const DnsQuestion& question : server.questions())
    names.push_back(question.name());
  EXPECT_THAT(names, Each("localname"));
}

TEST(DnsTest, TellsThatTheServerFails) {
  for (const int code : {2, 5}) {
    const NameServer server(DnsReply{.code = code});
    EXPECT_EQ(refusal(ask(server)), "net.dns_refused") << code;
  }
}

TEST(DnsTest, TellsThatTheServerIsNotThere) {
  std::string address;
  {
    const NameServer server(DnsReply{});
    address = server.address();
  }
  EXPECT_EQ(refusal(lookup_txt(kName, {.servers = {address}})), "net.dns_refused");
}

TEST(DnsTest, AsksTheNextServerWhenOneFails) {
  const NameServer broken(DnsReply{.code = 2});
  const NameServer sound(DnsReply{.records = {txt_record({"here"})}});
  EXPECT_THAT(lookup_txt(kName, {.servers = {broken.address(), sound.address()}}).value(),
              ElementsAre("here"));
}

TEST(DnsTest, GivesUpInTime) {
  const NameServer server([](const DnsQuestion&) { return std::vector<std::string>(); });
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(refusal(ask(server, kName, milliseconds(200))), "net.dns_timeout");
  const auto taken = std::chrono::steady_clock::now() - begun;
  EXPECT_GE(taken, milliseconds(190));
  EXPECT_LT(taken, std::chrono::seconds(3));
}

TEST(DnsTest, FetchesOverTcpWhatDoesNotFitIntoADatagram) {
  const NameServer server([](const DnsQuestion& question) {
    DnsReply reply;
    if (question.carrier == DnsQuestion::Carrier::Datagram) {
      reply.truncated = true;
    } else {
      for (int i = 0; i < 50; ++i)
        reply.records.push_back(txt_record({std::string(200, 'a')}));
    }
    return std::vector<std::string>{reply.message(question)};
  });
  EXPECT_THAT(ask(server).value(), SizeIs(50));
}

TEST(DnsTest, IgnoresForgedAnswers) {
  const NameServer server([](const DnsQuestion& question) {
    DnsQuestion other_id = question;
    other_id.message[1] = static_cast<char>(other_id.message[1] ^ 1);
    DnsQuestion other_name = question;
    other_name.message[14] = 'x';
    const DnsReply forged{.records = {txt_record({"forged"})}};
    const DnsReply sound{.records = {txt_record({"sound"})}};
    return std::vector<std::string>{forged.message(other_id), forged.message(other_name),
                                    sound.message(question)};
  });
  EXPECT_THAT(ask(server).value(), ElementsAre("sound"));
}

TEST(DnsTest, AnAnswerToAnotherQuestionIsNone) {
  const NameServer server([](const DnsQuestion& question) {
    DnsQuestion other = question;
    other.message[0] = static_cast<char>(other.message[0] ^ 1);
    return std::vector<std::string>{DnsReply{.records = {txt_record({"forged"})}}.message(other)};
  });
  EXPECT_EQ(refusal(ask(server, kName, milliseconds(200))), "net.dns_timeout");
}

TEST(DnsTest, SurvivesNoise) {
  const NameServer server([](const DnsQuestion& question) {
    const std::string sound = DnsReply{.records = {txt_record({"sound"})}}.message(question);
    if (question.number > 1) return std::vector<std::string>{sound};
    return std::vector<std::string>{"", "x", std::string(500, '\xFF'), sound};
  });
  EXPECT_THAT(ask(server).value(), ElementsAre("sound"));
}

TEST(DnsTest, RefusesBrokenRecords) {
  const std::string sound = txt_record({"sound"});
  const std::vector<DnsReply> broken = {
      // A string that is longer than its record.
      {.records = {test::txt_record_of("\x20"
                                       "abc")}},
      // A record that is longer than the message.
      {.records = {sound.substr(0, sound.size() - 2)}},
      // More records than there are.
      {.records = {sound}, .claimed_count = 65535},
      // A name that is a pointer to itself: 12 bytes of header, the question, then the name.
      {.records = {std::string("\xC0\x2B") + sound.substr(2)}},
  };
  for (const DnsReply& reply : broken) {
    const NameServer server(reply);
    EXPECT_EQ(refusal(ask(server)), "net.dns_bad_answer");
  }
}

TEST(DnsTest, GivesNoMoreThanAHundredRecords) {
  const NameServer server([](const DnsQuestion& question) {
    DnsReply reply{.truncated = question.carrier == DnsQuestion::Carrier::Datagram};
    if (!reply.truncated) reply.records = std::vector<std::string>(4000, txt_record({"x"}));
    return std::vector<std::string>{reply.message(question)};
  });
  EXPECT_THAT(ask(server).value(), SizeIs(kMaxTxtRecords));
}

TEST(DnsTest, AsksForNamesOnly) {
  const NameServer server(DnsReply{});
  for (const std::string& name :
       {std::string(), std::string("a..example"), std::string("a b.example"), std::string("a\\.example"),
        std::string("a\0.example", 10), std::string("b\xC3\xBC.example"), std::string(64, 'a') + ".example",
        std::string("a.example."), [] {
          std::string name = "a";
          while (name.size() < 254)
            name += ".a";
          return name;
        }()}) {
    EXPECT_EQ(refusal(ask(server, name)), "net.dns_bad_name") << name;
  }
  EXPECT_THAT(server.questions(), IsEmpty());
}

TEST(DnsTest, RefusesAServerThatIsNoAddress) {
  EXPECT_NE(refusal(lookup_txt(kName, {.servers = {"ns.example"}})), "");
}

}  // namespace
}  // namespace doorward::net
