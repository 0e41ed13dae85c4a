#include "base/log.h"

#include <regex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"

namespace doorward::log {
namespace {

class LogTest : public testing::Test {
 protected:
  LogTest() {
    set_sink([this](std::string_view line) { lines_.emplace_back(line); });
  }
  ~LogTest() override {
    set_sink({});
    set_level(Level::Info);
  }

  /// The last line from its level on; the time before it varies.
  std::string last() const {
    return lines_.empty() ? "" : lines_.back().substr(lines_.back().find("\"level\""));
  }

  std::vector<std::string> lines_;
};

TEST_F(LogTest, WritesOneObjectALine) {
  info("server.started", {{"listen", "127.0.0.1:8080"}, {"workers", 4}, {"tls", false}, {"offset", -5}});
  ASSERT_EQ(lines_.size(), 1U);
  const std::regex shape(
      R"(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z","level":"info","event":"server\.started",)"
      R"("listen":"127\.0\.0\.1:8080","workers":4,"tls":false,"offset":-5\}\n)");
  EXPECT_TRUE(std::regex_match(lines_[0], shape)) << lines_[0];
}

TEST_F(LogTest, NamesItsLevels) {
  set_level(Level::Debug);
  debug("a");
  warning("b");
  error("c");
  ASSERT_EQ(lines_.size(), 3U);
  EXPECT_NE(lines_[0].find(R"("level":"debug","event":"a"})"), std::string::npos);
  EXPECT_NE(lines_[1].find(R"("level":"warning","event":"b"})"), std::string::npos);
  EXPECT_NE(lines_[2].find(R"("level":"error","event":"c"})"), std::string::npos);
}

TEST_F(LogTest, DropsLinesBelowTheLevel) {
  debug("quiet");
  EXPECT_TRUE(lines_.empty());
  set_level(Level::Error);
  warning("quiet");
  EXPECT_TRUE(lines_.empty());
  error("loud");
  EXPECT_EQ(lines_.size(), 1U);
}

TEST_F(LogTest, ValuesCannotForgeLinesOrFields) {
  info("e", {{"agent", "x\"}\n{\"level\":\"error\",\\\r\t\x1b\x7f"}});
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(
      last(),
      R"("level":"info","event":"e","agent":"x\"}\u000a{\"level\":\"error\",\\\u000d\u0009\u001b\u007f"})"
      "\n");
  info("e", {{"zero", std::string_view("a\0b", 3)}});
  EXPECT_EQ(last(), "\"level\":\"info\",\"event\":\"e\",\"zero\":\"a\\u0000b\"}\n");
}

TEST_F(LogTest, EveryLineIsValidUtf8) {
  info("e", {{"name", "Müller 😀"}});
  EXPECT_EQ(last(), "\"level\":\"info\",\"event\":\"e\",\"name\":\"Müller 😀\"}\n");
  info("e", {{"name", "a\xff\xc3"}});
  EXPECT_EQ(last(), "\"level\":\"info\",\"event\":\"e\",\"name\":\"a\\ufffd\\ufffd\"}\n");
  EXPECT_TRUE(is_valid_utf8(lines_.back()));
}

TEST_F(LogTest, AddsTheRequestOfTheThread) {
  info("outside");
  EXPECT_EQ(last().find("request_id"), std::string::npos);
  {
    const RequestScope outer("request-1");
    info("inside");
    EXPECT_NE(last().find(R"("event":"inside","request_id":"request-1")"), std::string::npos);
    {
      const RequestScope inner("request-2");
      info("nested");
      EXPECT_NE(last().find("request-2"), std::string::npos);
    }
    info("back");
    EXPECT_NE(last().find("request-1"), std::string::npos);
    std::thread([] { info("elsewhere"); }).join();
    EXPECT_EQ(last().find("request_id"), std::string::npos);
  }
  info("outside");
  EXPECT_EQ(last().find("request_id"), std::string::npos);
}

TEST_F(LogTest, WritesFailuresWithTheirPrivateDetail) {
  failure(Level::Error, "net.fetch_failed",
          Error{ErrorKind::Unavailable, "net.timeout", "Too slow.", "errno 110"});
  EXPECT_NE(last().find(R"("code":"net.timeout","message":"Too slow.","detail":"errno 110")"),
            std::string::npos);
}

TEST_F(LogTest, LinesOfThreadsStayWhole) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 100; ++i)
        info("e", {{"text", std::string(300, 'x')}});
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(lines_.size(), 400U);
  for (const std::string& line : lines_) {
    EXPECT_TRUE(line.starts_with("{\"time\":") && line.ends_with("}\n"));
  }
}

}  // namespace
}  // namespace doorward::log
