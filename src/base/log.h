#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/error.h"

/// Structured logging: one JSON object a line on stderr. Values are data, never format strings. Secrets and
/// assertions have no way in: `crypto::Secret` does not convert to a field value.
namespace doorward::log {

enum class Level : std::uint8_t { Debug, Info, Warning, Error };

struct Field {
  Field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const std::string& text) : Field(field_name, std::string_view(text)) {}
  Field(std::string_view field_name, const char* text) : Field(field_name, std::string_view(text)) {}
  Field(std::string_view field_name, std::integral auto number)
      : name(field_name), value(static_cast<std::int64_t>(number)) {}
  Field(std::string_view field_name, bool flag) : name(field_name), value(flag) {}

  std::string_view name;
  std::variant<std::string_view, std::int64_t, bool> value;
};

/// Writes `{"time":…,"level":…,"event":"<event>",…}`. `event` is a stable dotted name; what varies goes into
/// fields.
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::Debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::Info, event, fields);
}
inline void warning(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::Warning, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::Error, event, fields);
}

/// Logs a failure with its code, message and private detail.
void failure(Level level, std::string_view event, const Error& error);

/// Lines below `level` are dropped. The default is Info.
void set_level(Level level);

/// The request that the current thread works on; its id is added to each line written meanwhile.
class RequestScope {
 public:
  explicit RequestScope(std::string_view request_id);
  ~RequestScope();
  RequestScope(const RequestScope&) = delete;
  RequestScope& operator=(const RequestScope&) = delete;

 private:
  std::string_view previous_;
};

using Sink = std::function<void(std::string_view line)>;

/// Sends lines (with their line break) elsewhere; an empty sink restores stderr. For tests.
void set_sink(Sink sink);

}  // namespace doorward::log
