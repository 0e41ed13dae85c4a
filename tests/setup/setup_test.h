#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

#include "crypto/certificate.h"
#include "crypto/key.h"
#include "directory/accounts.h"
#include "directory/connections.h"
#include "storage/database.h"
#include "support/directory_database.h"

namespace doorward::setup {

inline constexpr Timestamp kNow = from_millis(1'772'357'400'000);  // 2026-03-01T09:30:00Z
inline constexpr Duration kYear = std::chrono::hours(24 * 365);
inline const directory::Actor kSupport{directory::ActorKind::Support, "test"};

/// An enterprise account in a fresh database.
class SetupTest : public testing::Test {
 protected:
  /// The value, or an exception that fails the test.
  template <class T>
  static T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message + " [" + result.error().detail + "]");
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }
  template <class Body>
  auto write(Body body) {
    return must(database_->write(body));
  }

  SetupTest() {
    account_ = write([](storage::Transaction& transaction) {
      return directory::create_account(transaction, {.name = "acme", .plan = directory::Plan::Enterprise},
                                       kSupport, kNow);
    });
  }

  /// Expires after `lifetime` from now on.
  static crypto::Certificate certificate(Duration lifetime = kYear) {
    static const auto kKey = crypto::PrivateKey::generate_rsa();
    return crypto::Certificate::self_signed(kKey, "idp", kNow - kYear, kNow + lifetime);
  }
  static directory::Provider provider(std::string_view entity_id,
                                      const crypto::Certificate& key = certificate()) {
    return {.entity_id = std::string(entity_id),
            .sign_on = {{directory::Binding::Redirect, "https://idp.example.com/sso"}},
            .logout = {},
            .signing_certificates = {key.der()}};
  }

  test::DirectoryDatabase test_database_;
  std::unique_ptr<storage::Database> database_ = test_database_.open();
  directory::Account account_;
};

}  // namespace doorward::setup
