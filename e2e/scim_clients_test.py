"""Replays of what directory services really send. Each line of the tables was seen in traffic or documentation of the
product that its class names."""

import json
import unittest
import uuid

import scim_support as scim
from scim_support import CORE, DOORWARD, ENTERPRISE, GROUP, MESSAGES

OBJECT_ID = "3f2a9c1e-6f0e-4b6a-9a43-5d3b6c0f1e77"


class Entra(scim.ScimTest):
    """Both dialects: the default one, and what `?aadOptscim062020` on the Tenant URL asks for."""

    DIALECTS = ({}, {"aadOptscim062020": ""})

    def body(self, name, /, **attributes):
        """What Entra sends for a new user, with its explicit nulls."""
        return {
            "schemas": [CORE, ENTERPRISE],
            "externalId": OBJECT_ID,
            "userName": self.address(name),
            "active": True,
            "addresses": None,
            "displayName": name.title(),
            "emails": [{"primary": True, "type": "work", "value": self.address(name)}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": f"{name} Baker", "familyName": "Baker", "givenName": name},
            "phoneNumbers": None,
            "preferredLanguage": None,
            "roles": [],
            "title": None,
            ENTERPRISE: {"department": "Galley", "employeeNumber": None, "manager": None},
            **attributes,
        }

    def make(self, name, dialect=None, /, **attributes):
        return self.good(self.scim.post("/Users", self.body(name, **attributes), **(dialect or {})), 201)

    def send(self, resource, *operations, dialect=None):
        """A PATCH as it is, and the resource after it."""
        answer = self.scim.patch(f"/Users/{resource['id']}", operations, **(dialect or {}))
        self.assertIn(answer.status, (200, 204), (operations, answer))
        return self.read(resource)

    def test_the_connection_test(self):
        """Asks for users and groups that cannot exist, and wants empty lists."""
        for dialect in self.DIALECTS:
            for attribute in ("userName", "externalId", "id", f"{DOORWARD}:objectId", 'emails[type eq "work"].value'):
                query = {"filter": f'{attribute} eq "{uuid.uuid4()}"', **dialect}
                listed = self.good(self.scim.get("/Users", **query))
                self.assertEqual((listed["totalResults"], listed["Resources"]), (0, []), attribute)
                self.assertEqual(listed["schemas"], [MESSAGES + "ListResponse"])
            query = {"filter": f'displayName eq "{uuid.uuid4()}"', "excludedAttributes": "members", **dialect}
            self.assertEqual(self.good(self.scim.get("/Groups", **query))["Resources"], [])

    def test_create_and_find(self):
        for number, dialect in enumerate(self.DIALECTS):
            name = f"bob{number}"
            made = self.make(name, dialect, externalId=f"nick.{name}")
            self.assertEqual((made["externalId"], made["active"]), (f"nick.{name}", True))
            self.assertEqual(made[ENTERPRISE], {"department": "Galley"})
            for absent in ("addresses", "phoneNumbers", "preferredLanguage", "roles", "title"):
                self.assertNotIn(absent, made)
            for filter_text in (
                f'userName eq "{self.address(name)}"',
                f'userName eq "{self.address(name).upper()}"',
                f'externalId eq "nick.{name}"',
                f'emails[type eq "work"].value eq "{self.address(name)}"',
                f'userName eq "{self.address(name)}" and active eq true',
            ):
                listed = self.good(self.scim.get("/Users", filter=filter_text, **dialect))
                self.assertEqual([one["id"] for one in listed["Resources"]], [made["id"]], filter_text)

    def test_a_guest(self):
        name = f"eve_partner.example#EXT#@{self.slug}.onmicrosoft.example"
        body = self.body("eve", userName=name)
        made = self.good(self.scim.post("/Users", body), 201)
        self.assertEqual(made["userName"], name)
        listed = self.good(self.scim.get("/Users", filter=f'userName eq "{name}"'))
        self.assertEqual(listed["Resources"], [made])

    def test_created_again_after_a_time_out(self):
        bob = self.make("bob")
        self.refused(self.scim.post("/Users", self.body("bob")), 409, "uniqueness")
        self.assertEqual(self.read(bob), bob)

    def test_every_mapped_attribute_changes(self):
        """The default mappings, one operation each: once when there is no value yet, once when there is."""
        paths = [
            "displayName",
            "title",
            "preferredLanguage",
            "externalId",
            "name.givenName",
            "name.familyName",
            "name.formatted",
            'emails[type eq "work"].value',
            'emails[type eq "other"].value',
            'addresses[type eq "work"].formatted',
            'addresses[type eq "work"].streetAddress',
            'addresses[type eq "work"].locality',
            'addresses[type eq "work"].region',
            'addresses[type eq "work"].postalCode',
            'addresses[type eq "work"].country',
            'phoneNumbers[type eq "work"].value',
            'phoneNumbers[type eq "mobile"].value',
            'phoneNumbers[type eq "fax"].value',
            f"{ENTERPRISE}:employeeNumber",
            f"{ENTERPRISE}:department",
            f"{ENTERPRISE}:organization",
            f"{ENTERPRISE}:division",
            f"{ENTERPRISE}:costCenter",
            f"{DOORWARD}:objectId",
        ]
        for number, ops in enumerate((("Add", "Replace"), ("add", "replace"))):
            bare = self.good(self.scim.post("/Users", scim.user_body(self.address(f"bare{number}"))), 201)
            for path in paths:
                for round_, op in enumerate((ops[1], ops[0], ops[1])):
                    value = f"v{number}{round_}@{self.slug}.example"
                    after = self.send(bare, {"op": op, "path": path, "value": value})
                    self.assertEqual(self.at(after, path), value, (op, path))
            kinds = [one["type"] for one in self.read(bare)["phoneNumbers"]]
            self.assertEqual(sorted(kinds), ["fax", "mobile", "work"])
            self.assertEqual(len(self.read(bare)["addresses"]), 1)

    def at(self, resource, path):
        """The value at one of the paths above."""
        for urn in (ENTERPRISE, DOORWARD):
            if path.startswith(urn):
                return resource[urn][path.removeprefix(urn + ":")]
        if "[" in path:
            attribute, rest = path.split("[type eq ")
            kind, part = json.loads(rest.split("]")[0]), rest.split("].")[1]
            return next(one for one in resource[attribute] if one["type"] == kind)[part]
        for part in path.split("."):
            resource = resource[part]
        return resource

    def test_several_attributes_at_once(self):
        """The new dialect: no path, dotted keys and URNs."""
        for number, op in enumerate(("replace", "add", "Replace", "Add")):
            bob = self.make(f"bob{number}", externalId=f"e{number}")
            value = {
                "displayName": "Bjfe",
                "name.givenName": "Kkom",
                "name.familyName": "Unua",
                "title": "Mate",
                f"{ENTERPRISE}:employeeNumber": "aklq",
                f"{ENTERPRISE}:department": "Deck",
                f"{DOORWARD}:objectId": "oid" + op,
                "active": True,
            }
            after = self.send(bob, {"op": op, "value": value}, dialect=self.DIALECTS[1])
            self.assertEqual((after["displayName"], after["title"]), ("Bjfe", "Mate"))
            self.assertEqual((after["name"]["givenName"], after["name"]["familyName"]), ("Kkom", "Unua"))
            self.assertEqual((after[ENTERPRISE]["employeeNumber"], after[ENTERPRISE]["department"]), ("aklq", "Deck"))
            self.assertEqual(after[DOORWARD]["objectId"], "oid" + op)
            self.assertEqual(after["emails"], bob["emails"])

    def test_disable_and_enable(self):
        """`"False"` is a string in the default dialect. The disabled are still found."""
        forms = (
            (lambda text, _: {"op": "Replace", "path": "active", "value": text}),
            (lambda text, _: {"op": "Add", "path": "active", "value": text}),
            (lambda _, value: {"op": "replace", "path": "active", "value": value}),
            (lambda _, value: {"op": "replace", "value": {"active": value}}),
            (lambda text, _: {"op": "Replace", "value": {"active": text}}),
            (lambda text, _: {"op": "replace", "path": "active", "value": text.lower()}),
            (lambda _, value: {"op": "replace", "path": "active", "value": [value]}),
        )
        bob = self.make("bob")
        for form in forms:
            off, on = form("False", False), form("True", True)
            self.assertIs(self.send(bob, off)["active"], False, off)
            self.assertIs(self.employee(self.address("bob"))["active"], False)
            listed = self.good(self.scim.get("/Users", filter=f'userName eq "{self.address("bob")}"'))
            self.assertEqual([one["active"] for one in listed["Resources"]], [False])
            self.assertIs(self.send(bob, on)["active"], True, on)

    def test_hard_delete(self):
        bob = self.make("bob")
        self.send(bob, {"op": "Replace", "path": "active", "value": "False"})
        answer = self.scim.delete(f"/Users/{bob['id']}")
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertEqual(self.found(f'externalId eq "{OBJECT_ID}"'), set())

    def test_a_manager(self):
        """As a string, as an object, as a list with `$ref`; and removed."""
        bob, boss, other = (self.make(name, externalId=name) for name in ("bob", "boss", "other"))
        path = f"{ENTERPRISE}:manager"
        reference = {"$ref": f"../Users/{other['id']}", "value": other["id"]}
        steps = (
            ({"op": "Add", "path": path, "value": boss["id"]}, boss),
            ({"op": "Replace", "path": path, "value": [reference]}, other),
            ({"op": "replace", "path": path, "value": {"value": boss["id"]}}, boss),
            ({"op": "replace", "path": path + ".value", "value": other["id"]}, other),
            ({"op": "add", "value": {path: boss["id"]}}, boss),
            ({"op": "replace", "value": {path: {"value": other["id"]}}}, other),
            ({"op": "replace", "value": {ENTERPRISE: {"manager": {"value": boss["id"]}}}}, boss),
        )
        for operation, expected in steps:
            after = self.send(bob, operation)
            self.assertEqual(after[ENTERPRISE]["manager"]["value"], expected["id"], operation)
            self.assertEqual(after[ENTERPRISE]["department"], "Galley")
        found = self.found(f'{path} eq "{boss["id"]}"')
        self.assertEqual(found, {"bob"})
        for operation in ({"op": "Remove", "path": path}, {"op": "Replace", "path": path, "value": ""}):
            self.send(bob, {"op": "Add", "path": path, "value": boss["id"]})
            self.assertNotIn("manager", self.send(bob, operation)[ENTERPRISE])

    def test_roles(self):
        """AppRoleAssignmentsComplex in create, and SingleAppRoleAssignment, a string that holds JSON, in PATCH."""
        role = {"primary": False, "type": "WindowsAzureActiveDirectoryRole", "display": "Admin", "value": "admin"}
        bob = self.make("bob", roles=[role])
        self.assertEqual(scim.values(bob, "roles"), ["admin"])
        text = json.dumps({"id": str(uuid.uuid4()), "value": "25", "displayName": "Role25"})
        for path, value in (
            ("roles", [{"value": text}]),
            ("roles", text),
            ("roles", [text]),
            ('roles[primary eq "True"].value', text),
        ):
            after = self.send(bob, {"op": "Replace", "path": path, "value": value})
            self.assertTrue(any(one in ("25", text) for one in scim.values(after, "roles")), (path, after["roles"]))
        self.assertFalse(self.employee(self.address("bob"))["administrator"])

    def test_a_new_user_name_keeps_the_person(self):
        bob = self.make("bob")
        for dialect, operation in (
            (self.DIALECTS[0], {"op": "Replace", "path": "userName", "value": self.address("rob")}),
            (self.DIALECTS[1], {"op": "replace", "value": {"userName": self.address("robert")}}),
        ):
            after = self.send(bob, operation, dialect=dialect)
            self.assertEqual((after["id"], after["externalId"]), (bob["id"], OBJECT_ID))
            self.assertEqual(self.found(f'externalId eq "{OBJECT_ID}"'), {after["userName"].split("@")[0]})
        self.assertEqual(self.found('userName sw "bob"'), set())

    def test_the_object_id_wherever_it_is_mapped_to(self):
        """To externalId, to a bare attribute of that name, or to the extension: in create and in PATCH."""
        paths = ("externalId", "objectId", f"{DOORWARD}:objectId")
        for number, path in enumerate(paths):
            first, second = str(uuid.uuid4()), str(uuid.uuid4())
            attributes = {"externalId": f"nick{number}"} | (
                {DOORWARD: {"objectId": first}} if path.startswith("urn") else {path: first}
            )
            body = self.body(f"bob{number}", **attributes)
            if path.startswith("urn"):
                body["schemas"].append(DOORWARD)
            bob = self.good(self.scim.post("/Users", body), 201)
            self.assertEqual(self.found(f'{path} eq "{first}"'), {f"bob{number}"})
            self.send(bob, {"op": "Replace", "path": path, "value": second})
            self.assertEqual(self.found(f'{path} eq "{second}"'), {f"bob{number}"})
            self.assertEqual(self.found(f'{path} eq "{first}"'), set())
            shown = self.employee(self.address(f"bob{number}"))
            self.assertEqual(shown["external_id" if path == "externalId" else "object_id"], second)

    def test_a_group(self):
        """Created empty, members follow; each PATCH answers 204."""
        people = [self.make(name, externalId=name)["id"] for name in ("bob", "eve", "joe")]
        body = {
            "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "externalId": OBJECT_ID,
            "displayName": "Crew",
            "members": [],
            "meta": {"resourceType": "Group"},
        }
        crew = self.good(self.scim.post("/Groups", body), 201)
        self.assertEqual((crew["externalId"], scim.values(crew)), (OBJECT_ID, []))
        path = f"/Groups/{crew['id']}"
        self.assertNotIn("members", self.good(self.scim.get(path, excludedAttributes="members")))
        for filter_text in ('displayName eq "Crew"', f'externalId eq "{OBJECT_ID}"'):
            listed = self.good(self.scim.get("/Groups", excludedAttributes="members", filter=filter_text))
            self.assertEqual([one["id"] for one in listed["Resources"]], [crew["id"]])
        value = [[{"$ref": None, "value": one}] for one in people]
        steps = (
            ({"op": "Add", "path": "members", "value": value[0]}, people[:1]),
            ({"op": "Add", "path": "members", "value": value[1] + value[2]}, people),
            ({"op": "Remove", "path": "members", "value": value[0]}, people[1:]),
            ({"op": "add", "path": "members", "value": [{"value": people[0]}]}, people),
            ({"op": "remove", "path": f'members[value eq "{people[1]}"]'}, people[::2]),
            ({"op": "Replace", "path": "displayName", "value": "Deck"}, people[::2]),
            ({"op": "replace", "value": {"displayName": "Hold"}}, people[::2]),
        )
        for operation, expected in steps:
            answer = self.scim.patch(path, [operation])
            self.assertEqual((answer.status, answer.body), (204, b""), operation)
            self.assertEqual(set(scim.values(self.read(crew))), set(expected), operation)
        self.assertEqual(self.read(crew)["displayName"], "Hold")
        self.assertEqual(self.scim.delete(path).status, 204)

    def test_what_it_asks_of_a_members_group(self):
        """Whether a user is in a group, by a filter over id and members."""
        bob, eve = self.make("bob", externalId="1"), self.make("eve", externalId="2")
        crew = self.create_group("Crew", bob["id"])
        for person, there in ((bob, 1), (eve, 0)):
            query = f'id eq "{crew["id"]}" and members eq "{person["id"]}"'
            listed = self.good(self.scim.get("/Groups", attributes="id", filter=query))
            self.assertEqual(listed["totalResults"], there)
        query = f'id eq "{bob["id"]}" and manager eq "{eve["id"]}"'
        self.assertEqual(self.scim.get("/Users", attributes="id", filter=query).status, 200)

    def test_an_operation_that_nobody_knows_is_no_silent_success(self):
        bob = self.make("bob")
        for op in ("Upsert", "Disable", "replaced"):
            change = [{"op": op, "path": "active", "value": "False"}]
            self.refused(self.scim.patch(f"/Users/{bob['id']}", change), 400)
        self.assertEqual(self.read(bob), bob)


class Okta(scim.ScimTest):
    def body(self, name):
        return {
            "schemas": [CORE],
            "userName": self.address(name),
            "name": {"givenName": name, "familyName": "User"},
            "emails": [{"primary": True, "value": self.address(name), "type": "work"}],
            "displayName": name,
            "locale": "en-US",
            "externalId": f"00ujl29u0le5T6Aj{name}",
            "groups": [],
            "password": "1mz050nq-1mz050nq",
            "active": True,
        }

    def test_a_life(self):
        page = self.good(self.scim.get("/Users", startIndex=1, count=2))
        self.assertEqual((page["startIndex"], page["totalResults"], len(page["Resources"])), (1, 1, 1))
        search = {"filter": f'userName eq "{self.address("bob")}"', "startIndex": 1, "count": 100}
        self.assertEqual(self.good(self.scim.get("/Users", **search))["totalResults"], 0)
        bob = self.good(self.scim.post("/Users", self.body("bob")), 201)
        self.refused(self.scim.post("/Users", self.body("bob")), 409, "uniqueness")
        self.assertEqual(self.good(self.scim.get("/Users", **search))["Resources"], [bob])

        changed = {**self.read(bob), "name": {"givenName": "Robert", "familyName": "User"}}
        after = self.good(self.scim.put(f"/Users/{bob['id']}", changed))
        self.assertEqual(after["name"]["givenName"], "Robert")
        self.assertNotIn("password", json.dumps(after))

        off = {"schemas": [MESSAGES + "PatchOp"], "Operations": [{"op": "replace", "value": {"active": False}}]}
        answer = self.scim.patch(f"/Users/{bob['id']}", off)
        self.assertIn(answer.status, (200, 204))
        self.assertIs(self.read(bob)["active"], False)
        back = {**self.read(bob), "active": True}
        self.assertIs(self.good(self.scim.put(f"/Users/{bob['id']}", back))["active"], True)
        gone = {**self.read(bob), "active": False}
        self.assertIs(self.good(self.scim.put(f"/Users/{bob['id']}", gone))["active"], False)

    def test_a_group(self):
        bob, eve = self.create("bob"), self.create("eve")
        crew = self.good(self.scim.post("/Groups", scim.group_body("Crew") | {"members": []}), 201)
        path = f"/Groups/{crew['id']}"
        one = [{"value": bob["id"], "display": self.address("bob")}]
        two = [{"value": eve["id"], "display": self.address("eve")}]
        steps = (
            ({"op": "add", "path": "members", "value": one + two}, {bob["id"], eve["id"]}),
            ({"op": "remove", "path": f'members[value eq "{bob["id"]}"]'}, {eve["id"]}),
            ({"op": "replace", "path": "members", "value": one}, {bob["id"]}),
            ({"op": "replace", "value": {"id": crew["id"], "displayName": "Deck"}}, {bob["id"]}),
        )
        for operation, expected in steps:
            answer = self.scim.patch(path, [operation])
            self.assertIn(answer.status, (200, 204), (operation, answer))
            self.assertEqual(set(scim.values(self.read(crew))), expected, operation)
        self.assertEqual(self.read(crew)["displayName"], "Deck")
        found = self.good(self.scim.get("/Groups", filter='displayName eq "Deck"', startIndex=1, count=100))
        self.assertEqual(found["totalResults"], 1)


class OneLogin(scim.ScimTest):
    def test_a_life(self):
        """PUT for everything, and headers of one's own."""
        extra = {"X-OneLogin-Tenant": "7", "Accept": "application/json", "Content-Type": "application/json"}
        body = scim.user_body(self.address("bob"), name={"givenName": "Bob", "familyName": "B"}, active=True)
        bob = self.good(self.scim.post("/Users", body, extra), 201, "application/json")
        for change, expected in (({"active": False}, False), ({"active": True}, True), ({"active": "false"}, False)):
            answer = self.scim.put(f"/Users/{bob['id']}", {**body, "id": bob["id"], **change}, extra)
            put = self.good(answer, media_type="application/json")
            self.assertIs(put["active"], expected)
        operations = [{"op": "replace", "path": "active", "value": True}]
        self.assertLess(self.scim.patch(f"/Users/{bob['id']}", operations, extra).status, 300)
        self.assertIs(self.read(bob)["active"], True)


class Google(scim.ScimTest):
    def test_a_life(self):
        """Few attributes, plain JSON, PUT and PATCH mixed; suspended is `active: false`."""
        plain = {"Content-Type": "application/json; charset=UTF-8"}
        body = {
            "schemas": [CORE],
            "userName": self.address("bob"),
            "name": {"familyName": "Baker", "givenName": "Bob"},
            "emails": [{"value": self.address("bob")}],
            "active": True,
        }
        bob = self.good(self.scim.post("/Users", body, plain), 201)
        self.assertEqual(self.employee(self.address("bob"))["email"], self.address("bob"))
        suspended = self.good(self.scim.put(f"/Users/{bob['id']}", {**body, "active": False}, plain))
        self.assertIs(suspended["active"], False)
        wake = [{"op": "replace", "path": "active", "value": True}]
        self.assertLess(self.scim.patch(f"/Users/{bob['id']}", wake, plain).status, 300)
        self.assertIs(self.read(bob)["active"], True)
        self.assertEqual(self.scim.delete(f"/Users/{bob['id']}").status, 204)


class JumpCloud(scim.ScimTest):
    def test_a_life(self):
        emails = scim.work_email(self.address("bob"))
        body = scim.user_body(self.address("bob"), active=True, displayName="Bob", emails=emails)
        bob = self.good(self.scim.post("/Users", body), 201)
        self.good(self.scim.put(f"/Users/{bob['id']}", {**body, "id": bob["id"], "title": "Cook"}))
        members = [{"value": bob["id"], "display": "Bob"}]
        crew = self.good(self.scim.post("/Groups", {**scim.group_body("Crew"), "members": members}), 201)
        self.assertEqual(scim.values(crew), [bob["id"]])
        eve = self.create("eve")
        members.append({"value": eve["id"]})
        put = self.good(self.scim.put(f"/Groups/{crew['id']}", {**crew, "members": members}))
        self.assertEqual(set(scim.values(put)), {bob["id"], eve["id"]})
        self.good(self.scim.put(f"/Users/{bob['id']}", {**body, "active": False}))
        self.assertIs(self.read(bob)["active"], False)


class Ping(scim.ScimTest):
    def test_filters_with_urns(self):
        self.create("bob", enterprise={"employeeNumber": "7", "department": "Galley"}, externalId="p-7")
        for text in (
            f'{CORE}:userName eq "{self.address("bob")}"',
            f'{ENTERPRISE}:employeeNumber eq "7"',
            f'({ENTERPRISE}:employeeNumber eq "7") and ({CORE}:active eq true)',
            f'{CORE}:externalId eq "p-7"',
        ):
            self.assertEqual(self.found(text), {"bob"}, text)


class MicrosoftsValidator(scim.ScimTest):
    def test_users(self):
        emails = [{"type": "work", "value": "a@b.example"}]
        body = scim.user_body(self.address("Bob"), active="True", externalId="x", emails=emails)
        bob = self.good(self.scim.post("/Users", body), 201)
        self.assertIs(bob["active"], True)
        self.assertEqual(self.found(f'USERNAME eq "{self.address("bOB")}"'), {"Bob"})
        self.good(self.scim.post("/Users", scim.user_body(self.address("eve"), externalId="x")), 201)
        self.refused(self.scim.post("/Users", body), 409, "uniqueness")
        put = {**scim.user_body(self.address("Bob")), "DISPLAYNAME": "Bob", "unknown": 1, "Active": "False"}
        after = self.good(self.scim.put(f"/Users/{bob['id']}", put))
        self.assertEqual((after["displayName"], after["active"]), ("Bob", False))
        self.assertNotIn("unknown", after)
        after = self.changed(
            bob,
            {"op": "Replace", "path": "USERNAME", "value": self.address("Rob")},
            {"op": "Replace", "path": 'Emails[Type eq "work"].VALUE', "value": "new@b.example"},
            {"op": "Replace", "path": "active", "value": "True"},
            {"op": "Add", "path": "name", "value": {"givenName": "R"}},
            {"op": "Remove", "path": "displayName"},
        )
        self.assertEqual((after["userName"], after["active"]), (self.address("Rob"), True))
        self.assertEqual(scim.values(after, "emails"), ["new@b.example"])
        self.assertNotIn("displayName", after)

    def test_groups(self):
        people = [self.create(name)["id"] for name in ("bob", "eve")]
        body = {"schemas": [GROUP], "displayName": "Crew", "externalId": "x", "members": people}
        crew = self.good(self.scim.post("/Groups", body), 201)
        self.assertEqual(set(scim.values(crew)), set(people))
        operations = [
            {"op": "Remove", "path": f'Members[Value eq "{people[0]}"]'},
            {"op": "Add", "path": "Members", "value": []},
        ]
        self.assertEqual(self.scim.patch(f"/Groups/{crew['id']}", operations).status, 204)
        self.assertEqual(scim.values(self.read(crew)), people[1:])
        self.assertEqual(self.found('DISPLAYNAME eq "CREW"', "/Groups"), {"Crew"})


if __name__ == "__main__":
    unittest.main()
