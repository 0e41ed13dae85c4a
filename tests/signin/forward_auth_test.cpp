#include "signin/forward_auth.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "directory/directory_test.h"
#include "support/cookie_jar.h"
#include "support/fake_clock.h"

namespace doorward::signin {
namespace {

using directory::ApplicationAccess;
using http::Response;
using http::Status;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kOurs = "https://sso.portal.example";
constexpr const char* kWiki = "https://wiki.example";
constexpr const char* kShop = "https://shop.example:8443";

/// Two applications behind a proxy, and a browser with a cookie jar for each host.
class ForwardAuthTest : public directory::DirectoryTest {
 protected:
  using Handler = Result<Response> (ForwardAuth::*)(const http::Request&);

  directory::Application add_application(std::optional<directory::AccountId> account, std::string_view name,
                                         std::vector<std::string> origins,
                                         ApplicationAccess access = ApplicationAccess::Everyone) {
    directory::NewApplication made{.account = account, .kind = directory::ApplicationKind::Proxy};
    made.settings.name = name;
    made.settings.origins = std::move(origins);
    made.settings.access = access;
    return write([&](storage::Transaction& transaction) {
      return directory::create_application(transaction, made, kSupport, kNow);
    });
  }

  void sign_in_here(const directory::Account& account, const directory::Employee& employee) {
    const auto token = directory::SessionToken::issue(account);
    write([&](storage::Transaction& transaction) {
      return directory::create_session(transaction, token, {.account = account.id, .employee = employee.id},
                                       sessions_.lifetime(), clock_.now());
    });
    Response response;
    sessions_.set_cookie(response, token);
    jars_[kOurs].keep(response);
  }

  /// A GET of the browser's window, as it reaches us from the proxy of `origin`, or from the browser itself.
  http::Request navigation(const std::string& origin, std::string query = {}) {
    http::Request made;
    made.query = std::move(query);
    made.client_address = "192.0.2.7";
    made.headers.set("Sec-Fetch-Mode", "navigate");
    made.headers.set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0");
    if (origin != kOurs) {
      made.headers.set("X-Forwarded-Proto", origin.substr(0, origin.find(':')));
      made.headers.set("X-Forwarded-Host", origin.substr(origin.find("//") + 2));
    }
    jars_[origin].send_with(made);
    return made;
  }
  Response handle(Handler handler, const std::string& origin, const http::Request& request) {
    Response response = must((forward_auth_.*handler)(request));
    jars_[origin].keep(response);
    return response;
  }
  Response get(Handler handler, const std::string& origin, std::string query = {}) {
    return handle(handler, origin, navigation(origin, std::move(query)));
  }
  Response check(const std::string& origin, std::string query = {}) {
    return get(&ForwardAuth::check, origin, std::move(query));
  }

  static std::string location(const Response& response) {
    return std::string(response.headers.find("Location").value_or(""));
  }
  static std::string query_of(const std::string& url) { return url.substr(url.find('?') + 1); }

  /// Follows the redirects from the sign-in link to the page; returns the last answer.
  Response sign_in(const std::string& origin, std::string return_to = "/") {
    const Response started = get(&ForwardAuth::sign_in, origin, "return_to=" + return_to);
    const Response given = get(&ForwardAuth::start, kOurs, query_of(location(started)));
    if (given.status != Status::SeeOther) return given;
    return get(&ForwardAuth::callback, origin, query_of(location(given)));
  }
  /// Who the application hears it is; empty for nobody.
  std::string who(const std::string& origin) {
    const Response response = check(origin);
    return response.status == Status::Ok ? std::string(*response.headers.find("X-Auth-User")) : "";
  }
  std::vector<directory::ListedGrant> grants_of(const directory::Employee& employee) {
    return read([&](storage::Transaction& transaction) {
      return directory::list_grants_of_employee(transaction, employee.account, employee.id, clock_.now(), 10);
    });
  }

  test::FakeClock clock_{kNow};
  metrics::Registry metrics_;
  crypto::Sealer sealer_{crypto::Secret(std::string(32, 'k'))};
  session::Sessions sessions_{*database_, clock_, {true, {}}, metrics_};
  session::TokenBearers bearers_{*database_, clock_, sessions_.lifetime(), metrics_};
  ForwardAuth forward_auth_{{*database_, clock_, sessions_, bearers_, sealer_, kOurs, metrics_}};
  std::map<std::string, test::CookieJar> jars_;
  directory::Account contoso_ = add_account("contoso");
  directory::Account fabrikam_ = add_account("fabrikam");
  directory::Employee ada_ = add_employee(contoso_, "ada@contoso.example");
  directory::Employee eve_ = add_employee(fabrikam_, "eve@fabrikam.example");
  directory::Application wiki_ = add_application(contoso_.id, "Wiki", {kWiki});
  directory::Application shop_ = add_application({}, "Shop", {kShop, "http://127.0.0.2:8080"});
};

TEST_F(ForwardAuthTest, LeadsFromADeepLinkBackToIt) {
  sign_in_here(contoso_, ada_);
  http::Request asked = navigation(kWiki);
  asked.headers.set("X-Forwarded-Uri", "/page?a=1&b=%C3%A9");
  const Response refused = handle(&ForwardAuth::check, kWiki, asked);
  EXPECT_EQ(refused.status, Status::Unauthorized);
  const std::string link(*refused.headers.find("X-Auth-Sign-In"));
  EXPECT_EQ(link, "https://wiki.example/.doorward/sign-in?return_to=/page?a=1%26b=%25C3%25A9");
  EXPECT_EQ(refused.headers.find("X-Auth-Redirect"), link);
  EXPECT_TRUE(refused.headers.find("WWW-Authenticate"));

  const Response started = get(&ForwardAuth::sign_in, kWiki, query_of(link));
  EXPECT_EQ(started.status, Status::SeeOther);
  EXPECT_THAT(location(started), StartsWith(std::string(kOurs) + "/auth/start?application="));
  EXPECT_THAT(std::string(*started.headers.find("Set-Cookie")), StartsWith("__Host-doorward_app_flow_"));

  const Response given = get(&ForwardAuth::start, kOurs, query_of(location(started)));
  EXPECT_EQ(given.status, Status::SeeOther);
  EXPECT_THAT(location(given), StartsWith("https://wiki.example/.doorward/callback?code="));

  const Response entered = get(&ForwardAuth::callback, kWiki, query_of(location(given)));
  EXPECT_EQ(entered.status, Status::SeeOther);
  EXPECT_EQ(location(entered), "/page?a=1&b=%C3%A9");
  // The flow's cookie is gone, the application's is there.
  ASSERT_EQ(jars_[kWiki].all().size(), 1U);
  EXPECT_EQ(jars_[kWiki].all().begin()->first, "__Host-doorward_app");
  EXPECT_EQ(who(kWiki), "ada@contoso.example");
  const auto grants = grants_of(ada_);
  ASSERT_EQ(grants.size(), 1U);
  EXPECT_EQ(grants.front().application_name, "Wiki");
  EXPECT_EQ(grants.front().grant.device, "Firefox on Linux");
  EXPECT_EQ(grants.front().grant.client_address, "192.0.2.7");
}

TEST_F(ForwardAuthTest, TheCookieIsOfThisHostAlone) {
  sign_in_here(contoso_, ada_);
  const auto last_cookie = [](const Response& response) {
    std::string cookie;
    for (const auto& [name, value] : response.headers.all())
      if (name == "Set-Cookie") cookie = value;
    return cookie;
  };
  const std::string secure = last_cookie(sign_in(kWiki));
  EXPECT_THAT(secure, StartsWith("__Host-doorward_app=dwp_"));
  for (const char* part : {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"})
    EXPECT_THAT(secure, HasSubstr(part));
  for (const char* part : {"Domain", "Max-Age"})
    EXPECT_THAT(secure, Not(HasSubstr(part)));
  const std::string plain = last_cookie(sign_in("http://127.0.0.2:8080"));
  EXPECT_THAT(plain, StartsWith("doorward_app=dwp_"));
  EXPECT_THAT(plain, Not(HasSubstr("Secure")));
}

TEST_F(ForwardAuthTest, AnAddressIsVerifiedAsLongAsItsDomainIsTheCompanys) {
  sign_in_here(contoso_, ada_);
  sign_in(kWiki);
  sign_in(kShop);
  const auto heard = [&](const std::string& origin, const std::string& name) {
    return std::string(check(origin).headers.find("X-Auth-" + name).value_or("nothing"));
  };
  EXPECT_EQ(heard(kWiki, "Email"), "ada@contoso.example");
  EXPECT_EQ(heard(kWiki, "Email-Verified"), "false");
  EXPECT_EQ(heard(kShop, "Email"), "") << "it serves fabrikam too";
  add_domain(contoso_, "contoso.example");
  EXPECT_EQ(heard(kWiki, "Email-Verified"), "true");
  EXPECT_EQ(heard(kShop, "Email"), "ada@contoso.example");
  EXPECT_EQ(heard(kShop, "Email-Verified"), "true");
  write([&](storage::Transaction& transaction) {
    return directory::remove_domain(transaction, contoso_.id, "contoso.example", kSupport, kNow);
  });
  add_domain(fabrikam_, "contoso.example");
  EXPECT_EQ(heard(kWiki, "Email-Verified"), "false") << "also of what is in memory";
  EXPECT_EQ(heard(kShop, "Email"), "");
}

TEST_F(ForwardAuthTest, WhoeverLosesADomainLosesItsPages) {
  const std::string place = "https://pages.contoso.example";
  const auto claim = [&](const directory::Account& account) {
    write([&](storage::Transaction& transaction) {
      return directory::create_application(transaction,
                                           {.account = account.id,
                                            .kind = directory::ApplicationKind::Proxy,
                                            .settings = {.name = "Pages", .origins = {place}}},
                                           kAdministrator, kNow);
    });
  };
  add_domain(contoso_, "contoso.example");
  claim(contoso_);
  sign_in_here(contoso_, ada_);
  sign_in(place);
  EXPECT_EQ(who(place), "ada@contoso.example");
  write([&](storage::Transaction& transaction) {
    return directory::remove_domain(transaction, contoso_.id, "contoso.example", kSupport, kNow);
  });
  EXPECT_EQ(check(place).status, Status::Forbidden) << "also for what was in memory";
  add_domain(fabrikam_, "contoso.example");
  claim(fabrikam_);
  EXPECT_EQ(check(place).status, Status::Unauthorized) << "the cookie is another application's";
  EXPECT_NE(sign_in(place).status, Status::SeeOther) << "ada is not of this company";
  EXPECT_EQ(who(place), "");
}

TEST_F(ForwardAuthTest, TellsAllThatItKnows) {
  sign_in_here(contoso_, ada_);
  sign_in(kWiki);
  const Response response = check(kWiki);
  EXPECT_EQ(response.status, Status::Ok);
  EXPECT_EQ(response.headers.find("X-Auth-Email"), "ada@contoso.example");
  EXPECT_EQ(response.headers.find("X-Auth-Subject"), ada_.public_id);
  EXPECT_EQ(response.headers.find("X-Auth-Account"), "contoso");
  EXPECT_EQ(response.headers.find("X-Auth-Groups"), "");
  EXPECT_EQ(response.headers.find("X-Auth-Administrator"), "false");
  // A spelling with the default port is the same place.
  http::Request spelled = navigation(kWiki);
  spelled.headers.set("X-Forwarded-Host", "wiki.example:443");
  EXPECT_EQ(handle(&ForwardAuth::check, kWiki, spelled).status, Status::Ok);
}

TEST_F(ForwardAuthTest, ACookieIsGoodAtItsOwnApplicationOnly) {
  sign_in_here(contoso_, ada_);
  sign_in(kWiki);
  jars_[kShop] = jars_[kWiki];
  EXPECT_EQ(check(kShop).status, Status::Unauthorized);
  // The proxy of one application, made to ask about another.
  http::Request both = navigation(kShop);
  both.headers.set("X-Original-URL", "https://wiki.example/");
  EXPECT_EQ(handle(&ForwardAuth::check, kShop, both).status, Status::Forbidden);
  EXPECT_EQ(check(kWiki, "application=" + wiki_.client_id).status, Status::Ok);
  EXPECT_EQ(check(kWiki, "application=" + shop_.client_id).status, Status::Forbidden);
  EXPECT_EQ(check(kWiki, "application=" + shop_.client_id + "&application=" + wiki_.client_id).status,
            Status::Forbidden);
}

TEST_F(ForwardAuthTest, KnowsNoOtherHosts) {
  for (const Handler handler : {&ForwardAuth::check, &ForwardAuth::sign_in, &ForwardAuth::callback,
                                &ForwardAuth::sign_out, &ForwardAuth::confirm_sign_out}) {
    for (const char* origin : {"https://evil.example", "http://wiki.example", "https://shop.example"}) {
      const Response response = get(handler, origin);
      EXPECT_EQ(response.status, Status::Forbidden) << origin;
      EXPECT_THAT(response.body, HasSubstr("not connected")) << origin;
      EXPECT_THAT(response.body, HasSubstr("href=\"https://sso.portal.example/assets/")) << origin;
      EXPECT_FALSE(response.headers.find("Set-Cookie"));
    }
    // Asked for at our own host, where no proxy forwards it.
    EXPECT_EQ(get(handler, kOurs).status, Status::Forbidden);
  }
  http::Request program = navigation("https://evil.example");
  program.headers.set("Sec-Fetch-Mode", "cors");
  EXPECT_EQ(must(forward_auth_.check(program)).headers.find("Content-Type"), "text/plain; charset=utf-8");
}

TEST_F(ForwardAuthTest, SendsPeopleAndNotPrograms) {
  const Response sent = check(kWiki, "sign_in=redirect");
  EXPECT_EQ(sent.status, Status::Found);
  EXPECT_EQ(location(sent), "https://wiki.example/.doorward/sign-in?return_to=/");
  for (const auto& [name, value] : std::map<std::string, std::string>{{"Sec-Fetch-Mode", "cors"},
                                                                      {"X-Requested-With", "XMLHttpRequest"},
                                                                      {"Upgrade", "websocket"},
                                                                      {"X-Forwarded-Method", "POST"}}) {
    http::Request program = navigation(kWiki, "sign_in=redirect");
    program.headers.set(name, value);
    const Response response = handle(&ForwardAuth::check, kWiki, program);
    EXPECT_EQ(response.status, Status::Unauthorized) << name;
    EXPECT_TRUE(response.headers.find("X-Auth-Sign-In")) << name;
    EXPECT_FALSE(response.headers.find("X-Auth-Redirect")) << name;
    EXPECT_EQ(location(response), "") << name;
  }
  http::Request image = navigation(kWiki);
  image.headers.set("Sec-Fetch-Mode", "no-cors");
  const Response refused = handle(&ForwardAuth::sign_in, kWiki, image);
  EXPECT_EQ(refused.status, Status::Unauthorized);
  EXPECT_FALSE(refused.headers.find("Set-Cookie"));
}

TEST_F(ForwardAuthTest, AnswersWhatEnvoyAppends) {
  http::Request asked = navigation(kWiki, "application=" + shop_.client_id);
  asked.target = "/auth/check/a/page?application=" + shop_.client_id;
  asked.path = "/auth/check/a/page";
  const Response sent = handle(&ForwardAuth::check_below, kWiki, asked);
  EXPECT_EQ(sent.status, Status::Found);
  EXPECT_EQ(location(sent),
            "https://wiki.example/.doorward/sign-in?return_to=/a/page?application=" + shop_.client_id);
  sign_in_here(contoso_, ada_);
  sign_in(kWiki);
  jars_[kWiki].send_with(asked);
  asked.method = http::Method::Post;
  EXPECT_EQ(handle(&ForwardAuth::check_below, kWiki, asked).status, Status::Ok);
}

TEST_F(ForwardAuthTest, NeverLeadsToAnotherSite) {
  sign_in_here(contoso_, ada_);
  for (const char* target :
       {"https%3A%2F%2Fevil.example%2F", "%2F%2Fevil.example", "%2F%5Cevil.example", "javascript%3Aalert(1)",
        "%2F%09%2Fevil.example", "https%3A%2F%2Fwiki.example.evil.example%2F", "%2F.doorward%2Fsign-out"})
    EXPECT_EQ(location(sign_in(kWiki, target)), "/") << target;
  EXPECT_EQ(location(sign_in(kWiki, "https%3A%2F%2Fwiki.example%2Fa%3Fb")), "/a?b");
  EXPECT_EQ(location(sign_in(kWiki, "/" + std::string(ForwardAuth::kMaxTarget, 'a'))), "/");
}

TEST_F(ForwardAuthTest, AsksForTheCompanysSignInFirst) {
  const Response started = get(&ForwardAuth::sign_in, kWiki);
  const std::string start = location(started).substr(std::string(kOurs).size());
  const Response asked = get(&ForwardAuth::start, kOurs, query_of(start));
  EXPECT_EQ(asked.status, Status::SeeOther);
  EXPECT_EQ(location(asked), "/sign-in?return_to=" + percent_encode(start) + "&account=contoso");
  // An application of all accounts asks which one.
  const Response of_all = get(&ForwardAuth::sign_in, kShop);
  EXPECT_THAT(location(get(&ForwardAuth::start, kOurs, query_of(location(of_all)))),
              testing::EndsWith("&account="));
  // Signed in meanwhile, minutes later.
  sign_in_here(contoso_, ada_);
  clock_.advance(minutes(20));
  const Response given = get(&ForwardAuth::start, kOurs, query_of(start));
  get(&ForwardAuth::callback, kWiki, query_of(location(given)));
  EXPECT_EQ(who(kWiki), "ada@contoso.example");
}

TEST_F(ForwardAuthTest, StartsForWhatIsThereOnly) {
  sign_in_here(contoso_, ada_);
  const std::string state = std::string(43, 'A');
  const std::string id = "application=" + wiki_.client_id;
  const std::string origin = "&origin=" + percent_encode(kWiki);
  EXPECT_EQ(get(&ForwardAuth::start, kOurs, id + origin + "&state=" + state).status, Status::SeeOther);
  for (const std::string& query :
       {std::string(), id, id + origin, id + origin + "&state=", id + origin + "&state=" + state + "A",
        id + origin + "&state=%22" + state.substr(1),
        id + "&origin=https%3A%2F%2Fevil.example&state=" + state,
        id + "&origin=" + percent_encode(kShop) + "&state=" + state,
        "application=nobody" + origin + "&state=" + state, id + "&" + id + origin + "&state=" + state}) {
    const Response refused = get(&ForwardAuth::start, kOurs, query);
    EXPECT_EQ(refused.status, Status::Forbidden) << query;
    EXPECT_EQ(location(refused), "") << query;
  }
  EXPECT_EQ(grants_of(ada_).size(), 1U);
}

TEST_F(ForwardAuthTest, WhoMayNotUseItIsTold) {
  const auto strangers = [&](const directory::Account& account, const directory::Employee& employee,
                             const std::string& origin) {
    sign_in_here(account, employee);
    const Response refused = sign_in(origin);
    EXPECT_EQ(refused.status, Status::Forbidden);
    EXPECT_THAT(refused.body, HasSubstr("You may not use this application"));
    EXPECT_TRUE(grants_of(employee).empty());
    EXPECT_EQ(who(origin), "");
  };
  strangers(fabrikam_, eve_, kWiki);
  add_application(contoso_.id, "Console", {"https://console.example"}, ApplicationAccess::Administrators);
  strangers(contoso_, ada_, "https://console.example");
  add_application(contoso_.id, "Secret", {"https://secret.example"}, ApplicationAccess::Chosen);
  strangers(contoso_, ada_, "https://secret.example");
  // Everybody's is theirs too.
  sign_in_here(fabrikam_, eve_);
  sign_in(kShop);
  EXPECT_EQ(who(kShop), "eve@fabrikam.example");
}

TEST_F(ForwardAuthTest, ItEndsAtOnceWithWhatItHangsOn) {
  const auto enter = [&] {
    sign_in_here(contoso_, ada_);
    sign_in(kWiki);
    ASSERT_EQ(who(kWiki), "ada@contoso.example");
  };
  enter();
  const auto session = must(sessions_.who(navigation(kOurs)))->session;
  write([&](storage::Transaction& transaction) {
    return directory::end_session(transaction, contoso_.id, session.id, clock_.now());
  });
  EXPECT_EQ(who(kWiki), "");

  enter();
  directory::ApplicationSettings settings = wiki_.settings;
  settings.access = ApplicationAccess::Administrators;
  write([&](storage::Transaction& transaction) {
    return directory::update_application(transaction, wiki_.id, settings, kSupport, kNow);
  });
  EXPECT_EQ(who(kWiki), "");
  settings.access = ApplicationAccess::Everyone;
  write([&](storage::Transaction& transaction) {
    return directory::update_application(transaction, wiki_.id, settings, kSupport, kNow);
  });

  enter();
  settings.active = false;
  write([&](storage::Transaction& transaction) {
    return directory::update_application(transaction, wiki_.id, settings, kSupport, kNow);
  });
  EXPECT_EQ(check(kWiki).status, Status::Forbidden);
  settings.active = true;
  write([&](storage::Transaction& transaction) {
    return directory::update_application(transaction, wiki_.id, settings, kSupport, kNow);
  });

  enter();
  write([&](storage::Transaction& transaction) {
    return directory::deactivate_employee(transaction, contoso_.id, ada_.id,
                                          directory::LastAdministrator::MayGo, kSupport, kNow);
  });
  EXPECT_EQ(who(kWiki), "");
}

TEST_F(ForwardAuthTest, AnotherBrowserCannotUseTheCode) {
  sign_in_here(contoso_, ada_);
  const Response started = get(&ForwardAuth::sign_in, kWiki);
  const std::string callback =
      query_of(location(get(&ForwardAuth::start, kOurs, query_of(location(started)))));
  // Login CSRF: a browser that did not ask is sent to the callback.
  const test::CookieJar mine = jars_[kWiki];
  jars_[kWiki] = {};
  const Response refused = get(&ForwardAuth::callback, kWiki, callback);
  EXPECT_EQ(refused.status, Status::BadRequest);
  EXPECT_THAT(refused.body, HasSubstr("We lost track of your sign-in"));
  EXPECT_TRUE(jars_[kWiki].all().empty());
  // A code that was stolen, brought into a flow of the thief's.
  const Response thief = get(&ForwardAuth::sign_in, kWiki);
  const std::string other_state = location(thief).substr(location(thief).find("&state=") + 7);
  const std::string code = callback.substr(0, callback.find('&'));
  EXPECT_EQ(get(&ForwardAuth::callback, kWiki, code + "&state=" + other_state).status, Status::BadRequest);
  EXPECT_EQ(who(kWiki), "");
  // It was worth nothing, and is worth nothing to its owner now.
  EXPECT_TRUE(grants_of(ada_).empty());
  jars_[kWiki] = mine;
  EXPECT_EQ(get(&ForwardAuth::callback, kWiki, callback).status, Status::BadRequest);
  EXPECT_EQ(who(kWiki), "");
}

TEST_F(ForwardAuthTest, ACodeIsGoodAtItsOwnApplicationOnly) {
  sign_in_here(contoso_, ada_);
  const Response started = get(&ForwardAuth::sign_in, kWiki);
  const std::string callback =
      query_of(location(get(&ForwardAuth::start, kOurs, query_of(location(started)))));
  const Response shop = get(&ForwardAuth::sign_in, kShop);
  const std::string shop_state = location(shop).substr(location(shop).find("&state=") + 7);
  EXPECT_EQ(get(&ForwardAuth::callback, kShop, callback).status, Status::BadRequest);
  EXPECT_EQ(
      get(&ForwardAuth::callback, kShop, callback.substr(0, callback.find('&')) + "&state=" + shop_state)
          .status,
      Status::BadRequest);
  EXPECT_EQ(who(kShop), "");
  // Another application's attempt did not use it up.
  EXPECT_EQ(get(&ForwardAuth::callback, kWiki, callback).status, Status::SeeOther);
}

TEST_F(ForwardAuthTest, ACodeWorksOnceAndForAMinute) {
  sign_in_here(contoso_, ada_);
  const auto begin = [&] {
    const Response started = get(&ForwardAuth::sign_in, kWiki);
    return query_of(location(get(&ForwardAuth::start, kOurs, query_of(location(started)))));
  };
  const std::string late = begin();
  clock_.advance(minutes(1));
  EXPECT_EQ(get(&ForwardAuth::callback, kWiki, late).status, Status::BadRequest);
  EXPECT_EQ(who(kWiki), "");

  const std::string twice = begin();
  const test::CookieJar before = jars_[kWiki];
  EXPECT_EQ(get(&ForwardAuth::callback, kWiki, twice).status, Status::SeeOther);
  EXPECT_EQ(who(kWiki), "ada@contoso.example");
  // Going back in the browser: it is signed in, and goes on.
  EXPECT_EQ(location(get(&ForwardAuth::callback, kWiki, twice)), "/");
  EXPECT_EQ(who(kWiki), "ada@contoso.example");
  // Somebody with the cookies of before shows the code again: it may be a thief, and everything ends.
  const test::CookieJar after = jars_[kWiki];
  jars_[kWiki] = before;
  EXPECT_EQ(get(&ForwardAuth::callback, kWiki, twice).status, Status::BadRequest);
  jars_[kWiki] = after;
  EXPECT_EQ(who(kWiki), "");
}

TEST_F(ForwardAuthTest, SigningInAgainReplacesTheCookie) {
  sign_in_here(contoso_, ada_);
  sign_in(kWiki);
  const test::CookieJar first = jars_[kWiki];
  sign_in(kWiki);
  EXPECT_EQ(who(kWiki), "ada@contoso.example");
  EXPECT_EQ(grants_of(ada_).size(), 1U);
  jars_[kWiki] = first;
  EXPECT_EQ(who(kWiki), "");
}

TEST_F(ForwardAuthTest, TabsSignInSideBySide) {
  sign_in_here(contoso_, ada_);
  const Response one = get(&ForwardAuth::sign_in, kWiki, "return_to=/one");
  const Response two = get(&ForwardAuth::sign_in, kWiki, "return_to=/two");
  const std::string first = location(get(&ForwardAuth::start, kOurs, query_of(location(one))));
  const std::string second = location(get(&ForwardAuth::start, kOurs, query_of(location(two))));
  EXPECT_EQ(location(get(&ForwardAuth::callback, kWiki, query_of(second))), "/two");
  EXPECT_EQ(location(get(&ForwardAuth::callback, kWiki, query_of(first))), "/one");
}

TEST_F(ForwardAuthTest, TakesNoForgedCookies) {
  sign_in_here(contoso_, ada_);
  sign_in(kWiki);
  const std::string good = jars_[kWiki].all().at("__Host-doorward_app");
  std::string flipped = good;
  flipped[flipped.size() / 2] = flipped[flipped.size() / 2] == 'A' ? 'B' : 'A';
  for (const std::string& cookies :
       {"__Host-doorward_app=" + flipped, "__Host-doorward_app=" + good + "x", "doorward_app=" + good,
        "__Host-doorward_app=" + good + "; __Host-doorward_app=" + flipped,
        "__Host-doorward_session=" + good}) {
    http::Request request = navigation(kWiki);
    request.headers.set("Cookie", cookies);
    EXPECT_EQ(must(forward_auth_.check(request)).status, Status::Unauthorized) << cookies;
  }
}

TEST_F(ForwardAuthTest, ALinkOfTheApplicationSignsOut) {
  sign_in_here(contoso_, ada_);
  sign_in(kWiki);
  const test::CookieJar before = jars_[kWiki];
  http::Request clicked = navigation(kWiki);
  clicked.headers.set("Sec-Fetch-Site", "same-origin");
  clicked.headers.set("Sec-Fetch-Dest", "document");
  const Response page = handle(&ForwardAuth::sign_out, kWiki, clicked);
  EXPECT_THAT(page.body, HasSubstr("You are signed out of Wiki"));
  EXPECT_THAT(page.body, HasSubstr("href=\"https://sso.portal.example/\""));
  EXPECT_TRUE(jars_[kWiki].all().empty());
  EXPECT_TRUE(grants_of(ada_).empty());
  jars_[kWiki] = before;
  EXPECT_EQ(who(kWiki), "");
}

TEST_F(ForwardAuthTest, NobodyElseSignsSomebodyOut) {
  sign_in_here(contoso_, ada_);
  sign_in(kWiki);
  using Fields = std::map<std::string, std::string>;
  const std::vector<Fields> strangers = {
      {},
      {{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Mode", "no-cors"}, {"Sec-Fetch-Dest", "image"}},
      {{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "iframe"}},
      {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "document"}}};
  for (const Fields& fields : strangers) {
    http::Request request = navigation(kWiki);
    for (const auto& [name, value] : fields)
      request.headers.set(name, value);
    const Response page = handle(&ForwardAuth::sign_out, kWiki, request);
    EXPECT_THAT(page.body, HasSubstr("Sign out of Wiki?"));
    EXPECT_THAT(page.body, HasSubstr("action=\"/.doorward/sign-out\""));
    EXPECT_EQ(who(kWiki), "ada@contoso.example");
  }
  for (const auto& [name, value] :
       Fields{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}}) {
    http::Request request = navigation(kWiki);
    request.method = http::Method::Post;
    request.headers.set(name, value);
    EXPECT_EQ(handle(&ForwardAuth::confirm_sign_out, kWiki, request).status, Status::Forbidden) << name;
    EXPECT_EQ(who(kWiki), "ada@contoso.example") << name;
  }
  http::Request confirmed = navigation(kWiki);
  confirmed.method = http::Method::Post;
  confirmed.headers.set("Sec-Fetch-Site", "same-origin");
  EXPECT_EQ(handle(&ForwardAuth::confirm_sign_out, kWiki, confirmed).status, Status::Ok);
  EXPECT_EQ(who(kWiki), "");
  // Twice is no trouble.
  EXPECT_EQ(handle(&ForwardAuth::confirm_sign_out, kWiki, confirmed).status, Status::Ok);
}

}  // namespace
}  // namespace doorward::signin
