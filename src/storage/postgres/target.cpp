#include "storage/postgres/target.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include <libpq-fe.h>

namespace doorward::storage::postgres {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

/// Seconds, except for the last, which is milliseconds.
constexpr std::pair<const char*, const char*> kDefaults[] = {
    {"target_session_attrs", "read-write"},
    {"connect_timeout", "3"},
    {"keepalives", "1"},
    {"keepalives_idle", "3"},
    {"keepalives_interval", "1"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "5000"},
    {"fallback_application_name", "doorward"},
};

// libpq's own words may quote the address, and with it the password.
tl::unexpected<Error> bad_url() {
  return fail(
      ErrorKind::InvalidInput, "storage.bad_url",
      "The address of the PostgreSQL database is malformed. It is written as postgres://USER@HOST/NAME; "
      "in user, password and name whatever is no letter or digit is percent-encoded, as %40 for @.");
}

/// libpq's keywords that hold a part for each server.
bool is_list(std::string_view keyword) {
  return keyword == "host" || keyword == "hostaddr" || keyword == "port";
}

std::size_t parts_of(std::string_view list) {
  return static_cast<std::size_t>(std::ranges::count(list, ',')) + 1;
}

}  // namespace

std::size_t Target::hosts() const {
  std::size_t most = 1;
  for (const auto& [keyword, value] : values_)
    if (is_list(keyword)) most = std::max(most, parts_of(value));
  return most;
}

Target Target::beginning_with(std::size_t first) const {
  Values turned = values_;
  for (auto& [keyword, value] : turned) {
    // One port may serve all.
    if (!is_list(keyword) || parts_of(value) <= first) continue;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < first; ++i)
      begin = value.find(',', begin) + 1;
    if (begin > 0) value = value.substr(begin) + ',' + value.substr(0, begin - 1);
  }
  return Target(std::move(turned));
}

Result<Target> Target::parse(const std::string& url) {
  if (url.find('\0') != std::string::npos) return bad_url();
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(url.c_str(), &problem));
  PQfreemem(problem);
  if (!options) return bad_url();
  Values values;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr || *option->val == '\0') continue;
    values.emplace_back(option->keyword, option->val);
    // The rest of a password with an @ in it, which error messages would show as the host's name.
    if (values.back().first == "host" && values.back().second.find('@') != std::string::npos)
      return bad_url();
  }
  for (const auto& [keyword, value] : kDefaults) {
    const bool chosen =
        std::ranges::any_of(values, [&](const auto& entry) { return entry.first == keyword; });
    if (!chosen) values.emplace_back(keyword, value);
  }
  std::erase_if(values, [](const auto& entry) { return entry.first == "client_encoding"; });
  values.emplace_back("client_encoding", "UTF8");
  return Target(std::move(values));
}

}  // namespace doorward::storage::postgres
