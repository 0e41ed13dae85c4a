#include "oidc/protocol/authorization_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/text.h"
#include "json/json.h"
#include "oidc/protocol/jwt.h"
#include "oidc/protocol/pkce.h"

namespace doorward::oidc::protocol {

namespace {

/// Longer than any client's state that was seen; a token as a hint may be as long as a token.
constexpr std::size_t kMaxValueBytes = 4096;

struct KnownParameter {
  std::string_view name;
  std::size_t max_bytes = kMaxValueBytes;
};
// OpenID Connect Core section 3.1.2.1, 6.1 and 5.5; RFC 7636 section 4.3; and our own two. Others are ignored
// (RFC 6749 section 3.1), however often they come.
constexpr std::array<KnownParameter, 23> kKnown = {{{"client_id"},
                                                    {"redirect_uri"},
                                                    {"response_type"},
                                                    {"response_mode"},
                                                    {"scope"},
                                                    {"state"},
                                                    {"nonce"},
                                                    {"code_challenge"},
                                                    {"code_challenge_method"},
                                                    {"prompt"},
                                                    {"max_age"},
                                                    {"login_hint"},
                                                    {"id_token_hint", kMaxJwtBytes},
                                                    {"account"},
                                                    {"domain_hint"},
                                                    {"display"},
                                                    {"ui_locales"},
                                                    {"claims_locales"},
                                                    {"acr_values"},
                                                    {"claims", kMaxJwtBytes},
                                                    {"request", kMaxJwtBytes},
                                                    {"request_uri"},
                                                    {"registration", kMaxJwtBytes}}};

tl::unexpected<OAuthError> refuse(std::string error, std::string description) {
  return fail(OAuthError{std::move(error), std::move(description)});
}

/// Whether a value can go through headers, pages and the database unchanged.
bool is_plain(std::string_view value) {
  return is_valid_utf8(value) && std::none_of(value.begin(), value.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
         });
}

bool is_repeated(const Parameters& parameters, std::string_view name) {
  return std::count_if(parameters.begin(), parameters.end(),
                       [&](const auto& parameter) { return parameter.first == name; }) > 1;
}

/// Empty where it is absent: RFC 6749 section 3.1 makes no difference.
std::string_view find(const Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

/// A redirect URI on a loopback address without its port, and what follows the port.
struct LoopbackUri {
  std::string_view host;
  std::string_view rest;
  bool operator==(const LoopbackUri&) const = default;
};

std::optional<LoopbackUri> parse_loopback(std::string_view uri) {
  for (const std::string_view host : {"http://127.0.0.1", "http://[::1]"}) {
    if (!uri.starts_with(host)) continue;
    std::string_view rest = uri.substr(host.size());
    if (rest.starts_with(':')) {
      rest.remove_prefix(1);
      std::uint16_t port = 0;
      const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
      if (error != std::errc() || port == 0 || rest.front() == '0') return std::nullopt;
      rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    }
    // Anything else would go on with the host's name or turn it into a user's: 127.0.0.1.evil.example,
    // 127.0.0.1:80@evil.example.
    if (!rest.empty() && rest.front() != '/' && rest.front() != '?') return std::nullopt;
    return LoopbackUri{host, rest};
  }
  return std::nullopt;
}

bool is_same_redirect(std::string_view requested, std::string_view registered, bool is_native) {
  // RFC 9700 section 4.1.3: exact comparison of strings.
  if (requested == registered) return true;
  if (!is_native) return false;
  // RFC 8252 section 7.3.
  const auto wanted = parse_loopback(requested);
  return wanted && wanted == parse_loopback(registered);
}

Result<void, OAuthError> check_known(const Parameters& parameters) {
  for (const KnownParameter& known : kKnown) {
    // RFC 6749 section 3.1: two values are two readings.
    if (is_repeated(parameters, known.name)) {
      return refuse("invalid_request", fmt::format("The parameter {} appears twice.", known.name));
    }
    const std::string_view value = find(parameters, known.name);
    if (value.size() > known.max_bytes) {
      return refuse("invalid_request",
                    fmt::format("The parameter {} is longer than {} bytes.", known.name, known.max_bytes));
    }
    if (!is_plain(value)) {
      return refuse("invalid_request",
                    fmt::format("The parameter {} has control characters or is not UTF-8.", known.name));
    }
  }
  return {};
}

/// Core section 5.5: whoever asks for claims one by one gets those of the scopes, and no error (section
/// 5.5.1). Two demands cannot be passed over so: a certain way of authentication that is essential (5.5.1.1),
/// and a certain person.
Result<void, OAuthError> check_claims_parameter(std::string_view text) {
  if (text.empty()) return {};
  const auto value = json::parse(text, {.bytes = kMaxJwtBytes, .depth = 8, .values = 500});
  if (!value || !value->is_object()) {
    return refuse("invalid_request", "The parameter claims is no JSON object.");
  }
  const json::Value* id_token = value->get_object().if_contains("id_token");
  if (id_token == nullptr || !id_token->is_object()) return {};
  const auto member = [&](std::string_view name) -> const json::Object* {
    const json::Value* claim = id_token->get_object().if_contains(name);
    return claim != nullptr && claim->is_object() ? &claim->get_object() : nullptr;
  };
  if (const json::Object* subject = member("sub")) {
    if (subject->contains("value") || subject->contains("values")) {
      return refuse("invalid_request", "Name a certain person by id_token_hint, not by claims.");
    }
  }
  const json::Object* acr = member("acr");
  if (acr == nullptr || !(acr->contains("value") || acr->contains("values"))) return {};
  const json::Value* essential = acr->if_contains("essential");
  if (essential == nullptr || !essential->is_bool() || !essential->get_bool()) return {};
  return refuse("unmet_authentication_requirements",
                "How people sign in is their company's choice; no authentication context can be demanded.");
}

Result<void, OAuthError> refuse_unsupported(const Parameters& parameters) {
  // Core sections 3.1.2.6, 6 and 7.2.1: parameters by value or by reference in an object of their own would
  // be a second place for each of them.
  for (const std::string_view name : {"request", "request_uri", "registration"}) {
    if (find(parameters, name).empty()) continue;
    return refuse(fmt::format("{}_not_supported", name),
                  fmt::format("The parameter {} is not supported.", name));
  }
  const std::string_view response_type = find(parameters, "response_type");
  if (response_type.empty()) return refuse("invalid_request", "The parameter response_type is missing.");
  if (response_type != "code") {
    return refuse("unsupported_response_type", "Only the response_type code is supported.");
  }
  const std::string_view response_mode = find(parameters, "response_mode");
  if (!response_mode.empty() && response_mode != "query" && response_mode != "form_post") {
    return refuse("invalid_request", "The response_mode is query or form_post.");
  }
  return check_claims_parameter(find(parameters, "claims"));
}

// https://www.rfc-editor.org/rfc/rfc7636#section-4.4.1
Result<std::string, OAuthError> read_code_challenge(const Parameters& parameters, bool is_required) {
  const std::string_view challenge = find(parameters, "code_challenge");
  const std::string_view method = find(parameters, "code_challenge_method");
  if (challenge.empty()) {
    if (!method.empty()) return refuse("invalid_request", "The parameter code_challenge is missing.");
    if (is_required) return refuse("invalid_request", "PKCE is required: send a code_challenge.");
    return std::string();
  }
  // Without a method it would be `plain` (section 4.3).
  if (method != "S256") return refuse("invalid_request", "The code_challenge_method must be S256.");
  if (!is_code_challenge(challenge)) {
    return refuse("invalid_request", "The code_challenge is no SHA-256 in base64url.");
  }
  return std::string(challenge);
}

Result<std::vector<Prompt>, OAuthError> read_prompts(std::string_view text) {
  struct NamedPrompt {
    std::string_view name;
    Prompt prompt;
  };
  constexpr std::array<NamedPrompt, 4> kPrompts = {{{"none", Prompt::None},
                                                    {"login", Prompt::Login},
                                                    {"consent", Prompt::Consent},
                                                    {"select_account", Prompt::SelectAccount}}};
  std::vector<Prompt> prompts;
  for (const std::string_view name : split(text, ' ')) {
    if (name.empty()) continue;
    const auto* const known = std::find_if(kPrompts.begin(), kPrompts.end(),
                                           [&](const NamedPrompt& entry) { return entry.name == name; });
    if (known == kPrompts.end()) {
      return refuse("invalid_request", "The prompt is none, login, consent or select_account.");
    }
    if (std::find(prompts.begin(), prompts.end(), known->prompt) == prompts.end()) {
      prompts.push_back(known->prompt);
    }
  }
  if (prompts.size() > 1 && std::find(prompts.begin(), prompts.end(), Prompt::None) != prompts.end()) {
    return refuse("invalid_request", "The prompt none goes with no other.");
  }
  return prompts;
}

Result<std::optional<std::chrono::seconds>, OAuthError> read_max_age(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) {
    return refuse("invalid_request", "The max_age is no number of seconds.");
  }
  return std::chrono::seconds(seconds);
}

ResponseMode read_response_mode(const Parameters& parameters) {
  return find(parameters, "response_mode") == "form_post" ? ResponseMode::FormPost : ResponseMode::Query;
}

}  // namespace

bool AuthorizationRequest::wants(Prompt prompt) const {
  return std::find(prompts.begin(), prompts.end(), prompt) != prompts.end();
}

// https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
Result<std::string, NotRedirectable> find_redirect_uri(const Parameters& parameters,
                                                       const ClientFacts& client) {
  for (const std::string_view name : {"client_id", "redirect_uri"}) {
    if (is_repeated(parameters, name)) {
      return fail(NotRedirectable{fmt::format("The parameter {} appears twice.", name)});
    }
  }
  const std::string_view requested = find(parameters, "redirect_uri");
  if (requested.empty()) return fail(NotRedirectable{"The parameter redirect_uri is missing."});
  for (const std::string& registered : client.redirect_uris) {
    if (is_same_redirect(requested, registered, client.requires_pkce)) return std::string(requested);
  }
  return fail(NotRedirectable{
      fmt::format("The redirect_uri “{}” is not registered for this application.", printable(requested))});
}

AnswerAddress answer_address(const Parameters& parameters, std::string redirect_uri) {
  AnswerAddress address{.redirect_uri = std::move(redirect_uri)};
  const std::string_view state = find(parameters, "state");
  if (!is_repeated(parameters, "state") && state.size() <= kMaxValueBytes && is_plain(state)) {
    address.state = state;
  }
  if (!is_repeated(parameters, "response_mode")) address.response_mode = read_response_mode(parameters);
  return address;
}

// https://openid.net/specs/openid-connect-core-1_0.html#AuthRequestValidation
Result<AuthorizationRequest, OAuthError> read_authorization_request(const Parameters& parameters,
                                                                    const ClientFacts& client) {
  RETURN_IF_ERROR(check_known(parameters));
  RETURN_IF_ERROR(refuse_unsupported(parameters));
  const auto text = [&](std::string_view name) { return std::string(find(parameters, name)); };
  AuthorizationRequest request;
  request.client_id = text("client_id");
  if (request.client_id.empty()) return refuse("invalid_request", "The parameter client_id is missing.");
  auto redirect_uri = find_redirect_uri(parameters, client);
  if (!redirect_uri) return refuse("invalid_request", redirect_uri.error().description);
  request.redirect_uri = *std::move(redirect_uri);
  // RFC 6749 section 3.3: what may not be had is left out, and what was given is told.
  request.scope = Scope(find(parameters, "scope")).intersection(client.scope);
  if (request.scope.empty()) {
    return refuse("invalid_scope", fmt::format("Nothing of the requested scope is open to this application, "
                                               "which may ask for: {}.",
                                               client.scope.text()));
  }
  ASSIGN_OR_RETURN(request.code_challenge, read_code_challenge(parameters, client.requires_pkce));
  ASSIGN_OR_RETURN(request.prompts, read_prompts(find(parameters, "prompt")));
  ASSIGN_OR_RETURN(request.max_age, read_max_age(find(parameters, "max_age")));
  request.response_mode = read_response_mode(parameters);
  request.state = text("state");
  request.nonce = text("nonce");
  request.login_hint = text("login_hint");
  request.id_token_hint = text("id_token_hint");
  request.account = text("account");
  request.domain_hint = text("domain_hint");
  return request;
}

std::string with_parameters(std::string_view redirect_uri, const Parameters& parameters) {
  std::string address(redirect_uri);
  const std::size_t question = address.find('?');
  char separator = question == std::string::npos ? '?' : '&';
  // A query that is empty or open-ended needs no separator for the first one.
  bool needs_separator = question == std::string::npos || (address.back() != '?' && address.back() != '&');
  for (const auto& [name, value] : parameters) {
    if (needs_separator) address += separator;
    address += percent_encode(name);
    address += '=';
    address += percent_encode(value);
    separator = '&';
    needs_separator = true;
  }
  return address;
}

}  // namespace doorward::oidc::protocol
