#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "crypto/certificate.h"
#include "http/server_fixture.h"
#include "support/temporary_folder.h"

namespace doorward::http {
namespace {

using ::testing::HasSubstr;

void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::trunc) << text;
}

/// Writes a fresh key and its certificate; returns the certificate's fingerprint.
std::string write_identity(const TlsOptions& files, std::string_view name) {
  const auto key = crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256);
  const auto now = SystemClock().now();
  const auto certificate = crypto::Certificate::self_signed(key, name, now, now + std::chrono::hours(1));
  write_file(files.key_file, key.to_pem().reveal());
  write_file(files.certificate_file, certificate.to_pem());
  return certificate.fingerprint();
}

/// OpenSSL's own client over a raw connection.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, int version, std::string_view protocols)
      : context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free), ssl_(nullptr, &SSL_free), raw_(port) {
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    // Old versions are not even tried at a higher level.
    SSL_CTX_set_security_level(context_.get(), 0);
    ssl_.reset(SSL_new(context_.get()));
    if (!protocols.empty()) {
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                          static_cast<unsigned>(protocols.size()));
    }
    SSL_set_fd(ssl_.get(), raw_.descriptor());
  }

  bool connect() { return SSL_connect(ssl_.get()) == 1; }
  void send(std::string_view bytes) { SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())); }
  std::string read_all() {
    std::string all;
    std::array<char, 4096> chunk;
    int count = 0;
    while ((count = SSL_read(ssl_.get(), chunk.data(), chunk.size())) > 0) {
      all.append(chunk.data(), static_cast<std::size_t>(count));
    }
    clean_end_ = SSL_get_error(ssl_.get(), count) == SSL_ERROR_ZERO_RETURN;
    return all;
  }
  /// Whether the server said that nothing more would come.
  bool clean_end() const { return clean_end_; }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &length);
    return {reinterpret_cast<const char*>(name), length};
  }
  std::string fingerprint() const {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_.get()),
                                                                  &X509_free);
    unsigned char* der = nullptr;
    const int length = i2d_X509(certificate.get(), &der);
    const std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
    OPENSSL_free(der);
    return crypto::Certificate::from_der(bytes)->fingerprint();
  }
  RawClient& raw() { return raw_; }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  RawClient raw_;
  bool clean_end_ = false;
};

class TlsTest : public ServerFixture {
 protected:
  TlsTest() {
    files_.certificate_file = folder_.file("certificate.pem");
    files_.key_file = folder_.file("key.pem");
    fingerprint_ = write_identity(files_, "first.example.com");
    options_.tls = files_;
  }

  test::TemporaryFolder folder_;
  TlsOptions files_;
  std::string fingerprint_;
};

constexpr std::string_view kHttp11 = "\x08http/1.1";
constexpr std::string_view kClosingGet = "GET /empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

TEST_F(TlsTest, ServesBothVersions) {
  start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server_->port(), version, kHttp11);
    ASSERT_TRUE(client.connect());
    EXPECT_EQ(client.protocol(), "http/1.1");
    EXPECT_EQ(client.fingerprint(), fingerprint_);
    client.send(kClosingGet);
    EXPECT_EQ(status_in(client.read_all()), 200);
    EXPECT_TRUE(client.clean_end());
  }
}

TEST_F(TlsTest, CarriesLargeBodiesBothWays) {
  start();
  const std::string body(1'500'000, 'b');
  TlsClient client(server_->port(), TLS1_3_VERSION, {});
  ASSERT_TRUE(client.connect());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n");
  client.send(body);
  EXPECT_TRUE(body_in(client.read_all()) == body);
}

TEST_F(TlsTest, RefusesOldVersionsAndOtherProtocols) {
  start();
  EXPECT_FALSE(TlsClient(server_->port(), TLS1_1_VERSION, {}).connect());
  EXPECT_FALSE(TlsClient(server_->port(), TLS1_3_VERSION, "\x02h2").connect());
  EXPECT_TRUE(TlsClient(server_->port(), TLS1_3_VERSION, "\x02h2\x08http/1.1").connect());
}

TEST_F(TlsTest, ClosesOnPlainHttp) {
  start();
  EXPECT_EQ(status_in(answer_to(kClosingGet)), 0);
}

TEST_F(TlsTest, GivesUpOnASlowHandshake) {
  options_.limits.handshake_timeout = std::chrono::milliseconds(20);
  start();
  RawClient silent(server_->port());
  EXPECT_EQ(silent.read_all(), "");
  RawClient partial(server_->port());
  partial.send("\x16\x03\x01");
  EXPECT_EQ(partial.read_all(), "");
}

TEST_F(TlsTest, SurvivesGarbageWithinASession) {
  start();
  TlsClient client(server_->port(), TLS1_3_VERSION, {});
  ASSERT_TRUE(client.connect());
  client.raw().send(std::string(100, '\x17'));
  EXPECT_EQ(status_in(client.read_all()), 0);
  TlsClient next(server_->port(), TLS1_3_VERSION, {});
  EXPECT_TRUE(next.connect());
}

TEST_F(TlsTest, ReloadsItsFiles) {
  start();
  const auto second = write_identity(files_, "second.example.com");
  ASSERT_TRUE(server_->reload_tls());
  TlsClient client(server_->port(), TLS1_3_VERSION, {});
  ASSERT_TRUE(client.connect());
  EXPECT_EQ(client.fingerprint(), second);
}

TEST_F(TlsTest, KeepsTheOldIdentityWhenTheNewOneIsBroken) {
  start();
  write_file(files_.key_file, "not a key");
  const auto reloaded = server_->reload_tls();
  ASSERT_FALSE(reloaded);
  EXPECT_THAT(reloaded.error().message, HasSubstr(files_.key_file));
  TlsClient client(server_->port(), TLS1_3_VERSION, {});
  ASSERT_TRUE(client.connect());
  EXPECT_EQ(client.fingerprint(), fingerprint_);
}

TEST_F(TlsTest, SeesByItselfThatTheFilesChanged) {
  options_.tls->poll_interval = std::chrono::milliseconds(1);
  start();
  write_file(files_.certificate_file, "half of a cert");
  const auto second = write_identity(files_, "second.example.com");
  std::string seen;
  while (seen != second) {
    TlsClient client(server_->port(), TLS1_3_VERSION, {});
    ASSERT_TRUE(client.connect());
    seen = client.fingerprint();
    ASSERT_TRUE(seen == second || seen == fingerprint_);
  }
}

TEST_F(TlsTest, SaysWhichFileIsWrong) {
  const auto message = [&](const TlsOptions& files) {
    options_.tls = files;
    const auto server = Server::start(options_, Router(), metrics_, clock_);
    return server ? std::string() : server.error().message;
  };
  auto files = files_;
  files.certificate_file = folder_.file("absent.pem");
  EXPECT_THAT(message(files), HasSubstr("absent.pem"));
  TlsOptions other;
  other.certificate_file = folder_.file("other-certificate.pem");
  other.key_file = folder_.file("other-key.pem");
  write_identity(other, "other.example.com");
  files = files_;
  files.key_file = other.key_file;
  EXPECT_THAT(message(files), HasSubstr("other-key.pem"));
}

TEST_F(TlsTest, StopsWithOpenSessions) {
  start();
  TlsClient idle(server_->port(), TLS1_3_VERSION, {});
  ASSERT_TRUE(idle.connect());
  RawClient shaking_hands(server_->port());
  server_->stop(std::chrono::seconds(20));
  EXPECT_EQ(idle.read_all(), "");
}

}  // namespace
}  // namespace doorward::http
