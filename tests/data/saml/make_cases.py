#!/usr/bin/env python3
"""Makes the folders good/ and bad/ and the keys they need, all anew.

Each case is response.xml and params.json, which names what differs from the test's usual expectations and which
finding is due. Signatures and encryption come from xmlsec1 and openssl, never from Doorward's own code.
"""

import json
import re
import shutil
import sys
from pathlib import Path

from messages import *  # noqa: F403  (the vocabulary of this script)

HERE = Path(__file__).resolve().parent


class Cases:
    def __init__(self, tools):
        self.tools = tools

    def write(self, kind, name, xml, **params):
        folder = HERE / kind / name
        folder.mkdir(parents=True)
        (folder / "response.xml").write_bytes(xml if isinstance(xml, bytes) else xml.encode())
        (folder / "params.json").write_text(json.dumps(params, indent=2, ensure_ascii=False) + "\n")

    def good(self, name, xml, **params):
        params.setdefault("name_id", NAME_ID)
        text = xml if isinstance(xml, str) else xml.decode()
        keys = params.get("certificates", ["idp"])
        # The oracle: whatever Doorward is to accept, xmlsec1 accepts.
        for where, pattern in (("message", r"<[\w.-]*:?Response\b[^>]*>\s*(<!--.*?-->\s*)*<[\w.-]*:?Issuer[^>]*>[^<]*</[\w.-]*:?Issuer>\s*<[\w.-]*:?Signature"),
                               ("assertion", r"<[\w.-]*:?Assertion\b[^>]*>\s*(<!--.*?-->\s*)*<[\w.-]*:?Issuer[^>]*>(<!\[CDATA\[)?[^<]*(\]\]>)?</[\w.-]*:?Issuer>\s*<[\w.-]*:?Signature")):
            if re.search(pattern, text, re.S) and not self.tools.verifies(xml, keys, where):
                sys.exit(f"xmlsec1 refuses the {where} signature of good/{name}")
        self.write("good", name, xml, **params)

    def bad(self, name, xml, finding, check=None, **params):
        if finding:
            params["finding"] = finding
        if check:
            params["check"] = check
        self.write("bad", name, xml, **params)

    # Shorthands: signed by the provider, over the assertion, the response or both.

    def a(self, key="idp", response_options=None, sign_options=None, **options):
        id = options.get("id", "_assertion1")
        signed = self.tools.sign(assertion(sign=signature(id, **(sign_options or {})), **options), key)
        return response(signed, **(response_options or {}))

    def r(self, key="idp", assertion_options=None, sign_options=None, content=None, **options):
        id = options.get("id", "_response1")
        content = assertion(**(assertion_options or {})) if content is None else content
        return self.tools.sign(response(content, sign=signature(id, **(sign_options or {})), **options), key, "message")

    def both(self, key="idp", assertion_options=None, **options):
        content = self.tools.sign(assertion(sign=signature("_assertion1"), **(assertion_options or {})), key)
        return self.r(key, content=content, **options)


def element(xml, name):
    """The text of the first element of this name that has no other of its name inside."""
    return re.search(rf"<{name}\b.*?</{name}>", xml, re.S).group(0)


def make_keys(tools):
    tools.keys.mkdir()
    for name in ("idp", "next", "other", "sp"):
        tools.make_key(name, ["RSA", "rsa_keygen_bits:2048"])
    tools.make_key("idp4096", ["RSA", "rsa_keygen_bits:4096"])
    tools.make_key("expired", ["RSA", "rsa_keygen_bits:2048"], days=30)
    for curve in ("P-256", "P-384", "P-521"):
        tools.make_key("ec" + curve[2:], ["EC", f"ec_paramgen_curve:{curve}"])


def make_good(c):
    t = c.tools
    c.good("entra_assertion_signed", c.a())
    c.good("entra_response_signed", c.r())
    c.good("entra_both_signed", c.both())
    c.good("unsolicited", c.a(confirmations=confirmation(in_response_to=None), response_options={"in_response_to": None}),
           in_response_to=None, unsolicited="accepted")
    c.good("no_destination_assertion_signed", c.a(response_options={"destination": None}))
    c.good("no_response_issuer_assertion_signed", c.a(response_options={"issuer": ""}))
    c.good("no_session_index", c.a(statements=authn_statement(session="")))
    c.good("no_attributes", c.a(attributes=""))
    c.good("issuer_format_entity", c.a(
        issuer=f'<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">{IDP}</saml:Issuer>'))

    # Algorithms and keys.
    for bits, digest in (("256", XENC + "sha256"), ("384", MORE + "sha384"), ("512", XENC + "sha512")):
        c.good(f"rsa_sha{bits}", c.a(sign_options={"method": MORE + f"rsa-sha{bits}", "digest": digest}))
        key = "ec" + {"256": "256", "384": "384", "512": "521"}[bits]
        c.good(f"ecdsa_sha{bits}", c.a(key, sign_options={"method": MORE + f"ecdsa-sha{bits}", "digest": digest}),
               certificates=[key])
    c.good("rsa_4096", c.a("idp4096"), certificates=["idp4096"])
    c.good("rotated_key_second_of_two", c.a("next"), certificates=["idp", "next"])
    c.good("rotated_key_first_of_three", c.a(), certificates=["idp", "next", "other"])
    c.good("expired_certificate", c.a("expired"), certificates=["expired"], warning="saml.signing_certificate_expired")
    c.good("sha1_by_switch", c.a(sign_options={"method": DS + "rsa-sha1", "digest": DS + "sha1"}), allow_sha1=True)
    c.good("sha1_digest_by_switch", c.a(sign_options={"digest": DS + "sha1"}), allow_sha1=True)

    # Canonicalisation.
    xs = f'xmlns:saml="{ASSERTION}" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    typed = attr(CLAIMS + "name", NAME_ID).replace("<saml:AttributeValue>", '<saml:AttributeValue xsi:type="xs:string">')
    c.good("xsi_type", c.a(attributes=typed, namespaces=xs))
    c.good("inclusive_namespaces", c.a(attributes=typed, namespaces=xs, sign_options={"prefixes": "xs"}))
    c.good("inclusive_namespaces_default", c.a(sign_options={"prefixes": "#default saml ds xs xsi"}))
    c.good("inclusive_c14n_response", c.r(sign_options={"c14n": INC}))
    c.good("inclusive_c14n_assertion", t.sign(response(assertion(sign=signature("_assertion1", c14n=INC)))))
    c.good("with_comments_c14n", c.a(sign_options={"c14n": EXC + "WithComments"}))
    c.good("mixed_c14n", t.sign(response(assertion(sign=signature("_assertion1", c14n=INC, content_c14n=EXC)))))
    c.good("enveloped_alone", t.sign(response(assertion(
        sign=signature("_assertion1", transforms=f'<ds:Transform Algorithm="{ENVELOPED}"/>')))))
    # The assertion's signature depends on a declaration that the response's canonical form drops.
    outer = f'xmlns:samlp="{PROTOCOL}" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    inner = t.sign(response(assertion(sign=signature("_assertion1", prefixes="xs"), attributes=typed,
                                      namespaces=f'xmlns:saml="{ASSERTION}"'),
                            namespaces=outer, sign=signature("_response1")), "idp", "assertion")
    c.good("both_signed_declaration_outside", t.sign(inner, "idp", "message"))

    # Spelling.
    plain = response(assertion(sign=signature("_assertion1", p="dsig")), sign=signature("_response1"))
    for name, saml, samlp in (("okta", "saml2", "saml2p"), ("adfs", "", "samlp"), ("odd", "ns0", "ns1"), ("swapped", "samlp", "saml"),
                              ("default_protocol", "a", "")):
        styled = plain.replace("saml:", "\0:").replace("samlp:", "\1:").replace("xmlns:saml=", "xmlns:\0=").replace("xmlns:samlp=", "xmlns:\1=")
        for mark, prefix in (("\0", saml), ("\1", samlp)):
            styled = styled.replace(f"xmlns:{mark}=", f"xmlns:{prefix}=" if prefix else "xmlns=")
            styled = styled.replace(mark + ":", prefix + ":" if prefix else "")
        c.good(f"prefixes_{name}", t.sign(t.sign(styled, "idp", "assertion"), "idp", "message"))
    spaced = re.sub(r"(</?saml:(?:Subject|Conditions|AudienceRestriction|AttributeStatement|Attribute|AuthnStatement|AuthnContext|SubjectConfirmation|Assertion)\b[^>/]*>)", r"\n  \1\n\t", assertion(sign=signature("_assertion1")))
    c.good("white_space_between_elements", response(t.sign(spaced.strip())))
    c.good("line_breaks_in_signature", re.sub(r"(<ds:SignatureValue>)([^<]+)", lambda m: m[1] + "\n" + "\n\t".join(
        re.findall(".{1,20}", m[2].replace("\n", ""))) + "\n", c.a()))
    signed = c.a()
    c.good("crlf_line_ends", c.a().replace("\n", "\r\n"))
    c.good("attribute_order", re.sub(r'<saml:Assertion xmlns:saml="([^"]*)" ID="([^"]*)" IssueInstant="([^"]*)" Version="2.0">',
                                     r"<saml:Assertion Version='2.0'   IssueInstant='\3' xmlns:saml='\1' ID='\2'>", signed))
    c.good("character_references", signed.replace("ada@contoso.example<", "&#97;da&#x40;contoso.example<"))
    c.good("cdata_in_values", signed.replace(">Lovelace<", "><![CDATA[Lovelace]]><"))
    c.good("comments_between_elements", signed.replace("<saml:Subject>", "<!-- one --><saml:Subject><!-- two -->").replace("<samlp:Status>", "<!-- three --><samlp:Status>"))
    c.good("xml_declaration", '<?xml version="1.0" encoding="UTF-8"?>\n' + signed)
    c.good("byte_order_mark", b"\xef\xbb\xbf" + signed.encode())
    c.good("unused_namespaces", signed.replace("<samlp:Response ", '<samlp:Response xmlns:un="urn:un" xmlns:used="urn:used" '))
    c.good("self_closing_spelled_out", signed.replace('status:Success"/>', 'status:Success"></samlp:StatusCode>'))
    names = {"greek": "Αδα", "cyrillic": "Ада", "han": "艾达", "arabic": "آدا", "emoji": "Ada 👩‍💻", "combining": "A\u0301da", "markup": "A &lt;b&gt; &amp; C"}
    c.good("names_in_every_script", c.a(attributes="".join(attr(k, v) for k, v in names.items())))

    # Claims as other products send them.
    c.good("claims_entra", c.a(), claims={
        "object_identifier": "0a0a0a0a-1111-4222-8333-444444444444", "tenant_id": "11111111-2222-4333-8444-555555555555",
        "email": "ada@contoso.example", "name": "ada@contoso.example", "given_name": "Ada", "surname": "Lovelace",
        "display_name": "Ada Lovelace"})
    persistent = '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="q" SPNameQualifier="s" SPProvidedID="p">G-ada</saml:NameID>'
    shibboleth = attr("urn:oid:0.9.2342.19200300.100.1.3", "ada@contoso.example", extra=' NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" FriendlyName="mail"') + attr(
        "urn:oid:0.9.2342.19200300.100.1.1", "ada") + attr("urn:oid:2.5.4.42", "Ada") + attr("urn:oid:2.5.4.4", "Lovelace") + attr(
        "urn:oid:2.16.840.1.113730.3.1.241", "Ada Lovelace") + attr("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", persistent)
    c.good("claims_shibboleth", c.a(attributes=shibboleth, name_id=persistent), name_id="G-ada",
           claims={"email": "ada@contoso.example", "name": "ada", "given_name": "Ada", "surname": "Lovelace", "display_name": "Ada Lovelace"})
    c.good("claims_okta", c.a(attributes=attr("email", "ada@contoso.example") + attr("firstName", "Ada") + attr("lastName", "Lovelace") + attr("groups", "Everyone", "Staff")),
           claims={"email": "ada@contoso.example", "given_name": "Ada", "surname": "Lovelace", "groups": ["Everyone", "Staff"]})
    c.good("claims_keycloak", c.a(attributes=attr("urn:oid:1.2.840.113549.1.9.1", "ada@contoso.example") + attr("urn:oid:2.5.4.42", "Ada") + attr("Role", "view") + attr("Role", "manage")),
           claims={"email": "ada@contoso.example", "given_name": "Ada", "roles": ["view", "manage"]})
    c.good("claims_simplesamlphp", c.a(attributes=attr("mail", "ada@contoso.example") + attr("uid", "ada") + attr("givenName", "Ada") + attr("sn", "Lovelace")),
           claims={"email": "ada@contoso.example", "name": "ada", "given_name": "Ada", "surname": "Lovelace"})
    c.good("claims_nil_and_empty", c.a(namespaces=xs, attributes=attr("mail", "") + attr("uid").replace("></saml:Attribute>", '><saml:AttributeValue xsi:nil="true"/></saml:Attribute>')), claims={"email": None, "name": None})
    guid = lambda i: f"00000000-0000-4000-8000-{i:012d}"  # noqa: E731
    c.good("five_hundred_groups", c.r(assertion_options={"attributes": ENTRA_ATTRIBUTES + attr(MS_GROUPS, *map(guid, range(500)))}),
           claims={"group_count": 500})
    c.good("groups_overage", c.a(attributes=attr("http://schemas.microsoft.com/claims/groups.link", "https://graph.windows.net/x/getMemberObjects")), claims={"groups_overage": True})
    c.good("several_attribute_statements", c.a(statements=f"<saml:AttributeStatement>{attr('mail', 'ada@contoso.example')}</saml:AttributeStatement>{authn_statement()}<saml:AttributeStatement>{attr('sn', 'Lovelace')}</saml:AttributeStatement>"),
           claims={"email": "ada@contoso.example", "surname": "Lovelace"})
    c.good("several_authn_statements", c.a(statements=authn_statement(end=' SessionNotOnOrAfter="2030-03-01T17:00:00Z"') + authn_statement(session=' SessionIndex="_other"', end=' SessionNotOnOrAfter="2030-03-01T12:00:00Z"')),
           session_index="_session1", session_not_on_or_after="2030-03-01T12:00:00Z")

    # Times.
    c.good("clock_60_s_behind", c.a(), now="2030-03-01T09:28:59Z")
    c.good("clock_at_the_edge_before", c.a(), now="2030-03-01T09:26:59.123Z")
    c.good("clock_at_the_edge_after", c.a(), now="2030-03-01T10:32:59.999Z")
    c.good("times_with_fractions_and_offset", c.a(conds=conditions(before="2030-03-01T10:25:00.1234567+01:00", until="2030-03-01T08:35:00.5-02:00")))
    c.good("year_9999", c.a(conds=conditions(until="9999-12-31T23:59:59Z"), confirmations=confirmation(until="9999-12-31T23:59:59Z")),
           replay_until="2030-03-02T09:29:59.123Z")
    c.good("conditions_without_times", c.a(conds=conditions(before=None, until=None)), replay_until="2030-03-02T09:29:59.123Z")
    c.good("replay_until", c.a(), replay_until="2030-03-01T10:38:00Z")
    c.good("fresh_sign_in", c.a(), authenticated_after="2030-03-01T09:29:00Z")

    # Conditions and confirmations.
    c.good("several_audiences", c.a(conds=conditions(children=audience("https://else.example", SP))))
    c.good("several_restrictions_all_match", c.a(conds=conditions(children=audience(SP) + audience("urn:x", SP))))
    c.good("one_time_use_and_proxy", c.a(conds=conditions(children="<saml:OneTimeUse/>" + audience(SP) + '<saml:ProxyRestriction Count="0"/>')))
    other = confirmation(method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches", recipient=None, until=None, in_response_to=None)
    c.good("second_confirmation_is_good", c.a(confirmations=other + confirmation(recipient="https://else.example/acs") + confirmation()))
    c.good("confirmation_address", c.a(confirmations=confirmation(extra='Address="192.0.2.7"')))
    c.good("advice", c.a(advice='<saml:Advice><x:hint xmlns:x="urn:x">text</x:hint></saml:Advice>'))
    c.good("extensions", c.a(response_options={"extensions": '<samlp:Extensions><x:hint xmlns:x="urn:x">text</x:hint></samlp:Extensions>'}))

    # Encryption, with each way to sign that is safe.
    gcm = lambda xml, **o: t.encrypt(xml, **o)  # noqa: E731
    plain, inside = assertion(), t.sign(assertion(sign=signature("_assertion1")))
    c.good("encrypted_gcm_assertion_signed", response(gcm(inside)))
    c.good("encrypted_gcm_response_signed", c.r(content=gcm(plain)))
    c.good("encrypted_gcm_both_signed", c.r(content=gcm(inside)))
    c.good("encrypted_gcm128", response(gcm(inside, cipher=XENC11 + "aes128-gcm", session="aes-128")))
    for bits in (128, 192, 256):
        c.good(f"encrypted_cbc{bits}_response_signed", c.r(content=gcm(plain, cipher=XENC + f"aes{bits}-cbc", session=f"aes-{bits}")))
    c.good("encrypted_cbc_both_signed", c.r(content=gcm(inside, cipher=XENC + "aes256-cbc")))
    c.good("encrypted_for_the_older_of_two_keys", response(gcm(inside)), decryption_keys=["other", "sp"])
    for name, md, mgf, method in (
            ("oaep_sha256_digest", "sha256", "sha1", f'<xenc:EncryptionMethod Algorithm="{XENC}rsa-oaep-mgf1p"><ds:DigestMethod Algorithm="{XENC}sha256"/></xenc:EncryptionMethod>'),
            ("oaep11_mgf_sha256", "sha256", "sha256", f'<xenc:EncryptionMethod Algorithm="{XENC11}rsa-oaep"><ds:DigestMethod Algorithm="{XENC}sha256"/><xenc11:MGF xmlns:xenc11="{XENC11}" Algorithm="{XENC11}mgf1sha256"/></xenc:EncryptionMethod>'),
            ("oaep11_mgf_sha1", "sha256", "sha1", f'<xenc:EncryptionMethod Algorithm="{XENC11}rsa-oaep"><ds:DigestMethod Algorithm="{XENC}sha256"/><xenc11:MGF xmlns:xenc11="{XENC11}" Algorithm="{XENC11}mgf1sha1"/></xenc:EncryptionMethod>')):
        options = ["rsa_padding_mode:oaep", f"rsa_oaep_md:{md}", f"rsa_mgf1_md:{mgf}"]
        c.good(f"encrypted_{name}", response(t.rewrap(gcm(inside), options, method)))


def main():
    if shutil.which("xmlsec1") is None:
        sys.exit("xmlsec1 is needed")
    for name in ("good", "bad", "keys"):
        shutil.rmtree(HERE / name, ignore_errors=True)
    cases = Cases(Tools(HERE / "keys"))
    make_keys(cases.tools)
    make_good(cases)
    from bad_cases import make_bad
    make_bad(cases)
    # Only what the tests verify and decrypt with is kept.
    for key in (HERE / "keys").glob("*.key"):
        if key.stem not in ("sp", "other"):
            key.unlink()


if __name__ == "__main__":
    main()
