#pragma once

#include "console/requests.h"
#include "http/message.h"

namespace doorward::console {

/// The groups of the company's directory and what they mean here, for administrators about their own account.
class GroupsApi {
 public:
  explicit GroupsApi(const Dependencies& dependencies) : deps_(dependencies) {}

  /// GET /api/v1/groups. Query: `search` (a part of the name), `after`, `limit`.
  Result<http::Response> groups(const http::Request& request);
  /// GET /api/v1/groups/{id}: with members. Query: `after`, `limit`.
  Result<http::Response> group(const http::Request& request);
  /// GET /api/v1/groups/{id}/mapping-effect: what a mapping would do, and to how many people. Query:
  /// `administrator`, `department`.
  Result<http::Response> mapping_effect(const http::Request& request);
  /// PUT /api/v1/groups/{id}/mapping {administrator, department}: `department` is an id or null.
  Result<http::Response> map(const http::Request& request);

 private:
  Dependencies deps_;
};

}  // namespace doorward::console
