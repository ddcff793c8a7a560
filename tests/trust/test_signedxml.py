"""Signed XML: what was signed is all that is read; each attack has the name under which others were hit by it (peers: SAML libraries)."""

import sys
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from tests.trust import saml
from zconnect.errors import Unavailable
from zconnect.trust.signedxml import LONGEST, BadSignature, NotSigned, Signers, need_library, parsed, signed_part

SIGNERS = Signers((saml.CERTIFICATE,))
AUTHORITY_KEY = rsa.generate_private_key(65537, 2048)
AUTHORITY = saml.certificate(AUTHORITY_KEY, "authority", ca=True)
ISSUED = saml.certificate(saml.STRANGER, "leaf", (AUTHORITY_KEY, AUTHORITY))
CURVE = ec.generate_private_key(ec.SECP256R1())
SMALL = rsa.generate_private_key(65537, 1024)


def name_in(data: bytes, signers: Signers = SIGNERS, weakest: int = 256) -> str | None:
    """The name in what comes out."""
    found = signed_part(parsed(data), signers, weakest, saml.NOW).find(f".//{{{saml.SAML}}}NameID")
    return None if found is None else str(found.text)


def listed(certificate: x509.Certificate) -> x509.CertificateRevocationList:
    now = datetime.fromtimestamp(saml.NOW, UTC)
    entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(now).build()
    builder = x509.CertificateRevocationListBuilder().issuer_name(AUTHORITY.subject).last_update(now).next_update(now + timedelta(days=1))
    return builder.add_revoked_certificate(entry).sign(AUTHORITY_KEY, hashes.SHA256())


@pytest.mark.parametrize(
    ("made", "signers"),
    [
        (lambda: saml.signed(saml.assertion()), SIGNERS),
        (lambda: saml.signed(saml.assertion(), shown=None), SIGNERS),
        (lambda: saml.signed(saml.assertion(), hash="sha512"), SIGNERS),
        (lambda: saml.signed(saml.assertion(), CURVE, saml.certificate(CURVE)), None),
        (lambda: saml.signed(saml.assertion(), saml.STRANGER, ISSUED), Signers((AUTHORITY,))),
        (lambda: saml.signed(saml.assertion(), saml.STRANGER, ISSUED), Signers((AUTHORITY,), (listed(saml.CERTIFICATE),))),
    ],
    ids=["rsa", "without its certificate", "sha512", "ecdsa", "issued by an authority", "not among the revoked"],
)
def test_good_signatures(made: Callable[[], Any], signers: Signers | None) -> None:
    """By a trusted certificate itself, or one that a trusted authority has issued."""
    document = made()
    if signers is None:
        shown = document.find(f".//{{{saml.DS}}}X509Certificate").text
        signers = Signers((x509.load_pem_x509_certificate(f"-----BEGIN CERTIFICATE-----\n{shown}\n-----END CERTIFICATE-----".encode()),))
    assert name_in(saml.text(document), signers) == "alice"


@pytest.mark.parametrize(
    "how",
    [
        "signed one in an Object of its signature",
        "same id twice",
        "signed one as the last child",
        "signed one in Advice, signature outside",
        "signed one in a foreign element",
        "signature of another element",
    ],
)
def test_cve_2012_signature_wrapping(how: str) -> None:
    """Somorovsky et al., On Breaking SAML (CVE-2011-1411 OpenSAML, CVE-2017-11427 ff., CVE-2024-45409 ruby-saml)."""
    with pytest.raises((BadSignature, NotSigned)):
        name_in(saml.wrapped(how))


def _info(change: Callable[[Any, Any], None]) -> Callable[[], bytes]:
    """A signature that covers what the change has made of SignedInfo and its reference."""

    def made() -> bytes:
        return saml.text(saml.signed(saml.assertion(), change=lambda info: change(info, info.find(f"{{{saml.DS}}}Reference"))))

    return made


def _second_reference(info: Any, reference: Any) -> None:
    info.append(etree.fromstring(etree.tostring(reference)))


def _two_digests() -> bytes:
    """The digest of another content, a comment, and the digest that was signed; canonical SignedInfo has no comments."""
    document = _renamed(saml.signed(saml.assertion()))
    forged = saml.signed(saml.assertion(name="mallory")).find(f".//{{{saml.DS}}}DigestValue").text
    value = document.find(f".//{{{saml.DS}}}DigestValue")
    comment = etree.Comment("")
    comment.tail, value.text = value.text, forged
    value.append(comment)
    return saml.text(document)


def _key_value(document: Any) -> Any:
    """The stranger's own key beside nothing else."""
    numbers = saml.STRANGER.public_key().public_numbers()
    info = saml.add(document.find(f"{{{saml.DS}}}Signature"), "KeyInfo", space=saml.DS)
    value = saml.add(saml.add(info, "KeyValue", space=saml.DS), "RSAKeyValue", space=saml.DS)
    saml.add(value, "Modulus", b64encode(numbers.n.to_bytes(256, "big")).decode(), saml.DS)
    saml.add(value, "Exponent", "AQAB", saml.DS)
    return document


def _spoilt(document: Any) -> Any:
    value = document.find(f".//{{{saml.DS}}}SignatureValue")
    value.text = ("B" if value.text[0] == "A" else "A") + value.text[1:]
    return document


def _renamed(document: Any) -> Any:
    document.find(f".//{{{saml.SAML}}}NameID").text = "mallory"
    return document


XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
ENVELOPED = f"{saml.DS}enveloped-signature"
ATTACKS: dict[str, Callable[[], bytes]] = {
    "CVE-2022-39299 passport-saml: two signatures": lambda: saml.text(saml.signed(saml.signed(saml.assertion()))),
    "CVE-2025-29774 xml-crypto: a second reference": _info(_second_reference),
    "CVE-2025-29775 xml-crypto: a comment in the digest": _two_digests,
    "CVE-2024-45409 ruby-saml: reference to nothing": lambda: saml.text(saml.signed(saml.assertion(), reference="#other")),
    "reference to the whole document": lambda: saml.text(saml.signed(saml.assertion(), reference="")),
    "reference by XPointer": lambda: saml.text(saml.signed(saml.assertion(), reference="#xpointer(id('_a1'))")),
    "CVE-2022-21449-like: changed signature value": lambda: saml.text(_spoilt(saml.signed(saml.assertion()))),
    "changed content": lambda: saml.text(_renamed(saml.signed(saml.assertion()))),
    "CVE-2021-44878-like: HMAC by the public key": lambda: saml.text(saml.by_public_key()),
    "SHA-1 signature": lambda: saml.text(saml.signed(saml.assertion(), hash="sha1")),
    "SHA-1 digest": lambda: saml.text(saml.signed(saml.assertion(), digest="sha1")),
    "signed by a stranger": lambda: saml.text(saml.signed(saml.assertion(), saml.STRANGER, saml.certificate(saml.STRANGER))),
    "a stranger's signature, the right certificate": lambda: saml.text(saml.signed(saml.assertion(), saml.STRANGER)),
    "a stranger's signature without certificate": lambda: saml.text(saml.signed(saml.assertion(), saml.STRANGER, None)),
    "CVE-2021-21239 pysaml2: the key in KeyValue": lambda: saml.text(_key_value(saml.signed(saml.assertion(), saml.STRANGER, None))),
    "CVE-2022-34716-like: XSLT transform": lambda: saml.text(saml.signed(saml.assertion(), transforms=(ENVELOPED, XSLT, saml.EXC))),
    "XPath transform": lambda: saml.text(saml.signed(saml.assertion(), transforms=(ENVELOPED, XPATH, saml.EXC))),
    "no transform": lambda: saml.text(saml.signed(saml.assertion(), transforms=())),
    "a transform twice": lambda: saml.text(saml.signed(saml.assertion(), transforms=(ENVELOPED, saml.EXC, saml.EXC))),
    "comments are signed": lambda: saml.text(saml.signed(saml.assertion(), transforms=(ENVELOPED, f"{saml.EXC}WithComments"))),
    "inclusive canonicalization": lambda: saml.text(
        saml.signed(saml.assertion(), method="http://www.w3.org/TR/2001/REC-xml-c14n-20010315")
    ),
    "a key of 1024 bits": lambda: saml.text(saml.signed(saml.assertion(), SMALL, saml.certificate(SMALL))),
}


@pytest.mark.parametrize("how", ATTACKS)
def test_refused(how: str) -> None:
    """Whatever is not one strong signature of a trusted certificate over the whole."""
    with pytest.raises(BadSignature):
        name_in(ATTACKS[how](), Signers((saml.CERTIFICATE, saml.certificate(SMALL))))


@pytest.mark.parametrize(
    ("key", "shown", "signers"),
    [
        (saml.STRANGER, ISSUED, Signers((AUTHORITY,), (listed(ISSUED),))),
        (saml.STRANGER, ISSUED, Signers((saml.CERTIFICATE,))),
        (saml.STRANGER, saml.certificate(saml.STRANGER, "leaf", (saml.KEY, saml.CERTIFICATE)), SIGNERS),
        (saml.STRANGER, saml.certificate(saml.STRANGER, "leaf", (AUTHORITY_KEY, AUTHORITY), days=(-10, -1)), Signers((AUTHORITY,))),
        (saml.STRANGER, saml.certificate(saml.STRANGER, "leaf", (AUTHORITY_KEY, AUTHORITY), days=(1, 10)), Signers((AUTHORITY,))),
        (saml.STRANGER, ISSUED, Signers((saml.certificate(AUTHORITY_KEY, "authority", ca=True, days=(-10, -1)),))),
    ],
    ids=["revoked", "of another authority", "issued by what is no authority", "ended", "not begun", "of an authority that has ended"],
)
def test_certificates_that_may_not_sign(key: Any, shown: x509.Certificate, signers: Signers) -> None:
    """CVE-2023-41890-like: who issued a certificate, for what and when is asked."""
    with pytest.raises(BadSignature):
        name_in(saml.text(saml.signed(saml.assertion(), key, shown)), signers)


def test_a_hash_may_be_too_weak() -> None:
    """As signatureMethodAlgorithm says, for signature and digest."""
    assert name_in(saml.text(saml.signed(saml.assertion(), hash="sha512")), weakest=512) == "alice"
    for hash, digest in (("sha256", "sha256"), ("sha512", "sha256"), ("sha256", "sha512")):
        with pytest.raises(BadSignature):
            name_in(saml.text(saml.signed(saml.assertion(), hash=hash, digest=digest)), weakest=512)


def test_cve_2017_11427_comments_do_not_cut_a_name() -> None:
    """A comment that came after the signing (Duo, 2018: python3-saml, ruby-saml, OpenSAML, …) is not in what comes out."""
    good = saml.text(saml.signed(saml.assertion(name="admin@corp.example.evil.example")))
    assert name_in(good.replace(b".evil", b"<!-- x -->.evil")) == "admin@corp.example.evil.example"


def test_unsigned() -> None:
    """No signature, or one that belongs to something inside."""
    for document in (saml.assertion(), saml.evil()):
        with pytest.raises(NotSigned):
            name_in(saml.text(document))


GOOD = saml.text(saml.signed(saml.assertion()))
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS + GOOD.replace(b">alice<", b">&b;<"),
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + GOOD.replace(b">alice<", b">&e;<"),
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">' + GOOD,
        (f'<?xml version="1.0" encoding="UTF-16"?>{GOOD.decode()}').encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-7"?>' + GOOD,
        b'<?xml version="1.0" encoding="ISO-8859-1"?>' + GOOD,
        GOOD + GOOD,
        GOOD[:-7],
        b"",
        b"\xff",
        b"<a>" * 300 + b"</a>" * 300,
        GOOD + b" " * LONGEST,
    ],
    ids=[
        "CVE-2003-1564 billion laughs",
        "CVE-2016-10127 pysaml2: external entity",
        "CVE-2016-10149 pysaml2: external DTD",
        "UTF-16",
        "UTF-7",
        "Latin-1",
        "two documents",
        "cut off",
        "nothing",
        "no UTF-8",
        "deep",
        "long",
    ],
)
def test_documents_that_are_not_read(data: bytes) -> None:
    """Refused before anything is looked at."""
    with pytest.raises(ValueError, match=r".+"):
        parsed(data)


def test_the_library_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not installed, the start says what to install."""
    need_library()
    monkeypatch.setitem(sys.modules, "signxml", None)
    with pytest.raises(Unavailable, match=r"ZCON0491E.*signxml") as missing:
        need_library()
    assert "pip install 'zconnect[saml]'" in missing.value.told.action
