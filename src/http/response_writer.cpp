#include "http/response_writer.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "http/grammar.h"

namespace doorward::http {

namespace {

constexpr std::array<std::string_view, 5> kOwnFields = {"date", "content-length", "connection",
                                                        "transfer-encoding", "x-request-id"};

bool is_own_field(std::string_view name) {
  return std::any_of(kOwnFields.begin(), kOwnFields.end(),
                     [&](std::string_view own) { return equal_ignoring_ascii_case(own, name); });
}

/// RFC 9110 sections 15.3.5 and 15.4.5.
bool status_has_body(Status status) {
  return status != Status::NoContent && status != Status::NotModified;
}

}  // namespace

std::string format_http_date(Timestamp time) {
  static constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

bool is_sendable(const Headers& headers) {
  return std::all_of(headers.all().begin(), headers.all().end(),
                     [](const auto& field) { return is_token(field.first) && is_field_value(field.second); });
}

DefaultFields::DefaultFields(const Headers& fields) {
  CHECK(is_sendable(fields));
  for (const auto& [name, value] : fields.all())
    lines_.push_back({name, fmt::format("{}: {}\r\n", name, value)});
}

void DefaultFields::write(const Headers& given, std::string& out) const {
  for (const Line& line : lines_) {
    if (!given.find(line.name)) out += line.text;
  }
}

std::string write_head(const Response& response, const AnswerContext& context) {
  std::string out;
  out.reserve(1024);
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: {}\r\nX-Request-Id: {}\r\n",
                 static_cast<unsigned>(response.status), reason_phrase(response.status), context.date,
                 context.request_id);
  for (const auto& [name, value] : response.headers.all()) {
    if (is_own_field(name)) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (context.defaults != nullptr) context.defaults->write(response.headers, out);
  if (status_has_body(response.status)) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
  }
  if (context.after == AfterAnswer::Close) out += "Connection: close\r\n";
  return out += "\r\n";
}

bool has_body(const Response& response, Method method) {
  return method != Method::Head && status_has_body(response.status);
}

}  // namespace doorward::http
