#include <gmock/gmock.h>

#include "oidc/provider_test.h"

namespace doorward::oidc {
namespace {

using directory::ApplicationKind;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AuthorizeTest : public ProviderTest {
 protected:
  http::Response authorize(const Form& changes = {}) { return browse(&Provider::authorize, wish(changes)); }
  /// The browser stays here and learns no address to go to.
  static void expect_page(const http::Response& response, std::string_view words) {
    EXPECT_EQ(response.status, http::Status::BadRequest);
    EXPECT_EQ(location(response), "");
    EXPECT_THAT(response.body, HasSubstr(std::string(words)));
  }
  /// The application is told.
  static void expect_error(const http::Response& response, std::string_view error) {
    EXPECT_EQ(response.status, http::Status::SeeOther) << response.body;
    EXPECT_THAT(location(response), StartsWith(std::string(kCallback) + "?error="));
    EXPECT_EQ(sent(response, "error"), error) << location(response);
    EXPECT_EQ(sent(response, "state"), "state-1");
    EXPECT_EQ(sent(response, "iss"), kIssuer);
    EXPECT_EQ(sent(response, "code"), "");
  }
  static void expect_code(const http::Response& response) {
    EXPECT_THAT(location(response), StartsWith(std::string(kCallback) + "?code=dwc_")) << response.body;
  }
  void consent_first() {
    change(wiki_, [](auto& settings) { settings.asks_consent = true; });
  }
  /// The hidden fields of a page's form.
  static std::string hidden(const http::Response& page, const std::string& name) {
    const std::string mark = "name=\"" + name + "\" value=\"";
    const auto at = page.body.find(mark);
    if (at == std::string::npos) return {};
    return page.body.substr(at + mark.size(), page.body.find('"', at + mark.size()) - at - mark.size());
  }
  http::Response answer_consent(const http::Response& page, const std::string& decision) {
    return submit(&Provider::consent, {{"client_id", hidden(page, "client_id")},
                                       {"request_uri", hidden(page, "request_uri")},
                                       {"employee", hidden(page, "employee")},
                                       {"decision", decision}});
  }
};

TEST_F(AuthorizeTest, GivesACodeToWhoeverIsSignedIn) {
  sign_in(ada_);
  const auto response = authorize();
  EXPECT_EQ(response.status, http::Status::SeeOther);
  expect_code(response);
  EXPECT_EQ(sent(response, "state"), "state-1");
  EXPECT_EQ(sent(response, "iss"), kIssuer);
  EXPECT_EQ(field(response, "Cache-Control"), "no-store");
}

TEST_F(AuthorizeTest, HeadGivesNothing) {
  sign_in(ada_);
  http::Request head = request("/oauth2/authorize");
  head.method = http::Method::Head;
  head.query = to_form(wish());
  jar_.send_with(head);
  const auto response = must(provider_.authorize(head));
  EXPECT_EQ(response.status, http::Status::MethodNotAllowed);
  EXPECT_EQ(count("SELECT count(*) FROM grants"), 0);
}

// Core section 3.1.2.6: where the redirect URI is not certain, the browser is sent nowhere.
TEST_F(AuthorizeTest, SendsNobodyToAnAddressThatIsNotRegistered) {
  sign_in(ada_);
  for (const char* address :
       {"https://evil.example/callback", "https://wiki.contoso.example/callback/",
        "https://wiki.contoso.example/callback?x=1", "https://wiki.contoso.example/callback#x",
        "https://WIKI.contoso.example/callback", "http://wiki.contoso.example/callback",
        "https://wiki.contoso.example:443/callback", "https://wiki.contoso.example/x/../callback",
        "https://wiki.contoso.example@evil.example/callback", "https://wiki.contoso.example/callback%00",
        "javascript:alert(1)", "//wiki.contoso.example/callback", "/callback"}) {
    expect_page(authorize({{"redirect_uri", address}}), "may not send you back there");
  }
  expect_page(authorize({{"redirect_uri", ""}}), "may not send you back there");
  Form twice = wish();
  twice.emplace_back("redirect_uri", std::string(kCallback));
  expect_page(browse(&Provider::authorize, twice), "may not send you back there");
}

TEST_F(AuthorizeTest, KnowsOnlyApplicationsThatSignPeopleIn) {
  sign_in(ada_);
  expect_page(authorize({{"client_id", "nobody"}}), "This application is not connected");
  expect_page(authorize({{"client_id", ""}}), "This application is not connected");
  Form twice = wish();
  twice.emplace_back("client_id", wiki_.client_id);
  expect_page(browse(&Provider::authorize, twice), "This application is not connected");
  const auto service = add_application(contoso_.id, ApplicationKind::Service, {.name = "Robot"});
  expect_page(authorize({{"client_id", service.client_id}}), "This application is not connected");
  change(wiki_, [](auto& settings) { settings.active = false; });
  expect_page(authorize(), "This application is not connected");
}

TEST_F(AuthorizeTest, TellsTheApplicationWhatIsWrong) {
  sign_in(ada_);
  expect_error(authorize({{"response_type", ""}}), "invalid_request");
  expect_error(authorize({{"response_type", "token"}}), "unsupported_response_type");
  expect_error(authorize({{"response_type", "code id_token"}}), "unsupported_response_type");
  expect_error(authorize({{"scope", "unknown"}}), "invalid_scope");
  expect_error(authorize({{"code_challenge_method", "plain"}}), "invalid_request");
  expect_error(authorize({{"request", "eyJhbGciOiJub25lIn0.e30."}}), "request_not_supported");
  expect_error(authorize({{"request_uri", "https://evil.example/request"}}), "request_uri_not_supported");
  expect_error(authorize({{"prompt", "none login"}}), "invalid_request");
  Form twice = wish();
  twice.emplace_back("nonce", "nonce-2");
  expect_error(browse(&Provider::authorize, twice), "invalid_request");
  // What it does not know, it passes over.
  expect_code(authorize({{"unknown", "1"}, {"ui_locales", "de"}, {"acr_values", "1"}, {"display", "popup"}}));
}

TEST_F(AuthorizeTest, PublicApplicationsMustUsePkce) {
  directory::ApplicationSettings settings = web_settings("Page");
  const auto page = add_application(contoso_.id, ApplicationKind::Public, settings);
  sign_in(ada_);
  const Form without = {{"client_id", page.client_id}, {"code_challenge", ""}, {"code_challenge_method", ""}};
  expect_error(authorize(without), "invalid_request");
  expect_code(authorize({{"client_id", page.client_id}}));
}

TEST_F(AuthorizeTest, WaitsForTheSignIn) {
  const auto asked = authorize();
  EXPECT_THAT(location(asked), StartsWith("/sign-in?account=contoso&email=&return_to=%2Foauth2%2Fauthorize"));
  EXPECT_THAT(location(asked), Not(HasSubstr("reauthenticate")));
  // The address that comes back is short, and holds nothing of the request.
  EXPECT_LT(location(asked).size(), 400U);
  EXPECT_THAT(location(asked), Not(HasSubstr("nonce")));
  clock_.advance(seconds(20));
  sign_in(ada_);
  const auto response = come_back(asked);
  expect_code(response);
  EXPECT_EQ(sent(response, "state"), "state-1");
  // It is over then: going back in the browser's history gives no second code.
  expect_page(come_back(asked), "This sign-in is over");
}

TEST_F(AuthorizeTest, AWaitingRequestIsItsApplicationsAloneAndEnds) {
  const auto other = add_application(contoso_.id, ApplicationKind::Web, web_settings("Other"));
  const auto asked = authorize();
  sign_in(ada_);
  const auto query = must(http::Form::parse(sent(asked, "return_to").substr(18)));
  const std::string reference(query.find("request_uri").value_or(""));
  ASSERT_THAT(reference, StartsWith("urn:ietf:params:oauth:request_uri:"));
  expect_page(browse(&Provider::authorize, Form{{"client_id", other.client_id}, {"request_uri", reference}}),
              "This sign-in is over");
  // What the browser brings besides counts for nothing (RFC 9126 section 4).
  const auto response = browse(&Provider::authorize, Form{{"client_id", wiki_.client_id},
                                                          {"request_uri", reference},
                                                          {"redirect_uri", "https://evil.example/"},
                                                          {"state", "evil"}});
  EXPECT_EQ(sent(response, "state"), "state-1");
  expect_code(response);
  const auto late = [&] {
    jar_ = {};
    return authorize();
  }();
  clock_.advance(minutes(31));
  sign_in(ada_);
  expect_page(come_back(late), "This sign-in is over");
}

TEST_F(AuthorizeTest, AFormOfAnotherSiteFindsTheSessionByARedirect) {
  sign_in(ada_);
  // The browser leaves the cookie out: SameSite=Lax.
  const auto response = handle(&Provider::authorize, posted(wish()));
  EXPECT_EQ(response.status, http::Status::SeeOther);
  EXPECT_THAT(location(response), StartsWith("/oauth2/authorize?client_id="));
  expect_code(browse(&Provider::authorize, location(response).substr(18)));
}

TEST_F(AuthorizeTest, AnswersByAFormWhereTheApplicationWantsOne) {
  sign_in(ada_);
  const auto response = authorize({{"response_mode", "form_post"}});
  EXPECT_EQ(response.status, http::Status::Ok);
  EXPECT_THAT(response.body, HasSubstr("action=\"https://wiki.contoso.example/callback\""));
  EXPECT_THAT(hidden(response, "code"), StartsWith("dwc_"));
  EXPECT_EQ(hidden(response, "state"), "state-1");
  EXPECT_EQ(hidden(response, "iss"), kIssuer);
  EXPECT_THAT(field(response, "Content-Security-Policy"),
              HasSubstr("form-action https://wiki.contoso.example/callback; frame-ancestors 'none'"));
  // Errors go the same way.
  EXPECT_EQ(hidden(authorize({{"response_mode", "form_post"}, {"scope", "x"}}), "error"), "invalid_scope");
}

TEST_F(AuthorizeTest, PromptNoneShowsNothing) {
  expect_error(authorize({{"prompt", "none"}}), "login_required");
  EXPECT_EQ(count("SELECT count(*) FROM authorization_requests"), 0);
  sign_in(ada_);
  expect_code(authorize({{"prompt", "none"}}));
}

TEST_F(AuthorizeTest, PromptLoginNeedsASessionThatBeganAfterwards) {
  sign_in(ada_);
  clock_.advance(minutes(1));
  for (const char* prompt : {"login", "select_account"}) {
    const auto asked = authorize({{"prompt", prompt}});
    EXPECT_THAT(location(asked), StartsWith("/sign-in?"));
    EXPECT_THAT(location(asked), HasSubstr("&reauthenticate=1"));
    // Coming back with the old session asks again, and does not store it again.
    const auto again = come_back(asked);
    EXPECT_EQ(location(again), location(asked));
    clock_.advance(seconds(10));
    sign_in(ada_);
    expect_code(come_back(asked));
  }
}

TEST_F(AuthorizeTest, MaxAgeNeedsAFreshSession) {
  sign_in(ada_);
  clock_.advance(minutes(10));
  expect_code(authorize({{"max_age", "600"}}));
  expect_error(authorize({{"max_age", "599"}, {"prompt", "none"}}), "login_required");
  const auto asked = authorize({{"max_age", "0"}});
  EXPECT_THAT(location(asked), HasSubstr("&reauthenticate=1"));
  clock_.advance(seconds(30));
  sign_in(ada_);
  clock_.advance(seconds(2));
  // Older than nothing at all, but begun for this request.
  expect_code(come_back(asked));
}

TEST_F(AuthorizeTest, TheHintOfAnIdTokenIsForNobodyElse) {
  const auto bob = add_employee(contoso_, "bob@contoso.example");
  sign_in(ada_);
  const std::string id_token = text(get_tokens(), "id_token");
  expect_code(authorize({{"prompt", "none"}, {"id_token_hint", id_token}}));
  clock_.advance(minutes(30));
  // An expired one is still a hint.
  expect_code(authorize({{"prompt", "none"}, {"id_token_hint", id_token}}));
  jar_ = {};
  sign_in(bob);
  expect_error(authorize({{"prompt", "none"}, {"id_token_hint", id_token}}), "login_required");
  clock_.advance(seconds(1));
  const auto asked = authorize({{"id_token_hint", id_token}});
  EXPECT_THAT(location(asked), HasSubstr("&reauthenticate=1"));
  clock_.advance(seconds(1));
  sign_in(bob);
  expect_error(come_back(asked), "login_required");
  expect_error(authorize({{"id_token_hint", id_token + "x"}}), "invalid_request");
}

TEST_F(AuthorizeTest, TheRequestChoosesTheDoor) {
  add_connection(contoso_, "https://idp.example/contoso");
  add_domain(contoso_, "contoso.example");
  add_account("fabrikam");
  const auto portal = add_application(std::nullopt, ApplicationKind::Web, web_settings("Portal"));
  const auto door = [&](const Form& changes) {
    return location(authorize(with({{"client_id", portal.client_id}}, changes)));
  };
  EXPECT_THAT(door({}), StartsWith("/sign-in?account=&email=&return_to="));
  EXPECT_THAT(door({{"account", "fabrikam"}}), StartsWith("/sign-in?account=fabrikam&email=&return_to="));
  EXPECT_THAT(door({{"login_hint", "ada@contoso.example"}}),
              StartsWith("/sign-in?account=contoso&email=ada%40contoso.example&"));
  // The domain's provider is what domain_hint asks for.
  EXPECT_THAT(door({{"domain_hint", "contoso.example"}}), StartsWith("/saml/contoso/login?return_to="));
  EXPECT_THAT(door({{"domain_hint", "elsewhere.example"}}), StartsWith("/sign-in?account=&"));
  write([&](storage::Transaction& transaction) {
    return directory::enforce_sso(transaction, contoso_.id, "test", kSupport, kNow);
  });
  EXPECT_THAT(door({{"account", "contoso"}, {"login_hint", "ada@contoso.example"}}),
              StartsWith("/saml/contoso/login?return_to="));
  EXPECT_THAT(door({{"login_hint", "ada@contoso.example"}, {"prompt", "login"}}),
              HasSubstr("&login_hint=ada%40contoso.example&reauthenticate=1"));
  expect_error(authorize({{"client_id", portal.client_id}, {"account", "nobody"}}), "invalid_request");
  expect_error(authorize({{"account", "fabrikam"}}), "invalid_request");
}

TEST_F(AuthorizeTest, AnEmployeeOfAnotherCompanyIsTold) {
  const auto fabrikam = add_account("fabrikam");
  sign_in(add_employee(fabrikam, "eve@fabrikam.example"));
  const auto page = authorize();
  EXPECT_EQ(page.status, http::Status::Forbidden);
  EXPECT_EQ(location(page), "");
  EXPECT_THAT(page.body, HasSubstr("You are signed in to fabrikam. Wiki belongs to contoso."));
  EXPECT_THAT(page.body, HasSubstr("href=\"/sign-in?account=contoso"));
  EXPECT_THAT(page.body, HasSubstr("reauthenticate=1"));
  expect_error(authorize({{"prompt", "none"}}), "login_required");
  EXPECT_EQ(count("SELECT count(*) FROM grants"), 0);
  // An application of all companies takes them, but not as somebody of the company that it named.
  const auto portal = add_application(std::nullopt, ApplicationKind::Web, web_settings("Portal"));
  expect_code(authorize({{"client_id", portal.client_id}}));
  EXPECT_EQ(authorize({{"client_id", portal.client_id}, {"account", "contoso"}}).status,
            http::Status::Forbidden);
}

TEST_F(AuthorizeTest, WhoeverMayNotUseItIsDenied) {
  change(wiki_, [](auto& settings) { settings.access = directory::ApplicationAccess::Administrators; });
  sign_in(ada_);
  expect_error(authorize(), "access_denied");
  expect_error(authorize({{"prompt", "none"}}), "access_denied");
  EXPECT_EQ(count("SELECT count(*) FROM grants"), 0);
}

TEST_F(AuthorizeTest, ADeactivatedEmployeesSessionIsNone) {
  sign_in(ada_);
  expect_code(authorize());
  deactivate(ada_);
  EXPECT_THAT(location(authorize()), StartsWith("/sign-in?"));
  EXPECT_EQ(count("SELECT count(*) FROM grants"), 0);
}

TEST_F(AuthorizeTest, AsksForConsentOnce) {
  consent_first();
  sign_in(ada_);
  expect_error(authorize({{"prompt", "none"}}), "consent_required");
  const auto page = authorize();
  EXPECT_EQ(page.status, http::Status::Ok);
  EXPECT_THAT(page.body, HasSubstr("Wiki asks who you are"));
  EXPECT_THAT(field(page, "Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
  EXPECT_EQ(count("SELECT count(*) FROM grants"), 0);
  const auto response = answer_consent(page, "allow");
  expect_code(response);
  EXPECT_EQ(sent(response, "state"), "state-1");
  expect_code(authorize());
  expect_code(authorize({{"prompt", "none"}}));
  // More than was agreed is asked about, and so is whatever the application wants asked about.
  EXPECT_THAT(authorize({{"scope", "openid groups"}}).body, HasSubstr("the groups that you are in"));
  EXPECT_THAT(authorize({{"prompt", "consent"}}).body, HasSubstr("Wiki asks who you are"));
  // The page's form works once.
  expect_page(answer_consent(page, "allow"), "This sign-in is over");
}

TEST_F(AuthorizeTest, ARefusedConsentGivesNothing) {
  consent_first();
  sign_in(ada_);
  const auto page = authorize();
  expect_error(answer_consent(page, "deny"), "access_denied");
  expect_error(answer_consent(page, ""), "access_denied");
  EXPECT_EQ(count("SELECT count(*) FROM grants"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM consents"), 0);
}

TEST_F(AuthorizeTest, ConsentCountsForWhomItWasAskedAndForThatRequest) {
  consent_first();
  sign_in(ada_);
  const auto page = authorize();
  // Somebody else signs in in the same browser; the old page is still open.
  jar_ = {};
  sign_in(add_employee(contoso_, "bob@contoso.example"));
  EXPECT_THAT(answer_consent(page, "allow").body, HasSubstr("Wiki asks who you are"));
  EXPECT_EQ(count("SELECT count(*) FROM consents"), 0);
  // A form that somebody else wrote has no reference.
  expect_page(submit(&Provider::consent, {{"client_id", wiki_.client_id}, {"decision", "allow"}}),
              "may not send you back there");
  // Without a session there is nobody to agree.
  jar_ = {};
  EXPECT_THAT(location(answer_consent(page, "allow")), StartsWith("/sign-in?"));
  EXPECT_EQ(count("SELECT count(*) FROM grants"), 0);
}

TEST_F(AuthorizeTest, OpensApplicationsOfTheirOwnSchemeByAPage) {
  directory::ApplicationSettings settings = web_settings("Phone");
  settings.redirect_uris = {"com.contoso.phone:/callback"};
  settings.post_logout_redirect_uris = {};
  const auto phone = add_application(contoso_.id, ApplicationKind::Public, settings);
  const Form changes = {{"client_id", phone.client_id}, {"redirect_uri", "com.contoso.phone:/callback"}};
  const auto asked = authorize(changes);
  clock_.advance(seconds(1));
  sign_in(ada_);
  // Browsers hold the sign-in form's policy against a redirect to another scheme.
  const auto page = come_back(asked);
  EXPECT_EQ(page.status, http::Status::Ok);
  EXPECT_THAT(page.body, HasSubstr("content=\"0;url=com.contoso.phone:/callback?code=dwc_"));
  EXPECT_THAT(location(authorize(changes)), StartsWith("com.contoso.phone:/callback?code=dwc_"));
}

TEST_F(AuthorizeTest, AGrantEndsWithItsSessionUnlessItIsForLater) {
  sign_in(ada_);
  get_code();
  get_code({{"scope", "openid offline_access"}});
  EXPECT_EQ(count("SELECT count(*) FROM grants WHERE session_id IS NOT NULL"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM grants WHERE session_id IS NULL AND sid <> ''"), 1);
}

TEST_F(AuthorizeTest, StoresOnlySoMuchForStrangers) {
  Provider careful({*database_, clock_, sessions_, bearers_, keys_, std::string(kIssuer), {}, 2});
  http::Request stranger = request("/oauth2/authorize");
  stranger.query = to_form(wish());
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(must(careful.authorize(stranger)).status, http::Status::SeeOther);
  const auto refused = careful.authorize(stranger);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::RateLimited);
  clock_.advance(minutes(1));
  EXPECT_TRUE(careful.authorize(stranger));
}

class PushTest : public AuthorizeTest {
 protected:
  Form pushed(const Form& changes = {}) { return with(wish({{"client_secret", secret_}}), changes); }
};

TEST_F(PushTest, TakesARequestThatTheBrowserOnlyNames) {
  const auto response = call(&Provider::push, pushed());
  EXPECT_EQ(response.status, http::Status::Created) << response.body;
  EXPECT_EQ(field(response, "Cache-Control"), "no-store");
  const std::string reference = text(parsed(response), "request_uri");
  sign_in(ada_);
  const Form named = {{"client_id", wiki_.client_id}, {"request_uri", reference}};
  const auto answered = browse(&Provider::authorize, named);
  expect_code(answered);
  EXPECT_EQ(sent(answered, "state"), "state-1");
  expect_page(browse(&Provider::authorize, named), "This sign-in is over");
}

TEST_F(PushTest, EndsSoon) {
  const std::string reference = text(parsed(call(&Provider::push, pushed())), "request_uri");
  sign_in(ada_);
  clock_.advance(seconds(90));
  expect_page(browse(&Provider::authorize, Form{{"client_id", wiki_.client_id}, {"request_uri", reference}}),
              "This sign-in is over");
}

TEST_F(PushTest, WaitsLikeAnyOtherForTheSignIn) {
  // A session that began after the push, but before the browser came, is none that this request asked for.
  const std::string reference =
      text(parsed(call(&Provider::push, pushed({{"prompt", "login"}}))), "request_uri");
  clock_.advance(seconds(10));
  sign_in(ada_);
  clock_.advance(seconds(10));
  const auto asked =
      browse(&Provider::authorize, Form{{"client_id", wiki_.client_id}, {"request_uri", reference}});
  EXPECT_THAT(location(asked), HasSubstr("&reauthenticate=1"));
  clock_.advance(minutes(5));
  sign_in(ada_);
  expect_code(come_back(asked));
}

TEST_F(PushTest, RefusesWhatTheBrowserCouldNotSendEither) {
  EXPECT_EQ(call(&Provider::push, pushed({{"client_secret", "dws_wrong"}})).status,
            http::Status::Unauthorized);
  EXPECT_EQ(error_of(call(&Provider::push, pushed({{"redirect_uri", "https://evil.example/"}}))),
            "invalid_request");
  EXPECT_EQ(error_of(call(&Provider::push, pushed({{"request_uri", "urn:ietf:params:oauth:request_uri:x"}}))),
            "invalid_request");
  EXPECT_EQ(error_of(call(&Provider::push, pushed({{"scope", "x"}}))), "invalid_scope");
  EXPECT_EQ(call(&Provider::push, pushed({{"padding", std::string(40'000, 'x')}})).status,
            http::Status::ContentTooLarge);
  // It cannot pass itself off as one that has waited.
  const std::string reference = text(
      parsed(call(&Provider::push, pushed({{"prompt", "login"}, {"doorward_waiting", "1"}}))), "request_uri");
  clock_.advance(seconds(10));
  sign_in(ada_);
  EXPECT_THAT(location(browse(&Provider::authorize,
                              Form{{"client_id", wiki_.client_id}, {"request_uri", reference}})),
              HasSubstr("&reauthenticate=1"));
}

}  // namespace
}  // namespace doorward::oidc
