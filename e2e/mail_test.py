"""Mails, taken by a real SMTP server: invitations, new passwords, the emergency sign-in, and sign-in instructions."""

import email
import email.policy
import http.cookiejar
import json
import queue
import re
import socket
import sys
import unittest
import urllib.error
import urllib.parse
import urllib.request

from support import TestCase, make_certificate, metadata, wait_until

# Debian's packages, whichever Python runs this.
sys.path.append("/usr/lib/python3/dist-packages")
from aiosmtpd.controller import Controller  # noqa: E402  pylint: disable=wrong-import-position

ADMIN = "alice@contoso.example"
PASSWORD = "correct horse battery"


class Mailbox:
    """Takes every mail; `refuse` is an answer to give instead."""

    def __init__(self):
        self.mails = queue.Queue()
        self.refuse = None

    async def handle_DATA(self, _server, _session, envelope):  # pylint: disable=invalid-name
        if self.refuse:
            return self.refuse
        self.mails.put(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 Taken"


class Person:
    """A browser: cookies, forms, and the page that it is on."""

    def __init__(self, url):
        self.url = url
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def send(self, method, path, body=None, kind="application/x-www-form-urlencoded"):
        request = urllib.request.Request(urllib.parse.urljoin(self.url, path), method=method)
        if body is not None:
            request.data = body.encode()
            request.add_header("Content-Type", kind)
        request.add_header("Origin", self.url)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()

    def get(self, path):
        return self.send("GET", path)

    def post(self, path, **fields):
        return self.send("POST", path, urllib.parse.urlencode(fields))

    def api(self, method, path, body=None):
        status, text = self.send(method, f"/api/v1/{path}", json.dumps(body or {}) if method != "GET" else None,
                                 "application/json")
        return status, json.loads(text)

    def who(self):
        status, answer = self.api("GET", "session")
        return answer["employee"]["email"] if status == 200 else None


class MailTest(TestCase):
    def setUp(self):
        super().setUp()
        self.mailbox = Mailbox()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        controller = Controller(self.mailbox, hostname="127.0.0.1", port=port)
        controller.start()
        self.addCleanup(controller.stop)
        self.flags = ("--mail-server", f"smtp://127.0.0.1:{port}", "--mail-from",
                      "Contoso Portal <portal@contoso.example>")
        self.cli("account", "create", "contoso", "--plan", "enterprise", "--admin", ADMIN, "--password-stdin",
                 stdin=PASSWORD + "\n")

    def serve(self, *flags):
        server = self.installation.serve(*self.flags, *flags)
        server.__enter__()  # pylint: disable=unnecessary-dunder-call
        self.addCleanup(server.__exit__, None, None, None)
        return server.url

    def connect(self):
        file = self.installation.folder / "metadata.xml"
        file.write_bytes(metadata("https://idp.example.com", [make_certificate(self.installation.folder)]))
        self.cli("saml", "set-metadata", "contoso", "--file", file)

    def mail(self):
        return self.mailbox.mails.get(timeout=60)

    def administrator(self, url):
        person = Person(url)
        person.post("/sign-in/password", email=ADMIN, password=PASSWORD)
        self.assertEqual(person.who(), ADMIN)
        return person

    @staticmethod
    def link(mail):
        return re.search(r"http://\S+/access\?link=\S+", mail.get_content()).group()

    @staticmethod
    def secret(link):
        return urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["link"][0]

    def test_somebody_who_forgot_their_password_gets_a_link(self):
        url = self.serve()
        person = Person(url)
        self.assertIn("Forgotten your password?", person.post("/sign-in", email=ADMIN)[1])
        status, page = person.post("/sign-in/forgotten", email=ADMIN)
        self.assertEqual(status, 200)
        nobody = Person(url).post("/sign-in/forgotten", email="nobody@contoso.example")
        self.assertEqual((status, page.replace(ADMIN, "")), (nobody[0], nobody[1].replace("nobody@contoso.example", "")))

        mail = self.mail()
        self.assertEqual(mail["To"], ADMIN)
        self.assertEqual(mail["From"], "Contoso Portal <portal@contoso.example>")
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        link = self.link(mail)
        self.assertTrue(link.startswith(url + "/"))
        # A scanner that opens it uses nothing up.
        for _ in range(2):
            self.assertIn("Choose a password", person.get(link)[1])
        secret = self.secret(link)
        self.assertIn("at least 8", person.post("/access/password", link=secret, password="short", repeat="short")[1])
        self.assertIn("differ", person.post("/access/password", link=secret, password=PASSWORD, repeat="other")[1])
        person.post("/access/password", link=secret, password="another long one", repeat="another long one")
        self.assertEqual(person.who(), ADMIN)

        self.assertEqual(Person(url).get(link)[0], 404)
        self.assertEqual(person.post("/access/password", link=secret, password=PASSWORD, repeat=PASSWORD)[0], 404)
        stranger = Person(url)
        stranger.post("/sign-in/password", email=ADMIN, password=PASSWORD)
        self.assertIsNone(stranger.who())
        self.assertTrue(self.mailbox.mails.empty())

    def test_a_second_link_takes_the_place_of_the_first(self):
        url = self.serve()
        first = self.cli("employee", "recovery-link", "contoso", ADMIN, "--public-url", url)["link"]
        second = self.cli("employee", "recovery-link", "contoso", ADMIN, "--public-url", url)["link"]
        self.assertEqual(Person(url).get(first)[0], 404)
        self.assertEqual(Person(url).get(second)[0], 200)
        self.cli("employee", "create", "contoso", "--email", "bob@contoso.example")
        third = self.cli("employee", "recovery-link", "contoso", "bob@contoso.example", "--public-url", url)["link"]
        self.cli("employee", "deactivate", "contoso", "bob@contoso.example")
        self.assertEqual(Person(url).get(third)[0], 404)

    def test_an_administrator_invites_somebody(self):
        url = self.serve("--support-contact", "the IT desk, phone 1234")
        bob = self.cli("employee", "create", "contoso", "--email", "bob@contoso.example", "--given-name",
                       "Bøb")["employee"]
        administrator = self.administrator(url)
        self.assertEqual(administrator.api("GET", "mail")[1]["configured"], True)
        status, answer = administrator.api("POST", f"employees/{bob['id']}/send-link", {"kind": "invitation"})
        self.assertEqual((status, answer["queued"]), (200, True))
        self.assertFalse(administrator.api("POST", f"employees/{bob['id']}/send-link", {"kind": "invitation"})[1]["queued"])
        mail = self.mail()
        self.assertEqual(mail["To"], "bob@contoso.example")
        self.assertIn("the IT desk, phone 1234", mail.get_content())
        newcomer = Person(url)
        newcomer.post("/access/password", link=self.secret(self.link(mail)), password=PASSWORD, repeat=PASSWORD)
        self.assertEqual(newcomer.who(), "bob@contoso.example")
        # Nobody but administrators has mails sent.
        self.assertEqual(newcomer.api("POST", f"employees/{bob['id']}/send-link", {"kind": "invitation"})[0], 403)
        other = self.cli("account", "create", "fabrikam", "--plan", "free", "--admin", "eve@fabrikam.example")
        stranger = self.cli("employee", "show", "fabrikam", "eve@fabrikam.example")["employee"]["id"]
        self.assertTrue(other)
        self.assertEqual(administrator.api("POST", f"employees/{stranger}/send-link", {"kind": "recovery"})[0], 404)

    def test_everybody_gets_the_instructions(self):
        url = self.serve()
        for name in ("bob", "eve"):
            self.cli("employee", "create", "contoso", "--email", f"{name}@contoso.example", "--given-name", name.title())
        administrator = self.administrator(url)
        self.assertEqual(administrator.api("GET", "setup/instructions")[1]["recipients"], 3)
        words = {"subject": "Anmelden bei {company} — neu", "body": "Hello {name},\n.\nuse SSO {link}\n"}
        self.assertEqual(administrator.api("POST", "setup/instructions", {**words, "expected": 2})[0], 409)
        self.assertEqual(administrator.api("POST", "setup/instructions", {**words, "body": " ", "expected": 3})[0], 400)
        self.assertEqual(administrator.api("POST", "setup/instructions", {**words, "expected": 3})[1]["recipients"], 3)
        mails = {mail["To"]: mail for mail in (self.mail() for _ in range(3))}
        self.assertEqual(set(mails), {ADMIN, "bob@contoso.example", "eve@contoso.example"})
        bob = mails["bob@contoso.example"]
        self.assertEqual(bob["Subject"], "Anmelden bei contoso — neu")
        self.assertEqual(bob.get_content().replace("\r\n", "\n"), "Hello Bob,\n.\nuse SSO {link}\n")
        self.assertEqual(len({mail["Message-ID"] for mail in mails.values()}), 3)

    def test_a_mail_that_is_refused_is_said(self):
        url = self.serve()
        self.mailbox.refuse = "550 No such mailbox"
        administrator = self.administrator(url)
        administrator.api("POST", "setup/instructions", {"subject": "s", "body": "b", "expected": 1})
        def outcome():
            return administrator.api("GET", "setup/instructions")[1]["mails"]

        wait_until(lambda: outcome()["failed"] == 1)
        mails = outcome()
        self.assertEqual(mails["failed"], 1)
        self.assertIn("550 No such mailbox", mails["lastProblem"])

    def test_sso_off_sends_everybody_a_link(self):
        url = self.serve()
        self.cli("domain", "add", "contoso", "contoso.example")
        self.connect()
        self.cli("sso", "enable", "contoso", "--reason", "test", "--force")
        self.assertIn("dwl_", self.cli("sso", "emergency", "contoso", ADMIN, "--reason", "locked out")["link"])
        self.refused(5, "employee", "recovery-link", "contoso", ADMIN)
        # Passwords are closed, and so are links to choose one.
        Person(url).post("/sign-in/forgotten", email=ADMIN)
        answer = self.cli("sso", "disable", "contoso", "--reason", "test", *self.flags)
        self.assertEqual(answer["recovery_mails"], 1)
        person = Person(url)
        person.post("/access/password", link=self.secret(self.link(self.mail())), password=PASSWORD, repeat=PASSWORD)
        self.assertEqual(person.who(), ADMIN)
        self.assertTrue(self.mailbox.mails.empty())

    def test_an_emergency_link_lets_an_administrator_in_once(self):
        url = self.serve()
        self.cli("domain", "add", "contoso", "contoso.example")
        self.connect()
        self.cli("sso", "enable", "contoso", "--reason", "test", "--force")
        self.cli("employee", "create", "contoso", "--email", "bob@contoso.example")
        self.refused(5, "sso", "emergency", "contoso", "bob@contoso.example", "--reason", "x")
        made = self.cli("sso", "emergency", "contoso", ADMIN, "--reason", "certificate lost", "--public-url", url)
        person = Person(url)
        self.assertIn("Emergency sign-in", person.get(made["link"])[1])
        self.assertIsNone(person.who())
        person.post("/access/emergency", link=self.secret(made["link"]))
        self.assertEqual(person.who(), ADMIN)
        self.assertEqual(person.api("GET", "session")[1]["session"]["method"], "emergency")
        self.assertEqual(Person(url).post("/access/emergency", link=self.secret(made["link"]))[0], 404)
        audit = [entry["action"] for entry in self.cli("audit", "contoso")["entries"]]
        self.assertIn("access_link.created", audit)
        self.assertIn("access_link.used", audit)

    def test_without_a_mail_server_it_is_said(self):
        with self.installation.serve() as server:
            administrator = self.administrator(server.url)
            employee = self.cli("employee", "show", "contoso", ADMIN)["employee"]["id"]
            status, answer = administrator.api("POST", f"employees/{employee}/send-link", {"kind": "recovery"})
            self.assertEqual((status, answer["error"]["code"]), (409, "api.no_mail_server"))
            page = Person(server.url).post("/sign-in", email=ADMIN)[1]
            self.assertNotIn("/sign-in/forgotten", page)

    def test_the_command_line_sends_a_test(self):
        answer = self.cli("mail", "test", "ops@contoso.example", *self.flags)
        self.assertEqual(answer["to"], "ops@contoso.example")
        self.assertEqual(self.mail()["To"], "ops@contoso.example")
        self.mailbox.refuse = "451 Come back later"
        message = self.refused(6, "mail", "test", "ops@contoso.example", *self.flags)
        self.assertIn("451 Come back later", message)
        self.refused(2, "mail", "test", "ops@contoso.example")


if __name__ == "__main__":
    unittest.main()
