"""Users and groups as RFC 7644 sections 3.3 to 3.6 and 3.14 describe their making, reading, replacing and deleting."""

import re
import unittest

import scim_support as scim
from scim_support import CORE, DOORWARD, ENTERPRISE, GROUP

SOME_ID = "00000000-0000-4000-8000-000000000000"
WEAK_ETAG = r'^W/"[^"]+"$'


def full_user(user_name):
    """A user with a value for every kind of attribute."""
    return scim.user_body(
        user_name,
        externalId="701984",
        name={"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara"},
        displayName="Babs Jensen",
        nickName="Babs",
        profileUrl="https://login.example.com/bjensen",
        emails=[
            {"value": user_name, "type": "work", "primary": True},
            {"value": "babs@jensen.example", "type": "home"},
        ],
        addresses=[{"streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "type": "work"}],
        phoneNumbers=[{"value": "555-555-5555", "type": "work"}, {"value": "555-555-4444", "type": "mobile"}],
        ims=[{"value": "someaimhandle", "type": "aim"}],
        photos=[{"value": "https://photos.example.com/profilephoto/72930000000Ccne/F", "type": "photo"}],
        userType="Employee",
        title="Tour Guide",
        preferredLanguage="en-US",
        locale="en-US",
        timezone="America/Los_Angeles",
        active=True,
        roles=[{"value": "guide", "primary": True}],
        x509Certificates=[{"value": "TUlJRFF6Q0NBcXlnQXdJQkFnSUNFQUF3RFFZSktvWklodmNOQVFFRkJRQXdUakVM"}],
        enterprise={
            "employeeNumber": "701984",
            "costCenter": "4130",
            "organization": "Universal Studios",
            "division": "Theme Park",
            "department": "Tour Operations",
        },
    )


class Creating(scim.ScimTest):
    def test_a_user(self):
        """RFC 7644 section 3.3: 201, Location, the resource with its meta."""
        answer = self.scim.post("/Users", scim.user_body(self.address("bob"), name={"givenName": "Bob"}))
        made = self.good(answer, 201)
        self.assertEqual(answer.headers["Location"], f"{self.scim.url}/Users/{made['id']}")
        self.assertEqual(made["meta"]["location"], answer.headers["Location"])
        self.assertEqual(made["meta"]["resourceType"], "User")
        self.assertEqual(made["meta"]["version"], answer.etag)
        self.assertRegex(answer.etag, WEAK_ETAG)
        for moment in ("created", "lastModified"):
            self.assertRegex(made["meta"][moment], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        self.assertEqual(made["meta"]["created"], made["meta"]["lastModified"])
        self.assertIn(CORE, made["schemas"])
        self.assertIs(made["active"], True)
        read = self.scim.get(f"/Users/{made['id']}")
        self.assertEqual((self.good(read), read.etag), (made, answer.etag))

    def test_every_attribute_comes_back_as_it_was_sent(self):
        sent = full_user(self.address("bjensen"))
        made = self.good(self.scim.post("/Users", sent), 201)
        for name, value in sent.items():
            if name == "schemas":
                self.assertLessEqual(set(value), set(made["schemas"]))
            else:
                self.assertEqual(made[name], value, name)
        self.assertEqual(self.read(made), made)

    def test_a_group(self):
        bob, eve = self.create("bob", displayName="Bob"), self.create("eve")
        answer = self.scim.post("/Groups", scim.group_body("Crew", bob["id"], eve["id"], externalId="c-1"))
        made = self.good(answer, 201)
        self.assertEqual(answer.headers["Location"], f"{self.scim.url}/Groups/{made['id']}")
        self.assertEqual((made["displayName"], made["externalId"], made["schemas"]), ("Crew", "c-1", [GROUP]))
        self.assertEqual(set(scim.values(made)), {bob["id"], eve["id"]})
        for member in made["members"]:
            self.assertEqual(member["$ref"], f"{self.scim.url}/Users/{member['value']}")
            self.assertEqual(member.get("type", "User"), "User")
        self.assertEqual(self.read(made), made)
        groups = self.read(bob)["groups"]
        self.assertEqual([(group["value"], group["display"]) for group in groups], [(made["id"], "Crew")])

    def test_read_only_attributes_are_ignored(self):
        """RFC 7644 section 3.3."""
        crew = self.create_group("Crew")
        bob = self.create(
            "bob",
            id=SOME_ID,
            meta={"resourceType": "Group", "created": "2001-01-01T00:00:00Z", "version": "x"},
            groups=[{"value": crew["id"]}],
        )
        self.assertNotEqual(bob["id"], SOME_ID)
        self.assertNotIn("2001", bob["meta"]["created"])
        self.assertEqual(scim.values(self.read(crew)), [])
        self.assertNotIn("groups", self.read(bob))

    def test_a_password_is_never_answered(self):
        secret = "T0p-secret-word-of-bob"
        made = self.scim.post("/Users", scim.user_body(self.address("bob"), password=secret))
        bob = self.good(made, 201)
        answers = [
            made,
            self.scim.get(f"/Users/{bob['id']}"),
            self.scim.get(f"/Users/{bob['id']}", attributes="password"),
            self.scim.get("/Users"),
            self.scim.put(f"/Users/{bob['id']}", scim.user_body(self.address("bob"), password=secret)),
            self.scim.patch(f"/Users/{bob['id']}", [{"op": "add", "path": "password", "value": secret}]),
        ]
        for answer in answers:
            self.assertLess(answer.status, 300)
            self.assertNotIn(secret, answer.body.decode())
            self.assertNotIn('"password"', answer.body.decode())

    def test_a_password_cannot_be_probed_by_a_filter(self):
        self.create("bob", password="T0p-secret-word-of-bob")
        for test in ('sw "T0p"', 'eq "T0p-secret-word-of-bob"', "pr"):
            answer = self.scim.get("/Users", filter=f"password {test}")
            if answer.status == 200:
                self.assertEqual(answer.json["totalResults"], 0, test)
            else:
                self.refused(answer, (400, 403), about=test)

    def test_names_that_differ_in_case_only_are_the_same_user(self):
        bob = self.create("bob")
        for name in ("bob", "BOB", "Bob"):
            detail = self.refused(self.scim.post("/Users", scim.user_body(self.address(name))), 409, "uniqueness")
            self.assertIn("bob", detail.lower())
        self.assertEqual(self.read(bob), bob)

    def test_attribute_names_and_urns_are_read_without_regard_to_case(self):
        """RFC 7643 section 2.1; answered as the schema spells them."""
        body = {
            "Schemas": [CORE.upper(), ENTERPRISE.lower()],
            "USERNAME": self.address("bob"),
            "Name": {"GIVENNAME": "Bob"},
            ENTERPRISE.lower(): {"Department": "Galley"},
        }
        made = self.good(self.scim.post("/Users", body), 201)
        self.assertEqual(made["name"]["givenName"], "Bob")
        self.assertEqual(made[ENTERPRISE], {"department": "Galley"})
        self.assertLessEqual({CORE, ENTERPRISE}, set(made["schemas"]))

    def test_unknown_attributes_are_left_out(self):
        made = self.create("bob", favouriteColour="blue", **{"urn:example:2.0:User": {"x": 1}})
        self.assertNotIn("favouriteColour", made)
        self.assertNotIn("urn:example:2.0:User", made)

    def test_unassigned_values_are_absent(self):
        """RFC 7643 section 2.5: null and the empty list are no value."""
        made = self.create("bob", nickName=None, emails=[], roles=[], name=None, title="", addresses=None)
        for name in ("nickName", "roles", "addresses"):
            self.assertNotIn(name, made)

    def test_undeclared_canonical_values_are_kept(self):
        """RFC 7643 section 2.3.1."""
        numbers = [{"value": "1", "type": "satellite"}, {"value": "2", "type": "Work"}]
        self.assertEqual(self.create("bob", phoneNumbers=numbers)["phoneNumbers"], numbers)

    def test_what_is_missing_or_of_the_wrong_type(self):
        bodies = {
            "no userName": {"schemas": [CORE]},
            "null userName": scim.user_body(None),
            "empty userName": scim.user_body(""),
            "blank userName": scim.user_body("  "),
            "two primary addresses": scim.user_body("bob", emails=[{"value": a, "primary": True} for a in "ab"]),
            "a list for a user": [scim.user_body("bob")],
            "another schema": {"schemas": [GROUP], "userName": "bob"},
            "an object as userName": scim.user_body({"a": "b"}),
            "active as a word": scim.user_body("bob", active="perhaps"),
            "a number as name": scim.user_body("bob", name=7),
            "the same name twice": {**scim.user_body("bob"), "username": "eve"},
        }
        for what, body in bodies.items():
            self.refused(self.scim.post("/Users", body), 400, about=what)
        for body in ({"schemas": [GROUP]}, scim.group_body(""), scim.group_body("x", members="no-list" * 3)):
            self.refused(self.scim.post("/Groups", body), 400, about=body)
        self.assertEqual(self.found("active eq true"), {"ann"})

    def test_a_group_with_a_member_who_is_none(self):
        bob = self.create("bob")
        self.refused(self.scim.post("/Groups", scim.group_body("Crew", bob["id"], SOME_ID)), 400)
        self.assertEqual(self.found("displayName pr", "/Groups"), set())

    def test_groups_of_one_name(self):
        """The same create sent again makes no second group; two of different external ids are two."""
        self.create_group("Crew", externalId="1")
        self.create_group("Crew", externalId="2")
        for body in (scim.group_body("Crew"), scim.group_body("CREW", externalId="1")):
            self.refused(self.scim.post("/Groups", body), 409, "uniqueness")

    def test_the_answer_has_what_was_asked_for(self):
        """RFC 7644 section 3.9 holds for POST too."""
        made = self.good(self.scim.post("/Users", full_user(self.address("bob")), attributes="userName"), 201)
        self.assertLessEqual(set(made), {"id", "schemas", "userName", "meta"})
        self.assertEqual(made["userName"], self.address("bob"))


class Replacing(scim.ScimTest):
    def test_what_is_absent_is_cleared(self):
        """RFC 7644 section 3.5.1."""
        before = self.good(self.scim.post("/Users", full_user(self.address("bjensen"))), 201)
        answer = self.scim.put(f"/Users/{before['id']}", scim.user_body(self.address("bjensen"), title="Chef"))
        after = self.good(answer)
        self.assertEqual(after["title"], "Chef")
        for gone in ("nickName", "addresses", "phoneNumbers", "roles", "externalId", ENTERPRISE, "profileUrl", "ims"):
            self.assertNotIn(gone, after)
        self.assertNotIn(ENTERPRISE, after["schemas"])
        self.assertEqual(after["meta"]["created"], before["meta"]["created"])
        self.assertNotEqual(after["meta"]["version"], before["meta"]["version"])
        self.assertEqual(after["meta"]["version"], answer.etag)
        self.assertEqual(self.read(before), after)

    def test_what_was_read_can_be_sent_back(self):
        """Okta and OneLogin change a user so. Nothing differs, so the version stays."""
        crew = self.create_group("Crew")
        bob = self.good(self.scim.post("/Users", full_user(self.address("bob"))), 201)
        self.changed(crew, {"op": "add", "path": "members", "value": [{"value": bob["id"]}]})
        read = self.read(bob)
        self.assertEqual(self.good(self.scim.put(f"/Users/{bob['id']}", read)), read)
        self.assertEqual(scim.values(self.read(crew)), [bob["id"]])

    def test_read_only_attributes_are_ignored(self):
        bob = self.create("bob")
        body = scim.user_body(self.address("bob"), id=SOME_ID, meta={"version": "x"}, groups=[{"value": SOME_ID}])
        after = self.good(self.scim.put(f"/Users/{bob['id']}", body))
        self.assertEqual(after["id"], bob["id"])
        self.assertNotIn("groups", after)
        self.refused(self.scim.get(f"/Users/{SOME_ID}"), 404)

    def test_a_new_user_name(self):
        bob = self.create("bob")
        after = self.good(self.scim.put(f"/Users/{bob['id']}", scim.user_body(self.address("rob"))))
        self.assertEqual((after["id"], after["userName"]), (bob["id"], self.address("rob")))
        self.assertEqual(self.found(f'userName eq "{self.address("bob")}"'), set())
        self.create("bob")

    def test_the_user_name_of_somebody_else(self):
        bob, eve = self.create("bob"), self.create("eve")
        self.refused(self.scim.put(f"/Users/{eve['id']}", scim.user_body(self.address("BOB"))), 409, "uniqueness")
        self.assertEqual((self.read(bob), self.read(eve)), (bob, eve))

    def test_without_active_nobody_comes_back(self):
        """A client that leaves `active` out does not mean to give access back."""
        bob = self.create("bob", active=False)
        self.good(self.scim.put(f"/Users/{bob['id']}", scim.user_body(self.address("bob"), title="Chef")))
        self.assertIs(self.read(bob).get("active", False), False)
        self.assertIs(self.employee(self.address("bob"))["active"], False)

    def test_a_body_that_is_refused_changes_nothing(self):
        bob = self.good(self.scim.post("/Users", full_user(self.address("bob"))), 201)
        for body in (scim.user_body(""), {"schemas": [CORE]}, scim.user_body("x", active="perhaps"), []):
            self.refused(self.scim.put(f"/Users/{bob['id']}", body), 400, about=body)
        self.assertEqual(self.read(bob), bob)

    def test_nobody(self):
        self.refused(self.scim.put(f"/Users/{SOME_ID}", scim.user_body(self.address("bob"))), 404)
        self.refused(self.scim.put(f"/Groups/{SOME_ID}", scim.group_body("Crew")), 404)

    def test_a_group(self):
        people = [self.create(name)["id"] for name in ("bob", "eve", "joe")]
        crew = self.create_group("Crew", people[0], people[1], externalId="1")
        after = self.good(self.scim.put(f"/Groups/{crew['id']}", scim.group_body("Team", people[1], people[2])))
        self.assertEqual((after["displayName"], set(scim.values(after))), ("Team", {people[1], people[2]}))
        self.assertNotIn("externalId", after)
        empty = self.good(self.scim.put(f"/Groups/{crew['id']}", scim.group_body("Team")))
        self.assertEqual(scim.values(empty), [])
        self.assertEqual(self.good(self.scim.put(f"/Groups/{crew['id']}", empty)), empty)
        self.refused(self.scim.put(f"/Groups/{crew['id']}", scim.group_body("Team", SOME_ID)), 400)
        self.assertEqual(self.read(crew), empty)


class Deleting(scim.ScimTest):
    def test_a_user(self):
        """RFC 7644 section 3.6: 204 without a body, then 404 in every form."""
        bob = self.create("bob")
        crew = self.create_group("Crew", bob["id"])
        answer = self.scim.delete(f"/Users/{bob['id']}")
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertIsNone(answer.headers["Content-Type"])
        self.refused(self.scim.get(f"/Users/{bob['id']}"), 404)
        self.refused(self.scim.delete(f"/Users/{bob['id']}"), 404)
        self.refused(self.scim.put(f"/Users/{bob['id']}", scim.user_body(self.address("bob"))), 404)
        self.refused(self.scim.patch(f"/Users/{bob['id']}", [{"op": "add", "path": "title", "value": "x"}]), 404)
        self.assertEqual(self.found(f'id eq "{bob["id"]}"'), set())
        self.assertEqual(self.found("active eq true"), {"ann"})
        self.assertEqual(scim.values(self.read(crew)), [])

    def test_a_group(self):
        bob = self.create("bob")
        crew = self.create_group("Crew", bob["id"])
        answer = self.scim.delete(f"/Groups/{crew['id']}")
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.refused(self.scim.get(f"/Groups/{crew['id']}"), 404)
        self.refused(self.scim.delete(f"/Groups/{crew['id']}"), 404)
        self.assertNotIn("groups", self.read(bob))

    def test_ids_of_the_other_kind(self):
        bob, crew = self.create("bob"), self.create_group("Crew")
        self.refused(self.scim.get(f"/Groups/{bob['id']}"), 404)
        self.refused(self.scim.delete(f"/Groups/{bob['id']}"), 404)
        self.refused(self.scim.delete(f"/Users/{crew['id']}"), 404)
        self.assertEqual((self.read(bob), self.read(crew)), (bob, crew))


class Versions(scim.ScimTest):
    """RFC 7644 section 3.14 and RFC 9110 section 13."""

    def setUp(self):
        super().setUp()
        self.bob = self.create("bob")
        self.path = f"/Users/{self.bob['id']}"
        self.etag = self.bob["meta"]["version"]

    def test_every_change_has_its_own(self):
        seen = [self.etag]
        for value in ("Cook", "Chef", "Cook"):
            answer = self.scim.patch(self.path, [{"op": "replace", "path": "title", "value": value}])
            self.assertIn(answer.status, (200, 204))
            now = self.read(self.bob)["meta"]["version"]
            self.assertEqual(answer.etag, now)
            seen.append(now)
        self.assertEqual(len(set(seen)), 4)

    def test_a_change_outside_scim_has_its_own(self):
        self.cli("employee", "deactivate", self.slug, self.address("bob"))
        self.assertNotEqual(self.read(self.bob)["meta"]["version"], self.etag)

    def test_nothing_changed(self):
        before = self.read(self.bob)
        for value in (self.address("bob"), True):
            path = "active" if value is True else "userName"
            self.scim.patch(self.path, [{"op": "replace", "path": path, "value": value}])
        self.assertEqual(self.read(self.bob), before)

    def test_if_none_match(self):
        for header in (self.etag, f'"other", {self.etag}', "*", self.etag.removeprefix("W/")):
            answer = self.scim.get(self.path, {"If-None-Match": header})
            self.assertEqual((answer.status, answer.body), (304, b""), header)
            self.assertEqual(answer.etag, self.etag)
        for header in ('W/"other"', '"other"'):
            self.assertEqual(self.scim.get(self.path, {"If-None-Match": header}).status, 200, header)
        self.refused(self.scim.get(f"/Users/{SOME_ID}", {"If-None-Match": "*"}), 404)

    def test_if_match_that_holds(self):
        """SCIM's entity tags are weak, and are compared as such."""
        for header in (lambda: self.read(self.bob)["meta"]["version"], lambda: "*"):
            body = scim.user_body(self.address("bob"), title="Cook")
            self.good(self.scim.put(self.path, body, {"If-Match": header()}))
            answer = self.scim.patch(self.path, [{"op": "add", "path": "title", "value": "X"}], {"If-Match": header()})
            self.assertLess(answer.status, 300)
        current = self.read(self.bob)["meta"]["version"]
        self.assertEqual(self.scim.delete(self.path, {"If-Match": f'W/"other", {current}'}).status, 204)

    def test_if_match_that_fails(self):
        self.changed(self.bob, {"op": "replace", "path": "title", "value": "Cook"})
        before = self.read(self.bob)
        for header in (self.etag, 'W/"other"', '"77", W/"78"'):
            given = {"If-Match": header}
            self.refused(self.scim.put(self.path, scim.user_body(self.address("x")), given), 412, about=header)
            change = [{"op": "replace", "path": "title", "value": "Lost"}]
            self.refused(self.scim.patch(self.path, change, given), 412, about=header)
            self.refused(self.scim.delete(self.path, given), 412, about=header)
        self.assertEqual(self.read(self.bob), before)

    def test_groups_have_versions_that_grow_with_their_members(self):
        crew = self.create_group("Crew")
        path, first = f"/Groups/{crew['id']}", crew["meta"]["version"]
        self.assertEqual(self.scim.get(path, {"If-None-Match": first}).status, 304)
        join = [{"op": "add", "path": "members", "value": [{"value": self.bob["id"]}]}]
        self.assertEqual(self.scim.patch(path, join, {"If-Match": first}).status, 204)
        second = self.read(crew)["meta"]["version"]
        self.assertNotEqual(second, first)
        self.refused(self.scim.patch(path, [{"op": "remove", "path": "members"}], {"If-Match": first}), 412)
        self.refused(self.scim.delete(path, {"If-Match": first}), 412)
        self.assertEqual(self.scim.get(path).etag, second)
        self.assertEqual(scim.values(self.read(crew)), [self.bob["id"]])


class Doorwards(scim.ScimTest):
    def test_the_directorys_key_of_a_person(self):
        """`objectId`: in the extension, bare, or with its URN; an employee is found by it."""
        guid = "6f1c1f3a-1b7e-4d51-9a57-0123456789ab"
        spellings = {
            "one": {DOORWARD: {"objectId": guid}},
            "two": {"objectId": guid.replace("6f", "7f")},
            "three": {f"{DOORWARD}:objectId": guid.replace("6f", "8f")},
        }
        for name, attributes in spellings.items():
            made = self.create(name, **attributes)
            key = re.search(r"[0-9a-f-]{36}", str(attributes)).group()
            self.assertEqual(made[DOORWARD]["objectId"], key, name)
            self.assertEqual(self.employee(self.address(name))["object_id"], key)
            for path in (f"{DOORWARD}:objectId", "objectId"):
                self.assertEqual(self.found(f'{path} eq "{key}"'), {name})

    def test_replacing_a_user_with_one_of_its_names(self):
        """A directory sends one of them only; the other follows, again and again."""
        first, second = "6f1c1f3a-1b7e-4d51-9a57-0123456789ab", "7f1c1f3a-1b7e-4d51-9a57-0123456789ab"
        bob = self.create("bob", objectId=first)
        for key, attributes in (
            (first, {"objectId": first}),
            (first, {DOORWARD: {"objectId": first}}),
            (second, {"objectId": second}),
            (first, {DOORWARD: {"objectId": first}}),
            (first, {"objectId": first, DOORWARD: {"objectId": first}}),
            (second, {"objectId": first, DOORWARD: {"objectId": second}}),
            (first, {"objectId": first, DOORWARD: {"objectId": second}}),
            ("", {}),
            (second, {"objectId": second}),
        ):
            self.good(self.scim.put(f"/Users/{bob['id']}", scim.user_body(self.address("bob"), **attributes)))
            self.assertEqual(self.employee(self.address("bob"))["object_id"] or "", key, attributes)

    def test_the_command_line_shows_what_came(self):
        self.create(
            "bob",
            externalId="e-7",
            name={"givenName": "Bob", "familyName": "Baker"},
            displayName="Bob B.",
            emails=scim.work_email(self.address("robert")),
        )
        bob = self.employee(self.address("bob"))
        shown = [bob[name] for name in ("external_id", "given_name", "family_name", "display_name", "email")]
        self.assertEqual(shown, ["e-7", "Bob", "Baker", "Bob B.", self.address("robert")])
        self.assertFalse(bob["administrator"] or bob["has_password"])


if __name__ == "__main__":
    unittest.main()
