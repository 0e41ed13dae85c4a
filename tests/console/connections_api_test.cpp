#include "console/connections_api.h"

#include <functional>
#include <stdexcept>

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/log.h"
#include "console/console_test.h"
#include "directory/identity.h"
#include "saml/protocol/metadata.h"

namespace doorward::console {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ConnectionsApiTest : public ConsoleTest {
 protected:
  ConnectionsApiTest() {
    log::set_sink([](std::string_view) {});
  }
  ~ConnectionsApiTest() override { log::set_sink({}); }

  std::string metadata(std::string_view entity_id) {
    const auto key = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
    const auto certificate = crypto::Certificate::self_signed(key, "idp", kNow - std::chrono::hours(24),
                                                              kNow + std::chrono::hours(24 * 365));
    return "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"" +
           std::string(entity_id) +
           "\"><IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">"
           "<KeyDescriptor><KeyInfo "
           "xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>" +
           to_base64(certificate.der()) +
           "</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
           "<SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\""
           " Location=\"https://idp.example.com/sso\"/></IDPSSODescriptor></EntityDescriptor>";
  }

  static std::string body(json::Object members) { return json::serialize(members); }
  json::Object check(json::Object members) {
    return sent(connections_api_, &ConnectionsApi::check, {.body = body(std::move(members))});
  }
  std::string refusal(json::Object members, const http::Request* from = nullptr) {
    return refused(connections_api_, &ConnectionsApi::check,
                   {.body = body(std::move(members)), .from = from});
  }
  std::vector<directory::Connection> connections(const directory::Account& account) {
    return read([&](storage::Transaction& transaction) {
      return directory::list_connections(transaction, account.id);
    });
  }
  void enforce(const directory::Account& account) {
    write([&](storage::Transaction& transaction) {
      return directory::enforce_sso(transaction, account.id, "test", kSupport, kNow);
    });
  }

  std::string answer_ = metadata("https://idp.example.com/");
  std::vector<std::string> fetched_;
  /// Happens while a fetch is under way.
  std::function<void()> meanwhile_ = [] {};
  ConnectionsApi connections_api_{
      {*database_, clock_, sessions_},
      "https://sso.portal.example",
      [this](const Url& url, Timestamp now) -> Result<directory::MetadataSource> {
        fetched_.push_back(url.text());
        meanwhile_();
        return directory::MetadataSource{
            .url = url.text(), .document = answer_, .etag = {}, .fetched_at = now};
      }};
};

const json::Object kUrl = {{"url", " https://idp.example.com/metadata\n"}};

TEST_F(ConnectionsApiTest, AdministratorsOnly) {
  expect_for_administrators_only(
      connections_api_,
      {&ConnectionsApi::connections, &ConnectionsApi::service_provider, &ConnectionsApi::check});
  EXPECT_THAT(fetched_, IsEmpty());
}

TEST_F(ConnectionsApiTest, SaysWhatAProviderMustKnow) {
  const auto said = sent(connections_api_, &ConnectionsApi::service_provider);
  EXPECT_EQ(json::serialize(said), R"({"acsUrl":"https://sso.portal.example/saml/contoso/acs",)"
                                   R"("entityId":"https://sso.portal.example/saml/contoso/metadata",)"
                                   R"("metadataUrl":"https://sso.portal.example/saml/contoso/metadata",)"
                                   R"("signOnUrl":"https://sso.portal.example/saml/contoso/login",)"
                                   R"("logoutUrl":"https://sso.portal.example/saml/contoso/logout"})");
}

TEST_F(ConnectionsApiTest, ListsTheOwnConnectionsOnly) {
  for (const auto* company : {&contoso_, &fabrikam_}) {
    add_connection(company->account, "https://idp.example/" + company->account.slug,
                   company->account.slug + " idp");
  }
  const auto listed = sent(connections_api_, &ConnectionsApi::connections);
  EXPECT_EQ(listed.at("connections").as_array().size(), 1U);
  EXPECT_THAT(json::serialize(listed), Not(HasSubstr("fabrikam")));
}

TEST_F(ConnectionsApiTest, EstablishesTheConnection) {
  const auto checked = check(kUrl);
  EXPECT_TRUE(checked.at("established").as_bool()) << json::serialize(checked);
  EXPECT_TRUE(checked.at("replaces").is_null());
  EXPECT_EQ(checked.at("connection").at("entityId").as_string(), "https://idp.example.com/");
  EXPECT_EQ(checked.at("connection").at("metadataUrl").as_string(), "https://idp.example.com/metadata");
  const auto& checks = checked.at("checks").as_array();
  ASSERT_EQ(checks.size(), 8U);
  EXPECT_EQ(json::serialize(checks[1]),
            R"({"check":"reachable","verdict":"passed","actual":"https://idp.example.com"})");
  EXPECT_EQ(checks[7].at("verdict").as_string(), "skipped");
  EXPECT_EQ(connections(contoso_.account).size(), 1U);
  EXPECT_TRUE(connections(fabrikam_.account).empty());
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE action = 'connection.created'"
                  " AND actor_name = 'ada@contoso.example'"),
            1);

  EXPECT_TRUE(check(kUrl).at("established").as_bool()) << "checked again";
  EXPECT_EQ(connections(contoso_.account).size(), 1U);
}

TEST_F(ConnectionsApiTest, TakesADocument) {
  const auto checked = check({{"document", "\xEF\xBB\xBF" + answer_}});
  EXPECT_TRUE(checked.at("established").as_bool()) << json::serialize(checked);
  EXPECT_EQ(checked.at("checks").at(0).at("verdict").as_string(), "skipped");
  EXPECT_EQ(checked.at("connection").at("metadataUrl").as_string(), "");
  EXPECT_THAT(fetched_, IsEmpty());
}

TEST_F(ConnectionsApiTest, TakesALargeDocumentAndNoneThatIsTooLarge) {
  EXPECT_TRUE(check({{"document", "<!--" + std::string(1'500'000, 'x') + "-->" + answer_}})
                  .at("established")
                  .as_bool());
  EXPECT_NE(refusal({{"document", std::string(saml::protocol::IdpMetadata::kMaxBytes, 'x')}}), "");
}

TEST_F(ConnectionsApiTest, NothingIsStoredWhenACheckFailed) {
  answer_ = "<!DOCTYPE html><html><body>Sign in</body></html>";
  const auto checked = check(kUrl);
  EXPECT_FALSE(checked.at("established").as_bool());
  EXPECT_TRUE(checked.at("connection").is_null());
  EXPECT_EQ(checked.at("checks").at(2).at("finding").as_string(), "saml.metadata_is_web_page");
  EXPECT_TRUE(connections(contoso_.account).empty());
}

TEST_F(ConnectionsApiTest, RefusesWhatItDoesNotUnderstand) {
  EXPECT_EQ(refusal({}), "api.bad_body");
  EXPECT_EQ(refusal({{"url", nullptr}, {"document", nullptr}}), "api.bad_body");
  EXPECT_EQ(refusal({{"url", "https://idp.example.com/"}, {"document", "<x/>"}}), "api.bad_body");
  EXPECT_EQ(refusal({{"url", "https://idp.example.com/"}, {"replace", true}}), "api.bad_body");
  EXPECT_NE(refusal({{"url", 7}}), "");
  EXPECT_NE(refusal({{"url", "https://idp.example.com/"}, {"replaceProvider", "yes"}}), "");
  EXPECT_NE(refusal({{"url", "https://idp.example.com/"}, {"connection", 1}}), "");
  EXPECT_THAT(fetched_, IsEmpty());
}

TEST_F(ConnectionsApiTest, AnotherProviderNeedsConsent) {
  check(kUrl);
  const auto connection = connections(contoso_.account)[0];
  add_domain(contoso_.account, "contoso.example");
  write([&](storage::Transaction& transaction) {
    return directory::resolve_sign_in(transaction, contoso_.account, connection,
                                      {.object_identifier = "oid", .email = "ben@contoso.example"},
                                      directory::SignInPurpose::Session, kNow);
  });
  answer_ = metadata("https://other.example.com/");
  const auto asked = check(kUrl);
  EXPECT_FALSE(asked.at("established").as_bool());
  EXPECT_TRUE(asked.at("connection").is_null());
  EXPECT_EQ(json::serialize(asked.at("replaces")),
            R"({"connection":"default","entityId":"https://idp.example.com/",)"
            R"("newEntityId":"https://other.example.com/","linkedEmployees":1})");
  EXPECT_EQ(connections(contoso_.account)[0].provider.entity_id, "https://idp.example.com/");

  json::Object sure = kUrl;
  sure["replaceProvider"] = true;
  EXPECT_TRUE(check(sure).at("established").as_bool());
  EXPECT_EQ(connections(contoso_.account)[0].provider.entity_id, "https://other.example.com/");
  EXPECT_EQ(count("SELECT count(*) FROM identity_links"), 0);
}

TEST_F(ConnectionsApiTest, OnceEnabledTheProviderStays) {
  check(kUrl);
  add_domain(contoso_.account, "contoso.example");
  // Enabled while the fetch is under way: what was read before it does not count.
  meanwhile_ = [this] { enforce(contoso_.account); };
  answer_ = metadata("https://other.example.com/");
  json::Object sure = kUrl;
  sure["replaceProvider"] = true;
  EXPECT_EQ(refusal(sure), "setup.provider_fixed");
  EXPECT_EQ(refusal(kUrl), "setup.provider_fixed");
  answer_ = metadata("https://idp.example.com/");
  EXPECT_TRUE(check(kUrl).at("established").as_bool()) << "new certificates of the same one";
}

TEST_F(ConnectionsApiTest, RightsThatGoMeanwhileAreGone) {
  meanwhile_ = [this] {
    write([&](storage::Transaction& transaction) {
      return directory::revoke_administrator(transaction, contoso_.account.id, contoso_.administrator.id,
                                             directory::LastAdministrator::MayGo, kSupport, kNow);
    });
  };
  EXPECT_EQ(refusal(kUrl), "api.administrators_only");
  EXPECT_TRUE(connections(contoso_.account).empty());
}

TEST_F(ConnectionsApiTest, TheFreePlanHasNone) {
  write([&](storage::Transaction& transaction) {
    return directory::set_plan(transaction, contoso_.account.id, directory::Plan::Free, kSupport, kNow);
  });
  EXPECT_EQ(refusal(kUrl), "directory.plan_without_sso");
  EXPECT_THAT(fetched_, IsEmpty());
}

TEST_F(ConnectionsApiTest, AConnectionIsNamedAmongSeveral) {
  add_connection(contoso_.account, "https://idp.example.com/", "first");
  add_connection(contoso_.account, "https://other.example.com/", "second");
  EXPECT_EQ(refusal(kUrl), "setup.which_connection");
  json::Object named = kUrl;
  named["connection"] = " First ";
  EXPECT_TRUE(check(named).at("established").as_bool());
  named["connection"] = "second";
  EXPECT_FALSE(check(named).at("established").as_bool());
  named["connection"] = "  ";
  EXPECT_EQ(refusal(named), "setup.which_connection");
}

TEST_F(ConnectionsApiTest, OneAtATimeAndNotTooOften) {
  std::string inner;
  meanwhile_ = [&] { inner = refusal(kUrl); };
  EXPECT_EQ(refusal(kUrl), "");
  EXPECT_EQ(inner, "api.check_running");

  meanwhile_ = [] { throw std::runtime_error("out of memory"); };
  EXPECT_THROW(refusal(kUrl), std::runtime_error);
  meanwhile_ = [] {};
  answer_ = "nonsense";
  for (std::size_t i = 2; i < CheckGuard::kPerHour; ++i)
    EXPECT_EQ(refusal(kUrl), "");
  EXPECT_EQ(refusal(kUrl), "api.too_many_checks");
  const auto other = request_of(fabrikam_.account, fabrikam_.administrator);
  EXPECT_EQ(refusal(kUrl, &other), "") << "another account's checks are its own";
}

class RefreshTest : public ConnectionsApiTest {
 protected:
  RefreshTest() { check(kUrl); }

  json::Object refresh(json::Object members = {}) {
    return sent(connections_api_, &ConnectionsApi::refresh, {.body = body(std::move(members))});
  }
  std::string refresh_refusal(json::Object members, const http::Request* from = nullptr) {
    return refused(connections_api_, &ConnectionsApi::refresh,
                   {.body = body(std::move(members)), .from = from});
  }
};

TEST_F(RefreshTest, AdministratorsOnlyAndOnlyTheirOwn) {
  expect_for_administrators_only(connections_api_, {&ConnectionsApi::refresh});
  const auto theirs = request_of(fabrikam_.account, fabrikam_.administrator);
  EXPECT_EQ(refresh_refusal({}, &theirs), "directory.no_connection");
  EXPECT_EQ(refresh_refusal({{"connection", "default"}}, &theirs), "directory.no_connection");
  EXPECT_EQ(fetched_.size(), 1U);
}

TEST_F(RefreshTest, ShowsWhatIsNew) {
  EXPECT_EQ(refresh().at("refresh").at("verdict").as_string(), "unchanged");
  answer_ = metadata("https://idp.example.com/");
  const auto done = refresh({{"connection", "default"}});
  EXPECT_EQ(done.at("refresh").at("verdict").as_string(), "changed");
  const auto& connection = done.at("connections").as_array().at(0);
  EXPECT_EQ(connection.at("certificates").as_array().size(), 2U);
  EXPECT_EQ(connection.at("refresh").at("changes").as_array().size(), 2U);
  const auto listed = sent(connections_api_, &ConnectionsApi::connections);
  EXPECT_EQ(listed.at("connections").as_array().at(0).at("refresh").at("verdict").as_string(), "changed");
  EXPECT_TRUE(listed.at("ending").as_array().empty());
}

TEST_F(RefreshTest, NeverTakesAnotherProvider) {
  answer_ = metadata("https://evil.example/");
  EXPECT_EQ(refresh({{"accept", ""}}).at("refresh").at("verdict").as_string(), "held");
  EXPECT_EQ(connections(contoso_.account).at(0).provider.entity_id, "https://idp.example.com/");
}

TEST_F(RefreshTest, WhoLostTheirRightsMeanwhileChangesNothing) {
  answer_ = metadata("https://idp.example.com/");
  meanwhile_ = [&] {
    write([&](storage::Transaction& transaction) {
      return directory::revoke_administrator(transaction, contoso_.account.id, contoso_.administrator.id,
                                             directory::LastAdministrator::MayGo, kSupport, kNow);
    });
  };
  EXPECT_EQ(refresh_refusal({}), "api.administrators_only");
  EXPECT_EQ(connections(contoso_.account).at(0).provider.signing_certificates.size(), 1U);
}

TEST_F(RefreshTest, IsBoundedAsChecksAre) {
  for (std::size_t i = 1; i < CheckGuard::kPerHour; ++i)
    refresh();
  EXPECT_EQ(refresh_refusal({}), "api.too_many_checks");
  EXPECT_EQ(refresh_refusal({{"conection", "default"}}), "api.bad_body");
}

}  // namespace
}  // namespace doorward::console
