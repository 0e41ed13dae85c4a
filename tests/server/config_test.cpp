#include "server/config.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

namespace doorward::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string source_file(const std::string& path) {
  std::ifstream file(std::filesystem::path(DOORWARD_TEST_DATA).parent_path().parent_path() / path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A folder of its own for each test, with a configuration file in it.
class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    std::string pattern = testing::TempDir() + "doorward-config-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  Result<Config, std::vector<ConfigProblem>> read(const std::string& file, ConfigSources sources = {}) {
    sources.file = folder_ / "doorward.toml";
    std::ofstream(*sources.file) << file;
    return read_config(sources);
  }

  std::string problems(const std::string& file, const ConfigSources& sources = {}) {
    const auto config = read(file, sources);
    if (config) return "none";
    std::string text;
    for (const ConfigProblem& problem : config.error()) {
      text += std::filesystem::path(problem.where).filename().string() + ": " + problem.message + "\n";
    }
    return text;
  }

  std::filesystem::path folder_;
};

TEST_F(ConfigTest, HasDefaultsForEverything) {
  const auto config = read("");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->listen, "127.0.0.1:8080");
  EXPECT_EQ(config->database, "sqlite:var/doorward.db");
  EXPECT_EQ(config->key_file, "var/doorward.key");
  EXPECT_EQ(public_url(*config).text(), "http://127.0.0.1:8080/");
}

TEST_F(ConfigTest, TheStrongerSourceWins) {
  ConfigSources sources;
  const std::string file = "listen = '127.0.0.1:1'\nlog_level = 'error'\n[session]\nidle_lifetime = '5m'";
  sources.environment = {{"DOORWARD_LISTEN", "127.0.0.1:2"}, {"DOORWARD_SESSION_IDLE_LIFETIME", "6m"}};
  sources.flags = {{"--listen", "127.0.0.1:3"}};
  const auto config = read(file, sources);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->listen, "127.0.0.1:3");
  EXPECT_EQ(config->session_idle, std::chrono::minutes(6));
  EXPECT_EQ(config->log_level, log::Level::Error);
}

TEST_F(ConfigTest, AListFromAStrongerSourceReplacesTheWeaker) {
  ConfigSources sources;
  sources.environment = {{"DOORWARD_TRUSTED_PROXIES", "10.0.0.2, 10.1.0.0/16"}};
  const std::string file = "trusted_proxies = ['10.0.0.1']";
  EXPECT_THAT(read(file)->trusted_proxies, ElementsAre("10.0.0.1"));
  EXPECT_THAT(read(file, sources)->trusted_proxies, ElementsAre("10.0.0.2", "10.1.0.0/16"));
  sources.flags = {{"--trusted-proxy", "::1"}, {"--trusted-proxy", "::2"}};
  EXPECT_THAT(read(file, sources)->trusted_proxies, ElementsAre("::1", "::2"));
}

TEST_F(ConfigTest, ReadsHowDomainsAreProven) {
  ConfigSources sources;
  EXPECT_EQ(read("")->domain_proof, Config::DomainProof::Required);
  EXPECT_THAT(read("")->dns_servers, IsEmpty());
  const std::string file = "[domains]\nproof = 'administrator'\n[dns]\nservers = ['10.0.0.53']";
  EXPECT_EQ(read(file)->domain_proof, Config::DomainProof::Administrator);
  EXPECT_THAT(read(file)->dns_servers, ElementsAre("10.0.0.53"));
  sources.environment = {{"DOORWARD_DNS_SERVERS", "127.0.0.1:5353, ::1, [fd00::53]:53"},
                         {"DOORWARD_DOMAINS_PROOF", "required"}};
  EXPECT_EQ(read(file, sources)->domain_proof, Config::DomainProof::Required);
  EXPECT_THAT(read(file, sources)->dns_servers, ElementsAre("127.0.0.1:5353", "::1", "[fd00::53]:53"));
  sources.flags = {{"--dns-server", "10.0.0.54"}};
  EXPECT_THAT(read("trusted_proxies = ['10.0.0.1']\n" + file, sources)->dns_servers,
              ElementsAre("10.0.0.54"));
  EXPECT_THAT(read("trusted_proxies = ['10.0.0.1']\n" + file, sources)->trusted_proxies,
              ElementsAre("10.0.0.1"));
}

TEST_F(ConfigTest, ReadsTheMobileApp) {
  EXPECT_EQ(read("")->mobile_authority_host, "https://login.microsoftonline.com");
  EXPECT_EQ(read("")->mobile_ios_bundle_id, "");
  const auto config = read(
      "[mobile]\nios_bundle_id = 'com.example.portal'\nandroid_package = 'com.example.portal_app'\n"
      "android_signature_hashes = ['VzSiQcXRmi2kyjzcA+mYLEtbGVs=']\nauthority_host = "
      "'login.microsoftonline.us'");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->mobile_ios_bundle_id, "com.example.portal");
  EXPECT_EQ(config->mobile_android_package, "com.example.portal_app");
  EXPECT_THAT(config->mobile_android_signature_hashes, ElementsAre("VzSiQcXRmi2kyjzcA+mYLEtbGVs="));
  EXPECT_EQ(config->mobile_authority_host, "https://login.microsoftonline.us");
  EXPECT_EQ(read("[mobile]\nauthority_host = 'http://127.0.0.1:9000/'")->mobile_authority_host,
            "http://127.0.0.1:9000");
  for (const char* line :
       {"ios_bundle_id = 'portal'", "ios_bundle_id = 'com.example/x'", "ios_bundle_id = 'com.example.'",
        "android_package = 'com.example. portal'", "android_signature_hashes = ['abc']",
        "android_signature_hashes = ['57:34:A2:41']", "authority_host = 'http://login.example'",
        "authority_host = 'https://login.example/tenant'", "authority_host = 'https://login.example/?x'",
        "authority_host = 'a b'", "authority_host = ''"}) {
    EXPECT_NE(problems("[mobile]\n" + std::string(line)), "none") << line;
  }
}

TEST_F(ConfigTest, AnEmptyVariableIsNotSet) {
  ConfigSources sources;
  sources.environment = {{"DOORWARD_LISTEN", ""}};
  EXPECT_EQ(read("listen = '127.0.0.1:1'", sources)->listen, "127.0.0.1:1");
}

TEST_F(ConfigTest, NamesAnUnknownKeyItsLineAndTheNearest) {
  EXPECT_EQ(problems("\nlisen = '127.0.0.1:1'"),
            "doorward.toml, line 2: There is no setting lisen. Did you mean listen?\n");
  EXPECT_EQ(
      problems("[tls]\ncertificate = 'x'"),
      "doorward.toml, line 2: There is no setting tls.certificate. Did you mean tls.certificate_file?\n");
  EXPECT_EQ(problems("ca_file = 'x'"),
            "doorward.toml, line 1: There is no setting ca_file. Did you mean outbound.ca_file?\n");
  EXPECT_EQ(problems("[tsl]\nkey_file = 'x'"),
            "doorward.toml, line 2: There is no setting tsl.key_file. Did you mean tls.key_file?\n");
  EXPECT_EQ(problems("[post]"), "doorward.toml, line 1: There is no setting post.\n");
  EXPECT_EQ(problems("[tls]"), "none");
  EXPECT_THAT(problems("[[listen]]\nx = 1"), HasSubstr("listen must be"));
}

TEST_F(ConfigTest, ReportsEveryProblemAtOnce) {
  ConfigSources sources;
  sources.environment = {{"DOORWARD_LOG_LEVEL", "loud"}};
  sources.flags = {{"--io-threads", "-1"}};
  const std::string text = problems("listen = 8080\npublic_url = 'sso.example.com'\nnonsense = 1", sources);
  EXPECT_THAT(text, HasSubstr("line 1: listen is “8080” but must be an address and a port"));
  EXPECT_THAT(text, HasSubstr("line 2: public_url is “sso.example.com” but must be"));
  EXPECT_THAT(text, HasSubstr("line 3: There is no setting nonsense"));
  EXPECT_THAT(text, HasSubstr("DOORWARD_LOG_LEVEL: log_level is “loud” but must be debug, info"));
  EXPECT_THAT(text, HasSubstr("--io-threads: threads.io is “-1” but must be a whole number"));

  sources.file = folder_ / "doorward.toml";
  const auto joined = load_config(sources);
  ASSERT_FALSE(joined);
  EXPECT_EQ(joined.error().kind, ErrorKind::InvalidInput);
  EXPECT_THAT(joined.error().message, HasSubstr("The configuration has 5 problems.\n  "));
}

TEST_F(ConfigTest, RefusesWrongValues) {
  for (const char* line : {"listen = ''",
                           "listen = 'localhost'",
                           "listen = 'localhost:'",
                           "listen = 'localhost:65536'",
                           "listen = 'localhost:-1'",
                           "listen = '::1:80'",
                           "listen = '[127.0.0.1]:80'",
                           "listen = '[::1:80'",
                           "listen = 'example.com:80'",
                           "listen = ['127.0.0.1:80']",
                           "listen = 1.5",
                           "listen = 2026-01-01",
                           "public_url = 'ftp://a'",
                           "public_url = 'https://a/b'",
                           "public_url = 'https://a/?q'",
                           "public_url = 'https://a/#f'",
                           "public_url = 'https://u:p@a'",
                           "database = 'var/doorward.db'",
                           "database = 'sqlite:'",
                           "database = 'sqlite:var/'",
                           "database = 'mysql://x/y'",
                           "postgres.direct_url = 'sqlite:x'",
                           "postgres.direct_url = ''",
                           "postgres.connections = 1",
                           "postgres.connections = 1001",
                           "postgres.connections = 'many'",
                           "key_file = ''",
                           "key_file = \"a\\u0000b\"",
                           "trusted_proxies = ['proxy']",
                           "trusted_proxies = ['10.0.0.0/33']",
                           "trusted_proxies = ['::/-1']",
                           "trusted_proxies = [['10.0.0.1']]",
                           "log_level = 'INFO'",
                           "domains.proof = ''",
                           "domains.proof = 'none'",
                           "domains.proof = true",
                           "dns.servers = ['ns.example']",
                           "dns.servers = ['']",
                           "dns.servers = ['10.0.0.53:0']",
                           "dns.servers = ['10.0.0.53:']",
                           "dns.servers = ['10.0.0.53:65536']",
                           "dns.servers = ['[10.0.0.53]:53']",
                           "dns.servers = ['[::1]']",
                           "dns.servers = ['[::1:53']",
                           "dns.servers = ['10.0.0.53,10.0.0.54']",
                           "dns.servers = 'tcp://10.0.0.53'",
                           "outbound.allow_private_addresses = 'yes'",
                           "outbound.allow_private_addresses = 1",
                           "session.idle_lifetime = 30",
                           "session.idle_lifetime = '30'",
                           "session.idle_lifetime = 'h'",
                           "session.idle_lifetime = '1.5h'",
                           "session.idle_lifetime = '5s'",
                           "session.idle_lifetime = '-5h'",
                           "session.absolute_lifetime = '99999999999d'",
                           "threads.worker = 1025",
                           "threads.worker = 'many'"}) {
    EXPECT_FALSE(read(line)) << line;
  }
}

TEST_F(ConfigTest, RefusesWhatDoesNotGoTogether) {
  EXPECT_THAT(problems("tls.certificate_file = 'x'"), HasSubstr("must be set together"));
  EXPECT_THAT(problems("listen = '0.0.0.0:80'"), HasSubstr("public_url must be set"));
  EXPECT_EQ(problems("listen = '0.0.0.0:80'\npublic_url = 'https://a.example'"), "none");
  EXPECT_THAT(problems("database = 'postgres://h/d'"), HasSubstr("key_file must be set"));
  EXPECT_THAT(problems("session.idle_lifetime = '8d'"), HasSubstr("must not be longer"));
}

TEST_F(ConfigTest, SaysWhereTheFileIsBroken) {
  EXPECT_THAT(problems("listen = '127.0.0.1:1'\nlisten = '127.0.0.1:2'"), HasSubstr("line 2"));
  EXPECT_THAT(problems("a = \n"), HasSubstr("line 1"));
  EXPECT_THAT(problems("\xFF\xFE"), HasSubstr("line 1"));
  ConfigSources sources;
  sources.file = folder_ / "none.toml";
  EXPECT_THAT(read_config(sources).error().front().message, HasSubstr("No such file"));
  sources.file = folder_;
  EXPECT_THAT(read_config(sources).error().front().message, HasSubstr("directory"));
}

TEST_F(ConfigTest, NeverShowsADatabasePassword) {
  const std::string url = "postgres://doorward:geheim@db.example/doorward?password=geheim";
  EXPECT_THAT(problems("key_file = 'k'\ndatabase = 'postgre://doorward:geheim@db/x'"),
              testing::Not(HasSubstr("geheim")));
  EXPECT_THAT(problems("key_file = 'k'\npostgres.direct_url = 'postgre://doorward:geheim@db/x'"),
              testing::Not(HasSubstr("geheim")));
  Config config;
  config.database = url;
  EXPECT_EQ(config.shown_database(), "postgres://doorward@db.example/doorward");
  config.database = "postgres://db.example:5432/doorward";
  EXPECT_EQ(config.shown_database(), config.database);
}

TEST_F(ConfigTest, DerivesThePublicUrlFromALoopbackListener) {
  EXPECT_EQ(public_url(*read("listen = '[::1]:8443'\ntls = {certificate_file = 'c', key_file = 'k'}")).text(),
            "https://[::1]:8443/");
  EXPECT_EQ(public_url(*read("listen = 'localhost:0'"), 4711).text(), "http://localhost:4711/");
  EXPECT_EQ(public_url(*read("public_url = 'https://SSO.example.com:443/'"), 4711).text(),
            "https://sso.example.com/");
}

TEST(Settings, AreAllInThePackagedFileAndTheDocumentation) {
  const std::string packaged = source_file("packaging/doorward.toml");
  const std::string documentation = source_file("docs/configuration.md");
  for (const Setting& setting : settings()) {
    const std::string_view name = setting.key.substr(setting.key.find('.') + 1);
    EXPECT_THAT(packaged, HasSubstr("\n#" + std::string(name) + " = ")) << setting.key;
    EXPECT_THAT(documentation, HasSubstr("`" + std::string(setting.key) + "`"));
    EXPECT_THAT(documentation, HasSubstr("`" + setting.environment_name() + "`"));
    EXPECT_THAT(documentation, HasSubstr("`" + std::string(setting.flag)));
  }
}

TEST_F(ConfigTest, ThePackagedFileIsValidAsItIsAndWithEveryLineSwitchedOn) {
  const std::string packaged = source_file("packaging/doorward.toml");
  EXPECT_EQ(problems(packaged), "none");
  std::istringstream lines(packaged);
  std::string all;
  for (std::string line; std::getline(lines, line);) {
    const bool is_setting = line.starts_with('#') && !line.starts_with("# ");
    all += (is_setting ? line.substr(1) : line) + '\n';
  }
  EXPECT_EQ(problems(all), "none");
}

}  // namespace
}  // namespace doorward::server
