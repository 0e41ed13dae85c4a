"""Queries as RFC 7644 sections 3.4.2, 3.4.3 and 3.9 and RFC 9865 describe them."""

import datetime
import unittest

import scim_support as scim
from scim_support import CORE, DOORWARD, ENTERPRISE, GROUP, MESSAGES


class QueryTest(scim.ScimTest):
    """Five users beside ann, the administrator, who has nothing but a userName and an e-mail address."""

    def setUp(self):
        super().setUp()
        self.bjensen = self.create(
            "bjensen",
            externalId="Ext-1",
            name={"familyName": "Jensen", "givenName": "Barbara"},
            displayName="Babs",
            title="Tour Guide",
            userType="Employee",
            emails=[
                {"value": self.address("bjensen"), "type": "work", "primary": True},
                {"value": "babs@jensen.example", "type": "home"},
            ],
            enterprise={"department": "Tours", "employeeNumber": "12"},
        )
        self.create(
            "jsmith",
            externalId="ext-1",
            name={"familyName": "Smith", "givenName": "John"},
            displayName="aaron",
            userType="Intern",
            emails=scim.work_email(self.address("jsmith")),
            enterprise={"department": "Galley", "employeeNumber": "7"},
        )
        self.create("omalley", name={"familyName": "O'Malley"}, active=False, userType="Employee", title="Cook")
        self.create("zoe", name={"familyName": "Ünal"}, displayName="Zoë \"Z\" \\ Ü", objectId="oid-Zoe")
        self.create("quiet")
        self.everybody = {"ann", "bjensen", "jsmith", "omalley", "zoe", "quiet"}


class Filters(QueryTest):
    def check(self, table):
        for text, expected in table.items():
            text = text.replace("@acme", f"@{self.slug}")
            self.assertEqual(self.found(text), set(expected.split()), text)

    def test_operators(self):
        """RFC 7644 table 3."""
        self.check(
            {
                'userName eq "bjensen@acme.example"': "bjensen",
                'name.familyName co "e"': "bjensen omalley",
                "name.familyName co \"O'Malley\"": "omalley",
                'userName sw "j"': "jsmith",
                'name.familyName ew "sen"': "bjensen",
                'title ne "Cook" and title pr': "bjensen",
                'name.familyName gt "O"': "jsmith omalley zoe",
                'name.familyName ge "Smith"': "jsmith zoe",
                'name.familyName lt "O"': "bjensen",
                'name.familyName le "Jensen"': "bjensen",
                "title pr": "bjensen omalley",
                "active eq false": "omalley",
                "active eq true and name pr": "bjensen jsmith zoe",
                'userName eq "nobody@acme.example"': "",
            }
        )

    def test_what_is_absent(self):
        """`ne` holds for it, `pr` and every other comparison does not."""
        everybody = " ".join(self.everybody)
        self.check(
            {
                "nickName pr": "",
                "not (nickName pr)": everybody,
                'nickName eq "x"': "",
                'nickName ne "x"': everybody,
                'nickName co ""': "",
                "title eq null": "ann jsmith zoe quiet",
                "title ne null": "bjensen omalley",
                'urn:example:nothing:thing eq "x"': "",
                "nothing.at pr": "",
                f"{ENTERPRISE}:manager pr": "",
                f'{ENTERPRISE}:department ne "Tours" and userName sw "j"': "jsmith",
            }
        )

    def test_logic_and_precedence(self):
        """`not` before `and` before `or`, left to right, groups first (section 3.4.2.2)."""
        self.check(
            {
                'title pr and userType eq "Employee"': "bjensen omalley",
                'userType eq "Intern" or title pr': "bjensen jsmith omalley",
                'userType eq "Intern" or userType eq "Employee" and active eq false': "jsmith omalley",
                '(userType eq "Intern" or userType eq "Employee") and active eq false': "omalley",
                'userType eq "Employee" and active eq false or userType eq "Intern"': "jsmith omalley",
                'not (userType eq "Employee") and userType pr': "jsmith",
                'not (userType eq "Employee" or userType eq "Intern") and not (userName sw "a")': "zoe quiet",
                '((userName eq "zoe@acme.example"))': "zoe",
                'not (not (title pr))': "bjensen omalley",
                'userType eq "Employee" and (title sw "T" or title sw "C") and not (active eq false)': "bjensen",
            }
        )

    def test_case(self):
        """Names and operators have none; values by the attribute's caseExact (RFC 7643 sections 2.1 and 2.2)."""
        self.check(
            {
                'USERNAME EQ "BJENSEN@acme.EXAMPLE"': "bjensen",
                'Name.FAMILYname Co "JENS"': "bjensen",
                'title PR AND NOT (userType Eq "intern") Or userName eq "x"': "bjensen omalley",
                'externalId eq "Ext-1"': "bjensen",
                'externalId eq "ext-1"': "jsmith",
                'externalId eq "EXT-1"': "",
                'name.familyName eq "ünal"': "zoe",
                f'{CORE.upper()}:userName eq "zoe@acme.example"': "zoe",
                f'{ENTERPRISE.lower()}:DEPARTMENT eq "tours"': "bjensen",
                "active eq True": "ann bjensen jsmith zoe quiet",
            }
        )

    def test_qualified_names(self):
        self.check(
            {
                f'{CORE}:userName eq "zoe@acme.example"': "zoe",
                f'{CORE}:name.familyName sw "Sm"': "jsmith",
                f'{ENTERPRISE}:department eq "Galley"': "jsmith",
                f"{ENTERPRISE}:department pr": "bjensen jsmith",
                f'{ENTERPRISE}:department eq "Tours" and {ENTERPRISE}:employeeNumber eq "12"': "bjensen",
                f'{DOORWARD}:objectId eq "oid-Zoe"': "zoe",
                'objectId eq "oid-Zoe"': "zoe",
                f'schemas eq "{ENTERPRISE}"': "bjensen jsmith",
                'meta.resourceType eq "User" and userName sw "zoe"': "zoe",
                f'id eq "{self.bjensen["id"]}"': "bjensen",
            }
        )

    def test_lists(self):
        """One value is enough; inside brackets all conditions hold for the same one."""
        self.check(
            {
                'emails.value eq "babs@jensen.example"': "bjensen",
                'emails eq "babs@jensen.example"': "bjensen",
                'emails co "jensen.example"': "bjensen",
                'emails.type eq "home"': "bjensen",
                'emails[type eq "work"].value eq "jsmith@acme.example"': "jsmith",
                'emails[type eq "home" and value co "@acme"]': "",
                'emails[type eq "work" and value co "@acme"]': "ann bjensen jsmith",
                'emails[type eq "home" or value sw "jsmith"]': "bjensen jsmith",
                'emails[not (type eq "work")]': "bjensen",
                'emails[type eq "work"] and not (emails.type eq "home")': "ann jsmith",
                'emails[type eq "home"] and userName sw "bj"': "bjensen",
                'emails[(type eq "work") and (primary eq true)]': "ann bjensen jsmith",
                'emails.type eq "home" and emails.value co "@acme"': "bjensen",
                'emails.value eq "BABS@Jensen.example"': "bjensen",
                'emails.value eq "ann@acme.example"': "ann",
            }
        )

    def test_values(self):
        """JSON's strings, with its escapes; the spaces between words are many or the encoded ones."""
        self.check(
            {
                'displayName eq "Zoë \\"Z\\" \\\\ Ü"': "zoe",
                'displayName eq "Zo\\u00eb \\"Z\\" \\\\ \\u00dc"': "zoe",
                'displayName co "\\""': "zoe",
                'displayName co ") or (userName pr"': "",
                'userName co "and"': "",
                'displayName eq "Babs" ': "bjensen",
            }
        )
        encoded = "/Users?filter=displayName+eq+%22Babs%22"
        self.assertEqual(self.good(self.scim.get(encoded))["totalResults"], 1)

    def test_times(self):
        """Compared as times, in any zone and precision."""
        made = self.bjensen["meta"]["created"]
        moment = datetime.datetime.fromisoformat(made.replace("Z", "+00:00"))
        self.assertLess(abs((datetime.datetime.now(datetime.timezone.utc) - moment).total_seconds()), 60)
        east = moment.astimezone(datetime.timezone(datetime.timedelta(hours=5, minutes=30))).isoformat()
        everybody = " ".join(self.everybody)
        self.check(
            {
                'meta.created gt "2011-05-13T04:42:34Z"': everybody,
                'meta.lastModified ge "2011-05-13T04:42:34.123+02:00"': everybody,
                'meta.created lt "2011-05-13T04:42:34Z"': "",
                'meta.created gt "2999-01-01T00:00:00Z"': "",
            }
        )
        self.assertIn("bjensen", self.found(f'meta.created eq "{made}"'))
        self.assertIn("bjensen", self.found(f'meta.created eq "{east}"'))

    def test_broken_ones(self):
        broken = (
            "",
            " ",
            "userName",
            "userName eq",
            "userName eq bjensen",
            'userName is "x"',
            'eq "x"',
            'userName eq "x',
            'userName eq "x" and',
            'userName eq "x" userName eq "y"',
            'and userName eq "x"',
            '(userName eq "x"',
            'userName eq "x")',
            'not userName eq "x"',
            "()",
            'emails[type eq "work"',
            "emails[]",
            "emails[type].value pr",
            'userName eq "x" xor title pr',
            'user name eq "x"',
            'userName eq "\\x"',
            'userName eq \'x\'',
            "userName pr pr",
            'userName eq "x" or or title pr',
            "active gt true",
            'meta.created gt "yesterday"',
            "emails[type eq \"work\"][value pr]",
            "userName eq {}",
            "userName eq 01",
        )
        for text in broken:
            answer = self.scim.get("/Users", filter=text)
            if text.strip() == "" and answer.status == 200:
                continue
            self.refused(answer, 400, "invalidFilter", about=text)

    def test_groups(self):
        listed = self.good(self.scim.get("/Users"))["Resources"]
        everyone = {one["userName"].split("@")[0]: one["id"] for one in listed}
        people = {name: everyone[name] for name in ("bjensen", "zoe")}
        self.create_group("Crew", *people.values(), externalId="C1")
        self.create_group("Empty crew")
        table = {
            'displayName eq "crew"': {"Crew"},
            'displayName co "crew"': {"Crew", "Empty crew"},
            'externalId eq "C1"': {"Crew"},
            f'members.value eq "{people["zoe"]}"': {"Crew"},
            f'members[value eq "{people["zoe"]}"]': {"Crew"},
            "members pr": {"Crew"},
            "not (members pr)": {"Empty crew"},
            f'displayName eq "crew" and members.value eq "{self.scim.secret[:10]}"': set(),
            f'{GROUP}:displayName sw "Empty"': {"Empty crew"},
            'displayName eq "Nobody"': set(),
        }
        for text, expected in table.items():
            self.assertEqual(self.found(text, "/Groups"), expected, text)
        self.assertEqual(self.found(f'groups.display eq "Crew"'), {"bjensen", "zoe"})


class Order(QueryTest):
    def order(self, **query):
        listed = self.good(self.scim.get("/Users", **query))["Resources"]
        return [one["userName"].split("@")[0] for one in listed]

    def test_by_user_name(self):
        names = sorted(self.everybody)
        self.assertEqual(self.order(sortBy="userName"), names)
        self.assertEqual(self.order(sortBy="userName", sortOrder="ascending"), names)
        self.assertEqual(self.order(sortBy="USERNAME", sortOrder="descending"), names[::-1])
        self.assertEqual(self.order(sortBy=f"{CORE}:userName"), names)

    def test_without_a_value_last_or_first(self):
        """Section 3.4.2.3: ascending last, descending first."""
        families = ["bjensen", "omalley", "jsmith", "zoe"]
        up = self.order(sortBy="name.familyName")
        self.assertEqual((up[:4], set(up[4:])), (families, {"ann", "quiet"}))
        down = self.order(sortBy="name.familyName", sortOrder="descending")
        self.assertEqual((down[2:], set(down[:2])), (families[::-1], {"ann", "quiet"}))

    def test_by_case_rules_and_by_the_primary_value(self):
        shown = [name for name in self.order(sortBy="displayName") if name in ("bjensen", "jsmith", "zoe")]
        self.assertEqual(shown, ["jsmith", "bjensen", "zoe"])
        mailed = [name for name in self.order(sortBy="emails") if name in ("bjensen", "jsmith")]
        self.assertEqual(mailed, ["bjensen", "jsmith"])
        departments = self.order(sortBy=f"{ENTERPRISE}:department", filter=f"{ENTERPRISE}:department pr")
        self.assertEqual(departments, ["jsmith", "bjensen"])

    def test_pages_of_a_sorted_list(self):
        pages = [self.order(sortBy="name.familyName", startIndex=start, count=2) for start in (1, 3, 5)]
        self.assertEqual(sum(pages, []), self.order(sortBy="name.familyName"))

    def test_an_order_that_is_none(self):
        self.refused(self.scim.get("/Users", sortBy="userName", sortOrder="sideways"), 400, "invalidValue")


class Pages(QueryTest):
    def test_all_of_them(self):
        """Section 3.4.2.4: 1-based, below 1 is 1, below 0 is 0."""
        total = len(self.everybody)
        table = (
            ({}, 1, total),
            ({"startIndex": 1, "count": 2}, 1, 2),
            ({"startIndex": 5, "count": 4}, 5, 2),
            ({"startIndex": 0, "count": 2}, 1, 2),
            ({"startIndex": -7, "count": 2}, 1, 2),
            ({"count": 0}, 1, 0),
            ({"count": -3}, 1, 0),
            ({"startIndex": 7}, 7, 0),
            ({"startIndex": 999999999, "count": 2}, 999999999, 0),
            ({"count": "9" * 40}, 1, total),
            ({"STARTINDEX": 2, "Count": 1}, 2, 1),
            ({"filter": "title pr", "count": 1}, 1, 1),
        )
        for query, start, size in table:
            page = self.good(self.scim.get("/Users", **query))
            self.assertEqual(page["schemas"], [MESSAGES + "ListResponse"])
            self.assertEqual(page["totalResults"], 2 if "filter" in query else total, query)
            self.assertEqual(len(page.get("Resources", [])), size, query)
            self.assertEqual(page["itemsPerPage"], size, query)
            self.assertEqual(page["startIndex"], start, query)

    def test_every_user_once(self):
        seen = []
        for start in range(1, 7):
            page = self.good(self.scim.get("/Users", startIndex=start, count=1))
            seen += [one["userName"].split("@")[0] for one in page["Resources"]]
        self.assertEqual(sorted(seen), sorted(self.everybody))

    def test_numbers_that_are_none(self):
        for query in ({"count": "many"}, {"startIndex": "first"}, {"count": "1.5"}, {"startIndex": "1 2"}):
            self.refused(self.scim.get("/Users", **query), 400, "invalidValue", about=query)

    def test_a_parameter_twice(self):
        self.refused(self.scim.get("/Users?count=1&count=2"), 400, "invalidValue")
        self.refused(self.scim.get("/Users?filter=title+pr&FILTER=name+pr"), 400, "invalidValue")

    def test_parameters_that_nobody_knows(self):
        """Entra's marker of a dialect is one of them."""
        page = self.good(self.scim.get("/Users?aadOptscim062020&colour=blue"))
        self.assertEqual(page["totalResults"], len(self.everybody))


class Cursors(QueryTest):
    def walk(self, path="/Users", **query):
        """The pages from the first to the last."""
        pages, query = [], {"cursor": "", "count": 2, **query}
        while True:
            pages.append(self.good(self.scim.get(path, **query)))
            self.assertLess(len(pages), 20)
            if "nextCursor" not in pages[-1]:
                return pages
            query["cursor"] = pages[-1]["nextCursor"]

    def test_from_the_first_page_to_the_last(self):
        """RFC 9865 section 2."""
        pages = self.walk()
        self.assertEqual([len(page["Resources"]) for page in pages], [2, 2, 2])
        names = [one["userName"].split("@")[0] for page in pages for one in page["Resources"]]
        self.assertEqual(sorted(names), sorted(self.everybody))
        for page in pages:
            self.assertNotIn("startIndex", page)
            self.assertEqual(page["itemsPerPage"], 2)
            self.assertEqual(page.get("totalResults", 6), 6)
            self.assertRegex(page.get("nextCursor", "x"), r"^[A-Za-z0-9._~-]+$")
        self.assertNotIn("previousCursor", pages[0])

    def test_without_a_value(self):
        first = self.good(self.scim.get("/Users?cursor&count=2"))
        self.assertEqual((len(first["Resources"]), "nextCursor" in first), (2, True))

    def test_with_a_filter_and_an_order(self):
        for query in ({"filter": "active eq true"}, {"sortBy": "userName", "sortOrder": "descending"}):
            names = [one["userName"] for page in self.walk(**query) for one in page["Resources"]]
            expected = [one["userName"] for one in self.good(self.scim.get("/Users", **query))["Resources"]]
            self.assertEqual(names, expected, query)

    def test_groups(self):
        for number in range(5):
            self.create_group(f"Group {number}")
        names = [one["displayName"] for page in self.walk("/Groups") for one in page["Resources"]]
        self.assertEqual(sorted(names), [f"Group {number}" for number in range(5)])

    def test_behind_a_user_name_that_nobody_has_any_more(self):
        """A rename or a removal between two pages ends neither and skips nobody."""
        query = {"sortBy": "userName", "count": 2}
        for change in (self.rename_to_the_end, lambda one: self.scim.delete(f"/Users/{one['id']}")):
            everybody = {one["id"] for one in self.good(self.scim.get("/Users"))["Resources"]}
            first = self.good(self.scim.get("/Users", cursor="", **query))
            self.assertLess(change(first["Resources"][-1]).status, 300)
            seen = {one["id"] for one in first["Resources"]}
            page = first
            while "nextCursor" in page:
                page = self.good(self.scim.get("/Users", cursor=page["nextCursor"], **query))
                seen |= {one["id"] for one in page["Resources"]}
            self.assertEqual(seen, everybody)

    def rename_to_the_end(self, user):
        change = {"op": "replace", "path": "userName", "value": "zz" + user["userName"]}
        return self.scim.patch(f"/Users/{user['id']}", [change])

    def test_nobody_is_skipped_or_shown_twice_when_the_list_changes(self):
        first = self.good(self.scim.get("/Users", cursor="", count=3))
        gone = first["Resources"][1]
        self.assertEqual(self.scim.delete(f"/Users/{gone['id']}").status, 204)
        second = self.good(self.scim.get("/Users", cursor=first["nextCursor"], count=3))
        names = [one["userName"].split("@")[0] for one in first["Resources"] + second["Resources"]]
        self.assertEqual(sorted(names), sorted(self.everybody))

    def test_ones_that_are_not_valid(self):
        """RFC 9865 section 2.1 and its table of errors."""
        cursor = self.good(self.scim.get("/Users", cursor="", count=2))["nextCursor"]
        forged = cursor[:-3] + ("AAA" if not cursor.endswith("AAA") else "BBB")
        for bad in ("nonsense", "1", forged, cursor + "A", cursor[:-1], "A" * 5000, "é", "'--"):
            self.refused(self.scim.get("/Users", cursor=bad, count=2), 400, "invalidCursor", about=bad)
        for query in ({"filter": "title pr"}, {"sortBy": "title"}, {"count": 3}):
            query = {"cursor": cursor, "count": 2, **query}
            self.refused(self.scim.get("/Users", **query), 400, "invalidCursor", about=query)
        self.refused(self.scim.get("/Groups", cursor=cursor, count=2), 400, "invalidCursor")
        self.refused(self.scim.get("/Users", cursor="", startIndex=1), 400, "invalidValue")

    def test_one_of_another_account(self):
        cursor = self.good(self.scim.get("/Users", cursor="", count=2))["nextCursor"]
        slug, _ = self.new_account()
        _, other = self.new_token(slug=slug)
        self.refused(other.get("/Users", cursor=cursor, count=2), 400, "invalidCursor")

    def test_a_count_of_nothing(self):
        """RFC 9865 section 2: without a next cursor it would say that there are no more."""
        for count in (0, -1):
            self.refused(self.scim.get("/Users", cursor="", count=count), 400, "invalidCount", about=count)


class Projection(QueryTest):
    def shown(self, **query):
        return self.good(self.scim.get(f"/Users/{self.bjensen['id']}", **query))

    def test_attributes(self):
        """Section 3.9: these, and what is always returned."""
        table = {
            "userName": {"userName"},
            "USERNAME,displayName": {"userName", "displayName"},
            "name.familyName": {"name"},
            f"{CORE}:title": {"title"},
            f"{ENTERPRISE}:department": {ENTERPRISE},
            ENTERPRISE: {ENTERPRISE},
            "emails.value": {"emails"},
            "nothing": set(),
            "meta.location": {"meta"},
            " userName , title ": {"userName", "title"},
        }
        for names, expected in table.items():
            got = self.shown(attributes=names)
            self.assertEqual(set(got) - {"id", "schemas"}, expected, names)
            self.assertEqual(got["id"], self.bjensen["id"])
        self.assertEqual(self.shown(attributes="name.familyName")["name"], {"familyName": "Jensen"})
        self.assertEqual(self.shown(attributes=f"{ENTERPRISE}:department")[ENTERPRISE], {"department": "Tours"})
        self.assertEqual({key for one in self.shown(attributes="emails.value")["emails"] for key in one}, {"value"})

    def test_excluded_attributes(self):
        whole = self.shown()
        table = {
            "emails": {"emails"},
            "EMAILS,title": {"emails", "title"},
            f"{CORE}:title": {"title"},
            ENTERPRISE: {ENTERPRISE},
            "nothing": set(),
            "id,schemas": set(),
        }
        for names, gone in table.items():
            got = self.shown(excludedAttributes=names)
            self.assertEqual(set(whole) - set(got), gone, names)
        self.assertEqual(self.shown(excludedAttributes="name.givenName")["name"], {"familyName": "Jensen"})
        without = self.shown(excludedAttributes=f"{ENTERPRISE}:department")
        self.assertEqual(without[ENTERPRISE], {"employeeNumber": "12"})

    def test_both(self):
        self.refused(self.scim.get("/Users", attributes="title", excludedAttributes="name"), 400, "invalidValue")

    def test_lists(self):
        for one in self.good(self.scim.get("/Users", attributes="userName"))["Resources"]:
            self.assertEqual(set(one), {"id", "schemas", "userName"})
        bob = self.bjensen["id"]
        crew = self.create_group("Crew", bob)
        for path in ("/Groups", f"/Groups/{crew['id']}"):
            got = self.good(self.scim.get(path, excludedAttributes="members"))
            for one in got.get("Resources", [got]):
                self.assertNotIn("members", one)
                self.assertEqual(one["displayName"], "Crew")
        named = self.good(self.scim.get(f"/Groups/{crew['id']}", attributes="members"))
        self.assertEqual(scim.values(named), [bob])

    def test_every_answer_with_a_resource(self):
        path = f"/Users/{self.bjensen['id']}"
        body = {"schemas": [MESSAGES + "SearchRequest"], "attributes": ["title"], "filter": "title pr"}
        for one in self.good(self.scim.post("/Users/.search", body))["Resources"]:
            self.assertEqual(set(one), {"id", "schemas", "title"})
        put = self.good(self.scim.put(path, scim.user_body(self.address("bjensen"), title="x"), attributes="title"))
        self.assertEqual(set(put), {"id", "schemas", "title"})
        patched = self.scim.patch(path, [{"op": "replace", "path": "title", "value": "y"}], attributes="title")
        self.assertEqual(self.good(patched)["title"], "y")
        self.assertEqual(set(patched.json), {"id", "schemas", "title"})


class Search(QueryTest):
    """POST …/.search (section 3.4.3)."""

    def search(self, path="/Users", **members):
        return self.scim.post(f"{path}/.search", {"schemas": [MESSAGES + "SearchRequest"], **members})

    def test_as_the_query_does(self):
        for query in (
            {"filter": "title pr", "sortBy": "title"},
            {"startIndex": 2, "count": 2, "sortBy": "userName", "sortOrder": "descending"},
            {"filter": 'userName eq "nobody"'},
            {"count": 0},
        ):
            self.assertEqual(self.good(self.search(**query)), self.good(self.scim.get("/Users", **query)), query)

    def test_by_cursor(self):
        first = self.good(self.search(cursor="", count=4))
        second = self.good(self.search(cursor=first["nextCursor"], count=4))
        self.assertNotIn("nextCursor", second)
        names = {one["userName"].split("@")[0] for one in first["Resources"] + second["Resources"]}
        self.assertEqual(names, self.everybody)

    def test_groups(self):
        self.create_group("Crew")
        self.assertEqual(self.good(self.search("/Groups", filter='displayName eq "crew"'))["totalResults"], 1)

    def test_broken_ones(self):
        self.refused(self.search(filter="title"), 400, "invalidFilter")
        for members in ({"count": "many"}, {"startIndex": []}, {"attributes": ["a"], "excludedAttributes": ["b"]}):
            self.refused(self.search(**members), 400, about=members)
        for body in ([], {"schemas": [MESSAGES + "PatchOp"]}, b"{", "text"):
            self.refused(self.scim.post("/Users/.search", body), 400, about=body)

    def test_everything_at_once(self):
        """The root's is optional: it answers all kinds, or says that it does not."""
        answer = self.scim.post("/.search", {"schemas": [MESSAGES + "SearchRequest"], "filter": "id pr"})
        if answer.status == 200:
            self.assertGreaterEqual(self.good(answer)["totalResults"], len(self.everybody))
        else:
            self.refused(answer, (403, 404, 501))


if __name__ == "__main__":
    unittest.main()
