#include "scim/search.h"

#include <functional>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "scim/scim_test.h"

namespace doorward::scim {
namespace {

using http::Method;
using testing::ElementsAre;
using testing::SizeIs;

class SearchTest : public ScimTest {
 protected:
  SearchTest() {
    for (const char* name : {"cleo", "ada", "dan", "ben", "eve"}) {
      create_user(std::string(name) + "@contoso.example",
                  std::string(R"(,"title":")") + (name[0] < 'c' ? "Clerk" : "Chief") + "\"");
      clock_.advance(std::chrono::seconds(1));
    }
  }
  Reply find(std::string query) { return call(&Scim::users, Method::Get, std::move(query)); }
  static std::vector<std::string> names(const Reply& reply) {
    std::vector<std::string> found;
    for (const json::Value& user : reply.body.at("Resources").as_array()) {
      const std::string name(user.at("userName").as_string());
      found.push_back(name.substr(0, name.find('@')));
    }
    return found;
  }
};

TEST_F(SearchTest, PagesByIndexAreStableAndCountEverything) {
  const Reply first = find("count=2");
  EXPECT_EQ(first.total(), 5);
  EXPECT_EQ(first.body.at("startIndex").to_number<int>(), 1);
  EXPECT_EQ(first.body.at("itemsPerPage").to_number<int>(), 2);
  EXPECT_THAT(names(first), ElementsAre("cleo", "ada"));
  EXPECT_THAT(names(find("count=2&startIndex=3")), ElementsAre("dan", "ben"));
  EXPECT_THAT(names(find("count=2&startIndex=5")), ElementsAre("eve"));
  EXPECT_EQ(find("startIndex=9").total(), 5);
  EXPECT_EQ(find("count=0").total(), 5);
}

TEST_F(SearchTest, AFilterWithoutAnIndexLooksAtEverybody) {
  const Reply found = find("filter=title%20eq%20%22Chief%22&count=2&startIndex=2");
  EXPECT_EQ(found.total(), 3);
  EXPECT_THAT(names(found), ElementsAre("dan", "eve"));
}

TEST_F(SearchTest, AnIndexFindsCandidatesAndTheFilterDecides) {
  EXPECT_THAT(
      names(find("filter=userName%20eq%20%22BEN%40contoso.example%22%20and%20title%20eq%20%22Clerk%22")),
      ElementsAre("ben"));
  EXPECT_THAT(
      names(find("filter=userName%20eq%20%22ben%40contoso.example%22%20and%20title%20eq%20%22Chief%22")),
      ElementsAre());
  EXPECT_THAT(
      names(find("filter=userName%20eq%20%22ben%40contoso.example%22%20or%20title%20eq%20%22Chief%22")),
      SizeIs(4));
}

TEST_F(SearchTest, Sorts) {
  EXPECT_THAT(names(find("sortBy=userName")), ElementsAre("ada", "ben", "cleo", "dan", "eve"));
  EXPECT_THAT(names(find("sortBy=userName&sortOrder=descending&count=2")), ElementsAre("eve", "dan"));
  EXPECT_THAT(names(find("sortBy=title&count=3")), ElementsAre("cleo", "dan", "eve"));
  EXPECT_THAT(names(find("sortBy=meta.created&sortOrder=descending&count=1")), ElementsAre("eve"));
}

TEST_F(SearchTest, CursorsWalkThroughEverything) {
  for (const std::string& query :
       {std::string("count=2"), std::string("count=2&sortBy=userName"), std::string("count=2&sortBy=title"),
        std::string("count=2&filter=title%20pr")}) {
    std::vector<std::string> all;
    std::string cursor;
    for (int page = 0; page < 5; ++page) {
      const Reply reply = find(query + "&cursor=" + cursor);
      ASSERT_EQ(reply.status(), 200) << query << reply.response.body;
      EXPECT_EQ(reply.total(), 5);
      EXPECT_FALSE(reply.body.as_object().contains("startIndex"));
      for (std::string& name : names(reply))
        all.push_back(std::move(name));
      cursor = reply.text("nextCursor");
      if (cursor.empty()) break;
    }
    EXPECT_THAT(all, testing::UnorderedElementsAre("ada", "ben", "cleo", "dan", "eve")) << query;
  }
}

/// What somebody who reads page by page sees of `title`, while somebody else deletes and adds.
TEST_F(SearchTest, CursorsNeitherSkipNorRepeatWhenSomebodyGoesOrComes) {
  const auto title = [](std::string_view text) { return fmt::format(R"(,"title":"{}")", text); };
  // Beside the five: two without a title, and a tie.
  const std::string none = create_user("none@contoso.example").text("id");
  create_user("nobody@contoso.example");
  const std::string boss = create_user("boss@contoso.example", title("Boss")).text("id");
  const auto walk = [&](const std::string& query, const std::vector<std::function<void()>>& between) {
    std::vector<std::string> all;
    std::string cursor;
    for (std::size_t page = 0; page < 20; ++page) {
      const Reply reply = find(query + "&cursor=" + cursor);
      EXPECT_EQ(reply.status(), 200) << reply.response.body;
      for (std::string& name : names(reply))
        all.push_back(std::move(name));
      cursor = reply.text("nextCursor");
      if (cursor.empty()) break;
      if (page < between.size()) between[page]();
    }
    return all;
  };
  const auto remove = [&](std::string id) {
    return [this, id] { EXPECT_EQ(call_on(&Scim::user, Method::Delete, id).status(), 204); };
  };
  EXPECT_THAT(walk("count=1&sortBy=title", {}),
              ElementsAre("boss", "cleo", "dan", "eve", "ada", "ben", "none", "nobody"));
  EXPECT_THAT(walk("count=3&sortBy=title&sortOrder=descending", {}),
              ElementsAre("none", "nobody", "ada", "ben", "cleo", "dan", "eve", "boss"));

  // The one at whom the first page ended goes; somebody before and somebody behind come.
  EXPECT_THAT(walk("count=1&sortBy=title", {remove(boss),
                                            [&] {
                                              create_user("abe@contoso.example", title("Abbot"));
                                              create_user("zed@contoso.example", title("Zealot"));
                                            }}),
              ElementsAre("boss", "cleo", "dan", "eve", "ada", "ben", "zed", "none", "nobody"));
  EXPECT_THAT(walk("count=1&sortBy=title&sortOrder=descending",
                   {remove(none), [&] { create_user("ann@contoso.example"); }}),
              ElementsAre("none", "nobody", "ann", "zed", "ada", "ben", "cleo", "dan", "eve", "abe"));
  const std::string ed = create_user("ed@contoso.example").text("id");
  EXPECT_THAT(walk("count=4&sortBy=userName", {[] {}, remove(ed)}),
              ElementsAre("abe", "ada", "ann", "ben", "cleo", "dan", "ed", "eve", "nobody", "zed"));

  // At the name at which the first page ended nobody is any more: removed, or called otherwise now.
  const std::string amy = create_user("amy@contoso.example").text("id");
  EXPECT_THAT(walk("count=3&sortBy=userName", {remove(amy)}),
              ElementsAre("abe", "ada", "amy", "ann", "ben", "cleo", "dan", "eve", "nobody", "zed"));
  const Reply found = find("filter=userName%20sw%20%22abe%22");
  const std::string abe(found.body.at("Resources").at(0).at("id").as_string());
  const auto rename = [&](std::string_view name) {
    return [this, abe, name = std::string(name)] {
      const std::string renaming = fmt::format(R"({{"op":"replace","path":"userName","value":"{}"}})", name);
      EXPECT_EQ(call_on(&Scim::user, Method::Patch, abe, patch(renaming)).status(), 200);
    };
  };
  EXPECT_THAT(walk("count=1&sortBy=userName", {rename("zoe@contoso.example")}),
              ElementsAre("abe", "ada", "ann", "ben", "cleo", "dan", "eve", "nobody", "zed", "zoe"));
  EXPECT_THAT(walk("count=1&sortBy=userName&sortOrder=descending", {rename("abe@contoso.example")}),
              ElementsAre("zoe", "zed", "nobody", "eve", "dan", "cleo", "ben", "ann", "ada", "abe"));
}

TEST_F(SearchTest, CandidatesOfAnIndexArePagedByCursorToo) {
  std::vector<std::string> ids;
  for (const char* name : {"one", "two", "three"})
    ids.push_back(
        create_user(std::string(name) + "@contoso.example", R"(,"externalId":"shared")").text("id"));
  const std::string query = "filter=externalId%20eq%20%22shared%22&count=1&cursor=";
  const Reply first = find(query);
  EXPECT_THAT(names(first), ElementsAre("one"));
  EXPECT_EQ(call_on(&Scim::user, Method::Delete, ids[0]).status(), 204);
  const Reply second = find(query + first.text("nextCursor"));
  EXPECT_THAT(names(second), ElementsAre("two"));
  EXPECT_THAT(names(find(query + second.text("nextCursor"))), ElementsAre("three"));
}

TEST_F(SearchTest, ACursorOfAnotherQueryIsRefused) {
  const std::string cursor = find("count=2&cursor=").text("nextCursor");
  const Reply refused = find("count=2&filter=title%20pr&cursor=" + cursor);
  EXPECT_EQ(refused.status(), 400);
  EXPECT_EQ(refused.scim_type(), "invalidCursor");
  clock_.advance(std::chrono::hours(2));
  EXPECT_EQ(find("count=2&cursor=" + cursor).scim_type(), "expiredCursor");
}

TEST_F(SearchTest, ByPostLikeByGet) {
  const Reply found = call(&Scim::search_users, Method::Post, "",
                           R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
                               "filter":"title eq \"Chief\"","attributes":["userName"],"count":1})");
  EXPECT_EQ(found.status(), 200);
  EXPECT_EQ(found.total(), 3);
  EXPECT_EQ(found.body.at("Resources").at(0).as_object().contains("title"), false);
}

TEST_F(SearchTest, AnotherAccountsEmployeesAreNeverFound) {
  add_employee(other_, "zoe@fabrikam.example");
  EXPECT_EQ(find("filter=userName%20eq%20%22zoe%40fabrikam.example%22").total(), 0);
  EXPECT_EQ(find("filter=userName%20co%20%22fabrikam%22").total(), 0);
  EXPECT_EQ(find("").total(), 5);
}

TEST_F(SearchTest, AskingAgainAndAgainIsNotAllLogged) {
  for (int i = 0; i < 60; ++i)
    find("count=1");
  EXPECT_LE(log().size(), 5 + Recorder::kMaxReads);
}

}  // namespace
}  // namespace doorward::scim
