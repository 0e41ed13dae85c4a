#include "http/request_reader.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::http {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using State = RequestReader::State;

/// What a sequence of bytes means: requests, and how it ends.
struct Outcome {
  std::vector<Request> requests;
  State end = State::Idle;
  Refusal refusal{Status::Ok, {}};
};

Outcome read(std::string_view bytes, std::size_t piece, const Limits& limits) {
  RequestReader reader(limits);
  Outcome outcome;
  bool open = true;
  const auto take_all = [&] {
    while (open && reader.state() == State::Complete) {
      outcome.requests.push_back(reader.take());
      open = reader.keep_alive();
    }
  };
  for (std::size_t at = 0; at < bytes.size() && open; at += piece) {
    reader.feed(bytes.substr(at, piece));
    take_all();
  }
  outcome.end = open ? reader.state() : State::Idle;
  if (outcome.end == State::Refused) outcome.refusal = reader.refusal();
  return outcome;
}

/// Reads at once and byte by byte, and expects no difference.
Outcome read(std::string_view bytes, const Limits& limits = {}) {
  auto whole = read(bytes, bytes.size() + 1, limits);
  for (const std::size_t piece : {1U, 2U, 7U}) {
    const auto pieces = read(bytes, piece, limits);
    EXPECT_EQ(whole.requests.size(), pieces.requests.size()) << bytes;
    EXPECT_EQ(whole.end, pieces.end) << bytes;
    EXPECT_EQ(whole.refusal.status, pieces.refusal.status) << bytes;
    EXPECT_EQ(whole.refusal.reason, pieces.refusal.reason) << bytes;
  }
  return whole;
}

/// The status that refuses these bytes; 0 when they are not refused, or only after a request.
int refusal(std::string_view bytes, const Limits& limits = {}) {
  const auto outcome = read(bytes, limits);
  if (outcome.end != State::Refused || !outcome.requests.empty()) return 0;
  return static_cast<int>(outcome.refusal.status);
}

std::string with(std::string_view fields, std::string_view body = {}) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

std::string line(std::string_view request_line) {
  return std::string(request_line) + "\r\nHost: a\r\n\r\n";
}

TEST(RequestReader, ReadsARequest) {
  const auto outcome = read(
      "POST /saml/contoso/acs?x=%41&y HTTP/1.1\r\nHost: sso.example.com:8443\r\n"
      "X-Empty:\r\nX-Padded: \t a  b \t\r\nX-Latin: \xE4\r\nContent-Length: 3\r\n\r\nabc");
  ASSERT_EQ(outcome.requests.size(), 1U);
  const auto& request = outcome.requests[0];
  EXPECT_EQ(request.method, Method::Post);
  EXPECT_EQ(request.target, "/saml/contoso/acs?x=%41&y");
  EXPECT_EQ(request.path, "/saml/contoso/acs");
  EXPECT_EQ(request.query, "x=%41&y");
  EXPECT_EQ(request.body, "abc");
  EXPECT_THAT(request.headers.all(),
              ElementsAre(Pair("Host", "sso.example.com:8443"), Pair("X-Empty", ""), Pair("X-Padded", "a  b"),
                          Pair("X-Latin", "\xE4"), Pair("Content-Length", "3")));
  EXPECT_EQ(outcome.end, State::Idle);
}

TEST(RequestReader, ReadsPipelinedRequests) {
  const auto outcome = read(
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
      "\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"
      "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\nab\r\n00A;n=\"v\"\r\n0123456789\r\n0\r\n\r\n"
      "POST /4 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
      "GET /5 HTTP/1.1\r\nHo");
  ASSERT_EQ(outcome.requests.size(), 4U);
  EXPECT_EQ(outcome.requests[1].body, "ab");
  EXPECT_EQ(outcome.requests[2].body, "ab0123456789");
  EXPECT_EQ(outcome.requests[3].path, "/4");
  EXPECT_EQ(outcome.end, State::Head);
}

TEST(RequestReader, KnowsWhoWasAskedByWhatItRefuses) {
  const Limits limits;
  const auto target = [&](std::string_view bytes) {
    RequestReader reader(limits);
    for (const char byte : bytes)
      reader.feed({&byte, 1});
    EXPECT_EQ(reader.state(), State::Refused) << bytes.substr(0, 80);
    return std::string(reader.target());
  };
  EXPECT_EQ(target("GET /scim/v2/Users/a%2Fb HTTP/1.1\r\n"), "/scim/v2/Users/a%2Fb");
  EXPECT_EQ(target("GET /scim/v2/Users/%zz HTTP/1.1\r\n"), "/scim/v2/Users/%zz");
  EXPECT_EQ(target("GET /a HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), "/a");
  EXPECT_EQ(target("GET /a HTTP/3.0\r\n"), "/a");
  EXPECT_EQ(target("\x16\x03\x01"), "");
  EXPECT_EQ(target("GE(T /a HTTP/1.1\r\n"), "");
  EXPECT_EQ(target("GET a b /c HTTP/1.1\r\n"), "");
  const std::string long_one = target("GET /scim/" + std::string(limits.target_bytes + 100, 'a'));
  EXPECT_TRUE(long_one.starts_with("/scim/aaa"));
  EXPECT_LT(long_one.size(), 300U);
}

TEST(RequestReader, SaysWhetherTheConnectionGoesOn) {
  const Limits limits;
  const auto keeps = [&](std::string_view bytes) {
    RequestReader reader(limits);
    reader.feed(bytes);
    static_cast<void>(reader.take());
    return reader.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: closely\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
}

TEST(RequestReader, AsksForABodyThatIsHeldBack) {
  const Limits limits;
  RequestReader reader(limits);
  reader.feed(with("Expect: 100-Continue\r\nContent-Length: 2\r\n"));
  EXPECT_EQ(reader.state(), State::Body);
  EXPECT_TRUE(reader.wants_continue());
  EXPECT_FALSE(reader.wants_continue());
  RequestReader eager(limits);
  eager.feed(with("Expect: 100-continue\r\nContent-Length: 2\r\n", "a"));
  EXPECT_FALSE(eager.wants_continue());
  EXPECT_EQ(refusal(with("Expect: 200-ok\r\n")), 417);
}

// The forms by which two readers of one connection come to see different requests.
TEST(RequestReader, RefusesWhatCouldBeSmuggled) {
  const std::string_view tail = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const std::string_view fields : {
           "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: gzip\r\n",
           "Transfer-Encoding: identity\r\n",
           "Transfer-Encoding: chunked, chunked\r\n",
           "Transfer-Encoding: gzip, chunked\r\n",
           "Transfer-Encoding: chunked, identity\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
           "Transfer-Encoding:\r\n",
           "Transfer-Encoding: xchunked\r\n",
           "Transfer-Encoding: \"chunked\"\r\n",
           "Transfer-Encoding: chunked;q=1\r\n",
           "Transfer-Encoding:\x0b"
           "chunked\r\n",
           "Transfer-Encoding : chunked\r\n",
           "Transfer-Encoding\t: chunked\r\n",
           " Transfer-Encoding: chunked\r\n",
           "X: y\r\n Transfer-Encoding: chunked\r\n",
           "X: y\r\n\tTransfer-Encoding: chunked\r\n",
           "X: y\nTransfer-Encoding: chunked\r\n",
           "X: y\rTransfer-Encoding: chunked\r\n",
           "Content-Length: 5\r\nContent-Length: 6\r\n",
           "Content-Length: 5\r\nContent-Length: 5\r\n",
           "Content-Length: 5, 5\r\n",
           "Content-Length: +5\r\n",
           "Content-Length: -5\r\n",
           "Content-Length: 5 5\r\n",
           "Content-Length: 0x5\r\n",
           "Content-Length: 5.0\r\n",
           "Content-Length: five\r\n",
           "Content-Length:\r\n",
           "Content-Length : 5\r\n",
           "Host: a\r\n",
           "Host: b\r\n",
           "X\r\n",
           ": x\r\n",
           "X Y: z\r\n",
           "X(: z\r\n",
           "X: \x7f\r\n",
           "X: \x01\r\n",
       }) {
    EXPECT_EQ(refusal(with(fields, tail)), 400) << fields;
  }
  EXPECT_EQ(refusal(with(std::string_view("X: a\0b\r\n", 8))), 400);
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
}

TEST(RequestReader, RefusesMalformedChunks) {
  for (const std::string_view body : {
           "\r\n",
           "x\r\n",
           "-1\r\n",
           "+1\r\na\r\n",
           "0x1\r\na\r\n",
           " 1\r\na\r\n",
           "1 \r\na\r\n",
           "1 ;x\r\na\r\n",
           "1\na\r\n",
           "1\r\na\n",
           "1\r\nab\r\n",
           "1\r\na0\r\n\r\n",
           "1\r\na\rb",
           "1;a\x01\r\na\r\n",
           "1;\n\r\na\r\n",
           "10000000000000000\r\n",
           "00000000000000001\r\na\r\n",
           "0\r\nX: y\r\n\r\n",
           "0\r\n\n",
           "0\r\n\rx",
       }) {
    EXPECT_EQ(refusal(with("Transfer-Encoding: chunked\r\n", body)), 400) << body;
  }
  EXPECT_EQ(refusal(with("Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\n")), 413);
}

TEST(RequestReader, LimitsChunkExtensions) {
  EXPECT_EQ(refusal(with("Transfer-Encoding: chunked\r\n", "1;" + std::string(300, 'x'))), 400);
  EXPECT_EQ(refusal(with("Transfer-Encoding: chunked\r\n", std::string(300, '0'))), 400);
  std::string many;
  for (int i = 0; i < 30; ++i)
    many += "1;" + std::string(200, 'x') + "\r\na\r\n";
  EXPECT_EQ(refusal(with("Transfer-Encoding: chunked\r\n", many)), 400);
}

TEST(RequestReader, RefusesMalformedRequestLines) {
  for (const std::string_view bad : {
           "GET  / HTTP/1.1",
           "GET /  HTTP/1.1",
           " GET / HTTP/1.1",
           "GET\t/ HTTP/1.1",
           "GET / HTTP/1.1 ",
           "GET /",
           "GET",
           "G(T / HTTP/1.1",
           "GET / http/1.1",
           "GET / HTTP/1",
           "GET / HTTP/1.11",
           "GET / HTTP/01.1",
           "GET / HTTPS/1.1",
           "GET /a b HTTP/1.1",
           "GET http://a/ HTTP/1.1",
           "CONNECT a:443 HTTP/1.1",
           "OPTIONS * HTTP/1.1",
           "GET ? HTTP/1.1",
           "\x16\x03\x01",
           "\r\r",
           "{}",
       }) {
    EXPECT_EQ(refusal(line(bad)), 400) << bad;
  }
  EXPECT_EQ(refusal("GET / HTTP/1.1\nHost: a\n\n"), 400);
  EXPECT_EQ(refusal("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal(line("GET / HTTP/2.0")), 505);
  EXPECT_EQ(refusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
  EXPECT_EQ(refusal(line("GET / HTTP/0.9")), 505);
}

TEST(RequestReader, TakesExactlyOneHost) {
  const auto host = [](std::string_view value) {
    return refusal("GET / HTTP/1.1\r\nHost: " + std::string(value) + "\r\n\r\n");
  };
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.0\r\n\r\n"), 0);
  EXPECT_EQ(refusal("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  for (const std::string_view good :
       {"a", "sso.example.com", "a-b_c.d:1", "[::1]", "[::1]:65535", "127.0.0.1:80", "a:"}) {
    EXPECT_EQ(host(good), 0) << good;
  }
  for (const std::string_view bad :
       {"", ":80", "a b", "a,b", "a/b", "a@b", "a:65536", "a:x", "a:80:80", "[::1", "[]", "[g::]", "[::1]x",
        "a:123456", "[::1]80", "a\\b", "\xC3\xBC"}) {
    EXPECT_EQ(host(bad), 400) << bad;
  }
}

TEST(RequestReader, HasLimits) {
  Limits limits;
  limits.header_bytes = 400;
  limits.target_bytes = 100;
  limits.header_fields = 5;
  limits.body_bytes = 10;
  EXPECT_EQ(refusal(line("GET /" + std::string(99, 'a') + " HTTP/1.1"), limits), 0);
  EXPECT_EQ(refusal(line("GET /" + std::string(100, 'a') + " HTTP/1.1"), limits), 414);
  EXPECT_EQ(refusal("GET /" + std::string(1000, 'a'), limits), 414);
  EXPECT_EQ(refusal(std::string(1000, 'a'), limits), 414);
  EXPECT_EQ(refusal(with("X: " + std::string(400, 'a')), limits), 431);
  EXPECT_EQ(refusal(with("X: " + std::string(300, 'a') + "\r\nY: " + std::string(100, 'a') + "\r\n"), limits),
            431);
  EXPECT_EQ(refusal(with("A:\r\nB:\r\nC:\r\nD:\r\n"), limits), 0);
  EXPECT_EQ(refusal(with("A:\r\nB:\r\nC:\r\nD:\r\nE:\r\n"), limits), 431);
  EXPECT_EQ(refusal(with("Content-Length: 10\r\n", "0123456789"), limits), 0);
  EXPECT_EQ(refusal(with("Content-Length: 11\r\n"), limits), 413);
  EXPECT_EQ(refusal(with("Content-Length: 99999999999999999999999999\r\n"), limits), 413);
  EXPECT_EQ(refusal(with("Transfer-Encoding: chunked\r\n", "5\r\n01234\r\n5\r\n01234\r\n0\r\n\r\n"), limits),
            0);
  EXPECT_EQ(refusal(with("Transfer-Encoding: chunked\r\n", "5\r\n01234\r\n6\r\n"), limits), 413);
  limits.target_bytes = 1000;
  EXPECT_EQ(refusal("GET /" + std::string(1000, 'a'), limits), 431);
}

TEST(RequestReader, FillsTheHeaderToItsLastByte) {
  Limits limits;
  limits.target_bytes = 50;
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
  limits.header_bytes = head.size();
  EXPECT_EQ(read(head, limits).requests.size(), 1U);
  limits.header_bytes = head.size() - 1;
  EXPECT_EQ(refusal(head, limits), 431);
}

TEST(RequestReader, StaysRefused) {
  const Limits limits;
  RequestReader reader(limits);
  reader.feed("\n");
  ASSERT_EQ(reader.state(), State::Refused);
  reader.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(reader.state(), State::Refused);
}

}  // namespace
}  // namespace doorward::http
