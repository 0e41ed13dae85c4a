#include "session/sealed_cookies.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/hash.h"

namespace doorward::session {

tl::unexpected<Error> no_flow(std::string detail) {
  return fail(
      ErrorKind::Refused, kNoFlow,
      "The answer belongs to no sign-in of this browser: it was started in another one, too long ago, or "
      "cookies are blocked.",
      std::move(detail));
}

std::string SealedCookies::name_prefix() const {
  return fmt::format("{}{}", rules_.secure ? "__Host-" : "", rules_.prefix);
}

bool SealedCookies::is_ours(std::string_view cookie_name) const {
  const std::string prefix = name_prefix();
  if (!cookie_name.starts_with(prefix)) return false;
  const std::string_view hash = cookie_name.substr(prefix.size());
  return !hash.empty() && hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string SealedCookies::cookie_name(std::string_view id) const {
  // A hash, because the id to look for comes from an unverified message and must not choose cookie names
  // freely.
  return name_prefix() + to_hex(crypto::sha256(id)).substr(0, 16);
}

http::Cookie SealedCookies::cookie(std::string name, std::string value, std::chrono::seconds max_age) const {
  http::Cookie result;
  result.name = std::move(name);
  result.value = std::move(value);
  result.same_site = rules_.same_site;
  result.secure = rules_.secure;
  result.max_age = max_age;
  return result;
}

Result<SealedCookies::Opened> SealedCookies::open(std::string_view name, std::string_view value) const {
  const auto sealed = from_base64url(value);
  if (!sealed) return no_flow("not base64url");
  const auto plain = sealer_.open(name, *sealed);
  if (!plain) return no_flow("does not open");
  ASSIGN_OR_RETURN(json::Value content, json::parse(plain->reveal()));
  if (!content.is_object()) return no_flow("not an object");
  Opened opened;
  opened.content = std::move(content.get_object());
  ASSIGN_OR_RETURN(opened.id, json::required_string(opened.content, "id"));
  ASSIGN_OR_RETURN(const auto started, json::optional_integer(opened.content, "started"));
  if (!started) return no_flow("incomplete");
  opened.started = from_millis(*started);
  return opened;
}

std::vector<std::pair<std::string, Result<SealedCookies::Opened>>> SealedCookies::all(
    const http::Request& request) const {
  std::vector<std::pair<std::string, Result<Opened>>> flows;
  for (const std::string_view name : request.cookie_names()) {
    if (!is_ours(name)) continue;
    const auto value = request.cookie(name);
    flows.emplace_back(name, value ? open(name, *value) : Result<Opened>(no_flow("sent twice")));
  }
  return flows;
}

void SealedCookies::set(http::Response& response, const http::Request& request, std::string_view id,
                        json::Object content, Timestamp started, Timestamp now) const {
  auto others = all(request);
  const auto age_order = [](const auto& a, const auto& b) {
    const Timestamp a_started = a.second ? a.second->started : Timestamp();
    const Timestamp b_started = b.second ? b.second->started : Timestamp();
    return a_started > b_started;
  };
  std::sort(others.begin(), others.end(), age_order);
  for (std::size_t i = 0; i < others.size(); ++i) {
    const auto& [name, other] = others[i];
    if (other && now - other->started < rules_.lifetime && i + 1 < rules_.max_open) continue;
    response.set_cookie(cookie(name, "", std::chrono::seconds(0)));
  }
  content["id"] = id;
  content["started"] = to_millis(started);
  const std::string name = cookie_name(id);
  response.set_cookie(
      cookie(name, to_base64url(sealer_.seal(name, json::serialize(content))), rules_.lifetime));
}

Result<SealedCookies::Opened> SealedCookies::find(const http::Request& request, std::string_view id,
                                                  Timestamp now) const {
  const std::string name = cookie_name(id);
  const auto value = request.cookie(name);
  if (!value) return no_flow("no cookie");
  ASSIGN_OR_RETURN(Opened opened, open(name, *value));
  if (opened.id != id) return no_flow("another request");
  if (now - opened.started >= rules_.lifetime || opened.started > now) return no_flow("expired");
  return opened;
}

void SealedCookies::clear(http::Response& response, std::string_view id) const {
  response.set_cookie(cookie(cookie_name(id), "", std::chrono::seconds(0)));
}

}  // namespace doorward::session
