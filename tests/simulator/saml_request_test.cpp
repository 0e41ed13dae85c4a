#include "simulator/saml_request.h"

#include <gtest/gtest.h>

#include "simulator/fixture.h"

namespace doorward::simulator {
namespace {

using test::authn_request;

int refusal(const Result<AuthnRequest, EntraError>& result) {
  return result ? 0 : result.error().code;
}

TEST(SamlRequest, redirect_messages_survive_the_way_there_and_back) {
  const std::string xml = authn_request();
  const auto decoded = decode_message(Binding::Redirect, encode_redirect_message(xml));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, xml);
  const auto posted = decode_message(Binding::Post, to_base64(xml));
  ASSERT_TRUE(posted);
  EXPECT_EQ(*posted, xml);
}

TEST(SamlRequest, broken_encodings_are_refused) {
  EXPECT_EQ(decode_message(Binding::Redirect, "%%%").error().code, 750056);
  EXPECT_EQ(decode_message(Binding::Redirect, to_base64("no deflate stream")).error().code, 750054);
  const std::string whole = *from_base64(encode_redirect_message(authn_request()));
  EXPECT_FALSE(decode_message(Binding::Redirect, to_base64(whole.substr(0, whole.size() / 2))));
}

TEST(SamlRequest, a_message_that_inflates_without_end_is_refused) {
  EXPECT_FALSE(decode_message(Binding::Redirect, encode_redirect_message(std::string(10'000'000, 'a'))));
}

TEST(SamlRequest, reads_what_entra_reads) {
  const auto request = parse_authn_request(authn_request(
      R"(<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"/>)",
      R"(ForceAuthn="true" IsPassive="0" AssertionConsumerServiceURL="https://portal.example.com/saml/contoso/acs")"));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->id, "_request1");
  EXPECT_EQ(request->issuer, test::kIdentifier);
  EXPECT_EQ(request->assertion_consumer_service_url, test::kReplyUrl);
  EXPECT_EQ(request->name_id_format, NameIdFormat::Persistent);
  EXPECT_TRUE(request->force_authn);
  EXPECT_FALSE(request->is_passive);
  EXPECT_FALSE(request->has_subject);
}

TEST(SamlRequest, what_is_no_request_is_refused) {
  EXPECT_EQ(refusal(parse_authn_request("")), 75005);
  EXPECT_EQ(refusal(parse_authn_request("<a/>")), 75005);
  EXPECT_EQ(refusal(parse_authn_request(authn_request().substr(1))), 75005);
  EXPECT_EQ(refusal(parse_authn_request("<!DOCTYPE a [<!ENTITY b 'c'>]>" + authn_request())), 75005);
  EXPECT_EQ(refusal(parse_authn_request(authn_request("", "", test::kIdentifier, ""))), 75005);
  EXPECT_EQ(refusal(parse_authn_request(authn_request("", "", test::kIdentifier, "1abc"))), 7500529);
  EXPECT_FALSE(parse_logout_request(authn_request()));
  EXPECT_FALSE(is_logout_request(authn_request()));
}

TEST(SamlRequest, requests_are_judged_as_entra_does) {
  State state = test::state_with_portal();
  Tenant& tenant = state.tenants.front();
  AuthnRequest request{.id = "_1", .issuer = std::string(test::kIdentifier)};
  auto target = judge_request(tenant, request);
  ASSERT_TRUE(target);
  EXPECT_EQ(target->reply_url, test::kReplyUrl);

  request.assertion_consumer_service_url = std::string(test::kReplyUrl) + "/";
  EXPECT_EQ(judge_request(tenant, request).error().code, 50011);
  request.assertion_consumer_service_url.reset();
  request.has_subject = true;
  EXPECT_EQ(judge_request(tenant, request).error().code, 900236);
  request.issuer = "https://unknown.example.com";
  EXPECT_EQ(judge_request(tenant, request).error().code, 700016);
  request.issuer = test::kIdentifier;
  request.has_subject = false;
  tenant.applications.front().reply_urls.clear();
  EXPECT_EQ(judge_request(tenant, request).error().code, 500113);
}

TEST(SamlRequest, users_are_judged_as_entra_does) {
  State state = test::state_with_portal();
  Tenant& tenant = state.tenants.front();
  Application& portal = tenant.applications.front();
  User& alice = *find_user(tenant, "alice@contoso.example");
  AuthnRequest request{.id = "_1", .has_requested_authn_context = true};
  EXPECT_TRUE(judge_user(tenant, portal, alice, &request));
  alice.passwordless = true;
  EXPECT_EQ(judge_user(tenant, portal, alice, &request).error().code, 75011);
  EXPECT_TRUE(judge_user(tenant, portal, alice, nullptr));
  portal.assignments.erase(alice.object_id);
  EXPECT_EQ(judge_user(tenant, portal, alice, nullptr).error().code, 50105);
  Group& group = **create_group(tenant, "Sales");
  group.members.insert(alice.object_id);
  EXPECT_EQ(judge_user(tenant, portal, alice, nullptr).error().code, 50105);
  portal.assigned_groups.insert(group.object_id);
  EXPECT_TRUE(judge_user(tenant, portal, alice, nullptr)) << "by way of the group";
  delete_group(tenant, std::string(group.object_id));
  EXPECT_EQ(judge_user(tenant, portal, alice, nullptr).error().code, 50105);
  EXPECT_EQ(judge_user(tenant, portal, *find_user(tenant, "dan@contoso.example"), nullptr).error().code,
            50057);
  delete_user(alice, Timestamp());
  EXPECT_EQ(judge_user(tenant, portal, alice, nullptr).error().code, 50034);
}

}  // namespace
}  // namespace doorward::simulator
