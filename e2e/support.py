"""What the Python tests share: a folder of its own for each test, the command line, a running server, and an identity
provider's metadata."""

import base64
import http.server
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("DOORWARD_BUILD", ROOT / "build/release"))
DOORWARD = pathlib.Path(os.environ.get("DOORWARD_BINARY", BUILD / "doorward"))

READY = "Doorward is ready at "


class CommandFailed(Exception):
    """A command that was to succeed did not."""


class Outcome:
    """What a command answered."""

    def __init__(self, code, stdout, stderr):
        self.code, self.stdout, self.stderr = code, stdout, stderr

    @property
    def json(self):
        return json.loads(self.stdout)

    @property
    def error(self):
        """The error that was printed with --json; log lines may stand before it."""
        return json.loads(self.stderr.strip().splitlines()[-1])["error"]

    def __repr__(self):
        return f"exit code {self.code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


class Installation:
    """A Doorward in a folder of its own."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.database = self.folder / "var/doorward.db"
        self.key_file = self.folder / "var/doorward.key"

    def environment(self, extra=None):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOORWARD_")}
        return {**kept, **(extra or {})}

    def run(self, *words, stdin="", environment=None, timeout=120):
        """Runs a command, whatever comes of it."""
        done = subprocess.run(
            [DOORWARD, *map(str, words)],
            cwd=self.folder,
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env=self.environment(environment),
            timeout=timeout,
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def cli(self, *words, stdin=""):
        """Runs a command that must succeed, and returns its JSON."""
        outcome = self.run("--json", *words, stdin=stdin)
        if outcome.code != 0:
            raise CommandFailed(f"doorward {' '.join(map(str, words))}: {outcome!r}")
        return outcome.json

    def serve(self, *flags):
        """Starts the server on a free port; a context manager."""
        return Server(self, flags)


class Server:
    """A running server. `url` is where it answers."""

    def __init__(self, installation, flags):
        self.installation, self.flags = installation, flags
        self.url = None
        self.log = None
        self.process = None

    def __enter__(self):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [DOORWARD, "serve", "--listen", "127.0.0.1:0", *map(str, self.flags)],
            cwd=self.installation.folder,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=self.installation.environment(),
        )
        line = self._read_line(60)
        if not line.startswith(READY):
            self._end()
            self.log.seek(0)
            raise CommandFailed(f"the server is not ready: {line!r}\n{self.log.read().decode(errors='replace')}")
        self.url = line.removeprefix(READY).strip()
        return self

    def __exit__(self, *_):
        self._end()
        self.log.close()

    def _read_line(self, seconds):
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        return self.process.stdout.readline().decode() if ready else ""

    def _end(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class TestCase(unittest.TestCase):
    """Each test has an installation of its own."""

    def setUp(self):
        folder = tempfile.mkdtemp(prefix="doorward-e2e-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.installation = Installation(folder)
        self.run_cli = self.installation.run
        self.cli = self.installation.cli

    def refused(self, code, *words, stdin="", name=None):
        """Runs a command that must fail with this exit code, and returns its message."""
        outcome = self.run_cli("--json", *words, stdin=stdin)
        self.assertEqual(outcome.code, code, outcome)
        self.assertEqual(outcome.stdout, "", outcome)
        if name is not None:
            self.assertEqual(outcome.error["code"], name)
        plain = self.run_cli(*words, stdin=stdin)
        self.assertEqual(plain.code, code, plain)
        self.assertIn("doorward: ", plain.stderr)
        return outcome.error["message"]


class MetadataServer:
    """Serves documents on loopback; a context manager."""

    def __init__(self):
        self.documents = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, body = outer.documents.get(self.path, (404, b"not here"))
                self.send_response(status)
                self.send_header("Content-Type", "application/samlmetadata+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def make_certificate(folder, name="idp", days=30):
    """A self-signed certificate; returns its DER. Its key is in `name`.key, its PEM form in `name`.crt."""
    folder = pathlib.Path(folder)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days", str(days)]
        + ["-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt"],
        check=True,
        capture_output=True,
    )
    pem = (folder / f"{name}.crt").read_text()
    return base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-")))


def metadata(entity_id, certificates, sign_on="https://idp.example.com/saml/sso"):
    """An identity provider's metadata."""
    keys = "".join(
        '<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>'
        f"{base64.b64encode(der).decode()}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
        for der in certificates
    )
    return (
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}">'
        f'<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}'
        f'<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sign_on}"/>'
        f'<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{sign_on}"/>'
        "</IDPSSODescriptor></EntityDescriptor>"
    ).encode()


def wait_until(condition, seconds=60):
    """Waits for something that another process does; true when it came."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        threading.Event().wait(0.02)
    return False
