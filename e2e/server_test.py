"""The server, from outside: its operations pages, its end and its start, and that nothing it acknowledged is lost."""

import concurrent.futures
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import unittest
import urllib.parse

import support

CONFLICT, REFUSED = 4, 5
PASSWORD = "correct horse battery"
ADMINISTRATOR = "ann@acme.example"


class Answer:
    """What the server said."""

    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read().decode()

    @property
    def session(self):
        """The session cookie that was set, or nothing."""
        found = re.match(r"doorward_session=([^;]+);", self.headers.get("Set-Cookie") or "")
        return found.group(1) if found else None


def ask(server, path, session=None, form=None, headers=None):
    """GETs a path, or POSTs a form to it."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc.replace("localhost", "127.0.0.1"), timeout=60)
    fields = dict(headers or {})
    if session:
        fields["Cookie"] = f"doorward_session={session}"
    try:
        if form is None:
            connection.request("GET", path, headers=fields)
        else:
            fields["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", path, urllib.parse.urlencode(form), fields)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def sign_in(server, email=ADMINISTRATOR):
    """Signs in with the password and returns the session."""
    answer = ask(server, "/sign-in/password", form={"email": email, "password": PASSWORD})
    if answer.status != 303:
        raise AssertionError(f"{answer.status}: {answer.body}")
    return answer.session


def who(server, session):
    """Whose session it is; nothing when it has ended."""
    answer = ask(server, "/api/v1/session", session)
    return json.loads(answer.body)["employee"]["userName"] if answer.status == 200 else None


class ServerTest(support.TestCase):
    def setUp(self):
        super().setUp()
        words = ["account", "create", "acme", "--plan", "enterprise", "--admin", ADMINISTRATOR, "--password-stdin"]
        self.cli(*words, stdin=PASSWORD + "\n")


class Operations(ServerTest):
    def test_health_readiness_and_metrics(self):
        with self.installation.serve() as server:
            self.assertEqual((ask(server, "/healthz").status, ask(server, "/healthz").body), (200, "ok\n"))
            self.assertEqual((ask(server, "/readyz").status, ask(server, "/readyz").body), (200, "ready\n"))
            sign_in(server)
            metrics = ask(server, "/metrics")
            self.assertIn('doorward_password_sign_ins_total{outcome="accepted"} 1', metrics.body)
            self.assertEqual(ask(server, "/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status, 403)

    def test_what_is_not_there(self):
        with self.installation.serve() as server:
            page = ask(server, "/nothing")
            self.assertEqual(page.status, 404)
            self.assertIn("There is nothing here", page.body)
            self.assertEqual(page.headers["Content-Type"], "text/html; charset=utf-8")
            missing = ask(server, "/api/v1/nothing")
            self.assertEqual(json.loads(missing.body)["error"]["request_id"], missing.headers["X-Request-Id"])
            wrong_method = ask(server, "/sign-out")
            self.assertEqual((wrong_method.status, wrong_method.headers["Allow"]), (405, "POST"))

    def test_every_answer_has_a_request_id_of_its_own(self):
        with self.installation.serve() as server:
            given = {"X-Request-Id": "chosen-by-the-client"}
            ids = [ask(server, path, headers=given).headers["X-Request-Id"] for path in ("/", "/healthz", "/nothing")]
            self.assertEqual(len(set(ids)), 3)
            for request_id in ids:
                self.assertRegex(request_id, r"^[0-9a-f]{32}$")

    def test_the_console_page_is_complete(self):
        with self.installation.serve() as server:
            self.assertEqual(ask(server, "/console").headers["Location"], "/console/")
            page = ask(server, "/console/")
            for path in re.findall(r'"(/console/assets/[^"]+)"', page.body):
                self.assertEqual(ask(server, path).status, 200)


class EndAndStart(ServerTest):
    def test_a_restart_keeps_sessions(self):
        with self.installation.serve() as server:
            session = sign_in(server)
            self.assertEqual(who(server, session), ADMINISTRATOR)
        self.assertEqual(server.process.returncode, 0)
        with self.installation.serve() as server:
            self.assertEqual(who(server, session), ADMINISTRATOR)

    def test_a_stop_finishes_what_was_begun(self):
        body = urllib.parse.urlencode({"email": "nobody@acme.example", "password": "x" * 20})
        head = (
            "POST /sign-in/password HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with self.installation.serve() as server:
            address = ("127.0.0.1", urllib.parse.urlsplit(server.url).port)
            # Each costs a password verification; the first answer says that all have been taken.
            connections = [socket.create_connection(address, timeout=60) for _ in range(5)]
            for connection in connections:
                connection.sendall((head + body).encode())
            answers = [connections[0].makefile("rb").read()]
            server.process.send_signal(signal.SIGTERM)
            answers += [connection.makefile("rb").read() for connection in connections[1:]]
            for answer in answers:
                self.assertTrue(answer.startswith(b"HTTP/1.1 401 "), answer[:100])
                self.assertTrue(answer.endswith(b"</html>\n"), answer[-100:])
            for connection in connections:
                connection.close()
            self.assertEqual(server.process.wait(timeout=60), 0)

    def test_nothing_acknowledged_is_lost(self):
        with self.installation.serve() as server:
            enough = threading.Event()

            def sign_in_again_and_again():
                sessions = []
                while True:
                    try:
                        sessions.append(sign_in(server))
                    except (OSError, http.client.HTTPException):
                        return sessions
                    if len(sessions) >= 3:
                        enough.set()

            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                running = [pool.submit(sign_in_again_and_again) for _ in range(4)]
                self.assertTrue(enough.wait(30))
                server.process.kill()
                acknowledged = [session for future in running for session in future.result()]
        self.assertGreater(len(acknowledged), 3)
        with self.installation.serve() as server:
            self.assertEqual([who(server, session) for session in acknowledged], [ADMINISTRATOR] * len(acknowledged))


class Neighbours(ServerTest):
    def test_a_deactivation_by_the_command_line_counts_at_once(self):
        self.cli("employee", "create", "acme", "--email", "ben@acme.example", "--password-stdin", stdin=PASSWORD + "\n")
        with self.installation.serve() as server:
            session, other = sign_in(server, "ben@acme.example"), sign_in(server)
            for _ in range(3):
                self.assertEqual(who(server, session), "ben@acme.example")
            self.cli("employee", "deactivate", "acme", "ben@acme.example")
            begun = time.monotonic()
            self.assertIsNone(who(server, session))
            self.assertLess(time.monotonic() - begun, 1)
            self.assertEqual(who(server, other), ADMINISTRATOR)

    def test_one_server_on_a_database(self):
        with self.installation.serve() as server:
            message = self.refused(CONFLICT, "serve", "--listen", "127.0.0.1:0", name="database.in_use")
            self.assertIn("already", message)
            self.assertEqual(ask(server, "/readyz").status, 200)

    def test_the_key_file_belongs_to_the_database(self):
        with self.installation.serve() as server:
            self.assertEqual(ask(server, "/saml/acme/metadata").status, 200)
        key = self.installation.key_file.read_bytes()
        self.installation.key_file.unlink()
        missing = self.refused(REFUSED, "serve", "--listen", "127.0.0.1:0", name="server.key_file_missing")
        self.assertIn("Put it back", missing)
        self.assertFalse(self.installation.key_file.exists())
        self.installation.key_file.write_text("ab" * 32 + "\n")
        self.installation.key_file.chmod(0o600)
        message = self.refused(REFUSED, "serve", "--listen", "127.0.0.1:0", name="server.key_file_wrong")
        self.assertIn("belongs to another one", message)
        self.installation.key_file.write_bytes(key)
        with self.installation.serve() as server:
            self.assertEqual(ask(server, "/saml/acme/metadata").status, 200)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Demo(support.TestCase):
    def run_demo(self):
        """Runs the demo until it answers, and ends it; returns what it printed."""
        portal, simulator = free_port(), free_port()
        process = subprocess.Popen(
            [support.DOORWARD, "demo", "--listen", f"127.0.0.1:{portal}", "--simulator-port", str(simulator)],
            cwd=self.installation.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.installation.environment(),
            text=True,
        )
        printed = ""
        try:
            while "Ctrl+C" not in printed:
                line = process.stdout.readline()
                self.assertNotEqual(line, "", printed)
                printed += line
            for port, path in ((portal, "/sign-in"), (simulator, "/")):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("GET", path, headers={"Host": f"localhost:{port}"})
                self.assertLess(connection.getresponse().status, 400)
                connection.close()
        finally:
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=60), 0)
            process.stdout.close()
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", simulator)).close()
        return printed

    def test_it_runs_again_and_again(self):
        first, second = self.run_demo(), self.run_demo()
        passwords = [re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}\b", text).group() for text in (first, second)]
        self.assertNotEqual(*passwords)
        self.assertEqual([account["slug"] for account in self.cli("account", "list")["accounts"]], ["contoso"])
        self.assertEqual(os.listdir(self.installation.folder), ["var"])

    def test_it_leaves_other_databases_alone(self):
        made = ["account", "create", "Contoso", "--plan", "enterprise", "--admin", "alice@contoso.com"]
        self.cli(*made)
        before = self.cli("audit", "contoso")
        message = self.refused(REFUSED, "demo", "--listen", f"127.0.0.1:{free_port()}", name="demo.database_in_use")
        self.assertIn("--database", message)
        self.assertEqual(self.cli("audit", "contoso"), before)

    def test_it_stays_on_this_machine(self):
        message = self.refused(REFUSED, "demo", "--public-url", "https://sso.acme.example", name="demo.not_loopback")
        self.assertIn("this machine only", message)


if __name__ == "__main__":
    unittest.main()
