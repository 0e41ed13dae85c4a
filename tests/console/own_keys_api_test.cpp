#include "console/own_keys_api.h"

#include <gmock/gmock.h>

#include "console/console_test.h"

namespace doorward::console {
namespace {

class OwnKeysApiTest : public ConsoleTest {
 protected:
  json::Object rotate(std::string_view step) {
    return sent(api_of_keys_, &OwnKeysApi::rotate, {.body = json::serialize(json::Object{{"step", step}})});
  }
  std::string refusal(std::string body) {
    return refused(api_of_keys_, &OwnKeysApi::rotate, {.body = std::move(body)});
  }
  static std::size_t in_state(const json::Object& shown, std::string_view state) {
    std::size_t found = 0;
    for (const auto& key : shown.at("keys").as_array())
      found += key.at("state").as_string() == state ? 1U : 0U;
    return found;
  }

  const crypto::Sealer sealer_{crypto::Secret(std::string(crypto::Sealer::kKeyLength, 'k'))};
  OwnKeysApi api_of_keys_{{*database_, clock_, sessions_}, sealer_};
};

TEST_F(OwnKeysApiTest, AdministratorsOnly) {
  expect_for_administrators_only(api_of_keys_, {&OwnKeysApi::keys, &OwnKeysApi::rotate});
}

TEST_F(OwnKeysApiTest, ChangesStepByStepAndShowsNoPrivateKey) {
  const auto begun = rotate("begin");
  EXPECT_EQ(in_state(begun, "next"), 2U);
  EXPECT_EQ(json::serialize(begun).find("PRIVATE"), std::string::npos);
  EXPECT_EQ(refusal(R"({"step": "begin"})"), "directory.key_pair_exists");
  EXPECT_EQ(in_state(rotate("confirm"), "current"), 2U);
  EXPECT_EQ(refusal(R"({"step": "confirm"})"), "directory.no_rotation");
  rotate("begin");
  const auto cancelled = rotate("cancel");
  EXPECT_EQ(in_state(cancelled, "next"), 0U);
  EXPECT_EQ(in_state(cancelled, "retiring"), 2U);
  rotate("keep");
}

TEST_F(OwnKeysApiTest, TakesNoOtherStep) {
  EXPECT_EQ(refusal(R"({"step": "retire"})"), "api.bad_body");
  EXPECT_EQ(refusal(R"({"step": "begin", "account": "x"})"), "api.bad_body");
  EXPECT_NE(refusal("{}"), "");
}

TEST_F(OwnKeysApiTest, EachCompanySeesItsOwn) {
  rotate("begin");
  const auto theirs = request_of(fabrikam_.account, fabrikam_.administrator);
  EXPECT_TRUE(sent(api_of_keys_, &OwnKeysApi::keys, {.from = &theirs}).at("keys").as_array().empty());
  EXPECT_EQ(refused(api_of_keys_, &OwnKeysApi::rotate, {.body = R"({"step": "confirm"})", .from = &theirs}),
            "directory.no_rotation");
}

}  // namespace
}  // namespace doorward::console
