#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>

#include "directory/directory_test.h"
#include "directory/provisioning_log.h"
#include "directory/provisioning_tokens.h"
#include "json/json.h"
#include "scim/scim.h"
#include "support/fake_clock.h"

namespace doorward::scim {

/// What came back, and its body if it has one.
struct Reply {
  http::Response response;
  json::Value body;

  int status() const { return static_cast<int>(response.status); }
  std::string header(std::string_view name) const {
    return std::string(response.headers.find(name).value_or(""));
  }
  std::string text(std::string_view name) const {
    const json::Value* value = body.is_object() ? body.get_object().if_contains(name) : nullptr;
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
  }
  std::string id() const { return text("id"); }
  std::string scim_type() const { return text("scimType"); }
  std::int64_t total() const { return body.at("totalResults").to_number<std::int64_t>(); }
};

/// A company with a provisioning token, another company, and the endpoints.
class ScimTest : public directory::DirectoryTest {
 protected:
  using Handler = Result<http::Response> (Scim::*)(const http::Request&);

  std::string issue(const directory::Account& account,
                    directory::NewProvisioningToken token = {.name = "Entra"}) {
    const auto secret = directory::ProvisioningSecret::issue(account);
    write([&](storage::Transaction& transaction) {
      return directory::create_provisioning_token(transaction, account, secret, token, kSupport,
                                                  clock_.now());
    });
    return std::string(secret.value().reveal());
  }

  http::Request request(http::Method method, std::string query = {}, std::string body = {}) {
    http::Request made;
    made.method = method;
    made.path = "/scim/v2/Test";
    made.target = query.empty() ? made.path : made.path + "?" + query;
    made.query = std::move(query);
    made.body = std::move(body);
    made.client_address = "192.0.2.1";
    made.request_id = "test";
    made.headers.set("Authorization", "Bearer " + secret_);
    if (!made.body.empty()) made.headers.set("Content-Type", "application/scim+json");
    return made;
  }

  Reply call(Handler handler, const http::Request& request) {
    Reply reply{must((scim_.*handler)(request)), nullptr};
    if (!reply.response.body.empty()) reply.body = must(json::parse(reply.response.body));
    return reply;
  }
  Reply call(Handler handler, http::Method method, std::string query = {}, std::string body = {}) {
    return call(handler, request(method, std::move(query), std::move(body)));
  }
  /// On one resource.
  Reply call_on(Handler handler, http::Method method, const std::string& id, std::string body = {},
                std::string query = {}) {
    http::Request made = request(method, std::move(query), std::move(body));
    made.parameters = {{"id", id}};
    return call(handler, made);
  }

  Reply create_user(std::string_view user_name, std::string_view more = "") {
    return call(&Scim::users, http::Method::Post, "",
                R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" +
                    std::string(user_name) + "\"" + std::string(more) + "}");
  }
  Reply create_group(std::string_view name, std::string_view more = "") {
    return call(&Scim::groups, http::Method::Post, "",
                R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":")" +
                    std::string(name) + "\"" + std::string(more) + "}");
  }
  static std::string patch(std::string_view operations) {
    return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[)" +
           std::string(operations) + "]}";
  }

  std::vector<directory::ProvisioningEntry> log() {
    must(scim_.flush());
    return read([&](storage::Transaction& transaction) {
      return directory::list_provisioning_log(transaction, account_.id, {}, std::nullopt, 100);
    });
  }

  test::FakeClock clock_{kNow};
  metrics::Registry metrics_;
  std::string public_url_ = "https://sso.example.com";
  directory::Account account_ = add_account("contoso");
  directory::Account other_ = add_account("fabrikam");
  crypto::Sealer sealer_{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'k'))};
  Scim scim_{{*database_, clock_, sealer_, public_url_, metrics_, {}}};
  std::string secret_ = issue(account_);
};

}  // namespace doorward::scim
