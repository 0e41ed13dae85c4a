#include "base/log.h"

#include <atomic>
#include <mutex>

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"

namespace doorward::log {

namespace {

constexpr std::string_view kLevelNames[] = {"debug", "info", "warning", "error"};

std::atomic<Level> minimum_level = Level::Info;
thread_local std::string_view current_request;

struct SinkHolder {
  std::mutex mutex;
  Sink sink;
};

SinkHolder& sink_holder() {
  // Never destroyed: other threads may still log while the process ends.
  static auto* holder = new SinkHolder;
  return *holder;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  const bool valid = is_valid_utf8(text);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04x}", byte);
    } else if (byte >= 0x80 && !valid) {
      out += "\\ufffd";
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_field(std::string& out, const Field& field) {
  out += ',';
  append_json_string(out, field.name);
  out += ':';
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    append_json_string(out, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    out += fmt::format("{}", *number);
  } else {
    out += std::get<bool>(field.value) ? "true" : "false";
  }
}

}  // namespace

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (level < minimum_level.load(std::memory_order_relaxed)) return;
  std::string line =
      fmt::format(R"({{"time":"{}","level":"{}","event":)", format_rfc3339(SystemClock().now()),
                  kLevelNames[static_cast<std::size_t>(level)]);
  append_json_string(line, event);
  if (!current_request.empty()) append_field(line, {"request_id", current_request});
  for (const Field& field : fields)
    append_field(line, field);
  line += "}\n";

  auto& holder = sink_holder();
  const std::lock_guard lock(holder.mutex);
  if (holder.sink) {
    holder.sink(line);
    return;
  }
  // A log that cannot be written (closed pipe, full disk) must not stop sign-ins.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

void failure(Level level, std::string_view event, const Error& error) {
  write(level, event, {{"code", error.code.name()}, {"message", error.message}, {"detail", error.detail}});
}

void set_level(Level level) {
  minimum_level = level;
}

RequestScope::RequestScope(std::string_view request_id) : previous_(current_request) {
  current_request = request_id;
}

RequestScope::~RequestScope() {
  current_request = previous_;
}

void set_sink(Sink sink) {
  auto& holder = sink_holder();
  const std::lock_guard lock(holder.mutex);
  holder.sink = std::move(sink);
}

}  // namespace doorward::log
