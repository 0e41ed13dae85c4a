"""Many at once, and a server that is killed in the middle: nothing that was acknowledged is lost."""

import concurrent.futures
import http.client
import threading
import unittest

import scim_support as scim

THREADS = 8


class Together(scim.ScimTest):
    def at_once(self, work):
        """Calls `work(client, number)` in eight threads that begin together."""
        start = threading.Barrier(THREADS)

        def run(number):
            client = self.scim.again()
            try:
                client.get("/ServiceProviderConfig")
                start.wait(timeout=60)
                return work(client, number)
            finally:
                client.close()

        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(run, range(THREADS)))

    def test_everybody_joins_one_group(self):
        people = [[self.create(f"t{thread}n{n}")["id"] for n in range(5)] for thread in range(THREADS)]
        crew = self.create_group("Crew")

        def join(client, number):
            joins = [{"op": "add", "path": "members", "value": [{"value": one}]} for one in people[number]]
            return [client.patch(f"/Groups/{crew['id']}", [one]).status for one in joins]

        self.assertEqual(self.at_once(join), [[204] * 5] * THREADS)
        members = scim.values(self.read(crew))
        self.assertEqual(sorted(members), sorted(sum(people, [])))

        def leave(client, number):
            removals = [{"op": "remove", "path": f'members[value eq "{one}"]'} for one in people[number][:4]]
            return client.patch(f"/Groups/{crew['id']}", removals).status

        self.assertEqual(self.at_once(leave), [204] * THREADS)
        self.assertEqual(sorted(scim.values(self.read(crew))), sorted(some[4] for some in people))

    def test_one_user_name_goes_to_one(self):
        bob = self.address("bob")
        answers = self.at_once(lambda client, n: client.post("/Users", scim.user_body(bob, title=str(n))))
        self.assertEqual(sorted(answer.status for answer in answers), [201] + [409] * (THREADS - 1))
        for answer in answers:
            if answer.status == 409:
                self.refused(answer, 409, "uniqueness")
        self.assertEqual(self.found('userName sw "bob"'), {"bob"})

    def test_one_group_name_goes_to_one(self):
        answers = self.at_once(lambda client, _: client.post("/Groups", scim.group_body("Crew")).status)
        self.assertEqual(sorted(answers), [201] + [409] * (THREADS - 1))

    def test_an_employee_is_adopted_once(self):
        made = self.with_password("bob")
        answers = self.at_once(lambda client, _: client.post("/Users", scim.user_body(self.address("bob"))))
        self.assertEqual(sorted(answer.status // 100 for answer in answers), [2] + [4] * (THREADS - 1))
        self.assertEqual([one.json["id"] for one in answers if one.status < 300], [made["id"]])
        self.assertEqual(self.audit().count("employee.adopted"), 1)

    def test_changes_of_different_attributes_are_all_kept(self):
        bob = self.create("bob")
        names = "title nickName displayName userType locale timezone externalId preferredLanguage".split()

        def change(client, number):
            operation = {"op": "replace", "path": names[number], "value": f"v{number}"}
            return client.patch(f"/Users/{bob['id']}", [operation])

        for answer in self.at_once(change):
            self.assertIn(answer.status, (200, 204), answer)
        after = self.read(bob)
        self.assertEqual([after.get(name) for name in names], [f"v{n}" for n in range(THREADS)])

    def test_of_those_with_one_version_one_succeeds(self):
        bob = self.create("bob")

        def change(client, number):
            body = scim.user_body(self.address("bob"), title=str(number))
            return client.put(f"/Users/{bob['id']}", body, {"If-Match": bob["meta"]["version"]}).status

        self.assertEqual(sorted(self.at_once(change)), [200] + [412] * (THREADS - 1))

    def test_one_deletion_finds_the_user(self):
        bob = self.create("bob")
        answers = self.at_once(lambda client, _: client.delete(f"/Users/{bob['id']}").status)
        self.assertEqual(sorted(answers), [204] + [404] * (THREADS - 1))

    def test_readers_see_whole_users(self):
        """While two writers set two attributes to one value, no reader finds them different."""
        bob = self.create("bob", title="0", nickName="0")

        def work(client, number):
            seen = []
            for n in range(20):
                if number < 2:
                    value = f"{number}-{n}"
                    operations = [{"op": "replace", "path": path, "value": value} for path in ("title", "nickName")]
                    self.assertLess(client.patch(f"/Users/{bob['id']}", operations).status, 300)
                else:
                    read = client.get(f"/Users/{bob['id']}").json
                    seen.append(read["title"] == read["nickName"])
            return all(seen)

        self.assertEqual(self.at_once(work), [True] * THREADS)


class Killed(scim.ScimTest):
    def test_what_was_acknowledged_is_there(self):
        """kill -9 while eight connections create, change, join and delete; then the same database again."""
        crew = self.create_group("Crew")
        enough, acknowledged, lock = threading.Event(), [], threading.Lock()

        def storm(number):
            client, mine = self.scim.again(), {}
            try:
                for n in range(100_000):
                    body = scim.user_body(self.address(f"t{number}n{n}"), title="0")
                    made = client.post("/Users", body)
                    if made.status != 201:
                        raise AssertionError(made)
                    one = made.json["id"]
                    mine[one] = ("0", False)
                    title = [{"op": "replace", "path": "title", "value": str(n)}]
                    if client.patch(f"/Users/{one}", title).status // 100 == 2:
                        mine[one] = (str(n), False)
                    join = [{"op": "add", "path": "members", "value": [{"value": one}]}]
                    # What is sent and not answered may have happened or not.
                    mine[one] = (str(n), None)
                    if client.patch(f"/Groups/{crew['id']}", join).status == 204:
                        mine[one] = (str(n), True)
                    if n % 5 == 4:
                        mine[one] = None
                        if client.delete(f"/Users/{one}").status == 204:
                            mine[one] = "deleted"
                    if n >= 10:
                        enough.set()
            except (OSError, http.client.HTTPException):
                pass
            finally:
                client.close()
                with lock:
                    acknowledged.append(mine)

        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            running = [pool.submit(storm, number) for number in range(THREADS)]
            reached = enough.wait(40)
            self.server.process.kill()
            self.server.process.wait()
            for future in running:
                future.result()
        self.assertTrue(reached)
        everybody = {one: state for mine in acknowledged for one, state in mine.items()}
        self.assertGreater(len(everybody), 10)

        with self.installation.serve() as server:
            client = scim.Client(server.url + "/scim/v2", self.scim.secret)
            members = set(scim.values(client.get(f"/Groups/{crew['id']}").json))
            for one, state in everybody.items():
                answer = client.get(f"/Users/{one}")
                if state is None:
                    self.assertIn(answer.status, (200, 404))
                elif state == "deleted":
                    self.assertEqual(answer.status, 404)
                    self.assertNotIn(one, members)
                else:
                    title, joined = state
                    self.assertEqual(answer.status, 200, state)
                    if title != "0":
                        self.assertEqual(answer.json["title"], title)
                    if joined is not None:
                        self.assertEqual(one in members, joined)
            made = client.post("/Users", scim.user_body(self.address("after")))
            self.assertEqual(made.status, 201)
            client.close()


if __name__ == "__main__":
    unittest.main()
