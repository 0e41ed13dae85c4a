#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace doorward::http {

/// Files of the program itself, served under names that change with their content, so that browsers may keep
/// them for ever.
class Assets {
 public:
  /// `folder` begins and ends with a slash.
  explicit Assets(std::string folder) : folder_(std::move(folder)) {}

  /// Returns the path: `/assets/pages-0123456789abcdef.css`.
  std::string add(std::string_view stem, std::string_view suffix, std::string_view content_type,
                  std::string content);

  /// Fails with NotFound for any other path.
  Result<Response> serve(const Request& request) const;

 private:
  struct Asset {
    std::string path;
    std::string content_type;
    std::string content;
  };
  std::string folder_;
  std::vector<Asset> assets_;
};

/// The bytes that `doorward_embed` made.
inline std::string embedded(const char* begin, const char* end) {
  return std::string(begin, static_cast<std::size_t>(end - begin));
}

}  // namespace doorward::http
