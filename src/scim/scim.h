#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/metrics.h"
#include "crypto/seal.h"
#include "http/message.h"
#include "scim/bearers.h"
#include "scim/groups.h"
#include "scim/operation.h"
#include "scim/recorder.h"
#include "scim/users.h"
#include "storage/database.h"

namespace doorward::scim {

struct Dependencies {
  storage::Database& database;
  const Clock& clock;
  /// For cursors.
  const crypto::Sealer& sealer;
  /// Without a final slash.
  const std::string& public_url;
  metrics::Registry& metrics;
  RateLimit rate_limit = {};
};

/// The endpoints below /scim/v2 (RFC 7644 section 3.2). Every answer, failures included, is in SCIM's form;
/// the provisioning token says whose account it is.
class Scim {
 public:
  explicit Scim(const Dependencies& dependencies);
  Scim(const Scim&) = delete;
  Scim& operator=(const Scim&) = delete;

  /// GET, POST /Users
  Result<http::Response> users(const http::Request& request);
  /// GET, PUT, PATCH, DELETE /Users/{id}
  Result<http::Response> user(const http::Request& request);
  /// POST /Users/.search
  Result<http::Response> search_users(const http::Request& request);
  /// GET, POST /Groups
  Result<http::Response> groups(const http::Request& request);
  /// GET, PUT, PATCH, DELETE /Groups/{id}
  Result<http::Response> group(const http::Request& request);
  /// POST /Groups/.search
  Result<http::Response> search_groups(const http::Request& request);
  /// POST /Bulk
  Result<http::Response> bulk(const http::Request& request);
  /// /Me with a provisioning token, which is nobody's own: 501 (RFC 7644 section 3.11).
  Result<http::Response> me(const http::Request& request);
  /// GET /Me of somebody who is signed in: their own User.
  Result<http::Response> own(const http::Request& request, const directory::Employee& employee);
  /// POST /.search: 501, since Users and Groups are no one list here; the answer says where to search.
  Result<http::Response> search_everything(const http::Request& request);

  Result<http::Response> service_provider_config(const http::Request& request);
  /// GET /Schemas, /Schemas/{id}
  Result<http::Response> schemas(const http::Request& request);
  Result<http::Response> schema(const http::Request& request);
  /// GET /ResourceTypes, /ResourceTypes/{name}
  Result<http::Response> resource_types(const http::Request& request);
  Result<http::Response> resource_type(const http::Request& request);

  /// Writes last-used times and the log of reads and failures. Call it about once a second and at the end.
  Result<void> flush();

  /// The answer to a failure of any room at an address below /scim/.
  static http::Response error_response(const Error& error);
  static http::Response error_response(const http::Request& request, const Error& error);
  /// The answer to what http/ refuses before it is a request: `reason` says why, as a noun.
  static http::Response refusal_response(http::Status status, std::string_view reason);

 private:
  using Work = std::function<Result<Answer>(Operation&)>;

  /// Authentication, the operation, its answer over HTTP, and the log of what changed nothing.
  Result<http::Response> run(const http::Request& request, const Work& work);
  http::Response respond(const http::Request& request, const Work& work);
  http::Response refuse(const http::Request& request, const Refusal& refusal);
  http::Response answer_failure(const Operation& operation, const Error& error);

  Result<http::Response> collection(const http::Request& request, Kind kind);
  Result<http::Response> resource(const http::Request& request, Kind kind);
  Result<http::Response> search_by_post(const http::Request& request, Kind kind);
  Result<http::Response> not_implemented(const http::Request& request, std::string_view why);

  Result<Answer> perform(Kind kind, const Operation& operation);
  Result<Answer> search(Kind kind, const Operation& operation, const protocol::SearchRequest& request,
                        std::string_view query);
  Result<Answer> perform_bulk(const Operation& operation);

  storage::Database& database_;
  const Clock& clock_;
  const crypto::Sealer& sealer_;
  const std::string base_url_;
  metrics::Counter& changed_;
  metrics::Counter& read_;
  metrics::Counter& failed_;
  Bearers bearers_;
  Recorder recorder_;
  Users users_;
  Groups groups_;
};

}  // namespace doorward::scim
