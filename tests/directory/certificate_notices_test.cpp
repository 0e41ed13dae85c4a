#include "directory/certificate_notices.h"

#include <gmock/gmock.h>

#include "directory/events.h"
#include "directory/key_pairs.h"
#include "directory/mails.h"
#include "directory/metadata_refreshes.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::chrono::hours kNoticeDay{24};

class CertificateNoticesTest : public DirectoryTest {
 protected:
  static crypto::Certificate ending_in(Duration lifetime) {
    return crypto::Certificate::self_signed(crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256), "idp",
                                            kNow - kNoticeDay, kNow + lifetime);
  }
  Connection connect(const Account& account, const std::vector<crypto::Certificate>& certificates) {
    Provider wanted = provider("https://idp.example/");
    wanted.signing_certificates.clear();
    for (const auto& certificate : certificates)
      wanted.signing_certificates.push_back(certificate.der());
    return write([&](storage::Transaction& transaction) {
      return create_connection(transaction, {.account = account.id, .provider = wanted}, kSupport, kNow);
    });
  }
  void add_certificate(const Connection& connection, const crypto::Certificate& certificate) {
    Provider wanted = connection.provider;
    wanted.signing_certificates.push_back(certificate.der());
    write([&](storage::Transaction& transaction) {
      return update_provider(transaction, connection.account, connection.id, wanted, {},
                             EntityIdChange::Refuse, kSupport, kNow);
    });
  }
  int tell(const Account& account, Timestamp now) {
    return write([&](storage::Transaction& transaction) {
      return tell_of_ending_certificates(transaction, account.id, now);
    });
  }
  std::vector<EndingCertificate> ending(Timestamp now) {
    return read([&](storage::Transaction& transaction) {
      return list_ending_certificates(transaction, contoso_.id, now);
    });
  }
  std::vector<QueuedMail> mails() {
    return write([&](storage::Transaction& transaction) {
      return claim_mails(transaction, kNow + kNoticeDay * 1000, kNow + kNoticeDay * 2000, 100);
    });
  }

  const Account contoso_ = add_account("contoso");
  const Employee ada_ = add_employee({.account = contoso_.id,
                                      .profile = {.user_name = "ada", .email = "ada@contoso.example"},
                                      .administrator = true});
};

TEST_F(CertificateNoticesTest, ItIsToldSixtyThirtyAndSevenDaysBeforeAndNeverTwice) {
  connect(contoso_, {ending_in(kNoticeDay * 100)});
  int told = 0;
  std::vector<std::int64_t> on_days;
  for (std::int64_t day = 0; day < 120; ++day) {
    // As a server does that looks every few hours.
    for (int look = 0; look < 3; ++look) {
      const int now_told = tell(contoso_, kNow + kNoticeDay * day);
      if (now_told > 0) on_days.push_back(day);
      told += now_told;
    }
  }
  EXPECT_EQ(told, 3);
  EXPECT_EQ(on_days, (std::vector<std::int64_t>{40, 70, 93}));
  EXPECT_EQ(mails().size(), 3U);
}

TEST_F(CertificateNoticesTest, AMissedNoticeIsNotMadeUpFor) {
  connect(contoso_, {ending_in(kNoticeDay * 5)});
  EXPECT_EQ(tell(contoso_, kNow), 1);
  EXPECT_EQ(tell(contoso_, kNow), 0);
  EXPECT_EQ(tell(contoso_, kNow + kNoticeDay * 6), 0);
}

TEST_F(CertificateNoticesTest, TheMailSaysWhenAndWhatToDo) {
  connect(contoso_, {ending_in(kNoticeDay * 20)});
  tell(contoso_, kNow);
  const auto sent = mails();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].employee.id, ada_.id);
  EXPECT_THAT(sent[0].subject, HasSubstr("2027-02-04, in 20 days"));
  EXPECT_THAT(sent[0].body, HasSubstr("New Certificate"));
  EXPECT_THAT(sent[0].body, HasSubstr("Refresh now"));
  EXPECT_THAT(sent[0].body, Not(HasSubstr("*")));
  const auto events = read(
      [&](storage::Transaction& transaction) { return events_after(transaction, contoso_.id, {}, 100); });
  EXPECT_EQ(events.back().type, "connection.certificate_expiring");
  EXPECT_EQ(events.back().data.at("notice_days").as_int64(), 30);
}

TEST_F(CertificateNoticesTest, ANewerCertificateEndsItAndHasNoticesOfItsOwn) {
  const Connection connection = connect(contoso_, {ending_in(kNoticeDay * 20)});
  EXPECT_EQ(tell(contoso_, kNow), 1);
  add_certificate(connection, ending_in(kNoticeDay * 200));
  EXPECT_THAT(ending(kNow), IsEmpty());
  EXPECT_EQ(tell(contoso_, kNow + kNoticeDay * 15), 0);
  EXPECT_EQ(tell(contoso_, kNow + kNoticeDay * 145), 1);
}

TEST_F(CertificateNoticesTest, AWithdrawnCertificateIsNoComfort) {
  const auto withdrawn = ending_in(kNoticeDay * 500);
  const Connection connection = connect(contoso_, {ending_in(kNoticeDay * 20), withdrawn});
  EXPECT_THAT(ending(kNow), IsEmpty());
  write([&](storage::Transaction& transaction) {
    return set_withdrawn_certificates(transaction, contoso_.id, connection.id,
                                      {{withdrawn.fingerprint(), kNow}});
  });
  EXPECT_EQ(ending(kNow).size(), 1U);
}

TEST_F(CertificateNoticesTest, WhatHasEndedSaysSo) {
  connect(contoso_, {ending_in(kNoticeDay)});
  const auto found = ending(kNow + kNoticeDay * 2);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(notice_words(found[0], kNow + kNoticeDay * 2), HasSubstr("ended on"));
  EXPECT_THAT(notice_words(found[0], kNow), HasSubstr("in 1 day,"));
}

TEST_F(CertificateNoticesTest, ASwitchedOffConnectionIsNobodysTrouble) {
  const Connection connection = connect(contoso_, {ending_in(kNoticeDay)});
  write([&](storage::Transaction& transaction) {
    return set_connection_state(transaction, contoso_.id, connection.id, ConnectionState::Inactive, kSupport,
                                kNow);
  });
  EXPECT_THAT(ending(kNow), IsEmpty());
}

TEST_F(CertificateNoticesTest, OurOwnCertificatesAreMissedToo) {
  connect(contoso_, {ending_in(kNoticeDay * 500)});
  const crypto::Sealer sealer{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'k'))};
  const auto add = [&](KeyState state, Duration lifetime) {
    auto key = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
    auto certificate = crypto::Certificate::self_signed(key, "own", kNow - kNoticeDay, kNow + lifetime);
    write([&](storage::Transaction& transaction) {
      return create_key_pair(
          transaction, sealer,
          {contoso_.id, KeyPurpose::Signing, std::move(key), std::move(certificate), state}, kSupport, kNow);
    });
  };
  add(KeyState::Current, kNoticeDay * 6);
  const auto found = ending(kNow);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].use, CertificateUse::Signing);
  EXPECT_THAT(notice_words(found[0], kNow), HasSubstr("own keys"));
  EXPECT_EQ(tell(contoso_, kNow), 1);
  add(KeyState::Next, kNoticeDay * 600);
  EXPECT_THAT(ending(kNow), IsEmpty());
}

TEST_F(CertificateNoticesTest, EachAccountHearsOfItsOwn) {
  const Account fabrikam = add_account("fabrikam");
  connect(contoso_, {ending_in(kNoticeDay)});
  EXPECT_EQ(tell(fabrikam, kNow), 0);
  EXPECT_THAT(mails(), IsEmpty());
}

}  // namespace
}  // namespace doorward::directory
