#include <memory>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server_fixture.h"

namespace doorward::http {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kGet = "GET /empty HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kLastGet = "GET /empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// Clients that do not play by the rules, against a real server.
class ConnectionTest : public ServerFixture {
 protected:
  /// After whatever a test did, others are still served.
  void expect_alive() { EXPECT_EQ(status_in(answer_to(kLastGet)), 200); }
};

TEST_F(ConnectionTest, ASmuggledRequestIsNeverAnswered) {
  start();
  const std::string smuggled = "GET /empty HTTP/1.1\r\nHost: a\r\nX-Smuggled: yes\r\n\r\n";
  for (const std::string_view fields : {
           "Transfer-Encoding: gzip\r\nContent-Length: 4\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
           "Transfer-Encoding: chunked, chunked\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
           "Transfer-Encoding : chunked\r\n",
           "X: y\r\n Transfer-Encoding: chunked\r\n",
           "X: y\nTransfer-Encoding: chunked\r\n",
           "Content-Length: 4\r\nContent-Length: 0\r\n",
           "Content-Length: +4\r\n",
           "Host: b\r\n",
       }) {
    const auto answers =
        answer_to("POST /echo HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n0\r\n\r\n" + smuggled);
    EXPECT_EQ(status_in(answers), 400) << fields;
    EXPECT_EQ(field_in(answers, "Connection"), "close") << fields;
    EXPECT_THAT(answers.substr(9), Not(HasSubstr("HTTP/1.1 "))) << fields;
  }
  const auto old =
      answer_to("POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled);
  EXPECT_EQ(status_in(old), 400);
  EXPECT_THAT(old.substr(9), Not(HasSubstr("HTTP/1.1 ")));
  expect_alive();
}

TEST_F(ConnectionTest, AnswersWhatCameBeforeTheRefusal) {
  start();
  const auto answers =
      answer_to(std::string(kGet) + "GET /.. HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(kGet));
  EXPECT_EQ(status_in(answers), 200);
  EXPECT_THAT(answers, HasSubstr("HTTP/1.1 400 "));
  EXPECT_EQ(answers.find("HTTP/1.1 200", 1), std::string::npos);
}

TEST_F(ConnectionTest, ASlowHeaderIsGivenUp) {
  options_.limits.header_timeout = 200ms;
  start();
  RawClient client(server_->port());
  client.send("GET /empty HTTP/1.1\r\nHos");
  const auto answer = client.read_all();
  EXPECT_EQ(status_in(answer), 408);
  EXPECT_EQ(field_in(answer, "Connection"), "close");
  RawClient silent(server_->port());
  EXPECT_EQ(silent.read_all(), "");
}

TEST_F(ConnectionTest, ASlowSecondHeaderIsGivenUp) {
  options_.limits.header_timeout = 200ms;
  start();
  RawClient client(server_->port());
  client.send(std::string(kGet) + "GET ");
  EXPECT_EQ(status_in(client.read_answer()), 200);
  EXPECT_EQ(status_in(client.read_all()), 408);
}

TEST_F(ConnectionTest, ASlowBodyIsGivenUp) {
  options_.limits.body_timeout = 20ms;
  start();
  for (const std::string_view body :
       {"Content-Length: 10\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    RawClient client(server_->port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\n" + std::string(body));
    EXPECT_EQ(status_in(client.read_all()), 408) << body;
  }
}

TEST_F(ConnectionTest, AnIdleConnectionIsClosedWithoutAWord) {
  options_.limits.idle_timeout = 20ms;
  start();
  RawClient client(server_->port());
  client.send(kGet);
  EXPECT_EQ(status_in(client.read_answer()), 200);
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(ConnectionTest, AClientThatDoesNotReadIsLetGo) {
  options_.limits.write_timeout = 20ms;
  const std::string large(32 * 1024 * 1024, 'x');
  router_.add(Method::Get, "/large", Run::Inline,
              [&](const Request&) { return Response::text(Status::Ok, large); });
  start();
  RawClient client(server_->port());
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  auto& connections = metrics_.gauge("doorward_http_connections", "");
  client.read(1);
  while (connections.value() != 0)
    std::this_thread::yield();
  EXPECT_LT(client.read_all().size(), large.size());
  expect_alive();
}

TEST_F(ConnectionTest, AHandlerMayTakeLongerThanAnyDeadline) {
  options_.limits.header_timeout = options_.limits.body_timeout = options_.limits.idle_timeout = 200ms;
  start();
  RawClient client(server_->port());
  client.send("GET /gate HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  gate_.wait_for(1);
  // Another connection lives through all of its deadlines meanwhile.
  EXPECT_EQ(RawClient(server_->port()).read_all(), "");
  gate_.open();
  EXPECT_EQ(body_in(client.read_all()), "through");
}

TEST_F(ConnectionTest, ACutRequestIsNoRequest) {
  start();
  EXPECT_EQ(answer_to("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"), "");
  EXPECT_EQ(answer_to("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
            "");
  EXPECT_EQ(answer_to("GET /empty HTTP/1.1\r\nHost: a\r\n"), "");
  EXPECT_EQ(answer_to(""), "");
  expect_alive();
}

TEST_F(ConnectionTest, ClientsMayVanishAtAnyMoment) {
  const std::string large(4 * 1024 * 1024, 'x');
  router_.add(Method::Get, "/large", Run::Pooled,
              [&](const Request&) { return Response::text(Status::Ok, large); });
  start();
  RawClient(server_->port()).reset();
  RawClient within_header(server_->port());
  within_header.send("GET /emp");
  within_header.reset();
  RawClient within_answer(server_->port());
  within_answer.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  within_answer.read(1);
  within_answer.reset();
  RawClient within_handler(server_->port());
  within_handler.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
  gate_.wait_for(1);
  within_handler.reset();
  gate_.open();
  auto& connections = metrics_.gauge("doorward_http_connections", "");
  while (connections.value() != 0)
    std::this_thread::yield();
  expect_alive();
}

TEST_F(ConnectionTest, HugeHeadersAreRefusedAsTheyCome) {
  start();
  RawClient long_target(server_->port());
  long_target.send("GET /" + std::string(20'000, 'a'));
  EXPECT_EQ(status_in(long_target.read_all()), 414);
  RawClient long_field(server_->port());
  long_field.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'a'));
  EXPECT_EQ(status_in(long_field.read_all()), 431);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 100; ++i)
    many += "X: y\r\n";
  EXPECT_EQ(status_in(answer_to(many + "\r\n")), 431);
}

TEST_F(ConnectionTest, ALargeBodyIsRefusedBeforeItIsRead) {
  start();
  RawClient client(server_->port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
  EXPECT_EQ(status_in(client.read_answer()), 413);
}

TEST_F(ConnectionTest, AClientThatStillSendsItsLargeBodySeesTheRefusal) {
  start();
  RawClient client(server_->port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
  client.send(std::string(200'000, 'x'));
  client.finish_sending();
  EXPECT_EQ(status_in(client.read_all()), 413);
}

TEST_F(ConnectionTest, AsksForTheBodyWhenTheClientWaits) {
  start();
  RawClient client(server_->port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hi");
  EXPECT_EQ(body_in(client.read_answer()), "hi");
  RawClient too_large(server_->port());
  too_large.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_in(too_large.read_all()), 413);
}

TEST_F(ConnectionTest, FullWorkersMeanTryLater) {
  options_.limits.queued_requests = 1;
  start();
  const std::string_view gate = "GET /gate HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  std::vector<std::unique_ptr<RawClient>> running;
  for (int i = 0; i < options_.worker_threads; ++i) {
    running.push_back(std::make_unique<RawClient>(server_->port()));
    running.back()->send(gate);
    gate_.wait_for(i + 1);
  }
  RawClient waiting(server_->port());
  waiting.send(gate);
  auto& queued = metrics_.gauge("doorward_http_queued_requests", "");
  while (queued.value() != 1)
    std::this_thread::yield();
  const auto refused = answer_to(gate);
  EXPECT_EQ(status_in(refused), 503);
  EXPECT_NE(field_in(refused, "Retry-After"), "");
  // What answers from memory is served all the same.
  expect_alive();
  gate_.open();
  EXPECT_EQ(body_in(waiting.read_all()), "through");
  for (auto& client : running)
    EXPECT_EQ(body_in(client->read_all()), "through");
}

TEST_F(ConnectionTest, ConnectionsAreLimited) {
  options_.limits.connections = 20;
  start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(server_->port()));
    clients.back()->send(kGet);
    EXPECT_EQ(status_in(clients.back()->read_answer()), 200);
  }
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(RawClient(server_->port()).read_all(), "");
  EXPECT_EQ(metrics_.counter("doorward_http_connections_refused_total", "").value(), 100U);
  clients.front()->send(kLastGet);
  EXPECT_EQ(status_in(clients.front()->read_all()), 200);
  auto& connections = metrics_.gauge("doorward_http_connections", "");
  while (connections.value() != 19)
    std::this_thread::yield();
  expect_alive();
}

TEST_F(ConnectionTest, ManyClientsAtOnceGetTheirOwnAnswers) {
  start();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      RawClient client(server_->port());
      for (int n = 0; n < 50; ++n) {
        const auto body = std::to_string(i) + ":" + std::to_string(n);
        const auto route = n % 2 == 0 ? "/echo" : "/inline-echo";
        client.send("POST " + std::string(route) + " HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body);
        EXPECT_EQ(body_in(client.read_answer()), body);
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
}

}  // namespace
}  // namespace doorward::http
