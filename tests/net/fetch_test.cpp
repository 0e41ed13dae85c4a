#include "net/fetch.h"

#include <chrono>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <zlib.h>

#include "net/test_server.h"
#include "support/temporary_folder.h"

namespace doorward::net {
namespace {

using std::chrono::milliseconds;
using test::answering;
using test::Connection;
using test::Leaf;
using test::TestServer;
using test::Transport;

std::string response(std::string_view body, std::string_view headers = "",
                     std::string_view status = "200 OK") {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

std::string redirect_to(const std::string& location, std::string_view status = "302 Found") {
  return response("moved", "Location: " + location + "\r\n", status);
}

class FetchTest : public testing::Test {
 protected:
  FetchTest() {
    options_.policy = {.allow_private = false, .allow_loopback = true, .allow_plain_http = true};
    options_.extra_ca_file = folder_.file("ca.pem");
    std::ofstream(options_.extra_ca_file) << test::authority_pem();
  }

  Result<FetchResponse> get(const std::string& url) const {
    const auto parsed = Url::parse(url);
    EXPECT_TRUE(parsed) << url;
    return fetch(*parsed, options_);
  }

  std::string code(const std::string& url) const {
    const auto fetched = get(url);
    if (fetched) return "";
    EXPECT_TRUE(fetched.error().message.ends_with('.')) << fetched.error().message;
    return std::string(fetched.error().code.name());
  }

  doorward::test::TemporaryFolder folder_;
  FetchOptions options_;
};

TEST_F(FetchTest, GetsADocument) {
  const TestServer server(Transport::Plain,
                          answering(response("<xml/>", "Content-Type: application/samlmetadata+xml\r\n")));
  options_.accept = "application/samlmetadata+xml";
  const auto fetched = get(server.url("/metadata?x=1"));
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->body, "<xml/>");
  EXPECT_EQ(fetched->content_type, "application/samlmetadata+xml");
  EXPECT_EQ(fetched->url.text(), server.url("/metadata?x=1"));
  ASSERT_EQ(server.requests().size(), 1U);
  const std::string request = server.requests()[0];
  EXPECT_TRUE(request.starts_with("GET /metadata?x=1 HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("\r\nAccept: application/samlmetadata+xml\r\n"), std::string::npos) << request;
  EXPECT_NE(request.find("\r\nUser-Agent: Doorward/"), std::string::npos);
  for (const char* header : {"Accept-Encoding", "Cookie", "Authorization", "Referer", "TE:"}) {
    EXPECT_EQ(request.find(header), std::string::npos) << header;
  }
}

TEST_F(FetchTest, GetsADocumentOverTls) {
  const TestServer server(Transport::Tls, answering(response("secret")));
  const auto fetched = get(server.url());
  ASSERT_TRUE(fetched) << fetched.error().message << fetched.error().detail;
  EXPECT_EQ(fetched->body, "secret");
  EXPECT_TRUE(get(server.url("/", "localhost"))) << "by name";
}

TEST_F(FetchTest, ReadsChunkedAndUnframedBodies) {
  const TestServer chunked(
      Transport::Plain,
      answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  EXPECT_EQ(get(chunked.url())->body, "abcde");
  const TestServer unframed(Transport::Plain, answering("HTTP/1.1 200 OK\r\n\r\nuntil the end"));
  EXPECT_EQ(get(unframed.url())->body, "until the end");
  const TestServer empty(Transport::Plain, answering("HTTP/1.1 204 No Content\r\n\r\n"));
  EXPECT_EQ(get(empty.url())->body, "");
}

TEST_F(FetchTest, WantsHttpsUnlessToldOtherwise) {
  const TestServer server(Transport::Plain, answering(response("x")));
  options_.policy.allow_plain_http = false;
  EXPECT_EQ(code(server.url()), "net.not_https");
  EXPECT_TRUE(server.requests().empty());
}

// The guard.

TEST_F(FetchTest, RefusesAddressesThatThePolicyDoesNotAllow) {
  const TestServer server(Transport::Plain, answering(response("x")));
  options_.policy.allow_loopback = false;
  for (const char* host :
       {"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]"}) {
    EXPECT_EQ(code(server.url("/", host)), "net.address_refused") << host;
  }
  EXPECT_TRUE(server.requests().empty());
  for (const char* url :
       {"http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", "http://100.64.0.1/",
        "http://[fd00::1]/", "http://169.254.169.254/latest/meta-data/", "http://0.0.0.0/", "http://[::]/",
        "http://224.0.0.1/", "http://255.255.255.255/", "http://[fe80::1]/", "http://[64:ff9b::a00:1]/",
        "http://[2002:7f00:1::]/", "http://[::ffff:10.0.0.1]/", "http://168.63.129.16/"}) {
    EXPECT_EQ(code(url), "net.address_refused") << url;
  }
}

TEST_F(FetchTest, PrivateAddressesDoNotBringLinkLocalOnes) {
  options_.policy.allow_private = true;
  for (const char* url :
       {"http://169.254.169.254/", "http://[fd00:ec2::254]/", "http://100.100.100.200/", "http://0.0.0.0/"}) {
    EXPECT_EQ(code(url), "net.address_refused") << url;
  }
}

TEST_F(FetchTest, NamesTheRefusedAddress) {
  options_.policy.allow_loopback = false;
  const auto fetched = get("http://127.0.0.1:9/");
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().kind, ErrorKind::Refused);
  EXPECT_NE(fetched.error().message.find("127.0.0.1"), std::string::npos);
}

TEST_F(FetchTest, ChecksEveryRedirect) {
  for (const char* target : {"http://10.0.0.1/", "http://169.254.169.254/latest/",
                             "http://[::ffff:10.0.0.1]/", "//192.168.0.1/x", "https://172.31.255.255/"}) {
    const TestServer server(Transport::Plain, answering(redirect_to(target)));
    EXPECT_EQ(code(server.url()), "net.address_refused") << target;
  }
  for (const char* target : {"ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/",
                             "http://user:pw@127.0.0.1/", "http://127.0.0.1\\@example.com/"}) {
    const TestServer server(Transport::Plain, answering(redirect_to(target)));
    EXPECT_EQ(code(server.url()), "net.redirect_invalid") << target;
  }
}

TEST_F(FetchTest, IgnoresProxiesOfTheEnvironment) {
  const TestServer server(Transport::Plain, answering(response("direct")));
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    ::setenv(name, "http://127.0.0.1:1/", 1);
  const auto fetched = get(server.url());
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    ::unsetenv(name);
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->body, "direct");
}

// Redirects.

TEST_F(FetchTest, FollowsRedirects) {
  for (const char* status : {"301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect",
                             "308 Permanent Redirect"}) {
    const TestServer server(Transport::Plain, [status](const std::string& request, Connection& connection) {
      const bool first = request.starts_with("GET /first ");
      connection.send(first ? redirect_to("second?a=b#fragment", status) : response("arrived"));
    });
    const auto fetched = get(server.url("/first"));
    ASSERT_TRUE(fetched) << status << fetched.error().message;
    EXPECT_EQ(fetched->body, "arrived");
    EXPECT_EQ(fetched->url.text(), server.url("/second?a=b"));
  }
}

TEST_F(FetchTest, CountsRedirects) {
  const TestServer server(Transport::Plain, [](const std::string& request, Connection& connection) {
    const int number = std::atoi(request.c_str() + 5);
    connection.send(number == 3 ? response("arrived") : redirect_to("/" + std::to_string(number + 1)));
  });
  options_.max_redirects = 3;
  EXPECT_TRUE(get(server.url("/0")));
  options_.max_redirects = 2;
  EXPECT_EQ(code(server.url("/0")), "net.too_many_redirects");
  options_.max_redirects = 0;
  EXPECT_EQ(code(server.url("/0")), "net.too_many_redirects");
  const TestServer loop(Transport::Plain, answering(redirect_to("/")));
  options_.max_redirects = 5;
  EXPECT_EQ(code(loop.url()), "net.too_many_redirects");
  EXPECT_EQ(loop.requests().size(), 6U);
}

TEST_F(FetchTest, NeverGoesFromHttpsBackToHttp) {
  const TestServer plain(Transport::Plain, answering(response("changed on the way")));
  const TestServer tls(Transport::Tls, answering(redirect_to(plain.url())));
  EXPECT_EQ(code(tls.url()), "net.redirect_to_http");
  EXPECT_TRUE(plain.requests().empty());
  const TestServer target(Transport::Tls, answering(response("safe")));
  const TestServer upgrade(Transport::Plain, answering(redirect_to(target.url())));
  EXPECT_EQ(get(upgrade.url())->body, "safe");
}

TEST_F(FetchTest, OtherStatusesAreFailures) {
  for (const char* status : {"400 Bad Request", "401 Unauthorized", "404 Not Found",
                             "500 Internal Server Error", "304 Not Modified"}) {
    const TestServer server(Transport::Plain, answering(response("<html>", "", status)));
    const auto fetched = get(server.url());
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, ErrorCode("net.http_status"));
    EXPECT_NE(fetched.error().message.find(std::string(status).substr(0, 3)), std::string::npos);
  }
}

// Limits.

TEST_F(FetchTest, LimitsTheSize) {
  options_.max_bytes = 1000;
  const TestServer fits(Transport::Plain, answering(response(std::string(1000, 'x'))));
  EXPECT_EQ(get(fits.url())->body.size(), 1000U);
  const TestServer announced(Transport::Plain, answering(response(std::string(1001, 'x'))));
  EXPECT_EQ(code(announced.url()), "net.too_large");
  const TestServer unframed(Transport::Plain, answering("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x')));
  EXPECT_EQ(code(unframed.url()), "net.too_large");
}

TEST_F(FetchTest, StopsAnEndlessBody) {
  const TestServer server(Transport::Plain, [](const std::string&, Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "1000\r\n" + std::string(4096, 'x') + "\r\n";
    while (connection.send(chunk)) {
    }
  });
  options_.max_bytes = 100'000;
  EXPECT_EQ(code(server.url()), "net.too_large");
}

TEST_F(FetchTest, StopsEndlessHeaders) {
  const TestServer server(Transport::Plain, [](const std::string&, Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\n");
    while (connection.send("X: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  EXPECT_EQ(code(server.url()), "net.answer_broken");
}

TEST_F(FetchTest, LimitsTheTime) {
  options_.total_timeout = milliseconds(150);
  const auto drip = [](const std::string&, Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
    connection.wait_for_close();
  };
  const TestServer slow_body(Transport::Plain, drip);
  EXPECT_EQ(code(slow_body.url()), "net.timeout");
  const TestServer slow_tls_body(Transport::Tls, drip);
  EXPECT_EQ(code(slow_tls_body.url()), "net.timeout");
  const TestServer silent(Transport::Plain,
                          [](const std::string&, Connection& connection) { connection.wait_for_close(); });
  EXPECT_EQ(code(silent.url()), "net.timeout");
}

TEST_F(FetchTest, RedirectsShareTheTime) {
  const TestServer server(Transport::Plain, [](const std::string& request, Connection& connection) {
    if (!request.starts_with("GET /9 ")) {
      connection.send(redirect_to("/9"));
    } else {
      connection.wait_for_close();
    }
  });
  options_.total_timeout = milliseconds(200);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(code(server.url()), "net.timeout");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  options_.total_timeout = milliseconds(0);
  EXPECT_EQ(code(server.url()), "net.timeout");
}

std::string gzip_of_zeros(std::size_t size) {
  const std::string plain(size, '\0');
  std::string packed(size / 100 + 1000, '\0');
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

TEST_F(FetchTest, NeverUnpacksCompressedAnswers) {
  const std::string bomb = gzip_of_zeros(8 * 1024 * 1024);
  ASSERT_LT(bomb.size(), 20'000U);
  options_.max_bytes = 100'000;
  const TestServer content(Transport::Plain, answering(response(bomb, "Content-Encoding: gzip\r\n")));
  EXPECT_EQ(code(content.url()), "net.compressed");
  const TestServer transfer(Transport::Plain,
                            answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n" + bomb));
  const auto fetched = get(transfer.url());
  EXPECT_TRUE(!fetched || fetched->body.size() <= 100'000U);
  const TestServer identity(Transport::Plain, answering(response("x", "Content-Encoding: identity\r\n")));
  EXPECT_TRUE(get(identity.url()));
}

// What can go wrong on the way.

TEST_F(FetchTest, SaysThatANameIsUnknown) {
  // A label of more than 63 characters cannot be looked up, so no name server is asked.
  EXPECT_EQ(code("https://" + std::string(64, 'a') + ".example/"), "net.name_not_found");
}

TEST_F(FetchTest, SaysThatNothingAnswers) {
  std::string url;
  {
    const TestServer gone(Transport::Plain, answering(""));
    url = gone.url();
  }
  EXPECT_EQ(code(url), "net.connection_failed");
}

TEST_F(FetchTest, SaysThatAnAnswerBrokeOff) {
  for (const char* answer : {"", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                             "SSH-2.0-OpenSSH\r\n", "220 smtp.example.com ESMTP\r\n"}) {
    const TestServer server(Transport::Plain, answering(answer));
    EXPECT_EQ(code(server.url()), "net.answer_broken") << answer;
  }
}

TEST_F(FetchTest, TellsCertificateFaultsApart) {
  const TestServer expired(Transport::Tls, answering(response("x")),
                           {.not_before = -7200, .not_after = -3600});
  EXPECT_EQ(code(expired.url()), "net.certificate_expired");
  const TestServer early(Transport::Tls, answering(response("x")), {.not_before = 3600, .not_after = 7200});
  EXPECT_EQ(code(early.url()), "net.certificate_not_yet_valid");
  const TestServer other(Transport::Tls, answering(response("x")), {.names = "DNS:other.example.com"});
  EXPECT_EQ(code(other.url()), "net.certificate_name");
  EXPECT_EQ(code(other.url("/", "localhost")), "net.certificate_name");
  for (const TestServer* server : {&expired, &early, &other})
    EXPECT_TRUE(server->requests().empty());

  const TestServer good(Transport::Tls, answering(response("x")));
  EXPECT_EQ(code(good.url()), "");
  options_.extra_ca_file.clear();
  EXPECT_EQ(code(good.url()), "net.certificate_untrusted");
  EXPECT_EQ(good.requests().size(), 1U);
}

TEST_F(FetchTest, SaysThatThereIsNoTls) {
  const TestServer mail(Transport::Unprompted, answering("220 smtp.example.com ESMTP\r\n"));
  EXPECT_EQ(code("https://127.0.0.1:" + std::to_string(mail.port()) + "/"), "net.tls_failed");
}

TEST_F(FetchTest, SaysThatTheCaFileIsUnreadable) {
  const TestServer server(Transport::Tls, answering(response("x")));
  options_.extra_ca_file = folder_.file("absent.pem");
  EXPECT_EQ(code(server.url()), "net.ca_file");
}

}  // namespace
}  // namespace doorward::net
