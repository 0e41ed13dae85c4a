#include "simulator/model.h"

#include <gtest/gtest.h>

#include "simulator/fixture.h"

namespace doorward::simulator {
namespace {

Tenant& contoso(State& state) {
  return state.tenants.front();
}

User user_named(std::string name) {
  User user;
  user.display_name = name;
  user.user_principal_name = std::move(name);
  return user;
}

TEST(Model, guids_have_their_form_and_differ) {
  const std::string one = new_guid();
  EXPECT_TRUE(is_guid(one)) << one;
  EXPECT_EQ(one[14], '4');
  EXPECT_NE(one, new_guid());
  EXPECT_FALSE(is_guid("c0117050-5a3e-4d0b-9b1f-2f6a1d7e4a1"));
  EXPECT_FALSE(is_guid("c0117050x5a3e-4d0b-9b1f-2f6a1d7e4a10"));
  EXPECT_FALSE(is_guid("{tenant}"));
}

TEST(Model, default_ids_are_guids) {
  State state = default_state();
  EXPECT_TRUE(is_guid(contoso(state).tenant_id));
  for (const User& user : contoso(state).users)
    EXPECT_TRUE(is_guid(user.object_id)) << user.object_id;
}

TEST(Model, tenants_are_found_by_id_and_domain_in_any_case) {
  State state = default_state();
  EXPECT_EQ(find_tenant(state, "CONTOSO.example"), &contoso(state));
  EXPECT_EQ(find_tenant(state, contoso(state).tenant_id), &contoso(state));
  EXPECT_EQ(find_tenant(state, ""), nullptr);
  EXPECT_FALSE(create_tenant(state, "Again", "Contoso.Example"));
  EXPECT_FALSE(create_tenant(state, "Bad", "no/slash"));
  EXPECT_TRUE(create_tenant(state, "Fabrikam", "fabrikam.example"));
}

TEST(Model, user_principal_names_are_checked_and_unique) {
  State state = default_state();
  EXPECT_FALSE(create_user(contoso(state), user_named("nobody")));
  EXPECT_FALSE(create_user(contoso(state), user_named("@contoso.example")));
  EXPECT_FALSE(create_user(contoso(state), user_named("nobody@")));
  EXPECT_FALSE(create_user(contoso(state), user_named("no body@contoso.example")));
  EXPECT_FALSE(create_user(contoso(state), user_named("ALICE@contoso.example")));
  const auto created = create_user(contoso(state), user_named("frida@contoso.example"));
  ASSERT_TRUE(created);
  EXPECT_TRUE(is_guid((*created)->object_id));
}

TEST(Model, a_deleted_user_frees_the_name_until_restored) {
  State state = default_state();
  User* alice = find_user(contoso(state), "alice@contoso.example");
  ASSERT_NE(alice, nullptr);
  const std::string id = alice->object_id;
  delete_user(*alice, Timestamp());
  EXPECT_EQ(find_user(contoso(state), "alice@contoso.example"), nullptr);
  ASSERT_NE(find_user(contoso(state), id), nullptr);
  ASSERT_TRUE(create_user(contoso(state), user_named("alice@contoso.example")));
  const auto restored = restore_user(contoso(state), *find_user(contoso(state), id));
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().kind, ErrorKind::Conflict);
}

TEST(Model, updates_keep_the_object_id) {
  State state = default_state();
  User* alice = find_user(contoso(state), "alice@contoso.example");
  const std::string id = alice->object_id;
  User wanted = *alice;
  wanted.object_id = "another";
  wanted.user_principal_name = "alice.adams@contoso.example";
  ASSERT_TRUE(update_user(contoso(state), *alice, wanted));
  EXPECT_EQ(alice->object_id, id);
  wanted.user_principal_name = "ben@contoso.example";
  EXPECT_FALSE(update_user(contoso(state), *alice, wanted));
  EXPECT_EQ(alice->user_principal_name, "alice.adams@contoso.example");
}

TEST(Model, a_user_has_a_mail_nickname_and_perhaps_a_manager) {
  State state = default_state();
  Tenant& tenant = state.tenants.front();
  User gus;
  gus.user_principal_name = "gus@contoso.example";
  gus.display_name = "Gus";
  gus.manager = "nobody";
  EXPECT_FALSE(create_user(tenant, gus));
  gus.manager = "alice@contoso.example";
  const auto created = create_user(tenant, gus);
  ASSERT_TRUE(created);
  EXPECT_EQ((*created)->mail_nickname, "gus");
  User own_manager = **created;
  own_manager.manager = own_manager.object_id;
  EXPECT_FALSE(update_user(tenant, **created, own_manager));
  const std::string id = (*created)->object_id;
  EXPECT_EQ((*created)->manager, tenant.users.front().object_id);
  purge_user(tenant, (*created)->manager);
  EXPECT_EQ(find_user(tenant, id)->manager, "");
}

TEST(Model, purging_takes_memberships_and_assignments_along) {
  State state = test::state_with_portal();
  Tenant& tenant = contoso(state);
  const std::string id = find_user(tenant, "ben@contoso.example")->object_id;
  const auto group = create_group(tenant, "Sales");
  ASSERT_TRUE(group);
  (*group)->members.insert(id);
  purge_user(tenant, id);
  EXPECT_EQ(find_user(tenant, id), nullptr);
  EXPECT_TRUE(tenant.groups.front().members.empty());
  EXPECT_FALSE(tenant.applications.front().assignments.contains(id));
}

TEST(Model, applications_are_found_by_identifier_app_id_and_service_principal_name) {
  State state = test::state_with_portal();
  Tenant& tenant = contoso(state);
  Application* portal = &tenant.applications.front();
  EXPECT_EQ(find_application_by_identifier(tenant, test::kIdentifier), portal);
  EXPECT_EQ(find_application_by_identifier(tenant, "spn:" + portal->app_id), portal);
  EXPECT_EQ(find_application_by_identifier(tenant, std::string(test::kIdentifier) + "/"), nullptr);
  EXPECT_EQ(find_application_by_identifier(tenant, ""), nullptr);
}

TEST(Model, basic_configuration_needs_both_and_real_addresses) {
  State state = test::state_with_portal();
  Tenant& tenant = contoso(state);
  Application wanted = tenant.applications.front();
  EXPECT_TRUE(check_basic_configuration(tenant, wanted));
  wanted.reply_urls = {"javascript:alert(1)"};
  EXPECT_FALSE(check_basic_configuration(tenant, wanted));
  wanted.reply_urls.clear();
  EXPECT_FALSE(check_basic_configuration(tenant, wanted));
  wanted = tenant.applications.front();
  wanted.logout_url = "not a url";
  EXPECT_FALSE(check_basic_configuration(tenant, wanted));
  wanted = tenant.applications.front();
  wanted.app_id = "another application";
  const auto taken = check_basic_configuration(tenant, wanted);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, ErrorKind::Conflict);
}

TEST(Model, the_active_certificate_signs_until_it_has_expired) {
  using std::chrono::days;
  const Timestamp now = test::FixedClock().time;
  Application application;
  application.certificates.push_back(new_certificate(now - days(100), now + days(1)));
  application.certificates.front().active = true;
  application.certificates.push_back(new_certificate(now - days(100), now + days(50)));
  application.certificates.push_back(new_certificate(now - days(100), now + days(70)));
  const auto thumbprint = [&](std::size_t i) { return application.certificates[i].certificate.thumbprint(); };
  const auto signer = [&](Timestamp at) {
    return signing_certificate(application, at).certificate.thumbprint();
  };
  EXPECT_EQ(signer(now), thumbprint(0));
  EXPECT_EQ(signer(now + days(2)), thumbprint(2));
  EXPECT_EQ(signer(now + days(100)), thumbprint(0)) << "all have expired: the active one remains";

  EXPECT_FALSE(delete_certificate(application, thumbprint(0)));
  EXPECT_FALSE(activate_certificate(application, "00"));
  EXPECT_TRUE(activate_certificate(application, thumbprint(1)));
  EXPECT_EQ(signer(now), thumbprint(1));
  EXPECT_TRUE(delete_certificate(application, thumbprint(0)));
  EXPECT_EQ(application.certificates.size(), 2U);
  EXPECT_EQ(signer(now), thumbprint(0));
}

TEST(Model, token_encryption_needs_an_rsa_certificate) {
  State state = test::state_with_portal();
  Application& portal = contoso(state).applications.front();
  EXPECT_FALSE(set_token_encryption(portal, "", true, ContentCipher::Aes256Cbc));
  EXPECT_FALSE(set_token_encryption(portal, "rubbish", false, ContentCipher::Aes256Cbc));
  const auto curve = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
  const Timestamp now = test::FixedClock().time;
  const auto certificate = crypto::Certificate::self_signed(curve, "curve", now, now + std::chrono::days(1));
  EXPECT_FALSE(set_token_encryption(portal, certificate.to_pem(), true, ContentCipher::Aes256Cbc));
  EXPECT_FALSE(portal.encryption.enabled);
  EXPECT_TRUE(set_token_encryption(portal, portal.certificates.front().certificate.to_pem(), true,
                                   ContentCipher::Aes256Gcm));
  EXPECT_TRUE(portal.encryption.enabled);
  EXPECT_TRUE(set_token_encryption(portal, "  ", false, ContentCipher::Aes256Cbc));
  EXPECT_FALSE(portal.encryption.certificate);
}

TEST(Model, mobile_redirect_uris_are_msals) {
  Application application;
  application.app_id = "a0000000-0000-4000-8000-000000000000";
  EXPECT_EQ(ios_redirect_uri("com.example.portal"), "msauth.com.example.portal://auth");
  EXPECT_FALSE(add_ios_platform(application, "com example"));
  EXPECT_TRUE(add_ios_platform(application, " com.example.portal "));
  EXPECT_TRUE(add_ios_platform(application, "com.example.portal"));
  EXPECT_EQ(application.ios_bundle_ids.size(), 1U);

  EXPECT_FALSE(add_android_platform(application, "com.example.portal", "dG9vIHNob3J0"));
  EXPECT_FALSE(add_android_platform(application, "com.example.portal", "not base64"));
  EXPECT_FALSE(add_android_platform(application, "", "VzSiQcXRmi2kyjzcA+mYLEtbGVs="));
  ASSERT_TRUE(add_android_platform(application, "com.example.portal", "VzSiQcXRmi2kyjzcA+mYLEtbGVs="));
  EXPECT_EQ(android_redirect_uri(application.android_platforms.front()),
            "msauth://com.example.portal/VzSiQcXRmi2kyjzcA%2BmYLEtbGVs%3D");
  State state = default_state();
  const std::string msal =
      msal_configuration(contoso(state), application, application.android_platforms.front(),
                         "https://login.microsoftonline.com");
  EXPECT_NE(msal.find(R"("client_id" : "a0000000-0000-4000-8000-000000000000")"), std::string::npos);
  EXPECT_NE(msal.find("VzSiQcXRmi2kyjzcA%2BmYLEtbGVs%3D"), std::string::npos);
  EXPECT_NE(msal.find("AzureADMyOrg"), std::string::npos);
}

}  // namespace
}  // namespace doorward::simulator
