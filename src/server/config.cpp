#include "server/config.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"
#include "net/mail.h"
#include "scim/bearers.h"
#include "server/config_file.h"
#include "server/files.h"
#include "server/nearest.h"

extern char** environ;

namespace doorward::server {

namespace {

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes;
  return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text, Number smallest, Number largest) {
  Number value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < smallest || value > largest) return std::nullopt;
  return value;
}

/// An address, or a network such as `10.0.0.0/8`.
bool is_network(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return is_address(text);
  const std::string address = text.substr(0, slash);
  const int bits = address.find(':') == std::string::npos ? 32 : 128;
  return is_address(address) && parse_number<int>(std::string_view(text).substr(slash + 1), 0, bits);
}

/// A number and one of the units s, m, h and d: `90s`, `12h`.
std::optional<Duration> parse_duration(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto count = parse_number<int>(text.substr(0, text.size() - 1), 1, 1'000'000);
  if (!count) return std::nullopt;
  switch (text.back()) {
    case 's':
      return std::chrono::seconds(*count);
    case 'm':
      return std::chrono::minutes(*count);
    case 'h':
      return std::chrono::hours(*count);
    case 'd':
      return std::chrono::hours(24) * *count;
    default:
      return std::nullopt;
  }
}

/// Session lifetimes outside these are mistakes of the unit.
bool set_lifetime(Duration& lifetime, std::string_view text) {
  const auto value = parse_duration(text);
  if (!value || *value < std::chrono::minutes(1) || *value > std::chrono::hours(24 * 366)) return false;
  lifetime = *value;
  return true;
}

bool set_refresh_interval(Config& config, std::string_view text) {
  const auto value = parse_duration(text);
  if (!value || *value < std::chrono::hours(1) || *value > std::chrono::hours(24 * 30)) return false;
  config.metadata_refresh_interval = *value;
  return true;
}

bool set_threads(int& threads, std::string_view text) {
  const auto value = parse_number<int>(text, 0, 1024);
  if (value) threads = *value;
  return value.has_value();
}

bool set_path(std::string& path, std::string_view text) {
  path = text;
  return !text.empty() && text.find('\0') == std::string_view::npos;
}

bool set_listen(Config& config, std::string_view text) {
  config.listen = text;
  return ListenAddress::parse(text).has_value();
}

bool set_public_url(Config& config, std::string_view text) {
  auto url = Url::parse(text);
  // Fragments never reach `Url`, so they are looked for in the text.
  if (!url || url->path() != "/" || !url->query().empty() || text.find_first_of("?#") != text.npos) {
    return false;
  }
  config.public_url = *std::move(url);
  return true;
}

bool set_database(Config& config, std::string_view text) {
  config.database = text;
  if (text.find('\0') != std::string_view::npos) return false;
  if (text.starts_with("sqlite:")) return text.size() > 7 && text.back() != '/';
  return text.starts_with("postgres://") || text.starts_with("postgresql://");
}

bool set_postgres_direct_url(Config& config, std::string_view text) {
  config.postgres_direct_url = text;
  if (text.find('\0') != std::string_view::npos) return false;
  return text.starts_with("postgres://") || text.starts_with("postgresql://");
}

bool set_allow_private_addresses(Config& config, std::string_view text) {
  config.allow_private_addresses = text == "true";
  return text == "true" || text == "false";
}

bool add_trusted_proxy(Config& config, std::string_view text) {
  config.trusted_proxies.emplace_back(text);
  return is_network(config.trusted_proxies.back());
}

/// An address, with a port or without; an IPv6 address with a port is in brackets.
bool is_name_server(const std::string& text) {
  if (is_address(text)) return true;
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  const bool has_port =
      parse_number<std::uint16_t>(std::string_view(text).substr(colon + 1), 1, 65535).has_value();
  const std::string host = text.substr(0, colon);
  const bool bracketed = host.starts_with("[") && host.ends_with("]");
  if (!bracketed) return has_port && host.find(':') == std::string::npos && is_address(host);
  const std::string inner = host.substr(1, host.size() - 2);
  return has_port && inner.find(':') != std::string::npos && is_address(inner);
}

bool add_dns_server(Config& config, std::string_view text) {
  config.dns_servers.emplace_back(text);
  return is_name_server(config.dns_servers.back());
}

bool set_domain_proof(Config& config, std::string_view text) {
  config.domain_proof =
      text == "administrator" ? Config::DomainProof::Administrator : Config::DomainProof::Required;
  return text == "administrator" || text == "required";
}

bool set_mail_server(Config& config, std::string_view text) {
  config.mail_server = text;
  return net::MailServer::parse(text).has_value();
}

bool set_mail_from(Config& config, std::string_view text) {
  config.mail_from = text;
  return net::Mailbox::parse(text).has_value();
}

/// A line of text that people read.
bool set_words(std::string& words, std::string_view text) {
  words = text;
  return !text.empty() && is_valid_utf8(text) && printable(text) == text;
}

/// What Apple and Google allow in the name of an app: `com.example.portal`.
bool set_app_name(std::string& name, std::string_view text) {
  name = text;
  const bool is_plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
  return is_plain && text.size() <= 255 && text.find('.') != std::string_view::npos && text.front() != '.' &&
         text.back() != '.';
}

bool add_signature_hash(Config& config, std::string_view text) {
  constexpr std::size_t kSha1Bytes = 20;
  config.mobile_android_signature_hashes.emplace_back(text);
  const auto hash = from_base64(text);
  return hash && hash->size() == kSha1Bytes;
}

/// A host name, or an origin for those who pretend to be Entra.
bool set_authority_host(Config& config, std::string_view text) {
  const bool is_url = text.find("://") != std::string_view::npos;
  const auto url = Url::parse(is_url ? std::string(text) : fmt::format("https://{}", text));
  if (!url || url->path() != "/" || !url->query().empty() || text.find_first_of("?#") != text.npos) {
    return false;
  }
  config.mobile_authority_host = url->origin();
  return url->is_https() || url->is_loopback();
}

bool set_log_level(Config& config, std::string_view text) {
  constexpr std::array<std::pair<std::string_view, log::Level>, 4> kLevels = {{
      {"debug", log::Level::Debug},
      {"info", log::Level::Info},
      {"warning", log::Level::Warning},
      {"error", log::Level::Error},
  }};
  for (const auto& [name, level] : kLevels) {
    if (name != text) continue;
    config.log_level = level;
    return true;
  }
  return false;
}

using Shape = Setting::Shape;

constexpr std::array kSettings = {
    Setting{"listen", "--listen", Shape::Value, "HOST:PORT",
            "Address to listen on; port 0 takes a free one (default 127.0.0.1:8080)",
            "an address and a port, for example 127.0.0.1:8080, 0.0.0.0:443 or [::1]:8080", set_listen},
    Setting{"public_url", "--public-url", Shape::Value, "URL",
            "Where browsers reach Doorward (default: the listener's address, if that is loopback)",
            "an address without a path, for example https://sso.example.com", set_public_url},
    Setting{"database", "--database", Shape::Value, "URL", "Database (default sqlite:var/doorward.db)",
            "sqlite:PATH or postgres://USER@HOST/NAME", set_database},
    Setting{"postgres.direct_url", "--postgres-direct-url", Shape::Value, "URL",
            "The PostgreSQL server itself, where --database leads to a pooler such as pgbouncer",
            "postgres://USER@HOST/NAME", set_postgres_direct_url},
    Setting{"postgres.connections", "--postgres-connections", Shape::Value, "COUNT",
            "Connections to PostgreSQL at most (default 20)", "a whole number between 2 and 1000",
            [](Config& c, std::string_view text) {
              const auto count = parse_number<int>(text, 2, 1000);
              c.postgres_connections = count.value_or(0);
              return count.has_value();
            }},
    Setting{"key_file", "--key-file", Shape::Value, "FILE",
            "File of the key that seals secrets in the database (default: beside the SQLite file, ending in "
            ".key)",
            "the path of a file",
            [](Config& c, std::string_view text) { return set_path(c.key_file, text); }},
    Setting{"trusted_proxies", "--trusted-proxy", Shape::List, "ADDRESS",
            "Reverse proxy whose X-Forwarded-For is believed; may be given several times",
            "IP addresses or networks, for example [\"10.0.0.5\", \"10.1.0.0/16\"]", add_trusted_proxy,
            [](Config& c) { c.trusted_proxies.clear(); }},
    Setting{"log_level", "--log-level", Shape::Value, "LEVEL", "debug, info, warning or error (default info)",
            "debug, info, warning or error", set_log_level},
    Setting{"tls.certificate_file", "--tls-certificate-file", Shape::Value, "FILE",
            "Certificate chain in PEM form; Doorward serves https then", "the path of a file",
            [](Config& c, std::string_view text) { return set_path(c.tls_certificate_file, text); }},
    Setting{"tls.key_file", "--tls-key-file", Shape::Value, "FILE",
            "Private key of the certificate in PEM form", "the path of a file",
            [](Config& c, std::string_view text) { return set_path(c.tls_key_file, text); }},
    Setting{"outbound.allow_private_addresses", "--allow-private-addresses", Shape::Switch, "",
            "Let metadata be fetched from private and loopback addresses (default: refused)", "true or false",
            set_allow_private_addresses},
    Setting{"outbound.ca_file", "--ca-file", Shape::Value, "FILE",
            "Certificate authorities that outbound https trusts besides the system's", "the path of a file",
            [](Config& c, std::string_view text) { return set_path(c.ca_file, text); }},
    Setting{"metadata.refresh_interval", "--metadata-refresh-interval", Shape::Value, "TIME",
            "How often identity providers' metadata is fetched again (default 24h)",
            "a time between 1h and 30d, for example 12h or 2d", set_refresh_interval},
    Setting{"domains.proof", "--domains-proof", Shape::Value, "PROOF",
            "What makes a domain that an administrator adds the company's: required (a DNS record) or "
            "administrator (their word; default required)",
            "required or administrator", set_domain_proof},
    Setting{"dns.servers", "--dns-server", Shape::List, "ADDRESS[:PORT]",
            "Name server to ask for such records instead of the system's; may be given several times",
            "IP addresses, each with or without a port, for example [\"10.0.0.53\", \"[fd00::53]:5353\"]",
            add_dns_server, [](Config& c) { c.dns_servers.clear(); }},
    Setting{"mail.server", "--mail-server", Shape::Value, "URL",
            "Server that takes Doorward's mails (default: none are sent)",
            "smtps://HOST or smtp://HOST, with a port or without, for example smtps://mail.example.com",
            set_mail_server},
    Setting{"mail.from", "--mail-from", Shape::Value, "ADDRESS", "Whom the mails come from",
            "an address, with a name or without, for example \"Contoso portal <portal@contoso.example>\"",
            set_mail_from},
    Setting{"mail.user", "--mail-user", Shape::Value, "NAME", "User name at the mail server (default: none)",
            "a user name", [](Config& c, std::string_view text) { return set_words(c.mail_user, text); }},
    Setting{"mail.password_file", "--mail-password-file", Shape::Value, "FILE",
            "File with the password at the mail server in its first line", "the path of a file",
            [](Config& c, std::string_view text) { return set_path(c.mail_password_file, text); }},
    Setting{"support.contact", "--support-contact", Shape::Value, "TEXT",
            "Whom people may ask, as mails name them (default: their administrator)",
            "a line of text, for example \"the IT desk, phone 1234\"",
            [](Config& c, std::string_view text) { return set_words(c.support_contact, text); }},
    Setting{"session.idle_lifetime", "--session-idle-lifetime", Shape::Value, "TIME",
            "How long a session lives without a request (default 12h)",
            "a time between 1m and 366d, for example 30m, 12h or 7d",
            [](Config& c, std::string_view text) { return set_lifetime(c.session_idle, text); }},
    Setting{"session.absolute_lifetime", "--session-absolute-lifetime", Shape::Value, "TIME",
            "How long a session lives at most (default 7d)",
            "a time between 1m and 366d, for example 30m, 12h or 7d",
            [](Config& c, std::string_view text) { return set_lifetime(c.session_absolute, text); }},
    Setting{"scim.requests_per_second", "--scim-requests-per-second", Shape::Value, "COUNT",
            "How many SCIM requests a provisioning token may send (default 2000)",
            "a whole number from 25 (what Entra needs) to 1000000",
            [](Config& c, std::string_view text) {
              const auto value = parse_number<int>(text, scim::RateLimit::kLeastPerSecond, 1'000'000);
              if (value) c.scim_requests_per_second = *value;
              return value.has_value();
            }},
    Setting{"mobile.ios_bundle_id", "--mobile-ios-bundle-id", Shape::Value, "NAME",
            "Bundle ID of the portal's app for iOS (default: there is none)",
            "a bundle ID, for example com.example.portal",
            [](Config& c, std::string_view text) { return set_app_name(c.mobile_ios_bundle_id, text); }},
    Setting{"mobile.android_package", "--mobile-android-package", Shape::Value, "NAME",
            "Package name of the portal's app for Android (default: there is none)",
            "a package name, for example com.example.portal",
            [](Config& c, std::string_view text) { return set_app_name(c.mobile_android_package, text); }},
    Setting{"mobile.android_signature_hashes", "--mobile-android-signature-hash", Shape::List, "HASH",
            "Base64 of the SHA-1 of a certificate that the app for Android is signed with; may be given "
            "several times",
            "SHA-1 hashes in base64, for example [\"VzSiQcXRmi2kyjzcA+mYLEtbGVs=\"]", add_signature_hash,
            [](Config& c) { c.mobile_android_signature_hashes.clear(); }},
    Setting{"mobile.authority_host", "--mobile-authority-host", Shape::Value, "HOST",
            "Where people sign in to the mobile app (default login.microsoftonline.com)",
            "a host name, for example login.microsoftonline.us, or an https address without a path",
            set_authority_host},
    Setting{"threads.io", "--io-threads", Shape::Value, "COUNT",
            "Threads that read and write connections (default 0: one a core)",
            "a whole number from 0 to 1024",
            [](Config& c, std::string_view text) { return set_threads(c.io_threads, text); }},
    Setting{"threads.worker", "--worker-threads", Shape::Value, "COUNT",
            "Threads that run requests (default 0: four a core, at least 8)", "a whole number from 0 to 1024",
            [](Config& c, std::string_view text) { return set_threads(c.worker_threads, text); }},
};

/// Collects what each source says, the weakest first.
class Reader {
 public:
  void read_file(const ConfigSources& sources);
  void read_environment(const ConfigSources& sources);
  void read_flags(const ConfigSources& sources);
  void finish();

  Config config;
  std::vector<ConfigProblem> problems;

 private:
  void apply(const Setting& setting, const std::vector<std::string>& texts, const std::string& where);
  void apply_from_file(const FileValue& value, const std::string& where);
  void unknown_key(const std::string& key, const std::string& where);
};

void Reader::apply(const Setting& setting, const std::vector<std::string>& texts, const std::string& where) {
  if (setting.clear != nullptr) setting.clear(config);
  for (const std::string& text : texts) {
    if (setting.set(config, text)) continue;
    // A database URL may hold a password.
    const std::string shown = setting.key == "database" || setting.key == "postgres.direct_url"
                                  ? ""
                                  : fmt::format(" is “{}” but", printable(text));
    problems.push_back({where, fmt::format("{}{} must be {}.", setting.key, shown, setting.expected)});
  }
}

void Reader::unknown_key(const std::string& key, const std::string& where) {
  std::vector<std::string_view> keys;
  std::string hint;
  for (const Setting& setting : kSettings) {
    keys.push_back(setting.key);
    if (setting.key.ends_with('.' + key)) hint = fmt::format(" Did you mean {}?", setting.key);
  }
  if (const auto near = nearest(key, keys); near && hint.empty()) {
    hint = fmt::format(" Did you mean {}?", *near);
  }
  problems.push_back({where, fmt::format("There is no setting {}.{}", printable(key), hint)});
}

void Reader::apply_from_file(const FileValue& value, const std::string& where) {
  const auto is_section = [&](const Setting& s) { return s.key.starts_with(value.key + '.'); };
  if (value.shape == FileValue::Shape::EmptyTable && std::ranges::any_of(kSettings, is_section)) return;
  const auto* setting = std::ranges::find(kSettings, value.key, &Setting::key);
  if (setting == kSettings.end()) return unknown_key(value.key, where);
  const bool is_list = value.shape == FileValue::Shape::List;
  if ((!is_list && value.shape != FileValue::Shape::Scalar) || (is_list && setting->shape != Shape::List)) {
    problems.push_back({where, fmt::format("{} must be {}.", setting->key, setting->expected)});
    return;
  }
  apply(*setting, value.texts, where);
}

void Reader::read_file(const ConfigSources& sources) {
  const std::string path = sources.file.value_or(std::string(ConfigSources::kDefaultFile));
  if (!sources.file && access(path.c_str(), F_OK) != 0) return;
  const auto text = read_whole_file(path, 1024 * 1024);
  if (!text) {
    problems.push_back({path, text.error().message});
    return;
  }
  const auto values = parse_config_file(*text);
  if (!values) {
    problems.push_back({path, values.error().message});
    return;
  }
  for (const FileValue& value : *values) {
    apply_from_file(value, fmt::format("{}, line {}", path, value.line));
  }
}

void Reader::read_environment(const ConfigSources& sources) {
  for (const Setting& setting : kSettings) {
    const auto found = sources.environment.find(setting.environment_name());
    if (found == sources.environment.end() || found->second.empty()) continue;
    std::vector<std::string> texts;
    if (setting.shape == Shape::List) {
      for (const std::string_view piece : split(found->second, ','))
        texts.emplace_back(trim(piece));
    } else {
      texts.push_back(found->second);
    }
    apply(setting, texts, found->first);
  }
}

void Reader::read_flags(const ConfigSources& sources) {
  for (const Setting& setting : kSettings) {
    std::vector<std::string> texts;
    for (const auto& [flag, text] : sources.flags) {
      if (flag == setting.flag) texts.push_back(text);
    }
    if (!texts.empty()) apply(setting, texts, std::string(setting.flag));
  }
}

/// What can only be judged when all is known.
void Reader::finish() {
  if (!problems.empty()) return;
  const auto path = config.sqlite_path();
  if (config.key_file.empty() && path) {
    config.key_file = (path->ends_with(".db") ? path->substr(0, path->size() - 3) : *path) + ".key";
  }
  if (config.key_file.empty()) {
    problems.push_back({"key_file",
                        "key_file must be set when the database is PostgreSQL: it has no place beside it. "
                        "Every node needs the same file."});
  }
  if (config.tls_certificate_file.empty() != config.tls_key_file.empty()) {
    problems.push_back({"tls", "tls.certificate_file and tls.key_file must be set together."});
  }
  if (!config.public_url && !ListenAddress::parse(config.listen)->is_loopback()) {
    problems.push_back(
        {"public_url",
         fmt::format("public_url must be set when listen is {}: it is the address that browsers "
                     "and identity providers use, for example https://sso.example.com.",
                     config.listen)});
  }
  if (!config.mail_server.empty() && config.mail_from.empty()) {
    problems.push_back({"mail", "mail.from must be set together with mail.server: mails need a sender."});
  }
  if (config.mail_user.empty() != config.mail_password_file.empty()) {
    problems.push_back({"mail", "mail.user and mail.password_file must be set together."});
  }
  if (config.session_idle > config.session_absolute) {
    problems.push_back(
        {"session", "session.idle_lifetime must not be longer than session.absolute_lifetime."});
  }
}

}  // namespace

std::optional<std::string> Config::sqlite_path() const {
  constexpr std::string_view kScheme = "sqlite:";
  if (!database.starts_with(kScheme)) return std::nullopt;
  return database.substr(kScheme.size());
}

std::string Config::shown_database() const {
  if (sqlite_path()) return printable(database, 4096);
  // Passwords stand before the @ or in the query (`?password=`).
  const std::string without_query = database.substr(0, database.find('?'));
  const auto scheme_end = without_query.find("://") + 3;
  const auto at = without_query.rfind('@');
  const auto colon = without_query.find(':', scheme_end);
  if (at == std::string::npos || colon == std::string::npos || colon > at) return printable(without_query);
  return printable(without_query.substr(0, colon) + without_query.substr(at));
}

std::optional<ListenAddress> ListenAddress::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1), 0, 65535);
  if (!port) return std::nullopt;
  std::string host(text.substr(0, colon));
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host != "localhost" && !is_address(host)) return std::nullopt;
  if (bracketed != (host.find(':') != std::string::npos)) return std::nullopt;
  return ListenAddress{std::move(host), *port};
}

bool ListenAddress::is_loopback() const {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Url public_url(const Config& config, std::uint16_t port) {
  if (config.public_url) return *config.public_url;
  const auto address = ListenAddress::parse(config.listen);
  CHECK(address && address->is_loopback());
  const std::string host =
      address->host.find(':') == std::string::npos ? address->host : '[' + address->host + ']';
  // A command that runs without a server knows no port when any will do; http's own stands in for it.
  const std::uint16_t shown_port = address->port != 0 ? address->port : port;
  const std::string scheme = config.tls_certificate_file.empty() ? "http" : "https";
  const std::string text = shown_port == 0 ? fmt::format("{}://{}", scheme, host)
                                           : fmt::format("{}://{}:{}", scheme, host, shown_port);
  auto url = Url::parse(text);
  CHECK(url.has_value());
  return *std::move(url);
}

std::string Setting::environment_name() const {
  std::string name = "DOORWARD_";
  for (const char c : key) {
    name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : '_';
  }
  return name;
}

std::span<const Setting> settings() {
  return kSettings;
}

std::map<std::string, std::string> doorward_environment() {
  std::map<std::string, std::string> found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    const auto equals = variable.find('=');
    if (!variable.starts_with("DOORWARD_") || equals == std::string_view::npos) continue;
    found.emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
  return found;
}

Result<Config, std::vector<ConfigProblem>> read_config(const ConfigSources& sources) {
  Reader reader;
  reader.read_file(sources);
  reader.read_environment(sources);
  reader.read_flags(sources);
  reader.finish();
  if (!reader.problems.empty()) return fail(std::move(reader.problems));
  return std::move(reader.config);
}

Result<Config> load_config(const ConfigSources& sources) {
  auto config = read_config(sources);
  if (config) return *std::move(config);
  const auto& problems = config.error();
  std::string message = problems.size() == 1
                            ? "The configuration has a problem."
                            : fmt::format("The configuration has {} problems.", problems.size());
  for (const ConfigProblem& problem : problems) {
    message += fmt::format("\n  {}: {}", problem.where, problem.message);
  }
  return fail(ErrorKind::InvalidInput, "config.invalid", std::move(message));
}

}  // namespace doorward::server
