"""The Entra simulator provisions a company of Doorward, in both of Entra's dialects: what an administrator sets up by the
help page, and what follows for the employees."""

import json
import re
import subprocess
import unittest
import urllib.request

import support

OBJECT_ID_MAPPINGS = ("externalId", "objectId", "urn:doorward:params:scim:schemas:extension:2.0:User:objectId")


class Simulator:
    """The pretend Entra with one application, whose provisioning runs only when it is told to."""

    def __enter__(self):
        self.process = subprocess.Popen([support.BUILD / "entra-simulator", "--listen", "127.0.0.1:0"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.url = re.search(r"http://[^/\s]+", self.process.stdout.readline().decode()).group()
        self.tenant = "/simulator/api/tenants/contoso.example"
        self.call("POST", "/applications", {"name": "Portal", "identifiers": "urn:portal", "reply_urls": "https://portal.example",
                                            "users": "all"})
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + self.tenant + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            content = response.read()
        return json.loads(content) if content else None

    def provisioning(self, method, path="", body=None):
        return self.call(method, "/applications/Portal/provisioning" + path, body)

    def cycle(self):
        return self.provisioning("POST", "/cycle")


class EntraProvisioning(support.TestCase):
    def setUp(self):
        super().setUp()
        self.cli("account", "create", "contoso", "--plan", "enterprise", "--admin", "alice@contoso.example")
        self.cli("domain", "add", "contoso", "contoso.example")
        token = self.cli("scim-token", "create", "contoso", "--name", "Entra")
        self.server = self.enterContext(self.installation.serve())
        self.entra = self.enterContext(Simulator())
        self.secret = token["secret"]

    def enterContext(self, context):  # unittest has it from Python 3.11 on only under this name.
        entered = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return entered

    def configure(self, dialect="", **settings):
        self.entra.provisioning("PATCH", "", {"tenant_url": self.server.url + "/scim/v2" + dialect, "secret_token": self.secret,
                                              "interval_seconds": 0, **settings})

    def clean_cycle(self):
        """A cycle in which nothing fails."""
        done = self.entra.cycle()
        self.assertFalse(done["problem"], done)
        failures = [entry for entry in done["entries"] if entry["status"] == "failure"]
        self.assertEqual(failures, [])
        return done

    def employee(self, name):
        return self.cli("employee", "show", "contoso", name)["employee"]

    def test_connection(self):
        self.configure()
        self.assertTrue(self.entra.provisioning("POST", "/test-connection")["ok"])
        self.secret = self.secret[:-1] + ("A" if self.secret[-1] != "A" else "B")
        self.configure()
        self.assertFalse(self.entra.provisioning("POST", "/test-connection")["ok"])

    def test_the_life_of_an_employee_in_both_dialects(self):
        for dialect in ("", "?aadOptscim062020"):
            with self.subTest(dialect=dialect or "default"):
                self.life_of_an_employee(dialect)

    def life_of_an_employee(self, dialect):
        self.configure(dialect)
        self.entra.provisioning("POST", "/restart")
        self.clean_cycle()
        ben = self.employee("ben@contoso.example")
        self.assertEqual((ben["active"], ben["origin"]), (True, "directory"))

        self.entra.call("PATCH", "/users/ben@contoso.example", {"department": "Support" + dialect, "job_title": "Chief" + dialect})
        self.clean_cycle()
        changes = self.cli("provisioning", "log", "contoso", "--subject", ben["id"])["entries"][0]
        self.assertIn("department", changes["summary"])
        self.assertIn("Support", changes["summary"])

        self.cli("employee", "grant-admin", "contoso", "ben@contoso.example")
        self.entra.call("PATCH", "/users/ben@contoso.example", {"account_enabled": False})
        self.clean_cycle()
        gone = self.employee("ben@contoso.example")
        self.assertEqual((gone["id"], gone["active"], gone["administrator"]), (ben["id"], False, False))

        self.entra.call("PATCH", "/users/ben@contoso.example", {"account_enabled": True})
        self.clean_cycle()
        back = self.employee("ben@contoso.example")
        self.assertEqual((back["id"], back["active"], back["administrator"]), (ben["id"], True, False))

    def test_who_was_there_before_is_adopted(self):
        alice = self.employee("alice@contoso.example")
        self.assertTrue(alice["administrator"])
        self.configure()
        self.clean_cycle()
        adopted = self.employee("alice@contoso.example")
        self.assertEqual((adopted["id"], adopted["administrator"], adopted["origin"]), (alice["id"], True, "directory"))

    def test_the_object_id_may_be_mapped_to_each_place(self):
        defaults = self.entra.provisioning("GET")["user_mappings"]
        object_id = self.entra.call("GET", "/users/ben@contoso.example")["object_id"]
        for target in OBJECT_ID_MAPPINGS:
            with self.subTest(target=target):
                mappings = [row for row in defaults if row["target"] != target]
                mappings.append({"source": "objectId", "target": target, "precedence": 0})
                self.configure(user_mappings=mappings)
                self.entra.provisioning("POST", "/restart")
                self.clean_cycle()
                ben = self.employee("ben@contoso.example")
                self.assertIn(object_id, (ben["external_id"], ben["object_id"]))
                self.assertEqual(self.clean_cycle()["entries"], [], "nothing is sent again that is there already")

    def test_a_group_and_its_members(self):
        group = self.entra.call("POST", "/groups", {"display_name": "Sellers", "members": ["ben@contoso.example"]})
        for dialect in ("", "?aadOptscim062020"):
            with self.subTest(dialect=dialect or "default"):
                self.configure(dialect, provision_groups=True)
                self.entra.call("POST", "/applications/Portal/groups", {"groups": [self.group_id(group)]})
                self.entra.provisioning("POST", "/restart")
                self.clean_cycle()
                shown = self.cli("group", "show", "contoso", "Sellers")
                self.assertEqual([member["name"] for member in shown["group"]["members"]], ["Ben Baker"])

    @staticmethod
    def group_id(group):
        return group["object_id"] if "object_id" in group else group["groups"][0]["object_id"]

    def test_deleted_for_ever_and_created_again_is_somebody_new(self):
        self.configure()
        self.clean_cycle()
        ben = self.employee("ben@contoso.example")
        object_id = self.entra.call("GET", "/users/ben@contoso.example")["object_id"]
        self.entra.call("DELETE", f"/users/{object_id}")
        self.clean_cycle()
        self.assertFalse(self.employee("ben@contoso.example")["active"])
        self.entra.call("DELETE", f"/users/{object_id}")
        self.clean_cycle()
        self.assertNotEqual(self.run_cli("employee", "show", "contoso", "ben@contoso.example").code, 0)
        self.entra.call("POST", "/users", {"user_principal_name": "ben@contoso.example", "display_name": "Ben Berg",
                                           "mail": "ben@contoso.example"})
        self.entra.call("POST", "/applications/Portal/users", {"users": ["ben@contoso.example"]})
        self.clean_cycle()
        self.assertNotEqual(self.employee("ben@contoso.example")["id"], ben["id"])

    def test_a_revoked_token_is_quarantine_at_once(self):
        self.configure()
        self.clean_cycle()
        tokens = self.cli("scim-token", "list", "contoso")["tokens"]
        self.cli("scim-token", "revoke", "contoso", tokens[0]["id"])
        self.entra.call("PATCH", "/users/ben@contoso.example", {"job_title": "Chief"})
        self.entra.cycle()
        self.assertEqual(self.entra.provisioning("GET")["status"], "quarantined")


if __name__ == "__main__":
    unittest.main()
