"""SCIM as RFC 7643 and RFC 7644 describe it: discovery, media types, who may ask, and the form of errors. Resources,
queries, PATCH and Bulk have files of their own."""

import gzip
import json
import unittest

import scim_support as scim
from scim_support import CORE, DOORWARD, ENTERPRISE, GROUP, MESSAGES

DISCOVERY = ("/ServiceProviderConfig", "/Schemas", "/ResourceTypes")
SOME_ID = "00000000-0000-4000-8000-000000000000"


class Discovery(scim.ScimTest):
    def test_service_provider_config(self):
        """RFC 7643 section 5, RFC 9865 section 4."""
        config = self.good(self.scim.get("/ServiceProviderConfig"))
        self.assertEqual(config["schemas"], ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"])
        for feature in ("patch", "bulk", "filter", "sort", "etag"):
            self.assertIs(config[feature]["supported"], True, feature)
        self.assertIs(config["changePassword"]["supported"], False)
        for feature, limit in (("bulk", "maxOperations"), ("bulk", "maxPayloadSize"), ("filter", "maxResults")):
            self.assertGreater(config[feature][limit], 0)
        self.assertEqual([scheme["type"] for scheme in config["authenticationSchemes"]], ["oauthbearertoken"])
        for scheme in config["authenticationSchemes"]:
            self.assertTrue(scheme["name"] and scheme["description"])
        paging = config["pagination"]
        self.assertEqual((paging["cursor"], paging["index"], paging["defaultPaginationMethod"]), (True, True, "index"))
        self.assertLessEqual(paging["defaultPageSize"], paging["maxPageSize"])
        self.assertGreater(paging["cursorTimeout"], 0)
        self.assertEqual(config["meta"]["resourceType"], "ServiceProviderConfig")
        self.assertEqual(config["meta"]["location"], self.scim.url + "/ServiceProviderConfig")

    def test_schemas_and_single_ones(self):
        """RFC 7643 section 7; each is found at its location."""
        listed = self.good(self.scim.get("/Schemas"))
        self.assertEqual(listed["schemas"], [MESSAGES + "ListResponse"])
        self.assertEqual(listed["totalResults"], len(listed["Resources"]))
        schemas = {schema["id"]: schema for schema in listed["Resources"]}
        self.assertLessEqual({CORE, GROUP, ENTERPRISE, DOORWARD}, set(schemas))
        for urn, schema in schemas.items():
            self.assertEqual(schema["meta"]["location"], f"{self.scim.url}/Schemas/{urn}")
            self.assertEqual(self.good(self.scim.get(f"/Schemas/{urn}")), schema)
            self.check_attributes(schema["attributes"])
        self.refused(self.scim.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:Nothing"), 404)

    def check_attributes(self, attributes):
        """Each has all of RFC 7643 section 7's characteristics, with values of its tables."""
        for attribute in attributes:
            where = attribute["name"]
            types = ("string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex")
            self.assertIn(attribute["type"], types, where)
            self.assertIn(attribute["mutability"], ("readOnly", "readWrite", "immutable", "writeOnly"), where)
            self.assertIn(attribute["returned"], ("always", "never", "default", "request"), where)
            for flag in ("multiValued", "required"):
                self.assertIsInstance(attribute[flag], bool, where)
            self.assertTrue(attribute["description"], where)
            if attribute["type"] == "complex":
                self.assertTrue(attribute["subAttributes"], where)
                self.check_attributes(attribute["subAttributes"])
            if attribute["type"] == "string":
                self.assertIsInstance(attribute["caseExact"], bool, where)
                self.assertIn(attribute["uniqueness"], ("none", "server", "global"), where)
            if attribute["type"] == "reference":
                self.assertTrue(attribute["referenceTypes"], where)

    def test_what_the_schemas_say_of_the_core_attributes(self):
        """RFC 7643 sections 3.1, 4.1 and 8.7."""
        listed = self.good(self.scim.get("/Schemas"))["Resources"]
        core = {a["name"]: a for schema in listed if schema["id"] == CORE for a in schema["attributes"]}
        user_name = core["userName"]
        self.assertEqual(
            (user_name["required"], user_name["caseExact"], user_name["uniqueness"]), (True, False, "server")
        )
        self.assertEqual(core["groups"]["mutability"], "readOnly")
        self.assertTrue(core["emails"]["multiValued"])
        self.assertIn("primary", [sub["name"] for sub in core["emails"]["subAttributes"]])
        if "password" in core:
            self.assertEqual((core["password"]["mutability"], core["password"]["returned"]), ("writeOnly", "never"))

    def test_resource_types_and_single_ones(self):
        """RFC 7643 section 6."""
        types = {one["name"]: one for one in self.good(self.scim.get("/ResourceTypes"))["Resources"]}
        self.assertEqual(set(types), {"User", "Group"})
        self.assertEqual((types["User"]["endpoint"], types["User"]["schema"]), ("/Users", CORE))
        self.assertEqual((types["Group"]["endpoint"], types["Group"]["schema"]), ("/Groups", GROUP))
        extensions = {one["schema"]: one["required"] for one in types["User"]["schemaExtensions"]}
        self.assertLessEqual({ENTERPRISE: False, DOORWARD: False}.items(), extensions.items())
        for name, one in types.items():
            self.assertEqual(self.good(self.scim.get(f"/ResourceTypes/{name}")), one)
            self.assertEqual(one["meta"]["location"], f"{self.scim.url}/ResourceTypes/{name}")
        self.refused(self.scim.get("/ResourceTypes/Device"), 404)

    def test_a_filter_on_discovery_is_forbidden(self):
        """RFC 7644 section 4: 403, and other query parameters are ignored."""
        for path in DISCOVERY:
            self.refused(self.scim.get(path, filter='name eq "User"'), 403, about=path)
            self.good(self.scim.get(path, startIndex=2, count=0, attributes="id"))

    def test_discovery_cannot_be_changed(self):
        """RFC 7644 section 4: other methods than GET are 405."""
        for path in DISCOVERY:
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                answer = self.scim.request(method, path, None if method == "DELETE" else {})
                self.refused(answer, 405, about=(method, path))
                self.assertIn("GET", answer.headers["Allow"])


class MediaTypes(scim.ScimTest):
    def test_accepted(self):
        """RFC 7644 section 3.1; Google and others send plain JSON."""
        kinds = (
            "application/scim+json",
            "application/json",
            "application/scim+json; charset=utf-8",
            "application/json;charset=UTF-8",
            "Application/SCIM+JSON",
        )
        for number, kind in enumerate(kinds):
            body = scim.user_body(self.address(f"u{number}"))
            self.good(self.scim.post("/Users", body, {"Content-Type": kind}), 201)

    def test_refused(self):
        body = scim.user_body(self.address("bob"))
        for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "application/jsonp"):
            self.refused(self.scim.post("/Users", body, {"Content-Type": kind}), 415, about=kind)
        self.assertEqual(self.found(f'userName eq "{self.address("bob")}"'), set())

    def test_a_compressed_body_is_refused(self):
        """RFC 9110 section 15.5.16: with a word on what is taken."""
        body = gzip.compress(json.dumps(scim.user_body(self.address("bob"))).encode())
        answer = self.scim.post("/Users", body, {"Content-Encoding": "gzip"})
        self.refused(answer, 415)
        self.assertEqual(answer.headers["Accept-Encoding"], "identity")
        self.assertEqual(self.found(f'userName eq "{self.address("bob")}"'), set())

    def test_answered_whatever_is_asked_for(self):
        """RFC 7644 section 3.8: application/json for whom it is all that they take."""
        for accept, kind in (
            ("application/scim+json", "application/scim+json"),
            ("application/json", "application/json"),
            ("application/json;q=0.9, application/scim+json;q=0.1", "application/json"),
            ("*/*", "application/scim+json"),
            ("application/json, text/plain, */*", "application/scim+json"),
            ("text/html", "application/scim+json"),
        ):
            for path, status in (("/Users", 200), (f"/Users/{SOME_ID}", 404), ("/Nothing", 404)):
                answer = self.scim.get(path, {"Accept": accept})
                self.assertEqual((answer.status, answer.headers.get_content_type()), (status, kind), (accept, path))

    def test_answers_with_employees_are_kept_by_no_cache(self):
        self.assertIn("no-store", self.scim.get("/Users").headers["Cache-Control"])


class WhoMayAsk(scim.ScimTest):
    PATHS = ("/Users", "/Groups", f"/Users/{SOME_ID}", "/Me", *DISCOVERY)

    def test_without_a_token_nothing_is_answered(self):
        """RFC 7644 section 2: 401 with the scheme, whatever the endpoint."""
        for path in self.PATHS:
            answer = self.client(None).get(path)
            self.refused(answer, 401, about=path)
            self.assertRegex(answer.headers["WWW-Authenticate"], "^Bearer", path)
            self.assertNotIn("error", answer.headers["WWW-Authenticate"], path)
        for path in ("/Bulk", "/Users/.search", "/Users"):
            self.refused(self.client(None).post(path, {}), 401, about=path)

    def test_a_token_that_is_none(self):
        good = self.scim.secret
        wrong = {
            "cut": good[:-1],
            "another": good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
            "longer": good + "A",
            "upper case": good.upper(),
            "nonsense": "nonsense",
            "empty": "",
            "very long": "A" * 4000,
        }
        for what, secret in wrong.items():
            answer = self.scim.get("/Users", {"Authorization": f"Bearer {secret}"})
            self.refused(answer, 401, about=what)
            self.assertRegex(answer.headers["WWW-Authenticate"], "^Bearer", what)
            self.assertEqual('error="invalid_token"' in answer.headers["WWW-Authenticate"], secret != "", what)
            self.assertNotIn(good, answer.body.decode())
        for header in (good, f"Basic {good}", f"Token {good}", "Bearer", f"Bearer {good} {good}"):
            self.refused(self.scim.get("/Users", {"Authorization": header}), 401, about=header.replace(good, "…"))

    def test_the_scheme_is_read_without_regard_to_case(self):
        """RFC 9110 section 11.1."""
        for scheme in ("Bearer", "bearer", "BEARER"):
            self.good(self.scim.get("/Users", {"Authorization": f"{scheme} {self.scim.secret}"}))

    def test_who_is_signed_in_is_me(self):
        """RFC 7644 section 3.11. Reading only, and without anything of others."""
        self.cli("domain", "add", self.slug, f"{self.slug}.example")
        cookie = {"Authorization": None, "Cookie": f"doorward_session={self.sign_in(self.ann)}"}
        me = self.good(self.scim.get("/Me", cookie))
        self.assertEqual(me["userName"], self.ann)
        self.assertEqual(self.read(me)["id"], me["id"])
        for method in ("PUT", "PATCH", "DELETE"):
            body = None if method == "DELETE" else scim.user_body(self.address("eve"))
            self.refused(self.scim.request(method, "/Me", body, cookie), (401, 403, 501), about=method)
        for path in ("/Users", f"/Users/{me['id']}", "/Groups"):
            self.refused(self.scim.get(path, cookie), 401, about=path)
        self.refused(self.scim.get("/Me", {**cookie, "Cookie": "doorward_session=nonsense"}), 401)

    def test_a_token_is_no_session(self):
        connection = self.client(self.scim.secret)
        connection.base = ""
        self.assertEqual(connection.get("/api/v1/session").status, 401)

    def test_a_token_in_the_query_does_not_count(self):
        self.refused(self.client(None).get("/Users", access_token=self.scim.secret), 401)

    def test_scopes(self):
        """Everyone reads everything; writing is for whom the scope names."""
        bob = self.create("bob")
        crew = self.create_group("Crew", bob["id"])
        writes = {
            "users": [
                ("POST", "/Users", scim.user_body(self.address("new"))),
                ("PUT", f"/Users/{bob['id']}", scim.user_body(self.address("bob"), title="Cook")),
                ("PATCH", f"/Users/{bob['id']}", scim.patch_body({"op": "replace", "path": "title", "value": "Chef"})),
                ("DELETE", f"/Users/{bob['id']}", None),
            ],
            "groups": [
                ("POST", "/Groups", scim.group_body("New")),
                ("PUT", f"/Groups/{crew['id']}", scim.group_body("Crew 2")),
                ("PATCH", f"/Groups/{crew['id']}", scim.patch_body({"op": "remove", "path": "members"})),
                ("DELETE", f"/Groups/{crew['id']}", None),
            ],
        }
        for scope, allowed in (("read", ()), ("users", ("users",)), ("groups", ("groups",))):
            token, limited = self.new_token("--scope", scope, "--name", scope)
            for path in ("/Users", "/Groups", f"/Users/{bob['id']}", f"/Groups/{crew['id']}", "/Schemas"):
                self.good(limited.get(path))
            self.good(limited.post("/Users/.search", {"schemas": [MESSAGES + "SearchRequest"]}))
            before = [self.read(bob), self.read(crew)] if not allowed else None
            for kind, requests in writes.items():
                if kind in allowed:
                    continue
                for method, path, body in requests:
                    self.refused(limited.request(method, path, body), 403, about=(scope, method, path))
            if before:
                self.assertEqual([self.read(bob), self.read(crew)], before)
            if scope == "users":
                for method, path, body in writes["users"][:3]:
                    self.assertLess(limited.request(method, path, body).status, 300)
            if scope == "groups":
                for method, path, body in writes["groups"]:
                    self.assertLess(limited.request(method, path, body).status, 300)
            self.cli("scim-token", "revoke", self.slug, token["id"])

    def test_a_scope_holds_in_bulk(self):
        _, limited = self.new_token("--scope", "users", "--name", "users")
        operations = [
            {"method": "POST", "path": "/Users", "bulkId": "u", "data": scim.user_body(self.address("bob"))},
            {"method": "POST", "path": "/Groups", "bulkId": "g", "data": scim.group_body("Crew")},
        ]
        answer = limited.post("/Bulk", {"schemas": [MESSAGES + "BulkRequest"], "Operations": operations})
        statuses = {one["bulkId"]: one["status"] for one in self.good(answer)["Operations"]}
        self.assertEqual(statuses, {"u": "201", "g": "403"})


class Endpoints(scim.ScimTest):
    def test_unknown_ones(self):
        for path in ("/Nothing", "/", "", "/users", "/Users/x/y", "/v2/Users", "/Devices/1"):
            self.refused(self.scim.get(path), 404, about=path)

    def test_with_a_slash_behind_them(self):
        """Some clients put one behind every address."""
        bob = self.good(self.scim.post("/Users/", scim.user_body(self.address("bob"))), 201)
        self.assertEqual(bob["meta"]["location"], f"{self.scim.url}/Users/{bob['id']}")
        self.assertEqual(self.good(self.scim.get(f"/Users/{bob['id']}/")), bob)
        self.assertEqual(self.found(f'id eq "{bob["id"]}"', "/Users/"), {"bob"})
        self.good(self.scim.patch(f"/Users/{bob['id']}/", [{"op": "replace", "path": "title", "value": "Cook"}]))
        for path in ("/Groups/", *(one + "/" for one in DISCOVERY), f"/Schemas/{CORE}/"):
            self.good(self.scim.get(path))
        self.refused(self.scim.request("PUT", "/Users/", {}), 405)
        for path in ("/Users//", "/Nothing/"):
            self.refused(self.scim.get(path), 404, about=path)
        self.assertEqual(self.scim.delete(f"/Users/{bob['id']}/").status, 204)

    def test_other_methods(self):
        bob = self.create("bob")
        cases = (
            ("PUT", "/Users", ("GET", "POST")),
            ("PATCH", "/Users", ("GET", "POST")),
            ("DELETE", "/Users", ("GET", "POST")),
            ("DELETE", "/Groups", ("GET", "POST")),
            ("POST", f"/Users/{bob['id']}", ("GET", "PUT", "PATCH", "DELETE")),
            ("GET", "/Bulk", ("POST",)),
        )
        for method, path, allowed in cases:
            answer = self.scim.request(method, path, None if method in ("GET", "DELETE") else {})
            self.refused(answer, 405, about=(method, path))
            for word in allowed:
                self.assertIn(word, answer.headers["Allow"])
        self.assertEqual(self.read(bob), bob)

    def test_me_is_nobody(self):
        """RFC 7644 section 3.11: a provisioning token is no user."""
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            body = None if method in ("GET", "DELETE") else scim.user_body(self.ann)
            self.refused(self.scim.request(method, "/Me", body), 501, about=method)
        self.assertIn(self.ann.split("@")[0], self.found("active eq true"))

    def test_head_is_get_without_a_body(self):
        bob = self.create("bob")
        head, whole = (self.scim.request(method, f"/Users/{bob['id']}") for method in ("HEAD", "GET"))
        self.assertEqual((head.status, head.body, head.etag), (200, b"", whole.etag))
        self.assertEqual(head.headers["Content-Length"], str(len(whole.body)))

    def test_errors_say_what_they_are(self):
        """RFC 7644 section 3.12, table 9."""
        bob = self.create("bob")
        path = f"/Users/{bob['id']}"
        cases = (
            (self.scim.get("/Users", filter="userName eq"), 400, "invalidFilter"),
            (self.scim.post("/Users", scim.user_body(self.address("BOB"))), 409, "uniqueness"),
            (self.scim.post("/Users", b"{"), 400, "invalidSyntax"),
            (self.scim.post("/Users", {"schemas": [CORE]}), 400, "invalidValue"),
            (self.scim.patch(path, [{"op": "replace", "path": "id", "value": "x"}]), 400, "mutability"),
            (self.scim.patch(path, [{"op": "replace", "path": "nothing", "value": "x"}]), 400, "invalidPath"),
            (self.scim.patch(path, [{"op": "remove"}]), 400, "noTarget"),
            (self.scim.patch(path, [{"op": "replace", "path": "active", "value": "maybe"}]), 400, "invalidValue"),
            (self.scim.get("/Users", cursor="nonsense"), 400, "invalidCursor"),
        )
        for answer, status, scim_type in cases:
            self.refused(answer, status, scim_type, about=scim_type)
        self.assertEqual(self.read(bob), bob)

    def test_errors_without_a_type_have_none(self):
        for answer in (self.scim.get(f"/Users/{SOME_ID}"), self.scim.get("/Nothing"), self.client(None).get("/Users")):
            self.refused(answer, (401, 404))
            self.assertNotIn("scimType", answer.json)


class OwnAttributes(scim.ScimTest):
    """What an account's administrator declares is a schema of that account only."""

    URN = "urn:doorward:params:scim:schemas:extension:custom:2.0:User"

    def setUp(self):
        super().setUp()
        for name, *flags in (
            ("badgeNumber", "--type", "integer"),
            ("floors", "--multi-valued", "--description", "Where the badge opens doors"),
            ("contractor", "--type", "boolean"),
            ("until", "--type", "dateTime"),
        ):
            self.cli("provisioning", "add-attribute", self.slug, name, *flags)

    def test_the_schema(self):
        schema = self.good(self.scim.get(f"/Schemas/{self.URN}"))
        attributes = {one["name"]: one for one in schema["attributes"]}
        self.assertEqual(set(attributes), {"badgeNumber", "floors", "contractor", "until"})
        badge = attributes["badgeNumber"]
        self.assertEqual((badge["type"], badge["multiValued"]), ("integer", False))
        self.assertEqual((attributes["floors"]["type"], attributes["floors"]["multiValued"]), ("string", True))
        self.assertEqual(attributes["floors"]["description"], "Where the badge opens doors")
        extensions = self.good(self.scim.get("/ResourceTypes/User"))["schemaExtensions"]
        self.assertIn({"schema": self.URN, "required": False}, extensions)

    def test_values(self):
        own = {"badgeNumber": 7, "floors": ["1", "2"], "contractor": True, "until": "2030-01-31T09:30:00Z"}
        bob = self.create("bob", **{self.URN: own})
        self.assertEqual(bob[self.URN], own)
        self.assertIn(self.URN, bob["schemas"])
        after = self.changed(
            bob,
            {"op": "Replace", "path": f"{self.URN}:badgeNumber", "value": "8"},
            {"op": "Add", "path": f"{self.URN}:floors", "value": ["3"]},
            {"op": "Remove", "path": f"{self.URN}:contractor"},
            {"op": "replace", "value": {f"{self.URN}:until": "2031-01-31T09:30:00Z"}},
        )
        own = {"badgeNumber": 8, "floors": ["1", "2", "3"], "until": "2031-01-31T09:30:00Z"}
        self.assertEqual(after[self.URN], own)
        for text in ("badgeNumber eq 8", "badgeNumber gt 7", 'floors eq "3"', 'until gt "2030-06-01T00:00:00+02:00"'):
            self.assertEqual(self.found(f"{self.URN}:{text}"), {"bob"}, text)
        shown = self.good(self.scim.get(f"/Users/{bob['id']}", attributes=f"{self.URN}:badgeNumber"))
        self.assertEqual(shown[self.URN], {"badgeNumber": 8})

    def test_values_of_another_type(self):
        bob = self.create("bob")
        for name, value in (("badgeNumber", "seven"), ("until", "tomorrow"), ("contractor", "perhaps")):
            change = [{"op": "add", "path": f"{self.URN}:{name}", "value": value}]
            self.refused(self.scim.patch(f"/Users/{bob['id']}", change), 400, "invalidValue", about=name)
        self.assertEqual(self.read(bob), bob)

    def test_another_account_has_none(self):
        slug, _ = self.new_account()
        _, other = self.new_token(slug=slug)
        self.refused(other.get(f"/Schemas/{self.URN}"), 404)
        body = scim.user_body(f"bob@{slug}.example", **{self.URN: {"badgeNumber": 7}})
        self.assertNotIn(self.URN, self.good(other.post("/Users", body), 201))

    def test_one_that_is_removed(self):
        bob = self.create("bob", **{self.URN: {"badgeNumber": 7, "floors": ["1"]}})
        self.cli("provisioning", "remove-attribute", self.slug, "badgeNumber")
        self.assertEqual(self.read(bob)[self.URN], {"floors": ["1"]})
        change = [{"op": "add", "path": f"{self.URN}:badgeNumber", "value": 8}]
        self.refused(self.scim.patch(f"/Users/{bob['id']}", change), 400, "invalidPath")


class TooMany(scim.ScimTest):
    FLAGS = ("--scim-requests-per-second", "25")

    def test_too_many_requests_are_told_to_wait(self):
        """RFC 6585 section 4, in SCIM's form; another token is not held up."""
        _, other = self.new_token("--name", "Other")
        limited = None
        for _ in range(1000):
            answer = self.scim.get("/Users", count=0)
            if answer.status != 200:
                limited = answer
                break
        self.assertIsNotNone(limited)
        self.refused(limited, 429)
        self.assertRegex(limited.headers["Retry-After"], "^[0-9]+$")
        self.good(other.get("/Users", count=0))


if __name__ == "__main__":
    unittest.main()
