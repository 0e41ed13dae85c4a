#include "saml/protocol/require.h"

#include "saml/protocol/names.h"

namespace doorward::saml::protocol {

#ifdef DOORWARD_SWITCHABLE_CHECKS
std::optional<SwitchedOff> switched_off;

std::set<std::pair<Check, Finding>>& switchable() {
  static std::set<std::pair<Check, Finding>> seen;
  return seen;
}

bool holds(Check check, Finding finding, bool condition) {
  switchable().emplace(check, finding);
  return condition || (switched_off && switched_off->check == check && switched_off->finding == finding);
}
#endif

Finding finding_of(const Error& error) {
  if (error.code == xml::kUnexpected) return Finding::ElementUnexpected;
  if (error.code == xml::kMissing) return Finding::ElementMissing;
  if (error.code == xml::kSplitValue) return Finding::ValueNotText;
  if (error.code == xml::kLimitExceeded) return Finding::MessageTooLarge;
  return Finding::MessageNotXml;
}

Result<std::string_view, Finding> required_attribute(Report& report, Check check, xml::Element element,
                                                     std::string_view name) {
  const auto value = element.attribute(name);
  if (value && !value->empty()) return *value;
  return refuse(report, check, Finding::AttributeMissing, name, element.local_name());
}

Result<Timestamp, Finding> required_time(Report& report, Check check, xml::Element element,
                                         std::string_view name) {
  ASSIGN_OR_RETURN(const auto time, optional_time(report, check, element, name));
  if (time) return *time;
  return refuse(report, check, Finding::AttributeMissing, name, element.local_name());
}

Result<std::optional<Timestamp>, Finding> optional_time(Report& report, Check check, xml::Element element,
                                                        std::string_view name) {
  const auto value = element.attribute(name);
  if (!value) return std::optional<Timestamp>();
  const auto time = parse_rfc3339(*value);
  if (!time) return refuse(report, check, Finding::TimeMalformed, name, *value);
  return time;
}

Result<Head, Finding> check_head(Report& report, xml::Element element, Timestamp now, Duration skew) {
  const auto version = element.attribute("Version").value_or("");
  RETURN_IF_ERROR(
      require(report, Check::Structure, Finding::VersionUnsupported, version == "2.0", "2.0", version));
  ASSIGN_OR_RETURN(const auto id, required_attribute(report, Check::Structure, element, "ID"));
  ASSIGN_OR_RETURN(const auto issued, required_time(report, Check::IssueInstant, element, "IssueInstant"));
  RETURN_IF_ERROR(require(report, Check::IssueInstant, Finding::IssuedInFuture, issued <= now + skew,
                          ClockReading{now, skew}, Moment{issued, now}));
  return Head{id, issued};
}

Result<void, Finding> check_issuer(Report& report, xml::Element issuer, std::string_view expected) {
  const auto format = issuer.attribute("Format");
  RETURN_IF_ERROR(require(report, Check::Issuer, Finding::IssuerMismatch, !format || *format == kEntityFormat,
                          kEntityFormat, format.value_or("")));
  ASSIGN_OR_RETURN(const auto value, lift(report, Check::Issuer, issuer.text()));
  RETURN_IF_ERROR(
      require(report, Check::Issuer, Finding::IssuerMismatch, value == expected, expected, value));
  report.pass(Check::Issuer, expected, value);
  return {};
}

}  // namespace doorward::saml::protocol
