#include "console/events_api.h"

#include <algorithm>

#include "base/text.h"
#include "directory/event_types.h"
#include "directory/events.h"
#include "directory/grants.h"

namespace doorward::console {

namespace {

/// Of events of other types that one request passes over.
constexpr int kMaxPassed = 2000;
constexpr int kChunk = 200;
constexpr std::string_view kScope = "events";

json::Object event_view(const directory::Event& event) {
  return {{"id", event.public_id},
          {"type", event.type},
          {"at", format_rfc3339(event.at)},
          {"subject", event.subject},
          {"data", event.data}};
}

/// RFC 6750 section 3.1.
http::Response refuse_token(http::Status status, std::string_view error, std::string_view message) {
  http::Response response = refuse(status, "api." + std::string(error), message);
  response.headers.set("WWW-Authenticate", "Bearer error=\"" + std::string(error) + "\"");
  return response;
}

bool is_in_scope(std::string_view scope) {
  return std::ranges::count(split(scope, ' '), kScope) > 0;
}

struct Page {
  json::Array items = {};
  directory::EventId cursor = {};
  bool more = false;
};

/// Types are not sought but passed over: a page may hold fewer than `limit`, and still not be the last.
Result<Page> read_page(storage::Transaction& transaction, directory::AccountId account,
                       std::string_view pattern, directory::EventId after, int limit) {
  Page page{.cursor = after};
  for (int passed = 0; passed < kMaxPassed; passed += kChunk) {
    ASSIGN_OR_RETURN(const auto events, directory::events_after(transaction, account, page.cursor, kChunk));
    for (const directory::Event& event : events) {
      page.cursor = event.id;
      if (!pattern.empty() && !directory::event_matches(pattern, event.type)) continue;
      page.items.push_back(event_view(event));
      page.more = static_cast<int>(page.items.size()) == limit;
      if (page.more) return page;
    }
    if (events.size() < kChunk) return page;
  }
  page.more = true;
  return page;
}

}  // namespace

Result<EventsApi::Reader> EventsApi::admit(const http::Request& request) {
  const auto bearer = request.bearer_token();
  if (!bearer) {
    ASSIGN_OR_RETURN(auto admission, admit_administrator(deps_.sessions, request));
    if (admission.refusal) return Reader{.account = {}, .refusal = std::move(admission.refusal)};
    return Reader{.account = admission.account()};
  }
  const auto token = directory::GrantToken::parse(*bearer, directory::TokenKind::Access);
  std::optional<directory::TokenBearer> found;
  if (token) {
    ASSIGN_OR_RETURN(found, deps_.database.read([&](storage::Transaction& transaction) {
      return directory::find_token_bearer(transaction, *token, deps_.clock.now());
    }));
  }
  if (!found) {
    return Reader{.account = {},
                  .refusal = refuse_token(http::Status::Unauthorized, "invalid_token",
                                          "This access token is not known here, or has ended.")};
  }
  // An employee's token says what one employee may do, which is not to watch the others.
  if (found->employee || !is_in_scope(found->scope)) {
    return Reader{.account = {},
                  .refusal = refuse_token(http::Status::Forbidden, "insufficient_scope",
                                          "The events are for services with the scope events.")};
  }
  return Reader{.account = found->account.id};
}

Result<http::Response> EventsApi::events(const http::Request& request) {
  ASSIGN_OR_RETURN(auto reader, admit(request));
  if (reader.refusal) return *std::move(reader.refusal);
  ASSIGN_OR_RETURN(const http::Form query, request.query_form());
  ASSIGN_OR_RETURN(const int limit, limit_field(query));
  ASSIGN_OR_RETURN(const auto after, integer_field(query, "after", 0, INT64_MAX));
  ASSIGN_OR_RETURN(const auto type, text_field(query, "type"));
  const std::string_view pattern = type.value_or("");
  if (!pattern.empty() && !directory::is_event_pattern(pattern)) {
    return fail(ErrorKind::InvalidInput, "api.bad_query",
                "There are no events " + printable(pattern) + ". /api/v1/event-types lists those there are.");
  }
  ASSIGN_OR_RETURN(Page page, deps_.database.read([&](storage::Transaction& transaction) {
    return read_page(transaction, reader.account, pattern, directory::EventId{after.value_or(0)}, limit);
  }));
  json::Object shown{{"events", std::move(page.items)}, {"next", nullptr}, {"cursor", page.cursor.value}};
  if (page.more) shown["next"] = page.cursor.value;
  return answer(shown);
}

Result<http::Response> EventsApi::event_types(const http::Request& request) {
  ASSIGN_OR_RETURN(auto reader, admit(request));
  if (reader.refusal) return *std::move(reader.refusal);
  json::Array types;
  for (const directory::EventType& type : directory::kEventTypes)
    types.push_back(json::Object{{"name", type.name}, {"help", type.help}});
  return answer({{"types", std::move(types)}});
}

}  // namespace doorward::console
