#include "net/test_server.h"

#include <charconv>
#include <csignal>
#include <stdexcept>

#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/require.h"

namespace doorward::net::test {

namespace {

using doorward::test::require;

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension != nullptr, "the extension is malformed");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

struct Identity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;
};

Identity make_certificate(const char* name, long not_before, long not_after, const Identity* issuer,
                          int extension, const std::string& value) {
  static long serial = 0;
  Identity made{{EVP_EC_gen("P-256"), &EVP_PKEY_free}, {X509_new(), &X509_free}};
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), not_before);
  X509_gmtime_adj(X509_getm_notAfter(certificate), not_after);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  const Identity& signer = issuer != nullptr ? *issuer : made;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
  add_extension(certificate, signer.certificate.get(), extension, value);
  require(X509_sign(certificate, signer.key.get(), EVP_sha256()) > 0, "the certificate cannot be signed");
  return made;
}

const Identity& authority() {
  static const auto* made = new Identity(
      make_certificate("Test authority", -86400, 86400, nullptr, NID_basic_constraints, "critical,CA:TRUE"));
  return *made;
}

/// By Content-Length, the only framing that the client under test uses.
std::size_t body_length(const std::string& head) {
  constexpr std::string_view kName = "\r\nContent-Length: ";
  const auto at = head.find(kName);
  std::size_t length = 0;
  if (at != std::string::npos) {
    const char* begin = head.data() + at + kName.size();
    std::from_chars(begin, head.data() + head.size(), length);
  }
  return length;
}

class PlainConnection final : public Connection {
 public:
  explicit PlainConnection(int socket) : socket_(socket) {}
  bool send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void wait_for_close() override {
    char byte = 0;
    while (::recv(socket_, &byte, 1, 0) > 0) {
    }
  }

 private:
  int socket_;
};

class TlsConnection final : public Connection {
 public:
  explicit TlsConnection(SSL* ssl) : ssl_(ssl) {}
  bool send(std::string_view bytes) override {
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  void wait_for_close() override {
    char byte = 0;
    while (SSL_read(ssl_, &byte, 1) > 0) {
    }
  }

 private:
  SSL* ssl_;
};

}  // namespace

struct TestServer::Tls {
  explicit Tls(const Leaf& leaf) : context(SSL_CTX_new(TLS_server_method())) {
    const Identity identity = make_certificate("leaf", leaf.not_before, leaf.not_after, &authority(),
                                               NID_subject_alt_name, leaf.names);
    require(SSL_CTX_use_certificate(context, identity.certificate.get()) == 1, "the certificate is unusable");
    require(SSL_CTX_use_PrivateKey(context, identity.key.get()) == 1, "the key is unusable");
  }
  ~Tls() { SSL_CTX_free(context); }
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;
  SSL_CTX* context;
};

TestServer::TestServer(Transport transport, Handler handler, const Leaf& leaf)
    : transport_(transport), handler_(std::move(handler)) {
  if (transport == Transport::Tls) tls_ = std::make_unique<Tls>(leaf);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  require(::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) == 0, "no free port");
  require(::listen(listener_, 16) == 0, "cannot listen");
  require(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0, "no name");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { accept_loop(); });
}

TestServer::~TestServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::string TestServer::url(std::string_view path, std::string_view host) const {
  return std::string(transport_ == Transport::Tls ? "https://" : "http://") + std::string(host) + ':' +
         std::to_string(port_) + std::string(path);
}

std::vector<std::string> TestServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void TestServer::accept_loop() {
  // A client that hangs up must not end the test. For the threads of the server alone: the client under test
  // has to look after itself.
  sigset_t pipe = {};
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) break;
    workers_.emplace_back([this, socket] {
      serve(socket);
      ::close(socket);
    });
  }
  for (auto& worker : workers_)
    worker.join();
}

void TestServer::serve(int socket) {
  const auto answer = [this](auto&& read, Connection& connection) {
    std::string request;
    char byte = 0;
    while (!request.ends_with("\r\n\r\n")) {
      if (read(&byte) <= 0) return;
      request += byte;
    }
    for (std::size_t left = body_length(request); left > 0 && read(&byte) > 0; --left)
      request += byte;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    handler_(request, connection);
  };
  if (transport_ == Transport::Unprompted) {
    PlainConnection connection(socket);
    handler_({}, connection);
    connection.wait_for_close();
    return;
  }
  if (transport_ == Transport::Plain) {
    PlainConnection connection(socket);
    answer([&](char* byte) { return ::recv(socket, byte, 1, 0); }, connection);
    return;
  }
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(tls_->context), &SSL_free);
  SSL_set_fd(ssl.get(), socket);
  if (SSL_accept(ssl.get()) != 1) return;
  TlsConnection connection(ssl.get());
  answer([&](char* byte) { return SSL_read(ssl.get(), byte, 1); }, connection);
  SSL_shutdown(ssl.get());
}

std::string authority_pem() {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, authority().certificate.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

}  // namespace doorward::net::test
