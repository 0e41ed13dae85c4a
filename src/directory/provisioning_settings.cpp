#include "directory/provisioning_settings.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "directory/accounts.h"
#include "directory/names.h"
#include "directory/notices.h"
#include "directory/values.h"

namespace doorward::directory {
namespace {

constexpr Names<DepartmentSource, 3> kSources = {{{DepartmentSource::Default, "default"},
                                                  {DepartmentSource::Match, "match"},
                                                  {DepartmentSource::Create, "create"}}};
constexpr std::array<std::string_view, 6> kTypes = {"string",  "boolean",  "integer",
                                                    "decimal", "dateTime", "reference"};
constexpr std::size_t kMaxAttributeName = 100;
constexpr int kMaxBrakeCount = 1'000'000;
constexpr int kMaxLogDays = 400;

Result<void> check_range(std::string_view name, int value, int least, int most) {
  if (value >= least && value <= most) return {};
  return fail(ErrorKind::InvalidInput, "directory.value_out_of_range",
              "The " + std::string(name) + " must be a number from " + std::to_string(least) + " to " +
                  std::to_string(most) + ".");
}

json::Array changed_settings(const ProvisioningSettings& before, const ProvisioningSettings& after) {
  json::Array changed;
  if (before.departments != after.departments) changed.emplace_back("departments");
  if (before.brake_count != after.brake_count) changed.emplace_back("brake count");
  if (before.brake_percent != after.brake_percent) changed.emplace_back("brake percentage");
  if (before.log_days != after.log_days) changed.emplace_back("log days");
  if (before.log_personal_data != after.log_personal_data) changed.emplace_back("personal data in the log");
  return changed;
}

// RFC 7643 section 2.1: ATTRNAME = ALPHA *(nameChar); nameChar = "$" / "-" / "_" / DIGIT / ALPHA.
bool is_attribute_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_inner = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '$' || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= kMaxAttributeName && is_letter(name.front()) &&
         std::ranges::all_of(name, is_inner);
}

/// The target of what concerns the whole account.
Result<void> tell(storage::Transaction& transaction, AccountId id, std::string_view action,
                  const json::Object& details, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(const Account account, load_account(transaction, id));
  RETURN_IF_ERROR(record_audit(transaction, id, actor, action, account.public_id, details, now));
  return send_notice(transaction, {.account = id});
}

}  // namespace

std::string_view to_text(DepartmentSource source) {
  return name_of(kSources, source);
}
std::optional<DepartmentSource> parse_department_source(std::string_view text) {
  return value_of(kSources, text);
}

Result<ProvisioningSettings> load_provisioning_settings(storage::Transaction& transaction,
                                                        AccountId account) {
  ASSIGN_OR_RETURN(
      const auto stored,
      transaction.first("SELECT department_source, brake_count, brake_percent, log_days, log_personal_data"
                        " FROM provisioning_settings WHERE account_id = $1",
                        {account}, [](const storage::Row& row) {
                          return ProvisioningSettings{.departments = stored_value(kSources, row.text(0)),
                                                      .brake_count = static_cast<int>(row.integer(1)),
                                                      .brake_percent = static_cast<int>(row.integer(2)),
                                                      .log_days = static_cast<int>(row.integer(3)),
                                                      .log_personal_data = row.flag(4)};
                        }));
  return stored.value_or(ProvisioningSettings{});
}

Result<void> update_provisioning_settings(storage::Transaction& transaction, AccountId account,
                                          const ProvisioningSettings& settings, const Actor& actor,
                                          Timestamp now) {
  RETURN_IF_ERROR(check_range("number of departures in an hour", settings.brake_count, 1, kMaxBrakeCount));
  RETURN_IF_ERROR(check_range("percentage of departures in an hour", settings.brake_percent, 0, 100));
  RETURN_IF_ERROR(check_range("number of days of the log", settings.log_days, 1, kMaxLogDays));
  ASSIGN_OR_RETURN(const ProvisioningSettings before, load_provisioning_settings(transaction, account));
  if (before == settings) return {};
  RETURN_IF_ERROR(transaction.execute(
      "INSERT INTO provisioning_settings (account_id, department_source, brake_count, brake_percent, "
      "log_days,"
      " log_personal_data) VALUES ($1, $2, $3, $4, $5, $6)"
      " ON CONFLICT (account_id) DO UPDATE SET department_source = $2, brake_count = $3, brake_percent = $4,"
      " log_days = $5, log_personal_data = $6",
      {account, to_text(settings.departments), settings.brake_count, settings.brake_percent,
       settings.log_days, settings.log_personal_data}));
  return tell(transaction, account, "provisioning.settings_changed",
              {{"changed", changed_settings(before, settings)}}, actor, now);
}

Result<std::vector<CustomAttribute>> list_custom_attributes(storage::Transaction& transaction,
                                                            AccountId account) {
  return transaction.all(
      "SELECT name, type, multi_valued, description FROM custom_attributes"
      " WHERE account_id = $1 ORDER BY id",
      {account}, [](const storage::Row& row) {
        return CustomAttribute{.name = std::string(row.text(0)),
                               .type = std::string(row.text(1)),
                               .multi_valued = row.flag(2),
                               .description = std::string(row.text(3))};
      });
}

Result<void> declare_custom_attribute(storage::Transaction& transaction, AccountId account,
                                      const CustomAttribute& attribute, const Actor& actor, Timestamp now) {
  if (!is_attribute_name(attribute.name)) {
    return fail(ErrorKind::InvalidInput, "directory.bad_attribute_name",
                "An attribute's name is a letter, then letters, digits, -, _ or $, and at most " +
                    std::to_string(kMaxAttributeName) + " of them.");
  }
  if (std::ranges::find(kTypes, attribute.type) == kTypes.end()) {
    return fail(ErrorKind::InvalidInput, "directory.bad_attribute_type",
                "An attribute's type is string, boolean, integer, decimal, dateTime or reference.");
  }
  RETURN_IF_ERROR(check_value("description", attribute.description, Presence::Optional));
  ASSIGN_OR_RETURN(const std::vector<CustomAttribute> declared, list_custom_attributes(transaction, account));
  if (declared.size() >= kMaxCustomAttributes) {
    return fail(ErrorKind::Refused, "directory.too_many_attributes",
                "The account has " + std::to_string(kMaxCustomAttributes) +
                    " attributes of its own, and more are not possible. Remove one that is not needed.");
  }
  ASSIGN_OR_RETURN(
      const std::int64_t added,
      transaction.execute("INSERT INTO custom_attributes (account_id, name, name_key, type, multi_valued,"
                          " description) VALUES ($1, $2, $3, $4, $5, $6)"
                          " ON CONFLICT (account_id, name_key) DO NOTHING",
                          {account, attribute.name, to_ascii_lower(attribute.name), attribute.type,
                           attribute.multi_valued, attribute.description}));
  if (added == 0) {
    return fail(ErrorKind::Conflict, "directory.attribute_exists",
                "The account has an attribute " + attribute.name + " already. Choose another name.");
  }
  return tell(transaction, account, "provisioning.attribute_declared",
              {{"name", attribute.name}, {"type", attribute.type}}, actor, now);
}

Result<void> remove_custom_attribute(storage::Transaction& transaction, AccountId account,
                                     std::string_view name, const Actor& actor, Timestamp now) {
  ASSIGN_OR_RETURN(
      const std::int64_t removed,
      transaction.execute("DELETE FROM custom_attributes WHERE account_id = $1 AND name_key = $2",
                          {account, to_ascii_lower(name)}));
  if (removed == 0) {
    return fail(ErrorKind::NotFound, "directory.no_attribute",
                "The account has no attribute " + printable(name) + " of its own.");
  }
  return tell(transaction, account, "provisioning.attribute_removed", {{"name", name}}, actor, now);
}

}  // namespace doorward::directory
