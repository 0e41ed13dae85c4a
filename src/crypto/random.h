#pragma once

#include <string>

#include "base/encoding.h"
#include "crypto/secret.h"

namespace doorward::crypto {

/// `count` bytes from OpenSSL's generator. A generator that fails stops the process: nothing may go on
/// without randomness.
Bytes random_bytes(std::size_t count);

/// 256 random bits in base64url, 43 characters: session ids, tokens, codes.
Secret random_token();

/// 128 random bits as `_` and 32 hexadecimal digits: an xs:ID that is no secret. Entra refuses IDs that start
/// with a digit.
std::string random_xml_id();

/// `groups` of four characters from an alphabet without look-alikes, joined by `-`, for example `K7QM-2XPD`:
/// reference numbers that people read out.
std::string random_reference(int groups = 2);

}  // namespace doorward::crypto
