#pragma once

#include <string>

namespace doorward::saml::protocol {

/// Who a message is about (SAML Core 2.2.2). Qualifiers are kept as sent: a LogoutRequest must repeat them.
struct NameId {
  static constexpr std::size_t kMaxLength = 1024;

  std::string value;
  std::string format = {};  ///< Empty when the provider left it out, which means *unspecified*.
  std::string name_qualifier = {};
  std::string sp_name_qualifier = {};
  std::string sp_provided_id = {};

  /// A transient NameID is another one at each sign-in, so nobody may be found or linked by it.
  bool is_transient() const;

  friend bool operator==(const NameId&, const NameId&) = default;
};

}  // namespace doorward::saml::protocol
