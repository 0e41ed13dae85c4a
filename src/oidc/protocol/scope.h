#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Scopes (RFC 6749 section 3.3): a set of names, written with a space between.
namespace doorward::oidc::protocol {

class Scope {
 public:
  Scope() = default;
  /// Names that are no scope-token are left out; each name counts once.
  explicit Scope(std::string_view text);

  bool has(std::string_view name) const;
  bool within(const Scope& other) const;
  Scope intersection(const Scope& other) const;
  bool empty() const { return names_.empty(); }
  const std::vector<std::string>& names() const { return names_; }
  std::string text() const;

 private:
  std::vector<std::string> names_;
};

}  // namespace doorward::oidc::protocol
