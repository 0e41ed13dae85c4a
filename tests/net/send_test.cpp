#include "net/send.h"

#include <fstream>

#include <gtest/gtest.h>

#include "net/test_server.h"
#include "support/temporary_folder.h"

namespace doorward::net {
namespace {

using test::answering;
using test::Connection;
using test::TestServer;
using test::Transport;

class SendTest : public testing::Test {
 protected:
  SendTest() {
    options_.policy = {.allow_private = false, .allow_loopback = true, .allow_plain_http = true};
    options_.extra_ca_file = folder_.file("ca.pem");
    std::ofstream(options_.extra_ca_file) << test::authority_pem();
  }

  static SendRequest request_to(SendMethod method, const std::string& url, HeaderFields headers = {},
                                std::string body = {}) {
    return {method, *Url::parse(url), std::move(headers), std::move(body)};
  }

  std::string code(const SendRequest& request) const {
    const auto sent = send(request, options_);
    return sent ? "" : std::string(sent.error().code.name());
  }

  doorward::test::TemporaryFolder folder_;
  SendOptions options_;
};

TEST_F(SendTest, WhatIsTooMuchOfAnAnswerIsRefusedOrCutOff) {
  const std::string body(5000, 'x');
  const TestServer server(Transport::Plain,
                          answering("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + body));
  const TestServer endless(Transport::Plain, [&](const std::string&, Connection& connection) {
    connection.send("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n");
    while (connection.send(body)) {
    }
  });
  options_.max_bytes = 1024;
  EXPECT_EQ(code(request_to(SendMethod::Post, server.url())), "net.too_large");
  options_.excess = Excess::Discard;
  for (const auto& [url, status] : {std::pair(server.url(), 200), std::pair(endless.url(), 503)}) {
    const auto sent = send(request_to(SendMethod::Post, url), options_);
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_EQ(sent->status, status);
    EXPECT_EQ(sent->body, body.substr(0, 1024));
  }
}

TEST_F(SendTest, SendsMethodHeadersAndBody) {
  const TestServer server(
      Transport::Plain,
      answering("HTTP/1.1 201 Created\r\nLocation: /Users/7\r\nContent-Type: application/scim+json\r\n"
                "Content-Length: 10\r\n\r\n{\"id\":\"7\"}"));
  const auto sent =
      send(request_to(SendMethod::Post, server.url("/Users?x"),
                      {{"Content-Type", "application/scim+json"}, {"Authorization", "Bearer t"}},
                      R"({"userName":"a"})"),
           options_);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->status, 201);
  EXPECT_EQ(sent->body, R"({"id":"7"})");
  EXPECT_EQ(sent->header("content-type"), "application/scim+json");
  EXPECT_EQ(sent->header("ETag"), std::nullopt);
  EXPECT_EQ(sent->redirect, "") << "a Location is a redirect only with a status of 3xx";

  const std::string request = server.requests().at(0);
  EXPECT_TRUE(request.starts_with("POST /Users?x HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("\r\nContent-Type: application/scim+json\r\n"), std::string::npos);
  EXPECT_NE(request.find("\r\nAuthorization: Bearer t\r\n"), std::string::npos);
  EXPECT_NE(request.find("\r\nContent-Length: 16\r\n"), std::string::npos);
  EXPECT_TRUE(request.ends_with("\r\n\r\n{\"userName\":\"a\"}"));
}

TEST_F(SendTest, EveryMethodHasItsName) {
  const TestServer server(Transport::Plain, answering("HTTP/1.1 204 No Content\r\n\r\n"));
  for (const auto method :
       {SendMethod::Get, SendMethod::Post, SendMethod::Put, SendMethod::Patch, SendMethod::Delete}) {
    const auto sent = send(request_to(method, server.url("/x")), options_);
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_EQ(sent->status, 204);
    const std::string request = server.requests().back();
    EXPECT_TRUE(request.starts_with(std::string(name_of(method)) + " /x HTTP/1.1\r\n")) << request;
    const bool has_body =
        method == SendMethod::Post || method == SendMethod::Put || method == SendMethod::Patch;
    EXPECT_EQ(request.find("Content-Length: 0") != std::string::npos, has_body) << request;
    EXPECT_EQ(request.find("Content-Type"), std::string::npos) << request;
  }
}

TEST_F(SendTest, SendsLargeBodiesWithoutAskingFirst) {
  const TestServer server(Transport::Tls, answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  const std::string body(1'500'000, 'x');
  const auto sent = send(request_to(SendMethod::Put, server.url("/"), {}, body), options_);
  ASSERT_TRUE(sent) << sent.error().message;
  const std::string request = server.requests().at(0);
  EXPECT_TRUE(request.ends_with(body));
  EXPECT_EQ(request.find("Expect"), std::string::npos);
}

TEST_F(SendTest, TakesEveryStatusAndFollowsNoRedirect) {
  for (const int status : {400, 401, 404, 409, 500}) {
    const TestServer server(Transport::Plain, answering("HTTP/1.1 " + std::to_string(status) +
                                                        " No\r\nContent-Length: 3\r\n\r\nwhy"));
    const auto sent = send(request_to(SendMethod::Patch, server.url()), options_);
    ASSERT_TRUE(sent) << status;
    EXPECT_EQ(sent->status, status);
    EXPECT_EQ(sent->body, "why");
  }
  const TestServer elsewhere(Transport::Plain, answering(""));
  const TestServer server(
      Transport::Plain,
      answering("HTTP/1.1 307 Away\r\nLocation: " + elsewhere.url("/x") + "\r\nContent-Length: 0\r\n\r\n"));
  const auto sent = send(request_to(SendMethod::Get, server.url(), {{"Authorization", "secret"}}), options_);
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->status, 307);
  EXPECT_EQ(sent->redirect, elsewhere.url("/x"));
  EXPECT_TRUE(elsewhere.requests().empty());
}

TEST_F(SendTest, AHeaderCannotBringAnother) {
  const TestServer server(Transport::Plain, answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  const HeaderFields faulty = {
      {"X", "a\r\nY: b"}, {"X\r\nY", "b"}, {"X: Y", "b"}, {"", "b"}, {"X", std::string("a\0b", 3)}};
  for (const auto& field : faulty)
    EXPECT_EQ(code(request_to(SendMethod::Get, server.url(), {field})), "net.header_invalid") << field.first;
  EXPECT_TRUE(server.requests().empty());
  EXPECT_EQ(code(request_to(SendMethod::Get, server.url(), {{"X-Empty", ""}})), "");
  EXPECT_NE(server.requests().at(0).find("\r\nX-Empty:\r\n"), std::string::npos);
}

TEST_F(SendTest, PassesTheSameGuardAndLimits) {
  const TestServer server(Transport::Plain,
                          answering("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901"));
  options_.max_bytes = 10;
  EXPECT_EQ(code(request_to(SendMethod::Post, server.url())), "net.too_large");
  options_.total_timeout = std::chrono::milliseconds(0);
  EXPECT_EQ(code(request_to(SendMethod::Post, server.url())), "net.timeout");
  options_ = {};
  EXPECT_EQ(code(request_to(SendMethod::Post, server.url())), "net.not_https");
  options_.policy.allow_plain_http = true;
  EXPECT_EQ(code(request_to(SendMethod::Post, server.url())), "net.address_refused");
  EXPECT_EQ(code(request_to(SendMethod::Delete, "http://169.254.169.254/latest/")), "net.address_refused");
  EXPECT_EQ(server.requests().size(), 1U);
}

}  // namespace
}  // namespace doorward::net
