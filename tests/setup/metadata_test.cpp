#include "setup/metadata.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "setup_test.h"

namespace doorward::setup {
namespace {

using directory::EntityIdChange;

class MetadataTest : public SetupTest {
 protected:
  static std::string document(std::string_view entity_id, const crypto::Certificate& key) {
    return "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"" +
           std::string(entity_id) +
           "\"><IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">"
           "<KeyDescriptor><KeyInfo "
           "xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>" +
           to_base64(key.der()) +
           "</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
           "<SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\""
           " Location=\"https://idp.example.com/slo\" ResponseLocation=\"https://idp.example.com/slo-done\"/>"
           "<SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\""
           " Location=\"https://idp.example.com/sso\"/></IDPSSODescriptor></EntityDescriptor>";
  }

  Result<StoredProvider> store(const directory::Provider& wanted, const std::optional<std::string>& name = {},
                               EntityIdChange change = EntityIdChange::Refuse) {
    return database_->write([&](storage::Transaction& transaction) {
      return store_provider(transaction, account_, name, wanted,
                            {.url = "", .document = "x", .etag = "", .fetched_at = kNow}, change, kSupport,
                            kNow);
    });
  }

  const crypto::Certificate key_ = certificate();
};

TEST_F(MetadataTest, ReadsWhatAConnectionNeeds) {
  const auto read = read_metadata(document("https://idp.example.com/", key_), "", kNow);
  ASSERT_TRUE(read.provider) << findings_text(read.report);
  EXPECT_EQ(read.provider->entity_id, "https://idp.example.com/");
  ASSERT_EQ(read.provider->sign_on.size(), 1U);
  EXPECT_EQ(read.provider->sign_on[0].binding, directory::Binding::Post);
  EXPECT_EQ(read.provider->sign_on[0].response_url, "");
  ASSERT_EQ(read.provider->logout.size(), 1U);
  EXPECT_EQ(read.provider->logout[0].response_url, "https://idp.example.com/slo-done");
  EXPECT_EQ(read.provider->signing_certificates, std::vector<Bytes>{key_.der()});
  EXPECT_EQ(findings_text(read.report), "");
}

TEST_F(MetadataTest, WarningsDoNotStandInTheWay) {
  const auto read =
      read_metadata(document("https://idp.example.com/", certificate(std::chrono::hours(24))), "", kNow);
  EXPECT_TRUE(read.provider);
  EXPECT_NE(findings_text(read.report), "");
}

TEST_F(MetadataTest, SaysWhatIsWrong) {
  for (const char* bad : {"", "nonsense", "<html><body/></html>", "<!DOCTYPE x><x/>"}) {
    const auto read = read_metadata(bad, "", kNow);
    EXPECT_FALSE(read.provider) << bad;
    ASSERT_TRUE(read.report.failure().has_value()) << bad;
    EXPECT_TRUE(read.report.failure()->finding.has_value());
    EXPECT_NE(findings_text(read.report), "");
  }
  EXPECT_FALSE(
      read_metadata(document("https://idp.example.com/", key_), "https://other.example/", kNow).provider);
}

TEST_F(MetadataTest, MakesAndRenewsTheConnection) {
  const auto wanted = provider("https://a.example/", key_);
  const auto made = must(store(wanted));
  EXPECT_TRUE(made.created);
  EXPECT_EQ(made.connection.name, "default");

  const auto same = must(store(wanted));
  EXPECT_FALSE(same.created);
  EXPECT_FALSE(same.changed);

  auto renewed = wanted;
  renewed.sign_on[0].url = "https://idp.example.com/new";
  const auto changed = must(store(renewed));
  EXPECT_TRUE(changed.changed);
  EXPECT_EQ(changed.connection.id, made.connection.id);
}

TEST_F(MetadataTest, AnotherProviderNeedsConsent) {
  must(store(provider("https://a.example/")));
  EXPECT_FALSE(store(provider("https://b.example/")));
  const auto replaced = must(store(provider("https://b.example/"), {}, EntityIdChange::Allow));
  EXPECT_EQ(replaced.connection.provider.entity_id, "https://b.example/");
}

TEST_F(MetadataTest, SeveralConnectionsMustBeNamed) {
  must(store(provider("https://a.example/"), "first"));
  EXPECT_TRUE(must(store(provider("https://b.example/"), "second")).created);
  const auto unclear = store(provider("https://a.example/"));
  ASSERT_FALSE(unclear);
  EXPECT_EQ(unclear.error().code, ErrorCode("setup.which_connection"));
  EXPECT_FALSE(must(store(provider("https://b.example/"), "second")).created);
}

TEST_F(MetadataTest, FetchingKeepsTheGuard) {
  const auto refused = fetch_metadata(*Url::parse("https://127.0.0.1:1/metadata"), {}, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode("net.address_refused"));
}

}  // namespace
}  // namespace doorward::setup
