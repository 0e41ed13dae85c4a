#include "setup/metadata_refresh.h"

#include <functional>

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/log.h"
#include "directory/certificate_notices.h"
#include "directory/employees.h"
#include "directory/events.h"
#include "directory/mails.h"
#include "setup_test.h"
#include "support/fake_clock.h"

namespace doorward::setup {
namespace {

using directory::MetadataRefresh;
using directory::RefreshVerdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::chrono::hours kDay{24};
constexpr std::string_view kEntityId = "https://idp.example.com/";

crypto::Certificate new_certificate(Duration lifetime = kYear) {
  return crypto::Certificate::self_signed(crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256), "idp",
                                          kNow - kYear, kNow + lifetime);
}

/// What the provider publishes.
struct Published {
  std::string entity_id = std::string(kEntityId);
  std::string sign_on = "https://idp.example.com/sso";
  std::vector<crypto::Certificate> certificates = {};

  std::string document() const {
    std::string keys;
    for (const auto& certificate : certificates) {
      keys +=
          "<KeyDescriptor><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>" +
          to_base64(certificate.der()) + "</X509Certificate></X509Data></KeyInfo></KeyDescriptor>";
    }
    return "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"" + entity_id +
           "\"><IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">" +
           keys +
           "<SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"" +
           sign_on + "\"/></IDPSSODescriptor></EntityDescriptor>";
  }
};

class MetadataRefreshTest : public SetupTest {
 protected:
  MetadataRefreshTest() {
    log::set_sink([](std::string_view) {});
    published_.certificates = {first_};
    connection_ = write([&](storage::Transaction& transaction) {
      return directory::create_connection(
          transaction,
          {.account = account_.id,
           .provider = provider(kEntityId, first_),
           .metadata = directory::MetadataSource{.url = "https://idp.example.com/metadata",
                                                 .document = "x",
                                                 .etag = {},
                                                 .fetched_at = kNow}},
          kSupport, kNow);
    });
  }
  ~MetadataRefreshTest() override { log::set_sink({}); }

  Result<MetadataRefresh> try_refresh(RefreshOrder order = {}) {
    order.account = account_.id;
    order.connection = connection_.id;
    order.actor = kSupport;
    return refresh_metadata(
        *database_, clock_,
        [this](const Url& url, Timestamp now) -> Result<directory::MetadataSource> {
          meanwhile_();
          if (!reachable_) return fail(ErrorKind::Unavailable, "net.timeout", "It did not answer.");
          return directory::MetadataSource{
              .url = url.text(), .document = published_.document(), .etag = {}, .fetched_at = now};
        },
        order);
  }
  MetadataRefresh refresh(RefreshOrder order = {}) { return must(try_refresh(std::move(order))); }

  directory::Provider stored() {
    return write([&](storage::Transaction& transaction) {
             return directory::load_connection(transaction, account_.id, connection_.id);
           })
        .provider;
  }
  std::vector<std::string> told() {
    return write([&](storage::Transaction& transaction) -> Result<std::vector<std::string>> {
      std::vector<std::string> types;
      ASSIGN_OR_RETURN(const auto events, directory::events_after(transaction, account_.id, {}, 100));
      for (const auto& event : events) {
        if (event.type.starts_with("connection.") && event.type != "connection.created")
          types.push_back(event.type);
      }
      return types;
    });
  }
  /// Subjects and texts of the mails that wait.
  std::vector<directory::QueuedMail> mails() {
    return write([&](storage::Transaction& transaction) {
      return directory::claim_mails(transaction, clock_.now(), clock_.now() + kDay * 1000, 100);
    });
  }
  void add_administrator() {
    write([&](storage::Transaction& transaction) {
      return directory::create_employee(transaction,
                                        {.account = account_.id,
                                         .profile = {.user_name = "ada", .email = "ada@acme.example"},
                                         .administrator = true},
                                        kSupport, kNow);
    });
  }

  test::FakeClock clock_{kNow};
  const crypto::Certificate first_ = new_certificate();
  Published published_;
  bool reachable_ = true;
  std::function<void()> meanwhile_ = [] {};
  directory::Connection connection_;
};

TEST_F(MetadataRefreshTest, NothingNewChangesNothing) {
  const auto done = refresh();
  EXPECT_EQ(done.verdict, RefreshVerdict::Unchanged);
  EXPECT_THAT(done.changes, IsEmpty());
  EXPECT_EQ(done.at, kNow);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(stored(), connection_.provider);
}

TEST_F(MetadataRefreshTest, TheNextOneIsAboutADayAwayAndSpread) {
  EXPECT_EQ(refresh({.spread = 0}).due_at, kNow + Duration(kDay) * 9 / 10);
  EXPECT_EQ(refresh({.spread = 1}).due_at, kNow + Duration(kDay) * 11 / 10);
  EXPECT_EQ(refresh({.interval = std::chrono::hours(10)}).due_at, kNow + std::chrono::hours(10));
}

TEST_F(MetadataRefreshTest, ANewCertificateCountsBesideTheOldOne) {
  const auto second = new_certificate();
  published_.certificates = {first_, second};
  const auto done = refresh();
  EXPECT_EQ(done.verdict, RefreshVerdict::Changed);
  ASSERT_EQ(done.changes.size(), 1U);
  EXPECT_THAT(done.changes[0], HasSubstr(second.thumbprint()));
  EXPECT_THAT(stored().signing_certificates, ElementsAre(first_.der(), second.der()));
  EXPECT_THAT(told(), ElementsAre("connection.provider_changed"));
}

TEST_F(MetadataRefreshTest, AnotherOrderIsNoChange) {
  const auto second = new_certificate();
  published_.certificates = {first_, second};
  refresh();
  published_.certificates = {second, first_};
  EXPECT_EQ(refresh().verdict, RefreshVerdict::Unchanged);
  EXPECT_EQ(told().size(), 1U);
}

TEST_F(MetadataRefreshTest, AWithdrawnCertificateCountsForAWeekAndThenNoMore) {
  const auto second = new_certificate();
  published_.certificates = {second};
  EXPECT_EQ(refresh().changes.size(), 2U);
  EXPECT_THAT(stored().signing_certificates, ElementsAre(second.der(), first_.der()));

  clock_.advance(kCertificateOverlap - std::chrono::seconds(1));
  EXPECT_EQ(refresh().verdict, RefreshVerdict::Unchanged);
  EXPECT_EQ(stored().signing_certificates.size(), 2U);

  clock_.advance(std::chrono::seconds(1));
  const auto done = refresh();
  ASSERT_EQ(done.changes.size(), 1U);
  EXPECT_THAT(done.changes[0], HasSubstr(first_.thumbprint()));
  EXPECT_THAT(stored().signing_certificates, ElementsAre(second.der()));
}

TEST_F(MetadataRefreshTest, ACertificateThatComesBackHasItsWholeWeekAgain) {
  const auto second = new_certificate();
  published_.certificates = {second};
  refresh();
  clock_.advance(kDay * 6);
  published_.certificates = {first_, second};
  refresh();
  published_.certificates = {second};
  clock_.advance(kDay * 6);
  refresh();
  clock_.advance(kDay * 6);
  refresh();
  EXPECT_EQ(stored().signing_certificates.size(), 2U);
}

TEST_F(MetadataRefreshTest, WithoutAValidCertificateInThePlaceNoneIsTakenAway) {
  const auto expired = new_certificate(-kDay);
  published_.certificates = {expired};
  refresh();
  clock_.advance(kCertificateOverlap * 10);
  refresh();
  EXPECT_THAT(stored().signing_certificates, ElementsAre(expired.der(), first_.der()));
}

TEST_F(MetadataRefreshTest, WhoPublishesANewCertificateEveryDayFillsNothingUp) {
  for (std::size_t day = 0; day < kMaxWithdrawn + 10; ++day) {
    published_.certificates = {new_certificate()};
    refresh();
  }
  EXPECT_EQ(stored().signing_certificates.size(), kMaxWithdrawn + 1);
  EXPECT_EQ(stored().signing_certificates[0], published_.certificates[0].der());
}

TEST_F(MetadataRefreshTest, AnAddressOnTheSameHostIsTakenOver) {
  published_.sign_on = "https://idp.example.com/new/sso";
  EXPECT_EQ(refresh().verdict, RefreshVerdict::Changed);
  EXPECT_EQ(stored().sign_on[0].url, published_.sign_on);
}

TEST_F(MetadataRefreshTest, AnotherHostWaitsForConsentAndCertificatesDoNot) {
  for (const char* moved : {"https://idp.example.net/sso", "https://idp.example.com:8443/sso",
                            "https://login.idp.example.com/sso"}) {
    published_.sign_on = moved;
    const auto done = refresh();
    EXPECT_EQ(done.verdict, RefreshVerdict::Held) << moved;
    EXPECT_FALSE(done.held.empty());
    EXPECT_EQ(stored().sign_on[0].url, "https://idp.example.com/sso");
  }
  const auto second = new_certificate();
  published_.certificates = {first_, second};
  const auto done = refresh();
  EXPECT_EQ(done.verdict, RefreshVerdict::Held);
  EXPECT_EQ(done.changes.size(), 1U);
  EXPECT_EQ(stored().signing_certificates.size(), 2U);
}

TEST_F(MetadataRefreshTest, AnAddressWithoutTlsIsNoMetadataToUse) {
  published_.sign_on = "http://idp.example.com/sso";
  EXPECT_EQ(refresh().verdict, RefreshVerdict::Failed);
  EXPECT_EQ(stored(), connection_.provider);
}

TEST_F(MetadataRefreshTest, ConsentIsForExactlyWhatWasShown) {
  published_.sign_on = "https://idp.example.net/sso";
  const std::string held = refresh().held;
  published_.sign_on = "https://evil.example/sso";
  EXPECT_EQ(refresh({.accepted = held}).verdict, RefreshVerdict::Held);
  EXPECT_EQ(stored().sign_on[0].url, "https://idp.example.com/sso");
  published_.sign_on = "https://idp.example.net/sso";
  const auto done = refresh({.accepted = held});
  EXPECT_EQ(done.verdict, RefreshVerdict::Changed);
  EXPECT_EQ(done.held, "");
  EXPECT_EQ(stored().sign_on[0].url, "https://idp.example.net/sso");
  EXPECT_EQ(refresh().verdict, RefreshVerdict::Unchanged);
}

TEST_F(MetadataRefreshTest, AWaitingChangeIsToldOnce) {
  add_administrator();
  published_.sign_on = "https://idp.example.net/sso";
  refresh();
  refresh();
  EXPECT_THAT(told(), ElementsAre("connection.change_held"));
  const auto sent = mails();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_THAT(sent[0].body, HasSubstr("https://idp.example.net"));
  published_.sign_on = "https://idp.example.org/sso";
  refresh();
  EXPECT_EQ(told().size(), 2U);
}

TEST_F(MetadataRefreshTest, AnotherProviderIsNeverTakenOver) {
  published_.entity_id = "https://evil.example/";
  published_.certificates = {new_certificate()};
  const auto done = refresh();
  EXPECT_EQ(done.verdict, RefreshVerdict::Held);
  EXPECT_EQ(done.held, "");
  EXPECT_THAT(done.problem, HasSubstr("https://evil.example/"));
  // There is nothing that could be accepted.
  refresh({.accepted = ""});
  EXPECT_EQ(stored(), connection_.provider);
  EXPECT_THAT(told(), ElementsAre("connection.change_held"));
}

TEST_F(MetadataRefreshTest, AFailureChangesNothingAndComesAgainSooner) {
  reachable_ = false;
  const auto done = refresh();
  EXPECT_EQ(done.verdict, RefreshVerdict::Failed);
  EXPECT_THAT(done.problem, HasSubstr("It did not answer."));
  EXPECT_EQ(done.failing_since, kNow);
  EXPECT_EQ(done.due_at, kNow + kRetry);
  EXPECT_EQ(stored(), connection_.provider);
}

TEST_F(MetadataRefreshTest, ADocumentThatIsNoneIsAFailure) {
  published_.certificates.clear();
  const auto done = refresh();
  EXPECT_EQ(done.verdict, RefreshVerdict::Failed);
  EXPECT_EQ(stored(), connection_.provider);
}

TEST_F(MetadataRefreshTest, FailuresAreToldOnceByEventAndAfterADayByMail) {
  add_administrator();
  reachable_ = false;
  refresh();
  clock_.advance(kPatience - std::chrono::seconds(1));
  refresh();
  EXPECT_THAT(told(), ElementsAre("connection.refresh_failed"));
  EXPECT_THAT(mails(), IsEmpty());
  clock_.advance(std::chrono::seconds(1));
  refresh();
  EXPECT_EQ(mails().size(), 1U);
  clock_.advance(kPatience);
  refresh();
  EXPECT_THAT(mails(), IsEmpty());
  EXPECT_EQ(told().size(), 1U);

  reachable_ = true;
  EXPECT_EQ(refresh().failing_since, std::nullopt);
  reachable_ = false;
  refresh();
  EXPECT_EQ(told().size(), 2U);
}

TEST_F(MetadataRefreshTest, AConnectionThatChangedMeanwhileIsLeftAlone) {
  meanwhile_ = [&] {
    write([&](storage::Transaction& transaction) {
      return directory::update_provider(transaction, account_.id, connection_.id,
                                        provider("https://b.example/", first_), {},
                                        directory::EntityIdChange::Allow, kSupport, kNow);
    });
  };
  const auto done = try_refresh();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode("setup.connection_changed"));
  EXPECT_EQ(stored().entity_id, "https://b.example/");
}

TEST_F(MetadataRefreshTest, WhoMayNoLongerStoresNothing) {
  published_.certificates = {first_, new_certificate()};
  RefreshOrder order;
  order.still_allowed = [](storage::Transaction&) -> Result<void> {
    return fail(ErrorKind::Refused, "test.no", "No.");
  };
  EXPECT_FALSE(try_refresh(order));
  EXPECT_EQ(stored(), connection_.provider);
}

TEST_F(MetadataRefreshTest, AConnectionFromAFileHasNothingToFetch) {
  write([&](storage::Transaction& transaction) {
    return directory::update_provider(
        transaction, account_.id, connection_.id, connection_.provider,
        directory::MetadataSource{.url = "", .document = "x", .etag = {}, .fetched_at = kNow},
        directory::EntityIdChange::Refuse, kSupport, kNow);
  });
  const auto done = try_refresh();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode("setup.no_metadata_url"));
}

TEST_F(MetadataRefreshTest, ANewCertificateEndsTheNotices) {
  add_administrator();
  published_.certificates = {new_certificate(kDay * 20)};
  refresh();
  clock_.advance(kCertificateOverlap);
  refresh();
  EXPECT_THAT(told(), testing::Contains("connection.certificate_expiring"));
  const auto ending = [&] {
    return write([&](storage::Transaction& transaction) {
      return directory::list_ending_certificates(transaction, account_.id, clock_.now());
    });
  };
  EXPECT_EQ(ending().size(), 1U);
  published_.certificates.push_back(new_certificate());
  refresh();
  EXPECT_THAT(ending(), IsEmpty());
}

}  // namespace
}  // namespace doorward::setup
