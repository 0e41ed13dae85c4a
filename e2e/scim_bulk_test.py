"""Bulk as RFC 7644 section 3.7 describes it."""

import json
import unittest

import scim_support as scim
from scim_support import ENTERPRISE, MESSAGES

SOME_ID = "00000000-0000-4000-8000-000000000000"


class BulkTest(scim.ScimTest):
    def bulk(self, *operations, **members):
        return self.scim.post("/Bulk", {"schemas": [MESSAGES + "BulkRequest"], "Operations": operations, **members})

    def done(self, *operations, **members):
        """The answers, in the order in which they came."""
        body = self.good(self.bulk(*operations, **members))
        self.assertEqual(body["schemas"], [MESSAGES + "BulkResponse"])
        return body["Operations"]

    def new_user(self, name, bulk_id=None, **attributes):
        data = scim.user_body(self.address(name), **attributes)
        return {"method": "POST", "path": "/Users", "bulkId": bulk_id or name, "data": data}

    def id_of(self, answer):
        return answer["location"].rsplit("/", 1)[1]


class Operations(BulkTest):
    def test_every_method(self):
        """Section 3.7.3."""
        bob, eve, joe = self.create("bob"), self.create("eve"), self.create("joe")
        crew = self.create_group("Crew")
        done = self.done(
            self.new_user("new"),
            {
                "method": "PUT",
                "path": f"/Users/{bob['id']}",
                "version": bob["meta"]["version"],
                "data": scim.user_body(self.address("bob"), title="Cook"),
            },
            {
                "method": "PATCH",
                "path": f"/Users/{eve['id']}",
                "data": scim.patch_body({"op": "replace", "path": "title", "value": "Mate"}),
            },
            {"method": "DELETE", "path": f"/Users/{joe['id']}"},
            {"method": "POST", "path": "/Groups", "bulkId": "g", "data": scim.group_body("Deck", bob["id"])},
            {
                "method": "PATCH",
                "path": f"/Groups/{crew['id']}",
                "data": scim.patch_body({"op": "add", "path": "members", "value": [{"value": eve["id"]}]}),
            },
        )
        self.assertEqual([one["method"] for one in done], ["POST", "PUT", "PATCH", "DELETE", "POST", "PATCH"])
        self.assertEqual([one["status"] for one in done][::3], ["201", "204"])
        for one in done:
            self.assertIn(one["status"], ("200", "201", "204"), one)
        self.assertEqual(done[0]["bulkId"], "new")
        made = self.good(self.scim.get(done[0]["location"].removeprefix(self.scim.url)))
        self.assertEqual((made["userName"], made["meta"]["version"]), (self.address("new"), done[0]["version"]))
        for one, path in zip(done[1:4], (bob, eve, joe)):
            self.assertEqual(one["location"], path["meta"]["location"])
        self.assertEqual(self.read(bob)["title"], "Cook")
        self.assertEqual(self.read(bob)["meta"]["version"], done[1]["version"])
        self.assertEqual(self.read(eve)["title"], "Mate")
        self.refused(self.scim.get(f"/Users/{joe['id']}"), 404)
        self.assertEqual(scim.values(self.read(crew)), [eve["id"]])

    def test_methods_in_any_case(self):
        done = self.done({**self.new_user("bob"), "method": "post"})
        self.assertEqual(done[0]["status"], "201")

    def test_failures_are_answered_beside_successes(self):
        bob = self.create("bob")
        done = self.done(
            self.new_user("eve"),
            self.new_user("bob", "again"),
            {"method": "DELETE", "path": f"/Users/{SOME_ID}"},
            {
                "method": "DELETE",
                "path": f"/Users/{bob['id']}",
                "version": 'W/"other"',
            },
            {
                "method": "PATCH",
                "path": f"/Users/{bob['id']}",
                "data": scim.patch_body({"op": "move", "path": "title"}),
            },
            {"method": "POST", "path": "/Nothing", "bulkId": "n", "data": {}},
            self.new_user("joe"),
        )
        statuses = [one["status"] for one in done]
        self.assertEqual(statuses[:5] + statuses[6:], ["201", "409", "404", "412", "400", "201"])
        self.assertIn(statuses[5], ("400", "404"))
        for one in done:
            if int(one["status"]) >= 400:
                self.assertEqual(one["response"]["schemas"], [MESSAGES + "Error"])
                self.assertEqual(one["response"]["status"], one["status"])
        self.assertEqual(done[1]["response"]["scimType"], "uniqueness")
        self.assertNotIn("location", done[1])
        self.assertEqual(self.found("active eq true"), {"ann", "bob", "eve", "joe"})

    def test_fail_on_errors(self):
        """Section 3.7.3: processing stops after that many; what came after is not done and not answered."""
        self.create("bob")
        for limit, expected in ((1, ["201", "409"]), (2, ["201", "409", "201", "409"]), (3, None)):
            operations = []
            for number in range(3):
                operations += [self.new_user(f"l{limit}n{number}"), self.new_user("bob", f"b{number}")]
            statuses = [one["status"] for one in self.done(*operations, failOnErrors=limit)]
            self.assertEqual(statuses, expected or ["201", "409"] * 3)
            there = self.found(f'userName sw "l{limit}"')
            self.assertEqual(len(there), min(limit, 3))


class References(BulkTest):
    """Section 3.7.2."""

    def group(self, bulk_id, name, *bulk_ids):
        members = [{"type": "User", "value": f"bulkId:{one}"} for one in bulk_ids]
        data = {**scim.group_body(name), "members": members}
        return {"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data}

    def test_backward_and_forward(self):
        for name, operations in (
            ("back", [self.new_user("alice"), self.group("g", "back", "alice")]),
            ("forth", [self.group("g", "forth", "bob"), self.new_user("bob")]),
        ):
            done = {one["bulkId"]: one for one in self.done(*operations)}
            self.assertEqual({one["status"] for one in done.values()}, {"201"}, done)
            made = self.good(self.scim.get(f"/Groups/{self.id_of(done.pop('g'))}"))
            self.assertEqual(scim.values(made), [self.id_of(one) for one in done.values()])
            self.assertEqual(made["displayName"], name)

    def test_a_manager(self):
        """The RFC's enterprise example, the manager last."""
        report = self.new_user("bob", enterprise={"employeeNumber": "1", "manager": {"value": "bulkId:boss"}})
        done = {one["bulkId"]: one for one in self.done(report, self.new_user("eve", "boss"))}
        bob = self.good(self.scim.get(f"/Users/{self.id_of(done['bob'])}"))
        self.assertEqual(bob[ENTERPRISE]["manager"]["value"], self.id_of(done["boss"]))

    def test_in_a_path(self):
        done = self.done(
            {
                "method": "PATCH",
                "path": "/Users/bulkId:bob",
                "data": scim.patch_body({"op": "add", "path": "title", "value": "Cook"}),
            },
            self.new_user("bob"),
        )
        self.assertEqual(sorted(one["status"] for one in done)[-1], "201")
        self.assertEqual(self.found('title eq "Cook"'), {"bob"})

    def test_to_nothing(self):
        """Also when what is referred to could not be made."""
        self.create("bob")
        done = self.done(self.group("g", "Crew", "nobody"), self.new_user("bob", "b"), self.group("h", "Deck", "b"))
        self.assertEqual({one["bulkId"]: one["status"] for one in done}["b"], "409")
        for one in done:
            self.assertIn(one["status"], ("400", "409"), one)
        self.assertEqual(self.found("displayName pr", "/Groups"), set())

    def test_in_a_circle(self):
        """Section 3.7.1: a conflict, and the rest is done."""
        manager = lambda other: {"manager": {"value": f"bulkId:{other}"}}
        operations = [
            self.new_user("a", enterprise=manager("b")),
            self.new_user("b", enterprise=manager("a")),
            self.new_user("c"),
        ]
        statuses = {one["bulkId"]: one["status"] for one in self.done(*operations)}
        self.assertEqual(statuses["c"], "201")
        for name in "ab":
            self.assertEqual(statuses[name], "409", statuses)


class Limits(BulkTest):
    def test_too_many_operations(self):
        """Section 3.7.4: 413, nothing done."""
        most = self.good(self.scim.get("/ServiceProviderConfig"))["bulk"]["maxOperations"]
        operations = [{"method": "DELETE", "path": f"/Users/{SOME_ID}"} for _ in range(most)]
        operations.append(self.new_user("bob"))
        self.refused(self.bulk(*operations), 413)
        self.assertEqual(self.found('userName sw "bob"'), set())

    def test_as_many_as_are_allowed(self):
        most = self.good(self.scim.get("/ServiceProviderConfig"))["bulk"]["maxOperations"]
        operations = [{"method": "DELETE", "path": f"/Users/{SOME_ID}"} for _ in range(most)]
        self.assertEqual([one["status"] for one in self.done(*operations)], ["404"] * most)

    def test_too_large_a_body(self):
        most = self.good(self.scim.get("/ServiceProviderConfig"))["bulk"]["maxPayloadSize"]
        body = json.dumps(
            {"schemas": [MESSAGES + "BulkRequest"], "Operations": [self.new_user("bob")], "padding": "x" * most}
        )
        self.refused(self.client(self.scim.secret).post("/Bulk", body.encode()), 413)
        self.assertEqual(self.found('userName sw "bob"'), set())

    def test_envelopes(self):
        eve = self.new_user("eve")
        bodies = {
            "no operations": {"schemas": [MESSAGES + "BulkRequest"]},
            "no list": {"schemas": [MESSAGES + "BulkRequest"], "Operations": {}},
            "no object": [],
            "another schema": {"schemas": [MESSAGES + "PatchOp"], "Operations": [eve]},
            "a POST without a bulkId": {
                "schemas": [MESSAGES + "BulkRequest"],
                "Operations": [eve, {name: value for name, value in self.new_user("x").items() if name != "bulkId"}],
            },
            "a bulkId twice": {"schemas": [MESSAGES + "BulkRequest"], "Operations": [eve, self.new_user("x", "eve")]},
            "an unknown method": {
                "schemas": [MESSAGES + "BulkRequest"],
                "Operations": [eve, {"method": "GET", "path": "/Users"}],
            },
            "failOnErrors as a word": {
                "schemas": [MESSAGES + "BulkRequest"],
                "failOnErrors": "never",
                "Operations": [eve],
            },
        }
        for what, body in bodies.items():
            self.refused(self.scim.post("/Bulk", body), 400, about=what)
        self.assertEqual(self.found('userName sw "eve"'), set())


if __name__ == "__main__":
    unittest.main()
