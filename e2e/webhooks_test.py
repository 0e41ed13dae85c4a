"""What others are told: a receiver that verifies signatures by itself, failures and what becomes of them, the feed of
events, and everything that hears of a leaver."""

import base64
import datetime
import hashlib
import hmac
import http.client
import http.server
import json
import threading
import time
import unittest
import urllib.parse

import scim_support as scim
import support
from scim_support import Answer

CALLBACK = "http://127.0.0.1:1/back"
OFF = {"op": "Replace", "path": "active", "value": "False"}


class Receiver:
    """An HTTP server on loopback that keeps what it is sent and answers with `status`."""

    def __init__(self):
        self.status, self.headers, self.requests = 204, {}, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append((time.monotonic(), self.path, self.headers, body))
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def wait_for(self, count):
        support.wait_until(lambda: len(self.requests) >= count)
        return self.requests


def verify(secret, headers, body, tolerance=300):
    """What docs/webhooks.md tells receivers to do; the message, or an exception."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    message_id, at = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(at)) > tolerance:
        raise ValueError("too old or too new")
    expected = hmac.new(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256).digest()
    for signature in headers["webhook-signature"].split(" "):
        version, _, value = signature.partition(",")
        if version == "v1" and hmac.compare_digest(base64.b64decode(value), expected):
            return json.loads(body)
    raise ValueError("no signature fits")


def part(text):
    """base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify_rs256(token, keys):
    """The header and the claims of a JWT that one of the published keys has signed, by RFC 8017 section 8.2.2 itself."""
    signed, _, signature = token.rpartition(".")
    header, claims = (json.loads(part(each)) for each in signed.split("."))
    [key] = [each for each in keys if each["kid"] == header["kid"]]
    if header["alg"] != "RS256" or key["kty"] != "RSA":
        raise ValueError("another algorithm")
    n, e = (int.from_bytes(part(key[name]), "big") for name in ("n", "e"))
    size = (n.bit_length() + 7) // 8
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")
    tail = prefix + hashlib.sha256(signed.encode()).digest()
    expected = b"\0\1" + b"\xff" * (size - len(tail) - 3) + b"\0" + tail
    if pow(int.from_bytes(part(signature), "big"), e, n).to_bytes(size, "big") != expected:
        raise ValueError("the signature does not fit")
    return header, claims


class WebhookTest(scim.ScimTest):
    def setUp(self):
        super().setUp()
        self.receiver = Receiver()
        self.receiver.__enter__()
        self.addCleanup(self.receiver.__exit__)
        # By its domain, an address finds its company among others.
        self.cli("domain", "add", self.slug, self.ann.partition("@")[2])
        self.session = self.sign_in(self.ann)

    def api(self, method, path, body=None, session=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", urllib.parse.urlsplit(self.server.url).port, timeout=60)
        fields = {"Cookie": f"doorward_session={session or self.session}", **headers}
        if body is not None:
            fields["Content-Type"] = "application/json"
            body = json.dumps(body)
        try:
            connection.request(method, "/api/v1" + path, body, fields)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def api_ok(self, method, path, body=None, status=200):
        answer = self.api(method, path, body)
        self.assertEqual(answer.status, status, answer)
        return answer.json

    def add_webhook(self, *event_types, path="/hook"):
        body = {"url": self.receiver.url + path, "event_types": list(event_types)}
        return self.api_ok("POST", "/webhooks", body, 201)

    def deliveries(self, webhook, query=""):
        return self.api_ok("GET", f"/webhooks/{webhook['id']}/deliveries{query}")["deliveries"]

    def wait_for_state(self, webhook, state):
        """The newest delivery, once it is so."""
        self.assertTrue(
            support.wait_until(lambda: [one["state"] for one in self.deliveries(webhook, "?limit=1")] == [state]),
            self.deliveries(webhook),
        )
        return self.deliveries(webhook)[0]

    def leave(self, name):
        """The directory takes somebody's access away; when it was told so."""
        user = self.good(self.scim.get("/Users", filter=f'userName eq "{self.address(name)}"'))["Resources"][0]
        answer = self.scim.patch(f"/Users/{user['id']}", [OFF])
        self.assertIn(answer.status, (200, 204), answer)
        return user["id"], time.monotonic()


class Delivering(WebhookTest):
    def test_a_receiver_can_check_what_it_is_sent(self):
        webhook = self.add_webhook("employee.*")
        self.assertRegex(webhook["secret"], r"^whsec_[A-Za-z0-9+/]{43}=$")
        self.assertNotIn("secret", self.api_ok("GET", f"/webhooks/{webhook['id']}"))
        user = self.create("bob")
        [(_, path, headers, body)] = self.receiver.wait_for(1)
        self.assertEqual(path, "/hook")
        self.assertEqual(headers.get_content_type(), "application/json")
        self.assertTrue(headers["User-Agent"].startswith("Doorward/"))
        message = verify(webhook["secret"], headers, body)
        self.assertEqual((message["type"], message["subject"]), ("employee.created", user["id"]))
        self.assertEqual(message["data"]["user_name"], self.address("bob"))
        for secret, changed in ((webhook["secret"], body + b" "), ("whsec_" + "A" * 43 + "=", body)):
            with self.assertRaises(ValueError):
                verify(secret, headers, changed)
        delivery = self.wait_for_state(webhook, "delivered")
        self.assertEqual(delivery["event"]["id"], headers["webhook-id"])
        self.assertEqual((delivery["attempts"], delivery["last_status"]), (1, 204))

    def test_only_what_was_chosen_is_sent(self):
        self.add_webhook("group.*")
        self.create("bob")
        self.create_group("Sales")
        [(_, _, _, body)] = self.receiver.wait_for(1)
        self.assertEqual(json.loads(body)["type"], "group.created")

    def test_a_test_shows_whether_it_works(self):
        webhook = self.add_webhook("group.*")
        self.api_ok("POST", f"/webhooks/{webhook['id']}/test", {})
        [(_, _, headers, body)] = self.receiver.wait_for(1)
        self.assertEqual(verify(webhook["secret"], headers, body)["type"], "webhook.test")

    def test_what_the_command_line_changes_is_told_as_well(self):
        webhook = self.add_webhook("employee.created")
        self.cli("employee", "create", self.slug, "--email", self.address("eve"))
        [(_, _, headers, body)] = self.receiver.wait_for(1)
        self.assertEqual(verify(webhook["secret"], headers, body)["type"], "employee.created")

    def test_the_command_line_chooses_events(self):
        words = [self.slug, self.receiver.url + "/hook", "--events", "employee.created, group.*"]
        made = self.cli("webhook", "create", *words)
        self.assertEqual(made["webhook"]["event_types"], ["employee.created", "group.*"])


class Failing(WebhookTest):
    def test_a_failure_is_shown_tried_again_and_can_be_replayed(self):
        webhook = self.add_webhook("employee.created")
        self.receiver.status = 500
        self.create("bob")
        self.receiver.wait_for(1)
        self.assertTrue(support.wait_until(lambda: self.deliveries(webhook)[0]["attempts"] == 1))
        delivery = self.deliveries(webhook)[0]
        self.assertEqual((delivery["state"], delivery["last_status"]), ("waiting", 500))
        self.assertIn("500", delivery["last_problem"])
        last, due = (datetime.datetime.fromisoformat(delivery[name]) for name in ("last_at", "due_at"))
        self.assertGreater(due, last + datetime.timedelta(seconds=4))
        self.assertEqual(self.api_ok("GET", f"/webhooks/{webhook['id']}")["waiting"], 1)

        self.receiver.status = 200
        self.api_ok("POST", f"/deliveries/{delivery['id']}/replay", {})
        self.wait_for_state(webhook, "delivered")
        first, second = self.receiver.wait_for(2)
        self.assertEqual(first[2]["webhook-id"], second[2]["webhook-id"])
        # And once more, although it had arrived.
        self.cli("webhook", "replay", self.slug, delivery["id"])
        self.assertEqual(len(self.receiver.wait_for(3)), 3)

    def test_gone_switches_it_off(self):
        webhook = self.add_webhook("employee.created")
        self.receiver.status = 410
        self.create("bob")
        self.wait_for_state(webhook, "dead")
        shown = self.api_ok("GET", f"/webhooks/{webhook['id']}")
        self.assertEqual((shown["active"], shown["dead"]), (False, 1))
        self.assertIn("webhook.switched_off", self.audit())
        self.create("eve")
        # Switched on again, it is told of what comes from now on.
        self.receiver.status = 200
        settings = {"url": shown["url"], "event_types": shown["event_types"], "active": True}
        self.api_ok("PUT", f"/webhooks/{webhook['id']}", settings)
        self.create("carl")
        self.wait_for_state(webhook, "delivered")
        self.assertEqual(len(self.receiver.requests), 2)

    def test_redirects_are_not_followed(self):
        webhook = self.add_webhook("employee.created")
        self.receiver.status, self.receiver.headers = 302, {"Location": self.receiver.url + "/elsewhere"}
        self.create("bob")
        self.receiver.wait_for(1)
        self.assertTrue(support.wait_until(lambda: self.deliveries(webhook)[0]["last_status"] == 302))
        self.assertEqual([path for _, path, _, _ in self.receiver.requests], ["/hook"])

    def test_addresses_of_the_operators_own_network_are_refused(self):
        for url in ("http://10.0.0.1/", "http://hooks.example/", "ftp://127.0.0.1/", "nothing"):
            answer = self.api("POST", "/webhooks", {"url": url})
            self.assertEqual(answer.status, 400, answer)
            self.assertEqual(answer.json["error"]["code"], "directory.webhook_url")
        webhook = self.api_ok("POST", "/webhooks", {"url": "https://10.0.0.1/", "event_types": ["group.created"]}, 201)
        self.create_group("Sales")
        self.assertTrue(support.wait_until(lambda: self.deliveries(webhook)[0]["attempts"] == 1))
        self.assertIn("must not connect", self.deliveries(webhook)[0]["last_problem"])

    def test_another_accounts_webhooks_are_nobodys(self):
        webhook = self.add_webhook()
        self.api_ok("POST", f"/webhooks/{webhook['id']}/test", {})
        delivery = self.wait_for_state(webhook, "delivered")
        slug, other = self.new_account()
        self.cli("domain", "add", slug, other.partition("@")[2])
        session = self.sign_in(other)
        self.assertIsNotNone(session)
        for method, path in (
            ("GET", f"/webhooks/{webhook['id']}"),
            ("DELETE", f"/webhooks/{webhook['id']}"),
            ("POST", f"/webhooks/{webhook['id']}/test"),
            ("GET", f"/webhooks/{webhook['id']}/deliveries"),
            ("POST", f"/deliveries/{delivery['id']}/replay"),
        ):
            answer = self.api(method, path, {} if method == "POST" else None, session=session)
            self.assertEqual(answer.status, 404, (method, path, answer))
        self.assertEqual(self.api("POST", "/webhooks", {}, **{"Sec-Fetch-Site": "cross-site"}).status, 403)


class Feed(WebhookTest):
    def test_a_program_reads_on_where_it_stopped(self):
        start = self.api_ok("GET", "/events?limit=200")["cursor"]
        for name in ("bob", "carl", "eve"):
            self.create(name)
        page = self.api_ok("GET", f"/events?after={start}&type=employee.created&limit=2")
        self.assertEqual([event["data"]["user_name"] for event in page["events"]], [self.address("bob"), self.address("carl")])
        rest = self.api_ok("GET", f"/events?after={page['next']}&type=employee.*")
        self.assertEqual([event["data"]["user_name"] for event in rest["events"]], [self.address("eve")])
        self.assertIsNone(rest["next"])
        self.assertEqual(self.api_ok("GET", f"/events?after={rest['cursor']}")["events"], [])
        self.assertEqual(self.api("GET", "/events?type=employee.promoted").status, 400)
        types = {one["name"] for one in self.api_ok("GET", "/event-types")["types"]}
        self.assertTrue({event["type"] for event in page["events"]} <= types)

    def test_sign_ins_are_told(self):
        self.with_password("bob")
        start = self.api_ok("GET", "/events?limit=200")["cursor"]
        self.sign_in(self.address("bob"))
        [event] = self.api_ok("GET", f"/events?after={start}")["events"]
        self.assertEqual(event["type"], "sign_in.succeeded")

    def test_nobody_else_reads_it(self):
        self.with_password("bob")
        self.assertEqual(self.api("GET", "/events", session=self.sign_in(self.address("bob"))).status, 403)
        for value in ("Bearer x", f"Bearer {self.scim.secret}", "Bearer dwa_" + "0" * 80):
            answer = self.api("GET", "/events", Authorization=value)
            self.assertEqual(answer.status, 401, value)
            self.assertIn("invalid_token", answer.headers["WWW-Authenticate"])


class Leaving(WebhookTest):
    def test_a_leaver_is_told_within_a_second_and_the_audit_says_so(self):
        webhook = self.add_webhook("employee.deactivated")
        self.with_password("bob")
        session = self.sign_in(self.address("bob"))
        subject, at = self.leave("bob")
        self.assertIsNone(self.who(session))
        [(arrived, _, headers, body)] = self.receiver.wait_for(1)
        self.assertEqual(verify(webhook["secret"], headers, body)["subject"], subject)
        self.assertLess(arrived - at, 1)
        self.wait_for_state(webhook, "delivered")
        entry = self.access_ended()
        self.assertEqual(entry["target"], subject)
        [told] = entry["details"]["told"]
        self.assertEqual((told["kind"], told["name"]), ("webhook", self.receiver.url))
        self.assertLess(told["ms"], 1000)

    def test_without_anybody_to_tell_the_audit_says_that(self):
        self.with_password("bob")
        self.leave("bob")
        details = self.access_ended()["details"]
        self.assertEqual((details["applications"], details["webhooks"], details["told"]), (0, 0, []))

    def test_an_application_hears_of_it_by_back_channel_logout(self):
        self.add_webhook("employee.deactivated")
        words = ["--redirect-uri", CALLBACK, "--backchannel-logout-uri", self.receiver.url + "/logout"]
        made = self.cli("application", "create", self.slug, "Wiki", *words)
        client_id = made["application"]["client_id"]
        self.with_password("bob")
        session = self.sign_in(self.address("bob"))
        token = self.access_token(client_id, made["secret"], session)
        self.assertEqual(self.userinfo(token), 200)

        subject, at = self.leave("bob")
        self.assertEqual(self.userinfo(token), 401)
        arrived = {path: (when, headers, body) for when, path, headers, body in self.receiver.wait_for(2)}
        self.assertEqual(set(arrived), {"/hook", "/logout"})
        when, headers, body = arrived["/logout"]
        self.assertLess(when - at, 1)
        self.assertEqual(headers.get_content_type(), "application/x-www-form-urlencoded")
        [(name, value)] = urllib.parse.parse_qsl(body.decode())
        self.assertEqual(name, "logout_token")
        keys = self.browse("GET", "/oauth2/jwks").json["keys"]
        header, claims = verify_rs256(value, keys)
        self.assertEqual(header["typ"], "logout+jwt")
        self.assertEqual((claims["iss"], claims["aud"], claims["sub"]), (self.server.url, client_id, subject))
        self.assertEqual(claims["events"], {"http://schemas.openid.net/event/backchannel-logout": {}})
        self.assertNotIn("nonce", claims)
        self.assertLess(abs(claims["iat"] - time.time()), 30)
        details = self.access_ended()["details"]
        self.assertEqual({told["kind"] for told in details["told"]}, {"application", "webhook"})
        self.assertEqual((details["applications"], details["webhooks"], details["not_told"]), (1, 1, []))

    def access_token(self, client_id, secret, session):
        """By the authorization code flow."""
        query = {"response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK, "scope": "openid"}
        query |= {"state": "s", "nonce": "n"}
        answer = self.browse("GET", "/oauth2/authorize?" + urllib.parse.urlencode(query), session=session)
        self.assertIn(answer.status, (302, 303), answer)
        code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        form |= {"client_id": client_id, "client_secret": secret}
        answer = self.browse("POST", "/oauth2/token", form)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["access_token"]

    def userinfo(self, token):
        connection = http.client.HTTPConnection("127.0.0.1", urllib.parse.urlsplit(self.server.url).port, timeout=60)
        try:
            connection.request("GET", "/oauth2/userinfo", headers={"Authorization": f"Bearer {token}"})
            return Answer(connection.getresponse()).status
        finally:
            connection.close()

    def access_ended(self):
        def entries():
            all_entries = self.cli("audit", self.slug)["entries"]
            return [entry for entry in all_entries if entry["action"] == "employee.access_ended"]

        self.assertTrue(support.wait_until(entries))
        [entry] = entries()
        return entry


if __name__ == "__main__":
    unittest.main()
