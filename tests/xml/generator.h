#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace doorward::xml {

/// Turns any bytes into a well-formed document that our reader accepts, and makes further choices from them.
/// Each byte decides one thing, so that both rapidcheck's shrinking and a fuzzer's mutations move in small
/// steps; when they run out, the smallest choice is made.
class Generator {
 public:
  explicit Generator(std::span<const std::uint8_t> choices) : choices_(choices) {}

  /// A number below `count`.
  std::size_t choose(std::size_t count);
  /// With namespaces declared, shadowed and undeclared, both kinds of quotes, references, CDATA sections,
  /// comments, all line ends, and characters of every UTF-8 length. Its root has the attribute `ID` with the
  /// value "root" and after its start tag the text `first_child`.
  std::string document(const std::string& first_child = {});
  /// An InclusiveNamespaces list, often empty.
  std::vector<std::string> prefix_list();
  /// How many elements `document` has.
  std::size_t elements() const { return elements_; }

 private:
  struct Scope {
    bool bound[4];  // By prefix, as in kPrefixes.
  };

  std::string element(const Scope& outside, int depth, const std::string& first_child);
  std::string attributes(const Scope& scope);
  std::string content(const Scope& scope, int depth);
  std::string characters(bool in_attribute, char quote);

  std::span<const std::uint8_t> choices_;
  std::size_t elements_ = 0;
};

}  // namespace doorward::xml
