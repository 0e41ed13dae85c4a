#include "oidc/protocol/authorization_request.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::oidc::protocol {
namespace {

using testing::ElementsAre;

constexpr std::string_view kSentChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

ClientFacts client(std::vector<std::string> redirect_uris = {"https://app.example/callback"}) {
  return {.redirect_uris = std::move(redirect_uris),
          .scope = Scope("openid profile email offline_access"),
          .requires_pkce = true};
}

Parameters good() {
  return {{"client_id", "app"},
          {"redirect_uri", "https://app.example/callback"},
          {"response_type", "code"},
          {"scope", "openid email"},
          {"state", "s t&te"},
          {"nonce", "n"},
          {"code_challenge", std::string(kSentChallenge)},
          {"code_challenge_method", "S256"}};
}

Parameters with(std::string_view name, std::string_view value) {
  Parameters parameters = good();
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  if (found == parameters.end()) {
    parameters.emplace_back(name, value);
  } else {
    found->second = value;
  }
  return parameters;
}

Parameters without(std::string_view name) {
  Parameters parameters = good();
  std::erase_if(parameters, [&](const auto& parameter) { return parameter.first == name; });
  return parameters;
}

std::string error_of(const Parameters& parameters, const ClientFacts& facts = client()) {
  const auto request = read_authorization_request(parameters, facts);
  return request ? "accepted" : request.error().error;
}

bool redirects(std::string_view requested, std::string_view registered, bool is_native = true) {
  ClientFacts facts = client({std::string(registered)});
  facts.requires_pkce = is_native;
  const auto found = find_redirect_uri(with("redirect_uri", requested), facts);
  return found && *found == requested;
}

TEST(RedirectUri, IsTheRegisteredOneByteByByte) {
  constexpr std::string_view kRegistered = "https://app.example/callback";
  EXPECT_TRUE(redirects(kRegistered, kRegistered));
  for (const char* other : {"https://app.example/callback/",
                            "https://app.example/callback?",
                            "https://app.example/callback?x=1",
                            "https://app.example/callback#",
                            "https://app.example/callback#f",
                            "https://app.example/Callback",
                            "https://APP.example/callback",
                            "HTTPS://app.example/callback",
                            "https://app.example:443/callback",
                            "https://app.example/%63allback",
                            "https://app.example/x/../callback",
                            "https://app.example//callback",
                            "https://user@app.example/callback",
                            "https://app.example@evil.example/callback",
                            "https://app.example.evil.example/callback",
                            "https://app.example./callback",
                            "http://app.example/callback",
                            "https://app.example/callback\\..\\x",
                            " https://app.example/callback",
                            "https://app.example/callback\n",
                            "https://app.example",
                            "https://evil.example/",
                            "javascript:alert(1)",
                            "//app.example/callback",
                            "/callback",
                            ""}) {
    EXPECT_FALSE(redirects(other, kRegistered)) << other;
  }
}

TEST(RedirectUri, OfALoopbackAddressMayHaveAnyPort) {
  EXPECT_TRUE(redirects("http://127.0.0.1:49152/cb", "http://127.0.0.1/cb"));
  EXPECT_TRUE(redirects("http://127.0.0.1/cb", "http://127.0.0.1:8080/cb"));
  EXPECT_TRUE(redirects("http://127.0.0.1:1/cb", "http://127.0.0.1:8080/cb"));
  EXPECT_TRUE(redirects("http://127.0.0.1:65535/cb?x=1", "http://127.0.0.1:8080/cb?x=1"));
  EXPECT_TRUE(redirects("http://[::1]:5000/cb", "http://[::1]/cb"));
  EXPECT_TRUE(redirects("http://127.0.0.1:5000", "http://127.0.0.1"));
  for (const char* other : {"http://127.0.0.1:0/cb",
                            "http://127.0.0.1:65536/cb",
                            "http://127.0.0.1:080/cb",
                            "http://127.0.0.1:/cb",
                            "http://127.0.0.1:+80/cb",
                            "http://127.0.0.1:80x/cb",
                            "http://127.0.0.1:80@evil.example/cb",
                            "http://127.0.0.1:80.evil.example/cb",
                            "http://127.0.0.1.evil.example/cb",
                            "http://127.0.0.1@evil.example/cb",
                            "http://127.0.0.1:80\\@evil.example/cb",
                            "http://127.0.0.1:80#@evil.example/cb",
                            "http://127.0.0.1:80/other",
                            "http://127.0.0.1:80/cb#f",
                            "http://127.0.0.1:80/cb?x=1",
                            "https://127.0.0.1:80/cb",
                            "http://127.0.0.2:80/cb",
                            "http://[::1]:80/cb",
                            "http://localhost:80/cb",
                            "http://127.1:80/cb",
                            "HTTP://127.0.0.1:80/cb",
                            "http://127.0.0.1:80:81/cb",
                            "http://127.0.0.1:80%2fcb"}) {
    EXPECT_FALSE(redirects(other, "http://127.0.0.1/cb")) << other;
  }
  EXPECT_FALSE(redirects("http://localhost:81/cb", "http://localhost:80/cb"))
      << "a name, which can be anybody's";
  EXPECT_FALSE(redirects("https://app.example:81/cb", "https://app.example:80/cb"));
}

TEST(RedirectUri, OfAServersApplicationHasNoFreePort) {
  EXPECT_TRUE(redirects("http://127.0.0.1:80/cb", "http://127.0.0.1:80/cb", false));
  EXPECT_FALSE(redirects("http://127.0.0.1:81/cb", "http://127.0.0.1:80/cb", false));
}

TEST(RedirectUri, OfAnAppIsItsOwnScheme) {
  EXPECT_TRUE(redirects("com.example.app:/cb", "com.example.app:/cb"));
  EXPECT_FALSE(redirects("com.example.app://cb", "com.example.app:/cb"));
  EXPECT_FALSE(redirects("com.example.App:/cb", "com.example.app:/cb"));
}

TEST(RedirectUri, MustBeSaidOnce) {
  const auto missing = find_redirect_uri(without("redirect_uri"), client());
  ASSERT_FALSE(missing);
  Parameters twice = good();
  twice.emplace_back("redirect_uri", "https://app.example/callback");
  EXPECT_FALSE(find_redirect_uri(twice, client()));
  Parameters two_clients = good();
  two_clients.emplace_back("client_id", "other");
  EXPECT_FALSE(find_redirect_uri(two_clients, client()));
  EXPECT_FALSE(find_redirect_uri(good(), client({})));
}

TEST(AnswerAddress, KeepsTheStateOfAnyRequest) {
  const auto address = answer_address(with("response_mode", "form_post"), "https://app.example/callback");
  EXPECT_EQ(address.redirect_uri, "https://app.example/callback");
  EXPECT_EQ(address.state, "s t&te");
  EXPECT_EQ(address.response_mode, ResponseMode::FormPost);
  Parameters twice = good();
  twice.emplace_back("state", "other");
  EXPECT_EQ(answer_address(twice, "x").state, "");
  EXPECT_EQ(answer_address(with("response_mode", "fragment"), "x").response_mode, ResponseMode::Query);
  EXPECT_EQ(answer_address(with("state", std::string(5000, 's')), "x").state, "");
  EXPECT_EQ(answer_address(with("state", "a\r\nb"), "x").state, "");
}

TEST(AuthorizationRequest, IsRead) {
  Parameters parameters = good();
  for (const auto& [name, value] : Parameters{{"prompt", "login consent"},
                                              {"max_age", "0"},
                                              {"login_hint", "anna@contoso.example"},
                                              {"domain_hint", "contoso.example"},
                                              {"account", "contoso"},
                                              {"id_token_hint", "a.b.c"},
                                              {"response_mode", "form_post"},
                                              {"ui_locales", "de"},
                                              {"unknown", "1"},
                                              {"unknown", "2"}}) {
    parameters.emplace_back(name, value);
  }
  const auto request = read_authorization_request(parameters, client());
  ASSERT_TRUE(request) << request.error().description;
  EXPECT_EQ(request->client_id, "app");
  EXPECT_EQ(request->redirect_uri, "https://app.example/callback");
  EXPECT_EQ(request->scope.text(), "openid email");
  EXPECT_EQ(request->state, "s t&te");
  EXPECT_EQ(request->nonce, "n");
  EXPECT_EQ(request->code_challenge, kSentChallenge);
  EXPECT_EQ(request->response_mode, ResponseMode::FormPost);
  EXPECT_THAT(request->prompts, ElementsAre(Prompt::Login, Prompt::Consent));
  EXPECT_TRUE(request->wants(Prompt::Consent));
  EXPECT_FALSE(request->wants(Prompt::None));
  EXPECT_EQ(request->max_age, std::chrono::seconds(0));
  EXPECT_EQ(request->login_hint, "anna@contoso.example");
  EXPECT_EQ(request->domain_hint, "contoso.example");
  EXPECT_EQ(request->account, "contoso");
  EXPECT_EQ(request->id_token_hint, "a.b.c");
}

TEST(AuthorizationRequest, HasNoSecondReading) {
  for (const char* name :
       {"client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method", "prompt", "max_age", "response_mode", "login_hint", "account"}) {
    Parameters parameters = without(name);
    const Parameters whole = good();
    const auto found =
        std::find_if(whole.begin(), whole.end(), [&](const auto& entry) { return entry.first == name; });
    const std::string value = found == whole.end() ? "login" : found->second;
    parameters.emplace_back(name, value);
    parameters.emplace_back(name, value);
    EXPECT_EQ(error_of(parameters), "invalid_request") << name;
  }
}

TEST(AuthorizationRequest, TakesEmptyForAbsent) {
  EXPECT_EQ(error_of(with("response_mode", "")), "accepted");
  EXPECT_EQ(error_of(with("prompt", "")), "accepted");
  EXPECT_EQ(error_of(with("max_age", "")), "accepted");
  EXPECT_EQ(error_of(with("request", "")), "accepted");
  EXPECT_EQ(error_of(with("client_id", "")), "invalid_request");
  EXPECT_EQ(error_of(with("response_type", "")), "invalid_request");
  EXPECT_EQ(error_of(with("code_challenge", "")), "invalid_request");
}

TEST(AuthorizationRequest, IsForACodeInTheQueryOrAForm) {
  for (const char* type : {"token", "id_token", "code id_token", "code token", "none", "Code", "code "}) {
    EXPECT_EQ(error_of(with("response_type", type)), "unsupported_response_type") << type;
  }
  EXPECT_EQ(error_of(without("response_type")), "invalid_request");
  for (const char* mode : {"fragment", "web_message", "query.jwt", "Query"}) {
    EXPECT_EQ(error_of(with("response_mode", mode)), "invalid_request") << mode;
  }
}

TEST(AuthorizationRequest, HasNoObjectsInIt) {
  EXPECT_EQ(error_of(with("request", "eyJhbGciOiJub25lIn0.e30.")), "request_not_supported");
  EXPECT_EQ(error_of(with("request_uri", "https://evil.example/r")), "request_uri_not_supported");
  EXPECT_EQ(error_of(with("registration", "{}")), "registration_not_supported");
}

TEST(AuthorizationRequest, MayAskForClaimsButDemandNone) {
  // Core section 5.5.1: no error because a claim cannot be given, essential or not.
  for (const char* claims :
       {"{}", R"({"userinfo":{"given_name":{"essential":true},"picture":null}})",
        R"({"id_token":{"auth_time":{"essential":true},"acr":{"values":["urn:mace:incommon:iap:silver"]}}})",
        R"({"id_token":{"acr":{"essential":true}}})", R"({"id_token":null})",
        R"({"id_token":{"sub":null}})"}) {
    EXPECT_EQ(error_of(with("claims", claims)), "accepted") << claims;
  }
  EXPECT_EQ(error_of(with("claims", R"({"id_token":{"acr":{"essential":true,"values":["phr"]}}})")),
            "unmet_authentication_requirements");
  EXPECT_EQ(error_of(with("claims", R"({"id_token":{"acr":{"essential":true,"value":"phr"}}})")),
            "unmet_authentication_requirements");
  EXPECT_EQ(error_of(with("claims", R"({"id_token":{"sub":{"value":"248289761001"}}})")), "invalid_request");
  for (const char* claims : {"[]", "x", R"({"a":1,"a":2})"}) {
    EXPECT_EQ(error_of(with("claims", claims)), "invalid_request") << claims;
  }
}

TEST(AuthorizationRequest, ProvesWhoExchangesTheCode) {
  EXPECT_EQ(error_of(without("code_challenge_method")), "invalid_request") << "plain, by default";
  EXPECT_EQ(error_of(with("code_challenge_method", "plain")), "invalid_request");
  EXPECT_EQ(error_of(with("code_challenge_method", "s256")), "invalid_request");
  EXPECT_EQ(error_of(without("code_challenge")), "invalid_request");
  EXPECT_EQ(error_of(with("code_challenge", "short")), "invalid_request");
  EXPECT_EQ(error_of(with("code_challenge", std::string(kSentChallenge) + "=")), "invalid_request");
  Parameters none = without("code_challenge");
  std::erase_if(none, [](const auto& parameter) { return parameter.first == "code_challenge_method"; });
  EXPECT_EQ(error_of(none), "invalid_request");
  ClientFacts confidential = client();
  confidential.requires_pkce = false;
  EXPECT_EQ(error_of(none, confidential), "accepted");
  EXPECT_EQ(error_of(without("code_challenge"), confidential), "invalid_request")
      << "half of it is a downgrade";
  EXPECT_EQ(error_of(with("code_challenge_method", "plain"), confidential), "invalid_request");
}

TEST(AuthorizationRequest, GetsTheScopeItsClientMayHave) {
  const auto request = read_authorization_request(with("scope", "openid scim groups email"), client());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->scope.text(), "openid email");
  EXPECT_EQ(error_of(with("scope", "scim")), "invalid_scope");
  EXPECT_EQ(error_of(without("scope")), "invalid_scope");
  EXPECT_EQ(error_of(with("scope", "OpenID")), "invalid_scope");
}

TEST(AuthorizationRequest, KnowsItsPrompts) {
  EXPECT_EQ(error_of(with("prompt", "none")), "accepted");
  EXPECT_EQ(error_of(with("prompt", "none none")), "accepted");
  EXPECT_EQ(error_of(with("prompt", "select_account  login")), "accepted");
  for (const char* prompt : {"none login", "create", "LOGIN", "login,consent"}) {
    EXPECT_EQ(error_of(with("prompt", prompt)), "invalid_request") << prompt;
  }
}

TEST(AuthorizationRequest, CountsAgesInSeconds) {
  for (const char* age : {"-1", "1.5", "1e3", "x", "0x10", " 1", "4294967296", "+1"}) {
    EXPECT_EQ(error_of(with("max_age", age)), "invalid_request") << age;
  }
  EXPECT_EQ(error_of(with("max_age", "4294967295")), "accepted");
}

TEST(AuthorizationRequest, BoundsItsValues) {
  for (const char* name : {"state", "nonce", "login_hint", "account", "scope", "display"}) {
    EXPECT_EQ(error_of(with(name, std::string(4097, 'x'))), "invalid_request") << name;
    EXPECT_EQ(error_of(with(name, "a\nb")), "invalid_request") << name;
    EXPECT_EQ(error_of(with(name, "\xff")), "invalid_request") << name;
    EXPECT_EQ(error_of(with(name, std::string_view("a\0b", 3))), "invalid_request") << name;
  }
  EXPECT_EQ(error_of(with("state", std::string(4096, 's'))), "accepted");
  EXPECT_EQ(error_of(with("id_token_hint", std::string(16384, 't'))), "accepted");
}

TEST(AuthorizationRequest, AnswersWithWhatTheRedirectUriHad) {
  const Parameters answer = {{"code", "a b&c=d"}, {"state", "\xC3\xA9?#"}};
  EXPECT_EQ(with_parameters("https://app.example/cb", answer),
            "https://app.example/cb?code=a%20b%26c%3Dd&state=%C3%A9%3F%23");
  EXPECT_EQ(with_parameters("https://app.example/cb?x=1", {{"code", "c"}}),
            "https://app.example/cb?x=1&code=c");
  EXPECT_EQ(with_parameters("https://app.example/cb?", {{"code", "c"}}), "https://app.example/cb?code=c");
  EXPECT_EQ(with_parameters("https://app.example/cb?x=1&", {{"code", "c"}}),
            "https://app.example/cb?x=1&code=c");
  EXPECT_EQ(with_parameters("com.example.app:/cb", {{"code", "c"}}), "com.example.app:/cb?code=c");
  EXPECT_EQ(with_parameters("https://app.example/cb", {}), "https://app.example/cb");
}

}  // namespace
}  // namespace doorward::oidc::protocol
