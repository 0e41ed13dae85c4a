"""The commands of provisioning, from outside: tokens, groups and the log."""

import contextlib
import json
import re
import sqlite3
import unittest
import uuid

import cli_test
from cli_test import CONFLICT, NOT_FOUND, REFUSED, USAGE

SECRET = r"^scim_[0-9a-f-]{36}\.[A-Za-z0-9_-]{43}$"


class ScimTest(cli_test.CliTest):
    def setUp(self):
        super().setUp()
        self.account()

    @contextlib.contextmanager
    def database(self):
        """What only directory services can make is put into the tables."""
        connection = sqlite3.connect(self.installation.database)
        try:
            with connection:
                yield connection
        finally:
            connection.close()


class Tokens(ScimTest):
    def create(self, *flags):
        return self.cli("scim-token", "create", "acme", *flags)

    def tokens(self):
        return self.cli("scim-token", "list", "acme")["tokens"]

    def test_the_secret_is_shown_once_and_stored_as_a_hash(self):
        made = self.create("--name", "Entra", "--scope", "users", "--expires-in-days", "90")
        self.assertEqual(set(made), {"token", "secret", "tenant_url"})
        self.assertRegex(made["secret"], SECRET)
        self.assertIn(self.cli("account", "show", "acme")["account"]["id"], made["secret"])
        self.assertTrue(made["tenant_url"].endswith("/scim/v2"))
        self.assertRegex(made["tenant_url"], r"^http://[^/]+/scim/v2$")
        token = made["token"]
        self.assertEqual((token["name"], token["scope"], token["status"]), ("Entra", "users", "active"))
        self.assertIsNotNone(token["expires_at"])
        self.assertIsNone(token["last_used_at"])
        with self.database() as database:
            stored = "\n".join(database.iterdump())
        random = made["secret"].split(".")[1]
        self.assertNotIn(random, stored)
        self.assertNotIn(random, json.dumps([self.tokens(), self.cli("audit", "acme")]))

    def test_as_text(self):
        text = self.run_cli("scim-token", "create", "acme").stdout
        self.assertIn("Token Directory of account acme was created. It is valid until it is revoked.", text)
        self.assertIn("(shown only now)", text)
        self.assertRegex(re.search(r"Secret token +(\S+)", text)[1], SECRET)
        self.assertIn("/scim/v2", text)
        listed = self.run_cli("scim-token", "list", "acme").stdout
        self.assertIn("Directory", listed)
        self.assertNotIn("scim_", listed)
        revoked = self.run_cli("scim-token", "revoke", "acme", "directory").stdout
        self.assertEqual(revoked, "Token Directory of account acme is not accepted any more.\n")
        empty = self.run_cli("scim-token", "list", "acme", "--database", "sqlite:other.db")
        self.assertEqual(empty.code, NOT_FOUND)

    def test_the_tenant_url_is_the_public_url(self):
        (self.installation.folder / "doorward.toml").write_text('public_url = "https://door.example.com"\n')
        self.assertEqual(self.create()["tenant_url"], "https://door.example.com/scim/v2")

    def test_two_for_rotation_and_no_third(self):
        first = self.create()["token"]
        second = self.create("--name", "Second")["token"]
        message = self.refused(CONFLICT, "scim-token", "create", "acme", name="directory.too_many_tokens")
        self.assertIn("Revoke one of them first", message)
        self.cli("scim-token", "revoke", "acme", first["id"])
        third = self.create()["token"]
        self.assertEqual([token["id"] for token in self.tokens()], [third["id"], second["id"], first["id"]])
        self.assertEqual([token["status"] for token in self.tokens()], ["active", "active", "revoked"])

    def test_revoke(self):
        token = self.create("--name", "Entra")["token"]
        self.account("beta")
        for name in ("Okta", str(uuid.uuid4())):
            self.refused(NOT_FOUND, "scim-token", "revoke", "acme", name, name="directory.no_token")
        self.refused(NOT_FOUND, "scim-token", "revoke", "beta", token["id"], name="directory.no_token")
        revoked = self.cli("scim-token", "revoke", "acme", "entra")["token"]
        self.assertEqual((revoked["id"], revoked["status"]), (token["id"], "revoked"))
        again = self.cli("scim-token", "revoke", "acme", token["id"])["token"]
        self.assertEqual(again["revoked_at"], revoked["revoked_at"])
        self.refused(NOT_FOUND, "scim-token", "revoke", "acme", "Entra")
        self.assertEqual(self.actions()[:2], ["provisioning_token.revoked", "provisioning_token.created"])

    def test_two_of_one_name_are_named_by_id(self):
        token = self.create("--name", "Entra")["token"]
        self.create("--name", "entra")
        self.assertIn("by its id", self.refused(NOT_FOUND, "scim-token", "revoke", "acme", "Entra"))
        self.cli("scim-token", "revoke", "acme", token["id"])
        self.cli("scim-token", "revoke", "acme", "Entra")

    def test_what_makes_no_sense(self):
        self.refused(USAGE, "scim-token", "create", "acme", "--scope", "everything")
        for days in ("0", "-1", "3651", "soon"):
            self.refused(USAGE, "scim-token", "create", "acme", "--expires-in-days", days)
        self.refused(USAGE, "scim-token", "create", "acme", "--name", "x" * 2000)
        self.refused(USAGE, "scim-token", "revoke", "acme")
        self.refused(NOT_FOUND, "scim-token", "create", "nobody", name="directory.no_account")
        self.assertEqual(self.tokens(), [])

    def test_the_free_plan_has_no_provisioning(self):
        self.account("cheap", plan="free")
        message = self.refused(REFUSED, "scim-token", "create", "cheap", name="directory.plan_without_provisioning")
        self.assertIn("free plan", message)
        self.assertEqual(self.cli("scim-token", "list", "cheap")["tokens"], [])
        self.assertIn("no provisioning token", self.run_cli("scim-token", "list", "cheap").stdout)


class Groups(ScimTest):
    def setUp(self):
        super().setUp()
        self.people = [
            self.cli("employee", "create", "acme", "--email", f"{name}@acme.example")["employee"]
            for name in ("bob", "cyd", "dan")
        ]

    def group(self, name, members=(), account="acme"):
        public_id = str(uuid.uuid4())
        with self.database() as database:
            (account_id,) = database.execute("SELECT id FROM accounts WHERE slug = ?", [account]).fetchone()
            group_id = database.execute(
                "INSERT INTO directory_groups (account_id, public_id, display_name, display_name_key, created_at,"
                " updated_at) VALUES (?, ?, ?, ?, 0, 0)",
                [account_id, public_id, name, name.lower()],
            ).lastrowid
            for member in members:
                database.execute(
                    "INSERT INTO group_members (account_id, group_id, employee_id)"
                    " SELECT account_id, ?, id FROM employees WHERE public_id = ?",
                    [group_id, member["id"]],
                )
        return public_id

    def map(self, *words):
        return self.cli("group", "map", "acme", *words)["group"]

    def administrators(self):
        listed = self.cli("employee", "list", "acme", "--administrators")["employees"]
        return [employee["user_name"].split("@")[0] for employee in listed]

    def department_of(self, person):
        return self.cli("employee", "show", "acme", person["id"])["employee"]["department"]

    def test_list_in_pages(self):
        self.assertEqual(self.cli("group", "list", "acme"), {"groups": [], "next": None})
        self.assertIn("no group yet", self.run_cli("group", "list", "acme").stdout)
        ids = [self.group(name) for name in ("Sales", "Support", "Board")]
        page = self.cli("group", "list", "acme", "--limit", "2")
        self.assertEqual([group["id"] for group in page["groups"]], ids[:2])
        self.assertEqual(page["next"], ids[1])
        rest = self.cli("group", "list", "acme", "--limit", "2", "--after", page["next"])
        self.assertEqual(([group["name"] for group in rest["groups"]], rest["next"]), (["Board"], None))
        self.assertIn(f"--after {ids[0]}", self.run_cli("group", "list", "acme", "--limit", "1").stdout)
        self.refused(NOT_FOUND, "group", "list", "acme", "--after", "nonsense", name="directory.no_group")

    def test_show(self):
        group = self.group("Sales", self.people)
        for name in (group, "Sales", "SALES"):
            shown = self.cli("group", "show", "acme", name)["group"]
            self.assertEqual((shown["id"], shown["name"], shown["more_members"]), (group, "Sales", False))
        self.assertEqual([member["id"] for member in shown["members"]], [person["id"] for person in self.people])
        first = self.cli("group", "show", "acme", group, "--limit", "2")["group"]
        self.assertEqual((len(first["members"]), first["more_members"]), (2, True))
        text = self.run_cli("group", "show", "acme", group, "--limit", "2").stdout
        self.assertIn("bob@acme.example", text)
        self.assertNotIn("dan@acme.example", text)
        self.assertIn("more members", text)
        self.group("Empty")
        self.assertIn("Nobody is in it.", self.run_cli("group", "show", "acme", "Empty").stdout)

    def test_names(self):
        self.account("beta")
        theirs = self.group("Theirs", account="beta")
        for name in (theirs, "Theirs"):
            self.refused(NOT_FOUND, "group", "show", "acme", name, name="directory.no_group")
            self.refused(NOT_FOUND, "group", "map", "acme", name, "--administrator", "yes", name="directory.no_group")
        first = self.group("Sales")
        self.group("sales")
        self.assertIn("by its id", self.refused(CONFLICT, "group", "show", "acme", "Sales", name="cli.ambiguous_group"))
        self.assertEqual(self.cli("group", "show", "acme", first)["group"]["id"], first)

    def test_map_to_administrators(self):
        group = self.group("Admins", self.people[:2])
        self.assertEqual(self.administrators(), ["ann"])
        self.assertTrue(self.map(group, "--administrator", "yes")["grants_administrator"])
        self.assertEqual(self.administrators(), ["ann", "bob", "cyd"])
        granted = self.cli("audit", "acme")["entries"][0]
        self.assertEqual(granted["action"], "employee.administrator_granted")
        self.assertEqual(granted["details"]["group_name"], "Admins")
        self.assertFalse(self.map("admins", "--administrator", "no")["grants_administrator"])
        self.assertEqual(self.administrators(), ["ann"])

    def test_the_last_administrator_is_protected(self):
        self.group("Admins", self.people[:1])
        self.map("Admins", "--administrator", "yes")
        self.cli("employee", "revoke-admin", "acme", "ann@acme.example")
        words = ["group", "map", "acme", "Admins", "--administrator", "no"]
        self.refused(REFUSED, *words, name="directory.last_administrator")
        self.assertEqual(self.administrators(), ["bob"])

    def test_map_to_a_department(self):
        self.group("Sales", self.people[:1])
        before = self.department_of(self.people[0])
        with self.database() as database:
            database.execute(
                "INSERT INTO departments (account_id, public_id, name, name_key)"
                " SELECT id, ?, 'Field', 'field' FROM accounts",
                [str(uuid.uuid4())],
            )
        self.assertEqual(self.map("Sales", "--department", "FIELD")["department"], "Field")
        self.assertEqual(self.department_of(self.people[0]), "Field")
        both = self.map("Sales", "--administrator", "yes")
        self.assertEqual((both["department"], both["grants_administrator"]), ("Field", True))
        text = self.run_cli("group", "map", "acme", "Sales", "--administrator", "no").stdout
        self.assertEqual(text, "Members of Sales are not administrators by it and go to department Field.\n")
        self.assertIsNone(self.map("Sales", "--department", "none")["department"])
        self.assertEqual(self.department_of(self.people[0]), before)

    def test_map_refuses(self):
        self.group("Sales")
        self.assertIn("--administrator", self.refused(USAGE, "group", "map", "acme", "Sales"))
        self.refused(USAGE, "group", "map", "acme", "Sales", "--administrator", "maybe")
        words = ["group", "map", "acme", "Sales", "--department", "Nowhere"]
        self.refused(NOT_FOUND, *words, name="directory.no_department")


class Log(ScimTest):
    def entry(self, summary, outcome="changed", subject="", changes="[]"):
        with self.database() as database:
            return database.execute(
                "INSERT INTO provisioning_log (account_id, at, token_name, client_address, request_id, method, path,"
                " status, outcome, summary, subject, changes, request_body, response_body, duration_micros)"
                " VALUES (1, 0, 'Entra', '192.0.2.1', 'r', 'PATCH', '/scim/v2/Users/7', 200, ?, ?, ?, ?, '{\"a\":1}',"
                " '', 12)",
                [outcome, summary, subject, changes],
            ).lastrowid

    def summaries(self, *flags):
        return [entry["summary"] for entry in self.cli("provisioning", "log", "acme", *flags)["entries"]]

    def test_log(self):
        self.assertEqual(self.summaries(), [])
        self.assertIn("no such request", self.run_cli("provisioning", "log", "acme").stdout)
        subject = str(uuid.uuid4())
        self.entry("Entra created Bob.", subject=subject)
        self.entry("Entra looked.", outcome="read")
        self.entry("Entra failed.", outcome="failed")
        self.assertEqual(self.summaries(), ["Entra failed.", "Entra looked.", "Entra created Bob."])
        self.assertEqual(self.summaries("--outcome", "failed"), ["Entra failed."])
        self.assertEqual(self.summaries("--subject", subject), ["Entra created Bob."])
        self.assertEqual(self.summaries("--text", "BOB"), ["Entra created Bob."])
        self.assertEqual(len(self.summaries("--text", "users/7")), 3)
        page = self.cli("provisioning", "log", "acme", "--limit", "2")
        self.assertEqual(self.summaries("--before", str(page["next"])), ["Entra created Bob."])
        text = self.run_cli("provisioning", "log", "acme", "--limit", "2").stdout
        self.assertIn("Entra failed.", text)
        self.assertIn(f"--before {page['next']}", text)
        self.assertNotIn("request_body", page["entries"][0])
        self.account("beta")
        self.assertEqual(self.cli("provisioning", "log", "beta")["entries"], [])
        self.refused(USAGE, "provisioning", "log", "acme", "--outcome", "good")

    def test_show(self):
        changes = [{"attribute": "active", "before": True, "after": False}]
        entry = self.entry("Entra deactivated Bob.", changes=json.dumps(changes))
        shown = self.cli("provisioning", "show", "acme", entry)["entry"]
        self.assertEqual((shown["id"], shown["token"], shown["method"]), (entry, "Entra", "PATCH"))
        self.assertEqual(shown["changes"], changes)
        self.assertEqual((shown["request_body"], shown["response_body"]), ('{"a":1}', ""))
        text = self.run_cli("provisioning", "show", "acme", entry).stdout
        self.assertIn("Entra deactivated Bob.", text)
        self.assertIn("active", text)
        self.account("beta")
        for account, number in (("acme", entry + 1), ("acme", "x"), ("acme", "9" * 30), ("beta", entry)):
            self.refused(NOT_FOUND, "provisioning", "show", account, number, name="cli.no_provisioning_entry")


class Settings(ScimTest):
    def settings(self, *flags):
        return self.cli("provisioning", "settings", "acme", *flags)["settings"]

    def test_what_is_given_replaces_what_is_there(self):
        self.assertEqual(self.settings(), {"departments": "match", "brake_count": 20, "brake_percent": 10, "log_days": 30,
                                           "log_personal_data": False})
        self.settings("--departments", "create", "--brake-count", "5")
        changed = self.settings("--log-personal-data", "on")
        self.assertEqual((changed["departments"], changed["brake_count"], changed["log_personal_data"]), ("create", 5, True))
        self.refused(USAGE, "provisioning", "settings", "acme", "--log-days", "0")

    def test_attributes_are_declared_once(self):
        self.cli("provisioning", "add-attribute", "acme", "badgeNumber", "--type", "integer", "--description", "Door badge")
        listed = self.cli("provisioning", "attributes", "acme")["attributes"]
        self.assertEqual(listed, [{"name": "badgeNumber", "type": "integer", "multi_valued": False, "description": "Door badge"}])
        self.refused(CONFLICT, "provisioning", "add-attribute", "acme", "BADGENUMBER")
        self.cli("provisioning", "remove-attribute", "acme", "badgeNumber")
        self.assertEqual(self.cli("provisioning", "attributes", "acme")["attributes"], [])

    def test_no_batch_without_a_brake(self):
        self.assertEqual(self.cli("provisioning", "batches", "acme")["batches"], [])
        for command in ("restore", "confirm"):
            self.refused(NOT_FOUND, "provisioning", command, "acme", "0b5e9d4e-3c1f-4a4e-9d0c-0f5f2f3f4f5f")


if __name__ == "__main__":
    unittest.main()
