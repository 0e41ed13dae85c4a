#!/usr/bin/env python3
"""Measures provisioning: CPU time of the server and operations a second, for accounts of several sizes, beside
scimmy-routers, which keeps its users in memory.

    bench/scim_bench.py [--quick]

All servers run at the same time and their rounds alternate: the lowest round of each operation stands, so that other
work on the machine moves the ratios little. CPU time is the server's own, summed over its threads."""

import argparse
import contextlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "e2e"))
import support  # noqa: E402

from connections import cpu_seconds, memory_kib, send_all  # noqa: E402
from people import person  # noqa: E402

ACCOUNT = "contoso"
CONNECTIONS = 8
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
# Operations of one round.
CREATES, FINDS, CHANGES, MEMBERSHIPS, PAGES = 250, 500, 250, 50, 25
SMALL_GROUP, LARGE_GROUP = 100, 50_000


class Service:
    """A SCIM server with `size` employees in the beginning."""

    def __init__(self, name, size, url, pid, secret):
        self.name, self.size, self.url, self.pid, self.secret = name, size, url, pid, secret
        # Entra's dialect; scimmy refuses it.
        self.true, self.false = ("True", "False") if name == "Doorward" else (True, False)
        self.created, self.ids, self.groups = size, {}, {}
        self.random = random.Random(size)
        self.cost, self.rate = {}, {}

    def request(self, method, path, body=None):
        text = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        head = (
            f"{method} /scim/v2{path} HTTP/1.1\r\nHost: {urllib.parse.urlsplit(self.url).netloc}\r\n"
            f"Authorization: Bearer {self.secret}\r\nContent-Type: application/scim+json\r\n"
            f"Content-Length: {len(text)}\r\n\r\n"
        )
        return head.encode() + text

    def call(self, requests, expected):
        """The bodies of the answers, which all must have this status."""
        answers = send_all(self.url, requests, CONNECTIONS)
        for head, body in answers:
            if int(head.split(b" ", 2)[1]) != expected:
                raise SystemExit(f"{self.name} answered:\n{head.decode()}\n\n{body[:1000].decode()}")
        return [body for _, body in answers]

    def measure(self, operation, requests, expected):
        count = len(requests)
        cpu, clock = cpu_seconds(self.pid), time.monotonic()
        bodies = self.call(requests, expected)
        seconds, cpu = time.monotonic() - clock, cpu_seconds(self.pid) - cpu
        self.cost[operation] = min(self.cost.get(operation, float("inf")), cpu / count * 1e6)
        self.rate[operation] = max(self.rate.get(operation, 0), count / seconds)
        return bodies

    def create_request(self):
        self.created += 1
        return self.request("POST", "/Users", person(self.created - 1).resource())

    def find_request(self, attribute, value, kind="Users"):
        return self.request("GET", f"/{kind}?filter=" + urllib.parse.quote(f'{attribute} eq "{value}"'))

    def patch_request(self, path, operation, attribute, value):
        change = {"op": operation, "path": attribute, "value": value}
        return self.request("PATCH", path, {"schemas": [PATCH_SCHEMA], "Operations": [change]})

    def sample(self, count, begin=0):
        return [person(number) for number in self.random.sample(range(begin, self.size), min(count, self.size - begin))]

    def resources(self, bodies):
        """What was found, by name; each look-up must have found one."""
        found = {}
        for body in bodies:
            answer = json.loads(body)
            if answer["totalResults"] != 1:
                raise SystemExit(f"{self.name} found:\n{body[:1000].decode()}")
            resource = answer["Resources"][0]
            found[resource.get("userName") or resource["displayName"]] = resource["id"]
        return found

    def look_up_groups(self, groups):
        for name, members in groups.items():
            bodies = self.call([self.find_request("displayName", name, "Groups")], 200)
            self.groups[members] = self.resources(bodies)[name]

    # --- one round

    def round(self):
        self.measure("create", [self.create_request() for _ in range(CREATES)], 201)
        people = self.sample(FINDS)
        requests = [self.find_request("userName", each.user_name) for each in people]
        ids = self.resources(self.measure("find by userName", requests, 200))
        requests = [self.find_request("externalId", each.external_id) for each in people]
        if self.resources(self.measure("find by externalId", requests, 200)) != ids:
            raise SystemExit(f"{self.name} does not find by externalId whom it finds by userName.")
        paths = [f"/Users/{ids[each.user_name]}" for each in people[:CHANGES]]
        for operation, value in (("disable", self.false), ("enable", self.true)):
            self.measure(operation, [self.patch_request(path, "Replace", "active", value) for path in paths], 200)
        for members, group in self.groups.items():
            self.change_members(f"group of {members:,}", group, members)
        if self.groups:
            self.measure("list page of 100", [self.request("GET", "/Users?count=100") for _ in range(PAGES)], 200)

    def change_members(self, name, group, members):
        """Newcomers join one by one and leave again."""
        people = self.sample(MEMBERSHIPS, members)
        ids = self.resources(self.call([self.find_request("userName", each.user_name) for each in people], 200))
        for word, operation in (("add to", "Add"), ("remove from", "Remove")):
            requests = [
                self.patch_request(f"/Groups/{group}", operation, "members", [{"value": each}]) for each in ids.values()
            ]
            self.measure(f"{word} a {name}", requests, 204)


# --- the servers


@contextlib.contextmanager
def doorward(size):
    groups = {"small": min(SMALL_GROUP, size // 2)}
    if size >= 10_000:
        groups["large"] = min(LARGE_GROUP, size // 2)
    with tempfile.TemporaryDirectory() as folder:
        installation = support.Installation(folder)
        installation.cli("account", "create", ACCOUNT, "--plan", "enterprise", "--admin", "alice@contoso.example")
        secret = installation.cli("scim-token", "create", ACCOUNT, "--name", "Entra")["secret"]
        words = [support.BUILD / "seed_employees", installation.database, ACCOUNT, size]
        begun = time.monotonic()
        subprocess.run([*map(str, words), *(f"{name}={members}" for name, members in groups.items())], check=True)
        print(f"  {size:>9,} employees stored in {time.monotonic() - begun:.1f} s", flush=True)
        with installation.serve("--scim-requests-per-second", 1_000_000) as server:
            service = Service("Doorward", size, server.url, server.process.pid, secret)
            service.look_up_groups(groups)
            yield service


@contextlib.contextmanager
def scimmy(size):
    process = subprocess.Popen(
        ["node", ROOT / "bench/scimmy/server.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "NODE_ENV": "production"})
    try:
        started = json.loads(process.stdout.readline())
        service = Service("scimmy", size, started["url"], process.pid, started["secret"])
        service.call([service.request("POST", "/Users", person(number).resource()) for number in range(size)], 201)
        yield service
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


# --- the report


def table(title, services, operations, cell, last_columns):
    """`last_columns`: a head and a function of the operation for each."""
    heads = [f"{service.name} {service.size:,}" for service in services] + [head for head, _ in last_columns]
    widths = [max(len(head), 9) + 2 for head in heads]
    print(f"{title}\n  {'':<32}" + "".join(f"{head:>{width}}" for head, width in zip(heads, widths)))
    for operation in operations:
        cells = [cell(service, operation) for service in services] + [value(operation) for _, value in last_columns]
        print(f"  {operation:<32}" + "".join(f"{text:>{width}}" for text, width in zip(cells, widths)))


def show(services, rounds):
    own = [service for service in services if service.name == "Doorward"]
    other = [service for service in services if service.name != "Doorward"]
    operations = list(dict.fromkeys(operation for service in own for operation in service.cost))

    def ratio(above, below):
        def value(operation):
            known = operation in above.cost and operation in below.cost
            return f"{above.cost[operation] / below.cost[operation]:.2f} x" if known else "-"

        return f"{above.name} {above.size:,} to {below.name} {below.size:,}", value

    def figure(values):
        return lambda service, operation: f"{values(service)[operation]:,.0f}" if operation in values(service) else "-"

    print(f"Provisioning, best of {rounds} alternating rounds, {CONNECTIONS} connections, client on the same machine")
    table("µs of the server's CPU for each", services, operations, figure(lambda service: service.cost), [])
    ratios = [ratio(own[-1], own[0])]
    ratios += [ratio(each, next(match for match in own if match.size >= each.size)) for each in other]
    table("Ratios", [], operations, None, ratios)
    table("a second", services, operations, figure(lambda service: service.rate), [])
    memory = {f"{service.name} {service.size:,}": memory_kib(service.pid)["VmRSS"] / 1024 for service in services}
    print("Memory (VmRSS), MB: " + ", ".join(f"{name}: {size:.0f}" for name, size in memory.items()), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a round or two of small accounts: shows that it works")
    quick = parser.parse_args().quick
    scratch = ROOT / "build/bench"
    scratch.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(scratch)
    rounds, sizes = (2, (1_000, 10_000)) if quick else (5, (1_000, 100_000, 1_000_000))
    with contextlib.ExitStack() as running:
        services = [running.enter_context(doorward(size)) for size in sizes]
        services += [running.enter_context(scimmy(size)) for size in (1_000, 10_000)]
        for _ in range(rounds):
            for service in services:
                service.round()
        show(services, rounds)


if __name__ == "__main__":
    main()
