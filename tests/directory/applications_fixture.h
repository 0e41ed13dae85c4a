#pragma once

#include <string>
#include <vector>

#include "directory/deliveries.h"
#include "directory/departments.h"
#include "directory/grants.h"
#include "directory/groups.h"
#include "directory/notices.h"
#include "directory/sessions.h"
#include "directory_test.h"

namespace doorward::directory {

/// Two accounts with an employee each, and short ways to give applications something.
class ApplicationsFixture : public DirectoryTest {
 protected:
  static ApplicationSettings settings(std::string_view name) {
    return {.name = std::string(name),
            .scope = "openid profile email groups offline_access",
            .redirect_uris = {"https://app.example/callback"},
            .backchannel_logout_uri = "https://app.example/logout"};
  }
  static ApplicationSettings chosen(std::string_view name, std::vector<std::string> departments,
                                    std::vector<std::string> groups = {}) {
    ApplicationSettings made = settings(name);
    made.access = ApplicationAccess::Chosen;
    made.departments = std::move(departments);
    made.groups = std::move(groups);
    return made;
  }
  Application add_application(const NewApplication& application) {
    return write([&](storage::Transaction& transaction) {
      return create_application(transaction, application, kAdministrator, kNow);
    });
  }
  Application add_application(std::string_view name) {
    return add_application({.account = account_.id, .settings = settings(name)});
  }
  std::string refusal(ApplicationKind kind, const ApplicationSettings& wanted) {
    return refusal_of([&](storage::Transaction& transaction) {
      return create_application(transaction, {.account = account_.id, .kind = kind, .settings = wanted},
                                kAdministrator, kNow);
    });
  }
  Application update(const Application& application, const ApplicationSettings& wanted) {
    return write([&](storage::Transaction& transaction) {
      return update_application(transaction, application.id, wanted, kAdministrator, kNow);
    });
  }

  Session open_session(const Employee& employee, SignInMethod method = SignInMethod::Saml) {
    return write([&](storage::Transaction& transaction) -> Result<Session> {
      ASSIGN_OR_RETURN(const Account account, load_account(transaction, employee.account));
      return create_session(transaction, SessionToken::issue(account),
                            {.account = account.id, .employee = employee.id, .method = method}, {}, kNow);
    });
  }
  NewGrant new_grant(const Application& application, const Employee& employee) {
    return {.account = employee.account,
            .application = application.id,
            .employee = employee.id,
            .scope = "openid offline_access",
            .signed_in_at = kNow,
            .expires_at = kNow + std::chrono::hours(24 * 180),
            .client_address = "192.0.2.1"};
  }
  Grant give(const NewGrant& grant) {
    return write([&](storage::Transaction& transaction) { return create_grant(transaction, grant, kNow); });
  }
  Grant give(const Application& application, const Employee& employee) {
    return give(new_grant(application, employee));
  }
  /// One that ends with the session.
  Grant give(const Application& application, const Employee& employee, const Session& session) {
    NewGrant grant = new_grant(application, employee);
    grant.session = session.id;
    grant.sid = session.public_id;
    return give(grant);
  }
  std::string refusal_to_give(const NewGrant& grant) {
    return refusal_of(
        [&](storage::Transaction& transaction) { return create_grant(transaction, grant, kNow); });
  }
  GrantToken add(const Grant& grant, TokenKind kind, std::optional<std::int64_t> predecessor = {},
                 Duration lives = std::chrono::hours(1)) {
    return write([&](storage::Transaction& transaction) -> Result<GrantToken> {
      ASSIGN_OR_RETURN(const Account account, load_account(transaction, grant.account));
      GrantToken token = GrantToken::issue(account, kind);
      RETURN_IF_ERROR(add_token(transaction, account.id, token,
                                {.grant = grant.id,
                                 .scope = "openid",
                                 .expires_at = kNow + lives,
                                 .redirect_uri = "https://app.example/callback",
                                 .code_challenge = "challenge",
                                 .nonce = "nonce",
                                 .predecessor = predecessor},
                                kNow));
      return token;
    });
  }
  std::optional<TokenBearer> bearer(const GrantToken& token, Timestamp now = kNow) {
    return read(
        [&](storage::Transaction& transaction) { return find_token_bearer(transaction, token, now); });
  }
  Exchanged exchange(const GrantToken& token, const Application& application, Timestamp now = kNow) {
    return write([&](storage::Transaction& transaction) {
      return exchange_token(transaction, token, application.id, now);
    });
  }

  /// `<application's name> <subject> <sid>` of each logout that waits.
  std::vector<std::string> logouts() {
    return read([&](storage::Transaction& transaction) {
      return transaction.all(
          "SELECT p.name || ' ' || d.subject || ' ' || d.sid FROM deliveries AS d"
          " JOIN applications AS p ON p.id = d.application_id ORDER BY d.id",
          {}, [](const storage::Row& row) { return std::string(row.text(0)); });
    });
  }
  std::int64_t grants() { return count("SELECT count(*) FROM grants"); }

  Department add_department(std::string_view name, std::optional<DepartmentId> parent = {}) {
    return write([&](storage::Transaction& transaction) {
      return create_department(
          transaction, {.account = account_.id, .name = std::string(name), .parent = parent}, kSupport, kNow);
    });
  }
  void move(const Employee& employee, const Department& department) {
    write([&](storage::Transaction& transaction) {
      return move_employee(transaction, employee.account, employee.id, department.id, kAdministrator, kNow);
    });
  }
  Group add_group(std::string_view name) {
    return write([&](storage::Transaction& transaction) {
      return create_group(transaction, {.account = account_.id, .display_name = std::string(name)},
                          kDirectory, kNow);
    });
  }
  void join(const Group& group, const Employee& employee) {
    const std::vector<std::string> ids = {employee.public_id};
    write([&](storage::Transaction& transaction) {
      return add_members(transaction, account_.id, group.id, ids, kDirectory, kNow);
    });
  }
  bool may(const Application& application, const Employee& employee) {
    const Employee now = reload(employee);
    return read([&](storage::Transaction& transaction) { return may_use(transaction, application, now); });
  }
  std::vector<AuditEntry> audit(std::string_view action) {
    auto entries = read(
        [&](storage::Transaction& transaction) { return list_audit(transaction, account_.id, {}, 1000); });
    std::erase_if(entries, [&](const AuditEntry& entry) { return entry.action != action; });
    return entries;
  }

  Account account_ = add_account("contoso");
  Account other_ = add_account("fabrikam");
  Employee bob_ = add_employee(account_, "bob@contoso.com");
  Employee eve_ = add_employee(other_, "eve@fabrikam.com");
};

}  // namespace doorward::directory
