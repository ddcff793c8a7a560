"""SAML assertions for tests, good and bad: made with lxml and cryptography alone, apart from the library that reads them."""

import base64
import copy
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from lxml import etree

NOW = 1_800_000_000.0
ISSUER, AUDIENCE = "https://idp.example", "https://rs.example"
SAML, DS = "urn:oasis:names:tc:SAML:2.0:assertion", "http://www.w3.org/2000/09/xmldsig#"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
MORE, ENC = "http://www.w3.org/2001/04/xmldsig-more#", "http://www.w3.org/2001/04/xmlenc#"
HASHES: Mapping[str, tuple[hashes.HashAlgorithm, str, str, str]] = {
    "sha1": (hashes.SHA1(), f"{DS}rsa-sha1", f"{MORE}ecdsa-sha1", f"{DS}sha1"),
    "sha256": (hashes.SHA256(), f"{MORE}rsa-sha256", f"{MORE}ecdsa-sha256", f"{ENC}sha256"),
    "sha512": (hashes.SHA512(), f"{MORE}rsa-sha512", f"{MORE}ecdsa-sha512", f"{ENC}sha512"),
}
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certificate(
    key: Key,
    name: str = "idp",
    issuer: tuple[Key, x509.Certificate] | None = None,
    *,
    ca: bool = False,
    days: tuple[int, int] = (-10, 3650),
) -> x509.Certificate:
    """A certificate of its own, or issued by another; good for days around the time of the tests."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.fromtimestamp(NOW, UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[1].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
    )
    return builder.sign(issuer[0] if issuer else key, hashes.SHA256())


KEY = rsa.generate_private_key(65537, 2048)
CERTIFICATE = certificate(KEY)
STRANGER = rsa.generate_private_key(65537, 2048)


def stamp(offset: float) -> str:
    return datetime.fromtimestamp(NOW + offset, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def add(parent: Any, name: str, text: str | None = None, space: str = SAML, **attributes: str) -> Any:
    made = etree.SubElement(parent, f"{{{space}}}{name}", dict(attributes))
    made.text = text
    return made


def assertion(
    *,
    id: str = "_a1",
    name: str | None = "alice",
    issuer: str = ISSUER,
    start: float = -30,
    end: float = 600,
    confirmation: Sequence[tuple[str, float | None, float | None]] = (("bearer", None, 600),),
    audiences: Sequence[Sequence[str]] = ((AUDIENCE,),),
    session: float | None = None,
    attributes: Mapping[str, Sequence[str]] | None = None,
    without: Sequence[str] = (),
    conditions: Sequence[str] = (),
) -> Any:
    """An unsigned one; `confirmation` are method, NotBefore and NotOnOrAfter, times are seconds from now."""
    made = etree.Element(f"{{{SAML}}}Assertion", nsmap={"saml": SAML}, ID=id, Version="2.0", IssueInstant=stamp(-5))
    add(made, "Issuer", issuer)
    subject = add(made, "Subject")
    add(subject, "NameID", name)
    for method, before, after in confirmation:
        times = {"NotBefore": before, "NotOnOrAfter": after}
        said = {key: stamp(value) for key, value in times.items() if value is not None}
        add(add(subject, "SubjectConfirmation", Method=f"urn:oasis:names:tc:SAML:2.0:cm:{method}"), "SubjectConfirmationData", **said)
    limits = add(made, "Conditions", NotBefore=stamp(start), NotOnOrAfter=stamp(end))
    for group in audiences:
        restriction = add(limits, "AudienceRestriction")
        for audience in group:
            add(restriction, "Audience", audience)
    for condition in conditions:
        add(limits, condition)
    said = {} if session is None else {"SessionNotOnOrAfter": stamp(session)}
    add(made, "AuthnStatement", AuthnInstant=stamp(-10), **said)
    for key, values in (attributes or {}).items():
        attribute = add(add(made, "AttributeStatement"), "Attribute", Name=key)
        for value in values:
            add(attribute, "AttributeValue", value)
    for unwanted in without:
        for each in list(made.iter(f"{{{SAML}}}{unwanted}")):
            parent = each.getparent()
            assert parent is not None
            parent.remove(each)
    return made


def canonical(element: Any, *, comments: bool = False) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=comments)


def signed(
    made: Any,
    key: Key = KEY,
    shown: x509.Certificate | None = CERTIFICATE,
    *,
    hash: str = "sha256",
    digest: str = "",
    reference: str | None = None,
    transforms: Sequence[str] = (f"{DS}enveloped-signature", EXC),
    method: str = EXC,
    secret: bytes = b"",
    change: Callable[[Any], None] = lambda _: None,
) -> Any:
    """The same with a signature behind its issuer; `secret`: by HMAC; `change` is done to SignedInfo before it is signed."""
    algorithm, by_rsa, by_ec, _ = HASHES[hash]
    found = hashes.Hash(HASHES[digest or hash][0])
    found.update(canonical(made, comments=any(each.endswith("WithComments") for each in transforms)))
    signature = etree.Element(f"{{{DS}}}Signature", nsmap={"ds": DS})
    info = add(signature, "SignedInfo", space=DS)
    add(info, "CanonicalizationMethod", space=DS, Algorithm=method)
    uri = f"{MORE}hmac-sha256" if secret else by_ec if isinstance(key, ec.EllipticCurvePrivateKey) else by_rsa
    add(info, "SignatureMethod", space=DS, Algorithm=uri)
    one = add(info, "Reference", space=DS, URI=f"#{made.get('ID')}" if reference is None else reference)
    chain = add(one, "Transforms", space=DS)
    for each in transforms:
        add(chain, "Transform", space=DS, Algorithm=each)
    add(one, "DigestMethod", space=DS, Algorithm=HASHES[digest or hash][3])
    add(one, "DigestValue", base64.b64encode(found.finalize()).decode(), DS)
    change(info)
    value = _signature(canonical(info), key, algorithm, secret)
    add(signature, "SignatureValue", base64.b64encode(value).decode(), DS)
    if shown is not None:
        data = add(add(signature, "KeyInfo", space=DS), "X509Data", space=DS)
        add(data, "X509Certificate", base64.b64encode(shown.public_bytes(Encoding.DER)).decode(), DS)
    made.insert(1, signature)
    return made


def _signature(text: bytes, key: Key, algorithm: hashes.HashAlgorithm, secret: bytes) -> bytes:
    if secret:
        mac = hmac.HMAC(secret, hashes.SHA256())
        mac.update(text)
        return mac.finalize()
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(text, padding.PKCS1v15(), algorithm)
    size = (key.key_size + 7) // 8
    return b"".join(part.to_bytes(size, "big") for part in decode_dss_signature(key.sign(text, ec.ECDSA(algorithm))))


def text(made: Any) -> bytes:
    return etree.tostring(made)


def evil(**changes: Any) -> Any:
    return assertion(**{"id": "_evil", "name": "mallory", **changes})


def wrapped(how: str) -> bytes:
    """The ways of "On Breaking SAML" (USENIX Security 2012), as far as an assertion alone can have them."""
    good = signed(assertion())
    signature = good.find(f"{{{DS}}}Signature")
    match how:
        case "signed one in an Object of its signature":
            outer = evil()
            outer.insert(1, copy.deepcopy(signature))
            inner = copy.deepcopy(good)
            inner.remove(inner.find(f"{{{DS}}}Signature"))
            add(outer.find(f"{{{DS}}}Signature"), "Object", space=DS).append(inner)
        case "same id twice":
            outer = evil(id="_a1")
            outer.insert(1, copy.deepcopy(signature))
            inner = copy.deepcopy(good)
            inner.remove(inner.find(f"{{{DS}}}Signature"))
            add(outer, "Advice").append(inner)
        case "signed one as the last child":
            outer = evil()
            outer.append(good)
        case "signed one in Advice, signature outside":
            outer = evil()
            good.remove(signature)
            outer.insert(1, signature)
            add(outer, "Advice").append(good)
        case "another subject beside":
            outer = good
            outer.append(copy.deepcopy(evil().find(f"{{{SAML}}}Subject")))
        case "signed one in a foreign element":
            outer = evil()
            etree.SubElement(outer, "{urn:x}Box").append(good)
        case "signature of another element":
            outer = evil()
            box = etree.SubElement(outer, "{urn:x}Box", ID="_b")
            made = signed(assertion(), reference="#_b")
            outer.insert(1, made.find(f"{{{DS}}}Signature"))
            box.text = "x"
        case "both in one response":
            outer = etree.Element(f"{{{SAMLP}}}Response", ID="_r")
            outer.extend([evil(), good])
        case _:
            raise ValueError(how)
    return text(outer)


def by_public_key() -> Any:
    """Signed by HMAC with the public key of the identity provider, which everybody has."""
    return signed(assertion(name="mallory"), secret=KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
