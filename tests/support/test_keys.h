#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include "base/check.h"
#include "crypto/key.h"

namespace doorward::test {

/// A key of tests/data/keys: `rsa_a` or `rsa_b`. Making an RSA key takes longer than most tests.
inline crypto::PrivateKey test_key(const std::string& name) {
  std::ifstream file(std::string(DOORWARD_TEST_DATA) + "/keys/" + name + ".pem");
  std::ostringstream pem;
  pem << file.rdbuf();
  auto key = crypto::PrivateKey::from_pem(crypto::Secret(pem.str()));
  CHECK(key.has_value());
  return *std::move(key);
}

}  // namespace doorward::test
