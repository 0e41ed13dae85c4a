#include "base/metrics.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/check.h"

namespace doorward::metrics {

namespace {

/// A help text ends with its line.
std::string escape_help(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace

void Histogram::observe(double seconds) {
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_micros_.fetch_add(static_cast<std::uint64_t>(std::max(0.0, seconds) * 1e6), std::memory_order_relaxed);
}

void Histogram::expose(std::string& out, std::string_view name, std::string_view labels) const {
  const std::string_view comma = labels.empty() ? "" : ",";
  const std::string braced = labels.empty() ? std::string() : fmt::format("{{{}}}", labels);
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    cumulative += buckets_[i].load(std::memory_order_relaxed);
    const std::string bound = i < kBounds.size() ? fmt::format("{}", kBounds[i]) : "+Inf";
    fmt::format_to(std::back_inserter(out), "{}_bucket{{{}{}le=\"{}\"}} {}\n", name, labels, comma, bound,
                   cumulative);
  }
  fmt::format_to(std::back_inserter(out), "{}_sum{} {}\n{}_count{} {}\n", name, braced,
                 static_cast<double>(sum_micros_.load(std::memory_order_relaxed)) / 1e6, name, braced,
                 cumulative);
}

Registry::Series& Registry::series(std::string_view name, std::string_view help, std::string_view type,
                                   std::string_view labels) {
  auto family =
      std::find_if(families_.begin(), families_.end(), [&](const auto& f) { return f->name == name; });
  if (family == families_.end()) {
    families_.push_back(std::make_unique<Family>(Family{std::string(name), escape_help(help), type, {}}));
    family = std::prev(families_.end());
  }
  CHECK((*family)->type == type);
  auto& all = (*family)->series;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& s) { return s->labels == labels; });
  if (found != all.end()) return **found;
  all.push_back(std::make_unique<Series>(Series{std::string(labels), nullptr, nullptr, nullptr}));
  return *all.back();
}

Counter& Registry::counter(std::string_view name, std::string_view help, std::string_view labels) {
  const std::lock_guard lock(mutex_);
  auto& entry = series(name, help, "counter", labels);
  if (!entry.counter) entry.counter = std::make_unique<Counter>();
  return *entry.counter;
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, std::string_view labels) {
  const std::lock_guard lock(mutex_);
  auto& entry = series(name, help, "gauge", labels);
  if (!entry.gauge) entry.gauge = std::make_unique<Gauge>();
  return *entry.gauge;
}

Histogram& Registry::histogram(std::string_view name, std::string_view help, std::string_view labels) {
  const std::lock_guard lock(mutex_);
  auto& entry = series(name, help, "histogram", labels);
  if (!entry.histogram) entry.histogram = std::make_unique<Histogram>();
  return *entry.histogram;
}

std::string Registry::expose() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& family : families_) {
    fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", family->name, family->help,
                   family->name, family->type);
    for (const auto& entry : family->series) {
      if (entry->histogram) {
        entry->histogram->expose(out, family->name, entry->labels);
        continue;
      }
      const std::string braced = entry->labels.empty() ? std::string() : fmt::format("{{{}}}", entry->labels);
      const std::string value = entry->counter ? fmt::format("{}", entry->counter->value())
                                               : fmt::format("{}", entry->gauge->value());
      fmt::format_to(std::back_inserter(out), "{}{} {}\n", family->name, braced, value);
    }
  }
  return out;
}

}  // namespace doorward::metrics
