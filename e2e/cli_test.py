"""The command line, from outside: every command with good and bad words, as JSON and as text, its exit codes, and its
use beside other commands and a running server."""

import concurrent.futures
import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

import support

USAGE, NOT_FOUND, CONFLICT, REFUSED, UNAVAILABLE = 2, 3, 4, 5, 6
ENTITY = "https://sts.windows.net/11111111-2222-4333-8444-555555555555/"
CERTIFICATES = {}


def certificate(name="idp", days=30):
    """Made once: a key takes a while."""
    if name not in CERTIFICATES:
        with tempfile.TemporaryDirectory() as folder:
            CERTIFICATES[name] = support.make_certificate(folder, name, days)
    return CERTIFICATES[name]


class CliTest(support.TestCase):
    def account(self, name="acme", plan="enterprise"):
        return self.cli("account", "create", name, "--plan", plan, "--admin", f"ann@{name.split()[0].lower()}.example")

    def metadata_file(self, entity_id=ENTITY, name="idp"):
        path = self.installation.folder / f"{abs(hash((entity_id, name)))}.xml"
        path.write_bytes(support.metadata(entity_id, [certificate(name)]))
        return path

    def connect(self, account="acme", *flags):
        return self.cli("saml", "set-metadata", account, "--file", self.metadata_file(), *flags)

    def actions(self, account="acme"):
        return [entry["action"] for entry in self.cli("audit", account)["entries"]]


class Words(CliTest):
    def test_help_and_version(self):
        for words in ([], ["--help"], ["help"]):
            outcome = self.run_cli(*words)
            self.assertEqual((outcome.code, outcome.stderr), (0, ""))
            self.assertIn("account create", outcome.stdout)
        self.assertIn("--password-stdin", self.run_cli("account", "create", "--help").stdout)
        self.assertRegex(self.run_cli("--version").stdout, r"^doorward \d+\.\d+\.\d+\n$")
        self.assertFalse(self.installation.database.exists())

    def test_what_makes_no_sense(self):
        self.assertIn("Did you mean account?", self.refused(USAGE, "acount", "list", name="cli.usage"))
        self.assertIn("The commands are", self.refused(USAGE, "weather", "forecast"))
        self.assertIn("needs one of", self.refused(USAGE, "employee"))
        self.assertIn("Missing: ACCOUNT", self.refused(USAGE, "account", "show"))
        self.assertIn("Did you mean --plan?", self.refused(USAGE, "account", "create", "x", "--plann", "free"))
        self.assertIn("1 to 1000", self.refused(USAGE, "account", "list", "--limit", "0"))

    def test_every_command_is_documented(self):
        documentation = (support.ROOT / "docs/command-line.md").read_text()
        commands = re.findall(r"^  ([a-z-]+(?: [a-z-]+)?)  ", self.run_cli("--help").stdout, re.MULTILINE)
        self.assertGreater(len(commands), 30)
        for command in commands:
            self.assertIn(f"`doorward {command}", documentation)
            usage = self.run_cli(*command.split(), "--help").stdout
            for option in re.findall(r"--[a-z0-9-]+", usage.split("Options of every command")[0]):
                self.assertIn(f"`{option}", documentation, command)

    def test_an_answer_that_cannot_be_written_is_no_success(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([support.DOORWARD, "--help"], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, UNAVAILABLE)


class Configuration(CliTest):
    def test_sources(self):
        folder = self.installation.folder
        (folder / "doorward.toml").write_text('database = "sqlite:from-file.db"\n')
        self.account()
        self.assertTrue((folder / "from-file.db").exists())
        self.assertEqual(self.cli("account", "list", "--database", "sqlite:flag.db")["accounts"], [])
        outcome = self.run_cli("--json", "account", "list", environment={"DOORWARD_DATABASE": "sqlite:env.db"})
        self.assertEqual(outcome.json["accounts"], [])
        (folder / "other.toml").write_text('database = "sqlite:from-file.db"\n')
        self.assertEqual(len(self.cli("account", "list", "--config", "other.toml")["accounts"]), 1)

    def test_problems_are_reported_together(self):
        (self.installation.folder / "doorward.toml").write_text('lisen = "x"\n\nlog_level = "loud"\n')
        message = self.refused(USAGE, "account", "list", "--database", "nonsense", name="config.invalid")
        self.assertIn("doorward.toml, line 1: There is no setting lisen. Did you mean listen?", message)
        self.assertIn("doorward.toml, line 3: log_level is “loud” but must be", message)
        self.assertIn("--database: database must be sqlite:PATH", message)
        self.assertIn("No such file", self.refused(USAGE, "account", "list", "--config", "none.toml"))


class Accounts(CliTest):
    def test_create_generates_a_password_and_shows_it_once(self):
        made = self.account("Acme Ltd")
        self.assertEqual(made["account"]["slug"], "acme-ltd")
        self.assertEqual(made["account"]["plan"], "enterprise")
        self.assertTrue(made["administrator"]["administrator"])
        self.assertTrue(made["administrator"]["has_password"])
        self.assertRegex(made["password"], r"^([A-Z0-9]{4}-){4}[A-Z0-9]{4}$")
        self.assertNotIn("password", json.dumps(self.cli("account", "show", "acme-ltd")))
        text = self.run_cli("account", "create", "beta", "--plan=free", "--admin=bob@beta.example").stdout
        self.assertIn("Account beta was created.", text)
        self.assertIn("(shown only now)", text)
        with sqlite3.connect(self.installation.database) as database:
            self.assertNotIn(made["password"], "\n".join(database.iterdump()))

    def test_create_takes_a_password_from_standard_input_only(self):
        words = ["account", "create", "acme", "--plan", "free", "--admin", "ann@acme.example", "--password-stdin"]
        self.assertIn("No password", self.refused(USAGE, *words, stdin=""))
        self.assertIn("too short", self.refused(USAGE, *words, stdin="short\n"))
        self.assertIn("longer than", self.refused(USAGE, *words, stdin="x" * 5000))
        self.assertIn("UTF-8", self.refused(USAGE, *words, stdin=b"\xff\xfe" * 8))
        self.assertNotIn("password", self.cli(*words, stdin="correct horse\r\nsecond line\n").keys())
        self.refused(USAGE, *words[:-1], "--password", "in-the-open")

    def test_create_refuses(self):
        self.account()
        self.refused(CONFLICT, "account", "create", "ACME", "--plan", "free", "--admin", "a@b.example")
        self.refused(USAGE, "account", "create", "beta", "--plan", "gold", "--admin", "a@b.example")
        self.refused(USAGE, "account", "create", "beta", "--plan", "free", "--admin", "nobody", name="cli.email")
        self.refused(USAGE, "account", "create", " ", "--plan", "free", "--admin", "a@b.example")
        self.refused(NOT_FOUND, "account", "create", "t", "--plan", "free", "--admin", "a@b.example", "--parent", "no")
        self.assertEqual(len(self.cli("account", "list")["accounts"]), 1)

    def test_list_in_pages(self):
        self.assertIn("There is no account yet", self.run_cli("account", "list").stdout)
        for name in ("one", "two", "three"):
            self.account(name)
        first = self.cli("account", "list", "--limit", "2")
        self.assertEqual([a["slug"] for a in first["accounts"]], ["one", "two"])
        second = self.cli("account", "list", "--limit", "2", "--after", first["next"])
        self.assertEqual([a["slug"] for a in second["accounts"]], ["three"])
        self.assertIsNone(second["next"])

    def test_show_by_any_name(self):
        made = self.account("Acme Ltd")["account"]
        for name in ("acme-ltd", "ACME LTD", made["id"]):
            self.assertEqual(self.cli("account", "show", name)["account"]["id"], made["id"])
        self.refused(NOT_FOUND, "account", "show", "none")

    def test_test_account(self):
        self.account()
        test = self.cli("account", "create", "test", "--plan=free", "--admin=a@acme.example", "--parent=acme")
        shown = self.cli("account", "show", test["account"]["slug"])["account"]
        self.assertEqual([shown["parent"], shown["test_account_of"]], ["acme", "acme"])
        self.assertEqual(self.cli("account", "show", "acme")["account"]["test_accounts"], ["test"])
        self.assertIn("test_account_of", self.run_cli("account", "list").stdout.lower().replace(" ", "_"))
        self.refused(REFUSED, "account", "create", "t", "--plan=free", "--admin=a@acme.example", "--parent=test")
        self.refused(REFUSED, "domain", "add", "test", "acme.example", name="directory.test_account_domains")
        self.cli("account", "set-plan", "acme", "--plan=enterprise")
        self.assertEqual(self.cli("account", "show", "test")["account"]["plan"], "enterprise")
        self.assertIn("1 test account,", self.refused(REFUSED, "account", "delete", "acme"))
        self.cli("account", "delete", "acme", "--yes")
        self.refused(NOT_FOUND, "account", "show", "test")

    def test_set_plan(self):
        self.account(plan="free")
        self.assertEqual(self.cli("account", "set-plan", "acme", "--plan", "enterprise")["account"]["plan"], "enterprise")
        self.refused(USAGE, "account", "set-plan", "acme")

    def test_delete_asks(self):
        self.account()
        self.connect()
        message = self.refused(REFUSED, "account", "delete", "acme", name="cli.not_confirmed")
        self.assertIn("1 employee, 1 connection, 0 domains", message)
        self.assertEqual(self.cli("account", "delete", "acme", "--yes")["deleted"]["slug"], "acme")
        self.refused(NOT_FOUND, "account", "delete", "acme", "--yes")

    def test_words_cannot_steer_the_terminal(self):
        self.assertNotIn("\x1b", self.run_cli("account", "show", "\x1b[31m").stderr)


class Employees(CliTest):
    def setUp(self):
        super().setUp()
        self.account()

    def create(self, email, *flags, stdin=""):
        return self.cli("employee", "create", "acme", "--email", email, *flags, stdin=stdin)["employee"]

    def test_create_with_everything(self):
        made = self.create(
            "zoe@acme.example",
            *["--user-name", "zoë", "--given-name", "Zoë", "--family-name", "Ünal", "--display-name", "Zoë Ü"],
            *["--object-id", "0e1", "--external-id", "x1", "--admin", "--password-stdin"],
            stdin="correct horse\n",
        )
        self.assertEqual(made["user_name"], "zoë")
        self.assertEqual(made["object_id"], "0e1")
        self.assertTrue(made["administrator"] and made["has_password"] and made["active"])
        for name in ("zoë", "ZOË", "Zoe@Acme.Example", made["id"]):
            shown = self.cli("employee", "show", "acme", name)["employee"]
            self.assertEqual(shown["id"], made["id"])
        self.assertEqual(shown["identities"], [])
        self.assertIsInstance(shown["department"], str)

    def test_create_refuses(self):
        self.create("bob@acme.example")
        self.refused(CONFLICT, "employee", "create", "acme", "--email", "BOB@acme.example", name="directory.user_name_taken")
        self.refused(USAGE, "employee", "create", "acme", "--email", "bob")
        self.refused(USAGE, "employee", "create", "acme", "--email", "a@b.example", "--given-name", "x" * 100_000)
        self.refused(NOT_FOUND, "employee", "create", "none", "--email", "a@b.example")
        self.refused(NOT_FOUND, "employee", "create", "acme", "--email", "a@b.example", "--department", "none")

    def test_list_filters_and_pages(self):
        for number in range(5):
            self.create(f"e{number}@acme.example")
        self.cli("employee", "deactivate", "acme", "e3@acme.example")
        names, after = [], None
        while True:
            flags = ["--after", after] if after else []
            page = self.cli("employee", "list", "acme", "--limit", "2", *flags)
            names += [employee["user_name"] for employee in page["employees"]]
            after = page["next"]
            if after is None:
                break
        self.assertEqual(names, ["ann@acme.example"] + [f"e{n}@acme.example" for n in range(5)])

        def listed(*flags):
            return [e["user_name"] for e in self.cli("employee", "list", "acme", *flags)["employees"]]

        self.assertEqual(listed("--status", "inactive"), ["e3@acme.example"])
        self.assertEqual(listed("--administrators"), ["ann@acme.example"])
        self.assertEqual(listed("--search", "E4"), ["e4@acme.example"])
        self.assertEqual(listed("--search", "nobody"), [])
        self.assertIn("There is no such employee", self.run_cli("employee", "list", "acme", "--search", "no").stdout)
        self.refused(USAGE, "employee", "list", "acme", "--limit", "1001")

    def test_leaving_and_coming_back(self):
        self.create("bob@acme.example", "--admin")
        gone = self.cli("employee", "deactivate", "acme", "bob@acme.example")["employee"]
        self.assertEqual((gone["active"], gone["administrator"]), (False, False))
        self.refused(REFUSED, "employee", "grant-admin", "acme", "bob@acme.example")
        back = self.cli("employee", "activate", "acme", "bob@acme.example")["employee"]
        self.assertEqual((back["active"], back["administrator"]), (True, False))
        self.assertTrue(self.cli("employee", "grant-admin", "acme", "bob@acme.example")["employee"]["administrator"])
        self.assertFalse(self.cli("employee", "revoke-admin", "acme", "bob@acme.example")["employee"]["administrator"])
        self.assertIn("employee.deactivated", self.actions())

    def test_the_last_administrator_needs_force(self):
        message = self.refused(REFUSED, "employee", "deactivate", "acme", "ann@acme.example")
        self.assertIn("--force", message)
        self.refused(REFUSED, "employee", "revoke-admin", "acme", "ann@acme.example")
        self.cli("employee", "deactivate", "acme", "ann@acme.example", "--force")

    def test_reset_password(self):
        first = self.cli("employee", "reset-password", "acme", "ann@acme.example")["password"]
        second = self.cli("employee", "reset-password", "acme", "ann@acme.example")["password"]
        self.assertNotEqual(first, second)
        given = self.cli("employee", "reset-password", "acme", "ann@acme.example", "--password-stdin", stdin="right horse\n")
        self.assertNotIn("password", given)
        bare = self.cli("employee", "reset-password", "acme", "ann@acme.example", "--remove")
        self.assertFalse(bare["employee"]["has_password"])
        self.refused(USAGE, "employee", "reset-password", "acme", "ann@acme.example", "--remove", "--password-stdin")

    def test_nobody(self):
        for command in ("show", "deactivate", "activate", "grant-admin", "revoke-admin", "reset-password"):
            self.refused(NOT_FOUND, "employee", command, "acme", "nobody@acme.example", name="directory.no_employee")

    def test_unlink(self):
        self.refused(NOT_FOUND, "employee", "unlink", "acme", "ann@acme.example")
        self.connect()
        self.cli("employee", "unlink", "acme", "ann@acme.example")


class Domains(CliTest):
    def setUp(self):
        super().setUp()
        self.account()

    def test_add_list_remove(self):
        added = self.cli("domain", "add", "acme", "ACME.example")["domain"]
        self.assertEqual((added["name"], added["proof"], added["connection"]), ("acme.example", "support", None))
        self.assertEqual([d["name"] for d in self.cli("domain", "list", "acme")["domains"]], ["acme.example"])
        self.assertEqual(self.cli("domain", "remove", "acme", "Acme.Example")["removed"], "acme.example")
        self.refused(NOT_FOUND, "domain", "remove", "acme", "acme.example")
        self.assertIn("There is no domain yet", self.run_cli("domain", "list", "acme").stdout)

    def test_refuses(self):
        for bad in ("acme", "gmail.com", "a b.example", "10.0.0.1", "ann@acme.example", "."):
            outcome = self.run_cli("domain", "add", "acme", bad)
            self.assertIn(outcome.code, (USAGE, REFUSED), (bad, outcome))
        self.account("beta")
        self.cli("domain", "add", "beta", "shared.example")
        message = self.refused(CONFLICT, "domain", "add", "acme", "shared.example")
        self.assertNotIn("beta", message)
        self.refused(NOT_FOUND, "domain", "add", "acme", "new.example", "--connection", "none")

    def test_belongs_to_a_connection(self):
        self.connect()
        self.assertEqual(self.cli("domain", "add", "acme", "acme.example")["domain"]["connection"], "default")
        path = self.metadata_file("https://second.example/")
        self.cli("saml", "set-metadata", "acme", "--file", path, "--connection", "partner")
        added = self.cli("domain", "add", "acme", "partner.example", "--connection", "partner")
        self.assertEqual(added["domain"]["connection"], "partner")
        assigned = self.cli("domain", "assign", "acme", "acme.example", "--connection", "partner")
        self.assertEqual(assigned, {"domain": "acme.example", "connection": "partner"})
        self.refused(USAGE, "domain", "assign", "acme", "acme.example")


class Saml(CliTest):
    def setUp(self):
        super().setUp()
        self.account()

    def test_show_tells_what_to_enter_at_the_provider(self):
        shown = self.cli("saml", "show", "acme", "--config", self.public("https://sso.example.com"))
        self.assertEqual(
            shown["service_provider"],
            {
                "entity_id": "https://sso.example.com/saml/acme/metadata",
                "acs_url": "https://sso.example.com/saml/acme/acs",
                "metadata_url": "https://sso.example.com/saml/acme/metadata",
                "login_url": "https://sso.example.com/saml/acme/login",
                "logout_url": "https://sso.example.com/saml/acme/logout",
            },
        )
        self.assertEqual(shown["connections"], [])

    def public(self, url):
        path = self.installation.folder / "public.toml"
        path.write_text(f'public_url = "{url}"\n')
        return path

    def test_metadata_from_a_file(self):
        made = self.connect()
        self.assertEqual((made["created"], made["changed"]), (True, True))
        connection = made["connection"]
        self.assertEqual((connection["name"], connection["entity_id"]), ("default", ENTITY))
        self.assertEqual(connection["tenant_id"], "11111111-2222-4333-8444-555555555555")
        self.assertEqual([e["binding"] for e in connection["sign_on"]], ["redirect", "post"])
        self.assertRegex(connection["certificates"][0]["thumbprint"], r"^[0-9a-fA-F]{40}$")
        self.assertEqual(connection["certificates"][0]["state"], "valid")
        again = self.connect()
        self.assertEqual((again["created"], again["changed"]), (False, False))
        self.assertIn("up to date", self.run_cli("saml", "set-metadata", "acme", "--file", self.metadata_file()).stdout)
        piped = self.run_cli("saml", "set-metadata", "acme", "--file", "-", stdin=self.metadata_file().read_bytes())
        self.assertEqual(piped.code, 0, piped)

    def test_metadata_from_an_url(self):
        with support.MetadataServer() as server:
            server.documents["/metadata"] = 200, support.metadata(ENTITY, [certificate()])
            made = self.cli("saml", "set-metadata", "acme", "--url", server.url + "/metadata")
            self.assertEqual(made["connection"]["metadata_url"], server.url + "/metadata")
            self.assertIsNotNone(made["connection"]["metadata_fetched_at"])
            server.documents["/metadata"] = 200, support.metadata(ENTITY, [certificate(), certificate("next")])
            again = self.cli("saml", "set-metadata", "acme", "--url", server.url + "/metadata")
            self.assertEqual((again["created"], again["changed"]), (False, True))
            self.assertEqual(len(again["connection"]["certificates"]), 2)
            self.refused(UNAVAILABLE, "saml", "set-metadata", "acme", "--url", server.url + "/none")
            self.refused(USAGE, "saml", "set-metadata", "acme", "--url", "ftp://x.example/")

    def test_a_public_server_does_not_fetch_from_its_own_network(self):
        public = self.public("https://sso.example.com")
        with support.MetadataServer() as server:
            server.documents["/metadata"] = 200, support.metadata(ENTITY, [certificate()])
            words = ["saml", "set-metadata", "acme", "--url", server.url + "/metadata", "--config", public]
            self.refused(REFUSED, *words)
            self.cli(*words, "--allow-private-addresses")
        self.refused(REFUSED, "saml", "set-metadata", "acme", "--url", "https://169.254.169.254/latest")

    def test_bad_metadata(self):
        path = self.installation.folder / "bad.xml"
        for document in (
            b"",
            b"<html><body>Sign in</body></html>",
            b"<!DOCTYPE x [<!ENTITY e 'x'>]><x>&e;</x>",
            support.metadata(ENTITY, []),
            support.metadata("", [certificate()]),
            support.metadata(ENTITY, [b"no certificate"]),
            support.metadata(ENTITY, [certificate()], sign_on="javascript:alert(1)"),
            support.metadata(ENTITY, [certificate()])[:-40],
        ):
            path.write_bytes(document)
            message = self.refused(USAGE, "saml", "set-metadata", "acme", "--file", path)
            self.assertGreater(len(message), 20)
        self.refused(USAGE, "saml", "set-metadata", "acme", "--file", "none.xml")
        self.refused(USAGE, "saml", "set-metadata", "acme")
        self.refused(USAGE, "saml", "set-metadata", "acme", "--file", path, "--url", "https://x.example/")
        self.assertEqual(self.cli("saml", "show", "acme")["connections"], [])

    def test_another_provider_needs_consent(self):
        self.connect()
        other = self.metadata_file("https://other.example/")
        message = self.refused(CONFLICT, "saml", "set-metadata", "acme", "--file", other)
        self.assertIn("--replace-entity-id", message)
        replaced = self.cli("saml", "set-metadata", "acme", "--file", other, "--replace-entity-id")
        self.assertEqual(replaced["connection"]["entity_id"], "https://other.example/")

    def test_several_connections(self):
        self.connect()
        self.cli("saml", "set-metadata", "acme", "--file", self.metadata_file("https://b.example/"), "--connection", "b")
        self.assertEqual([c["name"] for c in self.cli("saml", "show", "acme")["connections"]], ["default", "b"])
        self.assertEqual(len(self.cli("saml", "show", "acme", "--connection", "b")["connections"]), 1)
        self.assertIn("--connection NAME", self.refused(USAGE, "saml", "set", "acme", "--allow-sha1", "on"))
        self.refused(NOT_FOUND, "saml", "set", "acme", "--allow-sha1", "on", "--connection", "c")

    def test_settings(self):
        self.connect()
        shown = self.cli(
            *["saml", "set", "acme", "--unsolicited", "reject", "--clock-skew", "60", "--allow-sha1", "on"],
            *["--require-signed-response", "on", "--sign-requests", "on", "--force-authn", "on"],
            *["--provision-at-sign-in", "on"],
        )
        self.assertEqual(
            shown["connections"][0]["settings"],
            {
                "unsolicited": "reject",
                "clock_skew_seconds": 60,
                "allow_sha1": True,
                "require_signed_response": True,
                "sign_requests": True,
                "force_authn": True,
            },
        )
        self.assertTrue(shown["provision_at_sign_in"])
        shown = self.cli("saml", "set", "acme", "--allow-sha1", "off")
        self.assertEqual(shown["connections"][0]["settings"]["allow_sha1"], False)
        self.assertEqual(shown["connections"][0]["settings"]["clock_skew_seconds"], 60)
        self.assertFalse(self.cli("saml", "set", "acme", "--active", "off")["connections"][0]["active"])
        for words in (["--clock-skew", "301"], ["--clock-skew", "-1"], ["--allow-sha1", "yes"], ["--unsolicited", "x"], []):
            self.refused(USAGE, "saml", "set", "acme", *words)

    def test_remove_connection(self):
        self.refused(NOT_FOUND, "saml", "remove-connection", "acme", "--yes")
        self.connect()
        self.assertIn("--yes", self.refused(REFUSED, "saml", "remove-connection", "acme"))
        self.assertEqual(self.cli("saml", "remove-connection", "acme", "--yes")["removed"], "default")


class Sso(CliTest):
    def test_gates(self):
        self.account()
        status = self.cli("sso", "status", "acme")
        states = {check["check"]: check["status"] for check in status["checks"]}
        self.assertFalse(status["ready"] or status["enforced"])
        self.assertEqual((states["plan"], states["connection"], states["domain"]), ("ok", "missing", "missing"))
        message = self.refused(REFUSED, "sso", "enable", "acme", "--reason", "ticket 1", name="setup.not_ready")
        self.assertIn("no active connection", message)
        self.refused(REFUSED, "sso", "enable", "acme", "--reason", "ticket 1", "--force")
        self.connect()
        self.assertIn("domain", self.refused(REFUSED, "sso", "enable", "acme", "--reason", "ticket 1"))
        self.cli("domain", "add", "acme", "acme.example")
        self.cli("employee", "create", "acme", "--email", "out@elsewhere.example")
        status = self.cli("sso", "status", "acme")
        self.assertTrue(status["ready"])
        self.assertEqual((status["active_employees"], status["losing_access"]), (2, 1))
        for words in ([], ["--reason", " "]):
            self.refused(USAGE, "sso", "enable", "acme", *words)
        enabled = self.run_cli("sso", "enable", "acme", "--reason", "ticket 1")
        self.assertEqual(enabled.code, 0, enabled)
        self.assertIn("1 of 2 active employees would lose access", enabled.stdout)
        self.assertTrue(self.cli("sso", "status", "acme")["enforced"])

        # What would lock everybody out is refused while it is enforced.
        self.assertNotEqual(self.run_cli("account", "set-plan", "acme", "--plan", "free").code, 0)
        self.assertNotEqual(self.run_cli("saml", "set", "acme", "--active", "off").code, 0)
        self.assertNotEqual(self.run_cli("saml", "remove-connection", "acme", "--yes").code, 0)

        self.refused(USAGE, "sso", "disable", "acme")
        self.assertFalse(self.cli("sso", "disable", "acme", "--reason", "ticket 2")["enforced"])
        entries = self.cli("audit", "acme")["entries"]
        self.assertTrue(any("ticket 2" in json.dumps(entry["details"]) for entry in entries), entries)

    def test_the_free_plan_has_no_sso(self):
        self.account(plan="free")
        self.connect()
        self.cli("domain", "add", "acme", "acme.example")
        self.assertIn("enterprise", self.refused(REFUSED, "sso", "enable", "acme", "--reason", "x"))
        self.refused(REFUSED, "sso", "enable", "acme", "--reason", "x", "--force")


class Inspection(CliTest):
    def test_audit_in_pages(self):
        self.account()
        for number in range(5):
            self.cli("employee", "create", "acme", "--email", f"e{number}@acme.example")
        entries, before = [], None
        while True:
            page = self.cli("audit", "acme", "--limit", "3", *(["--before", before] if before else []))
            entries += page["entries"]
            before = page["next"]
            if before is None:
                break
        ids = [entry["id"] for entry in entries]
        self.assertEqual(ids, sorted(set(ids), reverse=True))
        self.assertEqual(sum(entry["action"] == "employee.created" for entry in entries), 6)
        self.assertTrue(all(entry["actor_kind"] == "support" and entry["actor"] for entry in entries))
        self.assertIn("employee.created", self.run_cli("audit", "acme").stdout)
        self.refused(USAGE, "audit", "acme", "--before", "0")

    def test_attempts(self):
        self.account()
        self.assertIn("Nobody tried yet", self.run_cli("attempt", "list", "acme").stdout)
        report = {"checks": [{"check": "audience", "verdict": "failed", "expected": "a", "actual": "b"}]}
        with sqlite3.connect(self.installation.database) as database:
            database.execute(
                "INSERT INTO sign_in_attempts (account_id, reference, at, outcome, finding, employee, report,"
                " client_address) SELECT id, 'K7QM-2XPD', 1772357400000, 'refused', 'saml.audience_mismatch', '', ?,"
                " '10.0.0.9' FROM accounts",
                [json.dumps(report)],
            )
        database.close()
        listed = self.cli("attempt", "list", "acme")["attempts"]
        self.assertEqual([attempt["reference"] for attempt in listed], ["K7QM-2XPD"])
        for reference in ("K7QM-2XPD", "k7qm2xpd"):
            shown = self.cli("attempt", "show", reference)["attempt"]
            self.assertEqual((shown["account"], shown["report"]), ("acme", report))
        self.assertIn("Expected", self.run_cli("attempt", "show", "K7QM-2XPD").stdout)
        self.refused(NOT_FOUND, "attempt", "show", "AAAA-AAAA")

    def test_sessions(self):
        self.account()
        self.assertEqual(self.cli("session", "list", "acme", "ann@acme.example"), {"sessions": []})
        self.assertIn("Not signed in", self.run_cli("session", "list", "acme", "ann@acme.example").stdout)
        self.assertEqual(self.cli("session", "revoke", "acme", "ann@acme.example"), {"ended": 0, "grants_ended": 0})
        self.refused(NOT_FOUND, "session", "revoke", "acme", "ann@acme.example", "--session", "none")
        self.refused(NOT_FOUND, "session", "list", "acme", "nobody")


class Operations(CliTest):
    def test_files_are_private(self):
        self.account()
        with self.installation.serve():
            pass
        for path in (self.installation.folder / "var").iterdir():
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)

    def test_backup_and_restore(self):
        self.account("acme")
        backup = self.installation.folder / "backup.db"
        self.assertEqual(self.cli("backup", backup)["file"], str(backup))
        self.assertEqual(stat.S_IMODE(backup.stat().st_mode), 0o600)
        self.refused(CONFLICT, "backup", backup)
        self.account("beta")
        restored = self.cli("restore", backup)
        self.assertEqual([a["slug"] for a in self.cli("account", "list")["accounts"]], ["acme"])
        kept = self.cli("account", "list", "--database", f"sqlite:{restored['kept']}")
        self.assertEqual([a["slug"] for a in kept["accounts"]], ["acme", "beta"])
        self.refused(NOT_FOUND, "restore", "none.db")
        self.refused(USAGE, "restore", self.installation.database)

    def test_backup_of_nothing(self):
        self.refused(NOT_FOUND, "backup", "b.db")
        self.assertFalse(self.installation.database.exists())

    def test_migrate(self):
        first = self.cli("migrate")
        self.assertEqual(first["from"], 0)
        self.assertEqual(self.cli("migrate")["from"], first["to"])
        with sqlite3.connect(self.installation.database) as database:
            later = "INSERT INTO migrations (number, name, sql, applied_at, oldest_program) VALUES (?, 'later', '', 0, ?)"
            database.execute(later, (9998, first["to"]))
        # A newer version's tables with which this one works: going back to it is possible.
        self.assertEqual(self.cli("account", "list")["accounts"], [])
        self.assertIn("works with it", self.run_cli("check").stdout)
        with sqlite3.connect(self.installation.database) as database:
            database.execute(later, (9999, 0))
        database.close()
        self.refused(CONFLICT, "account", "list", name="storage.newer_database")
        self.assertEqual(self.run_cli("check").code, 1)

    def test_a_file_that_is_no_database(self):
        self.installation.database.parent.mkdir()
        self.installation.database.write_bytes(b"x" * 10_000)
        outcome = self.run_cli("account", "list")
        self.assertGreater(outcome.code, 0)
        self.assertEqual(self.run_cli("check").code, 1)
        self.assertEqual(self.installation.database.read_bytes(), b"x" * 10_000)

    def test_a_postgresql_that_does_not_answer(self):
        outcome = self.run_cli("account", "list", "--database", "postgres://u:geheim@127.0.0.1:1/d", "--key-file", "k")
        self.assertEqual(outcome.code, UNAVAILABLE, outcome)
        self.assertNotIn("geheim", outcome.stderr + outcome.stdout)


class Check(CliTest):
    def check(self, *flags, code=None, environment=None):
        outcome = self.run_cli("--json", "check", *flags, environment=environment)
        answer = outcome.json
        self.assertEqual(outcome.code, 1 if answer["status"] == "problem" else 0, outcome)
        if code is not None:
            self.assertEqual(outcome.code, code, outcome)
        return {check["check"]: check for check in answer["checks"]}

    def test_a_bare_machine_is_fine_and_stays_bare(self):
        checks = self.check("--listen", "127.0.0.1:0", code=0)
        self.assertEqual(checks["database"]["status"], "ok")
        self.assertEqual(checks["key_file"]["status"], "ok")
        self.assertEqual(list(self.installation.folder.iterdir()), [])

    def test_configuration(self):
        (self.installation.folder / "doorward.toml").write_text('lisen = "x"\n')
        self.assertIn("lisen", self.check(code=1)["configuration"]["message"])
        text = self.run_cli("check", "--config", "/dev/null", environment={"DOORWARD_LISEN": "x"}).stdout
        self.assertIn("DOORWARD_LISEN sets nothing. Did you mean DOORWARD_LISTEN?", text)

    def test_public_url(self):
        def status(url):
            return self.check("--public-url", url)["public_url"]["status"]

        self.assertEqual(status("http://127.0.0.1:8080"), "ok")
        self.assertEqual(status("http://sso.example.com"), "problem")
        self.assertEqual(status("https://sso.example.com"), "warning")

    def test_key_file(self):
        self.account()
        with self.installation.serve() as server:
            self.fetch(server.url + "/saml/acme/metadata")
        self.assertEqual(self.check("--listen=127.0.0.1:0")["key_file"]["status"], "ok")
        os.chmod(self.installation.key_file, 0o644)
        self.assertEqual(self.check()["key_file"]["status"], "problem")
        os.chmod(self.installation.key_file, 0o600)
        self.installation.key_file.write_text("00" * 32 + "\n")
        self.assertIn("does not open", self.check(code=1)["key_file"]["message"])
        self.installation.key_file.unlink()
        self.assertEqual(self.check()["key_file"]["status"], "problem")

    def fetch(self, url):
        with urllib.request.urlopen(url, timeout=60) as response:
            return response.read()

    def test_tls(self):
        folder = self.installation.folder
        support.make_certificate(folder, "one", 365)
        support.make_certificate(folder, "two", 3)

        def tls(certificate_name, key_name):
            return self.check("--tls-certificate-file", f"{certificate_name}.crt", "--tls-key-file", f"{key_name}.key")[
                "tls"
            ]["status"]

        self.assertEqual(tls("one", "one"), "ok")
        self.assertEqual(tls("two", "two"), "warning")
        self.assertEqual(tls("one", "two"), "problem")
        self.assertEqual(tls("none", "one"), "problem")

    def test_listen(self):
        with self.installation.serve() as server:
            address = server.url.removeprefix("http://")
            self.assertIn("a server runs", self.check("--listen", address, code=0)["listen"]["message"])
            other = self.check("--listen", address, "--database", "sqlite:other.db", code=1)
            self.assertEqual(other["listen"]["status"], "problem")


class Together(CliTest):
    def test_many_commands_at_once(self):
        """On a database that does not exist yet: all are there in the end, once."""

        def create(number):
            return self.run_cli("account", "create", f"a{number % 8}", "--plan=free", f"--admin=x@a{number}.example").code

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(create, range(16)))
        self.assertEqual(sorted(codes), [0] * 8 + [CONFLICT] * 8)
        self.assertEqual(len(self.cli("account", "list")["accounts"]), 8)

    def test_beside_a_server(self):
        self.account()
        with self.installation.serve():
            self.connect()
            self.cli("domain", "add", "acme", "acme.example")
            self.cli("employee", "create", "acme", "--email", "bob@acme.example")
            self.cli("backup", self.installation.folder / "b.db")
            self.refused(CONFLICT, "restore", self.installation.folder / "b.db", name="database.in_use")
            outcome = self.run_cli("serve", "--listen", "127.0.0.1:0")
            self.assertEqual(outcome.code, CONFLICT, outcome)
        self.cli("restore", self.installation.folder / "b.db")

    def test_a_killed_server_leaves_no_lock(self):
        self.account()
        self.cli("backup", self.installation.folder / "b.db")
        with self.installation.serve() as server:
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            self.cli("restore", self.installation.folder / "b.db")


class Browser:
    """Keeps cookies and follows no redirect."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    def __init__(self, url):
        self.url = url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(), self.Stay)

    def request(self, path, fields=None):
        """The status and the body."""
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        try:
            with self.opener.open(self.url + path, data=data, timeout=60) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def is_signed_in(self):
        return self.request("/api/v1/session")[0] == 200


class ARunningServer(CliTest):
    """What a command changes, the server knows at once."""

    def setUp(self):
        super().setUp()
        self.password = self.account()["password"]
        server = self.installation.serve()
        self.server = server.__enter__()
        self.addCleanup(server.__exit__)

    def sign_in(self, password=None):
        browser = Browser(self.server.url)
        browser.request("/sign-in/password", {"email": "ann@acme.example", "password": password or self.password})
        return browser

    def test_revoked_sessions(self):
        first, second = self.sign_in(), self.sign_in()
        self.assertTrue(first.is_signed_in() and second.is_signed_in())
        sessions = self.cli("session", "list", "acme", "ann@acme.example")["sessions"]
        self.assertEqual([session["method"] for session in sessions], ["password"] * 2)
        newest = sessions[0]["id"]
        self.cli("session", "revoke", "acme", "ann@acme.example", "--session", newest)
        self.assertTrue(first.is_signed_in())
        self.assertFalse(second.is_signed_in())
        self.assertEqual(self.cli("session", "revoke", "acme", "ann@acme.example"), {"ended": 1, "grants_ended": 0})
        self.assertFalse(first.is_signed_in())

    def test_a_deactivated_employee(self):
        browser = self.sign_in()
        self.assertTrue(browser.is_signed_in())
        self.cli("employee", "deactivate", "acme", "ann@acme.example", "--force")
        self.assertFalse(browser.is_signed_in())
        self.assertFalse(self.sign_in().is_signed_in())
        self.cli("employee", "activate", "acme", "ann@acme.example")
        self.assertFalse(browser.is_signed_in())
        self.assertTrue(self.sign_in().is_signed_in())

    def test_a_new_password(self):
        browser = self.sign_in()
        new = self.cli("employee", "reset-password", "acme", "ann@acme.example")["password"]
        self.assertFalse(browser.is_signed_in())
        self.assertFalse(self.sign_in().is_signed_in())
        self.assertTrue(self.sign_in(new).is_signed_in())

    def test_sso_as_the_only_way_in(self):
        self.connect()
        self.cli("domain", "add", "acme", "acme.example")
        self.assertTrue(self.sign_in().is_signed_in())
        self.cli("sso", "enable", "acme", "--reason", "ticket")
        self.assertFalse(self.sign_in().is_signed_in())
        self.cli("sso", "disable", "acme", "--reason", "ticket")
        self.assertTrue(self.sign_in().is_signed_in())

    def test_what_saml_show_says_is_what_the_server_does(self):
        status, metadata = Browser(self.server.url).request("/saml/acme/metadata")
        self.assertEqual(status, 200)
        config = self.installation.folder / "doorward.toml"
        config.write_text(f'public_url = "{self.server.url}"\n')
        provider = self.cli("saml", "show", "acme")["service_provider"]
        self.assertIn(f'entityID="{provider["entity_id"]}"', metadata)
        self.assertIn(f'"{provider["acs_url"]}"', metadata)
        self.assertIn(f'"{provider["logout_url"]}"', metadata)
        self.connect()
        browser = Browser(self.server.url)
        self.assertEqual(browser.request(provider["login_url"].removeprefix(self.server.url))[0], 303)

    def test_a_failed_sign_in_has_a_record(self):
        self.connect()
        status, page = Browser(self.server.url).request("/saml/acme/acs", {"SAMLResponse": "bm9uc2Vuc2U="})
        self.assertGreaterEqual(status, 400)
        listed = self.cli("attempt", "list", "acme")["attempts"]
        self.assertEqual(len(listed), 1)
        self.assertIn(listed[0]["reference"], page)
        shown = self.cli("attempt", "show", listed[0]["reference"])["attempt"]
        self.assertEqual(shown["outcome"], "refused")
        self.assertTrue(shown["report"]["checks"])


if __name__ == "__main__":
    unittest.main()
