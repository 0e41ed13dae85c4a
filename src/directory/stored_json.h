#pragma once

#include <string_view>

#include "json/json.h"

namespace doorward::directory {

/// Reads JSON objects that we wrote, inside a row callback, which has no way to fail: ask `status`
/// afterwards.
class StoredJson {
 public:
  json::Object read(std::string_view text) {
    Result<json::Value> value = json::parse(text);
    if (value && value->is_object()) return std::move(value->as_object());
    if (!status_) return {};
    status_ = fail(ErrorKind::Internal, "directory.damaged_json", "A stored record is damaged.",
                   value ? "no object" : value.error().message);
    return {};
  }
  Result<void> status() const { return status_; }

 private:
  Result<void> status_;
};

}  // namespace doorward::directory
