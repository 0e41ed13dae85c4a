#include "session/device.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace doorward::session {

namespace {

using Marks = std::pair<std::string_view, std::string_view>;

// Order matters: Edge calls itself Chrome as well, and Chrome Safari.
constexpr std::array<Marks, 7> kBrowsers = {{{"Edg", "Edge"},
                                             {"OPR/", "Opera"},
                                             {"Firefox/", "Firefox"},
                                             {"FxiOS/", "Firefox"},
                                             {"CriOS/", "Chrome"},
                                             {"Chrome/", "Chrome"},
                                             {"Safari/", "Safari"}}};
constexpr std::array<Marks, 6> kSystems = {{{"iPhone", "iPhone"},
                                            {"iPad", "iPad"},
                                            {"Android", "Android"},
                                            {"Windows", "Windows"},
                                            {"Mac OS X", "Mac"},
                                            {"Linux", "Linux"}}};

template <std::size_t N>
std::string_view first_of(const std::array<Marks, N>& marks, std::string_view text) {
  for (const auto& [mark, name] : marks) {
    if (text.find(mark) != std::string_view::npos) return name;
  }
  return {};
}

}  // namespace

std::string device_name(std::string_view user_agent) {
  const std::string_view browser = first_of(kBrowsers, user_agent);
  const std::string_view system = first_of(kSystems, user_agent);
  if (!browser.empty() && !system.empty()) return fmt::format("{} on {}", browser, system);
  if (!browser.empty()) return std::string(browser);
  if (!system.empty()) return std::string(system);
  const std::string_view program = user_agent.substr(0, user_agent.find_first_of("/ "));
  return program.empty() ? "Unknown device" : std::string(program);
}

}  // namespace doorward::session
