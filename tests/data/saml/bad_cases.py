"""What must be refused, and why. The families are those of the published attacks on SAML."""

import base64
import re

from messages import *  # noqa: F403

EVIL = "eve@evil.example"
# Findings that stand for "this is not where that element may be", whichever rule sees it first.
MISPLACED = ["saml.element_unexpected", "saml.assertion_repeated", "saml.signature_malformed", "saml.message_not_xml",
             "saml.signature_missing", "saml.element_missing", "saml.message_kind"]


def element(xml, name):
    return re.search(rf"<{name}\b.*?</{name}>", xml, re.S).group(0)


def forged(xml, id="_evil"):
    """The element with another identity and ID, its signature kept."""
    return re.sub(r'\bID="[^"]*"', f'ID="{id}"', xml, count=1).replace(NAME_ID + "</saml:NameID>", EVIL + "</saml:NameID>")


def unsigned(xml):
    return re.sub(r"<ds:Signature\b.*?</ds:Signature>", "", xml, count=1, flags=re.S)


def in_extensions(inner):
    return f"<samlp:Extensions>{inner}</samlp:Extensions>"


def in_status_detail(inner):
    return STATUS.replace("</samlp:Status>", f"<samlp:StatusDetail>{inner}</samlp:StatusDetail></samlp:Status>")


def before_end(xml, tag, inner):
    at = xml.rindex(f"</{tag}>")
    return xml[:at] + inner + xml[at:]


def after_start(xml, tag, inner):
    return re.sub(rf"(<{tag}\b[^>]*[^/]>)", lambda m: m[1] + inner, xml, count=1)


def wrap_assertion(c):
    """Signature wrapping around a signed assertion: XSW 3 to 8 and their relatives."""
    signed = element(c.a(), "saml:Assertion")
    sig = element(signed, "ds:Signature")
    bare = unsigned(signed)
    for style, evil in (("unsigned", unsigned(forged(signed))), ("with_signature", forged(signed))):
        name = lambda place: f"xsw_assertion_{place}_{style}"  # noqa: B023, E731
        c.bad(name("evil_before"), response(evil + signed), MISPLACED)
        c.bad(name("evil_after"), response(signed + evil), MISPLACED)
        c.bad(name("inside_evil_end"), response(before_end(evil, "saml:Assertion", signed)), MISPLACED)
        c.bad(name("inside_evil_advice"), response(evil.replace("</saml:Conditions>", f"</saml:Conditions><saml:Advice>{signed}</saml:Advice>")), MISPLACED)
        c.bad(name("evil_inside_advice"), response(signed.replace("</saml:Conditions>", f"</saml:Conditions><saml:Advice>{evil}</saml:Advice>")), MISPLACED)
        c.bad(name("in_extensions"), response(evil, extensions=in_extensions(signed)), MISPLACED)
        c.bad(name("evil_in_extensions"), response(signed, extensions=in_extensions(evil)), MISPLACED)
        c.bad(name("in_status_detail"), response(evil, status=in_status_detail(signed)), MISPLACED)
        c.bad(name("in_attribute_value"), response(after_start(evil, "saml:AttributeValue", signed)), MISPLACED)
        c.bad(name("in_confirmation_data"), response(re.sub(r"(<saml:SubjectConfirmationData [^>]*)/>", lambda m: m[1] + ">" + signed + "</saml:SubjectConfirmationData>", evil)), MISPLACED)
        c.bad(name("in_foreign_element"), response(evil, extensions=in_extensions(f'<x:a xmlns:x="urn:x">{signed}</x:a>')), MISPLACED)
        c.bad(name("in_response_issuer"), response(evil, issuer=f'<saml:Issuer xmlns:saml="{ASSERTION}">{IDP}{signed}</saml:Issuer>'), MISPLACED)
    # The evil assertion carries the signature, the signed one is hidden in it.
    evil = forged(signed)
    object_ = f"<ds:Object>{bare}</ds:Object>"
    c.bad("xsw_assertion_in_object", response(before_end(evil, "ds:Signature", object_)), MISPLACED)
    c.bad("xsw_assertion_in_object_with_signature", response(before_end(evil, "ds:Signature", f"<ds:Object>{signed}</ds:Object>")), MISPLACED)
    c.bad("xsw_assertion_in_key_info", response(before_end(evil, "ds:KeyInfo", bare)), MISPLACED)
    c.bad("xsw_assertion_in_x509_data", response(before_end(evil, "ds:X509Data", bare)), MISPLACED)
    c.bad("xsw_assertion_in_signature_end", response(before_end(evil, "ds:Signature", bare)), MISPLACED)
    c.bad("xsw_assertion_in_signed_info", response(before_end(evil, "ds:SignedInfo", bare)), MISPLACED)
    c.bad("xsw_assertion_in_reference", response(before_end(evil, "ds:Reference", bare)), MISPLACED)
    c.bad("xsw_assertion_in_transform", response(re.sub(r"(<ds:Transform [^>]*)/>", lambda m: m[1] + ">" + bare + "</ds:Transform>", evil, count=1)), MISPLACED)
    c.bad("xsw_object_evil_in_signed", response(before_end(signed, "ds:Signature", f"<ds:Object>{unsigned(evil)}</ds:Object>")), MISPLACED)
    c.bad("xsw_signature_beside_assertion", response(unsigned(evil) + sig), MISPLACED)
    c.bad("xsw_signature_in_response_place", response(unsigned(evil) + bare, sign=sig), MISPLACED)
    c.bad("xsw_response_references_assertion", response(bare.replace(NAME_ID, EVIL), sign=sig), "saml.signature_malformed")
    c.bad("xsw_signature_at_end_of_assertion", response(before_end(bare, "saml:Assertion", sig)), MISPLACED)
    c.bad("xsw_signature_in_subject", response(after_start(bare, "saml:Subject", sig)), MISPLACED)
    c.bad("xsw_signature_before_issuer", response(after_start(bare, "saml:Assertion", sig)), MISPLACED)
    c.bad("xsw_response_in_response", response(response(signed)), MISPLACED)
    c.bad("xsw_evil_root_assertion", forged(signed), "saml.message_kind")
    c.bad("xsw_reference_by_same_id", response(forged(signed, "_assertion1") + signed), MISPLACED)
    for lookalike in ("Id", "id", "AssertionID", "xml:id"):
        c.bad("xsw_lookalike_" + lookalike.replace(":", "_"), response(forged(signed).replace('ID="_evil"', f'ID="_evil" {lookalike}="_assertion1"')), "saml.signature_malformed")
        c.bad("xsw_only_lookalike_" + lookalike.replace(":", "_"), response(signed.replace(' ID="_assertion1"', f' {lookalike}="_assertion1"', 1)), ["saml.signature_malformed", "saml.attribute_missing"])


def wrap_response(c):
    """XSW 1 and 2: the response is what was signed."""
    signed = c.r()
    sig = element(signed, "ds:Signature")
    bare = unsigned(signed)
    evil_assertion = unsigned(forged(element(signed, "saml:Assertion")))
    evil = lambda s: response(evil_assertion, id="_evil", sign=s)  # noqa: E731
    c.bad("xsw_response_in_object", evil(before_end(sig, "ds:Signature", f"<ds:Object>{bare}</ds:Object>")), MISPLACED)
    c.bad("xsw_response_in_key_info", evil(before_end(sig, "ds:KeyInfo", bare)), MISPLACED)
    c.bad("xsw_response_in_extensions", response(evil_assertion, id="_evil", sign=sig, extensions=in_extensions(bare)), MISPLACED)
    c.bad("xsw_response_whole_in_extensions", response(evil_assertion, id="_evil", extensions=in_extensions(signed)), MISPLACED)
    c.bad("xsw_response_in_status_detail", response(evil_assertion, id="_evil", sign=sig, status=in_status_detail(bare)), MISPLACED)
    c.bad("xsw_response_after_assertion", response(evil_assertion + bare, id="_evil", sign=sig), MISPLACED)
    c.bad("xsw_response_signature_detached", response(evil_assertion + sig + bare, id="_evil"), MISPLACED)
    c.bad("xsw_response_in_advice", response(evil_assertion.replace("</saml:Conditions>", f"</saml:Conditions><saml:Advice>{signed}</saml:Advice>"), id="_evil"), MISPLACED)
    c.bad("xsw_response_two_assertions", signed.replace("</samlp:Response>", evil_assertion + "</samlp:Response>"), MISPLACED)
    c.bad("xsw_response_same_id_twice", response(evil_assertion + bare, sign=sig), MISPLACED)
    c.bad("response_signature_last", before_end(bare, "samlp:Response", sig), MISPLACED)
    c.bad("response_signed_two_assertions", c.r(content=assertion() + assertion(id="_assertion2")), "saml.assertion_repeated")


def signature_shape(c):
    good = c.a()
    sig, info = element(good, "ds:Signature"), element(good, "ds:SignedInfo")
    shape = "saml.signature_malformed"
    swap = lambda old, new: good.replace(old, new, 1)  # noqa: E731
    c.bad("two_signatures", swap(sig, sig + sig), MISPLACED)
    c.bad("two_signed_infos", swap(info, info + info), shape)
    reference = element(good, "ds:Reference")
    c.bad("two_references", swap(reference, reference + reference), shape)
    digest = element(good, "ds:DigestValue")
    c.bad("two_digest_values", swap(digest, digest + digest), shape)
    value = element(good, "ds:SignatureValue")
    c.bad("two_signature_values", swap(value, value + value), shape)
    c.bad("no_signature_value", swap(value, ""), shape)
    c.bad("no_signed_info", swap(info, ""), shape)
    c.bad("no_reference", swap(reference, ""), shape)
    for name, text in (("digest", digest), ("signature", value)):
        at = len(text) // 2
        c.bad(f"{name}_value_split_by_comment", swap(text, text[:at] + "<!-- -->" + text[at:]), ["saml.value_not_text", shape])
        c.bad(f"{name}_value_split_by_element", swap(text, text[:at] + "<x/>" + text[at:]), [shape])
        c.bad(f"{name}_value_not_base64", swap(text, text[:at] + "*" + text[at:]), shape)
        c.bad(f"{name}_value_empty", swap(text, re.sub(">.*<", "><", text, flags=re.S)), shape)
    for name, uri in (("empty", ""), ("external", "https://evil.example/#_assertion1"), ("xpointer", "#xpointer(id('_assertion1'))"),
                      ("root_xpointer", "#xpointer(/)"), ("other", "#_response1"), ("bare_hash", "#"), ("spaced", "# _assertion1"), ("case", "#_Assertion1")):
        c.bad(f"reference_uri_{name}", swap('URI="#_assertion1"', f'URI="{uri}"'), shape)
    c.bad("reference_uri_absent", swap(' URI="#_assertion1"', ""), shape)
    algorithm = "saml.signature_algorithm"
    for name, transforms in (
            ("xslt", '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>'),
            ("xpath", '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>self::node()</ds:XPath></ds:Transform>'),
            ("xpath_filter2", '<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"/>'),
            ("base64", f'<ds:Transform Algorithm="{DS}base64"/>'),
            ("none", ""), ("c14n_only", f'<ds:Transform Algorithm="{EXC}"/>'),
            ("c14n_first", f'<ds:Transform Algorithm="{EXC}"/><ds:Transform Algorithm="{ENVELOPED}"/>'),
            ("enveloped_twice", f'<ds:Transform Algorithm="{ENVELOPED}"/><ds:Transform Algorithm="{ENVELOPED}"/>'),
            ("three", f'<ds:Transform Algorithm="{ENVELOPED}"/><ds:Transform Algorithm="{EXC}"/><ds:Transform Algorithm="{EXC}"/>')):
        c.bad(f"transforms_{name}", swap(element(good, "ds:Transforms"), f"<ds:Transforms>{transforms}</ds:Transforms>"), [algorithm, shape])
    c.bad("transforms_absent", swap(element(good, "ds:Transforms"), ""), shape)
    for name, prefixes in (("colon", "a:b"), ("markup", "&lt;x&gt;"), ("hundreds", " ".join(f"p{i}" for i in range(300)))):
        c.bad(f"prefix_list_{name}", swap(f'<ds:Transform Algorithm="{EXC}"/>', f'<ds:Transform Algorithm="{EXC}"><ec:InclusiveNamespaces xmlns:ec="{EXC}" PrefixList="{prefixes}"/></ds:Transform>'), [algorithm, shape])
    c.bad("prefix_list_added", swap(f'<ds:Transform Algorithm="{EXC}"/>', f'<ds:Transform Algorithm="{EXC}"><ec:InclusiveNamespaces xmlns:ec="{EXC}" PrefixList="saml"/></ds:Transform>'), "saml.signature_invalid")
    for name, method in (("none", "none"), ("hmac_sha256", MORE + "hmac-sha256"), ("hmac_sha1", DS + "hmac-sha1"), ("rsa_md5", MORE + "rsa-md5"), ("dsa", DS + "dsa-sha1"), ("empty", ""), ("pss", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1")):
        c.bad(f"method_{name}", swap(MORE + "rsa-sha256", method), algorithm)
    c.bad("method_absent", re.sub(r"<ds:SignatureMethod[^>]*/>", "", good), shape)
    c.bad("digest_md5", swap(f'DigestMethod Algorithm="{XENC}sha256"', f'DigestMethod Algorithm="{MORE}md5"'), algorithm)
    c.bad("c14n_unknown", swap(f'CanonicalizationMethod Algorithm="{EXC}"', 'CanonicalizationMethod Algorithm="urn:none"'), algorithm)
    c.bad("c14n11", swap(f'CanonicalizationMethod Algorithm="{EXC}"', 'CanonicalizationMethod Algorithm="http://www.w3.org/2006/12/xml-c14n11"'), algorithm)
    # Void canonicalisation: a relative namespace makes other libraries hash nothing.
    empty = base64.b64encode(bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")).decode()
    c.bad("relative_namespace_empty_digest", re.sub("(<ds:DigestValue>)[^<]*", r"\g<1>" + empty, good).replace("<saml:Subject>", '<saml:Subject xmlns:rel="1/2">'), ["saml.message_not_xml", "saml.signature_invalid"])
    c.bad("digest_of_nothing", re.sub("(<ds:DigestValue>)[^<]*", r"\g<1>" + empty, good), "saml.signature_invalid")
    c.bad("digest_smuggled_in_object", swap("</ds:KeyInfo>", f"</ds:KeyInfo><ds:Object>{digest}</ds:Object>"), MISPLACED)
    c.bad("digest_smuggled_in_key_info", swap("</ds:KeyInfo>", f"{digest}</ds:KeyInfo>").replace(NAME_ID + "</saml:NameID>", EVIL + "</saml:NameID>"), "saml.signature_digest_mismatch")
    c.bad("signature_value_truncated", swap(value, re.sub(r"[^>]{8}=*\s*(</ds:SignatureValue>)", r"\1", value)), ["saml.signature_invalid", shape])


def keys(c):
    unknown, invalid = "saml.signature_key_unknown", "saml.signature_invalid"
    c.bad("other_key_named_in_key_info", c.a("other"), unknown)
    c.bad("other_key_response", c.r("other"), unknown, "response_signature")
    c.bad("other_key_assertion", c.a("other"), unknown, "assertion_signature")
    c.bad("other_key_without_key_info", re.sub(r"<ds:KeyInfo>.*?</ds:KeyInfo>", "", c.a("other"), flags=re.S), invalid)
    ours = re.search(r"<ds:X509Certificate>.*?</ds:X509Certificate>", c.a(), re.S).group(0)
    c.bad("other_key_claims_our_certificate", re.sub(r"<ds:X509Certificate>.*?</ds:X509Certificate>", lambda m: ours, c.a("other"), flags=re.S), invalid)
    c.bad("key_value_in_key_info", re.sub(r"<ds:X509Data>.*?</ds:X509Data>", "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>Aw==</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>", c.a("other"), flags=re.S), invalid)
    c.bad("key_of_another_kind", c.a("ec256", sign_options={"method": MORE + "ecdsa-sha256"}), unknown)
    c.bad("rsa_method_with_ec_key", c.a(), unknown, certificates=["ec256"])
    c.bad("no_keys", c.a(), [unknown, invalid], certificates=[])
    c.bad("outer_good_inner_other_key", c.r(content=c.tools.sign(assertion(sign=signature("_assertion1")), "other")), unknown, "assertion_signature")
    c.bad("outer_other_key_inner_good", c.r("other", content=c.tools.sign(assertion(sign=signature("_assertion1")))), unknown, "response_signature")
    c.bad("sha1_signature", c.a(sign_options={"method": DS + "rsa-sha1", "digest": DS + "sha1"}), "saml.signature_sha1")
    c.bad("sha1_digest", c.a(sign_options={"digest": DS + "sha1"}), "saml.signature_sha1")
    for name, raw in (("zero", bytes(64)), ("short", bytes(8)), ("der", bytes.fromhex("3006020101020101")), ("long", bytes(200))):
        c.bad(f"ecdsa_value_{name}", re.sub(r"(<ds:SignatureValue>)[^<]*", lambda m: m[1] + base64.b64encode(raw).decode(), c.a("ec256", sign_options={"method": MORE + "ecdsa-sha256"})), invalid, certificates=["ec256"])
    c.bad("rsa_value_zero", re.sub(r"(<ds:SignatureValue>)[^<]*", lambda m: m[1] + base64.b64encode(bytes(256)).decode(), c.a()), invalid)
    # PKCS #1 v1.5 forged for e = 3 (Bleichenbacher 2006): a cube that begins like a padded digest.
    cube = bytes.fromhex("0001ffffffffffffffff003031300d060960864801650304020105000420") + bytes(226)
    c.bad("rsa_value_cube", re.sub(r"(<ds:SignatureValue>)[^<]*", lambda m: m[1] + base64.b64encode(cube).decode(), c.a()), invalid)


def changed(c):
    digest = "saml.signature_digest_mismatch"
    for name, xml in (("assertion", c.a()), ("response", c.r()), ("both", c.both())):
        c.bad(f"changed_name_id_{name}_signed", xml.replace(NAME_ID + "</saml:NameID>", EVIL + "</saml:NameID>"), digest)
    good = c.a()
    c.bad("changed_attribute", good.replace(">Lovelace<", ">Byron<"), digest)
    c.bad("added_attribute", good.replace("</saml:AttributeStatement>", attr("x", "y") + "</saml:AttributeStatement>"), digest)
    c.bad("removed_audience", good.replace(element(good, "saml:AudienceRestriction"), ""), digest)
    c.bad("changed_time", good.replace("2030-03-01T10:30:00Z", "2031-03-01T10:30:00Z"), digest)
    c.bad("response_signed_changed_destination", c.r(destination=ACS + "x").replace(ACS + "x", ACS), digest)
    c.bad("white_space_added_inside", good.replace("<saml:Subject>", "<saml:Subject> "), digest)
    for place, old in (("name_id", NAME_ID + "</saml:NameID>"), ("attribute", "Lovelace</saml:AttributeValue>"), ("audience", SP + "</saml:Audience>"), ("issuer", IDP + "</saml:Issuer><ds:")):
        at = len(old.split("<")[0]) // 2
        c.bad(f"comment_in_{place}", good.replace(old, old[:at] + "<!-- -->" + old[at:]), "saml.value_not_text")
        c.bad(f"comment_at_end_of_{place}", good.replace(old, old.replace("</", "<!----></", 1)), "saml.value_not_text")
    evil = assertion(name_id='<saml:NameID>admin@contoso.example<!-- -->.evil.example</saml:NameID>', sign=signature("_assertion1"))
    c.bad("comment_before_signing", response(c.tools.sign(evil)), "saml.value_not_text")
    c.bad("comment_before_signing_with_comments_c14n", response(c.tools.sign(evil.replace(EXC + '"', EXC + 'WithComments"'))), "saml.value_not_text")
    c.bad("element_in_name_id", c.a(name_id="<saml:NameID>admin@contoso.example<x/>.evil.example</saml:NameID>"), "saml.value_not_text")
    c.bad("element_in_attribute_that_matters", c.a(name_id="<saml:NameID><b/></saml:NameID>"), "saml.value_not_text")


def parsing(c):
    good = c.a()
    xml = "saml.message_not_xml"
    doctypes = {"plain": "<!DOCTYPE x>", "internal": '<!DOCTYPE x [<!ENTITY e "eve">]>', "external": '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
                "laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>', "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://evil.example/"> %p;]>',
                "attribute_default": '<!DOCTYPE x [<!ATTLIST saml:Assertion ID CDATA "_assertion1">]>', "lower_case": "<!doctype x>"}
    for name, text in doctypes.items():
        c.bad(f"doctype_{name}", text + good, xml)
    c.bad("entity_undeclared", good.replace(">Ada<", ">&nbsp;<"), xml)
    c.bad("processing_instruction", good.replace("<saml:Subject>", "<?php x?><saml:Subject>"), xml)
    c.bad("processing_instruction_in_value", good.replace(">Ada<", ">A<?x?>da<"), xml)
    c.bad("id_twice_on_one_element", good.replace(' ID="_assertion1"', ' ID="_assertion1" ID="_assertion1"', 1), xml)
    c.bad("id_twice_in_document", good.replace('ID="_response1"', 'ID="_assertion1"'), xml)
    c.bad("prefixed_id_beside_id", good.replace(' ID="_assertion1"', ' saml:ID="_evil" ID="_assertion1"', 1), "saml.signature_digest_mismatch")
    c.bad("prefixed_id_alone", good.replace(' ID="_assertion1"', ' saml:ID="_assertion1"', 1), ["saml.signature_malformed"])
    c.bad("same_attribute_by_two_prefixes", good.replace("<saml:Subject>", '<saml:Subject xmlns:a="urn:x" xmlns:b="urn:x" a:y="1" b:y="2">'), xml)
    c.bad("unbound_prefix", good.replace("<saml:Subject>", "<saml:Subject><nope:x/>"), xml)
    for name, uri in (("saml11", "urn:oasis:names:tc:SAML:1.0:assertion"), ("case", ASSERTION.upper()), ("slash", ASSERTION + "/"), ("space", ASSERTION + " "), ("empty", "")):
        c.bad(f"namespace_{name}", good.replace(f'xmlns:saml="{ASSERTION}"', f'xmlns:saml="{uri}"'), [xml, "saml.element_unexpected", "saml.assertion_missing", "saml.issuer_missing"])
    c.bad("namespace_of_response", good.replace(f'xmlns:samlp="{PROTOCOL}"', 'xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol"'), "saml.message_kind")
    c.bad("root_lower_case", good.replace("samlp:Response", "samlp:response"), "saml.message_kind")
    for name, text in (("utf16", good.encode("utf-16")), ("utf16be", good.encode("utf-16-be")), ("utf7", b"+ADw-" + good.encode()), ("latin1", ('<?xml version="1.0" encoding="ISO-8859-1"?>' + good).encode()),
                       ("overlong", good.encode().replace(b">Ada<", b">\xc1\x81da<")), ("surrogate", good.encode().replace(b">Ada<", b">\xed\xa0\x80<")), ("bom_inside", good.encode().replace(b">Ada<", b">\xff\xfe<")),
                       ("nul", good.encode().replace(b">Ada<", b">A\0da<")), ("nul_reference", good.encode().replace(b">Ada<", b">A&#0;da<")), ("control", good.encode().replace(b">Ada<", b">A\x01da<")),
                       ("surrogate_reference", good.encode().replace(b">Ada<", b">&#xD800;<")), ("nel_as_space", good.encode().replace(b"<samlp:Response ", b"<samlp:Response\xc2\x85")), ("ls_as_space", good.encode().replace(b"<samlp:Response ", b"<samlp:Response\xe2\x80\xa8"))):
        c.bad(f"encoding_{name}", text, xml)
    c.bad("bom_inside_value", good.replace(">Ada<", ">\ufeffAda<"), "saml.signature_digest_mismatch")
    c.bad("byte_order_mark_twice", b"\xef\xbb\xbf\xef\xbb\xbf" + good.encode(), xml)
    c.bad("empty", "", xml)
    c.bad("text_after_root", good + "x", xml)
    c.bad("two_roots", good + good, xml)
    c.bad("cut_off", good[:-20], xml)
    c.bad("too_deep", response("<a>" * 200 + "</a>" * 200), ["saml.message_too_large"])
    c.bad("too_many_attributes", good.replace("<saml:Subject>", "<saml:Subject " + " ".join(f'a{i}=""' for i in range(100)) + ">"), "saml.message_too_large")
    c.bad("too_many_namespaces", good.replace("<saml:Subject>", "<saml:Subject " + " ".join(f'xmlns:a{i}="urn:{i}"' for i in range(70)) + ">"), "saml.message_too_large")
    c.bad("text_between_elements", c.a(statements="stray" + authn_statement()), "saml.element_unexpected")
    c.bad("text_in_response", good.replace("<samlp:Status>", "stray<samlp:Status>"), "saml.element_unexpected")


def envelope(c):
    refused = "saml.status_not_success"
    status = lambda code, more="": f'<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{code}">{more}</samlp:StatusCode><samlp:StatusMessage>No.</samlp:StatusMessage></samlp:Status>'  # noqa: E731
    c.bad("status_requester_unsigned", response("", status=status("Requester")), refused)
    c.bad("status_responder_nested", response("", status=status("Responder", '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/>')), refused)
    c.bad("status_failure_with_assertion", c.r(status=status("Responder")), refused)
    c.bad("status_failure_assertion_signed", c.a(response_options={"status": status("Requester")}), refused)
    c.bad("status_success_nested_in_failure", c.a(response_options={"status": status("Responder", '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>')}), refused)
    c.bad("status_unknown", c.a(response_options={"status": '<samlp:Status><samlp:StatusCode Value="Success"/></samlp:Status>'}), refused)
    c.bad("status_without_code", c.a(response_options={"status": "<samlp:Status/>"}), "saml.element_missing")
    c.bad("status_absent", c.a(response_options={"status": ""}), "saml.element_missing")
    c.bad("status_twice", c.a(response_options={"status": STATUS + STATUS}), "saml.element_unexpected")
    c.bad("no_assertion", response(""), "saml.assertion_missing")
    c.bad("no_assertion_response_signed", c.r(content=""), "saml.assertion_missing")
    c.bad("unsigned", response(assertion()), "saml.signature_missing")
    c.bad("unsigned_assertion_where_demanded", c.r(), "saml.assertion_signature_missing", policy="assertion")
    c.bad("unsigned_response_where_demanded", c.a(), "saml.response_signature_missing", policy="response")
    c.bad("one_signature_where_both_demanded_a", c.a(), "saml.response_signature_missing", policy="both")
    c.bad("one_signature_where_both_demanded_r", c.r(), "saml.assertion_signature_missing", policy="both")
    for kind, make in (("assertion_signed", lambda **o: c.a(response_options=o)), ("response_signed", c.r)):
        for name, url in (("other", "https://evil.example/acs"), ("account", ACS.replace("contoso", "fabrikam")), ("http", ACS.replace("https", "http")), ("case", ACS.replace("door", "Door")),
                          ("slash", ACS + "/"), ("port", ACS.replace(".com", ".com:443")), ("prefix", ACS[:-1]), ("suffix", ACS + "?x"), ("empty", ""), ("space", ACS + " ")):
            c.bad(f"destination_{name}_{kind}", make(destination=url), "saml.destination_mismatch")
        c.bad(f"response_in_response_to_absent_{kind}", make(in_response_to=None), "saml.in_response_to_missing", "in_response_to")
        c.bad(f"response_in_response_to_other_{kind}", make(in_response_to="_request2"), "saml.in_response_to_mismatch", "in_response_to")
        c.bad(f"response_version_{kind}", make(version="1.1"), "saml.version_unsupported")
        c.bad(f"response_issued_in_future_{kind}", make(issued="2030-03-01T09:40:00Z"), "saml.issued_in_future")
        c.bad(f"response_issuer_other_{kind}", make(issuer=f'<saml:Issuer xmlns:saml="{ASSERTION}">https://evil.example/</saml:Issuer>'), "saml.issuer_mismatch")
    c.bad("destination_absent_response_signed", c.r(destination=None), "saml.destination_missing")
    c.bad("response_issuer_absent_response_signed", c.r(issuer="").replace("\n", ""), ["saml.issuer_missing"])
    c.bad("response_id_absent", c.a().replace(' ID="_response1"', ""), "saml.attribute_missing")
    c.bad("response_issue_instant_absent", c.a().replace(' IssueInstant="2030-03-01T09:29:59.123Z" Destination', " Destination"), "saml.attribute_missing")
    c.bad("unsolicited_refused", c.a(confirmations=confirmation(in_response_to=None), response_options={"in_response_to": None}), "saml.unsolicited", "in_response_to", in_response_to=None)
    c.bad("unsolicited_with_in_response_to", c.a(), "saml.unsolicited", "in_response_to", in_response_to=None, unsolicited="accepted")
    c.bad("unsolicited_with_in_response_to_inside", c.a(response_options={"in_response_to": None}), "saml.unsolicited", "subject", in_response_to=None, unsolicited="accepted")


def content(c):
    both = lambda name, finding, check=None, **o: (c.bad(name, c.a(**o), finding, check), c.bad(name + "_response_signed", c.r(assertion_options=o), finding, check))  # noqa: E731
    issuer = lambda text, extra="": f"<saml:Issuer{extra}>{text}</saml:Issuer>"  # noqa: E731
    for name, text in (("other", "https://evil.example/"), ("space", IDP + " "), ("newline", "\n" + IDP), ("case", IDP.upper()), ("no_slash", IDP[:-1]), ("empty", ""), ("tenant", IDP.replace("1111", "9999"))):
        both(f"issuer_{name}", "saml.issuer_mismatch", issuer=issuer(text))
    both("issuer_format", "saml.issuer_mismatch", issuer=issuer(IDP, ' Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"'))
    c.bad("issuer_absent", c.r(assertion_options={"issuer": ""}), "saml.issuer_missing")
    both("version", "saml.version_unsupported", version="2.1")
    both("issued_in_future", "saml.issued_in_future", issued="2030-03-01T09:33:00.001Z")
    both("issued_long_ago", "saml.issued_too_long_ago", issued="2030-02-28T09:29:00Z")
    for name, text in (("no_zone", "2030-03-01T09:29:00"), ("february_30", "2030-02-30T09:29:00Z"), ("date_only", "2030-03-01"), ("space", "2030-03-01 09:29:00Z"), ("hour_24", "2030-03-01T24:00:00Z"), ("year_5_digits", "12030-03-01T09:29:00Z"),
                       ("negative", "-2030-03-01T09:29:00Z"), ("epoch", "1898587800"), ("empty", ""), ("comma", "2030-03-01T09:29:00,5Z"), ("no_fraction", "2030-03-01T09:29:00.Z"), ("lower_case", "2030-03-01t09:29:00z"), ("arabic_digits", "٢٠٣٠-03-01T09:29:00Z")):
        both(f"time_{name}", "saml.time_malformed", issued=text)
        c.bad(f"not_on_or_after_{name}", c.a(conds=conditions(until=text)), "saml.time_malformed")
    # Conditions.
    c.bad("conditions_absent", c.a(conds=""), "saml.conditions_missing")
    both("audience_absent", "saml.audience_missing", conds=conditions(children=""))
    for name, uri in (("other", "https://evil.example"), ("prefix", SP[:-1]), ("slash", SP + "/"), ("case", SP.upper()), ("space", SP + "\n"), ("empty", ""), ("account", SP.replace("contoso", "fabrikam"))):
        both(f"audience_{name}", "saml.audience_mismatch", conds=conditions(children=audience(uri)))
    both("audience_second_restriction", "saml.audience_mismatch", conds=conditions(children=audience(SP) + audience("https://evil.example")))
    both("audience_first_restriction", "saml.audience_mismatch", conds=conditions(children=audience("https://evil.example") + audience(SP)))
    both("audience_empty_restriction", "saml.audience_mismatch", conds=conditions(children="<saml:AudienceRestriction/>"))
    both("not_yet_valid", "saml.not_yet_valid", conds=conditions(before="2030-03-01T09:33:00.001Z"))
    both("expired", "saml.expired", conds=conditions(until="2030-03-01T09:27:00Z"))
    c.bad("expired_smaller_skew", c.a(conds=conditions(until="2030-03-01T09:29:00Z")), "saml.expired", clock_skew=60)
    c.bad("expired_largest_skew", c.a(conds=conditions(until="2030-03-01T09:25:00Z")), "saml.expired", clock_skew=100000)
    both("condition_unknown", "saml.condition_unknown", conds=conditions(children=audience(SP) + '<x:Until xmlns:x="urn:x"/>'))
    both("condition_abstract", "saml.condition_unknown", conds=conditions(children=audience(SP) + '<saml:Condition xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x"/>'))
    both("one_time_use_twice", "saml.element_unexpected", conds=conditions(children=audience(SP) + "<saml:OneTimeUse/><saml:OneTimeUse/>"))
    both("proxy_restriction_twice", "saml.element_unexpected", conds=conditions(children=audience(SP) + "<saml:ProxyRestriction/><saml:ProxyRestriction/>"))
    both("conditions_twice", "saml.element_unexpected", conds=conditions() + conditions())
    # Subject.
    c.bad("subject_absent", c.a(subject=""), "saml.subject_missing")
    both("subject_twice", "saml.conditions_missing", subject=f"<saml:Subject>{NAME_ID_XML}{confirmation()}</saml:Subject>" * 2)
    both("name_id_absent", "saml.name_id_missing", name_id="")
    both("name_id_twice", ["saml.element_unexpected", "saml.confirmation_missing"], name_id=NAME_ID_XML * 2)
    for name, text in (("empty", ""), ("blank", "  "), ("leading_space", " " + NAME_ID), ("trailing_newline", NAME_ID + "\n"), ("huge", "x" * 2000)):
        both(f"name_id_{name}", "saml.name_id_malformed", name_id=f"<saml:NameID>{text}</saml:NameID>")
    both("encrypted_id", "saml.encrypted_identifier", name_id="<saml:EncryptedID/>")
    both("base_id", "saml.name_id_missing", name_id="<saml:BaseID/>")
    both("confirmation_absent", "saml.confirmation_missing", confirmations="")
    for name in ("holder-of-key", "sender-vouches", "Bearer"):
        both(f"confirmation_{name.replace('-', '_')}", "saml.confirmation_missing", confirmations=confirmation(method="urn:oasis:names:tc:SAML:2.0:cm:" + name))
    both("confirmation_method_absent", "saml.confirmation_missing", confirmations=confirmation().replace(f' Method="{BEARER}"', ""))
    both("confirmation_data_absent", "saml.confirmation_missing", confirmations=confirmation(data=""))
    both("confirmation_not_before", "saml.confirmation_not_before", confirmations=confirmation(extra='NotBefore="2030-03-01T09:00:00Z"'))
    both("confirmation_without_end", "saml.confirmation_expired", confirmations=confirmation(until=None))
    both("confirmation_expired", "saml.confirmation_expired", confirmations=confirmation(until="2030-03-01T09:27:00Z"))
    both("confirmation_time_malformed", "saml.time_malformed", confirmations=confirmation(until="soon"))
    both("recipient_absent", "saml.recipient_missing", confirmations=confirmation(recipient=None))
    for name, url in (("other", "https://evil.example/acs"), ("account", ACS.replace("contoso", "fabrikam")), ("http", ACS.replace("https", "http")), ("case", ACS.upper()), ("slash", ACS + "/"), ("port", ACS.replace(".com", ".com:443")), ("prefix", ACS[:-1]), ("empty", "")):
        both(f"recipient_{name}", "saml.recipient_mismatch", confirmations=confirmation(recipient=url))
    both("confirmation_in_response_to_absent", "saml.in_response_to_missing", "subject", confirmations=confirmation(in_response_to=None))
    both("confirmation_in_response_to_other", "saml.in_response_to_mismatch", "subject", confirmations=confirmation(in_response_to="_request2"))
    both("all_confirmations_bad", "saml.recipient_mismatch", confirmations=confirmation(recipient="https://evil.example") + confirmation(in_response_to="_request2"))
    both("confirmations_good_only_together", "saml.recipient_mismatch", confirmations=confirmation(recipient="https://evil.example") + confirmation(until="2030-03-01T09:00:00Z"))
    # Statements.
    both("authn_statement_absent", "saml.authn_statement_missing", statements=f"<saml:AttributeStatement>{ENTRA_ATTRIBUTES}</saml:AttributeStatement>")
    both("authn_instant_absent", "saml.attribute_missing", statements=authn_statement(instant=None))
    both("authn_instant_in_future", "saml.authn_instant_in_future", statements=authn_statement(instant="2030-03-01T09:34:00Z"))
    both("authn_context_absent", "saml.element_missing", statements=authn_statement(context=""))
    both("session_expired", "saml.session_expired", statements=authn_statement(end=' SessionNotOnOrAfter="2030-03-01T09:00:00Z"'))
    both("second_session_expired", "saml.session_expired", statements=authn_statement() + authn_statement(end=' SessionNotOnOrAfter="2030-03-01T09:00:00Z"'))
    c.bad("sign_in_not_fresh", c.a(statements=authn_statement(instant="2030-03-01T08:00:00Z")), "saml.authn_instant_too_old", authenticated_after="2030-03-01T09:29:00Z")
    both("unknown_element_in_assertion", "saml.element_unexpected", tail='<x:x xmlns:x="urn:x"/>')
    # Attributes.
    for name, claim in (("email", CLAIMS + "emailaddress"), ("object_id", MS_CLAIMS + "objectidentifier"), ("tenant", MS_CLAIMS + "tenantid"), ("oid_mail", "urn:oid:0.9.2342.19200300.100.1.3"), ("uid", "uid")):
        both(f"claim_two_values_{name}", "saml.claim_repeated", attributes=attr(claim, "a", "b"))
        both(f"claim_two_attributes_{name}", "saml.claim_repeated", attributes=attr(claim, "a") + attr("x", "y") + attr(claim, "b"))
    both("attribute_without_name", "saml.attribute_missing", attributes=attr("x", "y").replace(' Name="x"', ""))
    both("encrypted_attribute", "saml.encrypted_attribute", attributes=attr("x", "y") + "<saml:EncryptedAttribute/>")
    both("attribute_statement_foreign_child", "saml.element_unexpected", attributes='<x:Attribute xmlns:x="urn:x" Name="x"/>')


def encryption(c):
    t = c.tools
    plain, inside = assertion(), t.sign(assertion(sign=signature("_assertion1")))
    cbc = dict(cipher=XENC + "aes256-cbc")
    c.bad("encrypted_cbc_assertion_signed", response(t.encrypt(inside, **cbc)), "saml.decryption_cbc_unsigned")
    c.bad("encrypted_cbc_nothing_signed", response(t.encrypt(plain, **cbc)), "saml.decryption_cbc_unsigned")
    c.bad("encrypted_unsigned", response(t.encrypt(plain)), "saml.signature_missing")
    c.bad("encrypted_for_somebody_else", response(t.encrypt(inside, to="other")), "saml.decryption_failed")
    c.bad("encrypted_without_our_key", response(t.encrypt(inside)), "saml.decryption_no_key", decryption_keys=[])
    c.bad("encrypted_not_an_assertion", response(t.encrypt(f'<saml:Issuer xmlns:saml="{ASSERTION}">x</saml:Issuer>')), "saml.decryption_failed")
    c.bad("encrypted_response", response(t.encrypt(c.a())), "saml.decryption_failed")
    c.bad("encrypted_changed_inside", response(t.encrypt(inside.replace(NAME_ID, EVIL))), "saml.signature_digest_mismatch")
    c.bad("encrypted_signed_by_other", response(t.encrypt(t.sign(assertion(sign=signature("_assertion1")), "other"))), "saml.signature_key_unknown")
    c.bad("encrypted_wrapping", response(t.encrypt(before_end(unsigned(forged(inside)), "saml:Assertion", inside))), MISPLACED)
    c.bad("encrypted_audience_other", response(t.encrypt(t.sign(assertion(sign=signature("_assertion1"), conds=conditions(children=audience("urn:x")))))), "saml.audience_mismatch")
    c.bad("encrypted_comment_in_name_id", response(t.encrypt(inside.replace(NAME_ID + "</saml:NameID>", "ada@contoso<!-- -->.example</saml:NameID>"))), "saml.value_not_text")
    c.bad("encrypted_beside_plain", response(t.encrypt(inside) + forged(inside)), "saml.assertion_repeated")
    c.bad("plain_beside_encrypted", response(inside + t.encrypt(plain)), "saml.assertion_repeated")
    c.bad("encrypted_twice", response(t.encrypt(inside) * 2), ["saml.assertion_repeated", "saml.message_not_xml"])
    c.bad("encrypted_in_extensions", response(inside, extensions=in_extensions(t.encrypt(plain))), MISPLACED)
    gcm = t.encrypt(inside)
    values = re.findall(r"<xenc:CipherValue>[^<]*</xenc:CipherValue>", gcm)
    for name, old in (("key", values[0]), ("data", values[-1])):
        raw = bytearray(base64.b64decode(re.sub("<[^>]*>", "", old)))
        raw[len(raw) // 2] ^= 1
        c.bad(f"encrypted_{name}_flipped", response(gcm.replace(old, f"<xenc:CipherValue>{base64.b64encode(raw).decode()}</xenc:CipherValue>")), "saml.decryption_failed")
        c.bad(f"encrypted_{name}_cut", response(gcm.replace(old, f"<xenc:CipherValue>{base64.b64encode(raw[:8]).decode()}</xenc:CipherValue>")), "saml.decryption_failed")
        c.bad(f"encrypted_{name}_not_base64", response(gcm.replace(old, "<xenc:CipherValue>*</xenc:CipherValue>")), "saml.decryption_algorithm")
    swapped = re.sub(r"(?s)<saml:EncryptedAssertion.*</saml:EncryptedAssertion>", lambda m: t.encrypt(forged(plain)), c.r(content=t.encrypt(plain)))
    c.bad("encrypted_ciphertext_swapped_in_signed_response", swapped, "saml.signature_digest_mismatch")
    algorithm = "saml.decryption_algorithm"
    c.bad("encrypted_rsa_1_5", response(gcm.replace(XENC + "rsa-oaep-mgf1p", XENC + "rsa-1_5")), algorithm)
    c.bad("encrypted_rsa_1_5_response_signed", c.r(content=t.encrypt(plain, transport=XENC + "rsa-1_5")), algorithm)
    c.bad("encrypted_tripledes", c.r(content=t.encrypt(plain, cipher=XENC + "tripledes-cbc", session="des-192")), algorithm)
    c.bad("encrypted_cipher_unknown", response(gcm.replace(XENC11 + "aes256-gcm", "urn:none")), algorithm)
    c.bad("encrypted_gcm_relabelled_cbc", response(gcm.replace(XENC11 + "aes256-gcm", XENC + "aes256-cbc")), "saml.decryption_cbc_unsigned")
    key = re.search(r"(?s)<xenc:EncryptedKey>.*?</xenc:EncryptedKey>", gcm).group(0)
    c.bad("encrypted_no_key", response(gcm.replace(key, "")), algorithm)
    c.bad("encrypted_hundred_keys", response(gcm.replace(key, key * 100)), algorithm)
    c.bad("encrypted_empty", response(f'<saml:EncryptedAssertion xmlns:saml="{ASSERTION}"/>'), algorithm)
    c.bad("encrypted_data_twice", response(before_end(gcm, "saml:EncryptedAssertion", re.search(r"(?s)<xenc:EncryptedData.*</xenc:EncryptedData>", gcm).group(0))), algorithm)
    c.bad("encrypted_cipher_reference", response(re.sub(r"<xenc:CipherValue>[^<]*</xenc:CipherValue>(?=</xenc:CipherData></xenc:EncryptedData>)", '<xenc:CipherReference URI="https://evil.example/"/>', gcm)), algorithm)


def make_bad(c):
    for family in (wrap_assertion, wrap_response, signature_shape, keys, changed, parsing, envelope, content, encryption):
        family(c)
