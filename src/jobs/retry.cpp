#include "jobs/retry.h"

namespace doorward::jobs {

std::optional<Duration> retry_delay(std::span<const std::chrono::seconds> delays, int attempt,
                                    double jitter) {
  if (attempt < 1 || static_cast<std::size_t>(attempt) > delays.size()) return std::nullopt;
  const Duration delay = delays[static_cast<std::size_t>(attempt) - 1];
  return delay + Duration(static_cast<std::int64_t>(static_cast<double>(delay.count()) * jitter / 5));
}

}  // namespace doorward::jobs
