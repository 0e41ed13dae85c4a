#include "http/server.h"

#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server_fixture.h"

namespace doorward::http {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class ServerTest : public ServerFixture {};

TEST_F(ServerTest, AnswersInline) {
  start();
  RawClient client(server_->port());
  client.send("GET /empty HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = client.read_answer();
  EXPECT_EQ(status_in(answer), 200);
  EXPECT_EQ(field_in(answer, "Content-Length"), "0");
  EXPECT_THAT(field_in(answer, "Date"),
              MatchesRegex("[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} .* GMT"));
  EXPECT_THAT(field_in(answer, "X-Request-Id"), MatchesRegex("[0-9a-f]{32}"));
}

TEST_F(ServerTest, KeepsConnectionsAndAnswersPipelinedRequestsInOrder) {
  start();
  RawClient client(server_->port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nfirst"
      "POST /inline-echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nsecond"
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nthi\r\n2\r\nrd\r\n0\r\n\r\n");
  EXPECT_EQ(body_in(client.read_answer()), "first");
  EXPECT_EQ(body_in(client.read_answer()), "second");
  EXPECT_EQ(body_in(client.read_answer()), "third");
  client.send("GET /empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const auto last = client.read_all();
  EXPECT_EQ(status_in(last), 200);
  EXPECT_EQ(field_in(last, "Connection"), "close");
}

TEST_F(ServerTest, CarriesLargeBodiesBothWays) {
  start();
  std::string body(options_.limits.body_bytes, 'x');
  for (std::size_t i = 0; i < body.size(); i += 1000)
    body[i] = static_cast<char>('a' + i / 1000 % 26);
  RawClient client(server_->port());
  std::thread sender([&] {
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n");
    client.send(body);
  });
  const auto answer = client.read_answer();
  sender.join();
  EXPECT_EQ(status_in(answer), 200);
  EXPECT_TRUE(body_in(answer) == body);
}

TEST_F(ServerTest, HeadHasTheLengthButNoBody) {
  router_.add(Method::Get, "/text", Run::Inline,
              [](const Request&) { return Response::text(Status::Ok, "12345"); });
  start();
  RawClient client(server_->port());
  client.send(
      "HEAD /text HTTP/1.1\r\nHost: a\r\n\r\nGET /text HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const auto head = client.read_answer(true);
  EXPECT_EQ(field_in(head, "Content-Length"), "5");
  EXPECT_EQ(body_in(head), "");
  EXPECT_EQ(body_in(client.read_all()), "12345");
}

TEST_F(ServerTest, SaysWhatItDoesNotHave) {
  start();
  EXPECT_EQ(status_in(answer_to("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")), 404);
  const auto wrong_method = answer_to("DELETE /empty HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_in(wrong_method), 405);
  EXPECT_EQ(field_in(wrong_method, "Allow"), "GET, HEAD");
  EXPECT_EQ(status_in(answer_to("BREW /empty HTTP/1.1\r\nHost: a\r\n\r\n")), 501);
  EXPECT_EQ(status_in(answer_to("TRACE /empty HTTP/1.1\r\nHost: a\r\n\r\n")), 501);
}

TEST_F(ServerTest, TurnsFailuresAndExceptionsIntoAnswers) {
  router_.add(Method::Get, "/fails", Run::Pooled, [](const Request&) -> Result<Response> {
    return fail(ErrorKind::Conflict, "test.conflict", "Somebody was faster.", "private detail");
  });
  router_.add(Method::Get, "/throws", Run::Pooled,
              [](const Request&) -> Result<Response> { throw std::runtime_error("private detail"); });
  router_.add(Method::Get, "/injects", Run::Inline,
              [](const Request&) { return Response::see_other("/\r\nSet-Cookie: a=b"); });
  options_.on_response = [](const Request&, Response& response) { response.headers.set("X-Touched", "yes"); };
  start();
  const auto failed = answer_to("GET /fails HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_in(failed), 409);
  EXPECT_EQ(field_in(failed, "X-Touched"), "yes");
  EXPECT_THAT(failed, HasSubstr("Somebody was faster."));
  EXPECT_THAT(failed, Not(HasSubstr("private")));
  const auto threw = answer_to("GET /throws HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_in(threw), 500);
  EXPECT_THAT(threw, Not(HasSubstr("private")));
  const auto injected = answer_to("GET /injects HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_in(injected), 500);
  EXPECT_THAT(injected, Not(HasSubstr("Set-Cookie")));
}

TEST_F(ServerTest, StopsWhileARequestRuns) {
  start();
  RawClient idle(server_->port());
  RawClient busy(server_->port());
  busy.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
  gate_.wait_for(1);
  std::thread stopper([this] { server_->stop(std::chrono::seconds(20)); });
  EXPECT_EQ(idle.read_all(), "");
  gate_.open();
  const auto answer = busy.read_all();
  stopper.join();
  EXPECT_EQ(body_in(answer), "through");
  EXPECT_EQ(field_in(answer, "Connection"), "close");
}

TEST_F(ServerTest, SaysWhenItCannotListen) {
  start();
  for (const std::string listen : {"127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "example.com:80", ":80",
                                   "::1:80", "127.0.0.1:80x", "[127.0.0.1]:80"}) {
    options_.listen = listen;
    const auto server = Server::start(options_, Router(), metrics_, clock_);
    ASSERT_FALSE(server) << listen;
    EXPECT_EQ(server.error().kind, ErrorKind::InvalidInput) << listen;
  }
  options_.listen = "127.0.0.1:" + std::to_string(server_->port());
  const auto second = Server::start(options_, Router(), metrics_, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace doorward::http
