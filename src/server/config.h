#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/url.h"

namespace doorward::server {

/// Everything an operator can choose. Valid in itself: `load_config` makes no other.
struct Config {
  /// `HOST:PORT`; port 0 takes a free one.
  std::string listen = "127.0.0.1:8080";
  /// Where browsers reach us, without a path. Absent: the listener's own address, which is loopback then.
  std::optional<Url> public_url;
  std::string database = "sqlite:var/doorward.db";
  /// As `storage::OpenOptions`.
  std::string postgres_direct_url;
  int postgres_connections = 20;
  /// Beside an SQLite file unless it was chosen.
  std::string key_file;
  /// Both or neither.
  std::string tls_certificate_file;
  std::string tls_key_file;
  /// Addresses whose X-Forwarded-For is believed.
  std::vector<std::string> trusted_proxies;
  bool allow_private_addresses = false;
  /// Certificate authorities that outbound https trusts besides the system's; empty for none.
  std::string ca_file;
  /// How often identity providers' metadata is fetched again.
  Duration metadata_refresh_interval = std::chrono::hours(24);
  Duration session_idle = std::chrono::hours(12);
  Duration session_absolute = std::chrono::hours(24 * 7);
  /// Of one provisioning token; five times as many in a burst.
  int scim_requests_per_second = 2'000;
  /// What makes a domain the account's that an administrator adds in the console.
  enum class DomainProof : std::uint8_t { Required, Administrator };
  DomainProof domain_proof = DomainProof::Required;
  /// As `net::DnsOptions::servers`.
  std::vector<std::string> dns_servers;
  /// `net::MailServer::parse` takes it; empty: no mails are sent.
  std::string mail_server;
  /// `net::Mailbox::parse` takes it.
  std::string mail_from;
  std::string mail_user;
  /// Holds the password in its first line.
  std::string mail_password_file;
  /// Whom employees and administrators may ask, as mails and pages name them; empty for nobody.
  std::string support_contact;
  /// The portal's mobile app as the stores know it; empty where there is none.
  std::string mobile_ios_bundle_id;
  std::string mobile_android_package;
  /// Base64 of the SHA-1 of each certificate that the Android app is signed with.
  std::vector<std::string> mobile_android_signature_hashes;
  /// Where people sign in to it: an origin.
  std::string mobile_authority_host = "https://login.microsoftonline.com";
  /// 0: chosen by the number of cores.
  int io_threads = 0;
  int worker_threads = 0;
  log::Level log_level = log::Level::Info;

  /// The path of an SQLite database; nothing for PostgreSQL.
  std::optional<std::string> sqlite_path() const;
  /// The database's URL without a password, for people and logs.
  std::string shown_database() const;
};

/// `listen` taken apart: a name, an IPv4 address, or an IPv6 address without its brackets.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;

  static std::optional<ListenAddress> parse(std::string_view text);
  bool is_loopback() const;
};

/// The configured public URL, else the one of a listener on loopback with `port` in place of the configured
/// one when that is 0.
Url public_url(const Config& config, std::uint16_t port = 0);

/// One thing that can be set, and the names it goes by.
struct Setting {
  enum class Shape : std::uint8_t { Value, Switch, List };

  /// In the file: `tls.certificate_file` is `certificate_file` below `[tls]`.
  std::string_view key;
  std::string_view flag;
  Shape shape;
  std::string_view placeholder;
  std::string_view help;
  /// What a valid value looks like; completes "it must be …".
  std::string_view expected;
  /// False when the text is no valid value. One of a list adds it.
  bool (*set)(Config& config, std::string_view text);
  /// Of lists: forgets what a weaker source said.
  void (*clear)(Config& config) = nullptr;

  /// `DOORWARD_TLS_CERTIFICATE_FILE`.
  std::string environment_name() const;
};

/// In the order of the documentation.
std::span<const Setting> settings();

/// Where values come from, the strongest last.
struct ConfigSources {
  static constexpr std::string_view kDefaultFile = "doorward.toml";

  /// Must exist when it is given; otherwise `kDefaultFile` is read if it exists.
  std::optional<std::string> file;
  /// Variables that begin with `DOORWARD_`; an empty one counts as not set.
  std::map<std::string, std::string> environment;
  /// Flag and value, as `--listen` and `0.0.0.0:8080`; values of a list come one by one.
  std::vector<std::pair<std::string, std::string>> flags;
};

/// The `DOORWARD_` variables of this process.
std::map<std::string, std::string> doorward_environment();

struct ConfigProblem {
  /// `doorward.toml, line 3`, `DOORWARD_LISTEN` or `--listen`.
  std::string where;
  /// What is wrong and what was expected, as a sentence.
  std::string message;
};

/// Defaults, then the file, the environment and the flags. Collects every problem instead of stopping at the
/// first.
Result<Config, std::vector<ConfigProblem>> read_config(const ConfigSources& sources);

/// The same with the problems joined into one error.
Result<Config> load_config(const ConfigSources& sources);

}  // namespace doorward::server
