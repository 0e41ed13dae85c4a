#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "directory/provisioning_log.h"
#include "directory/savepoint.h"
#include "http/message.h"
#include "json/json.h"
#include "scim/bearers.h"
#include "scim/changes.h"
#include "scim/protocol/query.h"
#include "storage/database.h"

namespace doorward::scim {

/// What a directory service asks of a resource, by a request of its own or within a bulk request.
struct Operation {
  const Client& client;
  http::Method method = http::Method::Get;
  /// The request target, for the log.
  std::string target = {};
  /// The resource's id; empty for the collection.
  std::string id = {};
  /// Null when there is none.
  json::Value body = nullptr;
  /// RFC 7644 section 3.14; empty when absent.
  std::string if_match = {};
  std::string if_none_match = {};
  std::string attributes = {};
  std::string excluded_attributes = {};
  std::string client_address = {};
  std::string request_id = {};
  Timestamp now = {};
  /// The bulk request's, of which this is one operation.
  storage::Transaction* transaction = nullptr;
  std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();

  directory::AccountId account() const { return client.account.id; }
  Personal personal() const { return personal_data(client.settings); }
};

/// Runs a change in a transaction of its own; an operation of a bulk request in the common one, where it
/// fails alone.
template <class Body>
std::invoke_result_t<Body, storage::Transaction&> write_for(const Operation& operation,
                                                            storage::Database& database, Body body) {
  if (operation.transaction != nullptr) return directory::attempt(*operation.transaction, std::move(body));
  return database.write(std::move(body));
}

/// What came of an operation.
struct Answer {
  http::Status status = http::Status::Ok;
  /// Null for no body.
  json::Value body = nullptr;
  std::string location = {};
  /// 0 when there is no entity tag to tell.
  std::int64_t version = 0;

  // For the log.
  directory::ProvisioningOutcome outcome = directory::ProvisioningOutcome::Read;
  std::string summary = {};
  std::string subject = {};
};

/// The answer over HTTP (RFC 7644 section 3.1).
http::Response response_of(const Answer& answer);

/// Which kind of resource an operation writes.
enum class Kind : std::uint8_t { User, Group };
/// `kForbidden` when the token's scope does not reach so far, and for one that no administrator has accepted.
Result<void> require_scope(const Client& client, Kind kind);

/// `kPreconditionFailed` unless If-Match is absent, `*`, or names the version (RFC 9110 section 13.1.1,
/// compared weakly), and when If-None-Match names it (section 13.1.2).
Result<void> check_version(const Operation& operation, std::int64_t version);
/// Whether If-None-Match names the version, so that 304 is the answer.
bool is_unchanged_for(const Operation& operation, std::int64_t version);

tl::unexpected<Error> no_resource(Kind kind);

Result<protocol::Projection> projection_of(const Operation& operation, const protocol::ResourceType& type);

/// The log's line for an operation.
directory::NewProvisioningEntry log_entry(const Operation& operation, const Answer& answer,
                                          const std::vector<Change>& changes = {});
/// For one that failed.
directory::NewProvisioningEntry log_entry(const Operation& operation, const Error& error,
                                          const http::Response& response);

/// Notes a change in its own transaction.
Result<void> record_change(storage::Transaction& transaction, const Operation& operation,
                           const Answer& answer, const std::vector<Change>& changes);

}  // namespace doorward::scim
