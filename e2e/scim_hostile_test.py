"""Input that no directory service should send: refused with SCIM's own error, nothing half-applied, nothing broken."""

import json
import socket
import unittest

import scim_support as scim
from scim_support import CORE, ENTERPRISE, MESSAGES

STRANGE = (
    "Robert'); DROP TABLE employees;--",
    "' OR '1'='1",
    "\" or userName pr or userName eq \"",
    "<script>alert(1)</script>",
    "&lt;b&gt;&amp;",
    "{{7*7}} ${7*7} %s %n %00",
    "../../../../etc/passwd",
    "\\\\server\\share",
    "Ünïcödé 漢字 🦜 é",
    "\u202egnp.exe",
    "line one\nline two\ttab",
    "%_\\%",
    "-- comment /* */",
    "a" * 200,
)


class HostileTest(scim.ScimTest):
    def setUp(self):
        super().setUp()
        self.bob = self.create(
            "bob", title="Cook", emails=scim.work_email(self.address("bob")), enterprise={"department": "Galley"}
        )
        self.eve = self.create("eve")
        self.crew = self.create_group("Crew", self.bob["id"])
        self.bob = self.read(self.bob)
        self.path = f"/Users/{self.bob['id']}"

    def unchanged(self, about=None):
        """Everything is as it was."""
        self.assertEqual((self.read(self.bob), self.read(self.crew)), (self.bob, self.crew), about)
        self.assertEqual(self.found("active eq true"), {"ann", "bob", "eve"}, about)
        self.assertEqual(self.found("displayName pr", "/Groups"), {"Crew"}, about)

    def everywhere(self, body, about, statuses=(400, 413, 415), headers=None):
        """A body that is refused by every endpoint that takes one."""
        for method, path in (
            ("POST", "/Users"),
            ("PUT", self.path),
            ("PATCH", self.path),
            ("POST", "/Groups"),
            ("PATCH", f"/Groups/{self.crew['id']}"),
            ("POST", "/Bulk"),
            ("POST", "/Users/.search"),
        ):
            client = self.client(self.scim.secret)
            answer = client.request(method, path, body, headers)
            self.refused(answer, statuses, about=(about, method, path))
            client.close()
        self.unchanged(about)


class Bodies(HostileTest):
    def test_no_json(self):
        good = json.dumps(scim.user_body(self.address("new"), title="x" * 100)).encode()
        bodies = {
            "empty": b"",
            "blank": b"  \r\n ",
            "cut in the middle": good[:70],
            "cut before the end": good[:-1],
            "two values": good + good,
            "something behind": good + b"x",
            "a comment": b"/* hello */" + good,
            "a trailing comma": good[:-1] + b",}",
            "single quotes": good.replace(b'"', b"'"),
            "unquoted names": b"{userName: 1}",
            "not a number": b'{"userName": NaN}',
            "a control character": b'{"userName": "a\x01b"}',
            "a NUL": b'{"userName": "a\x00b"}',
            "a NUL behind": good + b"\x00",
            "invalid UTF-8": good.replace(b"xx", b"\xff\xfe", 1),
            "overlong UTF-8": good.replace(b"xx", b"\xc0\xaf", 1),
            "a UTF-8 surrogate": good.replace(b"xxx", b"\xed\xa0\x80", 1),
            "Latin-1": good.replace(b"x", b"\xe9", 1),
            "UTF-16": good.decode().encode("utf-16"),
            "UTF-16 without a mark": good.decode().encode("utf-16-le"),
            "UTF-32": good.decode().encode("utf-32-be"),
            "a lone high surrogate": good.replace(b"xxx", b"\\ud800", 1),
            "a lone low surrogate": good.replace(b"xxx", b"\\udc00", 1),
            "surrogates the wrong way round": good.replace(b"xxx", b"\\udc00\\ud800", 1),
            "a broken escape": good.replace(b"xxx", b"\\u12", 1),
            "an unknown escape": good.replace(b"xxx", b"\\q", 1),
            "XML": b"<?xml version='1.0'?><user/>",
            "a form": b"userName=bob&active=true",
            "compressed": bytes.fromhex("1f8b0800000000000003ab0500") + b"\x00" * 20,
        }
        for what, body in bodies.items():
            self.everywhere(body, what)

    def test_charsets(self):
        text = json.dumps(scim.user_body(self.address("new")))
        for charset, coding in (("utf-16", "utf-16"), ("utf-16le", "utf-16-le"), ("utf-32", "utf-32")):
            header = {"Content-Type": f"{scim.MEDIA_TYPE}; charset={charset}"}
            self.everywhere(text.encode(coding), charset, headers=header)

    def test_content_codings(self):
        header = {"Content-Encoding": "gzip"}
        self.everywhere(bytes.fromhex("1f8b0800000000000003ab0500") + b"\x00" * 20, "gzip", headers=header)

    def test_depth(self):
        for depth in (200, 10_000, 200_000):
            for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
                self.everywhere(opening * depth, f"{depth} opened")
                self.everywhere(opening * depth + b"1" + closing * depth, f"{depth} closed")

    def test_names_twice(self):
        address = self.address("new")
        for body in (
            f'{{"schemas":["{CORE}"],"userName":"{address}","userName":"{address}"}}',
            f'{{"schemas":["{CORE}"],"userName":"{address}","name":{{"givenName":"a","givenName":"b"}}}}',
            f'{{"schemas":["{CORE}"],"userName":"{address}","active":false,"Active":true}}',
            f'{{"schemas":["{CORE}"],"userName":"{address}","emails":[{{"value":"a","VALUE":"b"}}]}}',
        ):
            self.refused(self.scim.post("/Users", body.encode()), 400, about=body)
            self.refused(self.scim.put(self.path, body.encode()), 400, about=body)
        operation = '{"op":"replace","path":"active","value":true,"value":false}'
        body = f'{{"schemas":["{MESSAGES}PatchOp"],"Operations":[{operation}]}}'
        self.refused(self.scim.patch(self.path, body.encode()), 400)
        self.unchanged()

    def test_wrong_types(self):
        for value in (b"null", b"true", b"7", b'"text"', b"[]", b"[[]]", b"[null]", b"{}", b'{"schemas":7}'):
            for method, path in (("POST", "/Users"), ("PUT", self.path), ("PATCH", self.path), ("POST", "/Bulk")):
                self.refused(self.scim.request(method, path, value), 400, about=(value, method, path))
        names = ("userName", "name", "emails", "active", "displayName", ENTERPRISE, "schemas", "x509Certificates")
        for attribute in names:
            for value in (7.5e300, {"a": {"b": {"c": []}}}, [[[]]], [{}, 7, None, "x"], {"value": {"value": {}}}):
                answer = self.scim.put(self.path, scim.user_body(self.address("bob")) | {attribute: value})
                if answer.status < 300:
                    # Some of it can be read as the type: then only as that.
                    self.assertNotIn("[[[]]]", answer.body.decode())
                    self.good(self.scim.put(self.path, {**self.bob, "groups": None}))
                else:
                    self.refused(answer, 400, about=(attribute, value))
        self.assertEqual(self.found("active eq true"), {"ann", "bob", "eve"})

    def test_too_large(self):
        most = self.good(self.scim.get("/ServiceProviderConfig"))["bulk"]["maxPayloadSize"]
        body = json.dumps(scim.user_body(self.address("new"), title="x" * most)).encode()
        self.everywhere(body, "too large", (413,))

    def test_a_body_that_never_comes(self):
        """The connection ends in the middle of it."""
        whole = json.dumps(scim.user_body(self.address("new"))).encode()
        with socket.create_connection(("127.0.0.1", self.scim.port), timeout=60) as connection:
            head = (
                f"POST /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.scim.secret}\r\n"
                f"Content-Type: application/scim+json\r\nContent-Length: {len(whole) + 1}\r\n\r\n"
            )
            connection.sendall(head.encode() + whole)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.makefile("rb").read()
        self.assertNotIn(b"201 Created", answer)
        self.unchanged()


class Values(HostileTest):
    def test_strange_ones_are_kept_as_they_are(self):
        for number, value in enumerate(STRANGE):
            name = f"s{number}"
            sent = scim.user_body(self.address(name), displayName=value, title=value, name={"familyName": value})
            made = self.good(self.scim.post("/Users", {**sent, "externalId": f"{value[:100]}{number}"}), 201)
            read = self.read(made)
            self.assertEqual((read["displayName"], read["title"], read["name"]["familyName"]), (value,) * 3)
            for attribute in ("displayName", "title", "name.familyName"):
                self.assertEqual(self.found(f"{attribute} eq {json.dumps(value)}"), {name}, (attribute, value))
            group = self.create_group(value)
            self.assertEqual(self.read(group)["displayName"], value)
            self.assertEqual(self.found(f"displayName eq {json.dumps(value)}", "/Groups"), {value})

    def test_strange_user_names(self):
        """Kept as they are or refused; never something else."""
        for value in STRANGE:
            answer = self.scim.post("/Users", scim.user_body(value))
            if answer.status == 201:
                self.assertEqual(self.read(answer.json)["userName"], value)
            else:
                self.refused(answer, 400, "invalidValue", about=value)

    def test_characters_that_no_name_has(self):
        for value in ("a\x00b", "\x00", "a\x1bb\x07"):
            for attribute in ("userName", "displayName", "externalId"):
                body = scim.user_body(self.address("new")) | {attribute: value}
                answer = self.scim.post("/Users", body)
                if answer.status == 201 and "\x00" not in value:
                    self.assertEqual(answer.json[attribute], value)
                    self.assertEqual(self.scim.delete(f"/Users/{answer.json['id']}").status, 204)
                else:
                    self.refused(answer, 400, about=(attribute, value))
        self.unchanged()

    def test_very_long_ones(self):
        """Refused, or kept whole."""
        for length in (1_000, 20_000, 500_000):
            long = "x" * length
            for attribute, value in (
                ("userName", long),
                ("displayName", long),
                ("externalId", long),
                ("title", long),
                ("name", {"familyName": long}),
                ("emails", scim.work_email(long + "@b.example")),
                (ENTERPRISE, {"department": long}),
                ("roles", [{"value": str(n)} for n in range(length // 20)]),
            ):
                body = scim.user_body(self.address("new")) | {attribute: value}
                answer = self.scim.post("/Users", body)
                if answer.status == 201:
                    self.assertEqual(answer.json[attribute], value)
                    self.assertEqual(self.scim.delete(f"/Users/{answer.json['id']}").status, 204)
                else:
                    self.refused(answer, (400, 413), about=(attribute, length))
        self.assertNotEqual(self.scim.post("/Users", scim.user_body("x" * 500_000)).status, 201)
        self.unchanged()


class Queries(HostileTest):
    def search(self, text):
        return self.scim.post("/Users/.search", {"schemas": [MESSAGES + "SearchRequest"], "filter": text})

    def test_huge_filters(self):
        one = 'userName eq "x"'
        for what, text in {
            "a long value": f'userName eq "{"x" * 100_000}"',
            "a long name": "x" * 100_000 + " pr",
            "many comparisons": " or ".join([one] * 5000),
            "1000 parentheses": "(" * 1000 + one + ")" * 1000,
            "1000 open parentheses": "(" * 1000,
            "1000 negations": "not (" * 1000 + one + ")" * 1000,
            "1000 brackets": "emails[" * 1000 + one + "]" * 1000,
        }.items():
            answer = self.search(text)
            self.refused(answer, 400, "invalidFilter", about=what)
            patch = self.scim.patch(self.path, [{"op": "replace", "path": f"emails[{text}].value", "value": "x"}])
            self.refused(patch, 400, about=what)
        self.unchanged()

    def test_huge_query_strings(self):
        for text in ("x" * 100_000, 'userName eq "' + "é" * 50_000 + '"'):
            client = self.client(self.scim.secret)
            self.assertIn(client.get("/Users", filter=text).status, (400, 414, 431))
        self.good(self.client(self.scim.secret).get("/Users"))

    def test_filters_that_are_no_text(self):
        for raw in ("%ff", "%22%ff%22", "%22%00%22", "%", "%zz", "%22%ed%a0%80%22", "%22%c0%af%22"):
            self.refused(self.scim.get(f"/Users?filter=title%20eq%20{raw}"), 400, about=raw)

    def test_filters_that_try_sql(self):
        for value in STRANGE[:4]:
            for attribute in ("userName", "externalId", "emails.value", "id", "objectId"):
                self.assertEqual(self.found(f"{attribute} eq {json.dumps(value)}"), set())
        for text in ("1 eq 1", "userName eq 1 or 1 eq 1", "userName eq \"x\"; drop table employees", "' or 1=1 --"):
            answer = self.scim.get("/Users", filter=text)
            if answer.status == 200:
                self.assertEqual(answer.json["totalResults"], 0, text)
            else:
                self.refused(answer, 400, "invalidFilter", about=text)
        self.unchanged()

    def test_many_parameters(self):
        names = ",".join(f"a{n}" for n in range(500))
        answer = self.scim.get("/Users", attributes=names)
        self.assertIn(answer.status, (200, 400, 414))
        answer = self.scim.get("/Users?" + "&".join(f"x{n}=1" for n in range(500)))
        self.assertIn(answer.status, (200, 400, 414))
        body = {"schemas": [MESSAGES + "SearchRequest"], "attributes": ["userName"] * 50_000}
        self.assertIn(self.scim.post("/Users/.search", body).status, (200, 400))

    def test_ids_that_are_none(self):
        ids = (
            "..%2f..%2fetc%2fpasswd",
            "%2e%2e",
            "a%2fb",
            f"{self.bob['id']}%2f",
            f"{self.bob['id']}%00",
            f"%20{self.bob['id']}",
            f"{self.bob['id']}%20",
            f"{self.bob['id'][:-1]}",
            f"{self.bob['id']}0",
            "%ff",
            "%",
            "%zz",
            "0",
            "-1",
            "1%20or%201=1",
            "%27%20or%20%271%27=%271",
            "x" * 4000,
            "null",
            "*",
            "%25",
            ";",
            "{id}",
        )
        for one in ids:
            for method, body in (
                ("GET", None),
                ("PUT", scim.user_body(self.address("new"))),
                ("PATCH", scim.patch_body({"op": "replace", "path": "title", "value": "x"})),
                ("DELETE", None),
            ):
                for kind in ("/Users/", "/Groups/"):
                    answer = self.scim.request(method, kind + one, body)
                    # Also where the path is none, and the connection ends.
                    self.refused(answer, (400, 404), about=(method, kind + one))
        self.unchanged()

    def test_what_is_no_request_is_refused_in_the_form_of_scim(self):
        host = "Host: localhost\r\n"
        for request, status in (
            (f"GET /scim/v2/Users/../Groups HTTP/1.1\r\n{host}\r\n", 400),
            (f"GET /scim/v2/Users?a=\x7f HTTP/1.1\r\n{host}\r\n", 400),
            (f"GET /scim/v2/Users?filter={'x' * 100_000} HTTP/1.1\r\n{host}\r\n", 414),
            (f"GET /scim/v2/Users HTTP/1.1\r\n{host}{host}\r\n", 400),
            (f"GET /scim/v2/Users HTTP/1.1\r\n{host}A: {'x' * 100_000}\r\n\r\n", 431),
            (f"POST /scim/v2/Users HTTP/1.1\r\n{host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            (f"POST /scim/v2/Bulk HTTP/1.1\r\n{host}Content-Length: 99999999999\r\n\r\n", 413),
            (f"POST /scim/v2/Users HTTP/1.1\r\n{host}Expect: cake\r\n\r\n", 417),
        ):
            with socket.create_connection(("127.0.0.1", self.scim.port), timeout=30) as connection:
                connection.sendall(request.encode())
                head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
            about = request[:60]
            self.assertIn(f"HTTP/1.1 {status} ".encode(), head, about)
            self.assertIn(b"Content-Type: application/scim+json", head, about)
            self.assertIn(b"Connection: close", head, about)
            error = json.loads(body)
            self.assertEqual(error["schemas"], ["urn:ietf:params:scim:api:messages:2.0:Error"], about)
            self.assertEqual(error["status"], str(status), about)
        self.unchanged()


class Lists(HostileTest):
    def test_too_many_operations(self):
        operations = [{"op": "add", "path": "title", "value": str(n)} for n in range(5000)]
        self.refused(self.scim.patch(self.path, operations), (400, 413))
        join = [{"op": "add", "path": "members", "value": [{"value": self.eve["id"]}]}] * 5000
        self.refused(self.scim.patch(f"/Groups/{self.crew['id']}", join), (400, 413))
        self.unchanged()

    def test_many_values(self):
        """A list that grows without end stops somewhere, with an error and not with a fault."""
        for n in range(6):
            values = [{"value": f"v{n}-{k}@x.example", "type": "other"} for k in range(4000)]
            answer = self.scim.patch(self.path, [{"op": "add", "path": "emails", "value": values}])
            self.assertIn(answer.status, (200, 204, 400, 413), n)
            if answer.status in (400, 413):
                self.refused(answer, (400, 413))
                return
        self.fail("a user has 24,000 addresses")

    def test_operations_within_operations(self):
        inner = {"schemas": [MESSAGES + "BulkRequest"], "Operations": []}
        operations = [{"method": "POST", "path": "/Bulk", "bulkId": "a", "data": inner}]
        answer = self.scim.post("/Bulk", {"schemas": [MESSAGES + "BulkRequest"], "Operations": operations})
        self.assertGreaterEqual(int(self.good(answer)["Operations"][0]["status"]), 400)

    def test_paths_of_bulk(self):
        elsewhere = ("/scim/v2/Users", "http://localhost/Users", "/Me")
        made = ("", "Users", "//Users", "/Users/../Groups", "/Users?x=1", *elsewhere)
        gone = ("/Users", "/Users/", "/Groups", "/Users/*", "/Users/%2e")
        operations = [{"method": "POST", "path": path, "bulkId": "b", "data": {}} for path in made]
        operations += [{"method": "DELETE", "path": path} for path in gone]
        for operation in operations:
            body = {"schemas": [MESSAGES + "BulkRequest"], "Operations": [operation]}
            answer = self.scim.post("/Bulk", body)
            if answer.status == 200:
                self.assertIn(answer.json["Operations"][0]["status"], ("400", "404", "405", "501"), operation)
            else:
                self.refused(answer, 400, about=operation)
        self.unchanged()


if __name__ == "__main__":
    unittest.main()
