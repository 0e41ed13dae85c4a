#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/error.h"
#include "json/json.h"

namespace doorward::server {

/// What a command has to say, once for scripts and once for people.
struct Reply {
  json::Object json;
  /// Without a final line break; empty prints nothing.
  std::string text;
  /// Only `check` returns another code without failing.
  int exit_code = 0;
};

/// The exit codes, as documented in docs/command-line.md.
namespace exit_code {
inline constexpr int kDone = 0;
inline constexpr int kProblems = 1;
inline constexpr int kInvalidInput = 2;
inline constexpr int kNotFound = 3;
inline constexpr int kConflict = 4;
inline constexpr int kRefused = 5;
inline constexpr int kUnavailable = 6;
inline constexpr int kInternal = 70;
}  // namespace exit_code

int exit_code_of(ErrorKind kind);

/// `{"error":{"code":…,"message":…}}`.
std::string error_json(const Error& error);

/// Members below one another, their names made readable: `sso_enforced_at` becomes *SSO enforced at*. Objects
/// and lists of objects are indented below their name.
std::string fields_text(const json::Object& object);

/// One line for each object, with the named members as columns; `none` when there is no object.
std::string table_text(const json::Array& objects, std::initializer_list<std::string_view> columns,
                       std::string_view none);

}  // namespace doorward::server
