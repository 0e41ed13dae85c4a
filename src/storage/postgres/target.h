#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace doorward::storage::postgres {

/// Where the server is and how to reach it: libpq's keywords and values, of which one may be a password.
class Target {
 public:
  /// `postgres://USER@HOST,HOST/NAME?…`, as libpq reads it. What is not chosen there is chosen so that a
  /// server that fell silent is noticed within seconds, and that of several hosts the one that takes writes
  /// is found.
  static Result<Target> parse(const std::string& url);

  using Values = std::vector<std::pair<std::string, std::string>>;
  const Values& values() const { return values_; }

  /// How many servers are named.
  std::size_t hosts() const;
  /// The same servers, of which the one that was number `first` is tried first.
  Target beginning_with(std::size_t first) const;

 private:
  explicit Target(Values values) : values_(std::move(values)) {}
  Values values_;
};

}  // namespace doorward::storage::postgres
