"""Joining, leaving and coming back by the directory's word: sessions, rights, adoption, the brake, accounts, tokens."""

import unittest

import scim_support as scim
import support
from scim_support import DOORWARD

CONFLICT, REFUSED = 4, 5
OBJECT_ID = "3f2a9c1e-6f0e-4b6a-9a43-5d3b6c0f1e77"
OFF = {"op": "Replace", "path": "active", "value": "False"}
ON = {"op": "Replace", "path": "active", "value": "True"}


class LifecycleTest(scim.ScimTest):
    def setUp(self):
        super().setUp()
        self.cli("domain", "add", self.slug, f"{self.slug}.example")

    def find(self, name):
        """The one user with this user name."""
        listed = self.good(self.scim.get("/Users", filter=f'userName eq "{self.address(name)}"'))
        self.assertEqual(listed["totalResults"], 1)
        return listed["Resources"][0]

    def bulk(self, client, *operations):
        return client.post("/Bulk", {"schemas": [scim.MESSAGES + "BulkRequest"], "Operations": operations})

    def send(self, resource, *operations):
        answer = self.scim.patch(f"/Users/{resource['id']}", operations)
        self.assertIn(answer.status, (200, 204), answer)


class Leaving(LifecycleTest):
    def test_every_way_of_leaving_ends_sessions_at_once(self):
        ways = {
            "off": lambda one: self.scim.patch(f"/Users/{one['id']}", [OFF]),
            "off2": lambda one: self.scim.patch(f"/Users/{one['id']}", [{"op": "replace", "value": {"active": False}}]),
            "put": lambda one: self.scim.put(f"/Users/{one['id']}", {**one, "active": False}),
            "delete": lambda one: self.scim.delete(f"/Users/{one['id']}"),
            "bulk": lambda one: self.bulk(self.scim, {"method": "DELETE", "path": f"/Users/{one['id']}"}),
        }
        for name, leave in ways.items():
            self.with_password(name)
            sessions = [self.sign_in(self.address(name)) for _ in range(2)]
            others = self.sign_in(self.ann)
            for session in sessions:
                self.assertEqual(self.who(session)["employee"]["userName"], self.address(name))
            self.assertLess(leave(self.find(name)).status, 300, name)
            for session in sessions:
                self.assertIsNone(self.who(session), name)
            self.assertIsNone(self.sign_in(self.address(name)), name)
            self.assertIsNotNone(self.who(others))

    def test_coming_back_gives_access_and_no_rights(self):
        self.with_password("bob")
        self.cli("employee", "grant-admin", self.slug, self.address("bob"))
        session = self.sign_in(self.address("bob"))
        self.assertIs(self.who(session)["employee"].get("administrator", self.who(session).get("administrator")), True)
        bob = self.find("bob")
        self.send(bob, OFF)
        self.send(bob, ON)
        self.assertIsNone(self.who(session))
        self.assertIsNotNone(self.sign_in(self.address("bob")))
        shown = self.employee(self.address("bob"))
        self.assertEqual((shown["active"], shown["administrator"], shown["has_password"]), (True, False, True))

    def test_the_last_administrator_may_leave(self):
        """Whom the directory removes loses access whatever follows."""
        session = self.sign_in(self.ann)
        self.send(self.find("ann"), OFF)
        self.assertIsNone(self.who(session))
        self.assertEqual(self.employee(self.ann)["active"], False)

    def test_who_comes_after_a_deletion_is_somebody_else(self):
        """The same userName again: a new id, no rights, no password, no membership."""
        self.with_password("bob")
        self.cli("employee", "grant-admin", self.slug, self.address("bob"))
        old = self.find("bob")
        crew = self.create_group("Crew", old["id"])
        self.assertEqual(self.scim.delete(f"/Users/{old['id']}").status, 204)
        new = self.create("bob", **{DOORWARD: {"objectId": OBJECT_ID}})
        self.assertNotEqual(new["id"], old["id"])
        shown = self.employee(self.address("bob"))
        self.assertEqual((shown["administrator"], shown["has_password"], shown["identities"]), (False, False, []))
        self.assertIsNone(self.sign_in(self.address("bob")))
        self.assertEqual(scim.values(self.read(crew)), [])
        self.refused(self.scim.get(f"/Users/{old['id']}"), 404)
        self.assertIn("employee.deleted", self.audit())

    def test_a_rename_keeps_the_session_and_the_person(self):
        self.with_password("bob")
        session, bob = self.sign_in(self.address("bob")), self.find("bob")
        self.send(bob, {"op": "Replace", "path": "userName", "value": self.address("rob")})
        self.assertEqual(self.who(session)["employee"]["userName"], self.address("rob"))
        self.assertEqual(self.employee(self.address("rob"))["id"], bob["id"])

    def test_created_inactive(self):
        bob = self.create("bob", active=False, password="correct horse battery")
        self.assertIs(bob["active"], False)
        self.assertIsNone(self.sign_in(self.address("bob")))


class Joining(LifecycleTest):
    def test_an_employee_made_by_hand_is_found_and_adopted(self):
        """By PATCH and PUT of what was found, and by POST: same person, same rights, same password, and an entry."""
        cook = {"op": "Add", "path": "title", "value": "Cook"}
        adoptions = {
            "patch": lambda one: self.scim.patch(f"/Users/{one['id']}", [cook]),
            "put": lambda one: self.scim.put(f"/Users/{one['id']}", {**one, "title": "Cook"}),
            "post": lambda one: self.scim.post("/Users", {**scim.user_body(one["userName"].upper()), "title": "Cook"}),
        }
        for name, adopt in adoptions.items():
            made = self.with_password(name)
            self.cli("employee", "grant-admin", self.slug, self.address(name))
            session, found = self.sign_in(self.address(name)), self.find(name)
            self.assertEqual(found["id"], made["id"])
            before = self.audit().count("employee.adopted")
            answer = adopt(found)
            self.assertLess(answer.status, 300, (name, answer))
            self.assertEqual(self.audit().count("employee.adopted"), before + 1, name)
            after = self.read(found)
            self.assertEqual((after["id"], after["title"]), (made["id"], "Cook"))
            shown = self.employee(self.address(name))
            self.assertEqual((shown["administrator"], shown["has_password"], shown["active"]), (True, True, True))
            self.assertIsNotNone(self.who(session), name)
            self.refused(self.scim.post("/Users", scim.user_body(self.address(name))), 409, "uniqueness")

    def test_adopted_by_the_immutable_key(self):
        """objectId first, whatever the user name is by now."""
        made = self.cli("employee", "create", self.slug, "--email", self.address("bob"), "--object-id", OBJECT_ID)
        body = scim.user_body(self.address("robert"), **{DOORWARD: {"objectId": OBJECT_ID.upper()}})
        answer = self.scim.post("/Users", body)
        self.assertLess(answer.status, 300, answer)
        self.assertEqual(answer.json["id"], made["employee"]["id"])
        self.assertEqual(self.employee(self.address("robert"))["id"], made["employee"]["id"])

    def test_adopted_by_the_address(self):
        made = self.cli("employee", "create", self.slug, "--email", self.address("bob"), "--user-name", "bobby")
        body = scim.user_body("bb7", emails=scim.work_email(self.address("Bob")))
        answer = self.scim.post("/Users", body)
        self.assertLess(answer.status, 300, answer)
        self.assertEqual(answer.json["id"], made["employee"]["id"])

    def test_nobody_outside_the_accounts_domains_is_adopted(self):
        """409 instead of a silent take-over, and it says what to do."""
        for address in ("bob@elsewhere.example", "bob@gmail.com"):
            made = self.cli("employee", "create", self.slug, "--email", address)["employee"]
            body = scim.user_body(address, title="Cook", emails=scim.work_email(address))
            self.refused(self.scim.post("/Users", body), 409, "uniqueness")
            change = [{"op": "Add", "path": "title", "value": "Cook"}, OFF]
            answer = self.scim.patch(f"/Users/{made['id']}", change)
            self.refused(answer, (403, 409), about=address)
            self.assertIs(self.employee(address)["active"], True)
            self.assertEqual(self.employee(address)["origin"], "manual")

    def test_no_public_mail_domain_without_a_domain_of_ones_own(self):
        slug, _ = self.new_account()
        _, other = self.new_token(slug=slug)
        for address, status in (("bob@gmail.com", 409), ("bob@small.example", 201)):
            self.cli("employee", "create", slug, "--email", address)
            answer = other.post("/Users", scim.user_body(address, emails=scim.work_email(address)))
            self.assertEqual(answer.status // 100, status // 100, (address, answer))

    def test_nobody_is_made_administrator_by_attributes(self):
        for attribute in ("administrator", "admin", "isAdmin", "rights"):
            more = {attribute: True, "roles": [{"value": "administrator"}], "userType": "Administrator"}
            self.create(f"a{attribute}", **more)
            self.assertFalse(self.employee(self.address(f"a{attribute}"))["administrator"])


class Accounts(LifecycleTest):
    def test_the_same_people_in_two_accounts(self):
        slug, _ = self.new_account()
        _, other = self.new_token(slug=slug)
        body = scim.user_body("bob@shared.example", externalId="1", **{DOORWARD: {"objectId": OBJECT_ID}})
        here = self.good(self.scim.post("/Users", body), 201)
        there = self.good(other.post("/Users", body), 201)
        self.assertNotEqual(here["id"], there["id"])
        self.assertEqual(other.delete(f"/Users/{there['id']}").status, 204)
        self.assertEqual(self.read(here), here)

    def test_ids_of_another_account_are_not_there(self):
        slug, _ = self.new_account()
        _, other = self.new_token(slug=slug)
        bob = self.create("bob", externalId="e-1")
        crew = self.create_group("Crew", bob["id"])
        eve = self.good(other.post("/Users", scim.user_body(f"eve@{slug}.example")), 201)
        for path, body, change in (
            (f"/Users/{bob['id']}", scim.user_body("x@y.example"), OFF),
            (f"/Groups/{crew['id']}", scim.group_body("Stolen"), {"op": "remove", "path": "members"}),
        ):
            self.refused(other.get(path), 404)
            self.refused(other.put(path, body), 404)
            self.refused(other.patch(path, [change]), 404)
            self.refused(other.delete(path), 404)
            answer = self.bulk(other, {"method": "DELETE", "path": path})
            self.assertEqual(self.good(answer)["Operations"][0]["status"], "404")
        address = self.address("bob")
        for text in (f'id eq "{bob["id"]}"', 'externalId eq "e-1"', f'userName eq "{address}"', 'userName sw "bob"'):
            self.assertEqual(self.good(other.get("/Users", filter=text))["totalResults"], 0, text)
        self.assertEqual(self.good(other.get("/Groups"))["totalResults"], 0)
        theirs = self.good(other.post("/Groups", scim.group_body("Crew")), 201)
        for member in (bob["id"], crew["id"]):
            join = [{"op": "add", "path": "members", "value": [{"value": member}]}]
            self.refused(other.patch(f"/Groups/{theirs['id']}", join), 400)
            self.refused(other.post("/Groups", scim.group_body("New", member)), 400)
        boss = [{"op": "add", "path": f"{scim.ENTERPRISE}:manager", "value": bob["id"]}]
        other.patch(f"/Users/{eve['id']}", boss)
        manager = other.get(f"/Users/{eve['id']}").json.get(scim.ENTERPRISE, {}).get("manager", {})
        self.assertNotIn("bob", str(manager.get("displayName", "")).lower())
        self.assertEqual((self.read(bob)["userName"], self.read(crew)), (bob["userName"], crew))

    def test_a_free_plan_has_no_provisioning(self):
        """And says so; back on Enterprise the token works again."""
        self.cli("account", "set-plan", self.slug, "--plan", "free")
        for answer in (self.scim.get("/Users"), self.scim.post("/Users", scim.user_body(self.address("bob")))):
            self.assertRegex(self.refused(answer, (402, 403)).lower(), "plan|enterprise")
        outcome = self.run_cli("--json", "scim-token", "create", self.slug)
        self.assertEqual(outcome.code, REFUSED, outcome)
        self.assertRegex(outcome.error["message"], "Enterprise|plan")
        self.cli("account", "set-plan", self.slug, "--plan", "enterprise")
        self.assertEqual(self.good(self.scim.get("/Users"))["totalResults"], 1)

    def test_an_account_that_is_gone(self):
        self.good(self.scim.get("/Users"))
        self.cli("account", "delete", self.slug, "--yes")
        self.refused(self.scim.get("/Users"), 401)


class Tokens(LifecycleTest):
    def test_rotation(self):
        """Two live at once, a third is refused, a revoked one is of no use at once."""
        second, new = self.new_token("--name", "Second")
        for client in (self.scim, new):
            self.good(client.get("/Users"))
        outcome = self.run_cli("--json", "scim-token", "create", self.slug)
        self.assertIn(outcome.code, (CONFLICT, REFUSED), outcome)
        self.assertEqual(outcome.error["code"], "directory.too_many_tokens")
        self.cli("scim-token", "revoke", self.slug, self.token["id"])
        self.refused(self.scim.get("/Users"), 401)
        self.good(new.get("/Users"))
        _, third = self.new_token()
        self.good(third.get("/Users"))
        self.cli("scim-token", "revoke", self.slug, second["id"])
        self.refused(new.post("/Users", scim.user_body(self.address("bob"))), 401)
        self.good(third.get("/Users"))

    def test_the_list_has_no_secret(self):
        secret = self.scim.secret
        listed = self.run_cli("--json", "scim-token", "list", self.slug)
        self.assertIn(self.token["id"], listed.stdout)
        self.assertNotIn(secret.rsplit(".", 1)[-1], listed.stdout)
        with open(self.installation.database, "rb") as database:
            self.assertNotIn(secret.encode(), database.read())

    def test_provisioning_goes_on_while_single_sign_on_is_the_only_way_in(self):
        folder = self.installation.folder
        metadata = folder / "metadata.xml"
        metadata.write_bytes(support.metadata("https://idp.example.com/", [support.make_certificate(folder)]))
        self.slug, self.ann = self.new_account()
        self.cli("saml", "set-metadata", self.slug, "--file", metadata)
        self.cli("domain", "add", self.slug, f"{self.slug}.example")
        _, self.scim = self.new_token()
        self.cli("sso", "enable", self.slug, "--reason", "ticket")
        self.assertIsNone(self.sign_in(self.ann))
        self.assertEqual(self.read(self.create("bob"))["userName"], self.address("bob"))


class Brake(LifecycleTest):
    """Twenty-one and more leave within the hour: deletions are held until an administrator decides."""

    def setUp(self):
        super().setUp()
        operations = [
            {"method": "POST", "path": "/Users", "bulkId": f"b{n}", "data": scim.user_body(self.address(f"e{n:02}"))}
            for n in range(30)
        ]
        done = self.good(self.bulk(self.scim, *operations))["Operations"]
        self.ids = [one["location"].rsplit("/", 1)[1] for one in done]

    def delete(self, count):
        for one in self.ids[:count]:
            answer = self.scim.delete(f"/Users/{one}")
            self.assertEqual((answer.status, answer.body), (204, b""))

    def batches(self):
        return self.cli("provisioning", "batches", self.slug)["batches"]

    def employees(self, *flags):
        listed = self.cli("employee", "list", self.slug, "--limit", "100", *flags)["employees"]
        return {one["user_name"].split("@")[0] for one in listed}

    def test_twenty_are_no_flood(self):
        self.delete(20)
        self.assertEqual(self.batches(), [])
        self.assertEqual(len(self.employees()), 11)

    def test_further_deletions_are_held(self):
        """For the directory they are gone, for the administrator they are there."""
        crew = self.create_group("Crew", self.ids[24], self.ids[26])
        self.delete(25)
        self.assertEqual(scim.values(self.read(crew)), [self.ids[26]])
        for one in self.ids[:25]:
            path = f"/Users/{one}"
            self.refused(self.scim.get(path), 404)
            self.refused(self.scim.delete(path), 404)
            self.refused(self.scim.patch(path, [ON]), 404)
            self.refused(self.scim.put(path, scim.user_body(self.address("again"))), 404)
        join = [{"op": "add", "path": "members", "value": [{"value": self.ids[24]}]}]
        self.refused(self.scim.patch(f"/Groups/{crew['id']}", join), 400)
        for text in (f'id eq "{self.ids[24]}"', f'userName eq "{self.address("e24")}"'):
            self.assertEqual(self.found(text), set())
        self.assertEqual(self.good(self.scim.get("/Users"))["totalResults"], 6)
        (batch,) = self.batches()
        self.assertEqual((batch["state"], batch["deleted"] + batch["deletions_held"]), ("open", 25))
        self.assertGreaterEqual(batch["deletions_held"], 4)
        self.assertIn("e24", self.employees("--status", "inactive"))
        self.assertIn("departures.brake_on", self.audit())

    def test_restored(self):
        self.delete(25)
        (batch,) = self.batches()
        self.cli("provisioning", "restore", self.slug, batch["id"])
        self.assertIs(self.employee(self.address("e24"))["active"], True)
        self.assertEqual(self.found(f'id eq "{self.ids[24]}"'), {"e24"})
        self.assertEqual(self.batches()[0]["state"], "restored")

    def test_confirmed(self):
        self.delete(25)
        (batch,) = self.batches()
        self.cli("provisioning", "confirm", self.slug, batch["id"])
        self.assertNotIn("e24", self.employees())
        self.assertEqual(self.batches()[0]["state"], "confirmed")

    def test_one_who_is_held_and_comes_again_is_somebody_new(self):
        self.delete(25)
        new = self.create("e24")
        self.assertNotEqual(new["id"], self.ids[24])
        self.assertIs(self.employee(self.address("e24"))["active"], True)

    def test_leaving_always_bites_at_once(self):
        """Also for whom the deletion is held; and what is restored is access, not the session or the rights."""
        people = {}
        for name in ("bob", "eve"):
            self.with_password(name)
            self.cli("employee", "grant-admin", self.slug, self.address(name))
            people[name] = self.find(name), self.sign_in(self.address(name))
        self.delete(25)
        self.send(people["bob"][0], OFF)
        self.assertEqual(self.scim.delete(f"/Users/{people['eve'][0]['id']}").status, 204)
        for name, (_, session) in people.items():
            self.assertIsNone(self.who(session), name)
            self.assertIsNone(self.sign_in(self.address(name)), name)
        self.cli("provisioning", "restore", self.slug, self.batches()[0]["id"])
        for name, (_, session) in people.items():
            self.assertIsNone(self.who(session), name)
            self.assertIsNotNone(self.sign_in(self.address(name)), name)
            self.assertFalse(self.employee(self.address(name))["administrator"])


if __name__ == "__main__":
    unittest.main()
