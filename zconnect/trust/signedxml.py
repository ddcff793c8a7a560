"""Signed XML (XML Signature 1.1) as SAML has it: one element whose own enveloped signature covers all of it, and nothing else.

signxml does the cryptography; what a document may look like is decided before, so that no other reading of it exists: the root is the
only thing that is signed, and only what was signed comes out.
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from zconnect.errors import Unavailable
from zconnect.messages import error
from zconnect.trust.token import SHORTEST_RSA

if TYPE_CHECKING:
    from lxml.etree import _Element

NOT_INSTALLED = error(
    "ZCON0491E",
    "SAML assertions cannot be validated, because the package signxml is not installed.",
    "Install it: pip install 'zconnect[saml]'.",
)

LONGEST: Final = 128 * 1024  # an assertion has some kilobytes
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_TRANSFORMS: Final = {_EXCLUSIVE, "http://www.w3.org/2000/09/xmldsig#enveloped-signature"}
_IDS = re.compile(r"(\{.*\})?id", re.IGNORECASE)
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)
_CANDIDATES = 8  # certificates that are tried where the signature names none
_HASHES = (256, 384, 512)


class NotSigned(ValueError):
    """There is no signature at all."""


class BadSignature(ValueError):
    """What is signed is not what it seems, or by nobody who is trusted; the text says why."""


class Signers(NamedTuple):
    """Who may sign: these certificates themselves, and what those of them that are authorities have issued and not revoked."""

    anchors: tuple[x509.Certificate, ...]
    revoked: tuple[x509.CertificateRevocationList, ...] = ()

    def trusted(self, certificate: x509.Certificate, now: datetime) -> bool:
        """Whether a certificate may sign, its dates apart."""
        if any(_revokes(each, certificate) for each in self.revoked):
            return False
        return certificate in self.anchors or any(_issued(certificate, each, now) for each in self.anchors)


def _revokes(listed: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    revoked = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
    return listed.issuer == certificate.issuer and revoked is not None


def _issued(certificate: x509.Certificate, authority: x509.Certificate, now: datetime) -> bool:
    try:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        if not constraints.ca or not authority.not_valid_before_utc <= now < authority.not_valid_after_utc:
            return False
        certificate.verify_directly_issued_by(authority)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
        return False
    return True


def need_library() -> None:
    """Raise `Unavailable` where the library is not installed."""
    if find_spec("signxml") is None:
        raise Unavailable(NOT_INSTALLED())


def parsed(data: bytes) -> "_Element":
    """The root of a document in UTF-8 without a DOCTYPE; raises ValueError."""
    from lxml import etree

    if len(data) > LONGEST:
        raise ValueError(f"it has {len(data)} bytes, and {LONGEST} are the most")
    data.decode()
    if b"<!DOCTYPE" in data or _ENCODING.match(data.lstrip()):
        raise ValueError("it has a DOCTYPE, or is not in UTF-8")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as cause:
        raise ValueError(f"it is no XML: {cause}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("it has a DOCTYPE")
    return root


def signed_part(root: "_Element", signers: Signers, weakest: int, now: float) -> "_Element":
    """What the signature of a root covers: the root itself, read anew from the bytes that were signed.

    `weakest` is the shortest hash in bits that a signature may be made with. Raises `NotSigned` and `BadSignature`.
    """
    from lxml import etree
    from signxml.algorithms import DigestAlgorithm, SignatureMethod
    from signxml.exceptions import SignXMLException
    from signxml.verifier import SignatureConfiguration, XMLVerifier

    signature = _only_signature(root)
    _check_shape(root, signature)
    strong = [bits for bits in _HASHES if bits >= weakest]
    at = datetime.fromtimestamp(now, UTC)
    expected = SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=frozenset(SignatureMethod[f"{kind}_SHA{bits}"] for kind in ("RSA", "ECDSA") for bits in strong),
        digest_algorithms=frozenset(DigestAlgorithm[f"SHA{bits}"] for bits in strong),
        verification_time=at,
    )
    cause = "nobody who is trusted has signed it"
    for certificate in _candidates(signature, signers, at):
        try:
            result = XMLVerifier().verify(root, x509_cert=certificate, id_attribute="ID", expect_config=expected)
        except (SignXMLException, InvalidSignature, etree.LxmlError, ValueError, TypeError, KeyError, AttributeError) as problem:
            cause = f"{type(problem).__name__}: {problem}"
            continue
        found = None if isinstance(result, list) else result.signed_xml
        if found is None or found.tag != root.tag or found.get("ID") != root.get("ID"):
            raise BadSignature("something else is signed")
        return found
    raise BadSignature(cause)


def canonical(part: "_Element") -> bytes:
    """The one spelling of a part (Exclusive XML Canonicalization)."""
    from lxml import etree

    return etree.tostring(part, method="c14n", exclusive=True)


def _only_signature(root: "_Element") -> "_Element":
    own = root.findall(f"{_DS}Signature")
    if not own:
        raise NotSigned("it has no signature of its own")
    if len(own) > 1 or sum(1 for _ in root.iter(f"{_DS}Signature")) > 1:
        raise BadSignature("it has more than one signature")
    return own[0]


def _check_shape(root: "_Element", signature: "_Element") -> None:
    """One reference, to the root, by an id that nothing else has; no transform that could choose, none that keeps comments."""
    if next(root.iter(f"{_DS}Object"), None) is not None:
        raise BadSignature("its signature has an Object")
    ids = [value for each in root.iter("*") for name, value in each.attrib.items() if _IDS.fullmatch(str(name))]
    own = root.get("ID")
    if not own or len(ids) != len(set(ids)):
        raise BadSignature("its ID is missing, or an id stands in it twice")
    references = [each.get("URI") for each in signature.iter(f"{_DS}Reference")]
    if references != [f"#{own}"]:
        raise BadSignature(f"its signature is for {references} and not for #{own} alone")
    transforms = [each.get("Algorithm") for each in signature.iter(f"{_DS}Transform")]
    if set(transforms) != _TRANSFORMS or len(transforms) != len(_TRANSFORMS):
        raise BadSignature(f"its transforms are {transforms}")
    methods = [each.get("Algorithm") for each in signature.iter(f"{_DS}CanonicalizationMethod")]
    if methods != [_EXCLUSIVE]:
        raise BadSignature(f"its canonicalization is {methods}")


def _candidates(signature: "_Element", signers: Signers, now: datetime) -> Iterator[x509.Certificate]:
    """The trusted certificate that the signature names, or where it names none, all that are trusted."""
    named = [each.text or "" for each in signature.iter(f"{_DS}X509Certificate")][:_CANDIDATES]
    found: Sequence[x509.Certificate]
    try:
        found = [x509.load_der_x509_certificate(b64decode("".join(each.split()))) for each in named] or signers.anchors[:_CANDIDATES]
    except ValueError as cause:
        raise BadSignature(f"its certificate cannot be read: {cause}") from None
    for certificate in found:
        if signers.trusted(certificate, now) and _is_strong(certificate):
            yield certificate


def _is_strong(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    return isinstance(key, ec.EllipticCurvePublicKey) or (isinstance(key, rsa.RSAPublicKey) and key.key_size >= SHORTEST_RSA)
