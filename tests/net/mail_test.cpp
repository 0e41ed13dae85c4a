#include "net/mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"

namespace doorward::net {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MailServer, ReadsItsAddress) {
  const auto tls = MailServer::parse("smtps://mail.example.com");
  ASSERT_TRUE(tls);
  EXPECT_EQ(tls->security, MailServer::Security::Tls);
  EXPECT_EQ(tls->port, 465);
  const auto start_tls = MailServer::parse("smtp://mail.example.com/");
  ASSERT_TRUE(start_tls);
  EXPECT_EQ(start_tls->security, MailServer::Security::StartTls);
  EXPECT_EQ(start_tls->port, 587);
  const auto local = MailServer::parse("smtp://[::1]:2525");
  ASSERT_TRUE(local);
  EXPECT_EQ(local->security, MailServer::Security::None);
  EXPECT_EQ(local->host, "::1");
  EXPECT_EQ(local->port, 2525);
  EXPECT_EQ(MailServer::parse("smtp://127.0.0.1")->port, 25);
}

TEST(MailServer, RefusesWhatIsNoAddress) {
  for (const std::string_view text :
       {"", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://mail.example.com:",
        "smtp://a:0", "smtp://a:65536", "smtp://user@mail.example.com", "smtp://mail.example.com/x",
        "smtp://a b", "smtp://[::1", "smtp://[mail]", "smtp://[::1]25", "smtp://-a", "smtp://a..b"}) {
    EXPECT_FALSE(MailServer::parse(text)) << text;
  }
}

TEST(Mailbox, ReadsAddressesWithAndWithoutAName) {
  const auto plain = Mailbox::parse(" a.b+c@contoso.example ");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->address, "a.b+c@contoso.example");
  EXPECT_EQ(plain->name, "");
  const auto named = Mailbox::parse("\"Portal, Contoso\" <portal@contoso.example>");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->name, "Portal, Contoso");
}

TEST(Mailbox, RefusesWhatCouldReachSomebodyElse) {
  for (const std::string& text :
       {std::string(""), std::string("a"), std::string("a@"), std::string("@b"), std::string("a@b@c "),
        std::string("a@b,c@d"), std::string("a b@c"), std::string("\"a\"@b.example"),
        std::string("a@[127.0.0.1]"), std::string(".a@b"), std::string("a..b@c"),
        std::string("a@b>\r\nRCPT TO:<x@y"), std::string("ä@b.example"),
        std::string("N\r\nBcc: x <a@b.example>"), std::string(65, 'a') + "@b.example"}) {
    EXPECT_FALSE(Mailbox::parse(text)) << text;
  }
}

Mail mail_with(std::string subject, std::string text) {
  Mail mail;
  mail.from = {.name = "Portal", .address = "portal@contoso.example"};
  mail.to = {.name = "", .address = "alice@contoso.example"};
  mail.subject = std::move(subject);
  mail.text = std::move(text);
  mail.id = "doorward.1";
  mail.date = from_millis(1'796'000'000'000);
  return mail;
}

TEST(Message, HasTheFieldsOfTheStandards) {
  const std::string message = message_of(mail_with("Hello", "Text\n"));
  EXPECT_THAT(message, HasSubstr("From: \"Portal\" <portal@contoso.example>\r\n"));
  EXPECT_THAT(message, HasSubstr("To: <alice@contoso.example>\r\n"));
  EXPECT_THAT(message, HasSubstr("Subject: Hello\r\n"));
  EXPECT_THAT(message, HasSubstr("Message-ID: <doorward.1@contoso.example>\r\n"));
  EXPECT_THAT(message, HasSubstr("Auto-Submitted: auto-generated\r\n"));
  EXPECT_THAT(message, HasSubstr("Date: Mon, 30 Nov 2026 00:53:20 +0000\r\n"));
  EXPECT_THAT(message, testing::EndsWith("\r\n\r\n" + to_base64("Text\r\n") + "\r\n"));
}

TEST(Message, NothingInASubjectBeginsAnotherField) {
  const std::string message = message_of(mail_with("Hi\r\nBcc: everybody@contoso.example", "x"));
  EXPECT_THAT(message, Not(HasSubstr("\nBcc:")));
}

TEST(Message, WritesOtherLettersInEncodedWordsOfWholeCharacters) {
  std::string subject;
  for (int i = 0; i < 40; ++i)
    subject += "ü€";
  const std::string message = message_of(mail_with(subject, ""));
  std::string decoded;
  for (std::size_t at = message.find("=?UTF-8?B?"); at != std::string::npos;
       at = message.find("=?UTF-8?B?", at + 1)) {
    const std::size_t begin = at + 10;
    const std::size_t end = message.find("?=", begin);
    EXPECT_LE(end + 2 - at, 75U);
    const auto piece = from_base64(message.substr(begin, end - begin));
    ASSERT_TRUE(piece);
    // Each word stands alone: no character is cut.
    EXPECT_NE(static_cast<unsigned char>(piece->front()) & 0xC0, 0x80);
    decoded += *piece;
  }
  EXPECT_EQ(decoded, subject);
}

TEST(Message, KeepsLinesShort) {
  const std::string message = message_of(mail_with("x", std::string(5000, 'a')));
  std::size_t longest = 0;
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t end = message.find("\r\n", at);
    longest = std::max(longest, end - at);
    at = end + 2;
  }
  EXPECT_LE(longest, 78U);
}

TEST(SendMail, SaysWhenNobodyIsThere) {
  auto server = *MailServer::parse("smtp://127.0.0.1:1");
  const auto sent = send_mail(server, mail_with("x", "x"));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code.name(), "net.mail_server_unreachable");
}

}  // namespace
}  // namespace doorward::net
