"""Several nodes on one PostgreSQL: what one of them does counts on all at once, and whatever dies, nothing that was
acknowledged is lost, nothing happens twice, and nobody keeps an access that was taken away.

Figures are printed for docs/scaling.md. DOORWARD_LONG=1 asks for the long form: every fault there is, one after the
other, under load."""

import contextlib
import http.client
import os
import random
import shutil
import threading
import time
import unittest
import unittest.mock

import cluster_support as cluster
import scim_support as scim
import storm_support as storms
import support
from private_postgres import PrivatePostgres
from storm_support import ACCOUNT, ADMINISTRATOR, DOMAIN, PROMISE, say
from webhooks_test import Receiver, verify

LONG = os.environ.get("DOORWARD_LONG") == "1"
# A `doorward` of the version before, for the rolling upgrade.
BEFORE = os.environ.get("DOORWARD_BEFORE")
# How often a thing is tried that might go wrong.
TURNS = 10 if LONG else 1


class NodesTest(unittest.TestCase):
    """What the tests share that run on a `site` with a `company`."""

    @classmethod
    def enter(cls, thing):
        entered = thing.__enter__()
        cls.addClassCleanup(thing.__exit__, None, None, None)
        return entered

    @classmethod
    def make_company(cls, ports):
        cls.simulator = cls.enter(cluster.Simulator())
        cls.site = cls.enter(cluster.Site(ports))
        cls.company = storms.Company(cls.site, cls.simulator)

    def setUp(self):
        self.one, self.two = self.site.nodes
        self.client = self.company.directory()
        self.addCleanup(self.client.close)

    def run(self, result=None):
        """What the nodes wrote is part of a failure."""
        faults = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > faults:
            for node in self.site.nodes:
                say(f"--- {node.name}, the end of its log\n{node.tail(6000)}")

    def new_people(self, *names):
        """Ids by address, of names that no other test has."""
        return self.company.employ(*(f"{name}{random.randrange(10 ** 9)}" for name in names))

    def on(self, node):
        client = self.company.directory(node.url)
        self.addCleanup(client.close)
        return client

    def status(self, node, session):
        return storms.who(node.url, session)

    def status_or_none(self, node, session):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.status(node, session)
        return None

    def refused_within(self, node, session, since):
        """The seconds after `since` at which the last request began that was let in."""
        last = since
        while True:
            begun = time.monotonic()
            if self.status(node, session) != 200:
                return last - since
            last = begun
            if begun - since > 30:
                return last - since


class TwoNodes(NodesTest):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enter(PrivatePostgres(durable=True))
        cls.make_company([cls.server.port])

    def test_a_session_counts_on_every_node(self):
        [address] = self.new_people("sam")
        for begin, end in ((self.one, self.one), (self.one, self.two), (self.two, self.one)):
            session = storms.session_of(self.company.sign_in(address, begin.url, end.url))
            self.assertIsNotNone(session)
            self.assertEqual([self.status(node, session) for node in (self.one, self.two)], [200, 200])

    def test_who_leaves_is_refused_everywhere_within_a_second(self):
        people = self.new_people(*["lea"] * 10 * TURNS)
        late, took = [], []
        for number, (address, user_id) in enumerate(people.items()):
            here, there = (self.one, self.two) if number % 2 else (self.two, self.one)
            session = self.company.session(address, here.url)
            # Once to bring it into the memory of each.
            self.assertEqual([self.status(node, session) for node in (here, there)], [200, 200])
            begun = time.monotonic()
            acknowledged = self.company.deactivate(user_id, self.on(here))
            took.append(acknowledged - begun)
            self.assertEqual(self.status(here, session), 401, "the node that acknowledged it knows it")
            late.append(self.refused_within(there, session, acknowledged))
        say(f"access taken away at one node: acknowledged after {storms.milliseconds(took)}; the other node let in for"
            f" {storms.milliseconds(late)} more")
        self.assertLess(max(late), PROMISE)

    def test_who_left_does_not_come_in_at_any_node(self):
        [(address, user_id)] = self.new_people("leo").items()
        request_id, cookie = self.company.start_sign_in(self.two.url)
        response = self.simulator.respond(address, request_id)
        self.company.deactivate(user_id, self.on(self.one))
        self.assertIsNone(storms.session_of(self.company.finish_sign_in(self.two.url, cookie, response)))
        for node in (self.one, self.two):
            self.assertIsNone(storms.session_of(self.company.sign_in(address, node.url)))

    def test_sign_out_everywhere(self):
        [address] = self.new_people("sue")
        sessions = [self.company.session(address, node.url) for node in (self.one, self.two)]
        for session in sessions:
            self.assertEqual([self.status(node, session) for node in (self.one, self.two)], [200, 200])
        # Their own page ends the others; the administrator's word ends all.
        answer = storms.browse(self.one.url, "POST", "/sessions/end-others", {}, session=sessions[0])
        self.assertEqual(answer.status, 303, answer)
        ended = time.monotonic()
        self.assertEqual(self.status(self.one, sessions[1]), 401)
        self.assertLess(self.refused_within(self.two, sessions[1], ended), PROMISE)
        self.assertEqual(self.status(self.two, sessions[0]), 200)
        self.site.cli("session", "revoke", ACCOUNT, address)
        ended = time.monotonic()
        for node in (self.one, self.two):
            self.assertLess(self.refused_within(node, sessions[0], ended), PROMISE)

    def test_a_response_is_taken_once(self):
        [address] = self.new_people("rob")
        request_id, cookie = self.company.start_sign_in(self.one.url)
        response = self.simulator.respond(address, request_id)
        self.assertIsNotNone(storms.session_of(self.company.finish_sign_in(self.one.url, cookie, response)))
        for node in (self.two, self.one):
            answer = self.company.finish_sign_in(node.url, cookie, response)
            self.assertIsNone(storms.session_of(answer))
            self.assertGreaterEqual(answer.status, 400)

    def test_a_response_that_comes_to_both_at_once_is_taken_once(self):
        [address] = self.new_people("rae")
        for _ in range(2 * TURNS):
            request_id, cookie = self.company.start_sign_in(self.one.url)
            response = self.simulator.respond(address, request_id)
            answers = at_once([lambda node=node: self.company.finish_sign_in(node.url, cookie, response)
                               for node in (self.one, self.two)])
            self.assertEqual(len([answer for answer in answers if storms.session_of(answer)]), 1, answers)

    def test_wrong_passwords_are_counted_together(self):
        address = f"pat{random.randrange(10 ** 9)}@{DOMAIN}"
        self.site.cli("employee", "create", ACCOUNT, "--email", address, "--password-stdin", stdin=scim.PASSWORD + "\n")

        def guess(node, password):
            form = {"email": address, "password": password}
            return storms.browse(node.url, "POST", "/sign-in/password", form)

        answers = [guess((self.one, self.two)[n % 2], "wrong guess") for n in range(7)]
        # Five are free; after that each node makes them wait, also for the right one.
        self.assertEqual([answer.status == 429 for answer in answers], [False] * 5 + [True] * 2, answers)
        for node in (self.one, self.two):
            self.assertIsNone(storms.session_of(guess(node, scim.PASSWORD)))

    def test_what_the_directory_sends_to_one_is_seen_at_the_other_at_once(self):
        one, two = self.on(self.one), self.on(self.two)
        for number in range(6 * TURNS):
            address = f"see{random.randrange(10 ** 9)}@{DOMAIN}"
            writer, reader = (one, two) if number % 2 else (two, one)
            made = writer.post("/Users", scim.user_body(address))
            self.assertEqual(made.status, 201, made)
            user = f"/Users/{made.json['id']}"
            self.assertEqual(reader.get(user).status, 200)
            self.assertEqual(reader.post("/Users", scim.user_body(address)).status, 409)
            title = [{"op": "replace", "path": "title", "value": str(number)}]
            self.assertIn(writer.patch(user, title).status, (200, 204))
            self.assertEqual(reader.get(user).json["title"], str(number))
            self.assertEqual(reader.delete(user).status, 204)
            self.assertEqual(writer.get(user).status, 404)

    def test_one_name_goes_to_one_at_whichever_node(self):
        for _ in range(2 * TURNS):
            address = f"twin{random.randrange(10 ** 9)}@{DOMAIN}"
            clients = [self.on(node) for node in (self.one, self.two) for _ in range(2)]
            answers = at_once([lambda client=client: client.post("/Users", scim.user_body(address)) for client in clients])
            self.assertEqual(sorted(answer.status for answer in answers), [201, 409, 409, 409], answers)

    def test_the_command_line_counts_on_both(self):
        [(address, _)] = self.new_people("cleo").items()
        session = self.company.session(address)
        self.assertEqual([self.status(node, session) for node in (self.one, self.two)], [200, 200])
        made = self.site.cli("scim-token", "create", ACCOUNT)
        clients = [scim.Client(node.url + "/scim/v2", made["secret"]) for node in (self.one, self.two)]
        for client in clients:
            self.addCleanup(client.close)
            self.assertEqual(client.get("/Users", count=1).status, 200)

        self.site.cli("employee", "deactivate", ACCOUNT, address)
        ended = time.monotonic()
        for node in (self.one, self.two):
            self.assertLess(self.refused_within(node, session, ended), PROMISE)
        self.site.cli("scim-token", "revoke", ACCOUNT, made["token"]["id"])
        ended = time.monotonic()
        for client in clients:
            refused = support.wait_until(lambda client=client: client.get("/Users", count=1).status == 401, PROMISE)
            self.assertTrue(refused)
        self.assertLess(time.monotonic() - ended, 2 * PROMISE)

    def test_webhooks_come_once_and_go_on_without_the_node_that_sent_them(self):
        with Receiver() as receiver:
            made = self.site.cli("webhook", "create", ACCOUNT, receiver.url + "/hook", "--events", "employee.created")
            self.addCleanup(self.site.cli, "webhook", "delete", ACCOUNT, made["webhook"]["id"])
            sent = set()

            def tell(node, count):
                client = self.on(node)
                for _ in range(count):
                    address = f"wes{random.randrange(10 ** 9)}@{DOMAIN}"
                    self.assertEqual(client.post("/Users", scim.user_body(address)).status, 201)
                    sent.add(address)

            def received():
                messages = [verify(made["secret"], headers, body) for _, _, headers, body in list(receiver.requests)]
                return [message["data"]["user_name"] for message in messages]

            tell(self.one, 10)
            tell(self.two, 10)
            self.assertTrue(support.wait_until(lambda: set(received()) >= sent))
            self.assertEqual(sorted(received()), sorted(sent), "each once")
            # One of the two is the runner; each dies once.
            for dying, other in ((self.one, self.two), (self.two, self.one)):
                dying.kill()
                begun = time.monotonic()
                tell(other, 5)
                self.assertTrue(support.wait_until(lambda: set(received()) >= sent, 90), "the other node takes it over")
                say(f"webhooks after the death of {dying.name}: all there after {time.monotonic() - begun:.1f} s")
                dying.start()
            self.assertEqual(sorted(received()), sorted(sent), "each once")

    def test_a_stalled_link_does_not_keep_anybody_in(self):
        """The node hears nothing any more, and nobody tells it so."""
        people = self.new_people("sia", "stu")
        late = []
        for stalled, other, (address, user_id) in zip((self.one, self.two), (self.two, self.one), people.items()):
            leaver = storms.Leaver(self.company, address, user_id, [stalled])
            leaver.wait_until_let_in()
            stalled.stall()
            with storms.always(stalled.unstall):
                leaver.leave(self.on(other))
                time.sleep(2 * PROMISE)
                # Somebody who may come in waits no longer than it takes to say so.
                begun = time.monotonic()
                with contextlib.suppress(OSError):
                    storms.browse(stalled.url, "GET", "/healthz", timeout=5)
                self.assertLess(time.monotonic() - begun, 3, "a stalled database stops no thread that answers from memory")
                self.assertFalse(stalled.is_ready())
            stalled.wait_until_ready()
            late.append(max(leaver.finish().values()))
            self.assertEqual(self.status(stalled, leaver.session), 401)
        say(f"a node whose link to the database is silently stalled let a leaver in for {storms.milliseconds(late)} more")
        self.assertLess(max(late), PROMISE)

    def test_a_server_that_lost_its_standby_is_not_believed(self):
        """It may have been deposed without knowing it: what it says of a session counts for nothing."""
        [address] = self.new_people("stan")
        session = self.company.session(address)
        try:
            self.server.psql("ALTER SYSTEM SET synchronous_standby_names = 'somebody'")
            self.server.psql("SELECT pg_reload_conf()")
            for node in (self.one, self.two):
                refused = support.wait_until(lambda node=node: self.status_or_none(node, session) != 200, PROMISE)
                self.assertTrue(refused, node.name)
                self.assertNotEqual(self.status_or_none(node, session), 401, "it is not the session that has ended")
            # Its processes that wait for the standby know nothing of who has given up: each question must not leave one more.
            for _ in range(10):
                at_once([lambda node=node: self.status_or_none(node, session) for node in (self.one, self.two) for _ in range(5)])
            waiting = int(self.server.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))
            self.assertLess(waiting, 40)
        finally:
            self.server.psql("ALTER SYSTEM RESET synchronous_standby_names")
            self.server.psql("SELECT pg_reload_conf()")
        for node in (self.one, self.two):
            node.wait_until_ready()
            self.assertEqual(self.status(node, session), 200)

    def test_a_node_whose_link_was_cut_comes_back(self):
        self.one.cut()
        with storms.always(self.one.mend):
            self.assertTrue(support.wait_until(lambda: not self.one.is_ready(), 30))
            # By the front, work goes on.
            answer, _ = storms.patiently(lambda: self.client.get("/Users", count=1))
            self.assertEqual(answer.status, 200)
        begun = time.monotonic()
        self.one.wait_until_ready()
        say(f"a node is ready again {time.monotonic() - begun:.2f} s after its link is")

    def test_a_newer_version_may_change_the_tables(self):
        """What a node of the next version does when it starts, done by hand."""
        sql = lambda text: self.server.psql(text, database="doorward", user="doorward")
        ours = int(sql("SELECT max(number) FROM migrations"))
        applied = "INSERT INTO migrations (number, name, sql, applied_at, oldest_program)"
        try:
            sql("ALTER TABLE employees ADD COLUMN of_the_next BIGINT NOT NULL DEFAULT 0; CREATE TABLE of_the_next (id BIGINT);"
                f"{applied} VALUES (9998, 'next', '', 0, {ours})")
            # The ones that run go on, without an error in between, and start again if they have to.
            for node in (self.one, self.two):
                [(address, user_id)] = self.new_people("nia").items()
                session = self.company.session(address, node.url)
                node.kill()
                node.start()
                self.assertEqual(self.status(node, session), 200)
                self.company.deactivate(user_id, self.on(node))
                self.assertEqual(self.status(node, session), 401)
            # One version further, theirs is no more.
            sql(f"{applied} VALUES (9999, 'after the next', '', 0, 9998)")
            self.two.kill()
            with self.assertRaisesRegex(cluster.StartFailed, "newer version of Doorward"):
                self.two.start()
        finally:
            sql("DELETE FROM migrations WHERE number > 9000; ALTER TABLE employees DROP COLUMN of_the_next;"
                "DROP TABLE of_the_next")
            self.two.start()

    def test_behind_pgbouncer(self):
        bouncer = cluster.PgBouncer(self.server.port)
        with bouncer, cluster.Site([self.server.port], nodes=0, front=False) as site:
            # Its key is the others'.
            shutil.copy(self.site.folder / "doorward.key", site.folder)
            third = site.add_node("third", targets=[bouncer.port], direct=self.server.url)
            [(address, user_id)] = self.new_people("bea").items()
            session = self.company.session(address, self.one.url)
            self.assertEqual([self.status(node, session) for node in (self.one, third)], [200, 200])
            client = self.on(third)
            made = [client.post("/Users", scim.user_body(f"bo{random.randrange(10 ** 9)}@{DOMAIN}")).status for _ in range(20)]
            self.assertEqual(made, [201] * 20)
            acknowledged = self.company.deactivate(user_id, self.on(self.one))
            self.assertLess(self.refused_within(third, session, acknowledged), PROMISE)
            self.assertEqual(self.status(self.two, session), 401)


@unittest.skipUnless(BEFORE, "DOORWARD_BEFORE names no program of the version before")
class RollingUpgrade(NodesTest):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enter(PrivatePostgres(durable=True))
        with unittest.mock.patch.object(support, "DOORWARD", BEFORE):
            cls.make_company([cls.server.port])

    def test_node_by_node_under_load(self):
        """Both nodes of the version before, then one of each, then both of this one."""
        tables = lambda: self.server.psql("SELECT max(number) FROM migrations", database="doorward").strip()
        before = tables()
        with storms.Storm(self.company) as storm:
            storm.wait_for(30)
            for node in self.site.nodes:
                since = time.monotonic()
                node.end()
                node.program = support.DOORWARD
                node.start()
                node.wait_until_ready()
                storm.wait_for(30)
                say(f"{node.name} is of this version, the tables went from {before} to {tables()};"
                    f" {storm.longest_gap(since):.1f} s at most without an acknowledged change")
            storm.finish()
        say(storm.summary())
        storms.Comparison(self, storm).check(self.site.nodes)


class Patroni(NodesTest):
    """A primary and a synchronous standby, two nodes, and a storm over them."""

    @classmethod
    def setUpClass(cls):
        begun = time.monotonic()
        cls.cluster = cls.enter(cluster.Cluster())
        cls.make_company([member.port for member in cls.cluster.members])
        say(f"the cluster is up after {time.monotonic() - begun:.0f} s")

    def run(self, result=None):
        faults = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > faults:
            for log in ("one.log", "two.log", "haproxy.log"):
                folder = self.site.home if log.startswith("haproxy") else self.cluster.folder
                say(f"--- {log}\n{folder.tail(log, 6000)}")

    def leaver(self):
        [(address, user_id)] = self.new_people("lou").items()
        leaver = storms.Leaver(self.company, address, user_id, self.site.nodes)
        leaver.wait_until_let_in()
        return leaver

    def judge(self, fault, leaver, storm, since):
        """A leaver left during the fault: nobody let them in after a second, and nobody does now."""
        late = leaver.finish()
        say(f"{fault}: {storm.longest_gap(since):.1f} s at most without an acknowledged change; let in after leaving for"
            f" {max(late.values()) * 1e3:.0f} ms more")
        self.assertLess(max(late.values()), PROMISE, (fault, late, [watch.statuses for watch in leaver.watches]))
        for node in self.site.nodes:
            node.wait_until_ready()
            self.assertEqual(self.status(node, leaver.session), 401, fault)
            self.assertIsNone(storms.session_of(self.company.sign_in(leaver.address, node.url)), fault)

    def compare(self, storm):
        say(storm.summary())
        for node in self.site.nodes:
            node.wait_until_ready()
        storms.Comparison(self, storm).check(self.site.nodes)

    def during(self, storm, fault, breaks, mends):
        """Somebody leaves while something is broken."""
        leaver = self.leaver()
        since = time.monotonic()
        breaks()
        with storms.always(mends):
            leaver.leave(self.client)
            storm.wait_for(10)
            # Well past the promise, with everything still broken.
            while time.monotonic() < leaver.acknowledged + 2 * PROMISE:
                time.sleep(0.05)
        storm.wait_for(10)
        self.judge(fault, leaver, storm, since)


class FailOver(Patroni):
    def test_the_primary_dies_in_a_storm(self):
        with storms.Storm(self.company) as storm:
            storm.wait_for(30)
            self.during(storm, "kill -9 of the primary's PostgreSQL", self.cluster.primary().kill_database, lambda: None)
            storm.finish()
        self.compare(storm)


@unittest.skipUnless(LONG, "the long form: DOORWARD_LONG=1")
class EveryFault(Patroni):
    def test_everything_dies_once(self):
        with storms.Storm(self.company, writers=4) as storm:
            storm.wait_for(40)
            for name, fault in self.faults():
                with self.subTest(fault=name):
                    fault(storm, name)
                    for node in self.site.nodes:
                        node.wait_until_ready()
                    self.cluster.wait_until_whole()
            storm.finish()
        self.compare(storm)

    def faults(self):
        one, two = self.site.nodes
        yield "kill -9 of a node", lambda storm, name: self.during(storm, name, one.kill, one.start)
        yield "a node stands still", lambda storm, name: self.during(storm, name, two.stop, two.resume)
        yield "a node's link is silently stalled", lambda storm, name: self.during(storm, name, two.stall, two.unstall)
        yield "a node's link is cut", lambda storm, name: self.during(storm, name, one.cut, one.mend)
        yield "kill -9 of the primary's PostgreSQL", lambda storm, name: self.during(
            storm, name, self.cluster.primary().kill_database, lambda: None)
        yield "the primary stands still for a moment", self.primary_pauses
        yield "kill -9 of the primary and its Patroni", self.primary_goes
        yield "the primary stands still and comes back too late", self.primary_returns_too_late
        yield "kill -9 of the standby and its Patroni", self.standby_goes
        yield "all links are stalled and cut in turn", self.links_flutter

    def primary_pauses(self, storm, name):
        primary = self.cluster.primary()

        def pause():
            primary.stop()
            threading.Timer(5, primary.resume).start()

        self.during(storm, name, pause, primary.resume)
        self.assertIs(self.cluster.primary(), primary)

    def primary_goes(self, storm, name):
        primary = self.cluster.primary()
        self.during(storm, name, primary.kill, primary.start)

    def primary_returns_too_late(self, storm, name):
        """Its place was taken while it stood still, and it does not know that: for some seconds it answers as if it were the
        primary, from a database in which nobody has left."""
        old, leaver, since = self.cluster.primary(), self.leaver(), time.monotonic()

        def reset():
            # As a watchdog would. Its Patroni is not woken: Debian 12's may take the lock back from the new primary, and with
            # it what was acknowledged meanwhile (https://github.com/patroni/patroni/pull/2689).
            old.kill()
            old.start()

        old.stop()
        with storms.always(reset):
            self.cluster.wait_for_other_primary(old)
            leaver.leave(self.client)
            storm.wait_for(10)
            old.resume_database()
            time.sleep(5)
        storm.wait_for(10)
        self.judge(name, leaver, storm, since)

    def standby_goes(self, storm, name):
        standby = self.cluster.standby()
        self.during(storm, name, standby.kill, standby.start)

    def links_flutter(self, storm, name):
        leaver, since = self.leaver(), time.monotonic()
        for turn in range(12):
            node = self.site.nodes[turn % 2]
            breaks, mends = ((node.stall, node.unstall), (node.cut, node.mend))[turn // 2 % 2]
            breaks()
            time.sleep(random.uniform(0.2, 2))
            mends()
            if turn == 4:
                leaver.leave(self.client)
        storm.wait_for(20)
        self.judge(name, leaver, storm, since)


def at_once(tasks):
    """Calls all of them at the same moment; what they return."""
    start, answers = threading.Barrier(len(tasks)), [None] * len(tasks)

    def run(place, task):
        start.wait(timeout=60)
        answers[place] = task()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


if __name__ == "__main__":
    unittest.main()
