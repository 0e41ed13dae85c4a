#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "crypto/certificate.h"
#include "crypto/key.h"
#include "directory/accounts.h"
#include "directory/connections.h"
#include "directory/domains.h"
#include "directory/employees.h"
#include "storage/database.h"
#include "support/directory_database.h"

namespace doorward::directory {

/// An empty, migrated database, and short ways to fill it.
class DirectoryTest : public testing::Test {
 protected:
  /// Whatever a test did, the totals are those of the rows.
  void TearDown() override {
    EXPECT_EQ(count("SELECT count(*) FROM accounts WHERE employee_total <>"
                    " (SELECT count(*) FROM employees WHERE employees.account_id = accounts.id)"),
              0);
  }

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
  template <class Body>
  auto read(Body body) {
    return must(database_->read(body));
  }
  /// The code with which a write fails; empty when it succeeds.
  template <class Body>
  std::string refusal_of(Body body) {
    const auto outcome = database_->write(body);
    return outcome ? std::string() : std::string(outcome.error().code.name());
  }

  Account add_account(std::string_view name, Plan plan = Plan::Enterprise) {
    return write([&](storage::Transaction& transaction) {
      return create_account(transaction, {.name = std::string(name), .plan = plan}, kSupport, kNow);
    });
  }

  Employee add_employee(const Account& account, std::string_view user_name, std::string_view email = {}) {
    return add_employee({.account = account.id,
                         .profile = {.user_name = std::string(user_name),
                                     .email = std::string(email.empty() ? user_name : email)}});
  }
  Employee add_employee(const NewEmployee& employee) {
    return write([&](storage::Transaction& transaction) {
      return create_employee(transaction, employee, kSupport, kNow);
    });
  }

  static const Bytes& certificate() {
    static const Bytes kDer =
        crypto::Certificate::self_signed(crypto::PrivateKey::generate_ec(crypto::KeyType::EcP256), "idp",
                                         kNow, kNow + std::chrono::hours(24))
            .der();
    return kDer;
  }
  static Provider provider(std::string_view entity_id) {
    return {.entity_id = std::string(entity_id),
            .sign_on = {{.binding = Binding::Redirect, .url = "https://idp.example/sso"}},
            .logout = {{.binding = Binding::Redirect, .url = "https://idp.example/slo"}},
            .signing_certificates = {certificate()}};
  }
  Connection add_connection(const Account& account, std::string_view entity_id, std::string_view name = {}) {
    return write([&](storage::Transaction& transaction) {
      return create_connection(
          transaction, {.account = account.id, .provider = provider(entity_id), .name = std::string(name)},
          kSupport, kNow);
    });
  }

  Domain add_domain(const Account& account, std::string_view name,
                    std::optional<ConnectionId> connection = {}) {
    return write([&](storage::Transaction& transaction) {
      return directory::add_domain(
          transaction, {.account = account.id, .name = std::string(name), .connection = connection}, kSupport,
          kNow);
    });
  }

  Account reload(const Account& account) {
    return read([&](storage::Transaction& transaction) { return load_account(transaction, account.id); });
  }
  Employee reload(const Employee& employee) {
    return read([&](storage::Transaction& transaction) {
      return load_employee(transaction, employee.account, employee.id);
    });
  }

  std::int64_t count(std::string_view sql) {
    return *read([&](storage::Transaction& transaction) {
      return transaction.first(sql, {}, [](const storage::Row& row) { return row.integer(0); });
    });
  }

  static constexpr Timestamp kNow = from_millis(1'800'000'000'000);
  inline static const Actor kSupport = {ActorKind::Support, "operator"};
  inline static const Actor kAdministrator = {ActorKind::Administrator, "ada@contoso.com"};
  inline static const Actor kDirectory = {ActorKind::Directory, "Entra"};

  test::DirectoryDatabase test_database_;
  std::unique_ptr<storage::Database> database_ = test_database_.open();
};

}  // namespace doorward::directory
