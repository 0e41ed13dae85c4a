"""Proving e-mail domains, with a real name server: claims, checks, and what nobody may do."""

import http.client
import json
import re
import shutil
import socket
import struct
import subprocess
import unittest
import urllib.parse

import support

PASSWORD = "correct horse battery"
# Debian keeps it where only root looks.
DNSMASQ = shutil.which("dnsmasq") or "/usr/sbin/dnsmasq"


def free_port():
    """A port that is free for both TCP and UDP."""
    while True:
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            stream.bind(("127.0.0.1", 0))
            port = stream.getsockname()[1]
            try:
                datagram.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class NameServer:
    """dnsmasq with nothing but these TXT records, `{name: value}`; a context manager."""

    def __init__(self):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.process = None

    def __enter__(self):
        self.publish({})
        return self

    def __exit__(self, *_):
        self.stop()

    def publish(self, records):
        """Starts anew with these records."""
        self.stop()
        # It is authoritative for what is under example: names that are not there do not exist.
        words = ["--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--local=/example/", "--pid-file="]
        words += [f"--port={self.port}", "--listen-address=127.0.0.1", "--bind-interfaces"]
        words += [f"--txt-record={name},{value}" for name, value in {"ready.example": "ready", **records}.items()]
        self.process = subprocess.Popen([DNSMASQ, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if not support.wait_until(lambda: self.process.poll() is not None or self.is_ready()) or not self.is_ready():
            self.process.kill()
            raise AssertionError(f"dnsmasq does not start: {self.process.communicate()[1].decode()}")

    def is_ready(self):
        """Whether it answers."""
        name = b"".join(bytes([len(label)]) + label for label in (b"ready", b"example")) + b"\0"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.2)
            asking.connect(("127.0.0.1", self.port))
            try:
                asking.send(struct.pack(">6H", 1, 0x0100, 1, 0, 0, 0) + name + struct.pack(">2H", 16, 1))
                return b"ready" in asking.recv(512)[12 + len(name) + 4 :]
            except OSError:
                return False

    def stop(self):
        """Ends it, and with it its records."""
        if self.process is None:
            return
        self.process.terminate()
        self.process.communicate(timeout=20)
        self.process = None


class Administrator:
    """A session at the API."""

    def __init__(self, server, company):
        self.url = urllib.parse.urlsplit(server.url)
        form = urllib.parse.urlencode({"email": f"ann@{company}.test", "account": company, "password": PASSWORD})
        status, headers, body = self.send("POST", "/sign-in/password", form, "application/x-www-form-urlencoded", {})
        if status != 303:
            raise AssertionError(f"{status}: {body}")
        self.session = re.match(r"doorward_session=([^;]+);", headers["Set-Cookie"]).group(1)

    def send(self, method, path, body, content_type, extra):
        """Sends a request and returns status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.url.port, timeout=60)
        try:
            connection.request(method, path, body, {"Content-Type": content_type, **extra})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def ask(self, method, path, body=None, extra=None, what="domains"):
        """Status and JSON of one of the API's addresses."""
        fields = {"Cookie": f"doorward_session={self.session}", **(extra or {})}
        text = None if body is None else json.dumps(body)
        status, _, answer = self.send(method, f"/api/v1/{what}{path}", text, "application/json", fields)
        return status, json.loads(answer)

    def add(self, name):
        """Claims a domain and returns its claim."""
        status, answer = self.ask("POST", "", {"name": name})
        if status != 201:
            raise AssertionError(f"{status}: {answer}")
        return next(claim for claim in answer["claims"] if claim["name"] == name)

    def check(self, name):
        """What the check of a claim found, and the list then."""
        status, answer = self.ask("POST", f"/{name}/check")
        if status != 200:
            raise AssertionError(f"{status}: {answer}")
        return answer["checked"], answer


class DomainsTest(support.TestCase):
    def setUp(self):
        super().setUp()
        for company in ("acme", "zenith"):
            words = ["account", "create", company, "--plan", "enterprise", "--admin", f"ann@{company}.test", "--password-stdin"]
            self.cli(*words, stdin=PASSWORD + "\n")
        self.names = self.enterContext(NameServer())

    def serve(self, *flags):
        return self.installation.serve("--dns-server", self.names.address, *flags)

    def test_a_domain_is_proven_by_its_record(self):
        with self.serve() as server:
            ann = Administrator(server, "acme")
            claim = ann.add("acme.example")
            self.assertEqual(claim["recordName"], "_doorward.acme.example")

            checked, answer = ann.check("acme.example")
            self.assertFalse(checked["proven"])
            self.assertIn("There is no record at _doorward.acme.example yet", checked["finding"])
            self.assertEqual(answer["claims"][0]["finding"], checked["finding"])

            self.names.publish({claim["recordName"]: "doorward-verification=nonsense"})
            checked, _ = ann.check("acme.example")
            self.assertFalse(checked["proven"])
            self.assertIn("“doorward-verification=nonsense”", checked["finding"])

            # The right value where it does not belong.
            self.names.publish({claim["name"]: claim["recordValue"]})
            self.assertFalse(ann.check("acme.example")[0]["proven"])

            self.names.publish({claim["recordName"]: claim["recordValue"]})
            checked, answer = ann.check("acme.example")
            self.assertTrue(checked["proven"], checked)
            self.assertEqual(answer["claims"], [])
            self.assertEqual([(each["name"], each["proof"]) for each in answer["domains"]], [("acme.example", "dns")])
            self.assertEqual(ann.ask("GET", "")[1]["domains"], answer["domains"])
        self.assertEqual(self.cli("domain", "list", "acme")["domains"][0]["proof"], "dns")
        actions = [entry["action"] for entry in self.cli("audit", "acme")["entries"]]
        self.assertLess(actions.index("domain.added"), actions.index("domain.claimed"))

    def test_a_name_server_that_is_gone_is_told(self):
        with self.serve() as server:
            ann = Administrator(server, "acme")
            ann.add("acme.example")
            self.names.stop()
            checked, _ = ann.check("acme.example")
            self.assertFalse(checked["proven"])
            self.assertIn("name server", checked["finding"])

    def test_the_first_to_prove_a_domain_has_it(self):
        with self.serve() as server:
            ann, eve = Administrator(server, "acme"), Administrator(server, "zenith")
            ours, theirs = ann.add("acme.example"), eve.add("acme.example")
            self.assertNotEqual(ours["recordValue"], theirs["recordValue"])

            # One account's record is none for the other.
            self.names.publish({ours["recordName"]: ours["recordValue"]})
            self.assertFalse(eve.check("acme.example")[0]["proven"])
            self.assertTrue(ann.check("acme.example")[0]["proven"])

            self.names.publish({theirs["recordName"]: theirs["recordValue"]})
            checked, answer = eve.check("acme.example")
            self.assertFalse(checked["proven"])
            self.assertIn("in use already", checked["finding"])
            self.assertEqual(answer["domains"], [])
            self.assertEqual(eve.ask("DELETE", "/acme.example")[1]["claims"], [])
            self.assertEqual(len(ann.ask("GET", "")[1]["domains"]), 1)

    def test_whoever_loses_a_domain_loses_the_pages_in_it(self):
        origin = "https://wiki.acme.example"

        def claim_pages(administrator):
            wiki = {"kind": "proxy", "name": "Wiki", "origins": [origin]}
            return administrator.ask("POST", "", wiki, what="applications")

        with self.serve() as server:
            ann, eve = Administrator(server, "acme"), Administrator(server, "zenith")

            def prove(administrator):
                claim = administrator.add("acme.example")
                self.names.publish({claim["recordName"]: claim["recordValue"]})
                self.assertTrue(administrator.check("acme.example")[0]["proven"])

            prove(ann)
            status, wiki = claim_pages(ann)
            self.assertEqual(status, 201)
            status, answer = ann.ask("DELETE", "/acme.example")
            self.assertEqual((status, answer["error"]["code"]), (409, "directory.domain_in_use"))
            self.assertIn(f"“Wiki” {origin}", answer["error"]["message"])

            removed = self.cli("domain", "remove", "acme", "acme.example")
            self.assertEqual(removed["origins_removed"], [origin])
            self.assertEqual(ann.ask("GET", f"/{wiki['client_id']}", what="applications")[1]["origins"], [])
            prove(eve)
            self.assertEqual(claim_pages(eve)[0], 201)
            status, answer = ann.ask("PUT", f"/{wiki['client_id']}", {"origins": [origin]}, what="applications")
            self.assertEqual((status, answer["error"]["code"]), (403, "directory.origin_unproven"))

    def test_what_is_refused(self):
        with self.serve() as server:
            ann, eve = Administrator(server, "acme"), Administrator(server, "zenith")

            def refusal(administrator, method, path, body=None, extra=None):
                status, answer = administrator.ask(method, path, body, extra)
                return status, answer["error"]["code"]

            self.assertEqual(refusal(ann, "POST", "", {"name": "gmail.com"}), (403, "directory.public_domain"))
            self.assertEqual(refusal(ann, "POST", "", {"name": "acme"}), (400, "directory.bad_domain"))
            self.assertEqual(refusal(ann, "POST", "", {"name": "acme.example", "proof": "dns"}), (400, "api.bad_body"))
            self.assertEqual(refusal(ann, "POST", "/acme.example/check"), (404, "directory.no_domain_claim"))
            self.assertEqual(refusal(ann, "DELETE", "/acme.example"), (404, "directory.no_domain_claim"))
            ann.add("acme.example")
            self.assertEqual(refusal(eve, "POST", "/acme.example/check"), (404, "directory.no_domain_claim"))
            elsewhere = {"Origin": "https://evil.example"}
            self.assertEqual(refusal(ann, "POST", "/acme.example/check", None, elsewhere), (403, "server.cross_site"))
            self.cli("domain", "add", "acme", "acme.test")
            self.assertEqual(refusal(ann, "DELETE", "/acme.test"), (403, "api.domain_of_support"))
            self.assertEqual(refusal(ann, "POST", "", {"name": "acme.test"}), (409, "directory.domain_proven"))

    def test_checks_are_few(self):
        with self.serve() as server:
            ann = Administrator(server, "acme")
            ann.add("acme.example")
            for _ in range(30):
                ann.check("acme.example")
            status, answer = ann.ask("POST", "/acme.example/check")
            self.assertEqual((status, answer["error"]["code"]), (429, "api.too_many_checks"))

    def test_an_administrators_word(self):
        with self.serve("--domains-proof", "administrator") as server:
            ann = Administrator(server, "acme")
            status, answer = ann.ask("POST", "", {"name": "acme.example"})
            self.assertEqual((status, answer["proofRequired"], answer["claims"]), (201, False, []))
            self.assertEqual(answer["domains"][0]["proof"], "administrator")
            self.assertEqual(ann.ask("DELETE", "/acme.example")[1]["domains"], [])


if __name__ == "__main__":
    unittest.main()
