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

/// Programs read on from where they stopped; people look at what happened last.
enum class Order : std::uint8_t { OldestFirst, NewestFirst };

struct Question {
  Order order = Order::OldestFirst;
  /// The last event of the page before.
  std::optional<directory::EventId> cursor = {};
  std::string_view pattern = {};
  int limit = 0;
};

Result<Question> question_of(const http::Form& query) {
  Question question;
  ASSIGN_OR_RETURN(question.limit, limit_field(query));
  ASSIGN_OR_RETURN(const auto order, text_field(query, "order"));
  if (order == "newest") {
    question.order = Order::NewestFirst;
  } else if (order && order != "oldest") {
    return fail(ErrorKind::InvalidInput, "api.bad_query", "`order` must be oldest or newest.");
  }
  ASSIGN_OR_RETURN(const auto after, integer_field(query, "after", 0, INT64_MAX));
  ASSIGN_OR_RETURN(const auto before, integer_field(query, "before", 0, INT64_MAX));
  if (question.order == Order::NewestFirst ? after.has_value() : before.has_value()) {
    return fail(ErrorKind::InvalidInput, "api.bad_query",
                "`after` goes on oldest first, `before` newest first (order=newest).");
  }
  if (after) question.cursor = directory::EventId{*after};
  if (before) question.cursor = directory::EventId{*before};
  ASSIGN_OR_RETURN(const auto type, text_field(query, "type"));
  question.pattern = type.value_or("");
  if (!question.pattern.empty() && !directory::is_event_pattern(question.pattern)) {
    return fail(ErrorKind::InvalidInput, "api.bad_query",
                "There are no events " + printable(question.pattern) +
                    ". /api/v1/event-types lists those there are.");
  }
  return question;
}

struct Page {
  json::Array items = {};
  std::optional<directory::EventId> cursor = {};
  bool more = false;
};

Result<std::vector<directory::Event>> read_chunk(storage::Transaction& transaction,
                                                 directory::AccountId account, Order order,
                                                 std::optional<directory::EventId> cursor) {
  if (order == Order::NewestFirst) return directory::events_before(transaction, account, cursor, kChunk);
  return directory::events_after(transaction, account, cursor.value_or(directory::EventId{}), kChunk);
}

/// Types are not sought but passed over: a page may hold fewer than `limit`, and still not be the last.
Result<Page> read_page(storage::Transaction& transaction, directory::AccountId account,
                       const Question& question) {
  Page page{.cursor = question.cursor};
  for (int passed = 0; passed < kMaxPassed; passed += kChunk) {
    ASSIGN_OR_RETURN(const auto events, read_chunk(transaction, account, question.order, page.cursor));
    for (const directory::Event& event : events) {
      page.cursor = event.id;
      if (!question.pattern.empty() && !directory::event_matches(question.pattern, event.type)) continue;
      page.items.push_back(event_view(event));
      page.more = static_cast<int>(page.items.size()) == question.limit;
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
  ASSIGN_OR_RETURN(const Question question, question_of(query));
  ASSIGN_OR_RETURN(Page page, deps_.database.read([&](storage::Transaction& transaction) {
    return read_page(transaction, reader.account, question);
  }));
  json::Object shown{{"events", std::move(page.items)}, {"next", nullptr}, {"cursor", nullptr}};
  if (page.more) shown["next"] = page.cursor->value;
  // Nothing new comes at the old end.
  if (question.order == Order::OldestFirst) {
    shown["cursor"] = page.cursor.value_or(directory::EventId{}).value;
  }
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
