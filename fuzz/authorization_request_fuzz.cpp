// Queries of /oauth2/authorize: refused with an error of the specification's, or a request whose every part
// its client may have. The redirect URI is the registered one, or the same with another port on loopback.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"
#include "oidc/protocol/authorization_request.h"
#include "oidc/protocol/pkce.h"

namespace {

using namespace doorward;
using namespace doorward::oidc::protocol;

const ClientFacts& client() {
  static const ClientFacts facts{
      .redirect_uris = {"https://app.example/cb?x=1", "http://127.0.0.1/cb", "com.example.app:/cb"},
      .scope = Scope("openid email offline_access"),
      .requires_pkce = true};
  return facts;
}

Parameters read_query(std::string_view input) {
  Parameters parameters;
  for (const std::string_view pair : split(input, '&')) {
    const auto equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), PlusSign::Space);
    auto value =
        percent_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), PlusSign::Space);
    if (name && value) parameters.emplace_back(*std::move(name), *std::move(value));
  }
  return parameters;
}

bool is_registered(std::string_view uri) {
  for (const std::string& registered : client().redirect_uris) {
    if (uri == registered) return true;
  }
  constexpr std::string_view kLoopback = "http://127.0.0.1:";
  if (!uri.starts_with(kLoopback) || !uri.ends_with("/cb")) return false;
  const std::string_view port = uri.substr(kLoopback.size(), uri.size() - kLoopback.size() - 3);
  return !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string_view::npos;
}

void check_request(const AuthorizationRequest& request) {
  CHECK(!request.client_id.empty() && is_registered(request.redirect_uri));
  CHECK(!request.scope.empty() && request.scope.within(client().scope));
  CHECK(is_code_challenge(request.code_challenge));
  CHECK(!request.wants(Prompt::None) || request.prompts.size() == 1);
  for (const std::string& value : {request.state, request.nonce, request.login_hint, request.account}) {
    CHECK(is_valid_utf8(value) && value.find('\n') == std::string::npos && value.size() <= 4096);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Parameters parameters = read_query({reinterpret_cast<const char*>(data), size});
  const auto redirect_uri = find_redirect_uri(parameters, client());
  const auto request = read_authorization_request(parameters, client());
  if (!redirect_uri) {
    CHECK(!redirect_uri.error().description.empty() && !request);
    return 0;
  }
  CHECK(is_registered(*redirect_uri));
  const AnswerAddress address = answer_address(parameters, *redirect_uri);
  if (request) {
    check_request(*request);
    CHECK(address.state == request->state && address.response_mode == request->response_mode);
  } else {
    CHECK(!request.error().error.empty() && !request.error().description.empty());
  }
  // An answer leads where the redirect URI leads, whatever the state holds.
  const std::string answer = with_parameters(*redirect_uri, {{"code", "c"}, {"state", address.state}});
  CHECK(answer.starts_with(*redirect_uri));
  const std::string_view added = std::string_view(answer).substr(redirect_uri->size());
  CHECK(added.find_first_of("\r\n #<>\"'\\@/") == std::string_view::npos);
  return 0;
}
