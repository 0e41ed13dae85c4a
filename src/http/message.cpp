#include "http/message.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"

namespace doorward::http {

namespace {

constexpr std::array<std::string_view, 8> kMethodNames = {"GET",   "HEAD",   "POST",    "PUT",
                                                          "PATCH", "DELETE", "OPTIONS", ""};

/// Calls `visit(name, value)` for each pair of every Cookie field (RFC 6265 section 5.4 writes them).
template <class Visit>
void for_each_cookie(const Headers& headers, Visit visit) {
  for (const auto& [field, list] : headers.all()) {
    if (!equal_ignoring_ascii_case(field, "cookie")) continue;
    for (const std::string_view piece : split(list, ';')) {
      const auto equals = piece.find('=');
      if (equals == std::string_view::npos) continue;
      visit(trim(piece.substr(0, equals)), trim(piece.substr(equals + 1)));
    }
  }
}

/// RFC 6265 section 4.1.1, cookie-octet.
bool is_cookie_octet(char c) {
  return c > ' ' && c < '\x7F' && c != '"' && c != ',' && c != ';' && c != '\\';
}

std::string_view attribute(SameSite same_site) {
  switch (same_site) {
    case SameSite::Lax:
      return "; SameSite=Lax";
    case SameSite::Strict:
      return "; SameSite=Strict";
    case SameSite::None:
      return "; SameSite=None";
  }
  return {};
}

Result<std::string> decode_form_text(std::string_view text) {
  auto decoded = percent_decode(text, PlusSign::Space);
  if (!decoded) {
    return fail(ErrorKind::InvalidInput, "http.form_malformed",
                "The form contains a “%” that is not followed by two hexadecimal digits.");
  }
  if (decoded->find('\0') != std::string::npos || !is_valid_utf8(*decoded)) {
    return fail(ErrorKind::InvalidInput, "http.form_malformed", "The form contains text that is not UTF-8.");
  }
  return *std::move(decoded);
}

}  // namespace

Method method_from(std::string_view token) {
  for (std::size_t i = 0; i + 1 < kMethodNames.size(); ++i) {
    if (kMethodNames[i] == token) return static_cast<Method>(i);
  }
  return Method::Other;
}

std::string_view name_of(Method method) {
  return kMethodNames[static_cast<std::size_t>(method)];
}

std::string_view reason_phrase(Status status) {
  switch (status) {
    case Status::Ok:
      return "OK";
    case Status::Created:
      return "Created";
    case Status::NoContent:
      return "No Content";
    case Status::Found:
      return "Found";
    case Status::SeeOther:
      return "See Other";
    case Status::NotModified:
      return "Not Modified";
    case Status::BadRequest:
      return "Bad Request";
    case Status::Unauthorized:
      return "Unauthorized";
    case Status::Forbidden:
      return "Forbidden";
    case Status::NotFound:
      return "Not Found";
    case Status::MethodNotAllowed:
      return "Method Not Allowed";
    case Status::RequestTimeout:
      return "Request Timeout";
    case Status::Conflict:
      return "Conflict";
    case Status::PreconditionFailed:
      return "Precondition Failed";
    case Status::ContentTooLarge:
      return "Content Too Large";
    case Status::UriTooLong:
      return "URI Too Long";
    case Status::UnsupportedMediaType:
      return "Unsupported Media Type";
    case Status::ExpectationFailed:
      return "Expectation Failed";
    case Status::UnprocessableContent:
      return "Unprocessable Content";
    case Status::TooManyRequests:
      return "Too Many Requests";
    case Status::HeaderFieldsTooLarge:
      return "Request Header Fields Too Large";
    case Status::InternalServerError:
      return "Internal Server Error";
    case Status::NotImplemented:
      return "Not Implemented";
    case Status::ServiceUnavailable:
      return "Service Unavailable";
    case Status::HttpVersionNotSupported:
      return "HTTP Version Not Supported";
  }
  return {};
}

Status status_of(const Error& error) {
  if (error.code == kMethodNotAllowed) return Status::MethodNotAllowed;
  if (error.code == kMethodUnknown) return Status::NotImplemented;
  if (error.code == kUnsupportedMediaType) return Status::UnsupportedMediaType;
  switch (error.kind) {
    case ErrorKind::InvalidInput:
      return Status::BadRequest;
    case ErrorKind::NotFound:
      return Status::NotFound;
    case ErrorKind::Conflict:
      return Status::Conflict;
    case ErrorKind::Refused:
      return Status::Forbidden;
    case ErrorKind::RateLimited:
      return Status::TooManyRequests;
    case ErrorKind::Unavailable:
      return Status::ServiceUnavailable;
    case ErrorKind::Internal:
      break;
  }
  return Status::InternalServerError;
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (equal_ignoring_ascii_case(field, name)) return value;
  }
  return std::nullopt;
}

void Headers::add(std::string_view name, std::string_view value) {
  fields_.emplace_back(name, value);
}

void Headers::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const auto& field) { return equal_ignoring_ascii_case(field.first, name); });
}

Result<Form> Form::parse(std::string_view encoded) {
  Form form;
  if (encoded.empty()) return form;
  for (const std::string_view pair : split(encoded, '&')) {
    if (pair.empty()) continue;
    if (form.fields_.size() == kMaxFields) {
      return fail(ErrorKind::InvalidInput, "http.form_too_many_fields",
                  fmt::format("The form has more than {} fields.", kMaxFields));
    }
    const auto equals = std::min(pair.find('='), pair.size());
    const auto value_at = std::min(equals + 1, pair.size());
    ASSIGN_OR_RETURN(auto name, decode_form_text(pair.substr(0, equals)));
    ASSIGN_OR_RETURN(auto value, decode_form_text(pair.substr(value_at)));
    form.fields_.emplace_back(std::move(name), std::move(value));
  }
  return form;
}

std::optional<std::string_view> Form::find(std::string_view name) const {
  std::optional<std::string_view> found;
  for (const auto& [field, value] : fields_) {
    if (field != name) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return found;
}

std::size_t Form::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(fields_.begin(), fields_.end(), [&](const auto& field) { return field.first == name; }));
}

const std::string& Request::parameter(std::string_view name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  CHECK(found != parameters.end());
  return found->second;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
  std::optional<std::string_view> found;
  bool contradicted = false;
  for_each_cookie(headers, [&](std::string_view cookie_name, std::string_view value) {
    if (cookie_name != name) return;
    // Somebody on a neighbouring host planted a second one: neither can be trusted.
    if (found && *found != value) contradicted = true;
    found = value;
  });
  if (contradicted) return std::nullopt;
  return found;
}

std::vector<std::string_view> Request::cookie_names() const {
  std::vector<std::string_view> names;
  for_each_cookie(headers, [&](std::string_view name, std::string_view) { names.push_back(name); });
  return names;
}

std::optional<std::string_view> Request::bearer_token() const {
  const auto field = headers.find("Authorization");
  if (!field) return std::nullopt;
  // The scheme in any case (RFC 9110 section 11.1), one space, the token.
  constexpr std::string_view kScheme = "Bearer ";
  if (field->size() <= kScheme.size() ||
      !equal_ignoring_ascii_case(field->substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  return trim(field->substr(kScheme.size()));
}

Result<Form> Request::form() const {
  const auto content_type = headers.find("Content-Type").value_or("");
  const auto media_type = trim(content_type.substr(0, content_type.find(';')));
  if (!equal_ignoring_ascii_case(media_type, "application/x-www-form-urlencoded")) {
    return fail(ErrorKind::InvalidInput, kUnsupportedMediaType,
                "This address takes a form: send it as application/x-www-form-urlencoded.");
  }
  return Form::parse(body);
}

Result<Form> Request::query_form() const {
  return Form::parse(query);
}

Response Response::html(Status status, std::string body) {
  return bytes(status, "text/html; charset=utf-8", std::move(body));
}

Response Response::json(Status status, std::string body) {
  return bytes(status, "application/json", std::move(body));
}

Response Response::text(Status status, std::string body) {
  return bytes(status, "text/plain; charset=utf-8", std::move(body));
}

Response Response::bytes(Status status, std::string_view content_type, std::string body) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

Response Response::see_other(std::string_view location) {
  Response response;
  response.status = Status::SeeOther;
  response.headers.add("Location", location);
  return response;
}

Response& Response::set_cookie(const Cookie& cookie) {
  const auto is_name_octet = [](char c) { return is_cookie_octet(c) && c != '=' && c != '(' && c != ')'; };
  CHECK(!cookie.name.empty() && std::all_of(cookie.name.begin(), cookie.name.end(), is_name_octet));
  CHECK(std::all_of(cookie.value.begin(), cookie.value.end(), is_cookie_octet));
  // Browsers drop a SameSite=None cookie that is not Secure.
  CHECK(cookie.same_site != SameSite::None || cookie.secure);
  std::string text = fmt::format("{}={}; Path=/; HttpOnly", cookie.name, cookie.value);
  text += attribute(cookie.same_site);
  if (cookie.secure) text += "; Secure";
  if (cookie.max_age) text += fmt::format("; Max-Age={}", cookie.max_age->count());
  headers.add("Set-Cookie", text);
  return *this;
}

Response& Response::with_header(std::string_view name, std::string_view value) {
  headers.set(name, value);
  return *this;
}

}  // namespace doorward::http
