"""The commands of applications, from outside."""

import contextlib
import json
import re
import sqlite3
import unittest

import cli_test
from cli_test import CONFLICT, NOT_FOUND, USAGE

SECRET = r"^dws_[A-Za-z0-9_-]{43}$"
CLIENT_ID = r"^[0-9a-f-]{36}$"
KEYS = {
    "keys": [
        {
            "kty": "EC",
            "use": "sig",
            "kid": "one",
            "alg": "ES256",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }
    ]
}


class ApplicationTest(cli_test.CliTest):
    def setUp(self):
        super().setUp()
        self.account()

    def create(self, name="Wiki", *flags, kind="web"):
        return self.cli("application", "create", "acme", name, "--kind", kind, *flags)

    def show(self, name="Wiki"):
        return self.cli("application", "show", "acme", name)["application"]

    @contextlib.contextmanager
    def database(self):
        connection = sqlite3.connect(self.installation.database)
        try:
            with connection:
                yield connection
        finally:
            connection.close()


class Create(ApplicationTest):
    def test_the_secret_is_shown_once_and_stored_as_a_hash(self):
        made = self.create("Wiki", "--redirect-uri", "https://wiki.example/cb", "--redirect-uri", "http://127.0.0.1:8000/")
        self.assertEqual(set(made), {"application", "issuer", "secret"})
        self.assertRegex(made["secret"], SECRET)
        application = made["application"]
        self.assertRegex(application["client_id"], CLIENT_ID)
        self.assertEqual(application["redirect_uris"], ["https://wiki.example/cb", "http://127.0.0.1:8000/"])
        self.assertEqual(application["scope"], "openid profile email")
        self.assertEqual((application["kind"], application["access"], application["active"]), ("web", "everyone", True))
        self.assertEqual(len(application["secrets"]), 1)
        with self.database() as database:
            stored = "\n".join(database.iterdump())
        self.assertNotIn(made["secret"], stored)
        said = [self.show(), self.cli("audit", "acme"), self.cli("application", "list", "acme")]
        self.assertNotIn(made["secret"], json.dumps(said))

    def test_as_text(self):
        text = self.run_cli("application", "create", "acme", "Wiki", "--kind", "web").stdout
        self.assertIn("Application Wiki of account acme was created.", text)
        self.assertRegex(re.search(r"Client secret +(\S+)", text)[1], SECRET)
        self.assertIn("(shown only now)", text)
        self.assertIn("Wiki", self.run_cli("application", "list", "acme").stdout)
        self.assertNotIn("dws_", self.run_cli("application", "show", "acme", "wiki").stdout)
        deleted = self.run_cli("application", "delete", "acme", "wiki").stdout
        self.assertEqual(deleted, "Application Wiki of account acme was deleted, and all that it was given has ended.\n")
        self.assertEqual(self.run_cli("application", "list", "acme").stdout, "There is no application yet.\n")

    def test_who_cannot_keep_a_secret_gets_none(self):
        for kind in ("public", "proxy"):
            self.assertNotIn("secret", self.create(kind, kind=kind))
        self.assertIn("secret", self.create("service", kind="service"))

    def test_who_brings_keys_gets_no_secret(self):
        file = self.installation.folder / "keys.json"
        file.write_text(json.dumps(KEYS))
        made = self.create("Wiki", "--jwks-file", str(file))
        self.assertNotIn("secret", made)
        self.assertTrue(made["application"]["has_keys"])
        file.write_text(json.dumps({"keys": []}))
        self.refused(USAGE, "application", "create", "acme", "b", "--kind", "web", "--jwks-file", str(file),
                     name="cli.no_usable_key")  # fmt: skip
        file.write_text("no json")
        self.refused(USAGE, "application", "create", "acme", "b", "--kind", "web", "--jwks-file", str(file))
        self.cli("application", "update", "acme", "wiki", "--jwks-file", "none")
        self.assertFalse(self.show()["has_keys"])

    def test_what_makes_no_sense(self):
        create = ("application", "create", "acme", "Wiki", "--kind")
        self.assertIn("Missing", self.refused(USAGE, *create[:3]))
        self.refused(USAGE, *create, "mobile")
        self.refused(USAGE, *create, "web", "--redirect-uri", "http://wiki.example", name="directory.application_settings")
        self.refused(USAGE, *create, "web", "--scope", "scim", name="directory.application_settings")
        self.refused(USAGE, *create, "service", "--redirect-uri", "https://wiki.example/cb")
        self.refused(NOT_FOUND, *create, "web", "--department", "Nowhere", name="directory.no_department")
        self.refused(NOT_FOUND, *create, "web", "--group", "Nobody", name="directory.no_group")
        self.refused(USAGE, *create, "web", "--department", "Employees", "--access", "everyone", name="cli.usage")
        self.create()
        self.refused(CONFLICT, *create, "web", name="directory.application_name_taken")

    def test_an_origin_belongs_to_one(self):
        self.create("Wiki", "--origin", "https://wiki.example", kind="proxy")
        self.account("Other")
        self.refused(CONFLICT, "application", "create", "other", "x", "--kind", "proxy", "--origin", "https://WIKI.example/",
                     name="directory.origin_taken")  # fmt: skip


class Change(ApplicationTest):
    def test_only_what_is_given(self):
        self.create("Wiki", "--redirect-uri", "https://wiki.example/cb", "--scope", "openid", "--scope", "groups")
        self.cli("application", "update", "acme", "wiki", "--consent", "on", "--name", "Intranet", "--active", "off")
        changed = self.show("Intranet")
        self.assertEqual((changed["asks_consent"], changed["active"]), (True, False))
        self.assertEqual(changed["scope"], "openid groups")
        self.assertEqual(changed["redirect_uris"], ["https://wiki.example/cb"])
        self.cli("application", "update", "acme", changed["client_id"], "--redirect-uri", "none")
        self.assertEqual(self.show("intranet")["redirect_uris"], [])

    def test_who_may_use_it(self):
        self.create("Wiki", "--department", "employees")
        chosen = self.show()
        self.assertEqual(chosen["access"], "chosen")
        self.assertEqual(len(chosen["departments"]), 1)
        self.cli("application", "update", "acme", "wiki", "--access", "administrators")
        self.assertEqual(self.show()["departments"], [])

    def test_two_secrets_for_rotation(self):
        first = self.create()["application"]["secrets"][0]["id"]
        second = self.cli("application", "add-secret", "acme", "Wiki")
        self.assertRegex(second["secret"], SECRET)
        self.refused(CONFLICT, "application", "add-secret", "acme", "Wiki", name="directory.too_many_application_secrets")
        self.cli("application", "remove-secret", "acme", "Wiki", first)
        self.assertEqual([each["id"] for each in self.show()["secrets"]], [second["id"]])
        self.refused(NOT_FOUND, "application", "remove-secret", "acme", "Wiki", first)
        actions = [entry["action"] for entry in self.cli("audit", "acme")["entries"]]
        self.assertEqual(actions[:2], ["application.secret_removed", "application.secret_added"])

    def test_another_accounts_application_is_unknown(self):
        client_id = self.create()["application"]["client_id"]
        self.account("Other")
        for command in ("show", "update", "delete", "add-secret"):
            self.refused(NOT_FOUND, "application", command, "other", client_id, name="directory.no_application")
        self.assertEqual(self.show()["client_id"], client_id)


class OfAllAccounts(ApplicationTest):
    def test_support_makes_one(self):
        made = self.cli("application", "create", "--all-accounts", "Portal", "--kind", "web")
        self.assertTrue(made["application"]["all_accounts"])
        client_id = made["application"]["client_id"]
        listed = self.cli("application", "list", "--all-accounts")["applications"]
        self.assertEqual([each["client_id"] for each in listed], [client_id])
        self.assertEqual(self.cli("application", "list", "acme")["applications"], [])
        self.refused(NOT_FOUND, "application", "show", "acme", client_id)
        self.cli("application", "update", "--all-accounts", "portal", "--access", "administrators")
        self.refused(USAGE, "application", "update", "--all-accounts", "portal", "--department", "x", name="cli.usage")
        self.refused(USAGE, "application", "create", "--all-accounts", "Bot", "--kind", "service")
        self.assertIn("too many", self.refused(USAGE, "application", "list", "--all-accounts", "acme"))
        self.cli("application", "delete", "--all-accounts", "portal")
        self.assertEqual(self.cli("application", "list", "--all-accounts")["applications"], [])

    def test_the_mobile_app_is_switched_off_but_not_deleted(self):
        self.refused(cli_test.REFUSED, "application", "delete", "--all-accounts", "doorward-mobile")
        off = self.cli("application", "update", "--all-accounts", "doorward-mobile", "--active", "off")
        self.assertFalse(off["application"]["active"])


if __name__ == "__main__":
    unittest.main()
