"""*Check now*: an administrator connects the identity provider by the address of its metadata, and each mistake that people
make with it has its own words. The pretend Entra is the counterpart."""

import http.client
import json
import os
import re
import subprocess
import unittest
import urllib.parse
import urllib.request

import support

PASSWORD = "correct horse battery"
ITEMS = ["address", "reachable", "document", "entity_id", "sign_on", "certificates", "key", "signature_algorithm"]


class Simulator:
    """The pretend Entra with one application."""

    def __enter__(self):
        self.process = subprocess.Popen([support.BUILD / "entra-simulator", "--listen", "127.0.0.1:0"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.url = re.search(r"http://[^/\s]+", self.process.stdout.readline().decode()).group()
        self.applications = self.url + "/simulator/api/tenants/contoso.example/applications"
        made = {"name": "Portal", "identifiers": "urn:portal", "reply_urls": "https://portal.example", "users": "all"}
        self.application = self.send("POST", self.applications, made)
        return self

    def call(self, method, path, body=None):
        """About the application."""
        return self.send(method, self.applications + "/Portal" + path, body)

    @staticmethod
    def send(method, url, body):
        request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            content = response.read()
        return json.loads(content) if content else None

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class ConnectionCheckTest(support.TestCase):
    plan = "enterprise"

    def setUp(self):
        super().setUp()
        words = ["--plan", self.plan, "--admin", "ann@acme.example", "--password-stdin"]
        self.cli("account", "create", "acme", *words, stdin=PASSWORD + "\n")
        self.start()

    def start(self, *flags):
        server = self.installation.serve(*flags)
        self.server = server.__enter__()
        self.addCleanup(server.__exit__)
        # Behind a public URL, only the log knows the port. Reading must not move where the server writes.
        log = os.pread(self.server.log.fileno(), 100_000, 0).decode()
        self.port = int(re.search(r'"listen":"127\.0\.0\.1:(\d+)"', log).group(1))
        self.session = self.sign_in("ann@acme.example")

    def serve_documents(self):
        documents = support.MetadataServer()
        documents.__enter__()
        self.addCleanup(documents.__exit__)
        return documents

    def simulator(self):
        simulator = Simulator().__enter__()
        self.addCleanup(simulator.__exit__)
        return simulator

    def sign_in(self, address):
        form = urllib.parse.urlencode({"email": address, "password": PASSWORD})
        answer, _ = self.ask("POST", "/sign-in/password", form, "application/x-www-form-urlencoded")
        return re.search(r"doorward_session=([^;]+);", answer.headers["Set-Cookie"]).group(1)

    def ask(self, method, path, body=None, content_type="application/json", session=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        fields = {"Content-Type": content_type} if body is not None else {}
        if session:
            # Over https the name has a prefix.
            fields["Cookie"] = f"doorward_session={session}; __Host-doorward_session={session}"
        try:
            connection.request(method, path, body, fields)
            response = connection.getresponse()
            return response, response.read().decode()
        finally:
            connection.close()

    def post(self, session=None, **members):
        response, body = self.ask("POST", "/api/v1/connections/check", json.dumps(members), session=session or self.session)
        return response.status, json.loads(body)

    def check(self, **members):
        """The answer of a check that took place."""
        status, answer = self.post(**members)
        self.assertEqual(status, 200, answer)
        seen = [each["check"] for each in answer["checks"]]
        self.assertEqual(list(dict.fromkeys(seen)), ITEMS, "every item is there, in order")
        return answer

    def failed(self, answer):
        """What failed: the item and the finding."""
        self.assertFalse(answer["established"], answer)
        self.assertIsNone(answer["connection"])
        found = [(each["check"], each["finding"]) for each in answer["checks"] if each["verdict"] == "failed"]
        for each in answer["checks"]:
            if each["verdict"] in ("failed", "warning"):
                self.assertGreater(len(each["message"]), 20, each)
        return found

    def connections(self):
        response, body = self.ask("GET", "/api/v1/connections", session=self.session)
        self.assertEqual(response.status, 200, body)
        return json.loads(body)["connections"]


class WithTheSimulator(ConnectionCheckTest):
    def test_the_right_address_establishes_the_connection(self):
        entra = self.simulator()
        answer = self.check(url=f"  {entra.application['metadata_url']}\n")
        self.assertTrue(answer["established"], answer)
        self.assertEqual({each["verdict"] for each in answer["checks"][:-1]}, {"passed"}, answer)
        self.assertEqual(answer["connection"]["entityId"], entra.application["issuer"])
        self.assertEqual(self.connections(), [{**answer["connection"], "refresh": None}])
        self.assertTrue(self.check(url=entra.application["metadata_url"])["established"], "checking again changes nothing")
        self.assertEqual(len(self.connections()), 1)

    def test_what_is_copied_in_its_place(self):
        entra = self.simulator()
        login = entra.application["login_url"]
        self.assertIn(("address", "setup.address_login_url"), self.failed(self.check(url=login)))
        common = f"{entra.url}/common/federationmetadata/2007-06/federationmetadata.xml"
        self.assertEqual(self.failed(self.check(url=common))[:2],
                         [("address", "setup.address_tenant_independent"), ("entity_id", "saml.metadata_tenant_independent")])
        page = self.failed(self.check(url=f"{entra.url}/"))
        self.assertEqual(page, [("document", "saml.metadata_is_web_page")])
        self.assertEqual(self.connections(), [])
        tenants = self.check(url=entra.application["metadata_url"].split("?")[0])
        self.assertEqual([each["finding"] for each in tenants["checks"] if each["verdict"] == "warning"],
                         ["setup.address_without_application"])

    def test_an_expired_certificate(self):
        entra = self.simulator()
        path = "/certificates"
        entra.call("POST", path, {"active": True, "not_after": "2020-01-01T00:00:00Z"})
        answer = self.check(url=entra.application["metadata_url"])
        self.assertTrue(answer["established"], "the other one is valid")
        self.assertIn("warning", [each["verdict"] for each in answer["checks"] if each["check"] == "certificates"])
        for certificate in entra.application["certificates"]:
            entra.call("DELETE", f"{path}/{certificate['thumbprint']}")
        answer = self.check(url=entra.application["metadata_url"])
        self.assertEqual(self.failed(answer), [("certificates", "saml.metadata_certificate_expired")])
        self.assertIn("2020-01-01", answer["checks"][5]["message"])

    def test_a_downloaded_document(self):
        entra = self.simulator()
        with urllib.request.urlopen(entra.application["metadata_url"], timeout=60) as response:
            document = response.read().decode()
        self.assertTrue(document.startswith("\ufeff"), "as Entra's does")
        answer = self.check(document=document)
        self.assertTrue(answer["established"], answer)
        self.assertEqual(answer["connection"]["metadataUrl"], "")


class Mistakes(ConnectionCheckTest):
    def test_documents(self):
        documents = self.serve_documents()
        documents.documents = {
            "/none": (200, support.metadata("https://idp.example.com/", [])),
            "/page": (200, b"<!DOCTYPE html><html><body><form>Sign in <input type=password></form></body></html>"),
            "/empty": (200, b""),
            "/json": (200, b'{"issuer": "https://idp.example.com/"}'),
            "/large": (200, b" " * (3 * 1024 * 1024)),
            "/broken": (500, b"<html></html>"),
        }
        expected = {
            "/none": [("certificates", "saml.metadata_no_signing_key")],
            "/page": [("document", "saml.metadata_is_web_page")],
            "/empty": [("document", "setup.document_empty")],
            "/json": [("document", "setup.document_json")],
            "/large": [("reachable", "net.too_large")],
            "/broken": [("reachable", "net.http_status")],
            "/missing": [("reachable", "net.http_status")],
        }
        for path, failures in expected.items():
            with self.subTest(path=path):
                self.assertEqual(self.failed(self.check(url=documents.url + path)), failures)
        self.assertEqual(self.connections(), [])

    def test_another_provider_needs_consent(self):
        certificate = support.make_certificate(self.installation.folder)
        first = support.metadata("https://first.example.com/", [certificate]).decode()
        second = support.metadata("https://second.example.com/", [certificate]).decode()
        self.assertTrue(self.check(document=first)["established"])
        asked = self.check(document=second)
        self.assertFalse(asked["established"])
        self.assertEqual(asked["replaces"], {"connection": "default", "entityId": "https://first.example.com/",
                                             "newEntityId": "https://second.example.com/", "linkedEmployees": 0})
        self.assertEqual(self.connections()[0]["entityId"], "https://first.example.com/")
        sure = self.check(document=second, replaceProvider=True)
        self.assertTrue(sure["established"])
        self.assertIsNone(sure["replaces"])
        self.assertEqual(self.connections()[0]["entityId"], "https://second.example.com/")

        self.cli("domain", "add", "acme", "acme.example")
        self.cli("sso", "enable", "acme", "--reason", "test", "--force")
        self.assertIn(self.post(document=first, replaceProvider=True)[0], (401, 403), "whether the session has ended or not")
        shown = self.cli("saml", "show", "acme")["connections"]
        self.assertEqual([each["entity_id"] for each in shown], ["https://second.example.com/"])

    def test_out_of_order(self):
        certificate = support.make_certificate(self.installation.folder)
        document = support.metadata("https://idp.example.com/", [certificate]).decode()
        self.assertEqual(self.post()[0], 400)
        self.assertEqual(self.post(url="https://idp.example.com/", document=document)[0], 400)
        self.assertEqual(self.post(document=document, session="nobody")[0], 401)
        self.assertEqual(self.ask("GET", "/api/v1/connections/check", session=self.session)[0].status, 405)
        self.cli("employee", "create", "acme", "--email", "ben@acme.example", "--password-stdin", stdin=PASSWORD + "\n")
        status, answer = self.post(document=document, session=self.sign_in("ben@acme.example"))
        self.assertEqual((status, answer["error"]["code"]), (403, "api.administrators_only"))
        self.assertEqual(self.connections(), [])
        self.assertTrue(self.check(document=document, replaceProvider=True)["established"], "there is nothing to replace")

    def test_a_service_provider(self):
        response, body = self.ask("GET", "/api/v1/connections/service-provider", session=self.session)
        self.assertEqual(response.status, 200)
        shown = self.run_cli("--json", "saml", "show", "acme", environment={"DOORWARD_PUBLIC_URL": self.server.url})
        shown = shown.json["service_provider"]
        said = json.loads(body)
        self.assertEqual((said["acsUrl"], said["entityId"]), (shown["acs_url"], shown["entity_id"]))
        with urllib.request.urlopen(said["metadataUrl"], timeout=60) as metadata:
            own = metadata.read().decode()
        self.assertIn(f'Location="{said["acsUrl"]}"', own)
        self.assertIn(("document", "saml.metadata_no_provider"), self.failed(self.check(document=own)))


class APublicServer(ConnectionCheckTest):
    def start(self, *flags):
        super().start("--public-url", "https://sso.acme.example", *flags)

    def sign_in(self, address):
        form = urllib.parse.urlencode({"email": address, "password": PASSWORD})
        answer, _ = self.ask("POST", "/sign-in/password", form, "application/x-www-form-urlencoded")
        return re.search(r"__Host-doorward_session=([^;]+);", answer.headers["Set-Cookie"]).group(1)

    def test_reaches_nothing_inside(self):
        inside = self.serve_documents()
        certificate = support.make_certificate(self.installation.folder)
        inside.documents["/"] = (200, support.metadata("https://idp.example.com/", [certificate]))
        port = urllib.parse.urlsplit(inside.url).port
        self.assertEqual(self.failed(self.check(url=inside.url)), [("address", "net.not_https")])
        for host in ("127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254"):
            with self.subTest(host=host):
                answer = self.check(url=f"https://{host}:{port}/")
                self.assertEqual(self.failed(answer), [("reachable", "net.address_refused")])
        self.assertEqual(self.failed(self.check(url="file:///etc/passwd")), [("address", "url.invalid")])


class TheFreePlan(ConnectionCheckTest):
    plan = "free"

    def test_has_no_connections(self):
        status, answer = self.post(url="https://idp.example.com/metadata")
        self.assertEqual((status, answer["error"]["code"]), (403, "directory.plan_without_sso"))


if __name__ == "__main__":
    unittest.main()
