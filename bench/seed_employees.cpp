// Fills an account as a directory service would have, for bench/scim_bench.py:
//   seed_employees DATABASE ACCOUNT EMPLOYEES [GROUP=MEMBERS...]
// Each group gets the first so many of the employees. bench/people.py knows who they are.

#include <array>
#include <charconv>
#include <cstdio>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "directory/accounts.h"
#include "directory/groups.h"
#include "directory/migrations.h"
#include "directory/provisioning.h"
#include "json/json.h"
#include "storage/database.h"

namespace {

using namespace doorward;

/// Employees of one transaction, and members of one audit entry.
constexpr int kBatch = 5'000;

const directory::Actor kDirectory = {directory::ActorKind::Directory, "Entra"};

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message + " [" + result.error().detail + "]");
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// Numbers that look random (splitmix64), so that neighbours in creation are none in any index.
std::uint64_t scattered(std::uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27U)) * 0x94d049bb133111eb;
  return number ^ (number >> 31U);
}

std::string external_id(std::uint64_t number) {
  const std::uint64_t high = scattered(2 * number);
  const std::uint64_t low = scattered(2 * number + 1);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32U, (high >> 16U) & 0xffffU,
                     high & 0xffffU, low >> 48U, low & 0xffffffffffffU);
}

constexpr auto kGivenNames =
    std::to_array<std::string_view>({"Ada", "Ben", "Chiara", "David", "Elif", "Farah", "Goran", "Hannah",
                                     "Ivan", "Jana", "Kofi", "Lena", "Mateo", "Nora", "Omar", "Priya"});
constexpr auto kFamilyNames = std::to_array<std::string_view>(
    {"Almeida", "Baker", "Chen", "Diallo", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jensen",
     "Kowalski", "Lopez", "Moreau", "Nguyen", "Okafor", "Petrov"});

/// What is left of Entra's POST beside the columns.
std::string attributes(std::uint64_t number, const directory::Profile& profile) {
  return json::serialize(json::Object{
      {"name", {{"formatted", profile.display_name}}},
      {"title", "Engineer"},
      {"emails", json::Array{json::Object{{"primary", true}, {"type", "work"}, {"value", profile.email}}}},
      {"preferredLanguage", "en-GB"},
      {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
       {{"employeeNumber", std::to_string(number)}, {"department", "Engineering"}, {"costCenter", "4711"}}}});
}

directory::EmployeeRecord person(std::uint64_t number) {
  const std::uint64_t name = scattered(number);
  directory::EmployeeRecord record;
  directory::Profile& profile = record.profile;
  profile.given_name = kGivenNames.at(name % kGivenNames.size());
  profile.family_name = kFamilyNames.at((name >> 8U) % kFamilyNames.size());
  profile.display_name = profile.given_name + " " + profile.family_name;
  profile.user_name =
      fmt::format("{}.{}.{}@contoso.example", profile.given_name, profile.family_name, number);
  profile.email = profile.user_name;
  profile.external_id = external_id(number);
  record.attributes = attributes(number, profile);
  record.department = "Engineering";
  return record;
}

void add_employees(storage::Database& database, const directory::Account& account, int count,
                   std::vector<std::string>& ids) {
  const SystemClock clock;
  const directory::ProvisioningSettings settings;
  for (int begin = 0; begin < count; begin += kBatch) {
    must(database.write([&](storage::Transaction& transaction) -> Result<void> {
      for (int number = begin; number < std::min(begin + kBatch, count); ++number) {
        ASSIGN_OR_RETURN(const directory::Joined joined,
                         directory::provision_employee(transaction, account, settings,
                                                       person(static_cast<std::uint64_t>(number)), kDirectory,
                                                       clock.now()));
        ids.push_back(joined.employee.employee.public_id);
      }
      return {};
    }));
  }
}

void add_group(storage::Database& database, const directory::Account& account, std::string_view name,
               std::span<const std::string> members) {
  const SystemClock clock;
  must(database.write([&](storage::Transaction& transaction) -> Result<void> {
    ASSIGN_OR_RETURN(
        const directory::Group group,
        directory::create_group(transaction, {.account = account.id, .display_name = std::string(name)},
                                kDirectory, clock.now()));
    for (std::size_t begin = 0; begin < members.size(); begin += kBatch) {
      const auto batch = members.subspan(begin, std::min<std::size_t>(kBatch, members.size() - begin));
      RETURN_IF_ERROR(
          directory::add_members(transaction, account.id, group.id, batch, kDirectory, clock.now()));
    }
    return {};
  }));
}

int number_of(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) {
    throw std::runtime_error(fmt::format("“{}” is no number.", text));
  }
  return number;
}

void seed(std::span<const std::string_view> arguments) {
  const auto database = must(storage::Database::open("sqlite:" + std::string(arguments[0])));
  must(database->migrate(directory::migrations(database->dialect())));
  const directory::Account account = must(database->read(
      [&](storage::Transaction& transaction) { return directory::find_account(transaction, arguments[1]); }));
  std::vector<std::string> ids;
  add_employees(*database, account, number_of(arguments[2]), ids);
  for (const std::string_view group : arguments.subspan(3)) {
    const std::size_t equals = group.find('=');
    const auto members = static_cast<std::size_t>(number_of(group.substr(equals + 1)));
    if (equals == std::string_view::npos || members > ids.size()) {
      throw std::runtime_error(fmt::format("“{}” is no GROUP=MEMBERS of these employees.", group));
    }
    add_group(*database, account, group.substr(0, equals), std::span(ids).first(members));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3) {
    std::fprintf(stderr, "usage: seed_employees DATABASE ACCOUNT EMPLOYEES [GROUP=MEMBERS...]\n");
    return 2;
  }
  try {
    seed(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
