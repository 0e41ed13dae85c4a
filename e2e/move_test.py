"""An installation moves from SQLite to PostgreSQL: everything is there, and what was sealed opens."""

import json
import sys
import urllib.request

import support

sys.path.insert(0, str(support.ROOT / "tools"))
from private_postgres import PrivatePostgres  # noqa: E402

USAGE, NOT_FOUND, CONFLICT = 2, 3, 4


class Moving(support.TestCase):
    def setUp(self):
        super().setUp()
        self.server = PrivatePostgres()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.there = ("--database", self.server.url, "--key-file", self.installation.key_file)
        self.move = ("migrate", "--from", f"sqlite:{self.installation.database}", "--to", self.server.url, *self.there[2:])

    def found(self):
        self.cli("account", "create", "acme", "--plan", "enterprise", "--admin", "ann@acme.example")
        self.cli("employee", "create", "acme", "--email", "zoë@acme.example", "--given-name", "Zoë", "--family-name", "Öz")
        self.cli("webhook", "create", "acme", "https://hooks.acme.example/")
        return self.cli("scim-token", "create", "acme")["secret"]

    def shown(self, *where):
        commands = (["account", "list"], ["employee", "list", "acme"], ["audit", "acme"], ["webhook", "list", "acme"],
                    ["saml", "show", "acme"])
        return [self.cli(*words, *where) for words in commands]

    def test_everything_is_there_and_works(self):
        token = self.found()
        before = self.shown()
        with self.installation.serve():
            self.assertIn("Stop it first", self.refused(CONFLICT, *self.move, name="database.in_use"))
        moved = self.cli(*self.move)
        rows = {table["table"]: table["rows"] for table in moved["tables"]}
        self.assertEqual((rows["accounts"], rows["employees"]), (1, 2))
        self.assertEqual(moved["rows"], sum(rows.values()))
        self.assertEqual(self.shown(*self.there), before)
        self.assertEqual(self.shown(), before, "what was copied stays as it was")
        with self.installation.serve(*self.there) as doorward:
            request = urllib.request.Request(f"{doorward.url}/scim/v2/Users", headers={"Authorization": f"Bearer {token}"})
            with urllib.request.urlopen(request, timeout=60) as answer:
                self.assertEqual(json.load(answer)["totalResults"], 2)
        self.refused(CONFLICT, *self.move, name="directory.transfer_target")

    def test_what_cannot_be_moved(self):
        self.refused(NOT_FOUND, *self.move, name="cli.no_database")
        self.found()
        self.refused(USAGE, *self.move[:3], name="cli.migrate_half")
        back = ("migrate", "--from", self.server.url, "--to", f"sqlite:{self.installation.database}", *self.there[2:])
        self.refused(USAGE, *back, name="cli.migrate_direction")
