#include "console/events_api.h"

#include "console/console_test.h"
#include "directory/applications.h"
#include "directory/event_types.h"
#include "directory/events.h"
#include "directory/grants.h"

namespace doorward::console {
namespace {

class EventsApiTest : public ConsoleTest {
 protected:
  void append(const directory::Account& account, std::string_view type, int times = 1) {
    write([&](storage::Transaction& transaction) -> Result<void> {
      for (int number = 0; number < times; ++number)
        RETURN_IF_ERROR(directory::append_event(transaction, account.id, type, "s-1", {{"n", number}}, kNow));
      return {};
    });
  }
  json::Object page(std::string query) {
    return sent(events_, &EventsApi::events, {.query = std::move(query)});
  }
  std::int64_t cursor() { return page("limit=200").at("cursor").as_int64(); }

  /// A request with an access token of an application of contoso's; for an employee, if one is named.
  http::Request with_token(directory::ApplicationKind kind, std::string scope,
                           std::optional<directory::EmployeeId> employee = {}) {
    const auto token = directory::GrantToken::issue(contoso_.account, directory::TokenKind::Access);
    write([&](storage::Transaction& transaction) -> Result<void> {
      directory::NewApplication wanted{.account = contoso_.account.id, .kind = kind};
      wanted.settings.name = directory::new_public_id();
      if (kind == directory::ApplicationKind::Web)
        wanted.settings.redirect_uris = {"https://app.example/back"};
      ASSIGN_OR_RETURN(const auto application,
                       directory::create_application(transaction, wanted, kAdministrator, kNow));
      const Timestamp end = kNow + std::chrono::hours(1);
      ASSIGN_OR_RETURN(const auto grant, directory::create_grant(transaction,
                                                                 {.account = contoso_.account.id,
                                                                  .application = application.id,
                                                                  .employee = employee,
                                                                  .scope = scope,
                                                                  .signed_in_at = kNow,
                                                                  .expires_at = end},
                                                                 kNow));
      return directory::add_token(transaction, contoso_.account.id, token,
                                  {.grant = grant.id, .scope = scope, .expires_at = end}, kNow);
    });
    return bearing(token.value().reveal());
  }
  static http::Request bearing(std::string_view token) {
    http::Request request;
    request.headers.set("Authorization", "Bearer " + std::string(token));
    return request;
  }

  EventsApi events_{{*database_, clock_, sessions_}};
};

TEST_F(EventsApiTest, IsForAdministrators) {
  expect_for_administrators_only(events_, {&EventsApi::events, &EventsApi::event_types});
}

TEST_F(EventsApiTest, IsReadOnByACursor) {
  const std::int64_t start = cursor();
  append(contoso_.account, "group.created", 3);
  append(fabrikam_.account, "group.created");
  const auto first = page("limit=2&after=" + std::to_string(start));
  ASSERT_EQ(first.at("events").as_array().size(), 2u);
  const json::Object event = first.at("events").as_array().at(0).as_object();
  EXPECT_EQ(event.at("type").as_string(), "group.created");
  EXPECT_EQ(event.at("subject").as_string(), "s-1");
  EXPECT_EQ(event.at("at").as_string(), format_rfc3339(kNow));
  EXPECT_TRUE(directory::is_uuid(event.at("id").as_string()));
  const auto rest = page("after=" + std::to_string(first.at("next").as_int64()));
  ASSERT_EQ(rest.at("events").as_array().size(), 1u);
  EXPECT_TRUE(rest.at("next").is_null());
  const auto end = page("after=" + std::to_string(rest.at("cursor").as_int64()));
  EXPECT_TRUE(end.at("events").as_array().empty());
  EXPECT_EQ(end.at("cursor"), rest.at("cursor"));
}

TEST_F(EventsApiTest, IsReadBackwardsFromTheNewest) {
  append(contoso_.account, "group.created", 3);
  append(fabrikam_.account, "sso.enabled");
  const auto numbers = [](const json::Object& page) {
    std::vector<std::int64_t> all;
    for (const auto& event : page.at("events").as_array())
      all.push_back(event.at("data").at("n").as_int64());
    return all;
  };
  const auto first = page("order=newest&type=group.*&limit=2");
  EXPECT_EQ(numbers(first), (std::vector<std::int64_t>{2, 1}));
  EXPECT_TRUE(first.at("cursor").is_null());
  append(contoso_.account, "group.deleted");
  const std::string next = std::to_string(first.at("next").as_int64());
  const auto rest = page("order=newest&type=group.*&before=" + next);
  EXPECT_EQ(numbers(rest), std::vector<std::int64_t>{0}) << "what came meanwhile moves nothing";
  EXPECT_TRUE(rest.at("next").is_null());
  EXPECT_TRUE(page("order=newest&before=0").at("events").as_array().empty());
  for (const char* query : {"order=latest", "order=newest&after=1", "before=1", "order=oldest&before=1",
                            "order=newest&before=-1", "order=newest&order=newest"}) {
    EXPECT_EQ(refused(events_, &EventsApi::events, {.query = query}), "api.bad_query") << query;
  }
}

TEST_F(EventsApiTest, OtherTypesArePassedOver) {
  const std::string start = std::to_string(cursor());
  append(contoso_.account, "group.created", 450);
  append(contoso_.account, "sso.enabled");
  const auto found = page("type=sso.*&after=" + start);
  ASSERT_EQ(found.at("events").as_array().size(), 1u);
  EXPECT_EQ(found.at("cursor").as_int64(), count("SELECT max(id) FROM events"));
  // However rare a type is, one request does not read everything.
  append(contoso_.account, "group.created", 2100);
  const auto far = page("type=sso.disabled&after=" + start);
  EXPECT_TRUE(far.at("events").as_array().empty());
  EXPECT_FALSE(far.at("next").is_null());
  EXPECT_EQ(refused(events_, &EventsApi::events, {.query = "type=sso.broken"}), "api.bad_query");
  EXPECT_EQ(refused(events_, &EventsApi::events, {.query = "after=-1"}), "api.bad_query");
}

TEST_F(EventsApiTest, AServiceReadsWithItsToken) {
  append(contoso_.account, "group.created");
  append(fabrikam_.account, "sso.enabled");
  const http::Request service = with_token(directory::ApplicationKind::Service, "events");
  const auto all = sent(events_, &EventsApi::events, {.from = &service});
  for (const auto& event : all.at("events").as_array())
    EXPECT_NE(event.at("type").as_string(), "sso.enabled");
  EXPECT_FALSE(all.at("events").as_array().empty());
  EXPECT_EQ(sent(events_, &EventsApi::event_types, {.from = &service}).at("types").as_array().size(),
            directory::kEventTypes.size());
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(refused(events_, &EventsApi::events, {.from = &service}), "api.invalid_token");
}

TEST_F(EventsApiTest, NoOtherTokenDoes) {
  const http::Request other_scope = with_token(directory::ApplicationKind::Service, "scim");
  EXPECT_EQ(refused(events_, &EventsApi::events, {.from = &other_scope}), "api.insufficient_scope");
  const http::Request employees =
      with_token(directory::ApplicationKind::Web, "openid events", contoso_.employee.id);
  EXPECT_EQ(refused(events_, &EventsApi::events, {.from = &employees}), "api.insufficient_scope");
  for (const char* token : {"x", "dwa_x.y", "scim_x.y"}) {
    const http::Request request = bearing(token);
    EXPECT_EQ(refused(events_, &EventsApi::events, {.from = &request}), "api.invalid_token") << token;
  }
  // A token that does not fit is not made good by a cookie beside it.
  http::Request both = administrator_;
  both.headers.set("Authorization", "Bearer x");
  const auto answer = must(send(events_, &EventsApi::events, {.from = &both}));
  EXPECT_EQ(answer.status, http::Status::Unauthorized);
  EXPECT_EQ(answer.headers.find("WWW-Authenticate"), "Bearer error=\"invalid_token\"");
}

}  // namespace
}  // namespace doorward::console
