"""SAML messages as text, with a knob for everything that a case wants to be different."""

import base64
import re
import subprocess
import tempfile
from pathlib import Path

NOW = "2030-03-01T09:30:00Z"
IDP = "https://sts.windows.net/11111111-2222-4333-8444-555555555555/"
SP = "https://door.example.com/saml/contoso/metadata"
ACS = "https://door.example.com/saml/contoso/acs"
SLO = "https://door.example.com/saml/contoso/logout"
REQUEST = "_request1"
NAME_ID = "ada@contoso.example"

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
INC = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = DS + "enveloped-signature"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
MS_CLAIMS = "http://schemas.microsoft.com/identity/claims/"
MS_GROUPS = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"


def attr(name, *values, extra=""):
    inner = "".join(f"<saml:AttributeValue>{v}</saml:AttributeValue>" for v in values)
    return f'<saml:Attribute Name="{name}"{extra}>{inner}</saml:Attribute>'


ENTRA_ATTRIBUTES = (
    attr(MS_CLAIMS + "tenantid", "11111111-2222-4333-8444-555555555555")
    + attr(MS_CLAIMS + "objectidentifier", "0a0a0a0a-1111-4222-8333-444444444444")
    + attr(MS_CLAIMS + "displayname", "Ada Lovelace")
    + attr(CLAIMS + "givenname", "Ada")
    + attr(CLAIMS + "surname", "Lovelace")
    + attr(CLAIMS + "emailaddress", "ada@contoso.example")
    + attr(CLAIMS + "name", "ada@contoso.example")
)


def signature(ref, *, c14n=EXC, method=MORE + "rsa-sha256", digest=XENC + "sha256", transforms=None, content_c14n=None,
              prefixes=None, key_info="<ds:X509Data/>", p="ds"):
    """A template that xmlsec1 fills in."""
    content_c14n = content_c14n or c14n
    inclusive = f'<ec:InclusiveNamespaces xmlns:ec="{EXC}" PrefixList="{prefixes}"/>' if prefixes else ""
    if transforms is None:
        transforms = (f'<ds:Transform Algorithm="{ENVELOPED}"/>'
                      f'<ds:Transform Algorithm="{content_c14n}">{inclusive}</ds:Transform>')
    text = (f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{c14n}"/>'
            f'<ds:SignatureMethod Algorithm="{method}"/><ds:Reference URI="#{ref}"><ds:Transforms>{transforms}'
            f'</ds:Transforms><ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>'
            f'<ds:SignatureValue/><ds:KeyInfo>{key_info}</ds:KeyInfo></ds:Signature>')
    if p == "":
        return text.replace("<ds:", "<").replace("</ds:", "</").replace("xmlns:ds=", "xmlns=")
    return re.sub(r"\bds:", p + ":", text).replace("xmlns:ds=", f"xmlns:{p}=")


def confirmation(*, method=BEARER, recipient=ACS, until="2030-03-01T10:30:00Z", in_response_to=REQUEST, extra="", data=None,
                 before=""):
    if data is None:
        parts = [f'InResponseTo="{in_response_to}"' if in_response_to is not None else "",
                 f'NotOnOrAfter="{until}"' if until is not None else "",
                 f'Recipient="{recipient}"' if recipient is not None else "", extra]
        data = f'<saml:SubjectConfirmationData {" ".join(x for x in parts if x)}/>'
    return f'<saml:SubjectConfirmation Method="{method}">{before}{data}</saml:SubjectConfirmation>'


def audience(*names):
    return ("<saml:AudienceRestriction>" + "".join(f"<saml:Audience>{n}</saml:Audience>" for n in names)
            + "</saml:AudienceRestriction>")


def conditions(*, before="2030-03-01T09:25:00Z", until="2030-03-01T10:35:00Z", children=None):
    times = (f' NotBefore="{before}"' if before is not None else "") + (
        f' NotOnOrAfter="{until}"' if until is not None else "")
    return f"<saml:Conditions{times}>{audience(SP) if children is None else children}</saml:Conditions>"


def authn_statement(*, instant="2030-03-01T09:29:50Z", session=' SessionIndex="_session1"', end="", context=None):
    if context is None:
        context = ("<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
                   "</saml:AuthnContextClassRef></saml:AuthnContext>")
    at = f' AuthnInstant="{instant}"' if instant is not None else ""
    return f"<saml:AuthnStatement{at}{session}{end}>{context}</saml:AuthnStatement>"


NAME_ID_XML = ('<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">' + NAME_ID + "</saml:NameID>")


def assertion(*, id="_assertion1", version="2.0", issued="2030-03-01T09:29:59.123Z", issuer=f"<saml:Issuer>{IDP}</saml:Issuer>",
              sign="", name_id=NAME_ID_XML, confirmations=None, subject=None, conds=None, advice="", statements=None,
              attributes=ENTRA_ATTRIBUTES, tail="", namespaces=f'xmlns:saml="{ASSERTION}"'):
    if subject is None:
        subject = f"<saml:Subject>{name_id}{confirmation() if confirmations is None else confirmations}</saml:Subject>"
    if statements is None:
        statements = (f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement>" if attributes else ""
                      ) + authn_statement()
    return (f'<saml:Assertion {namespaces} ID="{id}" IssueInstant="{issued}" Version="{version}">{issuer}{sign}{subject}'
            f"{conditions() if conds is None else conds}{advice}{statements}{tail}</saml:Assertion>")


STATUS = ('<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>')


def response(content, *, id="_response1", version="2.0", issued="2030-03-01T09:29:59.123Z", destination=ACS,
             in_response_to=REQUEST, issuer=f'<saml:Issuer xmlns:saml="{ASSERTION}">{IDP}</saml:Issuer>', sign="",
             extensions="", status=STATUS, namespaces=f'xmlns:samlp="{PROTOCOL}"'):
    attributes = (f' Destination="{destination}"' if destination is not None else "") + (
        f' InResponseTo="{in_response_to}"' if in_response_to is not None else "")
    return (f'<samlp:Response {namespaces} ID="{id}" Version="{version}" IssueInstant="{issued}"{attributes}>'
            f"{issuer}{sign}{extensions}{status}{content}</samlp:Response>")


class Tools:
    """xmlsec1 and openssl, with one set of keys."""

    ID_ATTRIBUTES = ["--id-attr:ID", ASSERTION + ":Assertion", "--id-attr:ID", PROTOCOL + ":Response",
                     "--id-attr:ID", PROTOCOL + ":LogoutRequest", "--id-attr:ID", PROTOCOL + ":LogoutResponse"]

    def __init__(self, keys):
        self.keys = keys

    @staticmethod
    def run(*command, data=None):
        return subprocess.run(command, input=data, check=True, capture_output=True).stdout

    def make_key(self, name, algorithm, days=36500):
        key, certificate = self.keys / f"{name}.key", self.keys / f"{name}.crt"
        options = [x for option in algorithm[1:] for x in ("-pkeyopt", option)]
        self.run("openssl", "genpkey", "-algorithm", algorithm[0], *options, "-out", key)
        self.run("openssl", "req", "-x509", "-new", "-key", key, "-subj", f"/CN={name}", "-days", str(days), "-out", certificate)

    def sign(self, xml, key="idp", where="assertion"):
        """Fills in the signature template of the assertion or of the message around it."""
        path = {"assertion": "//*[local-name()='Assertion']/*[local-name()='Signature']",
                "message": "/*/*[local-name()='Signature']"}[where]
        with tempfile.NamedTemporaryFile(suffix=".xml") as file:
            file.write(xml.encode())
            file.flush()
            signed = self.run("xmlsec1", "--sign", "--privkey-pem", f"{self.keys}/{key}.key,{self.keys}/{key}.crt",
                              *self.ID_ATTRIBUTES, "--node-xpath", path, file.name).decode()
        return signed.removeprefix('<?xml version="1.0"?>\n').rstrip("\n")

    def verifies(self, xml, keys, where):
        path = {"assertion": "/*/*[local-name()='Assertion']/*[local-name()='Signature']",
                "message": "/*/*[local-name()='Signature']"}[where]
        with tempfile.NamedTemporaryFile(suffix=".xml") as file:
            file.write(xml if isinstance(xml, bytes) else xml.encode())
            file.flush()
            return any(
                subprocess.run(["xmlsec1", "--verify", "--pubkey-cert-pem", f"{self.keys}/{key}.crt", *self.ID_ATTRIBUTES,
                                "--node-xpath", path, file.name], capture_output=True).returncode == 0 for key in keys)

    def encrypt(self, plain, *, cipher=XENC11 + "aes256-gcm", session="aes-256", to="sp", transport=XENC + "rsa-oaep-mgf1p",
                digest=None):
        """An EncryptedAssertion holding the element `plain`, which must declare its namespaces."""
        oaep = f'<ds:DigestMethod Algorithm="{digest}"/>' if digest else ""
        template = (f'<xenc:EncryptedData xmlns:xenc="{XENC}" Type="{XENC}Element"><xenc:EncryptionMethod Algorithm="{cipher}"/>'
                    f'<ds:KeyInfo xmlns:ds="{DS}"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="{transport}">{oaep}'
                    f"</xenc:EncryptionMethod><ds:KeyInfo><ds:KeyName/></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData>"
                    f"</xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>")
        with tempfile.TemporaryDirectory() as folder:
            data, form = Path(folder, "data.xml"), Path(folder, "template.xml")
            data.write_text(plain)
            form.write_text(template)
            out = self.run("xmlsec1", "--encrypt", "--pubkey-cert-pem", f"{self.keys}/{to}.crt", "--session-key", session,
                           "--xml-data", data, "--node-xpath", "/*", form).decode()
        body = out.removeprefix('<?xml version="1.0"?>\n').rstrip("\n").replace("<ds:KeyInfo><ds:KeyName/></ds:KeyInfo>", "")
        return f'<saml:EncryptedAssertion xmlns:saml="{ASSERTION}">{body}</saml:EncryptedAssertion>'

    def rewrap(self, encrypted, options, method):
        """The same ciphertext with the content key transported in another way."""
        start = encrypted.index("<xenc:CipherValue>") + len("<xenc:CipherValue>")
        end = encrypted.index("</xenc:CipherValue>")
        wrapped = base64.b64decode(encrypted[start:end])
        key = self.run("openssl", "pkeyutl", "-decrypt", "-inkey", f"{self.keys}/sp.key", "-pkeyopt", "rsa_padding_mode:oaep",
                       data=wrapped)
        again = self.run("openssl", "pkeyutl", "-encrypt", "-certin", "-inkey", f"{self.keys}/sp.crt",
                         *[x for option in options for x in ("-pkeyopt", option)], data=key)
        text = encrypted[:start] + base64.b64encode(again).decode() + encrypted[end:]
        at = text.index("<xenc:EncryptedKey>") + len("<xenc:EncryptedKey>")
        stop = text.index("<xenc:CipherData>", at)
        return text[:at] + method + text[stop:]
