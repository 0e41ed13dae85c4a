#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.h"
#include "json/json.h"

namespace doorward::simulator::test {

struct RecordedRequest {
  std::string method;
  std::string path;   ///< Behind `/scim/v2`, decoded.
  std::string query;  ///< Raw.
  std::string authorization;
  std::string content_type;
  std::string body;

  /// `PATCH /Users/u1`
  std::string line() const { return method + " " + path; }
  json::Object object() const;
};

/// A SCIM server on a free loopback port: knows how to find, create and delete, takes every PATCH without
/// applying it, and remembers what it was asked.
class ScimServer {
 public:
  ScimServer();
  ~ScimServer();

  std::string url(std::string_view behind = "") const;
  /// The requests since the last call.
  std::vector<RecordedRequest> take();
  /// Their lines alone.
  std::vector<std::string> lines();
  /// Blocks until somebody asked anything.
  void wait_for_request();
  /// A resource that is there already; its `id` is the caller's.
  void put(const std::string& type, json::Object resource);

  using Override = std::function<std::optional<http::Response>(const RecordedRequest&)>;
  /// Asked before anything else; an answer replaces the server's own.
  void answer_by(Override override);

 private:
  http::Response answer(const http::Request& request);
  http::Response list(const std::string& type, const std::string& query) const;
  http::Response create(const std::string& type, const std::string& body);

  SystemClock clock_;
  metrics::Registry metrics_;
  mutable std::mutex mutex_;
  std::condition_variable asked_;
  std::vector<RecordedRequest> requests_;
  std::map<std::string, std::map<std::string, json::Object>> resources_;  // Type → id → resource.
  Override override_;
  int last_id_ = 0;
  std::unique_ptr<http::Server> server_;
};

http::Response scim_answer(int status, std::string body = "");
http::Response empty_list();

}  // namespace doorward::simulator::test
