#include "simulator/xmlsec1.h"

#include <fstream>
#include <iterator>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "support/temporary_folder.h"

namespace doorward::simulator::test {

namespace {

void write_file(const std::string& path, std::string_view content) {
  std::ofstream out(path, std::ios::binary);
  out << content;
  CHECK(out.good());
}

bool run(std::vector<std::string> arguments) {
  std::vector<char*> raw;
  for (std::string& argument : arguments)
    raw.push_back(argument.data());
  raw.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  CHECK(posix_spawnp(&child, raw[0], &actions, nullptr, raw.data(), environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

bool xmlsec1_verifies(std::string_view xml, std::string_view certificate_pem,
                      std::string_view signature_xpath) {
  const doorward::test::TemporaryFolder folder;
  write_file(folder.file("message.xml"), xml);
  write_file(folder.file("certificate.pem"), certificate_pem);
  std::vector<std::string> arguments{"xmlsec1", "--verify", "--pubkey-cert-pem",
                                     folder.file("certificate.pem")};
  for (const char* element :
       {"urn:oasis:names:tc:SAML:2.0:assertion:Assertion", "urn:oasis:names:tc:SAML:2.0:protocol:Response",
        "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor"}) {
    arguments.insert(arguments.end(), {"--id-attr:ID", element});
  }
  // The keys inside the message must not help.
  arguments.insert(arguments.end(), {"--enabled-key-data", "rsa"});
  if (!signature_xpath.empty())
    arguments.insert(arguments.end(), {"--node-xpath", std::string(signature_xpath)});
  arguments.push_back(folder.file("message.xml"));
  return run(std::move(arguments));
}

std::string xmlsec1_decrypts(std::string_view xml, std::string_view private_key_pem) {
  const doorward::test::TemporaryFolder folder;
  write_file(folder.file("message.xml"), xml);
  write_file(folder.file("key.pem"), private_key_pem);
  if (!run({"xmlsec1", "--decrypt", "--privkey-pem", folder.file("key.pem"), "--output",
            folder.file("plain.xml"), folder.file("message.xml")})) {
    return {};
  }
  std::ifstream in(folder.file("plain.xml"), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace doorward::simulator::test
