"""What the SCIM tests share: a server for each class, an account with a token for each test, and a small client that
keeps its connection."""

import http.client
import json
import re
import shutil
import tempfile
import unittest
import urllib.parse

import support

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
DOORWARD = "urn:doorward:params:scim:schemas:extension:2.0:User"
MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
MEDIA_TYPE = "application/scim+json"
PASSWORD = "correct horse battery"


class Answer:
    """What the server said."""

    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def etag(self):
        return self.headers["ETag"]

    def __repr__(self):
        return f"{self.status} {self.headers.items()}\n{self.body[:2000].decode(errors='replace')}"


class Client:
    """Speaks SCIM with one token over one connection. Not to be shared between threads: see `again`."""

    def __init__(self, url, secret=None):
        self.url, self.secret = url, secret
        parts = urllib.parse.urlsplit(url)
        self.base, self.port = parts.path, parts.port
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def again(self, secret=None):
        """Another client like this one."""
        return Client(self.url, secret or self.secret)

    def close(self):
        self.connection.close()

    def request(self, method, path, body=None, headers=None, **query):
        """`body` is made JSON unless it is bytes; `query` is appended to the path. A header of None is left out."""
        fields = {"Authorization": f"Bearer {self.secret}" if self.secret else None}
        if body is not None:
            fields["Content-Type"] = MEDIA_TYPE
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
        fields.update(headers or {})
        if query:
            path += ("&" if "?" in path else "?") + urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
        fields = {name: value for name, value in fields.items() if value is not None}
        try:
            self.connection.request(method, self.base + path, body, fields)
            return Answer(self.connection.getresponse())
        except Exception:
            self.connection.close()
            raise

    def get(self, path, headers=None, **query):
        return self.request("GET", path, headers=headers, **query)

    def post(self, path, body, headers=None, **query):
        return self.request("POST", path, body, headers, **query)

    def put(self, path, body, headers=None, **query):
        return self.request("PUT", path, body, headers, **query)

    def patch(self, path, operations, headers=None, **query):
        """`operations` is a list of operations, or a whole body."""
        body = operations if isinstance(operations, (dict, bytes)) else patch_body(*operations)
        return self.request("PATCH", path, body, headers, **query)

    def delete(self, path, headers=None):
        return self.request("DELETE", path, headers=headers)


def patch_body(*operations):
    return {"schemas": [MESSAGES + "PatchOp"], "Operations": list(operations)}


def user_body(user_name, /, **attributes):
    """A user; `enterprise` goes to its extension."""
    enterprise = attributes.pop("enterprise", None)
    body = {"schemas": [CORE], "userName": user_name, **attributes}
    if enterprise is not None:
        body["schemas"].append(ENTERPRISE)
        body[ENTERPRISE] = enterprise
    return body


def group_body(name, /, *member_ids, **attributes):
    body = {"schemas": [GROUP], "displayName": name, **attributes}
    if member_ids:
        body["members"] = [{"value": member} for member in member_ids]
    return body


def work_email(address):
    return [{"value": address, "type": "work", "primary": True}]


def values(resource, attribute="members"):
    """The `value`s of a multi-valued attribute."""
    return [item["value"] for item in resource.get(attribute, [])]


class ScimTest(unittest.TestCase):
    """One server for the class; each test has an account `self.slug` of its own, whose administrator is `self.ann`
    (an employee managed by hand), and a client `self.scim`."""

    PLAN = "enterprise"
    FLAGS = ()
    maxDiff = None
    number = 0

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="doorward-e2e-")
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.installation = support.Installation(folder)
        cls.cli = cls.installation.cli
        cls.run_cli = cls.installation.run
        cls.server = cls.installation.serve(*cls.FLAGS)
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def setUp(self):
        self.slug, self.ann = self.new_account()
        self.token, self.scim = self.new_token()

    def new_account(self, plan=None):
        """Its slug and its administrator's address. Each account's domain is its own."""
        ScimTest.number += 1
        slug = f"acme{ScimTest.number}"
        administrator = f"ann@{slug}.example"
        words = ["account", "create", slug, "--plan", plan or self.PLAN, "--admin", administrator, "--password-stdin"]
        self.cli(*words, stdin=PASSWORD + "\n")
        return slug, administrator

    def new_token(self, *flags, slug=None):
        """The token and a client that has it."""
        made = self.cli("scim-token", "create", slug or self.slug, *flags)
        return made["token"], self.client(made["secret"])

    def client(self, secret):
        client = Client(self.server.url + "/scim/v2", secret)
        self.addCleanup(client.close)
        return client

    def address(self, name):
        """An address in the account's domain."""
        return f"{name}@{self.slug}.example"

    def create(self, name, /, **attributes):
        """A new user, found by its address as user name."""
        return self.good(self.scim.post("/Users", user_body(self.address(name), **attributes)), 201)

    def create_group(self, name, /, *member_ids, **attributes):
        return self.good(self.scim.post("/Groups", group_body(name, *member_ids, **attributes)), 201)

    def read(self, resource, **query):
        """The resource as it is now."""
        kind = "/Groups/" if GROUP in resource["schemas"] else "/Users/"
        return self.good(self.scim.get(kind + resource["id"], **query))

    def changed(self, resource, *operations):
        """The resource after a PATCH that must succeed."""
        kind = "/Groups/" if GROUP in resource["schemas"] else "/Users/"
        answer = self.scim.patch(kind + resource["id"], operations)
        self.assertIn(answer.status, (200, 204), answer)
        after = self.read(resource)
        if answer.status == 200:
            self.assertEqual(answer.json, after)
        return after

    def found(self, filter_text, path="/Users"):
        """The first parts of the user names, or the display names of groups, that a filter finds."""
        listed = self.good(self.scim.get(path, filter=filter_text, count=200))
        resources = listed.get("Resources", [])
        self.assertEqual(listed["totalResults"], len(resources), filter_text)
        names = [one.get("userName", one.get("displayName")) for one in resources]
        return {name.split("@")[0] for name in names}

    def good(self, answer, status=200, media_type=MEDIA_TYPE):
        """The body of an answer that must be a SCIM one with this status."""
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers.get_content_type(), media_type, answer)
        return answer.json

    def refused(self, answer, status, scim_type=None, about=None):
        """The detail of an answer that must be an error in SCIM's form (RFC 7644 section 3.12). `status` may be a
        tuple, `scim_type` None for any."""
        about = f"{about}: {answer!r}"
        self.assertIn(answer.status, status if isinstance(status, tuple) else (status,), about)
        self.assertEqual(answer.headers.get_content_type(), MEDIA_TYPE, about)
        body = answer.json
        self.assertEqual(body["schemas"], [MESSAGES + "Error"], about)
        self.assertEqual(body["status"], str(answer.status), about)
        self.assertIsInstance(body["detail"], str, about)
        self.assertGreater(len(body["detail"]), 10, about)
        self.assertLess(len(answer.body), 5000, about)
        if scim_type is not None:
            self.assertEqual(body.get("scimType"), scim_type, about)
        return body["detail"]

    def sign_in(self, address):
        """Signs in with PASSWORD; the session's cookie, or nothing."""
        answer = self.browse("POST", "/sign-in/password", {"email": address, "password": PASSWORD})
        found = re.match(r"doorward_session=([^;]+);", answer.headers.get("Set-Cookie") or "")
        return found.group(1) if answer.status == 303 and found else None

    def who(self, session):
        """What /api/v1/session says; nothing when the session has ended."""
        answer = self.browse("GET", "/api/v1/session", session=session)
        self.assertIn(answer.status, (200, 401), answer)
        return answer.json if answer.status == 200 else None

    def browse(self, method, path, form=None, session=None):
        connection = http.client.HTTPConnection("127.0.0.1", urllib.parse.urlsplit(self.server.url).port, timeout=60)
        fields = {"Cookie": f"doorward_session={session}"} if session else {}
        try:
            if form is not None:
                fields["Content-Type"] = "application/x-www-form-urlencoded"
                form = urllib.parse.urlencode(form)
            connection.request(method, path, form, fields)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def with_password(self, name):
        """An employee made by hand who has PASSWORD; as the command line shows them."""
        words = ["employee", "create", self.slug, "--email", self.address(name), "--password-stdin"]
        return self.cli(*words, stdin=PASSWORD + "\n")["employee"]

    def employee(self, name):
        """An employee as the command line shows them; by any name."""
        return self.cli("employee", "show", self.slug, name)["employee"]

    def audit(self):
        """The actions in the account's audit."""
        return [entry["action"] for entry in self.cli("audit", self.slug)["entries"]]
