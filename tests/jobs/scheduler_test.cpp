#include "jobs/scheduler.h"

#include <future>

#include <gtest/gtest.h>

#include "base/log.h"

namespace doorward::jobs {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(Scheduler, RunsChoresAgainAndAgain) {
  Scheduler scheduler;
  std::promise<void> third;
  int runs = 0;
  scheduler.add("count", milliseconds(1), [&]() -> Result<void> {
    if (++runs == 3) third.set_value();
    return {};
  });
  scheduler.add("never", hours(1), []() -> Result<void> {
    ADD_FAILURE() << "ran before its time";
    return {};
  });
  scheduler.start();
  third.get_future().wait();
  scheduler.stop();
  EXPECT_GE(runs, 3);
}

TEST(Scheduler, GoesOnAfterAFailure) {
  std::string logged;
  log::set_sink([&](std::string_view line) { logged += line; });
  Scheduler scheduler;
  std::promise<void> second;
  int runs = 0;
  scheduler.add("broken", milliseconds(1), [&]() -> Result<void> {
    if (++runs == 2) second.set_value();
    return fail(ErrorKind::Unavailable, "test.broken", "It is broken.");
  });
  scheduler.start();
  second.get_future().wait();
  scheduler.stop();
  log::set_sink({});
  EXPECT_NE(logged.find("test.broken"), std::string::npos);
}

TEST(Scheduler, StopsWithoutWaitingForTheNextTime) {
  Scheduler idle;
  idle.start();
  idle.stop();
  Scheduler waiting;
  waiting.add("later", hours(1), []() -> Result<void> { return {}; });
  waiting.start();
  waiting.stop();
  waiting.stop();
  Scheduler never_started;
}

}  // namespace
}  // namespace doorward::jobs
