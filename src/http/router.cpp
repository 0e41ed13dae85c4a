#include "http/router.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace doorward::http {

namespace {

constexpr std::string_view kRestMark = "...}";

bool is_name(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{';
}
bool is_rest(std::string_view segment) {
  return segment.size() > kRestMark.size() && segment.ends_with(kRestMark);
}

/// Takes the first segment off a path whose leading slash is gone; `last` says that nothing followed it.
struct Segment {
  std::string_view text;
  std::string_view remainder;
  bool last;
};

Segment first_segment(std::string_view path) {
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return {path, {}, true};
  return {path.substr(0, slash), path.substr(slash + 1), false};
}

}  // namespace

/// One segment's place in the tree of patterns.
struct Router::Node {
  struct Entry {
    Route route;
    /// What the pattern calls its names, in order.
    std::vector<std::string> names;
  };

  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
  std::unique_ptr<Node> name;
  std::unique_ptr<Node> rest;
  std::array<std::unique_ptr<Entry>, static_cast<std::size_t>(Method::Other)> entries;

  Node& child(std::string_view segment) {
    if (is_rest(segment)) return create(rest);
    if (is_name(segment)) return create(name);
    const auto found = std::find_if(literals.begin(), literals.end(),
                                    [&](const auto& entry) { return entry.first == segment; });
    if (found != literals.end()) return *found->second;
    return *literals.emplace_back(segment, std::make_unique<Node>()).second;
  }

  static Node& create(std::unique_ptr<Node>& slot) {
    if (!slot) slot = std::make_unique<Node>();
    return *slot;
  }

  void collect(std::vector<const Route*>& routes) const {
    for (const auto& each : entries) {
      if (each) routes.push_back(&each->route);
    }
    for (const auto& [literal, child] : literals)
      child->collect(routes);
    if (name) name->collect(routes);
    if (rest) rest->collect(routes);
  }

  const Entry* entry(Method method) const {
    const auto& exact = entries[static_cast<std::size_t>(method)];
    if (exact || method != Method::Head) return exact.get();
    return entries[static_cast<std::size_t>(Method::Get)].get();
  }
};

/// Walks the tree, the most literal branch first, until a node has a route of the method.
struct Router::Search {
  Method method;
  std::vector<std::string_view> values;
  std::array<bool, static_cast<std::size_t>(Method::Other)> allowed{};

  const Node::Entry* descend(const Node& node, std::string_view path) {
    const auto [text, remainder, last] = first_segment(path);
    for (const auto& [literal, child] : node.literals) {
      if (literal != text) continue;
      if (const auto* found = last ? arrive(*child) : descend(*child, remainder)) return found;
    }
    if (node.name && !text.empty()) {
      values.push_back(text);
      if (const auto* found = last ? arrive(*node.name) : descend(*node.name, remainder)) return found;
      values.pop_back();
    }
    if (node.rest) {
      values.push_back(path);
      if (const auto* found = arrive(*node.rest)) return found;
      values.pop_back();
    }
    return nullptr;
  }

  const Node::Entry* arrive(const Node& node) {
    for (std::size_t i = 0; i < allowed.size(); ++i) {
      if (node.entry(static_cast<Method>(i)) != nullptr) allowed[i] = true;
    }
    return method == Method::Other ? nullptr : node.entry(method);
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

void Router::add(Method method, std::string_view pattern, Run run, Handler handler) {
  CHECK(method != Method::Other && handler != nullptr);
  CHECK(!pattern.empty() && pattern.front() == '/');
  Node* node = root_.get();
  std::vector<std::string> names;
  std::string_view path = pattern.substr(1);
  for (bool last = false; !last;) {
    const auto segment = first_segment(path);
    node = &node->child(segment.text);
    path = segment.remainder;
    last = segment.last;
    if (is_rest(segment.text)) {
      CHECK(last);
      names.emplace_back(segment.text.substr(1, segment.text.size() - 1 - kRestMark.size()));
    } else if (is_name(segment.text)) {
      CHECK(segment.text.back() == '}');
      names.emplace_back(segment.text.substr(1, segment.text.size() - 2));
    }
  }
  auto& slot = node->entries[static_cast<std::size_t>(method)];
  CHECK(!slot);
  Route route;
  route.method = method;
  route.pattern = pattern;
  route.run = run;
  route.handler = std::move(handler);
  slot = std::make_unique<Node::Entry>();
  slot->route = std::move(route);
  slot->names = std::move(names);
}

std::vector<const Route*> Router::routes() const {
  std::vector<const Route*> routes;
  root_->collect(routes);
  return routes;
}

Router::Match Router::find(Method method, std::string_view path) const {
  Match match;
  if (path.empty() || path.front() != '/') return match;
  Search search{method, {}, {}};
  if (const auto* found = search.descend(*root_, path.substr(1))) {
    match.route = &found->route;
    match.parameters.reserve(found->names.size());
    for (std::size_t i = 0; i < found->names.size(); ++i) {
      match.parameters.emplace_back(found->names[i], search.values[i]);
    }
    return match;
  }
  for (std::size_t i = 0; i < search.allowed.size(); ++i) {
    if (!search.allowed[i]) continue;
    if (!match.allowed.empty()) match.allowed += ", ";
    match.allowed += name_of(static_cast<Method>(i));
  }
  return match;
}

}  // namespace doorward::http
