#pragma once

#include "base/result.h"
#include "crypto/seal.h"
#include "server/config.h"
#include "storage/database.h"

namespace doorward::server {

/// The key file, made when nothing in the database needs one yet. Fails when it is missing or another one
/// than the database's secrets were sealed with: better at the start than at the first sign-in.
Result<crypto::Sealer> open_key_file(const Config& config, storage::Database& database);

}  // namespace doorward::server
