#include "scim/changes.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace doorward::scim {

namespace {

constexpr std::size_t kMaxNamed = 4;

bool counts(std::string_view attribute) {
  return attribute != "id" && attribute != "schemas" && attribute != "meta";
}

/// Calls `visit(path, value)` for each attribute, and for the sub-attributes of single complex values.
template <class Visit>
void for_each_leaf(const json::Object& resource, const std::string& prefix, Visit visit) {
  for (const auto& [name, value] : resource) {
    if (prefix.empty() && !counts(name)) continue;
    // Extensions are joined by a colon, sub-attributes by a dot (RFC 7644 section 3.10).
    const std::string separator = prefix.empty() ? "" : prefix.starts_with("urn:") ? ":" : ".";
    const std::string path = prefix + separator + std::string(name);
    if (value.is_object() && (prefix.empty() || prefix.starts_with("urn:")) && !path.ends_with(":manager")) {
      for_each_leaf(value.get_object(), path, visit);
    } else {
      visit(path, value);
    }
  }
}

using Leaves = std::vector<std::pair<std::string, const json::Value*>>;

Leaves leaves_of(const json::Object& resource) {
  Leaves leaves;
  for_each_leaf(resource, "", [&](const std::string& path, const json::Value& value) {
    leaves.emplace_back(path, &value);
  });
  std::ranges::sort(leaves, {}, &Leaves::value_type::first);
  return leaves;
}

const json::Value* find(const Leaves& leaves, const std::string& path) {
  const auto place = std::ranges::lower_bound(leaves, path, {}, &Leaves::value_type::first);
  return place != leaves.end() && place->first == path ? place->second : nullptr;
}

/// `department` of `urn:…:User:department`, `givenName` of `name.givenName`; in words.
std::string label(std::string_view attribute) {
  static constexpr auto kWords = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"userName", "user name"},
       {"displayName", "display name"},
       {"name.givenName", "given name"},
       {"name.familyName", "family name"},
       {"name.formatted", "full name"},
       {"emails", "e-mail addresses"},
       {"phoneNumbers", "telephone numbers"},
       {"externalId", "external id"},
       {"objectId", "object id"},
       {"employeeNumber", "employee number"},
       {"costCenter", "cost center"},
       {"preferredLanguage", "preferred language"},
       {"userType", "user type"}});
  const auto colon = attribute.rfind(':');
  const std::string_view name = colon == std::string_view::npos ? attribute : attribute.substr(colon + 1);
  for (const auto& [known, words] : kWords) {
    if (known == name) return std::string(words);
  }
  return std::string(name);
}

/// A value in a sentence; empty for what does not fit into one.
std::string shown(const json::Value& value) {
  if (value.is_string()) return printable(value.get_string(), 80);
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  if (value.is_int64()) return std::to_string(value.get_int64());
  return {};
}

std::string one_change(const Change& change, Personal personal) {
  const std::string name = label(change.attribute);
  const std::string before = shown(masked(change.before, change.attribute, personal));
  const std::string after = shown(masked(change.after, change.attribute, personal));
  if (change.after.is_null()) return name + (before.empty() ? "" : fmt::format(" (was {})", before));
  if (after.empty()) return name;
  if (change.before.is_null()) return fmt::format("{} to {}", name, after);
  return before.empty() ? name : fmt::format("{} from {} to {}", name, before, after);
}

}  // namespace

std::vector<Change> differences(const json::Object& before, const json::Object& after) {
  const Leaves old_leaves = leaves_of(before);
  const Leaves new_leaves = leaves_of(after);
  std::vector<Change> changes;
  for (const auto& [path, value] : old_leaves) {
    const json::Value* now = find(new_leaves, path);
    if (now == nullptr) {
      changes.push_back({path, *value, nullptr});
    } else if (*now != *value) {
      changes.push_back({path, *value, *now});
    }
  }
  for (const auto& [path, value] : new_leaves) {
    if (find(old_leaves, path) == nullptr) changes.push_back({path, nullptr, *value});
  }
  return changes;
}

std::string changes_text(const std::vector<Change>& changes, Personal personal) {
  std::string text = "[";
  for (const Change& change : changes) {
    text += text.size() == 1 ? "{\"attribute\":" : ",{\"attribute\":";
    json::append_string(text, change.attribute);
    text += ",\"before\":";
    append_masked(text, change.before, change.attribute, personal);
    text += ",\"after\":";
    append_masked(text, change.after, change.attribute, personal);
    text += '}';
  }
  return text + "]";
}

std::string sentence(std::string_view who, std::string_view whom, const std::vector<Change>& changes,
                     Personal personal) {
  std::string told;
  std::vector<const Change*> rest;
  for (const Change& change : changes) {
    if (change.attribute == "active" && change.after.is_bool()) {
      told = fmt::format("{} {} {}.", who, change.after.get_bool() ? "gave access back to" : "deactivated",
                         whom);
    } else if (change.attribute != "objectId" || changes.size() == 1) {
      rest.push_back(&change);
    }
  }
  if (rest.empty()) return told.empty() ? fmt::format("{} changed nothing of {}.", who, whom) : told;
  std::string list;
  for (std::size_t i = 0; i < std::min(rest.size(), kMaxNamed); ++i) {
    if (i > 0) list += i + 1 == rest.size() ? " and " : ", ";
    list += one_change(*rest[i], personal);
  }
  if (rest.size() > kMaxNamed) list += fmt::format(" and {} more", rest.size() - kMaxNamed);
  const bool removed_only =
      std::ranges::all_of(rest, [](const Change* change) { return change->after.is_null(); });
  if (!told.empty()) told += ' ';
  return told + fmt::format("{} {} {}'s {}.", who, removed_only ? "cleared" : "changed", whom, list);
}

}  // namespace doorward::scim
