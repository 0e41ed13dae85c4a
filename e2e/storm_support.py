"""A company whose directory, employees and programs keep a cluster busy while parts of it die, and the comparison of what
was acknowledged with what is there afterwards."""

import base64
import collections
import contextlib
import http.client
import random
import re
import threading
import time
import urllib.parse
import zlib

import scim_support as scim

ACCOUNT, DOMAIN = "contoso", "contoso.example"
ADMINISTRATOR = f"alice@{DOMAIN}"
OFF = {"op": "Replace", "path": "active", "value": "False"}

# How long a change may take in all, with everything that is tried again.
PATIENCE = 180
# What was ended is refused everywhere after so long.
PROMISE = 1.0

TRY_AGAIN = (429, 502, 503, 504)


class GaveUp(Exception):
    """A change that was tried for too long."""


def browse(url, method, path, form=None, session=None, cookie=None, timeout=15):
    """One request as a browser sends it, on a connection of its own."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=timeout)
    cookies = [cookie] if cookie else []
    cookies += [f"doorward_session={session}"] if session else []
    fields = {"Cookie": "; ".join(cookies)} if cookies else {}
    try:
        if form is not None:
            fields["Content-Type"] = "application/x-www-form-urlencoded"
            form = urllib.parse.urlencode(form)
        connection.request(method, path, form, fields)
        return scim.Answer(connection.getresponse())
    finally:
        connection.close()


def session_of(answer):
    """The session that an answer starts, or nothing."""
    for line in answer.headers.get_all("Set-Cookie") or []:
        found = re.match(r"doorward_session=([^;]+);", line)
        if found and answer.status == 303:
            return found.group(1)
    return None


def patiently(attempt):
    """Calls `attempt` until it gives an answer that is final; that one, and whether an earlier call may have done
    something all the same."""
    deadline, pause, uncertain = time.monotonic() + PATIENCE, 0.05, False
    while True:
        try:
            answer = attempt()
            if answer.status not in TRY_AGAIN:
                return answer, uncertain
            last = f"{answer.status} {answer.body[:300]!r}"
        except (OSError, http.client.HTTPException) as problem:
            last = repr(problem)
        uncertain = True
        if time.monotonic() > deadline:
            raise GaveUp(f"after {PATIENCE} s: {last}")
        time.sleep(pause * random.uniform(0.5, 1))
        pause = min(2 * pause, 1)


class Company:
    """An account of a site, with its directory's token and its provider."""

    def __init__(self, site, simulator):
        self.site, self.simulator = site, simulator
        site.cli("account", "create", ACCOUNT, "--plan", "enterprise", "--admin", ADMINISTRATOR, "--password-stdin",
                 stdin=scim.PASSWORD + "\n")
        site.cli("domain", "add", ACCOUNT, DOMAIN)
        # What is measured here is not the brake.
        site.cli("provisioning", "settings", ACCOUNT, "--brake-count", "100000", "--brake-percent", "100")
        made = site.cli("scim-token", "create", ACCOUNT)
        self.token, self.secret = made["token"], made["secret"]
        simulator.connect(site, ACCOUNT)

    def directory(self, url=None, timeout=30):
        """A client of SCIM, of the front or of one node."""
        client = scim.Client((url or self.site.url) + "/scim/v2", self.secret)
        client.connection.timeout = timeout
        return client

    def employ(self, *names):
        """People whom both sides know; ids by address."""
        addresses = [f"{name}@{DOMAIN}" for name in names]
        self.simulator.add_people(addresses)
        client, ids = self.directory(), {}
        for address in addresses:
            answer, uncertain = patiently(lambda: client.post("/Users", scim.user_body(address, emails=scim.work_email(address))))
            if answer.status != 201 and not (uncertain and answer.status == 409):
                raise AssertionError(answer)
            ids[address] = answer.json["id"] if answer.status == 201 else find_user(client, address)
        client.close()
        return ids

    def start_sign_in(self, url):
        """The id of a request to the provider, and the cookie that goes with it."""
        answer = browse(url, "GET", f"/saml/{ACCOUNT}/login")
        if answer.status in TRY_AGAIN:
            raise ConnectionError(f"{answer.status}")
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.headers["Location"]).query)
        request = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), wbits=-15).decode()
        return re.search(r'\bID="([^"]+)"', request).group(1), answer.headers["Set-Cookie"].partition(";")[0]

    def finish_sign_in(self, url, cookie, response):
        return browse(url, "POST", f"/saml/{ACCOUNT}/acs", {"SAMLResponse": response}, cookie=cookie)

    def sign_in(self, address, url=None, finish_url=None):
        """The answer to a whole sign-in, which may begin on one node and end on another."""
        url = url or self.site.url
        request_id, cookie = self.start_sign_in(url)
        return self.finish_sign_in(finish_url or url, cookie, self.simulator.respond(address, request_id))

    def session(self, address, url=None):
        """A new session, however often it must be tried."""
        answer, _ = patiently(lambda: self.sign_in(address, url))
        session = session_of(answer)
        if session is None:
            raise AssertionError(f"{address} was not let in: {answer!r}")
        return session

    def administrator(self, url=None):
        """A session of the administrator."""
        form = {"email": ADMINISTRATOR, "password": scim.PASSWORD}
        answer, _ = patiently(lambda: browse(url or self.site.url, "POST", "/sign-in/password", form))
        return session_of(answer)

    def deactivate(self, user_id, client):
        """Takes somebody's access away; when that was acknowledged."""
        answer, _ = patiently(lambda: client.patch(f"/Users/{user_id}", [OFF]))
        if answer.status not in (200, 204):
            raise AssertionError(answer)
        return time.monotonic()

    def audit(self):
        """All of it, the oldest first."""
        entries, before = [], []
        while True:
            page = self.site.cli("audit", ACCOUNT, "--limit", "200", *before)
            entries += page["entries"]
            if page["next"] is None:
                return entries[::-1]
            before = ["--before", page["next"]]


def find_user(client, address):
    answer, _ = patiently(lambda: client.get("/Users", filter=f'userName eq "{address}"'))
    [found] = answer.json["Resources"]
    return found["id"]


def who(url, session, timeout=15):
    """The status of a session's check."""
    return browse(url, "GET", "/api/v1/session", session=session, timeout=timeout).status


class Worker(threading.Thread):
    """Calls `step` again and again until `finish`. What it raises, `finish` raises."""

    def __init__(self, pause=0.0):
        super().__init__(daemon=True)
        self.pause, self.over, self.problem = pause, threading.Event(), None

    def run(self):
        try:
            while not self.over.is_set():
                self.step()
                self.over.wait(self.pause)
        except Exception as problem:  # pylint: disable=broad-except
            self.problem = problem

    def finish(self):
        self.over.set()
        self.join(PATIENCE + 60)
        if self.problem is not None:
            raise self.problem
        if self.is_alive():
            raise AssertionError(f"{self!r} does not end")


class Insistent(Worker):
    """Shows one session to one node all the time; remembers when each request began that was let in."""

    def __init__(self, node, session, pause=0.05):
        super().__init__(pause)
        self.node, self.session = node, session
        self.let_in, self.statuses = [], collections.Counter()

    def step(self):
        begun = time.monotonic()
        try:
            status = who(self.node.url, self.session, timeout=10)
        except (OSError, http.client.HTTPException):
            self.statuses["no answer"] += 1
            return
        self.statuses[status] += 1
        if status == 200:
            self.let_in.append(begun)

    def late(self, acknowledged):
        """How long after the acknowledgement the last request began that was let in; 0 for none."""
        return max([begun - acknowledged for begun in self.let_in if begun > acknowledged], default=0.0)


class Leaver:
    """Somebody with a session who asks both nodes all the time, until well after they have left."""

    def __init__(self, company, address, user_id, nodes):
        self.company, self.address, self.user_id = company, address, user_id
        self.session = company.session(address)
        self.acknowledged = None
        self.watches = [Insistent(node, self.session) for node in nodes]
        for watch in self.watches:
            watch.start()

    def wait_until_let_in(self):
        """By all nodes: from their memory."""
        deadline = time.monotonic() + PATIENCE
        while not all(len(watch.let_in) >= 3 for watch in self.watches):
            if time.monotonic() > deadline:
                raise AssertionError([watch.statuses for watch in self.watches])
            time.sleep(0.01)

    def leave(self, client):
        self.acknowledged = self.company.deactivate(self.user_id, client)

    def finish(self):
        """The seconds after the acknowledgement during which each node still let them in."""
        for watch in self.watches:
            watch.finish()
        return {watch.node.name: watch.late(self.acknowledged) for watch in self.watches}


class Writer(Worker):
    """A directory service's connection: creates people, changes them, puts them into a group, takes access away and
    deletes. `people` holds what was acknowledged, by user name."""

    def __init__(self, company, number, group, pause=0.05):
        super().__init__(pause)
        self.client, self.number, self.group = company.directory(), number, group
        self.people, self.acknowledged, self.retried = {}, [], 0

    def change(self, attempt, *expected, uncertain=()):
        """One change, until it is acknowledged; `uncertain` are answers that count when it was tried before."""
        answer, again = patiently(attempt)
        if answer.status not in expected and not (again and answer.status in uncertain):
            raise AssertionError(f"{answer!r} {'after a retry' if again else ''}")
        self.retried += again
        self.acknowledged.append(time.monotonic())
        self.over.wait(self.pause)
        return answer

    def step(self):
        count = len(self.people)
        address = f"w{self.number}n{count}@{DOMAIN}"
        made = self.change(lambda: self.client.post("/Users", scim.user_body(address)), 201, uncertain=(409,))
        user_id = made.json["id"] if made.status == 201 else find_user(self.client, address)
        person = self.people[address] = {"id": user_id, "title": None, "joined": False, "active": True, "deleted": False}
        title = [{"op": "replace", "path": "title", "value": f"title {count}"}]
        self.change(lambda: self.client.patch(f"/Users/{user_id}", title), 200, 204)
        person["title"] = f"title {count}"
        join = [{"op": "add", "path": "members", "value": [{"value": user_id}]}]
        self.change(lambda: self.client.patch(f"/Groups/{self.group}", join), 200, 204)
        person["joined"] = True
        if count % 3 == 1:
            self.change(lambda: self.client.patch(f"/Users/{user_id}", [OFF]), 200, 204)
            person["active"] = False
        if count % 5 == 4:
            self.change(lambda: self.client.delete(f"/Users/{user_id}"), 204, uncertain=(404,))
            person["deleted"] = True


class Visitors(Worker):
    """Signs people in at the provider, again and again; `sessions` are those that were given."""

    def __init__(self, company, addresses, pause=0.1):
        super().__init__(pause)
        self.company, self.addresses, self.sessions = company, addresses, []

    def step(self):
        address = self.addresses[len(self.sessions) % len(self.addresses)]
        self.sessions.append((address, self.company.session(address)))


class FeedReader(Worker):
    """A program that reads the feed of events on from where it stopped."""

    def __init__(self, company, session):
        super().__init__(0.1)
        self.company, self.session, self.cursor, self.events = company, session, None, []

    def step(self):
        path = "/api/v1/events?limit=200" + (f"&after={self.cursor}" if self.cursor else "")
        answer, _ = patiently(lambda: browse(self.company.site.url, "GET", path, session=self.session))
        if answer.status != 200:
            raise AssertionError(answer)
        page = answer.json
        self.events += page["events"]
        self.cursor = page["cursor"]
        return len(page["events"])

    def read_to_the_end(self):
        while self.step():
            pass


class Storm:
    """Writers, visitors and a reader of events; a context manager that ends them."""

    def __init__(self, company, writers=3, visitors=("vera", "victor"), pause=0.05):
        self.company = company
        addresses = list(company.employ(*visitors))
        client = company.directory()
        answer, _ = patiently(lambda: client.post("/Groups", scim.group_body("Crew")))
        self.group = answer.json["id"]
        client.close()
        self.writers = [Writer(company, number, self.group, pause) for number in range(writers)]
        self.visitors = Visitors(company, addresses)
        self.reader = FeedReader(company, company.administrator())
        self.workers = [*self.writers, self.visitors, self.reader]

    def __enter__(self):
        for worker in self.workers:
            worker.start()
        return self

    def __exit__(self, *_):
        for worker in self.workers:
            worker.over.set()

    def finish(self):
        for worker in self.workers:
            worker.finish()
        for writer in self.writers:
            writer.client.close()

    def times(self):
        """When changes were acknowledged, in order."""
        return sorted(at for writer in self.writers for at in writer.acknowledged)

    def wait_for(self, count):
        """Until so many more changes are acknowledged."""
        deadline, goal = time.monotonic() + PATIENCE, len(self.times()) + count
        while len(self.times()) < goal:
            for worker in self.workers:
                if worker.problem is not None:
                    raise worker.problem
            if time.monotonic() > deadline:
                raise AssertionError(f"nothing is acknowledged any more: {len(self.times())} of {goal}")
            time.sleep(0.02)

    def longest_gap(self, since):
        """The longest time without an acknowledgement after a moment, in seconds."""
        times = [since, *(at for at in self.times() if at > since)]
        return max((later - earlier for earlier, later in zip(times, times[1:])), default=0.0)

    def summary(self):
        retried = sum(writer.retried for writer in self.writers)
        return (f"{len(self.times())} changes acknowledged, {retried} of them after a retry; {len(self.visitors.sessions)} sign-ins;"
                f" {len(self.reader.events)} events read meanwhile")


class Comparison:
    """Holds a storm's acknowledgements against what is there; `case` is the test that asserts."""

    def __init__(self, case, storm):
        self.case, self.storm, self.company = case, storm, storm.company
        self.people = {address: person for writer in storm.writers for address, person in writer.people.items()}

    def check(self, nodes):
        for node in nodes:
            self.check_users(node)
            self.check_group(node)
            self.check_sessions(node)
        self.check_audit()
        self.check_events()

    def check_users(self, node):
        client, seen, cursor = self.company.directory(node.url), [], ""
        while cursor is not None:
            answer = client.get("/Users", filter='userName sw "w"', count=200, cursor=cursor)
            self.case.assertEqual(answer.status, 200, answer)
            seen += answer.json.get("Resources", [])
            cursor = answer.json.get("nextCursor")
        client.close()
        names = collections.Counter(user["userName"] for user in seen)
        self.case.assertEqual([name for name, count in names.items() if count > 1], [], "twice")
        expected = {address: (one["id"], one["title"], one["active"]) for address, one in self.people.items() if not one["deleted"]}
        found = {user["userName"]: (user["id"], user.get("title"), user["active"]) for user in seen}
        self.case.assertEqual(found, expected, f"people at {node.name}")

    def check_group(self, node):
        client = self.company.directory(node.url)
        members = scim.values(client.get(f"/Groups/{self.storm.group}").json)
        client.close()
        expected = [one["id"] for one in self.people.values() if one["joined"] and not one["deleted"]]
        self.case.assertEqual(sorted(members), sorted(expected), f"members at {node.name}")

    def check_sessions(self, node):
        refused = [address for address, session in self.storm.visitors.sessions if who(node.url, session) != 200]
        self.case.assertEqual(refused, [], f"sessions at {node.name}")

    def expected_stories(self):
        """How often each thing must be told of each person: once."""
        stories = collections.Counter()
        for person in self.people.values():
            stories["employee.created", person["id"]] += 1
            if person["title"] is not None:
                stories["employee.updated", person["id"]] += 1
            if not person["active"]:
                stories["employee.deactivated", person["id"]] += 1
            if person["deleted"]:
                stories["employee.deleted", person["id"]] += 1
        return stories

    def check_audit(self):
        entries = self.company.audit()
        self.case.assertEqual(len({entry["id"] for entry in entries}), len(entries))
        told = collections.Counter((entry["action"], entry["target"]) for entry in entries)
        self.compare(told, "audit")

    def check_events(self):
        again = FeedReader(self.company, self.storm.reader.session)
        for reader in (self.storm.reader, again):
            reader.read_to_the_end()
        read = self.storm.reader.events
        self.case.assertEqual([event["id"] for event in read], [event["id"] for event in again.events],
                              "who reads the feed all the time sees what who reads it afterwards sees")
        self.compare(collections.Counter((event["type"], event["subject"]) for event in read), "events")

    def compare(self, told, where):
        ours = {person["id"] for person in self.people.values()}
        kinds = {"employee.created", "employee.updated", "employee.deactivated", "employee.deleted"}
        found = collections.Counter({key: count for key, count in told.items() if key[0] in kinds and key[1] in ours})
        expected = self.expected_stories()
        self.case.assertEqual(dict(expected - found), {}, f"missing in the {where}")
        self.case.assertEqual(dict(found - expected), {}, f"too often in the {where}")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(values):
    """p50, p99 and the longest, for people."""
    p50, p99 = percentile(values, 0.5), percentile(values, 0.99)
    return f"p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms, longest {max(values) * 1e3:.0f} ms, of {len(values)}"


def say(text):
    """A figure for docs/scaling.md, in the log of the run."""
    print(text, flush=True)


@contextlib.contextmanager
def always(task):
    """Runs `task` afterwards, whatever came."""
    try:
        yield
    finally:
        task()
