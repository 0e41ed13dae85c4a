#include "crypto/tls.h"

#include <array>

#include <fmt/format.h>
#include <openssl/ssl.h>

#include "base/check.h"
#include "crypto/openssl.h"

namespace doorward::crypto {

namespace {

/// TLS 1.2: forward secrecy and authenticated encryption only. TLS 1.3 has nothing else.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
/// ALPN's list of one (RFC 7301 section 3.1): length, name.
constexpr std::string_view kProtocols = "\x08http/1.1";
constexpr std::size_t kRecordLength = 16 * 1024;

std::string last_error() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
  return text.data();
}

tl::unexpected<Error> refuse(std::string message) {
  return fail(ErrorKind::InvalidInput, "crypto.tls_files", std::move(message), last_error());
}

/// A client that offers protocols without http/1.1 among them is told so (RFC 7301 section 3.2).
int select_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_length,
                    const unsigned char* in, unsigned in_length, void* /*context*/) {
  unsigned char* selected = nullptr;
  const int found = SSL_select_next_proto(&selected, out_length, octets(kProtocols),
                                          static_cast<unsigned>(kProtocols.size()), in, in_length);
  *out = selected;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Without this, a key with a passphrase would make OpenSSL ask for it on the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) {
  return 0;
}

}  // namespace

Result<TlsIdentity> TlsIdentity::from_files(const std::string& certificate_file,
                                            const std::string& key_file) {
  const ErrorQueueGuard guard;
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  CHECK(context);
  SSL_CTX* raw = context.get();
  CHECK(SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1);
  CHECK(SSL_CTX_set_cipher_list(raw, kCiphers) == 1);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  // Resumption is by tickets alone, so that the server keeps nothing for each client.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(raw, &select_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(raw, &no_passphrase);

  if (SSL_CTX_use_certificate_chain_file(raw, certificate_file.c_str()) != 1) {
    return refuse(
        fmt::format("The TLS certificate in {} cannot be used: a readable PEM file with the server's "
                    "certificate first is expected.",
                    certificate_file));
  }
  if (SSL_CTX_use_PrivateKey_file(raw, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return refuse(
        fmt::format("The TLS key in {} cannot be used: a readable PEM file without a passphrase, with the "
                    "key of the certificate in {}, is expected.",
                    key_file, certificate_file));
  }
  return TlsIdentity(std::move(context));
}

void TlsSession::SslFree::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

TlsSession::TlsSession(const TlsIdentity& identity) : ssl_(SSL_new(identity.context_.get())) {
  CHECK(ssl_);
  BIO* from_peer = BIO_new(BIO_s_mem());
  BIO* to_peer = BIO_new(BIO_s_mem());
  CHECK(from_peer != nullptr && to_peer != nullptr);
  // An empty buffer means that more may come, not that the peer has gone.
  BIO_set_mem_eof_return(from_peer, -1);
  SSL_set_bio(ssl_.get(), from_peer, to_peer);
  SSL_set_accept_state(ssl_.get());
}

TlsSession::~TlsSession() = default;
TlsSession::TlsSession(TlsSession&& other) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&& other) noexcept = default;

void TlsSession::receive(BytesView bytes, Bytes& plain) {
  if (state_ == State::Failed || state_ == State::Closed) return;
  const ErrorQueueGuard guard;
  ERR_clear_error();
  CHECK(BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size())) ==
        static_cast<int>(bytes.size()));
  if (state_ == State::Handshake) {
    const int result = SSL_do_handshake(ssl_.get());
    if (result != 1) return note_failure(result);
    state_ = State::Open;
  }
  read_into(plain);
}

void TlsSession::read_into(Bytes& plain) {
  std::array<char, kRecordLength> record;
  while (true) {
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), record.data(), record.size(), &count);
    if (result != 1) return note_failure(result);
    plain.append(record.data(), count);
  }
}

void TlsSession::note_failure(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return;
    case SSL_ERROR_ZERO_RETURN:
      state_ = State::Closed;
      return;
    default:
      state_ = State::Failed;
  }
}

void TlsSession::send(BytesView plain) {
  // After the peer's close_notify, the other direction still works (RFC 8446 section 6.1).
  if (plain.empty() || state_ == State::Handshake || state_ == State::Failed) return;
  const ErrorQueueGuard guard;
  ERR_clear_error();
  std::size_t written = 0;
  // A memory BIO takes everything, so there are no partial writes.
  if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) != 1) state_ = State::Failed;
}

void TlsSession::close() {
  if (state_ == State::Handshake || state_ == State::Failed) return;
  const ErrorQueueGuard guard;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

Bytes TlsSession::take_output() {
  BIO* bio = SSL_get_wbio(ssl_.get());
  Bytes output(written_to(bio));
  CHECK(BIO_reset(bio) == 1);
  return output;
}

}  // namespace doorward::crypto
