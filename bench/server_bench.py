#!/usr/bin/env python3
"""Measures the running server: start, idle memory, session checks and the checks of reverse proxies beside an empty
answer, and sign-ins end to end.

    bench/server_bench.py [--quick]

Rounds of the checks and of the empty answer alternate, and the lowest round of each stands, so that other work
on the machine moves their ratio little. CPU time is the server's own, summed over its threads. The responses are made by
the Entra simulator beforehand, each for a sign-in that was started; only the requests to the ACS are timed."""

import argparse
import base64
import contextlib
import http.client
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "e2e"))
import support  # noqa: E402

from connections import cpu_seconds, memory_kib, send_all  # noqa: E402

ACCOUNT, TENANT, PERSON = "contoso", "contoso.example", "ben@contoso.example"
CONNECTIONS = 32


class Client:
    """One kept connection."""

    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)

    def call(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or {})
        response = self.connection.getresponse()
        content = response.read()
        if response.status >= 400:
            raise SystemExit(f"{method} {path} was answered {response.status}: {content[:500]!r}")
        return response, content


class Simulator:
    """The Entra simulator, running."""

    def __enter__(self):
        program = [support.BUILD / "entra-simulator", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = self.process.stdout.readline().decode()
        self.url = re.search(r"http://\S+", line).group().rstrip("/")
        self.client = Client(self.url)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def call(self, method, path, body=None):
        headers = {"Content-Type": "application/json"}
        text = None if body is None else json.dumps(body)
        _, content = self.client.call(method, f"/simulator/api/tenants/{TENANT}/applications{path}", text, headers)
        return json.loads(content)

    def connect(self, installation, server):
        """What an administrator does in Entra and in Doorward; the server sees it while it runs."""
        base = f"{server.url}/saml/{ACCOUNT}"
        application = self.call("POST", "", {
            "name": "Portal", "identifiers": [f"{base}/metadata"], "reply_urls": [f"{base}/acs"], "users": "all",
        })
        path = urllib.parse.urlsplit(application["metadata_url"])
        _, metadata = self.client.call("GET", f"{path.path}?{path.query}")
        file = installation.folder / "metadata.xml"
        file.write_bytes(metadata)
        installation.cli("saml", "set-metadata", ACCOUNT, "--file", file)


@contextlib.contextmanager
def empty_answers():
    """The same HTTP server with nothing behind it: its URL and process."""
    process = subprocess.Popen([support.BUILD / "http_empty"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process.stdout.readline().decode().strip(), process
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


# --- start and memory


def measure_start(installation):
    """Seconds from exec to the first answer, and what is in memory then."""
    before = time.monotonic()
    with installation.serve() as server:
        Client(server.url).call("GET", "/healthz")
        return time.monotonic() - before, memory_kib(server.process.pid)


def show_start(installation, rounds):
    first, _ = measure_start(installation)
    starts = [measure_start(installation) for _ in range(rounds)]
    fastest = min(seconds for seconds, _ in starts)
    memory = min((memory for _, memory in starts), key=lambda memory: memory["VmRSS"])
    print("Start and idle memory")
    print(f"  first start, makes the database  {first * 1e3:7.0f} ms to the first answer")
    print(f"  start, lowest of {rounds:<3}             {fastest * 1e3:7.0f} ms                 goal 100 ms")
    print(f"  idle memory (VmRSS)              {memory['VmRSS'] / 1024:7.1f} MB                 goal 15 MB")
    print(f"    of it not backed by files      {memory['RssAnon'] / 1024:7.1f} MB", flush=True)


# --- sign-ins


def prepare(client, simulator, server):
    """Starts a sign-in and has it answered. The request to the ACS that ends it, as bytes."""
    started, _ = client.call("GET", f"/saml/{ACCOUNT}/login")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(started.getheader("Location")).query)
    request = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), wbits=-15).decode()
    request_id = re.search(r'\bID="([^"]+)"', request).group(1)
    answer = simulator.call("POST", "/Portal/responses", {"user": PERSON, "in_response_to": request_id})
    body = urllib.parse.urlencode({"SAMLResponse": answer["saml_response"]})
    cookie = started.getheader("Set-Cookie").split(";")[0]
    head = (
        f"POST /saml/{ACCOUNT}/acs HTTP/1.1\r\nHost: {urllib.parse.urlsplit(server.url).netloc}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\nCookie: {cookie}\r\n\r\n"
    )
    return (head + body).encode()


def show_sign_ins(simulator, server, count):
    """Returns a session cookie."""
    client = Client(server.url)
    requests = [prepare(client, simulator, server) for _ in range(count)]
    size = len(requests[0])
    pid = server.process.pid
    cpu, clock = cpu_seconds(pid), time.monotonic()
    answers = send_all(server.url, requests, CONNECTIONS)
    seconds, cpu = time.monotonic() - clock, cpu_seconds(pid) - cpu
    cookies = [re.search(rb"(?i)set-cookie: (doorward_session=[^;\r]+)", head) for head, _ in answers]
    if not all(cookies):
        refused = answers[cookies.index(None)][0].decode()
        raise SystemExit(f"{cookies.count(None)} of {count} sign-ins were refused, one so:\n{refused}")
    print(f"Sign-ins at the ACS, {count} answers of the simulator, {CONNECTIONS} connections, requests of {size} bytes")
    print(f"  {count / seconds:9.0f} a second, with the client on the same machine")
    print(f"  {cpu / count * 1e6:9.0f} µs of the server's CPU for each: verified, decided, stored, synced", flush=True)
    return cookies[-1].group(1).decode()


# --- session checks


def wrk(url, headers, seconds):
    """Requests that were answered in so many seconds, and how many a second."""
    fields = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    arguments = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *fields, url]
    text = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    requests = re.search(r"(\d+) requests in", text)
    if not requests or "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"wrk was not answered as it should be:\n{text}")
    return int(requests.group(1)), float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))


def enter_wiki(server, session):
    """What a browser does that an application behind a proxy sends to sign in; the fields of its requests then."""
    client = Client(server.url)
    proxy = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "wiki.example"}
    started, _ = client.call("GET", "/auth/sign-in", headers={**proxy, "Sec-Fetch-Mode": "navigate"})
    flow = started.getheader("Set-Cookie").split(";")[0]
    start = urllib.parse.urlsplit(started.getheader("Location"))
    given, _ = client.call("GET", f"{start.path}?{start.query}", headers={"Cookie": session})
    back = urllib.parse.urlsplit(given.getheader("Location"))
    entered, _ = client.call("GET", f"/auth/callback?{back.query}", headers={**proxy, "Cookie": flow})
    cookie = next(value for name, value in entered.getheaders() if name == "Set-Cookie" and "_app=" in value)
    return {**proxy, "Cookie": cookie.split(";")[0]}


@contextlib.contextmanager
def nginx(folder, server, fields):
    """nginx before an application that answers with nothing: its URL. /checked asks Doorward for each request."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    temporary = "".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    passed = "".join(f'proxy_set_header {name} "{value}";' for name, value in fields.items() if name != "Cookie")
    file = folder / "nginx.conf"
    file.write_text(f"""daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr notice; events {{}}
http {{ {temporary} access_log off; keepalive_requests 1000000;
upstream doorward {{ server {urllib.parse.urlsplit(server.url).netloc}; keepalive {CONNECTIONS}; keepalive_requests 1000000; }}
server {{ listen 127.0.0.1:{port};
location /plain {{ try_files /none =204; }}
location /checked {{ auth_request /check; try_files /none =204; }}
location = /check {{ internal; proxy_pass http://doorward/auth/check; proxy_http_version 1.1; proxy_set_header Connection "";
proxy_pass_request_body off; proxy_set_header Content-Length ""; {passed} }} }} }}
""")
    program = ["/usr/sbin/nginx", "-p", str(folder), "-e", "stderr", "-c", str(file)]
    process = subprocess.Popen(program, stderr=subprocess.PIPE, text=True)
    try:
        while "start worker process " not in process.stderr.readline():
            if process.poll() is not None:
                raise SystemExit("nginx does not run.")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate()


def show_checks(server, session, rounds, seconds, folder):
    fields = enter_wiki(server, session)
    with empty_answers() as (empty_url, empty), nginx(folder, server, fields) as proxy:
        doorward = server.process.pid
        visitor = {"Cookie": fields["Cookie"]}
        # The CPU time is Doorward's, where it has a part in the answer.
        contenders = {
            "empty answer": (empty_url, {"Cookie": session}, empty.pid),
            "session check": (f"{server.url}/api/v1/session", {"Cookie": session}, doorward),
            "proxy's check": (f"{server.url}/auth/check", fields, doorward),
            "nginx alone": (f"{proxy}/plain", visitor, None),
            "nginx, checked": (f"{proxy}/checked", visitor, doorward),
        }
        cost = dict.fromkeys(contenders, float("inf"))
        rate = dict.fromkeys(contenders, 0.0)
        for url, headers, _ in contenders.values():
            wrk(url, headers, 1)
        for _ in range(rounds):
            for name, (url, headers, pid) in contenders.items():
                before = cpu_seconds(pid) if pid else 0
                requests, per_second = wrk(url, headers, seconds)
                cost[name] = min(cost[name], ((cpu_seconds(pid) if pid else 0) - before) / requests)
                rate[name] = max(rate[name], per_second)
    print(f"Checks, {CONNECTIONS} connections, best of {rounds} alternating rounds of {seconds} s")
    for name in contenders:
        ratio = cost[name] / cost["empty answer"]
        own = f"{cost[name] * 1e6:8.1f} µs CPU {ratio:6.2f} x" if cost[name] else ""
        print(f"  {name:<15}{rate[name]:9.0f} a second {own}")
    print("  goal for the session check: 1.3 x", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a round or two of each: shows that it works")
    quick = parser.parse_args().quick
    scratch = ROOT / "build/bench"
    scratch.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(scratch)
    with tempfile.TemporaryDirectory() as folder:
        installation = support.Installation(folder)
        show_start(installation, 2 if quick else 10)
        installation.cli("account", "create", ACCOUNT, "--plan", "enterprise", "--admin", "alice@contoso.example")
        installation.cli("domain", "add", ACCOUNT, TENANT)
        installation.cli("employee", "create", ACCOUNT, "--email", PERSON, "--given-name", "B", "--family-name", "Baker")
        with Simulator() as simulator, installation.serve() as server:
            simulator.connect(installation, server)
            cookie = show_sign_ins(simulator, server, 100 if quick else 2000)
            origin = "https://wiki.example"
            installation.cli("application", "create", ACCOUNT, "Wiki", "--kind", "proxy", "--origin", origin)
            show_checks(server, cookie, 1 if quick else 5, 1 if quick else 2, installation.folder)
            print(f"Memory after all this: {memory_kib(server.process.pid)['VmRSS'] / 1024:.1f} MB")


if __name__ == "__main__":
    main()
