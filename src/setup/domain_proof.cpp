#include "setup/domain_proof.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace doorward::setup {

namespace {

constexpr std::string_view kPatience = "DNS changes can take an hour or more to be seen; check again later.";
constexpr std::size_t kShownRecords = 2;
constexpr std::size_t kShownBytes = 80;

std::string no_name(const directory::DomainClaim& claim) {
  // Many providers append the domain to whatever was entered.
  return fmt::format(
      "There is no record at {} yet. Add a TXT record there, not at {} itself. If your DNS provider adds the "
      "domain to names, enter only _doorward as the name. {}",
      claim.record_name(), claim.name, kPatience);
}

std::string no_record(const directory::DomainClaim& claim) {
  return fmt::format("{} exists, but has no TXT record. Add one with the value shown. {}",
                     claim.record_name(), kPatience);
}

std::string other_records(const directory::DomainClaim& claim, const std::vector<std::string>& records) {
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min(records.size(), kShownRecords); ++i)
    shown.push_back(fmt::format("“{}”", printable(records[i], kShownBytes)));
  std::string more;
  if (records.size() > kShownRecords) more = fmt::format(" and {} more", records.size() - kShownRecords);
  const bool is_wrapped = std::ranges::any_of(records, [&](const std::string& record) {
    return record.find(claim.record_value) != std::string::npos;
  });
  const std::string_view advice =
      is_wrapped
          ? "The value is right, but more stands around it: it must stand alone, without quotation marks."
          : "Copy the value exactly as shown. Other TXT records may stay.";
  const std::string count =
      records.size() == 1 ? fmt::format("The TXT record at {} says", claim.record_name())
                          : fmt::format("None of the {} TXT records at {} is the one asked for. They say",
                                        records.size(), claim.record_name());
  return fmt::format("{} {}{}. {} {}", count, fmt::join(shown, ", "), more, advice, kPatience);
}

}  // namespace

DomainCheck check_domain(const directory::DomainClaim& claim,
                         const Result<std::vector<std::string>>& records) {
  if (!records) {
    if (records.error().code == net::kDnsNoName) return {false, no_name(claim)};
    return {false,
            fmt::format("{} Nothing is known about the record; check again later.", records.error().message)};
  }
  if (records->empty()) return {false, no_record(claim)};
  const bool proven = std::ranges::any_of(
      *records, [&](const std::string& record) { return trim(record) == claim.record_value; });
  if (proven) return {true, ""};
  return {false, other_records(claim, *records)};
}

}  // namespace doorward::setup
