#include "directory/connections.h"

#include "directory/audit.h"
#include "directory/identity.h"
#include "directory_test.h"

namespace doorward::directory {
namespace {

class ConnectionsTest : public DirectoryTest {
 protected:
  std::string refusal_to_create(const Provider& provider, std::string_view name = {},
                                const ConnectionSettings& settings = {}) {
    return refusal_of([&](storage::Transaction& transaction) {
      return create_connection(
          transaction,
          {.account = account_.id, .provider = provider, .name = std::string(name), .settings = settings},
          kSupport, kNow);
    });
  }
  Connection reload_connection(const Connection& connection) {
    return read([&](storage::Transaction& transaction) {
      return load_connection(transaction, connection.account, connection.id);
    });
  }

  Account account_ = add_account("contoso");
};

TEST_F(ConnectionsTest, ComesBackAsItWasWritten) {
  Provider entra = provider("https://sts.windows.net/11111111-2222-4333-8444-55555555555F/");
  entra.sign_on.push_back({.binding = Binding::Post, .url = "https://idp.example/post"});
  entra.logout[0].response_url = "https://idp.example/done";
  const ConnectionSettings settings{.unsolicited = UnsolicitedPolicy::Reject,
                                    .clock_skew_seconds = 0,
                                    .allow_sha1 = true,
                                    .require_signed_response = true,
                                    .sign_requests = true,
                                    .force_authn = true};
  const std::string document("<xml>\0", 6);
  const Connection created = write([&](storage::Transaction& transaction) {
    return create_connection(transaction,
                             {.account = account_.id,
                              .provider = entra,
                              .settings = settings,
                              .metadata = MetadataSource{.url = "https://idp.example/metadata",
                                                         .document = document,
                                                         .etag = "\"1\"",
                                                         .fetched_at = kNow}},
                             kSupport, kNow);
  });
  EXPECT_EQ(created.name, "default");
  EXPECT_EQ(created.provider, entra);
  EXPECT_EQ(created.settings, settings);
  EXPECT_EQ(created.tenant_id, "11111111-2222-4333-8444-55555555555f");
  EXPECT_EQ(created.metadata_url, "https://idp.example/metadata");
  EXPECT_EQ(created.metadata_fetched_at, kNow);
  const auto source = read(
      [&](storage::Transaction& transaction) { return load_metadata(transaction, account_.id, created.id); });
  EXPECT_EQ(source->document, document);
  write([&](storage::Transaction& transaction) {
    return record_metadata_fetch(transaction, account_.id, created.id, "\"2\"", kNow + std::chrono::hours(1));
  });
  EXPECT_EQ(reload_connection(created).metadata_fetched_at, kNow + std::chrono::hours(1));
}

TEST_F(ConnectionsTest, TheDefaultsAreTheSafeOnes) {
  const Connection connection = add_connection(account_, "http://okta.example/x");
  EXPECT_EQ(connection.settings.unsolicited, UnsolicitedPolicy::Bounce);
  EXPECT_EQ(connection.settings.clock_skew_seconds, 180);
  EXPECT_FALSE(connection.settings.allow_sha1);
  EXPECT_EQ(connection.tenant_id, "");
  EXPECT_FALSE(read([&](storage::Transaction& transaction) {
    return load_metadata(transaction, account_.id, connection.id);
  }));
}

TEST_F(ConnectionsTest, RefusesAProviderThatCannotWork) {
  Provider broken = provider("");
  EXPECT_EQ(refusal_to_create(broken), "directory.value_missing");
  broken = provider("https://idp.example");
  broken.sign_on.clear();
  EXPECT_EQ(refusal_to_create(broken), "directory.no_sign_on_endpoint");
  broken = provider("https://idp.example");
  broken.sign_on[0].url = "javascript:alert(1)";
  EXPECT_NE(refusal_to_create(broken), "");
  broken = provider("https://idp.example");
  broken.signing_certificates.clear();
  EXPECT_EQ(refusal_to_create(broken), "directory.no_signing_certificate");
  broken.signing_certificates.push_back("no certificate");
  EXPECT_NE(refusal_to_create(broken), "");
  broken.signing_certificates.assign(65, certificate());
  EXPECT_EQ(refusal_to_create(broken), "directory.no_signing_certificate");
  for (const int skew : {-1, 301}) {
    EXPECT_EQ(refusal_to_create(provider("https://idp.example"), "", {.clock_skew_seconds = skew}),
              "directory.bad_clock_skew");
  }
}

TEST_F(ConnectionsTest, NamesAndEntityIdsAreUniqueInTheAccount) {
  add_connection(account_, "https://one.example");
  EXPECT_EQ(refusal_to_create(provider("https://two.example")), "directory.value_missing");
  EXPECT_EQ(refusal_to_create(provider("https://two.example"), "DEFAULT"), "directory.connection_exists");
  EXPECT_EQ(refusal_to_create(provider("https://one.example"), "other"), "directory.connection_exists");
  add_connection(add_account("fabrikam"), "https://one.example");
  EXPECT_TRUE(read([&](storage::Transaction& transaction) {
    return find_connection(transaction, account_.id, " Default ");
  }));
}

TEST_F(ConnectionsTest, RefreshedMetadataReplacesTheKeys) {
  const Connection connection = add_connection(account_, "https://idp.example");
  Provider rolled = connection.provider;
  rolled.signing_certificates.push_back(certificate());
  rolled.logout.clear();
  const Connection updated = write([&](storage::Transaction& transaction) {
    return update_provider(transaction, account_.id, connection.id, rolled, std::nullopt,
                           EntityIdChange::Refuse, kDirectory, kNow);
  });
  EXPECT_EQ(updated.provider, rolled);
  const auto version = reload(account_).setup_version;
  write([&](storage::Transaction& transaction) {
    return update_provider(transaction, account_.id, connection.id, rolled, std::nullopt,
                           EntityIdChange::Refuse, kDirectory, kNow);
  });
  EXPECT_EQ(reload(account_).setup_version, version) << "nothing changed";
}

TEST_F(ConnectionsTest, AnotherEntityIdIsNeverTakenSilently) {
  const Connection connection = add_connection(account_, "https://idp.example");
  add_domain(account_, "contoso.com");
  add_employee(account_, "bob@contoso.com");
  write([&](storage::Transaction& transaction) {
    return resolve_sign_in(transaction, account_, connection,
                           {.object_identifier = "1", .email = "bob@contoso.com"}, SignInPurpose::Session,
                           kNow);
  });
  const auto update = [&](EntityIdChange change) {
    return refusal_of([&](storage::Transaction& transaction) {
      return update_provider(transaction, account_.id, connection.id, provider("https://other.example"),
                             std::nullopt, change, kAdministrator, kNow);
    });
  };
  EXPECT_EQ(update(EntityIdChange::Refuse), "directory.entity_id_changed");
  EXPECT_EQ(count("SELECT count(*) FROM identity_links"), 1);
  EXPECT_EQ(update(EntityIdChange::Allow), "");
  EXPECT_EQ(count("SELECT count(*) FROM identity_links"), 0);
  add_connection(account_, "https://idp.example", "second");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return update_provider(transaction, account_.id, connection.id, provider("https://idp.example"),
                                     std::nullopt, EntityIdChange::Allow, kAdministrator, kNow);
            }),
            "directory.connection_exists");
}

TEST_F(ConnectionsTest, KnowsSinceWhenItLeadsToItsProvider) {
  const Connection connection = add_connection(account_, "https://idp.example");
  EXPECT_EQ(connection.provider_since, kNow);
  const auto update = [&](const Provider& wanted, Timestamp now) {
    return write([&](storage::Transaction& transaction) {
             return update_provider(transaction, account_.id, connection.id, wanted, std::nullopt,
                                    EntityIdChange::Allow, kAdministrator, now);
           })
        .provider_since;
  };
  const Timestamp later = kNow + std::chrono::hours(1);
  Provider rolled = connection.provider;
  rolled.logout.clear();
  EXPECT_EQ(update(rolled, later), kNow) << "the same provider";
  EXPECT_EQ(update(provider("https://other.example"), later), later);
  EXPECT_EQ(update(provider("https://other.example"), later + std::chrono::hours(1)), later);
}

TEST_F(ConnectionsTest, DeletingUnassignsItsDomains) {
  const Connection connection = add_connection(account_, "https://idp.example");
  add_domain(account_, "contoso.com");
  write([&](storage::Transaction& transaction) {
    return delete_connection(transaction, account_.id, connection.id, kAdministrator, kNow);
  });
  EXPECT_EQ(count("SELECT count(*) FROM domains WHERE connection_id IS NULL"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM connection_certificates"), 0);
  const Connection next = add_connection(account_, "https://next.example");
  EXPECT_EQ(count("SELECT connection_id FROM domains"), next.id.value);
}

TEST_F(ConnectionsTest, AnotherAccountsConnectionIsOutOfReach) {
  const Connection connection = add_connection(account_, "https://idp.example");
  const Account other = add_account("fabrikam");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return load_connection(transaction, other.id, connection.id);
            }),
            "directory.no_connection");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return load_connection(transaction, account_.id, ConnectionId{});
            }),
            "directory.no_connection");
  EXPECT_EQ(refusal_of([&](storage::Transaction& transaction) {
              return delete_connection(transaction, other.id, connection.id, kSupport, kNow);
            }),
            "directory.no_connection");
}

TEST_F(ConnectionsTest, CountsWhoIsLinked) {
  const Connection connection = add_connection(account_, "https://idp.example");
  const Connection second = add_connection(account_, "https://two.example", "second");
  const Account other = add_account("fabrikam");
  const Connection others = add_connection(other, "https://idp.example");
  const auto linked = [&](const Account& account, const Connection& at) {
    return read([&](storage::Transaction& transaction) {
      return count_linked_employees(transaction, account.id, at.id);
    });
  };
  EXPECT_EQ(linked(account_, connection), 0);
  add_domain(account_, "contoso.com", connection.id);
  for (const char* name : {"ada@contoso.com", "ben@contoso.com"}) {
    add_employee(account_, name);
    // Two links each: of the object identifier and of the name that lasts.
    write([&](storage::Transaction& transaction) {
      return resolve_sign_in(
          transaction, account_, connection,
          {.object_identifier = std::string("oid of ") + name,
           .name_id = {.value = name, .format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"},
           .email = name},
          SignInPurpose::Session, kNow);
    });
  }
  EXPECT_EQ(linked(account_, connection), 2);
  EXPECT_EQ(linked(account_, second), 0);
  EXPECT_EQ(linked(other, others), 0);
  EXPECT_EQ(linked(other, connection), 0) << "another account's connection";
}

TEST_F(ConnectionsTest, TheSetupHoldsAllOfTheAccount) {
  const Connection first = add_connection(account_, "https://one.example");
  const Connection second = add_connection(account_, "https://two.example", "second");
  add_connection(add_account("fabrikam"), "https://one.example");
  write([&](storage::Transaction& transaction) {
    return set_connection_state(transaction, account_.id, second.id, ConnectionState::Inactive, kSupport,
                                kNow);
  });
  const auto setup =
      read([](storage::Transaction& transaction) { return load_sign_in_setup(transaction, "Contoso"); });
  ASSERT_TRUE(setup);
  ASSERT_EQ(setup->connections.size(), 2u);
  EXPECT_EQ(setup->find_by_entity_id("https://one.example")->id, first.id);
  EXPECT_EQ(setup->find_by_entity_id("https://two.example"), nullptr) << "it is inactive";
  EXPECT_EQ(setup->find_by_entity_id("https://ONE.example"), nullptr);
  EXPECT_EQ(setup->find(second.id)->name, "second");
  EXPECT_EQ(setup->connections[0].provider, first.provider);
  EXPECT_EQ(setup->account.setup_version, *read([](storage::Transaction& transaction) {
              return find_setup_version(transaction, "contoso");
            }));
  EXPECT_FALSE(
      read([](storage::Transaction& transaction) { return load_sign_in_setup(transaction, "nobody"); }));
}

}  // namespace
}  // namespace doorward::directory
