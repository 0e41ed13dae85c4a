#!/usr/bin/env python3
"""Measures how soon somebody who leaves is refused: the time from the moment that a directory sends active=false until the
last answer that still let them in, by their session and by an application's access token, idle and under load.

    bench/leaving_bench.py [--quick]

Whoever leaves asks all the time, one request after the other, while the directory's request is under way. Answers that
were under way as well count: what is measured is the worst that an observer sees. A request that begins after the
directory has its answer must never be let in, or the benchmark fails."""

import argparse
import base64
import http.client
import json
import multiprocessing
import pathlib
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "e2e"))
import support  # noqa: E402

from connections import send_all  # noqa: E402
from people import person  # noqa: E402

ACCOUNT, PASSWORD, CALLBACK = "contoso", "correct horse battery", "http://127.0.0.1:1/back"
SCOPE = "openid offline_access"
LOAD_CONNECTIONS, LOAD_BATCH = 8, 200


class Caller:
    """One connection to the server."""

    def __init__(self, url, **headers):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=30)
        self.headers = headers

    def call(self, method, path, body=None, **headers):
        self.connection.request(method, path, body, {**self.headers, **headers})
        response = self.connection.getresponse()
        return response.status, response.headers, response.read()


def sign_in(url, address):
    form = urllib.parse.urlencode({"email": address, "password": PASSWORD})
    kind = "application/x-www-form-urlencoded"
    status, headers, _ = Caller(url).call("POST", "/sign-in/password", form, **{"Content-Type": kind})
    if status != 303:
        raise SystemExit(f"{address} could not sign in: {status}")
    return headers["Set-Cookie"].partition(";")[0]


def access_token(url, application, cookie):
    """By the authorization code flow, as a web application does it."""
    query = {"response_type": "code", "client_id": application["client_id"], "redirect_uri": CALLBACK}
    query |= {"scope": SCOPE, "state": "s", "nonce": "n"}
    _, headers, _ = Caller(url, Cookie=cookie).call("GET", "/oauth2/authorize?" + urllib.parse.urlencode(query))
    answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(headers.get("Location", "")).query))
    form = {"grant_type": "authorization_code", "code": answer.get("code", ""), "redirect_uri": CALLBACK}
    secret = base64.b64encode(f"{application['client_id']}:{application['secret']}".encode()).decode()
    fields = {"Authorization": f"Basic {secret}", "Content-Type": "application/x-www-form-urlencoded"}
    status, _, body = Caller(url).call("POST", "/oauth2/token", urllib.parse.urlencode(form), **fields)
    if status != 200:
        raise SystemExit(f"No access token: {status} {body.decode(errors='replace')}")
    return json.loads(body)["access_token"]


class Insistent(threading.Thread):
    """Asks until it is refused; remembers when each answer that let it in was asked for and came."""

    def __init__(self, caller, path):
        super().__init__()
        self.caller, self.path, self.let_in = caller, path, []

    def run(self):
        while True:
            begun = time.perf_counter()
            status, _, _ = self.caller.call("GET", self.path)
            if status != 200:
                return
            self.let_in.append((begun, time.perf_counter()))


def leave(url, directory, user_id, cookie, token):
    """Milliseconds until the last answer that let them in, by session and by token."""
    watchers = {
        "session": Insistent(Caller(url, Cookie=cookie), "/api/v1/session"),
        "access token": Insistent(Caller(url, Authorization=f"Bearer {token}"), "/oauth2/userinfo"),
    }
    for watcher in watchers.values():
        watcher.start()
    while not all(len(watcher.let_in) > 3 for watcher in watchers.values()):
        time.sleep(0.002)
        if not all(watcher.is_alive() for watcher in watchers.values()):
            raise SystemExit("Somebody was refused who had not left.")
    operation = {"op": "Replace", "path": "active", "value": "False"}
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
    sent = time.perf_counter()
    status, _, _ = directory.call("PATCH", f"/scim/v2/Users/{user_id}", json.dumps(body))
    answered = time.perf_counter()
    if status not in (200, 204):
        raise SystemExit(f"The directory was refused: {status}")
    found = {"the directory's answer": 1000 * (answered - sent)}
    for name, watcher in watchers.items():
        watcher.join()
        if any(begun > answered for begun, _ in watcher.let_in):
            raise SystemExit(f"By the {name}, a leaver was let in after the directory had its answer.")
        found[name] = 1000 * max(0.0, watcher.let_in[-1][1] - sent)
    return found


def load(url, cookie, secret, number):
    """Session checks and new employees, until it is ended."""
    host, created = urllib.parse.urlsplit(url).netloc, 0
    check = f"GET /api/v1/session HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode()
    while True:
        requests = [check] * LOAD_BATCH
        for _ in range(LOAD_BATCH // 20):
            created += 1
            text = json.dumps(person(number * 1_000_000 + created).resource()).encode()
            requests.append(
                f"POST /scim/v2/Users HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {secret}\r\n"
                f"Content-Type: application/scim+json\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
        send_all(url, requests, LOAD_CONNECTIONS)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure(url, secret, people, title):
    directory = Caller(url, Authorization=f"Bearer {secret}", **{"Content-Type": "application/scim+json"})
    found = [leave(url, directory, *one) for one in people]
    print(f"  {title}, {len(found)} leavers")
    for name in found[0]:
        values = [one[name] for one in found]
        print(f"    {name:<24} p50 {percentile(values, 0.5):7.1f} ms   p99 {percentile(values, 0.99):7.1f} ms")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few leavers: shows that it works")
    leavers = 5 if parser.parse_args().quick else 200
    with tempfile.TemporaryDirectory() as folder:
        installation = support.Installation(folder)
        cli = installation.cli
        admin = f"alice@{ACCOUNT}.example"
        cli("account", "create", ACCOUNT, "--plan", "enterprise", "--admin", admin, "--password-stdin", stdin=PASSWORD + "\n")
        cli("domain", "add", ACCOUNT, f"{ACCOUNT}.example")
        secret = cli("scim-token", "create", ACCOUNT, "--name", "Entra")["secret"]
        made = cli("application", "create", ACCOUNT, "Wiki", "--redirect-uri", CALLBACK,
                   *(word for scope in SCOPE.split() for word in ("--scope", scope)))
        application = {"client_id": made["application"]["client_id"], "secret": made["secret"]}
        with installation.serve("--scim-requests-per-second", 1_000_000) as server:
            people = []
            for number in range(2 * leavers):
                address = f"leaver{number}@{ACCOUNT}.example"
                words = ["employee", "create", ACCOUNT, "--email", address, "--password-stdin"]
                employee = cli(*words, stdin=PASSWORD + "\n")["employee"]
                cookie = sign_in(server.url, address)
                people.append((employee["id"], cookie, access_token(server.url, application, cookie)))
            print("Leaving: from active=false to the last answer that let them in")
            measure(server.url, secret, people[:leavers], "idle")
            cookie = sign_in(server.url, admin)
            others = [multiprocessing.Process(target=load, args=(server.url, cookie, secret, n), daemon=True) for n in (1, 2)]
            for other in others:
                other.start()
            measure(server.url, secret, people[leavers:], "under load (session checks and new employees)")
            for other in others:
                other.kill()


if __name__ == "__main__":
    main()
