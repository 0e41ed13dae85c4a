#include "setup/domain_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::setup {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Records = Result<std::vector<std::string>>;

directory::DomainClaim claim(std::string_view token = "AbCdEfGhIjKlMnOpQrStUvWxYz012345") {
  directory::DomainClaim made;
  made.name = "contoso.com";
  made.record_value = "doorward-verification=" + std::string(token);
  return made;
}

const std::string kValue = claim().record_value;

std::string finding(const Records& records) {
  const DomainCheck check = check_domain(claim(), records);
  EXPECT_FALSE(check.proven);
  EXPECT_FALSE(check.finding.empty());
  return check.finding;
}

TEST(DomainProofTest, TheRecordProvesIt) {
  for (const std::vector<std::string>& records : {std::vector<std::string>{kValue},
                                                  {"v=spf1 -all", kValue},
                                                  {kValue, kValue},
                                                  {" \t" + kValue + "\r\n"}}) {
    const DomainCheck check = check_domain(claim(), Records(records));
    EXPECT_TRUE(check.proven);
    EXPECT_EQ(check.finding, "");
  }
}

TEST(DomainProofTest, NothingLessProvesIt) {
  std::string lower = kValue;
  for (char& c : lower)
    c = static_cast<char>(std::tolower(c));
  for (const std::string& record :
       {std::string(), lower, kValue + "x", "x" + kValue, kValue.substr(0, kValue.size() - 1),
        "\"" + kValue + "\"", kValue + '\0', "\xC2\xA0" + kValue, kValue.substr(kValue.find('=') + 1),
        "doorward-verification= " + kValue.substr(kValue.find('=') + 1), kValue + " " + kValue}) {
    EXPECT_FALSE(check_domain(claim(), Records(std::vector{record})).proven) << record;
  }
}

TEST(DomainProofTest, AnotherAccountsRecordProvesNothing) {
  const directory::DomainClaim theirs = claim("012345AbCdEfGhIjKlMnOpQrStUvWxYz");
  EXPECT_FALSE(check_domain(theirs, Records(std::vector{kValue})).proven);
}

TEST(DomainProofTest, SaysThatThereIsNoRecordYet) {
  EXPECT_THAT(finding(fail(ErrorKind::NotFound, net::kDnsNoName, "gone")),
              AllOf(HasSubstr("There is no record at _doorward.contoso.com yet."),
                    HasSubstr("not at contoso.com itself"), HasSubstr("enter only _doorward"),
                    HasSubstr("DNS changes can take an hour or more to be seen; check again later.")));
  EXPECT_THAT(finding(std::vector<std::string>()),
              AllOf(HasSubstr("has no TXT record"), HasSubstr("check again later")));
}

TEST(DomainProofTest, ShowsWhatIsThereInstead) {
  EXPECT_THAT(finding(std::vector<std::string>{"v=spf1 -all"}),
              AllOf(HasSubstr("The TXT record at _doorward.contoso.com says “v=spf1 -all”."),
                    HasSubstr("Copy the value exactly"), HasSubstr("an hour or more")));
  EXPECT_THAT(
      finding(std::vector<std::string>{"one", "two"}),
      AllOf(HasSubstr("None of the 2 TXT records"), HasSubstr("“one”, “two”."), Not(HasSubstr("more."))));
  EXPECT_THAT(finding(std::vector<std::string>(100, "a")), HasSubstr("“a”, “a” and 98 more."));
}

TEST(DomainProofTest, SaysThatTheValueIsWrapped) {
  EXPECT_THAT(finding(std::vector<std::string>{"\"" + kValue + "\""}), HasSubstr("without quotation marks"));
  EXPECT_THAT(finding(std::vector<std::string>{"TXT " + kValue}), HasSubstr("it must stand alone"));
}

TEST(DomainProofTest, QuotesForeignTextSafely) {
  const std::string text = finding(
      std::vector<std::string>{std::string(65'000, 'a'), std::string("\x1B[31m\n\0\xFF\xE2\x80\xAE", 10)});
  EXPECT_LT(text.size(), 600U);
  EXPECT_THAT(text, AllOf(HasSubstr(std::string(80, 'a') + "…"), Not(HasSubstr(std::string(81, 'a'))),
                          Not(HasSubstr("\x1B")), Not(HasSubstr("\n")), Not(HasSubstr("\xE2\x80\xAE"))));
}

TEST(DomainProofTest, PassesOnWhyTheNameServerFailed) {
  EXPECT_THAT(finding(fail(ErrorKind::Unavailable, "net.dns_timeout", "The name server is silent.")),
              AllOf(HasSubstr("The name server is silent."), HasSubstr("check again later")));
}

}  // namespace
}  // namespace doorward::setup
