#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "http/router.h"
#include "simulator/model.h"

namespace doorward::simulator {

struct Settings {
  /// Where browsers find the simulator: scheme, host and port, without a slash behind.
  std::string public_url;
  /// Where the state is kept; empty: nowhere.
  std::string state_file;
};

/// An application that somebody signed in to during a session.
struct Participant {
  std::string app_id;
  std::string name_id;
  std::string name_id_format;
  std::string session_index;
};

/// What an OpenID Connect client exchanges for tokens.
struct AuthorizationCode {
  std::string value;
  std::string app_id;
  std::string redirect_uri;
  std::string nonce;
  std::string code_challenge;
  std::string scope;
  Timestamp issued;
};

/// A browser that is signed in to the simulator.
struct Session {
  std::string tenant_id;
  std::string user_id;
  Timestamp authenticated;
  std::vector<Participant> participants;
  /// Not exchanged yet.
  std::vector<AuthorizationCode> codes = {};
};

using Sessions = std::map<std::string, Session, std::less<>>;

/// What a handler works with. The simulator's lock is held for as long as it lives.
struct Call {
  const http::Request& request;
  State& state;
  Sessions& sessions;
  const Settings& settings;
  Timestamp now;
};

/// The time by the tenant's clock, which can be set wrong on purpose.
inline Timestamp now_in(const Call& call, const Tenant& tenant) {
  return call.now + tenant.clock_offset;
}

class ProvisioningService;

/// What a handler works with that waits for an application's answers: it holds the lock only inside `locked`.
struct WaitingCall {
  const http::Request& request;
  ProvisioningService& provisioning;
  std::function<Result<http::Response>(const std::function<Result<http::Response>(Call&)>&)> locked;
};

using WaitingHandler = Result<http::Response> (*)(WaitingCall&);

struct WaitingRoute {
  http::Method method;
  const char* pattern;
  WaitingHandler handler;
};

using CallHandler = Result<http::Response> (*)(Call&);

/// A row of the table of routes.
struct CallRoute {
  http::Method method;
  const char* pattern;
  CallHandler handler;
};

/// What the route's `{tenant}`, `{user}`, `{group}` and `{application}` name; fails with NotFound.
Result<Tenant*> tenant_of(Call& call);
Result<User*> user_of(Call& call, Tenant& tenant);
Result<Group*> group_of(Call& call, Tenant& tenant);
Result<Application*> application_of(Call& call, Tenant& tenant);

// Each file of screens lists its routes.
std::vector<CallRoute> directory_routes();
std::vector<CallRoute> user_routes();
std::vector<CallRoute> application_routes();
std::vector<CallRoute> single_sign_on_routes();
std::vector<CallRoute> registration_routes();
std::vector<CallRoute> sign_in_routes();
std::vector<CallRoute> openid_routes();
std::vector<CallRoute> my_apps_routes();
std::vector<CallRoute> provisioning_routes();
std::vector<WaitingRoute> provisioning_waiting_routes();
std::vector<CallRoute> api_routes();
std::vector<CallRoute> provisioning_api_routes();
std::vector<WaitingRoute> provisioning_api_waiting_routes();

}  // namespace doorward::simulator
