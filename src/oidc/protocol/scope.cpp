#include "oidc/protocol/scope.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"

namespace doorward::oidc::protocol {

namespace {

/// RFC 6749 appendix A.4: scope-token = 1*NQCHAR.
bool is_scope_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > '\x20' && c < '\x7f' && c != '"' && c != '\\';
  });
}

}  // namespace

Scope::Scope(std::string_view text) {
  std::unordered_set<std::string_view> seen;
  for (const std::string_view name : split(text, ' ')) {
    if (is_scope_token(name) && seen.insert(name).second) names_.emplace_back(name);
  }
}

bool Scope::has(std::string_view name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

bool Scope::within(const Scope& other) const {
  return std::all_of(names_.begin(), names_.end(), [&](const std::string& name) { return other.has(name); });
}

Scope Scope::intersection(const Scope& other) const {
  Scope both;
  std::copy_if(names_.begin(), names_.end(), std::back_inserter(both.names_),
               [&](const std::string& name) { return other.has(name); });
  return both;
}

std::string Scope::text() const {
  std::string text;
  for (const std::string& name : names_) {
    if (!text.empty()) text += ' ';
    text += name;
  }
  return text;
}

}  // namespace doorward::oidc::protocol
