#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace doorward::net::test {

/// One question as it came.
struct DnsQuestion {
  enum class Carrier : std::uint8_t { Datagram, Stream };

  /// The whole message.
  std::string message;
  Carrier carrier = Carrier::Datagram;
  /// From 1.
  int number = 0;

  /// With dots between the labels.
  std::string name() const;
  /// The name, type and class in their wire form.
  std::string wire() const;
};

/// What an answer says; `message` is its wire form (RFC 1035 section 4.1).
struct DnsReply {
  int code = 0;
  bool truncated = false;
  /// Resource records in their wire form.
  std::vector<std::string> records = {};
  /// Instead of the number of records.
  int claimed_count = -1;

  std::string message(const DnsQuestion& question) const;
};

/// A TXT record for the name that was asked for, with these strings.
std::string txt_record(const std::vector<std::string>& strings);
/// A TXT record with any content.
std::string txt_record_of(std::string_view content);

/// A name server on a free loopback port, over UDP and TCP, that answers each question with whatever messages
/// the handler gives, in a thread of its own.
class NameServer {
 public:
  using Handler = std::function<std::vector<std::string>(const DnsQuestion& question)>;

  explicit NameServer(Handler handler);
  /// Answers everything so.
  explicit NameServer(DnsReply reply);
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::vector<DnsQuestion> questions() const;

 private:
  void bind_both();
  void serve();
  void serve_stream();
  std::vector<std::string> answers_to(std::string message, DnsQuestion::Carrier carrier);

  Handler handler_;
  int datagrams_ = -1;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> ends_ = false;
  mutable std::mutex mutex_;
  std::vector<DnsQuestion> questions_;  // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace doorward::net::test
