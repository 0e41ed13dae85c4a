// Good messages with one thing changed. A change that is accepted must leave alone what was signed: the same
// assertion must come out of it, and xmlsec1 must verify it too.

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "saml/protocol/cases.h"
#include "xml/oracle.h"
#include "xml/reader.h"
#include "xml/signature.h"

namespace doorward::saml::protocol {
namespace {

using namespace test;

/// All that an assertion says, as one text.
std::string facts(const VerifiedAssertion& assertion) {
  std::string out = assertion.issuer() + "|" + assertion.id() + "|" + assertion.name_id().value + "|" +
                    assertion.name_id().format + "|" + assertion.session_index() + "|" +
                    assertion.in_response_to() + "|" + format_rfc3339(assertion.replay_until());
  for (const Attribute& attribute : assertion.attributes()) {
    out.append("|").append(attribute.name);
    for (const std::string_view value : attribute.values)
      out.append("=").append(value);
  }
  return out;
}

bool oracle_verifies(const std::string& xml, xml::Element element, const Expectations& expectations) {
  const auto id = element.attribute("ID").value_or("");
  return std::ranges::any_of(expectations.signing_certificates, [&](const crypto::Certificate& certificate) {
    return xml::oracle::verifies(xml, id, certificate.public_key());
  });
}

/// xmlsec1 verifies each signature that the received document has.
bool oracle_agrees(const std::string& xml, const Expectations& expectations) {
  const auto document = xml::Document::parse(xml);
  if (!document) return false;
  const xml::Element root = document->root();
  if (xml::has_signature(root) && !oracle_verifies(xml, root, expectations)) return false;
  for (const xml::Element child : root.children()) {
    if (xml::has_signature(child) && !oracle_verifies(xml, child, expectations)) return false;
  }
  return true;
}

class MutationTest : public testing::TestWithParam<std::string> {
 protected:
  MutationTest() : given_(load_case("good", GetParam())) {
    Report report;
    auto assertion = verify_xml(given_.xml, given_.expectations, report);
    if (assertion) facts_ = facts(*assertion);
  }

  void try_message(const std::string& xml) {
    Report report;
    const auto assertion = verify_xml(xml, given_.expectations, report);
    if (!assertion) {
      ++refused_;
      return;
    }
    ++accepted_;
    ASSERT_EQ(facts(*assertion), facts_) << xml;
    // The oracle costs more than all else; a sample will do.
    if (accepted_ % 16 == 0) {
      ASSERT_TRUE(oracle_agrees(xml, given_.expectations)) << xml;
    }
  }

  Case given_;
  std::string facts_;
  int accepted_ = 0;
  int refused_ = 0;
};

TEST_P(MutationTest, EachByteFlipped) {
  ASSERT_FALSE(facts_.empty());
  std::mt19937 random(1);
  for (std::size_t at = 0; at < given_.xml.size() && !HasFatalFailure(); ++at) {
    std::string flipped = given_.xml;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << random() % 8));
    try_message(flipped);
  }
  EXPECT_GT(refused_, accepted_);
}

TEST_P(MutationTest, EachByteDropped) {
  ASSERT_FALSE(facts_.empty());
  for (std::size_t at = 0; at < given_.xml.size() && !HasFatalFailure(); ++at) {
    std::string dropped = given_.xml;
    dropped.erase(at, 1);
    try_message(dropped);
  }
  EXPECT_GT(refused_, accepted_);
}

TEST_P(MutationTest, EachByteDoubled) {
  ASSERT_FALSE(facts_.empty());
  for (std::size_t at = 0; at < given_.xml.size() && !HasFatalFailure(); ++at) {
    std::string doubled = given_.xml;
    doubled.insert(at, 1, given_.xml[at]);
    try_message(doubled);
  }
  EXPECT_GT(refused_, accepted_);
}

/// The byte ranges of all elements, by a scan that knows just enough of these messages.
std::vector<std::pair<std::size_t, std::size_t>> element_ranges(std::string_view xml) {
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  std::vector<std::size_t> open;
  for (std::size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at + 1)) {
    if (xml[at + 1] == '?' || xml[at + 1] == '!') continue;
    const std::size_t end = xml.find('>', at) + 1;
    if (xml[at + 1] == '/') {
      ranges.emplace_back(open.back(), end);
      open.pop_back();
    } else if (xml[end - 2] == '/') {
      ranges.emplace_back(at, end);
    } else {
      open.push_back(at);
    }
  }
  return ranges;
}

TEST_P(MutationTest, ElementsRemovedDoubledMovedAndRenamed) {
  ASSERT_FALSE(facts_.empty());
  const std::string& xml = given_.xml;
  const auto ranges = element_ranges(xml);
  for (const auto& [from, to] : ranges) {
    const std::string element = xml.substr(from, to - from);
    std::string without = xml;
    without.erase(from, to - from);
    try_message(without);
    std::string doubled = xml;
    doubled.insert(to, element);
    try_message(doubled);
    std::string renamed = xml;
    renamed.insert(renamed.find_first_of(" >/", from), "x");
    try_message(renamed);
    for (const auto& [start, end] : ranges) {
      // Copied to before, behind and right inside every other element; moved when that is outside itself.
      const std::size_t inside = xml.find('>', start) + 1;
      for (const std::size_t target : {start, end, inside}) {
        std::string copied = xml;
        copied.insert(target, element);
        try_message(copied);
        if (target > from && target < to) continue;
        std::string moved = without;
        moved.insert(target <= from ? target : target - (to - from), element);
        try_message(moved);
      }
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(refused_, accepted_);
}

INSTANTIATE_TEST_SUITE_P(Case, MutationTest,
                         testing::Values("entra_assertion_signed", "entra_response_signed",
                                         "entra_both_signed", "encrypted_gcm_response_signed",
                                         "prefixes_adfs"),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace doorward::saml::protocol
