#include "crypto/tls.h"

#include <array>
#include <fstream>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "crypto/certificate.h"
#include "support/temporary_folder.h"

namespace doorward::crypto {
namespace {

using ::testing::HasSubstr;
using State = TlsSession::State;

/// OpenSSL's own client over memory.
class Client {
 public:
  Client()
      : context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free), ssl_(SSL_new(context_.get()), &SSL_free) {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(SSL_get_rbio(ssl_.get()), -1);
    SSL_set_connect_state(ssl_.get());
  }

  bool step() { return SSL_do_handshake(ssl_.get()) == 1; }
  void receive(BytesView bytes) {
    BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
  }
  void send(BytesView plain) { SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size())); }
  void close() { SSL_shutdown(ssl_.get()); }
  std::string read() {
    std::string all;
    std::array<char, 1024> chunk;
    for (int count = 0; (count = SSL_read(ssl_.get(), chunk.data(), chunk.size())) > 0;) {
      all.append(chunk.data(), static_cast<std::size_t>(count));
    }
    return all;
  }
  Bytes take_output() {
    char* data = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &data));
    Bytes output(data, size);
    BIO_reset(SSL_get_wbio(ssl_.get()));
    return output;
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() : key_(PrivateKey::generate_ec(KeyType::EcP256)) {
    const Timestamp now = SystemClock().now();
    write("certificate.pem", Certificate::self_signed(key_, "a", now, now + std::chrono::hours(1)).to_pem());
    write("key.pem", key_.to_pem().reveal());
  }

  void write(std::string_view name, std::string_view text) { std::ofstream(folder_.file(name)) << text; }
  Result<TlsIdentity> identity() {
    return TlsIdentity::from_files(folder_.file("certificate.pem"), folder_.file("key.pem"));
  }

  /// Hands everything over in pieces of `piece` bytes until nobody has anything to say.
  static Bytes converse(Client& client, TlsSession& server, std::size_t piece) {
    Bytes plain;
    while (true) {
      client.step();
      const Bytes to_server = client.take_output();
      for (std::size_t at = 0; at < to_server.size(); at += piece) {
        server.receive(BytesView(to_server).substr(at, piece), plain);
      }
      const Bytes to_client = server.take_output();
      client.receive(to_client);
      if (to_server.empty() && to_client.empty()) return plain;
    }
  }

  doorward::test::TemporaryFolder folder_;
  PrivateKey key_;
};

TEST_F(TlsTest, SpeaksWhateverThePiecesAre) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
    TlsSession server(*identity());
    Client client;
    EXPECT_EQ(converse(client, server, piece), "");
    ASSERT_EQ(server.state(), State::Open);
    client.send("question");
    EXPECT_EQ(converse(client, server, piece), "question");
    server.send("answer");
    converse(client, server, piece);
    EXPECT_EQ(client.read(), "answer");
    client.close();
    converse(client, server, piece);
    EXPECT_EQ(server.state(), State::Closed);
  }
}

TEST_F(TlsTest, FailsForGood) {
  TlsSession server(*identity());
  Bytes plain;
  server.receive("GET / HTTP/1.1\r\n\r\n", plain);
  EXPECT_EQ(server.state(), State::Failed);
  server.receive("more", plain);
  server.send("text");
  server.close();
  EXPECT_EQ(plain, "");
  EXPECT_EQ(server.state(), State::Failed);
}

TEST_F(TlsTest, SendsNothingBeforeTheHandshake) {
  TlsSession server(*identity());
  server.send("early");
  server.close();
  EXPECT_EQ(server.take_output(), "");
  EXPECT_EQ(server.state(), State::Handshake);
}

TEST_F(TlsTest, ARecordThatWasChangedEndsTheSession) {
  TlsSession server(*identity());
  Client client;
  converse(client, server, 1000);
  client.send("question");
  Bytes record = client.take_output();
  record.back() = static_cast<char>(record.back() ^ 1);
  Bytes plain;
  server.receive(record, plain);
  EXPECT_EQ(plain, "");
  EXPECT_EQ(server.state(), State::Failed);
  EXPECT_NE(server.take_output(), "");
}

TEST_F(TlsTest, SaysWhichFileCannotBeUsed) {
  write("key.pem", PrivateKey::generate_ec(KeyType::EcP256).to_pem().reveal());
  EXPECT_THAT(identity().error().message, HasSubstr("key.pem"));
  write("certificate.pem", "");
  EXPECT_THAT(identity().error().message, HasSubstr("certificate.pem"));
}

TEST_F(TlsTest, DoesNotAskForAPassphrase) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  std::array<unsigned char, 6> passphrase = {'s', 'e', 'c', 'r', 'e', 't'};
  ASSERT_EQ(PEM_write_bio_PrivateKey(bio.get(), key_.handle(), EVP_aes_256_cbc(), passphrase.data(),
                                     static_cast<int>(passphrase.size()), nullptr, nullptr),
            1);
  char* data = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(bio.get(), &data));
  write("key.pem", std::string_view(data, size));
  ASSERT_FALSE(identity());
  EXPECT_THAT(identity().error().message, HasSubstr("passphrase"));
}

}  // namespace
}  // namespace doorward::crypto
