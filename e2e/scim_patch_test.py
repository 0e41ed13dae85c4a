"""PATCH as RFC 7644 section 3.5.2 describes it, on users and groups."""

import unittest

import scim_support as scim
from scim_support import CORE, DOORWARD, ENTERPRISE, MESSAGES

SOME_ID = "00000000-0000-4000-8000-000000000000"


def add(path, value):
    return {"op": "add", "path": path, "value": value} if path else {"op": "add", "value": value}


def replace(path, value):
    return {"op": "replace", "path": path, "value": value} if path else {"op": "replace", "value": value}


def remove(path):
    return {"op": "remove", "path": path}


class PatchTest(scim.ScimTest):
    def setUp(self):
        super().setUp()
        self.bob = self.create(
            "bob",
            name={"givenName": "Bob", "familyName": "Baker"},
            title="Cook",
            emails=[
                {"value": self.address("bob"), "type": "work", "primary": True},
                {"value": "bob@home.example", "type": "home"},
            ],
            addresses=[
                {"type": "work", "streetAddress": "1 Quay", "locality": "Port", "primary": True},
                {"type": "home", "streetAddress": "2 Lane", "locality": "Hill"},
            ],
            phoneNumbers=[{"value": "1", "type": "work"}, {"value": "2", "type": "mobile"}],
            enterprise={"department": "Galley", "costCenter": "4130"},
        )
        self.path = f"/Users/{self.bob['id']}"

    def patched(self, *operations):
        return self.changed(self.bob, *operations)

    def refuses(self, operations, status=400, scim_type=None):
        """Refused, and nothing changed."""
        before = self.read(self.bob)
        self.refused(self.scim.patch(self.path, operations), status, scim_type, about=operations)
        self.assertEqual(self.read(self.bob), before)


class Adding(PatchTest):
    """Section 3.5.2.1."""

    def test_an_attribute_that_is_not_there(self):
        after = self.patched(add("nickName", "Bobby"), add("name.middleName", "B"))
        self.assertEqual(after["nickName"], "Bobby")
        self.assertEqual(after["name"], {"givenName": "Bob", "familyName": "Baker", "middleName": "B"})

    def test_one_that_is_there_is_replaced(self):
        after = self.patched(add("title", "Chef"), add("name", {"givenName": "Robert"}))
        self.assertEqual((after["title"], after["name"]["givenName"]), ("Chef", "Robert"))
        self.assertEqual(after["name"]["familyName"], "Baker")

    def test_without_a_path(self):
        """The RFC's first example."""
        after = self.patched(
            add(None, {"emails": [{"value": "babs@jensen.org", "type": "other"}], "nickName": "Babs"})
        )
        self.assertEqual(after["nickName"], "Babs")
        self.assertEqual(scim.values(after, "emails"), [*scim.values(self.bob, "emails"), "babs@jensen.org"])

    def test_to_a_list(self):
        after = self.patched(add("emails", [{"value": "c@home.example", "type": "other"}]))
        self.assertEqual(after["emails"], [*self.bob["emails"], {"value": "c@home.example", "type": "other"}])
        after = self.patched(add("phoneNumbers", {"value": "3", "type": "fax"}))
        self.assertEqual(scim.values(after, "phoneNumbers"), ["1", "2", "3"])

    def test_what_is_in_the_list_already(self):
        """Then nothing changes, the version neither."""
        before = self.read(self.bob)
        self.assertEqual(self.patched(add("emails", [before["emails"][1]])), before)
        self.assertEqual(self.patched(add("title", "Cook"), add(None, {"title": "Cook"})), before)

    def test_a_new_primary_takes_the_mark_from_the_old_one(self):
        after = self.patched(add("emails", [{"value": "c@home.example", "type": "other", "primary": True}]))
        primary = [one["value"] for one in after["emails"] if one.get("primary")]
        self.assertEqual(primary, ["c@home.example"])

    def test_into_a_value_path(self):
        after = self.patched(add('addresses[type eq "home"].postalCode', "12345"))
        self.assertEqual(after["addresses"][1]["postalCode"], "12345")
        self.assertNotIn("postalCode", after["addresses"][0])

    def test_into_an_extension(self):
        after = self.patched(add(f"{ENTERPRISE}:division", "Deck"), add(f"{DOORWARD}:objectId", "oid-1"))
        self.assertEqual(after[ENTERPRISE], {"department": "Galley", "costCenter": "4130", "division": "Deck"})
        self.assertEqual(after[DOORWARD], {"objectId": "oid-1"})
        self.assertIn(DOORWARD, after["schemas"])
        after = self.patched(add(None, {ENTERPRISE: {"organization": "Ship"}, f"{ENTERPRISE}:division": "Hold"}))
        self.assertEqual((after[ENTERPRISE]["organization"], after[ENTERPRISE]["division"]), ("Ship", "Hold"))
        self.assertEqual(after[ENTERPRISE]["department"], "Galley")

    def test_into_an_extension_that_is_not_there_yet(self):
        self.bob = self.create("eve")
        self.path = f"/Users/{self.bob['id']}"
        after = self.patched(add(f"{ENTERPRISE}:department", "Galley"))
        self.assertEqual(after[ENTERPRISE], {"department": "Galley"})
        self.assertIn(ENTERPRISE, after["schemas"])

    def test_with_a_qualified_path(self):
        after = self.patched(add(f"{CORE}:title", "Chef"), add(f"{CORE}:name.givenName", "Rob"))
        self.assertEqual((after["title"], after["name"]["givenName"]), ("Chef", "Rob"))

    def test_without_a_value(self):
        self.refuses([{"op": "add", "path": "title"}])
        self.refuses([{"op": "add"}])
        self.refuses([add(None, "Cook")])
        self.refuses([add(None, [1])])


class Replacing(PatchTest):
    """Section 3.5.2.3."""

    def test_attributes(self):
        after = self.patched(replace("title", "Chef"), replace("name.familyName", "Smith"), replace("nickName", "B"))
        self.assertEqual((after["title"], after["nickName"]), ("Chef", "B"))
        self.assertEqual(after["name"], {"givenName": "Bob", "familyName": "Smith"})

    def test_without_a_path(self):
        after = self.patched(replace(None, {"title": "Chef", "name": {"givenName": "Rob"}, "userType": "Crew"}))
        self.assertEqual((after["title"], after["userType"], after["name"]["givenName"]), ("Chef", "Crew", "Rob"))
        self.assertEqual(after["emails"], self.bob["emails"])

    def test_a_whole_list(self):
        after = self.patched(replace("emails", [{"value": "new@home.example", "type": "home"}]))
        self.assertEqual(after["emails"], [{"value": "new@home.example", "type": "home"}])

    def test_matching_values(self):
        """The RFC's example of a work address: the whole value is replaced."""
        street = {"type": "work", "streetAddress": "911 Universal City Plaza", "country": "US", "primary": True}
        after = self.patched(replace('addresses[type eq "work"]', street))
        self.assertEqual(after["addresses"], [street, self.bob["addresses"][1]])

    def test_a_part_of_matching_values(self):
        after = self.patched(replace('addresses[type eq "work"].streetAddress', "1010 Broadway Ave"))
        self.assertEqual(after["addresses"][0], {**self.bob["addresses"][0], "streetAddress": "1010 Broadway Ave"})
        after = self.patched(replace('phoneNumbers[type eq "work" or type eq "mobile"].display', "seen"))
        self.assertEqual([one["display"] for one in after["phoneNumbers"]], ["seen", "seen"])

    def test_a_value_path_that_matches_nothing(self):
        """noTarget, but for equalities, from which Entra expects the value to be made."""
        after = self.patched(replace('phoneNumbers[type eq "fax"].value', "3"))
        self.assertIn({"value": "3", "type": "fax"}, after["phoneNumbers"])
        for path in (
            'phoneNumbers[value sw "9"].display',
            "phoneNumbers[not (type pr)]",
            'emails[type co "zzz"].value',
        ):
            self.refuses([replace(path, "x")], 400, "noTarget")

    def test_the_primary_mark(self):
        after = self.patched(replace('emails[type eq "home"].primary', True))
        self.assertEqual([one.get("primary", False) for one in after["emails"]], [False, True])
        self.refuses([replace("emails", [{"value": "a", "primary": True}, {"value": "b", "primary": True}])])

    def test_active(self):
        self.assertIs(self.patched(replace("active", False))["active"], False)
        self.assertIs(self.patched(replace(None, {"active": True}))["active"], True)

    def test_an_extension(self):
        after = self.patched(replace(f"{ENTERPRISE}:department", "Deck"))
        self.assertEqual(after[ENTERPRISE], {"department": "Deck", "costCenter": "4130"})

    def test_with_nothing_is_removal(self):
        """RFC 7643 section 2.5: null and the empty list are no value."""
        after = self.patched(replace("title", None), replace("phoneNumbers", []))
        self.assertNotIn("title", after)
        self.assertNotIn("phoneNumbers", after)

    def test_names_in_any_case(self):
        after = self.patched({"OP": "Replace", "Path": "TITLE", "Value": "Chef"}, replace("Name.GIVENNAME", "Rob"))
        self.assertEqual((after["title"], after["name"]["givenName"]), ("Chef", "Rob"))
        body = {"Schemas": [MESSAGES + "PatchOp"], "operations": [replace("title", "Mate")]}
        self.assertEqual(self.scim.patch(self.path, body).status // 100, 2)
        self.assertEqual(self.read(self.bob)["title"], "Mate")


class Removing(PatchTest):
    """Section 3.5.2.2."""

    def test_attributes(self):
        after = self.patched(remove("title"), remove("name.givenName"), remove("phoneNumbers"))
        self.assertNotIn("title", after)
        self.assertNotIn("phoneNumbers", after)
        self.assertEqual(after["name"], {"familyName": "Baker"})

    def test_matching_values(self):
        """The RFC's examples."""
        after = self.patched(remove('emails[type eq "home" and value ew "@home.example"]'))
        self.assertEqual(after["emails"], [self.bob["emails"][0]])
        after = self.patched(remove('addresses[type eq "work"].locality'))
        self.assertNotIn("locality", after["addresses"][0])
        self.assertEqual(after["addresses"][1], self.bob["addresses"][1])

    def test_the_last_value_takes_the_attribute(self):
        after = self.patched(remove('phoneNumbers[type pr]'))
        self.assertNotIn("phoneNumbers", after)

    def test_an_extension_and_its_parts(self):
        after = self.patched(remove(f"{ENTERPRISE}:department"))
        self.assertEqual(after[ENTERPRISE], {"costCenter": "4130"})
        after = self.patched(remove(f"{ENTERPRISE}:costCenter"))
        self.assertNotIn(ENTERPRISE, after)
        self.assertNotIn(ENTERPRISE, after["schemas"])

    def test_what_is_not_there(self):
        before = self.read(self.bob)
        self.assertEqual(self.patched(remove("nickName")), before)

    def test_without_a_path(self):
        self.refuses([{"op": "remove"}], 400, "noTarget")
        self.refuses([{"op": "remove", "value": {"title": "Cook"}}], 400, "noTarget")

    def test_what_is_required(self):
        """Section 3.5.2.2: mutability, or invalidValue where the value would be missing."""
        self.refuses([remove("userName")])
        self.refuses([replace("userName", None)])
        self.refuses([replace("userName", "")])

    def test_active_of_somebody_inactive(self):
        """Whoever has left does not come back by it."""
        self.patched(replace("active", False))
        answer = self.scim.patch(self.path, [remove("active")])
        self.assertLess(answer.status, 500)
        self.assertIs(self.employee(self.address("bob"))["active"], False)


class Refusing(PatchTest):
    def test_operations_that_are_none(self):
        for op in ("move", "copy", "test", "", "delete", None, 7, ["add"]):
            self.refuses([{"op": op, "path": "title", "value": "x"}])
        self.refuses([{"path": "title", "value": "x"}])
        self.refuses([7])

    def test_envelopes(self):
        before = self.read(self.bob)
        empty = {"schemas": [MESSAGES + "PatchOp"]}
        bodies = ([], {}, empty, {**empty, "Operations": {}}, b"", b"null", b'"x"')
        for body in bodies:
            answer = self.scim.request("PATCH", self.path, body)
            self.refused(answer, 400, about=body)
        self.assertEqual(self.read(self.bob), before)

    def test_paths(self):
        for path in (
            "nothing",
            "name.nothing",
            "urn:example:x:y",
            "title.",
            ".title",
            "emails[",
            "emails[type eq]",
            'emails[type eq "work"',
            'emails[type eq "work"].nothing',
            'emails[type eq "work"]value',
            "name givenName",
            'title eq "Cook"',
            f"{ENTERPRISE}:nothing",
            "title.title",
            "emails[nothing eq 1].nothing",
        ):
            answer = self.scim.patch(self.path, [replace(path, "x")])
            self.refused(answer, 400, about=path)
            self.assertIn(answer.json["scimType"], ("invalidPath", "invalidFilter"), path)
        self.assertEqual(self.read(self.bob), self.bob)

    def test_what_is_read_only(self):
        for path, value in (
            ("id", SOME_ID),
            ("meta.created", "2001-01-01T00:00:00Z"),
            ("groups", [{"value": SOME_ID}]),
        ):
            self.refuses([replace(path, value)], 400, "mutability")

    def test_read_only_attributes_that_okta_sends_back(self):
        """Without a path they are passed over, as in PUT."""
        value = {"id": SOME_ID, "schemas": [CORE], "meta": {}, "groups": [], "title": "Chef"}
        after = self.patched(replace(None, value))
        self.assertEqual((after["id"], after["title"]), (self.bob["id"], "Chef"))

    def test_values_of_the_wrong_type(self):
        for path, value in (
            ("active", "maybe"),
            ("active", 3),
            ("title", {"a": 1}),
            ("name", 7),
            ("emails[type eq \"work\"].primary", "perhaps"),
            ("userName", {"value": []}),
        ):
            self.refuses([replace(path, value)])

    def test_all_or_nothing(self):
        """RFC 7644 section 3.5.2: the operations are one."""
        self.refuses([replace("title", "Chef"), replace("active", False), replace("nothing", 1)])
        self.refuses([add("nickName", "x"), replace("userName", self.ann)], 409, "uniqueness")
        self.refuses([remove("emails"), {"op": "remove"}])

    def test_in_order(self):
        after = self.patched(replace("title", "A"), remove("title"), add("title", "B"), add("nickName", "C"))
        self.assertEqual((after["title"], after["nickName"]), ("B", "C"))

    def test_nobody(self):
        self.refused(self.scim.patch(f"/Users/{SOME_ID}", [replace("title", "x")]), 404)
        self.refused(self.scim.patch(f"/Groups/{SOME_ID}", [remove("members")]), 404)


class Members(scim.ScimTest):
    def setUp(self):
        super().setUp()
        self.ids = {name: self.create(name)["id"] for name in ("bob", "eve", "joe", "kim")}
        self.names = {value: name for name, value in self.ids.items()}
        self.crew = self.create_group("Crew", self.ids["bob"], self.ids["eve"])
        self.path = f"/Groups/{self.crew['id']}"

    def some(self, names):
        return [{"value": self.ids[name]} for name in names.split()]

    def members(self):
        return sorted(self.names[value] for value in scim.values(self.read(self.crew)))

    def test_changes(self):
        """Each on top of the one before; each answers 204 without the list of members."""
        bob, eve, joe, kim = (self.ids[name] for name in ("bob", "eve", "joe", "kim"))
        steps = (
            (add("members", self.some("joe")), "bob eve joe"),
            (add("members", self.some("joe kim")), "bob eve joe kim"),
            (remove(f'members[value eq "{joe}"]'), "bob eve kim"),
            ({"op": "remove", "path": "members", "value": self.some("kim")}, "bob eve"),
            (remove(f'members[value eq "{joe}"]'), "bob eve"),
            (replace("members", self.some("joe kim")), "joe kim"),
            (add(None, {"members": self.some("bob")}), "bob joe kim"),
            (remove(f'members[value eq "{bob}" or value eq "{kim}"]'), "joe"),
            (replace(None, {"members": self.some("eve")}), "eve"),
            (add("members", {"value": bob, "display": "Bob", "type": "User"}), "bob eve"),
            (add("members", [joe, kim]), "bob eve joe kim"),
            ({"op": "remove", "path": "members", "value": [joe]}, "bob eve kim"),
            ({"op": "remove", "path": "members", "value": {"value": eve}}, "bob kim"),
            (remove("members"), ""),
            (add("members", self.some("bob")), "bob"),
            (replace("members", []), ""),
        )
        for operation, expected in steps:
            answer = self.scim.patch(self.path, [operation])
            self.assertEqual((answer.status, answer.body), (204, b""), operation)
            self.assertEqual(self.members(), expected.split(), operation)

    def test_several_in_one(self):
        operations = [
            add("members", self.some("joe kim")),
            remove(f'members[value eq "{self.ids["bob"]}"]'),
            replace("displayName", "Team"),
            add("externalId", "t-1"),
        ]
        self.assertEqual(self.scim.patch(self.path, operations).status, 204)
        after = self.read(self.crew)
        self.assertEqual((after["displayName"], after["externalId"]), ("Team", "t-1"))
        self.assertEqual(self.members(), ["eve", "joe", "kim"])

    def test_all_or_nothing(self):
        self.refused(self.scim.patch(self.path, [add("members", self.some("joe")), replace("nothing", 1)]), 400)
        self.refused(self.scim.patch(self.path, [add("members", [*self.some("joe"), {"value": SOME_ID}])]), 400)
        self.refused(self.scim.patch(self.path, [remove("members"), replace("displayName", "")]), 400)
        self.assertEqual(self.read(self.crew), self.crew)

    def test_removing_whom_nobody_knows(self):
        """A member who was deleted meanwhile is not there: that is what was wanted."""
        for operation in (
            remove(f'members[value eq "{SOME_ID}"]'),
            {"op": "remove", "path": "members", "value": [{"value": SOME_ID}]},
        ):
            self.assertEqual(self.scim.patch(self.path, [operation]).status, 204)
        self.assertEqual(self.read(self.crew), self.crew)

    def test_nested_groups_are_refused(self):
        inner = self.create_group("Inner")
        member = {"value": inner["id"], "type": "Group"}
        self.refused(self.scim.patch(self.path, [add("members", [member])]), 400)
        self.assertEqual(self.read(self.crew), self.crew)

    def test_the_group_shows_in_its_members(self):
        self.changed(self.crew, add("members", self.some("joe")), replace("displayName", "Team"))
        joe = self.good(self.scim.get(f"/Users/{self.ids['joe']}"))
        self.assertEqual([(one["value"], one["display"]) for one in joe["groups"]], [(self.crew["id"], "Team")])

    def test_the_inactive_stay_members(self):
        """Entra does not add them again when they come back."""
        bob = f"/Users/{self.ids['bob']}"
        self.scim.patch(bob, [replace("active", False)])
        self.assertEqual(self.members(), ["bob", "eve"])
        self.scim.patch(bob, [replace("active", True)])
        self.assertEqual(self.members(), ["bob", "eve"])

    def test_many(self):
        operations = [
            {"method": "POST", "path": "/Users", "bulkId": f"b{n}", "data": scim.user_body(self.address(f"m{n}"))}
            for n in range(300)
        ]
        body = {"schemas": [MESSAGES + "BulkRequest"], "Operations": operations}
        made = self.good(self.scim.post("/Bulk", body))["Operations"]
        ids = [one["location"].rsplit("/", 1)[1] for one in made]
        self.assertEqual(self.scim.patch(self.path, [replace("members", [{"value": one} for one in ids])]).status, 204)
        self.assertEqual(set(scim.values(self.read(self.crew))), set(ids))
        drop = [remove(f'members[value eq "{one}"]') for one in ids[:100]]
        self.assertEqual(self.scim.patch(self.path, drop).status, 204)
        self.assertEqual(set(scim.values(self.read(self.crew))), set(ids[100:]))


if __name__ == "__main__":
    unittest.main()
