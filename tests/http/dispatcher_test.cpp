#include "http/dispatcher.h"

#include <optional>
#include <stdexcept>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"

namespace doorward::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Next = Dispatcher::Next;

class FixedClock final : public Clock {
 public:
  Timestamp now() const override { return from_millis(784'111'777'000); }
};

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() {
    log::set_sink([this](std::string_view line) { lines_.emplace_back(line); });
    router_.add(Method::Get, "/users/{id}", Run::Pooled,
                [](const Request& request) { return Response::text(Status::Ok, request.parameter("id")); });
    router_.add(Method::Get, "/memory", Run::Inline, [](const Request&) { return Response(); });
    router_.add(Method::Get, "/throws", Run::Inline,
                [](const Request&) -> Result<Response> { throw std::runtime_error("private words"); });
  }
  ~DispatcherTest() override { log::set_sink({}); }

  Dispatcher dispatcher() {
    return Dispatcher(options_, *TrustedProxies::parse(options_.trusted_proxies), std::move(router_),
                      metrics_, clock_);
  }

  static Exchange get(std::string_view path) {
    Exchange exchange;
    exchange.request.path = path;
    exchange.request.target = path;
    return exchange;
  }

  const Address peer_ = *Address::parse("192.0.2.1");
  FixedClock clock_;
  metrics::Registry metrics_;
  ServerOptions options_;
  Router router_;
  std::vector<std::string> lines_;
};

TEST_F(DispatcherTest, NamesRoutesAndRuns) {
  const auto dispatcher = this->dispatcher();
  auto exchange = get("/users/7");
  exchange.request.query = "code=secret";
  exchange.request.headers.add("Cookie", "session=secret");
  EXPECT_EQ(dispatcher.begin(exchange, peer_), Next::RunPooled);
  EXPECT_EQ(exchange.request.client_address, "192.0.2.1");
  EXPECT_EQ(exchange.request.received, clock_.now());
  dispatcher.run(exchange);
  EXPECT_EQ(exchange.response.body, "7");
  const auto head = dispatcher.finish(exchange, AfterAnswer::KeepAlive);
  EXPECT_THAT(head, HasSubstr("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
  EXPECT_THAT(head, HasSubstr("X-Request-Id: " + exchange.request.request_id + "\r\n"));
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_THAT(lines_[0], HasSubstr("\"path\":\"/users/7\""));
  EXPECT_THAT(lines_[0], HasSubstr(exchange.request.request_id));
  EXPECT_THAT(lines_[0], Not(HasSubstr("secret")));
  EXPECT_EQ(metrics_.counter("doorward_http_requests_total", "", "class=\"2xx\"").value(), 1U);
}

TEST_F(DispatcherTest, DoesNotLogWhatAnswersFromMemory) {
  const auto dispatcher = this->dispatcher();
  auto exchange = get("/memory");
  EXPECT_EQ(dispatcher.begin(exchange, peer_), Next::RunInline);
  dispatcher.run(exchange);
  dispatcher.finish(exchange, AfterAnswer::KeepAlive);
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(DispatcherTest, TakesRequestIdsFromTrustedProxiesOnly) {
  options_.trusted_proxies = {"192.0.2.1"};
  const auto dispatcher = this->dispatcher();
  const auto id_for = [&](std::string_view peer, std::string_view given) {
    auto exchange = get("/memory");
    exchange.request.headers.add("X-Request-Id", given);
    static_cast<void>(dispatcher.begin(exchange, *Address::parse(peer)));
    return exchange.request.request_id;
  };
  EXPECT_EQ(id_for("192.0.2.1", "from-the-proxy"), "from-the-proxy");
  EXPECT_NE(id_for("192.0.2.1", "not well formed"), "not well formed");
  EXPECT_NE(id_for("192.0.2.2", "from-the-client"), "from-the-client");
}

TEST_F(DispatcherTest, AsksOnErrorForEveryFailure) {
  std::vector<std::string> codes;
  options_.on_error = [&](const Request&, const Error& error) {
    codes.emplace_back(error.code.name());
    return Response::html(status_of(error), "page");
  };
  const auto dispatcher = this->dispatcher();
  auto unknown = get("/nothing");
  EXPECT_EQ(dispatcher.begin(unknown, peer_), Next::Answered);
  auto wrong_method = get("/memory");
  wrong_method.request.method = Method::Post;
  EXPECT_EQ(dispatcher.begin(wrong_method, peer_), Next::Answered);
  EXPECT_EQ(wrong_method.response.headers.find("Allow"), "GET, HEAD");
  auto unknown_method = get("/memory");
  unknown_method.request.method = Method::Other;
  EXPECT_EQ(dispatcher.begin(unknown_method, peer_), Next::Answered);
  auto throws = get("/throws");
  EXPECT_EQ(dispatcher.begin(throws, peer_), Next::RunInline);
  dispatcher.run(throws);
  auto busy = get("/users/1");
  static_cast<void>(dispatcher.begin(busy, peer_));
  dispatcher.overload(busy);
  EXPECT_THAT(codes, ElementsAre("http.not_found", "http.method_not_allowed", "http.method_unknown",
                                 "http.handler_threw", "http.overloaded"));
}

TEST_F(DispatcherTest, EveryAnswerHasTheDefaultHeaders) {
  options_.default_headers.set("X-Frame-Options", "DENY");
  const auto dispatcher = this->dispatcher();
  for (const std::string path : {"/memory", "/nothing", "/throws"}) {
    auto exchange = get(path);
    if (dispatcher.begin(exchange, peer_) != Next::Answered) dispatcher.run(exchange);
    EXPECT_THAT(dispatcher.finish(exchange, AfterAnswer::KeepAlive), HasSubstr("X-Frame-Options: DENY\r\n"));
  }
  auto refused = dispatcher.refuse({Status::BadRequest, "a reason"}, peer_);
  EXPECT_THAT(dispatcher.finish(refused, AfterAnswer::Close), HasSubstr("X-Frame-Options: DENY\r\n"));
}

TEST_F(DispatcherTest, SurvivesHooksThatThrow) {
  options_.on_error = [](const Request&, const Error&) -> Response {
    throw std::runtime_error("private words");
  };
  options_.on_response = [](const Request&, Response&) { throw std::runtime_error("private words"); };
  const auto dispatcher = this->dispatcher();
  auto exchange = get("/nothing");
  static_cast<void>(dispatcher.begin(exchange, peer_));
  EXPECT_EQ(exchange.response.status, Status::NotFound);
  dispatcher.finish(exchange, AfterAnswer::Close);
  EXPECT_EQ(exchange.response.status, Status::InternalServerError);
  EXPECT_THAT(exchange.response.body, Not(HasSubstr("private")));
}

TEST_F(DispatcherTest, RefusesInTheFormOfWhoIsAsked) {
  options_.on_refusal = [](std::string_view target, Status status,
                           std::string_view reason) -> std::optional<Response> {
    if (target == "/throws") throw std::runtime_error("private words");
    if (!target.starts_with("/api/")) return std::nullopt;
    return Response::json(status, fmt::format("\"{}\"", reason));
  };
  const auto dispatcher = this->dispatcher();
  const Refusal refusal{Status::BadRequest, "an encoded slash in the path"};
  EXPECT_EQ(dispatcher.refuse(refusal, peer_, "/api/a%2Fb").response.body,
            "\"an encoded slash in the path\"");
  for (const std::string_view target : {"/a%2Fb", "/throws", ""}) {
    const auto plain = dispatcher.refuse(refusal, peer_, target).response;
    EXPECT_EQ(plain.status, Status::BadRequest);
    EXPECT_EQ(plain.body, "Bad Request: an encoded slash in the path.\n");
  }
}

TEST_F(DispatcherTest, RefusesWithTheReason) {
  const auto dispatcher = this->dispatcher();
  auto exchange = dispatcher.refuse(Refusal{Status::BadRequest, "a dot segment in the path"}, peer_);
  EXPECT_EQ(exchange.response.status, Status::BadRequest);
  EXPECT_THAT(exchange.response.body, HasSubstr("a dot segment in the path"));
  EXPECT_EQ(metrics_.counter("doorward_http_refused_total", "").value(), 1U);
}

}  // namespace
}  // namespace doorward::http
