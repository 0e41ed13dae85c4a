#include "pages/html.h"

namespace doorward::pages {

void Argument::append_to(std::string& out) const {
  if (!escape_) {
    out += text_;
    return;
  }
  for (const char c : text_) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
}

}  // namespace doorward::pages
