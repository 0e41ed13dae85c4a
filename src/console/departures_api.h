#pragma once

#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// The batches of the brake against accidental mass deletion, and the administrator's word on them.
class DeparturesApi {
 public:
  explicit DeparturesApi(const Dependencies& dependencies) : deps_(dependencies) {}

  /// GET /api/v1/departure-batches: newest first. Query: `limit`.
  Result<http::Response> batches(const http::Request& request);
  /// GET /api/v1/departure-batches/{id}: with who left. Query: `after`, `limit`.
  Result<http::Response> batch(const http::Request& request);
  /// POST /api/v1/departure-batches/{id}/restore: gives access back; says to how many.
  Result<http::Response> restore(const http::Request& request);
  /// POST /api/v1/departure-batches/{id}/confirm: deletes the held ones for good; says how many.
  Result<http::Response> confirm(const http::Request& request);

 private:
  Dependencies deps_;
};

}  // namespace doorward::console
