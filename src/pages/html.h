#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace doorward::pages {

/// Markup that is safe to send: made of literals in our source and of escaped text, nothing else. There is no
/// way to turn a run-time string into markup without escaping it.
class Html {
 public:
  Html() = default;

  const std::string& markup() const { return markup_; }
  bool empty() const { return markup_.empty(); }

  Html& operator+=(const Html& other) {
    markup_ += other.markup_;
    return *this;
  }

 private:
  template <class... Args>
  friend class Template;
  friend class Argument;

  std::string markup_;
};

/// A value for one `{}`: text is escaped, `Html` is taken as it is.
class Argument {
 public:
  Argument(const Html& html) : text_(html.markup()), escape_(false) {}
  Argument(std::string_view text) : text_(text) {}
  Argument(const std::string& text) : text_(text) {}
  Argument(const char* text) : text_(text) {}
  Argument(std::integral auto number) : number_(std::to_string(number)), text_(number_) {}
  Argument(const Argument&) = delete;
  Argument& operator=(const Argument&) = delete;

  void append_to(std::string& out) const;

 private:
  std::string number_;
  std::string_view text_;
  bool escape_ = true;
};

/// What a faulty literal makes the compiler complain about: these are never defined, and no constant
/// expression may call them.
void a_hole_in_a_tag_must_stand_inside_double_quotes();
void the_literal_ends_inside_a_tag();
void the_literal_has_another_number_of_holes_than_there_are_arguments();

/// A literal with a `{}` for each argument. Checked while compiling: the count fits, and each `{}` stands in
/// text or inside a double-quoted attribute, the two places for which escaping is right.
template <class... Args>
class Template {
 public:
  consteval Template(const char* literal) : literal_(literal) {
    std::size_t holes = 0;
    bool in_tag = false;
    bool in_quotes = false;
    for (std::size_t i = 0; i < literal_.size(); ++i) {
      const char c = literal_[i];
      if (c == '{' && i + 1 < literal_.size() && literal_[i + 1] == '}') {
        if (in_tag && !in_quotes) a_hole_in_a_tag_must_stand_inside_double_quotes();
        ++holes;
      } else if (c == '"' && in_tag) {
        in_quotes = !in_quotes;
      } else if (c == '<' && !in_tag) {
        in_tag = true;
      } else if (c == '>' && in_tag && !in_quotes) {
        in_tag = false;
      }
    }
    if (in_tag) the_literal_ends_inside_a_tag();
    if (holes != sizeof...(Args)) the_literal_has_another_number_of_holes_than_there_are_arguments();
  }

  Html render(const std::array<const Argument*, sizeof...(Args)>& arguments) const {
    Html html;
    std::size_t next = 0;
    std::string_view rest = literal_;
    for (std::size_t at = rest.find("{}"); at != std::string_view::npos; at = rest.find("{}")) {
      html.markup_ += rest.substr(0, at);
      arguments[next++]->append_to(html.markup_);
      rest.remove_prefix(at + 2);
    }
    html.markup_ += rest;
    return html;
  }

 private:
  std::string_view literal_;
};

/// `html(R"(<p class="note">{}</p>)", text)`.
template <class... Args>
Html html(Template<std::type_identity_t<Args>...> literal, const Args&... args) {
  return [&literal](const auto&... arguments) { return literal.render({&arguments...}); }(Argument(args)...);
}

}  // namespace doorward::pages
