#include "http/target.h"

#include "base/encoding.h"
#include "base/text.h"
#include "http/grammar.h"

namespace doorward::http {

namespace {

/// RFC 3986 section 3.3, and the `%` of percent-encoding, whose digits are checked when it is undone.
bool is_path_char(char c) {
  return is_unreserved_or_sub_delim(c) || is_one_of(c, ":@/%");
}

/// Browsers leave more characters as they are in a query than RFC 3986 section 3.4 allows.
bool is_query_char(char c) {
  return c > ' ' && c < '\x7F' && c != '#';
}

bool has_dot_segment(std::string_view path) {
  for (const std::string_view segment : split(path, '/')) {
    if (segment == "." || segment == "..") return true;
  }
  return false;
}

bool has_percent_encoding(std::string_view text) {
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] == '%' && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) return true;
  }
  return false;
}

}  // namespace

Result<Target, Refusal> parse_target(std::string_view target) {
  const auto refuse = [](std::string_view reason) {
    return tl::unexpected<Refusal>(Refusal{Status::BadRequest, reason});
  };
  // Absolute-form, authority-form and asterisk-form (RFC 9112 sections 3.2.2 to 3.2.4) are for proxies.
  if (target.empty() || target.front() != '/') return refuse("the target is not a path");
  // A second slash would make it a network-path reference wherever the path is used as a link.
  if (target.starts_with("//")) return refuse("the path begins with two slashes");

  const auto question_mark = std::min(target.find('?'), target.size());
  const auto raw_path = target.substr(0, question_mark);
  const auto query = target.substr(std::min(question_mark + 1, target.size()));
  if (!std::all_of(raw_path.begin(), raw_path.end(), is_path_char)) return refuse("a character of the path");
  if (!std::all_of(query.begin(), query.end(), is_query_char)) return refuse("a character of the query");

  auto path = percent_decode(raw_path);
  if (!path) return refuse("the path's percent-encoding");
  if (std::count(path->begin(), path->end(), '/') != std::count(raw_path.begin(), raw_path.end(), '/')) {
    return refuse("an encoded slash in the path");
  }
  if (path->find('\\') != std::string::npos) return refuse("a backslash in the path");
  if (!is_field_value(*path) || path->find('\t') != std::string::npos) {
    return refuse("a control character in the path");
  }
  if (!is_valid_utf8(*path)) return refuse("the path is not UTF-8");
  if (has_percent_encoding(*path)) return refuse("the path is encoded twice");
  if (has_dot_segment(*path)) return refuse("a dot segment in the path");
  return Target{*std::move(path), std::string(query)};
}

}  // namespace doorward::http
