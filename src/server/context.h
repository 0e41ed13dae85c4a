#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "crypto/secret.h"
#include "directory/access_links.h"
#include "directory/accounts.h"
#include "directory/connections.h"
#include "directory/employees.h"
#include "server/arguments.h"
#include "server/config.h"
#include "server/database_access.h"
#include "server/reply.h"

namespace doorward::server {

/// What a command works with: its arguments, the configuration and, once it asks, the database.
class Context {
 public:
  Context(Arguments arguments, const Clock& clock) : arguments_(std::move(arguments)), clock_(clock) {}

  const Arguments& arguments() const { return arguments_; }
  /// Where the configuration comes from; `config` needs `load_config` before.
  ConfigSources config_sources() const;
  Result<void> load_config();
  const Config& config() const;
  Timestamp now() const { return clock_.now(); }
  const Clock& clock() const { return clock_; }
  /// Support, under the name of whoever is logged in.
  const directory::Actor& actor() const { return actor_; }

  /// Opened at the first call.
  Result<storage::Database*> database();

  template <class Body>
  std::invoke_result_t<Body, storage::Transaction&> read(Body body) {
    ASSIGN_OR_RETURN(storage::Database * opened, database());
    return opened->read(std::move(body));
  }
  template <class Body>
  std::invoke_result_t<Body, storage::Transaction&> write(Body body) {
    ASSIGN_OR_RETURN(storage::Database * opened, database());
    return opened->write(std::move(body));
  }

  /// The account that the positional `ACCOUNT` names.
  Result<directory::Account> account(storage::Transaction& transaction) const;
  /// The employee of the account that the positional `EMPLOYEE` names.
  Result<directory::Employee> employee(storage::Transaction& transaction,
                                       const directory::Account& account) const;
  /// The connection that `--connection` names, else the only one.
  Result<directory::Connection> connection(storage::Transaction& transaction,
                                           const directory::Account& account) const;
  /// The department that `--department` names: by id, else by a name that only one department has.
  Result<directory::DepartmentId> department(storage::Transaction& transaction,
                                             const directory::Account& account) const;

 private:
  Arguments arguments_;
  const Clock& clock_;
  std::optional<Config> config_;
  std::optional<OpenDatabase> open_;
  directory::Actor actor_ = support_actor();

  static directory::Actor support_actor();
};

/// Where the holder of such a link goes.
std::string access_link(const Config& config, const directory::AccessLinkSecret& secret);

/// A password that a person is to have.
struct GivenPassword {
  crypto::Secret password;
  /// Made by us, so it must be shown, once.
  bool generated = false;
};

/// The first line of stdin with `--password-stdin`, otherwise a generated one.
Result<GivenPassword> take_password(const Context& context);

}  // namespace doorward::server
