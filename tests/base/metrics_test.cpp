#include "base/metrics.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace doorward::metrics {
namespace {

TEST(Registry, ExposesFamiliesInTheOrderOfTheirFirstUse) {
  Registry registry;
  registry.counter("doorward_requests_total", "Requests.", R"(status="200")").add(3);
  registry.gauge("doorward_sessions", "Open sessions.").set(-2);
  registry.counter("doorward_requests_total", "Requests.", R"(status="500")").add();
  EXPECT_EQ(registry.expose(),
            "# HELP doorward_requests_total Requests.\n"
            "# TYPE doorward_requests_total counter\n"
            "doorward_requests_total{status=\"200\"} 3\n"
            "doorward_requests_total{status=\"500\"} 1\n"
            "# HELP doorward_sessions Open sessions.\n"
            "# TYPE doorward_sessions gauge\n"
            "doorward_sessions -2\n");
}

TEST(Registry, HandsOutTheSameObjectAgain) {
  Registry registry;
  Counter& first = registry.counter("c", "h");
  for (int i = 0; i < 100; ++i)
    registry.counter("c" + std::to_string(i), "h");
  EXPECT_EQ(&registry.counter("c", "h"), &first);
  EXPECT_NE(&registry.counter("c", "h", R"(a="b")"), &first);
}

TEST(Registry, HelpCannotBreakTheLine) {
  Registry registry;
  registry.counter("c", "one\ntwo \\ three");
  EXPECT_EQ(registry.expose(), "# HELP c one\\ntwo \\\\ three\n# TYPE c counter\nc 0\n");
}

TEST(RegistryDeathTest, OneNameHasOneType) {
  Registry registry;
  registry.counter("c", "h");
  EXPECT_DEATH(registry.gauge("c", "h"), "CHECK failed");
}

TEST(Histogram, CountsCumulatively) {
  Registry registry;
  Histogram& histogram = registry.histogram("h", "Seconds.");
  for (const double seconds : {0.0001, 0.0005, 0.0006, 0.3, 11.0})
    histogram.observe(seconds);
  const std::string text = registry.expose();
  EXPECT_NE(text.find("# TYPE h histogram\n"), std::string::npos);
  EXPECT_NE(text.find("h_bucket{le=\"0.0005\"} 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("h_bucket{le=\"0.001\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("h_bucket{le=\"0.25\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("h_bucket{le=\"0.5\"} 4\n"), std::string::npos);
  EXPECT_NE(text.find("h_bucket{le=\"10\"} 4\n"), std::string::npos);
  EXPECT_NE(text.find("h_bucket{le=\"+Inf\"} 5\n"), std::string::npos);
  EXPECT_NE(text.find("h_sum 11.3012\n"), std::string::npos) << text;
  EXPECT_NE(text.find("h_count 5\n"), std::string::npos);
}

TEST(Histogram, PutsItsLabelsBeforeTheBound) {
  Registry registry;
  registry.histogram("h", "Seconds.", R"(route="/saml")").observe(0.002);
  const std::string text = registry.expose();
  EXPECT_NE(text.find("h_bucket{route=\"/saml\",le=\"0.0025\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("h_sum{route=\"/saml\"} 0.002\nh_count{route=\"/saml\"} 1\n"), std::string::npos)
      << text;
}

TEST(Histogram, TakesNegativeTimesAsNone) {
  Registry registry;
  registry.histogram("h", "Seconds.").observe(-1);
  EXPECT_NE(registry.expose().find("h_sum 0\nh_count 1\n"), std::string::npos) << registry.expose();
}

TEST(Registry, IsSharedByThreads) {
  Registry registry;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        registry.counter("c", "h").add();
        registry.gauge("g", "h").add(i % 2 == 0 ? 1 : -1);
        registry.histogram("h", "h").observe(0.1);
        if (i % 100 == 0) static_cast<void>(registry.expose());
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(registry.counter("c", "h").value(), 4000U);
  EXPECT_EQ(registry.gauge("g", "h").value(), 0);
  EXPECT_NE(registry.expose().find("h_count 4000\n"), std::string::npos);
}

}  // namespace
}  // namespace doorward::metrics
