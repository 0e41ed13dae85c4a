#include "crypto/random.h"

#include <openssl/rand.h>

#include "base/check.h"
#include "crypto/openssl.h"

namespace doorward::crypto {

namespace {

// No look-alikes (0/O, 1/I/L, 2/Z, 5/S, 8/B), and no vowels, so that no word appears by accident.
constexpr std::string_view kReferenceAlphabet = "34679CDFGHJKMNPQRTVWXY";
constexpr std::size_t kReferenceGroupLength = 4;

}  // namespace

Bytes random_bytes(std::size_t count) {
  Bytes bytes(count, '\0');
  CHECK(RAND_bytes(octets(bytes), static_cast<int>(count)) == 1);
  return bytes;
}

Secret random_token() {
  Bytes bytes = random_bytes(32);
  Secret token(to_base64url(bytes));
  wipe(bytes);
  return token;
}

std::string random_xml_id() {
  return '_' + to_hex(random_bytes(16));
}

std::string random_reference(int groups) {
  CHECK(groups > 0);
  // Bytes from here on are drawn again, or the first letters would come up more often.
  constexpr std::size_t kLimit = 256 / kReferenceAlphabet.size() * kReferenceAlphabet.size();
  const std::size_t characters = static_cast<std::size_t>(groups) * kReferenceGroupLength;
  std::string reference;
  std::size_t drawn = 0;
  while (drawn < characters) {
    for (const char c : random_bytes(characters - drawn)) {
      const std::size_t value = static_cast<unsigned char>(c);
      if (value >= kLimit) continue;
      if (drawn > 0 && drawn % kReferenceGroupLength == 0) reference += '-';
      reference += kReferenceAlphabet[value % kReferenceAlphabet.size()];
      ++drawn;
    }
  }
  return reference;
}

}  // namespace doorward::crypto
