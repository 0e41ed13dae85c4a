#include "signin/auth_headers.h"

#include "base/check.h"

namespace doorward::signin {

namespace {

std::string encode(std::string_view text, std::string_view also) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    const bool at_an_end = i == 0 || i + 1 == text.size();
    const bool plain = byte >= 0x20 && byte < 0x7F && c != '%' && (c != ' ' || !at_an_end) &&
                       also.find(c) == std::string_view::npos;
    if (plain) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 0xF];
    }
  }
  return encoded;
}

}  // namespace

std::string encode_value(std::string_view text) {
  return encode(text, "");
}

std::string encode_names(std::span<const std::string> names) {
  std::string list;
  for (const std::string& name : names) {
    const std::string encoded = encode(name, ",");
    if (list.size() + 1 + encoded.size() > kMaxNames) break;
    if (!list.empty()) list += ',';
    list += encoded;
  }
  return list;
}

http::Headers auth_headers(const session::Bearer& bearer) {
  CHECK(bearer.employee);
  const directory::Employee& employee = *bearer.employee;
  http::Headers headers;
  const auto given = [&](std::string_view scope, std::string value) {
    return bearer.has_scope(scope) ? std::move(value) : std::string();
  };
  headers.add("X-Auth-User", encode_value(employee.profile.user_name));
  const bool trusted = bearer.email_verified || bearer.application.account.has_value();
  const std::string email = given("email", trusted ? encode_value(employee.profile.email) : "");
  headers.add("X-Auth-Email", email);
  headers.add("X-Auth-Email-Verified", bearer.email_verified && !email.empty() ? "true" : "false");
  headers.add("X-Auth-Name", given("profile", encode_value(employee.shown_name())));
  headers.add("X-Auth-Subject", employee.public_id);
  headers.add("X-Auth-Account", bearer.account.slug);
  headers.add("X-Auth-Groups", given("groups", encode_names(bearer.memberships.groups)));
  headers.add("X-Auth-Departments", given("departments", encode_names(bearer.memberships.departments)));
  headers.add("X-Auth-Administrator", employee.administrator ? "true" : "false");
  return headers;
}

}  // namespace doorward::signin
