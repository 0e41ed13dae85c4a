#include "xml/generator.h"

#include <vector>

namespace doorward::xml {

namespace {

constexpr const char* kPrefixes[] = {"", "a", "b", "samlp"};
// In an order in which neither the names nor the prefixes are sorted.
constexpr const char* kNamespaces[] = {"urn:z", "urn:a", "http://www.w3.org/2000/09/xmldsig#",
                                       "http://a.example/?x=1;y=2"};
constexpr const char* kLocalNames[] = {"b", "a", "Value", "\xC3\xA9"};
constexpr int kMaxDepth = 6;

}  // namespace

std::size_t Generator::choose(std::size_t count) {
  if (choices_.empty()) return 0;
  const std::size_t choice = choices_.front() % count;
  choices_ = choices_.subspan(1);
  return choice;
}

std::string Generator::characters(bool in_attribute, char quote) {
  std::string text;
  for (std::size_t left = choose(5); left > 0; --left) {
    switch (choose(17)) {
      case 0:
        text += "x";
        break;
      case 1:
        text += " ";
        break;
      case 2:
        text += "\n";
        break;
      case 3:
        text += "\r\n";
        break;
      case 4:
        text += "\r";
        break;
      case 5:
        text += "\t";
        break;
      case 6:
        text += "&amp;";
        break;
      case 7:
        text += "&lt;&gt;";
        break;
      case 8:
        text += "&quot;&apos;";
        break;
      case 9:
        text += "&#13;";
        break;
      case 10:
        text += "&#xA;&#9;";
        break;
      case 11:
        text += "\xC3\xA9\xE2\x82\xAC";
        break;
      case 12:
        text += "\xF0\x9F\x98\x80&#x1F600;";
        break;
      case 13:
        text += quote == '"' ? "'" : "\"";
        break;
      case 14:
        text += ">";
        break;
      case 15:
        text += "]";
        // "]]>" must not come about.
        if (!in_attribute) text += "&#93;";
        break;
      default:
        text += in_attribute ? "x" : "<![CDATA[<&>]]\r\n]]>";
        break;
    }
  }
  return text;
}

std::string Generator::attributes(const Scope& scope) {
  std::string text;
  for (const char* local : kLocalNames) {
    // At most one attribute of each local name: two prefixes may mean one namespace.
    if (choose(4) != 1) continue;
    const std::size_t prefix = choose(4);
    const bool prefixed = prefix != 0 && scope.bound[prefix];
    const char quote = choose(2) == 0 ? '"' : '\'';
    text += std::string(choose(2) == 0 ? " " : "\r\n\t") +
            (prefixed ? std::string(kPrefixes[prefix]) + ":" : "") + local + "=" + quote +
            characters(true, quote) + quote;
  }
  if (choose(6) == 1) text += " xml:lang='" + std::string(choose(2) == 0 ? "en" : "fr") + "'";
  if (choose(6) == 1) text += " xml:space=\"preserve\"";
  return text;
}

std::string Generator::content(const Scope& scope, int depth) {
  std::string text;
  for (std::size_t left = choose(4); left > 0; --left) {
    switch (choose(4)) {
      case 0:
        text += characters(false, 0);
        break;
      case 1:
        text += "<!--" + std::string(choose(2) == 0 ? "" : " &amp;<\r\n>'\" ") + "-->";
        break;
      default:
        if (depth < kMaxDepth) text += element(scope, depth + 1, {});
        break;
    }
  }
  return text;
}

std::string Generator::element(const Scope& outside, int depth, const std::string& first_child) {
  ++elements_;
  Scope scope = outside;
  std::string declarations;
  for (std::size_t prefix = 0; prefix < 4; ++prefix) {
    const std::size_t choice = choose(8);
    if (choice == 0 || choice > 5) continue;
    const bool undeclare = choice == 5 && prefix == 0;
    declarations += std::string(" xmlns") + (prefix == 0 ? "" : ":") + kPrefixes[prefix] + "=\"" +
                    (undeclare ? "" : kNamespaces[(choice - 1) % 4]) + "\"";
    scope.bound[prefix] = true;
  }
  const std::size_t prefix = choose(4);
  const std::string name = (prefix != 0 && scope.bound[prefix] ? std::string(kPrefixes[prefix]) + ":" : "") +
                           kLocalNames[choose(4)];
  const std::string id = depth == 1 ? " ID=\"root\"" : "";
  const bool declarations_first = choose(2) == 0;
  const std::string more = attributes(scope);
  std::string text = "<" + name + (declarations_first ? declarations + id + more : id + more + declarations);
  const std::string inner = first_child + content(scope, depth);
  if (inner.empty() && choose(2) == 0) return text + " />";
  return text + ">" + inner + "</" + name + ">";
}

std::string Generator::document(const std::string& first_child) {
  constexpr const char* kPrologs[] = {"", "<?xml version='1.0' encoding=\"UTF-8\"?>\r\n", "\xEF\xBB\xBF",
                                      "<!-- x -->"};
  const std::string prolog = kPrologs[choose(4)];
  return prolog + element({}, 1, first_child) + (choose(2) == 0 ? "" : "\n<!-- end -->\n");
}

std::vector<std::string> Generator::prefix_list() {
  constexpr const char* kListed[] = {"#default", "a", "b", "samlp", "nowhere"};
  std::vector<std::string> list;
  if (choose(2) == 0) return list;
  for (const char* prefix : kListed) {
    if (choose(2) == 1) list.emplace_back(prefix);
  }
  return list;
}

}  // namespace doorward::xml
