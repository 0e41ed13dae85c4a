#include "console/requests.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "directory/departments.h"
#include "directory/employees.h"

namespace doorward::console {

namespace {

constexpr int kDefaultLimit = 50;
constexpr int kMaxLimit = 200;
/// Long enough that no two states of one thing share a version by chance; nobody gains by making them.
constexpr std::size_t kVersionLength = 32;

}  // namespace

http::Response answer(const json::Object& object, http::Status status) {
  return http::Response::json(status, json::serialize(object));
}

http::Response refuse(http::Status status, std::string_view code, std::string_view message) {
  return http::Response::json(
      status, json::serialize(json::Object{{"error", json::Object{{"code", code}, {"message", message}}}}));
}

http::Response nobody_signed_in() {
  return refuse(http::Status::Unauthorized, "session.none",
                "Nobody is signed in. Sign in at /sign-in first.");
}

directory::Actor Admission::actor() const {
  if (delegate) return delegate->actor();
  return {directory::ActorKind::Administrator, administrator->employee.profile.user_name};
}

Result<Admission> admit_administrator(session::Sessions& sessions, const http::Request& request) {
  if (session::Delegates::is_asked(request)) {
    return Admission{nullptr,
                     refuse(http::Status::Forbidden, "api.not_by_setup_link",
                            "A setup link does not reach this. Ask the administrator who gave it to you.")};
  }
  ASSIGN_OR_RETURN(auto signed_in, sessions.who(request));
  if (!signed_in) return Admission{nullptr, nobody_signed_in()};
  if (!signed_in->employee.administrator) {
    return Admission{nullptr, refuse(http::Status::Forbidden, "api.administrators_only",
                                     "This is for administrators of the account.")};
  }
  return Admission{std::move(signed_in), std::nullopt};
}

Result<Admission> admit_setup(const Dependencies& dependencies, const http::Request& request) {
  if (dependencies.delegates == nullptr || !session::Delegates::is_asked(request)) {
    return admit_administrator(dependencies.sessions, request);
  }
  ASSIGN_OR_RETURN(auto delegate, dependencies.delegates->who(request));
  if (!delegate) {
    return Admission{nullptr, refuse(http::Status::Unauthorized, "setup_session.none",
                                     "This setup link is over, or was not opened in this browser. Ask the "
                                     "administrator who gave it to you for a new one.")};
  }
  return Admission{nullptr, std::nullopt, std::move(delegate)};
}

Result<void> still_admitted(storage::Transaction& transaction, const Admission& admission, Timestamp now) {
  if (admission.delegate) return directory::require_delegate(transaction, *admission.delegate, now);
  ASSIGN_OR_RETURN(const auto employee, directory::load_employee(transaction, admission.account(),
                                                                 admission.administrator->employee.id));
  if (employee.active && employee.administrator) return {};
  return fail(ErrorKind::Refused, "api.administrators_only", "This is for administrators of the account.");
}

Result<std::optional<std::string_view>> text_field(const http::Form& query, std::string_view name) {
  if (query.count(name) > 1) {
    return fail(ErrorKind::InvalidInput, "api.bad_query", fmt::format("`{}` is there twice.", name));
  }
  return query.find(name);
}

Result<std::optional<std::int64_t>> integer_field(const http::Form& query, std::string_view name,
                                                  std::int64_t least, std::int64_t most) {
  ASSIGN_OR_RETURN(const auto text, text_field(query, name));
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < least || value > most) {
    return fail(ErrorKind::InvalidInput, "api.bad_query",
                fmt::format("`{}` must be a whole number from {} to {}.", name, least, most));
  }
  return value;
}

Result<std::optional<bool>> switch_field(const http::Form& query, std::string_view name) {
  ASSIGN_OR_RETURN(const auto text, text_field(query, name));
  if (!text) return std::nullopt;
  if (*text != "true" && *text != "false") {
    return fail(ErrorKind::InvalidInput, "api.bad_query", fmt::format("`{}` must be true or false.", name));
  }
  return *text == "true";
}

Result<int> limit_field(const http::Form& query) {
  ASSIGN_OR_RETURN(const auto limit, integer_field(query, "limit", 1, kMaxLimit));
  return static_cast<int>(limit.value_or(kDefaultLimit));
}

Result<json::Object> json_body(const http::Request& request, std::size_t max_bytes) {
  const auto type = request.headers.find("Content-Type").value_or("");
  if (!equal_ignoring_ascii_case(trim(split(type, ';').front()), "application/json")) {
    return fail(ErrorKind::InvalidInput, http::kUnsupportedMediaType,
                "The body must be JSON, and the Content-Type must say so: application/json.");
  }
  ASSIGN_OR_RETURN(json::Value body,
                   json::parse(request.body, {.bytes = max_bytes, .depth = 8, .values = 1000}));
  if (!body.is_object()) {
    return fail(ErrorKind::InvalidInput, "api.bad_body", "The body must be a JSON object.");
  }
  return std::move(body.as_object());
}

Result<void> only_members(const json::Object& body, std::span<const std::string_view> names) {
  for (const auto& member : body) {
    const std::string_view name = member.key();
    if (std::ranges::find(names, name) != names.end()) continue;
    return fail(ErrorKind::InvalidInput, "api.bad_body",
                fmt::format("`{}` is not understood here. What can be said: {}.", printable(name),
                            fmt::join(names, ", ")));
  }
  return {};
}

std::string version_of(const json::Object& editable) {
  return to_hex(crypto::sha256(json::serialize(editable))).substr(0, kVersionLength);
}

Result<void> check_version(const json::Object& body, const json::Object& editable) {
  ASSIGN_OR_RETURN(const auto version, json::optional_string(body, "version"));
  if (!version || *version == version_of(editable)) return {};
  return fail(ErrorKind::Conflict, kChangedMeanwhile,
              "Somebody changed this meanwhile. Nothing was saved: look at what it is now, and save again.");
}

Result<std::optional<directory::DepartmentId>> find_department_id(
    storage::Transaction& transaction, const Admission& admission,
    const std::optional<std::string>& public_id) {
  if (!public_id) return std::nullopt;
  ASSIGN_OR_RETURN(const auto found,
                   directory::find_department(transaction, admission.account(), *public_id));
  if (!found) {
    return fail(ErrorKind::InvalidInput, "api.no_department",
                "There is no such department. It may have been deleted: choose another one.");
  }
  return found->id;
}

Result<bool> required_bool(const json::Object& body, std::string_view name) {
  ASSIGN_OR_RETURN(const auto value, json::optional_bool(body, name));
  if (!value) {
    return fail(ErrorKind::InvalidInput, "api.bad_body", fmt::format("`{}` must be true or false.", name));
  }
  return *value;
}

Result<int> required_integer(const json::Object& body, std::string_view name, int least, int most) {
  ASSIGN_OR_RETURN(const auto value, json::optional_integer(body, name));
  if (!value || *value < least || *value > most) {
    return fail(ErrorKind::InvalidInput, "api.bad_body",
                fmt::format("`{}` must be a whole number from {} to {}.", name, least, most));
  }
  return static_cast<int>(*value);
}

json::Value time_or_null(const std::optional<Timestamp>& time) {
  return time ? json::Value(format_rfc3339(*time)) : json::Value(nullptr);
}

}  // namespace doorward::console
