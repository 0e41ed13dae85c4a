#include "setup/connection_check.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/log.h"
#include "directory/domains.h"
#include "saml/protocol/metadata.h"
#include "setup_test.h"

namespace doorward::setup {
namespace {

using directory::EntityIdChange;
using saml::protocol::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::string_view kEntra =
    "https://login.microsoftonline.com/1ad2c1d8-0000-4000-8000-2b0b0d5a8a11/federationmetadata/2007-06/"
    "federationmetadata.xml?appid=5f0e1f2a-0000-4000-8000-3c0c0d5a8a22";
constexpr std::string_view kIdp = "https://sts.windows.net/1ad2c1d8-0000-4000-8000-2b0b0d5a8a11/";

std::string key_descriptor(std::string_view certificate) {
  return "<KeyDescriptor use=\"signing\"><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data>"
         "<X509Certificate>" +
         std::string(certificate) + "</X509Certificate></X509Data></KeyInfo></KeyDescriptor>";
}

std::string metadata(std::string_view entity_id, std::string_view keys,
                     std::string_view sign_on = "https://idp.example.com/sso") {
  return "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"" +
         std::string(entity_id) +
         "\"><IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">" +
         std::string(keys) +
         "<SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"" +
         std::string(sign_on) + "\"/></IDPSSODescriptor></EntityDescriptor>";
}

/// Of a key of its own, since a key counts once.
crypto::Certificate fresh_certificate(Duration from, Duration until) {
  const auto key = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
  return crypto::Certificate::self_signed(key, "idp", kNow + from, kNow + until);
}

const CheckFinding& only(const ConnectionCheck& check, CheckItem item) {
  const auto is_item = [item](const CheckFinding& finding) { return finding.item == item; };
  EXPECT_EQ(std::ranges::count_if(check.findings, is_item), 1) << to_text(item);
  return *std::ranges::find_if(check.findings, is_item);
}

std::vector<Verdict> verdicts(const ConnectionCheck& check) {
  std::vector<Verdict> all;
  for (const CheckFinding& finding : check.findings)
    all.push_back(finding.verdict);
  return all;
}

class ConnectionCheckTest : public SetupTest {
 protected:
  ConnectionCheckTest() {
    log::set_sink([](std::string_view) {});
  }
  ~ConnectionCheckTest() override { log::set_sink({}); }

  /// Checks an address at which `answer_` is found.
  ConnectionCheck check(std::string_view address = kEntra) {
    return check_connection(
        address,
        [this](const Url& url, Timestamp now) -> Result<directory::MetadataSource> {
          fetched_.push_back(url.text());
          if (!answer_) return fail(answer_.error());
          return directory::MetadataSource{
              .url = url.text(), .document = *answer_, .etag = {}, .fetched_at = now};
        },
        kNow);
  }
  ConnectionCheck check_answer(std::string answer) {
    answer_ = std::move(answer);
    return check();
  }

  std::string good() const { return metadata(kIdp, keys_); }

  const crypto::Certificate certificate_ = certificate();
  const std::string keys_ = key_descriptor(to_base64(certificate_.der()));
  Result<std::string> answer_ = good();
  std::vector<std::string> fetched_;
};

TEST_F(ConnectionCheckTest, AGoodDocumentPassesEverything) {
  const auto checked = check();
  EXPECT_THAT(verdicts(checked),
              ElementsAre(Verdict::Passed, Verdict::Passed, Verdict::Passed, Verdict::Passed, Verdict::Passed,
                          Verdict::Passed, Verdict::Passed, Verdict::Skipped));
  std::vector<std::string_view> names;
  for (const CheckFinding& finding : checked.findings) {
    names.push_back(to_text(finding.item));
    EXPECT_THAT(finding.code, IsEmpty());
  }
  EXPECT_THAT(names, ElementsAre("address", "reachable", "document", "entity_id", "sign_on", "certificates",
                                 "key", "signature_algorithm"));
  ASSERT_TRUE(checked.provider);
  EXPECT_EQ(checked.provider->entity_id, kIdp);
  EXPECT_EQ(checked.source.url, kEntra);
  EXPECT_EQ(checked.source.document, good());
  EXPECT_EQ(only(checked, CheckItem::EntityId).actual, kIdp);
  EXPECT_EQ(only(checked, CheckItem::SignOn).actual, "HTTP-Redirect https://idp.example.com/sso");
  EXPECT_THAT(only(checked, CheckItem::Certificates).actual, HasSubstr(certificate_.thumbprint()));
}

TEST_F(ConnectionCheckTest, WhatSurroundsAnAddressDoesNotMatter) {
  EXPECT_TRUE(check(" \t" + std::string(kEntra) + "\r\n").provider);
  EXPECT_THAT(fetched_, ElementsAre(kEntra));
}

TEST_F(ConnectionCheckTest, WhatIsNoAddressIsNotFetched) {
  for (const std::string& address :
       {std::string(), std::string("   "), std::string("login.microsoftonline.com"),
        std::string("file:///etc/passwd"), std::string("gopher://127.0.0.1:11211/_stats"),
        std::string("https://user:word@idp.example.com/"), std::string("https:///metadata"),
        std::string("<EntityDescriptor/>"), good(), "https://idp.example.com/" + std::string(100'000, 'a')}) {
    const auto checked = check(address);
    EXPECT_EQ(only(checked, CheckItem::Address).verdict, Verdict::Failed) << address.substr(0, 80);
    EXPECT_LT(only(checked, CheckItem::Address).message.size(), 1'000U);
    EXPECT_EQ(only(checked, CheckItem::Reachable).verdict, Verdict::Skipped);
    EXPECT_EQ(only(checked, CheckItem::Key).verdict, Verdict::Skipped);
    EXPECT_THAT(checked.findings, SizeIs(8));
    EXPECT_FALSE(checked.provider);
  }
  EXPECT_THAT(fetched_, IsEmpty());
  EXPECT_EQ(only(check(good()), CheckItem::Address).code, "setup.address_is_document");
}

TEST_F(ConnectionCheckTest, KnowsWhatIsCopiedInTheWrongPlace) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"https://portal.azure.com/#view/Microsoft_AAD_IAM/SignOn", "setup.address_portal"},
      {"https://entra.microsoft.com/?feature=1", "setup.address_portal"},
      {"https://PORTAL.azure.com/", "setup.address_portal"},
      {"https://myapps.microsoft.com/signin/5f0e1f2a?tenantId=1", "setup.address_user_access"},
      {"https://login.microsoftonline.com/1ad2c1d8-0000-4000-8000-2b0b0d5a8a11/saml2",
       "setup.address_login_url"},
      {"https://login.microsoftonline.com/1AD2C1D8-0000-4000-8000-2B0B0D5A8A11/SAML2",
       "setup.address_login_url"},
      {"https://sts.windows.net/1ad2c1d8-0000-4000-8000-2b0b0d5a8a11/", "setup.address_identifier"},
      {"https://login.microsoftonline.com/common/federationmetadata/2007-06/federationmetadata.xml",
       "setup.address_tenant_independent"},
      {"https://login.microsoftonline.com/organizations/FederationMetadata/2007-06/x.xml?appid=1",
       "setup.address_tenant_independent"},
  };
  for (const auto& [address, code] : cases) {
    const auto checked = check(address);
    EXPECT_EQ(only(checked, CheckItem::Address).code, code) << address;
    EXPECT_EQ(only(checked, CheckItem::Address).verdict, Verdict::Failed) << address;
    EXPECT_THAT(only(checked, CheckItem::Address).message, HasSubstr("App Federation Metadata Url"));
    EXPECT_FALSE(checked.provider) << "even though the document is good: " << address;
  }
}

TEST_F(ConnectionCheckTest, OtherProvidersAddressesAreNoneOfThose) {
  for (const char* address :
       {"https://adfs.example.com/FederationMetadata/2007-06/FederationMetadata.xml",
        "https://sso.jumpcloud.com/saml2/portal", "https://idp.example.com",
        "https://idp.example.com/common/metadata", "https://dev.okta.com/app/x/sso/saml/metadata"})
    EXPECT_EQ(only(check(address), CheckItem::Address).verdict, Verdict::Passed) << address;
}

TEST_F(ConnectionCheckTest, TheTenantsDocumentIsNotTheApplications) {
  for (const char* query : {"", "?appid=", "?app=1", "?x=appid=1"}) {
    const auto checked = check(
        "https://login.microsoftonline.com/contoso.onmicrosoft.com/federationmetadata/"
        "2007-06/federationmetadata.xml" +
        std::string(query));
    EXPECT_EQ(only(checked, CheckItem::Address).verdict, Verdict::Warning) << query;
    EXPECT_EQ(only(checked, CheckItem::Address).code, "setup.address_without_application");
    EXPECT_TRUE(checked.provider) << "a warning does not stand in the way";
  }
}

TEST_F(ConnectionCheckTest, AWrongAddressIsFetchedAllTheSameSoThatAllFindingsAreThere) {
  answer_ = metadata("https://sts.windows.net/{tenantid}/", "");
  const auto checked =
      check("https://login.microsoftonline.com/common/federationmetadata/2007-06/federationmetadata.xml");
  EXPECT_EQ(only(checked, CheckItem::Address).verdict, Verdict::Failed);
  EXPECT_EQ(only(checked, CheckItem::Reachable).verdict, Verdict::Passed);
  EXPECT_EQ(only(checked, CheckItem::EntityId).code, "saml.metadata_tenant_independent");
  EXPECT_EQ(only(checked, CheckItem::SignOn).verdict, Verdict::Passed);
  EXPECT_EQ(only(checked, CheckItem::Certificates).code, "saml.metadata_no_signing_key");
  EXPECT_EQ(only(checked, CheckItem::Key).verdict, Verdict::Skipped);
}

TEST_F(ConnectionCheckTest, SaysWhyNothingWasFetchedAndWhatToDo) {
  answer_ =
      fail(ErrorKind::Unavailable, "net.name_not_found", "The name idp.example is not known.", "detail");
  auto checked = check();
  EXPECT_EQ(only(checked, CheckItem::Address).verdict, Verdict::Passed);
  const CheckFinding& reachable = only(checked, CheckItem::Reachable);
  EXPECT_EQ(reachable.verdict, Verdict::Failed);
  EXPECT_EQ(reachable.code, "net.name_not_found");
  EXPECT_THAT(reachable.message, HasSubstr("The name idp.example is not known. Copy the address"));
  EXPECT_THAT(reachable.message, Not(HasSubstr("detail")));
  EXPECT_EQ(only(checked, CheckItem::Document).verdict, Verdict::Skipped);
  EXPECT_FALSE(checked.provider);

  answer_ = fail(ErrorKind::Refused, "net.not_https", "It does not begin with https://.");
  checked = check("http://idp.example.com/metadata");
  EXPECT_EQ(only(checked, CheckItem::Address).verdict, Verdict::Failed);
  EXPECT_EQ(only(checked, CheckItem::Address).code, "net.not_https");
  EXPECT_EQ(only(checked, CheckItem::Reachable).verdict, Verdict::Skipped);
}

TEST_F(ConnectionCheckTest, WhereANameLeadsInsideIsNotTold) {
  answer_ =
      fail(ErrorKind::Refused, "net.address_refused",
           "https://idp.example.com leads to the address 10.11.12.13, which must not be.", "10.11.12.13");
  const auto checked = check("https://wiki.corp.example/metadata");
  const CheckFinding& reachable = only(checked, CheckItem::Reachable);
  EXPECT_EQ(reachable.code, "net.address_refused");
  EXPECT_THAT(reachable.message, HasSubstr("https://wiki.corp.example"));
  for (const CheckFinding& finding : checked.findings) {
    for (const std::string& text : {finding.message, finding.expected, finding.actual})
      EXPECT_THAT(text, Not(HasSubstr("10.11.12.13")));
  }
}

TEST_F(ConnectionCheckTest, WhatIsNoMetadataHasItsOwnWords) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"", "setup.document_empty", "is empty"},
      {"\xEF\xBB\xBF \r\n", "setup.document_empty", "is empty"},
      {R"({"issuer":"https://login.microsoftonline.com/x/v2.0"})", "setup.document_json", "OpenID Connect"},
      {"<!DOCTYPE html><html><body>Sign in to your account</body></html>", "saml.metadata_is_web_page",
       "sign-in page"},
      {"<!DOCTYPE html><html><body>It works!<br></body></html>", "saml.metadata_is_web_page", "a web page"},
      {"<html><body><p>404</p></body></html>", "saml.metadata_is_web_page", "a web page"},
      {"nonsense", "saml.message_not_xml", "not XML"},
      {good().substr(0, 200), "saml.message_not_xml", "cut off"},
      {R"(<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"/>)", "setup.document_ws_trust",
       "WS-Trust"},
      {"<Response/>", "saml.metadata_kind", "not SAML 2.0 metadata"},
      {"<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"x\"><SPSSODescriptor"
       " protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"/></EntityDescriptor>",
       "saml.metadata_no_provider", "service provider"},
      {std::string(saml::protocol::IdpMetadata::kMaxBytes + 1, ' '), "saml.message_too_large", "larger"},
  };
  for (const auto& [answer, code, words] : cases) {
    const auto checked = check_answer(answer);
    const CheckFinding& document = only(checked, CheckItem::Document);
    EXPECT_EQ(document.code, code) << answer.substr(0, 80);
    EXPECT_EQ(document.verdict, Verdict::Failed);
    EXPECT_THAT(document.message, HasSubstr(words));
    for (const CheckItem item :
         {CheckItem::EntityId, CheckItem::SignOn, CheckItem::Certificates, CheckItem::Key})
      EXPECT_EQ(only(checked, item).verdict, Verdict::Skipped) << to_text(item);
    EXPECT_FALSE(checked.provider);
  }
}

TEST_F(ConnectionCheckTest, EndpointsMustBeThereAndSafe) {
  const auto insecure = check_answer(metadata(kIdp, keys_, "http://idp.example.com/sso"));
  const auto at = [](const ConnectionCheck& checked, std::string_view code) {
    return std::ranges::find(checked.findings, code, &CheckFinding::code);
  };
  ASSERT_NE(at(insecure, "saml.metadata_endpoint_insecure"), insecure.findings.end());
  EXPECT_EQ(at(insecure, "saml.metadata_endpoint_insecure")->item, CheckItem::SignOn);
  EXPECT_EQ(at(insecure, "saml.metadata_endpoint_insecure")->actual, "http://idp.example.com/sso");
  EXPECT_EQ(only(insecure, CheckItem::Certificates).verdict, Verdict::Passed) << "the rest was looked at";
  EXPECT_EQ(only(insecure, CheckItem::EntityId).actual, kIdp);
  EXPECT_FALSE(insecure.provider);
}

TEST_F(ConnectionCheckTest, OneCertificateMustBeValidToday) {
  const auto expired = fresh_certificate(-2 * kYear, -std::chrono::hours(24));
  const auto soon = fresh_certificate(-kYear, std::chrono::hours(24 * 10));
  const auto future = fresh_certificate(std::chrono::hours(24), kYear);
  const auto keys = [](const std::vector<crypto::Certificate>& certificates) {
    std::string all;
    for (const auto& each : certificates)
      all += key_descriptor(to_base64(each.der()));
    return all;
  };

  auto checked = check_answer(metadata(kIdp, keys({expired})));
  EXPECT_EQ(only(checked, CheckItem::Certificates).verdict, Verdict::Failed);
  EXPECT_EQ(only(checked, CheckItem::Certificates).code, "saml.metadata_certificate_expired");
  EXPECT_THAT(only(checked, CheckItem::Certificates).message, HasSubstr("2026-02-28"));
  EXPECT_THAT(only(checked, CheckItem::Certificates).message, HasSubstr("*New Certificate*"));
  EXPECT_EQ(only(checked, CheckItem::Key).verdict, Verdict::Passed);
  EXPECT_FALSE(checked.provider) << "although the parser would take it";

  checked = check_answer(metadata(kIdp, keys({future})));
  EXPECT_EQ(only(checked, CheckItem::Certificates).verdict, Verdict::Failed);
  EXPECT_EQ(only(checked, CheckItem::Certificates).code, "saml.metadata_certificate_not_yet_valid");
  EXPECT_FALSE(checked.provider);

  checked = check_answer(metadata(kIdp, keys({soon})));
  EXPECT_EQ(only(checked, CheckItem::Certificates).verdict, Verdict::Warning);
  EXPECT_THAT(only(checked, CheckItem::Certificates).message, HasSubstr("2026-03-11"));
  EXPECT_TRUE(checked.provider);

  checked = check_answer(metadata(kIdp, keys({expired, certificate(), future})));
  EXPECT_THAT(
      verdicts(checked),
      ElementsAre(Verdict::Passed, Verdict::Passed, Verdict::Passed, Verdict::Passed, Verdict::Passed,
                  Verdict::Passed, Verdict::Warning, Verdict::Warning, Verdict::Passed, Verdict::Skipped));
  ASSERT_TRUE(checked.provider) << "one is enough";
  EXPECT_THAT(checked.provider->signing_certificates, SizeIs(3));
}

TEST_F(ConnectionCheckTest, AKeyThatIsNotAcceptedIsNamed) {
  auto checked = check_answer(metadata(kIdp, key_descriptor("AAAA") + keys_));
  EXPECT_EQ(only(checked, CheckItem::Key).verdict, Verdict::Warning);
  EXPECT_EQ(only(checked, CheckItem::Key).code, "saml.metadata_key_refused");
  EXPECT_TRUE(checked.provider);

  checked = check_answer(metadata(kIdp, key_descriptor("AAAA")));
  EXPECT_EQ(only(checked, CheckItem::Key).verdict, Verdict::Failed);
  EXPECT_EQ(only(checked, CheckItem::Certificates).verdict, Verdict::Failed);
  EXPECT_FALSE(checked.provider);

  std::string many;
  for (int i = 0; i < 500; ++i)
    many += key_descriptor("AAAA");
  EXPECT_LT(check_answer(metadata(kIdp, many)).findings.size(), 30U) << "nobody reads 500 lines";
}

TEST_F(ConnectionCheckTest, ADocumentNeedsNoAddress) {
  const std::string pasted = "\xEF\xBB\xBF\r\n <?xml version=\"1.0\"?>\n" + good() + "\n\n";
  const auto checked = check_document(pasted, kNow);
  EXPECT_THAT(verdicts(checked),
              ElementsAre(Verdict::Skipped, Verdict::Skipped, Verdict::Passed, Verdict::Passed,
                          Verdict::Passed, Verdict::Passed, Verdict::Passed, Verdict::Skipped));
  ASSERT_TRUE(checked.provider);
  EXPECT_EQ(checked.source.url, "");
  EXPECT_EQ(checked.source.fetched_at, kNow);
  EXPECT_THAT(checked.source.document, testing::StartsWith("<?xml"));
  EXPECT_EQ(only(check_document("", kNow), CheckItem::Document).code, "setup.document_empty");
}

class EstablishTest : public SetupTest {
 protected:
  Result<Establishment> establish(std::string_view entity_id, const std::optional<std::string>& name = {},
                                  EntityIdChange change = EntityIdChange::Refuse) {
    return database_->write([&](storage::Transaction& transaction) -> Result<Establishment> {
      ASSIGN_OR_RETURN(const auto account, directory::load_account(transaction, account_.id));
      return establish_connection(transaction, account, name, provider(entity_id, key_),
                                  {.url = "", .document = "x", .etag = "", .fetched_at = kNow}, change,
                                  kSupport, kNow);
    });
  }
  std::string refusal(const Result<Establishment>& outcome) {
    return outcome ? std::string() : std::string(outcome.error().code.name());
  }
  void enforce() {
    write([&](storage::Transaction& transaction) -> Result<void> {
      RETURN_IF_ERROR(directory::add_domain(transaction, {.account = account_.id, .name = "acme.example"},
                                            kSupport, kNow));
      return directory::enforce_sso(transaction, account_.id, "test", kSupport, kNow);
    });
  }
  std::vector<directory::Connection> connections() {
    return must(database_->read([&](storage::Transaction& transaction) {
      return directory::list_connections(transaction, account_.id);
    }));
  }

  const crypto::Certificate key_ = certificate();
};

TEST_F(EstablishTest, MakesTheConnectionAndKeepsItUpToDate) {
  EXPECT_TRUE(must(establish("https://a.example/")).stored->created);
  EXPECT_FALSE(must(establish("https://a.example/")).stored->created);
  EXPECT_THAT(connections(), SizeIs(1));
}

TEST_F(EstablishTest, AnotherProviderNeedsConsent) {
  must(establish("https://a.example/"));
  const auto asked = must(establish("https://b.example/"));
  EXPECT_FALSE(asked.stored);
  ASSERT_TRUE(asked.replaces);
  EXPECT_EQ(asked.replaces->connection, "default");
  EXPECT_EQ(asked.replaces->entity_id, "https://a.example/");
  EXPECT_EQ(asked.replaces->new_entity_id, "https://b.example/");
  EXPECT_EQ(asked.replaces->linked_employees, 0);
  EXPECT_EQ(connections()[0].provider.entity_id, "https://a.example/") << "nothing was stored";
  EXPECT_TRUE(must(establish("https://b.example/", {}, EntityIdChange::Allow)).stored->changed);
  EXPECT_EQ(connections()[0].provider.entity_id, "https://b.example/");
}

TEST_F(EstablishTest, OnceEnabledTheProviderStays) {
  must(establish("https://a.example/"));
  enforce();
  EXPECT_EQ(refusal(establish("https://b.example/")), "setup.provider_fixed");
  EXPECT_EQ(refusal(establish("https://b.example/", {}, EntityIdChange::Allow)), "setup.provider_fixed");
  EXPECT_EQ(refusal(establish("https://a.example/")), "") << "its certificates may change";
  EXPECT_EQ(connections()[0].provider.entity_id, "https://a.example/");
}

TEST_F(EstablishTest, NeedsThePlanAndANameAmongSeveral) {
  must(establish("https://a.example/", "first"));
  must(establish("https://b.example/", "second"));
  EXPECT_EQ(refusal(establish("https://a.example/")), "setup.which_connection");
  EXPECT_EQ(refusal(establish("https://a.example/", "second", EntityIdChange::Allow)),
            "directory.connection_exists");
  write([&](storage::Transaction& transaction) {
    return directory::set_plan(transaction, account_.id, directory::Plan::Free, kSupport, kNow);
  });
  EXPECT_EQ(refusal(establish("https://a.example/", "first")), "directory.plan_without_sso");
}

}  // namespace
}  // namespace doorward::setup
