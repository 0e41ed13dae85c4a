#include "http/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace doorward::http {
namespace {

using ::testing::ElementsAre;

TEST(Methods, AreCaseSensitive) {
  EXPECT_EQ(method_from("GET"), Method::Get);
  EXPECT_EQ(method_from("OPTIONS"), Method::Options);
  EXPECT_EQ(method_from("get"), Method::Other);
  EXPECT_EQ(method_from(""), Method::Other);
  EXPECT_EQ(method_from("TRACE"), Method::Other);
  EXPECT_EQ(name_of(Method::Patch), "PATCH");
}

TEST(Headers, CompareNamesWithoutCase) {
  Headers headers;
  headers.add("Content-Type", "text/html");
  headers.add("content-type", "text/plain");
  EXPECT_EQ(headers.find("CONTENT-TYPE"), "text/html");
  headers.set("Content-type", "a/b");
  EXPECT_EQ(headers.all().size(), 1U);
  headers.remove("CONTENT-TYPE");
  EXPECT_EQ(headers.find("Content-Type"), std::nullopt);
}

TEST(Form, DecodesInOrder) {
  const auto form = Form::parse("a=1&b=x+y%26z&&c&=empty-name&d=%C3%BC=");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->find("a"), "1");
  EXPECT_EQ(form->find("b"), "x y&z");
  EXPECT_EQ(form->find("c"), "");
  EXPECT_EQ(form->find(""), "empty-name");
  EXPECT_EQ(form->find("d"), "ü=");
  EXPECT_EQ(form->find("e"), std::nullopt);
}

TEST(Form, ARepeatedFieldIsNoField) {
  const auto form = Form::parse("SAMLResponse=a&SAMLResponse=b");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->find("SAMLResponse"), std::nullopt);
  EXPECT_EQ(form->count("SAMLResponse"), 2U);
}

TEST(Form, RefusesWhatItCannotDecode) {
  for (const std::string_view bad : {"a=%", "a=%2", "a=%zz", "%G0=1", "a=%FF", "a=%C3", "a=%00", "%00=1"}) {
    const auto form = Form::parse(bad);
    ASSERT_FALSE(form) << bad;
    EXPECT_EQ(form.error().kind, ErrorKind::InvalidInput);
  }
}

TEST(Form, HasALimitOfFields) {
  std::string most = "a=1";
  for (std::size_t i = 1; i < Form::kMaxFields; ++i)
    most += "&a=1";
  EXPECT_TRUE(Form::parse(most));
  EXPECT_FALSE(Form::parse(most + "&a=1"));
  EXPECT_TRUE(Form::parse(std::string(100'000, '&')));
}

TEST(Request, FindsCookies) {
  Request request;
  request.headers.add("Cookie", "a=1; b=x=y;c=3 ; d=;e; =nameless");
  request.headers.add("cookie", "f=6");
  EXPECT_EQ(request.cookie("a"), "1");
  EXPECT_EQ(request.cookie("b"), "x=y");
  EXPECT_EQ(request.cookie("c"), "3");
  EXPECT_EQ(request.cookie("d"), "");
  EXPECT_EQ(request.cookie("e"), std::nullopt);
  EXPECT_EQ(request.cookie("f"), "6");
  EXPECT_EQ(request.cookie("A"), std::nullopt);
  EXPECT_THAT(request.cookie_names(), ElementsAre("a", "b", "c", "d", "", "f"));
}

TEST(Request, TrustsNoCookieThatContradictsItself) {
  Request request;
  request.headers.add("Cookie", "a=1; a=2; b=1; b=1");
  EXPECT_EQ(request.cookie("a"), std::nullopt);
  EXPECT_EQ(request.cookie("b"), "1");
  request.headers.set("Cookie", "a=1; a=2; a=1");
  EXPECT_EQ(request.cookie("a"), std::nullopt);
}

TEST(Request, TakesFormsByTheirMediaType) {
  Request request;
  request.body = "a=1";
  ASSERT_FALSE(request.form());
  EXPECT_EQ(status_of(request.form().error()), Status::UnsupportedMediaType);
  request.headers.set("Content-Type", "Application/X-WWW-Form-Urlencoded ; charset=UTF-8");
  ASSERT_TRUE(request.form());
  EXPECT_EQ(request.form()->find("a"), "1");
  request.headers.set("Content-Type", "application/x-www-form-urlencodedx");
  EXPECT_FALSE(request.form());
  request.query = "q=%41";
  EXPECT_EQ(request.query_form()->find("q"), "A");
}

TEST(Request, AsksOnlyForParametersThatTheRouteHas) {
  Request request;
  request.parameters = {{"account", "contoso"}};
  EXPECT_EQ(request.parameter("account"), "contoso");
  EXPECT_DEATH(static_cast<void>(request.parameter("other")), "CHECK failed");
}

TEST(Response, WritesCookies) {
  Response response;
  response.set_cookie({.name = "__Host-s", .value = "v"});
  response.set_cookie(
      {.name = "f", .value = "", .same_site = SameSite::None, .max_age = std::chrono::seconds(0)});
  response.set_cookie({.name = "p", .value = "v", .same_site = SameSite::Strict, .secure = false});
  ASSERT_EQ(response.headers.all().size(), 3U);
  EXPECT_EQ(response.headers.all()[0].second, "__Host-s=v; Path=/; HttpOnly; SameSite=Lax; Secure");
  EXPECT_EQ(response.headers.all()[1].second, "f=; Path=/; HttpOnly; SameSite=None; Secure; Max-Age=0");
  EXPECT_EQ(response.headers.all()[2].second, "p=v; Path=/; HttpOnly; SameSite=Strict");
}

TEST(Response, ACookieCannotCarryMoreThanItself) {
  const auto set = [](std::string name, std::string value, SameSite same_site, bool secure) {
    Response().set_cookie(
        {.name = std::move(name), .value = std::move(value), .same_site = same_site, .secure = secure});
  };
  EXPECT_DEATH(set("a", "b; Domain=example.com", SameSite::Lax, true), "CHECK failed");
  EXPECT_DEATH(set("a=b", "c", SameSite::Lax, true), "CHECK failed");
  EXPECT_DEATH(set("a", "b\r\n", SameSite::Lax, true), "CHECK failed");
  EXPECT_DEATH(set("", "b", SameSite::Lax, true), "CHECK failed");
  EXPECT_DEATH(set("a", "b", SameSite::None, false), "CHECK failed");
}

TEST(Status, FollowsTheFailure) {
  const auto status = [](ErrorKind kind, ErrorCode code) { return status_of(Error{kind, code, ""}); };
  EXPECT_EQ(status(ErrorKind::InvalidInput, "x.y"), Status::BadRequest);
  EXPECT_EQ(status(ErrorKind::NotFound, kNotFound), Status::NotFound);
  EXPECT_EQ(status(ErrorKind::Refused, "x.y"), Status::Forbidden);
  EXPECT_EQ(status(ErrorKind::InvalidInput, kMethodNotAllowed), Status::MethodNotAllowed);
  EXPECT_EQ(status(ErrorKind::Unavailable, kOverloaded), Status::ServiceUnavailable);
  EXPECT_EQ(status(ErrorKind::Internal, "x.y"), Status::InternalServerError);
}

TEST(Requests, CarryABearerToken) {
  const auto token = [](std::string_view authorization) {
    Request request;
    request.headers.set("Authorization", authorization);
    return std::string(request.bearer_token().value_or("none"));
  };
  EXPECT_EQ(token("Bearer abc"), "abc");
  EXPECT_EQ(token("bEARER abc"), "abc");
  EXPECT_EQ(token("Bearer  abc "), "abc");
  for (const char* other : {"", "Bearer", "Bearer ", "Basic abc", "Bearerabc", "abc"})
    EXPECT_EQ(token(other), "none") << other;
  EXPECT_FALSE(Request().bearer_token());
}

}  // namespace
}  // namespace doorward::http
