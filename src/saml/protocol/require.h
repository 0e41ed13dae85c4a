#pragma once

#ifdef DOORWARD_SWITCHABLE_CHECKS
#include <set>
#include <utility>
#endif
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "saml/protocol/finding.h"
#include "xml/reader.h"

/// How the checks of this room are written: each states what must hold, and notes its failure in the report.
namespace doorward::saml::protocol {

#ifdef DOORWARD_SWITCHABLE_CHECKS
/// Tests switch one check off to prove that some bad message needs it. Never compiled into the server.
struct SwitchedOff {
  Check check;
  Finding finding;
};
extern std::optional<SwitchedOff> switched_off;
/// The checks that were come across so far.
std::set<std::pair<Check, Finding>>& switchable();

bool holds(Check check, Finding finding, bool condition);
#else
constexpr bool holds(Check, Finding, bool condition) {
  return condition;
}
#endif

/// Notes `finding` and returns it unless `condition` holds.
inline Result<void, Finding> require(Report& report, Check check, Finding finding, bool condition,
                                     const Described& expected = {}, const Described& actual = {}) {
  if (holds(check, finding, condition)) return {};
  report.fail(check, finding, expected, actual);
  return fail(finding);
}

/// Notes `finding` and returns it.
inline tl::unexpected<Finding> refuse(Report& report, Check check, Finding finding,
                                      const Described& expected = {}, const Described& actual = {}) {
  report.fail(check, finding, expected, actual);
  return fail(finding);
}

/// What a failure of the XML reader means here.
Finding finding_of(const Error& error);

/// Passes a result of the XML reader on, its failure as a finding of `check`.
template <class T>
Result<T, Finding> lift(Report& report, Check check, Result<T> result) {
  if (result) {
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return *std::move(result);
    }
  }
  return refuse(report, check, finding_of(result.error()), {}, result.error().message);
}

/// The value of an attribute that must be there and must not be empty.
Result<std::string_view, Finding> required_attribute(Report& report, Check check, xml::Element element,
                                                     std::string_view name);
/// The same for attributes that are times.
Result<Timestamp, Finding> required_time(Report& report, Check check, xml::Element element,
                                         std::string_view name);
Result<std::optional<Timestamp>, Finding> optional_time(Report& report, Check check, xml::Element element,
                                                        std::string_view name);

/// The attributes that every message and assertion has (SAML Core 2.3.3, 3.2.1): Version 2.0, an ID, and an
/// IssueInstant that is not in the future.
struct Head {
  std::string_view id;
  Timestamp issue_instant;
};
Result<Head, Finding> check_head(Report& report, xml::Element element, Timestamp now, Duration skew);

/// Issuer must be `expected` to the letter, and of the format *entity* if it has one (SAML Core 8.3.6).
Result<void, Finding> check_issuer(Report& report, xml::Element issuer, std::string_view expected);

}  // namespace doorward::saml::protocol
