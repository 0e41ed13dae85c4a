#include "directory/password_attempts.h"

#include <algorithm>
#include <array>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/text.h"
#include "crypto/hash.h"

namespace doorward::directory {
namespace {

/// One of the two counters of a guess.
struct Counter {
  std::string_view subject;
  Bytes key_hash;
  int free;
  std::int64_t failures = 0;
};

Duration wait_after(std::int64_t failures, int free, Duration longest) {
  if (failures < free) return Duration::zero();
  // 2^30 seconds is longer than any limit; a larger shift would overflow.
  const std::int64_t doublings = std::min<std::int64_t>(failures - free, 30);
  return std::min<Duration>(std::chrono::seconds(std::int64_t{1} << doublings), longest);
}

Bytes user_key(std::string_view user_name) {
  return crypto::sha256(fold_case(trim(user_name)));
}

/// An IPv6 subscriber has a network of 64 bits (RFC 6177) and a new address for each guess.
Bytes address_key(std::string_view client_address) {
  constexpr std::size_t kNetwork = 8;
  std::array<char, sizeof(in6_addr)> address{};
  if (inet_pton(AF_INET6, std::string(client_address).c_str(), address.data()) != 1)
    return crypto::sha256(client_address);
  return crypto::sha256(std::string_view(address.data(), kNetwork));
}

}  // namespace

Result<std::optional<Timestamp>> take_password_attempt(storage::Transaction& transaction, AccountId account,
                                                       std::string_view user_name,
                                                       std::string_view client_address,
                                                       const PasswordLimits& limits, Timestamp now) {
  std::array<Counter, 2> counters = {{{"user", user_key(user_name), limits.free_per_user},
                                      {"address", address_key(client_address), limits.free_per_address}}};
  Timestamp allowed_at = now;
  for (Counter& counter : counters) {
    RETURN_IF_ERROR(transaction.query(
        "SELECT failures, last_at FROM password_attempts"
        " WHERE account_id = $1 AND subject = $2 AND key_hash = $3",
        {account, counter.subject, storage::Blob{counter.key_hash}}, [&](const storage::Row& row) {
          const Timestamp last_at = row.time(1);
          if (now - last_at >= limits.memory) return;
          counter.failures = row.integer(0);
          allowed_at =
              std::max(allowed_at, last_at + wait_after(counter.failures, counter.free, limits.longest_wait));
        }));
  }
  if (allowed_at > now) return allowed_at;
  for (const Counter& counter : counters) {
    RETURN_IF_ERROR(transaction.execute(
        "INSERT INTO password_attempts (account_id, subject, key_hash, failures, last_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, subject, key_hash)"
        " DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at",
        {account, counter.subject, storage::Blob{counter.key_hash}, counter.failures + 1, now}));
  }
  return std::nullopt;
}

Result<void> forgive_password_attempts(storage::Transaction& transaction, AccountId account,
                                       std::string_view user_name, std::string_view client_address) {
  RETURN_IF_ERROR(transaction.execute(
      "DELETE FROM password_attempts WHERE account_id = $1 AND subject = 'user' AND key_hash = $2",
      {account, storage::Blob{user_key(user_name)}}));
  // The address keeps its other failures: one good password must not pay for guesses at other names.
  RETURN_IF_ERROR(
      transaction.execute("UPDATE password_attempts SET failures = failures - 1"
                          " WHERE account_id = $1 AND subject = 'address' AND key_hash = $2 AND failures > 0",
                          {account, storage::Blob{address_key(client_address)}}));
  return {};
}

Result<PasswordGuesses> password_guesses(storage::Transaction& transaction, AccountId account,
                                         std::string_view user_name, const PasswordLimits& limits,
                                         Timestamp now) {
  PasswordGuesses guesses;
  RETURN_IF_ERROR(transaction.query(
      "SELECT failures, last_at FROM password_attempts"
      " WHERE account_id = $1 AND subject = 'user' AND key_hash = $2",
      {account, storage::Blob{user_key(user_name)}}, [&](const storage::Row& row) {
        const Timestamp last_at = row.time(1);
        if (now - last_at >= limits.memory) return;
        guesses.failures = row.integer(0);
        guesses.last_at = last_at;
        const Timestamp allowed_at =
            last_at + wait_after(guesses.failures, limits.free_per_user, limits.longest_wait);
        if (allowed_at > now) guesses.wait_until = allowed_at;
      }));
  return guesses;
}

}  // namespace doorward::directory
