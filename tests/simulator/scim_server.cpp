#include "simulator/scim_server.h"

#include "base/check.h"
#include "base/log.h"
#include "simulator/scim_target.h"

namespace doorward::simulator::test {

namespace {

constexpr std::string_view kBase = "/scim/v2";

json::Object list_of(json::Array resources) {
  json::Object list{{"schemas", json::Array{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}},
                    {"totalResults", resources.size()}};
  list["Resources"] = std::move(resources);
  return list;
}

}  // namespace

json::Object RecordedRequest::object() const {
  const auto value = json::parse(body);
  return value && value->is_object() ? value->get_object() : json::Object();
}

http::Response scim_answer(int status, std::string body) {
  return http::Response::bytes(static_cast<http::Status>(status), "application/scim+json", std::move(body));
}

http::Response empty_list() {
  return scim_answer(200, json::serialize(list_of({})));
}

ScimServer::ScimServer() {
  // A line for each request would bury the failures of a test.
  log::set_level(log::Level::Warning);
  http::Router router;
  using enum http::Method;
  for (const auto method : {Get, Post, Put, Patch, Delete}) {
    router.add(method, "/scim/v2/{rest...}", http::Run::Pooled,
               [this](const http::Request& request) -> Result<http::Response> { return answer(request); });
  }
  http::ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.io_threads = 1;
  auto started = http::Server::start(std::move(options), std::move(router), metrics_, clock_);
  CHECK(started);
  server_ = *std::move(started);
}

ScimServer::~ScimServer() {
  server_->stop(std::chrono::milliseconds(0));
}

std::string ScimServer::url(std::string_view behind) const {
  return "http://127.0.0.1:" + std::to_string(server_->port()) + std::string(kBase) + std::string(behind);
}

std::vector<RecordedRequest> ScimServer::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(requests_, {});
}

std::vector<std::string> ScimServer::lines() {
  std::vector<std::string> lines;
  for (const RecordedRequest& request : take())
    lines.push_back(request.line());
  return lines;
}

void ScimServer::wait_for_request() {
  std::unique_lock lock(mutex_);
  asked_.wait(lock, [this] { return !requests_.empty(); });
}

void ScimServer::put(const std::string& type, json::Object resource) {
  const std::lock_guard lock(mutex_);
  const std::string id(resource.at("id").as_string());
  resources_[type][id] = std::move(resource);
}

void ScimServer::answer_by(Override override) {
  const std::lock_guard lock(mutex_);
  override_ = std::move(override);
}

http::Response ScimServer::answer(const http::Request& request) {
  const std::lock_guard lock(mutex_);
  RecordedRequest recorded{std::string(http::name_of(request.method)),
                           request.path.substr(kBase.size()),
                           request.query,
                           std::string(request.headers.find("Authorization").value_or("")),
                           std::string(request.headers.find("Content-Type").value_or("")),
                           request.body};
  requests_.push_back(recorded);
  asked_.notify_all();
  if (override_) {
    if (auto answer = override_(recorded)) return *std::move(answer);
  }
  const auto slash = recorded.path.find('/', 1);
  const std::string type = recorded.path.substr(1, slash - 1);
  const std::string id = slash == std::string::npos ? "" : recorded.path.substr(slash + 1);
  if (recorded.method == "GET") return list(type, request.query);
  if (recorded.method == "POST") return create(type, request.body);
  if (!resources_[type].contains(id)) return scim_answer(404, "{}");
  if (recorded.method == "DELETE") resources_[type].erase(id);
  return scim_answer(204);
}

http::Response ScimServer::list(const std::string& type, const std::string& query) const {
  const auto form = http::Form::parse(query);
  const std::string filter(form ? form->find("filter").value_or("") : "");
  const auto equals = filter.rfind(" eq ");
  json::Array found;
  if (equals != std::string::npos && resources_.contains(type)) {
    const auto target = ScimTarget::parse(filter.substr(0, equals));
    const auto wanted = json::parse(filter.substr(equals + 4));
    for (const auto& [id, resource] : resources_.at(type)) {
      if (target && wanted && target->read(resource) == *wanted) found.push_back(resource);
    }
  }
  return scim_answer(200, json::serialize(list_of(std::move(found))));
}

http::Response ScimServer::create(const std::string& type, const std::string& body) {
  auto value = json::parse(body);
  if (!value || !value->is_object()) return scim_answer(400, "{}");
  json::Object resource = value->get_object();
  const std::string id = (type == "Users" ? "u" : "g") + std::to_string(++last_id_);
  resource["id"] = id;
  resources_[type][id] = resource;
  return scim_answer(201, json::serialize(resource));
}

}  // namespace doorward::simulator::test
