#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/encoding.h"
#include "base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace doorward::crypto {

/// What a TLS server presents: a certificate chain and its key. Cheap to copy; safe to use from several
/// threads at once.
class TlsIdentity {
 public:
  /// PEM files: the server's certificate first, then the intermediate ones; a key without a passphrase.
  static Result<TlsIdentity> from_files(const std::string& certificate_file, const std::string& key_file);

 private:
  friend class TlsSession;
  explicit TlsIdentity(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

/// The server's side of one TLS connection (1.2 or 1.3; ALPN http/1.1), without I/O: the peer's bytes go in,
/// plain text comes out, and what is for the peer waits in `take_output`.
class TlsSession {
 public:
  enum class State : std::uint8_t {
    Handshake,
    Open,
    Closed,  ///< The peer said that nothing more will come.
    Failed,  ///< For good. The output may hold an alert that says why.
  };

  explicit TlsSession(const TlsIdentity& identity);
  ~TlsSession();
  TlsSession(TlsSession&& other) noexcept;
  TlsSession& operator=(TlsSession&& other) noexcept;

  State state() const { return state_; }

  /// Takes what the peer sent, and appends what it means to `plain`.
  void receive(BytesView bytes, Bytes& plain);
  /// Encrypts `plain`. Once the session failed, it goes nowhere.
  void send(BytesView plain);
  /// Says that nothing more will come from here.
  void close();

  /// What is to be sent to the peer now.
  Bytes take_output();

 private:
  struct SslFree {
    void operator()(ssl_st* ssl) const;
  };

  void read_into(Bytes& plain);
  void note_failure(int result);

  std::unique_ptr<ssl_st, SslFree> ssl_;
  State state_ = State::Handshake;
};

}  // namespace doorward::crypto
