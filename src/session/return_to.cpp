#include "session/return_to.h"

namespace doorward::session {

std::string safe_return_to(std::string_view wanted, std::string_view public_origin) {
  if (wanted.starts_with(public_origin)) wanted.remove_prefix(public_origin.size());
  if (wanted.empty() || wanted.size() > kMaxReturnTo) return "/";
  if (wanted[0] != '/' || (wanted.size() > 1 && (wanted[1] == '/' || wanted[1] == '\\'))) return "/";
  for (const char c : wanted) {
    // Browsers drop tabs and line breaks, so `/<tab>/host` would become `//host`; a backslash becomes a
    // slash.
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F || c == '\\') return "/";
  }
  return std::string(wanted);
}

}  // namespace doorward::session
