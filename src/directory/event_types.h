#pragma once

#include <algorithm>
#include <array>
#include <string_view>

/// What can happen in an account that others may be told of: the one list that the outbox, webhooks, the
/// event feed and the console share. A name, once given, keeps its meaning for ever.
namespace doorward::directory {

struct EventType {
  std::string_view name;
  /// For administrators who choose what to be told.
  std::string_view help;
};

/// Goes to one webhook alone, when an administrator asks for it.
inline constexpr std::string_view kTestEvent = "webhook.test";

inline constexpr std::array<EventType, 39> kEventTypes = {{
    {"employee.created", "Somebody was added."},
    {"employee.updated", "Something about an employee changed: name, address, department."},
    {"employee.deactivated", "Somebody left: every access here has ended."},
    {"employee.reactivated", "Somebody came back."},
    {"employee.deleted", "Somebody was removed for good."},
    {"employee.administrator_granted", "Somebody became an administrator."},
    {"employee.administrator_revoked", "Somebody is no administrator any more."},
    {"department.created", "A department was added."},
    {"department.renamed", "A department was given another name."},
    {"department.moved", "A department was put below another one, or at the top."},
    {"department.made_default", "New employees start in another department."},
    {"department.deleted", "A department was removed; its people moved to the default one."},
    {"group.created", "The directory added a group."},
    {"group.updated", "A group was renamed."},
    {"group.deleted", "A group was removed."},
    {"group.mapped", "What a group gives its members was changed."},
    {"group.members_changed", "People joined or left a group."},
    {"sign_in.succeeded", "Somebody signed in."},
    {"sign_in.refused", "A sign-in was refused, with the reason."},
    {"sso.enabled", "Single sign-on became the only way in."},
    {"sso.disabled", "Single sign-on is not the only way in any more."},
    {"connection.created", "A connection to an identity provider was added."},
    {"connection.provider_changed",
     "What the identity provider says about itself changed: addresses, certificates."},
    {"connection.change_held",
     "The identity provider says something new about itself that an administrator has to consent to."},
    {"connection.refresh_failed", "The identity provider's metadata could not be fetched again."},
    {"connection.certificate_expiring",
     "A certificate that sign-ins depend on ends in 60, 30 or 7 days, and there is no newer one."},
    {"connection.settings_changed", "A connection's settings were changed."},
    {"connection.activated", "A connection was switched on."},
    {"connection.deactivated", "A connection was switched off."},
    {"connection.deleted", "A connection was removed."},
    {"domain.added", "An e-mail domain was added."},
    {"domain.removed", "An e-mail domain was removed."},
    {"departures.brake_on", "The directory took away many people at once: deletions wait for a decision."},
    {"departures.confirmed", "The departures that waited were confirmed."},
    {"departures.restored", "The departures that waited were undone."},
    {"application.created", "An application was added."},
    {"application.updated", "An application's settings were changed."},
    {"application.deleted", "An application was removed."},
    {kTestEvent, "Sent when an administrator tests a webhook."},
}};

constexpr bool is_event_type(std::string_view name) {
  return std::ranges::any_of(kEventTypes, [&](const EventType& type) { return type.name == name; });
}

/// An event type, or `employee.*` for all that begin with `employee.`.
constexpr bool is_event_pattern(std::string_view text) {
  if (!text.ends_with(".*")) return is_event_type(text);
  text.remove_suffix(1);
  return std::ranges::any_of(kEventTypes, [&](const EventType& type) { return type.name.starts_with(text); });
}

/// Whether the pattern means this type.
constexpr bool event_matches(std::string_view pattern, std::string_view type) {
  if (!pattern.ends_with(".*")) return pattern == type;
  return type.starts_with(pattern.substr(0, pattern.size() - 1));
}

/// Who left, and has to be gone everywhere.
constexpr bool is_departure(std::string_view type) {
  return type == "employee.deactivated" || type == "employee.deleted";
}

}  // namespace doorward::directory
