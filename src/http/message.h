#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace doorward::http {

enum class Method : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options, Other };

/// Methods are case-sensitive (RFC 9110 section 9.1); what has no enumerator is `Other`.
Method method_from(std::string_view token);
/// `GET`; empty for `Other`.
std::string_view name_of(Method method);

enum class Status : std::uint16_t {
  Ok = 200,
  Created = 201,
  NoContent = 204,
  Found = 302,
  SeeOther = 303,
  NotModified = 304,
  BadRequest = 400,
  Unauthorized = 401,
  Forbidden = 403,
  NotFound = 404,
  MethodNotAllowed = 405,
  RequestTimeout = 408,
  Conflict = 409,
  PreconditionFailed = 412,
  ContentTooLarge = 413,
  UriTooLong = 414,
  UnsupportedMediaType = 415,
  ExpectationFailed = 417,
  UnprocessableContent = 422,
  TooManyRequests = 429,
  HeaderFieldsTooLarge = 431,
  InternalServerError = 500,
  NotImplemented = 501,
  ServiceUnavailable = 503,
  HttpVersionNotSupported = 505,
};

std::string_view reason_phrase(Status status);

/// Failures that this room makes and that have a status of their own.
inline constexpr ErrorCode kNotFound = "http.not_found";
inline constexpr ErrorCode kMethodNotAllowed = "http.method_not_allowed";
inline constexpr ErrorCode kMethodUnknown = "http.method_unknown";
inline constexpr ErrorCode kUnsupportedMediaType = "http.unsupported_media_type";
inline constexpr ErrorCode kOverloaded = "http.overloaded";

/// The status that a failure has by its code (those above) or else by its kind.
Status status_of(const Error& error);

/// Fields in the order they came; names compare without case (RFC 9110 section 5.1).
class Headers {
 public:
  /// The first field of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  /// Appends, for fields that may repeat (`Set-Cookie`).
  void add(std::string_view name, std::string_view value);
  /// Replaces every field of that name by one.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// Decoded name-value pairs of a query or an `application/x-www-form-urlencoded` body, in order.
class Form {
 public:
  static constexpr std::size_t kMaxFields = 64;

  /// Refuses broken percent-encoding, text that is not UTF-8 and NUL.
  static Result<Form> parse(std::string_view encoded);

  /// The value of a field that may appear at most once; nothing when it is absent or repeated.
  std::optional<std::string_view> find(std::string_view name) const;
  /// The same, and empty where `find` has nothing.
  std::string text(std::string_view name) const { return std::string(find(name).value_or("")); }
  std::size_t count(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// A complete request, guarded and decoded.
struct Request {
  Method method = Method::Get;
  /// The request target as received, for signatures over the raw query.
  std::string target;
  /// Percent-decoded, without the query; begins with a slash, holds no `.` or `..` segment and no NUL.
  std::string path;
  /// Raw, without the question mark.
  std::string query;
  Headers headers;
  std::string body;
  /// The client's address: the peer's, or what a trusted proxy says in X-Forwarded-For.
  std::string client_address;
  /// Written to every log line of this request and returned as `X-Request-Id`.
  std::string request_id;
  Timestamp received;
  /// What the route's `{name}` segments matched.
  std::vector<std::pair<std::string, std::string>> parameters;

  /// A `{name}` segment of the matched route; asking for one that the route does not have is a broken
  /// contract.
  const std::string& parameter(std::string_view name) const;
  /// A cookie's value (RFC 6265 section 5.4); nothing when absent or sent twice with different values.
  std::optional<std::string_view> cookie(std::string_view name) const;
  /// The names of all cookies sent.
  std::vector<std::string_view> cookie_names() const;
  /// The token of `Authorization: Bearer …` (RFC 6750 section 2.1); nothing without one.
  std::optional<std::string_view> bearer_token() const;
  /// The body as a form; fails with 415 unless the content type says it is one.
  Result<Form> form() const;
  Result<Form> query_form() const;
};

enum class SameSite : std::uint8_t { Lax, Strict, None };

/// A cookie to set; `HttpOnly` and `Path=/` always.
struct Cookie {
  std::string name;
  std::string value;
  SameSite same_site = SameSite::Lax;
  bool secure = true;
  /// Nothing: until the browser closes. Zero: deletes the cookie.
  std::optional<std::chrono::seconds> max_age = std::nullopt;
};

struct Response {
  Status status = Status::Ok;
  Headers headers;
  std::string body;

  static Response html(Status status, std::string body);
  static Response json(Status status, std::string body);
  static Response text(Status status, std::string body);
  static Response bytes(Status status, std::string_view content_type, std::string body);
  /// 303 See Other. `location` is ours, never copied from a request.
  static Response see_other(std::string_view location);

  /// Breaking the grammar of names and values (RFC 6265 section 4.1.1) is a broken contract.
  Response& set_cookie(const Cookie& cookie);
  Response& with_header(std::string_view name, std::string_view value);
};

}  // namespace doorward::http
