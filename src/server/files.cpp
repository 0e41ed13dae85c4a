#include "server/files.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/text.h"

namespace doorward::server {

std::string system_error_text(int error) {
  return std::generic_category().message(error);
}

Result<std::string> read_whole_file(const std::string& path, std::size_t max_bytes) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorKind::InvalidInput, "file.unreadable",
                fmt::format("The file {} cannot be read: {}.", printable(path), why));
  };
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "rbe"),
                                                                &std::fclose);
  if (!file) return refuse(system_error_text(errno));
  std::string bytes;
  std::array<char, 64 * 1024> buffer;
  while (std::feof(file.get()) == 0 && std::ferror(file.get()) == 0) {
    bytes.append(buffer.data(), std::fread(buffer.data(), 1, buffer.size(), file.get()));
    if (bytes.size() > max_bytes) return refuse(fmt::format("it is larger than {} bytes", max_bytes));
  }
  if (std::ferror(file.get()) != 0) return refuse(system_error_text(errno));
  return bytes;
}

Result<void> make_parent_folder(const std::string& path) {
  std::filesystem::path folder;
  for (const auto& part : std::filesystem::path(path).parent_path()) {
    folder /= part;
    if (mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST || errno == EISDIR) continue;
    // A folder above may exist and be closed to us; what counts is the last one.
    const int error = errno;
    std::error_code ignored;
    if (std::filesystem::is_directory(folder, ignored)) continue;
    return fail(ErrorKind::Refused, "file.no_folder",
                fmt::format("The folder {} cannot be made: {}.", printable(folder.string()),
                            system_error_text(error)));
  }
  return {};
}

}  // namespace doorward::server
